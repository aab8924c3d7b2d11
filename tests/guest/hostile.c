// SPDX-License-Identifier: MIT
/*
 * A driver that means harm, against every virtio device and kind of ring.
 *
 * Each attack sets the device up, writes a bad ring or bad registers, kicks,
 * and then asks three things: the machine still runs, memory that the device
 * had no business with is as it was, and after a reset the device works.
 * Command line: only=N runs one attack, skip=N all but that; seed=N.
 */
#include "arch.h"
#include "blk.h"
#include "guest.h"
#include "virtio.h"

#define PAGE	  4096
#define BUF_PAGES 16
#define RING_MAX  64 /* entries we set up: all are visited by some attacks */

static uint8_t *buf;		   /* what descriptors may point to */
static uint8_t *canary;		   /* what no writable descriptor ever covers */
static uint64_t ram_base, ram_top; /* the range that buf is in; the last one */
static uint64_t seed = 1;

static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void pause_ticks(uint64_t n)
{
	uint64_t start = arch_ticks();

	while (arch_ticks() - start < n)
		arch_relax();
}

/* --- rings, written raw */

static void put(struct vq *q, unsigned i, uint64_t addr, uint32_t len,
		uint16_t flags, uint16_t next)
{
	if (q->packed) {
		q->pdesc[i].addr = addr;
		q->pdesc[i].len = len;
		q->pdesc[i].id = i;
		q->pdesc[i].flags = flags | DESC_AVAIL;
	} else {
		q->desc[i].addr = addr;
		q->desc[i].len = len;
		q->desc[i].next = next;
		q->desc[i].flags = flags;
	}
}

/* Hands the chain at 0 over (a packed one already is) and kicks. */
static void go(struct vq *q)
{
	if (!q->packed) {
		q->avail[2] = 0;
		arch_mb();
		q->avail[1] = 1;
	}
	arch_mb();
	vq_notify(q);
}

static uint64_t addr_of(const void *p)
{
	return (uintptr_t)p;
}

static void loop_self(struct vq *q)
{
	put(q, 0, addr_of(buf), 16, DESC_NEXT, 0);
	go(q);
}

static void loop_ring(struct vq *q)
{
	for (unsigned i = 0; i < q->size; i++)
		put(q, i, addr_of(buf), 16, DESC_NEXT, (i + 1) % q->size);
	go(q);
}

static void loop_writable(struct vq *q)
{
	put(q, 0, addr_of(buf), 16, DESC_NEXT, 1);
	put(q, 1, addr_of(buf), 16, DESC_NEXT | DESC_WRITE, 2);
	put(q, 2, addr_of(buf), 16, DESC_NEXT | DESC_WRITE, 1);
	if (q->packed)
		for (unsigned i = 3; i < q->size; i++)
			put(q, i, addr_of(buf), 16, DESC_NEXT | DESC_WRITE, 0);
	go(q);
}

static void next_outside(struct vq *q)
{
	put(q, 0, addr_of(buf), 16, DESC_NEXT, q->size);
	if (q->packed)
		q->pdesc[0].id = 0xffff;
	go(q);
}

static void next_far_outside(struct vq *q)
{
	put(q, 0, addr_of(buf), 16, DESC_NEXT, 0xffff);
	if (q->packed)
		q->pdesc[1].flags = DESC_NEXT | DESC_AVAIL;
	go(q);
}

static void head_outside(struct vq *q)
{
	put(q, 0, addr_of(buf), 16, DESC_WRITE, 0);
	if (q->packed) {
		q->pdesc[0].id = q->size;
	} else {
		q->avail[2] = q->size;
		q->avail[3] = 0xffff;
		arch_mb();
		q->avail[1] = 2;
	}
	arch_mb();
	vq_notify(q);
}

/* A chain of the usual shape whose second buffer is bad. */
static void chain_with(struct vq *q, uint64_t addr, uint32_t len, bool write)
{
	memset(buf, 0, 16);
	put(q, 0, addr_of(buf), 16, DESC_NEXT, 1);
	put(q, 1, addr, len, DESC_NEXT | (write ? DESC_WRITE : 0), 2);
	put(q, 2, addr_of(buf + 64), 1, DESC_WRITE, 0);
	go(q);
}

