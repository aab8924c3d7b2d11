/* SPDX-License-Identifier: MIT */
/* ia64: an ELF kernel, packed or not, entered as its EFI boot loaders do. */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/elf.h"
#include "boot/loader.h"
#include "boot/unpack.h"
#include "hw/sal/code.h"

/* COMMAND_LINE_SIZE less its NUL: Linux' arch/ia64. */
#define IA64_CMDLINE 2047

/* An unpacked kernel is not larger than this, whatever its file says. */
#define IA64_KERNEL_MAX (UINT64_C(512) << 20)
/* It is unpacked into huge pages, which the host fills with fewer faults. */
#define IA64_THP (UINT64_C(2) << 20)

/* Linux' struct ia64_boot_param, and behind it the command line. */
#define PARAM_CMDLINE	   0
#define PARAM_EFI_TABLE	   8
#define PARAM_EFI_MAP	   16
#define PARAM_EFI_MAP_SIZE 24
#define PARAM_DESC_SIZE	   32
#define PARAM_DESC_VERSION 40
#define PARAM_COLUMNS	   44
#define PARAM_ROWS	   46
#define PARAM_INITRD	   64
#define PARAM_INITRD_SIZE  72
#define PARAM_SIZE	   0x1000
#define PARAM_TEXT	   0x400

static int ia64_unknown(const struct image *img, struct err *err)
{
	char what[128];

	image_describe(img, what, sizeof(what));
	err_set(err, ENOEXEC, "'%s' is %s, not a kernel for ia64", img->name,
		what);
	err_hint(err, "an ELF vmlinux will do, or a vmlinux.gz");
	return -err->code;
}

/* PAL, SAL and EFI where the board has them. */
static int ia64_put_firmware(struct loader *l, struct err *err)
{
	const struct board_range *fw = &l->board->ia64.firmware;
	uint8_t *area = fw->size >= SAL_SIZE
				? mem_run_rw(l->mem, fw->base, SAL_SIZE)
				: NULL;

	if (!area)
		return err_set(err, EFAULT,
			       "no memory behind the board at 0x%" PRIx64,
			       fw->base);
	sal_code_build(fw->base, l->board->ia64.paravirt, area);
	return 0;
}

static int ia64_put_param(struct loader *l, gpa_t *gpa, struct err *err)
{
	const char *text = loader_cmdline(l);
	struct space *room = loader_tables(l);
	uint8_t *p = NULL;

	*gpa = space_high(room, 0, UINT64_C(1) << 32, PARAM_SIZE, PARAM_SIZE);
	if (*gpa != UINT64_MAX)
		p = mem_run_rw(l->mem, *gpa, PARAM_SIZE);
	if (!p)
		return err_set(err, ENOMEM,
			       "the boot parameters find no free memory");
	space_take(room, *gpa, PARAM_SIZE);
	memset(p, 0, PARAM_SIZE);
	strcpy((char *)p + PARAM_TEXT, text);
	put_le64(p + PARAM_CMDLINE, *gpa + PARAM_TEXT);
	put_le64(p + PARAM_EFI_TABLE, l->efi.system_table);
	put_le64(p + PARAM_EFI_MAP, l->efi.map);
	put_le64(p + PARAM_EFI_MAP_SIZE, l->efi.map_size);
	put_le64(p + PARAM_DESC_SIZE, l->efi.desc_size);
	put_le32(p + PARAM_DESC_VERSION, l->efi.desc_version);
	put_le16(p + PARAM_COLUMNS, 80);
	put_le16(p + PARAM_ROWS, 25);
	put_le64(p + PARAM_INITRD, l->start->initrd_base);
	put_le64(p + PARAM_INITRD_SIZE, l->start->initrd_size);
	return 0;
}

static int ia64_start(struct loader *l, const struct elf_file *elf,
		      struct err *err)
{
	struct boot_start *start = l->start;
	gpa_t param = 0;
	int ret = loader_place_initrd(l, 4096, UINT32_MAX, 0, 0, err);

