/* SPDX-License-Identifier: MIT */
/* IA-64 floating-point arithmetic: exact, then rounded once.  SDM 1:5. */
#include "cpu/ia64/fp.h"

typedef unsigned __int128 u128;

const struct ia64_fr fp_nat = { 0, 0x1fffe, 0 };
const struct ia64_fr fp_default_nan = { UINT64_C(3) << 62, FP_EXP_ONES, 1 };

enum fp_class fp_class(const struct ia64_fr *f)
{
	if (f->exp == FP_EXP_ONES) {
		if (!(f->sig & FP_MSB))
			return FP_UNSUP;
		if (f->sig == FP_MSB)
			return FP_INF;
		return f->sig >> 62 & 1 ? FP_QNAN : FP_SNAN;
	}
	if (f->exp == 0x1fffe && !f->sig && !f->sign)
		return FP_NAT;
	return f->sig ? FP_FINITE : FP_ZERO_;
}

bool fp_unnormal(const struct ia64_fr *f)
{
	if (f->exp == FP_EXP_ONES)
		return false;
	return f->sig ? !(f->sig & FP_MSB) || !f->exp : f->exp != 0;
}

/* A finite value that is not zero: sig / 2^63 * 2^exp, the top bit set. */
struct num {
	bool sign;
	int exp;
	uint64_t sig;
};

static struct num unpack(const struct ia64_fr *f)
{
	struct num n = { f->sign, (int)f->exp - FP_BIAS, f->sig };
	int lz = __builtin_clzll(f->sig);

	/* the exponent 0 is that of double-extended denormals: table 5-2 */
	if (!f->exp)
		n.exp = -16382;
	n.sig <<= lz;
	n.exp -= lz;
	return n;
}

static struct ia64_fr special(bool sign, unsigned exp, uint64_t sig)
{
	return (struct ia64_fr){ sig, exp, sign };
}

static struct ia64_fr quiet(struct ia64_fr f, unsigned *flags)
{
	if (fp_class(&f) == FP_SNAN)
		*flags |= FP_V;
	f.sig |= UINT64_C(1) << 62;
	return f;
}

static struct ia64_fr invalid(unsigned *flags)
{
	*flags |= FP_V;
	return fp_default_nan;
}

/* ---- rounding */
static bool round_up(enum fp_round r, bool sign, bool odd, int rest)
{
	/* rest: what is cut off against half a unit: -1 less, 0, 1 more */
	switch (r) {
	case FP_NEAREST: return rest > 0 || (rest == 0 && odd);
	case FP_UP: return !sign;
	case FP_DOWN: return sign;
	default: return false;
	}
}

/* A significand that was rounded; carry: it became the next power of two. */
struct rounded {
	uint64_t sig;
	bool carry;
	unsigned flags; /* FP_I, FP_A */
};

/* Rounds m, bit 127 first, to bits. */
static struct rounded round_bits(u128 m, bool sticky, unsigned bits,
				 enum fp_round r, bool sign)
{
	u128 unit = (u128)1 << (128 - bits), rest = m & (unit - 1);
	u128 half = unit >> 1, kept = m - rest;
	int cmp = rest > half || (rest == half && sticky) ? 1
		  : rest == half			  ? 0
							  : -1;
	struct rounded res = { .flags = rest || sticky ? FP_I : 0 };

	if (res.flags && round_up(r, sign, kept & unit ? true : false, cmp)) {
		kept += unit;
		res.flags |= FP_A;
		res.carry = kept == 0;
		if (res.carry)
			kept = (u128)1 << 127;
	}
	res.sig = (uint64_t)(kept >> 64);
	return res;
}

static u128 shift_sticky(u128 m, unsigned by, bool *sticky)
{
	if (!by)
		return m;
	if (by >= 128) {
		*sticky |= m != 0;
		return 0;
	}
	*sticky |= (m & (((u128)1 << by) - 1)) != 0;
	return m >> by;
}

