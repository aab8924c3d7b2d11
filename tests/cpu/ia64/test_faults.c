/* SPDX-License-Identifier: MIT */
/* Which fault an instruction takes that could take several, and which trap: SDM
 * 2:5.5.2 table 5-6, and the order of the checks in each page of SDM 3:2. */
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/fp.h"
#include "cpu/ia64/mmu.h"
#include "cpu/ia64/native.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static struct ia64_rig r;

enum { USER = 1, NAT8 = 2, NAT9 = 4, COLLECTS = 8, NO_FP = 16, LAZY = 32 };

/* An instruction on r8, r9 and what is not in the frame, r40. */
struct several {
	const char *name, *fmt;
	int64_t opd[3];
	unsigned state;
	unsigned vector;
	uint64_t isr; /* code and what was referred to */
};

static const struct several several[] = {
	{ "mov.m", "M29", { 0, 8 }, USER | NAT8, VEC_NAT, 0x10 },
	{ "mov.m", "M29", { 0, 8 }, USER, VEC_GENERAL, GE_PRIV_REG },
	{ "mov.m", "M29", { AR_RSC, 8 }, NAT8, VEC_NAT, 0x10 },
	{ "mov.m", "M29", { AR_RSC, 8 }, USER, VEC_GENERAL, GE_RESERVED },
	{ "mov.m", "M29", { AR_BSP, 8 }, NAT8, VEC_GENERAL, GE_ILLEGAL_OP },
	{ "mov.m",
	  "M29",
	  { AR_RNAT, 8 },
	  NAT8 | LAZY,
	  VEC_GENERAL,
	  GE_ILLEGAL_OP },
	{ "mov", "M32", { CR_IIP, 8 }, USER | COLLECTS, VEC_GENERAL, 0 },
	{ "mov", "M32", { CR_IIP, 8 }, USER | NAT8, VEC_GENERAL, GE_PRIV_OP },
	{ "mov", "M32", { CR_DCR, 8 }, NAT8, VEC_NAT, 0x10 },
	{ "mov", "M32", { CR_DCR, 8 }, 0, VEC_GENERAL, GE_RESERVED },
	{ "mov", "M33", { 40, CR_DCR }, USER, VEC_GENERAL, GE_ILLEGAL_OP },
	{ "mov", "M33", { 10, CR_DCR }, USER, VEC_GENERAL, GE_PRIV_OP },
	{ "mov", "M43", { 40, 9 }, USER, VEC_GENERAL, GE_ILLEGAL_OP },
	{ "mov", "M43", { 10, 9 }, USER | NAT9, VEC_GENERAL, GE_PRIV_OP },
	{ "tpa", "M46", { 40, 9 }, USER, VEC_GENERAL, GE_ILLEGAL_OP },
	{ "tpa",
	  "M46",
	  { 10, 9 },
	  USER | NAT9,
	  VEC_GENERAL,
	  GE_PRIV_OP | ISR_NA },
	{ "tpa", "M46", { 10, 9 }, NAT9, VEC_NAT, 0x10 | ISR_NA },
	{ "tak", "M46", { 10, 9 }, USER, VEC_GENERAL, GE_PRIV_OP | ISR_NA | 3 },
	{ "tak", "M46", { 10, 9 }, NAT9, VEC_NAT, 0x10 | ISR_NA | 3 },
	{ "probe.w",
	  "M39",
	  { 10, 9, 0 },
	  NAT9,
	  VEC_NAT,
	  0x10 | ISR_NA | ISR_W | 2 },
	{ "fc", "M28", { 9 }, NAT9, VEC_NAT, 0x10 | ISR_NA | ISR_R | 1 },
	{ "itc.d", "M41", { 8 }, USER | NAT8 | COLLECTS, VEC_GENERAL, 0 },
	{ "itc.d", "M41", { 8 }, USER | NAT8, VEC_GENERAL, GE_PRIV_OP },
	{ "itc.d", "M41", { 8 }, NAT8, VEC_NAT, 0x10 },
	{ "itr.d", "M42", { 9, 8 }, NAT9 | COLLECTS, VEC_GENERAL, 0 },
	{ "itr.d", "M42", { 9, 8 }, USER | NAT9, VEC_GENERAL, GE_PRIV_OP },
	{ "itr.d", "M42", { 9, 8 }, NAT9, VEC_NAT, 0x10 },
	{ "ld8", "M1", { 40, 9 }, NAT9, VEC_GENERAL, GE_ILLEGAL_OP },
	{ "ld8", "M1", { 10, 9 }, NAT9, VEC_NAT, 0x10 | ISR_R },
	{ "ldfd", "M6", { 40, 9 }, NAT9 | NO_FP, VEC_DISABLED_FP, 2 },
	{ "ldfd", "M6", { 40, 9 }, NAT9, VEC_NAT, 0x10 | ISR_R },
	{ "getf.d", "M19", { 40, 40 }, NO_FP, VEC_GENERAL, GE_ILLEGAL_OP },
	{ "cmpxchg4.acq", "M16", { 40, 9, 8 }, NAT9, VEC_GENERAL, 0 },
	{ "cmpxchg4.acq",
	  "M16",
	  { 10, 9, 8 },
	  NAT9,
	  VEC_NAT,
	  0x10 | ISR_R | ISR_W },
};

