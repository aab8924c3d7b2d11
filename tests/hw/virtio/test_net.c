/* SPDX-License-Identifier: MIT */
/* The virtio network device over a back end that the test plays. */
#include "hw/virtio/net.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/support/vdriver.h"
#include "tests/test.h"

#define F(n) (UINT64_C(1) << (n))
enum {
	CSUM = 0,
	GUEST_CSUM = 1,
	CTRL_OFFLOADS = 2,
	MTU = 3,
	MAC = 5,
	GUEST_TSO4 = 7,
	HOST_TSO4 = 11,
	MRG = 15,
	STATUS = 16,
	CTRL_VQ = 17,
	CTRL_RX = 18,
	MQ = 22,
	CTRL_MAC = 23,
};
#define BASIC \
	(F(MAC) | F(STATUS) | F(MRG) | F(CTRL_VQ) | F(CTRL_RX) | F(CTRL_MAC))

/* The back end: frames to give, frames taken. */
struct fake {
	struct netdev nd;
	uint8_t give[8][70000];
	size_t give_len[8];
	unsigned ngive, nrecv;
	uint8_t sent[70000];
	size_t sent_len;
	unsigned nsent;
	bool full;
	uint8_t *avail_idx; /* a driver as quick as the back end... */
	unsigned more;	    /* ...for so many frames */
	bool rd[NETDEV_MAX_QUEUES], wr[NETDEV_MAX_QUEUES];
	unsigned offloads, queues;
};

static struct fake *fake_of(struct netdev *n)
{
	return container_of(n, struct fake, nd);
}

static int fake_attach(struct netdev *n, struct loop *const *loop,
		       struct err *err)
{
	(void)n;
	(void)loop;
	(void)err;
	return 0;
}

static void fake_detach(struct netdev *n)
{
	(void)n;
}

static void fake_interest(struct netdev *n, unsigned q, bool rd, bool wr)
{
	fake_of(n)->rd[q] = rd;
	fake_of(n)->wr[q] = wr;
}

static ssize_t fake_recv(struct netdev *n, unsigned q, const struct iovec *iov,
			 unsigned niov)
{
	struct fake *f = fake_of(n);
	size_t done = 0, k, len;

	(void)q;
	if (f->nrecv == f->ngive)
		return -EAGAIN;
	len = f->give_len[f->nrecv];
	for (unsigned i = 0; i < niov && done < len; i++) {
		k = iov[i].iov_len < len - done ? iov[i].iov_len : len - done;
		memcpy(iov[i].iov_base, f->give[f->nrecv] + done, k);
		done += k;
	}
	f->nrecv++;
	return (ssize_t)done;
}

static int fake_send(struct netdev *n, unsigned q, const struct iovec *iov,
		     unsigned niov)
{
	struct fake *f = fake_of(n);

	(void)q;
	if (f->full)
		return -EAGAIN;
	f->sent_len = 0;
	for (unsigned i = 0; i < niov; i++) {
		CHECK(f->sent_len + iov[i].iov_len <= sizeof(f->sent));
		memcpy(f->sent + f->sent_len, iov[i].iov_base, iov[i].iov_len);
		f->sent_len += iov[i].iov_len;
	}
	f->nsent++;
	if (f->nsent < f->more && !++f->avail_idx[0])
		f->avail_idx[1]++;
	return 0;
}

static int fake_offloads(struct netdev *n, unsigned offloads)
{
	fake_of(n)->offloads = offloads;
	return 0;
}

static int fake_queues(struct netdev *n, unsigned queues)
{
	fake_of(n)->queues = queues;
	return 0;
}

static const struct netdev_ops fake_ops = {
	.attach = fake_attach,
	.detach = fake_detach,
	.interest = fake_interest,
	.recv = fake_recv,
	.send = fake_send,
	.set_offloads = fake_offloads,
	.set_queues = fake_queues,
};

