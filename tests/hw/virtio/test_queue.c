/* SPDX-License-Identifier: MIT */
/* hw/virtio/queue: both rings, driven well and badly. */
#include <stdlib.h>

#include "tests/hw/virtio/echo.h"
#include "tests/support/vdriver.h"
#include "tests/test.h"

#define SPLIT	 0
#define PACKED	 VIRTIO_BIT(VIRTIO_F_RING_PACKED)
#define EVENTS	 VIRTIO_BIT(VIRTIO_F_EVENT_IDX)
#define INDIRECT VIRTIO_BIT(VIRTIO_F_INDIRECT_DESC)
#define IN_ORDER VIRTIO_BIT(VIRTIO_F_IN_ORDER)
#define RESET	 VIRTIO_BIT(VIRTIO_F_RING_RESET)

struct bench {
	struct rig r;
	struct echo *s;
	struct vdriver d;
};

/* Everything the device offers, of which a test takes what it names. */
static struct bench *bench(uint64_t features, const char *props)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	rig_init(&b->r);
	b->s = container_of(rig_device(&b->r, &echo_class, props, 0),
			    struct echo, vdev.dev);
	vdriver_init(&b->d, &b->r, &b->s->vdev);
	vdriver_start(&b->d, features);
	return b;
}

static struct bench *bench_of(uint64_t features)
{
	return bench(features, "packed,in-order");
}

static void bench_free(struct bench *b)
{
	rig_destroy(&b->r);
	free(b);
}

/* One request with len bytes each way, in pieces; checks the echo. */
static void bench_echo(struct bench *b, unsigned queue, unsigned len,
		       unsigned pieces)
{
	gpa_t in = vdriver_alloc(&b->d, len, 1),
	      out = vdriver_alloc(&b->d, len, 1);
	uint8_t *src = mem_run(&b->r.mem, in, len),
		*dst = mem_run(&b->r.mem, out, len);
	struct vbuf bufs[64];
	unsigned part = len / pieces;

	for (unsigned i = 0; i < len; i++)
		src[i] = (uint8_t)(i * 7 + queue + len);
	for (unsigned i = 0; i < pieces; i++) {
		unsigned n = i + 1 < pieces ? part : len - part * i;

		bufs[i] = (struct vbuf){ in + part * i, n, false };
		bufs[pieces + i] = (struct vbuf){ out + part * i, n, true };
	}
	CHECK_EQ(vdq_do(&b->d, queue, bufs, 2 * pieces), len);
	CHECK_MEM(src, dst, len);
}

static void check_wraps(uint64_t features)
{
	struct bench *b = bench_of(features);

	for (unsigned i = 0; i < 70000; i++) {
		unsigned token;
		uint32_t len;
		struct vbuf buf = { RIG_RAM2, 1 + i % 5, true };

		CHECK(vdq_add(&b->d, 1, &buf, 1) >= 0);
		if (i % 16 != 15)
			continue;
		vdq_kick_only(&b->d, 1);
		rig_poll(&b->r);
		for (unsigned k = 0; k < 16; k++)
			CHECK(vdq_get(&b->d, 1, &token, &len));
		b->d.q[1].added = b->d.q[1].added_entries = 0;
	}
	CHECK_EQ(b->s->served, 70000);
	CHECK(!vdriver_needs_reset(&b->d));
	for (unsigned i = 0; i < 40; i++)
		bench_echo(b, 0, 600 + i, 1 + i % 5);
	bench_free(b);
}

TEST(virtq_split_survives_wrap_around)
{
	check_wraps(SPLIT);
	check_wraps(EVENTS);
}

TEST(virtq_packed_survives_wrap_around)
{
	check_wraps(PACKED);
	check_wraps(PACKED | EVENTS);
}

TEST(virtq_takes_requests_longer_than_its_own_iovecs)
{
	struct bench *b = bench_of(SPLIT);

	bench_echo(b, 0, 5000, 8); /* 16 buffers; ECHO_SEGS are 4 */
	bench_echo(b, 0, 5000, 1);
	bench_free(b);
	b = bench_of(PACKED);
	bench_echo(b, 0, 5000, 8);
	bench_echo(b, 0, 5000, 7);
	bench_free(b);
}

TEST(virtq_takes_indirect_tables)
{
	struct bench *b = bench_of(INDIRECT);

	b->d.q[0].indirect = true;
	for (unsigned i = 1; i < 30; i++)
		bench_echo(b, 0, 500 * i, i);
	bench_free(b);
	b = bench_of(INDIRECT | PACKED | EVENTS);
	b->d.q[0].indirect = true;
	for (unsigned i = 1; i < 30; i++)
		bench_echo(b, 0, 500 * i, i);
	bench_free(b);
}

TEST(virtq_splits_buffers_where_memory_ranges_meet)
{
	struct bench *b = bench_of(SPLIT);
	struct vbuf bufs[] = { { RIG_RAM2 - 100, 300, false },
			       { RIG_RAM2 + 5000, 300, true } };

	CHECK_EQ(mem_set(&b->r.mem, RIG_RAM2 - 100, 0x5a, 300), 0);
	CHECK_EQ(vdq_do(&b->d, 0, bufs, 2), 300);
	CHECK_EQ(((uint8_t *)mem_run(&b->r.mem, RIG_RAM2 + 5299, 1))[0], 0x5a);
	bufs[1].gpa = RIG_RAM2 - 1;
	CHECK_EQ(vdq_do(&b->d, 0, bufs, 2), 300);
	bench_free(b);
}

