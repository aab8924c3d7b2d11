/* SPDX-License-Identifier: MIT */
/* The threads engine: a bounded pool of workers, shared by every loop. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/block/engine.h"
#include "hw/core/log.h"

#define POOL_WORKERS 16

/* A loop's side of the pool. */
struct pool_port {
	struct engine e;
	int event_fd;
	struct loop_fd fd;
	/* lock: */
	pthread_mutex_t lock;
	pthread_cond_t finished;
	struct engine_list done;
};

static struct pool {
	pthread_mutex_t lock; /* protects everything below */
	pthread_cond_t work;
	struct engine_list queue;
	unsigned ports;
	unsigned nidle, nthreads, nqueued;
	pthread_t threads[POOL_WORKERS];
	bool stop;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER,
	   .work = PTHREAD_COND_INITIALIZER };

static long pool_execute(struct engine_op *op)
{
	ssize_t n = 0;

	switch (op->what) {
	case ENGINE_READ:
		n = preadv(op->fd, op->iov, (int)op->niov, (off_t)op->off);
		break;
	case ENGINE_WRITE:
		n = op->dsync ? pwritev2(op->fd, op->iov, (int)op->niov,
					 (off_t)op->off, RWF_DSYNC)
			      : pwritev(op->fd, op->iov, (int)op->niov,
					(off_t)op->off);
		break;
	case ENGINE_SYNC: n = fdatasync(op->fd); break;
	case ENGINE_CALL: return op->call(op);
	}
	return n < 0 ? -errno : n;
}

static void pool_finish(struct engine_op *op)
{
	struct pool_port *p = (struct pool_port *)op->engine;
	static const uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&p->lock);
	first = !p->done.head;
	engine_push(&p->done, op);
	pthread_cond_signal(&p->finished);
	/* With the lock: once it is free, the port may be closed. */
	if (first && write(p->event_fd, &one, sizeof(one)) < 0)
		log_error("cannot tell that a disk request is done: %s",
			  strerror(errno));
	pthread_mutex_unlock(&p->lock);
}

static void *pool_worker(void *arg)
{
	struct engine_op *op;

	(void)arg;
	pthread_mutex_lock(&pool.lock);
	for (;;) {
		op = engine_pop(&pool.queue);
		if (!op && pool.stop)
			break;
		if (!op) {
			pool.nidle++;
			pthread_cond_wait(&pool.work, &pool.lock);
			pool.nidle--;
			continue;
		}
		pool.nqueued--;
		pthread_mutex_unlock(&pool.lock);
		op->res = pool_execute(op);
		pool_finish(op);
		pthread_mutex_lock(&pool.lock);
	}
	pthread_mutex_unlock(&pool.lock);
	return NULL;
}

/* With pool.lock.  Signals are for the main thread and the vCPUs. */
static int pool_grow(void)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&pool.threads[pool.nthreads], NULL, pool_worker,
			     NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret)
		return -ret;
	pthread_setname_np(pool.threads[pool.nthreads], "disk");
	pool.nthreads++;
	return 0;
}

static void pool_submit(struct engine *e, struct engine_op *op)
{
	int ret = 0;

	op->engine = e;
	pthread_mutex_lock(&pool.lock);
	if (pool.nqueued >= pool.nidle && pool.nthreads < POOL_WORKERS)
		ret = pool_grow();
	if (!pool.nthreads) {
		pthread_mutex_unlock(&pool.lock);
		op->res = ret;
		pool_finish(op);
		return;
	}
	engine_push(&pool.queue, op);
	pool.nqueued++;
	pthread_cond_signal(&pool.work);
	pthread_mutex_unlock(&pool.lock);
}

static void pool_reap(struct pool_port *p)
{
	struct engine_list l;
	struct engine_op *op;

	pthread_mutex_lock(&p->lock);
	l = p->done;
	p->done = (struct engine_list){ 0 };
	pthread_mutex_unlock(&p->lock);
	while ((op = engine_pop(&l)))
		op->done(op);
}

static void pool_wait(struct engine *e)
{
	struct pool_port *p = (struct pool_port *)e;

	pthread_mutex_lock(&p->lock);
	while (!p->done.head)
		pthread_cond_wait(&p->finished, &p->lock);
	pthread_mutex_unlock(&p->lock);
	pool_reap(p);
}

static void pool_ready(void *opaque, uint32_t events)
{
	struct pool_port *p = opaque;
	uint64_t count;

	(void)events;
	if (read(p->event_fd, &count, sizeof(count)) > 0)
		pool_reap(p);
}

static void pool_enter(void)
{
	pthread_mutex_lock(&pool.lock);
	pool.ports++;
	pthread_mutex_unlock(&pool.lock);
}

/* The registry's lock keeps another port from entering meanwhile. */
static void pool_leave(void)
{
	bool last;

	pthread_mutex_lock(&pool.lock);
	last = --pool.ports == 0;
	pool.stop = last;
	pthread_cond_broadcast(&pool.work);
	pthread_mutex_unlock(&pool.lock);
	if (!last)
		return;
	while (pool.nthreads)
		pthread_join(pool.threads[--pool.nthreads], NULL);
	pool.stop = false;
}

static int pool_open(struct engine *e, struct err *err)
{
	struct pool_port *p = (struct pool_port *)e;
	int ret;

	p->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->event_fd < 0)
		return err_set(err, errno, "cannot make an eventfd: %s",
			       strerror(errno));
	p->fd = (struct loop_fd){ .fd = p->event_fd,
				  .events = EPOLLIN,
				  .ready = pool_ready,
				  .opaque = p };
	ret = loop_add(e->loop, &p->fd, err);
	if (ret < 0) {
		close(p->event_fd);
		return ret;
	}
	pool_enter();
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->finished, NULL);
	return 0;
}

static void pool_close(struct engine *e)
{
	struct pool_port *p = (struct pool_port *)e;

	pool_leave();
	loop_del(&p->fd);
	close(p->event_fd);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->finished);
}

const struct engine_ops engine_threads = {
	.name = "threads",
	.size = sizeof(struct pool_port),
	.open = pool_open,
	.close = pool_close,
	.submit = pool_submit,
	.wait = pool_wait,
};
