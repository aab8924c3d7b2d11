/* SPDX-License-Identifier: MIT */
/* The virtio console device [5.3]: ports over character back ends. */
#ifndef HW_VIRTIO_CONSOLE_H
#define HW_VIRTIO_CONSOLE_H

#include "hw/char/chardev.h"
#include "hw/virtio/virtio.h"

#define VCON_MAX_PORTS 16
#define VCON_MAX_NAME  32

extern const struct device_class virtio_console_class;

/*
 * One port: a pair of queues and a back end.  Everything runs on the main
 * loop, which serves the queues and calls the front end.
 */
struct vcon_port {
	struct virtio_console *con;
	unsigned index;
	struct chardev *chr;
	struct chardev_fe fe;
	char name[VCON_MAX_NAME]; /* in the guest: /dev/virtio-ports/NAME */
	bool is_console;	  /* hvcN in the guest */
	bool owned;		  /* chr is the device's to close */

	/* the main loop: */
	struct virtq *rx, *tx;	/* while they run, else NULL */
	bool ready;		/* the driver knows the port */
	bool guest_open;	/* the driver said so */
	unsigned to_send;	/* control messages: bits of enum vcon_msg */
	struct virtq_elem *in;	/* an empty buffer of the driver */
	struct virtq_elem *out; /* being written, from out_off */
	size_t out_off;
};

struct virtio_console {
	struct virtio_device vdev;
	/* properties: back ends that realize() opens as ports */
	char *console; /* of the console, or NULL */
	char **specs;  /* "NAME:SPEC" */
	unsigned nspecs;
	/* constant from realize on: */
	unsigned nports;
	bool multiport; /* offered */
	bool sized;	/* offered: port 0 is on a terminal */
	struct vcon_port port[VCON_MAX_PORTS];
	/* the main loop: */
	struct virtq *ctrl_in; /* to the driver, while it runs */
};

/*
 * Adds the next port, before realize; port 0 should be a console.  name (NULL
 * or "": none) is copied.  The caller keeps c open until the device is freed.
 * -ENOSPC beyond VCON_MAX_PORTS.
 */
int virtio_console_add_port(struct virtio_console *s, struct chardev *c,
			    const char *name, bool is_console,
			    struct err *err) MUST_CHECK;

/* The back end of port number i, or NULL; after realize. */
struct chardev *virtio_console_chardev(struct virtio_console *s, unsigned i);

#endif
