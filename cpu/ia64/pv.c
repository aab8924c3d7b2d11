/* SPDX-License-Identifier: MIT */
/* Paravirtualization: hyper-registers, hyper-privops, fast reflection. */
#include "cpu/ia64/pv.h"

#include <stddef.h>
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/mmu.h"
#include "hw/sal/code.h"

/* What the page of the interface says. */
_Static_assert(IA64_PV_BREAK == SAL_PV_BREAK && PV_OPS == SAL_PV_OPERATIONS &&
		       PV_PAGE == SAL_PV_AREA,
	       "");
_Static_assert(offsetof(struct ia64_pv_area, cr) == 0x90, "");
_Static_assert(offsetof(struct ia64_pv_area, frame) == 0x100, "");
_Static_assert(offsetof(struct ia64_pv_frame, gr) == 0xe0, "");

#define SPURIOUS 15	    /* IVR, SDM 2:5.8.3.2 */
#define PV_BAD	 UINT64_MAX /* r8 of a call with a bad argument */

static const uint8_t collected[PV_CRS] = {
	[PV_IPSR] = CR_IPSR, [PV_IIP] = CR_IIP, [PV_IFS] = CR_IFS,
	[PV_ISR] = CR_ISR,   [PV_IFA] = CR_IFA, [PV_ITIR] = CR_ITIR,
	[PV_IIPA] = CR_IIPA, [PV_IIM] = CR_IIM, [PV_IHA] = CR_IHA,
};
static const uint8_t saved[PV_ARS] = {
	[PV_RSC] = AR_RSC, [PV_UNAT] = AR_UNAT, [PV_PFS] = AR_PFS,
	[PV_LC] = AR_LC,   [PV_EC] = AR_EC,	[PV_CCV] = AR_CCV,
	[PV_CSD] = AR_CSD, [PV_SSD] = AR_SSD,	[PV_FPSR] = AR_FPSR,
};

static int answer(struct ia64_cpu *c, uint64_t val)
{
	gr_set(c, 8, val, false);
	return EX_RESYNC;
}

/* ---- the area */
void ia64_pv_remap(struct ia64_cpu *c)
{
	c->pv = NULL;
	if (c->pv_there)
		c->pv = mem_run_rw(c->env->mem, c->pv_gpa, PV_PAGE);
}

static int pv_area(struct ia64_cpu *c)
{
	uint64_t gpa = gr_get(c, 8);

	c->pv_gpa = gpa;
	c->pv_there = gpa != UINT64_MAX && gpa % PV_PAGE == 0;
	ia64_pv_remap(c);
	c->pv_there = c->pv != NULL;
	return answer(c, c->pv || gpa == UINT64_MAX ? 0 : PV_BAD);
}

/* ---- interruptions */
bool ia64_pv_masks(struct ia64_cpu *c)
{
	struct ia64_pv_area *a = c->pv;

	if (!a || !a->masked)
		return false;
	a->pending = 1;
	return true;
}

/* IVR; where no interrupt is to be taken the chip need not be asked. */
static uint64_t take_vector(struct ia64_cpu *c)
{
	uint64_t v = SPURIOUS;

	if (c->env->interrupt && c->env->interrupt(c->env->opaque) &&
	    c->env->cr_read)
		c->env->cr_read(c->env->opaque, CR_IVR, &v);
	return v;
}

/* What both ways share: an external interrupt is accepted for the guest. */
static void accept(struct ia64_cpu *c)
{
	if (c->fault.vector == VEC_EXTINT && (c->pv->flags & PV_TAKES_IVR))
		c->pv->vector = take_vector(c);
}

void ia64_pv_collect(struct ia64_cpu *c)
{
	accept(c);
	if (!(c->pv->flags & PV_COLLECT))
		return;
	for (unsigned i = 0; i < PV_CRS; i++)
		c->pv->cr[i] = c->cr[collected[i]];
}

static void save_registers(const struct ia64_cpu *c, struct ia64_pv_frame *f)
{
	f->nat = 0;
	for (unsigned i = 0; c->nats && i < 32; i++)
		f->nat |= (uint64_t)gr_nat(c, i) << i;
	memcpy(f->gr, c->gr, sizeof(f->gr));
	memcpy(f->br, c->br, sizeof(f->br));
	for (unsigned i = 0; i < PV_ARS; i++)
		f->ar[i] = c->ar[saved[i]];
}

