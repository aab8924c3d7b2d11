/* SPDX-License-Identifier: MIT */
/*
 * Virtio 1.2 from the driver's side; "[n]" is a section of the specification.
 *
 * virtio_scan() finds devices behind PCI and MMIO alike.  A driver then calls
 * virtio_start() and, per queue, vq_setup(); then virtio_ok().  Requests go in
 * by vq_add() and vq_kick(), come back by vq_get().  A ring is plain memory and
 * its pointers are public: tests of bad drivers write to it as they like.
 */
#ifndef GUEST_VIRTIO_H
#define GUEST_VIRTIO_H

#include <stdbool.h>
#include <stdint.h>

#include "pci.h"

#define VIRTIO_NET     1
#define VIRTIO_BLK     2
#define VIRTIO_CONSOLE 3
#define VIRTIO_RNG     4
#define VIRTIO_BALLOON 5

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER	   2
#define STATUS_DRIVER_OK   4
#define STATUS_FEATURES_OK 8
#define STATUS_NEEDS_RESET 64

#define BIT64(n)      (1ull << (n))
#define F_INDIRECT    BIT64(28)
#define F_EVENT_IDX   BIT64(29)
#define F_VERSION_1   BIT64(32)
#define F_RING_PACKED BIT64(34)
#define F_RING_RESET  BIT64(40)

#define DESC_NEXT     1
#define DESC_WRITE    2
#define DESC_INDIRECT 4
#define DESC_AVAIL    0x0080 /* packed */
#define DESC_USED     0x8000

#define VQ_MAX_SIZE 1024
#define VQ_INDIRECT 16 /* descriptors of an indirect table */
#define NO_VECTOR   0xffff

/* A descriptor of a split ring [2.7.5] and of a packed one [2.8.13]. */
struct split_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};
struct packed_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id, flags;
};
struct split_used {
	uint32_t id, len;
};

/* One buffer of a request; writable ones come last. */
struct vbuf {
	const void *addr;
	uint32_t len;
	bool write; /* by the device */
};

struct vdev;

struct vq {
	struct vdev *dev;
	uint16_t index, size;
	bool packed, event_idx, indirect, irq;
	uint64_t notify; /* where to write, what and how wide */
	uint32_t notify_data;

	union {
		volatile struct split_desc *desc;
		volatile struct packed_desc *pdesc;
	};
	volatile uint16_t *avail; /* split: flags, idx, ring, used_event;
				   * packed: the driver's event suppression */
	volatile uint16_t *used;  /* split: flags, idx, ring, avail_event;
				   * packed: the device's */

	uint16_t avail_idx; /* of the next entry; packed: slot */
	uint16_t used_idx;
	bool avail_wrap, used_wrap;  /* packed */
	uint16_t kicked;	     /* avail_idx at the last kick */
	uint16_t nfree;		     /* descriptors */
	uint16_t free;		     /* split: head of the list; packed: ids */
	uint16_t next[VQ_MAX_SIZE];  /* the list of free ids */
	uint16_t taken[VQ_MAX_SIZE]; /* descriptors of the request */
	uint32_t token[VQ_MAX_SIZE];
	struct split_desc (*table)[VQ_INDIRECT];
};

struct vdev_ops {
	uint8_t (*status)(struct vdev *v);
	void (*set_status)(struct vdev *v, uint8_t status);
	uint64_t (*features)(struct vdev *v);
	void (*set_features)(struct vdev *v, uint64_t features);
	unsigned (*queue_size)(struct vdev *v, unsigned n); /* selects it */
	/* Addresses, size, vector, enable. */
	void (*queue_set)(struct vdev *v, struct vq *q, uint64_t desc,
			  uint64_t avail, uint64_t used);
	void (*queue_reset)(struct vdev *v, unsigned n);
	bool (*queue_enabled)(struct vdev *v, unsigned n);
	uint8_t (*generation)(struct vdev *v);
};

struct vdev {
	uint16_t id;
	const struct vdev_ops *ops;
	struct pci_dev *pci; /* NULL: MMIO */
	uint64_t base;	     /* MMIO registers; PCI: common configuration */
	uint64_t isr, config, notify;
	uint32_t config_size, notify_mult;
	uint32_t gsi;

	uint64_t features;    /* negotiated */
	uint64_t mask;	      /* features that virtio_start() may accept */
	struct vq *queue[16]; /* those set up; their memory is kept */
	unsigned irq;	      /* guest interrupt of queue 0; then upwards */
};

#define MAX_VDEVS 32
extern struct vdev vdev[MAX_VDEVS];
extern unsigned nvdevs;

/* Finds every modern virtio device; enables the PCI ones. */
void virtio_scan(void);
/* The nth (from 0) device of that kind, or NULL. */
struct vdev *virtio_find(unsigned id, unsigned nth);
/* "pci" or "mmio". */
const char *virtio_transport(const struct vdev *v);

/* Writes 0 and waits until it reads back; false on a timeout. */
bool virtio_reset(struct vdev *v);
/*
 * Reset, then up to FEATURES_OK with what of want (and VERSION_1) is offered
 * and in v->mask.  False if the device refuses.
 */
bool virtio_start(struct vdev *v, uint64_t want);
void virtio_ok(struct vdev *v);
static inline bool virtio_has(const struct vdev *v, uint64_t bit)
{
	return v->features & bit;
}

uint8_t virtio_config8(struct vdev *v, unsigned off);
uint16_t virtio_config16(struct vdev *v, unsigned off);
uint32_t virtio_config32(struct vdev *v, unsigned off);
/* Two halves, retried while the generation moves. */
uint64_t virtio_config64(struct vdev *v, unsigned off);

/*
 * Sets up queue n with at most size entries (0: the device's maximum), fresh
 * rings; irq: completions interrupt.  NULL where there is no such queue.
 */
struct vq *vq_setup(struct vdev *v, unsigned n, unsigned size, bool irq);
/* Clears the rings and tells the device where they are (again). */
void vq_restart(struct vq *q);
/*
 * Puts a request in; false when the ring is full.  The device of a split ring
 * sees it with the next vq_kick().
 */
bool vq_add(struct vq *q, const struct vbuf *buf, unsigned n, uint32_t token);
/* Hands over what was put in and notifies, if the device wants to know. */
void vq_kick(struct vq *q);
/* Notifies, whatever the device wants. */
void vq_notify(struct vq *q);
/* Takes a completed request; len is what the device wrote. */
bool vq_get(struct vq *q, uint32_t *token, uint32_t *len);
/* As vq_get(), waiting; false on a timeout. */
bool vq_wait(struct vq *q, uint32_t *token, uint32_t *len);

#endif
