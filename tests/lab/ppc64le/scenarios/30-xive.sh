# SPDX-License-Identifier: MIT
# KVM's XIVE: calls between CPUs, the messages of a disk; SLOF boots the kernel.
# scenario: timeout=300 kernels=64k files=slof hosts=powernv9-64k
disk_file
guest 0 "2 CPUs with XIVE by SLOF" 64k smp+disk -c 2 --irqchip xive -d d \
	--firmware /firmware/slof.bin
saw "client-architecture-support... done" "the kernel is told what the machine has"
saw "guest: 2 cpus are there" "they call each other"
disk_checks "a disk"
