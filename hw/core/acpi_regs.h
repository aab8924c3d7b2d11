/* SPDX-License-Identifier: MIT */
/* The event device's registers, between hw/acpi and the tables in boot/. */
#ifndef HW_CORE_ACPI_REGS_H
#define HW_CORE_ACPI_REGS_H

/*
 * Behind ACPI 6.4's generic event device (section 5.6.9) and the FADT's
 * sleep and reset registers (4.8.3.7, 4.8.3.6).  Offsets into its region.
 */
#define ACPI_GED_SELECT	       0x00 /* 4 bytes: events; cleared by a read */
#define ACPI_GED_SLEEP_CONTROL 0x04 /* 1 byte */
#define ACPI_GED_SLEEP_STATUS  0x05 /* 1 byte, bit 7 cleared by writing 1 */
#define ACPI_GED_RESET	       0x06 /* 1 byte */
#define ACPI_GED_SIZE	       0x10

#define ACPI_GED_RESET_VALUE 0x42
#define ACPI_GED_SLP_TYP_S5  5

/* Events: bits of ACPI_GED_SELECT. */
enum acpi_ged_event {
	ACPI_GED_POWER_BUTTON = 1 << 0,
	ACPI_GED_CPU = 1 << 1,
	ACPI_GED_MEMORY = 1 << 2,
	ACPI_GED_PCI = 1 << 3,
};

#endif
