/* SPDX-License-Identifier: MIT */
/* boot_params: what Linux on x86 is handed by its 64-bit boot protocol. */
#include <errno.h>
#include <string.h>

#include "boot/linux.h"
#include "boot/x86.h"

/* Documentation/arch/x86/zero-page.rst: offsets in struct boot_params. */
#define BP_SIZE		     4096
#define BP_ACPI_RSDP_ADDR    0x070
#define BP_EXT_RAMDISK_IMAGE 0x0c0
#define BP_EXT_RAMDISK_SIZE  0x0c4
#define BP_EXT_CMD_LINE_PTR  0x0c8
#define BP_E820_ENTRIES	     0x1e8
#define BP_E820_TABLE	     0x2d0
#define BP_E820_ENTRY_SIZE   20
#define BP_E820_MAX	     128

/* struct setup_data, and its kind that carries entropy (since Linux 6.0). */
#define SETUP_DATA_HEADER 16
#define SETUP_RNG_SEED	  9
#define SETUP_SEED_SIZE	  32

/* boot.rst, "type_of_loader": no assigned id. */
#define LINUX_LOADER_UNDEFINED 0xff

static void linux_e820(const struct boot_map *map, uint8_t *bp)
{
	unsigned n = map->n < BP_E820_MAX ? map->n : BP_E820_MAX;

	bp[BP_E820_ENTRIES] = (uint8_t)n;
	for (unsigned i = 0; i < n; i++) {
		uint8_t *e = bp + BP_E820_TABLE + i * BP_E820_ENTRY_SIZE;

		put_le64(e, map->entry[i].base);
		put_le64(e + 8, map->entry[i].size);
		put_le32(e + 16, map->entry[i].type);
	}
}

/* A kernel without a setup header of its own, a vmlinux, gets a minimal one. */
static void linux_header(const struct linux_kernel *k, uint8_t *bp)
{
	if (k->header) {
		memcpy(bp + BZ_SETUP_SECTS, k->header + BZ_SETUP_SECTS,
		       k->header_size - BZ_SETUP_SECTS);
	} else {
		put_le16(bp + BZ_BOOT_FLAG, 0xaa55);
		memcpy(bp + BZ_MAGIC, "HdrS", 4);
		put_le16(bp + BZ_VERSION, 0x020f);
		bp[BZ_LOADFLAGS] = BZ_LOADED_HIGH;
		put_le32(bp + BZ_KERNEL_ALIGNMENT, X86_2M);
		put_le32(bp + BZ_CMDLINE_SIZE, (uint32_t)k->cmdline_max);
	}
	bp[BZ_TYPE_OF_LOADER] = LINUX_LOADER_UNDEFINED;
	bp[BZ_LOADFLAGS] &= ~BZ_KASLR_FLAG;
	if (k->kaslr)
		bp[BZ_LOADFLAGS] |= BZ_KASLR_FLAG;
}

static int linux_seed(struct loader *l, uint8_t *bp, struct err *err)
{
	uint8_t *data;
	gpa_t gpa;

	data = x86_table(l, SETUP_DATA_HEADER + SETUP_SEED_SIZE, &gpa, err);
	if (!data)
		return -err->code;
	put_le64(data, get_le64(bp + BZ_SETUP_DATA)); /* next */
	put_le32(data + 8, SETUP_RNG_SEED);
	put_le32(data + 12, SETUP_SEED_SIZE);
	for (unsigned i = 0; i < SETUP_SEED_SIZE; i += 8)
		put_le64(data + SETUP_DATA_HEADER + i, loader_random(l));
	put_le64(bp + BZ_SETUP_DATA, gpa);
	return 0;
}

int linux_start(struct loader *l, const struct linux_kernel *k, struct err *err)
{
	const struct initrd *rd = &l->initrd;
	struct boot_start *start = l->start;
	gpa_t bp_gpa, cmdline;
	uint8_t *bp;
	int ret;

	bp = x86_table(l, BP_SIZE, &bp_gpa, err);
	if (!bp)
		return -err->code;
	linux_header(k, bp);
	put_le64(bp + BZ_SETUP_DATA, 0); /* the file's own would be stray */
	linux_e820(&l->map, bp);
	if (l->board->acpi.size)
		put_le64(bp + BP_ACPI_RSDP_ADDR, l->board->acpi.base);
	ret = x86_cmdline(l, k->extra, k->cmdline_max, &cmdline, err);
	if (ret)
		return ret;
	put_le32(bp + BZ_CMD_LINE_PTR, (uint32_t)cmdline);
	put_le32(bp + BP_EXT_CMD_LINE_PTR, (uint32_t)(cmdline >> 32));
	put_le32(bp + BZ_RAMDISK_IMAGE, (uint32_t)rd->base);
	put_le32(bp + BZ_RAMDISK_SIZE, (uint32_t)rd->size);
	put_le32(bp + BP_EXT_RAMDISK_IMAGE, (uint32_t)(rd->base >> 32));
	put_le32(bp + BP_EXT_RAMDISK_SIZE, (uint32_t)(rd->size >> 32));
	ret = linux_seed(l, bp, err);
	if (!ret)
		ret = x86_gdt(l, BOOT_X86_LONG, err);
	if (!ret)
		ret = x86_tables(l, err);
	start->pc = k->entry;
	start->arg[0] = bp_gpa;
	start->protocol = "Linux 64-bit";
	return ret;
}
