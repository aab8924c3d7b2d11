/* SPDX-License-Identifier: MIT */
/* Virtqueues: split rings [2.7] and packed rings [2.8], seen by the device. */
#include "hw/virtio/queue.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/dma.h"
#include "hw/core/mem.h"

/*
 * Everything in guest memory may change under our eyes.  So a descriptor is
 * loaded once into a copy, which is checked and used; ring addresses become
 * host pointers once, when the queue is opened, for the rings' whole length.
 *
 * What is pushed becomes visible in batches: a split ring's index and a packed
 * ring's first descriptor of the batch are stored in virtq_notify().
 */

enum {
	DESC_NEXT = 1,
	DESC_WRITE = 2,
	DESC_INDIRECT = 4,
	/* packed [2.8.1]: */
	DESC_AVAIL = 1 << 7,
	DESC_USED = 1 << 15,
};

/* Requests taken in one turn on the loop. */
#define TURN 256

#define DESC_SIZE 16 /* bytes, in every ring and table */

#define CACHE_LINE 64 /* bytes, or a part of one */

#define AHEAD 16 /* chains of a split ring that are looked at together */

/* Flags of the split rings, to suppress the other side's notifications. */
#define RING_QUIET 1

/* Packed event suppression [2.8.10]. */
enum { EVENT_ENABLE, EVENT_DISABLE, EVENT_DESC };
#define EVENT_WRAP 0x8000

/* Our copy of a descriptor: link is a split one's next, a packed one's id. */
struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, link;
};

/* What the walk of a chain has gathered. */
struct virtq_walk {
	struct virtq_elem *e;
	unsigned niov;
	uint64_t bytes; /* of so few buffers that it cannot overflow */
	bool writable;	/* one was seen: no readable one may follow */
	unsigned nrd;	/* niov and bytes when it was */
	uint64_t rd_bytes;
};

/* The beginning of a split ring's chain that is available. */
struct virtq_ahead {
	struct virtq_desc first; /* undefined where head is out of bounds */
	uint16_t head;
};

struct virtq_ring {
	/* constant while open: */
	const struct mem *mem;
	const struct dma_space *dma; /* NULL: the guest's addresses */
	uint8_t *desc;		     /* descriptor table, packed: the ring */
	uint8_t *driver; /* available ring, packed: driver's events */
	uint8_t *device; /* used ring, packed: device's events */
	uint16_t size;
	bool packed, event_idx, indirect, in_order;
	/* The largest stretch of RAM, size 0 with dma: nearly all is there. */
	uint64_t ram_base, ram_size;
	uint8_t *ram;

	bool broken;
	bool kept;	     /* what is in flight stays so over a pause */
	uint16_t next_avail; /* split: free-running; packed: position */
	uint16_t next_used;  /* likewise */
	bool avail_wrap, used_wrap; /* packed */
	uint16_t seen_avail;	    /* split: the driver's index last read */
	uint16_t ahead_begin;	    /* split: index of ahead[0] */
	uint16_t nahead;
	uint16_t signalled; /* split: next_used at the last notify */
	bool signalled_valid;
	bool kicks_are_off;
	bool serving;	 /* inside ops->kick() */
	unsigned budget; /* requests it may still take */

	/* Pushed, not yet published; packed: entries, and the first's flags. */
	unsigned batch;
	uint16_t first_pos, first_flags;

	/* In flight: */
	unsigned taken; /* packed: ring entries */
	uint16_t *free; /* slots, a stack: the hottest last */
	unsigned nfree;
	uint16_t *order; /* in-order: slots as popped, a circle */
	unsigned order_head, order_n;

	struct virtq_ahead ahead[AHEAD];
	struct virtq_elem *elem; /* max_size of them, by slot */
	struct iovec *iov;	 /* segs for each */
};

/* ---- loads and stores */

static uint16_t load16(const void *p)
{
	return le16toh(__atomic_load_n((const uint16_t *)p, __ATOMIC_RELAXED));
}

