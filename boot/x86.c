/* SPDX-License-Identifier: MIT */
/* x86_64: which loader a file needs, and the tables that all hand over. */
#include "boot/x86.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/unpack.h"

/* The page at 0 stays free of tables: a null pointer should read zeroes. */
#define X86_LOW_MIN 0x1000ull
#define X86_LOW_LEN (0x9f000ull - X86_LOW_MIN)

void *x86_table(struct loader *l, size_t size, gpa_t *gpa, struct err *err)
{
	void *p;

	size = (size + 4095) & ~(size_t)4095;
	*gpa = space_low(&l->free, X86_LOW_MIN, X86_LOW_LEN, size, 4096);
	if (*gpa == UINT64_MAX)
		*gpa = space_high(&l->free, 0, X86_4G, size, 4096);
	p = *gpa == UINT64_MAX ? NULL : mem_run_rw(l->mem, *gpa, size);
	if (!p) {
		loader_no_room(l, X86_LOW_MIN, size, err);
		return NULL;
	}
	space_take(&l->free, *gpa, size);
	memset(p, 0, size); /* a kernel may have been unpacked over it */
	return p;
}

int x86_cmdline(struct loader *l, const char *extra, size_t max, gpa_t *gpa,
		struct err *err)
{
	const char *text = loader_cmdline(l);
	size_t n = strlen(text), m = extra ? strlen(extra) : 0;
	char *p;

	if (n + m > max)
		return err_set(err, E2BIG,
			       "the kernel command line has %zu characters, "
			       "and '%s' takes %zu",
			       n + m, l->kernel.name, max);
	p = x86_table(l, n + m + 1, gpa, err);
	if (!p)
		return -err->code;
	memcpy(p, text, n);
	if (m)
		memcpy(p + n, extra, m);
	p[n + m] = '\0';
	return 0;
}

/* Intel SDM volume 3, section 3.4.5: flat, accessed, DPL 0. */
#define X86_SEG_CODE64 0x00af9b000000ffffull
#define X86_SEG_CODE32 0x00cf9b000000ffffull
#define X86_SEG_DATA   0x00cf93000000ffffull

int x86_gdt(struct loader *l, enum boot_mode mode, struct err *err)
{
	uint8_t *gdt;

	l->start->mode = mode;
	l->start->gdt_size = BOOT_X86_DS + 8;
	gdt = x86_table(l, l->start->gdt_size, &l->start->gdt, err);
	if (!gdt)
		return -err->code;
	put_le64(gdt + BOOT_X86_CS,
		 mode == BOOT_X86_LONG ? X86_SEG_CODE64 : X86_SEG_CODE32);
	put_le64(gdt + BOOT_X86_DS, X86_SEG_DATA);
	return 0;
}

#define X86_GIB	     (1ull << 30)
#define X86_MAX_GIBS 64

/* The gibibytes to map, ascending. */
struct x86_gibs {
	uint64_t index[X86_MAX_GIBS];
	unsigned n;
};

/* Adds those of a range; what does not fit any more is left out. */
static void x86_gibs_add(struct x86_gibs *g, uint64_t base, uint64_t size)
{
	uint64_t last = size ? (base + (size - 1)) / X86_GIB : 0;

	for (uint64_t i = base / X86_GIB; size && i <= last; i++) {
		unsigned k = 0;

		while (k < g->n && g->index[k] < i)
			k++;
		if (k < g->n && g->index[k] == i)
			continue;
		if (g->n == X86_MAX_GIBS)
			return;
		memmove(&g->index[k + 1], &g->index[k],
			(g->n - k) * sizeof(g->index[0]));
		g->index[k] = i;
		g->n++;
	}
}

/* Intel SDM volume 3, section 4.5: present, writable, accessed (, dirty). */
#define X86_PTE_TABLE 0x23ull
#define X86_PTE_2M    0xe3ull

