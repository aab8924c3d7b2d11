# SPDX-License-Identifier: MIT
# The GIC in software, with two CPUs and wired interrupts; KVM's GICv2 without a frame
# is in 41-restarts, and 60-gic has all of them from inside, on each host.  This one has
# a kernel of ours: each tick of a guest's clock is some exits to vmm, and a slow emulated
# host can have no time left for a large kernel between two of them.  It comes as a uImage.
# scenario: timeout=300 kernels=64k-uimage hosts=arm64-gicv2
truncate -s 16M d
guest 0 "2 cpus and a disk over mmio with software" 64k-uimage smp+disk -c 2 -d d \
	--irqchip software --transport mmio
saw "guest: 2 cpus are there" "2 cpus with software"
saw "guest: disk read and written" "a disk over mmio with software works"
