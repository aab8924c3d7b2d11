/* SPDX-License-Identifier: MIT */
/* PVH: the 32-bit entry of an ELF note, Xen's docs/misc/pvh.pandoc. */
#include <errno.h>
#include <inttypes.h>

#include "boot/x86.h"

/* xen/include/public/arch-x86/hvm/start_info.h, version 1. */
#define PVH_MAGIC	   0x336ec578u
#define PVH_INFO_SIZE	   56
#define PVH_INFO_MODULES   12
#define PVH_INFO_MODLIST   16
#define PVH_INFO_CMDLINE   24
#define PVH_INFO_RSDP	   32
#define PVH_INFO_MEMMAP	   40
#define PVH_INFO_MEMMAP_N  48
#define PVH_MODULE_SIZE	   32
#define PVH_MAP_ENTRY_SIZE 24
#define PVH_CMDLINE_MAX	   4095
#define PVH_INITRD_MAX	   0x7fffffffull

/* start_info, the module list and the memory map in one table. */
static int pvh_start(struct loader *l, struct err *err)
{
	const struct initrd *rd = &l->initrd;
	size_t map = PVH_INFO_SIZE + PVH_MODULE_SIZE;
	gpa_t gpa, cmdline;
	uint8_t *info;
	int ret;

	info = x86_table(l, map + l->map.n * PVH_MAP_ENTRY_SIZE, &gpa, err);
	if (!info)
		return -err->code;
	ret = x86_cmdline(l, NULL, PVH_CMDLINE_MAX, &cmdline, err);
	if (ret)
		return ret;
	put_le32(info, PVH_MAGIC);
	put_le32(info + 4, 1);
	put_le32(info + PVH_INFO_MODULES, rd->n ? 1 : 0);
	put_le64(info + PVH_INFO_MODLIST, rd->n ? gpa + PVH_INFO_SIZE : 0);
	put_le64(info + PVH_INFO_CMDLINE, cmdline);
	put_le64(info + PVH_INFO_RSDP,
		 l->board->acpi.size ? l->board->acpi.base : 0);
	put_le64(info + PVH_INFO_MEMMAP, gpa + map);
	put_le32(info + PVH_INFO_MEMMAP_N, l->map.n);
	put_le64(info + PVH_INFO_SIZE, rd->base);
	put_le64(info + PVH_INFO_SIZE + 8, rd->size);
	for (unsigned i = 0; i < l->map.n; i++) {
		uint8_t *e = info + map + i * PVH_MAP_ENTRY_SIZE;

		put_le64(e, l->map.entry[i].base);
		put_le64(e + 8, l->map.entry[i].size);
		put_le32(e + 16, l->map.entry[i].type);
	}
	l->start->arg[1] = gpa; /* EBX */
	return x86_gdt(l, BOOT_X86_FLAT, err);
}

int pvh_load(struct loader *l, const struct image *img,
	     const struct elf_file *elf, struct err *err)
{
	int ret;

	if (elf->pvh_entry - elf->low >= elf->high - elf->low ||
	    elf->pvh_entry >= X86_4G)
		return err_set(err, ENOEXEC,
			       "the PVH entry 0x%" PRIx64
			       " of '%s' is not in it",
			       elf->pvh_entry, l->kernel.name);
	ret = loader_take_elf(l, elf, 0, err);
	if (!ret)
		ret = loader_place_initrd(l, 4, PVH_INITRD_MAX, 0, 0, err);
	if (!ret)
		ret = elf_load(img, elf, l->mem, 0, l->cfg->ram_zero, err);
	if (!ret)
		ret = loader_read_initrd(l, err);
	if (ret)
		return ret;
	l->start->pc = elf->pvh_entry;
	l->start->protocol = "PVH";
	return pvh_start(l, err);
}
