/* SPDX-License-Identifier: MIT */
/* What a pSeries guest calls of XIVE: sources and event queues. */
#ifndef HW_SPAPR_XIVE_H
#define HW_SPAPR_XIVE_H

#include "hw/core/board.h"
#include "hw/core/device.h"
#include "hw/core/xive.h"
#include "hw/spapr/hcall.h"

/*
 * LoPAR 14.5.4.12 (H_INT_*), interrupts in exploitation mode: the guest routes
 * a source to a priority of a server, whose events land in a queue in guest
 * memory, and reaches sources and its CPU's own state by loads and stores that
 * leave nobody.  The device keeps what the guest configured and checks what it
 * asks for; the accelerator does it.
 *
 * Sources are those of the board, first_source and up, and one for each server
 * number from 0, for the guest's own calls.
 */
extern const struct device_class spapr_xive_class;

/* Priorities that a guest may use; 7 is the hypervisor's. */
#define XIVE_PRIORITIES 7
#define XIVE_MASKED	0xff
/* log2 of a queue's bytes: KVM takes no others. */
#define XIVE_QUEUE 16

/* Between device_new() and device_realize(); both outlive it. */
void spapr_xive_setup(struct device *xive, const struct board *b,
		      struct xive_hw *hw);
/* The opaque is the struct device. */
extern const struct hcall xive_hcalls[];

#endif
