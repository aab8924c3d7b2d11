# SPDX-License-Identifier: MIT
# A guest of 64 KiB pages, with a kernel of our own making.
# scenario: timeout=150 kernels=64k hosts=arm64-novhe
disk_file
guest 0 "a guest of 64K pages boots on 4 cpus" 64k smp -c 4
saw "guest: 4 cpus are there" "a guest of 64K pages uses 4 cpus"
guest 0 "a guest of 64K pages has a disk" 64k disk -d d
disk_checks "the disk of a guest of 64K pages"
