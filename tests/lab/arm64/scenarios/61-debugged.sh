# SPDX-License-Identifier: MIT
# A payload guest under a debugger: what the CPU's debug registers can do.
# scenario: timeout=300 needs=gdb,guests kernels= optional=arm64-gicv2,arm64-novhe
LIMIT=280
echo "client payload $LAB" >&3
want 0 "the debugged guest ends well" $VMM run -k /guests/debugged -c 2 -m 64M \
	--gdb tcp:0.0.0.0:1234
saw "turns of cpu 0 are right" "no turn of its loop was lost in user mode"
saw "turns of cpu 1 are right" "no turn of its loop was lost in kernel mode"
