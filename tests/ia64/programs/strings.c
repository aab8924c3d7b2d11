/* SPDX-License-Identifier: MIT */
/* String functions on every alignment, written as libraries write them: a word
 * at a time, with masks. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ONES ((uint64_t)-1 / 255)

static __attribute__((noinline)) size_t length(const char *s)
{
	const uint64_t *w = (const uint64_t *)((uintptr_t)s & ~(uintptr_t)7);
	unsigned skip = (uintptr_t)s & 7;
	uint64_t v, zero;

	memcpy(&v, w, 8);
	if (skip)
		v |= ((uint64_t)1 << 8 * skip) - 1;
	while (!(zero = (v - ONES) & ~v & ONES * 0x80))
		memcpy(&v, ++w, 8);
	return (size_t)((const char *)w + __builtin_ctzll(zero) / 8 - s);
}

static __attribute__((noinline)) void copy(uint8_t *to, const uint8_t *from,
					   size_t n)
{
	while (n && ((uintptr_t)to & 7)) {
		*to++ = *from++;
		n--;
	}
	for (; n >= 8; n -= 8, to += 8, from += 8) {
		uint64_t v;

		memcpy(&v, from, 8);
		memcpy(to, &v, 8);
	}
	while (n--)
		*to++ = *from++;
}

static __attribute__((noinline)) int order(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (uint8_t)*a < (uint8_t)*b ? -1 : (uint8_t)*a > (uint8_t)*b;
}

static uint32_t hash(const uint8_t *p, size_t n)
{
	uint32_t h = 2166136261u;

	while (n--)
		h = (h ^ *p++) * 16777619u;
	return h;
}

static __attribute__((noinline)) char *decimal(char *to, int64_t v)
{
	char tmp[24];
	int n = 0;
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do
		tmp[n++] = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		*to++ = '-';
	while (n)
		*to++ = tmp[--n];
	*to = 0;
	return to;
}

int main(void)
{
	static char buf[256] __attribute__((aligned(16)));
	static uint8_t from[256], to[256];
	char num[30];

	for (int at = 0; at < 16; at++)
		for (int n = 0; n < 40; n += 3) {
			memset(buf, 'x', sizeof(buf));
			buf[at + n] = 0;
			if (length(buf + at) != (size_t)n)
				printf("length %d %d is wrong\n", at, n);
		}
	for (int i = 0; i < 256; i++)
		from[i] = (uint8_t)(i * 73 + 5);
	for (unsigned x = 0; x < 16; x++)
		for (unsigned y = 0; y < 16; y++) {
			memset(to, 0xaa, sizeof(to));
			copy(to + x, from + y, 100 + x * y % 50);
			printf("%08x%c", hash(to, sizeof(to)),
			       y == 15 ? '\n' : ' ');
		}
	for (size_t n = 0; n < 100; n += 9) {
		memmove(to + 10, to, n);
		memmove(to + 50, to + 57, n);
		printf("move %08x\n", hash(to, sizeof(to)));
	}
	for (int64_t v = -9223372036854775807 - 1, i = 0; i < 40; i++) {
		decimal(num, v);
		printf("%s %ld %+08d|%-6d|%6.3d\n", num, (long)v, (int)v % 1000,
		       (int)(v % 7), (int)(v % 5));
		v = v / 3 + i * 1000;
	}
	printf("%d %d %d\n", order("abc", "abd"), order("\xff", "a"),
	       order("same", "same"));
	return 0;
}
