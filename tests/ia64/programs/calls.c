/* SPDX-License-Identifier: MIT */
/* Calls: varargs, structures by value, pointers to functions, setjmp out of
 * deep frames, recursion that spills the register stack many times over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

static __attribute__((noinline)) int64_t total(const char *kinds, ...)
{
	int64_t t = 0;
	va_list ap;

	va_start(ap, kinds);
	for (; *kinds; kinds++)
		switch (*kinds) {
		case 'i': t = t * 3 + va_arg(ap, int); break;
		case 'l': t = t * 3 + va_arg(ap, long); break;
		case 'd': t = t * 3 + (int64_t)va_arg(ap, double); break;
		case 's': t = t * 3 + *va_arg(ap, const char *); break;
		}
	va_end(ap);
	return t;
}

static __attribute__((noinline)) unsigned ackermann(unsigned m, unsigned n)
{
	return !m   ? n + 1
	       : !n ? ackermann(m - 1, 1)
		    : ackermann(m - 1, ackermann(m, n - 1));
}

/* Many values live across the call: a large frame on the register stack. */
static __attribute__((noinline)) uint64_t deep(unsigned n, uint64_t a,
					       uint64_t b, uint64_t c)
{
	uint64_t d = a * 3 + b, e = b * 5 + c, f = c * 7 + a, g = d ^ e;
	uint64_t h = e + f, i = f - g, j = g * h, k = h ^ (i << 3), l = i + j;
	uint64_t r;

	if (!n)
		return a ^ b ^ c;
	r = deep(n - 1, b + k, c ^ l, a + j);
	return r * 31 + (a ^ d) + (b ^ e) * 3 + (c ^ f) * 5 + (g ^ h) * 7 +
	       (i ^ j) * 11 + (k ^ l) * 13;
}

static __attribute__((noinline)) uint64_t even(unsigned n, uint64_t v);
static __attribute__((noinline)) uint64_t odd(unsigned n, uint64_t v)
{
	return n ? even(n - 1, v * 3) + v : v;
}
static uint64_t even(unsigned n, uint64_t v)
{
	return n ? odd(n - 1, v ^ n) + 1 : v + 5;
}

struct big {
	uint64_t v[9];
};
struct small {
	uint16_t a;
	uint8_t b;
};
struct pair {
	double x, y;
};
static __attribute__((noinline)) struct big twist(struct big b, struct small s,
						  struct pair p)
{
	for (int i = 0; i < 9; i++)
		b.v[i] = b.v[8 - i] + s.a * (uint64_t)i + s.b +
			 (uint64_t)(p.x * i + p.y);
	return b;
}
static __attribute__((noinline)) struct pair swap(struct pair p)
{
	return (struct pair){ p.y, p.x };
}

static jmp_buf place;
static __attribute__((noinline)) uint64_t dive(unsigned n, uint64_t v)
{
	uint64_t w = v * 7 + n;

	if (!n)
		longjmp(place, (int)(v & 0xff) | 1);
	return dive(n - 1, w) + w;
}
static __attribute__((noinline)) void jumps(void)
{
	volatile unsigned depth = 1, times = 0;
	uint64_t keep = 0x1234567;
	int r = setjmp(place);

	printf("jump %u: %d, %lx\n", times, r, (unsigned long)keep);
	if (times++ < 6) {
		depth *= 4;
		dive(depth, depth);
	}
}

static __attribute__((noinline)) int compare(const void *a, const void *b)
{
	return *(const int *)a < *(const int *)b ? -1 : 1;
}
static void sort(int *v, int n, int (*cmp)(const void *, const void *))
{
	int p = v[n / 2], i = 0, j = n - 1;

	while (i <= j) {
		while (cmp(&v[i], &p) < 0 && v[i] != p)
			i++;
		while (cmp(&p, &v[j]) < 0 && v[j] != p)
			j--;
		if (i <= j) {
			int t = v[i];

			v[i++] = v[j];
			v[j--] = t;
		}
	}
	if (j > 0)
		sort(v, j + 1, cmp);
	if (i < n - 1)
		sort(v + i, n - i, cmp);
}

int main(void)
{
	struct big b = { { 1, 2, 3, 4, 5, 6, 7, 8, 9 } };
	static int v[500];
	uint32_t x = 1;

	printf("varargs %ld\n", (long)total("ildsildsild", 1, 2L, 3.5, "x", -4,
					    5L, -6e9, "y", 7, -8L, 9.75));
	printf("ackermann %u\n", ackermann(2, 300) + ackermann(3, 5));
	printf("deep %016lx\n", (unsigned long)deep(20000, 1, 2, 3));
	printf("mutual %016lx\n", (unsigned long)even(9999, 77));
	for (int i = 0; i < 3; i++)
		b = twist(b, (struct small){ 300, 7 },
			  swap((struct pair){ 2.5, 10.25 }));
	for (int i = 0; i < 9; i++)
		printf("big %d %lu\n", i, (unsigned long)b.v[i]);
	jumps();
	for (int i = 0; i < 500; i++) {
		x = x * 1664525 + 1013904223;
		v[i] = (int)(x >> 8) - (1 << 23);
	}
	sort(v, 500, compare);
	for (int i = 0; i < 500; i += 25)
		printf("%d ", v[i]);
	printf("\n");
	return 0;
}
