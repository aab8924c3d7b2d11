/* SPDX-License-Identifier: MIT */
/* MC146818 (data sheet ADI-856R2) with the PC's century byte. */
#include "hw/rtc/cmos.h"

#include <time.h>

/* Registers. */
#define RTC_SECONDS	  0
#define RTC_SECONDS_ALARM 1
#define RTC_MINUTES	  2
#define RTC_MINUTES_ALARM 3
#define RTC_HOURS	  4
#define RTC_HOURS_ALARM	  5
#define RTC_WEEKDAY	  6
#define RTC_DAY		  7
#define RTC_MONTH	  8
#define RTC_YEAR	  9
#define RTC_A		  10
#define RTC_B		  11
#define RTC_C		  12
#define RTC_D		  13
#define RTC_CENTURY	  0x32

#define A_UIP	 0x80
#define A_DV	 0x70 /* divider chain; 2: it counts a 32768 Hz crystal */
#define A_DV_RUN 0x20
#define A_RS	 0x0f /* rate of the periodic interrupt */
#define B_SET	 0x80
#define B_24H	 0x02
#define B_BINARY 0x04
#define C_IRQF	 0x80
#define FLAG_PF	 0x40 /* in C; the enable bits of B are at the same places */
#define FLAG_AF	 0x20
#define FLAG_UF	 0x10
#define FLAGS	 (FLAG_PF | FLAG_AF | FLAG_UF)
#define D_VRT	 0x80
#define PM	 0x80 /* of an hour in 12-hour mode */
#define DONTCARE 0xc0 /* an alarm byte with both bits matches always */

#define UIP_NS	  244000 /* UIP rises that long before an update */
#define DAY_S	  86400
#define CRYSTAL	  32768
#define LAST_YEAR 2260

/* ---- arithmetic */

static uint8_t cmos_encode(const struct cmos_rtc *s, int val)
{
	if (s->ram[RTC_B] & B_BINARY)
		return (uint8_t)val;
	return (uint8_t)(val / 10 << 4 | val % 10);
}

static int cmos_decode(const struct cmos_rtc *s, uint8_t val)
{
	if (s->ram[RTC_B] & B_BINARY)
		return val;
	return (val >> 4) * 10 + (val & 15);
}

static uint8_t cmos_encode_hour(const struct cmos_rtc *s, int hour)
{
	if (s->ram[RTC_B] & B_24H)
		return cmos_encode(s, hour);
	return cmos_encode(s, hour % 12 ? hour % 12 : 12) |
	       (hour >= 12 ? PM : 0);
}

static int cmos_decode_hour(const struct cmos_rtc *s, uint8_t val)
{
	if (s->ram[RTC_B] & B_24H)
		return cmos_decode(s, val);
	return cmos_decode(s, val & ~PM) % 12 + (val & PM ? 12 : 0);
}

/* ---- the time */

static int64_t cmos_now(struct cmos_rtc *s)
{
	return clock_wall_ns(s->dev.env->clock) + s->offset_ns;
}

/* The calendar stands still while it is set or its divider is held. */
static bool cmos_held(const struct cmos_rtc *s)
{
	return (s->ram[RTC_B] & B_SET) || (s->ram[RTC_A] & A_DV) != A_DV_RUN;
}

/* Guest time into the time bytes of ram[]. */
static void cmos_to_ram(struct cmos_rtc *s, int64_t ns)
{
	time_t sec = rtc_div_floor(ns, RTC_SEC_NS);
	struct tm tm;

	gmtime_r(&sec, &tm);
	s->ram[RTC_SECONDS] = cmos_encode(s, tm.tm_sec);
	s->ram[RTC_MINUTES] = cmos_encode(s, tm.tm_min);
	s->ram[RTC_HOURS] = cmos_encode_hour(s, tm.tm_hour);
	s->ram[RTC_WEEKDAY] = cmos_encode(s, tm.tm_wday + 1);
	s->ram[RTC_DAY] = cmos_encode(s, tm.tm_mday);
	s->ram[RTC_MONTH] = cmos_encode(s, tm.tm_mon + 1);
	s->ram[RTC_YEAR] = cmos_encode(s, (tm.tm_year + 1900) % 100);
	s->ram[RTC_CENTURY] = cmos_encode(s, (tm.tm_year + 1900) / 100);
}

