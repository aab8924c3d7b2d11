/* SPDX-License-Identifier: MIT */
/* "virtio-balloon": memory lent back to the host; virtio 1.2, section 5.5. */
#include "hw/virtio/balloon.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"

enum { F_STATS_VQ = 1, F_DEFLATE_ON_OOM = 2, F_REPORTING = 5 };

/* The configuration [5.5.4]: 32 bits each, counting pages. */
enum { CFG_TARGET = 0, CFG_ACTUAL = 4, CFG_SIZE = 16 };

/*
 * The queues [5.5.2].  Free page reporting has number 4.  Linux before 6.11
 * counts only queues that it uses, and so takes 3 for it, where the
 * specification has the queue for free page hints, a feature that we do not
 * offer.
 */
enum { Q_INFLATE, Q_DEFLATE, Q_STATS, Q_REPORTING_LINUX, Q_REPORTING };
_Static_assert(Q_REPORTING + 1 == BALLOON_QUEUES, "a queue each");

#define QUEUE_SIZE 128
#define PAGE_SHIFT 12 /* of page numbers, whatever pages the guest has */
#define STAT_SIZE  10 /* a 16-bit tag, 64 bits, packed */

/* Page numbers of one request that are looked at; Linux puts in 256. */
#define MAX_PFNS    16384
#define PFNS_A_TIME 256

/*
 * What a queue may cost before others on the loop get a turn: each page is a
 * call to the host at worst.  Reported pages come in whole buffers, of which a
 * piece at a time is given back, cut where even huge pages end.
 */
#define TURN_PAGES   2048
#define REPORT_PIECE (64ull << 20) /* bytes; takes a whole turn */

const char *const balloon_stat_names[BALLOON_NSTATS] = {
	[BALLOON_SWAP_IN] = "swap-in",
	[BALLOON_SWAP_OUT] = "swap-out",
	[BALLOON_MAJOR_FAULTS] = "major-faults",
	[BALLOON_MINOR_FAULTS] = "minor-faults",
	[BALLOON_FREE] = "free",
	[BALLOON_TOTAL] = "total",
	[BALLOON_AVAILABLE] = "available",
	[BALLOON_CACHES] = "caches",
	[BALLOON_HUGE_ALLOCATIONS] = "huge-allocations",
	[BALLOON_HUGE_FAILURES] = "huge-failures",
};

static struct virtio_balloon *balloon(struct virtio_device *v)
{
	return container_of(v, struct virtio_balloon, vdev);
}

static uint64_t balloon_features(struct virtio_device *v)
{
	const struct virtio_balloon *s = balloon(v);

	return VIRTIO_BIT(F_STATS_VQ) |
	       (s->deflate_on_oom ? VIRTIO_BIT(F_DEFLATE_ON_OOM) : 0) |
	       (s->reporting ? VIRTIO_BIT(F_REPORTING) : 0);
}

/* ---- inflate, deflate, report */

static int balloon_pfn_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void balloon_discard(struct virtio_balloon *s, uint64_t pfn, unsigned n)
{
	int ret = mem_discard(s->vdev.dev.env->mem, pfn << PAGE_SHIFT,
			      (uint64_t)n << PAGE_SHIFT);

	if (ret < 0)
		guest_error(s->vdev.dev.name,
			    "cannot take %u pages from 0x%llx: %s", n,
			    (unsigned long long)pfn << PAGE_SHIFT,
			    strerror(-ret));
}

/* Sorted, page numbers make runs, which cost one call each. */
static void balloon_take(struct virtio_balloon *s, uint32_t *pfn, unsigned n)
{
	unsigned first = 0;

	for (unsigned i = 0; i < n; i++)
		pfn[i] = le32toh(pfn[i]);
	qsort(pfn, n, sizeof(*pfn), balloon_pfn_cmp);
	for (unsigned i = 1; i <= n; i++) {
		if (i < n && pfn[i] - pfn[i - 1] <= 1)
			continue; /* the next one, or the same once more */
		balloon_discard(s, pfn[first], pfn[i - 1] - pfn[first] + 1);
		first = i;
	}
}

