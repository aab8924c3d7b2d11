/* SPDX-License-Identifier: MIT */
/* hw/virtio/mmio: registers, doorbells, the level-triggered interrupt. */
#include <stdlib.h>

#include "hw/virtio/mmio.h"
#include "tests/hw/virtio/echo.h"
#include "tests/support/vdriver.h"
#include "tests/test.h"

#define LINE 7

struct slot {
	struct rig r;
	struct virtio_mmio *m;
	struct echo *s;
	struct vdriver d; /* for its rings only */
};

static uint32_t get(struct slot *t, unsigned reg)
{
	return rig_read32(&t->r, reg);
}

static void set(struct slot *t, unsigned reg, uint32_t val)
{
	rig_write32(&t->r, reg, val);
}

static struct slot *slot(void)
{
	struct slot *t = calloc(1, sizeof(*t));
	struct device *dev;
	struct err err = { 0 };

	assert_non_null(t);
	rig_init(&t->r);
	dev = device_new(&echo_class, "echo.0");
	t->s = container_of(dev, struct echo, vdev.dev);
	assert_int_equal(device_realize(dev, &t->r.env, &err), 0);
	t->m = device_new(&virtio_mmio_class, "virtio-mmio.0");
	virtio_mmio_set_device(t->m, &t->s->vdev);
	t->r.dev = &t->m->dev;
	t->m->dev.irq = (struct irq){ &t->r.chip, LINE };
	assert_int_equal(device_realize(t->r.dev, &t->r.env, &err), 0);
	assert_int_equal(bus_add(&t->r.mmio, 0, &t->m->dev.region, &err), 0);
	return t;
}

static void slot_free(struct slot *t)
{
	device_free(&t->m->dev);
	t->r.dev = NULL;
	device_free(&t->s->vdev.dev);
	rig_destroy(&t->r);
	free(t);
}

/* As Linux's driver does it, for queue 0; the rings are made by vdriver. */
static void slot_start(struct slot *t)
{
	struct vdq *vq = &t->d.q[0];

	t->d = (struct vdriver){ .rig = &t->r,
				 .v = &t->s->vdev,
				 .brk = RIG_RAM };
	set(t, 0x70, 0);
	set(t, 0x70, 1);
	set(t, 0x70, 3);
	set(t, 0x24, 1);
	set(t, 0x20, 1);
	set(t, 0x24, 0);
	set(t, 0x20, 0);
	set(t, 0x70, 11);
	CHECK_EQ(get(t, 0x70), 11);
	vdriver_queue(&t->d, 0, 8); /* allocates, and enables */
	set(t, 0x30, 0);
	set(t, 0x44, 0);
	CHECK_EQ(get(t, 0x44), 0);
	CHECK_EQ(get(t, 0x34), ECHO_SIZE);
	set(t, 0x38, 8);
	set(t, 0x80, (uint32_t)vq->desc);
	set(t, 0x84, 0);
	set(t, 0x90, (uint32_t)vq->driver);
	set(t, 0x94, 0);
	set(t, 0xa0, (uint32_t)vq->device);
	set(t, 0xa4, 0);
	set(t, 0x44, 1);
	CHECK_EQ(get(t, 0x44), 1);
	set(t, 0x70, 15);
	CHECK_EQ(get(t, 0x70), 15);
	CHECK(t->s->ok);
}

TEST(virtio_mmio_says_what_it_is)
{
	struct slot *t = slot();

	CHECK_EQ(get(t, 0), 0x74726976);
	CHECK_EQ(get(t, 4), 2);
	CHECK_EQ(get(t, 8), 42);
	CHECK_EQ(get(t, 0x10), t->s->vdev.offered & UINT32_MAX);
	set(t, 0x14, 1);
	CHECK_EQ(get(t, 0x10), t->s->vdev.offered >> 32);
	set(t, 0x14, 2);
	CHECK_EQ(get(t, 0x10), 0);
	CHECK_EQ(get(t, 0xb0), UINT32_MAX); /* no shared memory */
	set(t, 0x30, ECHO_QUEUES);
	CHECK_EQ(get(t, 0x34), 0);
	set(t, 0x30, 0x10000); /* not queue 0 */
	CHECK_EQ(get(t, 0x34), 0);
	CHECK_EQ(rig_read16(&t->r, 0), 0); /* not a size it has */
	slot_free(t);
}

