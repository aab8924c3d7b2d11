/* SPDX-License-Identifier: MIT */
/* The reset control register at port 0xcf9, as Intel's chipsets have it. */
#ifndef HW_PCI_RESET_CONTROL_H
#define HW_PCI_RESET_CONTROL_H

#include <stdint.h>

#include "hw/core/device.h"

/*
 * "reset-control": one byte.  Bit 1 says whether a reset is to be a hard one,
 * bit 3 whether power goes off and on; here all are the same.  Bit 2 going
 * from 0 to 1 asks for VM_RESET, and reads as 0.
 */
extern const struct device_class reset_control_class;

/*
 * The byte and a write to it, for "pci-cf8", whose eight ports lie around it.
 * Under the device's lock.
 */
void reset_control_write(uint8_t *reg, const struct device_env *env,
			 uint8_t val);

#endif
