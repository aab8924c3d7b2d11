/* SPDX-License-Identifier: MIT */
/* A disk as a device model sees it: an image, and requests upon it. */
#ifndef HW_BLOCK_DISK_H
#define HW_BLOCK_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "hw/block/engine.h"
#include "hw/core/err.h"
#include "hw/core/loop.h"
#include "hw/core/prop.h"

#define DISK_SECTOR 512u

enum disk_cache { DISK_CACHE_NONE, DISK_CACHE_WRITEBACK, DISK_CACHE_UNSAFE };
enum disk_aio {
	DISK_AIO_AUTO,
	DISK_AIO_URING,
	DISK_AIO_LIBAIO,
	DISK_AIO_THREADS
};
enum disk_format { DISK_FORMAT_AUTO, DISK_FORMAT_RAW };

/* The names of these, NULL-terminated, for PROP_ENUM. */
extern const char *const disk_cache_names[];
extern const char *const disk_aio_names[];
extern const char *const disk_format_names[];

/* How to open an image; the fields fit a table of struct prop. */
struct disk_config {
	char *file; /* path of a regular file or a block device */
	bool readonly;
	bool snapshot; /* writes go to a private file that dies with us */
	bool discard;  /* discards free the space */
	int cache;     /* enum disk_cache */
	int aio;       /* enum disk_aio */
	int format;    /* enum disk_format */
	uint64_t logical_block, physical_block; /* bytes; 0: the host's */
};

/* Entries for the table of a structure that holds a disk_config at that
 * offset. */
#define DISK_OFF(at, field) ((at) + offsetof(struct disk_config, field))
#define DISK_PROPS(at)                                                         \
	{ .name = "file",                                                      \
	  .arg = "FILE",                                                       \
	  .kind = PROP_STR,                                                    \
	  .min = 1,                                                            \
	  .max = 4095,                                                         \
	  .off = DISK_OFF(at, file),                                           \
	  .brief = "a raw image or a block device" },                          \
		{ .name = "readonly",                                          \
		  .kind = PROP_BOOL,                                           \
		  .off = DISK_OFF(at, readonly),                               \
		  .brief = "the guest may not write" },                        \
		{ .name = "snapshot",                                          \
		  .kind = PROP_BOOL,                                           \
		  .off = DISK_OFF(at, snapshot),                               \
		  .brief = "keep what the guest writes apart and drop it at "  \
			   "the end",                                          \
		  .detail = "The writes go to a file without a name in "       \
			    "$TMPDIR, or in "                                  \
			    "/var/tmp; the image is only read." },             \
		{ .name = "cache",                                             \
		  .kind = PROP_ENUM,                                           \
		  .choices = disk_cache_names,                                 \
		  .off = DISK_OFF(at, cache),                                  \
		  .brief =                                                     \
			  "how the host caches the image (default writeback)", \
		  .detail = "none reads and writes past the page cache; "      \
			    "writeback uses "                                  \
			    "it, and the guest's flushes still reach the "     \
			    "disk; unsafe "                                    \
			    "ignores flushes and may lose an image with the "  \
			    "host." },                                         \
		{ .name = "aio",                                               \
		  .kind = PROP_ENUM,                                           \
		  .choices = disk_aio_names,                                   \
		  .off = DISK_OFF(at, aio),                                    \
		  .brief = "the engine that reads and writes (default auto)",  \
		  .detail =                                                    \
			  "auto takes the best one that the host permits." },  \
		{ .name = "discard",                                           \
		  .kind = PROP_BOOL,                                           \
		  .off = DISK_OFF(at, discard),                                \
		  .brief = "give what the guest discards back to the host" },  \
		{ .name = "format",                                            \
		  .kind = PROP_ENUM,                                           \
		  .choices = disk_format_names,                                \
		  .off = DISK_OFF(at, format),                                 \
		  .brief = "raw: take the image as raw even if it looks "      \
			   "otherwise" },                                      \
		{ .name = "logical-block-size",                                \
		  .arg = "bytes",                                              \
		  .kind = PROP_SIZE,                                           \
		  .min = DISK_SECTOR,                                          \
		  .max = 65536,                                                \
		  .off = DISK_OFF(at, logical_block),                          \
		  .brief = "the smallest block that the guest may address" },  \
	{                                                                      \
		.name = "physical-block-size", .arg = "bytes",                 \
		.kind = PROP_SIZE, .min = DISK_SECTOR, .max = 65536,           \
		.off = DISK_OFF(at, physical_block),                           \
		.brief = "the block that the guest should align to"            \
	}

