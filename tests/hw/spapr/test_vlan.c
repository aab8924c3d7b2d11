/* SPDX-License-Identifier: MIT */
/* The virtual Ethernet over a back end that the test plays. */
#include "hw/spapr/vlan.h"

#include <errno.h>
#include <stdlib.h>

#include "hw/core/log.h"
#include "tests/support/vio_rig.h"
#include "tests/test.h"

#define REGISTER 0x114
#define FREE	 0x118
#define ADD	 0x11c
#define SEND	 0x120
#define SIGNAL	 0x104
#define MCAST	 0x130
#define SET_MAC	 0x14c
#define FREE_BUF 0x1d4
#define PARAM	 ((uint64_t)H_PARAMETER)
#define RESOURCE ((uint64_t)H_RESOURCE)

/* Bus addresses. */
#define LIST   0x1000
#define FILTER 0x2000
#define RXQ    0x3000
#define SLOTS  4
#define BUF(i) (0x10000u + 0x10000 * (i))
#define MAC    UINT64_C(0x525400aabbcc)

static const uint8_t us[6] = { 0x52, 0x54, 0, 0xaa, 0xbb, 0xcc };
static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
static const uint8_t group[6] = { 0x33, 0x33, 0, 0, 0, 1 };
#define GROUP UINT64_C(0x333300000001)

static uint64_t desc(uint32_t addr, uint32_t len)
{
	return UINT64_C(1) << 63 | (uint64_t)len << 32 | addr;
}

struct bench {
	struct vio_rig v;
	struct netdev nd;
	uint8_t give[4][70000];
	size_t give_len[4];
	unsigned ngive, nrecv;
	uint8_t sent[70000];
	size_t sent_len;
	unsigned nsent;
	unsigned again; /* so many times a vCPU sends as one is gone */
	bool full, rd, wr;
	unsigned slot; /* of the receive queue, as the driver counts */
	uint8_t toggle;
};

static uint64_t call(struct bench *b, uint64_t nr, uint64_t x, uint64_t y);

/* ---- the back end */

static int fake_attach(struct netdev *n, struct loop *const *loop,
		       struct err *err)
{
	(void)n, (void)loop, (void)err;
	return 0;
}

static void fake_detach(struct netdev *n)
{
	(void)n;
}

static void fake_interest(struct netdev *n, unsigned q, bool rd, bool wr)
{
	struct bench *b = container_of(n, struct bench, nd);

	CHECK_EQ(q, 0);
	b->rd = rd;
	b->wr = wr;
}

static ssize_t fake_recv(struct netdev *n, unsigned q, const struct iovec *iov,
			 unsigned niov)
{
	struct bench *b = container_of(n, struct bench, nd);
	size_t len;

	(void)q;
	if (b->nrecv == b->ngive)
		return -EAGAIN;
	len = b->give_len[b->nrecv];
	CHECK(niov == 1 && iov->iov_len >= len);
	memcpy(iov->iov_base, b->give[b->nrecv++], len);
	return (ssize_t)len;
}

static int fake_send(struct netdev *n, unsigned q, const struct iovec *iov,
		     unsigned niov)
{
	struct bench *b = container_of(n, struct bench, nd);

	(void)q;
	if (b->full)
		return -EAGAIN;
	CHECK_EQ(niov, 1);
	memcpy(b->sent, iov->iov_base, iov->iov_len);
	b->sent_len = iov->iov_len;
	b->nsent++;
	if (b->again) {
		b->again--;
		CHECK_EQ(call(b, SEND, desc(BUF(0), 60), 0), H_SUCCESS);
	}
	return 0;
}

static const struct netdev_ops fake_ops = {
	.attach = fake_attach,
	.detach = fake_detach,
	.interest = fake_interest,
	.recv = fake_recv,
	.send = fake_send,
};

/* ---- the driver */

