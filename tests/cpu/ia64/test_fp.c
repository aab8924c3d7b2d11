/* SPDX-License-Identifier: MIT */
/* cpu/ia64's floating point against MPFR, and by the manual's special cases. */
#include <stdlib.h>
#include <string.h>

#include <mpfr.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/fp.h"
#include "tests/cpu/ia64/random.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static uint64_t seed;

static uint64_t rnd(void)
{
	return random_next(&seed);
}

static const mpfr_rnd_t rounding[] = { MPFR_RNDN, MPFR_RNDD, MPFR_RNDU,
				       MPFR_RNDZ };

/* The value of a finite register, exactly. */
static void to_mpfr(mpfr_t m, const struct ia64_fr *f)
{
	long exp = f->exp ? (long)f->exp - 0xffff : -16382;

	mpfr_set_ui_2exp(m, f->sig, exp - 63, MPFR_RNDN);
	if (f->sign)
		mpfr_neg(m, m, MPFR_RNDN);
}

/*
 * A value near the others, so that sums cancel and exponents meet limits: few
 * bits set or many, exponents close to e.
 */
static struct ia64_fr random_fr(int e, int spread)
{
	struct ia64_fr f = { rnd(), 0, rnd() & 1 };

	switch (rnd() % 5) {
	case 0: f.sig &= ~UINT64_C(0) << rnd() % 64; break;
	case 1: f.sig |= ~UINT64_C(0) >> rnd() % 64; break;
	case 2: f.sig = UINT64_C(1) << rnd() % 64 | 1; break;
	default: break;
	}
	if (rnd() % 8)
		f.sig |= UINT64_C(1) << 63;
	e += (int)(rnd() % (unsigned)(2 * spread + 1)) - spread;
	f.exp = (unsigned)(e + 0xffff);
	if (e + 0xffff < 1)
		f.exp = 1;
	if (e + 0xffff > 0x1fffd)
		f.exp = 0x1fffd;
	if (!f.sig)
		f.exp = 0;
	return f;
}

/* Rounds the exact value as SDM 1:5.4 says, with MPFR's own range and mode. */
static void expect(mpfr_t exact, const struct fp_ctl *c, mpfr_t res,
		   unsigned *flags)
{
	/* MPFR's exponents are of 0.1xx, ours of 1.xx */
	long emax = 1l << (c->exp_bits - 1), emin = 3 - emax;
	mpfr_rnd_t rnd_mode = rounding[c->round];
	mpfr_t r;
	int t;

	mpfr_init2(r, c->bits);
	t = mpfr_set(r, exact, rnd_mode);
	*flags = t ? FP_I : 0;
	if (mpfr_regular_p(r) && mpfr_get_exp(r) < emin) {
		/* tiny after rounding: again, from the exact value */
		mpfr_set_emin(emin - c->bits + 1);
		t = mpfr_set(r, exact, rnd_mode);
		t = mpfr_check_range(r, t, rnd_mode);
		t = mpfr_subnormalize(r, t, rnd_mode);
		*flags = t ? FP_I | FP_U : 0;
	} else if (mpfr_regular_p(r) && mpfr_get_exp(r) > emax) {
		mpfr_set_emax(emax);
		mpfr_check_range(r, t, rnd_mode);
		*flags = FP_O | FP_I;
	}
	/* back to where everything is representable */
	mpfr_set_emin(mpfr_get_emin_min());
	mpfr_set_emax(mpfr_get_emax_max());
	mpfr_set(res, r, MPFR_RNDN);
	mpfr_clear(r);
}

static bool same(const struct ia64_fr *f, mpfr_t want)
{
	mpfr_t got;
	bool ok;

	if (fp_class(f) == FP_INF)
		return mpfr_inf_p(want) && !mpfr_signbit(want) == !f->sign;
	if (mpfr_inf_p(want))
		return false;
	mpfr_init2(got, 64);
	to_mpfr(got, f);
	ok = mpfr_equal_p(got, want) &&
	     (!mpfr_zero_p(got) || !mpfr_signbit(want) == !f->sign);
	mpfr_clear(got);
	return ok;
}

