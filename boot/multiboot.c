/* SPDX-License-Identifier: MIT */
/* Multiboot 1: the Multiboot Specification, version 0.6.96. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "boot/x86.h"

#define MB_SEARCH	8192u
#define MB_MAGIC	0x1badb002u
#define MB_LOADER_MAGIC 0x2badb002u

/* Section 3.1.2: what an unknown bit among these asks for, we lack. */
#define MB_REQUIRED  0xfff8u
#define MB_ADDRESSES (1u << 16)

/* Section 3.3: the information structure. */
#define MB_INFO_SIZE	    120
#define MB_INFO_MEM_LOWER   4
#define MB_INFO_MEM_UPPER   8
#define MB_INFO_CMDLINE	    16
#define MB_INFO_MODS_COUNT  20
#define MB_INFO_MODS_ADDR   24
#define MB_INFO_MMAP_LENGTH 44
#define MB_INFO_MMAP_ADDR   48
#define MB_INFO_LOADER_NAME 64
#define MB_FLAG_MEMORY	    (1u << 0)
#define MB_FLAG_CMDLINE	    (1u << 2)
#define MB_FLAG_MODULES	    (1u << 3)
#define MB_FLAG_MMAP	    (1u << 6)
#define MB_FLAG_LOADER	    (1u << 9)
#define MB_MODULE_SIZE	    16
#define MB_MAP_ENTRY_SIZE   24
#define MB_MODULES_MAX	    LOADER_MAX_INITRDS
#define MB_CMDLINE_MAX	    65535
#define MB_INITRD_MAX	    0xffffffffull

bool multiboot_find(const struct image *img, struct multiboot_header *h)
{
	uint8_t head[MB_SEARCH];
	size_t n = img->size < MB_SEARCH ? img->size : MB_SEARCH;
	struct err err;

	if (image_read(img, 0, head, n, &err))
		return false;
	for (size_t i = 0; i + 12 <= n; i += 4) {
		const uint8_t *p = head + i;

		if (get_le32(p) != MB_MAGIC ||
		    get_le32(p) + get_le32(p + 4) + get_le32(p + 8) != 0)
			continue;
		*h = (struct multiboot_header){ .off = i,
						.flags = get_le32(p + 4) };
		if (!(h->flags & MB_ADDRESSES))
			return true;
		if (i + 32 > n)
			return false;
		h->header_addr = get_le32(p + 12);
		h->load_addr = get_le32(p + 16);
		h->load_end_addr = get_le32(p + 20);
		h->bss_end_addr = get_le32(p + 24);
		h->entry_addr = get_le32(p + 28);
		return true;
	}
	return false;
}

/* Section 3.1.3: the address fields stand for one segment. */
static int multiboot_segment(const struct image *img,
			     const struct multiboot_header *h,
			     struct elf_file *elf, struct err *err)
{
	uint64_t before = (uint64_t)h->header_addr - h->load_addr;
	uint64_t off = h->off - before, size;
	uint64_t end = h->bss_end_addr;

	memset(elf, 0, sizeof(*elf));
	if (h->load_addr > h->header_addr || before > h->off)
		return err_set(err, ENOEXEC,
			       "the Multiboot header of '%s' is corrupt: its "
			       "load address leaves the file",
			       img->name);
	size = img->size - off;
	if (h->load_end_addr) {
		uint64_t want = (uint64_t)h->load_end_addr - h->load_addr;

		if (h->load_end_addr <= h->load_addr || want > size)
			return err_set(err, ENOEXEC,
				       "'%s' is truncated, or its Multiboot "
				       "header is corrupt: it asks for more "
				       "than the file's %" PRIu64 " bytes",
				       img->name, img->size);
		size = want;
	}
	if (end < h->load_addr + size)
		end = h->load_addr + size;
	elf->seg[0] = (struct elf_segment){ .offset = off,
					    .filesz = size,
					    .paddr = h->load_addr,
					    .memsz = end - h->load_addr };
	elf->nseg = 1;
	elf->low = h->load_addr;
	elf->high = end;
	elf->entry = h->entry_addr;
	return 0;
}

/* The memory above 1 MiB up to the first hole, in KiB. */
static uint32_t multiboot_upper(const struct boot_map *map)
{
	for (unsigned i = 0; i < map->n; i++) {
		const struct boot_map_entry *e = &map->entry[i];

		if (e->type == BOOT_MAP_RAM && e->base <= 0x100000 &&
		    e->base + e->size > 0x100000) {
			uint64_t kib = (e->base + e->size - 0x100000) / 1024;

			return kib > UINT32_MAX ? UINT32_MAX : (uint32_t)kib;
		}
	}
	return 0;
}

