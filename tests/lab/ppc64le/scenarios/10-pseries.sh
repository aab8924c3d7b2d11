# SPDX-License-Identifier: MIT
# Debian's kernel on a pSeries: both XICS, the ends of a run.
# scenario: timeout=540 kernels=generic

# pseries STATUS WHAT JOB [VMM OPTION...]
pseries() {
	st=$1 what=$2 job=$3; shift 3
	LIMIT=250 want "$st" "$what" $VMM run -k /kernels/generic/vmlinuz \
		-i /kernels/generic/initrd -m 256M \
		-p "console=$CONSOLE loglevel=4 panic=-1 job=$job" "$@"
}

pseries 0 "a radix guest with KVM's XICS boots and powers off" hello
saw "guest: hello from 1 cpus" "it runs a program"
pseries 0 "4 cpus with XICS in vmm" smp -c 4 --irqchip xics
saw "guest: 4 cpus are there" "RTAS starts all of them"
pseries 120 "a panic is 120" panic
pseries 124 "a guest out of time is 124" hello --timeout 2
saw "^prtbl " "its registers are told"