static const struct fp_ctl formats[] = {
	{ 24, 8, 0, false, false, false },  { 53, 11, 0, false, false, false },
	{ 64, 15, 0, false, false, false }, { 64, 17, 0, false, false, false },
	{ 24, 15, 0, false, false, false }, { 53, 15, 0, false, false, false },
	{ 24, 17, 0, false, false, false }, { 53, 17, 0, false, false, false },
};

static void report(const char *what, const struct ia64_fr *f, unsigned n,
		   const struct ia64_fr *got, unsigned flags, unsigned want)
{
	for (unsigned i = 0; i < n; i++)
		print_message("%u %05x %016llx\n", f[i].sign, f[i].exp,
			      (unsigned long long)f[i].sig);
	fail_msg("%s gives %u %05x %016llx flags %x, MPFR's are %x", what,
		 got->sign, got->exp, (unsigned long long)got->sig, flags,
		 want);
}

static void one_fma(int e, int spread)
{
	struct fp_ctl ctl = formats[rnd() % 8];
	int limit = 1 << (ctl.exp_bits - 1);
	struct ia64_fr f[3], res;
	unsigned flags = 0, want;
	mpfr_t a, b, c, exact;

	/* sometimes at the ends of the format's range */
	if (rnd() % 4 == 0)
		e = rnd() % 2 ? limit / 2 : 1 - limit / 2;
	if (rnd() % 8 == 0)
		spread = 140;
	f[0] = random_fr(e, spread);
	f[1] = random_fr(e, spread);
	f[2] = random_fr(2 * e, spread * 2);
	ctl.round = rnd() & 3;
	mpfr_inits2(64, a, b, c, NULL);
	mpfr_init2(exact, 2048); /* every bit of sums in the spread */
	to_mpfr(a, &f[0]);
	to_mpfr(b, &f[1]);
	to_mpfr(c, &f[2]);
	CHECK_EQ(mpfr_fma(exact, a, b, c, rounding[ctl.round]), 0);
	res = fp_fma(f[0], f[1], f[2], false, &ctl, &flags);
	expect(exact, &ctl, exact, &want);
	if (!same(&res, exact) || (flags & (FP_O | FP_U | FP_I)) != want)
		report("fma", f, 3, &res, flags, want);
	mpfr_clears(a, b, c, exact, NULL);
}

TEST(ia64_fma_is_rounded_once_in_every_format_and_mode)
{
	seed = 0xf3a;
	mpfr_set_emin(mpfr_get_emin_min());
	mpfr_set_emax(mpfr_get_emax_max());
	for (int i = 0; i < 20000; i++)
		one_fma(0, 1 + (int)(rnd() % 70));
	mpfr_free_cache();
}

TEST(ia64_division_is_rounded_once)
{
	/* the formats whose range no quotient leaves */
	static const uint8_t full_range[] = { 3, 6, 7 };

	seed = 0xd1f;
	for (int i = 0; i < 10000; i++) {
		struct fp_ctl ctl = formats[full_range[rnd() % 3]];
		struct ia64_fr f[2] = { random_fr(0, 60), random_fr(0, 60) };
		struct ia64_fr res;
		unsigned flags = 0, want = 0;
		mpfr_t a, b, q;
		int t;

		if (!f[0].sig || !f[1].sig)
			continue;
		ctl.round = rnd() & 3;
		mpfr_inits2(64, a, b, NULL);
		mpfr_init2(q, ctl.bits);
		to_mpfr(a, &f[0]);
		to_mpfr(b, &f[1]);
		t = mpfr_div(q, a, b, rounding[ctl.round]);
		want = t ? FP_I : 0;
		res = fp_div(f[0], f[1], &ctl, &flags);
		if (!same(&res, q) || (flags & FP_I) != want)
			report("div", f, 2, &res, flags, want);
		mpfr_clears(a, b, q, NULL);
	}
	mpfr_free_cache();
}

