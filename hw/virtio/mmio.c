/* SPDX-License-Identifier: MIT */
/* Virtio over MMIO, version 2: virtio 1.2, section 4.2. */
#include "hw/virtio/mmio.h"

#include <endian.h>

#include "hw/core/log.h"

/* Registers [4.2.2]; a device's configuration follows them. */
enum {
	MMIO_MAGIC = 0x000,
	MMIO_VERSION = 0x004,
	MMIO_DEVICE_ID = 0x008,
	MMIO_VENDOR_ID = 0x00c,
	MMIO_DEVICE_FEATURES = 0x010,
	MMIO_DEVICE_FEATURES_SEL = 0x014,
	MMIO_DRIVER_FEATURES = 0x020,
	MMIO_DRIVER_FEATURES_SEL = 0x024,
	MMIO_QUEUE_SEL = 0x030,
	MMIO_QUEUE_SIZE_MAX = 0x034,
	MMIO_QUEUE_SIZE = 0x038,
	MMIO_QUEUE_READY = 0x044,
	MMIO_QUEUE_NOTIFY = 0x050,
	MMIO_INTERRUPT_STATUS = 0x060,
	MMIO_INTERRUPT_ACK = 0x064,
	MMIO_STATUS = 0x070,
	MMIO_QUEUE_DESC_LOW = 0x080,
	MMIO_QUEUE_DESC_HIGH = 0x084,
	MMIO_QUEUE_DRIVER_LOW = 0x090,
	MMIO_QUEUE_DRIVER_HIGH = 0x094,
	MMIO_QUEUE_DEVICE_LOW = 0x0a0,
	MMIO_QUEUE_DEVICE_HIGH = 0x0a4,
	MMIO_SHM_LEN_LOW = 0x0b0,
	MMIO_SHM_LEN_HIGH = 0x0b4,
	MMIO_SHM_BASE_LOW = 0x0b8,
	MMIO_SHM_BASE_HIGH = 0x0bc,
	MMIO_QUEUE_RESET = 0x0c0,
	MMIO_CONFIG_GENERATION = 0x0fc,
	MMIO_CONFIG = 0x100,
};

#define MMIO_MAGIC_VALUE 0x74726976 /* "virt" */
#define MMIO_VENDOR	 0x314d4d56 /* "VMM1" */

enum { ISR_QUEUE = 1, ISR_CONFIG = 2 };

/* ---- interrupts */

static void virtio_mmio_raise(struct virtio_mmio *m, uint32_t bits)
{
	pthread_mutex_lock(&m->irq_lock);
	if (!m->isr)
		irq_set(&m->dev.irq, true);
	m->isr |= bits;
	pthread_mutex_unlock(&m->irq_lock);
}

static void virtio_mmio_ack(struct virtio_mmio *m, uint32_t bits)
{
	pthread_mutex_lock(&m->irq_lock);
	if (m->isr && !(m->isr & ~bits))
		irq_set(&m->dev.irq, false);
	m->isr &= ~bits;
	pthread_mutex_unlock(&m->irq_lock);
}

static uint32_t virtio_mmio_isr(struct virtio_mmio *m)
{
	uint32_t isr;

	pthread_mutex_lock(&m->irq_lock);
	isr = m->isr;
	pthread_mutex_unlock(&m->irq_lock);
	return isr;
}

static void virtio_mmio_queue_irq(void *opaque, struct virtq *q)
{
	(void)q;
	virtio_mmio_raise(opaque, ISR_QUEUE);
}

static void virtio_mmio_config_irq(void *opaque)
{
	virtio_mmio_raise(opaque, ISR_CONFIG);
}

static const struct virtio_transport_ops virtio_mmio_transport = {
	.queue_irq = virtio_mmio_queue_irq,
	.config_irq = virtio_mmio_config_irq,
};

/* ---- registers */

