/* SPDX-License-Identifier: MIT */
/* Power button, sleep and reset of hardware-reduced ACPI, as registers. */
#ifndef HW_ACPI_GED_H
#define HW_ACPI_GED_H

#include <stdint.h>

#include "hw/core/acpi_regs.h"
#include "hw/core/device.h"

/* Its registers are those of hw/core/acpi_regs.h. */
extern const struct device_class acpi_ged_class;

/*
 * Raises events: its line stays up until the guest reads ACPI_GED_SELECT.
 * From any thread that does not hold the device's lock.
 */
void acpi_ged_raise(struct device *ged, uint32_t events);

#endif
