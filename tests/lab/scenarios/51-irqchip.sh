# SPDX-License-Identifier: MIT
# The interrupt chips beside the one that is chosen by itself: several CPUs, and wired
# interrupts (arm64's 55-msi has those of messages).
# scenario: timeout=400 hosts=x86_64,arm64-gic*
truncate -s 16M d
for chip in $IRQCHIPS; do
	guest 0 "2 cpus with $chip" cloud smp -c 2 --irqchip $chip
	guest 0 "a disk over mmio with $chip" cloud disk -d d --irqchip $chip \
		--transport mmio
	saw "guest: disk read and written" "a disk over mmio with $chip works"
done
if [ "$TARGET" = x86_64 ]; then
	guest 0 "a disk over PCI with $chip" cloud disk -d d --irqchip $chip
	saw "guest: disk read and written" "a disk over PCI with $chip works"
fi
