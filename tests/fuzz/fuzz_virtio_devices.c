/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the virtio devices by a driver that keeps to the rings' rules and
 * asks for anything; what drivers do to rings is fuzz_virtq's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hw/core/log.h"
#include "hw/virtio/balloon.h"
#include "hw/virtio/blk.h"
#include "hw/virtio/console.h"
#include "hw/virtio/net.h"
#include "hw/virtio/rng.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/vdriver.h"

#define DATA_SIZE 65536
#define DISK_SIZE (1 << 20)
#define BALLOON	  0x40000000 /* memory that can be given back */

static struct rig rig;
static struct vdriver drv;
static gpa_t data; /* what requests point into, DATA_SIZE bytes */

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

static uint32_t in32(void)
{
	uint32_t low = in16();

	return low | (uint32_t)in16() << 16;
}

/* ---- a network that gives and takes frames */

static unsigned frames; /* that wait for the guest */
static bool full;

static int wire_attach(struct netdev *n, struct loop *const *loop,
		       struct err *err)
{
	(void)n, (void)loop, (void)err;
	return 0;
}

static void wire_detach(struct netdev *n)
{
	(void)n;
}

static void wire_interest(struct netdev *n, unsigned q, bool rd, bool wr)
{
	(void)n, (void)q, (void)rd, (void)wr;
}

static ssize_t wire_recv(struct netdev *n, unsigned q, const struct iovec *iov,
			 unsigned niov)
{
	size_t len = NETDEV_HDR + in16(), done = 0;

	(void)n, (void)q;
	if (!frames)
		return -EAGAIN;
	frames--;
	for (unsigned i = 0; i < niov && done < len; i++) {
		size_t k = iov[i].iov_len < len - done ? iov[i].iov_len
						       : len - done;

		memset(iov[i].iov_base, 0, k);
		done += k;
	}
	return (ssize_t)done;
}

static int wire_send(struct netdev *n, unsigned q, const struct iovec *iov,
		     unsigned niov)
{
	volatile uint8_t sum = 0;

	(void)n, (void)q;
	for (unsigned i = 0; i < niov; i++)
		if (iov[i].iov_len)
			sum += ((uint8_t *)iov[i].iov_base)[iov[i].iov_len - 1];
	return full ? -EAGAIN : 0;
}

static const struct netdev_ops wire_ops = {
	.attach = wire_attach,
	.detach = wire_detach,
	.interest = wire_interest,
	.recv = wire_recv,
	.send = wire_send,
};
static struct netdev wire;

/* ---- the devices */

static const struct {
	const struct device_class *class;
	const char *props; /* %d: the disk's descriptor */
} kinds[] = {
	{ &virtio_blk_class, "file=/proc/self/fd/%d,discard=on,aio=threads" },
	{ &virtio_blk_class,
	  "file=/proc/self/fd/%d,snapshot=on,packed=on,"
	  "in-order=on,aio=threads,logical-block-size=4096" },
	{ &virtio_net_class, "" },
	{ &virtio_net_class, "packed=on,in-order=on" },
	{ &virtio_console_class, "console=null,port=x:null" },
	{ &virtio_balloon_class, "" },
	{ &virtio_rng_class, "max-bytes=1000" },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int disk_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("disk", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, DISK_SIZE) < 0)
		abort();
	return fd;
}

static void make(unsigned kind)
{
	const struct mem_config cfg = { 0 };
	struct virtio_device *v;
	char props[160];
	struct err err;

	rig_init(&rig);
	if (mem_add_ram(&rig.mem, BALLOON, 1 << 20, &cfg, &err) < 0)
		abort();
	v = device_new(kinds[kind].class, "fuzz");
	rig.dev = &v->dev;
	if (kinds[kind].class == &virtio_net_class) {
		wire = (struct netdev){ .ops = &wire_ops,
					.queues = 2,
					.offloads = 31 };
		virtio_net_set_netdev((struct virtio_net *)v, &wire);
	}
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(props, sizeof(props), kinds[kind].props, disk_fd());
#pragma GCC diagnostic pop
	if (device_configure(&v->dev, props, &err) < 0 ||
	    device_realize(&v->dev, &rig.env, &err) < 0)
		abort();
	vdriver_init(&drv, &rig, v);
	data = vdriver_alloc(&drv, DATA_SIZE, 4096);
	frames = 0;
	full = false;
}

/* ---- what a driver and the host do */

static void do_start(void)
{
	uint64_t offered = virtio_offered(drv.v, 0) |
			   (uint64_t)virtio_offered(drv.v, 1) << 32;

	/* Rings that are given up stay allocated: begin anew. */
	drv.brk = data + DATA_SIZE;
	if (!vdriver_negotiate(&drv, offered & ~(uint64_t)in32()))
		return;
	for (unsigned i = 0; i < drv.v->nqueues; i++)
		vdriver_queue(&drv, i, in8() & 1 ? 0 : 64);
	vdriver_ready(&drv);
}

static struct vbuf some_buffer(bool write)
{
	struct vbuf b = { data + in16(), in8(), write };
	uint8_t how = in8();

	if (how < 16)
		b.len = in16() % (DATA_SIZE - (uint32_t)(b.gpa - data) + 1);
	else if (how < 24)
		b = (struct vbuf){ BALLOON + in16() * 16, in16(), write };
	else if (how < 26)
		b = (struct vbuf){ RIG_RAM, RIG_RAM_SIZE, write };
	else if (how == 26)
		b.gpa = in32();
	if (b.gpa >= data && b.gpa < data + DATA_SIZE &&
	    b.len > DATA_SIZE - (b.gpa - data))
		b.len = 0;
	return b;
}

