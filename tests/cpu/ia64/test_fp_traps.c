/* SPDX-License-Identifier: MIT */
/* What cpu/ia64's floating point does with NaNs, with what is not normal, and
 * where results are too large or too small and software wants to know: SDM
 * 1:5.4, 2:8.3. */
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/fp.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static struct ia64_rig r;

#define QUIET  (UINT64_C(1) << 62)
#define ONE(e) ((struct ia64_fr){ FP_MSB, (unsigned)(0xffff + (e)), 0 })
#define PAIR(hi, lo) \
	((struct ia64_fr){ (uint64_t)(hi) << 32 | (lo), FP_EXP_INT, 0 })
#define SF0_FLAGS(fpsr) ((fpsr) >> 13 & 63)
/* ISR.code of a trap: of one result, or of the upper half, and of the lower */
#define T_O    (1u << 11)
#define T_U    (1u << 12)
#define T_I    (1u << 13)
#define T_FPA  (1u << 14)
#define LOW(t) ((t) >> 4)

static struct ia64_fr nan_of(unsigned payload, bool signals)
{
	return (struct ia64_fr){ FP_MSB | (signals ? 0 : QUIET) | payload,
				 FP_EXP_ONES, 0 };
}

/* Of fma f1 = f3, f4, f2: f4, then f2, then f3. */
TEST(ia64_of_several_nans_the_second_factor_is_the_result_then_the_addend)
{
	static const uint8_t first[8] = { 0, 3, 4, 4, 2, 2, 4, 4 };

	for (unsigned i = 1; i < 16; i++) {
		unsigned which = i & 7, want = first[which];

		ia64_rig_init(&r);
		r.c->fr[9] = which & 1 ? nan_of(3, i & 8) : ONE(0);
		r.c->fr[10] = which & 2 ? nan_of(4, i & 8) : ONE(0);
		r.c->fr[11] = which & 4 ? nan_of(2, i & 8) : ONE(0);
		PUT(&r, "fma", "F1", 8, 9, 10, 11);
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		if (want)
			CHECK_EQ(r.c->fr[8].sig, FP_MSB | QUIET | want);
		CHECK_EQ(SF0_FLAGS(r.c->ar[AR_FPSR]),
			 want && (i & 8) ? FP_V : 0);
		ia64_rig_free(&r);
	}
}

TEST(ia64_a_division_keeps_its_numerators_nan_and_a_minimum_its_second)
{
	ia64_rig_init(&r);
	r.c->fr[9] = nan_of(1, false);
	r.c->fr[10] = nan_of(2, false);
	PUT(&r, "frcpa", "F6", 8, 6, 9, 10);
	PUT(&r, "fmin", "F8", 11, 9, 10);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(r.c->fr[8].sig, FP_MSB | QUIET | 1);
	CHECK_EQ(r.c->fr[11].sig, FP_MSB | QUIET | 2);
	ia64_rig_free(&r);
}

/* A zero with an exponent is a number that is not normal, SDM 1:5.1.3. */
TEST(ia64_a_zero_with_an_exponent_is_unnormal)
{
	const struct ia64_fr inf = { FP_MSB, FP_EXP_ONES, 0 };

	ia64_rig_init(&r);
	r.c->fr[9] = inf;
	r.c->fr[10] = (struct ia64_fr){ 0, 0x1003e, 1 };
	PUT(&r, "fma", "F1", 8, 9, 10, 0);
	PUT(&r, "fclass.m", "F5", 6, 7, 10, 0xa); /* unnormal, negative */
	PUT(&r, "fclass.m", "F5", 8, 9, 10, 0x7); /* zero */
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(fp_class(&r.c->fr[8]), FP_INF);
	CHECK_EQ(r.c->fr[8].sign, 1);
	CHECK_EQ(SF0_FLAGS(r.c->ar[AR_FPSR]), FP_D);
	CHECK_EQ(r.c->pr >> 6 & 1, 1);
	CHECK_EQ(r.c->pr >> 8 & 1, 0);
	/* infinity times a true zero is invalid */
	r.at = IA64_CODE;
	ia64_forget_code(r.c, IA64_CODE, 4096);
	PUT(&r, "fma", "F1", 8, 9, 0, 0);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(SF0_FLAGS(r.c->ar[AR_FPSR]), FP_D | FP_V);
	ia64_rig_free(&r);
}

