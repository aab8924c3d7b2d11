/* SPDX-License-Identifier: MIT */
/* A software GICv2 on a rig's bus, with its outputs recorded. */
#include "tests/support/gic_rig.h"

#include "tests/test.h"

static void gic_rig_lines(void *opaque, unsigned cpu, bool irq, bool fiq)
{
	struct gic_rig *g = opaque;

	assert_true(g->irq[cpu] != irq || g->fiq[cpu] != fiq);
	g->irq[cpu] = irq;
	g->fiq[cpu] = fiq;
	g->told++;
}

static void gic_rig_place(struct gic_rig *g, struct device *dev, uint64_t base)
{
	struct err err = { 0 };

	if (device_realize(dev, &g->r.env, &err) < 0 ||
	    bus_add(&g->r.mmio, base, &dev->region, &err) < 0)
		fail_msg("%s", err.msg);
}

void gic_rig_make(struct gic_rig *g, unsigned ncpus)
{
	struct gicv2_config c = {
		.nspis = GIC_RIG_SPIS,
		.frame = { GIC_RIG_FRAME, GIC_RIG_MSI, GICV2M_SPIS },
		.cpu_lines = gic_rig_lines,
		.opaque = g,
	};

	*g = (struct gic_rig){ 0 };
	rig_init(&g->r);
	g->r.env.ncpus = ncpus;
	bus_set_cpu(0);
	g->dist = device_new(&gicv2_dist_class, "gic");
	g->cpuif = device_new(&gicv2_cpu_class, "gic-cpu");
	g->frame = device_new(&gicv2m_class, "v2m");
	g->chip = gicv2_setup(g->dist, &c);
	gicv2_cpu_setup(g->cpuif, g->chip);
	g->r.env.irqchip = g->chip;
	g->frame->irq = (struct irq){ g->chip, GIC_RIG_MSI };
	gic_rig_place(g, g->dist, GIC_RIG_DIST);
	gic_rig_place(g, g->cpuif, GIC_RIG_CPU);
	gic_rig_place(g, g->frame, GIC_RIG_FRAME);
}

void gic_rig_free(struct gic_rig *g)
{
	device_free(g->frame);
	device_free(g->cpuif);
	device_free(g->dist);
	rig_destroy(&g->r);
	bus_set_cpu(0);
}

static uint32_t gic_rig_read(struct gic_rig *g, unsigned cpu, uint64_t addr)
{
	uint64_t val;

	bus_set_cpu(cpu);
	assert_true(bus_read(&g->r.mmio, addr, 4, &val));
	return (uint32_t)val;
}

static void gic_rig_write(struct gic_rig *g, unsigned cpu, uint64_t addr,
			  uint32_t val, unsigned size)
{
	bus_set_cpu(cpu);
	assert_true(bus_write(&g->r.mmio, addr, size, val));
}

uint32_t gic_rig_dist(struct gic_rig *g, unsigned cpu, unsigned off)
{
	return gic_rig_read(g, cpu, GIC_RIG_DIST + off);
}

void gic_rig_dist_set(struct gic_rig *g, unsigned cpu, unsigned off,
		      uint32_t val)
{
	gic_rig_write(g, cpu, GIC_RIG_DIST + off, val, 4);
}

void gic_rig_dist_byte(struct gic_rig *g, unsigned cpu, unsigned off,
		       uint8_t val)
{
	gic_rig_write(g, cpu, GIC_RIG_DIST + off, val, 1);
}

uint32_t gic_rig_cpu(struct gic_rig *g, unsigned cpu, unsigned off)
{
	return gic_rig_read(g, cpu, GIC_RIG_CPU + off);
}

void gic_rig_cpu_set(struct gic_rig *g, unsigned cpu, unsigned off,
		     uint32_t val)
{
	gic_rig_write(g, cpu, GIC_RIG_CPU + off, val, 4);
}
