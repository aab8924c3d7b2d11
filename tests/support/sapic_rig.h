/* SPDX-License-Identifier: MIT */
/* SAPICs of four CPUs and two I/O SAPICs on a rig, their outputs recorded. */
#ifndef TESTS_SUPPORT_SAPIC_RIG_H
#define TESTS_SUPPORT_SAPIC_RIG_H

#include "hw/sapic/sapic.h"
#include "tests/support/rig.h"

#define SAPIC_RIG_CPUS	4
#define SAPIC_RIG_BLOCK UINT64_C(0xfee00000)
#define SAPIC_RIG_IO	UINT64_C(0xfec00000) /* the second 4 KiB behind it */

struct sapic_rig {
	struct rig r;
	struct device *dev, *io[2];
	struct irqchip *chip;
	bool line[SAPIC_RIG_CPUS];
	enum sapic_mode event[SAPIC_RIG_CPUS]; /* the last */
	uint8_t event_vector[SAPIC_RIG_CPUS];
	unsigned events[SAPIC_RIG_CPUS];
};

void sapic_rig_make(struct sapic_rig *x);
void sapic_rig_free(struct sapic_rig *x);

/* A CPU's registers; the test fails where there is none. */
uint64_t sapic_rig_get(struct sapic_rig *x, unsigned cpu, unsigned reg);
void sapic_rig_put(struct sapic_rig *x, unsigned cpu, unsigned reg,
		   uint64_t val);
/* A store of CPU 0's to the interrupt block. */
void sapic_rig_ipi(struct sapic_rig *x, unsigned id, unsigned eid,
		   uint64_t data);
/* An entry of an I/O SAPIC. */
void sapic_rig_rte(struct sapic_rig *x, unsigned io, unsigned pin,
		   uint64_t rte);
uint32_t sapic_rig_window(struct sapic_rig *x, unsigned io, unsigned reg);

#endif
