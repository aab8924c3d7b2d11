/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the software GICv2: the input is what CPUs, devices and the machine
 * do to it.  After each step its sets and outputs are held against a search
 * through all interrupts, which is slow and obvious.
 */
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/gic/gicv2_priv.h"
#include "tests/fuzz/fuzz.h"

#define DIST 0x08000000
#define CPU  0x08010000
#define MSI  80

static struct loop *loop;
static struct bus mmio;
static struct device_env env;
static struct gicv2 *gic;
static struct device *cpuif;
static struct irqchip *chip;
static bool irq[GICV2_MAX_CPUS], fiq[GICV2_MAX_CPUS];

struct step {
	uint8_t what, cpu;
	uint16_t where;
	uint32_t val;
};

static void told(void *opaque, unsigned cpu, bool i, bool f)
{
	(void)opaque;
	if ((irq[cpu] == i && fiq[cpu] == f) || (i && f))
		abort();
	irq[cpu] = i;
	fiq[cpu] = f;
}

/* ---- what must hold */

static unsigned search(unsigned cpu)
{
	const struct gicv2_irq *best = NULL;
	unsigned found = GICV2_NOTHING;

	for (unsigned group = 0; group < 2; group++)
		for (unsigned id = 0; id < gic->nirqs; id++) {
			const struct gicv2_irq *q = gicv2_irq(gic, cpu, id);

			if (q->group != group || !(gic->ctlr >> group & 1) ||
			    !q->enabled || q->active || !gicv2_pending(q) ||
			    !(q->targets >> cpu & 1) ||
			    (best && best->priority <= q->priority))
				continue;
			best = q;
			found = id;
		}
	return found;
}

static void check_cpu(unsigned cpu)
{
	const struct gicv2_cpu *c = &gic->cpu[cpu];
	unsigned id = search(cpu);
	bool want = false, as_fiq = false;

	if (gicv2_highest(gic, cpu) != id)
		abort();
	if (id != GICV2_NOTHING) {
		const struct gicv2_irq *q = gicv2_irq(gic, cpu, id);

		want = gicv2_signalled(c, q);
		as_fiq = !q->group && (c->ctlr & GICC_CTLR_FIQEN);
	}
	if (irq[cpu] != (want && !as_fiq) || fiq[cpu] != (want && as_fiq))
		abort();
	for (id = 0; id < GIC_SGIS; id++)
		if (c->own[id].sources >> gic->ncpus || !c->own[id].enabled)
			abort();
}

/* ---- the steps */

static void do_register(const struct step *t)
{
	unsigned size = t->what & 0x80 ? 1 : 4;
	uint64_t base = t->what & 1 ? CPU : DIST, val;
	uint64_t off = t->where % (t->what & 1 ? 0x1004 : 0x1000);

	if (size == 4)
		off &= ~3u;
	if (t->what & 2)
		bus_write(&mmio, base + off, size, t->val);
	else
		bus_read(&mmio, base + off, size, &val);
}

/* What a guest's handler does, so that states are met that go together. */
static void do_handler(const struct step *t)
{
	uint64_t iar;

	bus_read(&mmio, CPU + (t->val & 1 ? 0x20 : 0x0c), 4, &iar);
	if (t->val & 2)
		bus_write(&mmio, CPU + (t->val & 1 ? 0x24 : 0x10), 4, iar);
	if (t->val & 4)
		bus_write(&mmio, CPU + 0x1000, 4, iar);
}

static void do_one(const struct step *t)
{
	struct msi_msg msg = { 0x08020040, GIC_SPI(MSI) + t->val % 70, 0 };

	bus_set_cpu(t->cpu % GICV2_MAX_CPUS); /* or one that is not there */
	switch (t->what >> 2 & 7) {
	case 0:
		irq_set(&(struct irq){ chip, t->where % 256 }, t->val & 1);
		break;
	case 1:
		gicv2_ppi(chip, t->cpu % GICV2_MAX_CPUS, t->where % 40,
			  t->val & 1);
		break;
	case 2: chip->ops->send(chip, &msg); break;
	case 3: do_handler(t); break;
	case 4:
		if (t->val % 64 == 0)
			device_reset(&gic->dev);
		break;
	default: do_register(t); break;
	}
	for (unsigned cpu = 0; cpu < gic->ncpus; cpu++)
		check_cpu(cpu);
}

static void make(unsigned ncpus)
{
	struct gicv2_config c = { .nspis = 160,
				  .frame = { 0x08020000, MSI, GICV2M_SPIS },
				  .cpu_lines = told };
	struct device *dist = device_new(&gicv2_dist_class, "gic");
	struct err err = { 0 };

	if (!loop)
		loop = loop_new(&err);
	cpuif = device_new(&gicv2_cpu_class, "gic-cpu");
	if (!dist || !cpuif || !loop)
		abort();
	memset(irq, 0, sizeof(irq));
	memset(fiq, 0, sizeof(fiq));
	env = (struct device_env){ .loop = loop, .ncpus = ncpus };
	bus_init(&mmio, "mmio", 0);
	gic = (struct gicv2 *)dist;
	chip = gicv2_setup(dist, &c);
	gicv2_cpu_setup(cpuif, chip);
	if (device_realize(dist, &env, &err) < 0 ||
	    device_realize(cpuif, &env, &err) < 0 ||
	    bus_add(&mmio, DIST, &dist->region, &err) < 0 ||
	    bus_add(&mmio, CPU, &cpuif->region, &err) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct step t;

	if (!size)
		return 0;
	log_threshold = LOG_LEVEL_ERROR;
	make(1 + *data % GICV2_MAX_CPUS);
	for (data++, size--; size >= sizeof(t);
	     data += sizeof(t), size -= sizeof(t)) {
		memcpy(&t, data, sizeof(t));
		do_one(&t);
	}
	device_free(cpuif);
	device_free(&gic->dev);
	bus_destroy(&mmio);
	return 0;
}
