/* SPDX-License-Identifier: MIT */
/* Touches more pages than the TLB holds, in turn. */
#include <stdint.h>
#include <stdio.h>

static uint8_t pages[1024][16384];

int main(void)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < 300; i++)
		for (unsigned j = 0; j < 1024; j++)
			sum += pages[j][i]++;
	printf("%u\n", sum);
	return 0;
}
