/* SPDX-License-Identifier: MIT */
/* A keyboard controller without a keyboard, for the reset line it drives. */
#ifndef HW_MISC_I8042_H
#define HW_MISC_I8042_H

#include "hw/core/device.h"

/*
 * Ports 0x60 (offset 0) and 0x64 (offset 4); those between read as ones.
 * Its commands answer at once, so a driver's probe neither waits nor finds a
 * keyboard or mouse.  Command 0xfe, and bit 0 of the output port going low,
 * ask for VM_RESET.
 */
extern const struct device_class i8042_class;

#endif
