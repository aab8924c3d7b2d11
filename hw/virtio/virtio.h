/* SPDX-License-Identifier: MIT */
/* Virtio 1.2: the device and queue core, what transports and devices call. */
#ifndef HW_VIRTIO_VIRTIO_H
#define HW_VIRTIO_VIRTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "hw/core/device.h"

/*
 * How a device uses this.  "[n]" is a section of the virtio 1.2 specification.
 *
 * A virtio device is an ordinary struct device of SPACE_NONE whose structure
 * begins with a struct virtio_device:
 *
 *	struct virtio_rng { struct virtio_device vdev; ... };
 *
 * Its class names virtio_device_reset/_start/_stop as .reset, .start and
 * .stop, has VIRTIO_PROPS in its table and virtio_device_defaults() called
 * (or named) as .init.  Its realize() calls virtio_realize(), fills
 * vdev->config (if it has any), and calls virtio_add_queue() once per queue,
 * in order.  Then a transport (hw/virtio/pci.h, mmio.h) is realized over it.
 *
 * A request is an element.  The usual kick handler is
 *
 *	do {
 *		virtq_kicks_off(q);
 *		while ((e = virtq_pop(q)) != NULL)
 *			virtq_push(q, e, serve(e->rd, e->nrd, e->wr, e->nwr));
 *		virtq_notify(q);
 *	} while (virtq_kicks_on(q));
 *
 * A device that completes later keeps e (as many as the queue is long), and
 * calls virtq_push() in any order, then virtq_notify() once per batch.  Inside
 * kick(), virtq_pop() ends a device's turn after some hundreds of requests and
 * the core calls kick() again soon; the loop above needs nothing for that.
 *
 * Threads.  Each queue belongs to one loop (q->loop), and every virtq_*()
 * function, and ops->kick, queue_start and queue_stop, run on that loop's
 * thread without any lock.  Code on a loop's thread must never take the
 * device's lock (vdev->dev.lock): a vCPU that resets the device holds it while
 * it waits for the loop.  What that code and the vCPUs share is either atomic,
 * or the configuration space, which has virtio_config_update().
 * Lock order: transport's dev.lock, vdev->dev.lock, [loop_call], config_lock.
 *
 * For the same reason a thread that runs a loop with queues on it must not
 * block until all vCPUs have stopped without serving its loop_call()s.
 */

/* Device types [5]. */
enum virtio_id {
	VIRTIO_ID_NET = 1,
	VIRTIO_ID_BLOCK = 2,
	VIRTIO_ID_CONSOLE = 3,
	VIRTIO_ID_RNG = 4,
	VIRTIO_ID_BALLOON = 5,
};

/* Bits of the device status [2.1]. */
enum virtio_status {
	VIRTIO_ACKNOWLEDGE = 1,
	VIRTIO_DRIVER = 2,
	VIRTIO_DRIVER_OK = 4,
	VIRTIO_FEATURES_OK = 8,
	VIRTIO_NEEDS_RESET = 64,
	VIRTIO_FAILED = 128,
};

/* Feature bits of the core [6], as bit numbers. */
enum virtio_feature {
	VIRTIO_F_INDIRECT_DESC = 28,
	VIRTIO_F_EVENT_IDX = 29,
	VIRTIO_F_VERSION_1 = 32,
	VIRTIO_F_ACCESS_PLATFORM = 33,
	VIRTIO_F_RING_PACKED = 34,
	VIRTIO_F_IN_ORDER = 35,
	VIRTIO_F_RING_RESET = 40,
};
#define VIRTIO_BIT(n) (UINT64_C(1) << (n))

#define VIRTIO_MAX_QUEUES 64   /* a doorbell each: REGION_MAX_DOORBELLS */
#define VIRTIO_MAX_CONFIG 128  /* bytes of configuration space */
#define VIRTQ_MAX_SIZE	  1024 /* entries, and descriptors of one request */
#define VIRTIO_NO_VECTOR  0xffff

struct virtio_device;
struct virtq;