static uint16_t load16_acquire(const void *p)
{
	return le16toh(__atomic_load_n((const uint16_t *)p, __ATOMIC_ACQUIRE));
}

static void store16(void *p, uint16_t v)
{
	__atomic_store_n((uint16_t *)p, htole16(v), __ATOMIC_RELAXED);
}

static void store16_release(void *p, uint16_t v)
{
	__atomic_store_n((uint16_t *)p, htole16(v), __ATOMIC_RELEASE);
}

/* An indirect table may begin at any address. */
typedef uint64_t __attribute__((aligned(1), may_alias)) virtq_raw64;

static inline struct virtq_desc desc_load(const void *p, bool packed)
{
	const volatile virtq_raw64 *raw = p;
	uint64_t addr = le64toh(raw[0]), rest = le64toh(raw[1]);
	uint16_t third = (uint16_t)(rest >> 32), last = (uint16_t)(rest >> 48);

	return (struct virtq_desc){ .addr = addr,
				    .len = (uint32_t)rest,
				    .flags = packed ? last : third,
				    .link = packed ? third : last };
}

/* Fields of the rings; the first two bytes are the flags in both. */
static void *avail_idx(const struct virtq_ring *r)
{
	return r->driver + 2;
}

static void *avail_entry(const struct virtq_ring *r, uint16_t i)
{
	return r->driver + 4 + 2 * (i & (r->size - 1u));
}

static void *used_event(const struct virtq_ring *r)
{
	return r->driver + 4 + 2u * r->size;
}

static void *used_idx(const struct virtq_ring *r)
{
	return r->device + 2;
}

static void *avail_event(const struct virtq_ring *r)
{
	return r->device + 4 + 8u * r->size;
}

static uint8_t *desc_at(const struct virtq_ring *r, uint16_t pos)
{
	return r->desc + (size_t)DESC_SIZE * pos;
}

/* ---- set-up */

static void virtq_free_slots(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	for (unsigned i = 0; i < q->max_size; i++)
		r->free[i] = (uint16_t)(q->max_size - 1 - i);
	r->nfree = q->max_size;
	r->taken = r->order_head = r->order_n = r->batch = 0;
}

void virtq_ring_rewind(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	r->next_avail = r->next_used = r->seen_avail = r->signalled = 0;
	r->nahead = 0;
	r->avail_wrap = r->used_wrap = true;
	r->signalled_valid = r->broken = false;
	virtq_free_slots(q);
}

/* calloc(), whose pages are touched with their first use, and a way back. */
void *virtq_table_new(size_t n, size_t size)
{
	void *p = calloc(1, CACHE_LINE + n * size);
	void **table;

	if (!p)
		return NULL;
	table = (void *)(((uintptr_t)p | (CACHE_LINE - 1)) + 1);
	table[-1] = p;
	return table;
}

void virtq_table_free(void *table)
{
	if (table)
		free(((void **)table)[-1]);
}

int virtq_ring_new(struct virtq *q, struct err *err)
{
	struct virtq_ring *r = calloc(1, sizeof(*r));
	size_t n = q->max_size;

	if (!r)
		return err_nomem(err, "a virtqueue");
	r->elem = virtq_table_new(n, sizeof(*r->elem));
	r->iov = virtq_table_new(n, q->segs * sizeof(*r->iov));
	r->free = calloc(n, sizeof(*r->free));
	r->order = calloc(n, sizeof(*r->order));
	q->ring = r;
	if (!r->elem || !r->iov || !r->free || !r->order) {
		virtq_ring_free(q);
		return err_nomem(err, "a virtqueue's requests");
	}
	virtq_ring_rewind(q);
	return 0;
}

void virtq_ring_free(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	if (!r)
		return;
	for (unsigned i = 0; r->elem && i < q->max_size; i++)
		free(r->elem[i].grown);
	virtq_table_free(r->elem);
	virtq_table_free(r->iov);
	free(r->free);
	free(r->order);
	free(r);
	q->ring = NULL;
}

static inline void *ring_run(const struct virtq_ring *r, uint64_t addr,
			     uint64_t len, bool write)
{
	return dma_run(r->dma, r->mem, addr, len, write);
}

