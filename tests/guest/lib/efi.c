// SPDX-License-Identifier: MIT
/* What UEFI left: the memory map and the RSDP (UEFI 2.10, chapters 4 and 7). */
#include "guest.h"

#define SYSTEM_TABLES 104 /* how many configuration tables; then where */
#define CONFIG_SIZE   24  /* a GUID and an address */

/* 8868e871-e4f1-11d3-bc22-0080c73c8881 */
static const uint8_t efi_acpi_20[16] = { 0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4,
					 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80,
					 0xc7, 0x3c, 0x88, 0x81 };

/* The kinds of memory as ACPI numbers them. */
static uint32_t efi_type(uint32_t type)
{
	switch (type) {
	case 1: /* loader code and data */
	case 2:
	case 3: /* boot services' code and data */
	case 4:
	case 7: return MEM_RAM;
	case 9: return MEM_ACPI;
	case 10: return MEM_NVS;
	default: return MEM_RESERVED;
	}
}

void efi_read(void)
{
	const uint8_t *table = (void *)machine.efi.table;
	const uint8_t *config = (void *)get64(table + SYSTEM_TABLES + 8);

	for (uint32_t off = 0; off < machine.efi.map_size;
	     off += machine.efi.desc_size) {
		const uint8_t *d = (void *)(machine.efi.map + off);

		mem_add(get64(d + 8), get64(d + 24) << 12, efi_type(get32(d)));
	}
	if (memcmp(table, "IBI SYST", 8))
		return;
	for (uint64_t i = get64(table + SYSTEM_TABLES); i;
	     i--, config += CONFIG_SIZE)
		if (!memcmp(config, efi_acpi_20, 16))
			machine.rsdp = get64(config + 16);
}