static struct ia64_fr overflow(bool sign, const struct fp_ctl *c, int emax,
			       unsigned *flags)
{
	uint64_t ones = ~UINT64_C(0) << (64 - c->bits);

	*flags |= FP_O | FP_I;
	if (c->round == FP_ZERO || (c->round == FP_UP && sign) ||
	    (c->round == FP_DOWN && !sign))
		return special(sign, (unsigned)(emax + FP_BIAS), ones);
	*flags |= FP_A;
	return special(sign, FP_EXP_ONES, FP_MSB);
}

/* Below the smallest normal number, after rounding: SDM 1:5.4.4. */
static struct ia64_fr underflow(bool sign, int exp, u128 m, bool sticky,
				const struct fp_ctl *c, int emin,
				unsigned *flags)
{
	struct rounded r;

	if (c->ftz) {
		*flags |= FP_U | FP_I;
		return special(sign, 0, 0);
	}
	m = shift_sticky(m, (unsigned)(emin - exp), &sticky);
	r = round_bits(m, sticky, c->bits, c->round, sign);
	if (r.flags)
		*flags |= FP_U | r.flags;
	/* denormals of the double-extended range have the exponent 0 */
	if (!r.sig || (c->exp_bits == 15 && !(r.sig & FP_MSB)))
		return special(sign, 0, r.sig);
	return special(sign, (unsigned)(emin + FP_BIAS), r.sig);
}

/* m / 2^127 * 2^exp, with bit 127 set; sticky: and a little more. */
static struct ia64_fr round_pack(bool sign, int exp, u128 m, bool sticky,
				 const struct fp_ctl *c, unsigned *flags)
{
	int emax = (1 << (c->exp_bits - 1)) - 1, emin = 1 - emax, e;
	struct rounded r = round_bits(m, sticky, c->bits, c->round, sign);

	e = exp + r.carry;
	if (e > emax && !c->unmasked_o)
		return overflow(sign, c, emax, flags);
	if (e < emin && !c->unmasked_u)
		return underflow(sign, exp, m, sticky, c, emin, flags);
	*flags |= r.flags | (e > emax ? FP_O : 0) | (e < emin ? FP_U : 0);
	return special(sign, (unsigned)(e + FP_BIAS) & 0x1ffff, r.sig);
}

/* ---- multiply and add */
/* 256 bits: hi is the more significant half. */
struct wide {
	u128 hi, lo;
};

static struct wide wide_shift_right(u128 v, unsigned by, bool *sticky)
{
	struct wide w = { v, 0 };

	if (by >= 256) {
		*sticky |= v != 0;
		return (struct wide){ 0, 0 };
	}
	if (by >= 128) {
		w.lo = v;
		w.hi = 0;
		w.lo = shift_sticky(w.lo, by - 128, sticky);
		return w;
	}
	if (by) {
		w.lo = v << (128 - by);
		w.hi = v >> by;
	}
	return w;
}

static int wide_clz(struct wide w)
{
	uint64_t part[4] = { (uint64_t)(w.hi >> 64), (uint64_t)w.hi,
			     (uint64_t)(w.lo >> 64), (uint64_t)w.lo };

	for (int i = 0; i < 4; i++)
		if (part[i])
			return 64 * i + __builtin_clzll(part[i]);
	return 256;
}

static u128 wide_top(struct wide w, int lz, bool *sticky)
{
	if (lz >= 128) {
		w.hi = w.lo;
		w.lo = 0;
		lz -= 128;
	}
	if (lz) {
		w.hi = w.hi << lz | w.lo >> (128 - lz);
		w.lo <<= lz;
	}
	*sticky |= w.lo != 0;
	return w.hi;
}

/* x + y, x having the larger exponent; both m / 2^127 * 2^exp */
static struct ia64_fr add(bool xs, int xe, u128 xm, bool ys, int ye, u128 ym,
			  const struct fp_ctl *c, unsigned *flags)
{
	bool sticky = false;
	/* one bit of room above for the carry */
	struct wide x = wide_shift_right(xm, 1, &sticky);
	struct wide y = wide_shift_right(ym, (unsigned)(xe - ye) + 1, &sticky);
	int lz;

	if (xs == ys) {
		x.lo += y.lo;
		x.hi += y.hi + (x.lo < y.lo);
	} else {
		/* what was cut off makes y a little larger */
		y.lo |= sticky;
		if (x.hi < y.hi || (x.hi == y.hi && x.lo < y.lo)) {
			struct wide t = x;

			x = y;
			y = t;
			xs = ys;
		}
		x.hi -= y.hi + (x.lo < y.lo);
		x.lo -= y.lo;
	}
	lz = wide_clz(x);
	if (lz == 256)
		return special(c->round == FP_DOWN, 0, 0);
	xm = wide_top(x, lz, &sticky);
	return round_pack(xs, xe + 1 - lz, xm, sticky, c, flags);
}

