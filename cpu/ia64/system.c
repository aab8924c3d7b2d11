/* SPDX-License-Identifier: MIT */
/* IA-64 instructions on application, control and system registers, and TLBs. */
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/mmu.h"

#define PRIVILEGED(c)                                       \
	do {                                                \
		if (cpl(c))                                 \
			return ia64_general(c, GE_PRIV_OP); \
	} while (0)
/* a source that may not be a NaT, a destination that must be in the frame */
#define SOURCE(c, r)                                    \
	do {                                            \
		if (gr_nat(c, r))                       \
			return ia64_nat_register(c, 0); \
	} while (0)
#define DEST(c, r)                                             \
	do {                                                   \
		if (!gr_there(c, r))                           \
			return ia64_general(c, GE_ILLEGAL_OP); \
	} while (0)

/* ---- compares and tests that exec.c has no label for */
static bool relation(unsigned rel, int64_t x, int64_t y)
{
	switch (rel) {
	case REL_EQ: return x == y;
	case REL_NE: return x != y;
	case REL_GT: return x > y;
	case REL_LE: return x <= y;
	case REL_GE: return x >= y;
	default: return x < y;
	}
}

/* What each kind of compare does to its predicates, SDM 1:4.3.3. */
static void set_preds(struct ia64_cpu *c, const struct ia64_op *o, unsigned ty,
		      bool res, bool nat)
{
	switch (ty) {
	case CT_AND:
		if (nat || !res) {
			pr_set(c, o->a, false);
			pr_set(c, o->d, false);
		}
		break;
	case CT_OR:
		if (!nat && res) {
			pr_set(c, o->a, true);
			pr_set(c, o->d, true);
		}
		break;
	case CT_OR_ANDCM:
		if (!nat && res) {
			pr_set(c, o->a, true);
			pr_set(c, o->d, false);
		}
		break;
	default: pr_set(c, o->a, res && !nat); pr_set(c, o->d, !res && !nat);
	}
}

static int compare(struct ia64_cpu *c, const struct ia64_op *o, uint64_t x,
		   bool nat)
{
	uint64_t y = gr_get(c, o->c);
	bool res = o->k >> 6 & 1 ? relation(o->k & 7, (int32_t)x, (int32_t)y)
				 : relation(o->k & 7, (int64_t)x, (int64_t)y);

	set_preds(c, o, o->k >> 3 & 7, res, nat || gr_nat(c, o->c));
	return EX_NEXT;
}

int ia64_op_cmp_par(struct ia64_cpu *c, const struct ia64_op *o)
{
	return compare(c, o, gr_get(c, o->b), gr_nat(c, o->b));
}

int ia64_op_cmp_par_i(struct ia64_cpu *c, const struct ia64_op *o)
{
	return compare(c, o, (uint64_t)(int64_t)o->imm, false);
}

/* tbit, tnat, tf; exec.c calls it with a false predicate for .unc as well. */
int ia64_op_test(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned what = o->k >> 4, ty = o->k & 7;
	bool bit, nat = false;

	if (!pr_get(c, o->qp)) {
		if (ty == CT_UNC) {
			pr_set(c, o->a, false);
			pr_set(c, o->d, false);
		}
		return EX_NEXT;
	}
	if (what == TEST_BIT) {
		bit = gr_get(c, o->c) >> (o->imm & 63) & 1;
		nat = gr_nat(c, o->c);
	} else if (what == TEST_NAT) {
		bit = gr_nat(c, o->c);
	} else {
		bit = c->cpuid[4] >> (o->imm & 63) & 1;
	}
	set_preds(c, o, ty, bit == (o->k >> 3 & 1), nat);
	return EX_NEXT;
}

/* ---- predicates; bits are by physical number: SDM 3:2 mov pr */
static void pr_move(struct ia64_cpu *c, uint64_t val, uint64_t mask)
{
	unsigned rrb = c->rrb_pr;

	ia64_set_rrb_pr(c, 0);
	c->pr = (c->pr & ~mask) | (val & mask) | 1;
	ia64_set_rrb_pr(c, rrb);
}

