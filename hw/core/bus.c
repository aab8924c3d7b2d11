/* SPDX-License-Identifier: MIT */
/* Address spaces: a sorted array of regions, searched by halving. */
#include "hw/core/bus.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/core/device.h"

void bus_init(struct bus *b, const char *name, uint64_t size)
{
	*b = (struct bus){ .name = name, .size = size };
	pthread_rwlock_init(&b->lock, NULL);
}

void bus_destroy(struct bus *b)
{
	free(b->map);
	pthread_rwlock_destroy(&b->lock);
	b->map = NULL;
	b->n = b->cap = 0;
}

/* Tells the listener of r's doorbells, as they come or go; b->lock is held. */
static void bus_announce(struct bus *b, const struct region *r, bool add)
{
	const struct bus_listener *l = b->listener;

	for (unsigned i = 0; l && i < r->ndoorbells; i++) {
		const struct doorbell *d = &r->doorbells[i];

		if (add)
			l->doorbell_add(l->opaque, b, r->base + d->off, d);
		else
			l->doorbell_del(l->opaque, b, r->base + d->off, d);
	}
}

void bus_listen(struct bus *b, const struct bus_listener *l)
{
	pthread_rwlock_wrlock(&b->lock);
	for (unsigned i = 0; i < b->n; i++)
		bus_announce(b, b->map[i], false);
	b->listener = l;
	for (unsigned i = 0; i < b->n; i++)
		bus_announce(b, b->map[i], true);
	pthread_rwlock_unlock(&b->lock);
}

