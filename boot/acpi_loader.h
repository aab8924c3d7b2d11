/* SPDX-License-Identifier: MIT */
/* The ACPI tables as firmware takes them: blobs and a script that links. */
#ifndef BOOT_ACPI_LOADER_H
#define BOOT_ACPI_LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/err.h"

/* The names of the three in fw_cfg, as firmware made for QEMU expects them. */
#define ACPI_LOADER_FILE "etc/table-loader"
#define ACPI_TABLES_FILE "etc/acpi/tables"
#define ACPI_RSDP_FILE	 "etc/acpi/rsdp"

struct acpi_blob {
	const char *file; /* its name in fw_cfg */
	uint8_t *data;
	size_t size; /* bytes */
};

enum acpi_blob_kind {
	ACPI_BLOB_TABLES, /* all but the RSDP */
	ACPI_BLOB_RSDP,
	ACPI_BLOB_LOADER, /* what to do with the other two */
	ACPI_BLOB_COUNT,
};

/*
 * Firmware decides itself where tables go.  It reads the script, which has it
 * allocate memory for the other two files and copy them there, add the place
 * of a file to pointers, which are offsets until then, and sum up what that
 * changed.  QEMU's "BIOS linker loader"; edk2 and SeaBIOS run it.
 */
struct acpi_blobs {
	struct acpi_blob blob[ACPI_BLOB_COUNT];
};

/*
 * The tables that acpi_build() makes of b, and their script.  Any host, any
 * target, the same errors.  Free with acpi_blobs_free().
 */
int acpi_blobs_build(const struct board *b, struct acpi_blobs *out,
		     struct err *err) MUST_CHECK;
void acpi_blobs_free(struct acpi_blobs *blobs);

#endif