int ia64_op_mov_pr_gr(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t mask = (uint64_t)(int64_t)o->imm;

	SOURCE(c, o->b);
	pr_move(c, gr_get(c, o->b), mask & ~UINT64_C(1));
	return EX_NEXT;
}

int ia64_op_mov_pr_rot(struct ia64_cpu *c, const struct ia64_op *o)
{
	pr_move(c, (uint64_t)(int64_t)o->imm << 16, ~UINT64_C(0xffff));
	return EX_NEXT;
}

/* ---- application registers, SDM 1:3.1.8 */
bool ia64_ar_there(unsigned ar)
{
	return !((ar >= 8 && ar < 16) || ar == 20 || ar == 22 || ar == 23 ||
		 ar == 31 || (ar >= 33 && ar < 36) || (ar >= 37 && ar < 40) ||
		 (ar >= 41 && ar < 44) || ar == 46 || ar == 47 ||
		 (ar >= 67 && ar < 112));
}

static uint64_t now(const struct ia64_cpu *c)
{
	uint64_t t = c->env->itc ? c->env->itc(c->env->opaque) : 0;

	return t + (uint64_t)c->itc_offset;
}

/* Checks that mov to and from an AR share; m: it is in an M slot. */
static int ar_check(struct ia64_cpu *c, unsigned ar, bool m, bool write)
{
	bool is_m = ar < 48, is_i = ar >= 64 && ar < 112;

	/* the ignored registers are there, and of both units */
	if ((is_m && !m) || (is_i && m) || !ia64_ar_there(ar))
		return ia64_general(c, GE_ILLEGAL_OP);
	if (ar == AR_BSP && write)
		return ia64_general(c, GE_ILLEGAL_OP);
	if ((ar == AR_BSPSTORE || ar == AR_RNAT) && (c->ar[AR_RSC] & 3))
		return ia64_general(c, GE_ILLEGAL_OP);
	if (!write && cpl(c) && (ar == AR_ITC || ar == AR_RUC) &&
	    (c->psr & PSR_SI))
		return ia64_general(c, GE_PRIV_REG);
	return 0;
}

/* SDM 1:5.2: round and precision fields, and what of them is reserved. */
bool ia64_fpsr_ok(uint64_t v)
{
	if (v >> 58)
		return false;
	for (unsigned sf = 0; sf < 4; sf++) {
		uint64_t ctl = v >> (6 + 13 * sf) & 0x7f;

		if ((ctl >> 2 & 3) == 1)
			return false;
	}
	return !(v >> 12 & 1); /* sf0.td */
}

static int ar_write(struct ia64_cpu *c, unsigned ar, uint64_t v)
{
	if (cpl(c) && (ar < 8 || ar == AR_ITC || ar == AR_RUC))
		return ia64_general(c, GE_PRIV_REG);
	switch (ar) {
	case AR_RSC:
		if (v & RSC_RESERVED)
			return ia64_general(c, GE_RESERVED);
		/* a less privileged level is the most that may be asked */
		if ((v >> 2 & 3) < cpl(c))
			v = (v & ~UINT64_C(12)) | cpl(c) << 2;
		break;
	case AR_BSPSTORE: ia64_set_bspstore(c, v); return EX_NEXT;
	case AR_RNAT: c->rnat = v & INT64_MAX; return EX_NEXT;
	case AR_FPSR:
		if (!ia64_fpsr_ok(v))
			return ia64_general(c, GE_RESERVED);
		break;
	case AR_ITC:
		c->itc_offset = (int64_t)((uint64_t)c->itc_offset + v - now(c));
		return EX_NEXT;
	case AR_RUC: return EX_NEXT;
	case AR_PFS:
		if (v & PFS_RESERVED)
			return ia64_general(c, GE_RESERVED);
		break;
	case AR_EC: v &= 63; break;
	default:
		if (ar >= 48 && ar < 64) /* ignored */
			return EX_NEXT;
		if (ar >= 112)
			return EX_NEXT;
		break;
	}
	c->ar[ar] = v;
	return EX_NEXT;
}