struct bench {
	struct rig r;
	struct vdriver d;
	struct virtio_net *s;
	struct fake f;
};

static struct bench *bench(const char *props, unsigned queues,
			   unsigned offloads, unsigned mtu)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct err err = { 0 };

	rig_init(&b->r);
	b->f.nd = (struct netdev){ .ops = &fake_ops,
				   .name = "fake",
				   .queues = queues,
				   .offloads = offloads,
				   .mtu = mtu };
	b->s = device_new(&virtio_net_class, "virtio-net.0");
	CHECK(device_configure(&b->s->vdev.dev, props, &err) == 0);
	virtio_net_set_netdev(b->s, &b->f.nd);
	CHECK(device_realize(&b->s->vdev.dev, &b->r.env, &err) == 0);
	b->r.dev = &b->s->vdev.dev;
	vdriver_init(&b->d, &b->r, &b->s->vdev);
	return b;
}

static void bench_free(struct bench *b)
{
	rig_destroy(&b->r);
	free(b);
}

/* A frame of len bytes, header included, for the guest. */
static void give(struct bench *b, size_t len)
{
	struct fake *f = &b->f;

	for (size_t i = 0; i < len; i++)
		f->give[f->ngive][i] = (uint8_t)(i * 7 + f->ngive + (i >> 8));
	f->give_len[f->ngive++] = len;
	if (f->rd[0])
		f->nd.client.readable(f->nd.client.opaque, 0);
}

/* Posts a receive buffer and tells the device. */
static gpa_t post(struct bench *b, uint32_t len)
{
	gpa_t buf = vdriver_alloc(&b->d, len, 16);

	CHECK(vdq_add(&b->d, 0, &(struct vbuf){ buf, len, true }, 1) >= 0);
	vdq_kick(&b->d, 0);
	return buf;
}

static unsigned num_buffers(struct bench *b, gpa_t buf)
{
	uint16_t n;

	CHECK(mem_load_le16(&b->r.mem, buf + 10, &n) == 0);
	return n;
}

static void check_frame(struct bench *b, unsigned i, size_t off, gpa_t buf,
			size_t len)
{
	const uint8_t *got = mem_run(&b->r.mem, buf, len);
	const uint8_t *want = b->f.give[i] + off;

	for (size_t k = 0; k < len; k++)
		if (off + k != 10 && off + k != 11)
			CHECK_EQ(got[k], want[k]);
}

/* ---- configuration */

TEST(vnet_shows_its_address_link_pairs_and_mtu)
{
	struct bench *b = bench("mac=52:54:00:aa:bb:cc", 3, 0, 9000);
	static const uint8_t want[12] = { 0x52, 0x54, 0, 0xaa, 0xbb, 0xcc,
					  1,	0,    3, 0,    0x28, 0x23 };
	uint8_t cfg[12];

	vdriver_config(&b->d, 0, cfg, 12);
	CHECK_MEM(cfg, want, 12);
	CHECK(b->s->vdev.offered & F(MTU) && b->s->vdev.offered & F(MQ));
	CHECK_EQ(b->s->vdev.nqueues, 7);
	bench_free(b);
}

TEST(vnet_derives_a_stable_local_address)
{
	struct bench *a = bench(NULL, 1, 0, 0), *b = bench(NULL, 1, 0, 0);

	CHECK_MEM(a->s->mac.addr, b->s->mac.addr, 6);
	CHECK_MEM(a->s->mac.addr, "\x52\x54\x00", 3);
	bench_free(a);
	strcpy(b->f.nd.name, "another");
	bench_free(b);
	b = bench("mac=02:00:00:00:00:01", 1, 0, 0);
	CHECK_EQ(b->s->mac.addr[5], 1);
	bench_free(b);
}

