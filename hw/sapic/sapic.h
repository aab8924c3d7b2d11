/* SPDX-License-Identifier: MIT */
/* SAPIC: the local one of each CPU, the interrupt block, and the I/O SAPIC. */
#ifndef HW_SAPIC_SAPIC_H
#define HW_SAPIC_SAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/device.h"

/*
 * SDM 2:5.8.  A CPU has 256 vectors: one that arrives waits in IRR, the CPU
 * takes the first in order of priority by reading IVR, and ends it by writing
 * EOI.  2 is the NMI and first, 0 an 8259's (ExtINT) and second, then 255 down
 * to 16.  A vector waits while an equal or more urgent one was taken and not
 * ended, and while TPR masks it.
 */
#define SAPIC_SPURIOUS 15
#define SAPIC_EXTINT   0
#define SAPIC_NMI      2
#define SAPIC_FIRST    16

/* The registers, by their control register numbers. */
enum {
	SAPIC_LID = 64,
	SAPIC_IVR = 65,
	SAPIC_TPR = 66,
	SAPIC_EOI = 67,
	SAPIC_IRR0 = 68,
	SAPIC_ITV = 72,
	SAPIC_PMV = 73,
	SAPIC_CMCV = 74,
	SAPIC_LRR0 = 80,
	SAPIC_LRR1 = 81,
};
#define SAPIC_MASKED (1u << 16) /* of ITV, PMV, CMCV, LRR0, LRR1 */

/* Delivery modes, of messages and redirection entries. */
enum sapic_mode {
	SAPIC_MODE_INT = 0,
	SAPIC_MODE_LOWEST = 1, /* of a redirection entry only */
	SAPIC_MODE_PMI = 2,
	SAPIC_MODE_NMI = 4,
	SAPIC_MODE_INIT = 5,
	SAPIC_MODE_EXTINT = 7,
};

/* The CPU's own sources, each by the register that says what it does. */
enum sapic_source {
	SAPIC_SRC_ITM = SAPIC_ITV,
	SAPIC_SRC_PMU = SAPIC_PMV,
	SAPIC_SRC_CMC = SAPIC_CMCV,
	SAPIC_SRC_LINT0 = SAPIC_LRR0,
	SAPIC_SRC_LINT1 = SAPIC_LRR1,
};

/*
 * "sapic": every CPU's local SAPIC, and the interrupt block.  Its irqchip takes
 * messages to the block, and wires as the I/O SAPICs have them.
 */
extern const struct device_class sapic_class;

#define SAPIC_BLOCK_SIZE 0x200000
#define SAPIC_INTA	 0x1e0000 /* offsets in the block */
#define SAPIC_XTP	 0x1e0008

struct sapic_config {
	gpa_t block; /* where the block is */
	/* A CPU's interrupt input; the device's lock is held, and it returns
	 * at once.  Any thread. */
	void (*cpu_line)(void *opaque, unsigned cpu, bool level);
	/* INIT or PMI with its vector, likewise. */
	void (*cpu_event)(void *opaque, unsigned cpu, enum sapic_mode mode,
			  uint8_t vector);
	void *opaque;
};

/*
 * Between device_new() and device_realize(), whose env tells the number of
 * CPUs; after a reset CPU n's LID is n << 24.  The chip lives as long as the
 * device.
 */
struct irqchip *sapic_setup(struct device *sapic, const struct sapic_config *c);

/*
 * The registers, on the CPU's thread.  False where there is none of that number
 * (IVR and IRR cannot be written).
 */
bool sapic_read(struct device *sapic, unsigned cpu, unsigned reg,
		uint64_t *val);
bool sapic_write(struct device *sapic, unsigned cpu, unsigned reg,
		 uint64_t val);
/* One of the CPU's own sources fires: an edge. */
void sapic_fire(struct device *sapic, unsigned cpu, enum sapic_source src);

/*
 * An interrupt to the CPU of that identifier (LID.id << 8 | LID.eid), or with
 * redirect to the one of the lowest task priority (XTP).  What no CPU answers
 * to is lost.  Any thread.
 */
void sapic_send(struct device *sapic, uint16_t dest, bool redirect,
		unsigned mode, uint8_t vector);

/* ---- the I/O SAPIC */

#define IOSAPIC_PINS 24

/*
 * "iosapic": 24 wires, each with an entry that says which interrupt it is to
 * whom.  Wires are logical: true asserts one, whatever its polarity bit says.
 */
extern const struct device_class iosapic_class;

/*
 * Between device_new() and device_realize(): its wires are lines first to
 * first + 23 of the sapic's chip, which must be realized first.
 */
void iosapic_setup(struct device *iosapic, struct device *sapic,
		   unsigned first);

#endif
