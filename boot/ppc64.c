/* SPDX-License-Identifier: MIT */
/* ppc64: an ELF kernel in either byte order, entered with a device tree. */
#include "boot/ppc64.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "boot/elf.h"
#include "hw/spapr/rtas.h"

/* COMMAND_LINE_SIZE less its NUL: Linux' arch/powerpc. */
#define PPC64_CMDLINE 2047

/* What a zImage takes for a tree instead of a client interface. */
#define EPAPR_MAGIC 0x65504150

/*
 * Where Linux is linked at.  What is linked below is a program that brings it
 * to 0 and has the memory behind itself for its own: a tree or two, and
 * inflate's tables (Linux' arch/powerpc/boot/epapr.c).
 */
#define PPC64_KERNEL UINT64_C(0xc000000000000000)
#define ZIMAGE_HEAP  (4u << 20)
#define ZIMAGE_ALIGN (64u << 10)

int ppc64_unknown(const struct image *img, struct err *err)
{
	char what[128];

	image_describe(img, what, sizeof(what));
	err_set(err, ENOEXEC, "'%s' is %s, not a kernel for ppc64le", img->name,
		what);
	err_hint(err, "an ELF vmlinux or zImage will do, of either byte order");
	return -err->code;
}

/*
 * The instruction of hypercalls, and what KVM-PR takes for it: one that no CPU
 * has, so that it comes to KVM (OP_31_XOP_FAKE_SC1 in Linux' emulate.c).
 */
#define SC_1	  0x44000022u
#define SC_1_FAKE 0x7c000268u
#define CALLS_RUN 4096u /* bytes, which lie in one piece of memory */

/* Puts the one in place of the other in [at, end). */
static void ppc64_replace_calls(const struct mem *mem, uint64_t at,
				uint64_t end, bool big)
{
	const uint32_t from = big ? htobe32(SC_1) : htole32(SC_1);
	const uint32_t to = big ? htobe32(SC_1_FAKE) : htole32(SC_1_FAKE);

	for (at = (at + 3) & ~UINT64_C(3); at < end && end - at >= 4;) {
		uint64_t n = CALLS_RUN - at % CALLS_RUN;
		uint32_t *word;

		if (n > end - at)
			n = end - at;
		word = mem_run_rw(mem, at, n);
		for (uint64_t i = 0; word && i < n / 4; i++)
			if (word[i] == from)
				word[i] = to;
		at += n;
	}
}

/*
 * In all that was loaded, as SLOF does to what it starts on such a host.  What
 * a zImage unpacks is not seen here.
 */
static void ppc64_fake_calls(const struct loader *l, const struct elf_file *elf,
			     uint64_t shift)
{
	if (!l->board->ppc.calls_taken)
		return;
	for (unsigned i = 0; i < elf->nseg; i++) {
		uint64_t at = elf->seg[i].paddr + shift;

		ppc64_replace_calls(l->mem, at, at + elf->seg[i].filesz,
				    elf->big_endian);
	}
}

static bool ppc64_is_zimage(const struct elf_file *elf)
{
	return elf->entry < PPC64_KERNEL;
}

/* The code of RTAS, where the tree says that it is. */
static int ppc64_put_rtas(struct loader *l, struct err *err)
{
	gpa_t base = l->board->ppc.rtas.base;

	if (mem_write(l->mem, base, rtas_code, sizeof(rtas_code)) < 0)
		return err_set(err, EFAULT,
			       "no memory behind the board at 0x%" PRIx64,
			       base);
	if (l->board->ppc.calls_taken)
		ppc64_replace_calls(l->mem, base, base + sizeof(rtas_code),
				    true);
	return 0;
}

/*
 * Linux is linked at virtual addresses, and its entry is one: the segment that
 * it is in says where it is loaded.
 */
int ppc64_entry(const struct image *img, const struct elf_file *elf,
		uint64_t *entry, struct err *err)
{
	for (unsigned i = 0; i < elf->nseg; i++) {
		const struct elf_segment *s = &elf->seg[i];

		if (elf->entry - s->vaddr >= s->memsz)
			continue;
		*entry = s->paddr + (elf->entry - s->vaddr);
		return 0;
	}
	return err_set(err, ENOEXEC,
		       "'%s' is a corrupt ELF file: its entry point 0x%" PRIx64
		       " is not in it",
		       img->name, elf->entry);
}

