/* SPDX-License-Identifier: MIT */
/* The part of math.h that csmith's programs use. */
#ifndef IA64_RUNTIME_MATH_H
#define IA64_RUNTIME_MATH_H
#define fabs(x)	 __builtin_fabs(x)
#define fabsf(x) __builtin_fabsf(x)
#endif
