# SPDX-License-Identifier: MIT
# A stock gdb debugs Debian's kernel, with four CPUs; on x86_64 also one that was moved.
# scenario: timeout=540 needs=gdb hosts=arm64-*,x86_64-debug optional=arm64-gicv2,arm64-novhe
symbols cloud start_kernel ksys_read linux_banner jiffies_64 do_timer _text
# The loader is vmm's own there: without the word it moves no kernel that is debugged.
[ "$TARGET" = x86_64 ] && KASLR=" "
LIMIT=420 debugged kernel "the debugger kills the guest" cloud -c 4
[ "$TARGET" = x86_64 ] || exit 0
debugged kaslr "the debugger kills a kernel that was moved" cloud --kaslr on
