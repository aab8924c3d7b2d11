/* SPDX-License-Identifier: MIT */
/* "virtio-blk": a disk over hw/block; virtio 1.2, section 5.2. */
#include "hw/virtio/blk.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"

/* Feature bits [5.2.3]. */
enum {
	BLK_F_SEG_MAX = 2,
	BLK_F_RO = 5,
	BLK_F_BLK_SIZE = 6,
	BLK_F_FLUSH = 9,
	BLK_F_TOPOLOGY = 10,
	BLK_F_CONFIG_WCE = 11,
	BLK_F_MQ = 12,
	BLK_F_DISCARD = 13,
	BLK_F_WRITE_ZEROES = 14,
};

/* Request types and states [5.2.6]. */
enum {
	BLK_T_IN = 0,
	BLK_T_OUT = 1,
	BLK_T_FLUSH = 4,
	BLK_T_GET_ID = 8,
	BLK_T_DISCARD = 11,
	BLK_T_WRITE_ZEROES = 13,
};
/*
 * A flag beside the type, of devices that offered barriers before virtio 1.
 * SLOF sets it whatever is offered, and waits for each request itself.
 */
#define BLK_T_BARRIER 0x80000000u
enum { BLK_S_OK = 0, BLK_S_IOERR = 1, BLK_S_UNSUPP = 2 };

#define BLK_AUTO_QUEUES	     8
#define BLK_PUBLISH	     8 /* completions that become visible together */
#define BLK_ID_BYTES	     20
#define BLK_QUEUE_SIZE	     256
#define BLK_SEGS	     16	 /* iovecs of a request, usually */
#define BLK_TURN	     256 /* requests taken in a round of the loop */
#define BLK_AHEAD	     8	 /* requests whose headers are fetched ahead */
#define BLK_MAX_TRIMS	     32	 /* ranges of a discard */
#define BLK_MAX_TRIM_SECTORS (1u << 22) /* 2 GiB each */
#define BLK_UNMAP	     1u		/* flag of a range */

/* Configuration space [5.2.4]. */
struct blk_config {
	uint64_t capacity; /* sectors */
	uint32_t size_max;
	uint32_t seg_max;
	uint16_t cylinders;
	uint8_t heads;
	uint8_t sectors;
	uint32_t blk_size;
	uint8_t physical_block_exp;
	uint8_t alignment_offset;
	uint16_t min_io_size; /* logical blocks, as is the next */
	uint32_t opt_io_size;
	uint8_t writeback;
	uint8_t unused0;
	uint16_t num_queues;
	uint32_t max_discard_sectors;
	uint32_t max_discard_seg;
	uint32_t discard_sector_alignment;
	uint32_t max_write_zeroes_sectors;
	uint32_t max_write_zeroes_seg;
	uint8_t write_zeroes_may_unmap;
	uint8_t unused1[3];
};
_Static_assert(sizeof(struct blk_config) == 64, "layout of 5.2.4");

/* The first bytes of a request. */
struct blk_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

/* A range of a discard or of write-zeroes. */
struct blk_range {
	uint64_t sector;
	uint32_t num_sectors;
	uint32_t flags;
};

/* One request, by the element's slot. */
struct blk_req {
	struct disk_req r;
	struct blk_queue *bq;
	struct virtq_elem *e;
	uint8_t *status; /* in guest memory: the last writable byte */
	unsigned range;	 /* of a discard: the next one */
	unsigned nranges;
} __attribute__((aligned(64)));

/* What a queue has beside its ring; all on its loop. */
struct blk_queue {
	struct virtio_blk *s;
	struct virtq *q;
	struct disk_io *io;
	struct loop_idle idle;
	struct blk_req *reqs; /* max_size */
	unsigned pushed;      /* since the beginning */
	bool finished;	      /* something was pushed, not yet notified */
	bool looking;	      /* kicks are off; idle looks at the ring */
};

/* ---- a request's end */

static void blk_finish(struct blk_req *b, uint8_t status)
{
	struct blk_queue *bq = b->bq;

	/* The driver reads it after the used ring says so. */
	*b->status = status;
	virtq_push(bq->q, b->e, b->e->wr_len);
	if (++bq->pushed % BLK_PUBLISH == 0)
		virtq_publish(bq->q);
	bq->finished = true;
}

