/* SPDX-License-Identifier: MIT */
/* Requests upon a disk, cut into the file operations that carry them out. */
#include "hw/block/disk.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hw/block/image.h"
#include "hw/core/device.h"
#include "hw/core/log.h"

#define DISK_BOUNCE  (256u << 10) /* bytes copied at a time */
#define DISK_BOUNCES 32		  /* buffers that a disk_io keeps */
#define DISK_TRIES   16		  /* of an operation told to come again */

/*
 * What one operation does at most, in bytes, and how many discards or
 * write-zeroes of a disk_io are with the threads at a time: that much is what
 * disk_cancel() and disk_pause() may have to wait for.
 */
#define DISK_PART      (4u << 20)
#define DISK_TRIM_PART (16u << 20)
#define DISK_TRIMS     4

const char *const disk_cache_names[] = { "none", "writeback", "unsafe", NULL };
const char *const disk_aio_names[] = { "auto", "io_uring", "libaio", "threads",
				       NULL };
const char *const disk_format_names[] = { "auto", "raw", NULL };

struct disk {
	struct disk_image base;
	struct overlay overlay; /* with snapshot */
	struct disk_info info;
	bool snapshot;
	bool sync;     /* flushes reach the host */
	uint64_t told; /* errnos that were logged, a bit each; atomic */
};

struct disk_io {
	struct disk *d;
	struct loop *loop;
	struct engine *fast, *threads;
	int slot, overlay_slot;
	unsigned inflight, trimming; /* requests; those with the threads */
	bool cancel, pause;	     /* nothing more is started */
	struct engine_list trims;    /* wait for one of those to end */
	struct engine_list held;     /* not in flight, by a pause */
	struct engine_list soon;     /* done without any operation */
	struct loop_idle idle;
	void *bounces[DISK_BOUNCES];
	unsigned nbounces;
};

/* ---- opening */

static int disk_pick_engine(struct disk *d, const struct disk_config *cfg,
			    struct err *err)
{
	struct err why = { 0 };

	switch (cfg->aio) {
	case DISK_AIO_URING:
		d->info.engine = ENGINE_URING;
		return engine_probe(ENGINE_URING, err);
	case DISK_AIO_LIBAIO:
		d->info.engine = ENGINE_LIBAIO;
		if (!d->base.direct)
			log_warn("disk image '%s': libaio blocks without "
				 "cache=none",
				 d->base.path);
		return engine_probe(ENGINE_LIBAIO, err);
	case DISK_AIO_THREADS:
		d->info.engine = ENGINE_THREADS;
		return engine_probe(ENGINE_THREADS, err);
	default: break;
	}
	d->info.engine = ENGINE_URING;
	if (engine_probe(ENGINE_URING, &why) == 0)
		return 0;
	d->info.engine = ENGINE_LIBAIO;
	if (!d->base.direct || engine_probe(ENGINE_LIBAIO, err) < 0)
		d->info.engine = ENGINE_THREADS;
	log_info("%s; disk image '%s' uses %s", why.msg, d->base.path,
		 engine_name(d->info.engine));
	return 0;
}

static int disk_check_block(const char *what, uint64_t size, struct err *err)
{
	if (size >= DISK_SECTOR && size <= 65536 && !(size & (size - 1)))
		return 0;
	return err_set(err, EINVAL,
		       "%s block size %" PRIu64
		       " is not a power of two from 512 to 64K",
		       what, size);
}

static int disk_blocks(struct disk *d, const struct disk_config *cfg,
		       struct err *err)
{
	uint32_t need = d->base.align > DISK_SECTOR ? d->base.align
						    : DISK_SECTOR;
	uint64_t logical = cfg->logical_block ? cfg->logical_block : need;
	uint64_t physical = cfg->physical_block ? cfg->physical_block
						: d->base.host_physical;
	int ret = disk_check_block("logical", logical, err);

