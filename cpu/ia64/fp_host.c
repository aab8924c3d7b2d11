/* SPDX-License-Identifier: MIT */
/* IA-64 floating-point arithmetic by the host's, where both have one result. */
#include <string.h>

#include "cpu/ia64/fp.h"

/*
 * Doubles and singles that are normal numbers or zero are the same on both
 * sides, and so is a result rounded to nearest that is well inside the normal
 * numbers.  The host's own modes are never changed by this program.  (math.h
 * has names that fp.h has too.)
 */

#define DOUBLE_BIAS 1023
#define SINGLE_MAX  0x1p126 /* well inside, as SINGLE_MIN is */
#define SINGLE_MIN  0x1p-125

/* low: the bits of the significand that have to be zero. */
static bool to_host(const struct ia64_fr *f, uint64_t low, double *v)
{
	uint64_t bits = (uint64_t)f->sign << 63;
	unsigned exp = f->exp - (FP_BIAS - DOUBLE_BIAS);

	if (f->sig || f->exp) {
		if (!(f->sig & FP_MSB) || (f->sig & low) || exp - 1 > 2045)
			return false;
		bits |= (uint64_t)exp << 52 | f->sig << 1 >> 12;
	}
	memcpy(v, &bits, sizeof(*v));
	return true;
}

/* False: too near to what is not a normal number; zero: it is no underflow. */
static bool from_host(double v, bool zero, struct ia64_fr *f)
{
	uint64_t bits;
	unsigned exp;

	memcpy(&bits, &v, sizeof(bits));
	exp = bits >> 52 & 0x7ff;
	if (v == 0 && zero) {
		*f = (struct ia64_fr){ 0, 0, bits >> 63 };
		return true;
	}
	if (exp - 3 > 2040)
		return false;
	*f = (struct ia64_fr){ FP_MSB | bits << 12 >> 1,
			       exp + FP_BIAS - DOUBLE_BIAS, bits >> 63 };
	return true;
}

static bool single(double v)
{
	return v == 0 || (__builtin_fabs(v) < SINGLE_MAX &&
			  __builtin_fabs(v) > SINGLE_MIN);
}

bool fp_fma_host(const struct ia64_fr *a, const struct ia64_fr *b,
		 const struct ia64_fr *c, enum fp_fma_kind kind, unsigned bits,
		 struct ia64_fr *res)
{
	uint64_t low = (UINT64_C(1) << (64 - bits)) - 1;
	const struct ia64_fr *second = kind == FP_MPY ? b : c;
	double x, y;
	bool zero;

	if (!to_host(a, low, &x) || !to_host(second, low, &y))
		return false;
	/* a sum is never cut off, nor what is multiplied by zero */
	zero = kind == FP_ADD || x == 0 || y == 0;
	if (bits == 53)
		return from_host(kind == FP_ADD ? x + y : x * y, zero, res);
	if (!single(x) || !single(y))
		return false;
	x = kind == FP_ADD ? (float)x + (float)y : (float)x * (float)y;
	return single(x) && from_host(x, zero, res);
}
