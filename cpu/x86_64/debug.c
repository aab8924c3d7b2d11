/* SPDX-License-Identifier: MIT */
/* DR0-3 for a debugger outside the guest, and the guest's own beside them. */
#include "cpu/x86_64/debug.h"

#include <errno.h>
#include <string.h>

#include "cpu/x86_64/regs.h"

/* DR7: SDM volume 3, 17.2.4. */
static uint64_t debug_enabled(uint64_t dr7, unsigned i)
{
	return dr7 >> 2 * i & 3; /* Li, Gi */
}

static uint64_t debug_how(uint64_t dr7, unsigned i)
{
	return dr7 >> (16 + 4 * i) & 0xf; /* R/Wi, LENi */
}

static void debug_put(struct x86_debug_regs *hw, unsigned i, uint64_t addr,
		      uint64_t how)
{
	hw->dr[i] = addr;
	hw->dr7 |= how << (16 + 4 * i) | UINT64_C(2) << 2 * i;
}

/* The R/W and LEN fields of DR7 for a slot, or a negative errno. */
static int debug_slot(const struct debug_slot *d)
{
	static const int how[] = { [DEBUG_EXEC] = 0,
				   [DEBUG_WRITE] = 1,
				   [DEBUG_READ] = -EINVAL, /* there is none */
				   [DEBUG_ACCESS] = 3 };
	static const int size[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };

	if (d->kind == DEBUG_EXEC)
		return 0; /* of any length: only its first byte counts */
	if (d->len > 8 || !d->len || d->len & (d->len - 1) ||
	    d->addr & (d->len - 1) || how[d->kind] < 0)
		return -EINVAL;
	return how[d->kind] | size[d->len] << 2;
}

int x86_debug_load(const struct vcpu_debug *d,
		   const uint64_t dr[X86_DEBUG_SLOTS], uint64_t dr7,
		   struct x86_debug_regs *hw)
{
	unsigned n = 0;

	if (d->nslots > X86_DEBUG_SLOTS)
		return -ENOSPC;
	if (!d->nslots) {
		*hw = (struct x86_debug_regs){ .dr7 = dr7,
					       .guest = { 0, 1, 2, 3 } };
		memcpy(hw->dr, dr, sizeof(hw->dr));
		return 0;
	}
	*hw = (struct x86_debug_regs){ .dr7 = X86_DR7_FIXED | X86_DR7_EXACT,
				       .guest = { -1, -1, -1, -1 } };
	for (; n < d->nslots; n++) {
		int how = debug_slot(&d->slot[n]);

		if (how < 0)
			return how;
		debug_put(hw, n, d->slot[n].addr, (uint64_t)how);
	}
	for (unsigned i = 0; i < X86_DEBUG_SLOTS && n < X86_DEBUG_SLOTS; i++) {
		if (!debug_enabled(dr7, i))
			continue;
		hw->guest[n] = (signed char)i;
		debug_put(hw, n++, dr[i], debug_how(dr7, i));
	}
	return 0;
}

static void debug_hit(const struct vcpu_debug *d, unsigned slot,
		      struct vcpu_stop *stop)
{
	const struct debug_slot *s = &d->slot[slot];

	/* A watched access has happened; a breakpoint will hit again. */
	if (stop->kind == STOP_WATCH)
		return;
	stop->slot = (int)slot;
	stop->kind = s->kind == DEBUG_EXEC ? STOP_HW_BREAK : STOP_WATCH;
	stop->addr = s->kind == DEBUG_EXEC ? 0 : s->addr;
}

void x86_debug_stop(const struct vcpu_debug *d, const struct x86_debug_regs *hw,
		    uint64_t dr6, uint64_t dr7, struct vcpu_stop *stop)
{
	stop->kind = STOP_STEP;
	stop->slot = -1;
	stop->info = dr6 & X86_DR6_BD;
	if (d->nslots)
		dr7 = hw->dr7;
	/* A bit may be set for a register that is not enabled: 17.2.3. */
	for (unsigned i = 0; i < X86_DEBUG_SLOTS; i++) {
		if (!(dr6 >> i & 1) || !debug_enabled(dr7, i))
			continue;
		if (i < d->nslots)
			debug_hit(d, i, stop);
		else if (hw->guest[i] >= 0)
			stop->info |= UINT64_C(1) << hw->guest[i];
	}
	stop->shared = stop->info;
	if (stop->kind == STOP_STEP && stop->info && !(dr6 & X86_DR6_BS))
		stop->kind = STOP_GUEST; /* an instruction is yet to come */
	/* The guest may step itself, when nobody else does. */
	if (!d->step)
		stop->info |= dr6 & X86_DR6_BS;
}
