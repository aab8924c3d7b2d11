/* SPDX-License-Identifier: MIT */
/* The event loop, over epoll. */
#include "hw/core/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOP_BATCH 32

/* A call from another thread, on that thread's stack. */
struct loop_call {
	void (*fn)(void *arg);
	void *arg;
	bool done;
	struct loop_call *next;
};

struct loop {
	int epfd;
	int wake_fd; /* rung for calls and for stop */
	bool stop;   /* atomic */

	/* the loop's thread: */
	struct loop_idle *idle;
	struct epoll_event ready[LOOP_BATCH]; /* the round being served */
	int nready;

	pthread_mutex_t lock;
	pthread_cond_t called;
	/* lock: */
	bool running;	  /* loop_run(), whose thread is the loop's */
	bool borrowed;	  /* it does not run, but is some thread's */
	bool claimed;	  /* by loop_claim(), whenever it does not run */
	pthread_t thread; /* valid while it is somebody's */
	struct loop_call *calls, **calls_end;
};

struct loop *loop_new(struct err *err)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };
	struct loop *l = calloc(1, sizeof(*l));

	if (!l) {
		err_nomem(err, "an event loop");
		return NULL;
	}
	l->calls_end = &l->calls;
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epfd < 0 || l->wake_fd < 0 ||
	    epoll_ctl(l->epfd, EPOLL_CTL_ADD, l->wake_fd, &ev) < 0) {
		err_set(err, errno, "cannot make an event loop: %s",
			strerror(errno));
		if (l->epfd >= 0)
			close(l->epfd);
		if (l->wake_fd >= 0)
			close(l->wake_fd);
		free(l);
		return NULL;
	}
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->called, NULL);
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	close(l->epfd);
	close(l->wake_fd);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->called);
	free(l);
}

static void loop_wake(struct loop *l)
{
	static const uint64_t one = 1;

	/* Fails only when the counter is full, and then it is awake. */
	if (write(l->wake_fd, &one, sizeof(one)) < 0)
		return;
}

/*
 * Those that have come so far, or threads that call all the time would keep the
 * loop from everything else.  The lock is held, but not while they run.
 */
static void loop_run_calls(struct loop *l)
{
	struct loop_call *c = l->calls, *next;

	l->calls = NULL;
	l->calls_end = &l->calls;
	for (; c; c = next) {
		next = c->next;
		pthread_mutex_unlock(&l->lock);
		c->fn(c->arg);
		pthread_mutex_lock(&l->lock);
		c->done = true;
		pthread_cond_broadcast(&l->called);
	}
}

static bool loop_run_idle(struct loop *l)
{
	struct loop_idle *i, *next;
	bool progress = false;

	for (i = l->idle; i; i = next) {
		next = i->next;
		progress |= i->run(i->opaque);
	}
	return progress;
}

static void loop_serve(struct loop *l)
{
	for (int i = 0; i < l->nready; i++) {
		struct loop_fd *f = l->ready[i].data.ptr;
		uint64_t count;

		if (l->ready[i].events == 0)
			continue; /* deleted meanwhile */
		if (f) {
			f->ready(f->opaque, l->ready[i].events);
			continue;
		}
		if (read(l->wake_fd, &count, sizeof(count)) <= 0)
			continue;
		pthread_mutex_lock(&l->lock);
		loop_run_calls(l);
		pthread_mutex_unlock(&l->lock);
	}
	l->nready = 0;
}

/* The lock is held. */
static void loop_give_back(struct loop *l)
{
	l->borrowed = l->claimed;
	pthread_cond_broadcast(&l->called);
}

/* The lock is held. */
static bool loop_is_others(const struct loop *l)
{
	return (l->running || l->borrowed) &&
	       !pthread_equal(l->thread, pthread_self());
}

void loop_claim(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	l->claimed = l->borrowed = true;
	l->thread = pthread_self();
	pthread_mutex_unlock(&l->lock);
}

void loop_run(struct loop *l)
{
	pthread_mutex_lock(&l->lock);
	while (l->borrowed && loop_is_others(l))
		pthread_cond_wait(&l->called, &l->lock);
	l->thread = pthread_self();
	l->running = true;
	l->borrowed = false;
	pthread_cond_broadcast(&l->called);
	pthread_mutex_unlock(&l->lock);
	while (!__atomic_load_n(&l->stop, __ATOMIC_ACQUIRE)) {
		unsigned rounds = 0;
		bool busy;
		int n;

		do
			busy = loop_run_idle(l);
		while (busy && ++rounds < LOOP_ROUNDS);
		n = epoll_wait(l->epfd, l->ready, LOOP_BATCH, busy ? 0 : -1);
		l->nready = n > 0 ? n : 0;
		loop_serve(l);
	}
	pthread_mutex_lock(&l->lock);
	l->running = false;
	l->borrowed = true;
	loop_run_calls(l); /* those that came while it was stopping */
	loop_give_back(l);
	pthread_mutex_unlock(&l->lock);
	__atomic_store_n(&l->stop, false, __ATOMIC_RELEASE);
}