static void addr_beyond_ram(struct vq *q)
{
	chain_with(q, ram_top, 512, true);
}
static void addr_across_ram(struct vq *q)
{
	chain_with(q, ram_top - 256, 512, true);
}
static void addr_wraps(struct vq *q)
{
	chain_with(q, ~0ull - 255, 512, true);
}
static void addr_top_bit(struct vq *q)
{
	chain_with(q, 1ull << 63, 512, false);
}
static void addr_of_device(struct vq *q)
{
	chain_with(q, q->dev->base, 512, true);
}
static void addr_of_ecam(struct vq *q)
{
	chain_with(q, machine.ecam ? machine.ecam : ram_top, 4096, false);
}
static void len_huge(struct vq *q)
{
	chain_with(q, addr_of(buf), 0xffffffff, true);
}
static void len_huge_read(struct vq *q)
{
	chain_with(q, addr_of(buf), 0xfffffff0, false);
}
static void len_zero(struct vq *q)
{
	chain_with(q, addr_of(buf), 0, true);
}

static void len_all_zero(struct vq *q)
{
	put(q, 0, addr_of(buf), 0, DESC_NEXT, 1);
	put(q, 1, addr_of(buf), 0, DESC_WRITE, 0);
	go(q);
}

static void len_single_zero(struct vq *q)
{
	put(q, 0, addr_of(buf), 0, 0, 0);
	go(q);
}

/* 4 GiB in all, in pieces that are each inside RAM. */
static void len_sum_overflows(struct vq *q)
{
	uint32_t len = 8 << 20;

	put(q, 0, addr_of(buf), 16, DESC_NEXT, 1);
	for (unsigned i = 1; i < q->size; i++)
		put(q, i, ram_base, len, i + 1u < q->size ? DESC_NEXT : 0,
		    i + 1);
	go(q);
}

static void write_before_read(struct vq *q)
{
	put(q, 0, addr_of(buf + 64), 64, DESC_NEXT | DESC_WRITE, 1);
	put(q, 1, addr_of(buf), 16, DESC_NEXT, 2);
	put(q, 2, addr_of(canary), 512, 0, 0);
	go(q);
}

static void read_only_chain(struct vq *q)
{
	memset(buf, 0, 16);
	put(q, 0, addr_of(buf), 16, DESC_NEXT, 1);
	put(q, 1, addr_of(canary), 512, DESC_NEXT, 2);
	put(q, 2, addr_of(canary), 1, 0, 0);
	go(q);
}

static void write_only_chain(struct vq *q)
{
	put(q, 0, addr_of(buf), 16, DESC_NEXT | DESC_WRITE, 1);
	put(q, 1, addr_of(buf + 64), 512, DESC_WRITE, 0);
	go(q);
}

static void header_short(struct vq *q)
{
	memset(buf, 0xff, 16);
	put(q, 0, addr_of(buf), 5, DESC_NEXT, 1);
	put(q, 1, addr_of(buf + 64), 1, DESC_WRITE, 0);
	go(q);
}

static void header_garbage(struct vq *q)
{
	memset(buf, 0xff, 64);
	put(q, 0, addr_of(buf), 64, DESC_NEXT, 1);
	put(q, 1, addr_of(buf + 64), 513, DESC_WRITE, 0);
	go(q);
}

static void index_jumps(struct vq *q)
{
	put(q, 0, addr_of(buf), 16, DESC_WRITE, 0);
	if (q->packed)
		for (unsigned i = 0; i < q->size; i++)
			put(q, i, addr_of(buf), 16, DESC_WRITE, 0);
	else
		q->avail[1] = q->size + 1;
	arch_mb();
	vq_notify(q);
}

static void index_backwards(struct vq *q)
{
	put(q, 0, addr_of(buf), 16, DESC_WRITE, 0);
	if (q->packed)
		q->pdesc[0].flags = DESC_USED | DESC_AVAIL;
	else
		q->avail[1] = 0xffff;
	arch_mb();
	vq_notify(q);
}

static void index_races(struct vq *q)
{
	uint64_t start = arch_ticks();

	put(q, 0, addr_of(buf), 16, DESC_WRITE, 0);
	vq_notify(q);
	while (arch_ticks() - start < 500000)
		if (q->packed)
			q->pdesc[rnd() % q->size].flags = rnd();
		else
			q->avail[1] = rnd();
	vq_notify(q);
}

