/* SPDX-License-Identifier: MIT */
/* The software GICv2's CPU interface (IHI 0048B section 4.4). */
#include "hw/gic/gicv2_priv.h"

#define GICC_CTLR   0x0000
#define GICC_PMR    0x0004
#define GICC_BPR    0x0008
#define GICC_IAR    0x000c
#define GICC_EOIR   0x0010
#define GICC_RPR    0x0014
#define GICC_HPPIR  0x0018
#define GICC_ABPR   0x001c
#define GICC_AIAR   0x0020
#define GICC_AEOIR  0x0024
#define GICC_AHPPIR 0x0028
#define GICC_APR0   0x00d0
#define GICC_NSAPR0 0x00e0
#define GICC_IIDR   0x00fc
#define GICC_DIR    0x1000

#define GICC_IIDR_V2 0x20000u
#define SOURCE_SHIFT 10 /* of an SGI's CPU, beside its id */

struct gicv2_cpuif {
	struct device dev;
	struct gicv2 *gic; /* constant from setup */
};

void gicv2_cpu_setup(struct device *cpuif, struct irqchip *chip)
{
	((struct gicv2_cpuif *)cpuif)->gic = gicv2_of(chip);
}

void gicv2_cpu_reset(struct gicv2_cpu *c)
{
	c->ctlr = 0;
	c->pmr = 0;
	c->bpr[0] = GICC_BPR_MIN;
	c->bpr[1] = GICC_ABPR_MIN;
	c->apr[0] = c->apr[1] = 0;
}

/* ---- which interrupt, as a register names it */

static unsigned cpu_source(const struct gicv2_irq *q)
{
	return q->sources ? (unsigned)__builtin_ctz(q->sources) : 0;
}

/*
 * What a read of GICC_IAR or GICC_HPPIR (group 0), or of their aliases (group
 * 1), may name: the second group only where the first is not asked, or
 * AckCtl lets it (sections 4.4.4, 4.4.7, 4.4.10 and 4.4.13).
 */
static unsigned cpu_visible(const struct gicv2_cpu *c,
			    const struct gicv2_irq *q, unsigned id,
			    unsigned group)
{
	if (group == q->group)
		return id;
	if (group)
		return GICV2_NOTHING;
	return c->ctlr & GICC_CTLR_ACKCTL ? id : GICV2_GROUP1;
}

static uint32_t cpu_highest(struct gicv2 *s, unsigned cpu, unsigned group)
{
	const struct gicv2_cpu *c = &s->cpu[cpu];
	unsigned id = gicv2_highest(s, cpu);
	const struct gicv2_irq *q;

	if (id == GICV2_NOTHING)
		return GICV2_NOTHING;
	q = gicv2_irq(s, cpu, id);
	if (!(c->ctlr & GICC_CTLR_ENABLE(q->group)))
		return GICV2_NOTHING;
	id = cpu_visible(c, q, id, group);
	return id < s->nirqs ? id | cpu_source(q) << SOURCE_SHIFT : id;
}

/* Pending becomes active; the CPU's priority rises (section 3.2.1). */
static uint32_t cpu_take(struct gicv2 *s, unsigned cpu, unsigned id,
			 struct gicv2_irq *q)
{
	struct gicv2_cpu *c = &s->cpu[cpu];
	unsigned source = cpu_source(q);
	unsigned priority = q->priority & gicv2_group_mask(c, q->group);

	c->apr[q->group] |= 1u << (priority >> 3);
	q->sources &= (uint8_t) ~(1u << source);
	q->latch = false;
	q->active = true;
	gicv2_refresh(s, q, id);
	s->dirty |= (uint8_t)(1u << cpu);
	return id | source << SOURCE_SHIFT;
}

static uint32_t cpu_acknowledge(struct gicv2 *s, unsigned cpu, unsigned group)
{
	const struct gicv2_cpu *c = &s->cpu[cpu];
	unsigned id = gicv2_highest(s, cpu), visible;
	struct gicv2_irq *q;

	if (id == GICV2_NOTHING)
		return GICV2_NOTHING;
	q = gicv2_irq(s, cpu, id);
	if (!gicv2_signalled(c, q))
		return GICV2_NOTHING;
	visible = cpu_visible(c, q, id, group);
	return visible == id ? cpu_take(s, cpu, id, q) : visible;
}

/* ---- the end of an interrupt (section 3.2.1) */

static void cpu_deactivate(struct gicv2 *s, unsigned cpu, unsigned id)
{
	struct gicv2_irq *q = gicv2_irq(s, cpu, id);

	q->active = false;
	gicv2_refresh(s, q, id);
}

