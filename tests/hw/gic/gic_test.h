/* SPDX-License-Identifier: MIT */
/* Short names for the tests of the software GICv2. */
#ifndef TESTS_HW_GIC_GIC_TEST_H
#define TESTS_HW_GIC_GIC_TEST_H

#include "tests/support/gic_rig.h"
#include "tests/test.h"

#define D_CTLR	     0x000
#define D_TYPER	     0x004
#define D_IIDR	     0x008
#define D_IGROUPR    0x080
#define D_ISENABLER  0x100
#define D_ICENABLER  0x180
#define D_ISPENDR    0x200
#define D_ICPENDR    0x280
#define D_ISACTIVER  0x300
#define D_ICACTIVER  0x380
#define D_IPRIORITYR 0x400
#define D_ITARGETSR  0x800
#define D_ICFGR	     0xc00
#define D_SGIR	     0xf00
#define D_CPENDSGIR  0xf10
#define D_SPENDSGIR  0xf20

#define C_CTLR	 0x0000
#define C_PMR	 0x0004
#define C_BPR	 0x0008
#define C_IAR	 0x000c
#define C_EOIR	 0x0010
#define C_RPR	 0x0014
#define C_HPPIR	 0x0018
#define C_ABPR	 0x001c
#define C_AIAR	 0x0020
#define C_AEOIR	 0x0024
#define C_AHPPIR 0x0028
#define C_APR0	 0x00d0
#define C_NSAPR0 0x00e0
#define C_IIDR	 0x00fc
#define C_DIR	 0x1000

#define CTLR_GROUP0 1u
#define CTLR_GROUP1 2u
#define CTLR_ACKCTL 4u
#define CTLR_FIQEN  8u
#define CTLR_CBPR   0x10u
#define CTLR_EOI    0x200u

/* Everything enabled, group 0, no priority masked. */
static inline void gic_on(struct gic_rig *g, unsigned ncpus)
{
	gic_rig_make(g, ncpus);
	gic_rig_dist_set(g, 0, D_CTLR, CTLR_GROUP0 | CTLR_GROUP1);
	for (unsigned cpu = 0; cpu < ncpus; cpu++) {
		gic_rig_cpu_set(g, cpu, C_PMR, 0xff);
		gic_rig_cpu_set(g, cpu, C_CTLR, CTLR_GROUP0 | CTLR_GROUP1);
	}
}

static inline uint32_t bit_of(unsigned id)
{
	return 1u << (id % 32);
}

/* Of a set with a bit an interrupt. */
static inline bool get_bit(struct gic_rig *g, unsigned cpu, unsigned set,
			   unsigned id)
{
	return gic_rig_dist(g, cpu, set + id / 32 * 4) & bit_of(id);
}

static inline void hit_bit(struct gic_rig *g, unsigned cpu, unsigned set,
			   unsigned id)
{
	gic_rig_dist_set(g, cpu, set + id / 32 * 4, bit_of(id));
}

static inline void set_group1(struct gic_rig *g, unsigned cpu, unsigned id,
			      bool on)
{
	unsigned off = D_IGROUPR + id / 32 * 4;
	uint32_t val = gic_rig_dist(g, cpu, off) & ~bit_of(id);

	gic_rig_dist_set(g, cpu, off, on ? val | bit_of(id) : val);
}

static inline void set_edge(struct gic_rig *g, unsigned id, bool on)
{
	unsigned off = D_ICFGR + id / 16 * 4;
	uint32_t bit = 2u << (id % 16 * 2);
	uint32_t val = gic_rig_dist(g, 0, off) & ~bit;

	gic_rig_dist_set(g, 0, off, on ? val | bit : val);
}

/* An SPI: enabled, of a priority, to CPUs, level or edge. */
static inline void spi_on(struct gic_rig *g, unsigned id, uint8_t priority,
			  uint8_t targets, bool edge)
{
	gic_rig_dist_byte(g, 0, D_IPRIORITYR + id, priority);
	gic_rig_dist_byte(g, 0, D_ITARGETSR + id, targets);
	set_edge(g, id, edge);
	hit_bit(g, 0, D_ISENABLER, id);
}

static inline void spi_line(struct gic_rig *g, unsigned id, bool level)
{
	irq_set(&(struct irq){ g->chip, id - 32 }, level);
}

static inline uint32_t ack(struct gic_rig *g, unsigned cpu)
{
	return gic_rig_cpu(g, cpu, C_IAR);
}

static inline void eoi(struct gic_rig *g, unsigned cpu, uint32_t iar)
{
	gic_rig_cpu_set(g, cpu, C_EOIR, iar);
}

#endif