/* Of the double-extended range: SDM 1:5.1.3 table 5-2. */
TEST(ia64_extended_denormals_have_the_exponent_0)
{
	const struct fp_ctl ctl = { .bits = 64, .exp_bits = 15 };
	struct ia64_fr res;
	unsigned flags = 0;

	res = fp_fma(ONE(-16382), ONE(-2), ONE(0), true, &ctl, &flags);
	CHECK_EQ(res.exp, 0);
	CHECK_EQ(res.sig, FP_MSB >> 2);
	CHECK_EQ(flags, 0); /* it is exact */
	res = fp_fma(ONE(-16382), ONE(0), ONE(0), true, &ctl, &flags);
	CHECK_EQ(res.exp, 0xffff - 16382);
}

/* One product of two powers, plus a little; vector, or IA64_END. */
static int64_t product(const char *name, int e, bool inexact, unsigned unmasked)
{
	ia64_rig_init(&r);
	r.c->fr[9] = ONE(e);
	r.c->fr[10] = ONE(0);
	r.c->fr[10].sig |= inexact ? 3 : 0;
	r.c->ar[AR_FPSR] &= ~(uint64_t)unmasked;
	PUT(&r, name, "F1", 8, 9, 10, 0);
	return ia64_rig_run(&r);
}

TEST(ia64_unmasked_overflow_and_underflow_are_apart)
{
	/* too large, exact: the exponent has all its bits */
	CHECK_EQ(product("fma.d", 1024, false, FP_O), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | T_O);
	CHECK_EQ(r.c->fr[8].exp, 0xffff + 1024);
	CHECK_EQ(SF0_FLAGS(r.c->ar[AR_FPSR]), FP_O);
	ia64_rig_free(&r);
	/* too large and inexact, which the handler is told as well */
	CHECK_EQ(product("fma.d", 1024, true, FP_O), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | T_O | T_I);
	ia64_rig_free(&r);
	/* too small, where only too large ones trap: a denormal */
	CHECK_EQ(product("fma.d", -1024, true, FP_O), IA64_END);
	CHECK_EQ(r.c->fr[8].exp, 0xffff - 1022);
	CHECK_EQ(r.c->fr[8].sig, FP_MSB >> 2);
	CHECK_EQ(SF0_FLAGS(r.c->ar[AR_FPSR]), FP_U | FP_I);
	ia64_rig_free(&r);
	/* too large, where only too small ones trap: infinity */
	CHECK_EQ(product("fma.d", 1024, false, FP_U), IA64_END);
	CHECK_EQ(fp_class(&r.c->fr[8]), FP_INF);
	CHECK_EQ(SF0_FLAGS(r.c->ar[AR_FPSR]), FP_O | FP_I);
	ia64_rig_free(&r);
	/* too small traps though it is exact */
	CHECK_EQ(product("fma.d", -1024, false, FP_U), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | T_U);
	CHECK_EQ(r.c->fr[8].exp, 0xffff - 1024);
	ia64_rig_free(&r);
}

/* SDM 1:5.4.1.3: larger than the exact one, in magnitude. */
TEST(ia64_fpa_says_that_the_result_is_too_large)
{
	CHECK_EQ(product("fma.d", 1024, false, FP_I), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | T_O | T_I | T_FPA);
	ia64_rig_free(&r);
	/* 1 + 2^-63 is rounded down to a double */
	CHECK_EQ(product("fma.d", 0, true, FP_I), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | T_I);
	ia64_rig_free(&r);
	ia64_rig_init(&r);
	r.c->fr[9] = (struct ia64_fr){ FP_MSB | 0x601, 0xffff, 0 };
	r.c->ar[AR_FPSR] &= ~(uint64_t)FP_I;
	PUT(&r, "fma.d", "F1", 8, 9, 1, 0);
	CHECK_EQ(ia64_rig_run(&r), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | T_I | T_FPA);
	ia64_rig_free(&r);
	/* and of a conversion */
	ia64_rig_init(&r);
	r.c->fr[9] = (struct ia64_fr){ FP_MSB | FP_MSB >> 1, 0xffff, 0 };
	r.c->ar[AR_FPSR] &= ~(uint64_t)FP_I;
	PUT(&r, "fcvt.fx", "F10", 8, 9); /* 1.5 */
	CHECK_EQ(ia64_rig_run(&r), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | T_I | T_FPA);
	CHECK_EQ(r.c->fr[8].sig, 2);
	ia64_rig_free(&r);
}

