# SPDX-License-Identifier: MIT
# A stock gdb debugs Debian's kernel, with four CPUs.
# scenario: timeout=540 needs=gdb hosts=arm64-gicv3
symbols cloud start_kernel ksys_read panic
LIMIT=420 debugged kernel 0 "the debugger ends the guest" cloud hang -c 4
