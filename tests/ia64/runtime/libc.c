/* SPDX-License-Identifier: MIT */
/* The C library of the freestanding IA-64 programs: output, strings. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sys_write(const void *data, size_t size);

/* ---- strings: gcc may call the first four by itself */
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	while (n--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	if ((uintptr_t)t - (uintptr_t)f >= n)
		return memcpy(to, from, n);
	while (n--)
		t[n] = f[n];
	return to;
}

void *memset(void *to, int c, size_t n)
{
	unsigned char *t = to;

	while (n--)
		*t++ = (unsigned char)c;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n--; x++, y++)
		if (*x != *y)
			return *x - *y;
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
	return (unsigned char)*a - (unsigned char)*b;
}

char *strcpy(char *restrict to, const char *restrict from)
{
	memcpy(to, from, strlen(from) + 1);
	return to;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

void abort(void)
{
	puts("abort()");
	exit(98);
}

/* ---- output: a buffer that is written at the end of each call */
static char buffer[512];
static size_t filled;

static void flush(void)
{
	sys_write(buffer, filled);
	filled = 0;
}

static void put(char c)
{
	if (filled == sizeof(buffer))
		flush();
	buffer[filled++] = c;
}

static void put_times(char c, int n)
{
	while (n-- > 0)
		put(c);
}

struct spec {
	bool left, zero, plus, space, alt;
	int width, precision; /* precision: -1 where there is none */
	int size;	      /* bytes of an integer */
};

static void put_text(const struct spec *s, const char *text)
{
	int len = (int)strlen(text);

	if (s->precision >= 0 && s->precision < len)
		len = s->precision;
	if (!s->left)
		put_times(' ', s->width - len);
	for (int i = 0; i < len; i++)
		put(text[i]);
	if (s->left)
		put_times(' ', s->width - len);
}

/* sign: "", or what stands before the digits. */
static void put_number(const struct spec *s, uint64_t v, unsigned base,
		       bool upper, const char *sign)
{
	char digits[24];
	int n = 0, zeros, len = (int)strlen(sign);

	for (; v; v /= base)
		digits[n++] = (upper ? "0123456789ABCDEF"
				     : "0123456789abcdef")[v % base];
	zeros = (s->precision < 0 ? 1 : s->precision) - n;
	if (zeros < 0)
		zeros = 0;
	if (s->zero && !s->left && s->precision < 0 &&
	    s->width > len + n + zeros)
		zeros = s->width - len - n;
	if (!s->left)
		put_times(' ', s->width - len - zeros - n);
	while (*sign)
		put(*sign++);
	put_times('0', zeros);
	for (int i = n; i;)
		put(digits[--i]);
	if (s->left)
		put_times(' ', s->width - len - zeros - n);
}

static void put_signed(const struct spec *s, int64_t v)
{
	const char *sign = v < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";

	put_number(s, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, false, sign);
}

static const char *parse(const char *p, struct spec *s)
{
	*s = (struct spec){ .precision = -1, .size = 4 };
	for (;; p++) {
		if (*p == '-')
			s->left = true;
		else if (*p == '0')
			s->zero = true;
		else if (*p == '+')
			s->plus = true;
		else if (*p == ' ')
			s->space = true;
		else if (*p == '#')
			s->alt = true;
		else
			break;
	}
	while (*p >= '0' && *p <= '9')
		s->width = s->width * 10 + *p++ - '0';
	if (*p == '.')
		for (s->precision = 0, p++; *p >= '0' && *p <= '9'; p++)
			s->precision = s->precision * 10 + *p - '0';
	for (;; p++) {
		if (*p == 'l' || *p == 'z' || *p == 'j')
			s->size = 8;
		else if (*p == 'h')
			s->size /= 2;
		else
			return p;
	}
}

int vprintf(const char *fmt, va_list ap)
{
	struct spec s;
	uint64_t v;

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		fmt = parse(fmt + 1, &s);
		switch (*fmt) {
		case 'd':
		case 'i':
			v = s.size == 8 ? va_arg(ap, uint64_t)
					: (uint64_t)va_arg(ap, int);
			put_signed(&s, s.size == 1   ? (int8_t)v
				       : s.size == 2 ? (int16_t)v
						     : (int64_t)v);
			break;
		case 'u':
		case 'x':
		case 'X':
		case 'o':
			v = s.size == 8 ? va_arg(ap, uint64_t)
					: va_arg(ap, unsigned);
			v = s.size == 1	  ? (uint8_t)v
			    : s.size == 2 ? (uint16_t)v
					  : v;
			put_number(&s, v,
				   *fmt == 'u'	 ? 10
				   : *fmt == 'o' ? 8
						 : 16,
				   *fmt == 'X',
				   s.alt && v && *fmt == 'x' ? "0x" : "");
			break;
		case 'p':
			put_number(&s, va_arg(ap, uint64_t), 16, false, "0x");
			break;
		case 'c': put((char)va_arg(ap, int)); break;
		case 's': put_text(&s, va_arg(ap, const char *)); break;
		default: put(*fmt); break;
		}
	}
	flush();
	return 0;
}

int printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	return 0;
}

int puts(const char *s)
{
	return printf("%s\n", s);
}

int putchar(int c)
{
	put((char)c);
	flush();
	return c;
}