TEST(ia64_of_several_faults_of_an_instruction_the_first_is_taken)
{
	for (unsigned i = 0; i < sizeof(several) / sizeof(several[0]); i++) {
		const struct several *s = &several[i];

		ia64_rig_init(&r);
		ia64_set_gr(r.c, 8, UINT64_MAX, s->state & NAT8);
		ia64_set_gr(r.c, 9, IA64_DATA, s->state & NAT9);
		r.c->psr |= (s->state & USER ? PSR_CPL : 0) |
			    (s->state & COLLECTS ? PSR_IC : 0) |
			    (s->state & NO_FP ? PSR_DFH : 0);
		r.c->ar[AR_RSC] = s->state & LAZY ? 3 : 0;
		ia64_written(r.c);
		ia64_put(&r, 0, s->name, s->fmt, s->opd);
		if (ia64_rig_run(&r) != (int64_t)s->vector + 1 ||
		    (r.c->cr[CR_ISR] & (ISR_NA | ISR_R | ISR_W | 0xff)) !=
			    s->isr)
			fail_msg("%s of row %u: vector %llx, ISR %llx", s->name,
				 i, (unsigned long long)r.broke - 1,
				 (unsigned long long)r.c->cr[CR_ISR]);
		ia64_rig_free(&r);
	}
}

/* ---- what a translation says */
#define VA	(UINT64_C(2) << 61 | 0x123000)
#define RID(n)	((uint64_t)(n) << 8)
#define P	UINT64_C(1)
#define NATPAGE (UINT64_C(7) << 2)
#define A	(UINT64_C(1) << 5)
#define D	(UINT64_C(1) << 6)
#define RW	(UINT64_C(2) << 9)

/* Virtual mode; the page at VA has that translation. */
static void mapped(uint64_t pte)
{
	struct ia64_tlbe e;

	ia64_rig_init(&r);
	r.c->rr[0] = RID(7) | 12 << 2;
	r.c->rr[2] = RID(9) | 14 << 2;
	ia64_tlbe_make(&e, P | A | D | 3 << 9, 20 << 2, 0, 7);
	r.c->tr[0][0] = r.c->tr[1][0] = e;
	ia64_tlbe_make(&e, pte | IA64_DATA, 14 << 2, VA, 9);
	ia64_tc_insert(r.c, true, &e);
	r.c->psr |= PSR_IC | PSR_IT | PSR_DT | PSR_RT | PSR_AC;
	ia64_written(r.c);
}

TEST(ia64_of_several_faults_of_a_store_the_first_is_taken)
{
	static const struct {
		uint64_t pte, psr;
		unsigned vector;
	} rows[] = {
		{ NATPAGE, PSR_PK | PSR_DB, VEC_NOT_PRESENT },
		{ P | NATPAGE, PSR_PK | PSR_DB, VEC_NAT },
		{ P, PSR_PK | PSR_DB, VEC_DKEY_MISS },
		{ P, PSR_DB, VEC_DACCESS },
		{ P | RW, PSR_DB, VEC_DIRTY },
		{ P | RW | D, PSR_DB, VEC_DACCESS_BIT },
		{ P | RW | D | A, PSR_DB, VEC_DEBUG },
		{ P | RW | D | A, 0, VEC_UNALIGNED },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mapped(rows[i].pte);
		r.c->psr |= rows[i].psr;
		r.c->dbr[0] = VA; /* writes, at each level, of that page */
		r.c->dbr[1] = UINT64_C(0x4f) << 56 | 0xfffffffffff000;
		/* the code's key is there, the data's is not */
		r.c->pkr[0] = RID(0) | 1;
		for (unsigned s = 0; s < IA64_TC_SETS * IA64_TC_WAYS; s++)
			r.c->tc[1][s / IA64_TC_WAYS][s % IA64_TC_WAYS].key = 5;
		ia64_set_gr(r.c, 9, VA + 4, false);
		ia64_written(r.c);
		PUT(&r, "st8", "M4", 9, 8);
		CHECK_EQ(ia64_rig_run(&r), rows[i].vector + 1);
		ia64_rig_free(&r);
	}
}