/* What the guest may know; constant while the disk is open. */
struct disk_info {
	uint64_t size;		  /* bytes, whole logical blocks */
	uint32_t logical_block;	  /* bytes, a power of two, at least 512 */
	uint32_t physical_block;  /* bytes, at least logical_block */
	uint32_t discard_granule; /* bytes; 0: discards do nothing */
	bool readonly;
	enum engine_kind engine;
};

struct disk;

/*
 * Opens the image, locks it against other writers, chooses the engine.
 * NULL with err filled, naming the file and the remedy.  cfg may be freed
 * afterwards.  Any thread.
 */
struct disk *disk_open(const struct disk_config *cfg, struct err *err);
/* Once every disk_io was freed. */
void disk_close(struct disk *d);
const struct disk_info *disk_info(const struct disk *d);

enum disk_op {
	DISK_READ,
	DISK_WRITE,
	DISK_FLUSH,   /* what was done before is on stable storage */
	DISK_DISCARD, /* the contents of [off, off + len) are of no use */
	DISK_ZEROES,  /* [off, off + len) reads as zeros */
};

struct disk_io;

/*
 * One request, embedded in its owner's.  off and len of DISK_DISCARD and
 * DISK_ZEROES, and off and the sum of the iovecs otherwise, are whole
 * logical blocks inside the disk, or done() says -EINVAL.
 */
struct disk_req {
	/* the caller's, untouched from disk_submit() to done(): */
	enum disk_op op;
	bool fua;	   /* DISK_WRITE: on stable storage before done() */
	bool unmap;	   /* DISK_ZEROES: may free the space */
	uint64_t off, len; /* bytes; len is 0 for DISK_FLUSH */
	struct iovec *iov; /* of host memory, any alignment, len bytes in all;
			    * the entries are the disk's, altered when done */
	unsigned niov;
	/* 0 or a negative errno; on the loop's thread, never inside
	 * disk_submit().  May submit r again, or free it. */
	void (*done)(struct disk_req *r, int ret);

	/* the disk's: */
	struct disk_io *io;
	struct engine_op x;
	uint64_t pos, left;  /* what remains */
	uint64_t part;	     /* bytes under way */
	size_t cut;	     /* taken off the last iovec under way */
	struct iovec bounce; /* copy of the part under way, or NULL */
	unsigned tries;
	int ret;
};

/*
 * The disk as one loop uses it; a queue has one of its own.  New, free, drain,
 * cancel and pause may be called from any thread that loop_call() allows; they
 * run on the loop's.  Freeing drains.  mem, where not NULL, is the guest's, in
 * which most requests will be; it outlives the disk_io.
 */
struct disk_io *disk_io_new(struct disk *d, struct loop *loop,
			    const struct mem *mem, struct err *err);
void disk_io_free(struct disk_io *io);
/* Returns when every request submitted here is done. */
void disk_drain(struct disk_io *io);
/*
 * The same, within a bounded time whatever was asked for: of each request the
 * operations under way end, and no more are started.  What is not complete
 * then is done with -ECANCELED, a discard with 0.
 */
void disk_cancel(struct disk_io *io);
/*
 * As soon, but what is not complete is held: it is not done, and its memory
 * stays the disk's, until disk_resume() goes on with it.  disk_forget() drops
 * it instead, without done().  Both on the loop's thread; both may find
 * nothing.
 */
void disk_pause(struct disk_io *io);
void disk_resume(struct disk_io *io);
void disk_forget(struct disk_io *io);

/* Starts r at the end of this round of the loop; on the loop's thread. */
void disk_submit(struct disk_io *io, struct disk_req *r);

#endif
