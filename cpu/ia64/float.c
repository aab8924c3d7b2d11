/* SPDX-License-Identifier: MIT */
/* The floating-point instructions of IA-64, by the arithmetic of fp.c. */
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/fp.h"
#include "cpu/ia64/mmu.h"

static struct ia64_fr *fr(struct ia64_cpu *c, unsigned f)
{
	return &c->fr[fr_index(c, f & 127)];
}

static bool is_nat(const struct ia64_fr *f)
{
	return fp_class(f) == FP_NAT;
}

/* Disabled FP Register faults, SDM 2:5.6: of any register that o names. */
int ia64_fp_ready(struct ia64_cpu *c, const struct ia64_op *o)
{
	const struct ia64_format *fmt = ia64_forms[o->form].fmt;
	const uint8_t field[] = { o->a, o->b, o->c, o->d, o->e };
	unsigned code = 0;

	if (!(c->psr & (PSR_DFL | PSR_DFH)))
		return 0;
	for (unsigned i = 0; i < 5 && fmt->opd[i]; i++) {
		if (fmt->opd[i]->kind != OPD_FR)
			continue;
		if (field[fmt->opd[i]->field] >= 32)
			code |= c->psr & PSR_DFH ? 2 : 0;
		else if (field[fmt->opd[i]->field] >= 2)
			code |= c->psr & PSR_DFL ? 1 : 0;
	}
	return code ? ia64_raise(c, VEC_DISABLED_FP, code) : 0;
}

#define READY(c, o)                          \
	do {                                 \
		if (ia64_fp_ready(c, o) < 0) \
			return EX_FAULT;     \
	} while (0)

void ia64_fr_set(struct ia64_cpu *c, unsigned f, struct ia64_fr v)
{
	*fr(c, f) = v;
	c->psr |= f < 32 ? PSR_MFL : PSR_MFH;
}

static struct ia64_fr of_sig(uint64_t sig)
{
	return (struct ia64_fr){ sig, FP_EXP_INT, 0 };
}

/* ---- status fields, SDM 1:5.2 */
static unsigned sf_bits(const struct ia64_cpu *c, unsigned sf)
{
	return c->ar[AR_FPSR] >> (6 + 13 * sf) & 0x1fff;
}

static unsigned traps_off(const struct ia64_cpu *c, unsigned sf)
{
	return (c->ar[AR_FPSR] & 63) | (sf_bits(c, sf) >> 6 & 1 ? 63 : 0);
}

/* How results are rounded: table 5-6 by the completer and the status field. */
static struct fp_ctl control(const struct ia64_cpu *c, unsigned pc, unsigned sf)
{
	static const uint8_t by_pc[4] = { 24, 24, 53, 64 };
	unsigned s = sf_bits(c, sf), off = traps_off(c, sf);
	bool wre = s >> 1 & 1;
	struct fp_ctl ctl = { .round = s >> 4 & 3,
			      .ftz = (s & 1) && (off & FP_U),
			      .unmasked_o = !(off & FP_O),
			      .unmasked_u = !(off & FP_U) };

	switch (pc) {
	case FPC_SINGLE:
		ctl.bits = 24;
		ctl.exp_bits = wre ? 17 : 8;
		break;
	case FPC_DOUBLE:
		ctl.bits = 53;
		ctl.exp_bits = wre ? 17 : 11;
		break;
	default:
		ctl.bits = by_pc[s >> 2 & 3];
		ctl.exp_bits = wre ? 17 : 15;
		break;
	}
	return ctl;
}

/*
 * Ends an instruction that may have raised flags: the fault of V, D or Z that
 * is not masked, before anything is written; else the flags stick.
 */
static int flags_fault(struct ia64_cpu *c, unsigned sf, unsigned flags)
{
	unsigned on = flags & ~traps_off(c, sf) & (FP_V | FP_D | FP_Z);

	if (!on)
		return 0;
	return ia64_raise(c, VEC_FP_FAULT, on);
}

static void flags_stick(struct ia64_cpu *c, unsigned sf, unsigned flags)
{
	c->ar[AR_FPSR] |= (uint64_t)(flags & FP_FLAGS) << (6 + 13 * sf + 7);
}

/* What a trap's ISR.code has of one result's flags: o, u, i, fpa. */
static uint64_t trap_bits(unsigned flags)
{
	return flags >> 3 & 15;
}

