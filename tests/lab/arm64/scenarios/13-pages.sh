# SPDX-License-Identifier: MIT
# A guest of 16 KiB pages, whose image is packed by zstd.
# scenario: timeout=150 kernels=16k-zst hosts=arm64-gicv3
disk_file
guest 0 "a guest of 16K pages has 2 cpus and a disk" 16k-zst disk -d d -c 2
disk_checks "the disk of a guest of 16K pages"