/* NULL: perhaps elsewhere, ask ring_run() or dma_iov(). */
static inline void *ring_ram(const struct virtq_ring *r, uint64_t addr,
			     uint64_t len)
{
	uint64_t off = addr - r->ram_base;

	return off < r->ram_size && len <= r->ram_size - off ? r->ram + off
							     : NULL;
}

static void virtq_find_ram(struct virtq_ring *r)
{
	r->ram_size = 0;
	for (unsigned i = 0; !r->dma && i < r->mem->n; i++) {
		const struct mem_range *m = &r->mem->range[i];

		if (m->readonly || m->size <= r->ram_size)
			continue;
		r->ram_base = m->base;
		r->ram_size = m->size;
		r->ram = m->host;
	}
}

static bool virtq_translate(struct virtq *q)
{
	struct virtq_ring *r = q->ring;
	uint64_t n = r->size;

	r->desc = r->driver = r->device = NULL;
	if (r->packed) {
		if (!(q->desc % 16) && !(q->driver % 4) && !(q->device % 4)) {
			r->desc = ring_run(r, q->desc, DESC_SIZE * n, true);
			r->driver = ring_run(r, q->driver, 4, false);
			r->device = ring_run(r, q->device, 4, true);
		}
	} else if (!(q->desc % 16) && !(q->driver % 2) && !(q->device % 4)) {
		r->desc = ring_run(r, q->desc, DESC_SIZE * n, false);
		r->driver = ring_run(r, q->driver, 6 + 2 * n, false);
		r->device = ring_run(r, q->device, 6 + 8 * n, true);
	}
	return r->desc && r->driver && r->device;
}

void virtq_ring_open(struct virtq *q)
{
	struct virtio_device *v = q->vdev;
	struct virtq_ring *r = q->ring;

	r->mem = v->dev.env->mem;
	r->dma = virtio_has(v, VIRTIO_F_ACCESS_PLATFORM) ? v->dma : NULL;
	virtq_find_ram(r);
	r->size = q->size;
	r->packed = virtio_has(v, VIRTIO_F_RING_PACKED);
	r->event_idx = virtio_has(v, VIRTIO_F_EVENT_IDX);
	r->indirect = virtio_has(v, VIRTIO_F_INDIRECT_DESC);
	r->in_order = virtio_has(v, VIRTIO_F_IN_ORDER);
	r->signalled_valid = r->kicks_are_off = false;
	r->nahead = 0; /* others may have the ring between two openings */
	if (r->broken)
		return; /* before a pause */
	if (!r->packed && (r->size & (r->size - 1)))
		virtq_broken(q, "a split ring of %u entries", r->size);
	else if (!virtq_translate(q))
		virtq_broken(q,
			     "a ring is outside memory or misaligned: "
			     "0x%llx, 0x%llx, 0x%llx",
			     (unsigned long long)q->desc,
			     (unsigned long long)q->driver,
			     (unsigned long long)q->device);
}

void virtq_ring_break(struct virtq *q)
{
	q->ring->broken = true;
}

bool virtq_is_broken(const struct virtq *q)
{
	return q->ring->broken;
}

unsigned virtq_in_flight(const struct virtq *q)
{
	return q->max_size - q->ring->nfree;
}

/* ---- positions */

static void packed_step(const struct virtq_ring *r, uint16_t *pos, bool *wrap,
			unsigned n)
{
	unsigned at = *pos + n;

	if (at >= r->size) {
		at -= r->size;
		*wrap = !*wrap;
	}
	*pos = (uint16_t)at;
}

static void packed_back(const struct virtq_ring *r, uint16_t *pos, bool *wrap,
			unsigned n)
{
	if (n > *pos) {
		*pos = (uint16_t)(*pos + r->size - n);
		*wrap = !*wrap;
	} else {
		*pos = (uint16_t)(*pos - n);
	}
}

