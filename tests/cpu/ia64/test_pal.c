/* SPDX-License-Identifier: MIT */
/* PAL's answers: SDM 2:11.10, the static and the stacked procedures. */
#include "cpu/ia64/pal.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/mmu.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

#define SELF	 9 /* thread 1 of core 1 of socket 1 */
#define PAL_CODE UINT64_C(0x40000)

static struct ia64_rig r;
static struct board_cpu cpus[12];
static const struct board board = {
	.arch = ARCH_IA64,
	.ncpus = 12,
	.cpus = cpus,
	.sockets = 2,
	.cores = 3,
	.threads = 2,
	.ia64 = { .pal = { PAL_CODE, 32 },
		  .ports = { 0xe0000000, 0x4000000 },
		  .interrupt_block = 0xfee00000 },
};

/* Calls PAL as its convention has it; r8 holds the status then. */
static enum ia64_pal_result pal_call(unsigned index, uint64_t a, uint64_t b,
				     uint64_t c)
{
	bool stacked = index & 256;
	const uint64_t arg[] = { a, b, c };

	r.c->sof = 40;
	ia64_written(r.c);
	ia64_set_gr(r.c, 28, index, false);
	for (unsigned i = 0; i < 3; i++) {
		/* what the other convention would take is not looked at */
		ia64_set_gr(r.c, 29 + i, stacked ? 0x7777 : arg[i], false);
		ia64_set_gr(r.c, 33 + i, stacked ? arg[i] : 0x7777, false);
	}
	for (unsigned i = 8; i < 12; i++)
		ia64_set_gr(r.c, i, 0x5555, false);
	return ia64_pal_call(r.c, &board, SELF);
}

/* The status. */
static int64_t pal(unsigned index, uint64_t a, uint64_t b, uint64_t c)
{
	CHECK_EQ(pal_call(index, a, b, c), PAL_RETURNS);
	return (int64_t)ia64_get_gr(r.c, 8);
}

/* What came back in r9 and the following. */
static uint64_t ret(unsigned n)
{
	return ia64_get_gr(r.c, 9 + n);
}

TEST(pal_says_what_it_does_not_have)
{
	static const unsigned none[] = { 0,   13,  33,	35,  40,  44,  48,
					 49,  50,  51,	52,  100, 255, 259,
					 260, 262, 263, 276, 277 };

	ia64_rig_init(&r);
	for (unsigned i = 0; i < sizeof(none) / sizeof(*none); i++) {
		CHECK_EQ(pal(none[i], 0, 0, 0), -1);
		for (unsigned k = 0; k < 3; k++)
			CHECK_EQ(ret(k), 0);
	}
	CHECK_EQ(pal(2 | 1 << 16, 0, 1, 0), -1); /* not 2 */
	ia64_rig_free(&r);
}

TEST(pal_describes_the_processor)
{
	ia64_rig_init(&r);
	CHECK_EQ(pal(19, 0, 0, 0), 0); /* RSE_INFO */
	CHECK_EQ(ret(0), 96);
	CHECK_EQ(pal(11, 0, 0, 0), 0); /* DEBUG_INFO */
	CHECK_EQ(ret(0), 4);
	CHECK_EQ(ret(1), 4);
	CHECK_EQ(pal(12, 0, 0, 0), 0); /* FIXED_ADDR */
	CHECK_EQ(ret(0), SELF);
	CHECK_EQ(pal(14, 0, 0, 0), 0); /* FREQ_RATIOS */
	CHECK_EQ((ret(2) >> 32) * IA64_BASE_HZ,
		 (uint32_t)ret(2) * (uint64_t)IA64_ITC_HZ);
	CHECK_EQ(pal(34, 0, 0, 0), 0); /* VM_PAGE_SIZE */
	for (unsigned ps = 0; ps < 64; ps++)
		CHECK_EQ(ret(0) >> ps & 1, ia64_page_size_ok(ps));
	CHECK_EQ(pal(8, 0, 0, 0), 0); /* VM_SUMMARY */
	CHECK_EQ(ret(0) >> 32 & 0xff, IA64_NTR - 1);
	CHECK_EQ(ret(0) >> 40 & 0xff, IA64_NTR - 1);
	CHECK_EQ(ret(0) >> 1 & 0x7f, IA64_PHYS_BITS);
	CHECK_EQ(ret(1) & 0xff, 60);
	CHECK_EQ(pal(6, 0, 0, 0), 0); /* PTCE_INFO: one ptc.e */
	CHECK_EQ(ret(1), UINT64_C(1) << 32 | 1);
	ia64_rig_free(&r);
}

