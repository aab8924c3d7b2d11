/* SPDX-License-Identifier: MIT */
/* Arm's interrupt controllers: their parts as a board places them. */
#ifndef HW_GIC_GIC_H
#define HW_GIC_GIC_H

#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/device.h"
#include "hw/core/irq.h"

/*
 * Interrupt ids (IHI 0048B section 2.2.1, IHI 0069 section 2.2): 0 to 15 are
 * SGIs, 16 to 31 PPIs, both of each CPU; SPIs are the machine's.  A board's
 * irq, and so the line of a struct irq, is an SPI's number from 0.
 */
#define GIC_SGIS   16
#define GIC_PPI(n) (16 + (n))
#define GIC_SPI(n) (32 + (n))

/*
 * The parts.  An accelerator may supply all but the GICv2m frame; the GICv3's
 * parts exist in accelerators only and are mere descriptions here.
 */
extern const struct device_class gicv2_dist_class;   /* "gicv2-dist" */
extern const struct device_class gicv2_cpu_class;    /* "gicv2-cpu" */
extern const struct device_class gicv2m_class;	     /* "gicv2m" */
extern const struct device_class gicv3_dist_class;   /* "gicv3-dist" */
extern const struct device_class gicv3_redist_class; /* "gicv3-redist" */
extern const struct device_class gic_its_class;	     /* "gic-its" */

/* Each CPU has two frames of 64 KiB in the redistributors' region. */
#define GICV3_REDIST_STRIDE UINT64_C(0x20000)

/*
 * The GICv2m frame turns a message, a word of the SPI's interrupt id written
 * at GICV2M_SETSPI, into an edge of that SPI.  Its board_dev.irq is the first
 * of its GICV2M_SPIS SPIs.
 */
#define GICV2M_SETSPI 0x40
#define GICV2M_SPIS   64

/* A frame's place and range; nspis is 0 where the board has no frame. */
struct gicv2m_frame {
	uint64_t base; /* guest-physical */
	unsigned spi;  /* the first, from 0 */
	unsigned nspis;
};

struct gicv2m_frame gicv2m_frame(const struct board *b);
/*
 * The SPI, from 0, that a message raises through the frame; -1: none.  For
 * whoever binds an eventfd to the SPI of a message.  Any thread.
 */
int gicv2m_spi(const struct gicv2m_frame *f, const struct msi_msg *msg);

#endif
