/* SPDX-License-Identifier: MIT */
/* "virtio-blk": a disk over hw/block; virtio 1.2, section 5.2. */
#ifndef HW_VIRTIO_BLK_H
#define HW_VIRTIO_BLK_H

#include "hw/block/disk.h"
#include "hw/virtio/virtio.h"

#define BLK_MAX_QUEUES VIRTIO_MAX_QUEUES

struct blk_queue;

struct virtio_blk {
	struct virtio_device vdev;

	/* properties: */
	struct disk_config cfg;
	char *serial;	 /* at most 20 bytes */
	uint64_t queues; /* 0: one */

	/* constant from realize to unrealize: */
	struct disk *disk;
	const struct disk_info *info; /* the disk's */
	struct blk_queue *queue;

	/* atomic: */
	bool writeback; /* the driver's choice, with CONFIG_WCE */
};

extern const struct device_class virtio_blk_class;
/* Its properties: what --disk takes too, after the file. */
extern const struct prop blk_props[];

#endif