TEST(ia64_integers_are_rounded_as_asked)
{
	seed = 0x1e7;
	for (int i = 0; i < 10000; i++) {
		struct ia64_fr f = random_fr((int)(rnd() % 66) - 2, 0);
		enum fp_round round = rnd() & 3;
		bool uns = rnd() & 1, fits;
		unsigned flags = 0;
		uint64_t got = fp_to_int(f, uns, 64, round, &flags), want;
		mpfr_t v;

		mpfr_init2(v, 64);
		to_mpfr(v, &f);
		fits = uns ? mpfr_fits_ulong_p(v, rounding[round])
			   : mpfr_fits_slong_p(v, rounding[round]);
		want = uns ? mpfr_get_ui(v, rounding[round])
			   : (uint64_t)mpfr_get_si(v, rounding[round]);
		if (!fits)
			want = UINT64_C(1) << 63;
		CHECK_EQ(got, want);
		CHECK_EQ(!fits, flags & FP_V);
		CHECK_EQ(fits && !mpfr_integer_p(v), !!(flags & FP_I));
		mpfr_clear(v);
	}
	mpfr_free_cache();
}

TEST(ia64_comparison_agrees_with_mpfr)
{
	seed = 0xc39;
	for (int i = 0; i < 10000; i++) {
		struct ia64_fr a = random_fr(0, 2), b = random_fr(0, 2);
		unsigned flags = 0;
		mpfr_t x, y;
		int want;

		if (i % 5 == 0)
			b = a;
		mpfr_inits2(64, x, y, NULL);
		to_mpfr(x, &a);
		to_mpfr(y, &b);
		want = mpfr_cmp(x, y);
		CHECK_EQ(fp_compare(a, b, false, &flags),
			 want < 0 ? -1 : want > 0);
		mpfr_clears(x, y, NULL);
	}
	mpfr_free_cache();
}

/* The relative error of frcpa and frsqrta is below 2^-8.8: SDM 3:2. */
TEST(ia64_approximations_are_as_good_as_the_manual_says)
{
	const struct fp_ctl ctl = { 64, 17, 0, false, false, false };
	double most = 0;

	seed = 0xacc;
	for (int i = 0; i < 20000; i++) {
		struct ia64_fr one = { FP_MSB, 0xffff, 0 };
		struct ia64_fr f = { rnd() | FP_MSB, 0xff00 + i % 512, 0 };
		struct ia64_fr res;
		unsigned flags = 0;
		mpfr_t x, y;
		double err;

		mpfr_inits2(200, x, y, NULL);
		CHECK(i & 1 ? fp_rcpa(one, f, &ctl, &res, &flags)
			    : fp_rsqrta(f, &res, &flags));
		to_mpfr(x, &f);
		to_mpfr(y, &res);
		if (!(i & 1))
			mpfr_sqr(y, y, MPFR_RNDN);
		mpfr_mul(y, y, x, MPFR_RNDN);
		mpfr_sub_ui(y, y, 1, MPFR_RNDN);
		err = mpfr_get_d(y, MPFR_RNDN) / (i & 1 ? 1 : 2);
		err = err < 0 ? -err : err;
		most = err > most ? err : most;
		mpfr_clears(x, y, NULL);
	}
	CHECK(most < 0.00225); /* 2^-8.8 */
	CHECK(most > 0.0015);
	mpfr_free_cache();
}

