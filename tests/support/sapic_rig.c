/* SPDX-License-Identifier: MIT */
/* SAPICs of four CPUs and two I/O SAPICs on a rig, their outputs recorded. */
#include "tests/support/sapic_rig.h"

#include "tests/test.h"

static void sapic_rig_line(void *opaque, unsigned cpu, bool level)
{
	struct sapic_rig *x = opaque;

	assert_true(cpu < SAPIC_RIG_CPUS && x->line[cpu] != level);
	x->line[cpu] = level;
}

static void sapic_rig_event(void *opaque, unsigned cpu, enum sapic_mode mode,
			    uint8_t vector)
{
	struct sapic_rig *x = opaque;

	x->event[cpu] = mode;
	x->event_vector[cpu] = vector;
	x->events[cpu]++;
}

static void realize(struct sapic_rig *x, struct device *dev, uint64_t base)
{
	struct err err = { 0 };

	if (device_realize(dev, &x->r.env, &err) < 0 ||
	    bus_add(&x->r.mmio, base, &dev->region, &err) < 0)
		fail_msg("%s", err.msg);
}

void sapic_rig_make(struct sapic_rig *x)
{
	const struct sapic_config c = { .block = SAPIC_RIG_BLOCK,
					.cpu_line = sapic_rig_line,
					.cpu_event = sapic_rig_event,
					.opaque = x };

	*x = (struct sapic_rig){ 0 };
	rig_init(&x->r);
	x->r.env.ncpus = SAPIC_RIG_CPUS;
	x->dev = device_new(&sapic_class, "sapic");
	x->chip = sapic_setup(x->dev, &c);
	x->r.env.irqchip = x->chip;
	realize(x, x->dev, SAPIC_RIG_BLOCK);
	for (unsigned i = 0; i < 2; i++) {
		x->io[i] = device_new(&iosapic_class, "iosapic");
		iosapic_setup(x->io[i], x->dev, i * IOSAPIC_PINS);
		realize(x, x->io[i], SAPIC_RIG_IO + 0x1000 * i);
	}
	bus_set_cpu(0);
}

void sapic_rig_free(struct sapic_rig *x)
{
	for (unsigned i = 0; i < 2; i++) {
		bus_remove(&x->io[i]->region);
		device_free(x->io[i]);
	}
	bus_remove(&x->dev->region);
	device_free(x->dev);
	rig_destroy(&x->r);
}

uint64_t sapic_rig_get(struct sapic_rig *x, unsigned cpu, unsigned reg)
{
	uint64_t val = 0;

	assert_true(sapic_read(x->dev, cpu, reg, &val));
	return val;
}

void sapic_rig_put(struct sapic_rig *x, unsigned cpu, unsigned reg,
		   uint64_t val)
{
	assert_true(sapic_write(x->dev, cpu, reg, val));
}

void sapic_rig_ipi(struct sapic_rig *x, unsigned id, unsigned eid,
		   uint64_t data)
{
	assert_true(bus_write(
		&x->r.mmio, SAPIC_RIG_BLOCK + (id << 12 | eid << 4), 8, data));
}

void sapic_rig_rte(struct sapic_rig *x, unsigned io, unsigned pin, uint64_t rte)
{
	uint64_t base = SAPIC_RIG_IO + 0x1000 * io;

	bus_write(&x->r.mmio, base, 4, 0x11 + 2 * pin);
	bus_write(&x->r.mmio, base + 0x10, 4, rte >> 32);
	bus_write(&x->r.mmio, base, 4, 0x10 + 2 * pin);
	bus_write(&x->r.mmio, base + 0x10, 4, rte & UINT32_MAX);
}

uint32_t sapic_rig_window(struct sapic_rig *x, unsigned io, unsigned reg)
{
	uint64_t base = SAPIC_RIG_IO + 0x1000 * io, val;

	bus_write(&x->r.mmio, base, 4, reg);
	assert_true(bus_read(&x->r.mmio, base + 0x10, 4, &val));
	return (uint32_t)val;
}