/* Headers of a disk's request, which chance would not find. */
static void put_blk_header(gpa_t at)
{
	uint32_t type = in8() % 16;
	uint64_t sector = in8() & 7 ? in8() * 8u : in32() * 0x10001ull;

	if (mem_store_le32(&rig.mem, at, type) < 0 ||
	    mem_store_le64(&rig.mem, at + 8, sector) < 0)
		abort();
	for (unsigned i = 1; i < 4; i++) /* ranges */
		if (mem_store_le64(&rig.mem, at + 16 * i, in8()) < 0 ||
		    mem_store_le64(&rig.mem, at + 16 * i + 8,
				   in16() * (uint64_t)(in8() & 15)) < 0)
			abort();
}

static void do_blk_request(unsigned q)
{
	gpa_t at = data + in8() * 64;
	uint32_t size = in8() & 1 ? 4096u * (in8() % 8) : in16();
	struct vbuf b[4] = { { at, 16, false },
			     { at + 16, 16u * (in8() % 4), false },
			     { data + in8() * 512, size % 32768, true },
			     { data, 1, true } };

	put_blk_header(at);
	if (in8() & 1) { /* a write */
		b[1] = b[2];
		b[1].write = false;
		b[2].len = 0;
	}
	vdq_add(&drv, q, b, 4);
}

static void do_request(unsigned q)
{
	struct vbuf b[8];
	unsigned n = 1 + in8() % 8, reads = in8() % (n + 1);

	if (!drv.q[q].q || !drv.q[q].q->enabled ||
	    drv.brk > RIG_RAM + RIG_RAM_SIZE / 2)
		return;
	drv.q[q].indirect = in8() & 1;
	if (drv.v->ops->id == VIRTIO_ID_BLOCK && in8() & 3) {
		do_blk_request(q);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		b[i] = some_buffer(i >= reads);
	vdq_add(&drv, q, b, n);
}

static void do_fill(void)
{
	uint16_t at = in16();
	uint8_t n = in8() % 64;

	for (unsigned i = 0; i < n && at + i < DATA_SIZE; i++) {
		uint8_t v = in8();

		if (mem_write(&rig.mem, data + at + i, &v, 1) < 0)
			abort();
	}
}

static void do_config(void)
{
	uint64_t val = in32();
	unsigned off = in8(), size = 1u << in8() % 4;

	if (in8() & 1)
		vdriver_config(&drv, off, &val, size);
	else
		vdriver_config_write(&drv, off, &val, size);
}

static void do_reset_queue(unsigned q)
{
	if (!drv.q[q].q || !virtio_has(drv.v, VIRTIO_F_RING_RESET))
		return;
	device_lock(&drv.v->dev);
	virtq_reset(drv.q[q].q);
	device_unlock(&drv.v->dev);
	if (drv.brk < RIG_RAM + RIG_RAM_SIZE / 2)
		vdriver_queue(&drv, q, 0);
}

static void do_stand_still(void)
{
	bool dma = in8() & 1;

	device_lock(&drv.v->dev);
	if (dma)
		virtio_allow_dma(drv.v, false);
	device_unlock(&drv.v->dev);
	if (!dma)
		virtio_device_stop(&drv.v->dev);
	do_config();
	if (!dma)
		virtio_device_start(&drv.v->dev);
	device_lock(&drv.v->dev);
	virtio_allow_dma(drv.v, true);
	device_unlock(&drv.v->dev);
}

static void do_balloon(struct virtio_balloon *s)
{
	struct balloon_info info;

	virtio_balloon_ask(s);
	virtio_balloon_set_target(s, in32());
	virtio_balloon_info(s, &info);
}

static void do_console(struct virtio_console *s)
{
	static const uint8_t typed[16] = "typed";
	struct chardev_fe *fe = &s->port[in8() & 1].fe;
	size_t room = fe->can_receive(fe->opaque);

	if (room)
		fe->receive(fe->opaque, typed,
			    room < sizeof(typed) ? room : sizeof(typed));
	fe->event(fe->opaque, CHARDEV_WRITABLE);
	fe->event(fe->opaque, CHARDEV_OPENED);
	fe->event(fe->opaque, CHARDEV_RESIZE);
}

static void do_host(void)
{
	if (drv.v->ops->id == VIRTIO_ID_BALLOON)
		do_balloon((struct virtio_balloon *)rig.dev);
	if (drv.v->ops->id == VIRTIO_ID_CONSOLE)
		do_console((struct virtio_console *)rig.dev);
	full = in8() & 1;
	frames = in8() % 8;
	for (unsigned q = 0; wire.client.readable && q < 2; q++) {
		wire.client.readable(wire.client.opaque, q);
		wire.client.writable(wire.client.opaque, q);
	}
	rig_advance_s(&rig, 1);
}

static void do_one(void)
{
	unsigned q = in8() % drv.v->nqueues;

	switch (in8() % 10) {
	case 0:
	case 1:
	case 2: do_request(q); break;
	case 3: do_fill(); break;
	case 4: do_config(); break;
	case 5:
		if (drv.q[q].q)
			vdq_kick_only(&drv, q);
		break;
	case 6: rig_poll(&rig); break;
	case 7:
		if (in8() % 4 == 0)
			do_reset_queue(q);
		else
			do_stand_still();
		break;
	case 8: do_host(); break;
	case 9:
		if (in8() % 4 == 0)
			do_start();
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	in = bytes;
	left = size < 4096 ? size : 4096;
	log_threshold = LOG_LEVEL_ERROR;
	make(in8() % KINDS);
	do_start();
	while (left)
		do_one();
	rig_poll(&rig);
	wire.client = (struct netdev_client){ 0 };
	rig_destroy(&rig);
	return 0;
}
