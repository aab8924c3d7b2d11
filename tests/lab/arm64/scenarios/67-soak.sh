# SPDX-License-Identifier: MIT
# Ten thousand random operations of a debugger on a payload guest that works.
# scenario: timeout=1500 needs=gdb,guests kernels= hosts=arm64-* optional
LIMIT=3600
echo "client operations $LAB" >&3
want 0 "the guest ends well" $VMM run -k /guests/debugged -c 2 -m 64M --gdb tcp:0.0.0.0:1234
saw "turns of cpu 0 are right" "no turn of its loop was lost on one CPU"
saw "turns of cpu 1 are right" "no turn of its loop was lost on the other"
