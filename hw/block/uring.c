/* SPDX-License-Identifier: MIT */
/* The io_uring engine: one ring a loop, submitted once a round. */
#include <errno.h>
#include <liburing.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hw/block/engine.h"
#include "hw/block/uring_mem.h"

#define URING_ENTRIES 256u /* submission ring; completions get twice that */
#define URING_FILES   64u
/*
 * Operations handed over by one system call.  What is in the page cache ends
 * at once, so that the guest has the first results, and asks for more, while
 * the rest is being read: 16 where 32 were asked for is worth 40 % there.  Of
 * many that wait it is a quarter, which saves calls: 5 % where 256 wait.
 */
#define URING_BATCH 16u

struct uring {
	struct engine e;
	struct io_uring ring;
	int event_fd; /* rung by the kernel as completions come */
	struct loop_fd fd;
	struct loop_idle idle;
	struct engine_list pending; /* not yet in the submission ring */
	unsigned npending;
	unsigned inflight; /* in the ring or in the kernel */
	unsigned unsent;   /* of those, not taken by the kernel yet */
	bool deferred;	   /* completions wait until asked for */
	bool enabled;
	bool files; /* the kernel holds a table of files */
	uint64_t used_slots;
	struct uring_mem mem;
};

/* One buffer goes without an iovec, and by number where it is registered. */
static void uring_prep_rw(struct uring *u, struct io_uring_sqe *sqe, int fd,
			  const struct engine_op *op)
{
	static const struct {
		uint8_t many, one, registered;
	} codes[] = {
		[ENGINE_READ] = { IORING_OP_READV, IORING_OP_READ,
				  IORING_OP_READ_FIXED },
		[ENGINE_WRITE] = { IORING_OP_WRITEV, IORING_OP_WRITE,
				   IORING_OP_WRITE_FIXED },
	};
	const struct iovec *v = op->iov;
	int buffer;

	if (op->niov != 1) {
		io_uring_prep_rw(codes[op->what].many, sqe, fd, v, op->niov,
				 op->off);
		return;
	}
	buffer = u->mem.n ? uring_mem_find(&u->mem, v->iov_base, v->iov_len)
			  : -1;
	io_uring_prep_rw(buffer < 0 ? codes[op->what].one
				    : codes[op->what].registered,
			 sqe, fd, v->iov_base, (unsigned)v->iov_len, op->off);
	if (buffer >= 0)
		sqe->buf_index = (uint16_t)buffer;
}

static void uring_prep(struct uring *u, struct io_uring_sqe *sqe,
		       const struct engine_op *op)
{
	int fd = op->slot >= 0 ? op->slot : op->fd;

	switch (op->what) {
	case ENGINE_READ: uring_prep_rw(u, sqe, fd, op); break;
	case ENGINE_WRITE:
		uring_prep_rw(u, sqe, fd, op);
		sqe->rw_flags = op->dsync ? RWF_DSYNC : 0;
		break;
	default: io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC); break;
	}
	if (op->slot >= 0)
		sqe->flags |= IOSQE_FIXED_FILE;
	io_uring_sqe_set_data(sqe, (void *)op);
}

/* Something is pending and its completion will fit. */
static bool uring_room(const struct uring *u)
{
	return u->pending.head && u->inflight < 2 * URING_ENTRIES;
}

/* Moves what is pending to the ring until most wait there. */
static void uring_fill(struct uring *u, unsigned most)
{
	struct io_uring_sqe *sqe;

	while (u->unsent < most && uring_room(u) &&
	       (sqe = io_uring_get_sqe(&u->ring))) {
		uring_prep(u, sqe, engine_pop(&u->pending));
		u->npending--;
		u->inflight++;
		u->unsent++;
	}
}

/*
 * The ring belongs to the thread that enables it (SINGLE_ISSUER), which is
 * known only now: a loop may be built on one thread and run on another.
 */
static void uring_enable(struct uring *u)
{
	/* Not io_uring_enable_rings(): liburing 2.3 does not export it. */
	if (!u->enabled)
		syscall(SYS_io_uring_register, u->ring.ring_fd,
			IORING_REGISTER_ENABLE_RINGS, NULL, 0);
	u->enabled = true;
}

