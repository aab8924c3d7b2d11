/* SPDX-License-Identifier: MIT */
/* PAL's answers: SDM 2:11.10, the static and the stacked procedures. */
#include "cpu/ia64/pal.h"

#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/mmu.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static struct ia64_rig r;

/* Calls PAL as its convention has it; the status. */
static int64_t pal(unsigned index, uint64_t a, uint64_t b, uint64_t c)
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
	CHECK_EQ(ia64_pal_call(r.c, 3), PAL_RETURNS);
	return (int64_t)ia64_get_gr(r.c, 8);
}

/* What came back in r9 and the following. */
static uint64_t ret(unsigned n)
{
	return ia64_get_gr(r.c, 9 + n);
}

TEST(pal_says_what_it_does_not_have)
{
	static const unsigned none[] = { 0,   13,  15,	30,  31,  42, 43,
					 100, 255, 256, 257, 258, 276 };

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
	CHECK_EQ(ret(0), 3);
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
	CHECK_EQ(pal(7, 0, 2, 0), 0); /* VM_INFO */
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
		CHECK_EQ(ia64_pal_call(r.c, 0), PAL_FAULTS);
		CHECK_EQ(r.c->fault.vector, VEC_GENERAL);
	}
	ia64_rig_free(&r);
}