/*
 * The trap of O, U or I that is not masked, after the result is written; lo:
 * the flags of the lower half of a pair, of which flags has the other.  SDM
 * 2:8.3.
 */
static int flags_trap(struct ia64_cpu *c, const struct ia64_op *o,
		      unsigned flags, unsigned lo)
{
	unsigned off = traps_off(c, o->e), on = ~off & (FP_O | FP_U | FP_I);

	flags_stick(c, o->e, flags | lo);
	if (!((flags | lo) & on))
		return EX_NEXT;
	ia64_raise(c, VEC_FP_TRAP,
		   TRAP_FP | (flags & on ? trap_bits(flags) << 11 : 0) |
			   (lo & on ? trap_bits(lo) << 7 : 0));
	return EX_TRAP;
}

static int finish(struct ia64_cpu *c, const struct ia64_op *o,
		  struct ia64_fr res, unsigned flags)
{
	if (flags_fault(c, o->e, flags) < 0)
		return EX_FAULT;
	ia64_fr_set(c, o->a, res);
	return flags_trap(c, o, flags, 0);
}

/* ---- fma and its family */
static struct ia64_fr multiply_add(struct ia64_fr a, struct ia64_fr b,
				   struct ia64_fr add, unsigned kind, bool no_c,
				   const struct fp_ctl *ctl, unsigned *flags)
{
	/* the sign of a NaN is nobody's to change */
	if (kind == FMA_SUB && fp_class(&add) < FP_QNAN)
		add.sign ^= 1;
	if (kind == FMA_NEG && fp_class(&a) < FP_QNAN)
		a.sign ^= 1;
	return fp_fma(a, b, add, no_c, ctl, flags);
}

/*
 * By the host's arithmetic, which does not say whether a result was inexact: so
 * when the flag of that is up already and nothing traps.
 */
static bool fma_by_host(struct ia64_cpu *c, const struct ia64_op *o,
			const struct fp_ctl *ctl)
{
	struct ia64_fr a = *fr(c, o->c), add = *fr(c, o->b), res;

	/* f0 is no addend, and f1 no factor; a host may have no such sum */
	if (o->b != 0 && o->d != 1)
		return false;
	if (!(sf_bits(c, o->e) >> 7 & FP_I) || traps_off(c, o->e) != 63 ||
	    ctl->round != FP_NEAREST || (ctl->bits != 24 && ctl->bits != 53))
		return false;
	add.sign ^= (o->k & 3) == FMA_SUB;
	a.sign ^= (o->k & 3) == FMA_NEG;
	if (!fp_fma_host(&a, fr(c, o->d), &add, o->b == 0 ? FP_MPY : FP_ADD,
			 ctl->bits, &res))
		return false;
	ia64_fr_set(c, o->a, res);
	return true;
}

int ia64_op_fma(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *a = fr(c, o->c), *b = fr(c, o->d), *add = fr(c, o->b);
	struct fp_ctl ctl = control(c, o->k >> 2, o->e);
	struct ia64_fr res;
	unsigned flags = 0;

	READY(c, o);
	if (fma_by_host(c, o, &ctl))
		return EX_NEXT;
	if (is_nat(a) || is_nat(b) || is_nat(add)) {
		ia64_fr_set(c, o->a, fp_nat);
		return EX_NEXT;
	}
	res = multiply_add(*a, *b, *add, o->k & 3, o->b == 0, &ctl, &flags);
	return finish(c, o, res, flags);
}

/* ---- pairs of singles */
static struct ia64_fr lane(const struct ia64_fr *f, unsigned hi)
{
	return fp_from_single((uint32_t)(f->sig >> 32 * hi));
}

static struct fp_ctl lane_control(const struct ia64_cpu *c, unsigned sf)
{
	struct fp_ctl ctl = control(c, FPC_SINGLE, sf);

	ctl.exp_bits = 8;
	return ctl;
}

/* f1 of parallel instructions stands for 1.0 twice */
static struct ia64_fr par_reg(struct ia64_cpu *c, unsigned f)
{
	return f == 1 ? of_sig(0x3f8000003f800000) : *fr(c, f);
}

