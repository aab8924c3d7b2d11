/* SPDX-License-Identifier: MIT */
/* QEMU's firmware configuration device: what firmware is to know, by name. */
#ifndef HW_MISC_FW_CFG_H
#define HW_MISC_FW_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/core/device.h"

#define FW_CFG_MAX_ITEMS 64
#define FW_CFG_NAME	 56 /* bytes of a file's name, its NUL included */
/* Bytes of the directory: a count, and an entry a file. */
#define FW_CFG_DIRECTORY (4 + FW_CFG_MAX_ITEMS * (8 + FW_CFG_NAME))

/*
 * One thing to read.  A file is known to the guest by its name and gets a key
 * by itself; what has no name is known by its key, below FW_CFG_FILE_FIRST.
 */
struct fw_cfg_item {
	const char *file; /* or NULL; copied */
	uint16_t key;
	void *data;    /* stays the caller's, until the device is freed */
	uint32_t size; /* bytes */
	bool writable; /* the guest may overwrite data, by DMA */
	/* The guest has selected it and reads data next; optional.  Under the
	 * device's lock, on a vCPU's thread. */
	void (*select)(void *opaque);
	void *opaque;
};

#define FW_CFG_FILE_FIRST 0x20

/*
 * By QEMU's docs/specs/fw_cfg: a data register at 0, a selector at 8 and the
 * address of a DMA request at 16, the latter two big-endian.  A guest selects
 * an item and reads its bytes one after another; behind the last are zeros.
 */
struct fw_cfg {
	struct device dev; /* dev.lock protects what follows "state" */
	/* constant once the guest runs: */
	struct fw_cfg_item item[FW_CFG_MAX_ITEMS];
	char name[FW_CFG_MAX_ITEMS][FW_CFG_NAME];
	unsigned n;
	uint16_t files;			     /* with a name, so far */
	uint8_t directory[FW_CFG_DIRECTORY]; /* as the guest reads it */

	/* state: */
	const struct fw_cfg_item *current; /* NULL: an item that is not there */
	uint32_t offset;		   /* of its next byte */
	uint32_t dma_high;
};

extern const struct device_class fw_cfg_mmio_class;

/*
 * Adds an item, before the guest runs, also before realize().  -EEXIST for a
 * name or key that is there, -EINVAL for one that the interface cannot have,
 * -ENOSPC beyond FW_CFG_MAX_ITEMS.
 */
int fw_cfg_add(struct fw_cfg *s, const struct fw_cfg_item *item,
	       struct err *err) MUST_CHECK;

#endif
