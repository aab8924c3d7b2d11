/* SPDX-License-Identifier: MIT */
/* The virtio device: status, features, configuration, life of its queues. */
#include "hw/virtio/virtio.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/core/log.h"
#include "hw/virtio/queue.h"

/* What a pause may last and be polled for; KVM polls for a halt as long. */
#define POLL_MAX_NS 200000u
/* Short pauses that are slept through at most before a poll is tried again. */
#define POLL_MAX_SKIP 63

void virtio_device_defaults(struct device *dev)
{
	struct virtio_device *v = container_of(dev, struct virtio_device, dev);

	v->poll_us = VIRTIO_POLL_AUTO;
	v->event_idx = true;
	v->indirect = true;
}

static uint64_t virtio_features(struct virtio_device *v)
{
	uint64_t f = VIRTIO_BIT(VIRTIO_F_VERSION_1) |
		     VIRTIO_BIT(VIRTIO_F_RING_RESET);

	if (v->indirect)
		f |= VIRTIO_BIT(VIRTIO_F_INDIRECT_DESC);
	if (v->event_idx)
		f |= VIRTIO_BIT(VIRTIO_F_EVENT_IDX);
	if (v->packed)
		f |= VIRTIO_BIT(VIRTIO_F_RING_PACKED);
	if (v->in_order)
		f |= VIRTIO_BIT(VIRTIO_F_IN_ORDER);
	if (v->access_platform)
		f |= VIRTIO_BIT(VIRTIO_F_ACCESS_PLATFORM);
	return f | (v->ops->features ? v->ops->features(v) : 0);
}

int virtio_set_loops(struct virtio_device *v, struct loop *const *loops,
		     unsigned n)
{
	struct loop **copy = malloc(n * sizeof(struct loop *));

	assert(!v->dev.realized && n);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, loops, n * sizeof(struct loop *));
	free(v->loops);
	v->loops = copy;
	v->nloops = n;
	return 0;
}

int virtio_realize(struct virtio_device *v, const struct virtio_ops *ops,
		   struct err *err)
{
	struct loop *const main_loop = v->dev.env->loop;

	if (v->queue_size & (v->queue_size - 1))
		return err_set(err, EINVAL,
			       "queue-size=%u is not a power of two",
			       (unsigned)v->queue_size);
	if (!v->nloops && virtio_set_loops(v, &main_loop, 1) < 0)
		return err_nomem(err, "a virtio device's loops");
	pthread_mutex_init(&v->config_lock, NULL);
	v->ops = ops;
	return 0;
}

static void virtq_ready(void *opaque, uint32_t events);
static bool virtq_idle(void *opaque);
static void virtio_stop_queues(struct virtio_device *v);

static void virtio_config_irq(struct virtio_device *v)
{
	if (v->transport)
		v->transport->config_irq(v->transport_opaque);
}

int virtio_add_queue(struct virtio_device *v, unsigned size, bool fixed,
		     unsigned segs, unsigned loop, struct err *err)
{
	struct virtq *q;
	int ret;

	assert(v->nqueues < VIRTIO_MAX_QUEUES && size <= VIRTQ_MAX_SIZE);
	q = calloc(1, sizeof(*q));
	if (!q)
		return err_nomem(err, "a virtqueue");
	if (v->queue_size && !fixed)
		size = (unsigned)v->queue_size;
	q->vdev = v;
	q->loop = v->loops[loop % v->nloops];
	q->index = (uint16_t)v->nqueues;
	q->max_size = (uint16_t)size;
	q->segs = (uint16_t)segs;
	q->poll_adapts = v->may_poll && v->poll_us == VIRTIO_POLL_AUTO;
	q->poll_ns = v->poll_us == VIRTIO_POLL_AUTO ? 0 : v->poll_us * 1000;
	q->idle = (struct loop_idle){ .run = virtq_idle, .opaque = q };
	q->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->kick_fd < 0) {
		ret = err_set(err, errno, "cannot make an eventfd: %s",
			      strerror(errno));
		goto fail;
	}
	q->kick = (struct loop_fd){ .fd = q->kick_fd,
				    .events = EPOLLIN | EPOLLET,
				    .ready = virtq_ready,
				    .opaque = q };
	ret = virtq_ring_new(q, err);
	if (ret < 0)
		goto fail_fd;
	v->queue[v->nqueues++] = q;
	return 0;
fail_fd:
	close(q->kick_fd);
fail:
	free(q);
	return ret;
}

