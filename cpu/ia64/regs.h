/* SPDX-License-Identifier: MIT */
/* The registers of an IA-64 processor as plain data. */
#ifndef CPU_IA64_REGS_H
#define CPU_IA64_REGS_H

#include <stdint.h>

#include "cpu/ia64/cpu.h"

/*
 * As gdb's ia64 numbers them, and behind those what it has no number for.  gr
 * and fr are by the program's numbers; of gr those beyond the frame are zero.
 */
struct ia64_regs {
	uint64_t gr[128];
	uint64_t fr[128][2]; /* as stf.spill leaves them, SDM 1:5.3 */
	uint64_t prs[64];    /* one predicate each: gdb's, unused */
	uint64_t br[8];
	uint64_t vfp, vrap; /* gdb's, unused */
	uint64_t pr, ip;    /* of the bundle; psr.ri is the slot */
	uint64_t psr, cfm;
	uint64_t ar[128]; /* bsp: behind the frame, as ptrace has it */

	uint64_t nat[2]; /* of gr */
	uint64_t bank_gr[16];
	uint64_t bank_nat;
	uint64_t cr[26];
	uint64_t rr[8], ibr[8], dbr[8], pkr[IA64_NPKR];
	/* what translates: the TRs and the TC, for translate() */
	struct ia64_tlbe tr[2][IA64_NTR];
	struct ia64_tlbe tc[2][IA64_TC_SETS][IA64_TC_WAYS];
};

/* From and to the engine; the frame and its registers included. */
void ia64_regs_get(const struct ia64_cpu *c, struct ia64_regs *r);
void ia64_regs_set(struct ia64_cpu *c, const struct ia64_regs *r);

#endif
