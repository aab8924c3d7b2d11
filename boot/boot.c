/* SPDX-License-Identifier: MIT */
/* Loading a kernel: the part that is the same for every target. */
#include "boot/boot.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "boot/loader.h"
#include "hw/core/prop.h"

/* Less is not worth the system calls. */
#define LOADER_POPULATE_MIN (1u << 20)

const char *const boot_entry_names[] = { "fast", "compressed", "linux",
					 "pvh",	 "multiboot",  NULL };

/* One line a target. */
static int (*const boot_loaders[ARCH_COUNT])(struct loader *l,
					     struct err *err) = {
	[ARCH_X86_64] = loader_x86,
	[ARCH_ARM64] = loader_arm64,
	[ARCH_PPC64LE] = loader_ppc64,
	[ARCH_IA64] = loader_ia64,
};

static int loader_open(struct loader *l, struct err *err)
{
	const struct boot_config *cfg = l->cfg;

	image_from_data(&l->kernel, cfg->kernel, cfg->kernel_data,
			cfg->kernel_size);
	if (cfg->kernel_data || cfg->firmware || !cfg->kernel)
		return 0;
	return image_open(&l->kernel, cfg->kernel, mem_size(l->mem), err);
}

/* What of the firmware's RAM the board says no more of. */
static void loader_space_firmware(struct loader *l)
{
	const struct board *b = l->board;

	l->firmware.range[0] = b->firmware_ram;
	l->firmware.n = b->firmware_ram.size ? 1 : 0;
	space_take(&l->firmware, b->acpi.base, b->acpi.size);
	for (unsigned i = 0; i < b->nreserved; i++)
		space_take(&l->firmware, b->reserved[i].base,
			   b->reserved[i].size);
}

int boot_load(const struct board *board, const struct mem *mem,
	      const struct boot_config *cfg, struct boot_start *start,
	      struct err *err)
{
	struct loader l = { .board = board,
			    .mem = mem,
			    .cfg = cfg,
			    .start = start,
			    .random = cfg->seed };
	int ret;

	memset(start, 0, sizeof(*start));
	if (board->arch >= ARCH_COUNT || !boot_loaders[board->arch])
		return err_set(err, ENOTSUP, "no kernel loader for %s",
			       arch_name(board->arch));
	boot_map_make(board, &l.map);
	space_from_map(&l.free, &l.map);
	loader_space_firmware(&l);
	ret = loader_open(&l, err);
	if (ret)
		return err_prefix(err, "kernel: ");
	ret = boot_loaders[board->arch](&l, err);
	for (unsigned i = 0; i < l.initrd.n; i++)
		image_close(&l.initrd.file[i]);
	image_close(&l.kernel);
	return ret;
}

struct space *loader_tables(struct loader *l)
{
	return l->board->firmware_ram.size ? &l->firmware : &l->free;
}

