/* SPDX-License-Identifier: MIT */
/* Packets of gdb's remote protocol: GDB manual, appendix E.1. */
#ifndef GDBSTUB_PACKET_H
#define GDBSTUB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest packet that is taken, bytes of data; qSupported says so. */
#define PACKET_MAX 0x10000

/* What packet_feed() found. */
enum packet_event {
	PACKET_NONE,	  /* more bytes are wanted */
	PACKET_READY,	  /* packet_in.data has len bytes and a final 0 */
	PACKET_BAD,	  /* its checksum is wrong, or it is too long */
	PACKET_ACK,	  /* '+' */
	PACKET_NAK,	  /* '-' */
	PACKET_INTERRUPT, /* 0x03 between packets */
};

/* What comes from gdb; zeroed before the first byte.  One thread's. */
struct packet_in {
	enum { IN_IDLE, IN_DATA, IN_ESCAPED, IN_SUM1, IN_SUM2 } state;
	uint8_t sum, wanted;
	bool too_long;
	size_t len;
	uint8_t data[PACKET_MAX + 1];
};

/*
 * Takes one byte; what is not part of a packet is dropped, as gdb asks.  A '*'
 * is itself: runs are in what a stub sends alone (E.1), and gdb leaves that
 * byte as it is in an X packet's data.
 */
enum packet_event packet_feed(struct packet_in *p, uint8_t byte);

/*
 * What goes to gdb: a string of bytes that grows.  A failed allocation sticks
 * in nomem, and leaves the content as it was.
 */
struct packet_out {
	uint8_t *data;
	size_t len, cap;
	bool nomem;
};

void packet_free(struct packet_out *o);
/* The content of a packet, as it is meant. */
void packet_put(struct packet_out *o, const void *data, size_t len);
void packet_str(struct packet_out *o, const char *s);
void packet_fmt(struct packet_out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Takes the first n bytes of those that are there away. */
void packet_drop(struct packet_out *o, size_t n);
/* Bytes as pairs of hexadecimal digits. */
void packet_hex(struct packet_out *o, const void *data, size_t len);

/*
 * Appends a whole packet with that content to wire: "$", the content with what
 * needs it escaped and runs of bytes shortened, "#", the checksum.
 */
void packet_wrap(struct packet_out *wire, const struct packet_out *content);

/* ---- reading content */

/* -1 where c is no hexadecimal digit. */
int packet_digit(int c);
/*
 * A hexadecimal number at *s, of 64 bits at most; moves *s past it.  False
 * when there is none or it is longer.
 */
bool packet_number(const char **s, uint64_t *val);
/* n bytes from 2 * n digits at s; false when one of them is none. */
bool packet_unhex(const char *s, size_t n, uint8_t *bytes);

#endif
