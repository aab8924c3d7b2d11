// SPDX-License-Identifier: MIT
/* The few string functions that the compiler and the guests call. */
#include "guest.h"

void *memcpy(void *dst, const void *src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	for (; n >= 8; n -= 8, d += 8, s += 8)
		*(uint64_t __attribute__((aligned(1), may_alias)) *)d =
			get64(s);
	while (n--)
		*d++ = *s++;
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	if (d <= s)
		return memcpy(dst, src, n);
	while (n--)
		d[n] = s[n];
	return dst;
}

void *memset(void *dst, int byte, size_t n)
{
	uint8_t *d = dst;
	uint64_t word = 0x0101010101010101 * (uint8_t)byte;

	for (; n >= 8; n -= 8, d += 8)
		*(uint64_t __attribute__((aligned(1), may_alias)) *)d = word;
	while (n--)
		*d++ = byte;
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;

	for (; n >= 8 && get64(p) == get64(q); n -= 8)
		p += 8, q += 8;
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (uint8_t)*a - (uint8_t)*b;
	return 0;
}

static int string_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

uint64_t parse_num(const char *s)
{
	unsigned radix = 10;
	uint64_t val = 0;

	if (s[0] == '0' && s[1] == 'x') {
		radix = 16;
		s += 2;
	}
	for (; *s && string_digit(*s) < (int)radix; s++)
		val = val * radix + string_digit(*s);
	return val;
}
