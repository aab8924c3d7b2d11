/* SPDX-License-Identifier: MIT */
/* What a pSeries guest calls of XIVE: sources and event queues. */
#include "hw/spapr/xive.h"

#include <stdlib.h>
#include <string.h>

/* Flags, by LoPAR's count from the highest bit. */
#define SOURCE_LSI	   4 /* of H_INT_GET_SOURCE_INFO */
#define SOURCE_H_INT_ESB   8
#define ROUTE_MASK	   1 /* of H_INT_SET_SOURCE_CONFIG */
#define ROUTE_SET_EISN	   2
#define QUEUE_NOTIFY	   1 /* of queues' configurations */
#define QUEUE_DEBUG	   1 /* of H_INT_GET_QUEUE_CONFIG */
#define QUEUE_TOGGLE_SHIFT 62
#define ESB_STORE	   1 /* of H_INT_ESB */

#define EISN_MASK 0x7fffffff
#define ESB_BITS  12 /* of offsets in a page of an ESB */
#define NO_PAGE	  UINT64_MAX

struct xive_queue {
	gpa_t base;
	unsigned shift; /* 0: there is none */
};

struct spapr_xive {
	struct device dev; /* dev.lock protects "state" */
	/* constant from setup: */
	const struct board *board;
	struct xive_hw *hw;
	/* constant from realize: */
	uint32_t nservers;
	/* state: */
	struct xive_route *route; /* servers' sources, then the board's */
	struct xive_queue (*queue)[XIVE_PRIORITIES]; /* by server */
};

static struct spapr_xive *xive_of(void *dev)
{
	return container_of((struct device *)dev, struct spapr_xive, dev);
}

/* The route of a source, or NULL where there is no such source. */
static struct xive_route *xive_source(struct spapr_xive *s, uint64_t nr)
{
	uint64_t i = nr - s->board->ppc.first_source;

	if (nr < s->nservers)
		return &s->route[nr];
	return i < s->board->nlines ? &s->route[s->nservers + i] : NULL;
}

static bool xive_is_server(const struct spapr_xive *s, uint64_t nr)
{
	for (unsigned i = 0; i < s->board->ncpus; i++)
		if (s->board->cpus[i].hw_id == nr)
			return true;
	return false;
}

/* ---- sources */

/*
 * Flags, source; the results are flags, the addresses of its pages for
 * management and trigger, and their size.  A level is the hypervisor's to
 * raise again, so its end has to come by H_INT_ESB.
 */
static long h_get_source_info(void *opaque, unsigned cpu,
			      const uint64_t in[HCALL_REGS],
			      uint64_t out[HCALL_REGS])
{
	struct spapr_xive *s = xive_of(opaque);
	const struct board_ppc *p = &s->board->ppc;
	uint64_t page = UINT64_C(1) << p->page_shift;

	(void)cpu;
	if (in[0])
		return H_PARAMETER;
	if (!xive_source(s, in[1]))
		return H_P2;
	out[3] = p->page_shift;
	out[1] = out[2] = NO_PAGE;
	if (s->hw->ops->level(s->hw, (uint32_t)in[1])) {
		out[0] = SOURCE_LSI | SOURCE_H_INT_ESB;
		return H_SUCCESS;
	}
	out[2] = p->xive_esb + 2 * page * in[1];
	out[1] = out[2] + page;
	return H_SUCCESS;
}

static long xive_check_route(const struct spapr_xive *s, uint64_t server,
			     uint64_t priority)
{
	if (priority == XIVE_MASKED)
		return H_SUCCESS;
	if (!xive_is_server(s, server))
		return H_P3;
	/* Nothing is sent where nothing would arrive. */
	if (priority >= XIVE_PRIORITIES || !s->queue[server][priority].shift)
		return H_P4;
	return H_SUCCESS;
}

/* Flags, source, server, priority, what its queue is told. */
static long xive_set_route(struct spapr_xive *s, const uint64_t in[HCALL_REGS])
{
	struct xive_route *old = xive_source(s, in[1]), r;
	long ret;

	if (in[0] & ~(uint64_t)(ROUTE_MASK | ROUTE_SET_EISN))
		return H_PARAMETER;
	if (!old)
		return H_P2;
	ret = xive_check_route(s, in[2], in[3]);
	if (ret)
		return ret;
	r = *old;
	r.masked = in[3] == XIVE_MASKED;
	if (!r.masked) {
		r.server = (uint32_t)in[2];
		r.priority = (uint8_t)in[3];
	}
	if (in[0] & ROUTE_SET_EISN)
		r.eisn = in[4] & EISN_MASK;
	if (s->hw->ops->route(s->hw, (uint32_t)in[1], &r) < 0)
		return H_HARDWARE;
	*old = r;
	if (in[0] & ROUTE_MASK)
		s->hw->ops->esb(s->hw, (uint32_t)in[1], XIVE_ESB_SET_PQ_01,
				false, 0);
	return H_SUCCESS;
}

