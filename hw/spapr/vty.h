/* SPDX-License-Identifier: MIT */
/* The hypervisor's terminal: a console by hypercalls. */
#ifndef HW_SPAPR_VTY_H
#define HW_SPAPR_VTY_H

#include "hw/char/outbuf.h"
#include "hw/spapr/vio.h"

#define VTY_CHARS 16  /* at most, in one call */
#define VTY_INPUT 256 /* that wait for the guest */

extern const struct device_class spapr_vty_class;
/* H_GET_TERM_CHAR and H_PUT_TERM_CHAR; the opaque is a struct vio_bus. */
#define H_PUT_TERM_CHAR 0x58
extern const struct hcall vty_hcalls[];

/*
 * LoPAR 16.6, compatible with "hvterm1": bytes as they are.  Unit address 0
 * names the first one there is.  It interrupts at each input, whatever
 * H_VIO_SIGNAL says, which consoles do not call.  Output gathers up to a
 * newline (hw/char/outbuf.h), which the guest does not see; while the back end
 * is full a call answers H_BUSY and takes nothing.
 */
struct vty {
	struct vio_dev vio; /* vio.dev.lock protects what follows "state" */
	char *console; /* property: where it goes; NULL: the machine knows */
	/* constant from realize on: */
	struct chardev *chr;  /* or NULL */
	struct chardev_fe fe; /* its callbacks run on the main loop */

	/* state: */
	uint8_t rx[VTY_INPUT];
	unsigned rx_head, rx_len;
	struct outbuf out;
};

/* The property; or NULL. */
const char *vty_console(struct device *vty);
/* The back end; NULL: output is gone.  Before realize.  The caller keeps it
 * open until the device is freed. */
void vty_set_chardev(struct device *vty, struct chardev *c);

#endif
