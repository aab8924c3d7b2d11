/* SPDX-License-Identifier: MIT */
/* An interrupt controller's registers as plain data. */
#ifndef CPU_CHIP_STATE_H
#define CPU_CHIP_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/err.h"

/* Which register; names and offsets are the architecture's. */
enum chip_part {
	CHIP_GICD,  /* a GIC's distributor; of a GICv2 also banked */
	CHIP_GICC,  /* a GICv2's CPU interface */
	CHIP_GICR,  /* a GICv3's redistributor, both frames */
	CHIP_ICC,   /* a GICv3's CPU interface; offset: op0 to op2 as in MRS */
	CHIP_LINES, /* inputs; offset: the first of 32 interrupts */
	CHIP_GITS,  /* an ITS */
	CHIP_ITS_TABLES, /* not a register: the ITS reads its tables in RAM */
	CHIP_PARTS,
};

struct chip_reg {
	enum chip_part part;
	unsigned cpu; /* whose, by index; 0 for what all share */
	uint32_t offset;
	uint64_t val;
};

/* In the order in which they are to be restored. */
struct chip_state {
	struct chip_reg *reg;
	size_t n, cap;
};

/* Adds one; -ENOMEM with err filled. */
int chip_state_add(struct chip_state *s, struct chip_reg reg,
		   struct err *err) MUST_CHECK;
void chip_state_free(struct chip_state *s);

/*
 * The first register, of number *i or later, that is not the same in both, or
 * NULL; *i moves past it.  Two lists of one machine have the same registers.
 */
const struct chip_reg *chip_state_differs(const struct chip_state *a,
					  const struct chip_state *b,
					  size_t *i);

/* "GICD", "ICC", ... */
const char *chip_part_name(enum chip_part part);

#endif
