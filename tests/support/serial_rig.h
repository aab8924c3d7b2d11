/* SPDX-License-Identifier: MIT */
/* A serial port under test, whose other end is a socket that the test holds. */
#ifndef TESTS_SUPPORT_SERIAL_RIG_H
#define TESTS_SUPPORT_SERIAL_RIG_H

#include "hw/char/chardev.h"
#include "tests/support/rig.h"

struct serial_rig {
	struct rig r; /* r.dev is the port */
	struct chardev *chr;
	int fd; /* the other end, non-blocking */
	char dir[64];
};

/*
 * The machine and the back end, for the port to be given; then the port, which
 * becomes the rig's: configured ("key=value,..." or NULL), wired to line,
 * realized, and mapped at 0 of its bus.
 */
void serial_rig_init(struct serial_rig *u);
void serial_rig_plug(struct serial_rig *u, struct device *dev,
		     const char *props, unsigned line);
/* Frees the port too. */
void serial_rig_destroy(struct serial_rig *u);

/* Runs the loop until what is on its way has arrived. */
void serial_rig_spin(struct serial_rig *u);
/* Somebody types text at the other end. */
void serial_rig_type(struct serial_rig *u, const char *text);
/* What came out since it was asked last, 4 KiB at most; valid until then. */
const char *serial_rig_out(struct serial_rig *u);
/* Reads on until nothing more comes; how many bytes it was. */
size_t serial_rig_drain(struct serial_rig *u);

#endif