/* Moves the place where requests are taken back, over chains and entries. */
static void virtq_retreat(struct virtq_ring *r, unsigned chains,
			  unsigned entries)
{
	if (r->packed)
		packed_back(r, &r->next_avail, &r->avail_wrap, entries);
	else
		r->next_avail = (uint16_t)(r->next_avail - chains);
}

/*
 * The driver writes what comes next on another CPU, whose cache has it, and
 * writes beside it meanwhile: each look at a line costs its way here anew.  So
 * that many looks wait together, and each line comes once.
 */
static void split_look_ahead(struct virtq_ring *r)
{
	unsigned n = (uint16_t)(r->seen_avail - r->next_avail);

	if (n > AHEAD)
		n = AHEAD;
	r->ahead_begin = r->next_avail;
	r->nahead = (uint16_t)n;
	for (unsigned i = 0; i < n; i++) {
		uint16_t at = (uint16_t)(r->next_avail + i);

		r->ahead[i].head = load16(avail_entry(r, at));
		__builtin_prefetch(
			desc_at(r, r->ahead[i].head & (r->size - 1u)));
	}
	for (unsigned i = 0; i < n; i++) {
		struct virtq_ahead *a = &r->ahead[i];
		const void *table;

		a->first =
			desc_load(desc_at(r, a->head & (r->size - 1u)), false);
		if ((a->first.flags & DESC_INDIRECT) &&
		    (table = ring_ram(r, a->first.addr, DESC_SIZE)))
			__builtin_prefetch(table);
	}
}

/* The chain that is to be taken next. */
static const struct virtq_ahead *split_next(struct virtq_ring *r)
{
	uint16_t i = (uint16_t)(r->next_avail - r->ahead_begin);

	if (i >= r->nahead) {
		split_look_ahead(r);
		i = 0;
	}
	return &r->ahead[i];
}

static bool split_pending(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	if (r->next_avail != r->seen_avail)
		return true;
	r->seen_avail = load16_acquire(avail_idx(r));
	if ((uint16_t)(r->seen_avail - r->next_avail) > r->size) {
		virtq_broken(q, "the available index jumped from %u to %u",
			     r->next_avail, r->seen_avail);
		return false;
	}
	return r->next_avail != r->seen_avail;
}

static bool packed_pending(const struct virtq_ring *r)
{
	uint16_t flags = load16_acquire(desc_at(r, r->next_avail) + 14);

	return !!(flags & DESC_AVAIL) == r->avail_wrap &&
	       !!(flags & DESC_USED) != r->avail_wrap;
}

static bool virtq_turn_over(const struct virtq_ring *r)
{
	return r->serving && !r->budget;
}

bool virtq_pending(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	if (r->broken || virtq_turn_over(r))
		return false;
	return r->packed ? packed_pending(r) : split_pending(q);
}

void virtq_ring_serve(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	r->serving = true;
	r->budget = TURN;
	q->vdev->ops->kick(q);
	if (virtq_turn_over(r))
		virtq_kick(q);
	r->serving = false;
}

/* ---- taking a request */

static bool elem_grow(struct virtq *q, struct virtq_elem *e)
{
	unsigned cap = e->cap * 2 < VIRTQ_MAX_SIZE ? e->cap * 2
						   : VIRTQ_MAX_SIZE;
	struct iovec *iov;

	if (e->cap >= VIRTQ_MAX_SIZE) {
		virtq_broken(q, "a request of more than %u buffers",
			     VIRTQ_MAX_SIZE);
		return false;
	}
	if (cap < 16)
		cap = 16;
	iov = realloc(e->grown, cap * sizeof(*iov));
	if (!iov) {
		virtq_broken(q, "no memory for a long request");
		return false;
	}
	if (!e->grown)
		memcpy(iov, e->iov, e->cap * sizeof(*iov));
	e->grown = e->iov = iov;
	e->cap = cap;
	return true;
}

/*
 * Appends a buffer that may lie anywhere, be empty or cross ranges of memory to
 * the niov that e has; how many it has then, or -1.
 */
