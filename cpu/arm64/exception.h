/* SPDX-License-Identifier: MIT */
/* Synchronous exceptions to EL1, taken in software. */
#ifndef CPU_ARM64_EXCEPTION_H
#define CPU_ARM64_EXCEPTION_H

#include <stdint.h>

#include "cpu/arm64/regs.h"

/* Exception classes of ESR_ELx.EC: Arm ARM D17.2.37. */
enum {
	ARM64_EC_BREAK_LOW = 0x30, /* hardware breakpoint; + 1: the same EL */
	ARM64_EC_STEP_LOW = 0x32,
	ARM64_EC_WATCH_LOW = 0x34,
	ARM64_EC_BKPT32 = 0x38, /* breakpoint instructions */
	ARM64_EC_BRK64 = 0x3c,
};

static inline unsigned arm64_ec(uint64_t esr)
{
	return esr >> 26 & 0x3f;
}

/*
 * Changes *r as a CPU does that takes a synchronous exception to EL1 with the
 * syndrome esr, as EL2 saw it, and the fault address far (Arm ARM D1.3.1).
 * Where EL1 is AArch32 it is a debug exception.
 */
void arm64_take(struct arm64_regs *r, uint64_t esr, uint64_t far);
/* That: a prefetch abort, of a watchpoint a data abort (G2.11, G1.12). */
void arm32_take(struct arm64_regs *r, uint64_t esr, uint64_t far);

/*
 * Whether an instruction of AArch64 means the same with interrupts masked, but
 * for what an exception saves: not those that see or set the mask.
 */
bool arm64_maskable(uint32_t insn);

/* Whether debug exceptions are masked where *r is (D2.4.1): at EL1 by rule. */
bool arm64_debug_masked(const struct arm64_regs *r);

#endif
