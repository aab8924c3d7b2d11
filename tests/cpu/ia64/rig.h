/* SPDX-License-Identifier: MIT */
/* Programs for the IA-64 engine, assembled by its own table, and a machine. */
#ifndef TESTS_CPU_IA64_RIG_H
#define TESTS_CPU_IA64_RIG_H

#include "cpu/ia64/cpu.h"

#define IA64_RAM_SIZE (UINT64_C(4) << 20)
#define IA64_CODE     UINT64_C(0x10000) /* where programs begin */
#define IA64_VECTORS  UINT64_C(0x20000)
#define IA64_STACK    UINT64_C(0x80000) /* the register stack's memory */
#define IA64_DATA     UINT64_C(0x100000)
#define IA64_END      0x100 /* break.m of this number ends a program */

/* A processor with memory at 0, a handler of breaks, and a program. */
struct ia64_rig {
	struct ia64_env env;
	struct mem mem;
	uint8_t *ram;
	struct ia64_cpu *c;
	uint64_t at;	/* where the next bundle goes */
	int64_t broke;	/* the number of the break that ended it, -1: none */
	bool interrupt; /* an external interrupt is pending */
	uint64_t io_addr, io_val, io_reads, io_writes;
};

/*
 * The processor is in physical mode at IA64_CODE; every vector at IA64_VECTORS
 * is a break.m whose number is the vector plus one.
 */
void ia64_rig_init(struct ia64_rig *r);
void ia64_rig_free(struct ia64_rig *r);

/* The form of that name and format; the test fails where there is none. */
const struct ia64_form *ia64_form_named(const char *name, const char *fmt);
/* The slot's bits; operands in the order of the manual's syntax. */
uint64_t ia64_encode(const struct ia64_form *f, unsigned qp,
		     const int64_t *operands, uint64_t *lslot);
/* One instruction in a bundle of its own, beside nops.  Returns its address. */
uint64_t ia64_put_form(struct ia64_rig *r, unsigned qp,
		       const struct ia64_form *f, const int64_t *operands);
/* The same by name and format: the first row that has them. */
uint64_t ia64_put(struct ia64_rig *r, unsigned qp, const char *name,
		  const char *fmt, const int64_t *operands);
#define PUT(r, name, fmt, ...) \
	ia64_put(r, 0, name, fmt, (const int64_t[]){ __VA_ARGS__, 0 })
#define PUTP(r, qp, name, fmt, ...) \
	ia64_put(r, qp, name, fmt, (const int64_t[]){ __VA_ARGS__, 0 })
/* A branch's operand: from where the next bundle goes to addr. */
int64_t ia64_to(const struct ia64_rig *r, uint64_t addr);
/* Ends the program here, runs it from IA64_CODE; returns rig->broke. */
int64_t ia64_rig_run(struct ia64_rig *r);
/* Runs on from where it stands, without a new end. */
int64_t ia64_rig_continue(struct ia64_rig *r);

#endif
