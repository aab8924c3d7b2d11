# SPDX-License-Identifier: MIT
# A payload guest under a debugger: breakpoints, and steps by them.
# scenario: timeout=200 needs=gdb,guests kernels= hosts=powernv*,nested optional=powernv8,powernv9-*,nested
LIMIT=180
echo "client payload $LAB" >&3
# Where nothing is trapped, no mode is better than the other.
[ "$LAB" = nested ] && mode=kernel
want 0 "the debugged guest ends well" $VMM run -k /guests/debugged -c 2 -m 64M \
	-p "$mode" --gdb tcp:0.0.0.0:1234
saw "turns of cpu 0 are right" "no turn of its loop was lost on one CPU"
saw "turns of cpu 1 are right" "no turn of its loop was lost on the other"
