/* SPDX-License-Identifier: MIT */
/* "virtio-rng": the host's random numbers; virtio 1.2, section 5.4. */
#include "hw/virtio/rng.h"

#include <sys/random.h>

#define RNG_QUEUE_SIZE 64
/* No request takes the loop for longer; a device may write less than asked. */
#define RNG_MAX_REQUEST 65536

/* How much may be given away now, of the limit. */
static uint64_t virtio_rng_quota(struct virtio_rng *s)
{
	uint64_t now, period_ns = s->period_ms * 1000000;

	if (!s->max_bytes)
		return RNG_MAX_REQUEST;
	now = clock_now_ns(s->vdev.dev.env->clock);
	if (now >= s->period_end_ns) {
		s->left = s->max_bytes;
		s->period_end_ns = now + period_ns;
	}
	return s->left < RNG_MAX_REQUEST ? s->left : RNG_MAX_REQUEST;
}

/* Fills at most max bytes of e; how many it filled. */
static uint32_t virtio_rng_fill(const struct virtq_elem *e, uint64_t max)
{
	uint32_t done = 0;

	for (unsigned i = 0; i < e->nwr && done < max; i++) {
		size_t len = e->wr[i].iov_len;
		ssize_t n;

		if (len > max - done)
			len = max - done;
		n = getrandom(e->wr[i].iov_base, len, GRND_NONBLOCK);
		if (n > 0)
			done += (uint32_t)n;
		if (n < (ssize_t)len)
			break; /* interrupted; early in the host's boot */
	}
	return done;
}

static void virtio_rng_kick(struct virtq *q)
{
	struct virtio_rng *s = container_of(q->vdev, struct virtio_rng, vdev);
	struct virtq_elem *e;
	uint32_t n;

	do {
		virtq_kicks_off(q);
		while ((e = virtq_pop(q))) {
			uint64_t quota = virtio_rng_quota(s);

			if (!quota) {
				virtq_unpop(q, e);
				timer_arm(s->vdev.dev.env->clock, &s->timer,
					  s->period_end_ns);
				virtq_notify(q);
				return; /* until the timer kicks */
			}
			n = virtio_rng_fill(e, quota);
			if (s->max_bytes)
				s->left -= n;
			virtq_push(q, e, n);
		}
		virtq_notify(q);
	} while (virtq_kicks_on(q));
}

static void virtio_rng_queue_stop(struct virtq *q)
{
	struct virtio_rng *s = container_of(q->vdev, struct virtio_rng, vdev);

	timer_disarm(s->vdev.dev.env->clock, &s->timer);
}

static const struct virtio_ops virtio_rng_ops = {
	.id = VIRTIO_ID_RNG,
	.pci_class = 0x00ff00, /* unclassified */
	.queue_stop = virtio_rng_queue_stop,
	.kick = virtio_rng_kick,
};

static void virtio_rng_timer(void *opaque)
{
	virtq_kick(opaque);
}

static int virtio_rng_realize(struct device *dev, struct err *err)
{
	struct virtio_rng *s = container_of(dev, struct virtio_rng, vdev.dev);
	int ret = virtio_realize(&s->vdev, &virtio_rng_ops, err);

	if (ret < 0)
		return ret;
	ret = virtio_add_queue(&s->vdev, RNG_QUEUE_SIZE, false, 2, 0, err);
	if (ret < 0) {
		virtio_unrealize(&s->vdev);
		return ret;
	}
	s->timer = (struct timer){ .fire = virtio_rng_timer,
				   .opaque = s->vdev.queue[0] };
	return 0;
}

static void virtio_rng_unrealize(struct device *dev)
{
	virtio_unrealize(container_of(dev, struct virtio_device, dev));
}

static void virtio_rng_init(struct device *dev)
{
	virtio_device_defaults(dev);
	container_of(dev, struct virtio_rng, vdev.dev)->period_ms = 1000;
}

static const struct prop virtio_rng_props[] = {
	VIRTIO_PROPS,
	{ .name = "max-bytes",
	  .arg = "size",
	  .kind = PROP_SIZE,
	  .off = offsetof(struct virtio_rng, max_bytes),
	  .brief = "at most so many random bytes a period (default: any)" },
	{ .name = "period",
	  .arg = "ms",
	  .kind = PROP_UINT,
	  .off = offsetof(struct virtio_rng, period_ms),
	  .min = 1,
	  .max = 3600000,
	  .brief = "milliseconds of a period (default 1000)" },
	{ 0 }
};

const struct device_class virtio_rng_class = {
	.name = "virtio-rng",
	.brief = "random numbers from the host",
	.size = sizeof(struct virtio_rng),
	.space = SPACE_NONE,
	.props = virtio_rng_props,
	.init = virtio_rng_init,
	.realize = virtio_rng_realize,
	.unrealize = virtio_rng_unrealize,
	.reset = virtio_device_reset,
	.start = virtio_device_start,
	.stop = virtio_device_stop,
};
