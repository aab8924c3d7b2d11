/* SPDX-License-Identifier: MIT */
/* The libaio engine: one context a loop; asynchronous with O_DIRECT only. */
#include <errno.h>
#include <libaio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "hw/block/engine.h"

#define AIO_DEPTH 128
#define AIO_BATCH 32

struct aio {
	struct engine e;
	io_context_t ctx;
	int event_fd;
	struct loop_fd fd;
	struct loop_idle idle;
	struct engine_list pending;
	struct iocb cbs[AIO_DEPTH];
	struct iocb *free[AIO_DEPTH]; /* the first nfree are valid */
	unsigned nfree;
};

static void aio_prep(struct aio *a, struct iocb *cb, struct engine_op *op)
{
	if (op->what == ENGINE_READ)
		io_prep_preadv(cb, op->fd, op->iov, (int)op->niov,
			       (long long)op->off);
	else
		io_prep_pwritev(cb, op->fd, op->iov, (int)op->niov,
				(long long)op->off);
	if (op->what == ENGINE_SYNC)
		io_prep_fdsync(cb, op->fd);
	else if (op->dsync)
		cb->aio_rw_flags = RWF_DSYNC;
	cb->data = op;
	io_set_eventfd(cb, a->event_fd);
}

static void aio_finish(struct aio *a, struct iocb *cb, long res)
{
	struct engine_op *op = cb->data;

	a->free[a->nfree++] = cb;
	op->res = res;
	op->done(op);
}

/* True when operations were started or failed. */
static bool aio_send(struct aio *a)
{
	struct iocb *batch[AIO_BATCH];
	int n = 0, sent;

	while (n < AIO_BATCH && a->nfree && a->pending.head) {
		batch[n] = a->free[--a->nfree];
		aio_prep(a, batch[n], engine_pop(&a->pending));
		n++;
	}
	if (!n)
		return false;
	sent = io_submit(a->ctx, n, batch);
	if (sent < 0) {
		/* It names the first one; EAGAIN passes when others end. */
		if (sent != -EAGAIN || a->nfree + (unsigned)n == AIO_DEPTH) {
			struct iocb *bad = batch[0];

			batch[0] = batch[--n];
			aio_finish(a, bad, sent);
		}
		sent = 0;
	}
	while (n > sent) {
		struct iocb *cb = batch[--n];
		struct engine_op *op = cb->data;

		a->free[a->nfree++] = cb;
		engine_push(&a->pending, op);
	}
	return true;
}

/* Up to one batch; waits for the first when min is 1. */
static bool aio_reap(struct aio *a, int min)
{
	struct io_event ev[AIO_BATCH];
	int n = io_getevents(a->ctx, min, AIO_BATCH, ev, NULL);

	for (int i = 0; i < n; i++)
		aio_finish(a, ev[i].obj, (long)ev[i].res);
	return n > 0;
}

static bool aio_idle(void *opaque)
{
	struct aio *a = opaque;
	bool sent = aio_send(a);

	/* With free descriptors left over, send again at once. */
	return sent && a->pending.head && a->nfree;
}

static void aio_ready(void *opaque, uint32_t events)
{
	struct aio *a = opaque;
	uint64_t count;

	(void)events;
	if (read(a->event_fd, &count, sizeof(count)) < 0)
		return;
	while (aio_reap(a, 0))
		;
}

static void aio_submit(struct engine *e, struct engine_op *op)
{
	engine_push(&((struct aio *)e)->pending, op);
}

static void aio_wait(struct engine *e)
{
	struct aio *a = (struct aio *)e;

	do {
		aio_send(a);
		if (a->nfree == AIO_DEPTH && !a->pending.head)
			return; /* what there was has failed at once */
	} while (a->nfree == AIO_DEPTH || !aio_reap(a, 1));
}

static int aio_open(struct engine *e, struct err *err)
{
	struct aio *a = (struct aio *)e;
	int ret = io_setup(AIO_DEPTH, &a->ctx);

	if (ret < 0) {
		err_set(err, -ret, "libaio is refused by this host: %s",
			strerror(-ret));
		err_hint(err, ret == -EAGAIN ? "raise sysctl fs.aio-max-nr, or "
					       "use aio=threads"
					     : "use aio=threads");
		return ret;
	}
	a->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (a->event_fd < 0) {
		ret = err_set(err, errno, "cannot make an eventfd: %s",
			      strerror(errno));
		goto fail;
	}
	for (unsigned i = 0; i < AIO_DEPTH; i++)
		a->free[a->nfree++] = &a->cbs[i];
	a->fd = (struct loop_fd){ .fd = a->event_fd,
				  .events = EPOLLIN,
				  .ready = aio_ready,
				  .opaque = a };
	ret = loop_add(e->loop, &a->fd, err);
	if (ret < 0) {
		close(a->event_fd);
		goto fail;
	}
	a->idle = (struct loop_idle){ .run = aio_idle, .opaque = a };
	loop_idle_add(e->loop, &a->idle);
	return 0;
fail:
	io_destroy(a->ctx);
	return ret;
}

static void aio_close(struct engine *e)
{
	struct aio *a = (struct aio *)e;

	loop_idle_del(e->loop, &a->idle);
	loop_del(&a->fd);
	io_destroy(a->ctx);
	close(a->event_fd);
}

const struct engine_ops engine_libaio = {
	.name = "libaio",
	.size = sizeof(struct aio),
	.open = aio_open,
	.close = aio_close,
	.submit = aio_submit,
	.wait = aio_wait,
};
