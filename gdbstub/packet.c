/* SPDX-License-Identifier: MIT */
/* Packets of gdb's remote protocol: GDB manual, appendix E.1. */
#include "gdbstub/packet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE	   '}'
#define ESCAPE_XOR 0x20

/* A run is told as its first byte, '*', and the number that follow + 29. */
#define RUN_BIAS 29
#define RUN_MIN	 3
#define RUN_MAX	 (126 - RUN_BIAS)

/* ---- from gdb */

static void packet_add(struct packet_in *p, uint8_t byte)
{
	if (p->len < PACKET_MAX)
		p->data[p->len++] = byte;
	else
		p->too_long = true;
}

static enum packet_event packet_begin(struct packet_in *p, uint8_t byte)
{
	switch (byte) {
	case '+': return PACKET_ACK;
	case '-': return PACKET_NAK;
	case 0x03: return PACKET_INTERRUPT;
	case '$':
		p->state = IN_DATA;
		p->len = 0;
		p->sum = 0;
		p->too_long = false;
		break;
	default: break;
	}
	return PACKET_NONE;
}

static void packet_data(struct packet_in *p, uint8_t byte)
{
	if (byte == '#') {
		p->state = IN_SUM1;
		return;
	}
	if (byte == '$') { /* the one before was cut off */
		packet_begin(p, byte);
		return;
	}
	p->sum = (uint8_t)(p->sum + byte);
	if (byte == ESCAPE)
		p->state = IN_ESCAPED;
	else
		packet_add(p, byte);
}

static enum packet_event packet_end(struct packet_in *p, uint8_t byte)
{
	int digit = packet_digit(byte);

	p->state = IN_IDLE;
	if (digit < 0 || p->wanted == 0xff || p->too_long ||
	    p->sum != (uint8_t)(p->wanted << 4 | digit))
		return PACKET_BAD;
	p->data[p->len] = 0;
	return PACKET_READY;
}

enum packet_event packet_feed(struct packet_in *p, uint8_t byte)
{
	int digit;

	switch (p->state) {
	case IN_IDLE: return packet_begin(p, byte);
	case IN_DATA: packet_data(p, byte); break;
	case IN_ESCAPED:
		p->sum = (uint8_t)(p->sum + byte);
		packet_add(p, byte ^ ESCAPE_XOR);
		p->state = IN_DATA;
		break;
	case IN_SUM1:
		digit = packet_digit(byte);
		p->wanted = digit < 0 ? 0xff : (uint8_t)digit;
		p->state = IN_SUM2;
		break;
	case IN_SUM2: return packet_end(p, byte);
	}
	return PACKET_NONE;
}

/* ---- to gdb */

void packet_free(struct packet_out *o)
{
	free(o->data);
	*o = (struct packet_out){ 0 };
}

static bool packet_room(struct packet_out *o, size_t more)
{
	size_t cap = o->cap ? o->cap : 256;
	uint8_t *data;

	if (o->nomem)
		return false;
	while (cap - o->len < more)
		cap *= 2;
	if (cap == o->cap)
		return true;
	data = realloc(o->data, cap);
	if (!data) {
		o->nomem = true;
		return false;
	}
	o->data = data;
	o->cap = cap;
	return true;
}

void packet_put(struct packet_out *o, const void *data, size_t len)
{
	if (!len || !packet_room(o, len))
		return;
	memcpy(o->data + o->len, data, len);
	o->len += len;
}

void packet_str(struct packet_out *o, const char *s)
{
	packet_put(o, s, strlen(s));
}

void packet_fmt(struct packet_out *o, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	packet_str(o, text);
}

void packet_hex(struct packet_out *o, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = data;
	uint8_t *to;

	if (!packet_room(o, 2 * len))
		return;
	to = o->data + o->len;
	for (size_t i = 0; i < len; i++) {
		*to++ = (uint8_t)digits[from[i] >> 4];
		*to++ = (uint8_t)digits[from[i] & 15];
	}
	o->len += 2 * len;
}

void packet_drop(struct packet_out *o, size_t n)
{
	o->len -= n;
	memmove(o->data, o->data + n, o->len);
}

/* How many bytes after the first at p are the same, as far as one run goes. */
static size_t packet_run(const uint8_t *p, size_t left)
{
	size_t n = 0;

	while (n + 1 < left && n < RUN_MAX && p[n + 1] == p[0])
		n++;
	/* Counts that would look like '#', '$', '+' or '-'. */
	if (n + RUN_BIAS == '#' || n + RUN_BIAS == '$')
		n = '"' - RUN_BIAS;
	else if (n + RUN_BIAS == '+' || n + RUN_BIAS == '-')
		n--;
	return n < RUN_MIN ? 0 : n;
}

static bool packet_special(uint8_t c)
{
	return c == '#' || c == '$' || c == ESCAPE || c == '*';
}

/* Escapes and shortens; returns the end of what it wrote at to. */
static uint8_t *packet_encode(uint8_t *to, const uint8_t *p, size_t left)
{
	while (left) {
		uint8_t c = *p;
		size_t n = 0;

		if (packet_special(c)) {
			*to++ = ESCAPE;
			*to++ = c ^ ESCAPE_XOR;
		} else {
			*to++ = c;
			if (left > 1 && p[1] == c)
				n = packet_run(p, left);
		}
		if (n) {
			*to++ = '*';
			*to++ = (uint8_t)(n + RUN_BIAS);
		}
		p += n + 1;
		left -= n + 1;
	}
	return to;
}

void packet_wrap(struct packet_out *wire, const struct packet_out *content)
{
	uint8_t *start, *end, sum = 0;

	/* Twice the content is the longest that it can become. */
	if (content->nomem || !packet_room(wire, 2 * content->len + 8)) {
		wire->nomem = true;
		return;
	}
	wire->data[wire->len++] = '$';
	start = wire->data + wire->len;
	end = packet_encode(start, content->data, content->len);
	for (const uint8_t *p = start; p < end; p++)
		sum = (uint8_t)(sum + *p);
	*end = '#';
	wire->len += (size_t)(end + 1 - start);
	packet_hex(wire, &sum, 1);
}

/* ---- reading content */

int packet_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool packet_number(const char **s, uint64_t *val)
{
	const char *p = *s;

	*val = 0;
	while (packet_digit(*p) >= 0) {
		if (*val >> 60)
			return false;
		*val = *val << 4 | (unsigned)packet_digit(*p++);
	}
	if (p == *s)
		return false;
	*s = p;
	return true;
}

bool packet_unhex(const char *s, size_t n, uint8_t *bytes)
{
	for (size_t i = 0; i < n; i++) {
		int high = packet_digit(s[2 * i]);
		int low = high < 0 ? -1 : packet_digit(s[2 * i + 1]);

		if (low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