	if (ret == 0 && cfg->physical_block)
		ret = disk_check_block("physical", physical, err);
	if (ret < 0)
		return ret;
	if (logical < need) {
		err_set(err, EINVAL,
			"disk image '%s' needs logical blocks of %u bytes "
			"with cache=none",
			d->base.path, need);
		err_hint(err, "use cache=writeback, or logical-block-size=%u",
			 need);
		return -EINVAL;
	}
	d->info.logical_block = (uint32_t)logical;
	d->info.physical_block =
		(uint32_t)(physical > logical ? physical : logical);
	return 0;
}

static int disk_size(struct disk *d, struct err *err)
{
	uint64_t rest = d->base.size % d->info.logical_block;

	d->info.size = d->base.size - rest;
	if (!d->info.size)
		return err_set(err, EINVAL,
			       "disk image '%s' is smaller than one block of "
			       "%u bytes",
			       d->base.path, d->info.logical_block);
	if (rest)
		log_warn("disk image '%s': its last %" PRIu64
			 " bytes are no whole block, the guest does not see "
			 "them",
			 d->base.path, rest);
	return 0;
}

struct disk *disk_open(const struct disk_config *cfg, struct err *err)
{
	struct disk *d = calloc(1, sizeof(*d));

	if (!d) {
		err_nomem(err, "a disk");
		return NULL;
	}
	if (disk_image_open(&d->base, cfg, err) < 0)
		goto fail;
	if (disk_blocks(d, cfg, err) < 0 || disk_size(d, err) < 0 ||
	    disk_pick_engine(d, cfg, err) < 0)
		goto fail_image;
	if (cfg->snapshot && !cfg->readonly) {
		if (overlay_open(&d->overlay, d->info.size, err) < 0)
			goto fail_image;
		d->snapshot = true;
	}
	d->info.readonly = cfg->readonly;
	d->sync = !d->snapshot && !cfg->readonly &&
		  cfg->cache != DISK_CACHE_UNSAFE;
	if (cfg->discard && !cfg->readonly)
		d->info.discard_granule = d->info.physical_block;
	return d;
fail_image:
	disk_image_close(&d->base);
fail:
	free(d);
	return NULL;
}

void disk_close(struct disk *d)
{
	if (!d)
		return;
	if (d->snapshot)
		overlay_close(&d->overlay);
	disk_image_close(&d->base);
	free(d);
}

const struct disk_info *disk_info(const struct disk *d)
{
	return &d->info;
}

/* ---- the end of a request */

/* Each kind of trouble is told once: a full disk must not fill the log. */
static void disk_tell(struct disk *d, const struct disk_req *r, int ret)
{
	static const char *const verbs[] = { "read", "write", "flush",
					     "discard", "zeroing" };
	uint64_t bit = 1ull << (-ret % 64);

	if (ret == -ECANCELED)
		return; /* no trouble: the guest reset the queue */
	if (__atomic_fetch_or(&d->told, bit, __ATOMIC_RELAXED) & bit)
		return;
	log_warn("disk image '%s': %s at %" PRIu64
		 " failed: %s; the guest gets an I/O error (told once)",
		 d->base.path, verbs[r->op], r->pos, strerror(-ret));
}

static void disk_finish(struct disk_req *r, int ret)
{
	r->io->inflight--;
	if (ret < 0)
		disk_tell(r->io->d, r, ret);
	r->done(r, ret);
}

/* done() comes with the next round, never inside disk_submit(). */
static void disk_finish_soon(struct disk_req *r, int ret)
{
	r->ret = ret;
	engine_push(&r->io->soon, &r->x);
}

/* For disk_resume(); what it has done so far is in pos and left. */
static void disk_hold(struct disk_req *r)
{
	r->io->inflight--;
	engine_push(&r->io->held, &r->x);
}

static bool disk_idle(void *opaque)
{
	struct disk_io *io = opaque;
	struct engine_list l = io->soon;
	struct engine_op *x;
	bool any = l.head;

	io->soon = (struct engine_list){ 0 };
	while ((x = engine_pop(&l))) {
		struct disk_req *r = container_of(x, struct disk_req, x);

		disk_finish(r, r->ret);
	}
	return any;
}

/* ---- reads and writes */