int x86_tables(struct loader *l, struct err *err)
{
	struct x86_gibs g = { .n = 0 };
	unsigned npdpt = 0, page = 1;
	uint64_t slot = UINT64_MAX;
	uint8_t *p, *pdpt = NULL;
	gpa_t gpa;

	x86_gibs_add(&g, 0, X86_4G);
	x86_gibs_add(&g, l->start->kernel_base, l->start->kernel_size);
	x86_gibs_add(&g, l->start->initrd_base, l->start->initrd_size);
	for (unsigned i = 0; i < g.n; i++)
		npdpt += i == 0 || g.index[i] / 512 != g.index[i - 1] / 512;
	p = x86_table(l, (1 + npdpt + g.n) * 4096, &gpa, err);
	if (!p)
		return -err->code;
	for (unsigned i = 0; i < g.n; i++) {
		uint64_t gib = g.index[i];
		uint8_t *pd;

		if (gib / 512 != slot) {
			slot = gib / 512;
			put_le64(p + slot * 8,
				 (gpa + page * 4096) | X86_PTE_TABLE);
			pdpt = p + page++ * 4096;
		}
		put_le64(pdpt + gib % 512 * 8,
			 (gpa + page * 4096) | X86_PTE_TABLE);
		pd = p + page++ * 4096;
		for (unsigned k = 0; k < 512; k++)
			put_le64(pd + k * 8,
				 (gib * X86_GIB + k * X86_2M) | X86_PTE_2M);
	}
	l->start->tables = gpa;
	return 0;
}

/* arch/x86/include/uapi/asm/setup.h: COMMAND_LINE_SIZE less its NUL. */
#define X86_LINUX_CMDLINE_MAX 2047
#define X86_INITRD_MAX	      0x7fffffffull

/* An ELF vmlinux by its startup_64: boot_params as for a bzImage. */
static int x86_vmlinux_load(struct loader *l, const struct image *img,
			    const struct elf_file *elf, struct err *err)
{
	struct linux_kernel k = { .initrd_max = X86_INITRD_MAX,
				  .cmdline_max = X86_LINUX_CMDLINE_MAX,
				  .entry = elf->entry };
	int ret;

	if (!elf->is64 || elf->machine != EM_X86_64)
		return err_set(err, ENOEXEC,
			       "'%s' is a 32-bit kernel without a PVH or "
			       "Multiboot entry",
			       l->kernel.name);
	/* Some linkers leave the virtual address of startup_64 here. */
	for (unsigned i = 0; i < elf->nseg; i++) {
		const struct elf_segment *s = &elf->seg[i];

		if (s->vaddr >= X86_KERNEL_MAP &&
		    elf->entry - s->vaddr < s->memsz)
			k.entry = elf->entry - s->vaddr + s->paddr;
	}
	if (k.entry - elf->low >= elf->high - elf->low)
		return err_set(err, ENOEXEC,
			       "'%s' is a corrupt ELF file: its entry point "
			       "0x%" PRIx64 " is not in it",
			       l->kernel.name, elf->entry);
	ret = loader_take_elf(l, elf, 0, err);
	if (!ret)
		ret = loader_place_initrd(l, 4, k.initrd_max, 0, 0, err);
	if (!ret)
		ret = elf_load(img, elf, l->mem, 0, l->cfg->ram_zero, err);
	if (!ret)
		ret = loader_read_initrd(l, err);
	return ret ? ret : linux_start(l, &k, err);
}

static int x86_no_entry(const struct loader *l, const char *what,
			struct err *err)
{
	err_set(err, ENOEXEC, "'%s' has no %s", l->kernel.name, what);
	err_hint(err, "leave out --kernel-entry, or use another file");
	return -err->code;
}

static int x86_elf_load(struct loader *l, const struct image *img,
			struct err *err)
{
	struct multiboot_header h;
	struct elf_file elf;
	int ret = elf_parse(img, img->size, EM_X86_64, &elf, err);
	bool multiboot;

	if (ret)
		return ret;
	multiboot = multiboot_find(img, &h);
	switch (l->cfg->entry) {
	case BOOT_ENTRY_COMPRESSED:
		return x86_no_entry(l, "decompressor: it is an ELF file", err);
	case BOOT_ENTRY_LINUX: return x86_vmlinux_load(l, img, &elf, err);
	case BOOT_ENTRY_PVH:
		return elf.pvh ? pvh_load(l, img, &elf, err)
			       : x86_no_entry(l, "PVH entry", err);
	case BOOT_ENTRY_MULTIBOOT:
		return multiboot ? multiboot_load(l, img, &h, err)
				 : x86_no_entry(l, "Multiboot header", err);
	default: break;
	}
	/* Linux's own entry skips the 32-bit code of the others. */
	if (elf.is64 && elf.linux_note)
		return x86_vmlinux_load(l, img, &elf, err);
	if (elf.pvh)
		return pvh_load(l, img, &elf, err);
	if (multiboot)
		return multiboot_load(l, img, &h, err);
	return x86_vmlinux_load(l, img, &elf, err);
}

