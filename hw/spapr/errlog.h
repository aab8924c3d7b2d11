/* SPDX-License-Identifier: MIT */
/* The error logs that RTAS hands to a pSeries guest. */
#ifndef HW_SPAPR_ERRLOG_H
#define HW_SPAPR_ERRLOG_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/clock.h"

/* The longest log: "rtas-error-log-max" of /rtas. */
#define RTAS_ERROR_LOG_MAX 2048

/* What happened, in the fixed part: LoPAR 10.3.2.1. */
#define RTAS_LOG_EPOW	  0x40
#define RTAS_LOG_PLATFORM 0xe0
#define RTAS_LOG_EVENT	  1 /* severities */
#define RTAS_LOG_ERROR	  4
#define RTAS_LOG_LIMITED  1 /* the hypervisor's part of the recovery */
#define RTAS_LOG_NONE	  2
#define RTAS_LOG_BY_PCI	  2 /* initiators */

/* Parts of the machine: LoPAR 10.3.2.2.2. */
#define RTAS_LOG_IO	     0x30
#define RTAS_LOG_ENVIRONMENT 0xa0

struct errlog {
	uint8_t type, severity, recovered, initiator;
	uint8_t subsystem;
	/* what it is about: its section's name and what follows its header */
	char id[3];
	const uint8_t *body;
	size_t len; /* ERRLOG_BODY_MAX at most */
};

#define ERRLOG_BODY_MAX 64
#define ERRLOG_MAX	(96 + 8 + ERRLOG_BODY_MAX)

/*
 * LoPAR 10.3.2: writes the log, version 6, of what happened just now by that
 * clock: big-endian, a fixed part, a header, then sections.  Returns its bytes.
 */
size_t errlog_make(uint8_t log[ERRLOG_MAX], const struct errlog *l,
		   struct clock *clock);

/* The n lowest bytes of v, big-endian. */
void errlog_put(uint8_t *p, unsigned n, uint64_t v);

#endif
