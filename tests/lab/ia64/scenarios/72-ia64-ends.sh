# SPDX-License-Identifier: MIT
# More of Linux for ia64 on this host: one vCPU and its disk, four and a job, a panic.
# scenario: timeout=240 kernels=ia64-smp hosts=arm64-*,powernv*,nested optional
ia64() {
	st=$1 what=$2 job=$3; shift 3
	want "$st" "$what" $VMM run --arch ia64 -k /kernels/ia64-smp/vmlinuz \
		-i /kernels/ia64-smp/initrd -m 512M \
		-p "console=ttyS0 loglevel=4 lpj=1000000 job=$job" "$@"
}

cp /images/ext4.img d
ia64 0 "Linux for ia64 with one vCPU uses its disk and powers off" disk -d d
saw "guest: CPUs 0[^-]*$" "it has one CPU"
saw "guest: this is the file of the host" "ext4 is read"
saw "guest: the disk has what was written" "ext4 is written"
cp /images/ext4.img d
ia64 0 "so does one with four, over MMIO" disk -d d --transport mmio -c 4
saw "guest: CPUs 0-3" "it has four CPUs"
saw "guest: the disk has what was written" "ext4 is written by one of four"
ia64 120 "a panic is status 120" panic -c 4
saw "Kernel panic" "of a panic by sysrq"
