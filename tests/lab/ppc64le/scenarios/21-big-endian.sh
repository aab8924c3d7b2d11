# SPDX-License-Identifier: MIT
# A kernel in the other byte order, with both kinds of page tables, and as a zImage of 32
# bits.  By name only: it is made here.
# scenario: timeout=200 kernels=be,be-zimage hosts=powernv* optional
case $LAB in
powernv8) ways="be:hash be-zimage:hash" ;;
*) ways="be:radix be:hash be-zimage:radix" ;;
esac
for way in $ways; do
	k=${way%:*} mmu=${way#*:}
	printf '%-511s\n' "written by the host" > d
	want 0 "a big-endian guest, $k, $mmu" $VMM run -k /kernels/$k/vmlinuz \
		-i /kernels/$k/initrd -m 256M -c 2 -d d --machine virt,mmu=$mmu \
		-p "console=$CONSOLE loglevel=4 panic=-1"
	saw "guest: hello, big-endian" "it runs a program"
	saw "guest: the disk begins with: written by the host" "it reads its disk"
	same "it writes its disk" "$(head -n 1 d)" big
done
