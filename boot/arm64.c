/* SPDX-License-Identifier: MIT */
/* arm64: which loader a file needs, and where its kernel goes. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/arm.h"
#include "boot/elf.h"
#include "boot/unpack.h"

/* Offsets in the header of an Image. */
#define IMAGE_TEXT_OFFSET 8
#define IMAGE_SIZE	  16
#define IMAGE_FLAGS	  24
#define IMAGE_MAGIC	  56
#define IMAGE_FLAG_BE	  1u
/* What a kernel has that does not tell: before Linux 3.17. */
#define IMAGE_OLD_OFFSET 0x80000u

/* The EFI zboot header: drivers/firmware/efi/libstub/zboot-header.S. */
#define ZBOOT_HEADER	   64
#define ZBOOT_MAGIC	   4
#define ZBOOT_PAYLOAD	   8
#define ZBOOT_PAYLOAD_SIZE 12
#define ZBOOT_TYPE	   24
#define ZBOOT_TYPE_SIZE	   32

/* The initrd lies within this of the kernel's own gibibyte. */
#define INITRD_REACH  (UINT64_C(32) << 30)
#define ARM64_GIB     (UINT64_C(1) << 30)
#define ARM64_CMDLINE 2047 /* COMMAND_LINE_SIZE less its NUL */

/* ---- what the loaders of arm share */

int arm_unknown(const struct image *img, struct err *err)
{
	char what[128];

	image_describe(img, what, sizeof(what));
	err_set(err, ENOEXEC, "'%s' is %s, not a kernel for arm64", img->name,
		what);
	err_hint(err, "an Image, compressed or not, an EFI zboot image or an "
		      "ELF vmlinux will do; with --cpu host,aarch64=off a "
		      "32-bit zImage");
	return -err->code;
}

int arm_check_width(const struct loader *l, const struct image *img,
		    bool wants32, struct err *err)
{
	if (wants32 == l->board->aarch32)
		return 0;
	err_set(err, ENOEXEC,
		"'%s' is a %s-bit kernel, and this machine's CPUs are %s-bit",
		img->name, wants32 ? "32" : "64", wants32 ? "64" : "32");
	err_hint(err, wants32 ? "add --cpu host,aarch64=off"
			      : "leave aarch64=off out of --cpu");
	return -ENOEXEC;
}

int arm_check_cmdline(const struct loader *l, size_t max, struct err *err)
{
	size_t n = strlen(loader_cmdline(l));

	if (n <= max)
		return 0;
	return err_set(err, E2BIG,
		       "the kernel command line has %zu characters, and '%s' "
		       "takes %zu",
		       n, l->kernel.name, max);
}

/* A kernel that will look for ACPI finds it by way of EFI. */
static bool arm64_wants_efi(const struct loader *l)
{
	return l->board->acpi.size &&
	       (l->cfg->acpi_only || loader_has_option(l, "acpi=force") ||
		loader_has_option(l, "acpi=on"));
}

/* ---- the end of every 64-bit load: initrd, device tree, entry */

int arm64_start(struct loader *l, uint64_t entry, const char *protocol,
		struct err *err)
{
	struct boot_start *start = l->start;
	const struct board_range ram = board_first_ram(l->board);
	uint64_t reach = (start->kernel_base & ~(ARM64_GIB - 1)) + INITRD_REACH;
	gpa_t dtb;
	int ret = loader_place_initrd(l, 4096, reach - 1, 0, 0, err);

	if (!ret)
		ret = loader_read_initrd(l, err);
	if (!ret && arm64_wants_efi(l))
		ret = loader_put_efi(l, err);
	if (!ret)
		ret = loader_put_dtb(l, ram.base, ARM_NEAR, &dtb, err);
	if (ret < 0)
		return ret;
	start->mode = BOOT_ARM64;
	start->pc = entry;
	start->arg[0] = dtb;
	start->protocol = protocol;
	return 0;
}

/* ---- Image */

bool arm64_is_image(const uint8_t *head)
{
	return !memcmp(head + IMAGE_MAGIC, "ARM\x64", 4);
}

