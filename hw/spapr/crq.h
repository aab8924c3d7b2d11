/* SPDX-License-Identifier: MIT */
/* Command/response queues: messages between a VIO device and its driver. */
#ifndef HW_SPAPR_CRQ_H
#define HW_SPAPR_CRQ_H

#include <pthread.h>

#include "hw/spapr/vio.h"

/*
 * LoPAR 17.2.1.  A driver registers a queue of 16-byte messages in memory that
 * its device sees by TCEs; the device writes there, message by message, and
 * the driver clears the first byte of what it has taken.  The other way a
 * message is a hypercall.
 */
#define CRQ_MSG 16 /* bytes */

/* The first byte of a message. */
#define CRQ_VALID     0x80 /* this bit: there is one */
#define CRQ_COMMAND   0x80
#define CRQ_INIT      0xc0
#define CRQ_TRANSPORT 0xff

/* The second byte after CRQ_INIT. */
#define CRQ_INIT_START 1
#define CRQ_INIT_DONE  2

/* Embedded in a device that has one; see vio_dev.crq. */
struct crq {
	/* Constant, the device's; both on a vCPU's thread, without a lock. */
	/* A message has come: H_SUCCESS or why not. */
	long (*message)(struct vio_dev *v, const uint8_t msg[CRQ_MSG]);
	/* The queue is gone or new: ends what is under way. */
	void (*closed)(struct vio_dev *v);

	pthread_mutex_t lock; /* the last one taken */
	/* lock: */
	bool open;
	uint64_t base; /* for the device's TCEs */
	uint32_t size, next;
};

void crq_init(struct crq *q);
void crq_destroy(struct crq *q);
/* Closes it; the guest does not run. */
void crq_reset(struct crq *q);
/*
 * Appends a message and interrupts, if the driver wants that.  False where
 * there is no queue or it is full; any thread.
 */
bool crq_send(struct vio_dev *v, const uint8_t msg[CRQ_MSG]);

/*
 * H_REG_CRQ, H_FREE_CRQ, H_SEND_CRQ, H_ENABLE_CRQ; the opaque is a struct
 * vio_bus.
 */
extern const struct hcall crq_hcalls[];

#endif
