# SPDX-License-Identifier: MIT
# The machine from inside as ACPI tells of it, without firmware: EFI's tables are vmm's.
# scenario: timeout=240 needs=guests hosts=arm64-gic* kernels=
truncate -s 8M d
NAMES=y APPEND="acpi=force mem=0x8000000 cpus=4" payload "the platform, 4 cpus" platform \
	-c 4 -m 128M
saw "the RSDP's checksum is right" "has read ACPI tables"
for chip in $DEFAULT_IRQCHIP $IRQCHIPS; do
	case $chip in gicv3-its) msi=its ;; gicv2) msi=none ;; *) msi=v2m ;; esac
	APPEND="acpi=force msi=$msi" payload "$chip" irq -m 64M \
		--irqchip $chip --device virtio-rng
done
for t in pci mmio; do
	APPEND="acpi=force serial=a-serial" payload "a disk over $t" virtio \
		-m 64M -d d,serial=a-serial --transport $t
done
want 7 "a status over ACPI's I/O window" $VMM run -m 64M -k /guests/platform \
	-p "acpi=force end=exit=7" --device isa-debug-exit
