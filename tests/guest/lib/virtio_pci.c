// SPDX-License-Identifier: MIT
/* Virtio over PCI, modern only [4.1]. */
#include "arch.h"
#include "guest.h"
#include "virtio.h"
#include "virtio_transport.h"

/* Common configuration [4.1.4.3]. */
#define CFG_DEVICE_SELECT 0x00
#define CFG_DEVICE	  0x04
#define CFG_DRIVER_SELECT 0x08
#define CFG_DRIVER	  0x0c
#define CFG_VECTOR	  0x10
#define CFG_STATUS	  0x14
#define CFG_GENERATION	  0x15
#define Q_SELECT	  0x16
#define Q_SIZE		  0x18
#define Q_VECTOR	  0x1a
#define Q_ENABLE	  0x1c
#define Q_NOTIFY_OFF	  0x1e
#define Q_DESC		  0x20
#define Q_DRIVER	  0x28
#define Q_DEVICE	  0x30
#define Q_RESET		  0x3a

static uint8_t vpci_status(struct vdev *v)
{
	return mmio_read8(v->base + CFG_STATUS);
}

static void vpci_set_status(struct vdev *v, uint8_t status)
{
	mmio_write8(v->base + CFG_STATUS, status);
}

static uint64_t vpci_features(struct vdev *v)
{
	return virtio_selected(v->base + CFG_DEVICE_SELECT,
			       v->base + CFG_DEVICE);
}

static void vpci_set_features(struct vdev *v, uint64_t features)
{
	virtio_set_selected(v->base + CFG_DRIVER_SELECT, v->base + CFG_DRIVER,
			    features);
}

static unsigned vpci_queue_size(struct vdev *v, unsigned n)
{
	mmio_write16(v->base + Q_SELECT, n);
	return mmio_read16(v->base + Q_SIZE);
}

static void vpci_queue_set(struct vdev *v, struct vq *q, uint64_t desc,
			   uint64_t avail, uint64_t used)
{
	mmio_write16(v->base + Q_SELECT, q->index);
	mmio_write16(v->base + Q_SIZE, q->size);
	virtio_set_halves(v->base + Q_DESC, desc);
	virtio_set_halves(v->base + Q_DRIVER, avail);
	virtio_set_halves(v->base + Q_DEVICE, used);
	q->notify = v->notify + (uint64_t)mmio_read16(v->base + Q_NOTIFY_OFF) *
					v->notify_mult;
	q->notify_data = q->index;
	if (q->irq && v->pci->msix_table && q->index < v->pci->msix_count &&
	    pci_msix_set(v->pci, q->index, v->irq + q->index % 2)) {
		pci_msix_enable(v->pci, true);
		mmio_write16(v->base + Q_VECTOR, q->index);
	} else {
		mmio_write16(v->base + Q_VECTOR, NO_VECTOR);
	}
	mmio_write16(v->base + Q_ENABLE, 1);
}

static void vpci_queue_reset(struct vdev *v, unsigned n)
{
	uint64_t start = arch_ticks();

	mmio_write16(v->base + Q_SELECT, n);
	mmio_write16(v->base + Q_RESET, 1);
	while (mmio_read16(v->base + Q_RESET) &&
	       arch_ticks() - start < arch_patience())
		arch_relax();
}

static bool vpci_queue_enabled(struct vdev *v, unsigned n)
{
	mmio_write16(v->base + Q_SELECT, n);
	return mmio_read16(v->base + Q_ENABLE);
}

static uint8_t vpci_generation(struct vdev *v)
{
	return mmio_read8(v->base + CFG_GENERATION);
}

static const struct vdev_ops vpci_ops = {
	.status = vpci_status,
	.set_status = vpci_set_status,
	.features = vpci_features,
	.set_features = vpci_set_features,
	.queue_size = vpci_queue_size,
	.queue_set = vpci_queue_set,
	.queue_reset = vpci_queue_reset,
	.queue_enabled = vpci_queue_enabled,
	.generation = vpci_generation,
};

/* Virtio's structures lie where vendor capabilities say [4.1.4]. */
static bool vpci_find(struct vdev *v)
{
	for (unsigned pos = 0;
	     (pos = pci_cap(v->pci, pos, PCI_CAP_VENDOR)) != 0;) {
		uint64_t cap = v->pci->cfg + pos;
		uint8_t type = mmio_read8(cap + 3), bar = mmio_read8(cap + 4);
		uint64_t at;

		if (bar >= 6 || !v->pci->bar[bar].base || v->pci->bar[bar].io)
			continue;
		at = v->pci->bar[bar].base + mmio_read32(cap + 8);
		if (type == 1 && !v->base)
			v->base = at;
		else if (type == 2 && !v->notify) {
			v->notify = at;
			v->notify_mult = mmio_read32(cap + 16);
		} else if (type == 3 && !v->isr)
			v->isr = at;
		else if (type == 4 && !v->config) {
			v->config = at;
			v->config_size = mmio_read32(cap + 12);
		}
	}
	return v->base && v->notify;
}

void virtio_pci_scan(void)
{
	for (unsigned i = 0; i < npci; i++) {
		struct vdev v = { .ops = &vpci_ops, .pci = &pci[i] };

		if (pci[i].vendor != 0x1af4 || pci[i].device < 0x1000 ||
		    pci[i].device > 0x107f)
			continue;
		pci_enable(&pci[i]);
		v.id = pci[i].device >= 0x1040
			       ? pci[i].device - 0x1040
			       : mmio_read16(pci[i].cfg + PCI_SUBSYSTEM + 2);
		if (vpci_find(&v))
			virtio_add(&v);
	}
}