	if (!ret)
		ret = loader_read_initrd(l, err);
	if (!ret)
		ret = ia64_put_firmware(l, err);
	if (!ret)
		ret = loader_put_efi(l, err);
	if (!ret)
		ret = ia64_put_param(l, &param, err);
	if (ret < 0)
		return ret;
	start->mode = BOOT_IA64;
	start->pc = elf->entry;
	start->arg[0] = param;
	start->protocol = "Linux ia64";
	return 0;
}

/* Linux' entry is a physical address. */
static int ia64_load_elf(struct loader *l, const struct image *img,
			 struct err *err)
{
	struct elf_file elf;
	int ret = elf_parse(img, img->size, EM_IA_64, &elf, err);

	if (!ret && !elf.is64)
		return err_set(err, ENOEXEC,
			       "'%s' is a 32-bit program, and ia64 kernels "
			       "are 64-bit",
			       img->name);
	if (!ret && elf.big_endian)
		return err_set(err, ENOEXEC,
			       "'%s' is a big-endian program, and ia64 "
			       "kernels are little-endian",
			       img->name);
	if (!ret && elf.entry - elf.low >= elf.high - elf.low)
		return err_set(err, ENOEXEC,
			       "'%s' is a corrupt ELF file: its entry point "
			       "0x%" PRIx64 " is not in it",
			       img->name, elf.entry);
	if (!ret)
		ret = loader_take_elf(l, &elf, 0, err);
	if (!ret)
		ret = elf_load(img, &elf, l->mem, 0, l->cfg->ram_zero, err);
	return ret ? ret : ia64_start(l, &elf, err);
}

/* As the build leaves it: an ELF file, packed whole. */
static int ia64_load_packed(struct loader *l, const struct image_part *part,
			    enum unpack_kind kind, struct err *err)
{
	uint64_t cap = mem_size(l->mem) < IA64_KERNEL_MAX
			       ? mem_size(l->mem) & ~(IA64_THP - 1)
			       : IA64_KERNEL_MAX;
	uint8_t *buf = aligned_alloc(IA64_THP, cap);
	struct image img;
	size_t got = 0;
	int ret;

	if (!buf)
		return err_nomem(err, "the unpacked kernel");
	madvise(buf, cap, MADV_HUGEPAGE);
	ret = unpack(kind, part->data, part->size, buf, cap, UNPACK_ALL, &got,
		     err);
	if (ret) {
		err_prefix(err, "'%s': ", l->kernel.name);
	} else {
		image_from_data(&img, l->kernel.name, buf, got);
		ret = elf_is(&img) ? ia64_load_elf(l, &img, err)
				   : ia64_unknown(&l->kernel, err);
	}
	free(buf);
	return ret;
}

static int ia64_load(struct loader *l, struct err *err)
{
	struct image_part part;
	enum unpack_kind kind;
	int ret;

	if (elf_is(&l->kernel))
		return ia64_load_elf(l, &l->kernel, err);
	ret = image_part_get(&l->kernel, 0, l->kernel.size, &part, err);
	if (ret)
		return ret;
	kind = unpack_detect(part.data, part.size);
	ret = kind == UNPACK_NONE ? ia64_unknown(&l->kernel, err)
				  : ia64_load_packed(l, &part, kind, err);
	image_part_put(&part);
	return ret;
}

int loader_ia64(struct loader *l, struct err *err)
{
	size_t n = strlen(loader_cmdline(l));

	if (l->cfg->entry != BOOT_ENTRY_AUTO &&
	    l->cfg->entry != BOOT_ENTRY_LINUX) {
		err_set(err, ENOTSUP,
			"--kernel-entry %s: an ia64 kernel has one entry",
			boot_entry_names[l->cfg->entry]);
		err_hint(err, "leave --kernel-entry out");
		return -ENOTSUP;
	}
	if (n > IA64_CMDLINE)
		return err_set(err, E2BIG,
			       "the kernel command line has %zu characters, "
			       "and '%s' takes %d",
			       n, l->kernel.name, IA64_CMDLINE);
	return ia64_load(l, err);
}