TEST(ia64_isr_ed_is_what_the_page_of_the_code_says)
{
	mapped(0);
	r.c->tr[0][0].ed = true;
	ia64_set_gr(r.c, 9, VA, false);
	PUT(&r, "ld8", "M1", 10, 9);
	CHECK_EQ(ia64_rig_run(&r), VEC_NOT_PRESENT + 1);
	CHECK_EQ(r.c->cr[CR_ISR], ISR_R | ISR_ED);
	ia64_rig_free(&r);
	/* not of a register stack's load, nor of an instruction */
	mapped(0);
	r.c->tr[0][0].ed = true;
	r.c->bspstore = VA + 64;
	r.c->ar[AR_PFS] = 2 << 7 | 2;
	r.c->br[6] = IA64_CODE;
	PUT(&r, "br.ret", "B4", 6);
	CHECK_EQ(ia64_rig_run(&r), VEC_NOT_PRESENT + 1);
	CHECK_EQ(r.c->cr[CR_ISR], ISR_R | ISR_RS | ISR_IR);
	ia64_rig_free(&r);
}

TEST(ia64_tpa_and_probe_ask_the_tlb_in_physical_mode_too)
{
	mapped(P); /* no right but to read */
	r.c->psr &= ~(PSR_DT | PSR_AC);
	ia64_set_gr(r.c, 9, VA + 8, false);
	ia64_written(r.c);
	PUT(&r, "tpa", "M46", 10, 9);
	PUT(&r, "probe.r", "M39", 11, 9, 0);
	PUT(&r, "probe.w", "M39", 12, 9, 0);
	PUT(&r, "tak", "M46", 13, 9);
	PUT(&r, "movl", "X2", 9, (int64_t)(VA + 0x10000));
	PUT(&r, "tak", "M46", 15, 9);
	PUT(&r, "tpa", "M46", 10, 9);
	CHECK_EQ(ia64_rig_run(&r), VEC_ALT_DTLB + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & (ISR_NA | ISR_R | ISR_W | 0xff), ISR_NA);
	CHECK_EQ(ia64_get_gr(r.c, 10), IA64_DATA + 0x3008);
	CHECK_EQ(ia64_get_gr(r.c, 11), 1);
	CHECK_EQ(ia64_get_gr(r.c, 12), 0);
	CHECK_EQ(ia64_get_gr(r.c, 13), 0); /* the key */
	CHECK_EQ(ia64_get_gr(r.c, 15), 1); /* there is none */
	ia64_rig_free(&r);
}

/* ---- traps: SDM 2:8.3 table 8-3; the first of them by its vector */
static int64_t run_slot(unsigned slot)
{
	ia64_written(r.c);
	r.c->ip = IA64_CODE;
	r.c->ri = slot;
	return ia64_rig_continue(&r);
}

TEST(ia64_a_taken_branch_comes_before_a_single_step)
{
	ia64_rig_init(&r);
	PUT(&r, "br.cond", "B1", 64);
	r.c->psr |= PSR_IC | PSR_SS | PSR_TB;
	CHECK_EQ(run_slot(2), VEC_TAKEN_BRANCH + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_SS | TRAP_TB);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 64);
	CHECK_EQ(r.c->cr[CR_IIPA], IA64_CODE);
	ia64_rig_free(&r);
}