static int x86_unknown(const struct loader *l, struct err *err)
{
	char what[128];

	image_describe(&l->kernel, what, sizeof(what));
	err_set(err, ENOEXEC, "'%s' is %s, not a kernel for x86_64",
		l->kernel.name, what);
	err_hint(err, "a bzImage, an ELF vmlinux, a PVH or a Multiboot 1 "
		      "kernel will do");
	return -err->code;
}

/* The first bytes of what a file unpacks to; false unless that is ELF. */
static bool x86_packed_elf(enum unpack_kind kind, const struct image_part *p)
{
	struct image head;
	struct err err;
	uint8_t buf[64];
	size_t got = 0;

	if (unpack(kind, p->data, p->size, buf, sizeof(buf), UNPACK_HEAD, &got,
		   &err))
		return false;
	image_from_data(&head, "", buf, got);
	return elf_is(&head);
}

/* vmlinux.gz and the like, unpacked beside guest memory. */
static int x86_packed_load(struct loader *l, enum unpack_kind kind,
			   struct err *err)
{
	size_t cap = mem_size(l->mem), got = 0;
	struct image_part packed;
	struct image img;
	void *buf;
	int ret = image_part_get(&l->kernel, 0, l->kernel.size, &packed, err);

	if (ret)
		return ret;
	if (!x86_packed_elf(kind, &packed)) {
		image_part_put(&packed);
		return x86_unknown(l, err);
	}
	buf = mmap(NULL, cap, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (buf == MAP_FAILED) {
		image_part_put(&packed);
		return err_nomem(err, "an unpacked kernel");
	}
	ret = unpack(kind, packed.data, packed.size, buf, cap, UNPACK_ALL, &got,
		     err);
	if (ret) {
		err_prefix(err, "kernel '%s': ", l->kernel.name);
	} else {
		image_from_data(&img, l->kernel.name, buf, got);
		ret = x86_elf_load(l, &img, err);
	}
	munmap(buf, cap);
	image_part_put(&packed);
	return ret;
}

static int x86_load(struct loader *l, struct err *err)
{
	size_t n = l->kernel.size < 16 ? l->kernel.size : 16;
	enum unpack_kind kind;
	uint8_t head[16];
	struct multiboot_header h;
	int ret;

	ret = image_read(&l->kernel, 0, head, n, err);
	if (ret)
		return ret;
	if (bzimage_is(&l->kernel))
		return bzimage_load(l, err);
	if (elf_is(&l->kernel))
		return x86_elf_load(l, &l->kernel, err);
	kind = unpack_detect(head, n);
	if (kind != UNPACK_NONE)
		return x86_packed_load(l, kind, err);
	if (multiboot_find(&l->kernel, &h) && (h.flags & (1u << 16)))
		return multiboot_load(l, &l->kernel, &h, err);
	return x86_unknown(l, err);
}

/*
 * Where a BIOS starts (SDM volume 3, 10.1.4, below 1 MiB), real mode.  Linux
 * goes there to reboot a machine with hardware-reduced ACPI: it prefers EFI's
 * service to the FADT's reset register on those, and where there is no EFI,
 * falls back to the BIOS.  So here is one: "mov $0xfe, %al; out %al, $0x64",
 * the keyboard controller's reset, then "cli; hlt" for ever.
 */
#define X86_BIOS_START 0xffff0

static void x86_bios(const struct loader *l)
{
	static const uint8_t reset[] = { 0xb0, 0xfe, 0xe6, 0x64,
					 0xfa, 0xf4, 0xeb, 0xfc };

	/* A machine too small for it has none. */
	if (mem_write(l->mem, X86_BIOS_START, reset, sizeof(reset)) < 0)
		return;
}

int loader_x86(struct loader *l, struct err *err)
{
	int ret = x86_load(l, err);

	if (!ret)
		x86_bios(l);
	return ret;
}
