/* SPDX-License-Identifier: MIT */
/* Eventfds of messages that a chip in user space serves on the main loop. */
#include "hw/core/msi_fds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MSI_FDS_BATCH 32 /* served in one turn of the loop */

static void msi_fds_take(struct msi_fds *s, const struct msi_fd *f)
{
	eventfd_t n;

	if (eventfd_read(f->fd, &n) == 0 && f->dest >= 0)
		s->raise(s->opaque, f->dest);
}

/* On the loop's thread: the lock's holders never block, nor does this. */
static void msi_fds_ready(void *opaque, uint32_t events)
{
	struct msi_fds *s = opaque;
	struct epoll_event ev[MSI_FDS_BATCH];
	int n;

	(void)events;
	pthread_mutex_lock(&s->lock);
	n = epoll_wait(s->epfd, ev, MSI_FDS_BATCH, 0);
	for (int i = 0; i < n; i++)
		msi_fds_take(s, &s->fd[ev[i].data.u32]);
	pthread_mutex_unlock(&s->lock);
}

int msi_fds_init(struct msi_fds *s, const char *name, struct loop *loop,
		 struct err *err)
{
	int ret;

	s->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epfd < 0)
		return err_set(err, errno, "%s: cannot make an epoll: %s", name,
			       strerror(errno));
	s->watch = (struct loop_fd){ .fd = s->epfd,
				     .events = EPOLLIN,
				     .ready = msi_fds_ready,
				     .opaque = s };
	ret = loop_add(loop, &s->watch, err);
	if (ret < 0) {
		close(s->epfd);
		return ret;
	}
	pthread_mutex_init(&s->lock, NULL);
	return 0;
}

void msi_fds_destroy(struct msi_fds *s)
{
	loop_del(&s->watch);
	close(s->epfd);
	free(s->fd);
	pthread_mutex_destroy(&s->lock);
}

/* ---- the table: a route's number is its gsi, its priv says that it has one */

static int msi_fds_slot(struct msi_fds *s, struct msi_route *r)
{
	struct msi_fd *all;
	unsigned i;

	if (r->priv)
		return 0;
	for (i = 0; i < s->n && s->fd[i].used; i++)
		;
	if (i == s->n) {
		unsigned n = i ? 2 * i : 16;

		all = realloc(s->fd, n * sizeof(*all));
		if (!all)
			return -ENOMEM;
		memset(&all[i], 0, (n - i) * sizeof(*all));
		s->fd = all;
		s->n = n;
	}
	s->fd[i] = (struct msi_fd){ .fd = r->fd, .used = true };
	r->gsi = i;
	r->priv = s;
	return 0;
}

static int msi_fds_watch(struct msi_fds *s, unsigned i, bool on)
{
	struct msi_fd *f = &s->fd[i];
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };

	if (f->watched == on)
		return 0;
	if (epoll_ctl(s->epfd, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, f->fd, &ev) <
	    0)
		return -errno;
	f->watched = on;
	return 0;
}

static int msi_fds_bind(struct msi_fds *s, struct msi_route *r,
			const struct msi_msg *msg)
{
	int ret = msi_fds_slot(s, r);

	if (ret < 0)
		return ret;
	/* What was raised under the old message goes where that said. */
	if (s->fd[r->gsi].watched)
		msi_fds_take(s, &s->fd[r->gsi]);
	if (msg)
		s->fd[r->gsi].dest = s->resolve(s->opaque, msg);
	return msi_fds_watch(s, r->gsi, msg);
}

int msi_fds_route(struct msi_fds *s, struct msi_route *r,
		  const struct msi_msg *msg)
{
	int ret;

	pthread_mutex_lock(&s->lock);
	ret = msi_fds_bind(s, r, msg);
	pthread_mutex_unlock(&s->lock);
	return ret;
}

void msi_fds_free(struct msi_fds *s, struct msi_route *r)
{
	if (!r->priv)
		return;
	pthread_mutex_lock(&s->lock);
	msi_fds_watch(s, r->gsi, false);
	s->fd[r->gsi].used = false;
	pthread_mutex_unlock(&s->lock);
	r->priv = NULL;
}
