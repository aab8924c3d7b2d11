# SPDX-License-Identifier: MIT
# A KVM without interrupt controllers: vmm's own GIC is what it takes unasked, here with
# two CPUs and wired interrupts, and with messages by its frame; 60-gic and 61-irq have it
# from inside.  (KVM's GICv2 without a frame: 41-restarts; --irqchip software where KVM has
# one: 61-irq and 64-acpi of arm64-gicv3.)  This host has a kernel of ours: each tick of a guest's clock
# is some exits to vmm, and a slow emulated host can have no time left for a large kernel
# between two of them.  It comes as a uImage.
# scenario: timeout=300 kernels=64k-uimage hosts=arm64-novgic
want 0 "vmm check finds the host fit" $VMM check
saw "GICv2 in KVM +no" "though KVM has no GICv2"
saw "GICv3 in KVM +no" "and no GICv3"
want 125 "a GIC of KVM's is refused" $VMM run -k /kernels/64k-uimage/vmlinuz \
	--irqchip gicv2m
saw "this host's kvm offers no such interrupt controller" "and vmm says why"
want 125 "a 32-bit machine is refused by a host without 32-bit EL1" $VMM run \
	-k /kernels/64k-uimage/vmlinuz --cpu host,aarch64=off
saw "this host's CPUs have no 32-bit EL1" "and vmm says why"
truncate -s 16M d
guest 0 "2 cpus and a disk over mmio with vmm's own" 64k-uimage smp+disk -c 2 -d d \
	--transport mmio
saw "guest: 2 cpus are there" "2 cpus work"
saw "guest: disk read and written" "a disk over mmio works"
