/* SPDX-License-Identifier: MIT */
/* What the ACPI writers of boot/ share. */
#ifndef BOOT_ACPI_PRIV_H
#define BOOT_ACPI_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/aml.h"
#include "hw/core/board.h"

/* What differs between targets: a table entry each. */
struct acpi_arch {
	enum arch arch;
	uint32_t gsi_base;	/* board irq + gsi_base = GSI */
	uint16_t fadt_arm_boot; /* ARM_BOOT_ARCH */
	uint8_t spcr_interrupt; /* interrupt types of the SPCR */
	/* MADT: the address, the flags and the controllers. */
	void (*madt)(const struct board *b, struct aml *a);
	/* SRAT: a CPU's affinity. */
	void (*srat_cpu)(const struct board_cpu *c, unsigned uid,
			 struct aml *a);
};

extern const struct acpi_arch acpi_x86_64;

/* The GSI of a board irq. */
uint32_t acpi_gsi(const struct board *b, uint32_t irq);
/* The first device that answers to that _HID, or NULL. */
const struct board_dev *acpi_find_hid(const struct board *b, const char *hid);
/* The body of the DSDT. */
void acpi_dsdt(const struct board *b, struct aml *a);

#endif
