# SPDX-License-Identifier: MIT
# A guest of 64 KiB pages, with a kernel of our own making, packed by gzip.
# scenario: timeout=150 kernels=64k-gz hosts=arm64-novhe
disk_file
guest 0 "a guest of 64K pages has 2 cpus and a disk" 64k-gz disk -d d -c 2
disk_checks "the disk of a guest of 64K pages"
saw "guest: irq .*MSI.*virtio0" "it interrupts by messages"
