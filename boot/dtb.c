/* SPDX-License-Identifier: MIT */
/* The device tree that a kernel or firmware is handed, in guest memory. */
#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "boot/fdt.h"
#include "boot/loader.h"
#include "hw/core/prop.h"

/* Linux maps no more than this: Documentation/arch/arm64/booting.rst. */
#define DTB_MAX	     (2u << 20)
#define DTB_ALIGN    (2u << 20)
#define DTB_RNG_SEED 32

struct dtb_seeds {
	uint64_t rng[DTB_RNG_SEED / 8];
	uint64_t kaslr; /* 0: none is wanted */
};

static void dtb_seeds_make(struct loader *l, struct dtb_seeds *s)
{
	for (unsigned i = 0; i < DTB_RNG_SEED / 8; i++)
		put_le64(&s->rng[i], loader_random(l));
	s->kaslr = l->cfg->kaslr ? loader_random(l) | 1 : 0;
}

/* ---- a tree of the user's, --dtb */

/* It begins as one does; more is libfdt's to check. */
static bool dtb_is(const struct image_part *part)
{
	return part->size >= 4 && fdt_magic(part->data) == FDT_MAGIC;
}

static int dtb_bad(const struct image *img, int ret, struct err *err)
{
	char what[128];

	if (ret == -FDT_ERR_BADMAGIC)
		return err_set(
			err, ENOEXEC, "'%s' is %s, not a flattened device tree",
			img->name, image_describe(img, what, sizeof(what)));
	return err_set(err, ENOEXEC, "the device tree '%s' is corrupt: %s",
		       img->name, fdt_strerror(ret));
}

static int dtb_edit(void *dtb, const struct fdt_chosen *c)
{
	int node = fdt_path_offset(dtb, "/chosen"), ret = 0;
	struct fdt_chosen_int list[FDT_CHOSEN_INTS];
	unsigned n = fdt_chosen_ints(c, list);

	if (node == -FDT_ERR_NOTFOUND)
		node = fdt_add_subnode(dtb, 0, "chosen");
	if (node < 0)
		return node;
	if (*c->cmdline)
		ret = fdt_setprop_string(dtb, node, "bootargs", c->cmdline);
	if (!ret)
		ret = fdt_setprop(dtb, node, "rng-seed", c->rng_seed,
				  (int)c->rng_seed_size);
	for (unsigned i = 0; i < n && !ret; i++)
		ret = list[i].bytes == 8
			      ? fdt_setprop_u64(dtb, node, list[i].name,
						list[i].val)
			      : fdt_setprop_u32(dtb, node, list[i].name,
						(uint32_t)list[i].val);
	return ret ? ret : fdt_pack(dtb);
}

/* The file's tree with what the loader has to say put into /chosen. */
static int dtb_from_file(const struct board *b, const struct image *img,
			 const struct fdt_chosen *c, void *buf, struct err *err)
{
	struct image_part part;
	int ret;

	if (img->size > DTB_MAX)
		return err_set(err, EFBIG,
			       "the device tree '%s' is larger than the 2 MiB "
			       "that a kernel maps",
			       img->name);
	ret = image_part_get(img, 0, (size_t)img->size, &part, err);
	if (ret)
		return ret;
	ret = dtb_is(&part) ? fdt_check_full(part.data, part.size)
			    : -FDT_ERR_BADMAGIC;
	if (!ret)
		ret = fdt_open_into(part.data, buf, DTB_MAX);
	if (!ret)
		ret = dtb_edit(buf, c);
	image_part_put(&part);
	if (ret)
		return dtb_bad(img, ret, err);
	ret = fdt_fits(b, buf, err);
	return ret ? err_prefix(err, "'%s': ", img->name)
		   : (int)fdt_totalsize(buf);
}

static int dtb_make(struct loader *l, const struct fdt_chosen *c, void *buf,
		    struct err *err)
{
	struct image img;
	int ret;

	if (!l->cfg->dtb)
		return fdt_build(l->board, c, buf, DTB_MAX, err);
	if (c->alone) {
		err_set(err, EINVAL,
			"--dtb: with acpi=on the kernel gets no device tree");
		err_hint(err, "leave out one of the two");
		return -EINVAL;
	}
	ret = image_open(&img, l->cfg->dtb, DTB_MAX, err);
	if (ret)
		return err_prefix(err, "--dtb: ");
	ret = dtb_from_file(l->board, &img, c, buf, err);
	image_close(&img);
	return ret < 0 ? err_prefix(err, "--dtb: ") : ret;
}

static int dtb_place(struct loader *l, uint64_t min, uint64_t len,
		     uint64_t size, gpa_t *gpa, struct err *err)
{
	char text[32];

	*gpa = space_high(&l->free, min, len, size, DTB_ALIGN);
	if (*gpa != UINT64_MAX) {
		space_take(&l->free, *gpa, size);
		return 0;
	}
	err_set(err, ENOMEM,
		"the device tree, %s at a multiple of 2 MiB, finds no room "
		"from 0x%" PRIx64 " to 0x%" PRIx64
		" beside the kernel and the initrd",
		format_size(size, text, sizeof(text)), min, min + (len - 1));
	err_hint(err, "give the guest more memory with --memory");
	return -ENOMEM;
}

int loader_put_dtb(struct loader *l, uint64_t min, uint64_t len, gpa_t *gpa,
		   struct err *err)
{
	struct dtb_seeds seeds;
	struct fdt_chosen chosen = {
		.cmdline = loader_cmdline(l),
		.initrd_base = l->initrd.base,
		.initrd_size = l->initrd.size,
		.rng_seed = seeds.rng,
		.rng_seed_size = sizeof(seeds.rng),
		.found = l->cfg->found,
		.firmware = l->slof,
		.efi = l->efi.system_table ? &l->efi : NULL,
		.alone = l->efi.system_table && l->cfg->acpi_only,
	};
	void *buf = malloc(DTB_MAX);
	int size, ret;

	if (!buf)
		return err_nomem(err, "the device tree");
	dtb_seeds_make(l, &seeds);
	chosen.kaslr_seed = seeds.kaslr;
	size = ret = dtb_make(l, &chosen, buf, err);
	if (size > 0)
		ret = dtb_place(l, min, len, (uint64_t)size, gpa, err);
	if (!ret && mem_write(l->mem, *gpa, buf, (size_t)size) < 0)
		ret = err_set(err, EFAULT,
			      "no memory behind the board at 0x%" PRIx64, *gpa);
	free(buf);
	return ret;
}
