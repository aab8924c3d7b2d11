/* SPDX-License-Identifier: MIT */
/* The flattened device tree of a board. */
#ifndef BOOT_FDT_H
#define BOOT_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/efi.h"
#include "hw/core/board.h"
#include "hw/core/err.h"
#include "hw/core/mem.h"

/* ppc64le: Open Firmware that this tree is for, and what it is to boot. */
struct fdt_firmware {
	gpa_t kernel_base;    /* its entry */
	uint64_t kernel_size; /* from there on; 0: from a disk */
};

/* What the loader has to tell the kernel: /chosen. */
struct fdt_chosen {
	const char *cmdline; /* NULL: none */
	gpa_t initrd_base;
	uint64_t initrd_size;		     /* 0: none */
	const void *rng_seed;		     /* NULL: none */
	size_t rng_seed_size;		     /* bytes */
	uint64_t kaslr_seed;		     /* 0: none */
	const struct efi_handover *efi;	     /* NULL: none */
	const struct board_found *found;     /* NULL: nothing */
	const struct fdt_firmware *firmware; /* NULL: none */
	/* Nothing but this: the machine is for ACPI to describe. */
	bool alone;
};

/* A property of /chosen, of 4 or 8 bytes. */
struct fdt_chosen_int {
	const char *name;
	uint64_t val;
	unsigned bytes;
};

/*
 * Writes into list what of c is a number, for whoever edits a tree; returns
 * how many.
 */
#define FDT_CHOSEN_INTS 9
unsigned fdt_chosen_ints(const struct fdt_chosen *c,
			 struct fdt_chosen_int list[FDT_CHOSEN_INTS]);

/*
 * Writes the tree that describes b into buf; returns its size in bytes, or a
 * negative errno (-ENOSPC: size was too small).  chosen may be NULL.  A
 * device appears when its class has a compatible string.  Any host, any
 * target.
 */
int fdt_build(const struct board *b, const struct fdt_chosen *chosen, void *buf,
	      size_t size, struct err *err) MUST_CHECK;
/*
 * Refuses a tree that somebody else wrote, and that libfdt has checked, where
 * what it says of the interrupt controller cannot be true of b: kernels end
 * there before they can say anything.  The message has no subject.
 */
int fdt_fits(const struct board *b, const void *dtb,
	     struct err *err) MUST_CHECK;

#endif
