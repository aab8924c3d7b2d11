/* SPDX-License-Identifier: MIT */
/* XICS: the external interrupt option of the Power architecture platform. */
#ifndef HW_XICS_XICS_H
#define HW_XICS_XICS_H

#include "hw/core/device.h"
#include "hw/core/ics.h"

/*
 * LoPAR, chapter 6 and 14.5.4.4 (the hypercalls).  An interrupt source has a
 * server, to whose CPU it goes, and a priority, 0 the most favored, 0xff never
 * presented.  A server holds at most one interrupt out to its CPU, in XISR;
 * one that is more favored takes its place and the former goes back to its
 * source, which offers it again.  A CPU takes what is in XISR by H_XIRR, runs
 * at its priority (CPPR) from then on, and ends it by H_EOI.
 */
#define XICS_IPI	 2 /* what XISR says of the CPU's own MFRR */
#define XICS_MIN_SOURCE	 16
#define XICS_MAX_SOURCES 4096

extern const struct device_class xics_class;

struct xics_config {
	uint32_t first; /* number of the first source; >= XICS_MIN_SOURCE */
	unsigned n;	/* sources */
	/* A CPU's external interrupt input changes; dev.lock is held, and it
	 * returns at once.  Any thread. */
	void (*cpu_line)(void *opaque, unsigned cpu, bool level);
	void *opaque;
};

/*
 * Between device_new() and device_realize(), whose env tells the number of
 * CPUs; CPU n is server n.  The chip's lines are source numbers, and so are
 * its messages' data; it lives as long as the device.
 */
struct irqchip *xics_setup(struct device *xics, const struct xics_config *c);
/* Its sources, for RTAS and the PCI host. */
struct ics *xics_ics(struct device *xics);

/* ---- what the CPUs do; on the CPU's thread, cpu below env->ncpus */

/* H_XIRR: takes what is presented; 0 in the low 24 bits: nothing was. */
uint32_t xics_accept(struct device *xics, unsigned cpu);
/* H_EOI: ends that interrupt and goes back to the priority in its top byte.
 * -EINVAL where there is no such source; the priority is taken anyway. */
int xics_eoi(struct device *xics, unsigned cpu, uint32_t xirr);
/* H_CPPR */
void xics_set_cppr(struct device *xics, unsigned cpu, uint8_t cppr);
/* H_IPI: from any CPU to any; -EINVAL where there is no such server. */
int xics_ipi(struct device *xics, uint32_t server, uint8_t mfrr);
/* H_IPOLL: looks and takes nothing; -EINVAL. */
int xics_poll(struct device *xics, uint32_t server, uint32_t *xirr,
	      uint8_t *mfrr);

#endif