TEST(ia64_approximation_tables_are_the_manuals)
{
	/* the first and last entries of each, and the one that is odd */
	static const uint16_t recip[][2] = {
		{ 0, 0x3fc }, { 1, 0x3f4 }, { 4, 0x3dd }, { 255, 0x001 }
	};
	static const uint16_t root[][3] = {
		{ 1, 0, 0x1a5 }, { 1, 127, 0x001 }, { 0, 0, 0x3fc },
		{ 0, 6, 0x3cd }, { 0, 7, 0x3c7 },   { 0, 127, 0x1aa }
	};
	const struct fp_ctl ctl = { 64, 17, 0, false, false, false };
	struct ia64_fr f = { 0, 0xffff, 0 }, res;
	unsigned flags = 0;

	for (unsigned i = 0; i < 4; i++) {
		f.sig = FP_MSB | (uint64_t)recip[i][0] << 55;
		CHECK(fp_rcpa(f, f, &ctl, &res, &flags));
		CHECK_EQ(res.sig, FP_MSB | (uint64_t)recip[i][1] << 53);
		CHECK_EQ(res.exp, 0xfffe);
	}
	for (unsigned i = 0; i < 6; i++) {
		f.exp = 0xffffu + root[i][0];
		f.sig = FP_MSB | (uint64_t)root[i][1] << 56;
		CHECK(fp_rsqrta(f, &res, &flags));
		CHECK_EQ(res.sig, FP_MSB | (uint64_t)root[i][2] << 53);
		CHECK_EQ(res.exp, 0xfffe);
	}
}

TEST(ia64_memory_formats_survive_registers)
{
	seed = 0x3e3;
	for (int i = 0; i < 10000; i++) {
		uint64_t v = rnd();
		struct ia64_fr f;

		if (i % 4 == 0)
			v &= 0x800fffffffffffff; /* denormals */
		f = fp_from_double(v);
		CHECK_EQ(fp_to_double(&f), v);
		f = fp_from_single((uint32_t)(v >> 32));
		CHECK_EQ(fp_to_single(&f), v >> 32);
		f = fp_from_extended(v | FP_MSB, (uint16_t)(v & 0xfffe) | 1);
		CHECK_EQ(f.sig, v | FP_MSB);
		CHECK_EQ(fp_to_extended(&f), (uint16_t)(v & 0xfffe) | 1);
	}
}

static struct ia64_rig r;

/* The division of Intel's handbook for doubles, against the host's own. */
TEST(ia64_a_double_divides_by_the_usual_sequence)
{
	seed = 0xd1d;
	ia64_rig_init(&r);
	PUT(&r, "frcpa", "F6", 8, 6, 6, 7);
	PUTP(&r, 6, "fma", "F1", 9, 6, 8, 0);	/* q = a * y */
	PUTP(&r, 6, "fnma", "F1", 10, 7, 8, 1); /* e = 1 - b * y */
	PUTP(&r, 6, "fma", "F1", 9, 10, 9, 9);
	PUTP(&r, 6, "fma", "F1", 11, 10, 10, 0);
	PUTP(&r, 6, "fma", "F1", 8, 10, 8, 8);
	PUTP(&r, 6, "fma", "F1", 9, 11, 9, 9);
	PUTP(&r, 6, "fma", "F1", 12, 11, 11, 0);
	PUTP(&r, 6, "fma", "F1", 8, 11, 8, 8);
	PUTP(&r, 6, "fma.d", "F1", 9, 12, 9, 9);
	PUTP(&r, 6, "fma", "F1", 8, 12, 8, 8);
	PUTP(&r, 6, "fnma.d", "F1", 13, 7, 9, 6);
	PUTP(&r, 6, "fma.d", "F1", 8, 13, 8, 9);
	PUT(&r, "getf.d", "M19", 8, 8);
	PUT(&r, "break.m", "M37", IA64_END);
	r.c->ar[AR_FPSR] |= UINT64_C(0x0e) << 6; /* sf0: 64 bits, wre */
	for (int i = 0; i < 300; i++) {
		double a = (double)(int64_t)rnd() / 3, b = (double)rnd() / 7, q;
		uint64_t bits, want;

		memcpy(&bits, &a, 8);
		r.c->fr[6] = fp_from_double(bits);
		memcpy(&bits, &b, 8);
		r.c->fr[7] = fp_from_double(bits);
		q = a / b;
		memcpy(&want, &q, 8);
		r.c->ip = IA64_CODE;
		CHECK_EQ(ia64_rig_continue(&r), IA64_END);
		CHECK_EQ(ia64_get_gr(r.c, 8), want);
	}
	ia64_rig_free(&r);
}

