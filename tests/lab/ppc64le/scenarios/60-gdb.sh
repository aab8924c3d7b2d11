# SPDX-License-Identifier: MIT
# A stock gdb debugs Debian's kernel, with four CPUs; and one with a hash page table,
# which is all that POWER8 has.
# scenario: timeout=540 needs=gdb kernels=generic hosts=powernv* optional
symbols generic start_kernel ksys_read linux_banner jiffies_64
LIMIT=1200 debugged kernel "the debugger kills the guest" generic -c 4
undisturbed
[ "$LAB" = powernv8 ] && exit 0
debugged hash "the debugger kills a hash guest" generic --machine virt,mmu=hash
