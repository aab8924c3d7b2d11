/* SPDX-License-Identifier: MIT */
/* The interrupt source controller as a pSeries' firmware knows it. */
#ifndef HW_CORE_ICS_H
#define HW_CORE_ICS_H

#include <stdbool.h>
#include <stdint.h>

#define ICS_MASKED 0xff /* the priority that is never presented */

struct ics;

/*
 * Any thread.  source is an interrupt number, as in the device tree; server is
 * a CPU's, as in ibm,ppc-interrupt-server#s.  0, or -EINVAL where there is no
 * such source or server (LoPAR 7.3.10: RTAS answers parameter error).  Where
 * RTAS has no say in it (XIVE), level() is all there is.
 */
struct ics_ops {
	int (*set)(struct ics *s, uint32_t source, uint32_t server,
		   uint8_t priority);
	int (*get)(struct ics *s, uint32_t source, uint32_t *server,
		   uint8_t *priority);
	/* Masks a source, or gives it back the priority that it had. */
	int (*enable)(struct ics *s, uint32_t source, bool on);
	/*
	 * Whether the source is a level or (the default) a message.  While the
	 * machine is made, and by the PCI host as functions get messages.
	 */
	int (*level)(struct ics *s, uint32_t source, bool level);
};

/* One in hw/xics or the accelerator's; part of its owner. */
struct ics {
	const struct ics_ops *ops;
};

#endif
