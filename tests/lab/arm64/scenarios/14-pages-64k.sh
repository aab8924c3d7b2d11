# SPDX-License-Identifier: MIT
# A guest of 64 KiB pages, with a kernel of our own making.
# scenario: timeout=150 kernels=64k hosts=arm64-novhe
disk_file
guest 0 "a guest of 64K pages has 2 cpus and a disk" 64k disk -d d -c 2
disk_checks "the disk of a guest of 64K pages"