static int walk_append(struct virtq *q, struct virtq_elem *e, unsigned niov,
		       struct virtq_desc d)
{
	while (d.len) {
		unsigned n = niov;
		int ret = dma_iov(q->ring->dma, q->ring->mem, d.addr, d.len,
				  d.flags & DESC_WRITE, e->iov, &n, e->cap);

		if (ret == 0)
			return (int)n;
		if (ret == -E2BIG && elem_grow(q, e))
			continue;
		if (ret == -EFAULT)
			virtq_broken(q,
				     "a buffer of %u bytes at 0x%llx is "
				     "outside memory",
				     d.len, (unsigned long long)d.addr);
		return -1;
	}
	return (int)niov;
}

static __attribute__((noinline)) int walk_too_long(struct virtq *q)
{
	virtq_broken(q, "a request of 4 GiB or more");
	return -1;
}

/* The walk and the descriptor stay in registers: neither's address is given. */
static inline bool walk_add(struct virtq *q, struct virtq_walk *w,
			    struct virtq_desc d)
{
	const struct virtq_ring *r = q->ring;
	uint64_t off = d.addr - r->ram_base;
	int n;

	if (!!(d.flags & DESC_WRITE) != w->writable) {
		if (w->writable) {
			virtq_broken(q, "a readable buffer follows a writable "
					"one");
			return false;
		}
		w->writable = true;
		w->nrd = w->niov;
		w->rd_bytes = w->bytes;
	}
	w->bytes += d.len;
	if (off < r->ram_size && d.len - 1ull < r->ram_size - off &&
	    w->niov < w->e->cap) {
		w->e->iov[w->niov++] = (struct iovec){ r->ram + off, d.len };
		return true;
	}
	/* What an IOMMU translates page by page must not be without end. */
	n = w->bytes > UINT32_MAX ? walk_too_long(q)
				  : walk_append(q, w->e, w->niov, d);
	w->niov = (unsigned)n;
	return n >= 0;
}

static inline bool walk_end(struct virtq *q, const struct virtq_walk *w)
{
	struct virtq_elem *e = w->e;

	if (w->bytes > UINT32_MAX) {
		walk_too_long(q);
		return false;
	}
	e->nrd = (uint16_t)(w->writable ? w->nrd : w->niov);
	e->nwr = (uint16_t)(w->niov - e->nrd);
	e->rd_len = (uint32_t)(w->writable ? w->rd_bytes : w->bytes);
	e->wr_len = (uint32_t)w->bytes - e->rd_len;
	e->rd = e->iov;
	e->wr = e->iov + e->nrd;
	return true;
}

/* The table behind an indirect descriptor, or NULL. */
static inline const uint8_t *walk_table(struct virtq *q, struct virtq_desc d)
{
	const uint8_t *table = NULL;

	if (!q->ring->indirect)
		virtq_broken(q, "an indirect descriptor without the feature");
	else if (d.flags & DESC_NEXT)
		virtq_broken(q, "an indirect descriptor is not the last");
	else if (!d.len || d.len % DESC_SIZE)
		virtq_broken(q, "an indirect table of %u bytes", d.len);
	else if (!(table = ring_ram(q->ring, d.addr, d.len)) &&
		 !(table = ring_run(q->ring, d.addr, d.len, false)))
		virtq_broken(q, "an indirect table at 0x%llx is outside memory",
			     (unsigned long long)d.addr);
	return table;
}

static bool split_outside(struct virtq *q, unsigned i)
{
	virtq_broken(q, "descriptor %u is outside the table", i);
	return false;
}

/*
 * Follows a split chain from head [2.7.5].  One in the ring's own table is at
 * most as long as that; a longer one does not end.  Drivers do use longer
 * indirect tables, so those have a bound of their own.
 */