TEST(vnet_offers_only_what_the_back_end_can)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	uint64_t f = b->s->vdev.offered;

	CHECK_EQ(f & (F(CSUM) | F(GUEST_CSUM) | F(GUEST_TSO4) | F(HOST_TSO4) |
		      F(CTRL_OFFLOADS) | F(MTU) | F(MQ)),
		 0);
	CHECK_EQ(f & BASIC, BASIC);
	bench_free(b);
	b = bench(NULL, 1, NETDEV_CSUM | NETDEV_TSO4, 0);
	f = b->s->vdev.offered;
	CHECK_EQ(f & 0x7fff, F(CSUM) | F(GUEST_CSUM) | F(CTRL_OFFLOADS) |
				     F(MAC) | F(GUEST_TSO4) | F(HOST_TSO4));
	bench_free(b);
}

TEST(vnet_refuses_features_without_what_they_need)
{
	struct bench *b = bench(NULL, 2, 31, 0);

	CHECK(!vdriver_negotiate(&b->d, F(MQ)));
	CHECK(!vdriver_negotiate(&b->d, F(GUEST_TSO4)));
	CHECK(!vdriver_negotiate(&b->d, F(HOST_TSO4)));
	CHECK(vdriver_negotiate(&b->d, F(GUEST_TSO4) | F(GUEST_CSUM)));
	CHECK_EQ(b->f.offloads, NETDEV_TSO4 | NETDEV_CSUM);
	vdriver_reset(&b->d);
	CHECK_EQ(b->f.offloads, 0);
	bench_free(b);
}

TEST(vnet_tells_of_its_link)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	uint8_t status[2];
	gpa_t buf;

	vdriver_start(&b->d, BASIC);
	buf = post(b, 2048);
	netdev_set_link(&b->f.nd, false);
	vdriver_config(&b->d, 6, status, 2);
	CHECK_EQ(status[0], 0);
	CHECK_EQ(b->d.config_irqs, 1);
	rig_poll(&b->r);
	CHECK(!b->f.rd[0]);
	give(b, 100);
	netdev_set_link(&b->f.nd, true);
	CHECK_EQ(num_buffers(b, buf), 0);
	rig_poll(&b->r);
	CHECK_EQ(b->d.config_irqs, 2);
	CHECK_EQ(num_buffers(b, buf), 1);
	bench_free(b);
}

/* ---- receiving */

TEST(vnet_receives_into_one_buffer)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	unsigned token;
	uint32_t len;
	gpa_t buf;

	vdriver_start(&b->d, BASIC);
	CHECK(!b->f.rd[0]); /* no buffer, no interest */
	buf = post(b, 2048);
	CHECK(b->f.rd[0]);
	give(b, 112);
	CHECK(vdq_get(&b->d, 0, &token, &len));
	CHECK_EQ(len, 112);
	CHECK_EQ(num_buffers(b, buf), 1);
	check_frame(b, 0, 0, buf, 112);
	CHECK_EQ(vdq_take_irqs(&b->d, 0), 1);
	bench_free(b);
}

TEST(vnet_merges_buffers_for_a_long_frame)
{
	struct bench *b = bench(NULL, 1, 31, 0);
	gpa_t buf[50];
	unsigned token;
	uint32_t len;
	size_t off = 0;

	vdriver_start(&b->d, BASIC | F(GUEST_CSUM) | F(GUEST_TSO4));
	for (int i = 0; i < 50; i++)
		buf[i] = post(b, 1536);
	give(b, 65000);
	CHECK_EQ(num_buffers(b, buf[0]), 43);
	for (int i = 0; i < 43; i++) {
		CHECK(vdq_get(&b->d, 0, &token, &len));
		CHECK_EQ(len, i < 42 ? 1536 : 65000 - 42 * 1536);
		check_frame(b, 0, off, buf[i], len);
		off += len;
	}
	CHECK(!vdq_get(&b->d, 0, &token, &len));
	CHECK_EQ(vdq_take_irqs(&b->d, 0), 1);
	/* fewer are left than there were: the driver is about to refill */
	give(b, 3000);
	CHECK_EQ(b->f.nrecv, 1);
	post(b, 1536);
	CHECK_EQ(num_buffers(b, buf[43]), 2);
	bench_free(b);
}

