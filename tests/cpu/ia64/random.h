/* SPDX-License-Identifier: MIT */
/* Random numbers that are the same each time. */
#ifndef TESTS_CPU_IA64_RANDOM_H
#define TESTS_CPU_IA64_RANDOM_H

#include <stdint.h>

/* The next after *seed, which is not 0: Marsaglia's xorshift of 64 bits. */
static inline uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

#endif
