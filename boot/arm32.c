/* SPDX-License-Identifier: MIT */
/* 32-bit Arm kernels on arm64 CPUs that start in AArch32: zImage and ELF. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "boot/arm.h"
#include "boot/elf.h"

/* arch/arm/boot/compressed/head.S: words of the header. */
#define ZIMAGE_MAGIC_AT	 0x24
#define ZIMAGE_START	 0x28
#define ZIMAGE_END	 0x2c
#define ZIMAGE_HEADER	 0x30
#define ZIMAGE_MAGIC	 0x016f2818u
#define ZIMAGE_MAGIC_BE	 0x18286f01u /* the same, read the wrong way */
#define ARM32_NO_MACHINE UINT32_MAX  /* the device tree tells */
#define ARM32_CMDLINE	 1023	     /* COMMAND_LINE_SIZE less its NUL */

/*
 * The decompressor unpacks to the start of RAM and moves itself first if it
 * is in the way: here it is not, see Documentation/arch/arm/booting.rst.
 */
#define ZIMAGE_OFFSET	(UINT64_C(32) << 20)
#define ZIMAGE_OFFSET_S UINT64_C(0x8000) /* in a small machine */

static uint32_t arm32_magic(const struct image *img)
{
	uint8_t word[4];
	struct err err;

	if (img->size < ZIMAGE_HEADER ||
	    image_read(img, ZIMAGE_MAGIC_AT, word, sizeof(word), &err))
		return 0;
	return get_le32(word);
}

bool arm32_is_zimage(const struct image *img)
{
	uint32_t magic = arm32_magic(img);

	return magic == ZIMAGE_MAGIC || magic == ZIMAGE_MAGIC_BE;
}

int arm32_start(struct loader *l, uint64_t entry, const char *protocol,
		struct err *err)
{
	const struct board_range ram = board_first_ram(l->board);
	struct boot_start *start = l->start;
	gpa_t dtb;
	int ret = loader_place_initrd(l, 4096, ram.base + ARM_NEAR - 1, 0, 0,
				      err);

	if (!ret)
		ret = loader_read_initrd(l, err);
	if (!ret)
		ret = loader_put_dtb(l, ram.base, ARM_NEAR, &dtb, err);
	if (ret < 0)
		return ret;
	start->mode = BOOT_ARM32;
	start->pc = entry;
	start->arg[0] = 0;
	start->arg[1] = ARM32_NO_MACHINE;
	start->arg[2] = dtb;
	start->protocol = protocol;
	return 0;
}

static int arm32_check_zimage(const struct image *img, uint32_t *size,
			      struct err *err)
{
	uint8_t h[ZIMAGE_HEADER];
	uint32_t start, end;

	if (arm32_magic(img) == ZIMAGE_MAGIC_BE)
		return err_set(err, ENOEXEC,
			       "'%s' is a big-endian zImage, and vmm starts "
			       "little-endian kernels",
			       img->name);
	if (image_read(img, 0, h, sizeof(h), err))
		return -err->code;
	start = get_le32(h + ZIMAGE_START);
	end = get_le32(h + ZIMAGE_END);
	*size = end - start;
	if (end <= start || *size > img->size || *size < sizeof(h))
		return err_set(err, ENOEXEC,
			       "'%s' is a truncated or corrupt zImage: its "
			       "header tells of %u bytes, and the file has "
			       "%" PRIu64,
			       img->name, *size, img->size);
	return 0;
}

int arm32_load_zimage(struct loader *l, const struct image *img,
		      struct err *err)
{
	const struct board_range ram = board_first_ram(l->board);
	uint64_t base = ram.base + ZIMAGE_OFFSET;
	uint32_t size = 0;
	uint8_t *to;
	int ret = arm32_check_zimage(img, &size, err);

	if (!ret)
		ret = arm_check_width(l, img, true, err);
	if (!ret)
		ret = arm_check_cmdline(l, ARM32_CMDLINE, err);
	if (ret)
		return ret;
	if (!space_is_free(&l->free, base, 2 * (uint64_t)size))
		base = ram.base + ZIMAGE_OFFSET_S;
	to = space_is_free(&l->free, base, size)
		     ? mem_run_rw(l->mem, base, size)
		     : NULL;
	if (!to)
		return loader_no_room(l, base, size, err);
	space_take(&l->free, base, size);
	l->start->kernel_base = base;
	l->start->kernel_size = size;
	ret = image_read(img, 0, to, size, err);
	return ret ? ret : arm32_start(l, base, "Linux zImage", err);
}

int arm32_load_elf(struct loader *l, const struct image *img, struct err *err)
{
	struct elf_file elf;
	int ret = elf_parse(img, img->size, EM_ARM, &elf, err);

	if (!ret)
		ret = arm_check_width(l, img, true, err);
	if (!ret)
		ret = loader_take_elf(l, &elf, 0, err);
	if (!ret)
		ret = elf_load(img, &elf, l->mem, 0, l->cfg->ram_zero, err);
	return ret ? ret : arm32_start(l, elf.entry, "ELF", err);
}
