/* SPDX-License-Identifier: MIT */
/* Virtio over PCI, modern only: virtio 1.2, section 4.1. */
#include "hw/virtio/pci.h"

#include <endian.h>
#include <linux/pci_regs.h>
#include <stdlib.h>

#include "hw/core/log.h"

/* Our BAR 0: a page for each structure, so that a guest may map them apart. */
enum {
	BAR_COMMON = 0x0000,
	BAR_ISR = 0x1000,
	BAR_DEVICE = 0x2000,
	BAR_NOTIFY = 0x3000,
	BAR_SIZE = 0x4000,
};
#define BAR_MSIX	2
#define NOTIFY_STRIDE	4 /* bytes from one queue's doorbell to the next */
#define COMMON_SIZE	64
#define PCI_VENDOR	0x1af4
#define PCI_DEVICE_BASE 0x1040
#define PCI_SUBSYS	0x1100
#define PCI_CAP_VENDOR	0x09

/* Types of capabilities [4.1.4]. */
enum { CAP_COMMON = 1, CAP_NOTIFY, CAP_ISR, CAP_DEVICE, CAP_PCI };
/* Fields of a capability; the last one depends on the type. */
enum {
	CAP_LEN = 2,
	CAP_TYPE = 3,
	CAP_BAR = 4,
	CAP_OFFSET = 8,
	CAP_LENGTH = 12,
	CAP_MULTIPLIER = 16,
	CAP_DATA = 16,
};

/* The common configuration structure [4.1.4.3]. */
enum {
	COMMON_DEVICE_FEATURE_SELECT = 0,
	COMMON_DEVICE_FEATURE = 4,
	COMMON_DRIVER_FEATURE_SELECT = 8,
	COMMON_DRIVER_FEATURE = 12,
	COMMON_CONFIG_VECTOR = 16,
	COMMON_NUM_QUEUES = 18,
	COMMON_STATUS = 20,
	COMMON_GENERATION = 21,
	COMMON_QUEUE_SELECT = 22,
	COMMON_QUEUE_SIZE = 24,
	COMMON_QUEUE_VECTOR = 26,
	COMMON_QUEUE_ENABLE = 28,
	COMMON_QUEUE_NOTIFY_OFF = 30,
	COMMON_QUEUE_DESC = 32,
	COMMON_QUEUE_DRIVER = 40,
	COMMON_QUEUE_DEVICE = 48,
	COMMON_QUEUE_RESET = 58,
};

enum { ISR_QUEUE = 1, ISR_CONFIG = 2 };

/* ---- interrupts */

static void virtio_pci_raise(struct virtio_pci *p, uint8_t bits)
{
	pthread_mutex_lock(&p->irq_lock);
	if (!p->isr)
		pci_set_irq(&p->pci, true);
	p->isr |= bits;
	pthread_mutex_unlock(&p->irq_lock);
}

/* Reading acknowledges [4.1.4.5]. */
static uint8_t virtio_pci_take_isr(struct virtio_pci *p)
{
	uint8_t isr;

	pthread_mutex_lock(&p->irq_lock);
	isr = p->isr;
	p->isr = 0;
	if (isr)
		pci_set_irq(&p->pci, false);
	pthread_mutex_unlock(&p->irq_lock);
	return isr;
}

static void virtio_pci_vector(struct virtio_pci *p, const uint16_t *vector,
			      uint8_t isr)
{
	if (msix_enabled(&p->pci))
		/* VIRTIO_NO_VECTOR is beyond any vector there is. */
		msix_notify(&p->pci, __atomic_load_n(vector, __ATOMIC_RELAXED));
	else
		virtio_pci_raise(p, isr);
}

static void virtio_pci_queue_irq(void *opaque, struct virtq *q)
{
	virtio_pci_vector(opaque, &q->vector, ISR_QUEUE);
}

static void virtio_pci_config_irq(void *opaque)
{
	struct virtio_pci *p = opaque;

	virtio_pci_vector(p, &p->config_vector, ISR_CONFIG);
}

