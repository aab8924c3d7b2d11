/* SPDX-License-Identifier: MIT */
/* The event loop: file descriptors, calls from elsewhere, idle work. */
#ifndef HW_CORE_LOOP_H
#define HW_CORE_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/core/err.h"

struct loop;

/* A watched file descriptor; lives in its owner. */
struct loop_fd {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT, ... */
	/* On the loop's thread. */
	void (*ready)(void *opaque, uint32_t events);
	void *opaque;
	/* the loop's: */
	struct loop *loop;
};

/*
 * How often idle work runs, while it finds some, for one look at the file
 * descriptors: where rounds are short, the looks are a tenth of all.
 */
#define LOOP_ROUNDS 4

/*
 * Work done each time round before the loop blocks: submit what was
 * batched, poll a ring once more.  True: progress was made, go round again
 * instead of blocking.  run() may remove itself, no other.
 */
struct loop_idle {
	bool (*run)(void *opaque);
	void *opaque;
	struct loop_idle *next;
};

/* One thread's loop.  loop_new() may be called from any thread. */
struct loop *loop_new(struct err *err);
/* Only once loop_run() has returned and every fd was removed. */
void loop_free(struct loop *l);

/* Runs until loop_stop(), on the calling thread, which is the loop's. */
void loop_run(struct loop *l);
/*
 * The calling thread, which alone will run the loop, is its thread before that
 * and between two runs, too: the calls of others wait.
 */
void loop_claim(struct loop *l);
/* From any thread, or a signal handler. */
void loop_stop(struct loop *l);

/*
 * Fds and idle work: on the loop's thread, or before it runs, or from
 * another thread through loop_call().
 */
int loop_add(struct loop *l, struct loop_fd *f, struct err *err) MUST_CHECK;
/* Changes the events watched; 0 keeps the fd but mutes it. */
void loop_mod(struct loop_fd *f, uint32_t events);
/* f may be freed at once, also inside its own ready(). */
void loop_del(struct loop_fd *f);
void loop_idle_add(struct loop *l, struct loop_idle *i);
void loop_idle_del(struct loop *l, struct loop_idle *i);

/*
 * Runs fn(arg) on the loop's thread and waits for it; direct when the caller
 * is that thread.  While the loop has none, the caller is that until fn()
 * returns: one at a time, and loop_run() waits.  The caller must hold no lock
 * that the loop's callbacks take.
 */
void loop_call(struct loop *l, void (*fn)(void *arg), void *arg);
/* True on the loop's own thread, and for anyone while there is none. */
bool loop_is_mine(const struct loop *l);

/* A thread that runs a loop: "io/NAME". */
struct iothread {
	char name[16];
	struct loop *loop;
	pthread_t thread;
};
int iothread_start(struct iothread *t, const char *name,
		   struct err *err) MUST_CHECK;
/* Stops the loop and joins; safe on a zeroed struct. */
void iothread_stop(struct iothread *t);

#endif