/* Ends one on pairs, which has written its target's significand to sig. */
static int finish_halves(struct ia64_cpu *c, const struct ia64_op *o,
			 uint64_t sig, const unsigned flags[2])
{
	unsigned on = ~traps_off(c, o->e) & (FP_V | FP_D | FP_Z);

	if ((flags[0] | flags[1]) & on)
		return ia64_raise(c, VEC_FP_FAULT,
				  (flags[1] & on) | (flags[0] & on) << 4);
	ia64_fr_set(c, o->a, of_sig(sig));
	return flags_trap(c, o, flags[1], flags[0]);
}

static int finish_pair(struct ia64_cpu *c, const struct ia64_op *o,
		       const struct ia64_fr res[2], const unsigned flags[2])
{
	return finish_halves(
		c, o, fp_to_lane(&res[0]) | (uint64_t)fp_to_lane(&res[1]) << 32,
		flags);
}

int ia64_op_fpma(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr a = par_reg(c, o->c), b = par_reg(c, o->d);
	struct ia64_fr add = par_reg(c, o->b), res[2];
	struct fp_ctl ctl = lane_control(c, o->e);
	unsigned flags[2] = { 0, 0 };

	READY(c, o);
	if (is_nat(&a) || is_nat(&b) || is_nat(&add)) {
		ia64_fr_set(c, o->a, fp_nat);
		return EX_NEXT;
	}
	for (unsigned i = 0; i < 2; i++)
		res[i] = multiply_add(lane(&a, i), lane(&b, i), lane(&add, i),
				      o->k & 3, o->b == 0, &ctl, &flags[i]);
	return finish_pair(c, o, res, flags);
}

/* ---- integers in significands */
int ia64_op_xma(struct ia64_cpu *c, const struct ia64_op *o)
{
	const struct ia64_fr *a = fr(c, o->c), *b = fr(c, o->d);
	const struct ia64_fr *add = fr(c, o->b);
	unsigned __int128 p;

	READY(c, o);
	if (is_nat(a) || is_nat(b) || is_nat(add)) {
		ia64_fr_set(c, o->a, fp_nat);
		return EX_NEXT;
	}
	if (o->k == 2)
		p = (unsigned __int128)a->sig * b->sig;
	else
		p = (unsigned __int128)((__int128)(int64_t)a->sig *
					(int64_t)b->sig);
	p += add->sig;
	ia64_fr_set(c, o->a, of_sig((uint64_t)(o->k ? p >> 64 : p)));
	return EX_NEXT;
}

int ia64_op_fselect(struct ia64_cpu *c, const struct ia64_op *o)
{
	const struct ia64_fr *a = fr(c, o->c), *b = fr(c, o->d);
	const struct ia64_fr *mask = fr(c, o->b);

	READY(c, o);
	if (is_nat(a) || is_nat(b) || is_nat(mask))
		ia64_fr_set(c, o->a, fp_nat);
	else
		ia64_fr_set(
			c, o->a,
			of_sig((a->sig & mask->sig) | (b->sig & ~mask->sig)));
	return EX_NEXT;
}

/* ---- comparisons */
static int unpredicated(struct ia64_cpu *c, const struct ia64_op *o, bool unc)
{
	if (unc) {
		pr_set(c, o->a, false);
		pr_set(c, o->d, false);
	}
	return EX_NEXT;
}

/* Whether the relation holds; by the answer of fp_compare(). */
static bool holds(unsigned rel, int cmp)
{
	switch (rel & 3) {
	case FREL_EQ: return cmp == 0;
	case FREL_LT: return cmp == -1;
	case FREL_LE: return cmp == -1 || cmp == 0;
	default: return cmp == 2;
	}
}

static bool signals(unsigned rel)
{
	return (rel & 3) == FREL_LT || (rel & 3) == FREL_LE;
}

int ia64_op_fcmp(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *a = fr(c, o->b), *b = fr(c, o->c);
	unsigned flags = 0;
	bool res;

	if (!pr_get(c, o->qp))
		return unpredicated(c, o, o->k & FCMP_UNC);
	READY(c, o);
	if (is_nat(a) || is_nat(b))
		return unpredicated(c, o, true);
	res = holds(o->k, fp_compare(*a, *b, signals(o->k), &flags));
	if (flags_fault(c, o->e, flags) < 0)
		return EX_FAULT;
	flags_stick(c, o->e, flags);
	pr_set(c, o->a, res);
	pr_set(c, o->d, !res);
	return EX_NEXT;
}

