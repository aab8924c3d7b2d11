/* SPDX-License-Identifier: MIT */
/* What a pSeries guest asks of its machine: clock, power, parameters. */
#ifndef HW_SPAPR_SYSTEM_H
#define HW_SPAPR_SYSTEM_H

#include "hw/core/device.h"
#include "hw/spapr/hcall.h"
#include "hw/spapr/rtas.h"

/*
 * LoPAR 7.3: get- and set-time-of-day, power-off, system-reboot,
 * ibm,get-system-parameter and ibm,set-system-parameter, ibm,os-term,
 * display-character; and H_RANDOM, H_LOGICAL_CI_LOAD and H_LOGICAL_CI_STORE.
 * CPUs are the machine's.
 */
extern const struct device_class spapr_system_class;

/* The opaque of both is the device. */
extern const struct rtas_call spapr_system_rtas[];
extern const struct hcall spapr_system_hcalls[];

/* Where display-character goes; before realize.  put() may be NULL. */
void spapr_system_set_display(struct device *dev,
			      void (*put)(void *opaque, uint8_t c),
			      void *opaque);

#endif
