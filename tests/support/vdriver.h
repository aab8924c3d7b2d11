/* SPDX-License-Identifier: MIT */
/* A virtio driver for device tests: split and packed rings, kicks, interrupts.
 */
#ifndef TESTS_SUPPORT_VDRIVER_H
#define TESTS_SUPPORT_VDRIVER_H

#include "hw/virtio/virtio.h"
#include "tests/support/rig.h"

/*
 * Drives a realized virtio device through the interface that transports use,
 * standing in for one; interrupts are counted.  Usual order:
 *
 *	vdriver_init(&d, &rig, &dev->vdev);
 *	vdriver_start(&d, features);
 *	buf = vdriver_alloc(&d, 512, 16);
 *	vdq_add(&d, 0, (struct vbuf[]){ { buf, 512, true } }, 1);
 *	vdq_kick(&d, 0);	also runs the rig's loop
 *	CHECK(vdq_get(&d, 0, &token, &len));
 */
#define VDRIVER_MAX_SIZE 1024

/* One buffer of a request, by guest address. */
struct vbuf {
	gpa_t gpa;
	uint32_t len;
	bool write; /* the device writes it */
};

/* The driver's side of one queue; tests of bad drivers reach into it. */
struct vdq {
	struct virtq *q;
	uint16_t size;
	gpa_t desc, driver, device; /* as given to the device */
	bool indirect;		    /* put chains into tables */
	unsigned irqs;		    /* interrupts so far; atomic */
	unsigned kicks;		    /* that the device wanted */

	uint16_t avail, used;	    /* split: free-running; packed: position */
	bool avail_wrap, used_wrap; /* packed */
	unsigned added, added_entries; /* since the last kick */
	unsigned room;		       /* free entries of the ring */
	unsigned nfree;
	uint16_t free[VDRIVER_MAX_SIZE];  /* split: descriptors; packed: ids */
	uint16_t chain[VDRIVER_MAX_SIZE]; /* entries of a request, by token */
	uint16_t next[VDRIVER_MAX_SIZE];  /* split: the chain's links */
};

struct vdriver {
	struct rig *rig;
	struct virtio_device *v;
	bool packed, event_idx;
	gpa_t brk; /* where vdriver_alloc() goes on */
	unsigned config_irqs;
	struct vdq q[VIRTIO_MAX_QUEUES];
};

/* Takes the transport's place. */
void vdriver_init(struct vdriver *d, struct rig *r, struct virtio_device *v);
/* Reset, ACKNOWLEDGE, DRIVER, features (VERSION_1 is added), FEATURES_OK;
 * false when the device does not set that. */
bool vdriver_negotiate(struct vdriver *d, uint64_t features);
/* Allocates and enables queue i; size 0: the largest. */
void vdriver_queue(struct vdriver *d, unsigned i, unsigned size);
/* DRIVER_OK. */
void vdriver_ready(struct vdriver *d);
/* All of it, all queues; features that the device lacks are left out. */
void vdriver_start(struct vdriver *d, uint64_t features);
void vdriver_status(struct vdriver *d, uint8_t status);
/* The device's reset, as a driver does it. */
void vdriver_reset(struct vdriver *d);
bool vdriver_needs_reset(const struct vdriver *d);

/* Zeroed guest memory for buffers; never freed. */
gpa_t vdriver_alloc(struct vdriver *d, uint64_t len, uint64_t align);
/* The configuration space, little-endian fields. */
void vdriver_config(struct vdriver *d, unsigned off, void *buf, unsigned len);
void vdriver_config_write(struct vdriver *d, unsigned off, const void *buf,
			  unsigned len);

/*
 * Makes a request available; its token (split: the head, packed: the id), or
 * -1 when the ring is full.  n 0 is not allowed.
 */
int vdq_add(struct vdriver *d, unsigned i, const struct vbuf *bufs, unsigned n);
/* Kicks if the device wants that, then runs the rig's loop. */
void vdq_kick(struct vdriver *d, unsigned i);
/* Kicks in any case, without running the loop. */
void vdq_kick_only(struct vdriver *d, unsigned i);
/* The next completed request. */
bool vdq_get(struct vdriver *d, unsigned i, unsigned *token, uint32_t *len);
/* Whether the device asks for kicks at this moment. */
bool vdq_wants_kick(struct vdriver *d, unsigned i);
/*
 * Which interrupts the driver asks for: none when quiet; with event indices
 * only once the device's used index passes event (packed: the position, bit
 * 15 the wrap counter; and only if lazy, all of them otherwise).
 */
void vdq_want_irqs(struct vdriver *d, unsigned i, bool quiet, bool lazy,
		   uint16_t event);
/* Interrupts since it was asked last. */
unsigned vdq_take_irqs(struct vdriver *d, unsigned i);

/*
 * One request to its end: add, kick, wait for it (the loop runs in between);
 * the length the device reports.  Fails the test when it does not complete.
 */
uint32_t vdq_do(struct vdriver *d, unsigned i, const struct vbuf *bufs,
		unsigned n);

/*
 * Raw ring fields, for bad drivers.  A packed descriptor has its id where a
 * split one has its flags, and its flags where that has next.
 */
void vdq_desc(struct vdriver *d, gpa_t table, unsigned i, uint64_t addr,
	      uint32_t len, uint16_t flags, uint16_t next);
void vdq_avail_split(struct vdriver *d, unsigned i, uint16_t head);
void vdq_avail_idx(struct vdriver *d, unsigned i, uint16_t idx);
#define VDESC_NEXT     1
#define VDESC_WRITE    2
#define VDESC_INDIRECT 4

#endif
