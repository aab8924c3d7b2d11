/* SPDX-License-Identifier: MIT */
/* Copies memory, a word at a time. */
#include <stdint.h>
#include <stdio.h>

static uint64_t from[8192], to[8192];

static __attribute__((noinline)) void copy(uint64_t *t, const uint64_t *f,
					   unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		t[i] = f[i];
}

int main(void)
{
	for (unsigned i = 0; i < 8192; i++)
		from[i] = i * 0x9e3779b97f4a7c15;
	for (unsigned i = 0; i < 5000; i++) {
		from[i] ^= to[i];
		copy(to, from, 8192);
	}
	printf("%lx\n", (unsigned long)to[4000]);
	return 0;
}
