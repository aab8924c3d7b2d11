// SPDX-License-Identifier: MIT
/* printf for the console; a line is written in one piece. */
#include <stdarg.h>

#include "arch.h"
#include "guest.h"

struct print {
	char *buf;
	size_t len, size;
	bool console; /* full: write it out and go on */
};

static void print_char(struct print *p, char c)
{
	if (p->len == p->size && p->console) {
		arch_console_write(p->buf, p->len);
		p->len = 0;
	}
	if (p->len < p->size)
		p->buf[p->len++] = c;
}

static void print_num(struct print *p, uint64_t val, unsigned radix,
		      unsigned width, char pad, bool negative)
{
	char digit[24];
	unsigned n = 0;

	do {
		digit[n++] = "0123456789abcdef"[val % radix];
		val /= radix;
	} while (val);
	if (negative)
		digit[n++] = '-';
	for (; width > n; width--)
		print_char(p, pad);
	while (n)
		print_char(p, digit[--n]);
}

static void print_str(struct print *p, const char *s, unsigned width, bool left,
		      size_t max)
{
	size_t n = 0;

	if (!s)
		s = "(none)";
	while (n < max && s[n])
		n++;
	for (size_t i = n; !left && i < width; i++)
		print_char(p, ' ');
	for (size_t i = 0; i < n; i++)
		print_char(p, s[i]);
	for (size_t i = n; left && i < width; i++)
		print_char(p, ' ');
}

static void print_format(struct print *p, const char *f, va_list ap)
{
	for (; *f; f++) {
		unsigned width = 0, wide = 0;
		bool left = false;
		char pad = ' ';
		size_t max = -1;
		uint64_t val;

		if (*f != '%') {
			print_char(p, *f);
			continue;
		}
		f++;
		for (; *f == '-' || *f == '0'; f++) {
			left |= *f == '-';
			pad = *f == '0' ? '0' : pad;
		}
		for (; *f >= '0' && *f <= '9'; f++)
			width = width * 10 + *f - '0';
		if (f[0] == '.' && f[1] == '*') {
			max = va_arg(ap, int);
			f += 2;
		}
		for (; *f == 'l' || *f == 'z'; f++)
			wide = 1;
		switch (*f) {
		case 's':
			print_str(p, va_arg(ap, char *), width, left, max);
			break;
		case 'c': print_char(p, va_arg(ap, int)); break;
		case 'd':
			val = wide ? va_arg(ap, int64_t) : va_arg(ap, int);
			if ((int64_t)val < 0)
				print_num(p, -val, 10, width, pad, true);
			else
				print_num(p, val, 10, width, pad, false);
			break;
		case 'u':
		case 'x':
			val = wide ? va_arg(ap, uint64_t)
				   : va_arg(ap, unsigned);
			print_num(p, val, *f == 'u' ? 10 : 16, width, pad,
				  false);
			break;
		default: print_char(p, *f);
		}
	}
}

void vprintf(const char *fmt, va_list ap);
void vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

void vprintf(const char *fmt, va_list ap)
{
	char buf[128];
	struct print p = { .buf = buf, .size = sizeof(buf), .console = true };

	print_format(&p, fmt, ap);
	arch_console_write(p.buf, p.len);
}

void vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct print p = { .buf = buf, .size = size - 1 };

	print_format(&p, fmt, ap);
	buf[p.len] = 0;
}

void printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

void snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, size, fmt, ap);
	va_end(ap);
}
