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

#endif