static void multiboot_modules(const struct initrd *rd, uint8_t *info,
			      uint8_t *list, gpa_t gpa, gpa_t name)
{
	put_le32(info + MB_INFO_MODS_COUNT, rd->n);
	put_le32(info + MB_INFO_MODS_ADDR, (uint32_t)gpa);
	for (unsigned i = 0; i < rd->n; i++) {
		uint64_t base = rd->base + rd->off[i];
		uint8_t *m = list + i * MB_MODULE_SIZE;

		put_le32(m, (uint32_t)base);
		put_le32(m + 4, (uint32_t)(base + rd->file[i].size));
		put_le32(m + 8, (uint32_t)name); /* its string: empty */
	}
}

static int multiboot_start(struct loader *l, struct err *err)
{
	static const char name[] = "vmm";
	size_t list = MB_INFO_SIZE + sizeof(name);
	size_t mods = (list + 7) & ~(size_t)7;
	size_t map = mods + MB_MODULES_MAX * MB_MODULE_SIZE;
	size_t map_size = l->map.n * MB_MAP_ENTRY_SIZE;
	gpa_t gpa, cmdline;
	uint8_t *info;
	int ret;

	info = x86_table(l, map + map_size, &gpa, err);
	if (!info)
		return -err->code;
	ret = x86_cmdline(l, NULL, MB_CMDLINE_MAX, &cmdline, err);
	if (ret)
		return ret;
	put_le32(info, MB_FLAG_MEMORY | MB_FLAG_CMDLINE | MB_FLAG_MODULES |
			       MB_FLAG_MMAP | MB_FLAG_LOADER);
	put_le32(info + MB_INFO_MEM_LOWER, 640);
	put_le32(info + MB_INFO_MEM_UPPER, multiboot_upper(&l->map));
	put_le32(info + MB_INFO_CMDLINE, (uint32_t)cmdline);
	memcpy(info + MB_INFO_SIZE, name, sizeof(name));
	put_le32(info + MB_INFO_LOADER_NAME, (uint32_t)gpa + MB_INFO_SIZE);
	multiboot_modules(&l->initrd, info, info + mods, gpa + mods,
			  gpa + MB_INFO_SIZE + sizeof(name) - 1);
	put_le32(info + MB_INFO_MMAP_LENGTH, (uint32_t)map_size);
	put_le32(info + MB_INFO_MMAP_ADDR, (uint32_t)(gpa + map));
	for (unsigned i = 0; i < l->map.n; i++) {
		uint8_t *e = info + map + i * MB_MAP_ENTRY_SIZE;

		put_le32(e, MB_MAP_ENTRY_SIZE - 4);
		put_le64(e + 4, l->map.entry[i].base);
		put_le64(e + 12, l->map.entry[i].size);
		put_le32(e + 20, l->map.entry[i].type);
	}
	l->start->arg[0] = MB_LOADER_MAGIC;
	l->start->arg[1] = gpa;
	return x86_gdt(l, BOOT_X86_FLAT, err);
}

int multiboot_load(struct loader *l, const struct image *img,
		   const struct multiboot_header *h, struct err *err)
{
	struct elf_file elf;
	int ret;

	if (h->flags & MB_REQUIRED)
		return err_set(err, ENOTSUP,
			       "'%s' asks for Multiboot features 0x%x that "
			       "vmm has not",
			       l->kernel.name, h->flags & MB_REQUIRED);
	ret = h->flags & MB_ADDRESSES
		      ? multiboot_segment(img, h, &elf, err)
		      : elf_parse(img, img->size, EM_X86_64, &elf, err);
	if (ret)
		return ret;
	if (elf.entry - elf.low >= elf.high - elf.low || elf.entry >= X86_4G)
		return err_set(err, ENOEXEC,
			       "the entry point 0x%" PRIx64
			       " of '%s' is not in it, or above 4 GiB",
			       elf.entry, l->kernel.name);
	ret = loader_take_elf(l, &elf, 0, err);
	if (!ret)
		ret = loader_place_initrd(l, 4096, MB_INITRD_MAX, 0, 0, err);
	if (!ret)
		ret = elf_load(img, &elf, l->mem, 0, l->cfg->ram_zero, err);
	if (!ret)
		ret = loader_read_initrd(l, err);
	if (ret)
		return ret;
	l->start->pc = elf.entry;
	l->start->protocol = "Multiboot 1";
	return multiboot_start(l, err);
}
