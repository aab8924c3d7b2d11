/* SPDX-License-Identifier: MIT */
/* The ACPI tables of a board. */
#ifndef BOOT_ACPI_H
#define BOOT_ACPI_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/err.h"
#include "hw/core/mem.h"

#define ACPI_MAX_TABLES 16

/* One table, with its length and checksum in place. */
struct acpi_table {
	char name[8];	  /* for a file: "dsdt", "apic", "rsdp" */
	uint8_t *data;	  /* in acpi_tables.blob */
	uint32_t size;	  /* bytes */
	uint64_t address; /* guest-physical */
};

/* All of them, linked to each other for their places at board->acpi. */
struct acpi_tables {
	struct acpi_table table[ACPI_MAX_TABLES]; /* the RSDP first */
	unsigned n;
	uint8_t *blob; /* what goes to board->acpi.base */
	size_t size;   /* bytes of it in use */
};

/*
 * Builds the tables that describe b, hardware-reduced ACPI 6.4, from the
 * board alone: a device appears when its class has an ACPI name.  Any host,
 * any target.  -ENOSPC when they do not fit board->acpi; -ENOTSUP when the
 * board has no place for tables.  Free with acpi_free().
 */
int acpi_build(const struct board *b, struct acpi_tables *out,
	       struct err *err) MUST_CHECK;
void acpi_free(struct acpi_tables *t);

/* Builds them and copies them to board->acpi, the RSDP to its base. */
int acpi_write(const struct board *b, const struct mem *mem,
	       struct err *err) MUST_CHECK;

/*
 * Hands every table to each(), which returns 0 or a negative errno with the
 * reason in *err, and then ends it.
 */
int acpi_dump(const struct board *b,
	      int (*each)(void *opaque, const struct acpi_table *t,
			  struct err *err),
	      void *opaque, struct err *err) MUST_CHECK;
/* Writes each into a file dir/NAME.dat, as iasl -d takes it. */
int acpi_dump_dir(const struct board *b, const char *dir,
		  struct err *err) MUST_CHECK;

#endif