/* The time bytes of ram[], whatever nonsense they hold, as guest time. */
static int64_t cmos_from_ram(const struct cmos_rtc *s)
{
	int year = cmos_decode(s, s->ram[RTC_CENTURY]) * 100 +
		   cmos_decode(s, s->ram[RTC_YEAR]);
	struct tm tm = {
		.tm_sec = cmos_decode(s, s->ram[RTC_SECONDS]),
		.tm_min = cmos_decode(s, s->ram[RTC_MINUTES]),
		.tm_hour = cmos_decode_hour(s, s->ram[RTC_HOURS]),
		.tm_mday = cmos_decode(s, s->ram[RTC_DAY]),
		.tm_mon = (cmos_decode(s, s->ram[RTC_MONTH]) - 1) % 12,
	};

	/* Guest time is in ns, which 64 bits hold for these years. */
	tm.tm_year = year < 1970	? 70
		     : year > LAST_YEAR ? LAST_YEAR - 1900
					: year - 1900;
	return (int64_t)timegm(&tm) * RTC_SEC_NS;
}

/* Sets the time to ram[]'s; frac_ns of the first second have passed. */
static void cmos_set_time(struct cmos_rtc *s, int64_t frac_ns)
{
	s->offset_ns =
		cmos_from_ram(s) + frac_ns - clock_wall_ns(s->dev.env->clock);
	s->seen_ns = cmos_now(s);
}

/* ---- when things happen; all in guest time */

static int64_t cmos_next_update(int64_t after)
{
	return (rtc_div_floor(after, RTC_SEC_NS) + 1) * RTC_SEC_NS;
}

/* Crystal ticks between periodic interrupts; 0: there are none. */
static int64_t cmos_period(const struct cmos_rtc *s)
{
	unsigned rs = s->ram[RTC_A] & A_RS;

	if (rs == 0)
		return 0;
	return INT64_C(1) << (rs <= 2 ? rs + 6 : rs - 1);
}

static int64_t cmos_next_periodic(const struct cmos_rtc *s, int64_t after)
{
	int64_t sec = rtc_div_floor(after, RTC_SEC_NS),
		ns = after - sec * RTC_SEC_NS;
	int64_t period = cmos_period(s), tick;

	if (!period)
		return INT64_MAX;
	/* Periods divide the second, so they are counted from its start. */
	tick = (ns * CRYSTAL / RTC_SEC_NS / period + 1) * period;
	if (tick >= CRYSTAL)
		return (sec + 1) * RTC_SEC_NS;
	return sec * RTC_SEC_NS + (tick * RTC_SEC_NS + CRYSTAL - 1) / CRYSTAL;
}

/* The first value of a time register from..max that its alarm names, or -1. */
static int cmos_alarm_first(const struct cmos_rtc *s, uint8_t reg, int from,
			    int max)
{
	uint8_t alarm = s->ram[reg + 1];

	for (int val = from; val <= max; val++) {
		uint8_t now = reg == RTC_HOURS ? cmos_encode_hour(s, val)
					       : cmos_encode(s, val);

		if ((alarm & DONTCARE) == DONTCARE || alarm == now)
			return val;
	}
	return -1;
}

/* The first second of the day at or after from that the alarm names, or -1. */
static int cmos_alarm_in_day(const struct cmos_rtc *s, int from)
{
	int h = from / 3600, m = from / 60 % 60, sec = from % 60, at;

	/* Nonsense in a register never matches; then don't search the day. */
	if (cmos_alarm_first(s, RTC_SECONDS, 0, 59) < 0 ||
	    cmos_alarm_first(s, RTC_MINUTES, 0, 59) < 0)
		return -1;
	for (; (at = cmos_alarm_first(s, RTC_HOURS, h, 23)) >= 0; h = at + 1) {
		if (at != h)
			m = sec = 0;
		h = at;
		for (; (at = cmos_alarm_first(s, RTC_MINUTES, m, 59)) >= 0;
		     m = at + 1, sec = 0) {
			if (at != m)
				sec = 0;
			m = at;
			at = cmos_alarm_first(s, RTC_SECONDS, sec, 59);
			if (at >= 0)
				return h * 3600 + m * 60 + at;
			at = m;
		}
		at = h;
		m = sec = 0;
	}
	return -1;
}

