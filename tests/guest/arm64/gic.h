/* SPDX-License-Identifier: MIT */
/*
 * The interrupt controller as its tables describe it: GICv2 or GICv3, with a
 * GICv2m frame or an ITS for messages.  [IHI 0048] and [IHI 0069].
 */
#ifndef GUEST_GIC_H
#define GUEST_GIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GIC_REDISTS 4 /* regions */
#define GIC_LPI	    8192
#define GIC_NONE    1020 /* this INTID and the next three mean none */

struct gic {
	unsigned version;   /* 2, 3; 0: none was found */
	uint64_t dist, cpu; /* cpu: GICv2's interface */
	struct {
		uint64_t base, size;
	} redist[GIC_REDISTS];
	unsigned nredists;
	uint64_t v2m; /* frame, 0: none */
	uint32_t v2m_first, v2m_count;
	uint64_t its; /* 0: none */
};
extern struct gic gic;

struct fdt_node;
/* Takes a node of the device tree if it is about the chip. */
void gic_fdt(const struct fdt_node *n);
/* Takes an entry of the ACPI table MADT if it is about the chip. */
void gic_madt(const uint8_t *entry);
void gic_describe(char *buf, size_t size);

/* Turns the distributor on; then, on each CPU, its interface. */
void gic_init(void);
void gic_cpu_init(void);
/* Takes an interrupt, at EL1: called by the vectors. */
void gic_irq(void);

/*
 * The interrupt intid counts as the guest's number n (below 32), and fn, if
 * there is one, is called at EL1 when it is taken, before its end.
 */
void gic_attach(uint32_t intid, unsigned n, void (*fn)(uint32_t intid));
/* A CPU's redistributor, or 0. */
uint64_t gic_redist(unsigned cpu);
/* Where interrupt n was last taken: a CPU's index. */
unsigned gic_taken_by(unsigned n);

/* One interrupt's registers; SGIs' and PPIs' are this CPU's own. */
void gic_enable(uint32_t intid, bool on);
void gic_set_edge(uint32_t intid, bool edge);
void gic_set_priority(uint32_t intid, uint8_t priority);
void gic_set_pending(uint32_t intid, bool pending);
bool gic_is_pending(uint32_t intid);
void gic_set_active(uint32_t intid, bool active);
bool gic_is_active(uint32_t intid);
/* Sends an SPI to a CPU, by its index. */
void gic_set_target(uint32_t intid, unsigned cpu);
/* Sends SGI n to a CPU. */
void gic_send(unsigned cpu, unsigned sgi);
/* SPIs and all below them. */
unsigned gic_lines(void);
/* Lets only priorities below this through on this CPU. */
void gic_set_mask(uint8_t priority);
/* The priority of the handler that runs on this CPU. */
uint8_t gic_running(void);

#endif
