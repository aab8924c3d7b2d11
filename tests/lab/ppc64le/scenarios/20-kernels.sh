# SPDX-License-Identifier: MIT
# Debian's kernels with four CPUs and KVM's XICS, whatever page tables the host has.  By
# name only: on an emulated host of one they wait for each other.
# scenario: timeout=500 kernels=generic,bookworm optional
LIMIT=900
case $LAB in
powernv8) ways="bookworm:hash" ;;
nested) ways="bookworm:radix" ;;
*) ways="bookworm:radix generic:radix generic:hash" ;;
esac
for way in $ways; do
	k=${way%:*}
	guest 0 "$way, 4 CPUs" $k smp -c 4 --irqchip kernel-xics --machine virt,mmu=${way#*:}
	saw "guest: 4 cpus are there" "$k starts all of them"
	same "each runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 4
done