static uint32_t virtio_mmio_load(struct virtio_mmio *m, uint64_t off)
{
	struct virtio_device *v = m->vdev;
	const struct virtq *q = virtio_queue(v, v->queue_select);

	switch (off) {
	case MMIO_MAGIC: return MMIO_MAGIC_VALUE;
	case MMIO_VERSION: return 2;
	case MMIO_DEVICE_ID: return v->ops->id;
	case MMIO_VENDOR_ID: return MMIO_VENDOR;
	case MMIO_DEVICE_FEATURES: return virtio_offered(v, v->feature_select);
	case MMIO_QUEUE_SIZE_MAX: return q ? q->max_size : 0;
	case MMIO_QUEUE_READY: return q && q->enabled;
	case MMIO_INTERRUPT_STATUS: return virtio_mmio_isr(m);
	case MMIO_STATUS: return virtio_status(v);
	case MMIO_SHM_LEN_LOW:
	case MMIO_SHM_LEN_HIGH:
	case MMIO_SHM_BASE_LOW:
	case MMIO_SHM_BASE_HIGH: return UINT32_MAX; /* there are none */
	case MMIO_QUEUE_RESET: return 0; /* done when the write returns */
	case MMIO_CONFIG_GENERATION: return virtio_generation(v);
	default: return 0;
	}
}

static uint64_t virtio_mmio_read(void *opaque, uint64_t off, unsigned size)
{
	struct virtio_mmio *m = opaque;
	uint64_t val = 0;

	if (off >= MMIO_CONFIG) {
		virtio_config_read(m->vdev, (unsigned)(off - MMIO_CONFIG), &val,
				   size);
		return le64toh(val);
	}
	if (size == 4)
		return virtio_mmio_load(m, off);
	guest_error(m->dev.name, "a %u-byte read at 0x%x", size, (unsigned)off);
	return 0;
}

static void virtio_mmio_store_queue(struct virtq *q, uint64_t off, uint32_t val)
{
	unsigned half = off >> 2 & 1;

	switch (off) {
	case MMIO_QUEUE_SIZE: virtq_set_size(q, val); break;
	case MMIO_QUEUE_READY:
		if (val & 1)
			virtq_enable(q);
		else
			virtq_disable(q);
		break;
	case MMIO_QUEUE_DESC_LOW:
	case MMIO_QUEUE_DESC_HIGH:
		virtq_set_addr(q, &q->desc, half, val);
		break;
	case MMIO_QUEUE_DRIVER_LOW:
	case MMIO_QUEUE_DRIVER_HIGH:
		virtq_set_addr(q, &q->driver, half, val);
		break;
	case MMIO_QUEUE_DEVICE_LOW:
	case MMIO_QUEUE_DEVICE_HIGH:
		virtq_set_addr(q, &q->device, half, val);
		break;
	case MMIO_QUEUE_RESET:
		if (val & 1)
			virtq_reset(q);
		break;
	default: break;
	}
}

static void virtio_mmio_store(struct virtio_mmio *m, uint64_t off, uint32_t val)
{
	struct virtio_device *v = m->vdev;
	struct virtq *q;

	switch (off) {
	case MMIO_DEVICE_FEATURES_SEL: v->feature_select = val; break;
	case MMIO_DRIVER_FEATURES:
		virtio_accept(v, v->driver_feature_select, val);
		break;
	case MMIO_DRIVER_FEATURES_SEL: v->driver_feature_select = val; break;
	case MMIO_QUEUE_SEL:
		v->queue_select = val < VIRTIO_MAX_QUEUES ? (uint16_t)val
							  : UINT16_MAX;
		break;
	case MMIO_QUEUE_NOTIFY:
		/* Only what the doorbells let through: no such queue. */
		guest_error(m->dev.name, "queue %u does not exist", val);
		break;
	case MMIO_INTERRUPT_ACK: virtio_mmio_ack(m, val); break;
	case MMIO_STATUS:
		virtio_set_status(v, (uint8_t)val);
		if (!(uint8_t)val)
			virtio_mmio_ack(m, UINT32_MAX);
		break;
	default:
		q = virtio_queue(v, v->queue_select);
		if (q)
			virtio_mmio_store_queue(q, off, val);
		break;
	}
}

