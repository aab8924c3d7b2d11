/* SPDX-License-Identifier: MIT */
/* DR0-3 for a debugger outside the guest, and the guest's own beside them. */
#ifndef CPU_X86_64_DEBUG_H
#define CPU_X86_64_DEBUG_H

#include "cpu/accel.h"

#define X86_DEBUG_SLOTS 4

/* What is loaded while the guest runs. */
struct x86_debug_regs {
	uint64_t dr[X86_DEBUG_SLOTS], dr7;
	/* Which of the guest's registers it is; -1: none, or the debugger's */
	signed char guest[X86_DEBUG_SLOTS];
};

/*
 * The debugger's slots come first, in their order; what the guest has enabled
 * in dr and dr7 takes the registers that are left, as far as they go.  Without
 * slots it is as the guest has it.  0, -ENOSPC, or -EINVAL for a slot that the
 * hardware cannot watch.
 */
int x86_debug_load(const struct vcpu_debug *d,
		   const uint64_t dr[X86_DEBUG_SLOTS], uint64_t dr7,
		   struct x86_debug_regs *hw);

/*
 * What a debug exception was for, with the DR6 and the guest's DR7 of that
 * time: fills stop's kind, slot, addr, shared; and info with the bits of DR6
 * that are the guest's, by its own registers.
 */
void x86_debug_stop(const struct vcpu_debug *d, const struct x86_debug_regs *hw,
		    uint64_t dr6, uint64_t dr7, struct vcpu_stop *stop);

#endif
