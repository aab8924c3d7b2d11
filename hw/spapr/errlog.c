/* SPDX-License-Identifier: MIT */
/* The error logs that RTAS hands to a pSeries guest. */
#include "hw/spapr/errlog.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "hw/rtc/base.h"

/* The fixed part, a header, two sections that each log has, its own. */
#define LOG_FIXED  8
#define LOG_HEADER 16
#define MAIN_A	   48
#define MAIN_B	   24
#define SECTION	   8 /* of its header */
#define SECTIONS   3

void errlog_put(uint8_t *p, unsigned n, uint64_t v)
{
	while (n--) {
		p[n] = (uint8_t)v;
		v >>= 8;
	}
}

static uint8_t *log_section(uint8_t *p, const char id[2], size_t len)
{
	memcpy(p, id, 2);
	errlog_put(p + 2, 2, len);
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

	log_section(p, "PH", MAIN_A);
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
	errlog_put(p + 40, 4, 1); /* the log's number */
}

size_t errlog_make(uint8_t log[ERRLOG_MAX], const struct errlog *l,
		   struct clock *clock)
{
	size_t size =
		LOG_FIXED + LOG_HEADER + MAIN_A + MAIN_B + SECTION + l->len;
	uint8_t *p = log + LOG_FIXED;

	assert(l->len <= ERRLOG_BODY_MAX && size <= ERRLOG_MAX);
	memset(log, 0, ERRLOG_MAX);
	log[0] = 6;
	log[1] = (uint8_t)(l->severity << 5 | l->recovered << 3 |
			   1 << 2); /* there is more */
	log[2] = (uint8_t)(l->initiator << 4);
	log[3] = l->type;
	errlog_put(log + 4, 4, size - LOG_FIXED);
	p[0] = 0x80 | 0x04 | 0x02; /* valid, new, big-endian */
	p[2] = 0x80 | 0x0e;	   /* PowerPC's, a platform event */
	memcpy(p + 12, "IBM", 4);
	p += LOG_HEADER;
	log_main_a(p, clock);
	p = log_section(p + MAIN_A, "UH", MAIN_B);
	p[8] = l->subsystem;
	p[10] = l->severity == RTAS_LOG_EVENT ? 0 : 0x40; /* unrecovered */
	p = log_section(p + MAIN_B, l->id, SECTION + l->len);
	memcpy(p + SECTION, l->body, l->len);
	return size;
}