static int64_t cmos_next_alarm(const struct cmos_rtc *s, int64_t after)
{
	int64_t next = rtc_div_floor(after, RTC_SEC_NS) + 1;
	int64_t day = rtc_div_floor(next, DAY_S) * DAY_S;
	int at = cmos_alarm_in_day(s, (int)(next - day));

	if (at < 0) {
		day += DAY_S;
		at = cmos_alarm_in_day(s, 0);
	}
	return at < 0 ? INT64_MAX : (day + at) * RTC_SEC_NS;
}

/* ---- flags and the interrupt */

static uint8_t cmos_wanted(const struct cmos_rtc *s)
{
	return s->ram[RTC_B] & FLAGS;
}

static void cmos_update_irq(struct cmos_rtc *s)
{
	bool on = s->ram[RTC_C] & cmos_wanted(s);

	s->ram[RTC_C] = (s->ram[RTC_C] & FLAGS) | (on ? C_IRQF : 0);
	irq_set(&s->dev.irq, on);
}

/* Sets the flags of what has happened since the last time. */
static void cmos_catch_up(struct cmos_rtc *s)
{
	int64_t now = cmos_now(s), seen = s->seen_ns;

	if (cmos_held(s))
		return;
	if (now < seen)
		seen = now; /* the host's clock was set back */
	if (cmos_next_update(seen) <= now)
		s->ram[RTC_C] |= FLAG_UF;
	if (cmos_next_periodic(s, seen) <= now)
		s->ram[RTC_C] |= FLAG_PF;
	if (cmos_next_alarm(s, seen) <= now)
		s->ram[RTC_C] |= FLAG_AF;
	s->seen_ns = now;
	cmos_update_irq(s);
}

/* Arms the timer for the first enabled interrupt that is still to come. */
static void cmos_rearm(struct cmos_rtc *s)
{
	struct clock *clock = s->dev.env->clock;
	int64_t now = s->seen_ns, next = INT64_MAX, at;

	timer_disarm(clock, &s->timer);
	if (cmos_held(s) || (s->ram[RTC_C] & C_IRQF))
		return;
	if (cmos_wanted(s) & FLAG_UF)
		next = cmos_next_update(now);
	if (cmos_wanted(s) & FLAG_PF) {
		at = cmos_next_periodic(s, now);
		next = at < next ? at : next;
	}
	if (cmos_wanted(s) & FLAG_AF) {
		at = cmos_next_alarm(s, now);
		next = at < next ? at : next;
	}
	if (next != INT64_MAX)
		timer_arm(clock, &s->timer, clock_now_ns(clock) + next - now);
}

static void cmos_fire(void *opaque)
{
	struct cmos_rtc *s = opaque;

	device_lock(&s->dev);
	cmos_catch_up(s);
	cmos_rearm(s);
	device_unlock(&s->dev);
}

/* ---- registers */

static bool cmos_is_time(uint8_t reg)
{
	return reg == RTC_SECONDS || reg == RTC_MINUTES || reg == RTC_HOURS ||
	       (reg >= RTC_WEEKDAY && reg <= RTC_YEAR) || reg == RTC_CENTURY;
}

static uint8_t cmos_read_a(struct cmos_rtc *s)
{
	int64_t now = cmos_now(s);
	bool soon = cmos_next_update(now) - now <= UIP_NS;

	return s->ram[RTC_A] | (soon && !cmos_held(s) ? A_UIP : 0);
}

/* Reading C clears it and lowers the line. */
static uint8_t cmos_read_c(struct cmos_rtc *s)
{
	uint8_t val;

	cmos_catch_up(s);
	val = s->ram[RTC_C];
	s->ram[RTC_C] = 0;
	cmos_update_irq(s);
	cmos_rearm(s);
	return val;
}

static uint8_t cmos_read_reg(struct cmos_rtc *s, uint8_t reg)
{
	switch (reg) {
	case RTC_A: return cmos_read_a(s);
	case RTC_C: return cmos_read_c(s);
	}
	if (cmos_is_time(reg) && !cmos_held(s))
		cmos_to_ram(s, cmos_now(s));
	return s->ram[reg];
}