/*
 * One request, from virtq_pop() until virtq_push(), _unpop() or _drop().
 * Its buffers were checked to lie in guest memory, the wr ones in memory that
 * the guest may write; the bytes in them may change at any time, so read what
 * you decide on once.  Lengths of zero are possible, on either side.
 */
struct virtq_elem {
	/* constant while the request is in flight: */
	struct iovec *rd; /* the driver's buffers, for the device to read */
	struct iovec *wr; /* for the device to write */
	uint16_t nrd, nwr;
	uint32_t rd_len, wr_len; /* bytes; the sum fits 32 bits too */
	uint16_t slot; /* < q->max_size, unique among those in flight: the
			* index of whatever the device keeps per request */

	/* the core's: */
	bool done;
	uint16_t id;	/* split: head; packed: buffer id */
	uint16_t ndesc; /* packed: ring entries it took */
	uint32_t written;
	struct iovec *iov; /* rd points into it */
	unsigned cap;
	struct iovec *grown; /* malloc'ed, once a request was longer */
};

/* What a kind of device does. */
struct virtio_ops {
	enum virtio_id id;
	uint32_t pci_class; /* class, subclass, prog-if: 0x010000 */

	/*
	 * The device's own feature bits, beyond the core's.  Constant from
	 * realize on.  Optional.
	 */
	uint64_t (*features)(struct virtio_device *v);
	/*
	 * The driver's choice, a subset of what was offered, before any queue
	 * starts.  False: the device cannot work so (FEATURES_OK stays clear).
	 * vCPU thread, dev.lock.  Optional.
	 */
	bool (*features_set)(struct virtio_device *v, uint64_t features);
	/*
	 * The driver wrote [off, off + len) of the configuration space, within
	 * its size; nothing was stored yet.  Store what is writable through
	 * virtio_config_set().  vCPU thread, dev.lock.  NULL: read-only.
	 */
	void (*config_write)(struct virtio_device *v, unsigned off,
			     const void *buf, unsigned len);
	/*
	 * The queue is set up and may be used from now on; a kick follows at
	 * once.  q->resumes: after a pause, what went back to the ring comes
	 * again, and what was kept is still the device's; otherwise the queue
	 * is new, and elements from before are gone.  On q->loop.  Optional.
	 */
	void (*queue_start)(struct virtq *q);
	/*
	 * The queue goes away: wait for or cancel what is in flight, push it,
	 * then leave the queue and its elements alone.  Elements not touched
	 * yet may stay if they are the ones popped last; they go back to the
	 * ring.  Must end in bounded time.  A pause stops queues this way
	 * too: then q->resumes is set, and what takes long may be kept, see
	 * virtq_keep().  On q->loop.  Optional for devices that complete all
	 * requests inside kick().
	 */
	void (*queue_stop)(struct virtq *q);
	/* There may be new requests.  On q->loop. */
	void (*kick)(struct virtq *q);
	/*
	 * Back to the state after realize; all queues are stopped.
	 * vCPU or main thread, dev.lock.  Optional.
	 */
	void (*reset)(struct virtio_device *v);
	/*
	 * DRIVER_OK came or went (reset), queues start after and stop before
	 * it.  vCPU thread, dev.lock.  Optional.
	 */
	void (*driver_ok)(struct virtio_device *v, bool ok);
};

/* What a transport does for the core: interrupts, from any thread, lock-free
 * as far as device locks go. */
struct virtio_transport_ops {
	void (*queue_irq)(void *opaque, struct virtq *q);
	void (*config_irq)(void *opaque);
};

/* One virtqueue. */
struct virtq {
	/* constant from realize to unrealize: */
	struct virtio_device *vdev;
	struct loop *loop;
	uint16_t index;
	uint16_t max_size; /* entries */
	uint16_t segs;	   /* iovecs an element has without malloc() */
	int kick_fd;	   /* eventfd behind the transport's doorbell */
	void *opaque;	   /* the device's */

