/* SPDX-License-Identifier: MIT */
/* What csmith's programs include; they use none of it. */
#ifndef IA64_RUNTIME_MATH_H
#define IA64_RUNTIME_MATH_H
#endif
