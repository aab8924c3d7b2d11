# SPDX-License-Identifier: MIT
# A stock gdb debugs Debian's kernel, with four CPUs.
# scenario: timeout=540 needs=gdb hosts=arm64-gicv3,x86_64-debug
symbols cloud start_kernel ksys_read linux_banner jiffies_64 do_timer
LIMIT=420 debugged kernel "the debugger kills the guest" cloud -c 4
