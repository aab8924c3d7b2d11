/* SPDX-License-Identifier: MIT */
/* A fake machine for device tests: memory, buses, clock, recorded interrupts.
 */
#ifndef TESTS_SUPPORT_RIG_H
#define TESTS_SUPPORT_RIG_H

#include "hw/core/device.h"

/*
 * Guest memory comes from malloc(), so that the sanitizer sees an access past
 * its ends.  The second range begins where the first one ends, in other host
 * memory: a buffer across the border takes two iovecs.
 */
#define RIG_RAM	      0x10000000
#define RIG_RAM_SIZE  0x1000000
#define RIG_RAM2      (RIG_RAM + RIG_RAM_SIZE)
#define RIG_RAM2_SIZE 0x100000
#define RIG_ROM	      0x20000000 /* the guest may not write here */
#define RIG_ROM_SIZE  0x10000

#define RIG_LINES  64
#define RIG_ROUTES 128

/* Messages with one data value. */
struct rig_msi {
	struct msi_msg msg;
	unsigned count;
};

struct rig {
	struct mem mem;
	void *ram, *ram2, *rom;
	struct bus mmio, pio;
	struct clock clock;
	uint64_t now_ns; /* the fake clock; moved by rig_advance_ns() */
	struct loop *loop;
	struct irqchip chip;
	struct device_env env; /* what a device under test is given */
	struct device *dev;    /* rig_device()'s */

	/* what the machine was asked for */
	unsigned requests[3]; /* by enum vm_request */
	int request_status;

	/* chip_lock: */
	pthread_mutex_t chip_lock;
	bool level[RIG_LINES];
	unsigned rises[RIG_LINES];
	struct msi_route *route[RIG_ROUTES]; /* that are live */
	struct rig_msi sent[RIG_ROUTES];     /* not yet taken */
	int route_error; /* not 0: what the chip answers to route() */
};

void rig_init(struct rig *r);
/* Frees the device too. */
void rig_destroy(struct rig *r);

/*
 * Makes, configures ("key=value,..." or NULL), wires to line and realizes a
 * device, and maps its region, if it has one, at 0 of the bus it is made for.
 * Fails the test when that fails.
 */
struct device *rig_device(struct rig *r, const struct device_class *c,
			  const char *props, unsigned line);

/* Accesses to that region, as a vCPU makes them. */
uint8_t rig_read8(struct rig *r, uint64_t off);
uint16_t rig_read16(struct rig *r, uint64_t off);
uint32_t rig_read32(struct rig *r, uint64_t off);
uint64_t rig_read64(struct rig *r, uint64_t off);
void rig_write8(struct rig *r, uint64_t off, uint8_t val);
void rig_write16(struct rig *r, uint64_t off, uint16_t val);
void rig_write32(struct rig *r, uint64_t off, uint32_t val);
void rig_write64(struct rig *r, uint64_t off, uint64_t val);

/* Moves the clock and fires the timers that became due. */
void rig_advance_ns(struct rig *r, uint64_t ns);
void rig_advance_s(struct rig *r, uint64_t s);

/* Runs the main loop for some rounds, or so many, without blocking. */
void rig_poll(struct rig *r);
void rig_rounds(struct rig *r, unsigned n);

/* How many messages with that data arrived since it was asked last. */
unsigned rig_take_msi(struct rig *r, uint32_t data);
/* How often the line rose since it was asked last. */
unsigned rig_take_rises(struct rig *r, unsigned line);

#endif
