/* SPDX-License-Identifier: MIT */
/* The flattened device tree of a board. */
#ifndef BOOT_FDT_H
#define BOOT_FDT_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/err.h"
#include "hw/core/mem.h"

/* What the loader has to tell the kernel: /chosen. */
struct fdt_chosen {
	const char *cmdline; /* NULL: none */
	gpa_t initrd_base;
	uint64_t initrd_size; /* 0: none */
	const void *rng_seed; /* NULL: none */
	size_t rng_seed_size; /* bytes */
	uint64_t kaslr_seed;  /* 0: none */
};

/*
 * Writes the tree that describes b into buf; returns its size in bytes, or a
 * negative errno (-ENOSPC: size was too small).  chosen may be NULL.  A
 * device appears when its class has a compatible string.  Any host, any
 * target.
 */
int fdt_build(const struct board *b, const struct fdt_chosen *chosen, void *buf,
	      size_t size, struct err *err) MUST_CHECK;

#endif
