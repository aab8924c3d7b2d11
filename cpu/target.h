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

/*
 * One register of a target's register structure; or, with no bits, the feature
 * of gdb's target descriptions that the registers after it belong to (GDB
 * manual, appendix G.5).  A register that gdb has a place for stands there in
 * gdb's order and by gdb's name; the others are in a feature of ours.
 */
struct reg {
	const char *name; /* as the architecture's manual spells it */
	uint16_t off;	  /* in the structure, little-endian */
	uint16_t bits;	  /* 0: a feature begins */
	bool undumped;	  /* left out of dumps, by target_dump() */
	const char *type; /* gdb's; NULL: an integer */
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

	/* For debuggers: */
	const char *gdb_arch;  /* of gdb's "set architecture" */
	const char *gdb_types; /* XML of types beyond gdb's own, or NULL */
	/*
	 * The breakpoint instruction, by the kind that gdb's Z0 names: its
	 * size in bytes, or 0 where there is no such kind.
	 */
	unsigned (*breakpoint)(unsigned kind, uint8_t insn[8]);
};

/* NULL when this vmm has no such target. */
const struct target *target_find(enum arch a);

extern const struct target target_x86_64, target_arm64;

/* Prints every register, and the code bytes around the next instruction. */
void target_dump(const struct target *t, const void *regs, const struct mem *m,
		 FILE *out);

#endif
