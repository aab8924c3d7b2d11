/* SPDX-License-Identifier: MIT */
/* XIVE as an accelerator has it: what a pSeries' hypercalls configure. */
#ifndef HW_CORE_XIVE_H
#define HW_CORE_XIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/mem.h"

struct xive_hw;

/* Offsets in the second page of a source's event state buffer (ESB). */
#define XIVE_ESB_LOAD_EOI  0x000
#define XIVE_ESB_SET_PQ_00 0xc00
#define XIVE_ESB_SET_PQ_01 0xd00

/* Where an event of a source goes. */
struct xive_route {
	bool masked;
	uint32_t server; /* a CPU's number, as the device tree has it */
	uint8_t priority;
	uint32_t eisn; /* what the server's queue is told, 31 bits */
};

/*
 * Sources are known to exist, servers to be CPUs', priorities to be a guest's.
 * Any thread; each returns 0 or a negative errno.
 */
struct xive_hw_ops {
	/* The queue of the route exists, or it is masked. */
	int (*route)(struct xive_hw *x, uint32_t source,
		     const struct xive_route *r);
	/* An event queue of 1 << shift bytes; shift 0 takes it away. */
	int (*queue)(struct xive_hw *x, uint32_t server, uint8_t priority,
		     gpa_t base, unsigned shift);
	/* Where the next event goes: the bit that turns, and the entry. */
	int (*queue_at)(struct xive_hw *x, uint32_t server, uint8_t priority,
			uint32_t *toggle, uint32_t *index);
	/* What is under way of a source has reached its queue. */
	int (*sync)(struct xive_hw *x, uint32_t source);
	/* An access to the management page at off, 8 bytes; a load's value. */
	uint64_t (*esb)(struct xive_hw *x, uint32_t source, uint32_t off,
			bool store, uint64_t val);
	/* Whether the source is a level; ics_ops.level() has said so. */
	bool (*level)(struct xive_hw *x, uint32_t source);
	/* Every source masked, every queue gone. */
	int (*reset)(struct xive_hw *x);
};

/* Part of its owner. */
struct xive_hw {
	const struct xive_hw_ops *ops;
};

#endif
