/* SPDX-License-Identifier: MIT */
/* The GICv2 in software, for --irqchip software. */
#ifndef HW_GIC_GICV2_H
#define HW_GIC_GICV2_H

#include "hw/gic/gic.h"

#define GICV2_MAX_CPUS 8
#define GICV2_MAX_SPIS 988

/* What the machine hands the distributor. */
struct gicv2_config {
	unsigned nspis; /* lines of the chip; rounded up to whole 32s */
	struct gicv2m_frame frame; /* whose messages the chip takes */
	/*
	 * A CPU's interrupt inputs changed.  From any thread, under the chip's
	 * lock: it must not block, nor call the chip.
	 */
	void (*cpu_lines)(void *opaque, unsigned cpu, bool irq, bool fiq);
	void *opaque;
};

/*
 * Before the distributor's realize().  Returns the chip that devices are to
 * be handed: its lines are the SPIs, high and rising edges assert them; its
 * messages are those of the frame.  All of its operations take the
 * distributor's lock, under which nothing ever blocks.
 */
struct irqchip *gicv2_setup(struct device *dist, const struct gicv2_config *c);
/* Before the CPU interface's realize(): the chip that it belongs to. */
void gicv2_cpu_setup(struct device *cpuif, struct irqchip *chip);

/* Drives a CPU's own input, interrupt id 16 to 31, high.  Any thread. */
void gicv2_ppi(struct irqchip *chip, unsigned cpu, unsigned intid, bool level);

#endif