static void cmos_write_time(struct cmos_rtc *s, uint8_t reg, uint8_t val)
{
	int64_t now = cmos_now(s);
	bool held = cmos_held(s);

	if (!held)
		cmos_to_ram(s, now);
	s->ram[reg] = val;
	if (!held)
		cmos_set_time(s, now - rtc_div_floor(now, RTC_SEC_NS) *
						 RTC_SEC_NS);
}

/* A and B may hold the calendar, let it go, or change what it means. */
static void cmos_write_control(struct cmos_rtc *s, uint8_t reg, uint8_t val)
{
	bool was_held = cmos_held(s), divider = reg == RTC_A;

	if (!was_held)
		cmos_to_ram(s, cmos_now(s));
	s->ram[reg] = reg == RTC_A ? val & ~A_UIP : val;
	if (reg == RTC_B && (val & B_SET))
		s->ram[RTC_B] &= ~FLAG_UF;
	/* A divider let go updates half a second later. */
	if (was_held && !cmos_held(s))
		cmos_set_time(s, divider ? RTC_SEC_NS / 2 : 0);
}

static void cmos_write_reg(struct cmos_rtc *s, uint8_t reg, uint8_t val)
{
	cmos_catch_up(s);
	switch (reg) {
	case RTC_A:
	case RTC_B: cmos_write_control(s, reg, val); break;
	case RTC_C:
	case RTC_D: return; /* read-only */
	default:
		if (cmos_is_time(reg))
			cmos_write_time(s, reg, val);
		else
			s->ram[reg] = val;
	}
	cmos_update_irq(s);
	cmos_rearm(s);
}

static uint64_t cmos_read(void *opaque, uint64_t off, unsigned size)
{
	struct cmos_rtc *s = opaque;

	(void)size;
	return off == 1 ? cmos_read_reg(s, s->index) : 0xff;
}

static void cmos_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct cmos_rtc *s = opaque;

	(void)size;
	if (off == 0)
		s->index = val & 0x7f; /* bit 7 masks NMIs: there are none */
	else
		cmos_write_reg(s, s->index, (uint8_t)val);
}

static const struct region_ops cmos_ops = {
	.read = cmos_read,
	.write = cmos_write,
	.min_size = 1,
	.max_size = 1,
};

/* ---- the class */

static const struct prop cmos_props[] = {
	RTC_BASE_PROP(struct cmos_rtc, base, LAST_YEAR - 1),
	{ 0 },
};

static int cmos_realize(struct device *dev, struct err *err)
{
	struct cmos_rtc *s = (struct cmos_rtc *)dev;

	(void)err;
	s->timer = (struct timer){ .fire = cmos_fire, .opaque = s };
	s->offset_ns =
		rtc_base_offset_ns(&s->base, clock_wall_ns(dev->env->clock));
	s->ram[RTC_A] = A_DV_RUN | 6;
	s->ram[RTC_B] = B_24H;
	s->ram[RTC_D] = D_VRT;
	device_region(dev, &cmos_ops);
	return 0;
}

static void cmos_unrealize(struct device *dev)
{
	timer_disarm(dev->env->clock, &((struct cmos_rtc *)dev)->timer);
}

/* The RESET pin of the chip: interrupts off, flags down, time kept. */
static void cmos_reset(struct device *dev)
{
	struct cmos_rtc *s = (struct cmos_rtc *)dev;

	s->index = 0;
	s->ram[RTC_B] &= ~FLAGS;
	s->ram[RTC_C] = 0;
	s->seen_ns = cmos_now(s);
	cmos_update_irq(s);
	cmos_rearm(s);
}

const struct device_class cmos_rtc_class = {
	.name = "cmos-rtc",
	.brief = "MC146818 clock and CMOS RAM",
	.compatible = "motorola,mc146818",
	.acpi_hid = "PNP0B00",
	.size = sizeof(struct cmos_rtc),
	.space = SPACE_PIO,
	.region_size = 2,
	.props = cmos_props,
	.realize = cmos_realize,
	.unrealize = cmos_unrealize,
	.reset = cmos_reset,
};