static const struct virtio_transport_ops virtio_pci_transport = {
	.queue_irq = virtio_pci_queue_irq,
	.config_irq = virtio_pci_config_irq,
};

static void virtio_pci_set_vector(struct virtio_pci *p, uint16_t *vector,
				  uint32_t val)
{
	/* One that cannot be had reads back as none [4.1.5.1.2]. */
	__atomic_store_n(vector,
			 val < p->pci.msix.n ? (uint16_t)val : VIRTIO_NO_VECTOR,
			 __ATOMIC_RELAXED);
}

/* ---- the common structure */

static uint32_t virtio_pci_half(gpa_t addr, uint64_t off)
{
	return (uint32_t)(off & 4 ? addr >> 32 : addr);
}

static uint32_t virtio_pci_load_queue(const struct virtq *q, uint64_t off)
{
	switch (off) {
	case COMMON_QUEUE_SIZE: return q->size;
	case COMMON_QUEUE_VECTOR: return q->vector;
	case COMMON_QUEUE_ENABLE: return q->enabled;
	case COMMON_QUEUE_NOTIFY_OFF: return q->index;
	case COMMON_QUEUE_DESC:
	case COMMON_QUEUE_DESC + 4: return virtio_pci_half(q->desc, off);
	case COMMON_QUEUE_DRIVER:
	case COMMON_QUEUE_DRIVER + 4: return virtio_pci_half(q->driver, off);
	case COMMON_QUEUE_DEVICE:
	case COMMON_QUEUE_DEVICE + 4: return virtio_pci_half(q->device, off);
	default: return 0; /* queue_reset: done */
	}
}

static uint32_t virtio_pci_load(struct virtio_pci *p, uint64_t off)
{
	struct virtio_device *v = p->vdev;
	const struct virtq *q = virtio_queue(v, v->queue_select);

	switch (off) {
	case COMMON_DEVICE_FEATURE_SELECT: return v->feature_select;
	case COMMON_DEVICE_FEATURE: return virtio_offered(v, v->feature_select);
	case COMMON_DRIVER_FEATURE_SELECT: return v->driver_feature_select;
	case COMMON_DRIVER_FEATURE:
		return virtio_accepted(v, v->driver_feature_select);
	case COMMON_CONFIG_VECTOR: return p->config_vector;
	case COMMON_NUM_QUEUES: return v->nqueues;
	case COMMON_STATUS: return virtio_status(v);
	case COMMON_GENERATION: return virtio_generation(v) & 0xff;
	case COMMON_QUEUE_SELECT: return v->queue_select;
	default: return q ? virtio_pci_load_queue(q, off) : 0;
	}
}

static void virtio_pci_store_queue(struct virtio_pci *p, struct virtq *q,
				   uint64_t off, uint32_t val)
{
	unsigned half = off >> 2 & 1;

	switch (off) {
	case COMMON_QUEUE_SIZE: virtq_set_size(q, val); break;
	case COMMON_QUEUE_VECTOR:
		virtio_pci_set_vector(p, &q->vector, val);
		break;
	case COMMON_QUEUE_ENABLE: /* 0 is not for drivers [4.1.4.3.2] */
		if (val == 1)
			virtq_enable(q);
		break;
	case COMMON_QUEUE_DESC:
	case COMMON_QUEUE_DESC + 4:
		virtq_set_addr(q, &q->desc, half, val);
		break;
	case COMMON_QUEUE_DRIVER:
	case COMMON_QUEUE_DRIVER + 4:
		virtq_set_addr(q, &q->driver, half, val);
		break;
	case COMMON_QUEUE_DEVICE:
	case COMMON_QUEUE_DEVICE + 4:
		virtq_set_addr(q, &q->device, half, val);
		break;
	case COMMON_QUEUE_RESET:
		if (val == 1)
			virtq_reset(q);
		break;
	default: break;
	}
}

static void virtio_pci_set_status(struct virtio_pci *p, uint8_t status)
{
	virtio_set_status(p->vdev, status);
	if (status)
		return;
	virtio_pci_set_vector(p, &p->config_vector, VIRTIO_NO_VECTOR);
	virtio_pci_take_isr(p);
}