TEST(virtq_accepts_empty_buffers)
{
	struct bench *b = bench_of(SPLIT);
	/* An address that is not looked at, since no byte is. */
	struct vbuf bufs[] = { { UINT64_MAX, 0, false },
			       { RIG_RAM2, 4, false },
			       { RIG_RAM2 + 8, 0, true },
			       { RIG_RAM2 + 8, 4, true } };

	CHECK_EQ(vdq_do(&b->d, 0, bufs, 4), 4);
	CHECK_EQ(vdq_do(&b->d, 0, bufs, 1), 0);
	CHECK(!vdriver_needs_reset(&b->d));
	bench_free(b);
}

static void check_out_of_order(uint64_t features)
{
	struct bench *b = bench_of(features);
	int token[4];
	unsigned got;
	uint32_t len;

	for (unsigned i = 0; i < 4; i++) {
		struct vbuf bufs[] = { { RIG_RAM, i + 1, false },
				       { RIG_RAM2 + 64 * i, 64, true } };

		token[i] = vdq_add(&b->d, 2, bufs, 2);
	}
	vdq_kick(&b->d, 2);
	CHECK_EQ(b->s->nheld, 4);
	CHECK_EQ(virtq_in_flight(b->d.q[2].q), 4);
	echo_finish(b->s, 2, true); /* 0 1 3 */
	echo_finish(b->s, 0, true); /* 1 3 */
	if (features & IN_ORDER) {
		CHECK(vdq_get(&b->d, 2, &got, &len));
		CHECK_EQ(got, token[0]);
		CHECK(!vdq_get(&b->d, 2, &got, &len));
		echo_finish(b->s, 1, true);
		CHECK(!vdq_get(&b->d, 2, &got, &len));
		echo_finish(b->s, 0, true);
		for (unsigned i = 1; i < 4; i++) {
			CHECK(vdq_get(&b->d, 2, &got, &len));
			CHECK_EQ(got, token[i]);
			CHECK_EQ(len, i + 1);
		}
	} else {
		CHECK(vdq_get(&b->d, 2, &got, &len));
		CHECK_EQ(got, token[2]);
		CHECK_EQ(len, 3);
		CHECK(vdq_get(&b->d, 2, &got, &len));
		CHECK_EQ(got, token[0]);
		CHECK(!vdq_get(&b->d, 2, &got, &len));
	}
	bench_free(b);
}

TEST(virtq_completes_in_any_order)
{
	check_out_of_order(SPLIT);
	check_out_of_order(PACKED);
}

TEST(virtq_in_order_holds_later_completions_back)
{
	check_out_of_order(SPLIT | IN_ORDER);
	check_out_of_order(PACKED | IN_ORDER);
}

static void check_batch(uint64_t features)
{
	struct bench *b = bench_of(features);
	struct vbuf buf = { RIG_RAM2, 8, true };
	unsigned got;
	uint32_t len;

	for (unsigned i = 0; i < 4; i++)
		CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	vdq_kick(&b->d, 2);
	echo_finish(b->s, 0, false);
	echo_finish(b->s, 0, false);
	echo_finish(b->s, 0, false);
	CHECK(!vdq_get(&b->d, 2, &got, &len));
	CHECK_EQ(vdq_take_irqs(&b->d, 2), 0);
	echo_finish(b->s, 0, true);
	CHECK_EQ(vdq_take_irqs(&b->d, 2), 1);
	for (unsigned i = 0; i < 4; i++)
		CHECK(vdq_get(&b->d, 2, &got, &len));
	virtq_notify(b->d.q[2].q); /* nothing new: no interrupt */
	CHECK_EQ(vdq_take_irqs(&b->d, 2), 0);
	bench_free(b);
}

TEST(virtq_publishes_a_batch_at_once)
{
	check_batch(SPLIT);
	check_batch(PACKED);
	check_batch(PACKED | EVENTS);
}

TEST(virtq_split_honours_the_no_interrupt_flag)
{
	struct bench *b = bench_of(SPLIT);
	struct vbuf buf = { RIG_RAM2, 8, true };

	vdq_want_irqs(&b->d, 0, true, false, 0);
	vdq_do(&b->d, 0, &buf, 1);
	CHECK_EQ(vdq_take_irqs(&b->d, 0), 0);
	vdq_want_irqs(&b->d, 0, false, false, 0);
	vdq_do(&b->d, 0, &buf, 1);
	CHECK_EQ(vdq_take_irqs(&b->d, 0), 1);
	bench_free(b);
}

TEST(virtq_packed_honours_the_no_interrupt_flag)
{
	struct bench *b = bench_of(PACKED);
	struct vbuf buf = { RIG_RAM2, 8, true };

	vdq_want_irqs(&b->d, 0, true, false, 0);
	vdq_do(&b->d, 0, &buf, 1);
	CHECK_EQ(vdq_take_irqs(&b->d, 0), 0);
	vdq_want_irqs(&b->d, 0, false, false, 0);
	vdq_do(&b->d, 0, &buf, 1);
	CHECK_EQ(vdq_take_irqs(&b->d, 0), 1);
	bench_free(b);
}

