// SPDX-License-Identifier: MIT
/* Virtio over MMIO, version 2 [4.2]. */
#include "arch.h"
#include "guest.h"
#include "virtio.h"
#include "virtio_transport.h"

#define MMIO_MAGIC	     0x000
#define MMIO_VERSION	     0x004
#define MMIO_DEVICE	     0x008
#define MMIO_FEATURES	     0x010
#define MMIO_FEATURES_SELECT 0x014
#define MMIO_DRIVER	     0x020
#define MMIO_DRIVER_SELECT   0x024
#define MMIO_Q_SELECT	     0x030
#define MMIO_Q_MAX	     0x034
#define MMIO_Q_SIZE	     0x038
#define MMIO_Q_READY	     0x044
#define MMIO_NOTIFY	     0x050
#define MMIO_ISR	     0x060
#define MMIO_STATUS	     0x070
#define MMIO_Q_DESC	     0x080
#define MMIO_Q_DRIVER	     0x090
#define MMIO_Q_DEVICE	     0x0a0
#define MMIO_Q_RESET	     0x0c0
#define MMIO_GENERATION	     0x0fc
#define MMIO_CONFIG	     0x100

static uint8_t vmmio_status(struct vdev *v)
{
	return mmio_read32(v->base + MMIO_STATUS);
}

static void vmmio_set_status(struct vdev *v, uint8_t status)
{
	mmio_write32(v->base + MMIO_STATUS, status);
}

static uint64_t vmmio_features(struct vdev *v)
{
	return virtio_selected(v->base + MMIO_FEATURES_SELECT,
			       v->base + MMIO_FEATURES);
}

static void vmmio_set_features(struct vdev *v, uint64_t features)
{
	virtio_set_selected(v->base + MMIO_DRIVER_SELECT, v->base + MMIO_DRIVER,
			    features);
}

static unsigned vmmio_queue_size(struct vdev *v, unsigned n)
{
	mmio_write32(v->base + MMIO_Q_SELECT, n);
	return mmio_read32(v->base + MMIO_Q_MAX);
}

static void vmmio_queue_set(struct vdev *v, struct vq *q, uint64_t desc,
			    uint64_t avail, uint64_t used)
{
	mmio_write32(v->base + MMIO_Q_SELECT, q->index);
	mmio_write32(v->base + MMIO_Q_SIZE, q->size);
	virtio_set_halves(v->base + MMIO_Q_DESC, desc);
	virtio_set_halves(v->base + MMIO_Q_DRIVER, avail);
	virtio_set_halves(v->base + MMIO_Q_DEVICE, used);
	q->notify = v->base + MMIO_NOTIFY;
	q->notify_data = q->index;
	mmio_write32(v->base + MMIO_Q_READY, 1);
}

static void vmmio_queue_reset(struct vdev *v, unsigned n)
{
	uint64_t start = arch_ticks();

	mmio_write32(v->base + MMIO_Q_SELECT, n);
	mmio_write32(v->base + MMIO_Q_RESET, 1);
	while (mmio_read32(v->base + MMIO_Q_RESET) &&
	       arch_ticks() - start < arch_patience())
		arch_relax();
}

static bool vmmio_queue_enabled(struct vdev *v, unsigned n)
{
	mmio_write32(v->base + MMIO_Q_SELECT, n);
	return mmio_read32(v->base + MMIO_Q_READY);
}

static uint8_t vmmio_generation(struct vdev *v)
{
	return mmio_read32(v->base + MMIO_GENERATION);
}

static const struct vdev_ops vmmio_ops = {
	.status = vmmio_status,
	.set_status = vmmio_set_status,
	.features = vmmio_features,
	.set_features = vmmio_set_features,
	.queue_size = vmmio_queue_size,
	.queue_set = vmmio_queue_set,
	.queue_reset = vmmio_queue_reset,
	.queue_enabled = vmmio_queue_enabled,
	.generation = vmmio_generation,
};

void virtio_mmio_scan(void)
{
	for (unsigned i = 0; i < machine.nslots; i++) {
		const struct mmio_slot *s = &machine.slot[i];
		struct vdev v = { .ops = &vmmio_ops, .base = s->base };

		if (mmio_read32(s->base + MMIO_MAGIC) != 0x74726976 ||
		    mmio_read32(s->base + MMIO_VERSION) != 2)
			continue;
		v.id = mmio_read32(s->base + MMIO_DEVICE);
		v.gsi = s->gsi;
		v.config = s->base + MMIO_CONFIG;
		v.config_size = s->size - MMIO_CONFIG;
		v.isr = s->base + MMIO_ISR;
		if (v.id)
			virtio_add(&v);
	}
}
