/* SPDX-License-Identifier: MIT */
/* What the two files of hw/sapic share. */
#ifndef HW_SAPIC_SAPIC_PRIV_H
#define HW_SAPIC_SAPIC_PRIV_H

#include "hw/core/msi_fds.h"
#include "hw/sapic/sapic.h"

#define SAPIC_MAX_IOSAPICS 8

struct sapic_cpu {
	uint64_t irr[4], taken[4]; /* by vector */
	uint64_t lid, tpr, itv, pmv, cmcv, lrr[2];
	uint8_t xtp;
	bool line; /* as the CPU was last told */
};

struct iosapic;

struct sapic {
	struct device dev;
	/* constant from realize: */
	struct sapic_config cfg;
	unsigned ncpus;
	struct irqchip chip;
	struct msi_fds fds;
	struct iosapic *iosapic[SAPIC_MAX_IOSAPICS]; /* while the VM is made */
	unsigned niosapics;
	/* dev.lock: */
	struct sapic_cpu *cpu;
	unsigned next; /* whose turn it is among equals that are redirected to
			*/
};

struct iosapic_pin {
	uint64_t rte;
	bool level; /* as its wire is */
};

struct iosapic {
	struct device dev;
	/* constant from setup: */
	struct sapic *sapic;
	unsigned first;
	/* dev.lock: */
	uint32_t select;
	struct iosapic_pin pin[IOSAPIC_PINS];
};

void iosapic_set(struct iosapic *s, unsigned pin, bool level);

#endif