/* --- indirect tables */

static void indirect(struct vq *q, uint64_t table, uint32_t len, uint16_t flags)
{
	put(q, 0, table, len, DESC_INDIRECT | flags, 1);
	put(q, 1, addr_of(buf), 16, 0, 0);
	go(q);
}

static void table_entry(unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
			uint16_t next, bool packed)
{
	struct split_desc *d = (struct split_desc *)(buf + PAGE) + i;

	*d = (struct split_desc){ addr, len, packed ? 0 : flags,
				  packed ? flags : next };
}

static void table_loops(struct vq *q)
{
	table_entry(0, addr_of(buf), 16, DESC_NEXT, 1, q->packed);
	table_entry(1, addr_of(buf), 16, DESC_NEXT, 0, q->packed);
	indirect(q, addr_of(buf + PAGE), 32, 0);
}
static void table_next_outside(struct vq *q)
{
	table_entry(0, addr_of(buf), 16, DESC_NEXT, 2, q->packed);
	indirect(q, addr_of(buf + PAGE), 32, 0);
}
static void table_nests(struct vq *q)
{
	table_entry(0, addr_of(buf + PAGE), 16, DESC_INDIRECT, 0, q->packed);
	indirect(q, addr_of(buf + PAGE), 16, 0);
}
static void table_empty(struct vq *q)
{
	indirect(q, addr_of(buf + PAGE), 0, 0);
}
static void table_odd(struct vq *q)
{
	table_entry(0, addr_of(buf), 16, 0, 0, q->packed);
	indirect(q, addr_of(buf + PAGE), 17, 0);
}
static void table_with_next(struct vq *q)
{
	table_entry(0, addr_of(buf), 16, 0, 0, q->packed);
	indirect(q, addr_of(buf + PAGE), 16, DESC_NEXT);
}
static void table_writable(struct vq *q)
{
	table_entry(0, addr_of(buf), 16, 0, 0, q->packed);
	indirect(q, addr_of(buf + PAGE), 16, DESC_WRITE);
}
static void table_outside(struct vq *q)
{
	indirect(q, ram_top - 16, 32, 0);
}
static void table_huge(struct vq *q)
{
	indirect(q, ram_base, 0x2000000, 0);
}
static void table_overlong(struct vq *q)
{
	indirect(q, addr_of(buf + PAGE), 0xfffffff0, 0);
}

static void table_long_chain(struct vq *q)
{
	unsigned n = 1100;

	for (unsigned i = 0; i < n; i++)
		table_entry(i, addr_of(buf), 1, i + 1 < n ? DESC_NEXT : 0,
			    i + 1, q->packed);
	indirect(q, addr_of(buf + PAGE), 16 * n, 0);
}

/* --- overlaps and changes */

static void buffer_is_ring(struct vq *q)
{
	chain_with(q, addr_of((void *)q->desc), 512, true);
}
static void buffer_is_used_ring(struct vq *q)
{
	chain_with(q, addr_of((void *)q->used), 512, true);
}

static void buffers_overlap(struct vq *q)
{
	memset(buf, 0, 512);
	put(q, 0, addr_of(buf), 16, DESC_NEXT, 1);
	put(q, 1, addr_of(buf), 512, DESC_NEXT | DESC_WRITE, 2);
	put(q, 2, addr_of(buf + 8), 512, DESC_NEXT | DESC_WRITE, 3);
	put(q, 3, addr_of(buf + 511), 1, DESC_WRITE, 0);
	go(q);
}

static void same_head_everywhere(struct vq *q)
{
	memset(buf, 0, 16);
	put(q, 0, addr_of(buf), 16, DESC_NEXT, 1);
	put(q, 1, addr_of(buf + 64), 513, DESC_WRITE, 0);
	if (q->packed) {
		for (unsigned i = 2; i < q->size; i++)
			put(q, i, addr_of(buf + 64), 513, DESC_WRITE, 0);
		for (unsigned i = 0; i < q->size; i++)
			q->pdesc[i].id = 0;
	} else {
		for (unsigned i = 0; i < q->size; i++)
			q->avail[2 + i] = 0;
		arch_mb();
		q->avail[1] = q->size;
	}
	arch_mb();
	vq_notify(q);
}

