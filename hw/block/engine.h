/* SPDX-License-Identifier: MIT */
/* Engines: how one file operation is carried out off the loop's thread. */
#ifndef HW_BLOCK_ENGINE_H
#define HW_BLOCK_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "hw/core/err.h"
#include "hw/core/loop.h"
#include "hw/core/mem.h"

enum engine_kind {
	ENGINE_URING,
	ENGINE_LIBAIO,
	ENGINE_THREADS,
	ENGINE_KINDS,
};

enum engine_what {
	ENGINE_READ,
	ENGINE_WRITE,
	ENGINE_SYNC, /* fdatasync(2) */
	ENGINE_CALL, /* call(), which may block; ENGINE_THREADS only */
};

struct engine;

/*
 * One file operation, embedded in its owner's request.  It and what it
 * points to stay untouched from engine_submit() until done().
 */
struct engine_op {
	enum engine_what what;
	bool dsync;   /* ENGINE_WRITE: on stable storage when done */
	int fd, slot; /* slot of engine_file_add(), or -1 */
	uint64_t off; /* bytes */
	struct iovec *iov;
	unsigned niov;			    /* at most IOV_MAX */
	long (*call)(struct engine_op *op); /* a worker's thread; -errno */
	/* On the loop's thread, never inside engine_submit(). */
	void (*done)(struct engine_op *op);
	long res; /* for done(): bytes, or a negative errno */
	/* the engine's: */
	struct engine *engine;
	struct engine_op *next;
};

/* What a kind of engine implements; e begins the structure it allocates. */
struct engine_ops {
	const char *name; /* as in aio= */
	size_t size;
	int (*open)(struct engine *e, struct err *err);
	void (*close)(struct engine *e);
	void (*submit)(struct engine *e, struct engine_op *op);
	/* Submits what is batched, waits for at least one completion. */
	void (*wait)(struct engine *e);
	int (*file_add)(struct engine *e, int fd);	       /* optional */
	void (*file_del)(struct engine *e, int slot);	       /* optional */
	void (*memory)(struct engine *e, const struct mem *m); /* optional */
};

/* One engine of a loop: shared by every disk and queue that runs there. */
struct engine {
	const struct engine_ops *ops;
	struct loop *loop;
	/* the registry's lock: */
	unsigned refs;
	struct engine *next;
};

extern const struct engine_ops engine_uring, engine_libaio, engine_threads;

/* The name in aio= of a kind. */
const char *engine_name(enum engine_kind kind);
/*
 * Whether this host lets vmm use the kind: 0, or a negative errno and the
 * reason with its remedy.  Any thread.
 */
int engine_probe(enum engine_kind kind, struct err *err) MUST_CHECK;

/*
 * The loop's engine of that kind, made when it has none; on the loop's
 * thread, as is all below.  NULL with err filled.  Every get needs its put.
 */
struct engine *engine_get(struct loop *loop, enum engine_kind kind,
			  struct err *err);
void engine_put(struct engine *e);

/* Starts op at the end of this round of the loop; cannot fail. */
void engine_submit(struct engine *e, struct engine_op *op);
/* Runs at least one completion, which must be under way. */
void engine_wait(struct engine *e);
/* Registers a file where that makes it faster: a slot, or -1. */
int engine_file_add(struct engine *e, int fd);
void engine_file_del(struct engine *e, int slot);
/*
 * Operations will mostly be upon m, the guest's memory, which outlives e: an
 * engine may then keep parts of it at hand.
 */
void engine_memory(struct engine *e, const struct mem *m);

/* A queue of operations, first in first out. */
struct engine_list {
	struct engine_op *head, *tail;
};

static inline void engine_push(struct engine_list *l, struct engine_op *op)
{
	op->next = NULL;
	if (l->tail)
		l->tail->next = op;
	else
		l->head = op;
	l->tail = op;
}

static inline struct engine_op *engine_pop(struct engine_list *l)
{
	struct engine_op *op = l->head;

	if (op) {
		l->head = op->next;
		if (!l->head)
			l->tail = NULL;
	}
	return op;
}

#endif