void virtio_unrealize(struct virtio_device *v)
{
	device_lock(&v->dev);
	virtio_stop_queues(v);
	device_unlock(&v->dev);
	while (v->nqueues) {
		struct virtq *q = v->queue[--v->nqueues];

		virtq_ring_free(q);
		close(q->kick_fd);
		free(q);
		v->queue[v->nqueues] = NULL;
	}
	free(v->loops);
	v->loops = NULL;
	v->nloops = 0;
	pthread_mutex_destroy(&v->config_lock);
}

/* ---- a queue's life */

static bool virtq_polls(const struct virtq *q)
{
	return q->poll_adapts || q->poll_ns;
}

static void virtq_poll_begin(struct virtq *q)
{
	q->poll_since_ns = clock_now_ns(q->vdev->dev.env->clock);
	q->polling = true;
}

/*
 * Polling for a short pause costs less than the kick that ends it, which is an
 * exit for the guest and a wake-up for us; for a long one it costs a CPU.  The
 * last pause tells what the next will be like.  Where one poll after another
 * is in vain although pauses are short, the driver waits for the CPU that
 * polls: then most of them are slept through.
 */
static void virtq_poll_adapt(struct virtq *q)
{
	uint64_t now = clock_now_ns(q->vdev->dev.env->clock);
	bool brief = now - q->poll_since_ns <= POLL_MAX_NS;

	q->poll_ns = brief && !q->poll_skip ? POLL_MAX_NS : 0;
	if (brief && q->poll_skip)
		q->poll_skip--;
}

static void virtq_poll_found(struct virtq *q, uint64_t now)
{
	if (q->poll_waits)
		q->poll_vain /= 2;
	q->poll_waits = false;
	q->poll_since_ns = now;
}

static void virtq_poll_end(struct virtq *q)
{
	unsigned more = 2 * q->poll_vain + 1;

	q->polling = q->poll_waits = false;
	if (!q->poll_adapts || !q->poll_ns)
		return;
	q->poll_skip = q->poll_vain;
	q->poll_vain = more < POLL_MAX_SKIP ? more : POLL_MAX_SKIP;
}

static bool virtq_idle(void *opaque)
{
	struct virtq *q = opaque;
	uint64_t now;

	if (!q->polling)
		return false;
	now = clock_now_ns(q->vdev->dev.env->clock);
	if (virtq_pending(q)) {
		virtq_poll_found(q, now);
		virtq_ring_serve(q);
		return true;
	}
	q->poll_waits = true;
	if (now - q->poll_since_ns < q->poll_ns)
		return true;
	virtq_poll_end(q);
	if (!virtq_kicks_on(q))
		return false;
	virtq_poll_begin(q); /* something came at the last moment */
	return true;
}

/*
 * The kick fd is watched edge-triggered and never read: every write to it is
 * an edge, and the count does not matter.
 */
static void virtq_ready(void *opaque, uint32_t events)
{
	struct virtq *q = opaque;

	(void)events;
	if (virtq_is_broken(q))
		return;
	if (q->poll_adapts)
		virtq_poll_adapt(q);
	if (virtq_polls(q))
		virtq_poll_begin(q);
	virtq_ring_serve(q);
}

static void virtq_start_here(void *arg)
{
	struct virtq *q = arg;
	struct err err = { 0 };

	virtq_ring_open(q);
	if (virtq_is_broken(q))
		return;
	if (loop_add(q->loop, &q->kick, &err) < 0) {
		virtq_broken(q, "%s", err.msg);
		return;
	}
	if (virtq_polls(q))
		loop_idle_add(q->loop, &q->idle);
	q->started = true;
	if (q->vdev->ops->queue_start)
		q->vdev->ops->queue_start(q);
	q->resumes = true;
	virtq_kicks_on(q);
	virtq_ready(q, 0); /* for what was made available before */
}

static void virtq_stop_here(void *arg)
{
	struct virtq *q = arg;

	loop_del(&q->kick);
	loop_idle_del(q->loop, &q->idle);
	q->polling = false;
	if (q->started && q->vdev->ops->queue_stop)
		q->vdev->ops->queue_stop(q);
	q->started = false;
	virtq_ring_close(q);
}

static void virtq_start(struct virtq *q)
{
	struct virtio_device *v = q->vdev;

	assert_held(&v->dev);
	if (q->running || !q->enabled || v->stopped || v->no_dma ||
	    !(virtio_status(v) & VIRTIO_DRIVER_OK))
		return;
	q->running = true;
	loop_call(q->loop, virtq_start_here, q);
}

static void virtq_stop(struct virtq *q)
{
	assert_held(&q->vdev->dev);
	if (!q->running)
		return;
	loop_call(q->loop, virtq_stop_here, q);
	q->running = false;
}

