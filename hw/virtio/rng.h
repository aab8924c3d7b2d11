/* SPDX-License-Identifier: MIT */
/* "virtio-rng": the host's random numbers; virtio 1.2, section 5.4. */
#ifndef HW_VIRTIO_RNG_H
#define HW_VIRTIO_RNG_H

#include "hw/virtio/virtio.h"

struct virtio_rng {
	struct virtio_device vdev;
	/* properties: */
	uint64_t max_bytes; /* a period; 0: no limit */
	uint64_t period_ms;
	/* the queue's loop: */
	uint64_t left; /* bytes, until the period ends */
	uint64_t period_end_ns;
	/* Kicks the queue when the next period begins. */
	struct timer timer;
};

extern const struct device_class virtio_rng_class;

#endif
