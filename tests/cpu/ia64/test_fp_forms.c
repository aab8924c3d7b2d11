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
