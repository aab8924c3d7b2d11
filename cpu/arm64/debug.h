/* SPDX-License-Identifier: MIT */
/* Breakpoint and watchpoint registers, a debugger's and the guest's own. */
#ifndef CPU_ARM64_DEBUG_H
#define CPU_ARM64_DEBUG_H

#include "cpu/accel.h"

#define ARM64_DEBUG_MAX 16
/* A range of more than 8 bytes: a power of two up to this, aligned. */
#define ARM64_WATCH_LONGEST (UINT64_C(1) << 31)

/* DBGBVR<n>_EL1 and so on: Arm ARM D17.3. */
struct arm64_debug_regs {
	unsigned breaks, watches; /* as many as the CPU has */
	uint64_t bvr[ARM64_DEBUG_MAX], bcr[ARM64_DEBUG_MAX];
	uint64_t wvr[ARM64_DEBUG_MAX], wcr[ARM64_DEBUG_MAX];
	uint64_t mdscr;
};

/*
 * What is loaded while the guest runs: the debugger's slots first, then what
 * the guest has enabled, as far as there is room.  Left out are breakpoints
 * that are linked to others or match no address.  hw has its counts and nothing
 * else when called; own may be NULL: nothing of the guest's.  0, -ENOSPC, or
 * -EINVAL for a slot that the hardware cannot watch.
 */
int arm64_debug_load(const struct vcpu_debug *d,
		     const struct arm64_debug_regs *own,
		     struct arm64_debug_regs *hw);

/*
 * Whose a breakpoint at pc, or the access at far that a watchpoint stopped, is:
 * the debugger's slot, or -1: the guest's.
 */
int arm64_debug_break(const struct vcpu_debug *d, uint64_t pc);
int arm64_debug_watch(const struct vcpu_debug *d,
		      const struct arm64_debug_regs *hw, uint64_t far);

#endif