static void virtio_start_queues(struct virtio_device *v)
{
	for (unsigned i = 0; i < v->nqueues; i++)
		virtq_start(v->queue[i]);
}

static void virtio_stop_queues(struct virtio_device *v)
{
	for (unsigned i = 0; i < v->nqueues; i++)
		virtq_stop(v->queue[i]);
}

void virtq_disable(struct virtq *q)
{
	q->resumes = false;
	virtq_stop(q);
	virtq_ring_rewind(q);
	q->enabled = false;
	q->size = q->max_size;
	q->desc = q->driver = q->device = 0;
}

void virtio_device_start(struct device *dev)
{
	struct virtio_device *v = container_of(dev, struct virtio_device, dev);

	device_lock(dev);
	v->stopped = false;
	virtio_start_queues(v);
	device_unlock(dev);
}

void virtio_device_stop(struct device *dev)
{
	struct virtio_device *v = container_of(dev, struct virtio_device, dev);

	device_lock(dev);
	virtio_stop_queues(v);
	v->stopped = true;
	device_unlock(dev);
}

void virtio_allow_dma(struct virtio_device *v, bool allow)
{
	assert_held(&v->dev);
	v->no_dma = !allow;
	if (allow)
		virtio_start_queues(v);
	else
		virtio_stop_queues(v);
}

