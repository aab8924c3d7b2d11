/* SPDX-License-Identifier: MIT */
/* XIVE by hypercalls: what a guest may configure, and what reaches the chip. */
#include "hw/spapr/xive.h"

#include <errno.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define FIRST	0x1000
#define LEVEL	(FIRST + 5)
#define ESB	UINT64_C(0x200200000000)
#define QUEUE	(RIG_RAM + 0x10000)
#define SIZE	16
#define NOTIFY	1
#define EISN	2
#define STORE	1
#define NOWHERE UINT64_C(0x100000001)

enum {
	GET_SOURCE_INFO = 0x3a8,
	SET_SOURCE = 0x3ac,
	GET_SOURCE = 0x3b0,
	GET_QUEUE_INFO = 0x3b4,
	SET_QUEUE = 0x3b8,
	GET_QUEUE = 0x3bc,
	INT_ESB = 0x3c8,
	INT_SYNC = 0x3cc,
	INT_RESET = 0x3d0,
};

/* The chip, which remembers what it was told last, and may refuse. */
struct chip {
	struct xive_hw hw;
	int answer;
	unsigned told, resets;
	uint32_t source, server;
	struct xive_route route;
	uint8_t priority;
	gpa_t base;
	unsigned shift;
	uint32_t off;
	bool store;
	uint64_t val;
};

static struct chip *chip_of(struct xive_hw *x)
{
	struct chip *c = container_of(x, struct chip, hw);

	c->told++;
	return c;
}

static int chip_route(struct xive_hw *x, uint32_t source,
		      const struct xive_route *r)
{
	struct chip *c = chip_of(x);

	c->source = source;
	c->route = *r;
	return c->answer;
}

static int chip_queue(struct xive_hw *x, uint32_t server, uint8_t priority,
		      gpa_t base, unsigned shift)
{
	struct chip *c = chip_of(x);

	c->server = server;
	c->priority = priority;
	c->base = base;
	c->shift = shift;
	return c->answer;
}

static int chip_queue_at(struct xive_hw *x, uint32_t server, uint8_t priority,
			 uint32_t *toggle, uint32_t *index)
{
	(void)server, (void)priority;
	*toggle = 1;
	*index = 77;
	return chip_of(x)->answer;
}

static int chip_sync(struct xive_hw *x, uint32_t source)
{
	struct chip *c = chip_of(x);

	c->source = source;
	return c->answer;
}

static uint64_t chip_esb(struct xive_hw *x, uint32_t source, uint32_t off,
			 bool store, uint64_t val)
{
	struct chip *c = chip_of(x);

	c->source = source;
	c->off = off;
	c->store = store;
	c->val = val;
	return 3;
}

static bool chip_level(struct xive_hw *x, uint32_t source)
{
	(void)x;
	return source == LEVEL;
}

static int chip_reset(struct xive_hw *x)
{
	struct chip *c = chip_of(x);

	c->resets++;
	return c->answer;
}

static const struct xive_hw_ops chip_ops = {
	chip_route, chip_queue, chip_queue_at, chip_sync,
	chip_esb,   chip_level, chip_reset,
};

struct fixture {
	struct rig r;
	struct chip chip;
	struct board_cpu cpus[3];
	struct board board;
	struct device *dev;
	struct hcalls h;
	uint64_t out[HCALL_REGS];
};

/* CPUs 0, 1 and 4: a number between them is no server. */
static struct fixture *make(void)
{
	static struct fixture x;
	struct err err = { 0 };

	x = (struct fixture){
		.chip = { .hw = { &chip_ops } },
		.cpus = { { .hw_id = 0 }, { .hw_id = 1 }, { .hw_id = 4 } },
		.board = { .ncpus = 3, .nlines = 64 }
	};
	x.board.cpus = x.cpus;
	x.board.ppc.first_source = FIRST;
	x.board.ppc.page_shift = 16;
	x.board.ppc.xive_esb = ESB;
	rig_init(&x.r);
	x.dev = device_new(&spapr_xive_class, "xive");
	spapr_xive_setup(x.dev, &x.board, &x.chip.hw);
	CHECK_EQ(device_realize(x.dev, &x.r.env, &err), 0);
	CHECK_EQ(hcalls_add(&x.h, xive_hcalls, x.dev, &err), 0);
	return &x;
}

static void done(struct fixture *x)
{
	hcalls_free(&x->h);
	device_free(x->dev);
	rig_destroy(&x->r);
}