	/* vdev->dev.lock; what the driver set through the transport: */
	uint16_t size;
	bool enabled;
	bool running;		    /* between queue_start and queue_stop */
	gpa_t desc, driver, device; /* split: descriptors, avail, used */
	uint16_t vector;	    /* PCI; atomic: read by queue_irq() */

	/* the queue's loop; anyone while the queue does not run: */
	struct virtq_ring *ring; /* translated addresses, indices, elements */
	struct loop_fd kick;
	struct loop_idle idle;
	bool started;		/* queue_start() was called */
	bool resumes;		/* it stops for, or starts after, a pause */
	bool polling;		/* kicks stay off, idle looks instead */
	bool poll_adapts;	/* every kick sets poll_ns anew */
	uint64_t poll_ns;	/* how long for nothing before that ends */
	uint64_t poll_since_ns; /* of the VM's clock */
	bool poll_waits;	/* a look has found nothing */
	unsigned poll_vain;	/* short pauses to sleep through if one more
				 * poll is in vain */
	unsigned poll_skip;	/* those left */
};

struct dma_space;

#define VIRTIO_POLL_AUTO UINT64_MAX /* no poll-us was given */

struct virtio_device {
	struct device dev; /* first */
	const struct virtio_ops *ops;

	/* properties (VIRTIO_PROPS), constant from realize on: */
	bool packed, in_order, event_idx, indirect, access_platform;
	uint64_t queue_size; /* entries; 0: the device's own choice */
	uint64_t poll_us;
	char *iothread; /* names separated by ':'; the machine resolves them
			 * and calls virtio_set_loops() */
	bool may_poll; /* the machine's: without poll-us, adapt to the driver */

	/* constant from realize to unrealize: */
	struct loop **loops;
	unsigned nloops;
	struct virtq *queue[VIRTIO_MAX_QUEUES];
	unsigned nqueues;
	uint64_t offered; /* feature bits */
	const struct virtio_transport_ops *transport;
	void *transport_opaque;
	/* What VIRTIO_F_ACCESS_PLATFORM means; NULL: nothing.  The
	 * transport's. */
	const struct dma_space *dma;

	/* dev.lock: */
	uint64_t features; /* the driver's; constant while queues run */
	uint32_t feature_select, driver_feature_select; /* transport's */
	uint16_t queue_select;				/* transport's */
	bool stopped;					/* by the VM's pause */
	bool no_dma; /* by the transport: memory is out of bounds */

	/* atomic: */
	uint32_t status;     /* enum virtio_status; loops may add NEEDS_RESET */
	uint32_t generation; /* of config */

	pthread_mutex_t config_lock;	   /* a leaf */
	uint8_t config[VIRTIO_MAX_CONFIG]; /* in the guest's layout */
	unsigned config_size;
};

/* Properties that every virtio device has; goes first in its table. */
#define VIRTIO_PROPS                                                           \
	{ .name = "packed",                                                    \
	  .kind = PROP_BOOL,                                                   \
	  .off = offsetof(struct virtio_device, packed),                       \
	  .brief = "offer packed rings (default off)" },                       \
		{ .name = "in-order",                                          \
		  .kind = PROP_BOOL,                                           \
		  .off = offsetof(struct virtio_device, in_order),             \
		  .brief = "complete requests in the driver's order "          \
			   "(default off)" },                                  \
		{ .name = "event-idx",                                         \
		  .kind = PROP_BOOL,                                           \
		  .off = offsetof(struct virtio_device, event_idx),            \
		  .brief = "suppress notifications by index (default on)" },   \
		{ .name = "indirect",                                          \
		  .kind = PROP_BOOL,                                           \
		  .off = offsetof(struct virtio_device, indirect),             \
		  .brief = "take indirect descriptors (default on)" },         \
		{ .name = "access-platform",                                   \
		  .kind = PROP_BOOL,                                           \
		  .off = offsetof(struct virtio_device, access_platform),      \
		  .brief = "have the driver use the platform's DMA "           \
			   "addresses (default off)" },                        \
		{ .name = "queue-size",                                        \
		  .arg = "n",                                                  \
		  .kind = PROP_UINT,                                           \
		  .off = offsetof(struct virtio_device, queue_size),           \
		  .max = VIRTQ_MAX_SIZE,                                       \
		  .brief = "entries of each queue, a power of two" },          \
		{ .name = "poll-us",                                           \
		  .arg = "n",                                                  \
		  .kind = PROP_UINT,                                           \
		  .off = offsetof(struct virtio_device, poll_us),              \
		  .max = 1000000,                                              \
		  .brief = "busy-poll a queue for n microseconds before "      \
			   "waiting for a kick (default: up to 200 on "        \
			   "an I/O thread, while that pays)" },                \
	{                                                                      \
		.name = "iothread", .arg = "name[:name...]", .kind = PROP_STR, \
		.off = offsetof(struct virtio_device, iothread),               \
		.brief = "I/O threads that serve the queues in turn"           \
	}

