/* SPDX-License-Identifier: MIT */
/* hw/virtio/virtio: status, features, configuration, threads. */
#include <errno.h>
#include <stdlib.h>

#include "tests/hw/virtio/echo.h"
#include "tests/support/vdriver.h"
#include "tests/test.h"

struct bench {
	struct rig r;
	struct echo *s;
	struct vdriver d;
};

static void bench(struct bench *b, const char *props)
{
	rig_init(&b->r);
	b->s = container_of(rig_device(&b->r, &echo_class, props, 0),
			    struct echo, vdev.dev);
	vdriver_init(&b->d, &b->r, &b->s->vdev);
}

TEST(virtio_offers_what_the_properties_say)
{
	struct bench b;

	bench(&b, "packed,event-idx=off,indirect=off,access-platform");
	CHECK_EQ(virtio_offered(&b.s->vdev, 0), 1u << ECHO_F_ODD);
	CHECK_EQ(virtio_offered(&b.s->vdev, 1), 1 | 1 << 1 | 1 << 2 | 1 << 8);
	rig_destroy(&b.r);
}

TEST(virtio_refuses_features_it_did_not_offer)
{
	struct bench b;

	bench(&b, NULL);
	CHECK(!vdriver_negotiate(&b.d, VIRTIO_BIT(VIRTIO_F_RING_PACKED)));
	CHECK(!vdriver_negotiate(&b.d, VIRTIO_BIT(1)));
	CHECK(vdriver_negotiate(&b.d, VIRTIO_BIT(ECHO_F_ODD)));
	CHECK(virtio_has(&b.s->vdev, ECHO_F_ODD));
	b.s->refuse = true;
	CHECK(!vdriver_negotiate(&b.d, 0));
	rig_destroy(&b.r);
}

TEST(virtio_refuses_legacy_drivers)
{
	struct bench b;

	bench(&b, NULL);
	vdriver_status(&b.d, 3);
	vdriver_status(&b.d, 11);
	CHECK_EQ(virtio_status(&b.s->vdev), 3);
	vdriver_status(&b.d, 7); /* DRIVER_OK without FEATURES_OK */
	CHECK_EQ(virtio_status(&b.s->vdev), 3);
	CHECK(!b.s->ok);
	rig_destroy(&b.r);
}

TEST(virtio_fixes_features_once_they_are_agreed_on)
{
	struct bench b;

	bench(&b, NULL);
	CHECK(vdriver_negotiate(&b.d, 0));
	device_lock(&b.s->vdev.dev);
	virtio_accept(&b.s->vdev, 0, UINT32_MAX);
	device_unlock(&b.s->vdev.dev);
	CHECK_EQ(virtio_accepted(&b.s->vdev, 0), 0);
	vdriver_status(&b.d, 1); /* bits are only ever added */
	CHECK_EQ(virtio_status(&b.s->vdev), 11);
	vdriver_status(&b.d, 11 | VIRTIO_NEEDS_RESET);
	CHECK_EQ(virtio_status(&b.s->vdev), 11);
	vdriver_status(&b.d, 11 | VIRTIO_FAILED);
	CHECK_EQ(virtio_status(&b.s->vdev), 11 | VIRTIO_FAILED);
	rig_destroy(&b.r);
}

TEST(virtio_reset_forgets_everything)
{
	struct bench b;
	unsigned resets;

	bench(&b, NULL);
	vdriver_start(&b.d, 0);
	CHECK(b.s->ok);
	CHECK_EQ(b.s->starts, ECHO_QUEUES);
	resets = b.s->resets;
	vdriver_reset(&b.d);
	CHECK(!b.s->ok);
	CHECK_EQ(b.s->resets, resets + 1);
	CHECK_EQ(b.s->stops, ECHO_QUEUES);
	CHECK_EQ(virtio_accepted(&b.s->vdev, 1), 0);
	CHECK_EQ(b.s->vdev.queue[0]->desc, 0);
	CHECK(!b.s->vdev.queue[0]->enabled);
	rig_destroy(&b.r);
}

