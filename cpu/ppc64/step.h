/* SPDX-License-Identifier: MIT */
/* Where a POWER guest is after one instruction. */
#ifndef CPU_PPC64_STEP_H
#define CPU_PPC64_STEP_H

#include "cpu/target.h"

/*
 * See target->steps().  A reservation (lwarx and its like) does not outlive a
 * stop, so the whole sequence to its conditional store is one step.
 */
unsigned ppc64_steps(const void *regs, const struct mem *m,
		     struct target_step at[TARGET_STEPS]);
/* See target->faults() and target->maskable(). */
unsigned ppc64_faults(const void *regs, struct target_step at[TARGET_FAULTS]);
bool ppc64_maskable(const void *regs, const struct mem *m);

struct ppc64_regs;

/*
 * Enables interrupts again that were masked for a step from pc on: in the MSR
 * or, where the step led into an interrupt, in what that has saved of it.
 */
void ppc64_unmask(struct ppc64_regs *r, uint64_t pc);

#endif