static inline bool split_walk(struct virtq *q, struct virtq_walk *w,
			      const struct virtq_ahead *a)
{
	const uint8_t *table = q->ring->desc;
	unsigned n = q->ring->size, left = n;
	struct virtq_desc d = a->first;
	uint16_t i = a->head;
	bool indirect = false; /* a table may lie where the ring does */

	if (i >= n)
		return split_outside(q, i);
	for (;;) {
		if (d.flags & DESC_INDIRECT) {
			if (indirect) {
				virtq_broken(q, "a nested indirect table");
				return false;
			}
			indirect = true;
			table = walk_table(q, d);
			if (!table)
				return false;
			n = d.len / DESC_SIZE;
			left = VIRTQ_MAX_SIZE;
			d = desc_load(table, false);
			continue;
		}
		if (!walk_add(q, w, d))
			return false;
		if (!(d.flags & DESC_NEXT))
			return walk_end(q, w);
		i = d.link;
		if (i >= n)
			return split_outside(q, i);
		if (!--left) {
			virtq_broken(q, "a descriptor chain does not end");
			return false;
		}
		d = desc_load(table + (size_t)DESC_SIZE * i, false);
	}
}

/* A packed indirect table is used from its first to its last entry [2.8.7]. */
static bool packed_table(struct virtq *q, struct virtq_walk *w,
			 struct virtq_desc in)
{
	const uint8_t *table = walk_table(q, in);
	unsigned n = in.len / DESC_SIZE;

	if (!table)
		return false;
	if (n > VIRTQ_MAX_SIZE) {
		virtq_broken(q, "an indirect table of %u descriptors", n);
		return false;
	}
	for (unsigned i = 0; i < n; i++) {
		struct virtq_desc d =
			desc_load(table + (size_t)DESC_SIZE * i, true);

		if (d.flags & DESC_INDIRECT) {
			virtq_broken(q, "a nested indirect table");
			return false;
		}
		if (!walk_add(q, w, d))
			return false;
	}
	return true;
}

static bool packed_walk(struct virtq *q, struct virtq_walk *w)
{
	struct virtq_ring *r = q->ring;
	uint16_t pos = r->next_avail;
	bool wrap = r->avail_wrap;

	for (w->e->ndesc = 0;;) {
		struct virtq_desc d;

		/* Entries in flight are not available again. */
		if (w->e->ndesc == r->size - r->taken) {
			virtq_broken(q, "a descriptor chain does not end");
			return false;
		}
		d = desc_load(desc_at(r, pos), true);
		packed_step(r, &pos, &wrap, 1);
		w->e->ndesc++;
		if (d.flags & DESC_INDIRECT ? !packed_table(q, w, d)
					    : !walk_add(q, w, d))
			return false;
		if (d.flags & DESC_NEXT)
			continue;
		w->e->id = d.link;
		if (!walk_end(q, w))
			return false;
		r->next_avail = pos;
		r->avail_wrap = wrap;
		return true;
	}
}

static bool split_take(struct virtq *q, struct virtq_walk *w)
{
	struct virtq_ring *r = q->ring;
	const struct virtq_ahead *a = split_next(r);

	w->e->id = a->head;
	w->e->ndesc = 1;
	if (!split_walk(q, w, a))
		return false;
	r->next_avail++;
	return true;
}

/* A free element, not yet taken off the stack. */
static struct virtq_elem *virtq_elem(struct virtq *q)
{
	struct virtq_ring *r = q->ring;
	uint16_t slot = r->free[r->nfree - 1];
	struct virtq_elem *e = &r->elem[slot];

	e->slot = slot;
	if (!e->grown) {
		e->iov = r->iov + (size_t)slot * q->segs;
		e->cap = q->segs;
	}
	e->done = false;
	return e;
}

struct virtq_elem *virtq_pop(struct virtq *q)
{
	struct virtq_ring *r = q->ring;
	struct virtq_walk w = { 0 };

	if (!virtq_pending(q))
		return NULL;
	if (!r->nfree || virtq_in_flight(q) >= r->size) {
		virtq_broken(q, "more requests than the ring has entries");
		return NULL;
	}
	w.e = virtq_elem(q);
	if (!(r->packed ? packed_walk(q, &w) : split_take(q, &w)))
		return NULL;
	if (r->serving)
		r->budget--;
	r->nfree--;
	r->taken += w.e->ndesc;
	if (r->in_order)
		r->order[(r->order_head + r->order_n++) % q->max_size] =
			w.e->slot;
	return w.e;
}