#define CALL(nr, ...) \
	hcall_run(&x->h, 0, nr, (uint64_t[HCALL_REGS]){ __VA_ARGS__ }, x->out)

TEST(xive_tells_where_the_pages_of_a_source_are)
{
	struct fixture *x = make();

	CHECK_EQ(CALL(GET_SOURCE_INFO, 0, FIRST), H_SUCCESS);
	CHECK_EQ(x->out[0], 0);
	CHECK_EQ(x->out[2], ESB + FIRST * UINT64_C(0x20000));
	CHECK_EQ(x->out[1], x->out[2] + 0x10000);
	CHECK_EQ(x->out[3], 16);
	CHECK_EQ(CALL(GET_SOURCE_INFO, 0, LEVEL), H_SUCCESS);
	CHECK_EQ(x->out[0], 4 | 8); /* a level, ended by H_INT_ESB */
	CHECK_EQ(x->out[1], UINT64_MAX);
	CHECK_EQ(CALL(GET_SOURCE_INFO, 0, 4), H_SUCCESS);
	CHECK_EQ(CALL(GET_SOURCE_INFO, 0, 5), (uint64_t)H_P2);
	CHECK_EQ(CALL(GET_SOURCE_INFO, 0, FIRST - 1), (uint64_t)H_P2);
	CHECK_EQ(CALL(GET_SOURCE_INFO, 0, FIRST + 64), (uint64_t)H_P2);
	CHECK_EQ(CALL(GET_SOURCE_INFO, 0, NOWHERE), (uint64_t)H_P2);
	CHECK_EQ(CALL(GET_SOURCE_INFO, 1, FIRST), (uint64_t)H_PARAMETER);
	done(x);
}

TEST(xive_routes_a_source_to_a_queue_that_is_there)
{
	struct fixture *x = make();

	CHECK_EQ(CALL(SET_SOURCE, EISN, FIRST, 4, 6, 9), (uint64_t)H_P4);
	CHECK_EQ(x->chip.told, 0);
	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 4, 6, QUEUE, SIZE), H_SUCCESS);
	CHECK_EQ(x->chip.server, 4);
	CHECK_EQ(x->chip.base, QUEUE);
	CHECK_EQ(CALL(SET_SOURCE, EISN, FIRST, 4, 6, 0x80000009), H_SUCCESS);
	CHECK_EQ(x->chip.source, FIRST);
	CHECK_EQ(x->chip.route.eisn, 9);
	CHECK(!x->chip.route.masked);
	CHECK_EQ(CALL(GET_SOURCE, 0, FIRST), H_SUCCESS);
	CHECK_EQ(x->out[0], 4);
	CHECK_EQ(x->out[1], 6);
	CHECK_EQ(x->out[2], 9);
	/* Masked, and what its queue is told stays. */
	CHECK_EQ(CALL(SET_SOURCE, 0, FIRST, 0, 0xff, 0), H_SUCCESS);
	CHECK(x->chip.route.masked);
	CHECK_EQ(CALL(GET_SOURCE, 0, FIRST), H_SUCCESS);
	CHECK_EQ(x->out[1], 0xff);
	CHECK_EQ(x->out[2], 9);
	done(x);
}

TEST(xive_refuses_routes_that_lead_nowhere)
{
	struct fixture *x = make();

	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 4, 6, QUEUE, SIZE), H_SUCCESS);
	CHECK_EQ(CALL(SET_SOURCE, 4, FIRST, 4, 6, 9), (uint64_t)H_PARAMETER);
	CHECK_EQ(CALL(SET_SOURCE, 0, 7, 4, 6, 9), (uint64_t)H_P2);
	CHECK_EQ(CALL(SET_SOURCE, 0, FIRST, 3, 6, 9), (uint64_t)H_P3);
	CHECK_EQ(CALL(SET_SOURCE, 0, FIRST, NOWHERE, 6, 9), (uint64_t)H_P3);
	CHECK_EQ(CALL(SET_SOURCE, 0, FIRST, 4, 7, 9), (uint64_t)H_P4);
	CHECK_EQ(CALL(SET_SOURCE, 0, FIRST, 4, NOWHERE, 9), (uint64_t)H_P4);
	CHECK_EQ(CALL(GET_SOURCE, 0, 7), (uint64_t)H_P2);
	x->chip.answer = -EINVAL;
	CHECK_EQ(CALL(SET_SOURCE, 0, FIRST, 4, 6, 9), (uint64_t)H_HARDWARE);
	CHECK_EQ(CALL(GET_SOURCE, 0, FIRST), H_SUCCESS);
	CHECK_EQ(x->out[1], 0xff);
	done(x);
}