static void descriptors_change(struct vq *q)
{
	uint64_t start = arch_ticks();
	static const uint32_t lens[] = { 16, 512, 0, 0xffffffff, 4096, 1 };

	chain_with(q, addr_of(buf + 64), 512, true);
	while (arch_ticks() - start < 2000000) {
		unsigned i = rnd() % 3;

		put(q, i, rnd() % 4 ? addr_of(buf) : ram_top - 8,
		    lens[rnd() % ARRAY_SIZE(lens)], rnd() & 7, rnd() % 5);
		if (!q->packed)
			q->avail[1]++;
		if (rnd() % 64 == 0)
			vq_notify(q);
	}
}

/*
 * Any length, but none by which buf reaches the canary: that follows it, and a
 * device may write all that a descriptor offers.  Long ones leave RAM instead.
 */
static uint32_t garbage_len(uint64_t r)
{
	return r % 16 == 1 ? ~0u - rnd() % 4096 : rnd() % 4096;
}

/*
 * No word of it, at any offset, is the number of a page that we have: to the
 * balloon each is one, and what it is given it takes, be it our code.
 */
static void garbage_buffers(void)
{
	for (unsigned i = 0; i < 2 * PAGE; i++)
		buf[i] = rnd() | 0x80;
}

static void garbage_rings(struct vq *q)
{
	garbage_buffers();
	for (unsigned round = 0; round < 16; round++) {
		for (unsigned i = 0; i < q->size; i++) {
			uint64_t r = rnd();

			put(q, i, r % 8 ? addr_of(buf) + (r >> 48) % 4096 : r,
			    garbage_len(r), rnd() & 7, rnd() % (q->size + 1));
			if (!q->packed)
				q->avail[2 + i] = rnd() % (q->size + 1);
		}
		if (!q->packed)
			q->avail[1] += rnd() % q->size;
		vq_notify(q);
		pause_ticks(20000);
	}
}

/* --- registers */

static void place(struct vq *q, uint64_t desc, uint64_t avail, uint64_t used)
{
	q->dev->ops->queue_set(q->dev, q, desc, avail, used);
	virtio_ok(q->dev);
	vq_notify(q);
}

/* These three run before DRIVER_OK, on a queue that is not placed yet. */
static void rings_end_at_ram_top(struct vq *q)
{
	place(q, ram_top - 16 * q->size, ram_top - 8, ram_top - 8);
}
static void rings_beyond_ram(struct vq *q)
{
	place(q, ram_top, ram_top + PAGE, ram_top + 2 * PAGE);
}
static void rings_wrap(struct vq *q)
{
	place(q, ~0ull - 15, ~0ull - 1, ~0ull - 3);
}
static void rings_at_devices(struct vq *q)
{
	place(q, q->dev->base, q->dev->base, q->dev->base);
}
static void rings_unaligned(struct vq *q)
{
	place(q, addr_of(buf) + 1, addr_of(buf) + 2049, addr_of(buf) + 4099);
}

static void rings_overlap(struct vq *q)
{
	memset(buf, 0x11, 2 * PAGE);
	place(q, addr_of(buf), addr_of(buf), addr_of(buf));
}

static void sizes_wrong(struct vq *q)
{
	static const uint16_t sizes[] = { 0, 3, 0xffff, 0x8000, 1 };
	uint16_t good = q->size;

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		q->size = sizes[i];
		q->dev->ops->queue_set(q->dev, q, addr_of((void *)q->desc),
				       addr_of((void *)q->avail),
				       addr_of((void *)q->used));
		vq_notify(q);
	}
	q->size = good;
	virtio_ok(q->dev);
	vq_notify(q);
}

static void kick_before_ok(struct vq *q)
{
	chain_with(q, addr_of(buf + 64), 512, true);
	for (unsigned i = 0; i < 8; i++)
		vq_notify(q);
}

static void kick_wrong_queues(struct vq *q)
{
	struct vq other = *q;
	static const uint16_t n[] = { 2, 3, 15, 63, 64, 255, 0x7fff, 0xffff };

	virtio_ok(q->dev);
	for (unsigned i = 0; i < ARRAY_SIZE(n); i++) {
		other.notify_data = n[i];
		vq_notify(&other);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(n); i++)
		q->dev->ops->queue_size(q->dev, n[i]);
}