TEST(pal_caches_have_levels_and_kinds)
{
	unsigned n = 0;

	ia64_rig_init(&r);
	CHECK_EQ(pal(4, 0, 0, 0), 0); /* CACHE_SUMMARY */
	CHECK_EQ(ret(0), 2);
	for (unsigned level = 0; level < 4; level++)
		for (unsigned kind = 0; kind < 4; kind++)
			n += pal(2, level, kind, 0) == 0;
	CHECK_EQ(pal(4, 0, 0, 0), 0);
	CHECK_EQ(ret(1), n);
	CHECK_EQ(pal(2, 2, 2, 0), -2);
	for (unsigned kind = 0; kind < 4; kind++) /* CACHE_PROT_INFO */
		for (unsigned level = 0; level < 3; level++)
			CHECK_EQ(pal(38, level, kind, 0),
				 pal(2, level, kind, 0));
	CHECK_EQ(pal(38, 0, 1, 0), 0);
	CHECK_EQ(ret(0) | ret(1) | ret(2), 0); /* none */
	CHECK_EQ(pal(7, 0, 2, 0), 0);	       /* VM_INFO */
	CHECK_EQ(pal(7, 1, 2, 0), -2);
	ia64_rig_free(&r);
}

/* The registers that PAL tells of are those that instructions find. */
TEST(pal_tells_of_the_registers_that_there_are)
{
	uint64_t ar[2], cr[2];

	ia64_rig_init(&r);
	CHECK_EQ(pal(39, 0, 0, 0), 0);
	ar[0] = ret(0);
	ar[1] = ret(1);
	CHECK_EQ(pal(39, 2, 0, 0), 0);
	cr[0] = ret(0);
	cr[1] = ret(1);
	CHECK_EQ(pal(39, 1, 0, 0), 0);
	CHECK_EQ(ret(0) | ret(1), 0);
	CHECK_EQ(pal(39, 3, 0, 0), 0);
	CHECK_EQ(ret(1), 1 << (CR_IVR - 64));
	CHECK_EQ(pal(39, 4, 0, 0), -2);
	ia64_rig_free(&r);
	for (unsigned i = 0; i < 256; i++) {
		const uint64_t *there = i < 128 ? ar : cr;
		unsigned n = i % 128;

		ia64_rig_init(&r);
		if (i >= 128)
			PUT(&r, "mov", "M33", 8, n);
		else if (n < 64)
			PUT(&r, "mov.m", "M31", 8, n);
		else
			PUT(&r, "mov.i", "I28", 8, n);
		CHECK_EQ(ia64_rig_run(&r) == IA64_END,
			 there[n / 64] >> n % 64 & 1);
		ia64_rig_free(&r);
	}
}

TEST(pal_reads_translation_registers)
{
	const uint64_t pte = UINT64_C(1) << 52 | 0x4000000 | 3 << 9 | 2 << 7 |
			     0x61,
		       va = UINT64_C(5) << 61 | 0x4000000;
	uint64_t word = 0;
	struct ia64_tlbe e;

	ia64_rig_init(&r);
	ia64_tlbe_make(&e, pte, 26 << 2 | 0x55 << 8, va, 0x123);
	r.c->tr[1][6] = e;
	CHECK_EQ(pal(261, 6, 1, IA64_DATA), 0);
	CHECK_EQ(ret(0), 15);
	CHECK_EQ(mem_load_le64(&r.mem, IA64_DATA, &word), 0);
	CHECK_EQ(word, pte);
	CHECK_EQ(mem_load_le64(&r.mem, IA64_DATA + 8, &word), 0);
	CHECK_EQ(word, 26 << 2 | 0x55 << 8);
	CHECK_EQ(mem_load_le64(&r.mem, IA64_DATA + 16, &word), 0);
	CHECK_EQ(word, 0x4000001);
	CHECK_EQ(mem_load_le64(&r.mem, IA64_DATA + 24, &word), 0);
	CHECK_EQ(word, 0x123 << 8);
	CHECK_EQ(pal(261, 6, 0, IA64_DATA), 0); /* nothing is in that one */
	CHECK_EQ(mem_load_le64(&r.mem, IA64_DATA + 16, &word), 0);
	CHECK_EQ(word, 0);
	CHECK_EQ(pal(261, IA64_NTR, 1, IA64_DATA), -2);
	CHECK_EQ(pal(261, 0, 2, IA64_DATA), -2);
	ia64_rig_free(&r);
}