TEST(vnet_drops_a_frame_for_which_the_driver_never_has_room)
{
	struct bench *b = bench(NULL, 1, 31, 0);
	unsigned token;
	uint32_t len;

	vdriver_start(&b->d, BASIC | F(GUEST_CSUM) | F(GUEST_TSO4));
	post(b, 1536);
	post(b, 1536);
	give(b, 5000);
	CHECK(!vdq_get(&b->d, 0, &token, &len));
	give(b, 2000);
	CHECK(vdq_get(&b->d, 0, &token, &len));
	CHECK_EQ(len, 1536);
	CHECK(vdq_get(&b->d, 0, &token, &len));
	CHECK_EQ(len, 464);
	bench_free(b);
}

/*
 * As Linux does: a ring is refilled when more than half of it was used.  All
 * of a short one is not enough for the largest frame.
 */
TEST(vnet_receives_on_while_the_driver_refills_late)
{
	static const unsigned sizes[] = { 8, 16, 64 };

	for (unsigned k = 0; k < 3; k++) {
		struct bench *b = bench(NULL, 1, 31, 0);
		unsigned token, given = 0, used = 0;
		uint32_t len;
		gpa_t buf;

		vdriver_start(&b->d, BASIC | F(GUEST_CSUM) | F(GUEST_TSO4));
		buf = vdriver_alloc(&b->d, 1536, 16);
		for (unsigned i = 0; i < 400; i++) {
			if (2 * (given - used) < sizes[k]) {
				while (given - used < sizes[k]) {
					vdq_add(&b->d, 0,
						&(struct vbuf){ buf, 1536,
								true },
						1);
					given++;
				}
				vdq_kick(&b->d, 0);
			}
			b->f.ngive = b->f.nrecv = 0;
			give(b, i % 3 ? 100 : 6000);
			/* The host may wait, but not for ever. */
			for (int w = 0; w < 3 && !b->f.nrecv; w++) {
				rig_advance_ns(&b->r, 1000000);
				rig_poll(&b->r);
			}
			CHECK_EQ(b->f.nrecv, 1);
			while (vdq_get(&b->d, 0, &token, &len))
				used++;
		}
		CHECK(used >= 400);
		bench_free(b);
	}
}

TEST(vnet_without_mergeable_buffers_uses_one_each)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	unsigned token;
	uint32_t len;
	gpa_t a;

	vdriver_start(&b->d, F(MAC));
	a = post(b, 1526);
	post(b, 1526);
	give(b, 1600); /* too long: lost, never split */
	CHECK(!vdq_get(&b->d, 0, &token, &len));
	give(b, 1526);
	CHECK(vdq_get(&b->d, 0, &token, &len));
	CHECK_EQ(len, 1526);
	CHECK_EQ(num_buffers(b, a), 1);
	bench_free(b);
}

TEST(vnet_stops_reading_without_buffers_and_goes_on_with_them)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	unsigned token, n = 0;
	uint32_t len;

	vdriver_start(&b->d, BASIC);
	for (int i = 0; i < 3; i++)
		post(b, 2048);
	for (int i = 0; i < 5; i++)
		give(b, 200);
	CHECK(!b->f.rd[0]);
	CHECK_EQ(b->f.nrecv, 3);
	CHECK(vdq_wants_kick(&b->d, 0));
	post(b, 2048);
	post(b, 2048);
	CHECK_EQ(b->f.nrecv, 5);
	while (vdq_get(&b->d, 0, &token, &len))
		n++;
	CHECK_EQ(n, 5);
	bench_free(b);
}