int ia64_op_mov_ar(struct ia64_cpu *c, const struct ia64_op *o)
{
	if (ar_check(c, o->c, o->k == AR_UNIT_M, true) < 0)
		return EX_FAULT;
	SOURCE(c, o->b);
	return ar_write(c, o->c, gr_get(c, o->b));
}

int ia64_op_mov_ar_i(struct ia64_cpu *c, const struct ia64_op *o)
{
	if (ar_check(c, o->c, o->k == AR_UNIT_M, true) < 0)
		return EX_FAULT;
	return ar_write(c, o->c, (uint64_t)(int64_t)o->imm);
}

int ia64_op_mov_gr_ar(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t v;

	DEST(c, o->a);
	if (ar_check(c, o->c, o->k == AR_UNIT_M, false) < 0)
		return EX_FAULT;
	switch (o->c) {
	case AR_BSP: v = ia64_bsp(c); break;
	case AR_BSPSTORE: v = c->bspstore; break;
	case AR_RNAT: v = c->rnat; break;
	case AR_ITC:
	case AR_RUC: v = now(c); break;
	default: v = c->ar[o->c]; break;
	}
	gr_set(c, o->a, v, false);
	return EX_NEXT;
}

/* ---- control registers, SDM 2:3.3.4 */
bool ia64_cr_there(unsigned cr)
{
	return cr <= CR_IVA || cr == CR_PTA || cr == CR_IPSR || cr == CR_ISR ||
	       (cr >= CR_IIP && cr <= CR_IHA) || (cr >= CR_LID && cr <= 74) ||
	       cr == 80 || cr == CR_LRR1;
}

/* The registers that hold what an interruption left: not while it collects. */
static bool cr_collected(unsigned cr)
{
	return cr >= CR_IPSR && cr <= CR_IHA;
}

int ia64_op_mov_cr(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned cr = o->c;
	uint64_t v = gr_get(c, o->b);

	if (!ia64_cr_there(cr) || cr == 65 || (cr >= 68 && cr <= 71) ||
	    (cr_collected(cr) && (c->psr & PSR_IC)))
		return ia64_general(c, GE_ILLEGAL_OP);
	PRIVILEGED(c);
	SOURCE(c, o->b);
	if (cr >= CR_LID) {
		if (c->env->cr_write &&
		    !c->env->cr_write(c->env->opaque, cr, v))
			return ia64_general(c, GE_RESERVED);
		__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
		return EX_NEXT;
	}
	if ((cr == CR_PTA && ((v & PTA_RESERVED) || (v >> 2 & 63) < 15 ||
			      (v >> 2 & 63) > 61)) ||
	    (cr == CR_DCR && (v & DCR_RESERVED)))
		return ia64_general(c, GE_RESERVED);
	if (cr == CR_IVA)
		v &= ~UINT64_C(0x7fff);
	c->cr[cr] = v;
	return EX_NEXT;
}

int ia64_op_mov_gr_cr(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned cr = o->c;
	uint64_t v = c->cr[cr & 127];

	if (!ia64_cr_there(cr) || (cr_collected(cr) && (c->psr & PSR_IC)))
		return ia64_general(c, GE_ILLEGAL_OP);
	DEST(c, o->a);
	PRIVILEGED(c);
	if (cr >= CR_LID && c->env->cr_read &&
	    !c->env->cr_read(c->env->opaque, cr, &v))
		return ia64_general(c, GE_ILLEGAL_OP);
	gr_set(c, o->a, v, false);
	return EX_NEXT;
}

/* ---- PSR, SDM 2:3.3.2 */
int ia64_op_mov_psr(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t v = gr_get(c, o->b) & UINT32_MAX;

	PRIVILEGED(c);
	SOURCE(c, o->b);
	if (v & ~PSR_L)
		return ia64_general(c, GE_RESERVED);
	ia64_psr_write(c, (c->psr & ~PSR_L) | v);
	return EX_RESYNC;
}

