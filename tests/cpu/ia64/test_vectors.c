/* SPDX-License-Identifier: MIT */
/* Every integer form of cpu/ia64's table, on generated operands, against the
 * manual's descriptions worked out bit by bit and byte by byte. */
#include <ctype.h>
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "tests/cpu/ia64/random.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

/* One instruction's operands, and what it is expected to make of them. */
struct vector {
	const struct ia64_form *f;
	uint64_t x, y;	/* in r2 and r3 */
	int64_t imm[4]; /* in the order of assembly */
	uint64_t want;
};

static struct ia64_rig r;
static uint64_t seed;

static uint64_t rnd(void)
{
	return random_next(&seed);
}

/* Numbers of all kinds: random, small, at the ends of their elements. */
static uint64_t number(void)
{
	static const uint64_t ends[] = { 0,
					 UINT64_MAX,
					 0x8000800080008000,
					 0x7fff7fff7fff7fff,
					 0x8080808080808080,
					 0x7f7f7f7f7f7f7f7f,
					 0x8000000080000000,
					 0x00ff00ff00ff00ff };

	switch (rnd() % 4) {
	case 0: return ends[rnd() % 8];
	case 1: return rnd() % 70;
	case 2: return rnd() & rnd() & rnd();
	default: return rnd();
	}
}

/* ---- elements: a number of w bits at bit w * i, as an ordinary integer */
static int64_t element(uint64_t v, int w, int i, bool is_signed)
{
	int64_t res = 0;

	if (w == 64)
		return (int64_t)v;
	for (int b = 0; b < w; b++)
		if (v >> (w * i + b) & 1)
			res += b == w - 1 && is_signed ? -(INT64_C(1) << b)
						       : INT64_C(1) << b;
	return res;
}

static void put(uint64_t *v, int w, int i, int64_t val)
{
	for (int b = 0; b < w; b++)
		if ((uint64_t)val >> b & 1)
			*v |= UINT64_C(1) << (w * i + b);
}

static int64_t saturated(int64_t v, int w, bool is_signed)
{
	int64_t least = is_signed ? -(INT64_C(1) << (w - 1)) : 0;
	int64_t most = (INT64_C(1) << (is_signed ? w - 1 : w)) - 1;

	return v < least ? least : v > most ? most : v;
}

static bool is(const struct vector *v, const char *name)
{
	return !strcmp(v->f->name, name);
}

static bool begins(const struct vector *v, const char *name)
{
	return !strncmp(v->f->name, name, strlen(name));
}

static bool ends(const struct vector *v, const char *end)
{
	size_t n = strlen(v->f->name), m = strlen(end);

	return n >= m && !strcmp(v->f->name + n - m, end);
}

/* The width of elements is the digit in the name. */
static int width(const struct vector *v)
{
	const char *p = v->f->name;

	while (!isdigit((unsigned char)*p))
		p++;
	return (*p - '0') * 8;
}

/* padd, psub: SDM 3:2, modulo or by the three letters of saturation. */
static int64_t add_sub(const struct vector *v, int w, int i)
{
	bool sss = ends(v, ".sss"), uus = ends(v, ".uus"),
	     uuu = ends(v, ".uuu");
	int64_t a = element(v->x, w, i, sss);
	int64_t b = element(v->y, w, i, sss || uus);
	int64_t s = begins(v, "psub") ? a - b : a + b;

	if (sss)
		return saturated(s, w, true);
	return uuu || uus ? saturated(s, w, false) : s;
}

