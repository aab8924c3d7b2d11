# SPDX-License-Identifier: MIT
# Each kernel with each kind of page tables, statuses, a reboot, nodes of memory.  By
# name only.
# scenario: timeout=500 kernels=generic,bookworm optional
LIMIT=400
case $LAB in
powernv8) mmus=hash ;;
nested) mmus=radix ;;
*) mmus="radix hash" ;;
esac
for k in generic bookworm; do
	for mmu in $mmus; do
		guest 0 "$k, $mmu, 4 CPUs" $k smp -c 4 --machine virt,mmu=$mmu
		saw "guest: 4 cpus are there" "$k starts all of them"
	done
done
guest 0 "two nodes" generic firmware -c 4 -m 512M \
	--numa 0,cpus=0-1,memory=256M --numa 1,cpus=2-3,memory=256M
saw "guest: node0 has cpus 0-1, 2[0-9][0-9] MiB, distances 10 20" "node 0 is there"
saw "guest: node1 has cpus 2-3, 2[0-9][0-9] MiB, distances 20 10" "node 1 is there"
guest 7 "a command's status is the machine's" generic status
printf '%-511s\n' 0 > d
truncate -s 1M d
guest 0 "a guest reboots twice" generic reboot-twice -d d -c 2
same "it booted three times" "$(head -c 1 d)" 3