/* True when the kernel took something. */
static bool uring_send(struct uring *u)
{
	unsigned quarter = u->npending / 4;
	int n;

	uring_fill(u, quarter > URING_BATCH ? quarter : URING_BATCH);
	if (!u->unsent)
		return false;
	uring_enable(u);
	n = u->deferred ? io_uring_submit_and_get_events(&u->ring)
			: io_uring_submit(&u->ring);
	/* EAGAIN, EBUSY, EINTR: the rest goes with the next round. */
	if (n > 0)
		u->unsent = io_uring_sq_ready(&u->ring);
	return true;
}

static bool uring_reap(struct uring *u)
{
	struct io_uring_cq *cq = &u->ring.cq;
	unsigned head = *cq->khead, tail = io_uring_smp_load_acquire(cq->ktail);
	bool any = head != tail;

	while (head != tail) {
		const struct io_uring_cqe *cqe =
			&cq->cqes[head & cq->ring_mask];
		struct engine_op *op = io_uring_cqe_get_data(cqe);

		op->res = cqe->res;
		io_uring_smp_store_release(cq->khead, ++head);
		u->inflight--;
		op->done(op); /* may submit, which reaps nothing */
	}
	return any;
}

/*
 * With DEFER_TASKRUN the kernel holds completions until we ask, and hands
 * them over a few at a time; this flag tells of those left over.
 */
static bool uring_owed(const struct uring *u)
{
	return u->deferred && u->enabled &&
	       (__atomic_load_n(u->ring.sq.kflags, __ATOMIC_RELAXED) &
		(IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW));
}

/*
 * Whether completions ring the eventfd.  With DEFER_TASKRUN the kernel marks
 * what it holds before it reads this flag, so that what comes while it is
 * quiet is seen by uring_owed() afterwards; without, there is no such order.
 */
