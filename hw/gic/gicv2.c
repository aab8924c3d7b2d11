/* SPDX-License-Identifier: MIT */
/*
 * The GICv2 in software: what is pending, who is told, and the distributor's
 * class.  Registers are in gicv2_dist.c and gicv2_cpu.c.
 */
#include <errno.h>
#include <string.h>

#include "hw/gic/gicv2_priv.h"

/* ---- sets of interrupts that are ready to be taken */

static void set_insert(struct gicv2_set *set, unsigned level, unsigned id)
{
	set->ids[level][id / 64] |= UINT64_C(1) << (id % 64);
	set->words[level] |= (uint16_t)(1u << (id / 64));
	set->levels |= 1u << level;
}

static void set_remove(struct gicv2_set *set, unsigned level, unsigned id)
{
	uint64_t *word = &set->ids[level][id / 64];

	*word &= ~(UINT64_C(1) << (id % 64));
	if (!*word)
		set->words[level] &= (uint16_t) ~(1u << (id / 64));
	if (!set->words[level])
		set->levels &= ~(1u << level);
}

/* The lowest id of the set's highest priority, which is the lowest level. */
static unsigned set_first(const struct gicv2_set *set)
{
	unsigned level = (unsigned)__builtin_ctz(set->levels);
	unsigned word = (unsigned)__builtin_ctz(set->words[level]);

	return 64 * word + (unsigned)__builtin_ctzll(set->ids[level][word]);
}

/* Puts q into the sets of the CPUs in want, and of no others. */
static void gicv2_place(struct gicv2 *s, struct gicv2_irq *q, unsigned id,
			uint8_t want)
{
	unsigned level = q->priority >> 3;
	unsigned change = q->ready ^ want;

	s->dirty |= (uint8_t)change;
	for (; change; change &= change - 1) {
		unsigned cpu = (unsigned)__builtin_ctz(change);
		struct gicv2_set *set = &s->cpu[cpu].set[q->group];

		if (want >> cpu & 1)
			set_insert(set, level, id);
		else
			set_remove(set, level, id);
	}
	q->ready = want;
}

/* ---- the state of an interrupt (section 3.2.4) */

unsigned gicv2_accessor(const struct gicv2 *s)
{
	unsigned cpu = bus_cpu();

	return cpu < s->ncpus ? cpu : 0;
}

struct gicv2_irq *gicv2_irq(struct gicv2 *s, unsigned cpu, unsigned id)
{
	assert(id < s->nirqs);
	return id < GICV2_BANKED ? &s->cpu[cpu].own[id]
				 : &s->spi[id - GICV2_BANKED];
}

bool gicv2_pending(const struct gicv2_irq *q)
{
	return q->sources || q->latch || (!q->edge && q->line);
}

void gicv2_withdraw(struct gicv2 *s, struct gicv2_irq *q, unsigned id)
{
	gicv2_place(s, q, id, 0);
}

void gicv2_refresh(struct gicv2 *s, struct gicv2_irq *q, unsigned id)
{
	bool ready = q->enabled && !q->active && gicv2_pending(q);

	gicv2_place(s, q, id, ready ? q->targets : 0);
}

void gicv2_input(struct gicv2 *s, unsigned cpu, unsigned id, bool level)
{
	struct gicv2_irq *q = gicv2_irq(s, cpu, id);

	if (q->edge && level && !q->line)
		q->latch = true;
	q->line = level;
	gicv2_refresh(s, q, id);
}

/* ---- what a CPU is told (section 3.3, and the pseudocode of 3.9) */

unsigned gicv2_highest(struct gicv2 *s, unsigned cpu)
{
	const struct gicv2_set *best = NULL;

	for (unsigned group = 0; group < 2; group++) {
		const struct gicv2_set *set = &s->cpu[cpu].set[group];

		/* Among equals group 0 comes first, then the lowest id. */
		if (set->levels && (s->ctlr & GICD_CTLR_ENABLE(group)) &&
		    (!best ||
		     __builtin_ctz(set->levels) < __builtin_ctz(best->levels)))
			best = set;
	}
	return best ? set_first(best) : GICV2_NOTHING;
}

unsigned gicv2_group_mask(const struct gicv2_cpu *c, unsigned group)
{
	unsigned point = c->bpr[0] + 1;

	if (group && !(c->ctlr & GICC_CTLR_CBPR))
		point = c->bpr[1];
	return 0xffu << point & 0xff;
}

unsigned gicv2_running(const struct gicv2_cpu *c)
{
	uint32_t active = c->apr[0] | c->apr[1];

	return active ? 8 * (unsigned)__builtin_ctz(active) : GICV2_IDLE;
}

bool gicv2_signalled(const struct gicv2_cpu *c, const struct gicv2_irq *q)
{
	unsigned priority = q->priority & gicv2_group_mask(c, q->group);

	return (c->ctlr & GICC_CTLR_ENABLE(q->group)) && q->priority < c->pmr &&
	       priority < gicv2_running(c);
}