TEST(ia64_a_trap_of_floating_point_tells_of_the_step_and_ends_masks)
{
	ia64_rig_init(&r);
	r.c->fr[6] = (struct ia64_fr){ FP_MSB | 1, 0xffff, 0 };
	r.c->ar[AR_FPSR] &= ~(uint64_t)FP_I;
	PUT(&r, "fma.d", "F1", 8, 6, 1, 0);
	r.c->psr |= PSR_IC | PSR_SS | PSR_DA | PSR_ID;
	CHECK_EQ(run_slot(1), VEC_FP_TRAP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_FP | TRAP_SS | 1 << 13);
	CHECK_EQ(r.c->cr[CR_IPSR] & (PSR_DA | PSR_ID), 0);
	CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, 2);
	ia64_rig_free(&r);
}

TEST(ia64_a_return_to_less_privilege_tells_of_the_branch)
{
	ia64_rig_init(&r);
	r.c->br[6] = IA64_CODE + 64;
	r.c->ar[AR_PFS] = UINT64_C(3) << 62;
	PUT(&r, "br.ret", "B4", 6);
	r.c->psr |= PSR_IC | PSR_LP | PSR_TB | PSR_SS;
	CHECK_EQ(run_slot(2), VEC_LOWER_PRIV + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xffff, TRAP_LP | TRAP_TB | TRAP_SS);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 64);
	CHECK_EQ(r.c->cr[CR_IPSR] & PSR_CPL, PSR_CPL);
	ia64_rig_free(&r);
}

TEST(ia64_a_trap_comes_before_the_faults_of_an_incomplete_frame)
{
	ia64_rig_init(&r);
	r.c->br[6] = IA64_CODE + 64;
	r.c->ar[AR_PFS] = 2 << 7 | 2;
	r.c->bspstore = IA64_RAM_SIZE + 64; /* no memory */
	PUT(&r, "br.ret", "B4", 6);
	r.c->psr |= PSR_IC | PSR_TB;
	CHECK_EQ(run_slot(2), VEC_TAKEN_BRANCH + 1);
	CHECK_EQ(r.c->cr[CR_ISR], TRAP_TB | UINT64_C(2) << ISR_EI_SHIFT);
	CHECK_EQ(r.c->ndirty, -2);
	/* without a trap the frame's fault */
	ia64_reset(r.c);
	r.c->cr[CR_IVA] = IA64_VECTORS;
	r.c->br[6] = IA64_CODE + 64;
	r.c->ar[AR_PFS] = 2 << 7 | 2;
	r.c->bspstore = IA64_RAM_SIZE + 64;
	CHECK_EQ(run_slot(2), VEC_UNSUPPORTED + 1);
	CHECK(r.c->cr[CR_ISR] & ISR_IR);
	ia64_rig_free(&r);
}

/* ---- what has faults of its own */
TEST(ia64_ia32_code_is_a_disabled_isa_transition)
{
	ia64_rig_init(&r);
	r.c->br[6] = IA64_DATA;
	r.c->psr |= PSR_IC;
	ia64_written(r.c);
	PUT(&r, "br.ia", "B4", 6);
	CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xff, GE_DISABLED_ISA);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE);
	CHECK_EQ(r.c->psr & PSR_IS, 0);
	ia64_rig_free(&r);
}

TEST(ia64_an_instruction_breakpoint_faults_until_psr_id_passes_it)
{
	uint64_t at;

	ia64_rig_init(&r);
	PUT(&r, "adds", "A4", 9, 1, 9);
	at = PUT(&r, "adds", "A4", 9, 2, 9);
	/* at each level; of no other bundle */
	r.c->ibr[2] = at;
	r.c->ibr[3] = UINT64_C(0x8f) << 56 | 0xffffffffffffff;
	r.c->psr |= PSR_IC | PSR_DB;
	ia64_written(r.c);
	CHECK_EQ(ia64_rig_run(&r), VEC_DEBUG + 1);
	CHECK_EQ(r.c->cr[CR_ISR], ISR_X);
	CHECK_EQ(r.c->cr[CR_IFA], at);
	CHECK_EQ(r.c->cr[CR_IIP], at);
	CHECK_EQ(ia64_get_gr(r.c, 9), 1);
	/* each of its slots: the handler of a debugger lets one after the other
	 * go */
	for (unsigned slot = 0; slot < 2; slot++) {
		r.c->psr = r.c->cr[CR_IPSR] | PSR_ID;
		r.c->psr &= ~PSR_RI;
		r.c->ip = at;
		r.c->ri = slot;
		ia64_written(r.c);
		CHECK_EQ(ia64_rig_continue(&r), VEC_DEBUG + 1);
		CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, slot + 1);
		CHECK_EQ(r.c->cr[CR_IPSR] & PSR_ID, 0);
	}
	CHECK_EQ(ia64_get_gr(r.c, 9), 3);
	ia64_rig_free(&r);
}

