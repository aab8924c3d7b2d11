# SPDX-License-Identifier: MIT
# The interrupt chips beside the ITS and the GICv2m frame (10-boot, 54-acpi), with two
# CPUs and wired interrupts.  60-gic has all of them from inside, on each host.  The one
# in software has a kernel of ours: each tick of a guest's clock is some exits to vmm, and
# a slow emulated host can have no time left for a large kernel between two of them.
# scenario: timeout=300 kernels=cloud,64k hosts=arm64-gicv2
truncate -s 16M d
guest 0 "2 cpus and a disk over PCI with gicv2" cloud smp+disk -c 2 -d d --irqchip gicv2
saw "guest: 2 cpus are there" "2 cpus with gicv2"
saw "guest: irq .*GIC-0 .*Level.* virtio0" "the disk has a wired interrupt"
guest 0 "2 cpus and a disk over mmio with software" 64k smp+disk -c 2 -d d \
	--irqchip software --transport mmio
saw "guest: 2 cpus are there" "2 cpus with software"
saw "guest: disk read and written" "a disk over mmio with software works"