int ia64_op_fpcmp(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr a = par_reg(c, o->b), b = par_reg(c, o->c);
	unsigned flags[2] = { 0, 0 };
	uint64_t res = 0;

	READY(c, o);
	if (is_nat(&a) || is_nat(&b)) {
		ia64_fr_set(c, o->a, fp_nat);
		return EX_NEXT;
	}
	for (unsigned i = 0; i < 2; i++) {
		bool r = holds(o->k, fp_compare(lane(&a, i), lane(&b, i),
						signals(o->k), &flags[i]));

		if (r != !!(o->k & FREL_NOT))
			res |= UINT64_C(0xffffffff) << 32 * i;
	}
	return finish_halves(c, o, res, flags);
}

/* SDM 3:2 fclass: bits of the class. */
static unsigned class_bits(const struct ia64_fr *f)
{
	switch (fp_class(f)) {
	case FP_ZERO_: return fp_unnormal(f) ? 0x8 : 0x4;
	case FP_FINITE: return fp_unnormal(f) ? 0x8 : 0x10;
	case FP_INF: return 0x20;
	case FP_SNAN: return 0x40;
	case FP_QNAN: return 0x80;
	case FP_NAT: return 0x100;
	default: return 0;
	}
}

int ia64_op_fclass(struct ia64_cpu *c, const struct ia64_op *o)
{
	const struct ia64_fr *f = fr(c, o->b);
	unsigned want = (unsigned)o->imm, have = class_bits(f);
	bool res;

	if (!pr_get(c, o->qp))
		return unpredicated(c, o, o->k);
	READY(c, o);
	if (have == 0x100) {
		if (!(want & 0x100))
			return unpredicated(c, o, true);
		res = true;
	} else {
		res = (want & (f->sign ? 2 : 1)) && (want & have);
	}
	pr_set(c, o->a, res);
	pr_set(c, o->d, !res);
	return EX_NEXT;
}

/* ---- minimum and maximum: the second where neither is less */
static struct ia64_fr min_max(struct ia64_fr a, struct ia64_fr b, unsigned kind,
			      unsigned *flags)
{
	struct ia64_fr x = a, y = b;
	int cmp;

	if (kind == FMM_AMIN || kind == FMM_AMAX)
		x.sign = y.sign = 0;
	cmp = fp_compare(x, y, true, flags);
	if (kind == FMM_MIN || kind == FMM_AMIN)
		return cmp == -1 ? a : b;
	return cmp == 1 ? a : b;
}

int ia64_op_fminmax(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *a = fr(c, o->b), *b = fr(c, o->c);
	struct ia64_fr res;
	unsigned flags = 0;

	READY(c, o);
	if (is_nat(a) || is_nat(b)) {
		ia64_fr_set(c, o->a, fp_nat);
		return EX_NEXT;
	}
	res = min_max(*a, *b, o->k, &flags);
	return finish(c, o, res, flags);
}

int ia64_op_fpminmax(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr a = par_reg(c, o->b), b = par_reg(c, o->c), res[2];
	unsigned flags[2] = { 0, 0 };

	READY(c, o);
	if (is_nat(&a) || is_nat(&b)) {
		ia64_fr_set(c, o->a, fp_nat);
		return EX_NEXT;
	}
	for (unsigned i = 0; i < 2; i++)
		res[i] = min_max(lane(&a, i), lane(&b, i), o->k, &flags[i]);
	return finish_pair(c, o, res, flags);
}

/* ---- approximations; without a predicate that is true they clear p2 */
static int approximate(struct ia64_cpu *c, const struct ia64_op *o, bool root)
{
	struct fp_ctl ctl = { .bits = 64, .exp_bits = 17 };
	struct ia64_fr res, *num = fr(c, o->b), *f = fr(c, o->c);
	unsigned flags = 0;
	bool p;

	if (!pr_get(c, o->qp)) {
		pr_set(c, o->d, false);
		return EX_NEXT;
	}
	READY(c, o);
	if (is_nat(f) || (!root && is_nat(num))) {
		ia64_fr_set(c, o->a, fp_nat);
		pr_set(c, o->d, false);
		return EX_NEXT;
	}
	if (root)
		p = fp_rsqrta(*f, &res, &flags);
	else
		p = fp_rcpa(*num, *f, &ctl, &res, &flags);
	if (flags_fault(c, o->e, flags) < 0)
		return EX_FAULT;
	flags_stick(c, o->e, flags);
	ia64_fr_set(c, o->a, res);
	pr_set(c, o->d, p);
	return EX_NEXT;
}