int arm64_parse_header(const uint8_t *head, const char *name,
		       struct arm64_header *h, struct err *err)
{
	h->text_offset = get_le64(head + IMAGE_TEXT_OFFSET);
	h->image_size = get_le64(head + IMAGE_SIZE);
	h->flags = get_le64(head + IMAGE_FLAGS);
	if (!arm64_is_image(head))
		return err_set(err, ENOEXEC,
			       "'%s' has no arm64 Image header: its magic "
			       "number is wrong",
			       name);
	if (!h->image_size) {
		h->text_offset = IMAGE_OLD_OFFSET;
		h->flags = 0;
	}
	if (h->flags & IMAGE_FLAG_BE) {
		err_set(err, ENOEXEC,
			"'%s' is a big-endian kernel, and vmm starts "
			"little-endian ones",
			name);
		err_hint(err, "build it without CONFIG_CPU_BIG_ENDIAN");
		return -ENOEXEC;
	}
	if (h->text_offset >= ARM_2M || h->text_offset % 4096)
		return err_set(err, ENOEXEC,
			       "'%s' is a corrupt arm64 Image: its text offset "
			       "0x%" PRIx64 " is not a whole page below 2 MiB",
			       name, h->text_offset);
	return 0;
}

/* The kernel's pages, in words. */
static const char *arm64_protocol(const struct arm64_header *h)
{
	static const char *const by_pages[] = { "Linux arm64",
						"Linux arm64, 4K pages",
						"Linux arm64, 16K pages",
						"Linux arm64, 64K pages" };

	return by_pages[h->flags >> 1 & 3];
}

/*
 * Takes the lowest place for a kernel, which Linux likes best: memory below
 * it is lost to old ones.  size is at least the header's.
 */
static uint8_t *arm64_place(struct loader *l, const struct arm64_header *h,
			    uint64_t size, struct err *err)
{
	const struct board_range ram = board_first_ram(l->board);
	uint64_t base = UINT64_MAX;
	uint8_t *to = NULL;

	if (size < ram.size)
		base = space_low(&l->free, ram.base, ram.size,
				 h->text_offset + size, ARM_2M);
	if (base != UINT64_MAX)
		to = mem_run_rw(l->mem, base + h->text_offset, size);
	if (!to) {
		loader_no_room(l, ram.base + h->text_offset, size, err);
		return NULL;
	}
	base += h->text_offset;
	space_take(&l->free, base, size);
	l->start->kernel_base = base;
	l->start->kernel_size = size;
	return to;
}

static int arm64_finish(struct loader *l, const struct arm64_header *h,
			struct err *err)
{
	int ret = arm_check_cmdline(l, ARM64_CMDLINE, err);

	return ret ? ret
		   : arm64_start(l, l->start->kernel_base, arm64_protocol(h),
				 err);
}

static int arm64_load_image(struct loader *l, const struct image *img,
			    struct err *err)
{
	uint8_t head[ARM64_HEADER_SIZE], *to;
	struct arm64_header h;
	uint64_t size;
	int ret = image_read(img, 0, head, sizeof(head), err);

	if (!ret)
		ret = arm64_parse_header(head, img->name, &h, err);
	if (!ret)
		ret = arm_check_width(l, img, false, err);
	if (ret)
		return ret;
	size = h.image_size > img->size ? h.image_size : img->size;
	to = arm64_place(l, &h, size, err);
	if (!to)
		return -err->code;
	loader_populate(to, img->size);
	ret = image_read(img, 0, to, img->size, err);
	return ret ? ret : arm64_finish(l, &h, err);
}

/* ---- packed: Image.gz and its like, and what a zboot image carries */

/* What to keep for one that does not tell: the tree is to be near as well. */
static uint64_t arm64_guess(const struct loader *l)
{
	uint64_t size = space_largest(&l->free);

	return (size < ARM_NEAR ? size : ARM_NEAR) / 2;
}

/*
 * Unpacks an Image straight to its place: its header, unpacked first, says
 * how large it is.
 */
