/* SPDX-License-Identifier: MIT */
/*
 * The forms of floating point that test_fp.c has not: parallel ones, minima,
 * merges, mixes and bitwise ones.  What they give is worked out here, from the
 * manual's descriptions, with the host's single precision (by builtins, for
 * math.h has names of cpu/ia64/fp.h's).
 */
#include <stdlib.h>
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/fp.h"
#include "tests/cpu/ia64/random.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static struct ia64_rig r;
static uint64_t seed = 0x5eed;

static uint64_t rnd(void)
{
	return random_next(&seed);
}

static float real(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, 4);
	return f;
}

static uint32_t bits_of(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, 4);
	return bits;
}

/* Near 1, so that sums cancel; anything; zeros, infinities, denormals. */
static uint32_t random_single(void)
{
	uint32_t v = (uint32_t)rnd();

	switch (rnd() % 8) {
	case 0: return v & 0x80000000;
	case 1: return (v & 0x80000000) | 0x7f800000;
	case 2: return v & 0x807fffff;
	case 3: return v & 0x7f800000 ? v & ~0x7f800000u : v;
	default: return (v & 0x80ffffff) | 0x3f000000;
	}
}

static uint64_t random_pair(void)
{
	return (uint64_t)random_single() << 32 | random_single();
}

/* ---- what each form is to give of one single, or of a pair */
typedef uint32_t half_fn(uint32_t a, uint32_t b, uint32_t c);
typedef uint64_t pair_fn(uint64_t a, uint64_t b, uint64_t c);

/* The operands are in the order of the syntax; fpma's: factors, addend. */
static uint32_t h_fpma(uint32_t a, uint32_t b, uint32_t c)
{
	return bits_of(__builtin_fmaf(real(a), real(b), real(c)));
}
static uint32_t h_fpms(uint32_t a, uint32_t b, uint32_t c)
{
	return bits_of(__builtin_fmaf(real(a), real(b), -real(c)));
}
static uint32_t h_fpnma(uint32_t a, uint32_t b, uint32_t c)
{
	return bits_of(__builtin_fmaf(-real(a), real(b), real(c)));
}
static uint32_t h_fpmin(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return real(a) < real(b) ? a : b;
}
static uint32_t h_fpmax(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return real(b) < real(a) ? a : b;
}
static uint32_t h_fpamin(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return __builtin_fabsf(real(a)) < __builtin_fabsf(real(b)) ? a : b;
}
static uint32_t h_fpamax(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return __builtin_fabsf(real(b)) < __builtin_fabsf(real(a)) ? a : b;
}
static uint32_t h_eq(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return real(a) == real(b) ? UINT32_MAX : 0;
}
static uint32_t h_lt(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return real(a) < real(b) ? UINT32_MAX : 0;
}
static uint32_t h_le(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return real(a) <= real(b) ? UINT32_MAX : 0;
}
static uint32_t h_unord(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return __builtin_isunordered(real(a), real(b)) ? UINT32_MAX : 0;
}
static uint32_t h_neq(uint32_t a, uint32_t b, uint32_t c)
{
	return ~h_eq(a, b, c);
}
static uint32_t h_nlt(uint32_t a, uint32_t b, uint32_t c)
{
	return ~h_lt(a, b, c);
}
static uint32_t h_nle(uint32_t a, uint32_t b, uint32_t c)
{
	return ~h_le(a, b, c);
}
static uint32_t h_ord(uint32_t a, uint32_t b, uint32_t c)
{
	return ~h_unord(a, b, c);
}
static uint32_t h_merge_s(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return (a & 0x80000000) | (b & 0x7fffffff);
}
static uint32_t h_merge_ns(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return (~a & 0x80000000) | (b & 0x7fffffff);
}
static uint32_t h_merge_se(uint32_t a, uint32_t b, uint32_t c)
{
	(void)c;
	return (a & 0xff800000) | (b & 0x007fffff);
}