TEST(ia64_addresses_that_are_not_implemented)
{
	const uint64_t bad = UINT64_C(1) << IA64_PHYS_BITS;

	ia64_rig_init(&r);
	ia64_set_gr(r.c, 8, bad, false);
	r.c->psr |= PSR_IC;
	ia64_written(r.c);
	PUT(&r, "ld8", "M1", 9, 8);
	CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
	CHECK_EQ(r.c->cr[CR_ISR], GE_RESERVED | ISR_R);
	CHECK_EQ(r.c->cr[CR_IFA], bad);
	ia64_rig_free(&r);
	ia64_rig_init(&r);
	r.c->br[6] = bad;
	r.c->psr |= PSR_IC;
	ia64_written(r.c);
	PUT(&r, "br.cond", "B4", 6);
	CHECK_EQ(ia64_rig_run(&r), VEC_LOWER_PRIV + 1);
	CHECK_EQ(r.c->cr[CR_IIP], bad);
	CHECK_EQ(r.c->cr[CR_IFA], bad);
	ia64_rig_free(&r);
}

/* ---- memory attributes, SDM 2:4.4 */
#define UC (UINT64_C(1) << 63) /* of a physical address */

TEST(ia64_what_is_not_written_back_takes_no_semaphore)
{
	static const struct {
		const char *name, *fmt;
		uint64_t isr;
	} rows[] = {
		{ "cmpxchg8.acq", "M16", ISR_R | ISR_W },
		{ "xchg4", "M16", ISR_R | ISR_W },
		{ "fetchadd8.acq", "M17", ISR_R | ISR_W },
		{ "cmp8xchg16.rel", "M16", ISR_R | ISR_W },
		{ "ld16", "M1", ISR_R },
		{ "st16", "M4", ISR_W },
		{ "ldfe", "M6", ISR_R },
		{ "stfe", "M9", ISR_W },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool store = rows[i].isr == ISR_W;

		ia64_rig_init(&r);
		ia64_set_gr(r.c, 8, UC | IA64_DATA, false);
		r.c->psr |= PSR_IC;
		ia64_written(r.c);
		CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA, 77), 0);
		/* others can, and leave no short cut */
		PUT(&r, "ld8", "M1", 11, 8);
		PUT(&r, "st8", "M4", 8, 11);
		if (store)
			PUT(&r, rows[i].name, rows[i].fmt, 8, 12);
		else
			PUT(&r, rows[i].name, rows[i].fmt, 12, 8, 1);
		CHECK_EQ(ia64_rig_run(&r), VEC_UNSUPPORTED + 1);
		CHECK_EQ(r.c->cr[CR_ISR], rows[i].isr);
		CHECK_EQ(r.c->cr[CR_IFA], UC | IA64_DATA);
		CHECK_EQ(ia64_get_gr(r.c, 11), 77);
		ia64_rig_free(&r);
	}
}

TEST(ia64_what_is_not_cached_is_not_read_ahead)
{
	ia64_rig_init(&r);
	ia64_set_gr(r.c, 8, UC | IA64_DATA, false);
	CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA, 77), 0);
	ia64_written(r.c);
	r.c->gr[9] = r.c->gr[11] = 5;
	PUT(&r, "ld8.a", "M1", 9, 8);
	PUT(&r, "adds", "A4", 10, 0, 9);
	PUT(&r, "ld8.c.nc", "M1", 9, 8);
	PUT(&r, "ld8.c.nc", "M1", 11, 8);
	PUT(&r, "ldfd.a", "M6", 6, 8);
	PUT(&r, "ldfpd.a", "M11", 8, 9, 8);
	PUT(&r, "ld8.sa", "M1", 12, 8);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(ia64_get_gr(r.c, 10), 0);
	CHECK_EQ(ia64_get_gr(r.c, 9), 77);
	CHECK_EQ(ia64_get_gr(r.c, 11), 77);
	CHECK(gr_nat(r.c, 12));
	CHECK(!gr_nat(r.c, 10));
	CHECK_EQ(r.c->fr[6].sig | r.c->fr[6].exp, 0);
	CHECK_EQ(r.c->fr[9].sig | r.c->fr[9].exp, 0);
	CHECK_EQ(r.c->alat_used, 0);
	ia64_rig_free(&r);
}