/* ---- giving it back */

static void virtq_release(struct virtq_ring *r, struct virtq_elem *e)
{
	r->taken -= e->ndesc;
	r->free[r->nfree++] = e->slot;
}

static void split_push(struct virtq_ring *r, const struct virtq_elem *e)
{
	uint8_t *used = r->device + 4 + 8 * (r->next_used & (r->size - 1u));
	uint32_t *p = (uint32_t *)used;

	__atomic_store_n(&p[0], htole32(e->id), __ATOMIC_RELAXED);
	__atomic_store_n(&p[1], htole32(e->written), __ATOMIC_RELAXED);
	r->next_used++;
	r->batch++;
}

static void packed_push(struct virtq_ring *r, const struct virtq_elem *e)
{
	uint8_t *d = desc_at(r, r->next_used);
	uint16_t flags = r->used_wrap ? DESC_AVAIL | DESC_USED : 0;

	if (e->written)
		flags |= DESC_WRITE;
	__atomic_store_n((uint32_t *)(d + 8), htole32(e->written),
			 __ATOMIC_RELAXED);
	store16(d + 12, e->id);
	if (r->batch) {
		/* The driver stops at the first one, still unpublished. */
		store16_release(d + 14, flags);
	} else {
		r->first_pos = r->next_used;
		r->first_flags = flags;
	}
	packed_step(r, &r->next_used, &r->used_wrap, e->ndesc);
	r->batch += e->ndesc;
}

static void virtq_complete(struct virtq *q, struct virtq_elem *e)
{
	if (q->ring->packed)
		packed_push(q->ring, e);
	else
		split_push(q->ring, e);
	virtq_release(q->ring, e);
}

/* In-order [2.7.9, 2.8.20]: whatever waited for its turn behind the head. */
static void virtq_complete_ordered(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	while (r->order_n) {
		struct virtq_elem *e = &r->elem[r->order[r->order_head]];

		if (!e->done)
			break;
		r->order_head = (r->order_head + 1) % q->max_size;
		r->order_n--;
		virtq_complete(q, e);
	}
}

void virtq_push(struct virtq *q, struct virtq_elem *e, uint32_t written)
{
	assert(!e->done);
	e->written = written < e->wr_len ? written : e->wr_len;
	e->done = true;
	if (q->ring->in_order)
		virtq_complete_ordered(q);
	else
		virtq_complete(q, e);
}

void virtq_unpop(struct virtq *q, struct virtq_elem *e)
{
	struct virtq_ring *r = q->ring;

	virtq_retreat(r, 1, e->ndesc);
	virtq_release(r, e);
	if (r->in_order)
		r->order_n--;
}

void virtq_drop(struct virtq *q, struct virtq_elem *e)
{
	struct virtq_ring *r = q->ring;
	unsigned i = 0;

	while (r->in_order && i < r->order_n &&
	       r->order[(r->order_head + i) % q->max_size] != e->slot)
		i++;
	for (; r->in_order && i + 1 < r->order_n; i++)
		r->order[(r->order_head + i) % q->max_size] =
			r->order[(r->order_head + i + 1) % q->max_size];
	if (r->in_order)
		r->order_n--;
	virtq_release(r, e);
}

void virtq_keep(struct virtq *q)
{
	q->ring->kept = true;
}

void virtq_ring_close(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	virtq_notify(q);
	if (!r->kept) {
		virtq_retreat(r, virtq_in_flight(q), r->taken);
		virtq_free_slots(q);
	}
	r->kept = false;
}

/* ---- notifications */

/*
 * Whether moving an index from old to new passed event [2.7.10]; all of them
 * count modulo 2^16.
 */
