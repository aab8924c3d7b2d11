/* SPDX-License-Identifier: MIT */
/* A file to load, read with every offset checked, and what kind it is. */
#ifndef BOOT_IMAGE_H
#define BOOT_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/err.h"

/*
 * A kernel or initrd.  Reads never touch a byte beyond size, and a file that
 * shrinks meanwhile is an error, not a SIGBUS: nothing is mapped.
 */
struct image {
	const char *name;    /* the caller's; for messages */
	uint64_t size;	     /* bytes */
	int fd;		     /* -1: the bytes are at data */
	const uint8_t *data; /* NULL where fd is open */
	void *owned;	     /* what image_close() frees, or NULL */
};

/*
 * Opens a file.  What is not a regular file (a pipe) is read into memory
 * here, at most limit bytes.  A directory or an empty file is an error.
 */
int image_open(struct image *img, const char *path, uint64_t limit,
	       struct err *err) MUST_CHECK;
/* The caller's bytes as an image; they must outlive it. */
void image_from_data(struct image *img, const char *name, const void *data,
		     uint64_t size);
void image_close(struct image *img);

/* Copies [off, off + len); an error naming the file if it is shorter. */
int image_read(const struct image *img, uint64_t off, void *buf, size_t len,
	       struct err *err) MUST_CHECK;

/* A part of an image in host memory. */
struct image_part {
	const uint8_t *data;
	size_t size;
	void *owned; /* a mapping of size bytes, or NULL */
};

/* Borrows the bytes where they are in memory, and reads them otherwise. */
int image_part_get(const struct image *img, uint64_t off, size_t len,
		   struct image_part *part, struct err *err) MUST_CHECK;
void image_part_put(struct image_part *part);

/* Little-endian fields of a header that was read. */
uint16_t get_le16(const void *p);
uint32_t get_le32(const void *p);
uint64_t get_le64(const void *p);
void put_le16(void *p, uint16_t val);
void put_le32(void *p, uint32_t val);
void put_le64(void *p, uint64_t val);

/*
 * Says in words what a file is by its first bytes ("an ISO 9660 image"), or
 * that it is of no known kind.  Returns buf.
 */
const char *image_describe(const struct image *img, char *buf, size_t len);

/* The name of an ELF e_machine, as in "arm64"; NULL for one unknown here. */
const char *elf_machine_name(unsigned machine);

#endif
