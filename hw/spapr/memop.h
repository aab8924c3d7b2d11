/* SPDX-License-Identifier: MIT */
/* H_LOGICAL_MEMOP: firmware's way to copy between memory and devices. */
#ifndef HW_SPAPR_MEMOP_H
#define HW_SPAPR_MEMOP_H

#include "hw/core/device.h"
#include "hw/spapr/hcall.h"

/*
 * A private call, number 0xf001: destination, source, log2 of an element's
 * bytes (3 at most), how many, and 0 to copy or 1 to copy inverted.  Ranges
 * may overlap.  The opaque is a struct device_env.
 *
 * Meanwhile the CPU hears of nothing, not even that the machine ends: devices
 * are slow, and what is beyond MEMOP_MAX_IO accesses of them is H_PARAMETER,
 * too, with a part done.
 */
#define MEMOP_MAX_IO 0x10000u
#define MEMOP_MAX    0x1000000u /* bytes; H_PARAMETER beyond */
extern const struct hcall memop_hcalls[];

#endif