/* Each returns the cost in pages, 0 when the request is through. */
static unsigned balloon_inflate(struct virtio_balloon *s,
				struct balloon_work *w)
{
	uint32_t pfn[PFNS_A_TIME];
	size_t n;

	if (!w->done && w->e->rd_len / sizeof(pfn[0]) > MAX_PFNS)
		guest_error(s->vdev.dev.name, "%u bytes of page numbers",
			    w->e->rd_len);
	if (w->done >= MAX_PFNS * sizeof(pfn[0]))
		return 0;
	n = virtq_read(w->e, w->done, pfn, sizeof(pfn)) / sizeof(pfn[0]);
	balloon_take(s, pfn, (unsigned)n);
	w->done += n * sizeof(pfn[0]);
	return (unsigned)n;
}

/* The buffers are the free pages [5.5.6.7]; what is in them may vanish. */
static unsigned balloon_report(struct virtio_balloon *s, struct balloon_work *w)
{
	const struct iovec *v = w->e->wr;
	uint64_t skip = w->done, len;
	uint8_t *at;

	if (w->done >= w->e->wr_len)
		return 0;
	for (; skip >= v->iov_len; v++)
		skip -= v->iov_len;
	at = (uint8_t *)v->iov_base + skip;
	len = REPORT_PIECE - (uintptr_t)at % REPORT_PIECE;
	if (len > v->iov_len - skip)
		len = v->iov_len - skip;
	w->done += len;
	if (mem_discard_host(s->vdev.dev.env->mem, at, len) == 0) {
		pthread_mutex_lock(&s->info_lock);
		s->info.reported += len;
		pthread_mutex_unlock(&s->info_lock);
	}
	return 1 + (unsigned)(len / (REPORT_PIECE / TURN_PAGES));
}

/* ---- statistics */

static void balloon_read_stats(struct virtio_balloon *s,
			       const struct virtq_elem *e)
{
	uint8_t raw[STAT_SIZE * 2 * BALLOON_NSTATS]; /* and some unknown ones */
	size_t n = virtq_read(e, 0, raw, sizeof(raw));
	uint16_t tag;
	uint64_t val;

	pthread_mutex_lock(&s->info_lock);
	memset(s->info.stat, 0xff, sizeof(s->info.stat));
	s->info.stat_ns = clock_now_ns(s->vdev.dev.env->clock);
	for (size_t off = 0; off + STAT_SIZE <= n; off += STAT_SIZE) {
		memcpy(&tag, raw + off, sizeof(tag));
		memcpy(&val, raw + off + sizeof(tag), sizeof(val));
		if (le16toh(tag) < BALLOON_NSTATS)
			s->info.stat[le16toh(tag)] = le64toh(val);
	}
	pthread_mutex_unlock(&s->info_lock);
}

static bool balloon_stat_is_bytes(unsigned i)
{
	return i == BALLOON_SWAP_IN || i == BALLOON_SWAP_OUT ||
	       (i >= BALLOON_FREE && i <= BALLOON_CACHES);
}

static void balloon_log(struct virtio_balloon *s)
{
	struct balloon_info info;
	char text[512];
	size_t n;

	virtio_balloon_info(s, &info);
	n = (size_t)snprintf(text, sizeof(text),
			     "in the balloon %" PRIu64 "K, reported %" PRIu64
			     "K",
			     info.actual >> 10, info.reported >> 10);
	for (unsigned i = 0; i < BALLOON_NSTATS && n < sizeof(text); i++) {
		bool bytes = balloon_stat_is_bytes(i);

		if (info.stat[i] == UINT64_MAX)
			continue;
		n += (size_t)snprintf(
			text + n, sizeof(text) - n, ", %s %" PRIu64 "%s",
			balloon_stat_names[i], info.stat[i] >> (bytes ? 10 : 0),
			bytes ? "K" : "");
	}
	log_info("%s: the guest has %s", s->vdev.dev.name, text);
}

/*
 * The driver always leaves one buffer with us; giving it back asks for new
 * numbers [5.5.6.3].  The first one is filled already.
 */