static void kick_after_reset(struct vq *q)
{
	virtio_ok(q->dev);
	q->dev->ops->set_status(q->dev, 0);
	kick_before_ok(q);
}

static void status_garbage(struct vq *q)
{
	struct vdev *v = q->dev;

	for (unsigned i = 0; i < 32; i++)
		v->ops->set_status(v, rnd());
	v->ops->set_status(v, STATUS_DRIVER_OK);
	vq_notify(q);
}

static void features_garbage(struct vq *q)
{
	struct vdev *v = q->dev;

	v->ops->set_features(v, ~0ull);
	v->ops->set_status(v, 0);
	v->ops->set_status(v, 3);
	v->ops->set_features(v, ~0ull);
	v->ops->set_status(v, 11);
	v->ops->set_features(v, 0);
	v->ops->set_status(v, 15);
	vq_notify(q);
}

static void config_garbage(struct vq *q)
{
	struct vdev *v = q->dev;

	virtio_ok(v);
	for (unsigned i = 0; v->config && i < 64; i++) {
		mmio_write8(v->config + i, rnd());
		mmio_write16(v->config + (i & ~1u), rnd());
		mmio_write32(v->config + (i & ~3u), rnd());
		(void)mmio_read32(v->config + 4 * i);
	}
	vq_notify(q);
}

static void registers_garbage(struct vq *q)
{
	struct vdev *v = q->dev;

	for (unsigned i = 0; i < 256; i++) {
		uint64_t a = v->base + rnd() % (v->pci ? 0x40 : 0x200);

		switch (rnd() % 4) {
		case 0: mmio_write8(a, rnd()); break;
		case 1: mmio_write16(a & ~1ull, rnd()); break;
		case 2: mmio_write32(a & ~3ull, rnd()); break;
		default: (void)mmio_read32(a & ~3ull);
		}
	}
}

static void reset_in_flight(struct vq *q)
{
	virtio_ok(q->dev);
	for (unsigned round = 0; round < 8; round++) {
		same_head_everywhere(q);
		virtio_reset(q->dev);
		memset(buf, 0x77, PAGE);
		pause_ticks(100000);
		for (unsigned i = 0; i < PAGE; i++)
			if (buf[i] != 0x77) {
				canary[0] ^= 1; /* written after the reset */
				return;
			}
		if (!virtio_start(q->dev, F_RING_PACKED * q->packed))
			return;
		vq_setup(q->dev, q->index, RING_MAX, false);
		virtio_ok(q->dev);
	}
}

static void queue_reset_in_flight(struct vq *q)
{
	virtio_ok(q->dev);
	same_head_everywhere(q);
	q->dev->ops->queue_reset(q->dev, q->index);
	vq_notify(q);
}

enum when {
	RUNNING,   /* DRIVER_OK is set */
	UNSTARTED, /* the attack sets it, or not */
};