/* ---- IIPA, SDM 2:3.3.5.6: the bundle of the instruction that was last */
static void iipa_rig(uint64_t psr)
{
	ia64_rig_init(&r);
	ia64_set_gr(r.c, 8, UINT64_C(1) << IA64_PHYS_BITS, false);
	r.c->psr |= psr;
	r.c->cr[CR_IIPA] = 0x1230;
	ia64_written(r.c);
}

TEST(ia64_iipa_of_a_fault_is_the_bundle_before_or_that_of_the_slot_before)
{
	for (unsigned slot = 0; slot < 2; slot++) {
		iipa_rig(PSR_IC);
		PUT(&r, "adds", "A4", 9, 1, 9);
		if (slot == 0) /* a load stands in slot 0, the move in slot 1 */
			PUT(&r, "ld8", "M1", 9, 8);
		else
			PUT(&r, "mov.i", "I26", AR_RSC, 9);
		CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
		CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, slot);
		CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 16);
		CHECK_EQ(r.c->cr[CR_IIPA], IA64_CODE + 16 * slot);
		ia64_rig_free(&r);
	}
}

TEST(ia64_iipa_stays_while_nothing_is_collected)
{
	iipa_rig(0);
	PUT(&r, "ld8", "M1", 9, 8);
	CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
	CHECK_EQ(r.c->cr[CR_IIPA], 0x1230);
	ia64_rig_free(&r);
	/* nor does an rfi count that lets the next one be collected */
	iipa_rig(0);
	r.c->cr[CR_IIP] = UINT64_C(1) << IA64_PHYS_BITS;
	r.c->cr[CR_IPSR] = PSR_IC;
	PUT(&r, "rfi", "B8", 0);
	CHECK_EQ(ia64_rig_run(&r), VEC_LOWER_PRIV + 1);
	CHECK_EQ(r.c->cr[CR_IIP], UINT64_C(1) << IA64_PHYS_BITS);
	CHECK_EQ(r.c->cr[CR_IIPA], 0x1230);
	ia64_rig_free(&r);
}

TEST(ia64_iipa_of_what_cannot_be_fetched_is_the_branch)
{
	static const struct {
		const char *name, *fmt;
		int64_t opd[2];
	} branches[] = {
		{ "br.cond", "B4", { 6 } },
		{ "br.call", "B5", { 1, 6 } },
		{ "br.ret", "B4", { 6 } },
		{ "br.cond", "B1", { 0x800000 } },
		{ "brl.cond", "X3", { 0x800000 } },
	};

	for (unsigned i = 0; i < sizeof(branches) / sizeof(*branches); i++) {
		iipa_rig(PSR_IC);
		r.c->br[6] = IA64_CODE + 0x800000; /* no memory */
		PUT(&r, "adds", "A4", 9, 1, 9);
		PUT(&r, "adds", "A4", 9, 1, 9);
		ia64_put(&r, 0, branches[i].name, branches[i].fmt,
			 branches[i].opd);
		CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
		CHECK_EQ(r.c->cr[CR_ISR] & ISR_X, ISR_X);
		CHECK_EQ(r.c->cr[CR_IIPA], IA64_CODE + 32);
		ia64_rig_free(&r);
	}
	/* a page that runs out */
	iipa_rig(PSR_IC);
	r.c->ip = IA64_RAM_SIZE - 16;
	r.at = r.c->ip;
	PUT(&r, "adds", "A4", 9, 1, 9);
	CHECK_EQ(ia64_rig_continue(&r), VEC_GENERAL + 1);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_RAM_SIZE);
	CHECK_EQ(r.c->cr[CR_IIPA], IA64_RAM_SIZE - 16);
	ia64_rig_free(&r);
}

/*
 * A load in slot 0 that faults when a branch came to it for the nth time.  The
 * branches are in bundles 4 and 5 behind it, within its page or in another.
 */
