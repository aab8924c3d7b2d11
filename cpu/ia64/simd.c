/* SPDX-License-Identifier: MIT */
/* Parallel integer arithmetic of IA-64: pure functions, SDM volume 3 chapter 2.
 */
#include "cpu/ia64/exec.h"

/* Element i of n bits, zero- and sign-extended; and put back. */
static uint64_t el(uint64_t v, unsigned bits, unsigned i)
{
	return v >> bits * i & ((UINT64_C(1) << bits) - 1);
}

static int64_t sel(uint64_t v, unsigned bits, unsigned i)
{
	return (int64_t)(el(v, bits, i) << (64 - bits)) >> (64 - bits);
}

static uint64_t at(int64_t v, unsigned bits, unsigned i)
{
	return el((uint64_t)v, bits, 0) << bits * i;
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

static int64_t clamp_s(int64_t v, unsigned bits)
{
	return clamp(v, -(INT64_C(1) << (bits - 1)),
		     (INT64_C(1) << (bits - 1)) - 1);
}

static int64_t clamp_u(int64_t v, unsigned bits)
{
	return clamp(v, 0, (INT64_C(1) << bits) - 1);
}

/* A function of each pair of elements: x, y unsigned and sx, sy signed. */
#define EACH(name, bits, expr)                                               \
	static uint64_t par_##name(uint64_t a, uint64_t b, unsigned n)       \
	{                                                                    \
		const unsigned w = bits;                                     \
		uint64_t r = 0;                                              \
                                                                             \
		for (unsigned i = 0; i < 64 / w; i++) {                      \
			int64_t x = (int64_t)el(a, w, i), sx = sel(a, w, i); \
			int64_t y = (int64_t)el(b, w, i), sy = sel(b, w, i); \
                                                                             \
			(void)x, (void)y, (void)sx, (void)sy, (void)n;       \
			r |= at((expr), w, i);                               \
		}                                                            \
		return r;                                                    \
	}
#define EACH_12(name, expr)  EACH(name##1, 8, expr) EACH(name##2, 16, expr)
#define EACH_124(name, expr) EACH_12(name, expr) EACH(name##4, 32, expr)

EACH_124(add, x + y)
EACH_12(add_sss, clamp_s(sx + sy, w))
EACH_12(add_uuu, clamp_u(x + y, w))
EACH_12(add_uus, clamp_u(x + sy, w))
EACH_124(sub, x - y)
EACH_12(sub_sss, clamp_s(sx - sy, w))
EACH_12(sub_uuu, clamp_u(x - y, w))
EACH_12(sub_uus, clamp_u(x - sy, w))
/* the bit that is shifted out is ored in, pavg */
EACH_12(avg, (x + y) >> 1 | ((x + y) & 1))
EACH_12(avg_raz, (x + y + 1) >> 1)
EACH_12(avgsub, ((x - y) >> 1) | ((x - y) & 1))
EACH_124(cmp_eq, x == y ? -1 : 0)
EACH_124(cmp_gt, sx > sy ? -1 : 0)
EACH(shladd, 16, clamp_s(clamp_s(sx *(1 << n), 16) + sy, 16))
EACH(shradd, 16, clamp_s((sx >> n) + sy, 16))
EACH(mpyshr_u, 16, (x * y) >> n)
EACH(mpyshr, 16, (sx * sy) >> n)
EACH(min1_u, 8, x < y ? x : y)
EACH(max1_u, 8, x > y ? x : y)
EACH(min2, 16, sx < sy ? sx : sy)
EACH(max2, 16, sx > sy ? sx : sy)

/* shifts count by all of b, or by n from an immediate; more is all zero or sign
 */
static unsigned count(uint64_t b, unsigned w)
{
	return b > w ? w : (unsigned)b;
}

#define SHIFT(name, bits, expr)                                              \
	static uint64_t par_##name(uint64_t a, uint64_t b, unsigned n)       \
	{                                                                    \
		const unsigned w = bits;                                     \
		uint64_t r = 0;                                              \
                                                                             \
		(void)n;                                                     \
		for (unsigned i = 0, by = count(b, w); i < 64 / w; i++) {    \
			int64_t x = (int64_t)el(a, w, i), sx = sel(a, w, i); \
                                                                             \
			(void)x, (void)sx;                                   \
			r |= at((expr), w, i);                               \
		}                                                            \
		return r;                                                    \
	}
SHIFT(shl2, 16, (int64_t)((uint64_t)x << by))
SHIFT(shl4, 32, (int64_t)((uint64_t)x << by))
SHIFT(shr2, 16, sx >> by)
SHIFT(shr4, 32, sx >> by)
SHIFT(shr2_u, 16, x >> by)
SHIFT(shr4_u, 32, x >> by)

/* the products of every other 16-bit element, from first on */
static uint64_t mpy2(uint64_t a, uint64_t b, unsigned first)
{
	return at(sel(a, 16, first) * sel(b, 16, first), 32, 0) |
	       at(sel(a, 16, first + 2) * sel(b, 16, first + 2), 32, 1);
}

static uint64_t par_mpy2_r(uint64_t a, uint64_t b, unsigned n)
{
	(void)n;
	return mpy2(a, b, 0);
}

static uint64_t par_mpy2_l(uint64_t a, uint64_t b, unsigned n)
{
	(void)n;
	return mpy2(a, b, 1);
}

static uint64_t par_mpy4(uint64_t a, uint64_t b, unsigned n)
{
	(void)n;
	return (a & UINT32_MAX) * (b & UINT32_MAX);
}

static uint64_t par_mpyshl4(uint64_t a, uint64_t b, unsigned n)
{
	(void)n;
	return (a >> 32) * (b & UINT32_MAX) << 32;
}

/* mix: every other element of both, b's below a's */
static uint64_t mix(uint64_t a, uint64_t b, unsigned w, unsigned first)
{
	uint64_t r = 0;

	for (unsigned i = 0; i < 64 / w; i += 2)
		r |= el(b, w, i + first) << w * i | el(a, w, i + first)
							    << w * (i + 1);
	return r;
}

/* unpack: the elements of one half of both, interleaved */
static uint64_t unpack(uint64_t a, uint64_t b, unsigned w, unsigned first)
{
	uint64_t r = 0;

	for (unsigned i = 0; i < 32 / w; i++)
		r |= el(b, w, i + first) << w * 2 * i |
		     el(a, w, i + first) << w * (2 * i + 1);
	return r;
}

#define PAIRS(name, ...)                                               \
	static uint64_t par_##name(uint64_t a, uint64_t b, unsigned n) \
	{                                                              \
		(void)n;                                               \
		return __VA_ARGS__;                                    \
	}
PAIRS(mix1_r, mix(a, b, 8, 0))
PAIRS(mix2_r, mix(a, b, 16, 0))
PAIRS(mix4_r, mix(a, b, 32, 0))
PAIRS(mix1_l, mix(a, b, 8, 1))
PAIRS(mix2_l, mix(a, b, 16, 1))
PAIRS(mix4_l, mix(a, b, 32, 1))
PAIRS(unpack1_h, unpack(a, b, 8, 4))
PAIRS(unpack2_h, unpack(a, b, 16, 2))
PAIRS(unpack4_h, unpack(a, b, 32, 1))
PAIRS(unpack1_l, unpack(a, b, 8, 0))
PAIRS(unpack2_l, unpack(a, b, 16, 0))
PAIRS(unpack4_l, unpack(a, b, 32, 0))

/* pack: signed elements of a, then of b, narrowed */
static uint64_t pack(uint64_t a, uint64_t b, unsigned w, bool to_unsigned)
{
	uint64_t r = 0;
	unsigned half = w / 2, n = 64 / w;

	for (unsigned i = 0; i < n; i++) {
		int64_t x = sel(a, w, i), y = sel(b, w, i);

		x = to_unsigned ? clamp_u(x, half) : clamp_s(x, half);
		y = to_unsigned ? clamp_u(y, half) : clamp_s(y, half);
		r |= at(x, half, i) | at(y, half, i + n);
	}
	return r;
}
PAIRS(pack2_uss, pack(a, b, 16, true))
PAIRS(pack2_sss, pack(a, b, 16, false))
PAIRS(pack4_sss, pack(a, b, 32, false))

static uint64_t par_sad1(uint64_t a, uint64_t b, unsigned n)
{
	uint64_t sum = 0;

	(void)n;
	for (unsigned i = 0; i < 8; i++) {
		int64_t d = (int64_t)el(a, 8, i) - (int64_t)el(b, 8, i);

		sum += (uint64_t)(d < 0 ? -d : d);
	}
	return sum;
}

/* mux1: where each byte comes from, by mbtype4; brcst is byte 0 */
static uint64_t par_mux1(uint64_t a, uint64_t b, unsigned n)
{
	static const uint8_t from[4][8] = {
		{ 0, 4, 2, 6, 1, 5, 3, 7 }, /* 8: @mix */
		{ 0, 4, 1, 5, 2, 6, 3, 7 }, /* 9: @shuf */
		{ 0, 2, 4, 6, 1, 3, 5, 7 }, /* 10: @alt */
		{ 7, 6, 5, 4, 3, 2, 1, 0 }, /* 11: @rev */
	};
	uint64_t r = 0;

	(void)b;
	for (unsigned i = 0; i < 8; i++)
		r |= el(a, 8, n >= 8 && n < 12 ? from[n - 8][i] : 0) << 8 * i;
	return r;
}

static uint64_t par_mux2(uint64_t a, uint64_t b, unsigned n)
{
	uint64_t r = 0;

	(void)b;
	for (unsigned i = 0; i < 4; i++)
		r |= el(a, 16, n >> 2 * i & 3) << 16 * i;
	return r;
}

PAIRS(popcnt, (void)b, (uint64_t)__builtin_popcountll(a))
PAIRS(clz, (void)b, a ? (uint64_t)__builtin_clzll(a) : 64)

/* czx: the index of the first zero element, from the left or the right */
static uint64_t czx(uint64_t a, unsigned w, bool left)
{
	unsigned n = 64 / w, i;

	for (i = 0; i < n; i++)
		if (!el(a, w, left ? n - 1 - i : i))
			break;
	return i;
}
PAIRS(czx1_l, (void)b, czx(a, 8, true))
PAIRS(czx2_l, (void)b, czx(a, 16, true))
PAIRS(czx1_r, (void)b, czx(a, 8, false))
PAIRS(czx2_r, (void)b, czx(a, 16, false))
PAIRS(none, a ^ b)

ia64_par_fn *const ia64_par[IA64_NPARS] = {
	[PAR_NONE] = par_none,
	[PAR_ADD1] = par_add1,
	[PAR_ADD1_SSS] = par_add_sss1,
	[PAR_ADD1_UUU] = par_add_uuu1,
	[PAR_ADD1_UUS] = par_add_uus1,
	[PAR_SUB1] = par_sub1,
	[PAR_SUB1_SSS] = par_sub_sss1,
	[PAR_SUB1_UUU] = par_sub_uuu1,
	[PAR_SUB1_UUS] = par_sub_uus1,
	[PAR_AVG1] = par_avg1,
	[PAR_AVG1_RAZ] = par_avg_raz1,
	[PAR_AVGSUB1] = par_avgsub1,
	[PAR_CMP1_EQ] = par_cmp_eq1,
	[PAR_CMP1_GT] = par_cmp_gt1,
	[PAR_ADD2] = par_add2,
	[PAR_ADD2_SSS] = par_add_sss2,
	[PAR_ADD2_UUU] = par_add_uuu2,
	[PAR_ADD2_UUS] = par_add_uus2,
	[PAR_SUB2] = par_sub2,
	[PAR_SUB2_SSS] = par_sub_sss2,
	[PAR_SUB2_UUU] = par_sub_uuu2,
	[PAR_SUB2_UUS] = par_sub_uus2,
	[PAR_AVG2] = par_avg2,
	[PAR_AVG2_RAZ] = par_avg_raz2,
	[PAR_AVGSUB2] = par_avgsub2,
	[PAR_CMP2_EQ] = par_cmp_eq2,
	[PAR_CMP2_GT] = par_cmp_gt2,
	[PAR_ADD4] = par_add4,
	[PAR_SUB4] = par_sub4,
	[PAR_CMP4_EQ] = par_cmp_eq4,
	[PAR_CMP4_GT] = par_cmp_gt4,
	[PAR_SHLADD2] = par_shladd,
	[PAR_SHRADD2] = par_shradd,
	[PAR_MPYSHR2_U] = par_mpyshr_u,
	[PAR_MPYSHR2] = par_mpyshr,
	[PAR_MPY2_R] = par_mpy2_r,
	[PAR_MPY2_L] = par_mpy2_l,
	[PAR_MPY4] = par_mpy4,
	[PAR_MPYSHL4] = par_mpyshl4,
	[PAR_MIX1_R] = par_mix1_r,
	[PAR_MIX2_R] = par_mix2_r,
	[PAR_MIX4_R] = par_mix4_r,
	[PAR_MIX1_L] = par_mix1_l,
	[PAR_MIX2_L] = par_mix2_l,
	[PAR_MIX4_L] = par_mix4_l,
	[PAR_PACK2_USS] = par_pack2_uss,
	[PAR_PACK2_SSS] = par_pack2_sss,
	[PAR_PACK4_SSS] = par_pack4_sss,
	[PAR_UNPACK1_H] = par_unpack1_h,
	[PAR_UNPACK2_H] = par_unpack2_h,
	[PAR_UNPACK4_H] = par_unpack4_h,
	[PAR_UNPACK1_L] = par_unpack1_l,
	[PAR_UNPACK2_L] = par_unpack2_l,
	[PAR_UNPACK4_L] = par_unpack4_l,
	[PAR_MIN1_U] = par_min1_u,
	[PAR_MAX1_U] = par_max1_u,
	[PAR_MIN2] = par_min2,
	[PAR_MAX2] = par_max2,
	[PAR_SAD1] = par_sad1,
	[PAR_MUX1] = par_mux1,
	[PAR_MUX2] = par_mux2,
	[PAR_SHR2_U] = par_shr2_u,
	[PAR_SHR2] = par_shr2,
	[PAR_SHR4_U] = par_shr4_u,
	[PAR_SHR4] = par_shr4,
	[PAR_SHL2] = par_shl2,
	[PAR_SHL4] = par_shl4,
	[PAR_POPCNT] = par_popcnt,
	[PAR_CLZ] = par_clz,
	[PAR_CZX1_L] = par_czx1_l,
	[PAR_CZX2_L] = par_czx2_l,
	[PAR_CZX1_R] = par_czx1_r,
	[PAR_CZX2_R] = par_czx2_r,
};