static void save_collected(const struct ia64_cpu *c, struct ia64_pv_frame *f,
			   uint64_t ip, unsigned ri)
{
	const struct ia64_fault *t = &c->fault;

	f->cr[PV_IPSR] = c->psr | (uint64_t)ri << 41;
	f->cr[PV_IIP] = ip;
	f->cr[PV_IFS] = UINT64_C(1) << 63 | ia64_cfm(c);
	f->cr[PV_ISR] = t->isr | (uint64_t)(t->trap ? t->slot : ri)
					 << ISR_EI_SHIFT;
	f->cr[PV_IFA] = t->has_ifa ? t->ifa : 0;
	f->cr[PV_ITIR] = t->has_itir ? t->itir : 0;
	f->cr[PV_IIPA] = c->iipa;
	f->cr[PV_IIM] = t->has_iim ? t->iim : 0;
	f->cr[PV_IHA] = t->has_iha ? t->iha : 0;
}

/* Begins the handler as the area says, with an empty frame and RSC 0. */
static void enter(struct ia64_cpu *c)
{
	const struct ia64_pv_area *a = c->pv;
	uint64_t psr = a->psr & (PSR_L | PSR_IT | PSR_BN);

	ia64_psr_write(c, psr | (c->psr & PSR_MC));
	gr_set(c, 1, a->gr[0], false);
	gr_set(c, 12, a->gr[1], false);
	gr_set(c, 13, a->gr[2], false);
	c->ar[AR_RSC] = 0;
	c->ip = a->ip & ~UINT64_C(15);
	c->ri = 0;
}

bool ia64_pv_reflect(struct ia64_cpu *c, uint64_t ip, unsigned ri)
{
	struct ia64_pv_area *a = c->pv;
	unsigned n = c->fault.vector >> 8;

	/* a frame that is incomplete cannot be covered */
	if (!(a->reflect[n / 64] >> n % 64 & 1) || a->held ||
	    !(c->psr & PSR_IC) || c->ndirty < 0)
		return false;
	a->held = 1;
	accept(c);
	save_collected(c, &a->frame, ip, ri);
	save_registers(c, &a->frame);
	ia64_rse_cover(c);
	a->frame.pr = c->pr; /* by physical numbers, now that nothing rotates */
	enter(c);
	return true;
}

/* ---- returns */
/* rfi by what the area says, which is the guest's to write at any time. */
static int rfi_by(struct ia64_cpu *c, const uint64_t cr[PV_CRS])
{
	c->cr[CR_IPSR] = cr[PV_IPSR];
	c->cr[CR_IIP] = cr[PV_IIP];
	c->cr[CR_IFS] = cr[PV_IFS];
	return ia64_rfi(c);
}

static int pv_rfi(struct ia64_cpu *c)
{
	uint64_t cr[PV_CRS];

	memcpy(cr, c->pv->cr, sizeof(cr));
	return rfi_by(c, cr);
}

static void restore_registers(struct ia64_cpu *c, const struct ia64_pv_frame *f)
{
	unsigned rrb = c->rrb_pr;

	ia64_set_rrb_pr(c, 0);
	c->pr = f->pr | 1;
	ia64_set_rrb_pr(c, rrb);
	for (unsigned i = 0; i < PV_ARS; i++)
		c->ar[saved[i]] = f->ar[i];
	memcpy(c->br, f->br, sizeof(c->br));
	/* into the bank that rfi will choose */
	ia64_psr_write(c, (c->psr & ~PSR_BN) | (f->cr[PV_IPSR] & PSR_BN));
	for (unsigned i = 1; i < 32; i++)
		gr_set(c, i, f->gr[i], f->nat >> i & 1);
}

static int pv_return(struct ia64_cpu *c)
{
	struct ia64_pv_frame f;

	memcpy(&f, &c->pv->frame, sizeof(f));
	if (!ia64_ipsr_ok(f.cr[PV_IPSR]) || !ia64_fpsr_ok(f.ar[PV_FPSR]) ||
	    (f.ar[PV_RSC] & RSC_RESERVED) || (f.ar[PV_PFS] & PFS_RESERVED) ||
	    f.ar[PV_EC] > 63)
		return ia64_general(c, GE_RESERVED);
	c->pv->held = 0;
	restore_registers(c, &f);
	return rfi_by(c, f.cr);
}

/* ---- privileged operations, several at a time */
static int pv_psr(struct ia64_cpu *c)
{
	uint64_t off = gr_get(c, 8), on = gr_get(c, 9), old = c->psr;

	if ((off | on) & ~PSR_L)
		return answer(c, PV_BAD);
	ia64_psr_write(c, (old & ~off) | on);
	return answer(c, old);
}

