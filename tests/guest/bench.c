// SPDX-License-Identifier: MIT
/*
 * What `make bench` runs inside the machine; prints "name count ticks" lines.
 *
 * Command line, each adding a measurement: pio=PORT and mmio=ADDR read there
 * (mmio=status: a virtio device's status); kick: doorbells of an idle queue,
 * and requests that need no I/O; disk=MODE reads the first disk, MODE being
 * rand or seq, with qd=N requests in flight for ticks=N, and reports a window=N
 * of those ticks.  count=N round trips.
 */
#include "arch.h"
#include "blk.h"
#include "guest.h"
#include "virtio.h"
#include "windows.h"

#define MAX_DEPTH 256

static uint64_t count = 10000;

static void report(const char *name, uint64_t n, uint64_t ticks)
{
	printf("%s %lu %lu\n", name, n, ticks);
}

static void bench_reads(const char *name, const struct reg *r, unsigned size)
{
	uint64_t best = ~0ull;

	/* Another process may have the CPU for a while: the best of ten. */
	for (unsigned round = 0; round < 10; round++) {
		uint64_t start = arch_ticks(), took;

		for (uint64_t i = 0; i < count / 10; i++)
			(void)reg_read(r, size);
		took = arch_ticks() - start;
		best = took < best ? took : best;
	}
	report(name, count / 10, best);
}

static struct vq *bench_disk_open(void)
{
	struct vdev *v = virtio_find(VIRTIO_BLK, 0);
	struct vq *q;

	if (!v ||
	    !virtio_start(v,
			  F_INDIRECT | F_EVENT_IDX |
				  (cmdline_has("packed") ? F_RING_PACKED : 0)))
		guest_die("no disk");
	q = vq_setup(v, 0, 0, false);
	virtio_ok(v);
	return q;
}

static void bench_kick(void)
{
	struct vq *q = bench_disk_open();
	uint8_t *id = alloc(64, 64);
	uint64_t start, best = ~0ull;

	for (unsigned round = 0; round < 10; round++) {
		uint64_t took;

		start = arch_ticks();
		for (uint64_t i = 0; i < count / 10; i++)
			vq_notify(q);
		took = arch_ticks() - start;
		best = took < best ? took : best;
	}
	report("kick", count / 10, best);
	best = ~0ull;
	for (uint64_t i = 0; i < count / 10; i++) {
		uint64_t took;

		start = arch_ticks();
		if (blk_do(q, BLK_GET_ID, 0, id, 20, 1) != BLK_OK)
			guest_die("get-id failed");
		took = arch_ticks() - start;
		best = took < best ? took : best;
	}
	report("kick_to_completion", 1, best);
}

static uint64_t rnd(void)
{
	static uint64_t seed = 88172645463325252;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* A full ring at all times: one kick for whatever has come back. */
static void bench_disk(bool random, unsigned depth, uint64_t ticks,
		       uint64_t window)
{
	static struct windows windows;
	static struct blk_req req[MAX_DEPTH];
	struct vq *q = bench_disk_open();
	uint32_t size = random ? 4096 : 1 << 20;
	uint64_t total = virtio_config64(q->dev, 0) * 512 / size;
	uint64_t next = 0, done = 0, bad = 0;
	uint8_t *data = alloc((uint64_t)depth * size, 4096);
	static uint16_t spare[MAX_DEPTH];
	unsigned nspare = depth;
	uint64_t start;

	if (depth > MAX_DEPTH || !total)
		guest_die("the disk or the depth does not fit");
	for (uint64_t i = 0; i < (uint64_t)depth * size; i += 4096)
		data[i] = 1; /* the host's pages are there before the clock */
	start = arch_ticks();
	for (unsigned i = 0; i < depth; i++)
		spare[i] = i;
	windows_begin(&windows, start, window);
	do {
		bool more = false;
		uint32_t token, len;

		while (vq_get(q, &token, &len)) {
			bad += req[token].status != BLK_OK;
			done++;
			spare[nspare++] = token;
		}
		while (nspare && arch_ticks() - start < ticks) {
			token = spare[--nspare];
			blk_add(q, &req[token], BLK_IN,
				(random ? rnd() % total : next++ % total) *
					(size / 512),
				data + (uint64_t)token * size, size, 1, token);
			more = true;
		}
		if (!more)
			continue;
		vq_kick(q);
		windows_at(&windows, arch_ticks(), done);
	} while (nspare < depth);
	if (bad)
		guest_die("%lu reads failed", bad);
	report(random ? "rand" : "seq", windows_median(&windows),
	       window * WINDOWS_UNIT);
}

int guest_main(void)
{
	const char *arg;

	printf("\n");
	if ((arg = cmdline_get("count")))
		count = parse_num(arg);
	if ((arg = cmdline_get("pio")))
		bench_reads("pio", &(struct reg){ true, parse_num(arg) }, 1);
	if ((arg = cmdline_get("mmio")) && *arg == '0')
		bench_reads("mmio", &(struct reg){ false, parse_num(arg) }, 4);
	if (cmdline_has("kick") || cmdline_get("disk") || (arg && *arg == 's'))
		virtio_scan();
	if (arg && *arg == 's')
		bench_reads(
			"mmio",
			&(struct reg){ false,
				       vdev[0].base +
					       (vdev[0].pci ? 0x14 : 0x70) },
			vdev[0].pci ? 1 : 4);
	if (cmdline_has("kick"))
		bench_kick();
	if ((arg = cmdline_get("disk")))
		bench_disk(*arg == 'r', parse_num(cmdline_get("qd")),
			   parse_num(cmdline_get("ticks")),
			   parse_num(cmdline_get("window")));
	printf("done\n");
	return 0;
}
