/* SPDX-License-Identifier: MIT */
/* float and double: arithmetic, conversions, comparisons, as the bits they
 * give. A NaN is printed as such: which one a host makes is its own affair. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t seed = 88172645463325252;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t bits(double d)
{
	uint64_t b;

	memcpy(&b, &d, sizeof(b));
	return d != d ? 0x7ff8000000000000 : b;
}

static uint32_t bitsf(float f)
{
	uint32_t b;

	memcpy(&b, &f, sizeof(b));
	return f != f ? 0x7fc00000 : b;
}

static double make(unsigned i)
{
	static const double edges[] = {
		0.0,	      -0.0,	     1.0,	   -1.0,
		0.5,	      3.0,	     1e308,	   -1e308,
		1e-308,	      4.9e-324,	     1.0 / 3,	   2147483647.0,
		2147483648.0, -2147483649.0, 4294967296.0, 9.2e18,
		-9.3e18,      1.8e19,	     1e10,	   16777217.0,
		3.4028234e38, 3.5e38,	     1.17e-38,	   1.4e-45,
	};
	const unsigned n = sizeof(edges) / sizeof(edges[0]);
	uint64_t b = next();
	double d;

	if (i < n)
		return edges[i];
	if (i & 1) /* of moderate size */
		b = (b & 0x800fffffffffffff) | (1023 - 40 + b % 80) << 52;
	memcpy(&d, &b, sizeof(d));
	return d;
}

static uint64_t sum;
static void mix(uint64_t v)
{
	sum = (sum << 9 | sum >> 55) ^ v * 0x9e3779b97f4a7c15;
}

static __attribute__((noinline)) void doubles(double a, double b)
{
	mix(bits(a + b));
	mix(bits(a - b));
	mix(bits(a * b));
	mix(bits(a / b));
	mix(bits(-a));
	mix(bits(a < 0 ? -a : a));
	mix((uint64_t)(a < b) | (uint64_t)(a <= b) << 1 |
	    (uint64_t)(a == b) << 2 | (uint64_t)(a > b) << 3 |
	    (uint64_t)(a >= b) << 4 | (uint64_t)(a != b) << 5 |
	    (uint64_t)__builtin_isunordered(a, b) << 6);
	mix(bits(__builtin_fma(a, b, 1.0)));
}

static __attribute__((noinline)) void floats(float a, float b)
{
	mix(bitsf(a + b));
	mix(bitsf(a - b));
	mix(bitsf(a * b));
	mix(bitsf(a / b));
	mix((uint64_t)(a < b) | (uint64_t)(a == b) << 1);
	mix(bits((double)a * b));
}

static __attribute__((noinline)) void conversions(double a)
{
	mix(bitsf((float)a));
	if (a > -2147483649.0 && a < 2147483648.0)
		mix((uint64_t)(int32_t)a);
	if (a > -1.0 && a < 4294967296.0)
		mix((uint32_t)a);
	if (a > -9.2e18 && a < 9.2e18)
		mix((uint64_t)(int64_t)a);
	if (a > -1.0 && a < 1.8e19)
		mix((uint64_t)a);
}

static __attribute__((noinline)) void integers(uint64_t v)
{
	mix(bits((double)v));
	mix(bits((double)(int64_t)v));
	mix(bits((double)(uint32_t)v));
	mix(bits((double)(int32_t)v));
	mix(bitsf((float)v));
	mix(bitsf((float)(int64_t)v));
}

static __attribute__((noinline)) double polynomial(const double *c, int n,
						   double x)
{
	double y = 0;

	for (int i = n; i--;)
		y = y * x + c[i];
	return y;
}

static __attribute__((noinline)) void dot(const double *a, const double *b,
					  double *out, int n)
{
	double s = 0;

	for (int i = 0; i < n; i++) {
		s += a[i] * b[i];
		out[i] = a[i] * 3.0 + b[i];
	}
	mix(bits(s));
	for (int i = 0; i < n; i++)
		mix(bits(out[i]));
}

int main(void)
{
	static double a[100], b[100], c[100];

	for (unsigned i = 0; i < 80; i++) {
		for (unsigned j = 0; j < 80; j++) {
			double x = make(i), y = make(j);

			doubles(x, y);
			floats((float)x, (float)y);
			conversions(x);
			integers(next() >> (next() & 63));
		}
		printf("%u: %016lx\n", i, (unsigned long)sum);
	}
	for (int i = 0; i < 100; i++) {
		a[i] = make(101);
		b[i] = make(103);
	}
	for (int n = 0; n < 100; n++)
		dot(a, b, c, n);
	printf("dot %016lx, polynomial %016lx\n", (unsigned long)sum,
	       (unsigned long)bits(polynomial(a, 20, 0.75)));
	return 0;
}