/* Drops n bytes from the front of the request's memory. */
static void disk_advance(struct disk_req *r, uint64_t n)
{
	r->pos += n;
	r->left -= n;
	while (n && n >= r->iov->iov_len) {
		n -= r->iov->iov_len;
		r->iov++;
		r->niov--;
	}
	if (n) {
		r->iov->iov_base = (uint8_t *)r->iov->iov_base + n;
		r->iov->iov_len -= n;
	}
}

/* Copies the first n bytes of the request's memory from or to buf. */
static void disk_copy(const struct disk_req *r, uint8_t *buf, uint64_t n)
{
	for (const struct iovec *v = r->iov; n; v++) {
		size_t part = v->iov_len < n ? v->iov_len : n;

		if (r->op == DISK_WRITE)
			memcpy(buf, v->iov_base, part);
		else
			memcpy(v->iov_base, buf, part);
		buf += part;
		n -= part;
	}
}

/* Lets the operation see the first n bytes only; disk_uncut() undoes it. */
static void disk_cut(struct disk_req *r, uint64_t n)
{
	struct iovec *v = r->iov;

	r->x.iov = v;
	r->x.niov = r->niov;
	r->cut = 0;
	if (n == r->left)
		return;
	while (n > v->iov_len) {
		n -= v->iov_len;
		v++;
	}
	r->cut = v->iov_len - n;
	v->iov_len = n;
	r->x.niov = (unsigned)(v - r->iov) + 1;
}

static void disk_uncut(struct disk_req *r)
{
	if (!r->bounce.iov_base)
		r->x.iov[r->x.niov - 1].iov_len += r->cut;
	r->cut = 0;
}

/* Whether n is whole blocks, whose size is a power of two: no division. */
static inline bool disk_whole(uint64_t n, uint32_t block)
{
	return !(n & (block - 1));
}

static bool disk_aligned(const struct disk_req *r, const struct disk_image *img)
{
	for (unsigned i = 0; i < r->niov; i++)
		if (r->iov[i].iov_len &&
		    (!disk_whole((uintptr_t)r->iov[i].iov_base,
				 img->mem_align) ||
		     !disk_whole(r->iov[i].iov_len, img->align)))
			return false;
	return true;
}

static int disk_bounce_get(struct disk_req *r, uint64_t *n)
{
	struct disk_io *io = r->io;
	void *buf = NULL;

	if (*n > DISK_BOUNCE)
		*n = DISK_BOUNCE;
	if (io->nbounces)
		buf = io->bounces[--io->nbounces];
	else if (posix_memalign(&buf, 4096, DISK_BOUNCE) != 0)
		return -ENOMEM;
	r->bounce = (struct iovec){ .iov_base = buf, .iov_len = *n };
	if (r->op == DISK_WRITE)
		disk_copy(r, buf, *n);
	r->x.iov = &r->bounce;
	r->x.niov = 1;
	return 0;
}

static void disk_bounce_put(struct disk_req *r)
{
	struct disk_io *io = r->io;

	if (!r->bounce.iov_base)
		return;
	if (io->nbounces < DISK_BOUNCES)
		io->bounces[io->nbounces++] = r->bounce.iov_base;
	else
		free(r->bounce.iov_base);
	r->bounce.iov_base = NULL;
}

/* What is left, as far as one operation takes bytes and iovecs. */
static uint64_t disk_reach(const struct disk_req *r)
{
	uint64_t most = r->left < DISK_PART ? r->left : DISK_PART, n = 0;

	if (r->niov <= IOV_MAX)
		return most;
	for (unsigned i = 0; i < IOV_MAX; i++)
		n += r->iov[i].iov_len;
	return n < most ? n : most;
}