static void gicv2_output(struct gicv2 *s, unsigned cpu)
{
	struct gicv2_cpu *c = &s->cpu[cpu];
	unsigned id = gicv2_highest(s, cpu);
	bool irq = false, fiq = false;

	if (id != GICV2_NOTHING) {
		const struct gicv2_irq *q = gicv2_irq(s, cpu, id);

		irq = gicv2_signalled(c, q);
		if (irq && q->group == 0 && (c->ctlr & GICC_CTLR_FIQEN)) {
			irq = false;
			fiq = true;
		}
	}
	if (irq == c->irq && fiq == c->fiq)
		return;
	c->irq = irq;
	c->fiq = fiq;
	s->cfg.cpu_lines(s->cfg.opaque, cpu, irq, fiq);
}

void gicv2_settle(struct gicv2 *s)
{
	assert_held(&s->dev);
	for (; s->dirty; s->dirty &= (uint8_t)(s->dirty - 1))
		gicv2_output(s, (unsigned)__builtin_ctz(s->dirty));
}

/* ---- what devices and the accelerator see */

static void gicv2_set_line(struct irqchip *c, unsigned line, bool level)
{
	struct gicv2 *s = gicv2_of(c);

	if (line >= s->cfg.nspis)
		return;
	device_lock(&s->dev);
	gicv2_input(s, 0, GIC_SPI(line), level);
	gicv2_settle(s);
	device_unlock(&s->dev);
}

void gicv2_ppi(struct irqchip *chip, unsigned cpu, unsigned intid, bool level)
{
	struct gicv2 *s = gicv2_of(chip);

	if (cpu >= s->ncpus || intid < GIC_PPI(0) || intid >= GICV2_BANKED)
		return;
	device_lock(&s->dev);
	gicv2_input(s, cpu, intid, level);
	gicv2_settle(s);
	device_unlock(&s->dev);
}

static const struct irqchip_ops gicv2_chip_ops = {
	.set_line = gicv2_set_line,
	.route = gicv2_msi_route,
	.route_free = gicv2_msi_route_free,
	.send = gicv2_msi_send,
};

struct irqchip *gicv2_setup(struct device *dist, const struct gicv2_config *c)
{
	struct gicv2 *s = (struct gicv2 *)dist;

	s->cfg = *c;
	s->cfg.nspis = (c->nspis + 31) & ~31u;
	if (s->cfg.nspis > GICV2_MAX_SPIS)
		s->cfg.nspis = GICV2_MAX_SPIS;
	s->chip = (struct irqchip){ .ops = &gicv2_chip_ops,
				    .name = dist->name,
				    .nlines = s->cfg.nspis };
	return &s->chip;
}

/* ---- the class */

static int gicv2_realize(struct device *dev, struct err *err)
{
	struct gicv2 *s = (struct gicv2 *)dev;
	int ret;

	assert(s->cfg.cpu_lines);
	s->ncpus = dev->env->ncpus;
	s->nirqs = GIC_SPI(s->cfg.nspis);
	if (!s->ncpus || s->ncpus > GICV2_MAX_CPUS) {
		err_set(err, EINVAL,
			"%s: a GICv2 serves 1 to %u CPUs, and the guest has %u",
			dev->name, GICV2_MAX_CPUS, s->ncpus);
		err_hint(err, "use fewer CPUs, or a GICv3");
		return -EINVAL;
	}
	ret = gicv2_msi_init(s, err);
	if (ret < 0)
		return ret;
	device_region(dev, &gicv2_dist_ops);
	return 0;
}

static void gicv2_unrealize(struct device *dev)
{
	msi_fds_destroy(&((struct gicv2 *)dev)->fds);
}

/* The input stays: it is its device's, which resets itself. */
static void gicv2_irq_reset(struct gicv2 *s, struct gicv2_irq *q, unsigned id,
			    uint8_t targets)
{
	gicv2_withdraw(s, q, id);
	*q = (struct gicv2_irq){
		.targets = targets,
		.enabled = id < GIC_SGIS,
		.edge = id < GIC_SGIS,
		.line = q->line,
	};
}

static void gicv2_reset(struct device *dev)
{
	struct gicv2 *s = (struct gicv2 *)dev;

	s->ctlr = 0;
	for (unsigned cpu = 0; cpu < s->ncpus; cpu++) {
		for (unsigned id = 0; id < GICV2_BANKED; id++)
			gicv2_irq_reset(s, gicv2_irq(s, cpu, id), id,
					(uint8_t)(1u << cpu));
		gicv2_cpu_reset(&s->cpu[cpu]);
		s->dirty |= (uint8_t)(1u << cpu);
	}
	/* With one CPU there is no choice of targets (section 4.3.12). */
	for (unsigned id = GICV2_BANKED; id < s->nirqs; id++)
		gicv2_irq_reset(s, gicv2_irq(s, 0, id), id, s->ncpus == 1);
	gicv2_settle(s);
}

const struct device_class gicv2_dist_class = {
	.name = "gicv2-dist",
	.brief = "GICv2 distributor",
	.compatible = "arm,cortex-a15-gic",
	.size = sizeof(struct gicv2),
	.space = SPACE_MMIO,
	.region_size = 0x10000,
	.realize = gicv2_realize,
	.unrealize = gicv2_unrealize,
	.reset = gicv2_reset,
};