TEST(vnet_keeps_unused_buffers_over_a_pause)
{
	struct bench *b = bench(NULL, 1, 31, 0);
	struct device *dev = &b->s->vdev.dev;
	unsigned token;
	uint32_t len;

	vdriver_start(&b->d, BASIC | F(GUEST_CSUM) | F(GUEST_TSO4));
	for (int i = 0; i < 50; i++)
		post(b, 1536);
	give(b, 100);
	dev->class->stop(dev);
	CHECK(!b->f.rd[0]);
	dev->class->start(dev);
	rig_poll(&b->r);
	give(b, 60000);
	CHECK(vdq_get(&b->d, 0, &token, &len));
	CHECK_EQ(len, 100);
	for (int i = 0; i < 40; i++)
		CHECK(vdq_get(&b->d, 0, &token, &len));
	CHECK(!vdq_get(&b->d, 0, &token, &len));
	bench_free(b);
}

TEST(vnet_breaks_on_a_receive_buffer_without_room_for_the_header)
{
	struct bench *b = bench(NULL, 1, 0, 0);

	vdriver_start(&b->d, BASIC);
	post(b, 11);
	CHECK(vdriver_needs_reset(&b->d));
	CHECK(!b->f.rd[0]);
	vdriver_start(&b->d, BASIC);
	CHECK(!vdriver_needs_reset(&b->d));
	post(b, 2000);
	CHECK(b->f.rd[0]);
	bench_free(b);
}

/* ---- transmitting */

/* Header and frame in two buffers; what the device says it wrote. */
static uint32_t transmit(struct bench *b, size_t len)
{
	gpa_t hdr = vdriver_alloc(&b->d, 12, 4);
	gpa_t buf = vdriver_alloc(&b->d, len, 16);

	CHECK(mem_set(&b->r.mem, hdr, 0x11, 12) == 0);
	CHECK(mem_set(&b->r.mem, buf, 0x22, len) == 0);
	return vdq_do(&b->d, 1,
		      (struct vbuf[]){ { hdr, 12, false },
				       { buf, (uint32_t)len, false } },
		      2);
}

TEST(vnet_sends_header_and_frame_as_they_are)
{
	struct bench *b = bench(NULL, 1, 0, 0);

	vdriver_start(&b->d, BASIC);
	CHECK_EQ(transmit(b, 1514), 0);
	CHECK_EQ(b->f.sent_len, 1526);
	CHECK_EQ(b->f.sent[11], 0x11);
	CHECK_EQ(b->f.sent[12], 0x22);
	bench_free(b);
}

TEST(vnet_sends_over_packed_rings_too)
{
	struct bench *b = bench("packed=on", 1, 0, 0);
	gpa_t buf;

	vdriver_start(&b->d, BASIC | F(VIRTIO_F_RING_PACKED));
	for (int i = 0; i < 600; i++)
		transmit(b, 60);
	CHECK_EQ(b->f.nsent, 600);
	buf = post(b, 2000);
	give(b, 90);
	CHECK_EQ(num_buffers(b, buf), 1);
	bench_free(b);
}

TEST(vnet_waits_for_a_full_back_end)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	gpa_t buf;
	unsigned token;
	uint32_t len;

	vdriver_start(&b->d, BASIC);
	b->f.full = true;
	buf = vdriver_alloc(&b->d, 100, 16);
	for (int i = 0; i < 3; i++)
		vdq_add(&b->d, 1, &(struct vbuf){ buf, 100, false }, 1);
	vdq_kick(&b->d, 1);
	CHECK(b->f.wr[0]);
	CHECK_EQ(b->f.nsent, 0);
	CHECK(!vdq_get(&b->d, 1, &token, &len));
	b->f.full = false;
	b->f.nd.client.writable(b->f.nd.client.opaque, 0);
	CHECK(!b->f.wr[0]);
	CHECK_EQ(b->f.nsent, 3);
	CHECK(vdq_get(&b->d, 1, &token, &len));
	bench_free(b);
}