TEST(virtq_split_event_index_delays_the_interrupt)
{
	struct bench *b = bench_of(EVENTS);
	struct vbuf buf = { RIG_RAM2, 8, true };

	vdq_do(&b->d, 0, &buf, 1);
	vdq_take_irqs(&b->d, 0);
	vdq_want_irqs(&b->d, 0, false, true, 3);
	for (unsigned i = 1; i < 6; i++) {
		vdq_do(&b->d, 0, &buf, 1); /* used index becomes i + 1 */
		CHECK_EQ(vdq_take_irqs(&b->d, 0), i + 1 == 4);
	}
	bench_free(b);
}

TEST(virtq_packed_event_position_delays_the_interrupt)
{
	struct bench *b = bench_of(PACKED | EVENTS);
	struct vbuf buf = { RIG_RAM2, 8, true };

	for (unsigned lap = 0; lap < 3; lap++) {
		/* The entry at position 3 of this lap. */
		vdq_want_irqs(&b->d, 0, false, true,
			      (uint16_t)(3 | (lap % 2 ? 0 : 0x8000)));
		for (unsigned i = 0; i < ECHO_SIZE; i++) {
			vdq_do(&b->d, 0, &buf, 1);
			CHECK_EQ(vdq_take_irqs(&b->d, 0), i == 3);
		}
	}
	bench_free(b);
}

static void check_kicks(uint64_t features)
{
	struct bench *b = bench_of(features);
	struct virtq *q = b->d.q[2].q;
	struct vbuf buf = { RIG_RAM2, 8, true };

	CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	CHECK(vdq_wants_kick(&b->d, 2));
	vdq_kick(&b->d, 2);
	CHECK_EQ(b->s->nheld, 1);
	virtq_kicks_off(q);
	CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	if (!(features & EVENTS) || (features & PACKED))
		CHECK(!vdq_wants_kick(&b->d, 2));
	/* It came while kicks were off: the device is told to look again. */
	CHECK(virtq_kicks_on(q));
	b->s->held[b->s->nheld++] = virtq_pop(q);
	CHECK(b->s->held[1] != NULL);
	CHECK(!virtq_kicks_on(q));
	b->d.q[2].added = b->d.q[2].added_entries = 0;
	CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	CHECK(vdq_wants_kick(&b->d, 2));
	bench_free(b);
}

TEST(virtq_asks_for_kicks_only_when_it_needs_them)
{
	check_kicks(SPLIT);
	check_kicks(EVENTS);
	check_kicks(PACKED);
	check_kicks(PACKED | EVENTS);
}

static void check_unpop(uint64_t features)
{
	struct bench *b = bench_of(features);
	struct virtq *q = b->d.q[2].q;
	struct vbuf bufs[] = { { RIG_RAM, 3, false }, { RIG_RAM2, 8, true } };
	struct virtq_elem *e, *f;

	for (unsigned i = 0; i < 7; i++)
		CHECK(vdq_add(&b->d, 2, bufs, 2) >= 0);
	for (unsigned i = 0; i < 6; i++)
		CHECK(virtq_pop(q) != NULL);
	e = virtq_pop(q);
	CHECK(e != NULL);
	CHECK(!virtq_pop(q));
	virtq_unpop(q, e);
	CHECK_EQ(virtq_in_flight(q), 6);
	CHECK(virtq_pending(q));
	f = virtq_pop(q);
	CHECK(f != NULL && f->rd_len == 3 && f->wr_len == 8);
	CHECK(!virtq_pending(q));
	bench_free(b);
}

TEST(virtq_takes_an_element_back)
{
	check_unpop(SPLIT);
	check_unpop(PACKED);
	check_unpop(PACKED | IN_ORDER);
}

TEST(virtq_clamps_what_a_device_claims_to_have_written)
{
	struct bench *b = bench_of(SPLIT);
	struct vbuf buf = { RIG_RAM2, 8, true };
	unsigned token;
	uint32_t len;

	CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	vdq_kick(&b->d, 2);
	virtq_push(b->d.q[2].q, b->s->held[0], 1000);
	b->s->nheld = 0;
	virtq_notify(b->d.q[2].q);
	CHECK(vdq_get(&b->d, 2, &token, &len));
	CHECK_EQ(len, 8);
	bench_free(b);
}

TEST(virtq_gives_the_loop_its_turn)
{
	struct bench *b = bench(INDIRECT, "queue-size=1024");
	struct vbuf buf = { RIG_RAM2, 8, true };
	unsigned kicks = b->s->kicks;

	for (unsigned i = 0; i < 1000; i++)
		CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
	vdq_kick(&b->d, 0);
	CHECK_EQ(b->s->served, 1000);
	CHECK(b->s->kicks - kicks >= 4);
	CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
	CHECK(vdq_wants_kick(&b->d, 0));
	bench_free(b);
}

TEST(virtq_polls_for_its_time_and_no_longer)
{
	struct bench *b = bench(SPLIT, "poll-us=50");
	struct vbuf buf = { RIG_RAM2, 8, true };
	unsigned token;
	uint32_t len;

	vdq_do(&b->d, 0, &buf, 1);
	/* No kick is wanted, and none is needed. */
	CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
	CHECK(!vdq_wants_kick(&b->d, 0));
	rig_poll(&b->r);
	CHECK(vdq_get(&b->d, 0, &token, &len));
	rig_advance_ns(&b->r, 60000);
	rig_poll(&b->r);
	CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
	CHECK(vdq_wants_kick(&b->d, 0));
	rig_poll(&b->r);
	CHECK(!vdq_get(&b->d, 0, &token, &len));
	vdq_kick(&b->d, 0);
	CHECK(vdq_get(&b->d, 0, &token, &len));
	bench_free(b);
}