static struct bench *bench(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct err err = { 0 };
	struct device *dev;

	vio_rig_make(&b->v);
	CHECK_EQ(hcalls_add(&b->v.h, vlan_hcalls, vio_bus_of(b->v.bus), &err),
		 0);
	b->nd = (struct netdev){ .ops = &fake_ops,
				 .name = "fake",
				 .queues = 1 };
	dev = device_new(&spapr_vlan_class, "vlan");
	dev->irq = (struct irq){ &b->v.r.chip, VIO_RIG_LINE };
	CHECK_EQ(device_configure(dev, "mac=52:54:00:aa:bb:cc", &err), 0);
	CHECK_EQ(vio_attach(vio_bus_of(b->v.bus), dev, VIO_RIG_UNIT, &err), 0);
	vlan_set_netdev(dev, &b->nd);
	CHECK_EQ(device_realize(dev, &b->v.r.env, &err), 0);
	b->v.r.dev = dev;
	CHECK_MEM(vlan_mac(dev), us, 6);
	vio_rig_map(&b->v);
	return b;
}

static void bench_free(struct bench *b)
{
	vio_rig_free(&b->v);
	free(b);
}

static uint64_t call(struct bench *b, uint64_t nr, uint64_t x, uint64_t y)
{
	return (uint64_t)vio_rig_call(&b->v, nr, VIO_RIG_UNIT, x, y, 0);
}

static uint64_t do_register(struct bench *b)
{
	const uint64_t in[HCALL_REGS] = { VIO_RIG_UNIT, LIST,
					  desc(RXQ, 16 * SLOTS), FILTER, MAC };

	b->slot = 0;
	b->toggle = 0x80;
	return (uint64_t)hcall_run(&b->v.h, 0, REGISTER, in, b->v.out);
}

static void start(struct bench *b)
{
	CHECK_EQ(do_register(b), H_SUCCESS);
	CHECK_EQ(call(b, SIGNAL, 1, 0), H_SUCCESS);
}

/* A buffer that its driver knows by "handle" and i. */
static void add(struct bench *b, unsigned i, uint32_t len)
{
	const uint8_t handle[8] = {
		'h', 'a', 'n', 'd', 'l', 'e', 0, (uint8_t)i
	};

	vio_rig_put(&b->v, BUF(i), handle, 8);
	CHECK_EQ(call(b, ADD, desc(BUF(i), len), 0), H_SUCCESS);
	rig_poll(&b->v.r);
}

/* A frame of len bytes comes in. */
static void give(struct bench *b, const uint8_t *to, size_t len)
{
	uint8_t *f = b->give[b->ngive];

	for (size_t i = 0; i < len; i++)
		f[12 + i] = (uint8_t)(i * 7 + b->ngive);
	memcpy(f + 12, to, 6);
	b->give_len[b->ngive++] = 12 + len;
	if (b->rd)
		b->nd.client.readable(b->nd.client.opaque, 0);
}

/* The next entry: the buffer's number, or -1. */
static int take(struct bench *b, size_t *len)
{
	uint8_t e[16];

	vio_rig_get(&b->v, RXQ + 16 * b->slot, e, 16);
	if ((e[0] & 0x80) != b->toggle)
		return -1;
	CHECK_EQ(e[0] & 0x7f, 0x40);
	CHECK_EQ(e[2] << 8 | e[3], 8);
	CHECK_MEM(e + 8, "handle", 6);
	*len = (size_t)e[4] << 24 | e[5] << 16 | e[6] << 8 | e[7];
	if (++b->slot == SLOTS) {
		b->slot = 0;
		b->toggle ^= 0x80;
	}
	return e[15];
}

static void check_taken(struct bench *b, unsigned buf, unsigned frame,
			size_t len)
{
	uint8_t *got = malloc(len);
	size_t n;

	CHECK_EQ(take(b, &n), buf);
	CHECK_EQ(n, len);
	vio_rig_get(&b->v, BUF(buf) + 8, got, len);
	CHECK_MEM(got, b->give[frame] + 12, len);
	free(got);
}

/* ---- in */