void loop_stop(struct loop *l)
{
	__atomic_store_n(&l->stop, true, __ATOMIC_RELEASE);
	loop_wake(l);
}

int loop_add(struct loop *l, struct loop_fd *f, struct err *err)
{
	struct epoll_event ev = { .events = f->events, .data.ptr = f };

	if (f->events && epoll_ctl(l->epfd, EPOLL_CTL_ADD, f->fd, &ev) < 0)
		return err_set(err, errno,
			       "cannot watch file descriptor %d: %s", f->fd,
			       strerror(errno));
	f->loop = l;
	return 0;
}

void loop_mod(struct loop_fd *f, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = f };

	int op = EPOLL_CTL_MOD;

	if (!f->loop || f->events == events)
		return;
	/* A muted fd leaves the set: epoll reports hang-ups unasked. */
	if (!events)
		op = EPOLL_CTL_DEL;
	else if (!f->events)
		op = EPOLL_CTL_ADD;
	f->events = events;
	epoll_ctl(f->loop->epfd, op, f->fd, &ev);
}

void loop_del(struct loop_fd *f)
{
	struct loop *l = f->loop;

	if (!l)
		return;
	if (f->events)
		epoll_ctl(l->epfd, EPOLL_CTL_DEL, f->fd, NULL);
	for (int i = 0; i < l->nready; i++)
		if (l->ready[i].data.ptr == f)
			l->ready[i].events = 0;
	f->loop = NULL;
}

void loop_idle_add(struct loop *l, struct loop_idle *i)
{
	struct loop_idle **p = &l->idle;

	while (*p)
		p = &(*p)->next;
	i->next = NULL;
	*p = i;
}

void loop_idle_del(struct loop *l, struct loop_idle *i)
{
	struct loop_idle **p = &l->idle;

	while (*p && *p != i)
		p = &(*p)->next;
	if (*p)
		*p = i->next;
}

bool loop_is_mine(const struct loop *l)
{
	struct loop *w = (struct loop *)l; /* only to lock it */
	bool mine;

	pthread_mutex_lock(&w->lock);
	mine = !loop_is_others(l);
	pthread_mutex_unlock(&w->lock);
	return mine;
}

/* With the lock, which is not held while it runs. */
static void loop_call_here(struct loop *l, void (*fn)(void *arg), void *arg)
{
	pthread_mutex_unlock(&l->lock);
	fn(arg);
	pthread_mutex_lock(&l->lock);
}

void loop_call(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct loop_call c = { .fn = fn, .arg = arg };

	pthread_mutex_lock(&l->lock);
	while (l->borrowed && loop_is_others(l))
		pthread_cond_wait(&l->called, &l->lock);
	if (!l->running && !l->borrowed) {
		/* Others may call meanwhile, or begin to run it. */
		l->borrowed = true;
		l->thread = pthread_self();
		loop_call_here(l, fn, arg);
		loop_give_back(l);
	} else if (!loop_is_others(l)) {
		loop_call_here(l, fn, arg);
	} else {
		*l->calls_end = &c;
		l->calls_end = &c.next;
		loop_wake(l);
		while (!c.done)
			pthread_cond_wait(&l->called, &l->lock);
	}
	pthread_mutex_unlock(&l->lock);
}

static void *iothread_main(void *arg)
{
	struct iothread *t = arg;

	pthread_setname_np(pthread_self(), t->name);
	loop_run(t->loop);
	return NULL;
}

int iothread_start(struct iothread *t, const char *name, struct err *err)
{
	int ret;

	snprintf(t->name, sizeof(t->name), "io/%.12s", name);
	t->loop = loop_new(err);
	if (!t->loop)
		return -err->code;
	ret = pthread_create(&t->thread, NULL, iothread_main, t);
	if (ret) {
		loop_free(t->loop);
		t->loop = NULL;
		return err_set(err, ret, "cannot start I/O thread '%s': %s",
			       name, strerror(ret));
	}
	/* From here on loop_call() finds it running. */
	pthread_mutex_lock(&t->loop->lock);
	while (!t->loop->running)
		pthread_cond_wait(&t->loop->called, &t->loop->lock);
	pthread_mutex_unlock(&t->loop->lock);
	return 0;
}

void iothread_stop(struct iothread *t)
{
	if (!t->loop)
		return;
	loop_stop(t->loop);
	pthread_join(t->thread, NULL);
	loop_free(t->loop);
	t->loop = NULL;
}
