# SPDX-License-Identifier: MIT
# A kernel of 64K pages with a hash page table: it is told of no page that is larger than
# the host's, which has 4K or 64K, and of larger ones with huge pages.  By name only.
# scenario: timeout=500 kernels=bookworm hosts=powernv9-*,powernv8* optional
LIMIT=1000
case $LAB in
*-64k) most=16 ;;
*) most=12 ;;
esac
disk_file
APPEND="loglevel=7" guest 0 "pages of the host's size" bookworm hello+disk -d d \
	--machine virt,mmu=hash
saw "base_shift=$most: shift=$most" "it is told of them"
same "it is told of none that are larger" \
	"$(sed -n 's/.*base_shift=.*: shift=\([0-9]*\).*/\1/p' "$OUT" | sort -n | tail -n 1)" \
	$most
saw "guest: hello from 1 cpus" "it runs a program"
disk_checks "a virtio disk"
case $LAB in
powernv8*) huge=16 ;;
*) huge=2 ;;
esac
# A hash host whose kernel has pages of 4K never ends its first fault at a page of 16 MiB,
# whoever touches it: Debian's 6.12.107 goes round in hugetlb_fault() for one such page of a
# QEMU without KVM (-object memory-backend-file,prealloc=on) as well.  Its kernel of 64K
# pages, on the same host, does not (powernv8-64k).
pool=/sys/kernel/mm/hugepages/hugepages-$((huge * 1024))kB/nr_hugepages
if [ "$LAB" = powernv8 ]; then
	skip "huge pages" "this host's kernel faults for ever at one of 16 MiB"
elif [ -e $pool ]; then
	echo $((256 / huge)) > $pool
	printf '%s\n' '#!/bin/sh' "/bin/vmm \"\$@\" -m 256M,hugepages=${huge}M" > huge
	chmod +x huge
	VMM=./huge APPEND="loglevel=7" guest 0 "huge pages" bookworm hello \
		--machine virt,mmu=hash
	saw "base_shift=16: shift=16" "it is told of pages of 64K"
	[ $huge = 2 ] || saw "base_shift=24: shift=24" "and of 16M"
	saw "guest: hello from 1 cpus" "it runs a program"
else
	skip "huge pages" "this host has none of $huge MiB"
fi
