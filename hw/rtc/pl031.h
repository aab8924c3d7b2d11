/* SPDX-License-Identifier: MIT */
/* Arm's PrimeCell Real Time Clock (PL031): seconds since 1970, one alarm. */
#ifndef HW_RTC_PL031_H
#define HW_RTC_PL031_H

#include <stdint.h>

#include "hw/core/device.h"
#include "hw/rtc/base.h"

/*
 * The register set of DDI 0224C.  The counter is the VM's wall clock plus an
 * offset: nothing ticks, and one timer waits for the match.  It runs from the
 * start on (RTCCR reads as enabled), and a reset keeps the time: a battery is
 * behind it.  32 bits of seconds last to 2106.
 */
struct pl031 {
	struct device dev;    /* dev.lock protects what follows "state" */
	struct rtc_base base; /* property */
	struct timer timer;

	/* state: */
	int64_t offset_ns; /* guest time = wall clock + offset */
	uint32_t match;	   /* RTCMR */
	uint32_t load;	   /* RTCLR: as written last */
	uint32_t mask;	   /* RTCIMSC */
	uint32_t raw;	   /* RTCRIS */
	int64_t alarm_s;   /* guest time at which the counter is match next */
};

extern const struct device_class pl031_class;

#endif
