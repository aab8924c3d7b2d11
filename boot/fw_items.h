/* SPDX-License-Identifier: MIT */
/* What firmware finds in fw_cfg: the ACPI tables, and a kernel to boot. */
#ifndef BOOT_FW_ITEMS_H
#define BOOT_FW_ITEMS_H

#include <stddef.h>
#include <stdint.h>

#include "boot/acpi_loader.h"
#include "boot/boot.h"

/* fw_cfg's items that have a number and no name (QEMU's fw_cfg.rst). */
enum fw_key {
	FW_KEY_KERNEL_SIZE = 0x08,
	FW_KEY_INITRD_SIZE = 0x0b,
	FW_KEY_KERNEL_DATA = 0x11,
	FW_KEY_INITRD_DATA = 0x12,
	FW_KEY_CMDLINE_SIZE = 0x14,
	FW_KEY_CMDLINE_DATA = 0x15,
};

struct fw_item {
	const char *file; /* its name; NULL: it has a key */
	uint16_t key;
	void *data;  /* fw_items_free() frees it */
	size_t size; /* bytes */
};

#define FW_ITEMS_MAX 16

struct fw_items {
	struct fw_item item[FW_ITEMS_MAX];
	unsigned n;

	struct acpi_blobs acpi;
	void *owned[4]; /* mappings, of ... */
	size_t owned_size[4];
	unsigned nowned;
	uint8_t sizes[3][4]; /* the 32-bit sizes, little-endian */
	unsigned nsizes;
};

/*
 * Makes the items for a machine of board b whose firmware may boot cfg's
 * kernel with its initrd and command line: none of these where cfg->kernel
 * is NULL.  The kernel is an EFI program, such as an Image or a zboot image;
 * a packed one is unpacked, since no firmware would.  The table loader's files
 * are left out where b has no ACPI.  The items are constant and stay until
 * fw_items_free().
 */
int fw_items_make(const struct board *b, const struct boot_config *cfg,
		  struct fw_items *out, struct err *err) MUST_CHECK;
void fw_items_free(struct fw_items *items);

#endif
