/* SPDX-License-Identifier: MIT */
/* How a guest kernel says that it panicked: a port of one byte. */
#ifndef HW_MISC_PVPANIC_H
#define HW_MISC_PVPANIC_H

#include "hw/core/device.h"

#define PVPANIC_PORT	 0x505
#define PVPANIC_PANICKED 0x01 /* asks for VM_PANICKED */
#define PVPANIC_CRASHLOADED                              \
	0x02 /* its crash kernel takes over: only logged \
	      */

/*
 * A read yields the events above, which a write raises.  The interface is
 * that of Linux's drivers/misc/pvpanic and of QEMU's docs/specs/pvpanic.
 */
extern const struct device_class pvpanic_class;

#endif
