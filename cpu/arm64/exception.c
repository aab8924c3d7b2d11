/* SPDX-License-Identifier: MIT */
/* Synchronous exceptions to EL1, taken in software. */
#include "cpu/arm64/exception.h"

#define ESR_EC_SAME (UINT64_C(1) << 26) /* from the same exception level */

/* Bits of PSTATE that an exception keeps: NZCV, DIT; see below for the rest. */
#define PSTATE_NZCV (UINT64_C(0xf) << 28)
#define PSTATE_DIT  (UINT64_C(1) << 24)
#define PSTATE_PAN  (UINT64_C(1) << 22)
#define PSTATE_SSBS (UINT64_C(1) << 12)

#define SCTLR_SPAN  (UINT64_C(1) << 23) /* 0: PAN is set by exceptions */
#define SCTLR_DSSBS (UINT64_C(1) << 44)

/* The vector's offset from VBAR_EL1: Arm ARM table D1-7. */
static uint64_t arm64_vector(uint64_t pstate)
{
	if (pstate & ARM64_PSTATE_NRW)
		return 0x600;
	if (!(pstate & ARM64_PSTATE_EL))
		return 0x400;
	return pstate & ARM64_PSTATE_SP_ELX ? 0x200 : 0;
}

/* From a lower level: false for EL1 itself. */
static bool arm64_from_below(uint64_t pstate)
{
	return pstate & ARM64_PSTATE_NRW || !(pstate & ARM64_PSTATE_EL);
}

static uint64_t arm64_handler_pstate(const struct arm64_regs *r)
{
	uint64_t to = ARM64_PSTATE_EL1H | ARM64_PSTATE_DAIF;

	to |= r->pstate & (PSTATE_NZCV | PSTATE_DIT | PSTATE_PAN);
	if (!(r->sctlr_el1 & SCTLR_SPAN))
		to |= PSTATE_PAN;
	if (r->sctlr_el1 & SCTLR_DSSBS)
		to |= PSTATE_SSBS;
	return to;
}

bool arm64_maskable(uint32_t insn)
{
	static const struct {
		uint32_t mask, is;
	} not [] = {
		{ 0xfffff000, 0xd69f0000 }, /* ERET, ERETAA, ERETAB */
		{ 0xfff8f01f, 0xd500401f }, /* MSR to a field of PSTATE */
		{ 0xffdfffe0, 0xd51b4220 }, /* MSR and MRS, DAIF */
	};

	for (unsigned i = 0; i < sizeof(not ) / sizeof(*not ); i++)
		if ((insn & not [i].mask) == not [i].is)
			return false;
	return true;
}

bool arm64_debug_masked(const struct arm64_regs *r)
{
	if (arm64_from_below(r->pstate))
		return false;
	return !(r->mdscr_el1 & ARM64_MDSCR_KDE) || r->pstate & ARM64_PSTATE_D;
}

void arm64_take(struct arm64_regs *r, uint64_t esr, uint64_t far)
{
	unsigned ec = arm64_ec(esr);

	if (r->aarch32) {
		arm32_take(r, esr, far);
		return;
	}
	if (!arm64_from_below(r->pstate) &&
	    (ec == ARM64_EC_BREAK_LOW || ec == ARM64_EC_STEP_LOW ||
	     ec == ARM64_EC_WATCH_LOW))
		esr |= ESR_EC_SAME;
	r->esr_el1 = esr;
	if (ec == ARM64_EC_WATCH_LOW)
		r->far_el1 = far;
	r->elr_el1 = r->pc;
	r->spsr_el1 = r->pstate;
	r->pc = r->vbar_el1 + arm64_vector(r->pstate);
	r->pstate = arm64_handler_pstate(r);
	r->sp = r->sp_el1;
}
