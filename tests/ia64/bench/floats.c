/* SPDX-License-Identifier: MIT */
/* A loop of floating-point arithmetic on numbers that stay normal. */
#include <stdio.h>

int main(void)
{
	double x = 0.5, y = 0.25, s = 0;

	for (long i = 0; i < 4000000; i++) {
		s += x * y;
		x = x * 0.999 + y;
		y = y * 0.5 - x * 0.001 + 0.25;
	}
	printf("%ld\n", (long)(s * 1000));
	return 0;
}