int ia64_op_frcpa(struct ia64_cpu *c, const struct ia64_op *o)
{
	return approximate(c, o, false);
}

int ia64_op_frsqrta(struct ia64_cpu *c, const struct ia64_op *o)
{
	return approximate(c, o, true);
}

static int approximate_pair(struct ia64_cpu *c, const struct ia64_op *o,
			    bool root)
{
	struct fp_ctl ctl = lane_control(c, o->e);
	struct ia64_fr num = par_reg(c, o->b), f = par_reg(c, o->c), res[2];
	unsigned flags[2] = { 0, 0 };
	bool p = true;
	int ret;

	READY(c, o);
	if (is_nat(&f) || (!root && is_nat(&num))) {
		ia64_fr_set(c, o->a, fp_nat);
		pr_set(c, o->d, false);
		return EX_NEXT;
	}
	for (unsigned i = 0; i < 2; i++) {
		p &= root ? fp_prsqrta(lane(&f, i), &res[i], &flags[i])
			  : fp_prcpa(lane(&num, i), lane(&f, i), &ctl, &res[i],
				     &flags[i]);
	}
	ret = finish_pair(c, o, res, flags);
	if (ret != EX_FAULT)
		pr_set(c, o->d, p);
	return ret;
}

int ia64_op_fprcpa(struct ia64_cpu *c, const struct ia64_op *o)
{
	if (!pr_get(c, o->qp))
		pr_set(c, o->d, false);
	else
		return approximate_pair(c, o, false);
	return EX_NEXT;
}

int ia64_op_fprsqrta(struct ia64_cpu *c, const struct ia64_op *o)
{
	if (!pr_get(c, o->qp))
		pr_set(c, o->d, false);
	else
		return approximate_pair(c, o, true);
	return EX_NEXT;
}

/* ---- moving signs, halves and bits */
static uint64_t merge_lanes(uint64_t x, uint64_t y, unsigned kind)
{
	const uint64_t s = 0x8000000080000000, se = 0xff800000ff800000;

	switch (kind) {
	case FMG_S: return (x & s) | (y & ~s);
	case FMG_NS: return (~x & s) | (y & ~s);
	default: return (x & se) | (y & ~se);
	}
}

int ia64_op_fmerge(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *a = fr(c, o->b), *b = fr(c, o->c), res = *b;
	unsigned kind = o->k & 3;

	READY(c, o);
	if (is_nat(a) || is_nat(b)) {
		res = fp_nat;
	} else if (o->k & FMG_P) {
		res = of_sig(merge_lanes(par_reg(c, o->b).sig,
					 par_reg(c, o->c).sig, kind));
	} else {
		res.sign = kind == FMG_NS ? !a->sign : a->sign;
		if (kind == FMG_SE)
			res.exp = a->exp;
	}
	ia64_fr_set(c, o->a, res);
	return EX_NEXT;
}

int ia64_op_fpack(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *a = fr(c, o->b), *b = fr(c, o->c);

	READY(c, o);
	if (is_nat(a) || is_nat(b))
		ia64_fr_set(c, o->a, fp_nat);
	else
		ia64_fr_set(c, o->a,
			    of_sig((uint64_t)fp_to_single(a) << 32 |
				   fp_to_single(b)));
	return EX_NEXT;
}

static uint64_t sign_half(uint64_t x, unsigned half)
{
	return x >> (32 * half + 31) & 1 ? UINT32_MAX : 0;
}

static uint64_t logic(uint64_t x, uint64_t y, unsigned kind)
{
	const uint64_t lo = UINT32_MAX, s = UINT64_C(1) << 31;

	switch (kind) {
	case FLG_AND: return x & y;
	case FLG_ANDCM: return x & ~y;
	case FLG_OR: return x | y;
	case FLG_XOR: return x ^ y;
	case FLG_SWAP: return y << 32 | x >> 32;
	case FLG_SWAP_NL: return (y << 32 ^ s << 32) | x >> 32;
	case FLG_SWAP_NR: return y << 32 | (x >> 32 ^ s);
	case FLG_MIX_LR: return (x & ~lo) | (y & lo);
	case FLG_MIX_R: return x << 32 | (y & lo);
	case FLG_MIX_L: return (x & ~lo) | y >> 32;
	case FLG_SXT_R: return sign_half(x, 0) << 32 | (y & lo);
	default: return sign_half(x, 1) << 32 | y >> 32;
	}
}

