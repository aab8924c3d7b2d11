/* SPDX-License-Identifier: MIT */
/* What a pSeries guest asks of its machine: clock, power, parameters. */
#include "hw/spapr/system.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "hw/core/log.h"
#include "hw/rtc/base.h"

/* ibm,get-system-parameter: LoPAR 7.3.16 */
#define SYSPARM_DIAGNOSTICS    42
#define SYSPARM_NOT_SUPPORTED  (-3)
#define SYSPARM_NOT_AUTHORIZED (-9002)
#define DIAGNOSTICS_DISABLED   0

/* set-time-of-day takes what the register of a real one holds. */
#define TOD_FIRST_YEAR 1970
#define TOD_LAST_YEAR  2261 /* 64 bits of nanoseconds end in the next one */

struct spapr_system {
	struct device dev; /* dev.lock protects "state" */
	/* constant from realize: */
	struct rtc_base base;
	void (*put)(void *opaque, uint8_t c);
	void *put_opaque;
	/* state: */
	int64_t offset_ns; /* guest's clock minus the host's wall clock */
};

/* ---- the clock */

static int64_t system_now_ns(struct spapr_system *s)
{
	return clock_wall_ns(s->dev.env->clock) + s->offset_ns;
}

static int32_t get_time_of_day(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_system *s = opaque;
	struct tm tm;
	int64_t now;
	time_t sec;

	(void)cpu;
	device_lock(&s->dev);
	now = system_now_ns(s);
	device_unlock(&s->dev);
	sec = rtc_div_floor(now, RTC_SEC_NS);
	if (!gmtime_r(&sec, &tm))
		return RTAS_HARDWARE;
	a->ret[1] = (uint32_t)tm.tm_year + 1900;
	a->ret[2] = (uint32_t)tm.tm_mon + 1;
	a->ret[3] = (uint32_t)tm.tm_mday;
	a->ret[4] = (uint32_t)tm.tm_hour;
	a->ret[5] = (uint32_t)tm.tm_min;
	a->ret[6] = (uint32_t)tm.tm_sec;
	a->ret[7] = (uint32_t)(now - sec * RTC_SEC_NS);
	return RTAS_OK;
}

/* Whether the date is one: what timegm() makes of it is itself. */
static bool tod_valid(const uint32_t arg[7], int64_t *ns)
{
	struct tm tm = { 0 }, back;
	time_t sec;

	if (arg[0] < TOD_FIRST_YEAR || arg[0] > TOD_LAST_YEAR || arg[1] > 12 ||
	    arg[2] > 31 || arg[3] > 23 || arg[4] > 59 || arg[5] > 59 ||
	    arg[6] >= RTC_SEC_NS)
		return false;
	tm.tm_year = (int)arg[0] - 1900;
	tm.tm_mon = (int)arg[1] - 1;
	tm.tm_mday = (int)arg[2];
	tm.tm_hour = (int)arg[3];
	tm.tm_min = (int)arg[4];
	tm.tm_sec = (int)arg[5];
	back = tm;
	sec = timegm(&back);
	if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday)
		return false;
	*ns = sec * RTC_SEC_NS + arg[6];
	return true;
}

static int32_t set_time_of_day(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_system *s = opaque;
	int64_t ns;

	(void)cpu;
	if (!tod_valid(a->arg, &ns))
		return RTAS_PARAMETER;
	device_lock(&s->dev);
	s->offset_ns = ns - clock_wall_ns(s->dev.env->clock);
	device_unlock(&s->dev);
	return RTAS_OK;
}

/* ---- power */

static int32_t power_off(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_system *s = opaque;

	(void)cpu, (void)a;
	s->dev.env->request(s->dev.env->opaque, VM_POWEROFF, 0);
	return RTAS_OK;
}

static int32_t system_reboot(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_system *s = opaque;

	(void)cpu, (void)a;
	s->dev.env->request(s->dev.env->opaque, VM_RESET, 0);
	return RTAS_OK;
}

/* The operating system has come to its end; the argument says why. */
static int32_t os_term(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct spapr_system *s = opaque;
	char why[128] = "";

	(void)cpu;
	if (mem_read(s->dev.env->mem, a->arg[0], why, sizeof(why) - 1) == 0)
		log_info("the guest's kernel ended: %s", why);
	s->dev.env->request(s->dev.env->opaque, VM_PANICKED, 0);
	return RTAS_OK;
}

/* ---- parameters */

/* A parameter is a big-endian length of 16 bits and that many bytes. */
static int32_t get_system_parameter(void *opaque, unsigned cpu,
				    struct rtas_args *a)
{
	struct spapr_system *s = opaque;
	const uint8_t value[] = { 0, 1, DIAGNOSTICS_DISABLED };