/* Starts the next part of r; a negative errno when that cannot be. */
static int disk_step(struct disk_req *r)
{
	struct disk_io *io = r->io;
	struct disk *d = io->d;
	struct disk_image *img = &d->base;
	uint64_t n = disk_reach(r);
	bool here = false;

	if (d->snapshot && r->op == DISK_READ)
		n = overlay_run(&d->overlay, r->pos, n, &here);
	if (here || (d->snapshot && r->op == DISK_WRITE))
		img = &d->overlay.img;
	r->x.fd = img->fd;
	r->x.slot = img == &d->base ? io->slot : io->overlay_slot;
	r->x.off = r->pos;
	if (img->direct && !disk_whole(r->pos | r->left, img->align))
		return -EIO; /* resumed where a shrunken file ends */
	/* So many iovecs that disk_reach() cut them. */
	if (!disk_whole(n, img->align))
		n = r->left < DISK_BOUNCE ? r->left : DISK_BOUNCE;
	if (!img->direct || disk_aligned(r, img)) {
		disk_cut(r, n);
	} else {
		int ret = disk_bounce_get(r, &n);

		if (ret < 0)
			return ret;
	}
	r->part = n;
	engine_submit(io->fast, &r->x);
	return 0;
}

/* Takes the result of a part; true when r is over, with r->ret. */
static bool disk_take(struct disk_req *r, long res)
{
	if ((res == -EAGAIN || res == -EINTR) && r->tries++ < DISK_TRIES)
		res = 0;
	else if (res == 0)
		res = -EIO; /* the file has shrunk, or takes nothing more */
	if (res < 0 || (uint64_t)res > r->part) {
		r->ret = res < 0 ? (int)res : -EIO;
		return true;
	}
	if (res && r->bounce.iov_base && r->op == DISK_READ)
		disk_copy(r, r->bounce.iov_base, (uint64_t)res);
	disk_advance(r, (uint64_t)res);
	r->ret = 0;
	return r->left == 0;
}

/* Not all that was asked for came straight into its place. */
static __attribute__((noinline)) void disk_part_done(struct disk_req *r)
{
	struct disk *d = r->io->d;
	bool over;

	disk_uncut(r);
	over = disk_take(r, r->x.res);
	disk_bounce_put(r);
	if (!over) {
		if (r->io->pause)
			return disk_hold(r);
		r->ret = r->io->cancel ? -ECANCELED : disk_step(r);
		over = r->ret < 0;
	}
	if (!over)
		return;
	/* A failed write leaves the sectors as they were. */
	if (r->ret == 0 && d->snapshot && r->op == DISK_WRITE)
		overlay_mark(&d->overlay, r->off, r->pos - r->off);
	disk_finish(r, r->ret);
}

static void disk_rw_done(struct engine_op *x)
{
	struct disk_req *r = container_of(x, struct disk_req, x);

	if (x->res < 0 || (uint64_t)x->res != r->left || r->bounce.iov_base ||
	    r->io->d->snapshot)
		return disk_part_done(r);
	r->io->inflight--;
	r->done(r, 0);
}

/* Empty entries at either end, where a header was or a status is, cost. */
static void disk_trim_iov(struct disk_req *r)
{
	for (; !r->iov->iov_len; r->iov++)
		r->niov--;
	while (!r->iov[r->niov - 1].iov_len)
		r->niov--;
}

static int disk_start_rw(struct disk_req *r)
{
	struct disk *d = r->io->d;

	if (!disk_whole(r->off | r->len, d->info.logical_block) || !r->len ||
	    r->off > d->info.size || r->len > d->info.size - r->off)
		return -EINVAL;
	if (r->op == DISK_WRITE && d->info.readonly)
		return -EROFS;
	disk_trim_iov(r);
	r->left = r->len;
	r->x.what = r->op == DISK_READ ? ENGINE_READ : ENGINE_WRITE;
	r->x.dsync = r->fua && d->sync && r->op == DISK_WRITE;
	r->x.done = disk_rw_done;
	return disk_step(r);
}

/* ---- the rest */

static void disk_flush_done(struct engine_op *x)
{
	struct disk_req *r = container_of(x, struct disk_req, x);

	disk_finish(r, x->res < 0 ? (int)x->res : 0);
}