TEST(ia64_special_values)
{
	const struct fp_ctl ctl = { 53, 11, 0, false, false, false };
	const struct ia64_fr inf = { FP_MSB, FP_EXP_ONES, 0 }, zero = { 0 };
	const struct ia64_fr one = { FP_MSB, 0xffff, 0 };
	const struct ia64_fr snan = { FP_MSB | 5, FP_EXP_ONES, 1 };
	struct ia64_fr res;
	unsigned flags = 0;

	res = fp_fma(inf, zero, one, false, &ctl, &flags);
	CHECK_EQ(flags, FP_V);
	CHECK_MEM(&res, &fp_default_nan, sizeof(res));
	flags = 0;
	res = fp_fma(one, snan, inf, false, &ctl, &flags);
	CHECK_EQ(flags, FP_V);
	CHECK_EQ(res.sig, FP_MSB | UINT64_C(1) << 62 | 5);
	CHECK_EQ(res.sign, 1);
	flags = 0;
	res = fp_div(one, zero, &ctl, &flags);
	CHECK_EQ(flags, FP_Z);
	CHECK_EQ(fp_class(&res), FP_INF);
	/* an exact difference of zero is -0 when rounding down only */
	flags = 0;
	res = fp_fma(one, one, (struct ia64_fr){ FP_MSB, 0xffff, 1 }, false,
		     &ctl, &flags);
	CHECK_EQ(res.sign, 0);
	CHECK_EQ(res.exp, 0);
	CHECK_EQ(fp_compare(one, snan, false, &flags), 2);
	CHECK_EQ(flags, FP_V);
}

TEST(ia64_parallel_floating_point_and_integer_multiply)
{
	ia64_rig_init(&r);
	r.c->fr[6] = (struct ia64_fr){ 0x400000003f800000, FP_EXP_INT, 0 };
	r.c->fr[7] = (struct ia64_fr){ 0x4040000040800000, FP_EXP_INT, 0 };
	PUT(&r, "fpma", "F1", 8, 6, 7, 1); /* 2*3+1, 1*4+1 */
	PUT(&r, "xma.hu", "F2", 9, 6, 7, 0);
	PUT(&r, "xma.l", "F2", 10, 6, 7, 6);
	PUT(&r, "fmerge.ns", "F9", 11, 6, 6);
	PUT(&r, "fcvt.xf", "F11", 12, 6);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(r.c->fr[8].sig, 0x40e0000040a00000);
	CHECK_EQ(r.c->fr[9].sig,
		 (unsigned __int128)0x400000003f800000 * 0x4040000040800000 >>
			 64);
	CHECK_EQ(r.c->fr[10].sig,
		 0x400000003f800000 * 0x4040000040800000u + 0x400000003f800000);
	CHECK_EQ(r.c->fr[11].sign, 1);
	CHECK_EQ(r.c->fr[12].exp, 0x1003e - 1);
	ia64_rig_free(&r);
}

/* A value of a double or a single, mostly well inside their range. */
static struct ia64_fr random_narrow(unsigned bits)
{
	struct ia64_fr f = random_fr(0, rnd() % 4 ? 12 : 1100);

	f.sig &= ~UINT64_C(0) << (64 - bits);
	if (rnd() % 16 == 0 || !f.sig)
		f = (struct ia64_fr){ 0, 0, rnd() & 1 };
	else
		f.sig |= FP_MSB;
	return f;
}

/* One multiply-add of k, .s or .d, in sf0; what the arithmetic of fp.c gives.
 */