/* The first index whose region begins above addr. */
static unsigned bus_after(const struct bus *b, uint64_t addr)
{
	unsigned lo = 0, hi = b->n;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (b->map[mid]->base <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct region *bus_find(const struct bus *b, uint64_t addr)
{
	unsigned i = bus_after(b, addr);

	if (!i || addr - b->map[i - 1]->base >= b->map[i - 1]->size)
		return NULL;
	return b->map[i - 1];
}

static int bus_overlap(const struct bus *b, uint64_t base,
		       const struct region *r, const struct region *other,
		       struct err *err)
{
	return err_set(err, EEXIST,
		       "%s at %s 0x%" PRIx64 " overlaps %s at 0x%" PRIx64,
		       r->name, b->name, base, other->name, other->base);
}

static int bus_insert(struct bus *b, uint64_t base, struct region *r,
		      struct err *err)
{
	unsigned i = bus_after(b, base);

	if (i > 0 && base - b->map[i - 1]->base < b->map[i - 1]->size)
		return bus_overlap(b, base, r, b->map[i - 1], err);
	if (i < b->n && b->map[i]->base - base < r->size)
		return bus_overlap(b, base, r, b->map[i], err);
	if (b->n == b->cap) {
		unsigned cap = b->cap ? 2 * b->cap : 16;
		struct region **map = realloc(b->map, cap * sizeof(*map));

		if (!map)
			return err_nomem(err, "a bus's map");
		b->map = map;
		b->cap = cap;
	}
	memmove(&b->map[i + 1], &b->map[i], (b->n - i) * sizeof(*b->map));
	b->map[i] = r;
	b->n++;
	r->bus = b;
	r->base = base;
	bus_announce(b, r, true);
	return 0;
}

int bus_add(struct bus *b, uint64_t base, struct region *r, struct err *err)
{
	uint64_t last = b->size - 1; /* size 0: the whole 64 bits */
	int ret;

	assert(!r->bus && r->size);
	if (base > last || r->size - 1 > last - base)
		return err_set(err, EINVAL,
			       "%s at %s 0x%" PRIx64
			       " does not fit the address space",
			       r->name, b->name, base);
	pthread_rwlock_wrlock(&b->lock);
	ret = bus_insert(b, base, r, err);
	pthread_rwlock_unlock(&b->lock);
	return ret;
}

void bus_remove(struct region *r)
{
	struct bus *b = r->bus;
	unsigned i;

	if (!b)
		return;
	pthread_rwlock_wrlock(&b->lock);
	bus_announce(b, r, false);
	for (i = 0; b->map[i] != r; i++)
		;
	b->n--;
	memmove(&b->map[i], &b->map[i + 1], (b->n - i) * sizeof(*b->map));
	r->bus = NULL;
	pthread_rwlock_unlock(&b->lock);
}

static bool doorbell_same(const struct doorbell *a, const struct doorbell *b)
{
	return a->off == b->off && a->size == b->size && a->match == b->match &&
	       (!a->match || a->value == b->value);
}

static int region_doorbell_find(const struct region *r,
				const struct doorbell *d)
{
	for (unsigned i = 0; i < r->ndoorbells; i++)
		if (doorbell_same(&r->doorbells[i], d))
			return (int)i;
	return -1;
}

static void region_lock(struct region *r)
{
	if (r->bus)
		pthread_rwlock_wrlock(&r->bus->lock);
}

static void region_unlock(struct region *r)
{
	if (r->bus)
		pthread_rwlock_unlock(&r->bus->lock);
}

int region_doorbell_add(struct region *r, const struct doorbell *d)
{
	struct doorbell *all;
	int ret = 0;

	region_lock(r);
	if (region_doorbell_find(r, d) >= 0) {
		ret = -EEXIST;
		goto out;
	}
	if (r->ndoorbells == REGION_MAX_DOORBELLS) {
		ret = -ENOSPC;
		goto out;
	}
	all = realloc(r->doorbells, (r->ndoorbells + 1) * sizeof(*all));
	if (!all) {
		ret = -ENOMEM;
		goto out;
	}
	r->doorbells = all;
	all[r->ndoorbells++] = *d;
	if (r->bus && r->bus->listener)
		r->bus->listener->doorbell_add(r->bus->listener->opaque, r->bus,
					       r->base + d->off, d);
out:
	region_unlock(r);
	return ret;
}

void region_doorbell_del(struct region *r, const struct doorbell *d)
{
	int i;

	region_lock(r);
	i = region_doorbell_find(r, d);
	if (i >= 0) {
		struct doorbell gone = r->doorbells[i];

		if (r->bus && r->bus->listener)
			r->bus->listener->doorbell_del(
				r->bus->listener->opaque, r->bus,
				r->base + gone.off, &gone);
		r->doorbells[i] = r->doorbells[--r->ndoorbells];
		if (!r->ndoorbells) {
			free(r->doorbells);
			r->doorbells = NULL;
		}
	}
	region_unlock(r);
}

static bool doorbell_hit(const struct doorbell *d, uint64_t off, unsigned size,
			 uint64_t val)
{
	return d->off == off && (!d->size || d->size == size) &&
	       (!d->match || d->value == val);
}

/* Signals the doorbell that this write rings, if one does. */
static bool region_ring(const struct region *r, uint64_t off, unsigned size,
			uint64_t val)
{
	for (unsigned i = 0; i < r->ndoorbells; i++) {
		if (!doorbell_hit(&r->doorbells[i], off, size, val))
			continue;
		/* A full counter is a doorbell that already rings. */
		eventfd_write(r->doorbells[i].fd, 1);
		return true;
	}
	return false;
}

static bool region_takes(const struct region *r, uint64_t off, unsigned size)
{
	const struct region_ops *ops = r->ops;

	if (size < ops->min_size || size > ops->max_size ||
	    (size & (size - 1)) || size > r->size - off)
		return false;
	return ops->unaligned || !(off & (size - 1));
}

static uint64_t size_mask(unsigned size)
{
	return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
}

bool bus_read(struct bus *b, uint64_t addr, unsigned size, uint64_t *val)
{
	struct region *r;
	uint64_t off = 0;
	bool ok;

	pthread_rwlock_rdlock(&b->lock);
	r = bus_find(b, addr);
	if (r)
		off = addr - r->base;
	pthread_rwlock_unlock(&b->lock);
	*val = size_mask(size);
	ok = r && r->ops->read && region_takes(r, off, size);
	if (!ok)
		return false;
	if (r->dev)
		device_lock(r->dev);
	*val = r->ops->read(r->opaque, off, size) & size_mask(size);
	if (r->dev)
		device_unlock(r->dev);
	return true;
}

bool bus_write(struct bus *b, uint64_t addr, unsigned size, uint64_t val)
{
	struct region *r;
	uint64_t off = 0;
	bool rang = false;

	val &= size_mask(size);
	pthread_rwlock_rdlock(&b->lock);
	r = bus_find(b, addr);
	if (r) {
		off = addr - r->base;
		rang = region_ring(r, off, size, val);
	}
	pthread_rwlock_unlock(&b->lock);
	if (rang)
		return true;
	if (!r || !r->ops->write || !region_takes(r, off, size))
		return false;
	if (r->dev)
		device_lock(r->dev);
	r->ops->write(r->opaque, off, val, size);
	if (r->dev)
		device_unlock(r->dev);
	return true;
}

static __thread unsigned bus_this_cpu;

unsigned bus_cpu(void)
{
	return bus_this_cpu;
}

void bus_set_cpu(unsigned index)
{
	bus_this_cpu = index;
}