TEST(vlan_frame_goes_to_the_smallest_buffer_that_holds_it)
{
	struct bench *b = bench();

	start(b);
	add(b, 0, 4096);
	add(b, 1, 512);
	add(b, 2, 2048);
	CHECK(b->rd);
	give(b, us, 504);
	check_taken(b, 1, 0, 504);
	CHECK_EQ(rig_take_rises(&b->v.r, VIO_RIG_LINE), 1);
	give(b, us, 505);
	check_taken(b, 2, 1, 505);
	give(b, us, 60);
	check_taken(b, 0, 2, 60);
	CHECK(!b->rd); /* no buffer is left: the rest waits in the host */
	give(b, us, 61);
	CHECK_EQ(b->nrecv, 3);
	add(b, 3, 512);
	check_taken(b, 3, 3, 61);
	bench_free(b);
}

TEST(vlan_receive_queue_wraps_and_toggles)
{
	struct bench *b = bench();
	size_t len;

	start(b);
	for (unsigned i = 0; i < 2 * SLOTS + 1; i++) {
		add(b, i, 512);
		b->ngive = b->nrecv = 0;
		give(b, us, 60 + i);
		check_taken(b, i, 0, 60 + i);
		CHECK_EQ(take(b, &len), (uint64_t)-1);
	}
	bench_free(b);
}

TEST(vlan_counts_what_it_drops)
{
	uint8_t count[8];
	struct bench *b = bench();
	size_t len;

	start(b);
	add(b, 0, 512);
	give(b, us, 505);
	CHECK_EQ(take(b, &len), (uint64_t)-1);
	CHECK_EQ(rig_take_rises(&b->v.r, VIO_RIG_LINE), 0);
	vio_rig_get(&b->v, LIST + 4096 - 8, count, 8);
	CHECK_EQ(count[7], 1);
	give(b, us, 60);
	check_taken(b, 0, 1, 60);
	bench_free(b);
}

TEST(vlan_takes_its_own_frames_and_groups_as_told)
{
	static const uint8_t other[6] = { 0x52, 0x54, 0, 1, 2, 3 };
	struct bench *b = bench();
	size_t len;

	start(b);
	for (unsigned i = 0; i < 3; i++)
		add(b, i, 512);
	give(b, other, 60);
	give(b, group, 60);
	CHECK_EQ(take(b, &len), (uint64_t)-1);
	give(b, all, 60);
	CHECK(take(b, &len) >= 0);
	b->ngive = b->nrecv = 0;
	CHECK_EQ(call(b, MCAST, 0xa0000, 0), H_SUCCESS); /* receive groups */
	give(b, group, 60);
	CHECK(take(b, &len) >= 0);
	CHECK_EQ(call(b, MCAST, 0x50000, 0), H_SUCCESS); /* but filtered */
	give(b, group, 60);
	CHECK_EQ(take(b, &len), (uint64_t)-1);
	CHECK_EQ(call(b, MCAST, 1, GROUP), H_SUCCESS);
	CHECK_EQ(call(b, MCAST, 1, GROUP), H_SUCCESS);
	give(b, group, 60);
	CHECK(take(b, &len) >= 0);
	b->ngive = b->nrecv = 0;
	CHECK_EQ(call(b, MCAST, 2, GROUP), H_SUCCESS);
	CHECK_EQ(call(b, MCAST, 2, GROUP), (uint64_t)H_NOT_FOUND);
	add(b, 4, 512);
	give(b, group, 60);
	CHECK_EQ(take(b, &len), (uint64_t)-1);
	CHECK_EQ(call(b, SET_MAC, UINT64_C(0x525400010203), 0), H_SUCCESS);
	give(b, us, 60);
	CHECK_EQ(take(b, &len), (uint64_t)-1);
	give(b, other, 60);
	CHECK(take(b, &len) >= 0);
	bench_free(b);
}

TEST(vlan_filters_are_bounded)
{
	struct bench *b = bench();

	start(b);
	for (unsigned i = 0; i < VLAN_FILTERS; i++)
		CHECK_EQ(call(b, MCAST, 1, GROUP + i), H_SUCCESS);
	CHECK_EQ(call(b, MCAST, 1, GROUP + VLAN_FILTERS), H_CONSTRAINED);
	CHECK_EQ(call(b, MCAST, 1, MAC), PARAM);
	CHECK_EQ(call(b, MCAST, 3, 0), H_SUCCESS);
	CHECK_EQ(call(b, MCAST, 1, GROUP + VLAN_FILTERS), H_SUCCESS);
	CHECK_EQ(call(b, SET_MAC, GROUP, 0), PARAM);
	bench_free(b);
}