TEST(virtio_keeps_an_enabled_queue_as_it_is)
{
	struct bench b;
	struct virtq *q;

	bench(&b, NULL);
	vdriver_start(&b.d, 0);
	q = b.s->vdev.queue[0];
	device_lock(&b.s->vdev.dev);
	virtq_set_size(q, 2);
	virtq_set_addr(q, &q->desc, 0, 0);
	CHECK_EQ(q->size, ECHO_SIZE);
	CHECK_EQ(q->desc, b.d.q[0].desc);
	virtq_disable(q);
	virtq_set_size(q, 0);
	virtq_set_size(q, ECHO_SIZE * 2);
	CHECK_EQ(q->size, ECHO_SIZE);
	device_unlock(&b.s->vdev.dev);
	rig_destroy(&b.r);
}

TEST(virtio_configuration_interrupts_only_a_driver_that_is_there)
{
	struct bench b;

	bench(&b, NULL);
	virtio_config_update(&b.s->vdev, 0, "x", 1);
	CHECK_EQ(b.d.config_irqs, 0);
	vdriver_start(&b.d, 0);
	virtio_config_update(&b.s->vdev, 0, "x", 1);
	CHECK_EQ(b.d.config_irqs, 1);
	CHECK_EQ(virtio_generation(&b.s->vdev), 2);
	rig_destroy(&b.r);
}

TEST(virtio_queue_size_is_a_power_of_two)
{
	struct rig r;
	struct err err = { 0 };
	struct device *dev = device_new(&echo_class, "echo");

	rig_init(&r);
	CHECK_EQ(device_configure(dev, "queue-size=48", &err), 0);
	CHECK_EQ(device_realize(dev, &r.env, &err), -EINVAL);
	CHECK_STR(err.msg, "queue-size=48 is not a power of two");
	device_free(dev);
	rig_destroy(&r);
}

/* ---- with queues on I/O threads */

/* Until the I/O thread has served so many requests. */
static void spin_until(struct bench *b, unsigned served)
{
	UNTIL(__atomic_load_n(&b->s->served, __ATOMIC_ACQUIRE) >= served);
}

TEST(virtio_queues_run_on_their_io_threads)
{
	struct bench b = { 0 };
	struct iothread io[2] = { 0 };
	struct err err = { 0 };
	struct vbuf bufs[] = { { RIG_RAM, 64, false }, { RIG_RAM2, 64, true } };

	rig_init(&b.r);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(iothread_start(&io[i], i ? "b" : "a", &err),
				 0);
	b.r.dev = device_new(&echo_class, "echo");
	b.s = container_of(b.r.dev, struct echo, vdev.dev);
	CHECK_EQ(virtio_set_loops(&b.s->vdev,
				  (struct loop *[]){ io[0].loop, io[1].loop },
				  2),
		 0);
	assert_int_equal(device_realize(b.r.dev, &b.r.env, &err), 0);
	CHECK(b.s->vdev.queue[0]->loop == io[0].loop);
	CHECK(b.s->vdev.queue[1]->loop == io[1].loop);
	CHECK(b.s->vdev.queue[2]->loop == io[0].loop);
	vdriver_init(&b.d, &b.r, &b.s->vdev);
	for (unsigned lap = 0; lap < 50; lap++) {
		unsigned before;

		/* Both threads count; only queue 1 and 2 in turn here. */
		vdriver_start(&b.d, VIRTIO_BIT(VIRTIO_F_EVENT_IDX));
		b.d.brk = RIG_RAM + 0x10000;
		before = b.s->served;
		for (unsigned i = 0; i < 4; i++) {
			CHECK(vdq_add(&b.d, 1, bufs, 2) >= 0);
			vdq_kick_only(&b.d, 1);
		}
		if (lap % 2)
			spin_until(&b, before + 4);
		vdriver_reset(&b.d); /* with or without some in flight */
	}
	CHECK(!vdriver_needs_reset(&b.d));
	device_free(b.r.dev);
	b.r.dev = NULL;
	iothread_stop(&io[0]);
	iothread_stop(&io[1]);
	rig_destroy(&b.r);
}
