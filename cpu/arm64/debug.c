/* SPDX-License-Identifier: MIT */
/* Breakpoint and watchpoint registers, a debugger's and the guest's own. */
#include "cpu/arm64/debug.h"

#include <errno.h>

#include "cpu/arm64/regs.h"

/* DBGBCR and DBGWCR: Arm ARM D17.3.2 and D17.3.12. */
#define DBG_E	    (1u << 0)
#define DBG_EL1	    (1u << 1) /* of PMC, PAC: matches at EL1 */
#define DBG_EL0_EL1 (3u << 1)
#define DBG_LOAD    (1u << 3)
#define DBG_STORE   (1u << 4)
#define DBG_BAS(b)  ((uint64_t)(b) << 5)
#define DBG_MASK(n) ((uint64_t)(n) << 24)
#define DBG_BT	    (0xfu << 20) /* BCR: 0 is an address, not linked */
#define DBG_WT	    (1u << 20)	 /* WCR: linked */

/* The value and the control register of a watchpoint. */
static int debug_watch(const struct debug_slot *d, uint64_t *wvr, uint64_t *wcr)
{
	static const uint64_t how[] = { [DEBUG_WRITE] = DBG_STORE,
					[DEBUG_READ] = DBG_LOAD,
					[DEBUG_ACCESS] = DBG_LOAD | DBG_STORE };
	uint64_t first = d->addr & 7;

	*wcr = DBG_E | DBG_EL0_EL1 | how[d->kind];
	*wvr = d->addr & ~UINT64_C(7);
	if (!d->len)
		return -EINVAL;
	if (d->len <= 8 && first + d->len <= 8) {
		*wcr |= DBG_BAS(((1u << d->len) - 1) << first);
		return 0;
	}
	if (d->len & (d->len - 1) || d->addr & (d->len - 1) ||
	    d->len > ARM64_WATCH_LONGEST)
		return -EINVAL;
	*wvr = d->addr;
	*wcr |= DBG_BAS(0xff) | DBG_MASK(__builtin_ctzll(d->len));
	return 0;
}

/* T32's instructions, of gdb's kinds 2 and 3, begin at any halfword. */
static uint64_t debug_break(const struct debug_slot *d)
{
	unsigned bytes = d->len == 2 || d->len == 3 ? 3u << (d->addr & 2) : 0xf;

	return DBG_E | DBG_EL0_EL1 | DBG_BAS(bytes);
}

/* At EL1 the guest takes none of them unless it said so. */
static uint64_t debug_guests(const struct arm64_debug_regs *own, uint64_t ctl)
{
	return own->mdscr & ARM64_MDSCR_KDE ? ctl : ctl & ~(uint64_t)DBG_EL1;
}

static void debug_beside(const struct arm64_debug_regs *own, unsigned nb,
			 unsigned nw, struct arm64_debug_regs *hw)
{
	if (!(own->mdscr & ARM64_MDSCR_MDE))
		return;
	for (unsigned i = 0; i < own->breaks && nb < hw->breaks; i++) {
		if (!(own->bcr[i] & DBG_E) || own->bcr[i] & DBG_BT)
			continue;
		hw->bvr[nb] = own->bvr[i];
		hw->bcr[nb++] = debug_guests(own, own->bcr[i]);
	}
	for (unsigned i = 0; i < own->watches && nw < hw->watches; i++) {
		if (!(own->wcr[i] & DBG_E) || own->wcr[i] & DBG_WT)
			continue;
		hw->wvr[nw] = own->wvr[i];
		hw->wcr[nw++] = debug_guests(own, own->wcr[i]);
	}
}

int arm64_debug_load(const struct vcpu_debug *d,
		     const struct arm64_debug_regs *own,
		     struct arm64_debug_regs *hw)
{
	unsigned nb = 0, nw = 0;

	for (unsigned i = 0; i < d->nslots; i++) {
		const struct debug_slot *s = &d->slot[i];
		int ret;

		if (s->kind == DEBUG_EXEC) {
			if (nb == hw->breaks)
				return -ENOSPC;
			hw->bvr[nb] = s->addr & ~UINT64_C(3);
			hw->bcr[nb++] = debug_break(s);
			continue;
		}
		if (nw == hw->watches)
			return -ENOSPC;
		ret = debug_watch(s, &hw->wvr[nw], &hw->wcr[nw]);
		if (ret < 0)
			return ret;
		nw++;
	}
	if (own)
		debug_beside(own, nb, nw, hw);
	return 0;
}

int arm64_debug_break(const struct vcpu_debug *d, uint64_t pc)
{
	for (unsigned i = 0; i < d->nslots; i++)
		if (d->slot[i].kind == DEBUG_EXEC && d->slot[i].addr == pc)
			return (int)i;
	return -1;
}

/* How far behind an access at far the watched bytes begin; 0: it is in them. */
static uint64_t debug_away(uint64_t first, uint64_t len, uint64_t far)
{
	return far - first < len ? 0 : first - far;
}

/* The same for what a register watches. */
static uint64_t debug_reg_away(uint64_t wvr, uint64_t wcr, uint64_t far)
{
	unsigned bytes = wcr >> 5 & 0xff, mask = wcr >> 24 & 0x1f;

	if (mask)
		return debug_away(wvr >> mask << mask, UINT64_C(1) << mask,
				  far);
	if (!bytes)
		return UINT64_MAX;
	return debug_away(wvr + (unsigned)__builtin_ctz(bytes),
			  (unsigned)__builtin_popcount(bytes), far);
}

/*
 * One that covers far, or else the nearest one behind it, since a wide access
 * that begins before a watched byte reports its own address (Arm ARM D2.10.5).
 */
int arm64_debug_watch(const struct vcpu_debug *d,
		      const struct arm64_debug_regs *hw, uint64_t far)
{
	uint64_t best = UINT64_MAX;
	unsigned nw = 0;
	int hit = -1;

	for (unsigned i = 0; i < d->nslots; i++) {
		const struct debug_slot *s = &d->slot[i];
		uint64_t away = debug_away(s->addr, s->len, far);

		if (s->kind == DEBUG_EXEC)
			continue;
		nw++;
		if (away < best) {
			best = away;
			hit = (int)i;
		}
	}
	for (; nw < hw->watches; nw++)
		if (hw->wcr[nw] & DBG_E &&
		    debug_reg_away(hw->wvr[nw], hw->wcr[nw], far) < best)
			return -1;
	return hit;
}
