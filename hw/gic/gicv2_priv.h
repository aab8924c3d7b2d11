/* SPDX-License-Identifier: MIT */
/* The inside of the software GICv2, shared by its files. */
#ifndef HW_GIC_GICV2_PRIV_H
#define HW_GIC_GICV2_PRIV_H

#include "hw/core/msi_fds.h"
#include "hw/gic/gicv2.h"

/*
 * Section numbers are those of the Arm Generic Interrupt Controller
 * Architecture Specification, version 2.0, IHI 0048B.  This one has no
 * Security Extensions: two groups, one view of every register for everybody.
 */
#define GICV2_BANKED  32 /* ids below are each CPU's own */
#define GICV2_NOTHING 1023
#define GICV2_GROUP1  1022 /* ask the aliased register */
#define GICV2_ID_MASK 0x3ff
#define GICV2_PRODUCT 0x05600000u /* 'V', in bits [31:20] of the IIDRs */

/* Five bits of priority (section 3.3), the top ones of a byte. */
#define GICV2_LEVELS	32
#define GICV2_PRIO_MASK 0xf8
#define GICV2_IDLE	0xff /* running priority without active interrupts */

#define GICD_CTLR_ENABLE(group) (1u << (group))

#define GICC_CTLR_ENABLE(group) (1u << (group))
#define GICC_CTLR_ACKCTL	(1u << 2)
#define GICC_CTLR_FIQEN		(1u << 3)
#define GICC_CTLR_CBPR		(1u << 4)
#define GICC_CTLR_EOIMODE	(1u << 9)
/* With the bypass disables, [8:5], which have nothing to let pass. */
#define GICC_CTLR_WRITABLE 0x3ffu

#define GICC_BPR_MIN  2
#define GICC_ABPR_MIN 3

/* One interrupt; of an SGI or PPI, as one CPU has it. */
struct gicv2_irq {
	uint8_t priority;
	uint8_t group;
	uint8_t targets; /* CPUs, a bit each; constant below SPIs */
	uint8_t sources; /* an SGI: the CPUs whose request is pending */
	bool enabled, edge;
	bool line;  /* the input, as its device drives it */
	bool latch; /* an edge, or a write to GICD_ISPENDR, is pending */
	bool active;
	uint8_t ready; /* CPUs in whose set it is */
};

/*
 * Interrupts of one group that a CPU could take: by level of priority, and a
 * bit each, so that the first is found without a search.
 */
struct gicv2_set {
	uint32_t levels;	      /* that have any */
	uint16_t words[GICV2_LEVELS]; /* of ids[level] that are not 0 */
	uint64_t ids[GICV2_LEVELS][16];
};

struct gicv2_cpu {
	struct gicv2_set set[2];
	struct gicv2_irq own[GICV2_BANKED];
	uint32_t ctlr;
	uint8_t pmr;
	uint8_t bpr[2];	 /* GICC_BPR, GICC_ABPR */
	uint32_t apr[2]; /* active levels: GICC_APR0, GICC_NSAPR0 */
	bool irq, fiq;	 /* the outputs, as last told */
};

struct gicv2 {
	struct device dev; /* dev.lock is the chip's */
	struct irqchip chip;
	struct gicv2_config cfg; /* constant from setup */
	unsigned ncpus, nirqs;	 /* constant from realize */

	/* dev.lock: */
	uint32_t ctlr;
	uint8_t dirty; /* CPUs whose outputs are to be looked at */
	struct gicv2_cpu cpu[GICV2_MAX_CPUS];
	struct gicv2_irq spi[GICV2_MAX_SPIS];

	struct msi_fds fds; /* routes; its lock comes before dev.lock */
};

/* Who accesses a register. */
unsigned gicv2_accessor(const struct gicv2 *s);
/* id < nirqs, as that CPU has it. */
struct gicv2_irq *gicv2_irq(struct gicv2 *s, unsigned cpu, unsigned id);
bool gicv2_pending(const struct gicv2_irq *q);

/*
 * Around every change: where priority or group is to change, withdraw()
 * first; after any change refresh(); at the end settle(), which tells CPUs.
 */
void gicv2_withdraw(struct gicv2 *s, struct gicv2_irq *q, unsigned id);
void gicv2_refresh(struct gicv2 *s, struct gicv2_irq *q, unsigned id);
void gicv2_settle(struct gicv2 *s);

/* An input moves; the caller settles. */
void gicv2_input(struct gicv2 *s, unsigned cpu, unsigned id, bool level);

/*
 * The pending interrupt of highest priority that the distributor forwards to
 * a CPU (section 3.3), or GICV2_NOTHING.
 */
unsigned gicv2_highest(struct gicv2 *s, unsigned cpu);
/* Whether that one, q, may interrupt the CPU now. */
bool gicv2_signalled(const struct gicv2_cpu *c, const struct gicv2_irq *q);
/* Of the highest active interrupt; GICV2_IDLE without one. */
unsigned gicv2_running(const struct gicv2_cpu *c);
/* The bits of a priority that make its group's priority (section 3.3.3). */
unsigned gicv2_group_mask(const struct gicv2_cpu *c, unsigned group);

/* gicv2_cpu.c: to the reset state. */
void gicv2_cpu_reset(struct gicv2_cpu *c);

/* gicv2_dist.c */
extern const struct region_ops gicv2_dist_ops;

/* gicv2_msi.c */
int gicv2_msi_init(struct gicv2 *s, struct err *err);
int gicv2_msi_route(struct irqchip *c, struct msi_route *r,
		    const struct msi_msg *msg);
void gicv2_msi_route_free(struct irqchip *c, struct msi_route *r);
void gicv2_msi_send(struct irqchip *c, const struct msi_msg *msg);

static inline struct gicv2 *gicv2_of(struct irqchip *c)
{
	return container_of(c, struct gicv2, chip);
}

#endif
