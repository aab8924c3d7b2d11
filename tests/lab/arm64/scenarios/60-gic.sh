# SPDX-License-Identifier: MIT
# Every interrupt controller that the host offers, from inside, and messages of a
# device through it.  gicv2 alone has none of those.
# scenario: timeout=600 kernels= needs=guests
truncate -s 8M d
# The chips do not differ by the host's CPU, and vmm's own not by KVM's.
case $LAB in
arm64-novhe) IRQCHIPS= ;;
arm64-gicv3) IRQCHIPS=gicv3 ;;
esac
for chip in auto $IRQCHIPS; do
	APPEND=cpus=1 payload "$chip, 1 cpu" gic -m 64M --irqchip $chip
	APPEND="cpus=4 reset" payload "$chip, 4 cpus after a reset" gic -c 4 -m 64M \
		--irqchip $chip
	APPEND='' payload "$chip, every register after a reset" reset -m 64M \
		--irqchip $chip
	case $chip-$LAB in auto-*novgic) ;; auto-*|gicv2-*) continue ;; esac
	APPEND='' payload "virtio-pci with $chip" virtio -m 64M --irqchip $chip -d d \
		--device isa-debug-exit
done
case $DEFAULT_IRQCHIP in
gicv3-its)
	APPEND=cpus=1 payload "the ITS, 1 cpu" its -m 64M
	APPEND="cpus=4 reset" payload "the ITS, 4 cpus after a reset" its -c 4 -m 64M ;;
esac
