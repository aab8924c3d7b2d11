/* SPDX-License-Identifier: MIT */
/* IA-64 floating-point arithmetic on 82-bit registers, without a processor. */
#ifndef CPU_IA64_FP_H
#define CPU_IA64_FP_H

#include "cpu/ia64/cpu.h"

#define FP_EXP_ONES 0x1ffff
#define FP_EXP_INT  0x1003e /* of integers and of parallel values */
#define FP_BIAS	    0xffff
#define FP_MSB	    (UINT64_C(1) << 63)

/* The flags of a status field, SDM 1:5.2; and fpa of a trap, SDM 1:5.4.1.3: the
 * result is larger than the exact one, in magnitude. */
enum { FP_V = 1, FP_D = 2, FP_Z = 4, FP_O = 8, FP_U = 16, FP_I = 32 };
#define FP_FLAGS 63
#define FP_A	 64
enum fp_round { FP_NEAREST, FP_DOWN, FP_UP, FP_ZERO };

/* How a result is rounded: SDM 1:5.2 table 5-6. */
struct fp_ctl {
	uint8_t bits;	  /* of the significand: 24, 53, 64 */
	uint8_t exp_bits; /* 8, 11, 15, 17 */
	uint8_t round;	  /* enum fp_round */
	bool ftz;
	/* overflow, underflow keep the wrapped exponent */
	bool unmasked_o, unmasked_u;
};

enum fp_class {
	FP_ZERO_,
	FP_FINITE,
	FP_INF,
	FP_QNAN,
	FP_SNAN,
	FP_UNSUP,
	FP_NAT
};

extern const struct ia64_fr fp_nat, fp_default_nan;

enum fp_class fp_class(const struct ia64_fr *f);
/* Finite, and without the leading bit: a zero with an exponent, too. */
bool fp_unnormal(const struct ia64_fr *f);
/*
 * a * b + c; no_c: a * b, where a zero keeps its sign.  Flags, and FP_A, are
 * ored into *flags.  None is a NaTVal; of several NaNs b's is the result, then
 * c's.
 */
struct ia64_fr fp_fma(struct ia64_fr a, struct ia64_fr b, struct ia64_fr c,
		      bool no_c, const struct fp_ctl *ctl, unsigned *flags);
/* What fp_fma_host() does with its operands: a * b, or a + c. */
enum fp_fma_kind { FP_MPY, FP_ADD };
/*
 * The same to nearest, in 24 or 53 bits, by the host's arithmetic: false where
 * that cannot tell, and nothing is written.  No flag is due but perhaps FP_I.
 */
bool fp_fma_host(const struct ia64_fr *a, const struct ia64_fr *b,
		 const struct ia64_fr *c, enum fp_fma_kind kind, unsigned bits,
		 struct ia64_fr *res);
/* Correctly rounded a / b and square root of a, and what is special of them. */
struct ia64_fr fp_div(struct ia64_fr a, struct ia64_fr b,
		      const struct fp_ctl *ctl, unsigned *flags);
/*
 * The approximations of frcpa and frsqrta, SDM 3:2.  True: *res is an
 * approximation and the predicate is set; false: it is the result itself.
 */
bool fp_rcpa(struct ia64_fr num, struct ia64_fr den, const struct fp_ctl *ctl,
	     struct ia64_fr *res, unsigned *flags);
bool fp_rsqrta(struct ia64_fr f, struct ia64_fr *res, unsigned *flags);
/* Those of one single of fprcpa and fprsqrta: false: software has to divide. */
bool fp_prcpa(struct ia64_fr num, struct ia64_fr den, const struct fp_ctl *ctl,
	      struct ia64_fr *res, unsigned *flags);
bool fp_prsqrta(struct ia64_fr f, struct ia64_fr *res, unsigned *flags);
/* -1, 0, 1, or 2 for unordered; signals: a quiet NaN is invalid too. */
int fp_compare(struct ia64_fr a, struct ia64_fr b, bool signals,
	       unsigned *flags);
/* To an integer of that many bits; what does not fit is its smallest value. */
uint64_t fp_to_int(struct ia64_fr f, bool is_unsigned, unsigned bits,
		   enum fp_round round, unsigned *flags);
struct ia64_fr fp_from_int(int64_t v);

/* The memory formats, SDM 1:5.3; no rounding. */
struct ia64_fr fp_from_single(uint32_t v);
struct ia64_fr fp_from_double(uint64_t v);
struct ia64_fr fp_from_extended(uint64_t sig, uint16_t se);
uint32_t fp_to_single(const struct ia64_fr *f);
/* The same of a pair's result, whose exponent may have been wrapped. */
uint32_t fp_to_lane(const struct ia64_fr *f);
uint64_t fp_to_double(const struct ia64_fr *f);
uint16_t fp_to_extended(const struct ia64_fr *f);

#endif