void virtq_broken(struct virtq *q, const char *fmt, ...)
{
	struct virtio_device *v = q->vdev;
	char why[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	guest_error(v->dev.name, "queue %u: %s", q->index, why);
	virtq_ring_break(q);
	if (__atomic_fetch_or(&v->status, VIRTIO_NEEDS_RESET,
			      __ATOMIC_RELEASE) &
	    VIRTIO_DRIVER_OK)
		virtio_config_irq(v);
}

/* ---- status and features */

void virtio_device_reset(struct device *dev)
{
	struct virtio_device *v = container_of(dev, struct virtio_device, dev);
	bool was_ok = virtio_status(v) & VIRTIO_DRIVER_OK;

	assert_held(dev);
	v->offered = virtio_features(v);
	for (unsigned i = 0; i < v->nqueues; i++) {
		virtq_disable(v->queue[i]);
		__atomic_store_n(&v->queue[i]->vector, VIRTIO_NO_VECTOR,
				 __ATOMIC_RELAXED);
	}
	if (was_ok && v->ops->driver_ok)
		v->ops->driver_ok(v, false);
	v->features = 0;
	v->feature_select = v->driver_feature_select = 0;
	v->queue_select = 0;
	if (v->ops->reset)
		v->ops->reset(v);
	__atomic_store_n(&v->status, 0, __ATOMIC_RELEASE);
}

uint8_t virtio_status(const struct virtio_device *v)
{
	return (uint8_t)__atomic_load_n(&v->status, __ATOMIC_ACQUIRE);
}

uint32_t virtio_offered(const struct virtio_device *v, unsigned word)
{
	return word < 2 ? (uint32_t)(v->offered >> (32 * word)) : 0;
}

uint32_t virtio_accepted(const struct virtio_device *v, unsigned word)
{
	return word < 2 ? (uint32_t)(v->features >> (32 * word)) : 0;
}

void virtio_accept(struct virtio_device *v, unsigned word, uint32_t bits)
{
	assert_held(&v->dev);
	if (virtio_status(v) & VIRTIO_FEATURES_OK) {
		guest_error(v->dev.name, "features written after FEATURES_OK");
		return;
	}
	if (word > 1)
		return;
	v->features &= ~((uint64_t)UINT32_MAX << (32 * word));
	v->features |= (uint64_t)bits << (32 * word);
}

/* [3.1.1] step 5: whether the device can work with what the driver chose. */
static bool virtio_features_ok(struct virtio_device *v)
{
	if (v->features & ~v->offered) {
		guest_error(v->dev.name,
			    "features 0x%llx accepted but not offered",
			    (unsigned long long)(v->features & ~v->offered));
		return false;
	}
	if (!virtio_has(v, VIRTIO_F_VERSION_1)) {
		guest_error(v->dev.name, "the driver is older than virtio 1");
		return false;
	}
	return !v->ops->features_set || v->ops->features_set(v, v->features);
}

void virtio_set_status(struct virtio_device *v, uint8_t status)
{
	uint8_t old = virtio_status(v), add = status & ~old;

	assert_held(&v->dev);
	if (!status) {
		virtio_device_reset(&v->dev);
		return;
	}
	if (old & ~status & ~VIRTIO_NEEDS_RESET)
		guest_error(v->dev.name, "status 0x%x clears bits of 0x%x",
			    status, old);
	add &= (uint8_t)~VIRTIO_NEEDS_RESET; /* the device's own */
	if ((add & VIRTIO_FEATURES_OK) && !virtio_features_ok(v))
		add &= (uint8_t)~VIRTIO_FEATURES_OK;
	if ((add & VIRTIO_DRIVER_OK) && !((old | add) & VIRTIO_FEATURES_OK)) {
		guest_error(v->dev.name, "DRIVER_OK without FEATURES_OK");
		add &= (uint8_t)~VIRTIO_DRIVER_OK;
	}
	__atomic_fetch_or(&v->status, add, __ATOMIC_ACQ_REL);
	if (add & VIRTIO_DRIVER_OK) {
		if (v->ops->driver_ok)
			v->ops->driver_ok(v, true);
		virtio_start_queues(v);
	}
}

/* ---- configuration space */

uint32_t virtio_generation(const struct virtio_device *v)
{
	return __atomic_load_n(&v->generation, __ATOMIC_ACQUIRE);
}

void virtio_config_set(struct virtio_device *v, unsigned off, const void *buf,
		       unsigned len)
{
	assert(off <= VIRTIO_MAX_CONFIG && len <= VIRTIO_MAX_CONFIG - off);
	pthread_mutex_lock(&v->config_lock);
	memcpy(v->config + off, buf, len);
	pthread_mutex_unlock(&v->config_lock);
}

void virtio_config_update(struct virtio_device *v, unsigned off,
			  const void *buf, unsigned len)
{
	virtio_config_set(v, off, buf, len);
	__atomic_fetch_add(&v->generation, 1, __ATOMIC_RELEASE);
	if (virtio_status(v) & VIRTIO_DRIVER_OK)
		virtio_config_irq(v);
}

void virtio_config_read(struct virtio_device *v, unsigned off, void *buf,
			unsigned len)
{
	unsigned n = off < v->config_size ? v->config_size - off : 0;

	memset(buf, 0, len);
	pthread_mutex_lock(&v->config_lock);
	memcpy(buf, v->config + (n ? off : 0), n < len ? n : len);
	pthread_mutex_unlock(&v->config_lock);
}

void virtio_config_write(struct virtio_device *v, unsigned off, const void *buf,
			 unsigned len)
{
	assert_held(&v->dev);
	if (off >= v->config_size || len > v->config_size - off)
		guest_error(v->dev.name, "write beyond the configuration");
	else if (v->ops->config_write)
		v->ops->config_write(v, off, buf, len);
}

/* ---- what transports call of queues */

void virtio_attach(struct virtio_device *v,
		   const struct virtio_transport_ops *ops, void *opaque)
{
	v->transport = ops;
	v->transport_opaque = opaque;
}

struct virtq *virtio_queue(struct virtio_device *v, unsigned index)
{
	return index < v->nqueues ? v->queue[index] : NULL;
}

static bool virtq_may_set(const struct virtq *q)
{
	assert_held(&q->vdev->dev);
	if (!q->enabled)
		return true;
	guest_error(q->vdev->dev.name, "queue %u changed while enabled",
		    q->index);
	return false;
}

void virtq_set_size(struct virtq *q, unsigned size)
{
	if (!virtq_may_set(q))
		return;
	if (!size || size > q->max_size)
		guest_error(q->vdev->dev.name, "queue %u of %u entries",
			    q->index, size);
	else
		q->size = (uint16_t)size;
}

void virtq_set_addr(struct virtq *q, gpa_t *addr, unsigned half, uint32_t val)
{
	if (!virtq_may_set(q))
		return;
	*addr &= ~((uint64_t)UINT32_MAX << (32 * half));
	*addr |= (uint64_t)val << (32 * half);
}

void virtq_enable(struct virtq *q)
{
	assert_held(&q->vdev->dev);
	q->enabled = true;
	virtq_start(q);
}

void virtq_reset(struct virtq *q)
{
	assert_held(&q->vdev->dev);
	if (virtio_has(q->vdev, VIRTIO_F_RING_RESET))
		virtq_disable(q);
	else
		guest_error(q->vdev->dev.name,
			    "queue %u reset without the "
			    "feature",
			    q->index);
}

void virtq_kick(struct virtq *q)
{
	static const uint64_t one = 1;

	/* A full counter is a doorbell that rings already. */
	if (write(q->kick_fd, &one, sizeof(one)) < 0)
		return;
}
