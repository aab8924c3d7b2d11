/* SPDX-License-Identifier: MIT */
/* Fuzzes virtqueues, split and packed: the input is what a driver does. */
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/virtio/queue.h"
#include "tests/fuzz/fuzz.h"

#define RAM	 0x10000
#define RAM_SIZE 0x10000
#define MORE	 (RAM + RAM_SIZE) /* the next range, elsewhere in the host */
#define QUEUE	 32		  /* entries at most */

struct fuzz_dev {
	struct virtio_device vdev;
	struct virtq_elem *held[QUEUE];
	unsigned nheld;
};

static struct mem mem;
static uint8_t *ram, *more;
static struct fuzz_dev *dev;

/* The input, consumed; zeroes behind its end. */
static const uint8_t *in;
static size_t left;

static uint8_t in8(void)
{
	return left ? left--, *in++ : 0;
}

static uint16_t in16(void)
{
	uint16_t low = in8();

	return (uint16_t)(low | in8() << 8);
}

/* ---- the device: holds requests, checks what it was given */

static void check_iov(const struct iovec *iov, unsigned n, uint32_t len)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		uintptr_t p = (uintptr_t)iov[i].iov_base;

		if (p - (uintptr_t)ram >= RAM_SIZE &&
		    p - (uintptr_t)more >= RAM_SIZE)
			abort();
		sum += iov[i].iov_len;
	}
	if (sum != len)
		abort();
}

static void check_elem(struct virtq_elem *e)
{
	uint8_t buf[64];
	size_t n;

	check_iov(e->rd, e->nrd, e->rd_len);
	check_iov(e->wr, e->nwr, e->wr_len);
	for (unsigned i = 0; i < dev->nheld; i++)
		if (dev->held[i]->slot == e->slot)
			abort();
	/* Writing may well hit the rings; the sanitizer sees the rest. */
	n = virtq_read(e, 0, buf, sizeof(buf));
	virtq_write(e, e->wr_len > n ? e->wr_len - n : 0, buf, n);
}

static void fuzz_kick(struct virtq *q)
{
	struct virtq_elem *e;

	do {
		virtq_kicks_off(q);
		while ((e = virtq_pop(q))) {
			check_elem(e);
			if (dev->nheld == QUEUE)
				abort();
			dev->held[dev->nheld++] = e;
		}
		virtq_notify(q);
	} while (virtq_kicks_on(q));
}

static void fuzz_complete(unsigned i, uint32_t written)
{
	struct virtq_elem *e = dev->held[i];

	dev->held[i] = dev->held[--dev->nheld];
	virtq_push(dev->vdev.queue[0], e, written);
}

static void fuzz_queue_stop(struct virtq *q)
{
	(void)q;
	while (dev->nheld)
		fuzz_complete(0, UINT32_MAX);
}

static const struct virtio_ops fuzz_ops = {
	.id = VIRTIO_ID_RNG,
	.kick = fuzz_kick,
	.queue_stop = fuzz_queue_stop,
};

static int fuzz_realize(struct device *d, struct err *err)
{
	struct virtio_device *v = container_of(d, struct virtio_device, dev);

	v->packed = v->in_order = true;
	if (virtio_realize(v, &fuzz_ops, err) < 0 ||
	    virtio_add_queue(v, QUEUE, false, 3, 0, err) < 0)
		abort();
	return 0;
}

static const struct device_class fuzz_class = {
	.name = "fuzz",
	.size = sizeof(struct fuzz_dev),
	.init = virtio_device_defaults,
	.realize = fuzz_realize,
	.reset = virtio_device_reset,
};

static uint8_t *fuzz_ram(gpa_t base, struct err *err)
{
	void *p = NULL;

	if (posix_memalign(&p, 4096, RAM_SIZE) ||
	    mem_add_host(&mem, base, RAM_SIZE, p, false, err) < 0)
		abort();
	return p;
}

static void fuzz_init(void)
{
	static struct device_env env = { .mem = &mem };
	struct err err = { 0 };

	log_threshold = LOG_LEVEL_ERROR;
	ram = fuzz_ram(RAM, &err);
	more = fuzz_ram(MORE, &err);
	env.loop = loop_new(&err);
	dev = device_new(&fuzz_class, "fuzz");
	if (!env.loop || !dev || device_realize(&dev->vdev.dev, &env, &err) < 0)
		abort();
}