/*
 * Everything that the kernel finds in real mode is in the first memory node;
 * the initrd at its end, so that no kernel is large enough to run into it.
 */
static int ppc64_start(struct loader *l, const struct elf_file *elf,
		       uint64_t entry, struct err *err)
{
	const struct board_ram *ram = &l->board->ram[0];
	struct boot_start *start = l->start;
	gpa_t dtb;
	int ret = loader_place_initrd(l, 4096, ram->base + ram->size - 1, 0, 0,
				      err);

	if (!ret)
		ret = loader_read_initrd(l, err);
	if (!ret)
		ret = loader_put_dtb(l, ram->base, ram->size, &dtb, err);
	if (!ret)
		ret = ppc64_put_rtas(l, err);
	if (ret < 0)
		return ret;
	start->mode = !elf->is64	? BOOT_PPC32BE
		      : elf->big_endian ? BOOT_PPC64BE
					: BOOT_PPC64LE;
	start->pc = entry;
	start->arg[0] = dtb;
	start->arg[3] = EPAPR_MAGIC;
	start->arg[4] = ram->size;
	start->protocol = ppc64_is_zimage(elf) ? "Linux ppc64 zImage"
			  : elf->big_endian    ? "Linux ppc64, big-endian"
					       : "Linux ppc64le";
	return 0;
}

/*
 * How far from where it is linked a zImage is loaded: one that may be anywhere
 * as high as there is room, for what it unpacks has any size.
 */
static int zimage_place(struct loader *l, const struct elf_file *elf,
			uint64_t *shift, struct err *err)
{
	const struct board_ram *ram = &l->board->ram[0];
	uint64_t size = elf->high - elf->low + ZIMAGE_HEAP, base;

	*shift = 0;
	if (!elf->dynamic)
		return 0;
	base = space_high(&l->free, ram->base, ram->size, size, ZIMAGE_ALIGN);
	if (base == UINT64_MAX)
		return loader_no_room(l, ram->base, size, err);
	*shift = base - elf->low;
	return 0;
}

static int ppc64_place(struct loader *l, const struct elf_file *elf,
		       uint64_t *shift, struct err *err)
{
	bool zimage = ppc64_is_zimage(elf);
	int ret = 0;

	*shift = 0;
	if (zimage)
		ret = zimage_place(l, elf, shift, err);
	if (!ret)
		ret = loader_take_elf(l, elf, *shift, err);
	if (!ret && zimage)
		space_take(&l->free, elf->high + *shift, ZIMAGE_HEAP);
	return ret;
}

static int ppc64_load_elf(struct loader *l, const struct image *img,
			  struct err *err)
{
	struct elf_file elf;
	uint64_t entry = 0, shift = 0;
	int ret = elf_parse(img, img->size, EM_PPC64, &elf, err);

	if (!ret)
		ret = ppc64_entry(img, &elf, &entry, err);
	if (!ret)
		ret = ppc64_place(l, &elf, &shift, err);
	if (!ret)
		ret = elf_load(img, &elf, l->mem, shift, l->cfg->ram_zero, err);
	if (ret)
		return ret;
	ppc64_fake_calls(l, &elf, shift);
	return ppc64_start(l, &elf, entry + shift, err);
}

static int ppc64_check_cmdline(const struct loader *l, struct err *err)
{
	size_t n = strlen(loader_cmdline(l));

	if (n <= PPC64_CMDLINE)
		return 0;
	return err_set(err, E2BIG,
		       "the kernel command line has %zu characters, and '%s' "
		       "takes %d",
		       n, l->kernel.name, PPC64_CMDLINE);
}

int loader_ppc64(struct loader *l, struct err *err)
{
	int ret;

	if (l->cfg->entry != BOOT_ENTRY_AUTO &&
	    l->cfg->entry != BOOT_ENTRY_LINUX) {
		err_set(err, ENOTSUP,
			"--kernel-entry %s: a ppc64 kernel has one entry",
			boot_entry_names[l->cfg->entry]);
		err_hint(err, "leave --kernel-entry out");
		return -ENOTSUP;
	}
	ret = ppc64_check_cmdline(l, err);
	if (ret)
		return ret;
	if (l->cfg->ram_firmware)
		return loader_slof(l, err);
	return elf_is(&l->kernel) ? ppc64_load_elf(l, &l->kernel, err)
				  : ppc64_unknown(&l->kernel, err);
}
