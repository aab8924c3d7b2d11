/* SPDX-License-Identifier: MIT */
/* Events of a pSeries: the power button, told by interrupt and error log. */
#ifndef HW_SPAPR_EVENTS_H
#define HW_SPAPR_EVENTS_H

#include "hw/core/device.h"
#include "hw/spapr/rtas.h"

/*
 * "spapr-events": LoPAR 7.3.3, 10.2 and 10.3.  A press of the button makes an
 * environmental and power warning (EPOW) that asks for a shutdown.  Its edge
 * is the interrupt of /event-sources/epow-events; the guest then fetches the
 * log by check-exception.  The sensor tells of it, too.
 */
extern const struct device_class spapr_events_class;
/* event-scan, check-exception, get-sensor-state; the opaque is the device. */
extern const struct rtas_call spapr_events_rtas[];

#endif