/* ---- out */

TEST(vlan_sends_a_frame_of_several_pieces)
{
	uint8_t frame[200];
	struct bench *b = bench();
	const uint64_t in[HCALL_REGS] = { VIO_RIG_UNIT, desc(BUF(0), 14),
					  desc(BUF(1), 186), 0,
					  desc(BUF(2), 100) };

	start(b);
	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 3);
	vio_rig_put(&b->v, BUF(0), frame, 14);
	vio_rig_put(&b->v, BUF(1), frame + 14, 186);
	CHECK_EQ(hcall_run(&b->v.h, 0, SEND, in, b->v.out), H_SUCCESS);
	rig_poll(&b->v.r);
	CHECK_EQ(b->nsent, 1);
	CHECK_EQ(b->sent_len, 12 + 200);
	CHECK_EQ(b->sent[0], 0); /* a header without offloads */
	CHECK_MEM(b->sent + 12, frame, 200);
	bench_free(b);
}

TEST(vlan_that_sends_without_end_leaves_the_loop_to_others)
{
	struct bench *b = bench();

	start(b);
	b->again = 10000;
	CHECK_EQ(call(b, SEND, desc(BUF(0), 60), 0), H_SUCCESS);
	rig_poll(&b->v.r);
	CHECK(b->nsent && b->nsent < 10000);
	UNTIL((rig_poll(&b->v.r), b->nsent == 10001));
	bench_free(b);
}

TEST(vlan_waits_for_the_back_end_and_tells_the_driver)
{
	struct bench *b = bench();
	unsigned n = 0;

	start(b);
	b->full = true;
	while (call(b, SEND, desc(BUF(0), 60), 0) == H_SUCCESS) {
		CHECK(++n < 1000);
		rig_poll(&b->v.r);
	}
	CHECK_EQ(call(b, SEND, desc(BUF(0), 60), 0), H_BUSY);
	CHECK(b->wr && !b->nsent);
	b->full = false;
	b->nd.client.writable(b->nd.client.opaque, 0);
	CHECK_EQ(b->nsent, n);
	CHECK(!b->wr);
	CHECK_EQ(call(b, SEND, desc(BUF(0), 60), 0), H_SUCCESS);
	device_reset(b->v.r.dev); /* what has not left is forgotten */
	rig_poll(&b->v.r);
	CHECK_EQ(b->nsent, n);
	bench_free(b);
}

/* ---- order, and hostile drivers */

TEST(vlan_is_open_between_register_and_free)
{
	struct bench *b = bench();
	size_t len;

	CHECK_EQ(call(b, ADD, desc(BUF(0), 512), 0), RESOURCE);
	CHECK_EQ(call(b, SEND, desc(BUF(0), 60), 0), (uint64_t)H_DROPPED);
	CHECK_EQ(call(b, FREE, 0, 0), RESOURCE);
	start(b);
	CHECK_EQ(do_register(b), RESOURCE);
	add(b, 0, 512);
	CHECK_EQ(call(b, FREE, 0, 0), H_SUCCESS);
	give(b, us, 60);
	CHECK_EQ(take(b, &len), (uint64_t)-1);
	start(b);
	add(b, 1, 512);
	give(b, us, 60);
	CHECK_EQ(take(b, &len), 1); /* the buffers of before are gone */
	bench_free(b);
}

TEST(vlan_gives_buffers_back)
{
	struct bench *b = bench();

	start(b);
	add(b, 7, 512);
	CHECK_EQ(call(b, FREE_BUF, 513, 0), (uint64_t)H_NOT_FOUND);
	CHECK_EQ(call(b, FREE_BUF, 512, 0), H_SUCCESS);
	CHECK_EQ(b->v.out[0], UINT64_C(0x68616e646c650007));
	CHECK_EQ(call(b, FREE_BUF, 512, 0), (uint64_t)H_NOT_FOUND);
	bench_free(b);
}