TEST(virtq_polls_as_long_as_the_last_pause_was_short)
{
	struct bench *b = bench(SPLIT, "");
	struct vbuf buf = { RIG_RAM2, 8, true };
	unsigned token;
	uint32_t len;

	b->s->vdev.queue[0]->poll_adapts = true;
	vdriver_start(&b->d, SPLIT);
	rig_advance_ns(&b->r, 1000000);
	rig_poll(&b->r);
	vdq_do(&b->d, 0, &buf, 1); /* after a long pause */
	rig_advance_ns(&b->r, 50000);
	CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
	CHECK(vdq_wants_kick(&b->d, 0));
	vdq_kick(&b->d, 0); /* after a short one */
	CHECK(vdq_get(&b->d, 0, &token, &len));
	rig_advance_ns(&b->r, 199000);
	rig_poll(&b->r);
	CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
	CHECK(!vdq_wants_kick(&b->d, 0));
	rig_poll(&b->r);
	CHECK(vdq_get(&b->d, 0, &token, &len));
	rig_advance_ns(&b->r, 201000);
	rig_poll(&b->r); /* polled in vain */
	for (unsigned i = 0; i < 2; i++) {
		CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
		CHECK(vdq_wants_kick(&b->d, 0));
		vdq_kick(&b->d, 0);
		CHECK(vdq_get(&b->d, 0, &token, &len));
		rig_advance_ns(&b->r, 300000);
		rig_poll(&b->r);
	}
	bench_free(b);
}

/*
 * Kicks after short pauses until one is followed by a poll, which is in vain;
 * how many there were.
 */
static unsigned kicks_before_a_vain_poll(struct bench *b)
{
	struct virtq *q = b->s->vdev.queue[0];
	struct vbuf buf = { RIG_RAM2, 8, true };
	unsigned n = 0;

	do {
		vdq_do(&b->d, 0, &buf, 1);
		rig_advance_ns(&b->r, 1000);
		rig_poll(&b->r);
		CHECK(++n < 100);
	} while (!q->polling);
	rig_advance_ns(&b->r, 201000);
	rig_poll(&b->r);
	CHECK(!q->polling);
	vdq_do(&b->d, 0, &buf, 1); /* the pause was too long */
	rig_advance_ns(&b->r, 1000);
	rig_poll(&b->r);
	CHECK(!q->polling);
	return n;
}

TEST(virtq_polls_less_often_while_that_is_in_vain)
{
	static const unsigned kicks[] = { 1, 2, 4, 8, 16, 32, 64, 64 };
	struct bench *b = bench(SPLIT, "");
	struct vbuf buf = { RIG_RAM2, 8, true };
	unsigned token;
	uint32_t len;

	b->s->vdev.queue[0]->poll_adapts = true;
	vdriver_start(&b->d, SPLIT);
	rig_advance_ns(&b->r, 1000000);
	rig_poll(&b->r);	   /* the start's poll is in vain, too */
	vdq_do(&b->d, 0, &buf, 1); /* after a long pause */
	for (unsigned i = 0; i < sizeof(kicks) / sizeof(kicks[0]); i++)
		CHECK_EQ(kicks_before_a_vain_poll(b), kicks[i]);
	/* Polls that find something bring the others back. */
	for (unsigned i = 0; i < 64; i++)
		vdq_do(&b->d, 0, &buf, 1);
	CHECK(b->s->vdev.queue[0]->polling);
	for (unsigned i = 0; i < 6; i++) {
		rig_advance_ns(&b->r, 50000);
		rig_poll(&b->r);
		CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
		CHECK(!vdq_wants_kick(&b->d, 0));
		rig_poll(&b->r);
		CHECK(vdq_get(&b->d, 0, &token, &len));
	}
	CHECK_EQ(b->s->vdev.queue[0]->poll_vain, 0);
	bench_free(b);
}

/* ---- bad drivers */

/* Kicks; expects the queue broken and nothing completed; resets and checks
 * that the device works again. */
static void check_broken(struct bench *b, unsigned i)
{
	unsigned token, irqs = b->d.config_irqs;
	uint64_t features = b->s->vdev.features;
	uint32_t len;
	struct vbuf buf = { RIG_RAM2, 8, true };

	vdq_kick_only(&b->d, i);
	rig_poll(&b->r);
	CHECK(vdriver_needs_reset(&b->d));
	CHECK_EQ(b->d.config_irqs, irqs + 1);
	CHECK(!vdq_get(&b->d, i, &token, &len));
	vdq_kick_only(&b->d, i); /* it stays so */
	rig_poll(&b->r);
	CHECK(vdriver_needs_reset(&b->d));
	vdriver_start(&b->d, features);
	CHECK(!vdriver_needs_reset(&b->d));
	vdq_do(&b->d, i, &buf, 1);
	bench_free(b);
}

/* A split chain that begins with descriptor 0, whose fields are given. */
static struct bench *bad_desc(uint64_t features, uint64_t addr, uint32_t len,
			      uint16_t flags, uint16_t next)
{
	struct bench *b = bench_of(features);

	vdq_desc(&b->d, b->d.q[0].desc, 0, addr, len, flags, next);
	vdq_avail_split(&b->d, 0, 0);
	return b;
}

