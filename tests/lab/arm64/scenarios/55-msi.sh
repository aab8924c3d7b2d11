# SPDX-License-Identifier: MIT
# Which way a PCI function's interrupts take with each interrupt controller.
# scenario: timeout=240 hosts=arm64-gic*
truncate -s 16M d
for chip in $DEFAULT_IRQCHIP $IRQCHIPS; do
	case $chip in
	gicv3-its)	want='ITS-MSI' ;;
	gicv2)		want='GIC-0 .*Level' ;;
	*)		want='  MSI' ;;
	esac
	guest 0 "a disk over PCI with $chip" cloud disk -d d --irqchip "$chip"
	saw "guest: irq .*$want.* virtio0" "its interrupts are those of $chip"
done
