# SPDX-License-Identifier: MIT
# The interrupt chips beside the one that is chosen by itself: several CPUs, wired
# interrupts, messages.  (arm64: 51-irqchips.)
# scenario: timeout=240 hosts=x86_64
truncate -s 16M d
for chip in $IRQCHIPS; do
	guest 0 "2 cpus and a disk over mmio with $chip" cloud smp+disk -c 2 -d d \
		--irqchip $chip --transport mmio
	saw "guest: 2 cpus are there" "2 cpus with $chip"
	saw "guest: disk read and written" "a disk over mmio with $chip works"
	guest 0 "a disk over PCI with $chip" cloud disk -d d --irqchip $chip
	saw "guest: disk read and written" "a disk over PCI with $chip works"
done
