# SPDX-License-Identifier: MIT
# A kernel that wants neither XIVE nor radix trees gets XICS and a hash table when it
# tells firmware so: the machine, which has the others, is made anew.  By name only.
# scenario: timeout=500 kernels=generic files=slof hosts=powernv9-64k optional
LIMIT=1400
for way in "xive=on XIVE radix" "xive=off,disable_radix XICS hash"; do
	set -- $way
	want 0 "a kernel by SLOF on a machine with XIVE, $1" $VMM run \
		--firmware /firmware/slof.bin -m 256M --irqchip xive \
		--log info -k /kernels/generic/vmlinuz -i /kernels/generic/initrd \
		-p "console=$CONSOLE loglevel=7 panic=-1 cryptomgr.notests job=hello+interrupts $(echo $1 | tr , ' ')"
	saw "guest: hello from 1 cpus" "it runs a program"
	saw "^ *[0-9]+:.* $2" "its interrupts are by $2"
	saw "$3-mmu:" "its pages by $3"
done
saw "made anew with --irqchip kernel-xics and mmu=hash" "the machine was made anew"