/* ---- for device classes */

/* class->init: event-idx and indirect on.  Call it from your own init. */
void virtio_device_defaults(struct device *dev);
/* class->reset: as the driver writing 0 to the status. */
void virtio_device_reset(struct device *dev);
/* class->start and class->stop: drains the queues for a pause, resumes. */
void virtio_device_start(struct device *dev);
void virtio_device_stop(struct device *dev);

/* First in realize(): takes ops.  Undone by virtio_unrealize(). */
int virtio_realize(struct virtio_device *v, const struct virtio_ops *ops,
		   struct err *err) MUST_CHECK;
/*
 * Adds the next queue, of at most size entries (a power of two; the
 * queue-size property overrides it where it is set and fixed is false).
 * segs: buffers of an ordinary request; longer ones work but allocate once.
 * loop: the queue is served by the device's loop number loop % nloops.
 */
int virtio_add_queue(struct virtio_device *v, unsigned size, bool fixed,
		     unsigned segs, unsigned loop, struct err *err) MUST_CHECK;
/* In unrealize(), and when realize() fails after virtio_realize(). */
void virtio_unrealize(struct virtio_device *v);

/* True when the driver accepted feature bit n. */
static inline bool virtio_has(const struct virtio_device *v, unsigned n)
{
	return v->features >> n & 1;
}

/*
 * Changes the configuration space.  _set is silent (at realize, or what the
 * driver itself wrote); _update bumps the generation and interrupts the
 * driver.  buf holds little-endian fields.  Any thread.
 */
void virtio_config_set(struct virtio_device *v, unsigned off, const void *buf,
		       unsigned len);
void virtio_config_update(struct virtio_device *v, unsigned off,
			  const void *buf, unsigned len);

/* Which loops serve the queues, before realize; default: the main loop.
 * The array is copied. */
int virtio_set_loops(struct virtio_device *v, struct loop *const *loops,
		     unsigned n) MUST_CHECK;

/*
 * What a device keeps for each of n requests, zeroed.  The table begins with a
 * line of the cache: where an entry is a multiple of 64 bytes, no two share
 * one, and none takes a line more than it must.  NULL without memory.
 */
void *virtq_table_new(size_t n, size_t size) MUST_CHECK;
void virtq_table_free(void *table);

/* ---- for devices: queues, on q->loop */

/*
 * The next request, or NULL when there is none (or the ring is broken).  The
 * chain was copied in once and checked: inside the ring, at most q->size
 * descriptors (VIRTQ_MAX_SIZE through an indirect table), readable before
 * writable, inside guest memory, less than 4 GiB in all.  A chain that fails
 * breaks the device [2.1.2]: NEEDS_RESET, logged, NULL from now on.
 */
struct virtq_elem *virtq_pop(struct virtq *q);
/*
 * Completes e: the device wrote the first written bytes of wr (clamped to
 * wr_len).  The driver sees it at the next virtq_notify() at the latest.
 */