TEST(virtio_mmio_serves_a_queue)
{
	struct slot *t = slot();
	struct vbuf bufs[] = { { RIG_RAM2, 5, false },
			       { RIG_RAM2 + 8, 5, true } };
	unsigned token;
	uint32_t len;

	slot_start(t);
	CHECK_EQ(mem_write(&t->r.mem, RIG_RAM2, "hello", 5), 0);
	CHECK(vdq_add(&t->d, 0, bufs, 2) >= 0);
	set(t, 0x50, 0);
	rig_poll(&t->r);
	CHECK(vdq_get(&t->d, 0, &token, &len));
	CHECK_EQ(len, 5);
	CHECK_MEM(mem_run(&t->r.mem, RIG_RAM2 + 8, 5), "hello", 5);
	CHECK_EQ(get(t, 0x60), 1);
	CHECK(t->r.level[LINE]);
	set(t, 0x64, 2); /* not what is pending */
	CHECK(t->r.level[LINE]);
	set(t, 0x64, 1);
	CHECK(!t->r.level[LINE]);
	CHECK_EQ(get(t, 0x60), 0);
	set(t, 0x50, 99); /* no such queue */
	rig_poll(&t->r);
	CHECK_EQ(t->s->served, 1);
	slot_free(t);
}

TEST(virtio_mmio_keeps_the_line_up_while_anything_is_pending)
{
	struct slot *t = slot();
	struct vbuf buf = { RIG_RAM2, 5, true };

	slot_start(t);
	CHECK(vdq_add(&t->d, 0, &buf, 1) >= 0);
	set(t, 0x50, 0);
	rig_poll(&t->r);
	virtio_config_update(&t->s->vdev, 0, "x", 1);
	CHECK_EQ(get(t, 0x60), 3);
	set(t, 0x64, 1);
	CHECK(t->r.level[LINE]);
	set(t, 0x64, 2);
	CHECK(!t->r.level[LINE]);
	CHECK_EQ(rig_take_rises(&t->r, LINE), 1);
	virtio_config_update(&t->s->vdev, 0, "y", 1);
	CHECK(t->r.level[LINE]);
	set(t, 0x70, 0);
	CHECK(!t->r.level[LINE]);
	slot_free(t);
}

TEST(virtio_mmio_configuration_and_generation)
{
	struct slot *t = slot();
	uint32_t gen = get(t, 0xfc);

	CHECK_EQ(get(t, 0x100), 0x04030201);
	CHECK_EQ(rig_read8(&t->r, 0x107), 8);
	CHECK_EQ(rig_read16(&t->r, 0x106), 0x0807);
	CHECK_EQ(get(t, 0x108), 0); /* beyond its end */
	set(t, 0x104, 0xaabbccdd);
	CHECK_EQ(get(t, 0x104), 0xaabbccdd);
	set(t, 0x100, 0); /* read-only to the driver */
	CHECK_EQ(get(t, 0x100), 0x04030201);
	CHECK_EQ(get(t, 0xfc), gen);
	virtio_config_update(&t->s->vdev, 0, "z", 1);
	CHECK(get(t, 0xfc) != gen);
	CHECK(!t->r.level[LINE]); /* the driver is not there yet */
	slot_free(t);
}

TEST(virtio_mmio_queue_reset_and_not_ready)
{
	struct slot *t = slot();

	slot_start(t);
	set(t, 0x44, 0);
	CHECK_EQ(get(t, 0x44), 0);
	CHECK_EQ(t->s->stops, 1);
	set(t, 0xc0, 1); /* without the feature */
	CHECK_EQ(get(t, 0xc0), 0);
	slot_free(t);
}

TEST(virtio_mmio_empty_slot_has_no_device)
{
	struct rig r;

	rig_init(&r);
	rig_device(&r, &virtio_mmio_class, NULL, LINE);
	CHECK_EQ(rig_read32(&r, 0), 0x74726976);
	CHECK_EQ(rig_read32(&r, 4), 2);
	CHECK_EQ(rig_read32(&r, 8), 0);
	CHECK_EQ(rig_read32(&r, 0x34), 0);
	rig_write32(&r, 0x70, 1);
	CHECK_EQ(rig_read32(&r, 0x70), 0);
	rig_destroy(&r);
}