static bool event_passed(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

static bool split_wants_irq(struct virtq_ring *r)
{
	uint16_t old = r->signalled;
	bool valid = r->signalled_valid;

	if (!r->event_idx)
		return !(load16(r->driver) & RING_QUIET);
	r->signalled = r->next_used;
	r->signalled_valid = true;
	return !valid || event_passed(load16(used_event(r)), r->next_used, old);
}

static bool packed_wants_irq(const struct virtq_ring *r, unsigned entries)
{
	/* One load: position and flags belong together. */
	uint32_t ev = le32toh(
		__atomic_load_n((const uint32_t *)r->driver, __ATOMIC_RELAXED));
	uint16_t pos = (uint16_t)ev, flags = (ev >> 16) & 3, event;

	if (flags == EVENT_DISABLE)
		return false;
	if (flags != EVENT_DESC || !r->event_idx)
		return true;
	event = pos & (EVENT_WRAP - 1);
	if (!!(pos & EVENT_WRAP) != r->used_wrap)
		event = (uint16_t)(event - r->size);
	return event_passed(event, r->next_used,
			    (uint16_t)(r->next_used - entries));
}

void virtq_publish(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	/* A packed ring's batch becomes visible with its first descriptor. */
	if (r->batch && !r->packed)
		store16_release(used_idx(r), r->next_used);
}

void virtq_notify(struct virtq *q)
{
	struct virtq_ring *r = q->ring;
	const struct virtio_device *v = q->vdev;
	unsigned batch = r->batch;
	bool wants;

	if (!batch)
		return;
	r->batch = 0;
	if (r->packed)
		store16_release(desc_at(r, r->first_pos) + 14, r->first_flags);
	else
		store16_release(used_idx(r), r->next_used);
	/* The driver arms its event, then looks; we publish, then look. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	wants = r->packed ? packed_wants_irq(r, batch) : split_wants_irq(r);
	if (wants && v->transport)
		v->transport->queue_irq(v->transport_opaque, q);
}

/* The position goes in before the flags that make it count. */
static void packed_event(struct virtq_ring *r, uint16_t flags)
{
	if (flags == EVENT_DESC)
		store16(r->device,
			(uint16_t)(r->next_avail |
				   (r->avail_wrap ? EVENT_WRAP : 0)));
	store16_release(r->device + 2, flags);
}

void virtq_kicks_off(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	if (r->kicks_are_off || r->broken)
		return;
	r->kicks_are_off = true;
	if (r->packed)
		packed_event(r, EVENT_DISABLE);
	else if (!r->event_idx)
		store16(r->device, RING_QUIET);
	/* With a split ring's event index it suffices not to move it. */
}

bool virtq_kicks_on(struct virtq *q)
{
	struct virtq_ring *r = q->ring;

	if (r->broken || virtq_turn_over(r))
		return false;
	if (q->polling)
		return virtq_pending(q);
	if (r->packed)
		packed_event(r, r->event_idx ? EVENT_DESC : EVENT_ENABLE);
	else if (r->event_idx)
		store16(avail_event(r), r->next_avail);
	else
		store16(r->device, 0);
	r->kicks_are_off = false;
	/* We arm, then look; the driver makes available, then looks. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return virtq_pending(q);
}

/* ---- bytes */

static size_t iov_copy(const struct iovec *iov, unsigned n, size_t off,
		       void *buf, size_t len, bool to_iov)
{
	size_t done = 0;

	for (unsigned i = 0; i < n && done < len; i++) {
		size_t part;

		if (off >= iov[i].iov_len) {
			off -= iov[i].iov_len;
			continue;
		}
		part = iov[i].iov_len - off;
		if (part > len - done)
			part = len - done;
		if (to_iov)
			memcpy((uint8_t *)iov[i].iov_base + off,
			       (uint8_t *)buf + done, part);
		else
			memcpy((uint8_t *)buf + done,
			       (uint8_t *)iov[i].iov_base + off, part);
		done += part;
		off = 0;
	}
	return done;
}

size_t virtq_read(const struct virtq_elem *e, size_t off, void *buf, size_t len)
{
	return iov_copy(e->rd, e->nrd, off, buf, len, false);
}

size_t virtq_write(const struct virtq_elem *e, size_t off, const void *buf,
		   size_t len)
{
	return iov_copy(e->wr, e->nwr, off, (void *)buf, len, true);
}
