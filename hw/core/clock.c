/* SPDX-License-Identifier: MIT */
/* The VM's clock: a sorted list of timers, fired by the owning thread. */
#include "hw/core/clock.h"

#include <stddef.h>

void clock_init(struct clock *c)
{
	pthread_mutex_init(&c->lock, NULL);
	c->timers = NULL;
}

void clock_destroy(struct clock *c)
{
	pthread_mutex_destroy(&c->lock);
}

uint64_t clock_now_ns(struct clock *c)
{
	return c->now_ns(c);
}

int64_t clock_wall_ns(struct clock *c)
{
	return c->wall_ns(c);
}

static uint64_t clock_next(const struct clock *c)
{
	return c->timers ? c->timers->deadline_ns : UINT64_MAX;
}

static void timer_unlink(struct clock *c, struct timer *t)
{
	struct timer **p = &c->timers;

	if (!t->armed)
		return;
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	t->armed = false;
}

void timer_arm(struct clock *c, struct timer *t, uint64_t deadline_ns)
{
	struct timer **p = &c->timers;
	uint64_t before;

	pthread_mutex_lock(&c->lock);
	before = clock_next(c);
	timer_unlink(c, t);
	while (*p && (*p)->deadline_ns <= deadline_ns)
		p = &(*p)->next;
	t->deadline_ns = deadline_ns;
	t->next = *p;
	t->armed = true;
	*p = t;
	if (clock_next(c) != before)
		c->rearm(c, clock_next(c));
	pthread_mutex_unlock(&c->lock);
}

void timer_disarm(struct clock *c, struct timer *t)
{
	/* A deadline left armed too early only makes clock_run() look once. */
	pthread_mutex_lock(&c->lock);
	timer_unlink(c, t);
	pthread_mutex_unlock(&c->lock);
}

void clock_run(struct clock *c)
{
	struct timer *t;

	for (;;) {
		pthread_mutex_lock(&c->lock);
		t = c->timers;
		if (!t || t->deadline_ns > c->now_ns(c)) {
			c->rearm(c, clock_next(c));
			pthread_mutex_unlock(&c->lock);
			return;
		}
		timer_unlink(c, t);
		pthread_mutex_unlock(&c->lock);
		t->fire(t->opaque);
	}
}