static const struct attack {
	const char *name;
	void (*run)(struct vq *q);
	enum when when;
	uint64_t needs;
} attacks[] = {
	{ "a descriptor that follows itself", loop_self, RUNNING, 0 },
	{ "a chain as long as the ring", loop_ring, RUNNING, 0 },
	{ "a loop of writable descriptors", loop_writable, RUNNING, 0 },
	{ "next just outside the ring", next_outside, RUNNING, 0 },
	{ "next far outside the ring", next_far_outside, RUNNING, 0 },
	{ "a head outside the ring", head_outside, RUNNING, 0 },
	{ "a buffer beyond RAM", addr_beyond_ram, RUNNING, 0 },
	{ "a buffer across the end of RAM", addr_across_ram, RUNNING, 0 },
	{ "a buffer that wraps around", addr_wraps, RUNNING, 0 },
	{ "a buffer at 2^63", addr_top_bit, RUNNING, 0 },
	{ "a buffer in the device itself", addr_of_device, RUNNING, 0 },
	{ "a buffer in configuration space", addr_of_ecam, RUNNING, 0 },
	{ "a writable length of 4 GiB - 1", len_huge, RUNNING, 0 },
	{ "a readable length of 4 GiB - 16", len_huge_read, RUNNING, 0 },
	{ "a length of zero", len_zero, RUNNING, 0 },
	{ "only lengths of zero", len_all_zero, RUNNING, 0 },
	{ "one buffer of length zero", len_single_zero, RUNNING, 0 },
	{ "lengths that sum up past 32 bits", len_sum_overflows, RUNNING, 0 },
	{ "readable after writable", write_before_read, RUNNING, 0 },
	{ "nothing writable", read_only_chain, RUNNING, 0 },
	{ "nothing readable", write_only_chain, RUNNING, 0 },
	{ "a short header", header_short, RUNNING, 0 },
	{ "a header of ones", header_garbage, RUNNING, 0 },
	{ "an index beyond the ring", index_jumps, RUNNING, 0 },
	{ "an index that goes back", index_backwards, RUNNING, 0 },
	{ "an index that keeps moving", index_races, RUNNING, 0 },
	{ "an indirect table that loops", table_loops, RUNNING, F_INDIRECT },
	{ "next outside the table", table_next_outside, RUNNING, F_INDIRECT },
	{ "a table in a table", table_nests, RUNNING, F_INDIRECT },
	{ "an empty table", table_empty, RUNNING, F_INDIRECT },
	{ "a table and a half", table_odd, RUNNING, F_INDIRECT },
	{ "a table with a next", table_with_next, RUNNING, F_INDIRECT },
	{ "a writable table", table_writable, RUNNING, F_INDIRECT },
	{ "a table across the end of RAM", table_outside, RUNNING, F_INDIRECT },
	{ "a table of 32 MiB", table_huge, RUNNING, F_INDIRECT },
	{ "a table of 4 GiB", table_overlong, RUNNING, F_INDIRECT },
	{ "a table of 1100 entries", table_long_chain, RUNNING, F_INDIRECT },
	{ "a table nobody negotiated", table_nests, RUNNING, 0 },
	{ "a buffer over the descriptors", buffer_is_ring, RUNNING, 0 },
	{ "a buffer over the used ring", buffer_is_used_ring, RUNNING, 0 },
	{ "overlapping buffers", buffers_overlap, RUNNING, 0 },
	{ "one head in every entry", same_head_everywhere, RUNNING, 0 },
	{ "descriptors that change", descriptors_change, RUNNING, 0 },
	{ "rings of garbage", garbage_rings, RUNNING, F_INDIRECT },
	{ "rings that end at the top of RAM", rings_end_at_ram_top, UNSTARTED,
	  0 },
	{ "rings beyond RAM", rings_beyond_ram, UNSTARTED, 0 },
	{ "rings that wrap around", rings_wrap, UNSTARTED, 0 },
	{ "rings over the device itself", rings_at_devices, UNSTARTED, 0 },
	{ "unaligned rings", rings_unaligned, UNSTARTED, 0 },
	{ "rings in one place", rings_overlap, UNSTARTED, 0 },
	{ "impossible queue sizes", sizes_wrong, UNSTARTED, 0 },
	{ "kicks before DRIVER_OK", kick_before_ok, UNSTARTED, 0 },
	{ "kicks of queues that do not exist", kick_wrong_queues, UNSTARTED,
	  0 },
	{ "kicks after a reset", kick_after_reset, UNSTARTED, 0 },
	{ "any status", status_garbage, UNSTARTED, 0 },
	{ "any features", features_garbage, UNSTARTED, 0 },
	{ "writes all over the configuration", config_garbage, UNSTARTED, 0 },
	{ "writes all over the registers", registers_garbage, UNSTARTED, 0 },
	{ "resets in flight", reset_in_flight, UNSTARTED, 0 },
	{ "a queue reset in flight", queue_reset_in_flight, UNSTARTED,
	  F_RING_RESET },
};

/* --- does the device still work? */

