/* SPDX-License-Identifier: MIT */
/* Hypercalls by number. */
#include "hw/spapr/hcall.h"

#include "tests/test.h"

static unsigned by;

static long give(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		 uint64_t out[HCALL_REGS])
{
	by = cpu;
	out[0] = in[8];
	return *(long *)opaque;
}

static const struct hcall some[] = {
	{ 0x54, "H_GET_TERM_CHAR", give },
	{ 0xf000, "H_RTAS", give },
	{ 0 },
};
static const struct hcall more[] = {
	{ 0x04, "H_REMOVE", give },
	{ 0x300, "H_RANDOM", give },
	{ 0 },
};

TEST(hcall_finds_each_part_by_number)
{
	long one = 1, two = -4;
	uint64_t in[HCALL_REGS] = { [8] = 88 }, out[HCALL_REGS];
	struct hcalls h = { 0 };
	struct err err = { 0 };

	CHECK_EQ(hcalls_add(&h, some, &one, &err), 0);
	CHECK_EQ(hcalls_add(&h, more, &two, &err), 0);
	CHECK_EQ(hcall_run(&h, 3, 0x54, in, out), 1);
	CHECK_EQ(by, 3);
	CHECK_EQ(out[0], 88);
	CHECK_EQ(hcall_run(&h, 0, 0xf000, in, out), 1);
	CHECK_EQ(hcall_run(&h, 0, 0x04, in, out), -4);
	CHECK_EQ(hcall_run(&h, 0, 0x300, in, out), -4);
	hcalls_free(&h);
}

TEST(hcall_that_nobody_has_is_a_function_error_and_leaks_nothing)
{
	static const uint64_t unknown[] = { 0,	    0x58,	0x55,
					    0xf001, UINT64_MAX, 1ull << 32 };
	long one = 1;
	uint64_t in[HCALL_REGS] = { 0 }, out[HCALL_REGS];
	struct hcalls h = { 0 };
	struct err err = { 0 };

	CHECK_EQ(hcall_run(&h, 0, 0x54, in, out), H_FUNCTION);
	CHECK_EQ(hcalls_add(&h, some, &one, &err), 0);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		memset(out, 0xff, sizeof(out));
		CHECK_EQ(hcall_run(&h, 0, unknown[i], in, out), H_FUNCTION);
		for (unsigned k = 0; k < HCALL_REGS; k++)
			CHECK_EQ(out[k], 0);
	}
	hcalls_free(&h);
}

TEST(hcall_leaves_registers_past_its_results_alone)
{
	const uint64_t in[HCALL_REGS] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	uint64_t out[HCALL_REGS];
	struct hcalls h = { 0 };

	CHECK_EQ(hcall_run(&h, 0, 0x58, in, out), H_FUNCTION);
	for (unsigned i = 0; i < HCALL_REGS; i++)
		CHECK_EQ(out[i], i < HCALL_RESULTS ? 0 : in[i]);
}

TEST(hcall_of_two_parts_is_refused_by_name)
{
	long one = 1;
	struct hcalls h = { 0 };
	struct err err = { 0 };

	CHECK_EQ(hcalls_add(&h, some, &one, &err), 0);
	CHECK(hcalls_add(&h, some, &one, &err) < 0);
	CHECK_STR(err.msg,
		  "hypercall 0x54 is H_GET_TERM_CHAR's and H_GET_TERM_CHAR's");
	hcalls_free(&h);
}