static void one_instruction(const char *name, unsigned kind, unsigned bits,
			    unsigned round, bool flag_up)
{
	const struct ia64_form *form = ia64_form_named(name, "F1");
	/* some of them 0.0 or 1.0: what fadd and fmpy are made of */
	unsigned d = rnd() % 3 ? 8 : 1, b = rnd() % 3 ? 9 : 0;
	int64_t opd[] = { 10, 7, d, b };
	const struct fp_ctl ctl = { (uint8_t)bits,  bits == 24 ? 8 : 11,
				    (uint8_t)round, false,
				    false,	    false };
	struct ia64_fr x, y, z, want;
	struct ia64_bundle bundle = { .tmpl = 0x0d };
	struct ia64_op op[3];
	unsigned flags = 0, up = flag_up ? FP_I : 0;
	uint64_t lslot;

	bundle.slot[1] = ia64_encode(form, 0, opd, &lslot);
	ia64_decode(&bundle, op);
	r.c->fr[7] = x = random_narrow(bits);
	r.c->fr[8] = random_narrow(bits);
	r.c->fr[9] = random_narrow(bits);
	y = r.c->fr[d];
	z = r.c->fr[b];
	x.sign ^= kind == FMA_NEG;
	z.sign ^= kind == FMA_SUB;
	want = fp_fma(x, y, z, b == 0, &ctl, &flags);
	r.c->ar[AR_FPSR] = 63 | (uint64_t)(round << 4) << 6 |
			   (uint64_t)up << (6 + 7);
	CHECK_EQ(ia64_op_fma(r.c, &op[1]), EX_NEXT);
	CHECK_EQ(r.c->ar[AR_FPSR] >> 13 & 63, (flags & FP_FLAGS) | up);
	CHECK_MEM(&r.c->fr[10], &want, sizeof(want));
}

TEST(ia64_multiply_add_instructions_are_the_arithmetic_with_its_flags)
{
	static const struct {
		const char *name;
		unsigned kind, bits;
	} forms[] = {
		{ "fma.s", FMA_ADD, 24 },  { "fma.d", FMA_ADD, 53 },
		{ "fms.s", FMA_SUB, 24 },  { "fms.d", FMA_SUB, 53 },
		{ "fnma.s", FMA_NEG, 24 }, { "fnma.d", FMA_NEG, 53 },
	};

	seed = 0xf10a7;
	ia64_rig_init(&r);
	for (unsigned i = 0; i < 60000; i++)
		one_instruction(forms[i % 6].name, forms[i % 6].kind,
				forms[i % 6].bits, i % 5 ? 0 : rnd() % 4,
				rnd() % 4);
	ia64_rig_free(&r);
}

TEST(ia64_floating_point_faults_come_before_the_result)
{
	ia64_rig_init(&r);
	r.c->fr[6] = (struct ia64_fr){ FP_MSB, FP_EXP_ONES, 0 }; /* infinity */
	r.c->fr[7] = (struct ia64_fr){ FP_MSB | 1, FP_EXP_ONES, 0 }; /* SNaN */
	r.c->fr[8] = (struct ia64_fr){ 1, 2, 0 };
	r.c->ar[AR_FPSR] &= ~UINT64_C(1); /* V is not masked */
	PUT(&r, "fma.d", "F1", 8, 6, 0, 0);
	CHECK_EQ(ia64_rig_run(&r), VEC_FP_FAULT + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, FP_V);
	CHECK_EQ(r.c->fr[8].sig, 1);
	r.at = IA64_CODE;
	ia64_forget_code(r.c, IA64_CODE, 4096);
	PUT(&r, "fmin", "F8", 8, 6, 7);
	CHECK_EQ(ia64_rig_run(&r), VEC_FP_FAULT + 1);
	CHECK_EQ(r.c->fr[8].sig, 1);
	ia64_rig_free(&r);
}
