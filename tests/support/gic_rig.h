/* SPDX-License-Identifier: MIT */
/* A software GICv2 on a rig's bus, with its outputs recorded. */
#ifndef TESTS_SUPPORT_GIC_RIG_H
#define TESTS_SUPPORT_GIC_RIG_H

#include "hw/gic/gicv2.h"
#include "tests/support/rig.h"

/* Where its parts are on the rig's bus. */
#define GIC_RIG_DIST  0x08000000
#define GIC_RIG_CPU   0x08010000
#define GIC_RIG_FRAME 0x08020000
#define GIC_RIG_SPIS  160
#define GIC_RIG_MSI   80 /* the frame's first SPI */

struct gic_rig {
	struct rig r;
	struct device *dist, *cpuif, *frame;
	struct irqchip *chip;
	bool irq[GICV2_MAX_CPUS], fiq[GICV2_MAX_CPUS]; /* as last told */
	unsigned told; /* how often a CPU's inputs changed */
};

/* Everything off, as after a reset; accesses come from CPU 0. */
void gic_rig_make(struct gic_rig *g, unsigned ncpus);
void gic_rig_free(struct gic_rig *g);

/* Words, as a CPU accesses them, and bytes of the distributor. */
uint32_t gic_rig_dist(struct gic_rig *g, unsigned cpu, unsigned off);
void gic_rig_dist_set(struct gic_rig *g, unsigned cpu, unsigned off,
		      uint32_t val);
void gic_rig_dist_byte(struct gic_rig *g, unsigned cpu, unsigned off,
		       uint8_t val);
uint32_t gic_rig_cpu(struct gic_rig *g, unsigned cpu, unsigned off);
void gic_rig_cpu_set(struct gic_rig *g, unsigned cpu, unsigned off,
		     uint32_t val);

#endif
