/* SPDX-License-Identifier: MIT */
/* What UEFI firmware would have left for a kernel, written without any. */
#ifndef BOOT_EFI_H
#define BOOT_EFI_H

#include <stdint.h>

#include "boot/boot.h"
#include "boot/efi_runtime.h"
#include "hw/core/board.h"

/*
 * Linux on arm64 finds its ACPI tables through EFI only.  Its EFI stub, which
 * runs in the firmware's world, leaves behind a system table and a memory
 * map, and names both in /chosen of the device tree; the kernel proper looks
 * at nothing else (Documentation/arch/arm/uefi.rst, and
 * drivers/firmware/efi/efi-init.c).  So the two of them, and a kernel entered
 * as without EFI, are a boot with ACPI and without firmware.
 *
 * The one runtime service is the time, where the board has a PL031 (see
 * efi_runtime.h): the table of RT properties says so (UEFI 2.10, section 4.6),
 * and the memory map has a region of its code and one of the PL031.
 */

/* The tables, then the runtime services; both at whole pages of any kernel. */
#define EFI_TABLES_SIZE 0x10000u
#define EFI_AREA_SIZE	(EFI_TABLES_SIZE + EFI_RUNTIME_SIZE)
#define EFI_AREA_ALIGN	EFI_TABLES_SIZE

/* Linux's enum efi_secureboot_mode: known to be off. */
#define EFI_SECURE_BOOT_OFF 2

/* What /chosen tells the kernel. */
struct efi_handover {
	gpa_t system_table;
	gpa_t map;
	uint32_t map_size, desc_size, desc_version; /* bytes, bytes, 1 */
};

/*
 * Writes the tables for a place at guest-physical address at into area, which
 * has EFI_AREA_SIZE bytes.  map is the machine's; the area becomes memory
 * that a kernel keeps, as the ACPI tables are, of which the RSDP is at rsdp.
 * It lies below 4 GiB, where every kernel can map runtime services.
 */
void efi_build(const struct board *b, const struct boot_map *map, gpa_t at,
	       gpa_t rsdp, uint8_t area[EFI_AREA_SIZE],
	       struct efi_handover *out);

#endif
