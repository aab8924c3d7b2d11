/* SPDX-License-Identifier: MIT */
/* The debug console: one port, every byte written to it is output. */
#ifndef HW_CHAR_DEBUGCON_H
#define HW_CHAR_DEBUGCON_H

#include "hw/char/outbuf.h"
#include "hw/core/device.h"

/* Where guests look for it. */
#define DEBUGCON_PORT 0xe9

extern const struct device_class debugcon_class;

struct debugcon {
	struct device dev; /* dev.lock protects what follows "state" */
	/* constant from realize on: */
	struct chardev *chr; /* or NULL */
	struct chardev_fe fe;
	/* state: */
	struct outbuf out; /* up to a newline */
};

/* The back end; NULL: output is gone.  Before realize.  The caller keeps it
 * open until the device is freed. */
void debugcon_set_chardev(struct debugcon *s, struct chardev *c);

#endif