TEST(xive_queues_lie_in_memory)
{
	struct fixture *x = make();

	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 1, 6, QUEUE + 8, SIZE),
		 (uint64_t)H_P4);
	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 1, 6, RIG_ROM, SIZE), (uint64_t)H_P4);
	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 1, 6, 0, SIZE), (uint64_t)H_P4);
	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 1, 6, QUEUE, 12), (uint64_t)H_P5);
	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 1, 6, QUEUE, 64), (uint64_t)H_P5);
	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 2, 6, QUEUE, SIZE), (uint64_t)H_P2);
	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 1, 7, QUEUE, SIZE), (uint64_t)H_P3);
	CHECK_EQ(CALL(SET_QUEUE, 0, 1, 6, QUEUE, SIZE), (uint64_t)H_PARAMETER);
	CHECK_EQ(CALL(SET_QUEUE, 2, 1, 6, QUEUE, SIZE), (uint64_t)H_PARAMETER);
	CHECK_EQ(x->chip.told, 0);
	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 1, 6, QUEUE, 16), H_SUCCESS);
	CHECK_EQ(CALL(GET_QUEUE, 1, 1, 6), H_SUCCESS);
	CHECK_EQ(x->out[0], UINT64_C(1) << 62 | NOTIFY);
	CHECK_EQ(x->out[1], QUEUE);
	CHECK_EQ(x->out[2], 16);
	CHECK_EQ(x->out[3], 77);
	CHECK_EQ(CALL(GET_QUEUE_INFO, 0, 1, 6), H_SUCCESS);
	CHECK_EQ(x->out[0], UINT64_MAX);
	CHECK_EQ(CALL(SET_QUEUE, 0, 1, 6, 0, 0), H_SUCCESS);
	CHECK_EQ(CALL(GET_QUEUE, 0, 1, 6), H_SUCCESS);
	CHECK_EQ(x->out[0], 0);
	CHECK_EQ(CALL(GET_QUEUE, 0, 1, NOWHERE), (uint64_t)H_P3);
	CHECK_EQ(CALL(GET_QUEUE_INFO, 0, NOWHERE, 6), (uint64_t)H_P2);
	done(x);
}

TEST(xive_esb_and_sync_reach_sources_only)
{
	struct fixture *x = make();

	CHECK_EQ(CALL(INT_ESB, 0, LEVEL, XIVE_ESB_LOAD_EOI, 0), H_SUCCESS);
	CHECK_EQ(x->out[0], 3);
	CHECK_EQ(CALL(INT_ESB, STORE, LEVEL, 0x400, 5), H_SUCCESS);
	CHECK(x->chip.store);
	CHECK_EQ(x->chip.val, 5);
	CHECK_EQ(CALL(INT_ESB, 0, 6, 0, 0), (uint64_t)H_P2);
	CHECK_EQ(CALL(INT_ESB, 0, LEVEL, 4, 0), (uint64_t)H_P3);
	CHECK_EQ(CALL(INT_ESB, 0, LEVEL, 0x1000, 0), (uint64_t)H_P3);
	CHECK_EQ(CALL(INT_ESB, 2, LEVEL, 0, 0), (uint64_t)H_PARAMETER);
	CHECK_EQ(CALL(INT_SYNC, 0, FIRST + 1), H_SUCCESS);
	CHECK_EQ(x->chip.source, FIRST + 1);
	CHECK_EQ(CALL(INT_SYNC, 0, NOWHERE), (uint64_t)H_P2);
	done(x);
}

TEST(xive_reset_forgets_routes_and_queues)
{
	struct fixture *x = make();

	CHECK_EQ(CALL(SET_QUEUE, NOTIFY, 0, 3, QUEUE, SIZE), H_SUCCESS);
	CHECK_EQ(CALL(SET_SOURCE, 0, 1, 0, 3, 0), H_SUCCESS);
	CHECK_EQ(CALL(INT_RESET, 1), (uint64_t)H_PARAMETER);
	CHECK_EQ(CALL(INT_RESET, 0), H_SUCCESS);
	CHECK_EQ(x->chip.resets, 1);
	CHECK_EQ(CALL(GET_SOURCE, 0, 1), H_SUCCESS);
	CHECK_EQ(x->out[1], 0xff);
	CHECK_EQ(x->out[2], 1);
	CHECK_EQ(CALL(SET_SOURCE, 0, 1, 0, 3, 0), (uint64_t)H_P4);
	done(x);
}