int ia64_op_mov_gr_psr(struct ia64_cpu *c, const struct ia64_op *o)
{
	DEST(c, o->a);
	PRIVILEGED(c);
	gr_set(c, o->a, c->psr & (UINT64_C(0xffffffff) | PSR_IT | PSR_MC),
	       false);
	return EX_NEXT;
}

int ia64_op_mov_um(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t v = gr_get(c, o->b), can = PSR_UM;

	SOURCE(c, o->b);
	if (v & 0xff & ~PSR_UM)
		return ia64_general(c, GE_RESERVED);
	if (c->psr & PSR_SP)
		can &= ~PSR_UP;
	ia64_psr_write(c, (c->psr & ~can) | (v & can));
	return EX_RESYNC;
}

int ia64_op_mov_gr_um(struct ia64_cpu *c, const struct ia64_op *o)
{
	DEST(c, o->a);
	gr_set(c, o->a, c->psr & PSR_UM, false);
	return EX_NEXT;
}

static int user_mask(struct ia64_cpu *c, uint64_t mask, bool set)
{
	if (mask & ~PSR_UM)
		return ia64_general(c, GE_RESERVED);
	if (c->psr & PSR_SP)
		mask &= ~PSR_UP;
	ia64_psr_write(c, set ? c->psr | mask : c->psr & ~mask);
	return EX_RESYNC;
}

int ia64_op_sum(struct ia64_cpu *c, const struct ia64_op *o)
{
	return user_mask(c, (uint64_t)o->imm, true);
}

int ia64_op_rum(struct ia64_cpu *c, const struct ia64_op *o)
{
	return user_mask(c, (uint64_t)o->imm, false);
}

static int system_mask(struct ia64_cpu *c, uint64_t mask, bool set)
{
	PRIVILEGED(c);
	if (mask & ~PSR_L)
		return ia64_general(c, GE_RESERVED);
	if (!(mask & ~(PSR_I | PSR_IC))) {
		/* the engine keeps nothing by these */
		c->psr = set ? c->psr | mask : c->psr & ~mask;
		return set && ia64_interrupt_look(c) ? EX_RESYNC : EX_NEXT;
	}
	ia64_psr_write(c, set ? c->psr | mask : c->psr & ~mask);
	return EX_RESYNC;
}

int ia64_op_ssm(struct ia64_cpu *c, const struct ia64_op *o)
{
	return system_mask(c, (uint64_t)o->imm, true);
}

int ia64_op_rsm(struct ia64_cpu *c, const struct ia64_op *o)
{
	return system_mask(c, (uint64_t)o->imm, false);
}

/* ---- indexed register files */
static uint64_t *indexed(struct ia64_cpu *c, unsigned file, uint64_t i)
{
	i &= 0xff;
	switch (file) {
	case IDX_DBR: return i < 16 ? &c->dbr[i] : NULL;
	case IDX_IBR: return i < 16 ? &c->ibr[i] : NULL;
	case IDX_PKR: return i < IA64_NPKR ? &c->pkr[i] : NULL;
	case IDX_PMC: return i < IA64_NPM ? &c->pmc[i] : NULL;
	case IDX_PMD: return i < IA64_NPM ? &c->pmd[i] : NULL;
	default: return i < 5 ? &c->cpuid[i] : NULL;
	}
}

bool ia64_rr_ok(uint64_t val)
{
	return !(val & 2) && !(val >> 32) && ia64_page_size_ok(val >> 2 & 63);
}

static int rr_write(struct ia64_cpu *c, uint64_t index, uint64_t v)
{
	uint64_t *rr = &c->rr[index >> 61];

	if (!ia64_rr_ok(v))
		return ia64_general(c, GE_RESERVED);
	if (*rr != v) {
		*rr = v;
		ia64_flush_regions(c, 1u << (index >> 61));
	}
	return EX_NEXT;
}

