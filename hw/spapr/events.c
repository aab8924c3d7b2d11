/* SPDX-License-Identifier: MIT */
/* Events of a pSeries: the power button, told by interrupt and error log. */
#include "hw/spapr/events.h"

#include <string.h>
#include <time.h>

#include "hw/rtc/base.h"

struct spapr_events {
	struct device dev; /* dev.lock protects "state" */
	/* state: */
	bool epow; /* a shutdown is asked for, and no log has told of it */
};

/* Events that a guest asks for: LoPAR 10.2.1.2. */
#define EVENT_EPOW 0x40000000u
#define NO_EVENT   1 /* status */

#define SENSOR_EPOW    9
#define SENSOR_UNKNOWN (-3)
#define EPOW_NOTHING   0
#define EPOW_SHUTDOWN  3

static struct spapr_events *events_of(void *dev)
{
	return container_of((struct device *)dev, struct spapr_events, dev);
}

static void put_be(uint8_t *p, unsigned n, uint64_t v)
{
	while (n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

/* ---- the log: LoPAR 10.3.2, version 6 */

/* The fixed part, then a header, then sections, each with its own. */
#define LOG_FIXED  8
#define LOG_HEADER 16
#define MAIN_A	   48
#define MAIN_B	   24
#define EPOW	   20
#define LOG_SIZE   (LOG_FIXED + LOG_HEADER + MAIN_A + MAIN_B + EPOW)
#define SECTIONS   3

static uint8_t *section(uint8_t *p, const char id[2], unsigned len)
{
	memcpy(p, id, 2);
	put_be(p + 2, 2, len);
	p[4] = 1; /* version */
	return p;
}

static unsigned bcd(int n)
{
	return (unsigned)(n / 10 % 10 * 16 + n % 10);
}

/* When, who says so, and how many sections there are. */
static void log_main_a(uint8_t *p, struct clock *clock)
{
	time_t sec = rtc_div_floor(clock_wall_ns(clock), RTC_SEC_NS);
	struct tm tm = { 0 };

	section(p, "PH", MAIN_A);
	if (gmtime_r(&sec, &tm)) {
		p[8] = (uint8_t)bcd(tm.tm_year / 100 + 19);
		p[9] = (uint8_t)bcd(tm.tm_year % 100);
		p[10] = (uint8_t)bcd(tm.tm_mon + 1);
		p[11] = (uint8_t)bcd(tm.tm_mday);
		p[12] = (uint8_t)bcd(tm.tm_hour);
		p[13] = (uint8_t)bcd(tm.tm_min);
		p[14] = (uint8_t)bcd(tm.tm_sec);
	}
	p[24] = 'H'; /* the hypervisor */
	p[27] = SECTIONS;
	put_be(p + 40, 4, 1); /* the log's number */
}

static void log_make(uint8_t log[LOG_SIZE], struct clock *clock)
{
	uint8_t *p = log + LOG_FIXED;

	memset(log, 0, LOG_SIZE);
	log[0] = 6;
	log[1] = 1 << 5 | 2 << 3 | 1 << 2; /* an event, not recovered, more */
	log[3] = 0x40;			   /* EPOW */
	put_be(log + 4, 4, LOG_SIZE - LOG_FIXED);
	p[0] = 0x80 | 0x04 | 0x02; /* valid, new, big-endian */
	p[2] = 0x80 | 0x0e;	   /* PowerPC's, a platform event */
	memcpy(p + 12, "IBM", 4);
	p += LOG_HEADER;
	log_main_a(p, clock);
	p = section(p + MAIN_A, "UH", MAIN_B);
	p[8] = 0xa0; /* the environment; severity 0: for information */
	p = section(p + MAIN_B, "EP", EPOW);
	p[8] = EPOW_SHUTDOWN;
	p[9] = 1;  /* a normal one, not for want of power */
	p[10] = 1; /* of this partition */
}

/* ---- RTAS */

/* Gives the log to the guest, as much as it takes, if it asks for those. */
static int32_t events_fetch(struct spapr_events *s, uint32_t mask, gpa_t buf,
			    uint32_t len)
{
	uint8_t log[LOG_SIZE];
	int32_t ret = NO_EVENT;

	device_lock(&s->dev);
	if (s->epow && mask & EVENT_EPOW) {
		log_make(log, s->dev.env->clock);
		if (mem_write(s->dev.env->mem, buf, log,
			      len < LOG_SIZE ? len : LOG_SIZE) < 0) {
			ret = RTAS_PARAMETER;
		} else {
			s->epow = false;
			ret = RTAS_OK;
		}
	}
	device_unlock(&s->dev);
	return ret;
}

/* Mask, whether it is urgent, address, length. */
static int32_t event_scan(void *opaque, unsigned cpu, struct rtas_args *a)
{
	(void)cpu;
	return events_fetch(events_of(opaque), a->arg[0], a->arg[2], a->arg[3]);
}

/*
 * The vector, more about it, mask, whether it is urgent, address, length; and
 * the other half of "more".  LoPAR 7.3.3.2.
 */
static int32_t check_exception(void *opaque, unsigned cpu, struct rtas_args *a)
{
	(void)cpu;
	return events_fetch(events_of(opaque), a->arg[2], a->arg[4], a->arg[5]);
}

/* Sensor, index; the result is its state. */
static int32_t get_sensor_state(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_events *s = events_of(opaque);

	(void)cpu;
	if (a->arg[0] != SENSOR_EPOW || a->arg[1])
		return SENSOR_UNKNOWN;
	device_lock(&s->dev);
	a->ret[1] = s->epow ? EPOW_SHUTDOWN : EPOW_NOTHING;
	device_unlock(&s->dev);
	return RTAS_OK;
}

const struct rtas_call spapr_events_rtas[] = {
	{ .name = "event-scan", .nargs = 4, .nret = 1, .fn = event_scan },
	{ .name = "check-exception",
	  .nargs = 6,
	  .most_args = 7,
	  .nret = 1,
	  .fn = check_exception },
	{ .name = "get-sensor-state",
	  .nargs = 2,
	  .nret = 2,
	  .fn = get_sensor_state },
	{ 0 },
};

/* ---- the device */

static void events_power_button(struct device *dev)
{
	device_lock(dev);
	events_of(dev)->epow = true;
	irq_pulse(&dev->irq);
	device_unlock(dev);
}

static void events_reset(struct device *dev)
{
	events_of(dev)->epow = false;
}

const struct device_class spapr_events_class = {
	.name = "spapr-events",
	.brief = "pSeries power button",
	.size = sizeof(struct spapr_events),
	.space = SPACE_NONE,
	.reset = events_reset,
	.power_button = events_power_button,
};
