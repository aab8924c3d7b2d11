/* SPDX-License-Identifier: MIT */
/* hw/virtio/rng: random bytes, bounded and metered. */
#include "hw/virtio/rng.h"
#include "tests/support/vdriver.h"
#include "tests/test.h"

struct bench {
	struct rig r;
	struct vdriver d;
};

static void bench(struct bench *b, const char *props)
{
	rig_init(&b->r);
	rig_device(&b->r, &virtio_rng_class, props, 0);
	vdriver_init(&b->d, &b->r,
		     container_of(b->r.dev, struct virtio_device, dev));
	vdriver_start(&b->d, VIRTIO_BIT(VIRTIO_F_EVENT_IDX));
}

TEST(virtio_rng_fills_every_writable_buffer_and_no_more)
{
	struct bench b;
	uint8_t *p;
	struct vbuf bufs[] = { { RIG_RAM2 + 512, 64, false },
			       { RIG_RAM2, 64, true },
			       { RIG_RAM2 + 128, 64, true } };
	unsigned zero = 0;

	bench(&b, NULL);
	p = mem_run(&b.r.mem, RIG_RAM2, 1024);
	CHECK_EQ(vdq_do(&b.d, 0, bufs, 3), 128);
	for (unsigned i = 0; i < 1024; i++) {
		if (i < 64 || (i >= 128 && i < 192))
			zero += p[i] == 0;
		else
			CHECK_EQ(p[i], 0);
	}
	CHECK(zero < 32);		       /* of 128 random ones */
	CHECK_EQ(vdq_do(&b.d, 0, bufs, 1), 0); /* nothing to write to */
	rig_destroy(&b.r);
}

TEST(virtio_rng_bounds_a_request)
{
	struct bench b;
	struct vbuf buf = { RIG_RAM2, RIG_RAM2_SIZE, true };

	bench(&b, NULL);
	CHECK_EQ(vdq_do(&b.d, 0, &buf, 1), 65536);
	rig_destroy(&b.r);
}

TEST(virtio_rng_keeps_to_its_rate)
{
	struct bench b;
	struct vbuf buf = { RIG_RAM2, 64, true };
	unsigned token;
	uint32_t len;

	bench(&b, "max-bytes=100,period=500");
	CHECK_EQ(vdq_do(&b.d, 0, &buf, 1), 64);
	CHECK_EQ(vdq_do(&b.d, 0, &buf, 1), 36);
	CHECK(vdq_add(&b.d, 0, &buf, 1) >= 0);
	vdq_kick(&b.d, 0);
	CHECK(!vdq_get(&b.d, 0, &token, &len));
	rig_advance_ns(&b.r, 499999999);
	rig_poll(&b.r);
	CHECK(!vdq_get(&b.d, 0, &token, &len));
	rig_advance_ns(&b.r, 1);
	rig_poll(&b.r);
	CHECK(vdq_get(&b.d, 0, &token, &len));
	CHECK_EQ(len, 64);
	/* Reset while it waits for the next period. */
	CHECK_EQ(vdq_do(&b.d, 0, &buf, 1), 36);
	CHECK(vdq_add(&b.d, 0, &buf, 1) >= 0);
	vdq_kick(&b.d, 0);
	vdriver_reset(&b.d);
	rig_advance_s(&b.r, 10);
	vdriver_start(&b.d, 0);
	CHECK_EQ(vdq_do(&b.d, 0, &buf, 1), 64);
	rig_destroy(&b.r);
}
