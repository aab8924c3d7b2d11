/* SPDX-License-Identifier: MIT */
/* What the ACPI writers of boot/ share. */
#ifndef BOOT_ACPI_PRIV_H
#define BOOT_ACPI_PRIV_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/acpi.h"
#include "boot/aml.h"
#include "hw/core/board.h"

/* What differs between targets: a table entry each. */
struct acpi_arch {
	enum arch arch;
	uint32_t gsi_base;	/* board irq + gsi_base = GSI */
	uint16_t fadt_arm_boot; /* ARM_BOOT_ARCH */
	uint8_t spcr_interrupt; /* interrupt types of the SPCR */
	bool processors;	/* are devices, and the PPTT has them */
	/* MADT: the address, the flags and the controllers. */
	void (*madt)(const struct board *b, struct aml *a);
	/* Tables that this target alone has; NULL: none. */
	void (*tables)(const struct board *b, struct acpi_tables *t,
		       struct aml *a);
	/* SRAT: a CPU's affinity. */
	void (*srat_cpu)(const struct board_cpu *c, unsigned uid,
			 struct aml *a);
};

extern const struct acpi_arch acpi_x86_64, acpi_arm64, acpi_ia64;

/* NULL when the target has no ACPI tables. */
const struct acpi_arch *acpi_arch(enum arch arch);

/*
 * A table: acpi_begin() writes its header and returns where it is, the caller
 * the body, and acpi_end() sets what is known then and adds it to *t.
 */
size_t acpi_begin(struct aml *a, const char *signature, uint8_t revision);
void acpi_end(const struct board *b, struct acpi_tables *t, struct aml *a,
	      size_t at);

/* The topology of the CPUs. */
void acpi_pptt(const struct board *b, struct acpi_tables *t, struct aml *a);

/* The GSI of a board irq. */
uint32_t acpi_gsi(const struct board *b, uint32_t irq);
/* The first device that answers to that _HID, or NULL. */
const struct board_dev *acpi_find_hid(const struct board *b, const char *hid);
/* The name below \\_SB of a device that has a _HID. */
#define ACPI_NAME_SIZE 5
void acpi_dev_name(const struct board *b, const struct board_dev *d,
		   char name[ACPI_NAME_SIZE]);
/* The body of the DSDT. */
void acpi_dsdt(const struct board *b, struct aml *a);

#endif