static uint64_t p_and(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return a & b;
}
static uint64_t p_andcm(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return a & ~b;
}
static uint64_t p_or(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return a | b;
}
static uint64_t p_xor(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return a ^ b;
}
static uint64_t p_swap(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return b << 32 | a >> 32;
}
static uint64_t p_swap_nl(uint64_t a, uint64_t b, uint64_t c)
{
	return p_swap(a, b, c) ^ UINT64_C(1) << 63;
}
static uint64_t p_swap_nr(uint64_t a, uint64_t b, uint64_t c)
{
	return p_swap(a, b, c) ^ UINT64_C(1) << 31;
}
static uint64_t p_mix_lr(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return a >> 32 << 32 | (uint32_t)b;
}
static uint64_t p_mix_r(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return a << 32 | (uint32_t)b;
}
static uint64_t p_mix_l(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return a >> 32 << 32 | b >> 32;
}
static uint64_t p_sxt_r(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return (a >> 31 & 1 ? UINT64_C(0xffffffff) << 32 : 0) | (uint32_t)b;
}
static uint64_t p_sxt_l(uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	return (a >> 63 ? UINT64_C(0xffffffff) << 32 : 0) | b >> 32;
}
static uint64_t p_select(uint64_t a, uint64_t b, uint64_t c)
{
	return (a & c) | (b & ~c);
}