TEST(pal_faults_where_an_answer_has_no_memory)
{
	ia64_rig_init(&r);
	r.c->sof = 40;
	ia64_written(r.c);
	for (unsigned i = 0; i < 2; i++) {
		ia64_set_gr(r.c, 28, i ? 261 : 274, false);
		ia64_set_gr(r.c, 33, 0, false);
		ia64_set_gr(r.c, 34, i ? 1 : UINT64_C(1) << 60, false);
		ia64_set_gr(r.c, 35, UINT64_C(1) << 60, false);
		CHECK_EQ(ia64_pal_call(r.c, &board, 0), PAL_FAULTS);
		CHECK_EQ(r.c->fault.vector, VEC_GENERAL);
	}
	ia64_rig_free(&r);
}

/* ---- what is in tables of required procedures, SDM 2:11.10.1, and arguments
 * that they refuse */

TEST(pal_has_all_that_is_required)
{
	static const unsigned required[] = {
		1,  2,	3,  4,	5,  6,	7,  8,	 9,   10,  11,	12, 14,
		15, 16, 17, 18, 19, 20, 21, 22,	 23,  25,  27,	29, 30,
		31, 32, 34, 37, 38, 39, 41, 256, 257, 258, 261,
	};

	for (unsigned i = 0; i < sizeof(required) / sizeof(*required); i++) {
		ia64_rig_init(&r);
		pal_call(required[i], 0, 0, 0);
		CHECK((int64_t)ia64_get_gr(r.c, 8) != -1);
		ia64_rig_free(&r);
	}
}

