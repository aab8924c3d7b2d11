/* SPDX-License-Identifier: MIT */
/* Address spaces: regions, the bus that finds them, doorbells on them. */
#ifndef HW_CORE_BUS_H
#define HW_CORE_BUS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/core/err.h"

struct bus;
struct device;
struct region;

/*
 * What a region does.  off is relative to the region's start, val and the
 * result hold the access in their low bytes, little-endian lane order.
 * Called on a vCPU's thread under the lock of region->dev, if there is one.
 */
struct region_ops {
	uint64_t (*read)(void *opaque, uint64_t off, unsigned size);
	void (*write)(void *opaque, uint64_t off, uint64_t val, unsigned size);
	uint8_t min_size, max_size; /* bytes: 1, 2, 4 or 8 */
	bool unaligned; /* accepts addresses off natural alignment */
};

#define REGION_MAX_DOORBELLS 64

/* A write that only signals an eventfd: KVM's ioeventfd, or the bus itself. */
struct doorbell {
	uint64_t off;
	uint8_t size; /* bytes; 0: any size */
	bool match;   /* only writes of this value */
	uint64_t value;
	int fd; /* eventfd, owned by whoever added it */
};

/* A piece of an address space that one device answers for. */
struct region {
	const char *name; /* of its owner, for messages */
	uint64_t size;	  /* bytes, not 0 */
	const struct region_ops *ops;
	void *opaque;
	struct device *dev; /* its lock is held around ops; may be NULL */

	/* the bus's lock: */
	struct bus *bus; /* NULL while not mapped */
	uint64_t base;
	struct doorbell *doorbells;
	unsigned ndoorbells;
};

/* Who wants to know of doorbells as they become reachable: the accelerator. */
struct bus_listener {
	/* 0, or a negative errno: the bus then signals the eventfd itself. */
	int (*doorbell_add)(void *opaque, const struct bus *bus, uint64_t addr,
			    const struct doorbell *d);
	void (*doorbell_del)(void *opaque, const struct bus *bus, uint64_t addr,
			     const struct doorbell *d);
	void *opaque;
};

/*
 * One address space: MMIO or port I/O.  The bus's lock is never held while a
 * handler runs, so a handler, which holds its device's lock, may move regions.
 */
struct bus {
	const char *name; /* "mmio", "pio" */
	uint64_t size;	  /* addresses; 0 means 2^64 */
	pthread_rwlock_t lock;
	struct region **map; /* sorted by base, disjoint */
	unsigned n, cap;
	const struct bus_listener *listener;
};

void bus_init(struct bus *b, const char *name, uint64_t size);
void bus_destroy(struct bus *b);
/* The listener hears of every doorbell there is and will be; NULL ends it. */
void bus_listen(struct bus *b, const struct bus_listener *l);

/*
 * Maps r at base.  -EEXIST when it overlaps another region, naming both;
 * -EINVAL when it does not fit the address space.  The region stays the
 * caller's and must be removed before it is freed.  Any thread.
 */
int bus_add(struct bus *b, uint64_t base, struct region *r,
	    struct err *err) MUST_CHECK;
/*
 * Unmaps r.  No new access begins after it returns; one may be in flight
 * unless the VM is paused or the caller runs inside r's own handler.
 */
void bus_remove(struct region *r);

/*
 * Doorbells of a region, mapped or not.  d is copied.  -ENOSPC beyond
 * REGION_MAX_DOORBELLS, -EEXIST for the same doorbell twice.
 */
int region_doorbell_add(struct region *r, const struct doorbell *d) MUST_CHECK;
void region_doorbell_del(struct region *r, const struct doorbell *d);

/*
 * One guest access.  True when a region answered.  Where none does, or the
 * access does not lie wholly inside one, or is of a size the region does
 * not take, a read yields all ones, a write does nothing, and it is false.
 */
bool bus_read(struct bus *b, uint64_t addr, unsigned size, uint64_t *val);
bool bus_write(struct bus *b, uint64_t addr, unsigned size, uint64_t val);

/*
 * The index of the virtual CPU on whose thread this runs, for devices that
 * keep registers for each of them; 0 on a thread that is none's.
 */
unsigned bus_cpu(void);
/* Says that the calling thread is that CPU's from now on. */
void bus_set_cpu(unsigned index);

#endif
