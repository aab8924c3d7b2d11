# SPDX-License-Identifier: MIT
# ACPI without firmware: instead of the device tree, and beside it; the tree itself.
# scenario: timeout=600 kernels=cloud,generic hosts=arm64-gicv3,arm64-gicv2
printf '%-511s\n' 0 > d
truncate -s 16M d
# With the GICv2 one CPU, which reboots and waits for ACPI's button, the event device.
case $LAB in
*gicv2)	serve
	pressed 0 "a kernel without a tree takes ACPI unasked" generic \
		reboot-once+firmware+disk+net-user+button --machine virt,acpi=on -d d \
		-n user --device virtio-rng --rtc 2030-01-02T00:00:00
	saw "guest: rebooted once" "it reboots"
	saw "guest: fetched ${SUM%% *}" "it fetches a file"
	numa= functions=4 cpus=1 ;;
*)	guest 0 "a kernel without a tree takes ACPI unasked" generic firmware+disk \
		--machine virt,acpi=on -c 2 -d d --device virtio-rng \
		--numa 0,cpus=0,distances=10:30 --numa 1,cpus=1,memory=64M \
		--rtc 2030-01-02T00:00:00
	saw "guest: node0 has cpus 0, 1.. MiB, distances 10 30" "the first node is there"
	saw "guest: node1 has cpus 1, [456]. MiB, distances 30 10" "so is the second"
	numa="SLIT SPCR SRAT" functions=3 cpus=2 ;;
esac
saw "guest: tables APIC DBG2 DSDT FACP GTDT (IORT )?MCFG PPTT ${numa:-SPCR}" \
	"every table is there"
saw "guest: 0 complaints about firmware" "the kernel accepts them"
saw "guest: $functions PCI functions" "it finds the PCI functions"
saw "guest: described by ACPI" "it has no device tree"
saw "guest: a power button" "there is a power button"
saw "guest: the clock is 21916 days old" "EFI tells it the time"
saw "guest: $cpus cpus" "every cpu runs"
saw "guest: disk read and written" "a disk on ACPI works"
saw "guest: irq .*MSI.* virtio0" "it interrupts by messages"
# The rest does not depend on the interrupt controller.
[ "$LAB" = arm64-gicv3 ] || exit 0
APPEND=acpi=force guest 0 "acpi=force is enough beside a tree" cloud firmware+disk \
	-d d --transport mmio
saw "guest: 0 complaints about firmware" "the kernel accepts both"
saw "guest: described by ACPI" "it uses ACPI"
saw "guest: disk read and written" "a disk over mmio on ACPI works"
# The GICv2m frame beside a GICv3, too; a shell; and three CPUs that come later, for four
# that boot wait for each other as long as an emulated host of one lets them.
APPEND=maxcpus=1 typed 7 "without it the tree is used, and the status is the shell's" cloud \
	smp+firmware+disk+shell -c 4 -d d --irqchip gicv3 --numa 0,cpus=0-1 \
	--numa 1,cpus=2-3,memory=64M,distances=15:10
saw "guest: described by a device tree" "ACPI is not used unasked"
saw "guest: node0 has cpus 0-1, 1.. MiB, distances 10 15" "the tree has a node"
saw "guest: node1 has cpus 2-3, [456]. MiB, distances 15 10" "and another"
same "each of 4 cpus runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 4
saw "guest: irq .*  MSI.* virtio0" "a disk's messages go by the frame"