TEST(vlan_buffers_and_their_sizes_are_bounded)
{
	struct bench *b = bench();
	unsigned n = 0;

	start(b);
	while (call(b, ADD, desc(BUF(0), 512), 0) == H_SUCCESS)
		CHECK(++n < 100000);
	CHECK_EQ(call(b, ADD, desc(BUF(0), 512), 0), RESOURCE);
	for (unsigned i = 1; i < 8; i++)
		CHECK_EQ(call(b, ADD, desc(BUF(0), 512 + i), 0), H_SUCCESS);
	CHECK_EQ(call(b, ADD, desc(BUF(0), 600), 0), RESOURCE);
	CHECK_EQ(call(b, ADD, desc(BUF(0), 21), 0), PARAM);
	CHECK_EQ(call(b, ADD, BUF(0), 0), PARAM); /* not valid */
	CHECK_EQ(call(b, ADD, desc(VIO_WINDOW - 100, 512), 0), PARAM);
	bench_free(b);
}

TEST(vlan_refuses_bad_queues_frames_and_units)
{
	static const uint64_t bad[][3] = {
		{ LIST + 8, 0, FILTER }, { VIO_WINDOW, 0, FILTER },
		{ LIST, 0, FILTER + 8 }, { LIST, 0, UINT64_MAX - 4095 },
		{ LIST, RXQ, FILTER }, /* not valid */
	};
	static const struct {
		uint32_t addr, len;
	} rxq[] = { { RXQ + 8, 64 },
		    { RXQ, 0 },
		    { RXQ, 24 },
		    { VIO_WINDOW - 16, 32 } };
	struct bench *b = bench();

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const uint64_t in[HCALL_REGS] = { VIO_RIG_UNIT, bad[i][0],
						  bad[i][1] ? bad[i][1]
							    : desc(RXQ, 64),
						  bad[i][2], MAC };

		CHECK_EQ(hcall_run(&b->v.h, 0, REGISTER, in, b->v.out), PARAM);
	}
	for (size_t i = 0; i < sizeof(rxq) / sizeof(*rxq); i++) {
		const uint64_t in[HCALL_REGS] = { VIO_RIG_UNIT, LIST,
						  desc(rxq[i].addr, rxq[i].len),
						  FILTER, MAC };

		CHECK_EQ(hcall_run(&b->v.h, 0, REGISTER, in, b->v.out), PARAM);
	}
	start(b);
	CHECK_EQ(call(b, SEND, desc(BUF(0), 13), 0), PARAM);
	CHECK_EQ(call(b, SEND, desc(BUF(0), 0xffffff), 0), PARAM);
	CHECK_EQ(call(b, SEND, desc(VIO_WINDOW - 10, 60), 0), PARAM);
	CHECK_EQ(call(b, SEND, 0, 0), PARAM);
	for (unsigned i = 0; i < 7; i++) {
		static const uint64_t nr[] = { REGISTER, FREE,	  ADD,	   SEND,
					       MCAST,	 SET_MAC, FREE_BUF };

		CHECK_EQ(vio_rig_call(&b->v, nr[i], 1, 0, 0, 0), PARAM);
	}
	bench_free(b);
}

TEST(vlan_memory_that_went_away_hurts_nobody)
{
	struct bench *b = bench();
	size_t len;

	log_threshold = LOG_LEVEL_ERROR;
	start(b);
	add(b, 0, 512);
	add(b, 1, 512);
	tce_clear(&b->v.tces, VIO_RIG_UNIT);
	give(b, us, 60);
	CHECK_EQ(call(b, SEND, desc(BUF(0), 60), 0), PARAM);
	vio_rig_map(&b->v);
	CHECK_EQ(take(b, &len), (uint64_t)-1);
	give(b, us, 60);
	CHECK(take(b, &len) >= 0);
	bench_free(b);
	log_threshold = LOG_LEVEL_WARN;
}