static int pv_itc(struct ia64_cpu *c, bool data)
{
	uint64_t pte = gr_get(c, 8), va = gr_get(c, 9), itir = gr_get(c, 10);

	return answer(c, ia64_insert(c, data, pte, va, itir) ? 0 : PV_BAD);
}

/* Few pages are found sooner one by one: mostly all have that size. */
#define FEW_PAGES 64

static void purge_here(struct ia64_cpu *c, uint64_t va, uint64_t bytes,
		       uint32_t rid, unsigned ps)
{
	for (uint64_t n = bytes >> ps; n; n--, va += UINT64_C(1) << ps)
		ia64_purged(c, va, rid, ps);
}

/* As few purges as cover the range, each of a block that is aligned. */
static void purge_range(struct ia64_cpu *c, uint64_t va, uint64_t bytes,
			uint32_t rid, unsigned ps)
{
	bool few = bytes >> ps <= FEW_PAGES;
	uint64_t end = va + bytes;

	if (few)
		purge_here(c, va, bytes, rid, ps);
	while (va != end) {
		unsigned block = va << 3 ? (unsigned)__builtin_ctzll(va) : 60;

		while (block > 60 || UINT64_C(1) << block > end - va)
			block--;
		if (!few)
			ia64_purged(c, va, rid, block);
		if (c->env->purge)
			c->env->purge(c->env->opaque, va, rid, block);
		va += UINT64_C(1) << block;
	}
}

static int pv_purge(struct ia64_cpu *c)
{
	uint64_t va = gr_get(c, 8), n = gr_get(c, 9), ps = gr_get(c, 10);
	uint64_t region = UINT64_C(1) << 61, off;

	if (ps < 12 || ps > 60)
		return answer(c, PV_BAD);
	va &= -(UINT64_C(1) << ps);
	off = va & (region - 1);
	if (n > (region - off) >> ps)
		return answer(c, PV_BAD);
	purge_range(c, va, n << ps, c->rr[va >> 61] >> 8 & 0xffffff,
		    (unsigned)ps);
	ia64_alat_clear(c);
	return answer(c, 0);
}

static int pv_rr(struct ia64_cpu *c)
{
	uint64_t mask = gr_get(c, 8), rr[8];
	unsigned changed = 0;

	memcpy(rr, c->pv->rr, sizeof(rr));
	for (unsigned i = 0; i < 8; i++)
		if ((mask >> i & 1) && !ia64_rr_ok(rr[i]))
			return answer(c, PV_BAD);
	for (unsigned i = 0; i < 8; i++) {
		if (!(mask >> i & 1) || c->rr[i] == rr[i])
			continue;
		c->rr[i] = rr[i];
		changed |= 1u << i;
	}
	if (changed)
		ia64_flush_regions(c, changed);
	return answer(c, 0);
}

static int pv_next(struct ia64_cpu *c)
{
	uint64_t v;

	if (c->env->cr_write)
		c->env->cr_write(c->env->opaque, CR_EOI, 0);
	v = take_vector(c);
	__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
	return answer(c, v);
}

static int pv_look(struct ia64_cpu *c)
{
	if (c->pv)
		c->pv->pending = 0;
	__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
	return EX_RESYNC;
}

int ia64_pv_call(struct ia64_cpu *c, uint64_t op)
{
	static const uint8_t arguments[PV_OPS] = {
		[PV_AREA] = 1,	[PV_PSR] = 2,	[PV_ITC_I] = 3,
		[PV_ITC_D] = 3, [PV_PURGE] = 3, [PV_RR] = 1,
	};
	bool by_area = op == PV_RFI || op == PV_RETURN || op == PV_RR;

	if (by_area && !c->pv)
		return ia64_general(c, GE_ILLEGAL_OP);
	for (unsigned i = 0; i < arguments[op]; i++)
		if (gr_nat(c, 8 + i))
			return ia64_nat_register(c, 0);
	switch ((enum ia64_pv_op)op) {
	case PV_AREA: return pv_area(c);
	case PV_RFI: return pv_rfi(c);
	case PV_RETURN: return pv_return(c);
	case PV_PSR: return pv_psr(c);
	case PV_ITC_I: return pv_itc(c, false);
	case PV_ITC_D: return pv_itc(c, true);
	case PV_PURGE: return pv_purge(c);
	case PV_RR: return pv_rr(c);
	case PV_NEXT: return pv_next(c);
	case PV_LOOK: return pv_look(c);
	case PV_OPS: break;
	}
	return ia64_general(c, GE_ILLEGAL_OP);
}
