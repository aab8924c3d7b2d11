/* SPDX-License-Identifier: MIT */
/* The VM's clock and its timers; tests use one that they advance by hand. */
#ifndef HW_CORE_CLOCK_H
#define HW_CORE_CLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct timer {
	void (*fire)(void *opaque); /* on the clock's thread, no lock held */
	void *opaque;
	/* the clock's lock: */
	uint64_t deadline_ns;
	bool armed;
	struct timer *next;
};

struct clock {
	/* Nanoseconds since the VM started; never runs backwards. */
	uint64_t (*now_ns)(struct clock *c);
	/* Nanoseconds since 1970-01-01 UTC as the guest's RTC shows them. */
	int64_t (*wall_ns)(struct clock *c);
	/* Told the earliest deadline (UINT64_MAX: none) when it changes. */
	void (*rearm)(struct clock *c, uint64_t deadline_ns);
	void *opaque;
	pthread_mutex_t lock;
	struct timer *timers; /* sorted by deadline */
};

void clock_init(struct clock *c);
void clock_destroy(struct clock *c);
uint64_t clock_now_ns(struct clock *c);
int64_t clock_wall_ns(struct clock *c);

/* (Re)arms t for an absolute time of clock_now_ns(). */
void timer_arm(struct clock *c, struct timer *t, uint64_t deadline_ns);
void timer_disarm(struct clock *c, struct timer *t);
/* Fires what is due; called by the thread that owns the clock. */
void clock_run(struct clock *c);

#endif