static void blk_done(struct disk_req *r, int ret)
{
	struct blk_req *b = container_of(r, struct blk_req, r);

	blk_finish(b, ret < 0 ? BLK_S_IOERR : BLK_S_OK);
}

static void blk_bad(struct blk_req *b, const char *what)
{
	guest_error(b->bq->s->vdev.dev.name, "%s", what);
	blk_finish(b, BLK_S_IOERR);
}

/* ---- a request's beginning */

/* Writes must be stable when they end: the guest does not flush. */
static bool blk_is_writethrough(struct virtio_blk *s)
{
	if (virtio_has(&s->vdev, BLK_F_CONFIG_WCE))
		return !__atomic_load_n(&s->writeback, __ATOMIC_RELAXED);
	return !virtio_has(&s->vdev, BLK_F_FLUSH);
}

/* Leaves out the first n bytes of iov, which has that many. */
static void blk_skip(struct iovec **iov, unsigned *niov, size_t n)
{
	while (*niov && n >= (*iov)->iov_len) {
		n -= (*iov)->iov_len;
		(*iov)++;
		(*niov)--;
	}
	if (n) {
		(*iov)->iov_base = (uint8_t *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
	}
}

static void blk_start_rw(struct blk_req *b, bool write, uint64_t sector)
{
	struct virtio_blk *s = b->bq->s;
	struct virtq_elem *e = b->e;
	const struct disk_info *info = s->info;
	uint64_t sectors = info->size / DISK_SECTOR;
	uint32_t len = write ? e->rd_len - (uint32_t)sizeof(struct blk_header)
			     : e->wr_len - 1;

	if ((len | sector * DISK_SECTOR) & (info->logical_block - 1) ||
	    sector > sectors || len / DISK_SECTOR > sectors - sector)
		return blk_bad(b, "a request outside the disk, or of no whole "
				  "blocks");
	if (write && info->readonly)
		return blk_bad(b, "a write to a read-only disk");
	if (!len)
		return blk_finish(b, BLK_S_OK);
	b->r.op = write ? DISK_WRITE : DISK_READ;
	b->r.fua = write && blk_is_writethrough(s);
	b->r.off = sector * DISK_SECTOR;
	b->r.len = len;
	b->r.iov = write ? e->rd : e->wr;
	b->r.niov = write ? e->nrd : e->nwr;
	if (write)
		blk_skip(&b->r.iov, &b->r.niov, sizeof(struct blk_header));
	b->r.done = blk_done;
	disk_submit(b->bq->io, &b->r);
}

/* Starts the next range, each of which is copied in and checked once. */
static void blk_next_range(struct blk_req *b)
{
	struct virtio_blk *s = b->bq->s;
	uint64_t sectors = s->info->size / DISK_SECTOR;
	struct blk_range g;
	uint32_t n, flags;
	uint64_t sector;

	virtq_read(b->e, sizeof(struct blk_header) + b->range * sizeof(g), &g,
		   sizeof(g));
	b->range++;
	sector = le64toh(g.sector);
	n = le32toh(g.num_sectors);
	flags = le32toh(g.flags);
	/* [5.2.6.2]: a discard has no flags, write-zeroes may unmap. */
	if (flags & ~(b->r.op == DISK_DISCARD ? 0 : BLK_UNMAP))
		return blk_finish(b, BLK_S_UNSUPP);
	if (n > BLK_MAX_TRIM_SECTORS || sector > sectors ||
	    n > sectors - sector)
		return blk_bad(b, "a discard outside the disk, or too long");
	b->r.off = sector * DISK_SECTOR;
	b->r.len = (uint64_t)n * DISK_SECTOR;
	b->r.unmap = flags & BLK_UNMAP;
	disk_submit(b->bq->io, &b->r);
}

static void blk_range_done(struct disk_req *r, int ret)
{
	struct blk_req *b = container_of(r, struct blk_req, r);

	if (ret < 0)
		blk_finish(b, BLK_S_IOERR);
	else if (b->range < b->nranges)
		blk_next_range(b);
	else
		blk_finish(b, BLK_S_OK);
}

static void blk_start_ranges(struct blk_req *b, enum disk_op op)
{
	struct virtio_blk *s = b->bq->s;
	uint32_t len = b->e->rd_len - (uint32_t)sizeof(struct blk_header);

	if (s->info->readonly)
		return blk_bad(b, "a discard on a read-only disk");
	if (!len || len % sizeof(struct blk_range) ||
	    len / sizeof(struct blk_range) > BLK_MAX_TRIMS)
		return blk_bad(b, "a discard of no ranges, or of too many");
	b->r.op = op;
	b->r.fua = blk_is_writethrough(s);
	b->r.iov = NULL;
	b->r.niov = 0;
	b->r.done = blk_range_done;
	b->range = 0;
	b->nranges = len / sizeof(struct blk_range);
	blk_next_range(b);
}

static void blk_start_flush(struct blk_req *b)
{
	b->r.op = DISK_FLUSH;
	b->r.off = 0;
	b->r.done = blk_done;
	disk_submit(b->bq->io, &b->r);
}

static void blk_get_id(struct blk_req *b)
{
	char id[BLK_ID_BYTES] = { 0 };

	if (b->e->wr_len - 1 < BLK_ID_BYTES)
		return blk_bad(b, "no room for the disk's identifier");
	if (b->bq->s->serial)
		memcpy(id, b->bq->s->serial,
		       strnlen(b->bq->s->serial, BLK_ID_BYTES));
	virtq_write(b->e, 0, id, sizeof(id));
	blk_finish(b, BLK_S_OK);
}

/* Finds the status byte and takes it off the data; no iovec is empty. */
static uint8_t *blk_take_status(struct virtq_elem *e)
{
	struct iovec *v = &e->wr[e->nwr - 1];

	if (!--v->iov_len)
		e->nwr--;
	return (uint8_t *)v->iov_base + v->iov_len;
}

static void blk_start(struct blk_queue *bq, struct virtq_elem *e)
{
	struct blk_req *b = &bq->reqs[e->slot];
	struct blk_header h;

	if (!e->wr_len) {
		virtq_broken(bq->q, "a request without a status byte");
		return;
	}
	b->bq = bq;
	b->e = e;
	b->status = blk_take_status(e);
	if (e->nrd && e->rd->iov_len >= sizeof(h))
		memcpy(&h, e->rd->iov_base, sizeof(h));
	else if (virtq_read(e, 0, &h, sizeof(h)) < sizeof(h))
		return blk_bad(b, "a request without a whole header");
	switch (le32toh(h.type) & ~BLK_T_BARRIER) {
	case BLK_T_IN: return blk_start_rw(b, false, le64toh(h.sector));
	case BLK_T_OUT: return blk_start_rw(b, true, le64toh(h.sector));
	case BLK_T_FLUSH: return blk_start_flush(b);
	case BLK_T_GET_ID: return blk_get_id(b);
	case BLK_T_DISCARD:
		if (!bq->s->info->discard_granule)
			break;
		return blk_start_ranges(b, DISK_DISCARD);
	case BLK_T_WRITE_ZEROES: return blk_start_ranges(b, DISK_ZEROES);
	default: break;
	}
	blk_finish(b, BLK_S_UNSUPP);
}

/* ---- queues */

/*
 * True when there was something.  What is left has to wait for blk_idle(): the
 * driver could go on for ever with requests that end at once.
 */
static bool blk_take(struct blk_queue *bq)
{
	struct virtq_elem *e[BLK_AHEAD];
	unsigned n = BLK_AHEAD, taken = 0;

	while (n == BLK_AHEAD && taken < BLK_TURN) {
		for (n = 0; n < BLK_AHEAD && (e[n] = virtq_pop(bq->q)); n++)
			if (e[n]->nrd)
				__builtin_prefetch(e[n]->rd->iov_base);
		for (unsigned i = 0; i < n; i++)
			blk_start(bq, e[i]);
		taken += n;
	}
	return taken;
}

static void blk_kick(struct virtq *q)
{
	struct blk_queue *bq = q->opaque;

	virtq_kicks_off(q);
	bq->looking = true; /* blk_idle() turns them on again */
	blk_take(bq);
}

/*
 * Once a round of the loop: one interrupt for all that ended, and a look at
 * the ring.  The driver need not kick while the loop is busy anyway; kicks
 * are on again before it sleeps.
 */
static bool blk_idle(void *opaque)
{
	struct blk_queue *bq = opaque;
	bool finished = bq->finished;

	if (finished) {
		bq->finished = false;
		virtq_notify(bq->q);
	}
	if (!bq->looking)
		return false;
	if (blk_take(bq) || (finished && virtq_in_flight(bq->q)))
		return true;
	if (bq->q->polling) {
		bq->looking = false; /* the core's poll-us goes on from here */
		return false;
	}
	if (virtq_kicks_on(bq->q)) {
		virtq_kicks_off(bq->q);
		return true;
	}
	bq->looking = false;
	return false;
}

static void blk_queue_start(struct virtq *q)
{
	struct blk_queue *bq = q->opaque;

	bq->looking = false;
	if (q->resumes)
		disk_resume(bq->io);
	else
		disk_forget(bq->io);
	loop_idle_add(q->loop, &bq->idle);
}

static void blk_queue_stop(struct virtq *q)
{
	struct blk_queue *bq = q->opaque;

	loop_idle_del(q->loop, &bq->idle);
	if (q->resumes) {
		disk_pause(bq->io);
		virtq_keep(q);
	} else {
		disk_cancel(bq->io);
	}
	if (bq->finished)
		virtq_notify(q);
	bq->finished = false;
}

/* ---- the device */

static uint64_t blk_features(struct virtio_device *v)
{
	struct virtio_blk *s = container_of(v, struct virtio_blk, vdev);
	const struct disk_info *info = s->info;
	uint64_t f = VIRTIO_BIT(BLK_F_SEG_MAX) | VIRTIO_BIT(BLK_F_BLK_SIZE) |
		     VIRTIO_BIT(BLK_F_FLUSH) | VIRTIO_BIT(BLK_F_TOPOLOGY);

	if (v->nqueues > 1)
		f |= VIRTIO_BIT(BLK_F_MQ);
	if (info->readonly)
		return f | VIRTIO_BIT(BLK_F_RO);
	f |= VIRTIO_BIT(BLK_F_CONFIG_WCE) | VIRTIO_BIT(BLK_F_WRITE_ZEROES);
	if (info->discard_granule)
		f |= VIRTIO_BIT(BLK_F_DISCARD);
	return f;
}

static void blk_set_writeback(struct virtio_device *v, uint8_t on)
{
	struct virtio_blk *s = container_of(v, struct virtio_blk, vdev);

	__atomic_store_n(&s->writeback, on, __ATOMIC_RELAXED);
	virtio_config_set(v, offsetof(struct blk_config, writeback), &on, 1);
}

static void blk_config_write(struct virtio_device *v, unsigned off,
			     const void *buf, unsigned len)
{
	if (off == offsetof(struct blk_config, writeback) && len == 1 &&
	    virtio_has(v, BLK_F_CONFIG_WCE))
		blk_set_writeback(v, *(const uint8_t *)buf != 0);
}

/* A driver that cannot flush begins with write-through [5.2.5.2]. */
static bool blk_features_set(struct virtio_device *v, uint64_t f)
{
	blk_set_writeback(v,
			  f >> BLK_F_FLUSH & 1 || !(f >> BLK_F_CONFIG_WCE & 1));
	return true;
}

static void blk_reset(struct virtio_device *v)
{
	blk_set_writeback(v, 1);
}

static const struct virtio_ops blk_ops = {
	.id = VIRTIO_ID_BLOCK,
	.pci_class = 0x010000,
	.features = blk_features,
	.features_set = blk_features_set,
	.config_write = blk_config_write,
	.queue_start = blk_queue_start,
	.queue_stop = blk_queue_stop,
	.kick = blk_kick,
	.reset = blk_reset,
};

static void blk_fill_config(struct virtio_blk *s)
{
	const struct disk_info *info = s->info;
	unsigned ratio = info->physical_block / info->logical_block;
	unsigned size = s->vdev.queue[0]->max_size;
	uint32_t granule = info->discard_granule / DISK_SECTOR;
	struct blk_config c = {
		.capacity = htole64(info->size / DISK_SECTOR),
		.seg_max = htole32(size > 3 ? size - 2 : 1),
		.blk_size = htole32(info->logical_block),
		.physical_block_exp = (uint8_t)__builtin_ctz(ratio),
		.min_io_size = htole16((uint16_t)ratio),
		.writeback = 1,
		.num_queues = htole16((uint16_t)s->vdev.nqueues),
		.max_discard_sectors = htole32(BLK_MAX_TRIM_SECTORS),
		.max_discard_seg = htole32(BLK_MAX_TRIMS),
		.discard_sector_alignment = htole32(granule),
		.max_write_zeroes_sectors = htole32(BLK_MAX_TRIM_SECTORS),
		.max_write_zeroes_seg = htole32(BLK_MAX_TRIMS),
		.write_zeroes_may_unmap = granule != 0,
	};

	s->vdev.config_size = sizeof(c);
	virtio_config_set(&s->vdev, 0, &c, sizeof(c));
}

static int blk_add_queue(struct virtio_blk *s, unsigned i, struct err *err)
{
	struct blk_queue *bq = &s->queue[i];
	int ret = virtio_add_queue(&s->vdev, BLK_QUEUE_SIZE, false, BLK_SEGS, i,
				   err);

	if (ret < 0)
		return ret;
	bq->s = s;
	bq->q = s->vdev.queue[i];
	bq->q->opaque = bq;
	bq->idle = (struct loop_idle){ .run = blk_idle, .opaque = bq };
	bq->reqs = virtq_table_new(bq->q->max_size, sizeof(*bq->reqs));
	if (!bq->reqs)
		return err_nomem(err, "a disk's requests");
	bq->io = disk_io_new(s->disk, bq->q->loop, s->vdev.dev.env->mem, err);
	return bq->io ? 0 : -err->code;
}

static void blk_free(struct virtio_blk *s, unsigned nqueues)
{
	for (unsigned i = 0; i < nqueues; i++) {
		disk_io_free(s->queue[i].io);
		virtq_table_free(s->queue[i].reqs);
	}
	free(s->queue);
	s->queue = NULL;
	disk_close(s->disk);
	s->disk = NULL;
}

static void blk_unrealize(struct device *dev)
{
	struct virtio_blk *s = container_of(dev, struct virtio_blk, vdev.dev);
	unsigned n = s->vdev.nqueues;

	virtio_unrealize(&s->vdev);
	blk_free(s, n);
}

/* One a CPU, so that no two of them wait for each other, within reason. */
static unsigned blk_auto_queues(const struct virtio_blk *s)
{
	unsigned n = s->vdev.dev.env->ncpus;

	if (n < 1)
		return 1;
	return n < BLK_AUTO_QUEUES ? n : BLK_AUTO_QUEUES;
}

static int blk_realize(struct device *dev, struct err *err)
{
	struct virtio_blk *s = container_of(dev, struct virtio_blk, vdev.dev);
	unsigned n = s->queues ? (unsigned)s->queues : blk_auto_queues(s);
	int ret;

	s->disk = disk_open(&s->cfg, err);
	if (!s->disk)
		return -err->code;
	s->info = disk_info(s->disk);
	s->queue = calloc(n, sizeof(*s->queue));
	ret = s->queue ? virtio_realize(&s->vdev, &blk_ops, err)
		       : err_nomem(err, "a disk's queues");
	if (ret < 0) {
		blk_free(s, 0);
		return ret;
	}
	for (unsigned i = 0; i < n; i++) {
		ret = blk_add_queue(s, i, err);
		if (ret < 0) {
			virtio_unrealize(&s->vdev);
			blk_free(s, i + 1);
			return ret;
		}
	}
	blk_fill_config(s);
	return 0;
}

static void blk_init(struct device *dev)
{
	struct virtio_blk *s = container_of(dev, struct virtio_blk, vdev.dev);

	virtio_device_defaults(dev);
	s->cfg.cache = DISK_CACHE_WRITEBACK;
}

#define BLK(field) offsetof(struct virtio_blk, field)

const struct prop blk_props[] = {
	DISK_PROPS(BLK(cfg)),
	{ .name = "serial",
	  .arg = "TEXT",
	  .kind = PROP_STR,
	  .max = BLK_ID_BYTES,
	  .off = BLK(serial),
	  .brief = "the serial number that the guest sees" },
	{ .name = "queues",
	  .arg = "n",
	  .kind = PROP_UINT,
	  .min = 1,
	  .max = BLK_MAX_QUEUES,
	  .off = BLK(queues),
	  .brief = "number of request queues (default: one a CPU, at most 8)" },
	VIRTIO_PROPS,
	{ 0 }
};

const struct device_class virtio_blk_class = {
	.name = "virtio-blk",
	.brief = "a disk",
	.size = sizeof(struct virtio_blk),
	.space = SPACE_NONE,
	.props = blk_props,
	.init = blk_init,
	.realize = blk_realize,
	.unrealize = blk_unrealize,
	.reset = virtio_device_reset,
	.start = virtio_device_start,
	.stop = virtio_device_stop,
};
