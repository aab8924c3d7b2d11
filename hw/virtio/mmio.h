/* SPDX-License-Identifier: MIT */
/* Virtio over MMIO, version 2: virtio 1.2, section 4.2. */
#ifndef HW_VIRTIO_MMIO_H
#define HW_VIRTIO_MMIO_H

#include "hw/virtio/virtio.h"

/*
 * A transport that the board places ("virtio-mmio", LNRO0005, "virtio,mmio").
 * Without a device it is an empty slot, which drivers skip (DeviceID 0).  Its
 * interrupt is level-triggered.  The virtio device is realized before it,
 * freed after it, and reset, started and stopped as a device of its own.
 */
struct virtio_mmio {
	struct device dev;
	/* constant from realize to unrealize: */
	struct virtio_device *vdev; /* NULL: an empty slot */
	/* irq_lock, a leaf above the interrupt chip: */
	pthread_mutex_t irq_lock;
	uint32_t isr; /* InterruptStatus; the line is up while it is not 0 */
};

extern const struct device_class virtio_mmio_class;

/* Puts v, which stays the caller's, behind the transport; before realize. */
void virtio_mmio_set_device(struct virtio_mmio *m, struct virtio_device *v);

#endif
