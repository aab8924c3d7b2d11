/* SPDX-License-Identifier: MIT */
/* What a flash bank holds, and the file that keeps it. */
#ifndef HW_FLASH_STORE_H
#define HW_FLASH_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/err.h"

/*
 * The contents are memory of our own, filled from the file and 0xff beyond its
 * end; the file is never mapped, so nobody can cut it off under the guest.
 * What a guest programs or erases goes to the file at once, in the order in
 * which it does: killed at any moment, the file is a flash whose power failed
 * between two operations, which firmware expects.  It reaches the host's disk
 * when the bank is closed, or as the host sees fit.
 */
struct flash_store {
	uint8_t *data;	    /* size bytes, page-aligned */
	uint64_t size;	    /* of the bank */
	char *path;	    /* NULL: kept in memory only */
	int fd;		    /* -1: nothing is written back */
	uint64_t file_size; /* bytes that the file has */
	bool failed;	    /* a write was refused, and it was told of */
};

/*
 * Fills s from file (NULL: an empty bank), which must not be larger than size.
 * Writable, it is locked against other writers and may grow up to size;
 * read-only, it is read once and let go.  On failure nothing is left.
 */
int flash_store_open(struct flash_store *s, const char *file, uint64_t size,
		     bool readonly, struct err *err) MUST_CHECK;
/* Waits until the file is on the host's disk, where there is one. */
void flash_store_close(struct flash_store *s);

/*
 * Replaces len bytes at off, within size, by those at data, unless they are
 * the same.  The file first: on failure (a negative errno, and a warning,
 * once) nothing has changed that a reader sees.
 */
int flash_store_write(struct flash_store *s, uint64_t off, const uint8_t *data,
		      uint64_t len) MUST_CHECK;

#endif
