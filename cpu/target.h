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

/* The type of a register that holds a vector of whatever it is used for. */
extern const char reg_vector[];

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
	bool scaled;	  /* bits are to be taken target->scale() times */
	/*
	 * gdb's, or reg_vector; NULL: an integer.  Of a feature: gdb's
	 * architecture where this one makes it another than the target's.
	 */
	const char *type;
	/* Of a feature that not every vCPU has: whether this one does. */
	bool (*has)(const void *regs);
};

/* Where the instruction after the next one may begin; see target->steps(). */
struct target_step {
	uint64_t addr; /* virtual */
	unsigned kind; /* as target->breakpoint() takes it */
	bool real;     /* the guest is there with translation off */
};
#define TARGET_STEPS  8
#define TARGET_FAULTS 16

struct target {
	enum arch arch;
	size_t regs_size;	/* of the structure that regs describes */
	const struct reg *regs; /* ends with a NULL name */
	const struct reg *more; /* for dumps alone; likewise, or NULL */
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

	/*
	 * An engine of vmm's own executes it, never the host's CPU: what it
	 * executes can be told.
	 */
	bool interpreted;
	/* All CPUs but the first wait for vcpu_power(), not for the guest. */
	bool secondaries_off;

	/* For debuggers: */
	const char *gdb_arch;  /* of gdb's "set architecture" */
	bool gdb_counts;       /* regs are in gdb's own order, and not told */
	const char *gdb_types; /* XML of types beyond gdb's own, or NULL */
	/*
	 * The breakpoint instruction, by the kind that gdb's Z0 names: its
	 * size in bytes, or 0 where there is no such kind.  NULL: none is
	 * planted, for the accelerator stops at any address that it is told.
	 */
	unsigned (*breakpoint)(const void *regs, unsigned kind,
			       uint8_t insn[8]);
	/* For scaled registers; constant for a vCPU.  NULL: there are none. */
	unsigned (*scale)(const void *regs);
	/*
	 * Steps where the accelerator has none: all addresses at which the
	 * guest may be after one instruction, interrupts aside; their number,
	 * or 0 where the instruction cannot be read.  NULL: not known.
	 */
	unsigned (*steps)(const void *regs, const struct mem *m,
			  struct target_step at[TARGET_STEPS]);
	/*
	 * Beside those of steps(): where interrupts lead, the instruction's own
	 * and others; their number.  A handler may wait for other vCPUs, which
	 * stand meanwhile: a step ends before it begins.
	 */
	unsigned (*faults)(const void *regs,
			   struct target_step at[TARGET_FAULTS]);
	/*
	 * Whether the instruction is the same with interrupts blocked; with
	 * steps().
	 */
	bool (*maskable)(const void *regs, const struct mem *m);
	/*
	 * As steps(), of an instruction that the accelerator's step does not
	 * stop behind; 0: it does.  NULL: it always does.
	 */
	unsigned (*escapes)(const void *regs, const struct mem *m,
			    struct target_step at[TARGET_STEPS]);
};

/*
 * The registers that a vCPU has, in the table's order: the one after r, or the
 * first where r is NULL; NULL after the last.  Features are passed over.
 */
const struct reg *target_reg_next(const struct target *t, const void *regs,
				  const struct reg *r);
/* A register's size in this vCPU, bits. */
unsigned target_reg_bits(const struct target *t, const void *regs,
			 const struct reg *r);

/* NULL when this vmm has no such target. */
const struct target *target_find(enum arch a);

extern const struct target target_x86_64, target_arm64, target_ppc64,
	target_ia64;

/*
 * Guest memory at a virtual address, which pages may part: what the guest
 * executes, and what its tables are made of.  False where not all is mapped.
 */
bool target_read_code(const struct target *t, const void *regs,
		      const struct mem *m, uint64_t gva, void *buf, size_t len);

/* Prints every register, and the code bytes around the next instruction. */
void target_dump(const struct target *t, const void *regs, const struct mem *m,
		 FILE *out);

#endif
