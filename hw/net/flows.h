/* SPDX-License-Identifier: MIT */
/* What a guest's connections through a user network cost, and their limit. */
#ifndef HW_NET_FLOWS_H
#define HW_NET_FLOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/core/err.h"

/*
 * Every connection (TCP), source port (UDP) and ping (ICMP) of the guest is a
 * socket of ours, until it ends or four minutes have gone by.  Frames that
 * would open one too many are told apart from those of the others here.  All
 * of it on the network's loop, but for init and free: the main thread.
 */

/* Where a frame comes from. */
struct flow_key {
	uint8_t family; /* 4, 6; 0: no such frame */
	uint8_t addr[16];
	uint16_t port;
};

struct flow {
	int fd;
	struct flow_key key;
};

struct flows {
	unsigned max; /* that may be open at a time */
	unsigned n;   /* that are; may be spare more than max */
	unsigned cap; /* of flow */
	struct flow *flow;
	struct flow_key now; /* of the frame that is being looked at */

	/*
	 * libslirp keeps fragments, and segments out of order, without a
	 * bound of their number.  So what this process has allocated is
	 * looked at now and then.
	 */
	size_t (*allocated)(void); /* bytes */
	size_t most;		   /* beyond it, no frame gets through */
	size_t unmeasured;	   /* bytes of frames since the last look */
	bool swollen;
};

/*
 * Room for max flows, and spare more that come from outside.  Raises the
 * limit of open files of this process if need be; where it cannot, lowers max
 * and says so.  who: of the message.
 */
int flows_init(struct flows *f, const char *who, unsigned max, unsigned spare,
	       struct err *err) MUST_CHECK;
void flows_free(struct flows *f);

static inline bool flows_full(const struct flows *f)
{
	return f->n >= f->max;
}

/*
 * Whether the guest's frame (Ethernet, len bytes) may be given to the
 * network: there is memory, and there is room, or it belongs to a flow that
 * is open, or opens none.  Follow it with flows_end() once it was.
 */
bool flows_begin(struct flows *f, const uint8_t *frame, size_t len);
void flows_end(struct flows *f);
/* A socket was opened; for the frame between begin and end, if there is one. */
void flows_opened(struct flows *f, int fd);
void flows_closed(struct flows *f, int fd);

#endif
