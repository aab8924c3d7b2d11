/* SPDX-License-Identifier: MIT */
/* Output that gathers on its way to a back end: a line is one write(2). */
#include "hw/char/outbuf.h"

#include <string.h>

void outbuf_init(struct outbuf *o, struct chardev_fe *fe, struct clock *clock,
		 void (*fire)(void *opaque), void *opaque)
{
	*o = (struct outbuf){
		.fe = fe,
		.clock = clock,
		.timer = { .fire = fire, .opaque = opaque },
	};
}

void outbuf_destroy(struct outbuf *o)
{
	timer_disarm(o->clock, &o->timer);
	o->ticking = false;
	outbuf_drop(o);
}

bool outbuf_add(struct outbuf *o, uint8_t byte)
{
	if (o->len == OUTBUF_SIZE)
		return false;
	o->buf[o->len++] = byte;
	return true;
}

void outbuf_flush(struct outbuf *o)
{
	size_t n;

	if (o->len) {
		n = chardev_write(o->fe, o->buf, o->len);
		o->len -= (uint8_t)n;
		memmove(o->buf, o->buf + n, o->len);
	}
	o->blocked = o->len != 0;
}

void outbuf_flush_later(struct outbuf *o)
{
	if (o->ticking)
		return;
	o->ticking = true;
	timer_arm(o->clock, &o->timer, clock_now_ns(o->clock) + OUTBUF_TICK_NS);
}

void outbuf_fired(struct outbuf *o)
{
	o->ticking = false;
}

void outbuf_drop(struct outbuf *o)
{
	o->len = 0;
	o->blocked = false;
}
