/* SPDX-License-Identifier: MIT */
/* The rings of a virtqueue as the device core sees them. */
#ifndef HW_VIRTIO_QUEUE_H
#define HW_VIRTIO_QUEUE_H

#include "hw/virtio/virtio.h"

/* Memory for elements and buffers of q->max_size requests. */
int virtq_ring_new(struct virtq *q, struct err *err) MUST_CHECK;
void virtq_ring_free(struct virtq *q);

/*
 * On q->loop.  Translates the addresses that the driver set and takes over
 * the negotiated features; a queue it cannot use is broken from the start.
 */
void virtq_ring_open(struct virtq *q);
/* Takes back what is in flight and not kept, as if it had not been popped. */
void virtq_ring_close(struct virtq *q);
/* Indices to where a new queue begins, with nothing in flight. */
void virtq_ring_rewind(struct virtq *q);
/*
 * Calls ops->kick() for a bounded number of requests; if the driver keeps it
 * busy beyond them, the queue is kicked again, so that the loop's other work
 * has its turn.
 */
void virtq_ring_serve(struct virtq *q);
/* From now on the queue yields nothing; until virtq_ring_rewind(). */
void virtq_ring_break(struct virtq *q);
bool virtq_is_broken(const struct virtq *q);

#endif