void virtq_push(struct virtq *q, struct virtq_elem *e, uint32_t written);
/*
 * Lets a driver that polls see what was pushed so far, so that it works while
 * the device does; the interrupt is virtq_notify()'s, once a batch.
 */
void virtq_publish(struct virtq *q);
/* Publishes what was pushed; interrupts the driver if it wants that. */
void virtq_notify(struct virtq *q);
/* Gives back the element popped last, as if it had not been popped. */
void virtq_unpop(struct virtq *q, struct virtq_elem *e);
/*
 * In ops->queue_stop(), for a pause: all that is in flight stays so, and may be
 * pushed once the queue starts again.  Until then it is not touched.
 */
void virtq_keep(struct virtq *q);
/* Forgets e: the driver never gets it back, short of a reset. */
void virtq_drop(struct virtq *q, struct virtq_elem *e);
/* True when virtq_pop() would find something; cheap, for polling. */
bool virtq_pending(struct virtq *q);
/* Elements popped and not yet pushed. */
unsigned virtq_in_flight(const struct virtq *q);

/*
 * Asks the driver not to kick while the device looks by itself; and to kick
 * again: then true means that requests came meanwhile, so go round once more
 * (the driver may not kick for those).
 */
void virtq_kicks_off(struct virtq *q);
bool virtq_kicks_on(struct virtq *q);

/*
 * For a request that breaks the device's rules so badly that the specification
 * has no error for it: logs, sets NEEDS_RESET, stops the queue's processing.
 */
void virtq_broken(struct virtq *q, const char *fmt, ...) PRINTF(2, 3);

/*
 * Copy len bytes from the readable / into the writable buffers, starting at
 * byte off of them; the number of bytes that were there to copy.
 */
size_t virtq_read(const struct virtq_elem *e, size_t off, void *buf,
		  size_t len);
size_t virtq_write(const struct virtq_elem *e, size_t off, const void *buf,
		   size_t len);

/* ---- for transports, under v->dev.lock unless said otherwise */

/* At realize of the transport, after the device's.  NULL ops detach it. */
void virtio_attach(struct virtio_device *v,
		   const struct virtio_transport_ops *ops, void *opaque);

/*
 * Whether the device may touch guest memory.  While it may not, its queues
 * stand still as in a pause.
 */
void virtio_allow_dma(struct virtio_device *v, bool allow);

/* 32-bit windows on the feature words; word > 1 reads as 0. */
uint32_t virtio_offered(const struct virtio_device *v, unsigned word);
uint32_t virtio_accepted(const struct virtio_device *v, unsigned word);
void virtio_accept(struct virtio_device *v, unsigned word, uint32_t bits);

/* Status register; any thread.  Writing 0 resets and waits for the loops. */
uint8_t virtio_status(const struct virtio_device *v);
void virtio_set_status(struct virtio_device *v, uint8_t status);
uint32_t virtio_generation(const struct virtio_device *v); /* any thread */

/* Reads beyond config_size yield 0, writes there do nothing. */
void virtio_config_read(struct virtio_device *v, unsigned off, void *buf,
			unsigned len);
void virtio_config_write(struct virtio_device *v, unsigned off, const void *buf,
			 unsigned len);

/* The queue of that number, or NULL. */
struct virtq *virtio_queue(struct virtio_device *v, unsigned index);
/* Ignored while the queue is enabled. */
void virtq_set_size(struct virtq *q, unsigned size);
/* Replace half (0: low, 1: high 32 bits) of an address of the queue. */
void virtq_set_addr(struct virtq *q, gpa_t *addr, unsigned half, uint32_t val);
/* queue_enable, QueueReady: takes effect at DRIVER_OK. */
void virtq_enable(struct virtq *q);
/* QueueReady = 0: stops it, forgets addresses and indices. */
void virtq_disable(struct virtq *q);
/* queue_reset [2.6.1]: the same, if the driver accepted the feature. */
void virtq_reset(struct virtq *q);
/* A doorbell's slow path, and tests: as a write to kick_fd.  Any thread. */
void virtq_kick(struct virtq *q);

#endif
