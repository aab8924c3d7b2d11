# SPDX-License-Identifier: MIT
# Nodes of memory; memory above what real mode reaches.  By name only.
# scenario: timeout=300 kernels=generic hosts=powernv9* optional
LIMIT=900
guest 0 "two nodes" generic firmware -m 512M -c 2 \
	--numa 0,cpus=0,memory=256M --numa 1,cpus=1,memory=256M
saw "guest: node0 has cpus 0, 2[0-9][0-9] MiB, distances 10 20" "node 0 is there"
saw "guest: node1 has cpus 1, 2[0-9][0-9] MiB, distances 20 10" "node 1 is there"
guest 0 "a hash guest whose real mode reaches half of its memory" generic firmware -m 1G \
	--machine virt,mmu=hash
saw "guest: node0 has cpus 0, (9[0-9][0-9]|10[0-9][0-9]) MiB" "all of it is used"
