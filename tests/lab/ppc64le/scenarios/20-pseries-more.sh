# SPDX-License-Identifier: MIT
# What takes another minute each: hash guests, 4 CPUs with KVM's XICS, a reboot.
# scenario: timeout=1500 kernels=generic optional

pseries() {
	st=$1 what=$2 job=$3; shift 3
	LIMIT=400 want "$st" "$what" $VMM run -k /kernels/generic/vmlinuz \
		-i /kernels/generic/initrd -m 256M \
		-p "console=$CONSOLE loglevel=4 panic=-1 job=$job" "$@"
}

pseries 0 "a hash guest boots and powers off" hello --machine virt,mmu=hash
saw "guest: hello from 1 cpus" "it runs a program"
pseries 0 "4 cpus with KVM's XICS" smp -c 4
saw "guest: 4 cpus are there" "RTAS starts all of them"
pseries 122 "a reset that means exit is 122" reboot --on-reboot exit
pseries 124 "a guest reboots until its time is over" reboot -c 2 --timeout 150
same "it booted again" "$([ "$(grep -c 'guest: init' "$OUT")" -ge 2 ] && echo yes)" yes
