/* SPDX-License-Identifier: MIT */
/* Instructions that lead a single step away from itself. */
#ifndef CPU_X86_64_STEP_H
#define CPU_X86_64_STEP_H

#include "cpu/target.h"

/*
 * target->escapes().  A step by the trap flag does not stop behind what masks
 * the flag on its way into the kernel: SYSCALL, SYSENTER and INT n, which would
 * also show it to the kernel in the flags that they save.  It would end when
 * the kernel has returned, one instruction later.
 */
unsigned x86_escapes(const void *regs, const struct mem *m,
		     struct target_step at[TARGET_STEPS]);

#endif