static void uring_quiet(struct uring *u, bool quiet)
{
	if (!u->deferred || !u->ring.cq.kflags)
		return;
	__atomic_store_n(u->ring.cq.kflags,
			 quiet ? IORING_CQ_EVENTFD_DISABLED : 0,
			 __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static bool uring_idle(void *opaque)
{
	struct uring *u = opaque;
	bool sent, any = false;
	unsigned n = 0;

	/* What ends at once is reaped below and need not ring. */
	uring_quiet(u, true);
	do {
		sent = uring_send(u);
		if (!sent && uring_owed(u))
			io_uring_get_events(&u->ring);
		any |= uring_reap(u);
	} while (sent && !u->unsent && ++n < URING_ENTRIES / URING_BATCH);
	uring_quiet(u, false);
	any |= uring_reap(u); /* what came before the flag was back */
	return any || uring_room(u) || uring_owed(u) || (sent && u->unsent);
}

static void uring_ready(void *opaque, uint32_t events)
{
	struct uring *u = opaque;

	(void)events;
	if (uring_owed(u))
		io_uring_get_events(&u->ring);
	uring_reap(u);
}

static void uring_submit(struct engine *e, struct engine_op *op)
{
	struct uring *u = (struct uring *)e;

	engine_push(&u->pending, op);
	u->npending++;
}

/*
 * The loop ended before its disks were closed, so the thread that owned the
 * ring is gone.  The kernel ends what it had taken; the rest ends here.
 */
static void uring_orphan(struct uring *u)
{
	struct engine_op *op;

	while (u->unsent) {
		unsigned i = (u->ring.sq.sqe_tail - u->unsent) &
			     *u->ring.sq.kring_mask;

		op = (void *)(uintptr_t)u->ring.sq.sqes[i].user_data;
		u->unsent--;
		u->inflight--;
		op->res = -ECANCELED;
		op->done(op);
	}
	while ((op = engine_pop(&u->pending))) {
		u->npending--;
		op->res = -ECANCELED;
		op->done(op);
	}
	usleep(1000);
}

static void uring_wait(struct engine *e)
{
	struct uring *u = (struct uring *)e;
	int n;

	do {
		uring_fill(u, URING_ENTRIES);
		uring_enable(u);
		n = io_uring_submit_and_wait(&u->ring, 1);
		if (n == -EEXIST)
			uring_orphan(u);
		else
			u->unsent = io_uring_sq_ready(&u->ring);
	} while (!uring_reap(u) && u->inflight);
}

static int uring_file_add(struct engine *e, int fd)
{
	struct uring *u = (struct uring *)e;
	int slot;

	if (!u->files || u->used_slots == UINT64_MAX)
		return -1;
	slot = __builtin_ctzll(~u->used_slots);
	if (io_uring_register_files_update(&u->ring, (unsigned)slot, &fd, 1) !=
	    1)
		return -1;
	u->used_slots |= 1ull << slot;
	return slot;
}

static void uring_file_del(struct engine *e, int slot)
{
	struct uring *u = (struct uring *)e;
	int none = -1;

	io_uring_register_files_update(&u->ring, (unsigned)slot, &none, 1);
	u->used_slots &= ~(1ull << slot);
}

static void uring_memory(struct engine *e, const struct mem *m)
{
	struct uring *u = (struct uring *)e;

	uring_mem_open(&u->mem, &u->ring, m);
}

static int uring_refused(int code, struct err *err)
{
	err_set(err, code, "io_uring is refused by this host: %s",
		strerror(code));
	if (code == ENOSYS)
		err_hint(err, "use a kernel with CONFIG_IO_URING (5.5 or "
			      "newer), or aio=threads");
	else if (code == ENOMEM)
		err_hint(err, "raise the limit of locked memory (ulimit -l), "
			      "or use aio=threads");
	else
		err_hint(err, "set sysctl kernel.io_uring_disabled=0 and let "
			      "the container's seccomp filter pass "
			      "io_uring_setup, or use aio=threads");
	return -err->code;
}

static int uring_init(struct uring *u)
{
	static const unsigned want[] = {
		/* 6.1: completions run on our thread, when we ask */
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
			IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_R_DISABLED,
		/* 5.19 */
		IORING_SETUP_COOP_TASKRUN | IORING_SETUP_R_DISABLED,
		0,
	};
	int ret = -ENOSYS;

	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		ret = io_uring_queue_init(URING_ENTRIES, &u->ring, want[i]);
		if (ret == -EINVAL)
			continue;
		u->deferred = want[i] & IORING_SETUP_DEFER_TASKRUN;
		u->enabled = !(want[i] & IORING_SETUP_R_DISABLED);
		break;
	}
	if (ret < 0)
		return ret;
	/* Without these a full completion ring would lose results. */
	if (!(u->ring.features & IORING_FEAT_NODROP) ||
	    !(u->ring.features & IORING_FEAT_SUBMIT_STABLE)) {
		io_uring_queue_exit(&u->ring);
		return -ENOSYS;
	}
	return 0;
}

/*
 * An eventfd and not the ring's own fd: with DEFER_TASKRUN that one does not
 * wake a poller for each completion (seen on Linux 6.18 as a lost wake-up).
 * Edge-triggered, so that nobody need read it.
 */
static int uring_watch(struct uring *u, struct err *err)
{
	int ret;

	u->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (u->event_fd < 0)
		return err_set(err, errno, "cannot make an eventfd: %s",
			       strerror(errno));
	ret = io_uring_register_eventfd(&u->ring, u->event_fd);
	if (ret < 0) {
		err_set(err, -ret, "cannot watch an io_uring: %s",
			strerror(-ret));
		goto fail;
	}
	u->fd = (struct loop_fd){ .fd = u->event_fd,
				  .events = EPOLLIN | EPOLLET,
				  .ready = uring_ready,
				  .opaque = u };
	ret = loop_add(u->e.loop, &u->fd, err);
	if (ret == 0)
		return 0;
fail:
	close(u->event_fd);
	return ret;
}

static int uring_open(struct engine *e, struct err *err)
{
	struct uring *u = (struct uring *)e;
	int ret = uring_init(u);

	if (ret < 0)
		return uring_refused(-ret, err);
	u->files = io_uring_register_files_sparse(&u->ring, URING_FILES) == 0;
	ret = uring_watch(u, err);
	if (ret < 0) {
		io_uring_queue_exit(&u->ring);
		return ret;
	}
	u->idle = (struct loop_idle){ .run = uring_idle, .opaque = u };
	loop_idle_add(e->loop, &u->idle);
	return 0;
}

static void uring_close(struct engine *e)
{
	struct uring *u = (struct uring *)e;

	loop_idle_del(e->loop, &u->idle);
	loop_del(&u->fd);
	uring_mem_close(&u->mem);
	io_uring_queue_exit(&u->ring);
	close(u->event_fd);
}

const struct engine_ops engine_uring = {
	.name = "io_uring",
	.size = sizeof(struct uring),
	.open = uring_open,
	.close = uring_close,
	.submit = uring_submit,
	.wait = uring_wait,
	.file_add = uring_file_add,
	.file_del = uring_file_del,
	.memory = uring_memory,
};
