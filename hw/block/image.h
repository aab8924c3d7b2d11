/* SPDX-License-Identifier: MIT */
/* The files behind a disk: opened, checked, locked; and the overlay. */
#ifndef HW_BLOCK_IMAGE_H
#define HW_BLOCK_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/block/disk.h"
#include "hw/core/err.h"

struct disk_image {
	char *path;
	int fd;
	uint64_t size;	/* bytes */
	bool block;	/* a block device */
	bool direct;	/* O_DIRECT */
	uint32_t align; /* of offsets and lengths, bytes: a power of two */
	uint32_t mem_align;
	uint32_t host_logical, host_physical; /* block sizes, bytes */
	bool no_zero_range, no_punch;	      /* learnt from the host; atomic */
};

/* Fills img, which disk_image_close() undoes. */
int disk_image_open(struct disk_image *img, const struct disk_config *cfg,
		    struct err *err) MUST_CHECK;
void disk_image_close(struct disk_image *img);

/*
 * Frees or zeroes [off, off + len); blocks, any thread.  0 or a negative
 * errno.  A host that cannot discard is no error; one that cannot zero has
 * the zeros written.
 */
int disk_image_discard(struct disk_image *img, uint64_t off, uint64_t len);
int disk_image_zero(struct disk_image *img, uint64_t off, uint64_t len,
		    bool unmap);

/*
 * What a guest wrote since the disk was opened with snapshot=on: a file
 * without a name, as large as the disk, and a bit a sector that says whether
 * the sector is there.  Any thread; a sector is marked once it is written.
 */
struct overlay {
	struct disk_image img;
	uint64_t *map;	 /* anonymous memory, touched where written */
	size_t map_size; /* bytes */
};

int overlay_open(struct overlay *o, uint64_t size, struct err *err) MUST_CHECK;
void overlay_close(struct overlay *o);
/*
 * How many bytes from off, at most len, lie in the same file as the first;
 * *here tells whether that is the overlay.
 */
uint64_t overlay_run(const struct overlay *o, uint64_t off, uint64_t len,
		     bool *here);
void overlay_mark(struct overlay *o, uint64_t off, uint64_t len);

#endif