static void iipa_of_a_target(const char *name, const char *fmt, int64_t b1,
			     bool far, bool fragments)
{
	uint64_t target = far ? IA64_CODE + 0x1000 : IA64_CODE, from;

	iipa_rig(PSR_IC);
	if (fragments)
		ia64_native_eager(r.c);
	ia64_set_gr(r.c, 8, IA64_DATA, false);
	r.c->ar[AR_LC] = 30;
	r.c->br[6] = target;
	r.at = target;
	PUT(&r, "ld8", "M1", 9, 8);
	PUT(&r, "adds", "A4", 10, 1, 10);
	PUT(&r, "cmp.eq", "A8", 6, 7, 20, 10); /* now it will fault */
	PUTP(&r, 6, "shladd", "A2", 8, 11, 1, 0);
	if (far) {
		PUT(&r, "br.cond", "B1", -0x1000);
		r.at -= 0x1010;
		ia64_set_gr(r.c, 10, 0, false);
	}
	from = r.at;
	if (!strcmp(fmt, "B4"))
		PUT(&r, name, fmt, b1);
	else if (!strcmp(fmt, "B5"))
		PUT(&r, name, fmt, b1, 6);
	else if (!strcmp(fmt, "B3"))
		PUT(&r, name, fmt, b1, ia64_to(&r, target));
	else
		PUT(&r, name, fmt, ia64_to(&r, target));
	ia64_set_gr(r.c, 11, UINT64_C(1) << (IA64_PHYS_BITS - 1), false);
	r.c->ip = target;
	r.c->ri = 0;
	CHECK_EQ(ia64_rig_continue(&r), VEC_GENERAL + 1);
	CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, 0);
	CHECK_EQ(r.c->cr[CR_IIP], target);
	CHECK_EQ(ia64_get_gr(r.c, 10), 20);
	CHECK_EQ(r.c->cr[CR_IIPA], from);
	ia64_rig_free(&r);
}

TEST(ia64_iipa_of_a_fault_that_a_branch_led_to_is_the_branch)
{
	static const struct {
		const char *name, *fmt;
		int64_t b1;
	} branches[] = {
		{ "br.cond", "B1", 0 },	 { "br.cloop", "B2", 0 },
		{ "br.cond", "B4", 6 },	 { "br.call", "B3", 1 },
		{ "br.call", "B5", 1 },	 { "br.ret", "B4", 6 },
		{ "brl.cond", "X3", 0 },
	};

	for (unsigned i = 0; i < sizeof(branches) / sizeof(*branches); i++)
		for (unsigned how = 0; how < 4; how++)
			iipa_of_a_target(branches[i].name, branches[i].fmt,
					 branches[i].b1, how & 1, how & 2);
}

/* Straight on from where a branch led, it is the bundle before. */
TEST(ia64_iipa_behind_a_target_is_the_bundle_before)
{
	for (unsigned how = 0; how < 2; how++) {
		iipa_rig(PSR_IC);
		if (how)
			ia64_native_eager(r.c);
		r.c->ar[AR_LC] = 30;
		PUT(&r, "adds", "A4", 9, 1, 9);
		PUT(&r, "br.cloop", "B2", ia64_to(&r, IA64_CODE));
		PUT(&r, "ld8", "M1", 9, 8);
		CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
		CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 32);
		CHECK_EQ(r.c->cr[CR_IIPA], IA64_CODE + 16);
		ia64_rig_free(&r);
	}
}

TEST(ia64_iipa_at_an_interrupt_is_the_branch_that_was_taken)
{
	for (unsigned i = 0; i < 2; i++) {
		iipa_rig(PSR_IC | PSR_I);
		r.interrupt = true;
		ia64_attend(r.c);
		r.c->ar[AR_LC] = 5;
		PUT(&r, "adds", "A4", 9, 1, 9);
		PUT(&r, "adds", "A4", 9, 1, 9);
		if (i)
			PUT(&r, "br.call", "B3", 1, 0x8000);
		else
			PUT(&r, "br.cloop", "B2", ia64_to(&r, IA64_CODE));
		CHECK_EQ(ia64_rig_run(&r), VEC_EXTINT + 1);
		CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + (i ? 0x8020 : 0));
		CHECK_EQ(r.c->cr[CR_IIPA], IA64_CODE + 32);
		ia64_rig_free(&r);
	}
}
