/* SPDX-License-Identifier: MIT */
/* What the loaders of every target share: one load in progress. */
#ifndef BOOT_LOADER_H
#define BOOT_LOADER_H

#include "boot/boot.h"
#include "boot/efi.h"
#include "boot/elf.h"
#include "boot/image.h"
#include "boot/space.h"

#define LOADER_MAX_INITRDS 16

struct fdt_firmware;

/* The initrd files, one after another in guest memory. */
struct initrd {
	struct image file[LOADER_MAX_INITRDS];
	uint64_t off[LOADER_MAX_INITRDS]; /* from base */
	unsigned n;
	gpa_t base;
	uint64_t size; /* of all, with the padding between them */
};

/* One boot_load(), from its first line to its last. */
struct loader {
	const struct board *board;
	const struct mem *mem;
	const struct boot_config *cfg;
	struct boot_start *start;
	struct image kernel;
	struct boot_map map;
	struct space free;     /* RAM that nothing was put into yet */
	struct space firmware; /* the same of board->firmware_ram */
	struct initrd initrd;
	struct efi_handover efi;	 /* system_table 0: none is written */
	uint64_t random;		 /* state of loader_random() */
	const struct fdt_firmware *slof; /* for the tree; NULL: none */
};

/* The entry point of a target's loader: fills l->start. */
int loader_x86(struct loader *l, struct err *err) MUST_CHECK;
int loader_arm64(struct loader *l, struct err *err) MUST_CHECK;
int loader_ppc64(struct loader *l, struct err *err) MUST_CHECK;
int loader_ia64(struct loader *l, struct err *err) MUST_CHECK;

/* 64 random bits: the host's, or the next of cfg->seed. */
uint64_t loader_random(struct loader *l);

/* The command line, never NULL; and whether it has such a word. */
const char *loader_cmdline(const struct loader *l);
bool loader_has_option(const struct loader *l, const char *word);

/*
 * Finds room for the initrd files, each at a multiple of align from the
 * first, as high as it goes at or below max, and takes it from l->free.
 * [avoid, avoid + avoid_size) stays free for the kernel.
 */
int loader_place_initrd(struct loader *l, uint64_t align, uint64_t max,
			uint64_t avoid, uint64_t avoid_size,
			struct err *err) MUST_CHECK;
/* Another try to place the files that are open already, with another max. */
int loader_retry_initrd(struct loader *l, uint64_t max, uint64_t avoid,
			uint64_t avoid_size, struct err *err) MUST_CHECK;
/* Reads them to where loader_place_initrd() put them. */
int loader_read_initrd(struct loader *l, struct err *err) MUST_CHECK;

/*
 * Has the host allocate guest memory that is about to be filled in one go, in
 * huge pages where it can: a fraction of what it costs fault by fault, here
 * and again when the guest first runs there.  It may fail without harm.
 */
void loader_populate(void *host, uint64_t size);

/* Where tables go: the firmware's RAM, and where it has none, what is free. */
struct space *loader_tables(struct loader *l);
/*
 * Writes EFI's tables, which lead to those at board->acpi, to there, for
 * loader_put_dtb() to tell the kernel of; after the kernel was placed.
 */
int loader_put_efi(struct loader *l, struct err *err) MUST_CHECK;

/*
 * Writes the device tree, the board's or --dtb's with /chosen filled in, to
 * the highest free multiple of 2 MiB inside [min, min + len); after the initrd
 * was placed.
 */
int loader_put_dtb(struct loader *l, uint64_t min, uint64_t len, gpa_t *gpa,
		   struct err *err) MUST_CHECK;

/*
 * Checks that all segments, moved by shift, lie in free RAM, and takes it: the
 * kernel's place in l->start.
 */
int loader_take_elf(struct loader *l, const struct elf_file *elf,
		    uint64_t shift, struct err *err) MUST_CHECK;

/* The error for a kernel that does not fit. */
int loader_no_room(const struct loader *l, uint64_t base, uint64_t size,
		   struct err *err);

#endif