static struct ia64_fr finite_fma(const struct ia64_fr *a,
				 const struct ia64_fr *b,
				 const struct ia64_fr *c, bool no_c,
				 const struct fp_ctl *ctl, unsigned *flags)
{
	struct num x = unpack(a), y = unpack(b), z;
	u128 p = (u128)x.sig * y.sig;
	int exp = x.exp + y.exp + 1;
	bool sign = x.sign ^ y.sign;

	if (!(p >> 127)) {
		p <<= 1;
		exp--;
	}
	if (no_c || !c->sig)
		return round_pack(sign, exp, p, false, ctl, flags);
	z = unpack(c);
	if (z.exp > exp)
		return add(z.sign, z.exp, (u128)z.sig << 64, sign, exp, p, ctl,
			   flags);
	return add(sign, exp, p, z.sign, z.exp, (u128)z.sig << 64, ctl, flags);
}

/* The first NaN in the order of SDM 1:5.4.1, or nothing. */
static bool nan_of(const struct ia64_fr *const *f, int n, struct ia64_fr *res,
		   unsigned *flags)
{
	bool found = false;

	for (int i = 0; i < n; i++) {
		enum fp_class k = fp_class(f[i]);

		if (k == FP_UNSUP) {
			*res = invalid(flags);
			return true;
		}
		if (k == FP_SNAN)
			*flags |= FP_V;
		if (!found && (k == FP_QNAN || k == FP_SNAN)) {
			*res = quiet(*f[i], flags);
			found = true;
		}
	}
	return found;
}

static void denormal_operand(const struct ia64_fr *f, unsigned *flags)
{
	if (fp_unnormal(f))
		*flags |= FP_D;
}

/* A zero without an exponent: others are numbers where infinity is a factor. */
static bool true_zero(const struct ia64_fr *f)
{
	return !f->sig && !f->exp;
}

struct ia64_fr fp_fma(struct ia64_fr a, struct ia64_fr b, struct ia64_fr c,
		      bool no_c, const struct fp_ctl *ctl, unsigned *flags)
{
	const struct ia64_fr *const order[] = { &b, &c, &a };
	enum fp_class ka = fp_class(&a), kb = fp_class(&b), kc = fp_class(&c);
	bool sign = a.sign ^ b.sign;
	struct ia64_fr res;

	if (nan_of(order, 3, &res, flags))
		return res;
	if ((ka == FP_INF && true_zero(&b)) || (true_zero(&a) && kb == FP_INF))
		return invalid(flags);
	if ((ka == FP_INF || kb == FP_INF) && kc == FP_INF && !no_c &&
	    c.sign != sign)
		return invalid(flags);
	denormal_operand(&a, flags);
	denormal_operand(&b, flags);
	if (!no_c)
		denormal_operand(&c, flags);
	if (ka == FP_INF || kb == FP_INF)
		return special(sign, FP_EXP_ONES, FP_MSB);
	if (kc == FP_INF && !no_c)
		return special(c.sign, FP_EXP_ONES, FP_MSB);
	if (ka == FP_FINITE && kb == FP_FINITE)
		return finite_fma(&a, &b, &c, no_c, ctl, flags);
	/* the product is a zero */
	if (!no_c && kc == FP_FINITE) {
		struct num z = unpack(&c);

		return round_pack(z.sign, z.exp, (u128)z.sig << 64, false, ctl,
				  flags);
	}
	if (no_c || sign == (bool)c.sign)
		return special(sign, 0, 0);
	return special(ctl->round == FP_DOWN, 0, 0);
}

