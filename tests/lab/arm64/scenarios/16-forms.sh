# SPDX-License-Identifier: MIT
# An ELF vmlinux, and a device tree of the user's, which has one CPU more than the
# machine: the kernel believes it.  (A uImage: 51-irqchips.)
# scenario: timeout=120 kernels=64k-elf hosts=arm64-gicv3
want 0 "a device tree is written" $VMM dump fdt -m 256M -c 2 -o my.dtb
guest 0 "an ELF vmlinux boots with that tree" 64k-elf possible --dtb my.dtb \
	--on-reboot exit
saw "guest: 2 cpus are possible" "its kernel takes the CPUs from the tree"
want 125 "a tree with too few redistributors is refused" $VMM run -m 256M -c 3 \
	-k /kernels/64k-elf/vmlinuz --dtb my.dtb
saw "redistributors for 2 CPUs, and this machine has 3" "and vmm says why"
