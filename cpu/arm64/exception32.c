/* SPDX-License-Identifier: MIT */
/* Debug exceptions to EL1 where that is AArch32, taken in software. */
#include "cpu/arm64/exception.h"

/* Abort mode, and what the others are called in SPSR_EL2: C5.2.20. */
#define MODE_ABORT 0x17
#define CPSR_KEPT  0xf94f0040u /* NZCV, Q, DIT, PAN, GE, F */
#define CPSR_DIT   (1u << 24)
#define CPSR_SSBS  (1u << 23)
#define CPSR_PAN   (1u << 22)
#define CPSR_E	   (1u << 9)
#define CPSR_A	   (1u << 8)
#define CPSR_I	   (1u << 7)
/* In AArch32's own SPSR, DIT is where SPSR_EL2 has SS. */
#define SPSR32_DIT (1u << 21)

/* G8.2.126 */
#define SCTLR_V	     (1u << 13)
#define SCTLR_SPAN   (1u << 23)
#define SCTLR_EE     (1u << 25)
#define SCTLR_TE     (1u << 30)
#define SCTLR_DSSBS  (1u << 31)
#define HIGH_VECTORS 0xffff0000u
#define TTBCR_EAE    (1u << 31)

/* A debug event by either format of fault status: G8.2.63. */
#define FSR_SHORT 0x002u
#define FSR_LONG  0x222u
#define FSR_WNR	  (1u << 11)
#define ESR_WNR	  (1u << 6)
/* DBGDSCR.MOE, what it was: G8.3.19. */
#define MOE_SHIFT 2
#define MOE_MASK  (UINT64_C(0xf) << MOE_SHIFT)
enum { MOE_BREAK = 1, MOE_BKPT = 3, MOE_WATCH = 10 };

static uint64_t arm32_handler_pstate(const struct arm64_regs *r)
{
	uint64_t to = (r->pstate & CPSR_KEPT) | MODE_ABORT | CPSR_A | CPSR_I;

	if (!(r->sctlr_el1 & SCTLR_SPAN))
		to |= CPSR_PAN;
	if (r->sctlr_el1 & SCTLR_DSSBS)
		to |= CPSR_SSBS;
	if (r->sctlr_el1 & SCTLR_EE)
		to |= CPSR_E;
	if (r->sctlr_el1 & SCTLR_TE)
		to |= ARM64_PSTATE_THUMB;
	return to;
}

static uint64_t arm32_saved(uint64_t pstate)
{
	uint64_t saved = pstate & ~(uint64_t)(CPSR_DIT | SPSR32_DIT);

	return pstate & CPSR_DIT ? saved | SPSR32_DIT : saved;
}

/* G1.12.10, and data aborts in G1.12.11. */
static void arm32_abort(struct arm64_regs *r, unsigned vector, unsigned link)
{
	uint64_t base = r->sctlr_el1 & SCTLR_V ? HIGH_VECTORS
					       : (uint32_t)r->vbar_el1;
	unsigned lr = arm64_index32(MODE_ABORT, 14);

	r->x[lr] = (uint32_t)(r->pc + link);
	r->spsr_abt = arm32_saved(r->pstate);
	r->pc = base + vector;
	r->pstate = arm32_handler_pstate(r);
	r->sp = r->x[arm64_index32(MODE_ABORT, 13)];
	arm64_view32(r);
}

void arm32_take(struct arm64_regs *r, uint64_t esr, uint64_t far)
{
	unsigned ec = arm64_ec(esr);
	unsigned fsr = r->tcr_el1 & TTBCR_EAE ? FSR_LONG : FSR_SHORT;
	uint64_t moe = ec == ARM64_EC_WATCH_LOW ? MOE_WATCH
		       : ec == ARM64_EC_BKPT32	? MOE_BKPT
						: MOE_BREAK;

	r->mdscr_el1 = (r->mdscr_el1 & ~MOE_MASK) | moe << MOE_SHIFT;
	if (ec != ARM64_EC_WATCH_LOW) {
		r->ifsr32_el2 = fsr;
		arm32_abort(r, 0x0c, 4);
		return;
	}
	r->esr_el1 = fsr | (esr & ESR_WNR ? FSR_WNR : 0); /* DFSR */
	r->far_el1 = (r->far_el1 & ~UINT64_C(0xffffffff)) | (uint32_t)far;
	arm32_abort(r, 0x10, 8);
}