/* ---- division, and approximations */
struct ia64_fr fp_div(struct ia64_fr a, struct ia64_fr b,
		      const struct fp_ctl *ctl, unsigned *flags)
{
	const struct ia64_fr *const order[] = { &a, &b };
	enum fp_class ka = fp_class(&a), kb = fp_class(&b);
	bool sign = a.sign ^ b.sign;
	struct ia64_fr res;
	struct num x, y;
	u128 q, rest;
	int exp;

	if (nan_of(order, 2, &res, flags))
		return res;
	if (ka == kb && (ka == FP_INF || ka == FP_ZERO_))
		return invalid(flags);
	if (kb == FP_ZERO_ && ka != FP_INF) {
		*flags |= FP_Z;
		return special(sign, FP_EXP_ONES, FP_MSB);
	}
	denormal_operand(&a, flags);
	denormal_operand(&b, flags);
	if (ka == FP_INF)
		return special(sign, FP_EXP_ONES, FP_MSB);
	if (kb == FP_INF || ka == FP_ZERO_)
		return special(sign, 0, 0);
	x = unpack(&a);
	y = unpack(&b);
	exp = x.exp - y.exp;
	if (x.sig < y.sig)
		exp--;
	/* 127 bits of quotient or 128, the first of them set */
	q = ((u128)x.sig << 63) / y.sig;
	rest = ((u128)x.sig << 63) % y.sig;
	if (!(q >> 63)) {
		q = ((u128)x.sig << 64) / y.sig;
		rest = ((u128)x.sig << 64) % y.sig;
	}
	rest <<= 63;
	return round_pack(sign, exp, q << 64 | (rest / y.sig) << 1,
			  rest % y.sig != 0, ctl, flags);
}

/*
 * RECIP_TABLE of SDM 3:2 frcpa: the ten bits after the leading one of the
 * reciprocal of the middle of each 256th of [1, 2).
 */
static uint64_t recip_bits(uint64_t sig)
{
	int64_t i = sig >> 55 & 0xff, d = 513 + 2 * i;

	return (uint64_t)((2 * 1024 * (1024 - d) + d) / (2 * d));
}

static struct ia64_fr reciprocal(struct num d)
{
	return special(d.sign, (unsigned)(FP_BIAS - 1 - d.exp),
		       FP_MSB | recip_bits(d.sig) << 53);
}

bool fp_rcpa(struct ia64_fr num, struct ia64_fr den, const struct fp_ctl *ctl,
	     struct ia64_fr *res, unsigned *flags)
{
	struct num n, d;

	if (fp_class(&num) != FP_FINITE || fp_class(&den) != FP_FINITE) {
		*res = fp_div(num, den, ctl, flags);
		return false;
	}
	n = unpack(&num);
	d = unpack(&den);
	if (d.exp <= -FP_BIAS || d.exp >= FP_BIAS - 2 ||
	    n.exp - d.exp <= 2 - FP_BIAS || n.exp - d.exp >= FP_BIAS ||
	    n.exp <= 64 - FP_BIAS) {
		/* what hardware leaves to software assistance */
		*res = fp_div(num, den, ctl, flags);
		return false;
	}
	denormal_operand(&num, flags);
	denormal_operand(&den, flags);
	*res = reciprocal(d);
	return true;
}

/* The exponents of singles */
#define SINGLE_EMAX 127
#define SINGLE_BITS 24

bool fp_prcpa(struct ia64_fr num, struct ia64_fr den, const struct fp_ctl *ctl,
	      struct ia64_fr *res, unsigned *flags)
{
	struct num n, d;

	if (fp_class(&num) != FP_FINITE || fp_class(&den) != FP_FINITE) {
		*res = fp_div(num, den, ctl, flags);
		return false;
	}
	denormal_operand(&num, flags);
	denormal_operand(&den, flags);
	n = unpack(&num);
	d = unpack(&den);
	if (fp_unnormal(&den)) {
		*res = special(d.sign, FP_EXP_ONES, FP_MSB);
		return false;
	}
	if (d.exp >= SINGLE_EMAX - 2) {
		*res = special(d.sign, 0, 0);
		return false;
	}
	*res = reciprocal(d);
	return n.exp - d.exp < SINGLE_EMAX && n.exp - d.exp > 2 - SINGLE_EMAX &&
	       n.exp > SINGLE_BITS - SINGLE_EMAX;
}

