# SPDX-License-Identifier: MIT
# SLOF boots the kernel that it is given, through its client interface.  By name only.
# scenario: timeout=400 kernels=generic files=slof hosts=powernv9 optional
LIMIT=390
want 0 "a kernel by SLOF" $VMM run --firmware /firmware/slof.bin -m 512M \
	-k /kernels/generic/vmlinuz -i /kernels/generic/initrd \
	-p "console=$CONSOLE loglevel=4 panic=-1 job=hello"
saw "client-architecture-support... done" "it is told what the machine has"
saw "guest: hello from 1 cpus" "it runs a program"
