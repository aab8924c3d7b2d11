/* SPDX-License-Identifier: MIT */
/* The PC's clock: MC146818 registers and 114 bytes of CMOS RAM. */
#ifndef HW_RTC_CMOS_H
#define HW_RTC_CMOS_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/device.h"
#include "hw/rtc/base.h"

/*
 * Index at port 0, data at port 1.  The calendar runs on the VM's wall clock
 * plus an offset, so nothing ticks: registers are computed when read, flags
 * of register C from the time since it was last looked at, and one timer is
 * armed only while an enabled interrupt has not been raised yet.
 * Years run from 1970 to 2260; what the guest sets beyond is clamped.
 * A reset keeps the time and the RAM, as a battery would.
 */
struct cmos_rtc {
	struct device dev;    /* dev.lock protects everything below */
	struct rtc_base base; /* property */

	int64_t offset_ns; /* guest time = wall clock + offset */
	int64_t seen_ns;   /* guest time up to which C holds the flags */
	uint8_t index;
	uint8_t ram[128]; /* A to D included; the time while it is held */
	struct timer timer;
};

extern const struct device_class cmos_rtc_class;

#endif
