/* SPDX-License-Identifier: MIT */
/* The registry of engines: at most one of each kind a loop. */
#include "hw/block/engine.h"

#include <pthread.h>
#include <stdlib.h>

static const struct engine_ops *const engine_table[ENGINE_KINDS] = {
	[ENGINE_URING] = &engine_uring,
	[ENGINE_LIBAIO] = &engine_libaio,
	[ENGINE_THREADS] = &engine_threads,
};

static pthread_mutex_t engine_lock = PTHREAD_MUTEX_INITIALIZER;
static struct engine *engines; /* engine_lock */

const char *engine_name(enum engine_kind kind)
{
	return engine_table[kind]->name;
}

int engine_probe(enum engine_kind kind, struct err *err)
{
	struct loop *loop = loop_new(err);
	struct engine *e;

	if (!loop)
		return -err->code;
	e = engine_get(loop, kind, err);
	if (e)
		engine_put(e);
	loop_free(loop);
	return e ? 0 : -err->code;
}

static struct engine *engine_find(struct loop *loop, enum engine_kind kind)
{
	struct engine *e;

	for (e = engines; e; e = e->next)
		if (e->loop == loop && e->ops == engine_table[kind])
			return e;
	return NULL;
}

struct engine *engine_get(struct loop *loop, enum engine_kind kind,
			  struct err *err)
{
	const struct engine_ops *ops = engine_table[kind];
	struct engine *e;

	pthread_mutex_lock(&engine_lock);
	e = engine_find(loop, kind);
	if (e) {
		e->refs++;
		goto out;
	}
	e = calloc(1, ops->size);
	if (!e) {
		err_nomem(err, "a disk engine");
		goto out;
	}
	e->ops = ops;
	e->loop = loop;
	e->refs = 1;
	if (ops->open(e, err) < 0) {
		free(e);
		e = NULL;
		goto out;
	}
	e->next = engines;
	engines = e;
out:
	pthread_mutex_unlock(&engine_lock);
	return e;
}

void engine_put(struct engine *e)
{
	struct engine **p = &engines;

	pthread_mutex_lock(&engine_lock);
	if (--e->refs == 0) {
		while (*p != e)
			p = &(*p)->next;
		*p = e->next;
		e->ops->close(e);
		free(e);
	}
	pthread_mutex_unlock(&engine_lock);
}

void engine_submit(struct engine *e, struct engine_op *op)
{
	e->ops->submit(e, op);
}

void engine_wait(struct engine *e)
{
	e->ops->wait(e);
}

int engine_file_add(struct engine *e, int fd)
{
	return e->ops->file_add ? e->ops->file_add(e, fd) : -1;
}

void engine_file_del(struct engine *e, int slot)
{
	if (slot >= 0)
		e->ops->file_del(e, slot);
}

void engine_memory(struct engine *e, const struct mem *m)
{
	if (e->ops->memory)
		e->ops->memory(e, m);
}