TEST(pal_refuses_what_is_reserved)
{
	static const struct {
		unsigned index;
		uint64_t arg[3];
		int64_t status;
	} with[] = {
		{ 1, { 0, 0, 0 }, -2 }, /* CACHE_FLUSH: nothing */
		{ 1, { 5, 0, 0 }, -2 },
		{ 1, { 4, 4, 0 }, -2 },
		{ 1, { 4, 3, 0 }, 0 },
		{ 3, { 2, 3, 0 }, -2 }, /* CACHE_INIT: a level too many */
		{ 3, { 0, 4, 0 }, -2 },
		{ 3, { 0, 3, 2 }, -2 },
		{ 3, { UINT64_MAX, 3, 1 }, 0 },
		{ 31, { UINT64_C(1) << 63, 0, 0 }, -2 }, /* CACHE_LINE_INIT */
		{ 31, { UINT64_C(1) << IA64_PHYS_BITS, 0, 0 }, -2 },
		{ 31, { IA64_DATA, 0, 0 }, 0 },
		{ 16, { 0, 0xfee00000, 0 }, 0 }, /* PLATFORM_ADDR */
		{ 16, { 1, UINT64_C(1) << 63 | 0xe0000000, 0 }, 0 },
		{ 16, { 1, 0xfee00000, 0 }, -3 },
		{ 16, { 2, 0xfee00000, 0 }, -2 },
		{ 16, { 0, UINT64_C(1) << IA64_PHYS_BITS, 0 }, -2 },
		{ 17, { 0, 1, 0 }, -8 }, /* PROC_GET_FEATURES */
		{ 18, { 0, 1, 0 }, -8 },
		{ 18, { UINT64_MAX, 0, 0 }, 0 },
		{ 23, { 2, 0, 0 }, -2 }, /* MC_EXPECTED */
		{ 24, { 2, 0, 0 }, -2 }, /* MC_DYNAMIC_STATE */
		{ 24, { 0, 0, 0 }, 0 },
		{ 25, { 0, 0, 0 }, -6 }, /* MC_ERROR_INFO: none */
		{ 25, { 3, 0, 0 }, -2 },
		{ 26, { 2, IA64_DATA, 0 }, -2 }, /* MC_RESUME */
		{ 26, { 0, IA64_DATA, 2 }, -2 },
		{ 27, { IA64_DATA + 8, 0, 0 }, -2 }, /* MC_REGISTER_MEM */
		{ 27, { IA64_DATA, 0, 0 }, 0 },
		{ 28, { 0, 0, 0 }, -2 }, /* HALT */
		{ 28, { 2, 0, 0 }, -2 },
		{ 28, { 8, 0, 0 }, -2 },
		{ 28, { 1, IA64_DATA, 0 }, -3 },      /* tells no platform */
		{ 30, { 1, 0, 0 }, -2 },	      /* COPY_INFO */
		{ 32, { IA64_CODE + 16, 0, 0 }, -2 }, /* PMI_ENTRYPOINT */
		{ 32, { IA64_CODE, 0, 0 }, 0 },
		{ 37, { 2, 0, 0 }, -2 }, /* TEST_INFO */
		{ 41, { 2, 0, 0 }, -2 }, /* PREFETCH_VISIBILITY */
		{ 41, { 1, 0, 0 }, 1 },
		{ 256, { IA64_DATA + 16, 4096, 0 }, -2 }, /* COPY_PAL */
		{ 256, { IA64_DATA, 31, 0 }, -2 },
		{ 256, { IA64_DATA, 4096, 2 }, -2 },
		{ 256, { IA64_RAM_SIZE, 4096, 0 }, -2 },
		{ 257, { IA64_DATA + 4, 0, 0 }, -2 }, /* HALT_INFO */
		{ 15, { IA64_DATA + 4, 0, 0 }, -2 },  /* PERF_MON_INFO */
		{ 258, { IA64_DATA, 4096, 0 }, -2 },  /* TEST_PROC: uncached */
		{ 258, { IA64_DATA, UINT64_C(2) << 56, 1 }, -2 },
		{ 258, { IA64_DATA, 4096, 1 << 16 | 1 }, -2 },
		{ 258, { UINT64_C(1) << 63, 4096, 1 }, -2 },
		{ 274, { 1, IA64_DATA, 0 }, -2 }, /* BRAND_INFO */
	};

	ia64_rig_init(&r);
	for (unsigned i = 0; i < sizeof(with) / sizeof(*with); i++)
		CHECK_EQ(pal(with[i].index, with[i].arg[0], with[i].arg[1],
			     with[i].arg[2]),
			 with[i].status);
	ia64_rig_free(&r);
}

static uint64_t word(unsigned n)
{
	uint64_t val = 0;

	CHECK_EQ(mem_load_le64(&r.mem, IA64_DATA + 8 * n, &val), 0);
	return val;
}

/* Linux halts in the state that takes the least power: that is off. */
TEST(pal_halt_states_are_those_that_halt)
{
	uint64_t least = UINT64_MAX, lowest = 0;

	ia64_rig_init(&r);
	CHECK_EQ(pal(257, IA64_DATA, 0, 0), 0);
	for (unsigned i = 0; i < 8; i++) {
		bool there = word(i) >> 60 & 1;
		uint64_t power = word(i) >> 32 & 0xfffffff;

		if (there && power < least) {
			least = power;
			lowest = i;
		}
		CHECK_EQ(there, !i || pal_call(28, i, 0, 0) != PAL_RETURNS);
	}
	CHECK_EQ(lowest, 7);
	CHECK_EQ(pal_call(28, 7, 0, 0), PAL_SWITCHES_OFF);
	CHECK_EQ(pal_call(28, 1, 0, 0), PAL_HALTS);
	CHECK_EQ(pal_call(29, 0, 0, 0), PAL_HALTS);
	ia64_rig_free(&r);
}

/* The PMCs and PMDs are those that instructions find; none counts. */
TEST(pal_performance_registers_are_those_that_there_are)
{
	ia64_rig_init(&r);
	memset(r.ram + IA64_DATA, 0x55, 136);
	CHECK_EQ(pal(15, IA64_DATA, 0, 0), 0);
	CHECK_EQ(ret(0), 0);
	CHECK_EQ(word(0), (1 << IA64_NPM) - 1);
	CHECK_EQ(word(4), (1 << IA64_NPM) - 1);
	for (unsigned i = 0; i < 16; i++)
		CHECK(i % 4 == 0 || !word(i));
	CHECK_EQ(word(8) | word(12), 0);
	CHECK_EQ(word(16), UINT64_C(0x5555555555555555));
	ia64_rig_free(&r);
}