/*
 * RECIP_SQRT_TABLE of SDM 3:2 frsqrta, by 128ths of [2, 4) and of [1, 2):
 * the same bits of the middle's reciprocal root, rounded, but for one entry.
 */
static uint64_t recip_sqrt_bits(uint64_t sig, bool odd)
{
	uint64_t j = sig >> 56 & 0x7f, d = (odd ? 2 : 1) * (257 + 2 * j);
	uint64_t n = 0;

	if (!odd && j == 6)
		return 0x3cd;
	/* the largest n with (n - 1/2) <= 2^15 / sqrt(d) */
	for (uint64_t bit = 1024; bit; bit >>= 1)
		if ((2 * (n | bit) - 1) * (2 * (n | bit) - 1) * d <=
		    UINT64_C(1) << 32)
			n |= bit;
	return n - 1024;
}

/* What is no number, or negative, of which *res is the root. */
static bool no_root(const struct ia64_fr *f, struct ia64_fr *res,
		    unsigned *flags)
{
	const struct ia64_fr *const order[] = { f };

	if (nan_of(order, 1, res, flags))
		return true;
	if (!f->sign || fp_class(f) == FP_ZERO_)
		return false;
	*res = invalid(flags);
	return true;
}

/* The exponent is half of it, rounded down, which may be negative. */
static struct ia64_fr reciprocal_root(struct num n)
{
	return special(0, (unsigned)(0xfffe - (n.exp - (n.exp & 1)) / 2),
		       FP_MSB | recip_sqrt_bits(n.sig, n.exp & 1) << 53);
}

bool fp_rsqrta(struct ia64_fr f, struct ia64_fr *res, unsigned *flags)
{
	if (no_root(&f, res, flags))
		return false;
	denormal_operand(&f, flags);
	if (fp_class(&f) != FP_FINITE) {
		*res = fp_class(&f) == FP_INF ? f : special(f.sign, 0, 0);
		return false;
	}
	*res = reciprocal_root(unpack(&f));
	return true;
}

bool fp_prsqrta(struct ia64_fr f, struct ia64_fr *res, unsigned *flags)
{
	struct num n;

	if (no_root(&f, res, flags))
		return false;
	denormal_operand(&f, flags);
	if (fp_class(&f) != FP_FINITE) {
		*res = fp_class(&f) == FP_INF
			       ? special(0, 0, 0)
			       : special(f.sign, FP_EXP_ONES, FP_MSB);
		return false;
	}
	n = unpack(&f);
	*res = reciprocal_root(n);
	return n.exp > SINGLE_BITS - SINGLE_EMAX;
}

/* ---- comparison */
int fp_compare(struct ia64_fr a, struct ia64_fr b, bool signals,
	       unsigned *flags)
{
	const struct ia64_fr *const order[] = { &a, &b };
	enum fp_class ka = fp_class(&a), kb = fp_class(&b);
	struct ia64_fr unused;
	struct num x, y;
	int sign;

	if (nan_of(order, 2, &unused, flags)) {
		if (signals)
			*flags |= FP_V;
		return 2;
	}
	denormal_operand(&a, flags);
	denormal_operand(&b, flags);
	if (ka == FP_ZERO_ && kb == FP_ZERO_)
		return 0;
	if (ka == FP_ZERO_)
		return b.sign ? 1 : -1;
	sign = a.sign ? -1 : 1;
	if (kb == FP_ZERO_ || a.sign != b.sign)
		return sign;
	if (ka == FP_INF || kb == FP_INF)
		return ka == kb ? 0 : ka == FP_INF ? sign : -sign;
	x = unpack(&a);
	y = unpack(&b);
	if (x.exp != y.exp)
		return x.exp > y.exp ? sign : -sign;
	return x.sig == y.sig ? 0 : x.sig > y.sig ? sign : -sign;
}

/* ---- integers */
uint64_t fp_to_int(struct ia64_fr f, bool is_unsigned, unsigned bits,
		   enum fp_round round, unsigned *flags)
{
	uint64_t none = UINT64_C(1) << (bits - 1), v, limit;
	enum fp_class k = fp_class(&f);
	bool sticky = false;
	struct rounded r;
	struct num n;
	u128 m;