static void virtio_pci_store(struct virtio_pci *p, uint64_t off, uint32_t val)
{
	struct virtio_device *v = p->vdev;
	struct virtq *q;

	switch (off) {
	case COMMON_DEVICE_FEATURE_SELECT: v->feature_select = val; break;
	case COMMON_DRIVER_FEATURE_SELECT:
		v->driver_feature_select = val;
		break;
	case COMMON_DRIVER_FEATURE:
		virtio_accept(v, v->driver_feature_select, val);
		break;
	case COMMON_CONFIG_VECTOR:
		virtio_pci_set_vector(p, &p->config_vector, val);
		break;
	case COMMON_STATUS: virtio_pci_set_status(p, (uint8_t)val); break;
	case COMMON_QUEUE_SELECT: v->queue_select = (uint16_t)val; break;
	default:
		q = virtio_queue(v, v->queue_select);
		if (q)
			virtio_pci_store_queue(p, q, off, val);
		break;
	}
}

/* The width of the field at off, as drivers must access it [4.1.3.1]. */
static unsigned virtio_pci_width(uint64_t off)
{
	if (off == COMMON_STATUS || off == COMMON_GENERATION)
		return 1;
	if (off < COMMON_CONFIG_VECTOR ||
	    (off >= COMMON_QUEUE_DESC && off < COMMON_QUEUE_DEVICE + 8))
		return 4;
	return 2;
}

/* ---- BAR 0 */

static uint64_t virtio_pci_read(void *opaque, uint64_t off, unsigned size)
{
	struct virtio_pci *p = opaque;
	uint64_t val = 0;

	if (off >= BAR_NOTIFY)
		return 0;
	if (off >= BAR_DEVICE) {
		virtio_config_read(p->vdev, (unsigned)(off - BAR_DEVICE), &val,
				   size);
		return le64toh(val);
	}
	if (off >= BAR_ISR)
		return off == BAR_ISR ? virtio_pci_take_isr(p) : 0;
	if (off >= COMMON_SIZE)
		return 0;
	if (size == 8) /* an address, in one piece */
		return virtio_pci_read(p, off, 4) |
		       virtio_pci_read(p, off + 4, 4) << 32;
	if (size == virtio_pci_width(off))
		return virtio_pci_load(p, off);
	guest_error(p->pci.dev.name, "a %u-byte read of common field 0x%x",
		    size, (unsigned)off);
	return 0;
}

static void virtio_pci_write(void *opaque, uint64_t off, uint64_t val,
			     unsigned size)
{
	struct virtio_pci *p = opaque;
	struct virtq *q;

	if (off >= BAR_NOTIFY) {
		/* Doorbells catch these, except through the capability. */
		q = virtio_queue(p->vdev, (unsigned)((off - BAR_NOTIFY) /
						     NOTIFY_STRIDE));
		if (q)
			virtq_kick(q);
	} else if (off >= BAR_DEVICE) {
		val = htole64(val);
		virtio_config_write(p->vdev, (unsigned)(off - BAR_DEVICE), &val,
				    size);
	} else if (off >= COMMON_SIZE) {
		return;
	} else if (size == 8) {
		virtio_pci_write(p, off, val & UINT32_MAX, 4);
		virtio_pci_write(p, off + 4, val >> 32, 4);
	} else if (size == virtio_pci_width(off)) {
		virtio_pci_store(p, off, (uint32_t)val);
	} else {
		guest_error(p->pci.dev.name,
			    "a %u-byte write of common field 0x%x", size,
			    (unsigned)off);
	}
}

static const struct region_ops virtio_pci_bar_ops = {
	.read = virtio_pci_read,
	.write = virtio_pci_write,
	.min_size = 1,
	.max_size = 8,
};

/* ---- the configuration access capability [4.1.4.9] */