/* A valid key goes to one register only: SDM 3:2 mov indirect. */
static void pkr_write(struct ia64_cpu *c, uint64_t *pkr, uint64_t v)
{
	*pkr = v;
	for (unsigned i = 0; i < IA64_NPKR; i++)
		if ((v & 1) && &c->pkr[i] != pkr &&
		    !((c->pkr[i] ^ v) & UINT64_C(0xffffff00)))
			c->pkr[i] &= ~UINT64_C(1);
	ia64_flush_fast(c);
}

int ia64_op_mov_idx(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t *reg, index = gr_get(c, o->c), v = gr_get(c, o->b);

	PRIVILEGED(c);
	SOURCE(c, o->c);
	SOURCE(c, o->b);
	if (o->k == IDX_RR)
		return rr_write(c, index, v);
	reg = indexed(c, o->k, index);
	if (!reg)
		return o->k == IDX_PMC || o->k == IDX_PMD
			       ? EX_NEXT
			       : ia64_general(c, GE_RESERVED);
	if (o->k == IDX_PKR && (v & PKR_RESERVED))
		return ia64_general(c, GE_RESERVED);
	if (o->k == IDX_PKR)
		pkr_write(c, reg, v);
	else
		*reg = v;
	if (o->k == IDX_DBR || o->k == IDX_IBR)
		ia64_flush_fast(c);
	return EX_NEXT;
}

int ia64_op_mov_gr_idx(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t *reg, index = gr_get(c, o->c);

	DEST(c, o->a);
	if (o->k != IDX_CPUID && o->k != IDX_PMD)
		PRIVILEGED(c);
	SOURCE(c, o->c);
	if (o->k == IDX_RR) {
		gr_set(c, o->a, c->rr[index >> 61], false);
		return EX_NEXT;
	}
	reg = indexed(c, o->k, index);
	if (!reg && o->k != IDX_PMC && o->k != IDX_PMD)
		return ia64_general(c, GE_RESERVED);
	gr_set(c, o->a, reg ? *reg : 0, false);
	return EX_NEXT;
}

/* ---- translations, SDM 2:4.1.1.5 and 3:2 */
static bool entry_ok(uint64_t pte, uint64_t itir)
{
	return !(itir & 3) && !(itir >> 32) &&
	       ia64_page_size_ok(itir >> 2 & 63) && ia64_pte_ok(pte);
}

/* Overlapping a TR is a machine check there: here the insert is refused. */
static void insert_tc(struct ia64_cpu *c, bool data, uint64_t va,
		      const struct ia64_tlbe *e)
{
	if (!ia64_tlb_overlaps_tr(c, data, va, e->rid, e->ps, IA64_NTR))
		ia64_tc_insert(c, data, e);
}

bool ia64_insert(struct ia64_cpu *c, bool data, uint64_t pte, uint64_t va,
		 uint64_t itir)
{
	struct ia64_tlbe e;

	if (!entry_ok(pte, itir))
		return false;
	ia64_tlbe_make(&e, pte, itir, va, c->rr[va >> 61] >> 8 & 0xffffff);
	insert_tc(c, data, va, &e);
	return true;
}

static int insert_entry(struct ia64_cpu *c, const struct ia64_op *o,
			struct ia64_tlbe *e)
{
	uint64_t itir = c->cr[CR_ITIR], ifa = c->cr[CR_IFA];
	uint64_t pte = gr_get(c, o->b);

	if (c->psr & PSR_IC)
		return ia64_general(c, GE_ILLEGAL_OP);
	PRIVILEGED(c);
	SOURCE(c, o->b);
	SOURCE(c, o->c); /* of itc it is r0 */
	if (!entry_ok(pte, itir))
		return ia64_general(c, GE_RESERVED);
	ia64_tlbe_make(e, pte, itir, ifa, c->rr[ifa >> 61] >> 8 & 0xffffff);
	return 0;
}

int ia64_op_itc(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_tlbe e;

	if (insert_entry(c, o, &e) < 0)
		return EX_FAULT;
	insert_tc(c, o->k, c->cr[CR_IFA], &e);
	return EX_NEXT;
}

