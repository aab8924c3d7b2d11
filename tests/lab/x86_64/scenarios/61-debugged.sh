# SPDX-License-Identifier: MIT
# A payload guest under a debugger: what the CPU's debug registers can do.
# scenario: timeout=200 needs=gdb,guests kernels= hosts=x86_64* optional=x86_64
LIMIT=180
killable
echo "client ring $LAB" >&3
want 99 "the debugger kills the guest" ./killed run -k /guests/debugged -c 2 -m 64M \
	--gdb tcp:0.0.0.0:1234 --wait-gdb