/* One part, on a worker's thread. */
static long disk_trim(struct engine_op *x)
{
	struct disk_req *r = container_of(x, struct disk_req, x);
	struct disk *d = r->io->d;
	struct disk_image *img = d->snapshot ? &d->overlay.img : &d->base;
	int ret;

	/* What is not in the overlay shows the base after a discard. */
	if (r->op == DISK_DISCARD)
		return disk_image_discard(img, r->pos, r->part);
	ret = disk_image_zero(img, r->pos, r->part, r->unmap);
	if (ret == 0 && d->snapshot)
		overlay_mark(&d->overlay, r->pos, r->part);
	if (ret == 0 && r->part == r->left && r->fua && d->sync &&
	    fdatasync(img->fd) < 0)
		ret = -errno;
	return ret;
}

/* A discard is a hint, which may as well be left undone. */
static int disk_trim_cancelled(const struct disk_req *r)
{
	return r->op == DISK_DISCARD ? 0 : -ECANCELED;
}

/* Gives the threads what may be with them. */
static void disk_trim_more(struct disk_io *io)
{
	struct engine_op *x;

	while (io->trimming < DISK_TRIMS && (x = engine_pop(&io->trims))) {
		struct disk_req *r = container_of(x, struct disk_req, x);

		r->part = r->left < DISK_TRIM_PART ? r->left : DISK_TRIM_PART;
		io->trimming++;
		engine_submit(io->threads, x);
	}
}

static void disk_trim_done(struct engine_op *x)
{
	struct disk_req *r = container_of(x, struct disk_req, x);
	struct disk_io *io = r->io;
	int ret = (int)x->res;
	bool over = ret < 0 || r->part == r->left;

	io->trimming--;
	if (!over) {
		r->pos += r->part;
		r->left -= r->part;
		over = io->cancel;
		if (over)
			ret = disk_trim_cancelled(r);
		else if (io->pause)
			disk_hold(r);
		else
			engine_push(&io->trims, x); /* behind the others */
	}
	disk_trim_more(io);
	if (over)
		disk_finish(r, ret);
}

/* 1: there is nothing to do. */
static int disk_start_trim(struct disk_req *r)
{
	const struct disk_info *info = &r->io->d->info;

	if (!disk_whole(r->off | r->len, info->logical_block) ||
	    r->off > info->size || r->len > info->size - r->off)
		return -EINVAL;
	if (info->readonly)
		return -EROFS;
	if (!r->len || (r->op == DISK_DISCARD && !info->discard_granule))
		return 1;
	if (r->io->cancel) {
		disk_finish_soon(r, disk_trim_cancelled(r));
		return 0;
	}
	r->left = r->len;
	if (!info->discard_granule)
		r->unmap = false;
	r->x.what = ENGINE_CALL;
	r->x.call = disk_trim;
	r->x.done = disk_trim_done;
	if (r->io->pause) {
		disk_hold(r);
		return 0;
	}
	engine_push(&r->io->trims, &r->x);
	disk_trim_more(r->io);
	return 0;
}

static int disk_start_flush(struct disk_req *r)
{
	struct disk_io *io = r->io;

	if (!io->d->sync)
		return 1;
	r->pos = 0;
	r->x.what = ENGINE_SYNC;
	r->x.fd = io->d->base.fd;
	r->x.slot = io->slot;
	r->x.done = disk_flush_done;
	engine_submit(io->fast, &r->x);
	return 0;
}

void disk_submit(struct disk_io *io, struct disk_req *r)
{
	int ret = -EINVAL;

	r->io = io;
	r->pos = r->off;
	r->tries = 0;
	r->bounce.iov_base = NULL;
	io->inflight++;
	switch (r->op) {
	case DISK_READ:
	case DISK_WRITE: ret = disk_start_rw(r); break;
	case DISK_FLUSH: ret = disk_start_flush(r); break;
	case DISK_DISCARD:
	case DISK_ZEROES: ret = disk_start_trim(r); break;
	}
	if (ret)
		disk_finish_soon(r, ret < 0 ? ret : 0);
}

/* ---- a loop's side of the disk */

/* What loop_call() carries to the loop's thread. */
struct disk_call {
	struct disk_io *io;
	const struct mem *mem;
	struct err *err;
};