int ia64_op_itr(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t slot = gr_get(c, o->c) & 0xff;
	struct ia64_tlbe e;

	if (insert_entry(c, o, &e) < 0)
		return EX_FAULT;
	if (slot >= IA64_NTR)
		return ia64_general(c, GE_RESERVED);
	if (ia64_tlb_overlaps_tr(c, o->k, c->cr[CR_IFA], e.rid, e.ps,
				 (unsigned)slot))
		return EX_NEXT;
	ia64_tlb_purge(c, o->k, c->cr[CR_IFA], e.rid, e.ps);
	c->tr[o->k][slot] = e;
	ia64_flush_fast(c);
	return EX_NEXT;
}

void ia64_purged(struct ia64_cpu *c, uint64_t va, uint32_t rid, unsigned ps)
{
	ia64_tlb_purge(c, false, va, rid, ps);
	ia64_tlb_purge(c, true, va, rid, ps);
}

int ia64_op_ptc(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t va = gr_get(c, o->c);
	unsigned ps = gr_get(c, o->b) >> 2 & 63;
	uint32_t rid = c->rr[va >> 61] >> 8 & 0xffffff;

	PRIVILEGED(c);
	SOURCE(c, o->c);
	SOURCE(c, o->b);
	if (ps < 12 || ps > 60)
		return ia64_general(c, GE_RESERVED);
	ia64_purged(c, va, rid, ps);
	if (o->k == PTC_GA)
		ia64_alat_clear(c);
	if (o->k != PTC_L && c->env->purge)
		c->env->purge(c->env->opaque, va, rid, ps);
	return EX_RESYNC;
}

void ia64_purge_all(struct ia64_cpu *c)
{
	ia64_tlb_clear(c);
}

int ia64_op_ptc_e(struct ia64_cpu *c, const struct ia64_op *o)
{
	PRIVILEGED(c);
	SOURCE(c, o->c);
	ia64_tlb_clear(c);
	return EX_RESYNC;
}

int ia64_op_ptr(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t va = gr_get(c, o->c);
	unsigned ps = gr_get(c, o->b) >> 2 & 63;

	PRIVILEGED(c);
	SOURCE(c, o->c);
	SOURCE(c, o->b);
	if (ps < 12 || ps > 60)
		return ia64_general(c, GE_RESERVED);
	ia64_tlb_purge(c, o->k, va, c->rr[va >> 61] >> 8 & 0xffffff, ps);
	ia64_tlb_purge_tr(c, o->k, va, ps);
	return EX_RESYNC;
}

/* ---- questions about translations */
int ia64_op_thash(struct ia64_cpu *c, const struct ia64_op *o)
{
	DEST(c, o->a);
	gr_set(c, o->a, ia64_thash(c, gr_get(c, o->c)), gr_nat(c, o->c));
	return EX_NEXT;
}

int ia64_op_ttag(struct ia64_cpu *c, const struct ia64_op *o)
{
	DEST(c, o->a);
	gr_set(c, o->a, ia64_ttag(c, gr_get(c, o->c)), gr_nat(c, o->c));
	return EX_NEXT;
}

/* A Privileged Operation fault of what refers to an address: SDM 3:2 tpa. */
static int privileged(struct ia64_cpu *c, unsigned na)
{
	return cpl(c) ? ia64_raise(c, VEC_GENERAL, GE_PRIV_OP | ISR_NA | na)
		      : 0;
}

int ia64_op_tpa(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_where w;

	DEST(c, o->a);
	if (privileged(c, NA_TPA) < 0)
		return EX_FAULT;
	if (gr_nat(c, o->c))
		return ia64_nat_register(c, ISR_NA | NA_TPA);
	if (ia64_translate(c, gr_get(c, o->c), ACC_NA | ACC_TLB, cpl(c), NA_TPA,
			   &w) < 0)
		return EX_FAULT;
	gr_set(c, o->a, w.pa, false);
	return EX_NEXT;
}