static int arm64_unpack_image(struct loader *l, enum unpack_kind kind,
			      const struct image_part *part,
			      const uint8_t *head, struct err *err)
{
	struct arm64_header h;
	uint64_t size;
	uint8_t *to;
	size_t got;
	int ret = arm64_parse_header(head, l->kernel.name, &h, err);

	if (ret)
		return ret;
	size = h.image_size ? h.image_size : arm64_guess(l);
	to = arm64_place(l, &h, size, err);
	if (!to)
		return -err->code;
	if (h.image_size)
		loader_populate(to, size);
	ret = unpack(kind, part->data, part->size, to, size, UNPACK_ALL, &got,
		     err);
	if (ret)
		return err_prefix(err, "kernel '%s': ", l->kernel.name);
	return arm64_finish(l, &h, err);
}

/* Anything else that is packed is unpacked beside guest memory. */
static int arm64_unpack_other(struct loader *l, enum unpack_kind kind,
			      const struct image_part *part, struct err *err)
{
	size_t cap = mem_size(l->mem), got = 0;
	struct image img;
	void *buf = mmap(NULL, cap, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int ret;

	if (buf == MAP_FAILED)
		return err_nomem(err, "an unpacked kernel");
	ret = unpack(kind, part->data, part->size, buf, cap, UNPACK_ALL, &got,
		     err);
	if (ret) {
		err_prefix(err, "kernel '%s': ", l->kernel.name);
	} else {
		image_from_data(&img, l->kernel.name, buf, got);
		ret = arm_load_any(l, &img, true, err);
	}
	munmap(buf, cap);
	return ret;
}

static int arm64_load_packed(struct loader *l, const struct image *img,
			     enum unpack_kind kind, uint64_t off, uint64_t size,
			     struct err *err)
{
	uint8_t head[ARM64_HEADER_SIZE] = { 0 };
	struct image_part part;
	size_t got = 0;
	int ret = image_part_get(img, off, (size_t)size, &part, err);

	if (ret)
		return ret;
	ret = unpack(kind, part.data, part.size, head, sizeof(head),
		     UNPACK_HEAD, &got, err);
	if (ret)
		err_prefix(err, "kernel '%s': ", l->kernel.name);
	else if (arm64_is_image(head))
		ret = arm_check_width(l, img, false, err)
			      ? -err->code
			      : arm64_unpack_image(l, kind, &part, head, err);
	else
		ret = arm64_unpack_other(l, kind, &part, err);
	image_part_put(&part);
	return ret;
}

static bool zboot_is(const uint8_t *head)
{
	return !memcmp(head, "MZ", 2) && !memcmp(head + ZBOOT_MAGIC, "zimg", 4);
}

static int zboot_load(struct loader *l, const struct image *img,
		      const uint8_t *head, struct err *err)
{
	uint64_t off = get_le32(head + ZBOOT_PAYLOAD);
	uint64_t size = get_le32(head + ZBOOT_PAYLOAD_SIZE);
	enum unpack_kind kind;
	uint8_t first[16];

	if (off < ZBOOT_HEADER || off > img->size || size > img->size - off ||
	    size < sizeof(first))
		return err_set(err, ENOEXEC,
			       "'%s' is a corrupt EFI zboot image: its payload "
			       "(%" PRIu64 " bytes at %" PRIu64
			       ") does not lie in the file",
			       img->name, size, off);
	if (image_read(img, off, first, sizeof(first), err))
		return -err->code;
	kind = unpack_detect(first, sizeof(first));
	if (kind == UNPACK_NONE)
		return err_set(err, ENOEXEC,
			       "'%s' is an EFI zboot image packed by '%.*s', "
			       "which vmm does not know",
			       img->name, ZBOOT_TYPE_SIZE,
			       (const char *)head + ZBOOT_TYPE);
	return arm64_load_packed(l, img, kind, off, size, err);
}

/* ---- ELF */

/*
 * A vmlinux is linked at virtual addresses, and is the Image with its
 * segments apart: it goes where that would.
 */
static int arm64_load_vmlinux(struct loader *l, const struct image *img,
			      const struct elf_file *elf, const uint8_t *head,
			      struct err *err)
{
	uint64_t size = elf->high - elf->low;
	struct arm64_header h;
	int ret = arm64_parse_header(head, img->name, &h, err);

	if (ret)
		return ret;
	if (!arm64_place(l, &h, size > h.image_size ? size : h.image_size, err))
		return -err->code;
	ret = elf_load(img, elf, l->mem, l->start->kernel_base - elf->low,
		       l->cfg->ram_zero, err);
	return ret ? ret : arm64_finish(l, &h, err);
}

static int arm64_load_elf(struct loader *l, const struct image *img,
			  struct err *err)
{
	uint8_t head[ARM64_HEADER_SIZE] = { 0 };
	struct elf_file elf;
	int ret = elf_parse(img, img->size, EM_AARCH64, &elf, err);

	if (!ret)
		ret = arm_check_width(l, img, false, err);
	if (ret)
		return ret;
	if (elf.seg[0].filesz >= sizeof(head))
		ret = image_read(img, elf.seg[0].offset, head, sizeof(head),
				 err);
	if (ret)
		return ret;
	if (arm64_is_image(head))
		return arm64_load_vmlinux(l, img, &elf, head, err);
	if (elf.dynamic)
		return arm_unknown(img, err); /* a program or a library */
	if (elf.entry - elf.low >= elf.high - elf.low)
		return err_set(err, ENOEXEC,
			       "'%s' is a corrupt ELF file: its entry point "
			       "0x%" PRIx64 " is not in it",
			       img->name, elf.entry);
	ret = loader_take_elf(l, &elf, 0, err);
	if (!ret)
		ret = elf_load(img, &elf, l->mem, 0, l->cfg->ram_zero, err);
	return ret ? ret : arm64_start(l, elf.entry, "ELF", err);
}

/* ---- any file */

int arm_load_any(struct loader *l, const struct image *img, bool wrapped,
		 struct err *err)
{
	size_t n = img->size < ARM64_HEADER_SIZE ? img->size
						 : ARM64_HEADER_SIZE;
	uint8_t head[ARM64_HEADER_SIZE] = { 0 };
	enum unpack_kind kind;
	int ret = image_read(img, 0, head, n, err);

	if (ret)
		return ret;
	if (arm64_is_image(head))
		return arm64_load_image(l, img, err);
	if (elf_is(img))
		return head[EI_CLASS] == ELFCLASS32
			       ? arm32_load_elf(l, img, err)
			       : arm64_load_elf(l, img, err);
	if (arm32_is_zimage(img))
		return arm32_load_zimage(l, img, err);
	if (wrapped)
		return arm_unknown(img, err);
	if (zboot_is(head))
		return zboot_load(l, img, head, err);
	if (uimage_is(img))
		return uimage_load(l, img, err);
	kind = unpack_detect(head, n);
	if (kind != UNPACK_NONE)
		return arm64_load_packed(l, img, kind, 0, img->size, err);
	return arm_unknown(img, err);
}

/* ---- firmware */

/* Firmware for virt starts in flash, and looks for the tree where RAM does. */
static int arm64_start_firmware(struct loader *l, struct err *err)
{
	gpa_t dtb;
	int ret = loader_put_dtb(l, l->board->ram[0].base, ARM_2M, &dtb, err);

	l->start->mode = l->board->aarch32 ? BOOT_ARM32 : BOOT_ARM64;
	l->start->pc = 0;
	l->start->arg[l->board->aarch32 ? 2 : 0] = dtb;
	l->start->protocol = "firmware";
	return ret;
}

int loader_arm64(struct loader *l, struct err *err)
{
	if (l->cfg->firmware)
		return arm64_start_firmware(l, err);
	if (l->cfg->entry != BOOT_ENTRY_AUTO &&
	    l->cfg->entry != BOOT_ENTRY_LINUX) {
		err_set(err, ENOTSUP,
			"--kernel-entry %s: an arm64 kernel has one entry",
			boot_entry_names[l->cfg->entry]);
		err_hint(err, "leave --kernel-entry out");
		return -ENOTSUP;
	}
	return arm_load_any(l, &l->kernel, false, err);
}
