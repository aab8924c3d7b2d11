/* SPDX-License-Identifier: MIT */
/* A virtio block driver, as far as tests need one [5.2]. */
#ifndef GUEST_BLK_H
#define GUEST_BLK_H

#include "virtio.h"

#define BLK_F_RO	   BIT64(5)
#define BLK_F_BLK_SIZE	   BIT64(6)
#define BLK_F_FLUSH	   BIT64(9)
#define BLK_F_TOPOLOGY	   BIT64(10)
#define BLK_F_MQ	   BIT64(12)
#define BLK_F_DISCARD	   BIT64(13)
#define BLK_F_WRITE_ZEROES BIT64(14)

#define BLK_IN		 0
#define BLK_OUT		 1
#define BLK_FLUSH	 4
#define BLK_GET_ID	 8
#define BLK_DISCARD	 11
#define BLK_WRITE_ZEROES 13

#define BLK_OK	    0
#define BLK_IOERR   1
#define BLK_UNSUPP  2
#define BLK_TIMEOUT 254
#define BLK_NONE    255 /* what the status holds before the device writes it */

#define BLK_SECTOR 512

/* A line of the cache for each: two CPUs work on neighbours at once. */
struct blk_req {
	uint32_t type, reserved;
	uint64_t sector;
	uint8_t status;
} __attribute__((aligned(64)));

struct blk_range {
	uint64_t sector;
	uint32_t sectors, flags;
};

/*
 * Puts a request in without a kick: nseg pieces of len bytes from data on.
 * The request must live until it comes back.  False when the ring is full.
 */
bool blk_add(struct vq *q, struct blk_req *r, uint32_t type, uint64_t sector,
	     void *data, uint32_t len, unsigned nseg, uint32_t token);
/* One request from start to end; its status, or BLK_TIMEOUT. */
uint8_t blk_do(struct vq *q, uint32_t type, uint64_t sector, void *data,
	       uint32_t len, unsigned nseg);

#endif