TEST(virtq_breaks_on_a_looped_chain)
{
	check_broken(bad_desc(SPLIT, RIG_RAM, 1, VDESC_NEXT, 0), 0);
}

TEST(virtq_breaks_on_a_link_outside_the_table)
{
	check_broken(bad_desc(SPLIT, RIG_RAM, 1, VDESC_NEXT, ECHO_SIZE), 0);
	check_broken(bad_desc(SPLIT, RIG_RAM, 1, VDESC_NEXT, UINT16_MAX), 0);
}

TEST(virtq_breaks_on_a_head_outside_the_table)
{
	struct bench *b = bench_of(SPLIT);

	vdq_avail_split(&b->d, 0, ECHO_SIZE);
	check_broken(b, 0);
}

TEST(virtq_breaks_on_buffers_outside_memory)
{
	static const struct vbuf bad[] = {
		{ 0, 1, false },
		{ RIG_RAM - 1, 2, false },
		{ RIG_RAM2 + RIG_RAM2_SIZE - 1, 2, true },
		{ RIG_RAM2 + RIG_RAM2_SIZE, 1, true },
		{ UINT64_MAX, 1, true },
		{ UINT64_MAX - 4, 16, false },
		{ RIG_RAM, UINT32_MAX, true },
		{ RIG_ROM, 16, true }, /* read-only */
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_broken(bad_desc(SPLIT, bad[i].gpa, bad[i].len,
				      bad[i].write ? VDESC_WRITE : 0, 0),
			     0);
}

TEST(virtq_reads_from_rom)
{
	struct bench *b = bench_of(SPLIT);
	struct vbuf bufs[] = { { RIG_ROM, 16, false }, { RIG_RAM2, 16, true } };

	CHECK_EQ(vdq_do(&b->d, 0, bufs, 2), 16);
	bench_free(b);
}

TEST(virtq_breaks_on_readable_after_writable)
{
	struct bench *b = bench_of(SPLIT);
	struct vbuf bufs[] = { { RIG_RAM, 1, false },
			       { RIG_RAM2, 8, true },
			       { RIG_RAM, 1, false } };

	CHECK(vdq_add(&b->d, 0, bufs, 3) >= 0);
	check_broken(b, 0);
	b = bench_of(PACKED);
	CHECK(vdq_add(&b->d, 0, bufs, 3) >= 0);
	check_broken(b, 0);
	b = bench_of(SPLIT);
	bufs[1].len = 0; /* an empty one counts too */
	CHECK(vdq_add(&b->d, 0, bufs, 3) >= 0);
	check_broken(b, 0);
}

TEST(virtq_breaks_on_four_gibibytes)
{
	struct bench *b = bench_of(INDIRECT);
	struct vbuf bufs[600];

	/* The same 8 MiB over and over. */
	for (unsigned i = 0; i < 600; i++)
		bufs[i] = (struct vbuf){ RIG_RAM, 8u << 20, true };
	b->d.q[0].indirect = true;
	CHECK(vdq_add(&b->d, 0, bufs, 512) >= 0);
	check_broken(b, 0);
	b = bench_of(INDIRECT);
	b->d.q[2].indirect = true;
	CHECK(vdq_add(&b->d, 2, bufs, 511) >= 0);
	vdq_kick(&b->d, 2);
	CHECK_EQ(b->s->held[0]->wr_len, 511u * (8u << 20));
	bench_free(b);
}

TEST(virtq_breaks_on_an_index_that_jumps)
{
	struct bench *b = bench_of(SPLIT);

	vdq_avail_idx(&b->d, 0, ECHO_SIZE + 1);
	check_broken(b, 0);
	b = bench_of(EVENTS);
	vdq_avail_idx(&b->d, 0, UINT16_MAX); /* one back */
	check_broken(b, 0);
}

TEST(virtq_breaks_on_more_requests_than_entries)
{
	struct bench *b = bench_of(SPLIT);

	/* The same descriptor again and again, never completed. */
	vdq_desc(&b->d, b->d.q[2].desc, 0, RIG_RAM, 1, 0, 0);
	for (unsigned i = 0; i < ECHO_SIZE; i++)
		vdq_avail_split(&b->d, 2, 0);
	vdq_kick(&b->d, 2);
	CHECK_EQ(b->s->nheld, ECHO_SIZE);
	CHECK(!vdriver_needs_reset(&b->d));
	vdq_avail_split(&b->d, 2, 0);
	vdq_kick(&b->d, 2);
	CHECK(vdriver_needs_reset(&b->d));
	vdriver_start(&b->d, SPLIT);
	CHECK_EQ(b->s->nheld, 0);
	bench_free(b);
}

static gpa_t bad_table(struct bench *b, unsigned n)
{
	gpa_t table = vdriver_alloc(&b->d, 16 * n, 16);

	for (unsigned i = 0; i < n; i++)
		vdq_desc(&b->d, table, i, RIG_RAM, 1,
			 i + 1 < n ? VDESC_NEXT : 0, (uint16_t)(i + 1));
	return table;
}

static void check_bad_table(uint64_t features, uint64_t at, uint32_t len,
			    uint16_t flags)
{
	check_broken(bad_desc(features, at, len, VDESC_INDIRECT | flags, 1), 0);
}

TEST(virtq_breaks_on_bad_indirect_tables)
{
	struct bench *b;
	gpa_t table;

	check_bad_table(SPLIT, RIG_RAM2, 16, 0); /* not negotiated */
	check_bad_table(INDIRECT, RIG_RAM2, 16, VDESC_NEXT);
	check_bad_table(INDIRECT, RIG_RAM2, 0, 0);
	check_bad_table(INDIRECT, RIG_RAM2, 17, 0);
	check_bad_table(INDIRECT, 0, 16, 0);
	check_bad_table(INDIRECT, RIG_RAM2 + RIG_RAM2_SIZE - 16, 32, 0);

	b = bench_of(INDIRECT); /* nested */
	table = bad_table(b, 1);
	vdq_desc(&b->d, table, 0, table, 16, VDESC_INDIRECT, 0);
	vdq_desc(&b->d, b->d.q[0].desc, 0, table, 16, VDESC_INDIRECT, 0);
	vdq_avail_split(&b->d, 0, 0);
	check_broken(b, 0);

	b = bench_of(INDIRECT); /* nested, and the ring itself is the table */
	table = b->d.q[0].desc;
	vdq_desc(&b->d, table, 0, table, 16, VDESC_INDIRECT, 0);
	vdq_avail_split(&b->d, 0, 0);
	check_broken(b, 0);

	b = bench_of(INDIRECT); /* looped */
	table = bad_table(b, 4);
	vdq_desc(&b->d, table, 3, RIG_RAM, 1, VDESC_NEXT, 0);
	vdq_desc(&b->d, b->d.q[0].desc, 0, table, 64, VDESC_INDIRECT, 0);
	vdq_avail_split(&b->d, 0, 0);
	check_broken(b, 0);

	b = bench_of(INDIRECT); /* leaves the table */
	table = bad_table(b, 4);
	vdq_desc(&b->d, b->d.q[0].desc, 0, table, 48, VDESC_INDIRECT, 0);
	vdq_avail_split(&b->d, 0, 0);
	check_broken(b, 0);

	b = bench_of(INDIRECT); /* overlong */
	table = bad_table(b, VIRTQ_MAX_SIZE + 1);
	vdq_desc(&b->d, b->d.q[0].desc, 0, table, 16 * (VIRTQ_MAX_SIZE + 1),
		 VDESC_INDIRECT, 0);
	vdq_avail_split(&b->d, 0, 0);
	check_broken(b, 0);
}

TEST(virtq_takes_the_longest_table_and_an_unaligned_one)
{
	struct bench *b = bench_of(INDIRECT);
	gpa_t table = bad_table(b, VIRTQ_MAX_SIZE);
	uint8_t *p;

	vdq_desc(&b->d, b->d.q[2].desc, 0, table, 16 * VIRTQ_MAX_SIZE,
		 VDESC_INDIRECT, 0);
	vdq_avail_split(&b->d, 2, 0);
	vdq_kick(&b->d, 2);
	CHECK_EQ(b->s->nheld, 1);
	CHECK_EQ(b->s->held[0]->nrd, VIRTQ_MAX_SIZE);
	table = vdriver_alloc(&b->d, 64, 16) + 3;
	p = mem_run(&b->r.mem, table, 16);
	memcpy(p, mem_run(&b->r.mem, bad_table(b, 1), 16), 16);
	vdq_desc(&b->d, b->d.q[2].desc, 1, table, 16, VDESC_INDIRECT, 0);
	vdq_avail_split(&b->d, 2, 1);
	vdq_kick(&b->d, 2);
	CHECK_EQ(b->s->nheld, 2);
	CHECK_EQ(b->s->held[1]->rd_len, 1);
	bench_free(b);
}

TEST(virtq_packed_breaks_on_bad_tables)
{
	static const uint32_t len[] = { 0, 17, 16 * (VIRTQ_MAX_SIZE + 1) };

	for (unsigned i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
		struct bench *b = bench_of(PACKED | INDIRECT);
		struct vbuf buf = { RIG_RAM2, len[i], false };

		CHECK(vdq_add(&b->d, 0, &buf, 1) >= 0);
		CHECK_EQ(mem_store_le16(&b->r.mem, b->d.q[0].desc + 14,
					VDESC_INDIRECT | 1 << 7),
			 0);
		check_broken(b, 0);
	}
}

TEST(virtq_packed_breaks_on_a_chain_that_fills_the_ring)
{
	struct bench *b = bench_of(PACKED);

	for (unsigned i = 0; i < ECHO_SIZE; i++)
		vdq_desc(&b->d, b->d.q[0].desc, i, RIG_RAM, 1, 0,
			 VDESC_NEXT | 1 << 7);
	/* In a packed descriptor the flags come last. */
	check_broken(b, 0);
}

TEST(virtq_breaks_when_a_ring_lies_at_the_end_of_memory)
{
	static const uint64_t end = RIG_RAM2 + RIG_RAM2_SIZE;
	const struct {
		uint64_t desc, driver, device;
		bool ok;
	} at[] = {
		{ end - 16 * ECHO_SIZE, RIG_RAM, RIG_RAM + 64, true },
		{ end - 16 * ECHO_SIZE + 16, RIG_RAM, RIG_RAM + 64, false },
		{ RIG_RAM, end - 6 - 2 * ECHO_SIZE, RIG_RAM + 512, true },
		{ RIG_RAM, end - 4 - 2 * ECHO_SIZE, RIG_RAM + 512, false },
		{ RIG_RAM, RIG_RAM + 512, end - 8 - 8 * ECHO_SIZE, true },
		{ RIG_RAM, RIG_RAM + 512, end - 4 - 8 * ECHO_SIZE, false },
		{ end, end, end, false },
		{ 0, 0, 0, false },
		{ UINT64_MAX - 15, RIG_RAM, RIG_RAM + 64, false },
		{ RIG_RAM + 8, RIG_RAM + 512, RIG_RAM + 1024, false },
		{ RIG_RAM, RIG_RAM + 513, RIG_RAM + 1024, false },
		{ RIG_RAM, RIG_RAM + 512, RIG_RAM + 1026, false },
		{ RIG_RAM, RIG_RAM + 512, RIG_ROM, false },
	};

	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		struct bench *b = bench_of(SPLIT);
		struct virtq *q = b->d.q[0].q;

		CHECK(vdriver_negotiate(&b->d, SPLIT));
		device_lock(&b->s->vdev.dev);
		for (unsigned half = 0; half < 2; half++) {
			unsigned by = 32 * half;

			virtq_set_addr(q, &q->desc, half,
				       (uint32_t)(at[i].desc >> by));
			virtq_set_addr(q, &q->driver, half,
				       (uint32_t)(at[i].driver >> by));
			virtq_set_addr(q, &q->device, half,
				       (uint32_t)(at[i].device >> by));
		}
		virtq_enable(q);
		device_unlock(&b->s->vdev.dev);
		vdriver_ready(&b->d);
		CHECK_EQ(vdriver_needs_reset(&b->d), !at[i].ok);
		bench_free(b);
	}
}

