/* SPDX-License-Identifier: MIT */
/* A target: one guest architecture's registers, as data. */
#ifndef CPU_TARGET_H
#define CPU_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "hw/core/board.h"

struct boot_start;

/* One register of a target's register structure. */
struct reg {
	const char *name; /* as the architecture's manual spells it */
	uint16_t off;	  /* in the structure */
	uint16_t bits;
};

struct target {
	enum arch arch;
	size_t regs_size;	/* of the structure that regs describes */
	const struct reg *regs; /* ends with a NULL name */
	/* Architectural reset state, then *start* where it is not NULL. */
	void (*reset)(void *regs, const struct boot_start *start);
	/*
	 * The physical address behind a virtual one, by the tables in guest
	 * memory; false where nothing is mapped.
	 */
	bool (*translate)(const void *regs, const struct mem *m, uint64_t gva,
			  gpa_t *gpa);
	/* The virtual address of the next instruction. */
	uint64_t (*code_address)(const void *regs);
};

/* NULL when this vmm has no such target. */
const struct target *target_find(enum arch a);

extern const struct target target_x86_64, target_arm64;

/* Prints every register, and the code bytes around the next instruction. */
void target_dump(const struct target *t, const void *regs, const struct mem *m,
		 FILE *out);

#endif
