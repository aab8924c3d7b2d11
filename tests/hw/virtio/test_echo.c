/* SPDX-License-Identifier: MIT */
/* A virtio device for tests of the core: it copies what it reads. */
#include <string.h>

#include "tests/hw/virtio/echo.h"

static struct echo *echo(struct virtio_device *v)
{
	return container_of(v, struct echo, vdev);
}

/* Queues count on different threads. */
static void echo_count(unsigned *n)
{
	__atomic_fetch_add(n, 1, __ATOMIC_RELEASE);
}

static uint32_t echo_copy(const struct virtq_elem *e)
{
	uint8_t buf[512];
	size_t off = 0, n, wrote;

	do {
		n = virtq_read(e, off, buf, sizeof(buf));
		wrote = virtq_write(e, off, buf, n);
		off += wrote;
	} while (n == sizeof(buf) && wrote == n);
	return (uint32_t)off;
}

static void echo_kick(struct virtq *q)
{
	struct echo *s = echo(q->vdev);
	struct virtq_elem *e;

	echo_count(&s->kicks);
	do {
		virtq_kicks_off(q);
		while ((e = virtq_pop(q))) {
			echo_count(&s->served);
			if (q->index == 2)
				s->held[s->nheld++] = e;
			else
				virtq_push(q, e, echo_copy(e));
		}
		virtq_notify(q);
	} while (virtq_kicks_on(q));
}

void echo_finish(struct echo *s, unsigned i, bool notify)
{
	struct virtq *q = s->vdev.queue[2];
	struct virtq_elem *e = s->held[i];

	memmove(&s->held[i], &s->held[i + 1],
		(--s->nheld - i) * sizeof(s->held[0]));
	virtq_push(q, e, echo_copy(e));
	if (notify)
		virtq_notify(q);
}

static void echo_queue_start(struct virtq *q)
{
	echo_count(&echo(q->vdev)->starts);
}

static void echo_queue_stop(struct virtq *q)
{
	struct echo *s = echo(q->vdev);

	echo_count(&s->stops);
	while (q->index == 2 && s->nheld)
		echo_finish(s, 0, false);
}

static bool echo_features_set(struct virtio_device *v, uint64_t features)
{
	(void)features;
	return !echo(v)->refuse;
}

static uint64_t echo_features(struct virtio_device *v)
{
	(void)v;
	return VIRTIO_BIT(ECHO_F_ODD);
}

static void echo_config_write(struct virtio_device *v, unsigned off,
			      const void *buf, unsigned len)
{
	if (off >= 4)
		virtio_config_set(v, off, buf, len);
}

static void echo_reset(struct virtio_device *v)
{
	echo(v)->resets++;
}

static void echo_driver_ok(struct virtio_device *v, bool ok)
{
	echo(v)->ok = ok;
}

static const struct virtio_ops echo_ops = {
	.id = 42,
	.pci_class = 0xff0000,
	.features = echo_features,
	.features_set = echo_features_set,
	.config_write = echo_config_write,
	.queue_start = echo_queue_start,
	.queue_stop = echo_queue_stop,
	.kick = echo_kick,
	.reset = echo_reset,
	.driver_ok = echo_driver_ok,
};

static int echo_realize(struct device *dev, struct err *err)
{
	struct echo *s = container_of(dev, struct echo, vdev.dev);
	int ret = virtio_realize(&s->vdev, &echo_ops, err);

	if (ret < 0)
		return ret;
	s->vdev.config_size = 8;
	virtio_config_set(&s->vdev, 0, "\1\2\3\4\5\6\7\10", 8);
	for (unsigned i = 0; i < ECHO_QUEUES; i++) {
		ret = virtio_add_queue(&s->vdev, ECHO_SIZE, false, ECHO_SEGS, i,
				       err);
		if (ret < 0) {
			virtio_unrealize(&s->vdev);
			return ret;
		}
	}
	return 0;
}

static void echo_unrealize(struct device *dev)
{
	virtio_unrealize(container_of(dev, struct virtio_device, dev));
}

static const struct prop echo_props[] = { VIRTIO_PROPS, { 0 } };

const struct device_class echo_class = {
	.name = "echo",
	.size = sizeof(struct echo),
	.space = SPACE_NONE,
	.props = echo_props,
	.init = virtio_device_defaults,
	.realize = echo_realize,
	.unrealize = echo_unrealize,
	.reset = virtio_device_reset,
	.start = virtio_device_start,
	.stop = virtio_device_stop,
};