static long h_set_source_config(void *opaque, unsigned cpu,
				const uint64_t in[HCALL_REGS],
				uint64_t out[HCALL_REGS])
{
	struct spapr_xive *s = xive_of(opaque);
	long ret;

	(void)cpu, (void)out;
	device_lock(&s->dev);
	ret = xive_set_route(s, in);
	device_unlock(&s->dev);
	return ret;
}

/* Flags, source; server, priority, what its queue is told. */
static long h_get_source_config(void *opaque, unsigned cpu,
				const uint64_t in[HCALL_REGS],
				uint64_t out[HCALL_REGS])
{
	struct spapr_xive *s = xive_of(opaque);
	const struct xive_route *r = xive_source(s, in[1]);

	(void)cpu;
	if (in[0])
		return H_PARAMETER;
	if (!r)
		return H_P2;
	device_lock(&s->dev);
	out[0] = r->server;
	out[1] = r->masked ? XIVE_MASKED : r->priority;
	out[2] = r->eisn;
	device_unlock(&s->dev);
	return H_SUCCESS;
}

/* ---- queues */

static long xive_check_queue(const struct spapr_xive *s, uint64_t flags,
			     uint64_t allowed, uint64_t server,
			     uint64_t priority)
{
	if (flags & ~allowed)
		return H_PARAMETER;
	if (!xive_is_server(s, server))
		return H_P2;
	return priority < XIVE_PRIORITIES ? H_SUCCESS : H_P3;
}

/*
 * Flags, server, priority; the page that tells of its notifications, which no
 * queue has (they are unconditional), and that page's size.
 */
static long h_get_queue_info(void *opaque, unsigned cpu,
			     const uint64_t in[HCALL_REGS],
			     uint64_t out[HCALL_REGS])
{
	long ret = xive_check_queue(xive_of(opaque), in[0], 0, in[1], in[2]);

	(void)cpu;
	if (!ret)
		out[0] = NO_PAGE;
	return ret;
}

/* What the hardware writes to is RAM, all of it. */
static long xive_check_memory(const struct spapr_xive *s, uint64_t base,
			      uint64_t shift)
{
	if (!shift)
		return H_SUCCESS;
	if (shift != XIVE_QUEUE)
		return H_P5;
	if (base & ((UINT64_C(1) << shift) - 1) ||
	    !mem_run_rw(s->dev.env->mem, base, UINT64_C(1) << shift))
		return H_P4;
	return H_SUCCESS;
}

/* Flags, server, priority, address, log2 of the size; 0: it ends. */
static long h_set_queue_config(void *opaque, unsigned cpu,
			       const uint64_t in[HCALL_REGS],
			       uint64_t out[HCALL_REGS])
{
	struct spapr_xive *s = xive_of(opaque);
	long ret = xive_check_queue(s, in[0], QUEUE_NOTIFY, in[1], in[2]);

	(void)cpu, (void)out;
	if (!ret && in[4] && !(in[0] & QUEUE_NOTIFY))
		ret = H_PARAMETER;
	if (!ret)
		ret = xive_check_memory(s, in[3], in[4]);
	if (ret)
		return ret;
	device_lock(&s->dev);
	if (s->hw->ops->queue(s->hw, (uint32_t)in[1], (uint8_t)in[2], in[3],
			      (unsigned)in[4]) < 0)
		ret = H_HARDWARE;
	else
		s->queue[in[1]][in[2]] =
			(struct xive_queue){ in[3], (unsigned)in[4] };
	device_unlock(&s->dev);
	return ret;
}

/* Flags, server, priority; flags, address, log2 of the size, next entry. */
static long h_get_queue_config(void *opaque, unsigned cpu,
			       const uint64_t in[HCALL_REGS],
			       uint64_t out[HCALL_REGS])
{
	struct spapr_xive *s = xive_of(opaque);
	long ret = xive_check_queue(s, in[0], QUEUE_DEBUG, in[1], in[2]);
	uint32_t toggle = 0, index = 0;
	const struct xive_queue *q;

	(void)cpu;
	if (ret)
		return ret;
	device_lock(&s->dev);
	q = &s->queue[in[1]][in[2]];
	if (q->shift) {
		out[0] = QUEUE_NOTIFY;
		out[1] = q->base;
		out[2] = q->shift;
	}
	if (q->shift && in[0] & QUEUE_DEBUG) {
		if (s->hw->ops->queue_at(s->hw, (uint32_t)in[1], (uint8_t)in[2],
					 &toggle, &index) < 0)
			ret = H_HARDWARE;
		out[0] |= (uint64_t)(toggle & 1) << QUEUE_TOGGLE_SHIFT;
		out[3] = index;
	}
	device_unlock(&s->dev);
	return ret;
}

