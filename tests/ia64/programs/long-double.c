/* SPDX-License-Identifier: MIT */
/* needs: a host whose long double is the 80-bit format of both */
/* long double: its ten bytes after arithmetic, conversions and comparisons. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t seed = 0x2545f4914f6cdd1d, sum;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void mix(long double v)
{
	uint64_t low;
	uint16_t high;

	memcpy(&low, &v, 8);
	memcpy(&high, (char *)&v + 8, 2);
	if (v != v)
		low = high = 0x7fff;
	sum = (sum << 5 | sum >> 59) ^ (low * 0x9e3779b97f4a7c15 + high);
}

static long double make(unsigned i)
{
	uint64_t sig = next() | (uint64_t)1 << 63;
	uint16_t se =
		(uint16_t)((next() & 0x8000) + 0x3fff - 60 + next() % 120);
	long double v = 0;

	switch (i) {
	case 0: return 0.0L;
	case 1: return -1.0L;
	case 2: return 1e4900L;
	case 3: return 1e-4900L;
	case 4: return 0x1p-16445L;
	case 5: return 18446744073709551615.0L;
	default: break;
	}
	memcpy(&v, &sig, 8);
	memcpy((char *)&v + 8, &se, 2);
	return v;
}

static __attribute__((noinline)) void pair(long double a, long double b)
{
	mix(a + b);
	mix(a - b);
	mix(a * b);
	mix(a / b);
	mix((double)a);
	mix((float)b);
	mix(a < b ? a : b);
	mix((long double)(a == b) + (a > b) * 2 + (a <= b) * 4);
	if (a > -9e18L && a < 9e18L)
		mix((long double)(int64_t)a);
	if (b > -0.5L && b < 1.8e19L)
		mix((long double)(uint64_t)b);
}

static __attribute__((noinline)) long double sum_of(int n, ...)
{
	__builtin_va_list ap;
	long double s = 0;

	__builtin_va_start(ap, n);
	for (int i = 0; i < n; i++)
		s += i & 1 ? __builtin_va_arg(ap, long double)
			   : __builtin_va_arg(ap, int);
	__builtin_va_end(ap);
	return s;
}

int main(void)
{
	for (unsigned i = 0; i < 60; i++) {
		for (unsigned j = 0; j < 60; j++) {
			long double x = make(i), y = make(j);

			pair(x, y);
		}
		printf("%u: %016lx\n", i, (unsigned long)sum);
	}
	mix(sum_of(6, 1, 2.5L, -3, 1e300L, 5, -1e300L));
	printf("%016lx\n", (unsigned long)sum);
	return 0;
}
