/* SPDX-License-Identifier: MIT */
/* Prints how many ticks the TSC makes in a second, by a wait of 100 ms. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

int main(void)
{
	uint64_t start_ns = now_ns(), start = __rdtsc(), took;

	while ((took = now_ns() - start_ns) < 100000000)
		;
	printf("%.0f\n", (double)(__rdtsc() - start) * 1e9 / (double)took);
	return 0;
}
