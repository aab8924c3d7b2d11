# SPDX-License-Identifier: MIT
# Every interrupt controller that the host offers, from inside, and messages of a
# device through it.  gicv2 alone has none of those.
# scenario: timeout=600 kernels= needs=guests
truncate -s 8M d
# The chips do not differ by the host's CPU.
[ "$LAB" = arm64-novhe ] && IRQCHIPS=
for chip in auto $IRQCHIPS; do
	for n in 1 4; do
		APPEND="cpus=$n" payload "$chip, $n cpus" gic -c $n -m 64M \
			--irqchip $chip
	done
	APPEND=reset payload "$chip, after a reset" gic -c 3 -m 64M --irqchip $chip
	APPEND='' payload "$chip, every register after a reset" reset -m 64M \
		--irqchip $chip
	case $chip in auto|gicv2) continue ;; esac
	APPEND='' payload "virtio-pci with $chip" virtio -m 64M --irqchip $chip -d d \
		--device isa-debug-exit
done
case $LAB in
*gicv2) ;;
*)	for n in 1 4; do
		APPEND="cpus=$n" payload "the ITS, $n cpus" its -c $n -m 64M
	done
	APPEND=reset payload "the ITS, after a reset" its -c 3 -m 64M ;;
esac
