# SPDX-License-Identifier: MIT
# What other POWER hosts' KVM has: a POWER8's hash guests, and the radix guests of a
# hypervisor that is a guest itself.
# scenario: timeout=300 kernels=bookworm hosts=powernv8,nested
LIMIT=800
case $LAB in
powernv8) mmu=hash other=radix ;;
*) mmu=radix other=hash ;;
esac
disk_file
guest 0 "a $mmu guest with KVM's XICS" bookworm hello+disk -d d \
	--irqchip kernel-xics
saw "guest: hello from 1 cpus" "it runs a program"
disk_checks "a virtio disk"
want 125 "there are no $other guests" $VMM run -k /kernels/bookworm/vmlinuz \
	--machine virt,mmu=$other
saw "mmu=$other: this host's KVM has no such guests" "it is said why"