TEST(vnet_writable_back_end_is_not_served_for_ever)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	gpa_t buf;

	vdriver_start(&b->d, BASIC);
	b->f.full = true;
	buf = vdriver_alloc(&b->d, 100, 16);
	vdq_add(&b->d, 1, &(struct vbuf){ buf, 100, false }, 1);
	vdq_kick(&b->d, 1);
	CHECK(b->f.wr[0]);
	b->f.full = false;
	b->f.avail_idx = mem_run(&b->r.mem, b->d.q[1].q->driver + 2, 2);
	b->f.more = 5000;
	b->f.nd.client.writable(b->f.nd.client.opaque, 0);
	CHECK(b->f.nsent > 0);
	CHECK(b->f.nsent < 1000);
	for (unsigned i = 0; b->f.nsent < 5000; i++) {
		CHECK(i < 10000);
		rig_poll(&b->r);
	}
	bench_free(b);
}

TEST(vnet_sends_nothing_of_runts_and_while_the_cable_is_out)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	gpa_t buf;

	vdriver_start(&b->d, BASIC);
	buf = vdriver_alloc(&b->d, 64, 16);
	vdq_do(&b->d, 1, &(struct vbuf){ buf, 12, false }, 1);
	vdq_do(&b->d, 1, &(struct vbuf){ buf, 0, false }, 1);
	vdq_do(&b->d, 1, &(struct vbuf){ buf, 64, true }, 1);
	CHECK_EQ(b->f.nsent, 0);
	netdev_set_link(&b->f.nd, false);
	transmit(b, 60);
	CHECK_EQ(b->f.nsent, 0);
	bench_free(b);
}

/* ---- the control queue */

static int control(struct bench *b, unsigned q, const void *cmd, size_t len)
{
	gpa_t buf = vdriver_alloc(&b->d, len, 4);
	gpa_t ack = vdriver_alloc(&b->d, 1, 1);
	uint8_t val = 0xff;

	CHECK(mem_write(&b->r.mem, buf, cmd, len) == 0);
	CHECK(mem_set(&b->r.mem, ack, 0xff, 1) == 0);
	CHECK_EQ(vdq_do(&b->d, q,
			(struct vbuf[]){ { buf, (uint32_t)len, false },
					 { ack, 1, true } },
			2),
		 1);
	CHECK(mem_read(&b->r.mem, ack, &val, 1) == 0);
	return val;
}

#define CTRL(b, q, ...)                                 \
	control(b, q, (const uint8_t[]){ __VA_ARGS__ }, \
		sizeof((const uint8_t[]){ __VA_ARGS__ }))

TEST(vnet_control_sets_queue_pairs)
{
	struct bench *b = bench(NULL, 4, 0, 0);

	vdriver_start(&b->d, BASIC | F(MQ));
	CHECK_EQ(b->f.queues, 1);
	CHECK_EQ(CTRL(b, 8, 4, 0, 3, 0), 0);
	CHECK_EQ(b->f.queues, 3);
	CHECK_EQ(CTRL(b, 8, 4, 0, 0, 0), 1);
	CHECK_EQ(CTRL(b, 8, 4, 0, 5, 0), 1);
	CHECK_EQ(CTRL(b, 8, 4, 0, 1), 1); /* cut short */
	CHECK_EQ(CTRL(b, 8, 4, 1, 1, 0), 1);
	CHECK_EQ(b->f.queues, 3);
	vdriver_reset(&b->d);
	CHECK_EQ(b->f.queues, 1);
	bench_free(b);
}

TEST(vnet_control_queue_is_the_third_without_mq)
{
	struct bench *b = bench(NULL, 4, 0, 0);

	vdriver_start(&b->d, BASIC);
	CHECK_EQ(CTRL(b, 2, 0, 0, 1), 0);
	CHECK_EQ(CTRL(b, 2, 4, 0, 2, 0), 1);
	bench_free(b);
}

