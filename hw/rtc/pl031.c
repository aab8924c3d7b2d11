/* SPDX-License-Identifier: MIT */
/* Arm's PrimeCell Real Time Clock (PL031): seconds since 1970, one alarm. */
#include "hw/rtc/pl031.h"

#include "hw/core/primecell.h"

/* Table 3-1: the registers, without their prefix RTC. */
enum {
	PL031_DR = 0x00,
	PL031_MR = 0x04,
	PL031_LR = 0x08,
	PL031_CR = 0x0c,
	PL031_IMSC = 0x10,
	PL031_RIS = 0x14,
	PL031_MIS = 0x18,
	PL031_ICR = 0x1c,
};

#define PL031_PERIPH_ID 0x00041031
#define PL031_ENABLED	1    /* RTCCR; cannot be stopped (3.3.4) */
#define PL031_LAST_YEAR 2105 /* the last whole one in 32 bits */

static int64_t pl031_now_ns(struct pl031 *s)
{
	return clock_wall_ns(s->dev.env->clock) + s->offset_ns;
}

static int64_t pl031_now_s(struct pl031 *s)
{
	return rtc_div_floor(pl031_now_ns(s), RTC_SEC_NS);
}

/* The only function that drives the line. */
static void pl031_update_irq(struct pl031 *s)
{
	irq_set(&s->dev.irq, s->raw & s->mask);
}

/* The timer for the second at which the counter equals the match register;
 * it runs on another clock than the guest's time and may come too early. */
static void pl031_arm(struct pl031 *s)
{
	struct clock *clock = s->dev.env->clock;
	int64_t wait_ns = s->alarm_s * RTC_SEC_NS - pl031_now_ns(s);

	timer_arm(clock, &s->timer,
		  clock_now_ns(clock) + (wait_ns > 0 ? (uint64_t)wait_ns : 0));
}

/* Sets the alarm for the first second at or after from_s that matches. */
static void pl031_set_alarm(struct pl031 *s, int64_t from_s)
{
	s->alarm_s = from_s + (uint32_t)(s->match - (uint32_t)from_s);
	pl031_arm(s);
}

/* Raises what has come due; all of it happens in guest time. */
static void pl031_catch_up(struct pl031 *s)
{
	int64_t now = pl031_now_s(s);

	if (now < s->alarm_s)
		return;
	s->raw = 1;
	pl031_set_alarm(s, now + 1);
}

static void pl031_fire(void *opaque)
{
	struct pl031 *s = opaque;

	device_lock(&s->dev);
	pl031_catch_up(s);
	pl031_arm(s);
	pl031_update_irq(s);
	device_unlock(&s->dev);
}

/* The counter goes on from val; the second that has begun stays as long. */
static void pl031_write_lr(struct pl031 *s, uint32_t val)
{
	int64_t now = pl031_now_ns(s);
	int64_t into = now - rtc_div_floor(now, RTC_SEC_NS) * RTC_SEC_NS;

	s->load = val;
	s->offset_ns += val * RTC_SEC_NS + into - now;
	pl031_set_alarm(s, val);
}

static uint32_t pl031_read_reg(struct pl031 *s, uint64_t off)
{
	switch (off) {
	case PL031_DR: return (uint32_t)pl031_now_s(s);
	case PL031_MR: return s->match;
	case PL031_LR: return s->load;
	case PL031_CR: return PL031_ENABLED;
	case PL031_IMSC: return s->mask;
	case PL031_RIS: return s->raw;
	case PL031_MIS: return s->raw & s->mask;
	default: return primecell_id(PL031_PERIPH_ID, off);
	}
}

static uint64_t pl031_read(void *opaque, uint64_t off, unsigned size)
{
	struct pl031 *s = opaque;

	(void)size;
	pl031_catch_up(s);
	pl031_update_irq(s);
	return primecell_lanes(pl031_read_reg(s, primecell_word(off)), off);
}

static void pl031_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct pl031 *s = opaque;

	(void)size;
	pl031_catch_up(s);
	switch (off) {
	case PL031_MR:
		s->match = (uint32_t)val;
		pl031_set_alarm(s, pl031_now_s(s));
		break;
	case PL031_LR: pl031_write_lr(s, (uint32_t)val); break;
	case PL031_IMSC: s->mask = val & 1; break;
	case PL031_ICR: s->raw &= ~(uint32_t)val; break;
	default: break;
	}
	pl031_catch_up(s);
	pl031_update_irq(s);
}

static const struct region_ops pl031_ops = {
	.read = pl031_read,
	.write = pl031_write,
	.min_size = 1,
	.max_size = 4,
};

static const struct prop pl031_props[] = {
	RTC_BASE_PROP(struct pl031, base, PL031_LAST_YEAR),
	{ 0 },
};

static int pl031_realize(struct device *dev, struct err *err)
{
	struct pl031 *s = (struct pl031 *)dev;

	(void)err;
	s->timer = (struct timer){ .fire = pl031_fire, .opaque = s };
	s->offset_ns =
		rtc_base_offset_ns(&s->base, clock_wall_ns(dev->env->clock));
	device_region(dev, &pl031_ops);
	return 0;
}

static void pl031_unrealize(struct device *dev)
{
	timer_disarm(dev->env->clock, &((struct pl031 *)dev)->timer);
}

static void pl031_reset(struct device *dev)
{
	struct pl031 *s = (struct pl031 *)dev;

	s->match = s->load = s->mask = s->raw = 0;
	pl031_set_alarm(s, pl031_now_s(s) + 1);
	pl031_update_irq(s);
}

const struct device_class pl031_class = {
	.name = "pl031",
	.brief = "Arm PrimeCell Real Time Clock (PL031)",
	.compatible = "arm,pl031",
	.size = sizeof(struct pl031),
	.space = SPACE_MMIO,
	.region_size = PRIMECELL_SIZE,
	.props = pl031_props,
	.realize = pl031_realize,
	.unrealize = pl031_unrealize,
	.reset = pl031_reset,
};
