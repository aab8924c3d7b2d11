/* SPDX-License-Identifier: MIT */
/* Events of a pSeries: the power button, told by interrupt and error log. */
#include "hw/spapr/events.h"

#include "hw/spapr/errlog.h"

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

static size_t events_log(uint8_t log[ERRLOG_MAX], struct clock *clock)
{
	/* A normal shutdown, not for want of power, of this partition. */
	static const uint8_t epow[12] = { EPOW_SHUTDOWN, 1, 1 };
	static const struct errlog what = {
		.type = RTAS_LOG_EPOW,
		.severity = RTAS_LOG_EVENT,
		.recovered = RTAS_LOG_NONE,
		.subsystem = RTAS_LOG_ENVIRONMENT,
		.id = "EP",
		.body = epow,
		.len = sizeof(epow),
	};

	return errlog_make(log, &what, clock);
}

/* ---- RTAS */

/* Gives the log to the guest, as much as it takes, if it asks for those. */
static int32_t events_fetch(struct spapr_events *s, uint32_t mask, gpa_t buf,
			    uint32_t len)
{
	uint8_t log[ERRLOG_MAX];
	int32_t ret = NO_EVENT;
	size_t size;

	device_lock(&s->dev);
	if (s->epow && mask & EVENT_EPOW) {
		size = events_log(log, s->dev.env->clock);
		if (mem_write(s->dev.env->mem, buf, log,
			      len < size ? len : size) < 0) {
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