static bool works(struct vdev *v, unsigned n, uint64_t ring)
{
	static uint32_t pfn;
	struct vbuf b = { buf, 64, false };
	uint32_t token, len;
	struct vq *q;

	if (!virtio_start(v, ring))
		return false;
	q = vq_setup(v, n, RING_MAX, false);
	virtio_ok(v);
	memset(buf, 0, 64);
	switch (v->id) {
	case VIRTIO_BLK: return blk_do(q, BLK_IN, 0, buf, 512, 1) == BLK_OK;
	case VIRTIO_BALLOON:
		pfn = addr_of(buf + 8 * PAGE) / PAGE;
		b = (struct vbuf){ &pfn, 4, false };
		break;
	case VIRTIO_NET:
	case VIRTIO_CONSOLE:
		if (n == 0) /* nothing arrives by itself */
			return !(v->ops->status(v) & STATUS_NEEDS_RESET);
		break;
	case VIRTIO_RNG: b.write = true;
	}
	vq_add(q, &b, 1, 7);
	vq_kick(q);
	return vq_wait(q, &token, &len) && token == 7;
}

static bool canary_lives(void)
{
	for (unsigned i = 0; i < PAGE; i++)
		if (canary[i] != 0xc5)
			return false;
	return true;
}

static void attack(struct vdev *v, unsigned n, const struct attack *a,
		   uint64_t ring, const char *where)
{
	struct vq *q;
	bool reset, again, intact;

	if (a->needs & ~v->ops->features(v))
		return;
	memset(canary, 0xc5, PAGE);
	/* A balloon takes the pages whose numbers it reads: none of ours. */
	if (v->id == VIRTIO_BALLOON)
		memset(buf, 0xff, BUF_PAGES * PAGE);
	if (!virtio_start(v, ring | a->needs)) {
		tap(false, "%s: %s: cannot start", where, a->name);
		return;
	}
	q = vq_setup(v, n, RING_MAX, false);
	if (a->when == RUNNING)
		virtio_ok(v);
	a->run(q);
	pause_ticks(200000);
	reset = virtio_reset(v);
	intact = canary_lives();
	again = works(v, n, ring);
	tap(reset && again && intact, "%s: %s%s%s%s", where, a->name,
	    reset ? "" : ": does not reset",
	    again ? "" : ": does not work again",
	    intact ? "" : ": wrote where it should not");
}

static void attack_device(struct vdev *v, const char *name)
{
	const char *only = cmdline_get("only"), *skip = cmdline_get("skip");
	unsigned queues = v->id == VIRTIO_BLK || v->id == VIRTIO_RNG ? 1 : 2;
	char where[40];

	for (unsigned packed = 0; packed < 2; packed++) {
		uint64_t ring = packed ? F_RING_PACKED : 0;

		if (ring & ~v->ops->features(v))
			continue;
		for (unsigned n = 0; n < queues; n++) {
			snprintf(where, sizeof(where), "%s %s queue %u %s",
				 virtio_transport(v), name, n,
				 packed ? "packed" : "split");
			for (unsigned i = 0; i < ARRAY_SIZE(attacks); i++)
				if ((!only || parse_num(only) == i) &&
				    (!skip || parse_num(skip) != i))
					attack(v, n, &attacks[i], ring, where);
		}
	}
	virtio_reset(v);
}

static void find_ram(void)
{
	for (unsigned i = 0; i < machine.nmem; i++) {
		const struct mem_entry *e = &machine.mem[i];

		if (e->type != MEM_RAM)
			continue;
		if (addr_of(buf) - e->base < e->size)
			ram_base = e->base;
		if (e->base + e->size > ram_top)
			ram_top = e->base + e->size;
	}
}

int guest_main(void)
{
	static const char *const names[] = {
		[VIRTIO_NET] = "net",	      [VIRTIO_BLK] = "blk",
		[VIRTIO_CONSOLE] = "console", [VIRTIO_RNG] = "rng",
		[VIRTIO_BALLOON] = "balloon",
	};

	if (cmdline_get("seed")) /* small ones differ in every bit, too */
		seed = parse_num(cmdline_get("seed")) * 0x9e3779b97f4a7c15 | 1;
	virtio_scan();
	buf = alloc(BUF_PAGES * PAGE, PAGE);
	canary = alloc(PAGE, PAGE);
	find_ram();
	for (unsigned i = 0; i < nvdevs; i++)
		if (vdev[i].id < ARRAY_SIZE(names) && names[vdev[i].id])
			attack_device(&vdev[i], names[vdev[i].id]);
	tap(nvdevs > 0, "%u virtio devices were found", nvdevs);
	return tap_done();
}
