# SPDX-License-Identifier: MIT
# A guest of 16 KiB pages.
# scenario: timeout=150 kernels=16k hosts=arm64-gicv3
disk_file
guest 0 "a guest of 16K pages boots on 4 cpus" 16k smp -c 4
saw "guest: 4 cpus are there" "a guest of 16K pages uses 4 cpus"
guest 0 "a guest of 16K pages has a disk" 16k disk -d d
disk_checks "the disk of a guest of 16K pages"
