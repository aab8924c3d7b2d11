# SPDX-License-Identifier: MIT
# KVM's XIVE: calls between CPUs, the messages of a disk.
# scenario: timeout=300 kernels=64k hosts=powernv9-64k
disk_file
guest 0 "2 CPUs with XIVE" 64k smp+disk -c 2 --irqchip xive -d d
saw "guest: 2 cpus are there" "they call each other"
disk_checks "a disk"
