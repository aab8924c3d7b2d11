/* SPDX-License-Identifier: MIT */
/* Eventfds of messages that a chip in user space serves on the main loop. */
#ifndef HW_CORE_MSI_FDS_H
#define HW_CORE_MSI_FDS_H

#include <pthread.h>
#include <stdbool.h>

#include "hw/core/err.h"
#include "hw/core/irq.h"
#include "hw/core/loop.h"

/* One eventfd and where its message goes. */
struct msi_fd {
	int fd;
	int dest; /* what resolve() said; -1: nowhere */
	bool used, watched;
};

/*
 * The routes of an irqchip without KVM: its route() and route_free() call
 * msi_fds_route() and msi_fds_free().  Several writes to an eventfd that
 * nobody saw in between are one message.
 */
struct msi_fds {
	/* Constant, set by the owner.  What a message means to the chip, or
	 * -1; any thread. */
	int (*resolve)(void *opaque, const struct msi_msg *msg);
	/* Delivers it; from the loop or a thread that changes a route.  It may
	 * take the chip's lock, which comes after ours. */
	void (*raise)(void *opaque, int dest);
	void *opaque;

	int epfd;
	struct loop_fd watch;
	pthread_mutex_t lock;
	struct msi_fd *fd; /* by msi_route.gsi */
	unsigned n;
};

/* name is the chip's, for messages.  0 or a negative errno. */
int msi_fds_init(struct msi_fds *s, const char *name, struct loop *loop,
		 struct err *err) MUST_CHECK;
/* Every route has been freed. */
void msi_fds_destroy(struct msi_fds *s);

/* See irqchip_ops.route() and .route_free(); any thread. */
int msi_fds_route(struct msi_fds *s, struct msi_route *r,
		  const struct msi_msg *msg);
void msi_fds_free(struct msi_fds *s, struct msi_route *r);

#endif