/* One element of what has one for each of both sources'. */
static bool by_element(const struct vector *v, int w, int i, int64_t *res)
{
	int64_t a = element(v->x, w, i, true), b = element(v->y, w, i, true);
	int64_t ua = element(v->x, w, i, false),
		ub = element(v->y, w, i, false);

	if (begins(v, "padd") || (begins(v, "psub")))
		*res = add_sub(v, w, i);
	else if (begins(v, "pavgsub")) /* the low bit of the difference stays */
		*res = ((ua - ub) - ((ua - ub) & 1)) / 2 +
		       ((ua - ub) & 1 &&
			!((((ua - ub) - ((ua - ub) & 1)) / 2) & 1));
	else if (ends(v, ".raz") || (begins(v, "pavg") && (ua + ub) % 4 == 1))
		*res = (ua + ub + 1) / 2;
	else if (begins(v, "pavg"))
		*res = (ua + ub) / 2;
	else if (ends(v, ".eq"))
		*res = a == b ? -1 : 0;
	else if (ends(v, ".gt"))
		*res = a > b ? -1 : 0;
	else if (is(v, "pmin1.u"))
		*res = ua < ub ? ua : ub;
	else if (is(v, "pmax1.u"))
		*res = ua > ub ? ua : ub;
	else if (is(v, "pmin2"))
		*res = a < b ? a : b;
	else if (is(v, "pmax2"))
		*res = a > b ? a : b;
	else if (is(v, "pshladd2"))
		*res = saturated(saturated(a * (1 << v->imm[0]), 16, true) + b,
				 16, true);
	else if (is(v, "pshradd2"))
		*res = saturated((a - (a & ((1 << v->imm[0]) - 1))) /
						 (1 << v->imm[0]) +
					 b,
				 16, true);
	else if (is(v, "pmpyshr2"))
		*res = (int64_t)((uint64_t)(a * b) >> v->imm[0]);
	else if (is(v, "pmpyshr2.u"))
		*res = (int64_t)((uint64_t)(ua * ub) >> v->imm[0]);
	else
		return false;
	return true;
}

/* Shifts of elements: bit by bit, with what comes in from above or below. */
static bool shifted(struct vector *v)
{
	bool imm = !strcmp(v->f->fmt->name, "I6") ||
		   !strcmp(v->f->fmt->name, "I8");
	bool left = strstr(v->f->name, "shl") != NULL;
	bool u = ends(v, ".u");
	uint64_t src = left ? v->x : v->y;
	uint64_t by = imm ? (uint64_t)v->imm[0] : left ? v->y : v->x;
	int w;

	if (ends(v, "add2"))
		return false;
	if (!begins(v, "pshl") && !begins(v, "pshr") && !begins(v, "shl") &&
	    !begins(v, "shr"))
		return false;
	if (begins(v, "shl") || begins(v, "shr"))
		w = 64;
	else
		w = width(v);
	v->want = 0;
	for (int i = 0; i < 64 / w; i++) {
		for (int b = 0; b < w; b++) {
			int64_t from = by > 64 ? 128 : (int64_t)by;
			bool bit;

			from = left ? b - from : b + from;
			if (from < 0)
				bit = false;
			else if (from >= w)
				bit = !u && !left &&
				      (src >> (w * i + w - 1) & 1);
			else
				bit = src >> (w * i + from) & 1;
			v->want |= (uint64_t)bit << (w * i + b);
		}
	}
	return true;
}

/* mix, unpack, pack: which element of which source goes where. */
static bool rearranged(struct vector *v)
{
	int w, n;

	if (!begins(v, "mix") && !begins(v, "unpack") && !begins(v, "pack"))
		return false;
	w = width(v);
	n = 64 / w;
	v->want = 0;
	for (int i = 0; i < n; i++) {
		uint64_t src = i & 1 ? v->x : v->y;
		int from = i & ~1;

		if (begins(v, "mix")) {
			put(&v->want, w, i,
			    element(src, w, from + ends(v, ".l"), false));
		} else if (begins(v, "unpack")) {
			from = i / 2 + (ends(v, ".h") ? n / 2 : 0);
			put(&v->want, w, i, element(src, w, from, false));
		} else {
			bool sss = ends(v, ".sss");

			put(&v->want, w / 2, i,
			    saturated(element(v->x, w, i, true), w / 2, sss));
			put(&v->want, w / 2, i + n,
			    saturated(element(v->y, w, i, true), w / 2, sss));
		}
	}
	return true;
}

