/* SPDX-License-Identifier: MIT */
/* Arm's PrimeCell GPIO (PL061): eight pins, one of them the power button. */
#include "hw/gpio/pl061.h"

#include "hw/core/primecell.h"

/* Table 3-1: the registers, without their prefix GPIO. */
enum {
	PL061_DATA = 0x000, /* to 0x3fc: bits 9:2 of the address are a mask */
	PL061_DIR = 0x400,
	PL061_IS = 0x404,
	PL061_IBE = 0x408,
	PL061_IEV = 0x40c,
	PL061_IE = 0x410,
	PL061_RIS = 0x414,
	PL061_MIS = 0x418,
	PL061_IC = 0x41c,
	PL061_AFSEL = 0x420,
};

#define PL061_PERIPH_ID 0x00041061

/* Levels at the pins: what the guest drives, or what comes from outside. */
static uint8_t pl061_pins(const struct pl061 *s)
{
	return (s->data & s->dir) | (s->inputs & ~s->dir);
}

/* Edges are remembered; a level is raised for as long as it lasts (3.3.6). */
static uint8_t pl061_ris(const struct pl061 *s)
{
	uint8_t levels = ~(s->inputs ^ s->iev) & ~s->dir;

	return (s->is & levels) | (~s->is & s->edges);
}

/* The only function that drives the line. */
static void pl061_update_irq(struct pl061 *s)
{
	irq_set(&s->dev.irq, pl061_ris(s) & s->ie);
}

/* The pins come to these levels from outside. */
static void pl061_drive(struct pl061 *s, uint8_t levels)
{
	uint8_t changed = (levels ^ s->inputs) & ~s->dir;
	uint8_t wanted = s->ibe | ~(levels ^ s->iev);

	s->inputs = levels;
	s->edges |= changed & wanted & ~s->is;
	pl061_update_irq(s);
}

void pl061_set_input(struct pl061 *s, unsigned pin, bool level)
{
	uint8_t bit = (uint8_t)(1u << pin);

	assert(pin < PL061_PINS);
	device_lock(&s->dev);
	pl061_drive(s, level ? s->inputs | bit : s->inputs & ~bit);
	device_unlock(&s->dev);
}

/* ---- the power button */

static void pl061_release(void *opaque)
{
	pl061_set_input(opaque, PL061_POWER_PIN, false);
}

static void pl061_power_button(struct device *dev)
{
	struct pl061 *s = (struct pl061 *)dev;
	struct clock *clock = dev->env->clock;

	pl061_set_input(s, PL061_POWER_PIN, true);
	timer_arm(clock, &s->timer, clock_now_ns(clock) + PL061_PRESS_NS);
}

/* ---- registers */

static uint32_t pl061_read_reg(const struct pl061 *s, uint64_t off)
{
	if (off < PL061_DIR)
		return pl061_pins(s) & off >> 2;
	switch (off) {
	case PL061_DIR: return s->dir;
	case PL061_IS: return s->is;
	case PL061_IBE: return s->ibe;
	case PL061_IEV: return s->iev;
	case PL061_IE: return s->ie;
	case PL061_RIS: return pl061_ris(s);
	case PL061_MIS: return pl061_ris(s) & s->ie;
	case PL061_AFSEL: return s->afsel;
	default: return primecell_id(PL061_PERIPH_ID, off);
	}
}

static void pl061_write_reg(struct pl061 *s, uint64_t off, uint8_t val)
{
	uint8_t mask = (uint8_t)(off >> 2);

	if (off < PL061_DIR) {
		s->data = (s->data & ~mask) | (val & mask);
		return;
	}
	switch (off) {
	case PL061_DIR: s->dir = val; break;
	case PL061_IS: s->is = val; break;
	case PL061_IBE: s->ibe = val; break;
	case PL061_IEV: s->iev = val; break;
	case PL061_IE: s->ie = val; break;
	case PL061_IC: s->edges &= ~val; break;
	case PL061_AFSEL: s->afsel = val; break;
	default: break;
	}
}

static uint64_t pl061_read(void *opaque, uint64_t off, unsigned size)
{
	(void)size;
	return primecell_lanes(pl061_read_reg(opaque, primecell_word(off)),
			       off);
}

static void pl061_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct pl061 *s = opaque;

	(void)size;
	if (off == primecell_word(off))
		pl061_write_reg(s, off, (uint8_t)val);
	pl061_update_irq(s);
}

static const struct region_ops pl061_ops = {
	.read = pl061_read,
	.write = pl061_write,
	.min_size = 1,
	.max_size = 4,
};

/* ---- the device */

static int pl061_realize(struct device *dev, struct err *err)
{
	struct pl061 *s = (struct pl061 *)dev;

	(void)err;
	s->timer = (struct timer){ .fire = pl061_release, .opaque = s };
	device_region(dev, &pl061_ops);
	return 0;
}

static void pl061_unrealize(struct device *dev)
{
	timer_disarm(dev->env->clock, &((struct pl061 *)dev)->timer);
}

/* The registers; what is outside stays as it is. */
static void pl061_reset(struct device *dev)
{
	struct pl061 *s = (struct pl061 *)dev;

	s->data = s->dir = s->is = s->ibe = s->iev = s->ie = s->afsel = 0;
	s->edges = 0;
	pl061_update_irq(s);
}

const struct device_class pl061_class = {
	.name = "pl061",
	.brief = "Arm PrimeCell GPIO (PL061) with the power button",
	.compatible = "arm,pl061",
	.size = sizeof(struct pl061),
	.space = SPACE_MMIO,
	.region_size = PRIMECELL_SIZE,
	.realize = pl061_realize,
	.unrealize = pl061_unrealize,
	.reset = pl061_reset,
	.power_button = pl061_power_button,
};