TEST(virtq_breaks_on_a_split_ring_of_an_odd_size)
{
	struct bench *b = bench_of(SPLIT);

	CHECK(vdriver_negotiate(&b->d, SPLIT));
	vdriver_queue(&b->d, 0, 12);
	vdriver_ready(&b->d);
	CHECK(vdriver_needs_reset(&b->d));
	bench_free(b);
}

TEST(virtq_packed_takes_an_odd_size)
{
	struct bench *b = bench_of(PACKED);

	CHECK(vdriver_negotiate(&b->d, PACKED));
	vdriver_queue(&b->d, 0, 11);
	vdriver_ready(&b->d);
	for (unsigned i = 0; i < 30; i++)
		bench_echo(b, 0, 100, 1 + i % 5);
	CHECK(!vdriver_needs_reset(&b->d));
	bench_free(b);
}

TEST(virtq_lives_with_rings_on_top_of_each_other)
{
	for (unsigned i = 0; i < 64; i++) {
		struct bench *b = bench_of(SPLIT);
		struct virtq *q = b->s->vdev.queue[0];
		uint64_t features = i & 1 ? PACKED : EVENTS | INDIRECT;

		CHECK(vdriver_negotiate(&b->d, features));
		vdriver_queue(&b->d, 0, 0);
		device_lock(&b->s->vdev.dev);
		virtq_disable(q);
		virtq_set_addr(q, &q->desc, 0, RIG_RAM);
		virtq_set_addr(q, &q->driver, 0, RIG_RAM + 4 * (i / 2));
		virtq_set_addr(q, &q->device, 0, RIG_RAM + 8 * (i / 8));
		virtq_enable(q);
		device_unlock(&b->s->vdev.dev);
		vdriver_ready(&b->d);
		for (unsigned k = 0; k < 8; k++) {
			vdq_desc(&b->d, RIG_RAM, k, RIG_RAM, 64 * k,
				 k % 2 ? VDESC_WRITE : 0,
				 features & PACKED ? 0x80 : 1);
			vdq_kick_only(&b->d, 0);
			rig_poll(&b->r);
		}
		vdriver_start(&b->d, SPLIT);
		bench_echo(b, 0, 100, 2);
		bench_free(b);
	}
}

