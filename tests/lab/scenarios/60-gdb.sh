# SPDX-License-Identifier: MIT
# A stock gdb debugs Debian's kernel, with four CPUs.
# scenario: timeout=420 needs=gdb hosts=arm64-gicv3
symbols cloud start_kernel ksys_read panic
LIMIT=300 debugged kernel 0 "the debugger ends the guest" cloud hang -c 4