TEST(pal_expects_machine_checks_when_told)
{
	ia64_rig_init(&r);
	CHECK_EQ(pal(23, 1, 0, 0), 0);
	CHECK_EQ(ret(0), 0);
	CHECK_EQ(pal(23, 0, 0, 0), 0);
	CHECK_EQ(ret(0), 1);
	CHECK_EQ(pal(23, 0, 0, 0), 0);
	CHECK_EQ(ret(0), 0);
	ia64_rig_free(&r);
}

TEST(pal_brand_has_its_length)
{
	ia64_rig_init(&r);
	CHECK_EQ(pal(274, 0, IA64_DATA, 0), 0);
	CHECK_EQ(ret(0), strlen((const char *)r.ram + IA64_DATA));
	ia64_rig_free(&r);
}

/* The code that is there is forgotten, and the copy is executed. */
TEST(pal_copy_is_executed)
{
	ia64_rig_init(&r);
	r.at = PAL_CODE;
	PUT(&r, "break.m", "M37", 0x123);
	r.at = IA64_CODE;
	PUT(&r, "break.m", "M37", 0x77);
	CHECK_EQ(ia64_rig_run(&r), 0x77);
	CHECK_EQ(pal(30, 0, 1, 1024), 0);
	CHECK_EQ(ret(0), 32);
	CHECK_EQ(IA64_CODE % ret(1), 0);
	CHECK_EQ(pal(256, IA64_CODE, 32, 1), 0); /* is only asked for */
	r.c->ip = IA64_CODE;
	r.c->ri = 0;
	CHECK_EQ(ia64_rig_continue(&r), 0x77);
	CHECK_EQ(pal(256, UINT64_C(1) << 63 | IA64_CODE, 32, 0), 0);
	CHECK_EQ(ret(0), 0);
	r.c->ip = IA64_CODE;
	r.c->ri = 0;
	CHECK_EQ(ia64_rig_continue(&r), 0x123);
	ia64_rig_free(&r);
}

TEST(pal_self_test_finds_nothing_and_tested_nothing)
{
	ia64_rig_init(&r);
	for (uint64_t phase = 0; phase < 2; phase++) {
		CHECK_EQ(pal(37, phase, 0, 0), 0);
		CHECK_EQ(ret(0), 0);
		CHECK_EQ(pal(258, IA64_DATA, phase << 56, 1), 0);
		CHECK_EQ(ret(0), 0); /* healthy; the bit of "tested" is not */
	}
	ia64_rig_free(&r);
}

static void make_board(void)
{
	for (unsigned i = 0; i < board.ncpus; i++)
		cpus[i] = (struct board_cpu){
			.thread = i % board.threads,
			.core = i / board.threads % board.cores,
			.socket = i / board.threads / board.cores,
		};
}

TEST(pal_tells_of_sockets_cores_and_threads)
{
	const uint64_t all = 6 | 2 << 16 | UINT64_C(3) << 32 |
			     UINT64_C(1) << 48;

	make_board();
	ia64_rig_init(&r);
	CHECK_EQ(pal(42, UINT64_MAX, 0, 0), 0);
	CHECK_EQ(ret(0), all);
	CHECK_EQ(ret(1), UINT64_C(1) << 32 | 1);
	CHECK_EQ(ret(2), SELF);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQ(pal(42, i, 0, 0), 0);
		CHECK_EQ(ret(0), all);
		CHECK_EQ(ret(1), (uint64_t)(i / 2) << 32 | i % 2);
		CHECK_EQ(ret(2), 6 + i);
	}
	CHECK_EQ(pal(42, 6, 0, 0), -2);
	/* and a core's threads have its caches, 8 and 9 here */
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQ(pal(43, 1, 2, i), 0);
		CHECK_EQ(ret(0), 2);
		CHECK_EQ(ret(1), UINT64_C(1) << 32 | i);
		CHECK_EQ(ret(2), 8 + i);
	}
	CHECK_EQ(pal(43, 1, 2, 2), -2);
	CHECK_EQ(pal(43, 1, 1, 0), -2); /* that one is for both */
	CHECK_EQ(pal(43, 2, 2, 0), -2);
	ia64_rig_free(&r);
}
