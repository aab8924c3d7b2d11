# SPDX-License-Identifier: MIT
# A kernel made here under a stock gdb, by its source: early boot, and a module of ours
# that is loaded and hangs; a panic.  docs/debugging.md shows what gdb says.
# scenario: timeout=540 needs=gdb kernels=debug hosts=powernv9 optional
LIMIT=1500 JOB=module debugged source "the debugger kills the guest" \
	debug -c 2