/* ---- the driver */

static void fuzz_store(gpa_t gpa, const void *p, size_t len)
{
	if (mem_write(&mem, gpa, p, len) < 0)
		return;
}

static void fuzz_store16(gpa_t gpa, uint16_t val)
{
	fuzz_store(gpa, &val, sizeof(val));
}

/* An address that is likely to be in memory, near an edge at times. */
static uint64_t fuzz_addr(void)
{
	uint16_t lo = in16();

	return lo == UINT16_MAX ? UINT64_MAX - in8() : RAM + 2 * (gpa_t)lo;
}

static void fuzz_set_up(struct virtq *q)
{
	gpa_t *const addr[] = { &q->desc, &q->driver, &q->device };

	virtq_set_size(q, in8() % (QUEUE + 2));
	for (unsigned i = 0; i < 3; i++) {
		uint64_t at = fuzz_addr() & ~UINT64_C(15);

		virtq_set_addr(q, addr[i], 0, (uint32_t)at);
		virtq_set_addr(q, addr[i], 1, (uint32_t)(at >> 32));
	}
	virtq_enable(q);
}

static void fuzz_start(struct virtio_device *v)
{
	uint8_t what = in8();

	virtio_set_status(v, 0);
	virtio_set_status(v, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	virtio_accept(
		v, 0,
		(uint32_t)(what & 1 ? VIRTIO_BIT(VIRTIO_F_EVENT_IDX) : 0) |
			(uint32_t)(what & 2 ? VIRTIO_BIT(VIRTIO_F_INDIRECT_DESC)
					    : 0));
	virtio_accept(v, 1,
		      1u | (what & 4 ? 4u : 0) | (what & 8 ? 8u : 0) |
			      1u << (VIRTIO_F_RING_RESET - 32));
	virtio_set_status(v, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER |
				     VIRTIO_FEATURES_OK);
	fuzz_set_up(v->queue[0]);
	virtio_set_status(v, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER |
				     VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK);
}

static void fuzz_desc(const struct virtq *q)
{
	gpa_t at = in8() & 1 ? fuzz_addr()
			     : q->desc + 16 * (gpa_t)(in8() % QUEUE);
	uint64_t addr = fuzz_addr();
	uint32_t len = in16();

	fuzz_store(at, &addr, 8);
	fuzz_store(at + 8, &len, 4);
	fuzz_store16(at + 12, in16());
	fuzz_store16(at + 14, in16());
}

static void fuzz_avail(const struct virtq *q)
{
	uint16_t idx = 0;

	if (mem_load_le16(&mem, q->driver + 2, &idx) < 0)
		return;
	fuzz_store16(q->driver + 4 + 2 * (idx % (q->size ? q->size : 1)),
		     in8() % (QUEUE + 1));
	fuzz_store16(q->driver + 2, (uint16_t)(idx + 1));
}

static void fuzz_step(struct virtio_device *v)
{
	struct virtq *q = v->queue[0];
	struct virtq_elem *e;
	gpa_t at;

	switch (in8() % 12) {
	case 0:
	case 1: fuzz_desc(q); break;
	case 2:
	case 3: fuzz_avail(q); break;
	case 4:
		at = fuzz_addr();
		fuzz_store16(at, in16());
		break;
	case 5:
	case 6:
		if (q->started && !virtq_is_broken(q))
			virtq_ring_serve(q);
		break;
	case 7:
		if (dev->nheld)
			fuzz_complete(in8() % dev->nheld, in16());
		break;
	case 8: virtq_notify(q); break;
	case 9:
		e = q->started ? virtq_pop(q) : NULL;
		if (e)
			virtq_unpop(q, e);
		break;
	case 10:
		virtq_reset(q);
		fuzz_set_up(q);
		break;
	default: fuzz_start(v); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtio_device *v;

	if (!dev)
		fuzz_init();
	v = &dev->vdev;
	in = data;
	left = size;
	memset(ram, 0, RAM_SIZE);
	memset(more, 0, RAM_SIZE);
	device_lock(&v->dev);
	fuzz_start(v);
	while (left)
		fuzz_step(v);
	virtio_set_status(v, 0);
	device_unlock(&v->dev);
	return 0;
}
