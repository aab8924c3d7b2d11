/* SPDX-License-Identifier: MIT */
/* PAL: the procedures that describe and manage one processor. */
#ifndef CPU_IA64_PAL_H
#define CPU_IA64_PAL_H

#include "cpu/ia64/cpu.h"

/* Frequencies that PAL and SAL tell of; the interval counter counts ns. */
#define IA64_ITC_HZ  1000000000u
#define IA64_BASE_HZ 100000000u

enum ia64_pal_result {
	PAL_RETURNS, /* r8 to r11 are set */
	PAL_HALTS,   /* they are, and the processor waits for an interrupt */
	PAL_FAULTS,  /* c->fault: an argument's memory */
};

/*
 * PAL_PROC, SDM 2:11.10: the index in r28 and arguments in r29 to r31 or, of
 * the stacked procedures, in in1 to in3.
 */
enum ia64_pal_result ia64_pal_call(struct ia64_cpu *c, unsigned number);

#endif