static void balloon_kick_stats(struct virtio_balloon *s, struct virtq *q)
{
	struct virtq_elem *e;

	while ((e = virtq_pop(q))) {
		if (s->stats)
			virtq_push(q, s->stats, 0);
		s->stats = e;
		balloon_read_stats(s, e);
		if (s->stats_s && s->asked)
			balloon_log(s);
		s->asked = false;
	}
}

static void balloon_ask_here(void *arg)
{
	struct virtio_balloon *s = arg;
	struct virtq *q = s->vdev.queue[Q_STATS];

	if (!s->stats)
		return; /* on its way already, or no driver */
	virtq_push(q, s->stats, 0);
	s->stats = NULL;
	s->asked = true;
	virtq_notify(q);
}

void virtio_balloon_ask(struct virtio_balloon *s)
{
	loop_call(s->vdev.queue[Q_STATS]->loop, balloon_ask_here, s);
}

static void balloon_timer(void *opaque)
{
	struct virtio_balloon *s = opaque;
	struct clock *clock = s->vdev.dev.env->clock;

	virtio_balloon_ask(s);
	timer_arm(clock, &s->timer,
		  clock_now_ns(clock) + s->stats_s * 1000000000);
}

void virtio_balloon_info(struct virtio_balloon *s, struct balloon_info *info)
{
	uint32_t cfg[2];

	virtio_config_read(&s->vdev, CFG_TARGET, cfg, sizeof(cfg));
	pthread_mutex_lock(&s->info_lock);
	*info = s->info;
	pthread_mutex_unlock(&s->info_lock);
	info->target = (uint64_t)le32toh(cfg[0]) << PAGE_SHIFT;
	info->actual = (uint64_t)le32toh(cfg[1]) << PAGE_SHIFT;
}

void virtio_balloon_set_target(struct virtio_balloon *s, uint64_t bytes)
{
	uint64_t pages = bytes >> PAGE_SHIFT;
	uint32_t val =
		htole32(pages < UINT32_MAX ? (uint32_t)pages : UINT32_MAX);

	virtio_config_update(&s->vdev, CFG_TARGET, &val, sizeof(val));
}

/* ---- the device */

/* The next step of a request; 0 when it is through. */
static unsigned balloon_step(struct virtq *q, struct balloon_work *w)
{
	struct virtio_balloon *s = balloon(q->vdev);

	if (q->index == Q_INFLATE)
		return balloon_inflate(s, w);
	if (q->index >= Q_STATS && virtio_has(q->vdev, F_REPORTING))
		return balloon_report(s, w);
	/* Deflated pages come back when the guest touches them. */
	return 0;
}

/* False: the turn is over, and there is more to do. */
static bool balloon_serve(struct virtq *q)
{
	struct balloon_work *w = &balloon(q->vdev)->work[q->index];
	unsigned spent = 0, cost;

	while (w->e || (w->e = virtq_pop(q))) {
		while ((cost = balloon_step(q, w))) {
			spent += cost;
			if (spent >= TURN_PAGES)
				return false;
		}
		virtq_push(q, w->e, 0);
		*w = (struct balloon_work){ 0 };
	}
	return true;
}

static void balloon_kick(struct virtq *q)
{
	bool stats = q->index == Q_STATS && virtio_has(q->vdev, F_STATS_VQ);
	bool over = false;

	do {
		virtq_kicks_off(q);
		if (stats)
			balloon_kick_stats(balloon(q->vdev), q);
		else
			over = !balloon_serve(q);
		virtq_notify(q);
	} while (!over && virtq_kicks_on(q));
	if (over)
		virtq_kick(q);
}

/*
 * What we hold goes back to the ring.  A request that was carried out in part
 * begins anew, which does no harm: the guest was not told yet.
 */
static void balloon_queue_stop(struct virtq *q)
{
	struct virtio_balloon *s = balloon(q->vdev);

	s->work[q->index] = (struct balloon_work){ 0 };
	if (q->index == Q_STATS)
		s->stats = NULL;
}

static void balloon_config_write(struct virtio_device *v, unsigned off,
				 const void *buf, unsigned len)
{
	if (off >= CFG_ACTUAL && off + len <= CFG_ACTUAL + 4)
		virtio_config_set(v, off, buf, len);
}