/* Two singles: what happened to each, and exponents of eight bits. */
TEST(ia64_faults_and_traps_of_pairs_tell_the_halves_apart)
{
	ia64_rig_init(&r);
	r.c->fr[9] = PAIR(0x7f000000, 0x3f800000);  /* 2^127, 1 */
	r.c->fr[10] = PAIR(0x41000000, 0x3f800000); /* 8, 1 */
	r.c->ar[AR_FPSR] &= ~(uint64_t)FP_O;
	PUT(&r, "fpma", "F1", 8, 9, 10, 0);
	CHECK_EQ(ia64_rig_run(&r), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | T_O);
	/* 130 + 127, without its ninth bit */
	CHECK_EQ(r.c->fr[8].sig, UINT64_C(0x008000003f800000));
	ia64_rig_free(&r);
	ia64_rig_init(&r);
	r.c->fr[9] = PAIR(0x3f800000, 0x3f800001);
	r.c->fr[10] = PAIR(0x3f800000, 0x3f800001);
	r.c->ar[AR_FPSR] &= ~(uint64_t)FP_I;
	PUT(&r, "fpma", "F1", 8, 9, 10, 0);
	CHECK_EQ(ia64_rig_run(&r), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | LOW(T_I));
	ia64_rig_free(&r);
	ia64_rig_init(&r);
	r.c->fr[9] = PAIR(0x7fc00000, 0x7f800001); /* quiet, signalling */
	r.c->fr[10] = PAIR(0x3f800000, 0x3f800000);
	r.c->ar[AR_FPSR] &= ~(uint64_t)FP_V;
	PUT(&r, "fpcmp.eq", "F8", 8, 9, 10);
	CHECK_EQ(ia64_rig_run(&r), VEC_FP_FAULT + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, FP_V << 4);
	ia64_rig_free(&r);
}

/* What software has to divide itself: SDM 3:2 fprcpa, fprsqrta. */
TEST(ia64_pairs_of_reciprocals_leave_the_ends_of_the_range_to_software)
{
	static const struct {
		uint32_t num, den, res; /* res: 0 where it is a table's */
		bool p;
	} rows[] = {
		{ 0x3f800000, 0x40000000, 0, true },
		{ 0x3f800000, 0x7f000000, 0x00000000, false }, /* too large */
		{ 0x3f800000, 0x80000001, 0xff800000, false }, /* denormal */
		{ 0x7f000000, 0x3f000000, 0, false }, /* a large quotient */
		{ 0x3f800000, 0x00000000, 0x7f800000, false },
		{ 0x00000000, 0x3f800000, 0x00000000, false },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ia64_rig_init(&r);
		r.c->fr[9] = PAIR(0x3f800000, rows[i].num);
		r.c->fr[10] = PAIR(0x3f800000, rows[i].den);
		PUT(&r, "fprcpa", "F6", 8, 6, 9, 10);
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK_EQ(r.c->pr >> 6 & 1, rows[i].p);
		if (rows[i].res || rows[i].den == 0x7f000000 || !rows[i].num)
			CHECK_EQ((uint32_t)r.c->fr[8].sig, rows[i].res);
		CHECK_EQ(r.c->fr[8].sig >> 32, 0x3f7f8000);
		ia64_rig_free(&r);
	}
	ia64_rig_init(&r);
	r.c->fr[9] = PAIR(0x7f800000, 0x80000000); /* infinity, -0 */
	PUT(&r, "fprsqrta", "F7", 8, 6, 9);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(r.c->fr[8].sig, UINT64_C(0x00000000ff800000));
	CHECK_EQ(r.c->pr >> 6 & 1, 0);
	ia64_rig_free(&r);
}
