/* SPDX-License-Identifier: MIT */
/* The virtio network device [5.1], over a back end of hw/net. */
#ifndef HW_VIRTIO_NET_H
#define HW_VIRTIO_NET_H

#include "hw/net/mac.h"
#include "hw/net/netdev.h"
#include "hw/virtio/virtio.h"

/* Received buffers that are held ready for one frame. */
#define VNET_POOL 64
/* Pieces of memory that one frame may go to. */
#define VNET_IOV 1024

extern const struct device_class virtio_net_class;

/*
 * A pair of queues; both belong to the loop of its receiving queue.  Frames
 * go between the guest's memory and the back end without a copy: the pool
 * holds buffers that the driver made available, and the back end reads into
 * all of them at once; those that a frame did not need wait for the next.
 */
struct vnet_pair {
	struct virtio_net *net;
	unsigned index;
	bool rx_on, tx_on;     /* between queue_start and queue_stop */
	bool want_rd, want_wr; /* what the back end was told last */
	struct virtq_elem *pool[VNET_POOL];
	unsigned npool;
	size_t capacity;       /* bytes of the pool */
	unsigned last_dry;     /* buffers there were when they last ran short */
	bool making_do;	       /* with those, until the driver gives more */
	struct timer patience; /* kicks the queue when none have come */
	struct iovec iov[VNET_IOV];
	uint8_t *spill; /* NETDEV_MAX_FRAME: where a frame's excess goes */
};

struct virtio_net {
	struct virtio_device vdev;
	struct netdev_config cfg; /* properties */
	/* constant from realize on: */
	struct netdev *nd;
	bool owns_nd; /* realize() opened it */
	unsigned npairs;
	struct vnet_pair *pair;
	struct net_mac mac;
	/* atomic: */
	uint32_t offloads; /* enum netdev_offload that the guest takes now */
};

/*
 * A back end other than the one that the properties ask for, before realize.
 * The caller keeps it until the device is freed, and closes it after.
 */
void virtio_net_set_netdev(struct virtio_net *n, struct netdev *nd);

#endif