static void balloon_reset_guest(struct virtio_device *v)
{
	struct virtio_balloon *s = balloon(v);
	const uint32_t none = 0;

	virtio_config_set(v, CFG_ACTUAL, &none, sizeof(none));
	pthread_mutex_lock(&s->info_lock);
	s->info = (struct balloon_info){ 0 };
	memset(s->info.stat, 0xff, sizeof(s->info.stat));
	pthread_mutex_unlock(&s->info_lock);
}

static const struct virtio_ops balloon_ops = {
	.id = VIRTIO_ID_BALLOON,
	.pci_class = 0x00ff00, /* unclassified */
	.features = balloon_features,
	.config_write = balloon_config_write,
	.queue_stop = balloon_queue_stop,
	.kick = balloon_kick,
	.reset = balloon_reset_guest,
};

static int balloon_realize(struct device *dev, struct err *err)
{
	struct virtio_balloon *s =
		balloon(container_of(dev, struct virtio_device, dev));
	int ret = virtio_realize(&s->vdev, &balloon_ops, err);

	if (ret < 0)
		return ret;
	pthread_mutex_init(&s->info_lock, NULL);
	s->vdev.config_size = CFG_SIZE;
	for (unsigned i = 0; i < BALLOON_QUEUES && ret >= 0; i++)
		ret = virtio_add_queue(&s->vdev, QUEUE_SIZE, false,
				       i >= Q_STATS ? 32 : 1, 0, err);
	if (ret < 0) {
		virtio_unrealize(&s->vdev);
		pthread_mutex_destroy(&s->info_lock);
		return ret;
	}
	mem_allow_discard(dev->env->mem);
	virtio_balloon_set_target(s, s->size);
	s->timer = (struct timer){ .fire = balloon_timer, .opaque = s };
	if (s->stats_s)
		timer_arm(dev->env->clock, &s->timer,
			  clock_now_ns(dev->env->clock) +
				  s->stats_s * 1000000000);
	return 0;
}

static void balloon_unrealize(struct device *dev)
{
	struct virtio_device *v = container_of(dev, struct virtio_device, dev);

	timer_disarm(dev->env->clock, &balloon(v)->timer);
	virtio_unrealize(v);
	pthread_mutex_destroy(&balloon(v)->info_lock);
}

static void balloon_init(struct device *dev)
{
	struct virtio_balloon *s =
		balloon(container_of(dev, struct virtio_device, dev));

	virtio_device_defaults(dev);
	s->deflate_on_oom = true;
	s->reporting = true;
}

static const struct prop balloon_props[] = {
	VIRTIO_PROPS,
	{ .name = "deflate-on-oom",
	  .kind = PROP_BOOL,
	  .off = offsetof(struct virtio_balloon, deflate_on_oom),
	  .brief = "the guest may take memory back when it has no other "
		   "(default on)" },
	{ .name = "free-page-reporting",
	  .kind = PROP_BOOL,
	  .off = offsetof(struct virtio_balloon, reporting),
	  .brief = "the guest gives free memory to the host unasked "
		   "(default on)" },
	{ .name = "size",
	  .arg = "SIZE",
	  .kind = PROP_SIZE,
	  .max = (uint64_t)UINT32_MAX << PAGE_SHIFT,
	  .off = offsetof(struct virtio_balloon, size),
	  .brief = "memory that the guest is to give back (default 0)" },
	{ .name = "stats",
	  .arg = "seconds",
	  .kind = PROP_UINT,
	  .max = 86400,
	  .off = offsetof(struct virtio_balloon, stats_s),
	  .brief = "ask the guest so often about its memory, for --log info" },
	{ 0 }
};

const struct device_class virtio_balloon_class = {
	.name = "virtio-balloon",
	.brief = "takes memory from the guest and gives it back",
	.size = sizeof(struct virtio_balloon),
	.space = SPACE_NONE,
	.props = balloon_props,
	.init = balloon_init,
	.realize = balloon_realize,
	.unrealize = balloon_unrealize,
	.reset = virtio_device_reset,
	.start = virtio_device_start,
	.stop = virtio_device_stop,
};