static bool other_parallel(struct vector *v)
{
	int64_t sum = 0;
	int n = 0;

	if (is(v, "psad1")) {
		for (int i = 0; i < 8; i++)
			sum += llabs(element(v->x, 8, i, false) -
				     element(v->y, 8, i, false));
		v->want = (uint64_t)sum;
	} else if (begins(v, "pmpy2")) {
		int odd = ends(v, ".l");

		v->want = 0;
		for (int i = 0; i < 2; i++)
			put(&v->want, 32, i,
			    element(v->x, 16, 2 * i + odd, true) *
				    element(v->y, 16, 2 * i + odd, true));
	} else if (is(v, "mpy4")) {
		v->want = (uint64_t)element(v->x, 32, 0, false) *
			  (uint64_t)element(v->y, 32, 0, false);
	} else if (is(v, "mpyshl4")) {
		v->want = (uint64_t)element(v->x, 32, 1, false) *
				  (uint64_t)element(v->y, 32, 0, false)
			  << 32;
	} else if (is(v, "popcnt")) {
		for (int b = 0; b < 64; b++)
			n += v->y >> b & 1;
		v->want = (uint64_t)n;
	} else if (is(v, "clz")) {
		while (n < 64 && !(v->y >> (63 - n) & 1))
			n++;
		v->want = (uint64_t)n;
	} else if (begins(v, "czx")) {
		int w = width(v), last = 64 / w - 1;

		while (n <= last &&
		       element(v->y, w, ends(v, ".l") ? last - n : n, false))
			n++;
		v->want = (uint64_t)n;
	} else {
		return false;
	}
	return true;
}

static bool muxed(struct vector *v)
{
	static const char *const order[16] = {
		[0] = "00000000",  [8] = "73516240",  [9] = "73625140",
		[10] = "75316420", [11] = "01234567",
	};

	v->want = 0;
	if (is(v, "mux1")) {
		for (int i = 0; i < 8; i++)
			put(&v->want, 8, i,
			    element(v->x, 8, order[v->imm[0]][7 - i] - '0',
				    false));
	} else if (is(v, "mux2")) {
		for (int i = 0; i < 4; i++)
			put(&v->want, 16, i,
			    element(v->x, 16, (int)(v->imm[0] >> 2 * i & 3),
				    false));
	} else {
		return false;
	}
	return true;
}

/* extr, dep, zxt, sxt, shrp: bits moved one at a time. */
static bool fields(struct vector *v)
{
	int64_t pos = v->imm[0], len = v->imm[1];
	bool dep = begins(v, "dep");
	const char *fmt = v->f->fmt->name;
	uint64_t src = v->x;

	if (!strcmp(fmt, "I13") || !strcmp(fmt, "I14")) {
		src = (uint64_t)v->imm[0];
		pos = v->imm[1];
		len = v->imm[2];
	}
	if (dep) {
		v->want = begins(v, "dep.z") ? 0 : v->y;
		for (int64_t b = 0; b < len && pos + b < 64; b++) {
			v->want &= ~(UINT64_C(1) << (pos + b));
			v->want |= (src >> b & 1) << (pos + b);
		}
	} else if (begins(v, "extr") || begins(v, "zxt") || begins(v, "sxt")) {
		if (!begins(v, "extr")) {
			pos = 0;
			len = width(v);
		}
		v->want = 0;
		for (int64_t b = 0, from = 0; b < 64; b++) {
			if (b < len && pos + b < 64)
				from = pos + b;
			else if (ends(v, ".u") || begins(v, "zxt"))
				break;
			v->want |= (v->y >> from & 1) << b;
		}
	} else if (is(v, "shrp")) {
		v->want = 0;
		for (int64_t b = 0; b < 64; b++) {
			int64_t at = b + v->imm[0];

			v->want |=
				((at < 64 ? v->y >> at : v->x >> (at - 64)) & 1)
				<< b;
		}
	} else {
		return false;
	}
	return true;
}

static uint64_t pointer4(uint64_t v, uint64_t y)
{
	return v % (UINT64_C(1) << 32) + (y >> 30 & 3) * (UINT64_C(1) << 61);
}

static bool scalar(struct vector *v)
{
	const char *fmt = v->f->fmt->name;
	bool imm = !strcmp(fmt, "A3") || !strcmp(fmt, "A4") ||
		   !strcmp(fmt, "A5");
	uint64_t a = imm ? (uint64_t)v->imm[0] : v->x, y = v->y;
	uint64_t one = strstr(v->f->fmt->syntax, ",1") ? 1 : 0;
	uint64_t times = UINT64_C(1) << (v->imm[0] & 7);

	if (is(v, "add") || is(v, "adds") || is(v, "addl"))
		v->want = a + y + one;
	else if (is(v, "sub"))
		v->want = a + ~y + 1 - one;
	else if (is(v, "addp4"))
		v->want = pointer4(a + y, y);
	else if (is(v, "shladd"))
		v->want = v->x * times + y;
	else if (is(v, "shladdp4"))
		v->want = pointer4(v->x * times + y, y);
	else if (is(v, "and"))
		v->want = ~(~a | ~y);
	else if (is(v, "andcm"))
		v->want = ~(~a | y);
	else if (is(v, "or"))
		v->want = ~(~a & ~y);
	else if (is(v, "xor"))
		v->want = (a | y) - (~(~a | ~y));
	else
		return false;
	return true;
}