/* Whether an access of size at off is one to its window, and to where. */
static bool virtio_pci_window(struct virtio_pci *p, unsigned off, unsigned size,
			      uint32_t *to)
{
	const uint8_t *cap = p->pci.config + p->cfg_cap;

	if (!p->cfg_cap || off != p->cfg_cap + CAP_DATA)
		return false;
	*to = pci_get32(cap, CAP_OFFSET);
	return cap[CAP_BAR] == 0 && pci_get32(cap, CAP_LENGTH) == size &&
	       !(*to & (size - 1)) && *to < BAR_SIZE;
}

static bool virtio_pci_config_read(struct pci_device *d, unsigned off,
				   unsigned size, uint32_t *val)
{
	struct virtio_pci *p = container_of(d, struct virtio_pci, pci);
	uint32_t to;

	if (!virtio_pci_window(p, off, size, &to))
		return false;
	device_lock(&p->vdev->dev);
	*val = (uint32_t)virtio_pci_read(p, to, size);
	device_unlock(&p->vdev->dev);
	return true;
}

static bool virtio_pci_config_write(struct pci_device *d, unsigned off,
				    unsigned size, uint32_t val)
{
	struct virtio_pci *p = container_of(d, struct virtio_pci, pci);
	uint32_t to;

	if (!virtio_pci_window(p, off, size, &to))
		return false;
	device_lock(&p->vdev->dev);
	virtio_pci_write(p, to, val, size);
	device_unlock(&p->vdev->dev);
	return true;
}

/*
 * Without bus mastering nothing moves: a kernel that starts another one relies
 * on that, since the devices still know the old one's buffers.
 */
static void virtio_pci_follow_master(struct virtio_pci *p)
{
	struct virtio_device *v = p->vdev;
	bool allow = pci_bus_master(&p->pci);

	device_lock(&v->dev);
	if (v->no_dma == allow)
		virtio_allow_dma(v, allow);
	device_unlock(&v->dev);
}

static void virtio_pci_config_written(struct pci_device *d, unsigned off,
				      unsigned size)
{
	(void)off;
	(void)size;
	/* The command register matters, and the power state. */
	virtio_pci_follow_master(container_of(d, struct virtio_pci, pci));
}

static const struct pci_ops virtio_pci_ops = {
	.config_read = virtio_pci_config_read,
	.config_write = virtio_pci_config_write,
	.config_written = virtio_pci_config_written,
};

/* ---- the class */

void virtio_pci_set_device(struct virtio_pci *p, struct virtio_device *v)
{
	assert(!p->pci.dev.realized);
	p->vdev = v;
}

/* Adds a vendor capability; its offset or a negative errno. */
static int virtio_pci_cap(struct virtio_pci *p, uint8_t type, unsigned len,
			  uint32_t offset, uint32_t size, struct err *err)
{
	int at = pci_cap_add(&p->pci, PCI_CAP_VENDOR, len, err);
	uint8_t *cap;

	if (at < 0)
		return at;
	cap = p->pci.initial + at;
	cap[CAP_LEN] = (uint8_t)len;
	cap[CAP_TYPE] = type;
	pci_put32(cap, CAP_OFFSET, offset);
	pci_put32(cap, CAP_LENGTH, size);
	return at;
}

static int virtio_pci_caps(struct virtio_pci *p, struct err *err)
{
	int at;

	at = virtio_pci_cap(p, CAP_COMMON, 16, BAR_COMMON, COMMON_SIZE, err);
	if (at < 0)
		return at;
	at = virtio_pci_cap(p, CAP_ISR, 16, BAR_ISR, 1, err);
	if (at < 0)
		return at;
	at = virtio_pci_cap(p, CAP_DEVICE, 16, BAR_DEVICE, VIRTIO_MAX_CONFIG,
			    err);
	if (at < 0)
		return at;
	at = virtio_pci_cap(p, CAP_NOTIFY, 20, BAR_NOTIFY,
			    VIRTIO_MAX_QUEUES * NOTIFY_STRIDE, err);
	if (at < 0)
		return at;
	pci_put32(p->pci.initial, (unsigned)at + CAP_MULTIPLIER, NOTIFY_STRIDE);
	at = virtio_pci_cap(p, CAP_PCI, 20, 0, 0, err);
	if (at < 0)
		return at;
	p->cfg_cap = (unsigned)at;
	p->pci.wmask[at + CAP_BAR] = 0xff;
	for (unsigned i = CAP_OFFSET; i < CAP_DATA + 4; i++)
		p->pci.wmask[(unsigned)at + i] = 0xff;
	return 0;
}