	(void)cpu;
	if (a->arg[0] != SYSPARM_DIAGNOSTICS)
		return SYSPARM_NOT_SUPPORTED;
	if (a->arg[2] < sizeof(value) ||
	    mem_write(s->dev.env->mem, a->arg[1], value, sizeof(value)) < 0)
		return RTAS_HARDWARE;
	return RTAS_OK;
}

static int32_t set_system_parameter(void *opaque, unsigned cpu,
				    struct rtas_args *a)
{
	(void)opaque, (void)cpu;
	return a->arg[0] == SYSPARM_DIAGNOSTICS ? SYSPARM_NOT_AUTHORIZED
						: SYSPARM_NOT_SUPPORTED;
}

static int32_t display_character(void *opaque, unsigned cpu,
				 struct rtas_args *a)
{
	struct spapr_system *s = opaque;

	(void)cpu;
	if (!s->put)
		return RTAS_HARDWARE;
	s->put(s->put_opaque, (uint8_t)a->arg[0]);
	return RTAS_OK;
}

/* ---- hypercalls */

static long h_random(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		     uint64_t out[HCALL_REGS])
{
	(void)opaque, (void)cpu, (void)in;
	return getrandom(&out[0], sizeof(out[0]), 0) == sizeof(out[0])
		       ? H_SUCCESS
		       : H_HARDWARE;
}

/* Values are as a big-endian load of the CPU's would have them. */
static uint64_t ci_swap(uint64_t val, unsigned size)
{
	return __builtin_bswap64(val) >> (64 - 8 * size);
}

static bool ci_size(uint64_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static long h_logical_ci_load(void *opaque, unsigned cpu,
			      const uint64_t in[HCALL_REGS],
			      uint64_t out[HCALL_REGS])
{
	struct spapr_system *s = opaque;
	uint64_t val = 0;

	(void)cpu;
	if (!ci_size(in[0]) || in[1] % in[0])
		return H_PARAMETER;
	bus_read(s->dev.env->mmio, in[1], (unsigned)in[0], &val);
	out[0] = ci_swap(val, (unsigned)in[0]);
	return H_SUCCESS;
}

static long h_logical_ci_store(void *opaque, unsigned cpu,
			       const uint64_t in[HCALL_REGS],
			       uint64_t out[HCALL_REGS])
{
	struct spapr_system *s = opaque;

	(void)cpu, (void)out;
	if (!ci_size(in[0]) || in[1] % in[0])
		return H_PARAMETER;
	bus_write(s->dev.env->mmio, in[1], (unsigned)in[0],
		  ci_swap(in[2], (unsigned)in[0]));
	return H_SUCCESS;
}

/* ---- the device */

void spapr_system_set_display(struct device *dev,
			      void (*put)(void *opaque, uint8_t c),
			      void *opaque)
{
	struct spapr_system *s = (struct spapr_system *)dev;

	s->put = put;
	s->put_opaque = opaque;
}

static int system_realize(struct device *dev, struct err *err)
{
	struct spapr_system *s = (struct spapr_system *)dev;

	(void)err;
	s->offset_ns =
		rtc_base_offset_ns(&s->base, clock_wall_ns(dev->env->clock));
	return 0;
}

static const struct prop system_props[] = {
	RTC_BASE_PROP(struct spapr_system, base, 2199),
	{ 0 },
};

const struct device_class spapr_system_class = {
	.name = "spapr-system",
	.brief = "pSeries clock, power and parameters",
	.size = sizeof(struct spapr_system),
	.space = SPACE_NONE,
	.props = system_props,
	.realize = system_realize,
};

const struct rtas_call spapr_system_rtas[] = {
	{ .name = "display-character",
	  .nargs = 1,
	  .nret = 1,
	  .fn = display_character },
	{ .name = "get-time-of-day",
	  .nargs = 0,
	  .nret = 8,
	  .fn = get_time_of_day },
	{ .name = "set-time-of-day",
	  .nargs = 7,
	  .nret = 1,
	  .fn = set_time_of_day },
	{ .name = "power-off", .nargs = 2, .nret = 1, .fn = power_off },
	{ .name = "system-reboot", .nargs = 0, .nret = 1, .fn = system_reboot },
	{ .name = "ibm,get-system-parameter",
	  .nargs = 3,
	  .nret = 1,
	  .fn = get_system_parameter },
	{ .name = "ibm,set-system-parameter",
	  .nargs = 2,
	  .nret = 1,
	  .fn = set_system_parameter },
	{ .name = "ibm,os-term", .nargs = 1, .nret = 1, .fn = os_term },
	{ 0 },
};

const struct hcall spapr_system_hcalls[] = {
	{ 0x3c, "H_LOGICAL_CI_LOAD", h_logical_ci_load },
	{ 0x40, "H_LOGICAL_CI_STORE", h_logical_ci_store },
	{ 0x300, "H_RANDOM", h_random },
	{ 0 },
};
