/* SPDX-License-Identifier: MIT */
/* Output that gathers on its way to a back end: a line is one write(2). */
#ifndef HW_CHAR_OUTBUF_H
#define HW_CHAR_OUTBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/char/chardev.h"
#include "hw/core/clock.h"

#define OUTBUF_SIZE    128
#define OUTBUF_TICK_NS 2000000 /* the longest that a byte gathers */

/*
 * What a serial device sends, byte by byte.  Its owner adds bytes and decides
 * when they leave; what it does not flush leaves OUTBUF_TICK_NS later, by a
 * timer.  Everything here is under the owner's lock, which its timer function
 * takes.
 */
struct outbuf {
	struct chardev_fe *fe;
	struct clock *clock;
	struct timer timer;
	uint8_t buf[OUTBUF_SIZE];
	uint8_t len;
	bool blocked; /* the back end is full: wait for CHARDEV_WRITABLE */
	bool ticking; /* timer is armed */
};

/*
 * fire(opaque) comes on the clock's thread; it takes the owner's lock, calls
 * outbuf_fired() and flushes.  fe may be attached later, or never: output is
 * then gone.
 */
void outbuf_init(struct outbuf *o, struct chardev_fe *fe, struct clock *clock,
		 void (*fire)(void *opaque), void *opaque);
/* Disarms the timer; what has gathered is gone. */
void outbuf_destroy(struct outbuf *o);

/* Adds a byte; false, and the byte is lost, when there is no room. */
bool outbuf_add(struct outbuf *o, uint8_t byte);
/*
 * Hands over what has gathered; never blocks.  Where the back end does not
 * take all of it, blocked is set and the rest stays.
 */
void outbuf_flush(struct outbuf *o);
/* Flushes OUTBUF_TICK_NS from now, unless a flush is due before. */
void outbuf_flush_later(struct outbuf *o);
/* The timer has fired: the next outbuf_flush_later() arms it anew. */
void outbuf_fired(struct outbuf *o);
/* Forgets what has gathered. */
void outbuf_drop(struct outbuf *o);

#endif
