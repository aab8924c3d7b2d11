/* SPDX-License-Identifier: MIT */
/* A rate as the median of short windows, for benches; guests and programs. */
#ifndef GUEST_WINDOWS_H
#define GUEST_WINDOWS_H

#include <stdint.h>

#define WINDOWS_MAX  1024
#define WINDOWS_UNIT 4096

/*
 * Where other machines share the host's CPUs, one of them is away for a part
 * of a millisecond hundreds of times a second.  An average has all of that in
 * it, and twice where two threads wait for each other; the median of windows
 * shorter than what lies between has none.  Times are in any unit, from a
 * clock that does not run backwards.
 */
struct windows {
	uint64_t length, begin, first; /* first: what was done at begin */
	uint64_t count[WINDOWS_MAX];   /* per WINDOWS_UNIT lengths, sorted */
	unsigned n;
};

static inline void windows_begin(struct windows *w, uint64_t now,
				 uint64_t length)
{
	w->length = length;
	w->begin = now;
	w->first = w->n = 0;
}

/* Says that done is all that has been done by now. */
static inline void windows_at(struct windows *w, uint64_t now, uint64_t done)
{
	uint64_t count;
	unsigned i;

	if (now - w->begin < w->length || w->n == WINDOWS_MAX)
		return;
	count = (done - w->first) * w->length * WINDOWS_UNIT / (now - w->begin);
	for (i = w->n++; i && w->count[i - 1] > count; i--)
		w->count[i] = w->count[i - 1];
	w->count[i] = count;
	w->begin = now;
	w->first = done;
}

/* What is done in WINDOWS_UNIT lengths; 0 if no window came to its end. */
static inline uint64_t windows_median(const struct windows *w)
{
	return w->n ? w->count[w->n / 2] : 0;
}

#endif