/* ---- the rest */

/* Flags, source, offset, value; the value. */
static long h_int_esb(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		      uint64_t out[HCALL_REGS])
{
	struct spapr_xive *s = xive_of(opaque);

	(void)cpu;
	if (in[0] & ~(uint64_t)ESB_STORE)
		return H_PARAMETER;
	if (!xive_source(s, in[1]))
		return H_P2;
	if (in[2] % 8 || in[2] >> ESB_BITS)
		return H_P3;
	out[0] = s->hw->ops->esb(s->hw, (uint32_t)in[1], (uint32_t)in[2],
				 in[0] & ESB_STORE, in[3]);
	if (in[0] & ESB_STORE)
		out[0] = UINT64_MAX;
	return H_SUCCESS;
}

/* Flags, source. */
static long h_int_sync(void *opaque, unsigned cpu,
		       const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	struct spapr_xive *s = xive_of(opaque);

	(void)cpu, (void)out;
	if (in[0])
		return H_PARAMETER;
	if (!xive_source(s, in[1]))
		return H_P2;
	return s->hw->ops->sync(s->hw, (uint32_t)in[1]) < 0 ? H_HARDWARE
							    : H_SUCCESS;
}

static void xive_forget(struct spapr_xive *s)
{
	uint32_t first = s->board->ppc.first_source;

	memset(s->queue, 0, s->nservers * sizeof(*s->queue));
	for (uint32_t i = 0; i < s->nservers; i++)
		s->route[i] = (struct xive_route){ .masked = true, .eisn = i };
	for (uint32_t i = 0; i < s->board->nlines; i++)
		s->route[s->nservers + i] =
			(struct xive_route){ .masked = true,
					     .eisn = first + i };
}

/* Flags: as when the machine began, for a kernel that starts another. */
static long h_int_reset(void *opaque, unsigned cpu,
			const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	struct spapr_xive *s = xive_of(opaque);
	long ret = H_SUCCESS;

	(void)cpu, (void)out;
	if (in[0])
		return H_PARAMETER;
	device_lock(&s->dev);
	if (s->hw->ops->reset(s->hw) < 0)
		ret = H_HARDWARE;
	else
		xive_forget(s);
	device_unlock(&s->dev);
	return ret;
}

const struct hcall xive_hcalls[] = {
	{ 0x3a8, "H_INT_GET_SOURCE_INFO", h_get_source_info },
	{ 0x3ac, "H_INT_SET_SOURCE_CONFIG", h_set_source_config },
	{ 0x3b0, "H_INT_GET_SOURCE_CONFIG", h_get_source_config },
	{ 0x3b4, "H_INT_GET_QUEUE_INFO", h_get_queue_info },
	{ 0x3b8, "H_INT_SET_QUEUE_CONFIG", h_set_queue_config },
	{ 0x3bc, "H_INT_GET_QUEUE_CONFIG", h_get_queue_config },
	{ 0x3c8, "H_INT_ESB", h_int_esb },
	{ 0x3cc, "H_INT_SYNC", h_int_sync },
	{ 0x3d0, "H_INT_RESET", h_int_reset },
	{ 0 },
};

/* ---- the device */

void spapr_xive_setup(struct device *dev, const struct board *b,
		      struct xive_hw *hw)
{
	struct spapr_xive *s = xive_of(dev);

	s->board = b;
	s->hw = hw;
}

static void xive_unrealize(struct device *dev)
{
	struct spapr_xive *s = xive_of(dev);

	free(s->route);
	free(s->queue);
}

static int xive_realize(struct device *dev, struct err *err)
{
	struct spapr_xive *s = xive_of(dev);

	s->nservers = board_servers(s->board);
	s->route = calloc(s->nservers + s->board->nlines, sizeof(*s->route));
	s->queue = calloc(s->nservers, sizeof(*s->queue));
	if (s->route && s->queue)
		return 0;
	xive_unrealize(dev);
	return err_nomem(err, "the interrupt controller");
}

/* The accelerator resets its own part with the VM. */
static void xive_reset(struct device *dev)
{
	xive_forget(xive_of(dev));
}

const struct device_class spapr_xive_class = {
	.name = "spapr-xive",
	.brief = "pSeries interrupt controller (XIVE)",
	.compatible = "ibm,power-ivpe",
	.size = sizeof(struct spapr_xive),
	.space = SPACE_NONE,
	.realize = xive_realize,
	.unrealize = xive_unrealize,
	.reset = xive_reset,
};
