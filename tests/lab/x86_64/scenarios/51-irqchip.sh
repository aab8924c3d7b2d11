# SPDX-License-Identifier: MIT
# The IOAPIC of vmm's own.
# scenario: timeout=240
truncate -s 16M d
guest 0 "4 cpus with a split irqchip" cloud smp -c 4 --irqchip split
guest 0 "a disk with a split irqchip" cloud disk -d d --irqchip split
saw "guest: disk read and written" "a disk with a split irqchip works"
guest 0 "a disk over mmio with a split irqchip" cloud disk -d d \
	--irqchip split --transport mmio