/* Fills v->want; false for forms of another kind. */
static bool expected(struct vector *v)
{
	int64_t one;
	int w;

	if (scalar(v) || fields(v) || muxed(v) || other_parallel(v) ||
	    rearranged(v) || shifted(v))
		return true;
	if (v->f->name[0] != 'p')
		return false;
	w = width(v);
	if (!by_element(v, w, 0, &one))
		return false;
	v->want = 0;
	for (int i = 0; i < 64 / w; i++) {
		by_element(v, w, i, &one);
		put(&v->want, w, i, one);
	}
	return true;
}

/* r10 = form(r8, r9 or, in two bits, r2), with a number that it can hold. */
static void generate(struct vector *v, int64_t opd[5])
{
	unsigned imms = 0;

	v->x = number();
	v->y = number();
	for (unsigned n = 0; n < ia64_form_operands(v->f); n++) {
		const struct ia64_operand *o = v->f->fmt->opd[n];

		if (o->kind == OPD_GR) {
			opd[n] = o->field == FLD_A     ? 10
				 : o->field == FLD_B   ? 8
				 : o->part[0].len == 2 ? 2
						       : 9;
			continue;
		}
		do {
			opd[n] = ia64_operand_get(v->f, n,
						  rnd() & IA64_SLOT_MASK, 0);
		} while (o->kind == OPD_PERM && opd[n] &&
			 (opd[n] < 8 || opd[n] > 11));
		v->imm[imms++] = opd[n];
	}
}

static bool makes_a_general_register(const struct ia64_form *f)
{
	return (f->unit == UNIT_A || f->unit == UNIT_I) && f->fmt->opd[0] &&
	       f->fmt->opd[0]->kind == OPD_GR &&
	       f->fmt->opd[0]->field == FLD_A && !strstr(f->name, "mov");
}

TEST(ia64_every_integer_form_computes_what_the_manual_says)
{
	unsigned forms = 0;

	seed = 0x7ec70;
	ia64_rig_init(&r);
	for (unsigned i = 0; i < ia64_nforms; i++) {
		if (!makes_a_general_register(&ia64_forms[i]))
			continue;
		forms++;
		for (unsigned rep = 0; rep < 60; rep++) {
			struct vector v = { .f = &ia64_forms[i] };
			int64_t opd[5] = { 0 };

			generate(&v, opd);
			if (!expected(&v))
				fail_msg("%s is not known here", v.f->name);
			r.at = IA64_CODE;
			ia64_code_changed(r.c, r.at);
			ia64_put_form(&r, 0, v.f, opd);
			ia64_set_gr(r.c, 8, v.x, false);
			ia64_set_gr(r.c, 9, v.y, false);
			ia64_set_gr(r.c, 2, v.y, false);
			CHECK_EQ(ia64_rig_run(&r), IA64_END);
			if (ia64_get_gr(r.c, 10) != v.want)
				fail_msg("%s %s of %016llx %016llx, %lld %lld "
					 "%lld: %016llx, expected %016llx",
					 v.f->name, v.f->fmt->name,
					 (unsigned long long)v.x,
					 (unsigned long long)v.y,
					 (long long)v.imm[0],
					 (long long)v.imm[1],
					 (long long)v.imm[2],
					 (unsigned long long)ia64_get_gr(r.c,
									 10),
					 (unsigned long long)v.want);
		}
	}
	CHECK(forms > 100);
	ia64_rig_free(&r);
}

