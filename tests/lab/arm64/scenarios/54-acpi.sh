# SPDX-License-Identifier: MIT
# ACPI without firmware: instead of the device tree, and beside it.
# scenario: timeout=600 kernels=cloud,generic hosts=arm64-gicv3,arm64-gicv2
ON="--machine virt,acpi=on"
truncate -s 16M d
APPEND=loglevel=7 guest 0 "a kernel without a tree takes ACPI unasked" \
	generic firmware $ON -c 4 -d d --device virtio-rng
saw "guest: tables APIC DBG2 DSDT FACP GTDT (IORT )?MCFG PPTT SPCR" \
	"every table is there"
saw "guest: 0 complaints about firmware" "the kernel accepts them"
saw "guest: 3 PCI functions" "it finds the PCI functions"
saw "guest: described by ACPI" "it has no device tree"
saw "guest: a power button" "there is a power button"
saw "guest: 4 cpus" "all cpus run"
guest 0 "a disk on ACPI" cloud disk -d d -c 2 $ON
saw "guest: disk read and written" "a disk on ACPI works"
saw "guest: irq .*MSI.* virtio0" "it interrupts by messages"
guest 0 "a disk over mmio on ACPI" cloud disk -d d $ON --transport mmio
saw "guest: disk read and written" "a disk over mmio on ACPI works"
printf '%-511s\n' 0 > d
LIMIT=150 guest 0 "a guest on ACPI reboots twice" cloud reboot-twice -d d $ON
same "the guest on ACPI booted three times" "$(head -c 1 d)" 3
APPEND=acpi=force guest 0 "acpi=force is enough beside a tree" generic firmware
saw "guest: 0 complaints about firmware" "the kernel accepts both"
saw "guest: described by ACPI" "it uses ACPI"
guest 0 "without it the tree is used" cloud firmware
saw "guest: described by a device tree" "ACPI is not used unasked"