static const struct {
	const char *name, *fmt;
	half_fn *half;
	pair_fn *pair;
} forms[] = {
	{ "fpma", "F1", h_fpma, NULL },
	{ "fpms", "F1", h_fpms, NULL },
	{ "fpnma", "F1", h_fpnma, NULL },
	{ "fpmin", "F8", h_fpmin, NULL },
	{ "fpmax", "F8", h_fpmax, NULL },
	{ "fpamin", "F8", h_fpamin, NULL },
	{ "fpamax", "F8", h_fpamax, NULL },
	{ "fpcmp.eq", "F8", h_eq, NULL },
	{ "fpcmp.lt", "F8", h_lt, NULL },
	{ "fpcmp.le", "F8", h_le, NULL },
	{ "fpcmp.unord", "F8", h_unord, NULL },
	{ "fpcmp.neq", "F8", h_neq, NULL },
	{ "fpcmp.nlt", "F8", h_nlt, NULL },
	{ "fpcmp.nle", "F8", h_nle, NULL },
	{ "fpcmp.ord", "F8", h_ord, NULL },
	{ "fpmerge.s", "F9", h_merge_s, NULL },
	{ "fpmerge.ns", "F9", h_merge_ns, NULL },
	{ "fpmerge.se", "F9", h_merge_se, NULL },
	{ "fand", "F9", NULL, p_and },
	{ "fandcm", "F9", NULL, p_andcm },
	{ "for", "F9", NULL, p_or },
	{ "fxor", "F9", NULL, p_xor },
	{ "fswap", "F9", NULL, p_swap },
	{ "fswap.nl", "F9", NULL, p_swap_nl },
	{ "fswap.nr", "F9", NULL, p_swap_nr },
	{ "fmix.lr", "F9", NULL, p_mix_lr },
	{ "fmix.r", "F9", NULL, p_mix_r },
	{ "fmix.l", "F9", NULL, p_mix_l },
	{ "fsxt.r", "F9", NULL, p_sxt_r },
	{ "fsxt.l", "F9", NULL, p_sxt_l },
	{ "fselect", "F3", NULL, p_select },
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

static void check_form(unsigned i, uint64_t a, uint64_t b, uint64_t c)
{
	const struct ia64_fr *got = &r.c->fr[32 + i];
	uint64_t want;

	if (forms[i].half) {
		uint32_t hi = forms[i].half((uint32_t)(a >> 32),
					    (uint32_t)(b >> 32),
					    (uint32_t)(c >> 32));
		uint32_t lo =
			forms[i].half((uint32_t)a, (uint32_t)b, (uint32_t)c);

		/* arithmetic's own NaN differs from host to host */
		if (i < 3 &&
		    (__builtin_isnan(real(hi)) || __builtin_isnan(real(lo))))
			return;
		want = (uint64_t)hi << 32 | lo;
	} else {
		want = forms[i].pair(a, b, c);
	}
	if (got->sig != want)
		printf("# %s of %016llx %016llx %016llx\n", forms[i].name,
		       (unsigned long long)a, (unsigned long long)b,
		       (unsigned long long)c);
	CHECK_EQ(got->sig, want);
	CHECK_EQ(got->exp, FP_EXP_INT);
	CHECK_EQ(got->sign, 0);
}

TEST(ia64_parallel_and_bitwise_forms_give_what_the_manual_says)
{
	ia64_rig_init(&r);
	for (unsigned i = 0; i < FORMS; i++)
		PUT(&r, forms[i].name, forms[i].fmt, 32 + i, 6, 7, 8);
	PUT(&r, "break.m", "M37", IA64_END);
	for (unsigned n = 0; n < 500; n++) {
		uint64_t a = random_pair(), b = random_pair();
		uint64_t c = random_pair();

		if (rnd() % 4 == 0) /* equal ones, and quiet NaNs */
			b = a;
		if (rnd() % 8 == 0)
			a |= 0x7fc00000;
		r.c->fr[6] = (struct ia64_fr){ a, FP_EXP_INT, 0 };
		r.c->fr[7] = (struct ia64_fr){ b, FP_EXP_INT, 0 };
		r.c->fr[8] = (struct ia64_fr){ c, FP_EXP_INT, 0 };
		r.c->ip = IA64_CODE;
		r.c->ri = 0;
		CHECK_EQ(ia64_rig_continue(&r), IA64_END);
		for (unsigned i = 0; i < FORMS; i++)
			check_form(i, a, b, c);
	}
	ia64_rig_free(&r);
}

/* Within the range of the result; what is not is the manual's other case. */
TEST(ia64_parallel_conversions_round_each_half)
{
	ia64_rig_init(&r);
	PUT(&r, "fpcvt.fx", "F10", 9, 6);
	PUT(&r, "fpcvt.fx.trunc", "F10", 10, 6);
	PUT(&r, "fpcvt.fxu", "F10", 11, 7);
	PUT(&r, "fpcvt.fxu.trunc", "F10", 12, 7);
	PUT(&r, "break.m", "M37", IA64_END);
	for (unsigned n = 0; n < 500; n++) {
		float x = __builtin_ldexpf((float)(int32_t)rnd(),
					   -(int)(rnd() % 33));
		float y = __builtin_ldexpf((float)((uint32_t)rnd() >> 1),
					   -(int)(rnd() % 33));

		if (__builtin_fabsf(x) >= 0x1p31f ||
		    __builtin_fabsf(y) >= 0x1p31f)
			continue;
		r.c->fr[6] = (struct ia64_fr){
			(uint64_t)bits_of(x) << 32 | bits_of(y), FP_EXP_INT, 0
		};
		r.c->fr[7] =
			(struct ia64_fr){ (uint64_t)bits_of(y) << 32 |
						  bits_of(__builtin_fabsf(x)),
					  FP_EXP_INT, 0 };
		r.c->ip = IA64_CODE;
		r.c->ri = 0;
		CHECK_EQ(ia64_rig_continue(&r), IA64_END);
		CHECK_EQ((int32_t)(r.c->fr[9].sig >> 32), __builtin_lrintf(x));
		CHECK_EQ((int32_t)r.c->fr[9].sig, __builtin_lrintf(y));
		CHECK_EQ((int32_t)(r.c->fr[10].sig >> 32), (int32_t)x);
		CHECK_EQ((int32_t)r.c->fr[10].sig, (int32_t)y);
		CHECK_EQ((uint32_t)(r.c->fr[11].sig >> 32),
			 __builtin_lrintf(y));
		CHECK_EQ((uint32_t)r.c->fr[12].sig,
			 (uint32_t)__builtin_fabsf(x));
	}
	ia64_rig_free(&r);
}

TEST(ia64_merges_take_fields_of_whole_registers)
{
	const struct ia64_fr a = { 0x8123456789abcdef, 0x12345, 1 };
	const struct ia64_fr b = { 0xfedcba9876543210, 0x0cafe, 0 };
	const struct ia64_fr s = { b.sig, b.exp, 1 }, ns = { b.sig, b.exp, 0 };
	const struct ia64_fr se = { b.sig, a.exp, 1 };

	ia64_rig_init(&r);
	r.c->fr[6] = a;
	r.c->fr[7] = b;
	r.c->fr[8] = fp_from_single(0xc0490fdb);
	r.c->fr[9] = fp_from_single(0x3f800001);
	PUT(&r, "fmerge.s", "F9", 10, 6, 7);
	PUT(&r, "fmerge.ns", "F9", 11, 6, 7);
	PUT(&r, "fmerge.se", "F9", 12, 6, 7);
	PUT(&r, "fpack", "F9", 13, 8, 9);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_MEM(&r.c->fr[10], &s, sizeof(s));
	CHECK_MEM(&r.c->fr[11], &ns, sizeof(ns));
	CHECK_MEM(&r.c->fr[12], &se, sizeof(se));
	CHECK_EQ(r.c->fr[13].sig, 0xc0490fdb3f800001);
	ia64_rig_free(&r);
}

/* ---- scalar forms, by the host's double precision */
static double random_double(void)
{
	switch (rnd() % 8) {
	case 0: return 0;
	case 1: return rnd() % 2 ? __builtin_inf() : -__builtin_inf();
	case 2: return __builtin_nan("");
	case 3: return (double)(int64_t)rnd();
	default:
		return __builtin_ldexp((double)(int32_t)rnd(),
				       (int)(rnd() % 64) - 48);
	}
}

static struct ia64_fr of_double(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, 8);
	return fp_from_double(bits);
}

