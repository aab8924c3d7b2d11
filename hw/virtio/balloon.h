/* SPDX-License-Identifier: MIT */
/* "virtio-balloon": memory lent back to the host; virtio 1.2, section 5.5. */
#ifndef HW_VIRTIO_BALLOON_H
#define HW_VIRTIO_BALLOON_H

#include "hw/core/clock.h"
#include "hw/virtio/virtio.h"

/* What a guest tells about its memory [5.5.6.4], in the order of the tags. */
enum balloon_stat {
	BALLOON_SWAP_IN, /* bytes */
	BALLOON_SWAP_OUT,
	BALLOON_MAJOR_FAULTS,
	BALLOON_MINOR_FAULTS,
	BALLOON_FREE, /* bytes, as are the next three */
	BALLOON_TOTAL,
	BALLOON_AVAILABLE,
	BALLOON_CACHES,
	BALLOON_HUGE_ALLOCATIONS,
	BALLOON_HUGE_FAILURES,
	BALLOON_NSTATS,
};
/* "swap-in", ...: names for people and for the control protocol. */
extern const char *const balloon_stat_names[BALLOON_NSTATS];

struct balloon_info {
	uint64_t target, actual;       /* bytes in the balloon */
	uint64_t stat[BALLOON_NSTATS]; /* UINT64_MAX: the guest did not say */
	uint64_t stat_ns;	       /* of the VM's clock; 0: never yet */
	uint64_t reported;	       /* bytes of free pages given back */
};

/* A request that may take several turns. */
struct balloon_work {
	struct virtq_elem *e; /* or NULL */
	uint64_t done;	      /* bytes of it */
};

#define BALLOON_QUEUES 5

struct virtio_balloon {
	struct virtio_device vdev;
	/* properties: */
	bool deflate_on_oom, reporting;
	uint64_t size;	  /* bytes to take from the start */
	uint64_t stats_s; /* between two looks at the statistics; 0: none */
	/* the queues' loop: */
	struct virtq_elem *stats; /* the driver's buffer, while we hold it */
	bool asked;		  /* and what comes is the answer */
	struct balloon_work work[BALLOON_QUEUES];
	/* info_lock, a leaf: */
	pthread_mutex_t info_lock;
	struct balloon_info info; /* without target and actual */
	struct timer timer;	  /* of stats_s; the clock's thread */
};

extern const struct device_class virtio_balloon_class;

/*
 * Asks the guest to fill the balloon up to bytes (whole 4 KiB pages).  It
 * does so in its own time, or not at all.  Any thread.
 */
void virtio_balloon_set_target(struct virtio_balloon *s, uint64_t bytes);
/* Asks the guest for new statistics.  Any thread that may loop_call(). */
void virtio_balloon_ask(struct virtio_balloon *s);
/* What is known by now.  Any thread. */
void virtio_balloon_info(struct virtio_balloon *s, struct balloon_info *info);

#endif