TEST(vnet_control_takes_receive_modes_and_addresses)
{
	struct bench *b = bench("mac=52:54:00:00:00:01", 1, 0, 0);
	uint8_t mac[6];

	vdriver_start(&b->d, BASIC);
	for (uint8_t cmd = 0; cmd <= 5; cmd++)
		CHECK_EQ(CTRL(b, 2, 0, cmd, 1), 0);
	CHECK_EQ(CTRL(b, 2, 0, 6, 1), 1);
	CHECK_EQ(CTRL(b, 2, 0, 0), 1);
	CHECK_EQ(CTRL(b, 2, 1, 1, 2, 3, 4, 5, 6, 7), 0);
	vdriver_config(&b->d, 0, mac, 6);
	CHECK_MEM(mac, "\2\3\4\5\6\7", 6);
	CHECK_EQ(CTRL(b, 2, 1, 1, 1, 3, 4, 5, 6, 7), 1); /* a group */
	CHECK_EQ(CTRL(b, 2, 1, 1, 2, 3, 4, 5, 6), 1);
	/* tables: one unicast address, no group address */
	CHECK_EQ(CTRL(b, 2, 1, 0, 1, 0, 0, 0, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0), 0);
	CHECK_EQ(CTRL(b, 2, 1, 0, 2, 0, 0, 0, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0), 1);
	CHECK_EQ(CTRL(b, 2, 1, 0, 255, 255, 255, 255, 0, 0, 0, 0), 1);
	CHECK_EQ(CTRL(b, 2, 2, 0, 1, 0), 1); /* VLAN filters: not offered */
	CHECK_EQ(CTRL(b, 2, 77, 0), 1);
	CHECK_EQ(CTRL(b, 2, 1), 1);
	vdriver_reset(&b->d);
	vdriver_config(&b->d, 0, mac, 6);
	CHECK_EQ(mac[5], 1);
	bench_free(b);
}

TEST(vnet_control_switches_offloads_that_were_agreed_on)
{
	struct bench *b = bench(NULL, 1, 31, 0);

	vdriver_start(&b->d,
		      BASIC | F(CTRL_OFFLOADS) | F(GUEST_CSUM) | F(GUEST_TSO4));
	CHECK_EQ(b->f.offloads, NETDEV_CSUM | NETDEV_TSO4);
	CHECK_EQ(CTRL(b, 2, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0), 0);
	CHECK_EQ(b->f.offloads, NETDEV_CSUM);
	CHECK_EQ(CTRL(b, 2, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0), 1); /* TSO6 */
	CHECK_EQ(CTRL(b, 2, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0x80), 1);
	CHECK_EQ(CTRL(b, 2, 5, 0, 0), 1);
	CHECK_EQ(b->f.offloads, NETDEV_CSUM);
	bench_free(b);
}

TEST(vnet_control_answers_a_request_without_room_for_the_answer)
{
	struct bench *b = bench(NULL, 1, 0, 0);
	gpa_t buf;

	vdriver_start(&b->d, BASIC);
	buf = vdriver_alloc(&b->d, 16, 4);
	CHECK_EQ(vdq_do(&b->d, 2, &(struct vbuf){ buf, 3, false }, 1), 0);
	CHECK_EQ(vdq_do(&b->d, 2, &(struct vbuf){ buf, 1, true }, 1), 1);
	bench_free(b);
}

TEST(vnet_opens_the_back_end_that_its_properties_ask_for)
{
	struct err err = { 0 };
	struct rig r;
	struct device *dev;
	int ret;

	rig_init(&r);
	dev = device_new(&virtio_net_class, "virtio-net.0");
	CHECK_EQ(device_configure(dev, "mac=52:54:00:12:34:56,hostfwd=tcp:22",
				  &err),
		 0);
	ret = device_realize(dev, &r.env, &err);
	device_free(dev);
	rig_destroy(&r);
	if (ret == -ENOTSUP)
		SKIP_TEST("libslirp is not installed");
	CHECK(ret < 0);
	CHECK(strstr(err.msg, "hostfwd"));
}