/* ---- compares and tests: what is compared, and what becomes of p6 and p7 */
static bool related(const struct vector *v)
{
	bool wide = strncmp(v->f->name, "cmp4", 4) != 0;
	bool zero = !strcmp(v->f->fmt->name, "A7");
	uint64_t a = zero			      ? 0
		     : !strcmp(v->f->fmt->name, "A8") ? (uint64_t)v->imm[0]
						      : v->x;
	int64_t x = element(a, wide ? 64 : 32, 0, true);
	int64_t y = element(v->y, wide ? 64 : 32, 0, true);
	const char *rel = strchr(v->f->name, '.') + 1;

	if (!strncmp(rel, "ltu", 3))
		return element(a, 32, wide, false) !=
				       element(v->y, 32, wide, false)
			       ? element(a, 32, wide, false) <
					 element(v->y, 32, wide, false)
			       : wide && element(a, 32, 0, false) <
						 element(v->y, 32, 0, false);
	if (!strncmp(rel, "eq", 2))
		return x == y;
	if (!strncmp(rel, "ne", 2))
		return x != y;
	if (!strncmp(rel, "lt", 2))
		return x < y;
	if (!strncmp(rel, "le", 2))
		return x <= y;
	return !strncmp(rel, "gt", 2) ? x > y : x >= y;
}

/* The bit that tbit, tnat and tf ask about, with .z: its opposite. */
static bool tested(const struct vector *v, bool nat)
{
	const char *fmt = v->f->fmt->name;
	bool bit = !strcmp(fmt, "I16")	 ? v->y >> v->imm[0] & 1
		   : !strcmp(fmt, "I17") ? nat
					 : r.c->cpuid[4] >> v->imm[0] & 1;

	return bit != (strstr(v->f->name, ".z") != NULL);
}

/* SDM 1:4.3.3 table 4-3: the predicates after, from those before. */
static unsigned outcome(const struct vector *v, unsigned before, bool qp,
			bool res, bool nat)
{
	if (!qp)
		return ends(v, ".unc") ? 0 : before;
	if (ends(v, ".or.andcm"))
		return res && !nat ? 1 : before;
	if (ends(v, ".or"))
		return res && !nat ? 3 : before;
	if (ends(v, ".and"))
		return res && !nat ? before : 0;
	return nat ? 0 : res ? 1 : 2;
}

static void one_predicate_vector(const struct ia64_form *f)
{
	unsigned before = rnd() & 3, after;
	bool nat = rnd() % 8 == 0, qp = rnd() % 4, res, is_test, asks_nat;
	struct vector v = { .f = f };
	int64_t opd[5] = { 0 };

	generate(&v, opd);
	if (rnd() % 3 == 0)
		v.x = v.y;
	opd[0] = 6;
	opd[1] = 7;
	/* the predicates were taken for immediates */
	v.imm[0] = v.imm[2];
	is_test = f->name[0] == 't';
	asks_nat = is_test && strcmp(f->fmt->name, "I16") != 0;
	r.at = IA64_CODE;
	ia64_code_changed(r.c, r.at);
	ia64_put_form(&r, 8, f, opd);
	ia64_set_gr(r.c, 8, v.x, false);
	ia64_set_gr(r.c, 9, v.y, nat);
	r.c->pr = 1 | before << 6 | (uint64_t)qp << 8;
	res = is_test ? tested(&v, nat) : related(&v);
	after = outcome(&v, before, qp, res, nat && !asks_nat);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	if ((r.c->pr >> 6 & 3) != after)
		fail_msg("%s %s of %016llx %016llx %lld: %u, expected %u",
			 f->name, f->fmt->name, (unsigned long long)v.x,
			 (unsigned long long)v.y, (long long)v.imm[0],
			 (unsigned)(r.c->pr >> 6 & 3), after);
}

TEST(ia64_every_compare_and_test_sets_the_predicates_the_manual_says)
{
	unsigned forms = 0;

	seed = 0xc0b9a;
	ia64_rig_init(&r);
	for (unsigned i = 0; i < ia64_nforms; i++) {
		const struct ia64_form *f = &ia64_forms[i];

		if ((f->unit != UNIT_A && f->unit != UNIT_I) ||
		    !f->fmt->opd[0] || f->fmt->opd[0]->kind != OPD_PR)
			continue;
		forms++;
		for (unsigned rep = 0; rep < 80; rep++)
			one_predicate_vector(f);
	}
	CHECK_EQ(forms, 96);
	ia64_rig_free(&r);
}
