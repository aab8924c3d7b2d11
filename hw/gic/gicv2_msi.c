/* SPDX-License-Identifier: MIT */
/* The software GICv2's messages: eventfds that raise edges of SPIs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/core/log.h"
#include "hw/gic/gicv2_priv.h"

#define MSI_BATCH 32 /* eventfds served in one turn of the loop */

static int msi_spi(const struct gicv2 *s, const struct msi_msg *msg)
{
	int spi = gicv2m_spi(&s->cfg.frame, msg);

	if (spi >= 0 && (unsigned)spi < s->cfg.nspis)
		return spi;
	guest_error(s->dev.name,
		    "a message to 0x%llx of 0x%x is not for the frame",
		    (unsigned long long)msg->addr, msg->data);
	return -1;
}

static void msi_pulse(struct gicv2 *s, int spi)
{
	if (spi < 0)
		return;
	gicv2_input(s, 0, GIC_SPI((unsigned)spi), true);
	gicv2_input(s, 0, GIC_SPI((unsigned)spi), false);
	gicv2_settle(s);
}

/* Several writes that nobody saw in between are one edge. */
static void msi_take(struct gicv2 *s, const struct gicv2_route *r)
{
	eventfd_t n;

	if (eventfd_read(r->fd, &n) == 0)
		msi_pulse(s, r->spi);
}

/* On the loop's thread: the lock's holders never block, nor does this. */
static void msi_ready(void *opaque, uint32_t events)
{
	struct gicv2 *s = opaque;
	struct epoll_event ev[MSI_BATCH];
	int n;

	(void)events;
	device_lock(&s->dev);
	n = epoll_wait(s->epfd, ev, MSI_BATCH, 0);
	for (int i = 0; i < n; i++)
		msi_take(s, &s->routes[ev[i].data.u32]);
	device_unlock(&s->dev);
}

int gicv2_msi_init(struct gicv2 *s, struct err *err)
{
	int ret;

	s->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (s->epfd < 0)
		return err_set(err, errno, "%s: cannot make an epoll: %s",
			       s->dev.name, strerror(errno));
	s->watch = (struct loop_fd){ .fd = s->epfd,
				     .events = EPOLLIN,
				     .ready = msi_ready,
				     .opaque = s };
	ret = loop_add(s->dev.env->loop, &s->watch, err);
	if (ret < 0)
		close(s->epfd);
	return ret;
}

void gicv2_msi_destroy(struct gicv2 *s)
{
	loop_del(&s->watch);
	close(s->epfd);
	free(s->routes);
}

/* ---- the table: a route's number is its gsi, its priv says that it has one */

static int msi_slot(struct gicv2 *s, struct msi_route *r)
{
	struct gicv2_route *all;
	unsigned i;

	if (r->priv)
		return 0;
	for (i = 0; i < s->nroutes && s->routes[i].used; i++)
		;
	if (i == s->nroutes) {
		unsigned n = i ? 2 * i : 16;

		all = realloc(s->routes, n * sizeof(*all));
		if (!all)
			return -ENOMEM;
		memset(&all[i], 0, (n - i) * sizeof(*all));
		s->routes = all;
		s->nroutes = n;
	}
	s->routes[i] = (struct gicv2_route){ .fd = r->fd, .used = true };
	r->gsi = i;
	r->priv = s;
	return 0;
}

static int msi_watch(struct gicv2 *s, unsigned i, bool on)
{
	struct gicv2_route *slot = &s->routes[i];
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };

	if (slot->watched == on)
		return 0;
	if (epoll_ctl(s->epfd, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, slot->fd,
		      &ev) < 0)
		return -errno;
	slot->watched = on;
	return 0;
}

static int msi_bind(struct gicv2 *s, struct msi_route *r,
		    const struct msi_msg *msg)
{
	int ret = msi_slot(s, r);

	if (ret < 0)
		return ret;
	/* What was raised under the old message is the old SPI's. */
	if (s->routes[r->gsi].watched)
		msi_take(s, &s->routes[r->gsi]);
	if (msg)
		s->routes[r->gsi].spi = msi_spi(s, msg);
	return msi_watch(s, r->gsi, msg);
}

int gicv2_msi_route(struct irqchip *c, struct msi_route *r,
		    const struct msi_msg *msg)
{
	struct gicv2 *s = gicv2_of(c);
	int ret;

	device_lock(&s->dev);
	ret = msi_bind(s, r, msg);
	device_unlock(&s->dev);
	return ret;
}

void gicv2_msi_route_free(struct irqchip *c, struct msi_route *r)
{
	struct gicv2 *s = gicv2_of(c);

	if (!r->priv)
		return;
	device_lock(&s->dev);
	msi_watch(s, r->gsi, false);
	s->routes[r->gsi].used = false;
	device_unlock(&s->dev);
	r->priv = NULL;
}

void gicv2_msi_send(struct irqchip *c, const struct msi_msg *msg)
{
	struct gicv2 *s = gicv2_of(c);

	device_lock(&s->dev);
	msi_pulse(s, msi_spi(s, msg));
	device_unlock(&s->dev);
}