int ia64_op_flogic(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *a = fr(c, o->b), *b = fr(c, o->c);

	READY(c, o);
	if (is_nat(a) || is_nat(b))
		ia64_fr_set(c, o->a, fp_nat);
	else
		ia64_fr_set(c, o->a, of_sig(logic(a->sig, b->sig, o->k)));
	return EX_NEXT;
}

/* ---- conversions */
static enum fp_round rounding(struct ia64_cpu *c, const struct ia64_op *o)
{
	return o->k & FCVT_TRUNC ? FP_ZERO : sf_bits(c, o->e) >> 4 & 3;
}

int ia64_op_fcvt(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *f = fr(c, o->b);
	unsigned flags = 0;
	uint64_t v;

	READY(c, o);
	if (is_nat(f)) {
		ia64_fr_set(c, o->a, fp_nat);
		return EX_NEXT;
	}
	v = fp_to_int(*f, o->k & FCVT_U, 64, rounding(c, o), &flags);
	return finish(c, o, of_sig(v), flags);
}

int ia64_op_fpcvt(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr f = par_reg(c, o->b);
	unsigned flags[2] = { 0, 0 };
	uint64_t v = 0;

	READY(c, o);
	if (is_nat(&f)) {
		ia64_fr_set(c, o->a, fp_nat);
		return EX_NEXT;
	}
	for (unsigned i = 0; i < 2; i++)
		v |= fp_to_int(lane(&f, i), o->k & FCVT_U, 32, rounding(c, o),
			       &flags[i])
		     << 32 * i;
	return finish_halves(c, o, v, flags);
}

int ia64_op_fcvt_xf(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *f = fr(c, o->b);

	READY(c, o);
	ia64_fr_set(c, o->a, is_nat(f) ? fp_nat : fp_from_int((int64_t)f->sig));
	return EX_NEXT;
}

/* ---- status field instructions; d is the field of fsetc */
int ia64_op_fsetc(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned at = 6 + 13 * o->d;
	uint64_t ctl = ((c->ar[AR_FPSR] >> 6 & (uint64_t)o->imm) | o->e) & 0x7f;

	if ((ctl >> 2 & 3) == 1 || (o->d == 0 && (ctl & 0x40)))
		return ia64_general(c, GE_RESERVED);
	c->ar[AR_FPSR] = (c->ar[AR_FPSR] & ~(UINT64_C(0x7f) << at)) | ctl << at;
	return EX_NEXT;
}

int ia64_op_fclrf(struct ia64_cpu *c, const struct ia64_op *o)
{
	c->ar[AR_FPSR] &= ~(UINT64_C(63) << (6 + 13 * o->e + 7));
	return EX_NEXT;
}

int ia64_op_fchkf(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned flags = sf_bits(c, o->e) >> 7;

	if ((flags & ~(unsigned)c->ar[AR_FPSR] & 63) ||
	    (flags & ~(sf_bits(c, 0) >> 7)))
		return EX_BRANCH;
	return EX_NEXT;
}

int ia64_op_chk_sf(struct ia64_cpu *c, const struct ia64_op *o)
{
	READY(c, o);
	return is_nat(fr(c, o->b)) ? EX_BRANCH : EX_NEXT;
}

/* ---- between register files */
int ia64_op_getf(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_fr *f = fr(c, o->b);
	uint64_t v;

	if (!gr_there(c, o->a))
		return ia64_general(c, GE_ILLEGAL_OP);
	READY(c, o);
	switch (o->k) {
	case 0: v = f->sig; break;
	case 1: v = f->exp | f->sign << 17; break;
	case 2: v = fp_to_single(f); break;
	default: v = fp_to_double(f); break;
	}
	gr_set(c, o->a, v, is_nat(f));
	return EX_NEXT;
}

int ia64_op_setf(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t v = gr_get(c, o->b);
	struct ia64_fr res;

	READY(c, o);
	switch (o->k) {
	case 0: res = of_sig(v); break;
	case 1:
		res = (struct ia64_fr){ FP_MSB, v & 0x1ffff, v >> 17 & 1 };
		break;
	case 2: res = fp_from_single((uint32_t)v); break;
	default: res = fp_from_double(v); break;
	}
	ia64_fr_set(c, o->a, gr_nat(c, o->b) ? fp_nat : res);
	return EX_NEXT;
}