static void disk_io_make(void *arg)
{
	struct disk_call *c = arg;
	struct disk_io *io = c->io;
	struct disk *d = io->d;

	io->threads = engine_get(io->loop, ENGINE_THREADS, c->err);
	if (!io->threads)
		return;
	io->fast = engine_get(io->loop, d->info.engine, c->err);
	if (!io->fast) {
		engine_put(io->threads);
		return;
	}
	/* The page cache copies: to have a buffer pinned gains it nothing. */
	if (d->base.direct)
		engine_memory(io->fast, c->mem);
	io->slot = engine_file_add(io->fast, d->base.fd);
	io->overlay_slot = -1;
	if (d->snapshot)
		io->overlay_slot = engine_file_add(io->fast, d->overlay.img.fd);
	io->idle = (struct loop_idle){ .run = disk_idle, .opaque = io };
	loop_idle_add(io->loop, &io->idle);
}

struct disk_io *disk_io_new(struct disk *d, struct loop *loop,
			    const struct mem *mem, struct err *err)
{
	struct disk_io *io = calloc(1, sizeof(*io));
	struct disk_call c = { .io = io, .mem = mem, .err = err };

	if (!io) {
		err_nomem(err, "a disk's queue");
		return NULL;
	}
	io->d = d;
	io->loop = loop;
	loop_call(loop, disk_io_make, &c);
	if (!io->fast) {
		free(io);
		return NULL;
	}
	return io;
}

static struct engine *disk_io_busy(const struct disk_io *io)
{
	/* Whichever it is, other disks' operations may end there too. */
	return io->trimming ? io->threads : io->fast;
}

static void disk_io_drain(void *arg)
{
	struct disk_io *io = arg;

	while (io->inflight)
		if (!disk_idle(io) && io->inflight)
			engine_wait(disk_io_busy(io));
}

void disk_drain(struct disk_io *io)
{
	loop_call(io->loop, disk_io_drain, io);
}

static void disk_io_cancel(void *arg)
{
	struct disk_io *io = arg;
	struct engine_op *x;

	io->cancel = true;
	while ((x = engine_pop(&io->trims))) {
		struct disk_req *r = container_of(x, struct disk_req, x);

		disk_finish_soon(r, disk_trim_cancelled(r));
	}
	disk_io_drain(io);
	io->cancel = false;
}

void disk_cancel(struct disk_io *io)
{
	loop_call(io->loop, disk_io_cancel, io);
}

static void disk_io_pause(void *arg)
{
	struct disk_io *io = arg;
	struct engine_op *x;

	io->pause = true;
	while ((x = engine_pop(&io->trims)))
		disk_hold(container_of(x, struct disk_req, x));
	disk_io_drain(io);
	io->pause = false;
}

void disk_pause(struct disk_io *io)
{
	loop_call(io->loop, disk_io_pause, io);
}

void disk_resume(struct disk_io *io)
{
	struct engine_op *x;

	while ((x = engine_pop(&io->held))) {
		struct disk_req *r = container_of(x, struct disk_req, x);
		int ret = 0;

		io->inflight++;
		if (r->op == DISK_READ || r->op == DISK_WRITE)
			ret = disk_step(r);
		else
			engine_push(&io->trims, x);
		if (ret < 0)
			disk_finish_soon(r, ret);
	}
	disk_trim_more(io);
}

void disk_forget(struct disk_io *io)
{
	io->held = (struct engine_list){ 0 };
}

static void disk_io_unmake(void *arg)
{
	struct disk_io *io = arg;

	disk_io_drain(io);
	loop_idle_del(io->loop, &io->idle);
	engine_file_del(io->fast, io->slot);
	engine_file_del(io->fast, io->overlay_slot);
	engine_put(io->fast);
	engine_put(io->threads);
	while (io->nbounces)
		free(io->bounces[--io->nbounces]);
}

void disk_io_free(struct disk_io *io)
{
	if (!io)
		return;
	loop_call(io->loop, disk_io_unmake, io);
	free(io);
}
