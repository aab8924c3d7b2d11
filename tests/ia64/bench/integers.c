/* SPDX-License-Identifier: MIT */
/* A loop of integer arithmetic. */
#include <stdint.h>
#include <stdio.h>

int main(void)
{
	uint64_t a = 1, b = 2, c = 3, d = 4;

	for (uint64_t i = 0; i < 20000000; i++) {
		a = (a << 3 ^ b) + i;
		b = (b >> 5 | c) - a;
		c = (c + 77) ^ (d & a);
		d = d + (b < c ? a : i);
	}
	printf("%lx\n", (unsigned long)(a ^ b ^ c ^ d));
	return 0;
}