/* The walker may bring what is missing; its faults are nobody's. */
int ia64_op_tak(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t va = gr_get(c, o->c);
	struct ia64_tlbe *e;
	struct ia64_where w;

	DEST(c, o->a);
	if (privileged(c, NA_TAK) < 0)
		return EX_FAULT;
	if (gr_nat(c, o->c))
		return ia64_nat_register(c, ISR_NA | NA_TAK);
	e = ia64_tlb_find(c, true, va);
	if (!e && (c->psr & PSR_DT)) {
		ia64_translate(c, va, ACC_NA, 0, NA_TAK, &w);
		e = ia64_tlb_find(c, true, va);
	}
	gr_set(c, o->a, e && e->p ? (uint64_t)e->key << 8 : 1, false);
	return EX_NEXT;
}

/* probe answers where access is refused, and faults where nothing is known. */
int ia64_op_probe(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned pl = o->k & PROBE_IMM ? (unsigned)o->imm & 3
				       : gr_get(c, o->b) & 3;
	unsigned acc = (o->k & PROBE_R ? ACC_R : 0) |
		       (o->k & PROBE_W ? ACC_W : 0);
	struct ia64_where w;
	int ret;

	DEST(c, o->a);
	if (gr_nat(c, o->c) || (!(o->k & PROBE_IMM) && gr_nat(c, o->b)))
		return ia64_nat_register(c,
					 ia64_isr_of(acc | ACC_NA, NA_PROBE));
	if (pl < cpl(c))
		pl = cpl(c);
	ret = ia64_translate(c, gr_get(c, o->c), acc | ACC_NA | ACC_TLB, pl,
			     NA_PROBE, &w);
	if (ret < 0 && c->fault.vector != VEC_DACCESS &&
	    c->fault.vector != VEC_KEY_PERM && c->fault.vector != VEC_DIRTY &&
	    c->fault.vector != VEC_DACCESS_BIT)
		return EX_FAULT;
	/* the bits that say accessed and dirty are not asked about */
	gr_set(c, o->a,
	       ret == 0 || c->fault.vector == VEC_DIRTY ||
		       c->fault.vector == VEC_DACCESS_BIT,
	       false);
	return EX_NEXT;
}

int ia64_op_probe_fault(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned acc = (o->k & PROBE_R ? ACC_R : 0) |
		       (o->k & PROBE_W ? ACC_W : 0);
	unsigned pl = (unsigned)o->imm & 3;
	struct ia64_where w;

	if (gr_nat(c, o->c))
		return ia64_nat_register(
			c, ia64_isr_of(acc | ACC_NA, NA_PROBE_FAULT));
	return ia64_translate(c, gr_get(c, o->c), acc | ACC_NA | ACC_TLB,
			      pl < cpl(c) ? cpl(c) : pl, NA_PROBE_FAULT, &w);
}

/*
 * ---- code that changes, SDM 1:4.4.6.2; the page that these stand in may be
 * decoded no more afterwards, so that code is fetched anew
 */
int ia64_op_fc(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_where w;

	if (gr_nat(c, o->c))
		return ia64_nat_register(c, ISR_R | ISR_NA | NA_FC);
	if (ia64_translate(c, gr_get(c, o->c), ACC_R | ACC_NA, cpl(c), NA_FC,
			   &w) < 0)
		return EX_FAULT;
	ia64_code_changed(c, w.pa);
	if (c->env->code_changed)
		c->env->code_changed(c->env->opaque, w.pa);
	return EX_RESYNC;
}

int ia64_op_sync_i(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	if (c->env->code_sync)
		c->env->code_sync(c->env->opaque);
	return EX_RESYNC;
}

int ia64_op_hint(struct ia64_cpu *c, const struct ia64_op *o)
{
	if (!o->imm && c->env->pause) /* @pause; SDM 3:2 hint */
		c->env->pause(c->env->opaque);
	return EX_NEXT;
}

int ia64_op_srlz_i(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)c, (void)o;
	return EX_RESYNC;
}
