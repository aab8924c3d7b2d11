/* SPDX-License-Identifier: MIT */
/* XICS with four CPUs on a rig, its outputs recorded. */
#ifndef TESTS_SUPPORT_XICS_RIG_H
#define TESTS_SUPPORT_XICS_RIG_H

#include "hw/xics/xics.h"
#include "tests/support/rig.h"

#define XICS_RIG_CPUS 4
#define XICS_RIG_SRC  0x1000 /* the first source */
#define XICS_RIG_N    192

struct xics_rig {
	struct rig r;
	struct device *dev;
	struct irqchip *chip;
	struct ics *ics;
	bool line[XICS_RIG_CPUS];
	unsigned told;
};

/* CPUs run at priority 0xff; sources are masked messages. */
void xics_rig_make(struct xics_rig *x);
void xics_rig_free(struct xics_rig *x);
/* Source SRC + i: to that server, at that priority. */
void xics_rig_on(struct xics_rig *x, unsigned i, unsigned server,
		 uint8_t priority);
/* A message of source SRC + i. */
void xics_rig_msi(struct xics_rig *x, unsigned i);

#endif
