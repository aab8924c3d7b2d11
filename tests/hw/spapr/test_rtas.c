/* SPDX-License-Identifier: MIT */
/* RTAS: arguments in guest memory, and who answers. */
#include "hw/spapr/rtas.h"

#include <endian.h>

#include "tests/test.h"

#define RAM 0x10000u

static uint32_t ram[RAM / 4] __attribute__((aligned(4096)));
static struct mem mem;
static struct rtas rtas;
static unsigned called;

/* Two arguments; the sum, and with a third result the product. */
static int32_t sum(void *opaque, unsigned cpu, struct rtas_args *a)
{
	called++;
	CHECK(opaque == &called);
	CHECK_EQ(cpu, 2);
	a->ret[1] = a->arg[0] + a->arg[1];
	if (a->nret > 2)
		a->ret[2] = a->arg[0] * a->arg[1];
	return RTAS_NOT_AUTHORIZED;
}

static const struct rtas_call calls[] = {
	{ .name = "power-off",
	  .nargs = 2,
	  .nret = 2,
	  .most_ret = 3,
	  .fn = sum },
	{ 0 },
};

static void begin(void)
{
	static const struct mem none;
	struct err err = { 0 };

	memset(ram, 0, sizeof(ram));
	mem = none;
	CHECK_EQ(mem_add_host(&mem, 0, RAM, ram, false, &err), 0);
	rtas = (struct rtas){ .mem = &mem };
	CHECK_EQ(rtas_add(&rtas, calls, &called, &err), 0);
	called = 0;
}

static long call(uint64_t gpa, uint32_t token, uint32_t nargs, uint32_t nret)
{
	const uint32_t cells[5] = { token, nargs, nret, 6, 7 };

	memset(ram, 0, sizeof(ram));
	for (unsigned i = 0; i < 5 && gpa / 4 + i < RAM / 4; i++)
		ram[gpa / 4 + i] = htobe32(cells[i]);
	return rtas_run(&rtas, 2, gpa);
}

static uint32_t cell(uint64_t gpa, unsigned i)
{
	return be32toh(ram[gpa / 4 + i]);
}

TEST(rtas_takes_big_endian_cells_and_gives_them_back)
{
	begin();
	CHECK_EQ(call(0x1000, rtas_token("power-off"), 2, 2), H_SUCCESS);
	CHECK_EQ(called, 1);
	CHECK_EQ((int32_t)cell(0x1000, 5), RTAS_NOT_AUTHORIZED);
	CHECK_EQ(cell(0x1000, 6), 13);
	CHECK_EQ(cell(0x1000, 7), 0);
	CHECK_EQ(cell(0x1000, 3), 6); /* arguments stay */
	CHECK_EQ(call(0x1000, rtas_token("power-off"), 2, 3), H_SUCCESS);
	CHECK_EQ(cell(0x1000, 7), 42);
	mem_destroy(&mem);
}

TEST(rtas_refuses_wrong_counts_by_status)
{
	static const uint32_t counts[][2] = {
		{ 0, 2 }, { 1, 2 }, { 3, 2 }, { 2, 1 }, { 2, 4 }
	};

	begin();
	for (unsigned i = 0; i < 5; i++) {
		CHECK_EQ(call(0x1000, rtas_token("power-off"), counts[i][0],
			      counts[i][1]),
			 H_SUCCESS);
		CHECK_EQ((int32_t)cell(0x1000, 3 + counts[i][0]),
			 RTAS_PARAMETER);
	}
	CHECK_EQ(call(0x1000, rtas_token("power-off"), 2, 0), H_SUCCESS);
	CHECK_EQ(cell(0x1000, 5), 0); /* nowhere to put a status */
	CHECK_EQ(called, 0);
	mem_destroy(&mem);
}

TEST(rtas_refuses_more_cells_than_there_are)
{
	begin();
	CHECK_EQ(call(0x1000, rtas_token("power-off"), 17, 0), H_PARAMETER);
	CHECK_EQ(call(0x1000, rtas_token("power-off"), 2, 15), H_PARAMETER);
	CHECK_EQ(call(0x1000, rtas_token("power-off"), 2, UINT32_MAX),
		 H_PARAMETER);
	CHECK_EQ(call(0x1000, rtas_token("power-off"), UINT32_MAX, 3),
		 H_PARAMETER);
	CHECK_EQ(called, 0);
	mem_destroy(&mem);
}

TEST(rtas_refuses_a_little_endian_buffer)
{
	begin();
	CHECK_EQ(call(0x1000, htobe32(rtas_token("power-off")), htobe32(2),
		      htobe32(2)),
		 H_PARAMETER);
	CHECK_EQ(called, 0);
	mem_destroy(&mem);
}

TEST(rtas_refuses_a_buffer_that_is_not_all_ram)
{
	begin();
	CHECK_EQ(call(RAM - 5 * 4, rtas_token("power-off"), 2, 2), H_PARAMETER);
	CHECK_EQ(call(RAM - 7 * 4, rtas_token("power-off"), 2, 2), H_SUCCESS);
	CHECK_EQ(called, 1);
	CHECK_EQ(rtas_run(&rtas, 2, RAM), H_PARAMETER);
	CHECK_EQ(rtas_run(&rtas, 2, UINT64_MAX - 3), H_PARAMETER);
	CHECK_EQ(rtas_run(&rtas, 2, 0x1002), H_PARAMETER);
	CHECK_EQ(called, 1);
	mem_destroy(&mem);
}

TEST(rtas_answers_an_unknown_token_by_status)
{
	static const uint32_t tokens[] = { 0, 0x1fff, 0x2000 + RTAS_MAX_CALLS,
					   UINT32_MAX };

	begin();
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(call(0x1000, tokens[i], 2, 2), H_SUCCESS);
		CHECK_EQ((int32_t)cell(0x1000, 5), RTAS_PARAMETER);
	}
	/* one that has a token, and nobody here to answer it */
	CHECK_EQ(call(0x1000, rtas_token("nvram-fetch"), 2, 2), H_SUCCESS);
	CHECK_EQ((int32_t)cell(0x1000, 5), RTAS_PARAMETER);
	CHECK_EQ(called, 0);
	mem_destroy(&mem);
}

TEST(rtas_tokens_are_by_name_and_each_its_own)
{
	unsigned n = 0;

	for (; rtas_names[n].name; n++)
		CHECK_EQ(rtas_token(rtas_names[n].name), RTAS_TOKEN(n));
	CHECK(n <= RTAS_MAX_CALLS);
	CHECK_EQ(rtas_token("no-such-call"), 0);
}

TEST(rtas_registers_each_call_once_and_by_a_known_name)
{
	static const struct rtas_call strange[] = {
		{ .name = "make-coffee", .nargs = 0, .nret = 1, .fn = sum },
		{ 0 },
	};
	struct err err = { 0 };

	begin();
	CHECK(rtas_add(&rtas, calls, &called, &err) < 0);
	CHECK_STR(err.msg, "RTAS call 'power-off' is there twice");
	CHECK(rtas_add(&rtas, strange, &called, &err) < 0);
	CHECK_STR(err.msg, "RTAS call 'make-coffee' has no token");
	mem_destroy(&mem);
}
