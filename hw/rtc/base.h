/* SPDX-License-Identifier: MIT */
/* Where a guest's clock starts: the property "base" of every clock device. */
#ifndef HW_RTC_BASE_H
#define HW_RTC_BASE_H

#include <stdint.h>

#include "hw/core/prop.h"

#define RTC_SEC_NS INT64_C(1000000000)

enum rtc_base_kind { RTC_UTC, RTC_LOCALTIME, RTC_DATE };

struct rtc_base {
	int kind;     /* enum rtc_base_kind */
	int64_t date; /* RTC_DATE: seconds since 1970 UTC */
};

/* The entry of a device's property table; the clock's last full year. */
#define RTC_BASE_PROP(type, field, last_year)                              \
	{                                                                  \
		.name = "base", .arg = "utc|localtime|DATE",               \
		.kind = PROP_CUSTOM, .off = offsetof(type, field),         \
		.max = last_year, .parse = rtc_base_parse,                 \
		.brief = "where the calendar starts (default utc)",        \
		.detail = "utc and localtime start at the host's time. A " \
			  "date such as 2026-11-21T12:00:00 starts there." \
	}

/* PROP_CUSTOM's parse(), for RTC_BASE_PROP. */
int rtc_base_parse(void *base, const struct prop *p, const char *val,
		   struct err *err);

/* Guest time minus the wall clock (both ns since 1970 UTC) at the start. */
int64_t rtc_base_offset_ns(const struct rtc_base *b, int64_t wall_ns);

/* a / b rounded towards minus infinity; b > 0. */
int64_t rtc_div_floor(int64_t a, int64_t b);

#endif