static int virtio_pci_doorbells(struct virtio_pci *p, struct err *err)
{
	for (unsigned i = 0; i < p->vdev->nqueues; i++) {
		const struct doorbell d = { .off = BAR_NOTIFY +
						   NOTIFY_STRIDE * i,
					    .fd = p->vdev->queue[i]->kick_fd };
		int ret = region_doorbell_add(&p->bar, &d);

		if (ret < 0)
			return err_set(err, -ret,
				       "cannot add a doorbell for queue %u", i);
	}
	return 0;
}

static void virtio_pci_exit(struct virtio_pci *p)
{
	pci_device_exit(&p->pci);
	free(p->bar.doorbells);
	p->bar.doorbells = NULL;
	p->bar.ndoorbells = 0;
	pthread_mutex_destroy(&p->irq_lock);
}

static int virtio_pci_realize(struct device *dev, struct err *err)
{
	struct virtio_pci *p = container_of(dev, struct virtio_pci, pci.dev);
	const struct virtio_ops *ops;
	struct pci_ids ids;
	int ret;

	assert(p->vdev && p->vdev->dev.realized);
	ops = p->vdev->ops;
	ids = (struct pci_ids){ .vendor = PCI_VENDOR,
				.device = (uint16_t)(PCI_DEVICE_BASE + ops->id),
				.subsys_vendor = PCI_VENDOR,
				.subsys = PCI_SUBSYS,
				.class_code = ops->pci_class,
				.revision = 1,
				.pin = 1 };
	pthread_mutex_init(&p->irq_lock, NULL);
	p->config_vector = VIRTIO_NO_VECTOR;
	p->bar = (struct region){ .name = dev->name,
				  .size = BAR_SIZE,
				  .ops = &virtio_pci_bar_ops,
				  .opaque = p,
				  .dev = &p->vdev->dev };
	pci_device_init(&p->pci, &ids, &virtio_pci_ops);
	pci_bar_add(&p->pci, 0, PCI_BAR_MEM64, &p->bar);
	ret = pci_msix_add(&p->pci, BAR_MSIX, p->vdev->nqueues + 1, err);
	if (ret >= 0)
		ret = pci_express_add(&p->pci, err);
	if (ret >= 0)
		ret = pci_pm_add(&p->pci, err);
	if (ret >= 0)
		ret = virtio_pci_caps(p, err);
	if (ret >= 0)
		ret = virtio_pci_doorbells(p, err);
	if (ret < 0) {
		virtio_pci_exit(p);
		return ret;
	}
	p->vdev->dma = p->pci.bus->dma;
	virtio_attach(p->vdev, &virtio_pci_transport, p);
	return 0;
}

static void virtio_pci_unrealize(struct device *dev)
{
	struct virtio_pci *p = container_of(dev, struct virtio_pci, pci.dev);

	device_reset(&p->vdev->dev); /* the loops may interrupt until then */
	virtio_attach(p->vdev, NULL, NULL);
	virtio_pci_exit(p);
}

static void virtio_pci_reset(struct device *dev)
{
	struct virtio_pci *p = container_of(dev, struct virtio_pci, pci.dev);

	virtio_pci_take_isr(p);
	virtio_pci_set_vector(p, &p->config_vector, VIRTIO_NO_VECTOR);
	pci_device_reset(&p->pci);
	virtio_pci_follow_master(p);
}

const struct device_class virtio_pci_class = {
	.name = "virtio-pci",
	.brief = "virtio transport on PCI",
	.size = sizeof(struct virtio_pci),
	.space = SPACE_PCI,
	.realize = virtio_pci_realize,
	.unrealize = virtio_pci_unrealize,
	.reset = virtio_pci_reset,
};
