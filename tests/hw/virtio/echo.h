/* SPDX-License-Identifier: MIT */
/* A virtio device for tests of the core: it copies what it reads. */
#ifndef TESTS_HW_VIRTIO_ECHO_H
#define TESTS_HW_VIRTIO_ECHO_H

#include "hw/virtio/virtio.h"

#define ECHO_QUEUES 3
#define ECHO_SIZE   16
#define ECHO_SEGS   4
#define ECHO_F_ODD  5 /* a feature bit of its own */

/*
 * Queues 0 and 1 echo at once; queue 2 holds every request until
 * echo_finish(), or until it is stopped.  Configuration: 8 bytes, of which
 * the driver may write the last 4.
 */
struct echo {
	struct virtio_device vdev;
	bool refuse;			       /* features_set() says no */
	unsigned kicks, starts, stops, served; /* atomic */
	unsigned resets;
	bool ok;
	struct virtq_elem *held[VIRTQ_MAX_SIZE];
	unsigned nheld;
};

extern const struct device_class echo_class;

/* Completes held[i], by copying, and notifies if asked to. */
void echo_finish(struct echo *s, unsigned i, bool notify);

#endif