	if (k != FP_FINITE && k != FP_ZERO_) {
		*flags |= FP_V;
		return none;
	}
	denormal_operand(&f, flags);
	if (k == FP_ZERO_)
		return 0;
	n = unpack(&f);
	if (n.exp > 63) {
		*flags |= FP_V;
		return none;
	}
	/* the integer's bit 0 is bit 64 of m, rounded there */
	m = shift_sticky((u128)n.sig << 64, (unsigned)(63 - n.exp), &sticky);
	r = round_bits(m, sticky, 64, round, n.sign);
	v = r.sig;
	/* carry out of 64 bits, or a sign or size that does not fit */
	limit = is_unsigned ? (n.sign ? 0 : ~UINT64_C(0) >> (64 - bits))
			    : none - !n.sign;
	if (r.carry || v > limit) {
		*flags |= FP_V;
		return none;
	}
	*flags |= r.flags;
	v = n.sign ? 0 - v : v;
	return bits < 64 ? v & ((UINT64_C(1) << bits) - 1) : v;
}

struct ia64_fr fp_from_int(int64_t v)
{
	uint64_t mag = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	int lz;

	if (!v)
		return special(0, 0, 0);
	lz = __builtin_clzll(mag);
	return special(v < 0, (unsigned)(FP_EXP_INT - lz), mag << lz);
}

/* ---- memory formats */
struct ia64_fr fp_from_single(uint32_t v)
{
	unsigned e = v >> 23 & 0xff;
	uint64_t frac = (uint64_t)(v & 0x7fffff) << 40;

	if (e == 0xff)
		return special(v >> 31, FP_EXP_ONES, FP_MSB | frac);
	if (e)
		return special(v >> 31, e + FP_BIAS - 127, FP_MSB | frac);
	return special(v >> 31, frac ? FP_BIAS - 126 : 0, frac);
}

struct ia64_fr fp_from_double(uint64_t v)
{
	unsigned e = v >> 52 & 0x7ff;
	uint64_t frac = (v & ((UINT64_C(1) << 52) - 1)) << 11;

	if (e == 0x7ff)
		return special(v >> 63, FP_EXP_ONES, FP_MSB | frac);
	if (e)
		return special(v >> 63, e + FP_BIAS - 1023, FP_MSB | frac);
	return special(v >> 63, frac ? FP_BIAS - 1022 : 0, frac);
}

struct ia64_fr fp_from_extended(uint64_t sig, uint16_t se)
{
	unsigned e = se & 0x7fff;

	if (e == 0x7fff)
		e = FP_EXP_ONES;
	else if (e)
		e += FP_BIAS - 16383;
	return special(se >> 15, e, sig);
}

uint32_t fp_to_single(const struct ia64_fr *f)
{
	uint32_t e = f->sig & FP_MSB ? (f->exp & 0x7f) | (f->exp >> 16 & 1) << 7
				     : 0;

	return f->sign << 31 | e << 23 | (uint32_t)(f->sig >> 40 & 0x7fffff);
}

uint32_t fp_to_lane(const struct ia64_fr *f)
{
	int e = (int)f->exp - (FP_BIAS - SINGLE_EMAX);

	/* what is a single, a zero, an infinity or a NaN */
	if ((e > 0 && e <= 2 * SINGLE_EMAX) || !f->exp || f->exp == FP_EXP_ONES)
		return fp_to_single(f);
	return f->sign << 31 | ((uint32_t)e & 0xff) << 23 |
	       (uint32_t)(f->sig >> 40 & 0x7fffff);
}

uint64_t fp_to_double(const struct ia64_fr *f)
{
	uint64_t e = f->sig & FP_MSB
			     ? (f->exp & 0x3ff) | (f->exp >> 16 & 1) << 10
			     : 0;

	return (uint64_t)f->sign << 63 | e << 52 |
	       (f->sig >> 11 & ((UINT64_C(1) << 52) - 1));
}

uint16_t fp_to_extended(const struct ia64_fr *f)
{
	uint32_t e = f->sig & FP_MSB
			     ? (f->exp & 0x3fff) | (f->exp >> 16 & 1) << 14
			     : 0;

	return (uint16_t)(f->sign << 15 | e);
}
