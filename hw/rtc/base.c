/* SPDX-License-Identifier: MIT */
/* Where a guest's clock starts: the property "base" of every clock device. */
#include "hw/rtc/base.h"

#include <errno.h>
#include <string.h>
#include <time.h>

int rtc_base_parse(void *base, const struct prop *p, const char *val,
		   struct err *err)
{
	struct rtc_base *b = (void *)((char *)base + p->off);
	struct tm tm = { 0 };
	const char *end;

	if (!strcmp(val, "utc") || !strcmp(val, "localtime")) {
		b->kind = *val == 'u' ? RTC_UTC : RTC_LOCALTIME;
		return 0;
	}
	end = strptime(val, "%Y-%m-%d", &tm);
	if (end && *end)
		end = strptime(end, "T%H:%M:%S", &tm);
	if (!end || *end || tm.tm_year < 70 ||
	    tm.tm_year + 1900 > (int)p->max) {
		err_set(err, EINVAL, "%s: '%s' is not a date that a clock has",
			p->name, val);
		err_hint(err,
			 "say utc, localtime, or a date such as "
			 "2026-11-21T12:00:00, from 1970 to %d",
			 (int)p->max);
		return -EINVAL;
	}
	b->kind = RTC_DATE;
	b->date = timegm(&tm);
	return 0;
}

int64_t rtc_base_offset_ns(const struct rtc_base *b, int64_t wall_ns)
{
	time_t sec = rtc_div_floor(wall_ns, RTC_SEC_NS);
	struct tm tm;

	switch (b->kind) {
	case RTC_LOCALTIME:
		localtime_r(&sec, &tm);
		return tm.tm_gmtoff * RTC_SEC_NS;
	case RTC_DATE: return b->date * RTC_SEC_NS - wall_ns;
	default: return 0;
	}
}

int64_t rtc_div_floor(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return a % b < 0 ? q - 1 : q;
}
