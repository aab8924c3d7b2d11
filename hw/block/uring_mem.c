/* SPDX-License-Identifier: MIT */
/* Registers guest memory with an io_uring as the guest comes to use it. */
#include "hw/block/uring_mem.h"

#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"

/* The kernel takes 16384 (IORING_MAX_REG_BUFFERS), of 1 GiB each at most. */
#define URING_MEM_MAX	    4096u
#define URING_MEM_MAX_SHIFT 30u

static unsigned uring_mem_count(const struct mem *m, unsigned shift)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < m->n; i++)
		if (m->range[i].owned)
			n += ((m->range[i].size - 1) >> shift) + 1;
	return n < UINT32_MAX ? (unsigned)n : UINT32_MAX;
}

void uring_mem_open(struct uring_mem *u, struct io_uring *ring,
		    const struct mem *m)
{
	if (u->ring || !m)
		return;
	u->ring = ring;
	u->mem = m;
	u->shift = (unsigned)__builtin_ctz(URING_MEM_BUFFER);
	while (uring_mem_count(m, u->shift) > URING_MEM_MAX)
		if (++u->shift > URING_MEM_MAX_SHIFT)
			return;
	for (unsigned i = 0; i < m->n; i++) {
		const struct mem_range *r = &m->range[i];

		if (!r->owned)
			continue;
		u->range[u->nranges].host = r->host;
		u->range[u->nranges].size = r->size;
		u->range[u->nranges++].first = u->n;
		u->n += (unsigned)((r->size - 1) >> u->shift) + 1;
	}
	u->uses = calloc(u->n, 1);
	if (!u->uses)
		u->n = 0;
}

void uring_mem_close(struct uring_mem *u)
{
	/* Closing the ring would do, but some time later. */
	if (u->table)
		io_uring_unregister_buffers(u->ring);
	u->table = false;
	free(u->uses);
	u->uses = NULL;
	u->n = 0;
}

/* What was registered stays so, and unused, until uring_mem_close(). */
static int uring_mem_refused(struct uring_mem *u, int code)
{
	log_info("io_uring: no %s buffers in guest memory: %s%s",
		 u->table ? "further" : "registered", strerror(code),
		 code == ENOMEM ? " (the limit of locked memory, ulimit -l)"
				: "");
	u->n = 0;
	return -1;
}

static int uring_mem_register(struct uring_mem *u, unsigned range,
			      unsigned index)
{
	uint64_t off = (uint64_t)(index - u->range[range].first) << u->shift;
	uint64_t left = u->range[range].size - off, most = 1ull << u->shift;
	struct iovec v = { (void *)(uintptr_t)(u->range[range].host + off),
			   left < most ? left : most };
	int ret;

	if (!u->table) {
		ret = io_uring_register_buffers_sparse(u->ring, u->n);
		if (ret < 0)
			return uring_mem_refused(u, -ret);
		u->table = true;
	}
	ret = io_uring_register_buffers_update_tag(u->ring, index, &v, NULL, 1);
	if (ret < 0)
		return uring_mem_refused(u, -ret);
	return (int)index;
}

int uring_mem_find(struct uring_mem *u, const void *p, size_t len)
{
	for (unsigned i = 0; u->n && i < u->nranges; i++) {
		uint64_t off = (uintptr_t)p - (uintptr_t)u->range[i].host;
		unsigned index;

		if (off >= u->range[i].size)
			continue;
		if (off >> u->shift != (off + len - 1) >> u->shift)
			return -1;
		index = u->range[i].first + (unsigned)(off >> u->shift);
		if (u->uses[index] == URING_MEM_USES)
			return (int)index;
		/* A device may be added that gives memory back. */
		if (mem_may_discard(u->mem) ||
		    ++u->uses[index] < URING_MEM_USES)
			return -1;
		return uring_mem_register(u, i, index);
	}
	return -1;
}
