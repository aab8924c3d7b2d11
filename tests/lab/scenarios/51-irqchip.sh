# SPDX-License-Identifier: MIT
# The interrupt chips beside the one that is chosen by itself.
# scenario: timeout=600
truncate -s 16M d
for chip in $IRQCHIPS; do
	LIMIT=200 guest 0 "4 cpus with $chip" cloud smp -c 4 --irqchip $chip
	guest 0 "a disk with $chip" cloud disk -d d --irqchip $chip
	saw "guest: disk read and written" "a disk with $chip works"
	guest 0 "a disk over mmio with $chip" cloud disk -d d \
		--irqchip $chip --transport mmio
done
