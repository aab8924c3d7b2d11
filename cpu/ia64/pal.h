/* SPDX-License-Identifier: MIT */
/* PAL: the procedures that describe and manage one processor. */
#ifndef CPU_IA64_PAL_H
#define CPU_IA64_PAL_H

#include "cpu/ia64/cpu.h"
#include "hw/core/board.h"

/* Frequencies that PAL and SAL tell of; the interval counter counts ns. */
#define IA64_ITC_HZ  1000000000u
#define IA64_BASE_HZ 100000000u

enum ia64_pal_result {
	PAL_RETURNS, /* r8 to r11 are set */
	PAL_HALTS,   /* they are, and the processor waits for an interrupt */
	PAL_FAULTS,  /* c->fault: an argument's memory */
	PAL_SWITCHES_OFF, /* and it has no power until INIT, PMI or reset */
	PAL_RESUMES,	  /* at c->ip, c->ri: another state than the caller's */
};

/*
 * PAL_PROC, SDM 2:11.10: the index in r28 and arguments in r29 to r31 or, of
 * the stacked procedures, in in1 to in3.  number: of the processor, on the
 * board, which tells of its place and of firmware's.
 */
enum ia64_pal_result ia64_pal_call(struct ia64_cpu *c, const struct board *b,
				   unsigned number);

/*
 * ---- what PAL does before SAL hears of it: pale.c.  Between two instructions,
 * at c->ip, c->ri.
 */
/* PMI vectors that SAL has, SDM 2:11.5 table 11-15: the larger one first. */
#define IA64_SAL_PMIS 4

/* Whether an INIT, a PMI may interrupt now. */
bool ia64_init_open(const struct ia64_cpu *c);
bool ia64_pmi_open(const struct ia64_cpu *c);
/*
 * Enters SAL at entry, SDM 2:11.4; an INIT that finds nowhere to save is lost.
 */
void ia64_pale_init(struct ia64_cpu *c, uint64_t entry);
/* PAL_MC_RESUME, SDM 2:11.10.3; false: nothing there that a CPU can have. */
bool ia64_pal_resume(struct ia64_cpu *c, uint64_t min_state);
/* Enters what PAL_PMI_ENTRYPOINT named, which returns by b0 to back; a PMI
 * without that is lost. */
void ia64_pale_pmi(struct ia64_cpu *c, unsigned vector, uint64_t back);
/* There: the interrupted program goes on, or c->fault. */
enum ia64_service ia64_pmi_return(struct ia64_cpu *c);

#endif