/* ---- a driver that changes descriptors while the device reads them */

struct scribbler {
	struct bench *b;
	bool stop;
};

static void *scribble(void *arg)
{
	struct scribbler *s = arg;
	unsigned seed = 1;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		unsigned i = (seed = seed * 1103515245 + 12345) >> 16;
		uint64_t *d = mem_run(&s->b->r.mem, RIG_RAM, 4096);
		/* Half of them make sense. */
		uint64_t addr = i & 1 ? RIG_RAM2 + i : (uint64_t)i << 20;
		uint64_t rest = (i & 0xfff) | (uint64_t)(i & 7) << 32 |
				(uint64_t)(i >> 3 & 31) << 48;

		d += 2 * (i % ECHO_SIZE);
		__atomic_store_n(&d[0], addr, __ATOMIC_RELAXED);
		__atomic_store_n(&d[1], rest, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void check_scribbled(uint64_t features)
{
	struct bench *b = bench_of(SPLIT);
	struct virtq *q = b->s->vdev.queue[0];
	struct scribbler s = { .b = b };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, scribble, &s), 0);
	for (unsigned i = 0; i < 300; i++) {
		CHECK(vdriver_negotiate(&b->d, features));
		b->d.brk = RIG_RAM + 0x10000;
		vdriver_queue(&b->d, 0, 0);
		device_lock(&b->s->vdev.dev);
		virtq_disable(q);
		virtq_set_addr(q, &q->desc, 0, RIG_RAM);
		virtq_set_addr(q, &q->driver, 0, (uint32_t)b->d.q[0].driver);
		virtq_set_addr(q, &q->device, 0, (uint32_t)b->d.q[0].device);
		virtq_enable(q);
		device_unlock(&b->s->vdev.dev);
		vdriver_ready(&b->d);
		for (unsigned k = 0; k < 64 && !vdriver_needs_reset(&b->d);
		     k++) {
			vdq_avail_split(&b->d, 0, (uint16_t)(k % ECHO_SIZE));
			vdq_kick_only(&b->d, 0);
			rig_poll(&b->r);
		}
	}
	__atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	/* How many made sense is the scheduler's; none of them did harm. */
	vdriver_start(&b->d, SPLIT);
	bench_echo(b, 0, 100, 2);
	bench_free(b);
}