static double to_double(const struct ia64_fr *f)
{
	uint64_t bits = fp_to_double(f);
	double x;

	memcpy(&x, &bits, 8);
	return x;
}

static bool holds(const char *rel, double a, double b)
{
	if (!strncmp(rel, "eq", 2))
		return a == b;
	if (!strncmp(rel, "lt", 2))
		return a < b;
	if (!strncmp(rel, "le", 2))
		return a <= b;
	return __builtin_isunordered(a, b);
}

/* p8, p9 = relation of a and b, under p6; both were set. */
static void check_fcmp(const struct ia64_form *f, double a, double b, bool qp,
		       bool nat)
{
	bool res = holds(f->name + 5, a, b), unc = f->k & FCMP_UNC;
	uint64_t want = nat ? 0 : res ? 1 << 8 : 1 << 9;

	if (!qp)
		want = unc ? 0 : 3 << 8;
	ia64_rig_init(&r);
	r.c->fr[6] = of_double(a);
	r.c->fr[7] = nat ? fp_nat : of_double(b);
	r.c->pr |= (qp ? 1 << 6 : 0) | 3 << 8;
	ia64_put_form(&r, 6, f, (const int64_t[]){ 8, 9, 6, 7, 0 });
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(r.c->pr & 3 << 8, want);
	ia64_rig_free(&r);
}

TEST(ia64_every_comparison_sets_both_predicates)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < ia64_nforms; i++) {
		if (ia64_forms[i].op != OP_FCMP)
			continue;
		seen++;
		for (unsigned n = 0; n < 16; n++) {
			double a = random_double();
			double b = n % 4 ? random_double() : a;

			check_fcmp(&ia64_forms[i], a, b, n % 8 != 7,
				   n % 8 == 6);
		}
	}
	CHECK_EQ(seen, 8);
}

/* What is outside the integers gives the one that says so: SDM 3:2 fcvt.fx. */
static int64_t integer(double x, bool is_unsigned, bool trunc)
{
	double whole = trunc ? __builtin_trunc(x) : __builtin_rint(x);
	double low = is_unsigned ? 0 : -0x1p63;
	double high = is_unsigned ? 0x1p64 : 0x1p63;

	if (__builtin_isnan(x) || whole < low || whole >= high)
		return INT64_MIN;
	return is_unsigned ? (int64_t)(uint64_t)whole : (int64_t)whole;
}

TEST(ia64_every_conversion_to_integers_rounds_as_it_says)
{
	static const char *const names[] = { "fcvt.fx", "fcvt.fxu",
					     "fcvt.fx.trunc",
					     "fcvt.fxu.trunc" };

	ia64_rig_init(&r);
	for (unsigned i = 0; i < 4; i++)
		PUT(&r, names[i], "F10", 8 + i, 6);
	PUT(&r, "break.m", "M37", IA64_END);
	for (unsigned n = 0; n < 1000; n++) {
		double x = random_double();

		r.c->fr[6] = of_double(x);
		r.c->ip = IA64_CODE;
		r.c->ri = 0;
		CHECK_EQ(ia64_rig_continue(&r), IA64_END);
		for (unsigned i = 0; i < 4; i++) {
			CHECK_EQ((int64_t)r.c->fr[8 + i].sig,
				 integer(x, i & 1, i & 2));
			CHECK_EQ(r.c->fr[8 + i].exp, FP_EXP_INT);
		}
	}
	ia64_rig_free(&r);
}

