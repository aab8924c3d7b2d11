/* SPDX-License-Identifier: MIT */
/* XICS sources: what waits for a server, RTAS's view, lines and messages. */
#include <errno.h>

#include "hw/core/log.h"
#include "hw/xics/xics_priv.h"

struct xics_source *xics_source(struct xics *s, uint32_t nr)
{
	uint32_t i = nr - s->cfg.first;

	return i < s->cfg.n ? &s->source[i] : NULL;
}

/* ---- what waits */

static bool source_waits(const struct xics_source *q)
{
	if (q->priority == ICS_MASKED)
		return false;
	return q->level ? q->line && !q->sent : q->latch;
}

static void source_place(struct xics *s, uint32_t nr, bool waits)
{
	uint32_t i = nr - s->cfg.first;
	uint64_t bit = UINT64_C(1) << (i % 64);
	uint64_t *word = &s->server[s->source[i].server].ready[i / 64];

	*word = waits ? *word | bit : *word & ~bit;
}

void xics_refresh(struct xics *s, uint32_t nr)
{
	struct xics_source *q = xics_source(s, nr);

	assert_held(&s->dev);
	source_place(s, nr, source_waits(q));
	xics_present(s, q->server);
}

void xics_taken(struct xics *s, uint32_t nr)
{
	struct xics_source *q = xics_source(s, nr);

	q->latch = false;
	q->sent = q->level;
	source_place(s, nr, false);
}

/* To the server that it has now: RTAS may have changed that meanwhile. */
void xics_given_back(struct xics *s, uint32_t nr)
{
	struct xics_source *q = xics_source(s, nr);

	q->sent = false;
	q->latch = !q->level;
	xics_refresh(s, nr);
}

/* A message needs no end: the next one has come or will come. */
void xics_ended(struct xics *s, uint32_t nr)
{
	xics_source(s, nr)->sent = false;
	xics_refresh(s, nr);
}

/* ---- RTAS */

static struct xics *xics_of_ics(struct ics *ics)
{
	return container_of(ics, struct xics, ics);
}

/* What changes where a source goes: out of the old server's set first. */
static void source_set(struct xics *s, uint32_t nr, uint32_t server,
		       uint8_t priority)
{
	struct xics_source *q = xics_source(s, nr);

	source_place(s, nr, false);
	q->server = server;
	q->priority = priority;
	xics_refresh(s, nr);
}

static int xics_ics_set(struct ics *ics, uint32_t nr, uint32_t server,
			uint8_t priority)
{
	struct xics *s = xics_of_ics(ics);
	struct xics_source *q = xics_source(s, nr);

	if (!q || server >= s->ncpus)
		return -EINVAL;
	device_lock(&s->dev);
	q->saved = priority;
	source_set(s, nr, server, priority);
	device_unlock(&s->dev);
	return 0;
}

static int xics_ics_get(struct ics *ics, uint32_t nr, uint32_t *server,
			uint8_t *priority)
{
	struct xics *s = xics_of_ics(ics);
	const struct xics_source *q = xics_source(s, nr);

	if (!q)
		return -EINVAL;
	device_lock(&s->dev);
	*server = q->server;
	*priority = q->priority;
	device_unlock(&s->dev);
	return 0;
}

static int xics_ics_enable(struct ics *ics, uint32_t nr, bool on)
{
	struct xics *s = xics_of_ics(ics);
	struct xics_source *q = xics_source(s, nr);

	if (!q)
		return -EINVAL;
	device_lock(&s->dev);
	if (!on && q->priority != ICS_MASKED)
		q->saved = q->priority;
	source_set(s, nr, q->server, on ? q->saved : ICS_MASKED);
	device_unlock(&s->dev);
	return 0;
}

static int xics_ics_level(struct ics *ics, uint32_t nr, bool level)
{
	struct xics *s = xics_of_ics(ics);
	struct xics_source *q = xics_source(s, nr);

	if (!q)
		return -EINVAL;
	device_lock(&s->dev);
	if (q->level != level) {
		q->level = level;
		q->latch = q->sent = false;
		xics_refresh(s, nr);
	}
	device_unlock(&s->dev);
	return 0;
}

const struct ics_ops xics_ics_ops = {
	.set = xics_ics_set,
	.get = xics_ics_get,
	.enable = xics_ics_enable,
	.level = xics_ics_level,
};

/* ---- lines and messages */

static struct xics *xics_of_chip(struct irqchip *c)
{
	return container_of(c, struct xics, chip);
}

/* The rising edge of a source that is no level is a message. */
static void xics_set_line(struct irqchip *c, unsigned line, bool level)
{
	struct xics *s = xics_of_chip(c);
	struct xics_source *q = xics_source(s, line);

	if (!q)
		return;
	device_lock(&s->dev);
	if (!q->level && level && !q->line)
		q->latch = true;
	q->line = level;
	xics_refresh(s, line);
	device_unlock(&s->dev);
}

static int xics_msi_source(void *opaque, const struct msi_msg *msg)
{
	struct xics *s = opaque;

	if (xics_source(s, msg->data))
		return (int)msg->data;
	guest_error(s->dev.name, "a message of 0x%x is no interrupt source",
		    msg->data);
	return -1;
}

static void xics_msi_raise(void *opaque, int nr)
{
	struct xics *s = opaque;
	struct xics_source *q = xics_source(s, (uint32_t)nr);

	device_lock(&s->dev);
	q->latch = !q->level;
	xics_refresh(s, (uint32_t)nr);
	device_unlock(&s->dev);
}

static void xics_send(struct irqchip *c, const struct msi_msg *msg)
{
	struct xics *s = xics_of_chip(c);
	int nr = xics_msi_source(s, msg);

	if (nr >= 0)
		xics_msi_raise(s, nr);
}

static int xics_route(struct irqchip *c, struct msi_route *r,
		      const struct msi_msg *msg)
{
	return msi_fds_route(&xics_of_chip(c)->fds, r, msg);
}

static void xics_route_free(struct irqchip *c, struct msi_route *r)
{
	msi_fds_free(&xics_of_chip(c)->fds, r);
}

const struct irqchip_ops xics_chip_ops = {
	.set_line = xics_set_line,
	.route = xics_route,
	.route_free = xics_route_free,
	.send = xics_send,
};

int xics_sources_init(struct xics *s, struct err *err)
{
	s->fds.resolve = xics_msi_source;
	s->fds.raise = xics_msi_raise;
	s->fds.opaque = s;
	return msi_fds_init(&s->fds, s->dev.name, s->dev.env->loop, err);
}

/* The input and its kind stay: they are its device's and the board's. */
void xics_sources_reset(struct xics *s)
{
	for (uint32_t nr = s->cfg.first; nr - s->cfg.first < s->cfg.n; nr++) {
		struct xics_source *q = xics_source(s, nr);

		source_place(s, nr, false);
		*q = (struct xics_source){ .priority = ICS_MASKED,
					   .saved = ICS_MASKED,
					   .level = q->level,
					   .line = q->line };
	}
}