TEST(virtq_lives_with_descriptors_that_change)
{
	check_scribbled(SPLIT);
	check_scribbled(INDIRECT);
}

TEST(virtq_ignores_kicks_on_disabled_queues)
{
	struct bench *b = bench_of(SPLIT);

	CHECK(vdriver_negotiate(&b->d, SPLIT));
	vdriver_queue(&b->d, 0, 0);
	vdq_kick_only(&b->d, 0); /* before DRIVER_OK */
	vdq_kick_only(&b->d, 1);
	rig_poll(&b->r);
	CHECK_EQ(b->s->served, 0);
	vdriver_ready(&b->d);
	for (unsigned i = 0; i < ECHO_QUEUES; i++)
		vdq_kick_only(&b->d, 0);
	virtq_kick(b->s->vdev.queue[1]); /* never enabled */
	rig_poll(&b->r);
	CHECK(!vdriver_needs_reset(&b->d));
	CHECK_EQ(b->s->starts, 1u + ECHO_QUEUES); /* bench_of()'s, and 0 */
	bench_free(b);
}

static void check_reset_in_flight(uint64_t features)
{
	struct bench *b = bench_of(features);
	struct vbuf buf = { RIG_RAM2, 8, true };

	for (unsigned i = 0; i < 5; i++)
		CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	vdq_kick(&b->d, 2);
	CHECK_EQ(b->s->nheld, 5);
	vdriver_reset(&b->d);
	CHECK_EQ(b->s->nheld, 0);
	CHECK_EQ(b->s->stops, ECHO_QUEUES);
	vdq_kick_only(&b->d, 2);
	rig_poll(&b->r);
	CHECK_EQ(b->s->served, 5);
	vdriver_start(&b->d, features);
	bench_echo(b, 0, 100, 2);
	bench_free(b);
}

TEST(virtio_reset_ends_requests_in_flight)
{
	check_reset_in_flight(SPLIT);
	check_reset_in_flight(PACKED | EVENTS);
}

static void check_queue_reset(uint64_t features)
{
	struct bench *b = bench_of(features | RESET);
	struct vbuf buf = { RIG_RAM2, 8, true };
	struct virtq *q = b->d.q[2].q;

	bench_echo(b, 0, 10, 1);
	for (unsigned i = 0; i < 3; i++)
		CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	vdq_kick(&b->d, 2);
	device_lock(&b->s->vdev.dev);
	virtq_reset(q);
	CHECK(!q->enabled);
	CHECK_EQ(q->size, q->max_size);
	device_unlock(&b->s->vdev.dev);
	CHECK_EQ(b->s->nheld, 0);
	bench_echo(b, 0, 10, 1); /* the others go on */
	vdriver_queue(&b->d, 2, 8);
	CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	vdq_kick(&b->d, 2);
	CHECK_EQ(b->s->nheld, 1);
	CHECK(!vdriver_needs_reset(&b->d));
	bench_free(b);
}

TEST(virtq_reset_leaves_other_queues_alone)
{
	check_queue_reset(SPLIT);
	check_queue_reset(PACKED);
}

TEST(virtq_reset_needs_the_feature)
{
	struct bench *b = bench_of(SPLIT);

	device_lock(&b->s->vdev.dev);
	virtq_reset(b->d.q[0].q);
	CHECK(b->d.q[0].q->enabled);
	device_unlock(&b->s->vdev.dev);
	bench_free(b);
}

static void check_pause(uint64_t features)
{
	struct bench *b = bench_of(features);
	struct vbuf buf = { RIG_RAM2, 8, true };
	unsigned token;
	uint32_t len;

	bench_echo(b, 0, 10, 1);
	CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	vdq_kick(&b->d, 2);
	virtio_device_stop(&b->s->vdev.dev);
	CHECK_EQ(b->s->nheld, 0);
	CHECK(vdq_get(&b->d, 2, &token, &len)); /* drained, and visible */
	CHECK(vdq_add(&b->d, 2, &buf, 1) >= 0);
	vdq_kick_only(&b->d, 2);
	rig_poll(&b->r);
	CHECK_EQ(b->s->nheld, 0);
	virtio_device_start(&b->s->vdev.dev);
	CHECK_EQ(b->s->nheld, 1);
	bench_echo(b, 0, 10, 1);
	bench_free(b);
}

TEST(virtio_pause_drains_and_resumes)
{
	check_pause(SPLIT);
	check_pause(EVENTS);
	check_pause(PACKED | EVENTS);
	check_pause(PACKED | IN_ORDER);
}