TEST(ia64_minima_and_maxima_are_one_of_both)
{
	static const char *const names[] = { "fmin", "fmax", "famin", "famax" };

	ia64_rig_init(&r);
	for (unsigned i = 0; i < 4; i++)
		PUT(&r, names[i], "F8", 8 + i, 6, 7);
	PUT(&r, "break.m", "M37", IA64_END);
	for (unsigned n = 0; n < 1000; n++) {
		double a = random_double(), b = random_double();
		double aa = __builtin_fabs(a), ab = __builtin_fabs(b);
		const bool first[] = { a < b, b < a, aa < ab, ab < aa };

		r.c->fr[6] = of_double(a);
		r.c->fr[7] = of_double(b);
		r.c->ip = IA64_CODE;
		r.c->ri = 0;
		CHECK_EQ(ia64_rig_continue(&r), IA64_END);
		for (unsigned i = 0; i < 4; i++)
			CHECK_MEM(&r.c->fr[8 + i], &r.c->fr[first[i] ? 6 : 7],
				  sizeof(r.c->fr[6]));
	}
	ia64_rig_free(&r);
}

/* Those of one precision: the products and sums of the host's. */
TEST(ia64_multiply_adds_are_executed_in_their_precision)
{
	static const char *const names[] = { "fma.s", "fms.s", "fnma.s",
					     "fma.d", "fms.d", "fnma.d",
					     "fma",   "fms",   "fnma" };

	ia64_rig_init(&r);
	r.c->ar[AR_FPSR] = 63 | 0x8 << 6; /* sf0: doubles, to nearest */
	for (unsigned i = 0; i < 9; i++)
		PUT(&r, names[i], "F1", 16 + i, 6, 7, 8);
	PUT(&r, "break.m", "M37", IA64_END);
	for (unsigned n = 0; n < 1000; n++) {
		float x[3];

		for (unsigned i = 0; i < 3; i++) {
			x[i] = (float)(int32_t)rnd();
			r.c->fr[6 + i] = of_double(x[i]);
		}
		r.c->ip = IA64_CODE;
		r.c->ri = 0;
		CHECK_EQ(ia64_rig_continue(&r), IA64_END);
		for (unsigned i = 0; i < 9; i++) {
			double a = i % 3 == 2 ? -(double)x[0] : x[0];
			double c = i % 3 == 1 ? -(double)x[2] : x[2];
			double want = i < 3 ? (double)__builtin_fmaf(
						      (float)a, x[1], (float)c)
					    : __builtin_fma(a, x[1], c);

			CHECK(to_double(&r.c->fr[16 + i]) == want);
		}
	}
	ia64_rig_free(&r);
}

/* p9 says that the approximation is one, and software has to go on. */
TEST(ia64_approximations_say_whether_they_are_some)
{
	static const struct {
		double x;
		bool some;
		double left; /* where it is none */
	} rows[] = {
		{ 2, true, 0 },	 { 0x1p-900, true, 0 },
		{ 0, false, 0 }, { __builtin_inf(), false, __builtin_inf() },
		{ 49, true, 0 },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		double x = rows[i].x, err;

		ia64_rig_init(&r);
		r.c->fr[6] = of_double(x);
		PUT(&r, "frsqrta", "F7", 8, 9, 6);
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK_EQ(r.c->pr >> 9 & 1, rows[i].some);
		if (rows[i].some) {
			err = to_double(&r.c->fr[8]) * to_double(&r.c->fr[8]) *
				      x -
			      1;
			CHECK(__builtin_fabs(err) < 0x1p-7);
		} else {
			CHECK(to_double(&r.c->fr[8]) == rows[i].left);
		}
		ia64_rig_free(&r);
	}
	/* under a false predicate p9 is cleared, f8 stays */
	ia64_rig_init(&r);
	r.c->fr[6] = r.c->fr[8] = of_double(2);
	r.c->pr |= 1 << 9;
	PUTP(&r, 5, "frsqrta", "F7", 8, 9, 6);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(r.c->pr >> 9 & 1, 0);
	CHECK(to_double(&r.c->fr[8]) == 2);
	ia64_rig_free(&r);
}