static void virtio_mmio_write(void *opaque, uint64_t off, uint64_t val,
			      unsigned size)
{
	struct virtio_mmio *m = opaque;

	if (off >= MMIO_CONFIG) {
		val = htole64(val);
		virtio_config_write(m->vdev, (unsigned)(off - MMIO_CONFIG),
				    &val, size);
	} else if (size == 4) {
		virtio_mmio_store(m, off, (uint32_t)val);
	} else {
		guest_error(m->dev.name, "a %u-byte write at 0x%x", size,
			    (unsigned)off);
	}
}

static const struct region_ops virtio_mmio_ops = {
	.read = virtio_mmio_read,
	.write = virtio_mmio_write,
	.min_size = 1,
	.max_size = 4,
};

/* ---- an empty slot */

static uint64_t virtio_mmio_empty_read(void *opaque, uint64_t off,
				       unsigned size)
{
	(void)opaque;
	if (size != 4)
		return 0;
	return off == MMIO_MAGIC     ? MMIO_MAGIC_VALUE
	       : off == MMIO_VERSION ? 2
				     : 0;
}

static const struct region_ops virtio_mmio_empty_ops = {
	.read = virtio_mmio_empty_read,
	.min_size = 1,
	.max_size = 4,
};

/* ---- the class */

void virtio_mmio_set_device(struct virtio_mmio *m, struct virtio_device *v)
{
	assert(!m->dev.realized);
	m->vdev = v;
}

static int virtio_mmio_doorbells(struct virtio_mmio *m, struct err *err)
{
	for (unsigned i = 0; i < m->vdev->nqueues; i++) {
		const struct doorbell d = { .off = MMIO_QUEUE_NOTIFY,
					    .size = 4,
					    .match = true,
					    .value = i,
					    .fd = m->vdev->queue[i]->kick_fd };
		int ret = region_doorbell_add(&m->dev.region, &d);

		if (ret < 0)
			return err_set(err, -ret,
				       "cannot add a doorbell for queue %u", i);
	}
	return 0;
}

static int virtio_mmio_realize(struct device *dev, struct err *err)
{
	struct virtio_mmio *m = container_of(dev, struct virtio_mmio, dev);
	int ret;

	if (!m->vdev) {
		device_region(dev, &virtio_mmio_empty_ops);
		return 0;
	}
	assert(m->vdev->dev.realized);
	device_region(dev, &virtio_mmio_ops);
	dev->region.dev = &m->vdev->dev; /* one lock for both */
	ret = virtio_mmio_doorbells(m, err);
	if (ret < 0)
		return ret;
	pthread_mutex_init(&m->irq_lock, NULL);
	virtio_attach(m->vdev, &virtio_mmio_transport, m);
	return 0;
}

static void virtio_mmio_unrealize(struct device *dev)
{
	struct virtio_mmio *m = container_of(dev, struct virtio_mmio, dev);

	if (!m->vdev)
		return;
	device_reset(&m->vdev->dev); /* the loops may interrupt until then */
	virtio_attach(m->vdev, NULL, NULL);
	pthread_mutex_destroy(&m->irq_lock);
}

static void virtio_mmio_reset(struct device *dev)
{
	struct virtio_mmio *m = container_of(dev, struct virtio_mmio, dev);

	if (m->vdev)
		virtio_mmio_ack(m, UINT32_MAX);
}

const struct device_class virtio_mmio_class = {
	.name = "virtio-mmio",
	.brief = "virtio transport on the system bus",
	.compatible = "virtio,mmio",
	.acpi_hid = "LNRO0005",
	.size = sizeof(struct virtio_mmio),
	.space = SPACE_MMIO,
	.region_size = 0x200,
	.realize = virtio_mmio_realize,
	.unrealize = virtio_mmio_unrealize,
	.reset = virtio_mmio_reset,
};