uint64_t loader_random(struct loader *l)
{
	uint64_t z;

	if (!l->cfg->seed && getrandom(&z, sizeof(z), 0) == sizeof(z))
		return z;
	/* SplitMix64: Steele, Lea, Flood 2014. */
	l->random += 0x9e3779b97f4a7c15u;
	z = l->random;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

const char *loader_cmdline(const struct loader *l)
{
	return l->cfg->cmdline ? l->cfg->cmdline : "";
}

bool loader_has_option(const struct loader *l, const char *word)
{
	const char *text = loader_cmdline(l), *p = text;
	size_t n = strlen(word);

	for (; (p = strstr(p, word)); p += n) {
		bool start = p == text || p[-1] == ' ';
		char end = p[n];

		if (start && (word[n - 1] == '=' || !end || end == ' '))
			return true;
	}
	return false;
}

static int loader_open_initrd(struct loader *l, uint64_t align, struct err *err)
{
	const char *const *paths = l->cfg->initrd;
	struct initrd *rd = &l->initrd;

	for (; paths && *paths; paths++) {
		int ret;

		if (rd->n == LOADER_MAX_INITRDS)
			return err_set(err, E2BIG, "more than %u initrd files",
				       LOADER_MAX_INITRDS);
		ret = image_open(&rd->file[rd->n], *paths, mem_size(l->mem),
				 err);
		if (ret)
			return err_prefix(err, "initrd: ");
		rd->size = (rd->size + (align - 1)) & ~(align - 1);
		rd->off[rd->n] = rd->size;
		rd->size += rd->file[rd->n].size;
		rd->n++;
		if (rd->size > mem_size(l->mem))
			break; /* too large already, and cannot wrap yet */
	}
	return 0;
}

int loader_place_initrd(struct loader *l, uint64_t align, uint64_t max,
			uint64_t avoid, uint64_t avoid_size, struct err *err)
{
	int ret = loader_open_initrd(l, align, err);

	return ret ? ret : loader_retry_initrd(l, max, avoid, avoid_size, err);
}

int loader_retry_initrd(struct loader *l, uint64_t max, uint64_t avoid,
			uint64_t avoid_size, struct err *err)
{
	struct initrd *rd = &l->initrd;
	struct space s = l->free;
	char size[32], free_text[32];

	if (!rd->n)
		return 0;
	space_take(&s, avoid, avoid_size);
	rd->base = space_high(&s, 0, max + 1 ? max + 1 : UINT64_MAX, rd->size,
			      4096);
	if (rd->base == UINT64_MAX) {
		err_set(err, ENOMEM,
			"the initrd '%s' does not fit: it needs %s below "
			"0x%" PRIx64
			", and beside the kernel the largest free piece of "
			"memory has %s",
			rd->file[0].name,
			format_size(rd->size, size, sizeof(size)), max,
			format_size(space_largest(&s), free_text,
				    sizeof(free_text)));
		err_hint(err, "give the guest more memory with --memory");
		return -err->code;
	}
	space_take(&l->free, rd->base, rd->size);
	l->start->initrd_base = rd->base;
	l->start->initrd_size = rd->size;
	return 0;
}

int loader_read_initrd(struct loader *l, struct err *err)
{
	const struct initrd *rd = &l->initrd;
	uint8_t *to = rd->n ? mem_run_rw(l->mem, rd->base, rd->size) : NULL;
	uint64_t at = 0;

	if (rd->n && !to)
		return err_set(err, EFAULT,
			       "no memory behind the board at 0x%" PRIx64,
			       rd->base);
	if (rd->size >= LOADER_POPULATE_MIN)
		loader_populate(to, rd->size);
	for (unsigned i = 0; i < rd->n; i++) {
		int ret;

		memset(to + at, 0, rd->off[i] - at);
		ret = image_read(&rd->file[i], 0, to + rd->off[i],
				 rd->file[i].size, err);
		if (ret)
			return err_prefix(err, "initrd: ");
		at = rd->off[i] + rd->file[i].size;
	}
	return 0;
}

void loader_populate(void *host, uint64_t size)
{
	uintptr_t skip = (uintptr_t)host % (uintptr_t)sysconf(_SC_PAGESIZE);
	uint8_t *p = (uint8_t *)host - skip;

	madvise(p, size + skip, MADV_HUGEPAGE);
	madvise(p, size + skip, MADV_POPULATE_WRITE);
}

int loader_take_elf(struct loader *l, const struct elf_file *elf,
		    uint64_t shift, struct err *err)
{
	for (unsigned i = 0; i < elf->nseg; i++) {
		const struct elf_segment *s = &elf->seg[i];

		if (!space_is_free(&l->free, s->paddr + shift, s->memsz))
			return loader_no_room(l, s->paddr + shift, s->memsz,
					      err);
	}
	for (unsigned i = 0; i < elf->nseg; i++)
		space_take(&l->free, elf->seg[i].paddr + shift,
			   elf->seg[i].memsz);
	l->start->kernel_base = elf->low + shift;
	l->start->kernel_size = elf->high - elf->low;
	return 0;
}

int loader_no_room(const struct loader *l, uint64_t base, uint64_t size,
		   struct err *err)
{
	char need[32], where[32], have[32];

	format_size(size, need, sizeof(need));
	/* RAM may begin above zero: its end alone does not tell. */
	if (size < board_ram_size(l->board) &&
	    base <= board_ram_top(l->board) - size) {
		err_set(err, ENOMEM,
			"the kernel '%s' needs %s at 0x%" PRIx64
			", and not all of it is free memory of this machine",
			l->kernel.name, need, base);
		err_hint(err, "vmm dump memmap shows what lies where");
		return -err->code;
	}
	err_set(err, ENOMEM,
		"the kernel '%s' does not fit: it needs %s at %s, and the "
		"machine has %s of memory",
		l->kernel.name, need, format_size(base, where, sizeof(where)),
		format_size(board_ram_size(l->board), have, sizeof(have)));
	err_hint(err, "give the guest more memory with --memory");
	return -err->code;
}
