/* SPDX-License-Identifier: MIT */
/* SLOF, a pSeries' Open Firmware: in RAM, with what it is to boot. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "boot/elf.h"
#include "boot/fdt.h"
#include "boot/ppc64.h"

/* Its image, which begins at 0 and is entered as after a system reset. */
#define SLOF_MAX	  (4u << 20)
#define SLOF_ENTRY	  0x100
#define SLOF_MAGIC_OFFSET 0x28
#define SLOF_MAGIC	  "magic123"

/*
 * It moves to what lies below the device tree: its files, 4 MiB and a header,
 * and 31 MiB of its own (board-qemu/llfw/stage2.c).
 */
#define SLOF_WORK (40u << 20)
#define SLOF_TREE (2u << 20)
#define SLOF_HIGH UINT64_C(0x80000000) /* all below this */

/* Where its users expect a kernel: behind the image. */
#define SLOF_KERNEL UINT64_C(0x400000)

static int slof_read(struct loader *l, const struct image *img, struct err *err)
{
	char magic[sizeof(SLOF_MAGIC) - 1] = "";
	char what[128];
	void *to;
	int ret = 0;

	if (img->size > SLOF_MAGIC_OFFSET + sizeof(magic))
		ret = image_read(img, SLOF_MAGIC_OFFSET, magic, sizeof(magic),
				 err);
	if (ret < 0)
		return ret;
	if (img->size > SLOF_MAX || memcmp(magic, SLOF_MAGIC, sizeof(magic))) {
		err_set(err, ENOEXEC, "'%s' is %s, not SLOF", img->name,
			image_describe(img, what, sizeof(what)));
		err_hint(err, "Debian's qemu-system-data has it: "
			      "/usr/share/qemu/slof.bin");
		return -ENOEXEC;
	}
	to = mem_run_rw(l->mem, 0, SLOF_MAX);
	if (!to)
		return err_set(err, ENOMEM, "'%s' needs memory from 0 to 4 MiB",
			       img->name);
	space_take(&l->free, 0, SLOF_MAX);
	return image_read(img, 0, to, img->size, err);
}

/* Finds the tree's place, with room for the firmware below it. */
static int slof_reserve(struct loader *l, uint64_t *tree, struct err *err)
{
	uint64_t high = l->board->ram[0].size;

	if (high > SLOF_HIGH)
		high = SLOF_HIGH;
	*tree = space_high(&l->free, 0, high, SLOF_TREE, SLOF_TREE);
	if (*tree == UINT64_MAX || *tree < SLOF_WORK + SLOF_MAX) {
		err_set(err, ENOMEM,
			"the firmware finds no room for its 46 MiB");
		err_hint(err, "give the guest more memory with --memory");
		return -ENOMEM;
	}
	space_take(&l->free, *tree - SLOF_WORK, SLOF_WORK);
	return 0;
}

/* As a whole to where firmware looks for it: they are made to be moved. */
static int slof_kernel(struct loader *l, struct fdt_firmware *fw,
		       struct err *err)
{
	struct elf_file elf;
	uint64_t shift, entry = 0;
	int ret;

	if (!elf_is(&l->kernel))
		return ppc64_unknown(&l->kernel, err);
	ret = elf_parse(&l->kernel, l->kernel.size, EM_PPC64, &elf, err);
	if (!ret)
		ret = ppc64_entry(&l->kernel, &elf, &entry, err);
	if (ret)
		return ret;
	if (!elf.is64) {
		err_set(err, ENOTSUP,
			"'%s' is a zImage of 32 bits, which cannot be moved to "
			"where the firmware looks for a kernel",
			l->kernel.name);
		err_hint(err, "leave --firmware out, or put it on a disk in a "
			      "partition of type 0x41");
		return -ENOTSUP;
	}
	shift = SLOF_KERNEL - elf.low;
	ret = loader_take_elf(l, &elf, shift, err);
	if (!ret)
		ret = elf_load(&l->kernel, &elf, l->mem, shift,
			       l->cfg->ram_zero, err);
	fw->kernel_base = entry + shift;
	fw->kernel_size = elf.high - entry;
	return ret;
}

static int slof_parts(struct loader *l, struct err *err)
{
	struct fdt_firmware fw = { 0 };
	uint64_t tree = 0;
	gpa_t dtb;
	int ret = slof_reserve(l, &tree, err);

	if (!ret && l->cfg->kernel)
		ret = slof_kernel(l, &fw, err);
	if (!ret)
		ret = loader_place_initrd(l, 4096, tree - 1, 0, 0, err);
	if (!ret)
		ret = loader_read_initrd(l, err);
	l->slof = &fw;
	if (!ret)
		ret = loader_put_dtb(l, tree, SLOF_TREE, &dtb, err);
	l->slof = NULL;
	if (ret < 0)
		return ret;
	l->start->mode = BOOT_PPC64BE;
	l->start->pc = SLOF_ENTRY;
	l->start->arg[0] = dtb;
	l->start->protocol = "SLOF";
	return 0;
}

int loader_slof(struct loader *l, struct err *err)
{
	struct image img;
	int ret = image_open(&img, l->cfg->ram_firmware, SLOF_MAX, err);

	if (!ret) {
		ret = slof_read(l, &img, err);
		image_close(&img);
	}
	if (ret)
		return err_prefix(err, "--firmware: ");
	return slof_parts(l, err);
}