/* The highest active priority ends, whichever interrupt is named. */
static void cpu_drop(struct gicv2 *s, unsigned cpu)
{
	struct gicv2_cpu *c = &s->cpu[cpu];
	uint32_t active = c->apr[0] | c->apr[1];
	uint32_t highest = active & -active;

	if (c->apr[0] & highest)
		c->apr[0] &= ~highest;
	else
		c->apr[1] &= ~highest;
	s->dirty |= (uint8_t)(1u << cpu);
}

/* group 1: through GICC_AEOIR, which is not for interrupts of group 0. */
static void cpu_end(struct gicv2 *s, unsigned cpu, unsigned group, uint32_t val)
{
	unsigned id = val & GICV2_ID_MASK;

	if (id >= s->nirqs || (group && !gicv2_irq(s, cpu, id)->group))
		return;
	cpu_drop(s, cpu);
	if (!(s->cpu[cpu].ctlr & GICC_CTLR_EOIMODE))
		cpu_deactivate(s, cpu, id);
}

static void cpu_dir(struct gicv2 *s, unsigned cpu, uint32_t val)
{
	unsigned id = val & GICV2_ID_MASK;

	if (id < s->nirqs && (s->cpu[cpu].ctlr & GICC_CTLR_EOIMODE))
		cpu_deactivate(s, cpu, id);
}

/* ---- registers */

static uint64_t cpu_read(void *opaque, uint64_t off, unsigned size)
{
	struct gicv2 *s = ((struct gicv2_cpuif *)opaque)->gic;
	unsigned cpu = gicv2_accessor(s);
	const struct gicv2_cpu *c = &s->cpu[cpu];
	uint32_t val = 0;

	(void)size;
	switch (off) {
	case GICC_CTLR: return c->ctlr;
	case GICC_PMR: return c->pmr;
	case GICC_BPR: return c->bpr[0];
	case GICC_ABPR: return c->bpr[1];
	case GICC_RPR: return gicv2_running(c);
	case GICC_APR0: return c->apr[0];
	case GICC_NSAPR0: return c->apr[1];
	case GICC_IIDR: return GICV2_PRODUCT | GICC_IIDR_V2;
	case GICC_HPPIR: return cpu_highest(s, cpu, 0);
	case GICC_AHPPIR: return cpu_highest(s, cpu, 1);
	case GICC_IAR: val = cpu_acknowledge(s, cpu, 0); break;
	case GICC_AIAR: val = cpu_acknowledge(s, cpu, 1); break;
	}
	gicv2_settle(s);
	return val;
}

static uint8_t cpu_binary_point(uint64_t val, uint8_t least)
{
	return (val & 7) < least ? least : val & 7;
}

static void cpu_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct gicv2 *s = ((struct gicv2_cpuif *)opaque)->gic;
	unsigned cpu = gicv2_accessor(s);
	struct gicv2_cpu *c = &s->cpu[cpu];

	(void)size;
	switch (off) {
	case GICC_CTLR: c->ctlr = val & GICC_CTLR_WRITABLE; break;
	case GICC_PMR: c->pmr = val & GICV2_PRIO_MASK; break;
	case GICC_BPR: c->bpr[0] = cpu_binary_point(val, GICC_BPR_MIN); break;
	case GICC_ABPR: c->bpr[1] = cpu_binary_point(val, GICC_ABPR_MIN); break;
	case GICC_APR0: c->apr[0] = (uint32_t)val; break;
	case GICC_NSAPR0: c->apr[1] = (uint32_t)val; break;
	case GICC_EOIR: cpu_end(s, cpu, 0, (uint32_t)val); break;
	case GICC_AEOIR: cpu_end(s, cpu, 1, (uint32_t)val); break;
	case GICC_DIR: cpu_dir(s, cpu, (uint32_t)val); break;
	default: return;
	}
	s->dirty |= (uint8_t)(1u << cpu);
	gicv2_settle(s);
}

static const struct region_ops gicv2_cpu_ops = {
	.read = cpu_read,
	.write = cpu_write,
	.min_size = 4,
	.max_size = 4,
};

/* ---- the class: registers of the distributor's device, under its lock */

static int gicv2_cpu_realize(struct device *dev, struct err *err)
{
	struct gicv2_cpuif *s = (struct gicv2_cpuif *)dev;

	(void)err;
	assert(s->gic);
	device_region(dev, &gicv2_cpu_ops);
	dev->region.dev = &s->gic->dev;
	return 0;
}

const struct device_class gicv2_cpu_class = {
	.name = "gicv2-cpu",
	.brief = "GICv2 CPU interface",
	.size = sizeof(struct gicv2_cpuif),
	.space = SPACE_MMIO,
	.region_size = 0x10000,
	.realize = gicv2_cpu_realize,
};
