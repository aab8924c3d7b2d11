/* SPDX-License-Identifier: MIT */
/* cpu/ia64's translation, faults and interruptions, as software meets them. */
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/mmu.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static struct ia64_rig r;

/* A translation as itc takes it: present, accessed, dirty, write-back. */
#define PTE(pa, ar, pl) \
	((pa) | (uint64_t)(ar) << 9 | (uint64_t)(pl) << 7 | 0x61)
#define ITIR(ps) ((uint64_t)(ps) << 2)
/* Region 2 holds the data of these tests; region 0 is mapped one to one. */
#define VA     (UINT64_C(2) << 61 | 0x123000)
#define RID(n) ((uint64_t)(n) << 8)

static void insert(bool data, uint64_t va, uint64_t pte, unsigned ps)
{
	struct ia64_tlbe e;

	ia64_tlbe_make(&e, pte, ITIR(ps), va,
		       r.c->rr[va >> 61] >> 8 & 0xffffff);
	ia64_tc_insert(r.c, data, &e);
}

/* Virtual mode with collection on; code and vectors are pinned. */
static void virtual(void)
{
	struct ia64_tlbe e;

	ia64_rig_init(&r);
	r.c->rr[0] = RID(7) | 12 << 2;
	r.c->rr[2] = RID(9) | 14 << 2;
	ia64_tlbe_make(&e, PTE(0, 3, 0), ITIR(20), 0, 7);
	r.c->tr[0][0] = r.c->tr[1][0] = e;
	r.c->psr |= PSR_IC | PSR_IT | PSR_DT | PSR_RT;
	ia64_written(r.c);
}

/* Loads from VA: r9 = [r8]; or stores. */
static int64_t load_va(void)
{
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	PUT(&r, "ld8", "M1", 9, 8);
	return ia64_rig_run(&r);
}

static int64_t store_va(void)
{
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	PUT(&r, "st8", "M4", 8, 8);
	return ia64_rig_run(&r);
}

/* What a fault on data at VA leaves. */
static void check_fault(uint64_t isr)
{
	CHECK_EQ(r.c->cr[CR_ISR], isr);
	CHECK_EQ(r.c->cr[CR_IFA], VA);
	CHECK_EQ(r.c->cr[CR_ITIR], RID(9) | 14 << 2);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 16);
	CHECK_EQ(r.c->cr[CR_IPSR] & PSR_RI, 0);
	CHECK_EQ(r.c->psr & (PSR_IC | PSR_I), 0);
}

TEST(ia64_a_translation_finds_its_page)
{
	virtual();
	CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA + 0x3000, 4711), 0);
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	CHECK_EQ(load_va(), IA64_END);
	CHECK_EQ(ia64_get_gr(r.c, 9), 4711);
	ia64_rig_free(&r);
}

TEST(ia64_the_larger_page_and_the_last_purge_win)
{
	virtual();
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	CHECK(ia64_tlb_find(r.c, true, VA) != NULL);
	insert(true, VA, PTE(IA64_DATA, 2, 0), 16);
	CHECK_EQ(ia64_tlb_find(r.c, true, VA)->ps, 16);
	CHECK(ia64_tlb_find(r.c, false, VA) == NULL);
	ia64_tlb_purge(r.c, true, VA + 0x1000, 8, 14); /* another region id */
	CHECK(ia64_tlb_find(r.c, true, VA) != NULL);
	ia64_tlb_purge(r.c, true, VA ^ 0x4000, 9, 12);
	CHECK(ia64_tlb_find(r.c, true, VA) == NULL);
	ia64_rig_free(&r);
}

TEST(ia64_missing_data_translations_fault_by_where_they_were_sought)
{
	virtual();
	CHECK_EQ(load_va(), VEC_ALT_DTLB + 1);
	check_fault(ISR_R);
	ia64_rig_free(&r);
	virtual();
	r.c->psr &= ~PSR_IC;
	r.c->cr[CR_IFA] = 77;
	CHECK_EQ(store_va(), VEC_NESTED_DTLB + 1);
	CHECK_EQ(r.c->cr[CR_IFA], 77); /* nothing is collected */
	ia64_rig_free(&r);
}

/* The short VHPT of region 2, whose own page is mapped or not. */
static uint64_t with_vhpt(bool mapped)
{
	uint64_t base = UINT64_C(2) << 61 | 0x1fff00000000, entry;

	virtual();
	r.c->rr[2] |= 1;
	r.c->cr[CR_PTA] = (base & ~(UINT64_C(7) << 61)) | 15 << 2 | 1;
	entry = ia64_thash(r.c, VA);
	CHECK_EQ(entry, base + (0x123000 >> 14) * 8);
	if (mapped)
		insert(true, entry, PTE(IA64_DATA + 0x4000, 2, 0), 14);
	return IA64_DATA + 0x4000 + (0x123000 >> 14) * 8;
}

TEST(ia64_the_vhpt_walker_inserts_or_says_what_is_missing)
{
	uint64_t pa;

	pa = with_vhpt(true);
	CHECK_EQ(mem_store_le64(&r.mem, pa, PTE(IA64_DATA, 2, 0)), 0);
	CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA + 0x3000, 815), 0);
	CHECK_EQ(load_va(), IA64_END);
	CHECK_EQ(ia64_get_gr(r.c, 9), 815);
	ia64_rig_free(&r);
	pa = with_vhpt(true);
	CHECK_EQ(load_va(), VEC_NOT_PRESENT + 1);
	check_fault(ISR_R);
	ia64_rig_free(&r);
	with_vhpt(false);
	CHECK_EQ(store_va(), VEC_VHPT + 1);
	check_fault(ISR_W);
	CHECK_EQ(r.c->cr[CR_IHA], ia64_thash(r.c, VA));
	ia64_rig_free(&r);
	pa = with_vhpt(true); /* a reserved attribute ends the walk */
	CHECK_EQ(mem_store_le64(&r.mem, pa, PTE(IA64_DATA, 2, 0) | 4), 0);
	CHECK_EQ(load_va(), VEC_DTLB + 1);
	check_fault(ISR_R);
	ia64_rig_free(&r);
}

TEST(ia64_the_long_vhpt_is_found_by_hash_and_tag)
{
	uint64_t at;

	virtual();
	r.c->rr[2] |= 1;
	r.c->cr[CR_PTA] = 0x80000 | 1 << 8 | 15 << 2 | 1;
	at = ia64_thash(r.c, VA);
	CHECK_EQ(at & 31, 0);
	CHECK(at >= 0x80000 && at < 0x88000);
	CHECK_EQ(mem_store_le64(&r.mem, at, PTE(IA64_DATA, 2, 0)), 0);
	CHECK_EQ(mem_store_le64(&r.mem, at + 8, ITIR(16)), 0);
	CHECK_EQ(mem_store_le64(&r.mem, at + 16, ia64_ttag(r.c, VA)), 0);
	CHECK_EQ(load_va(), IA64_END);
	CHECK_EQ(ia64_tlb_find(r.c, true, VA)->ps, 16);
	ia64_rig_free(&r);
}

TEST(ia64_bits_of_the_page_fault_in_their_order)
{
	virtual(); /* read only */
	insert(true, VA, PTE(IA64_DATA, 0, 0), 14);
	CHECK_EQ(store_va(), VEC_DACCESS + 1);
	check_fault(ISR_W);
	ia64_rig_free(&r);
	virtual(); /* not dirty; a load is allowed */
	insert(true, VA, PTE(IA64_DATA, 2, 0) & ~UINT64_C(0x40), 14);
	CHECK_EQ(store_va(), VEC_DIRTY + 1);
	check_fault(ISR_W);
	ia64_rig_free(&r);
	virtual(); /* not accessed */
	insert(true, VA, PTE(IA64_DATA, 2, 0) & ~UINT64_C(0x20), 14);
	CHECK_EQ(load_va(), VEC_DACCESS_BIT + 1);
	check_fault(ISR_R);
	ia64_rig_free(&r);
	virtual(); /* NaTPage */
	insert(true, VA, PTE(IA64_DATA, 2, 0) | 7 << 2, 14);
	CHECK_EQ(load_va(), VEC_NAT + 1);
	check_fault(ISR_R | 0x20);
	ia64_rig_free(&r);
}

TEST(ia64_protection_keys)
{
	virtual();
	r.c->psr |= PSR_PK;
	r.c->pkr[0] = 1; /* key 0, of the code */
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	ia64_tlb_find(r.c, true, VA)->key = 5;
	ia64_written(r.c);
	CHECK_EQ(load_va(), VEC_DKEY_MISS + 1);
	ia64_rig_free(&r);
	virtual();
	r.c->psr |= PSR_PK;
	r.c->pkr[0] = 1;
	r.c->pkr[3] = 5 << 8 | 2 | 1; /* no writing */
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	ia64_tlb_find(r.c, true, VA)->key = 5;
	ia64_written(r.c);
	CHECK_EQ(store_va(), VEC_KEY_PERM + 1);
	check_fault(ISR_W);
	ia64_rig_free(&r);
}

TEST(ia64_a_speculative_load_defers_what_dcr_says)
{
	virtual();
	r.c->tr[0][0].ed = true;
	r.c->cr[CR_DCR] = DCR_DM;
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	PUT(&r, "ld8.s", "M1", 9, 8);
	PUT(&r, "chk.s.m", "M20", 9, 32); /* skips one */
	PUT(&r, "adds", "A4", 10, 1, 0);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK(gr_nat(r.c, 9));
	CHECK_EQ(ia64_get_gr(r.c, 10), 0);
	ia64_rig_free(&r);
	virtual(); /* without recovery code the fault is taken */
	r.c->cr[CR_DCR] = DCR_DM;
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	PUT(&r, "ld8.s", "M1", 9, 8);
	CHECK_EQ(ia64_rig_run(&r), VEC_ALT_DTLB + 1);
	CHECK_EQ(r.c->cr[CR_ISR], ISR_R | ISR_SP);
	ia64_rig_free(&r);
}

/* What becomes of ld8.s from va under these bits: -1 a NaT, or the vector. */
static int64_t speculate(uint64_t va, uint64_t psr, bool ed)
{
	int64_t broke;

	r.c->psr = (r.c->psr & ~(PSR_IC | PSR_IT)) | psr;
	r.c->tr[0][0].ed = ed;
	ia64_written(r.c);
	PUT(&r, "movl", "X2", 8, (int64_t)va);
	PUT(&r, "ld8.s", "M1", 9, 8);
	broke = ia64_rig_run(&r);
	if (broke == IA64_END && gr_nat(r.c, 9))
		broke = -1;
	ia64_rig_free(&r);
	return broke;
}

TEST(ia64_speculation_is_deferred_by_the_tables_of_the_manual)
{
	uint64_t ic = PSR_IC, it = PSR_IT;

	/* no translation: DCR decides, where there is code to recover */
	virtual();
	CHECK_EQ(speculate(VA, ic | it, true), VEC_ALT_DTLB + 1);
	virtual();
	r.c->cr[CR_DCR] = DCR_DM;
	CHECK_EQ(speculate(VA, ic, true), VEC_ALT_DTLB + 1);
	virtual();
	CHECK_EQ(speculate(VA, it, false), -1);
	/* not aligned: where there is code to recover */
	virtual();
	r.c->psr |= PSR_AC;
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	CHECK_EQ(speculate(VA + 1, ic | it, true), -1);
	virtual();
	r.c->psr |= PSR_AC;
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	CHECK_EQ(speculate(VA + 1, ic | it, false), VEC_UNALIGNED + 1);
	/* a NaTPage: always */
	virtual();
	insert(true, VA, PTE(IA64_DATA, 2, 0) | 7 << 2, 14);
	CHECK_EQ(speculate(VA, ic | it, false), -1);
}

TEST(ia64_psr_ed_defers_a_load_that_would_succeed)
{
	virtual();
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	PUT(&r, "ld8.s", "M1", 9, 8);
	PUT(&r, "ld8.s", "M1", 10, 8); /* PSR.ed is of one instruction */
	r.c->gr[8] = VA;
	r.c->psr |= PSR_ED;
	ia64_written(r.c);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK(gr_nat(r.c, 9));
	CHECK(!gr_nat(r.c, 10));
	ia64_rig_free(&r);
}

TEST(ia64_lfetch_fault_is_passed_over_with_psr_ed)
{
	uint64_t at;

	virtual();
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	at = PUT(&r, "lfetch.fault", "M13", 8);
	CHECK_EQ(ia64_rig_run(&r), VEC_ALT_DTLB + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & (ISR_NA | ISR_R | 15), ISR_NA | ISR_R | 4);
	/* as Linux' handler does where the page is not to be had */
	r.c->ip = at;
	r.c->ri = 0;
	r.c->psr |= PSR_ED | PSR_IC;
	CHECK_EQ(ia64_rig_continue(&r), IA64_END);
	CHECK_EQ(r.c->psr & PSR_ED, 0);
	ia64_rig_free(&r);
}

TEST(ia64_inserts_by_instruction)
{
	virtual();
	CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA + 0x3000, 99), 0);
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	PUT(&r, "rsm", "M44", (int64_t)PSR_IC);
	PUT(&r, "mov", "M32", CR_IFA, 8);
	PUT(&r, "adds", "A4", 10, 14 << 2, 0);
	PUT(&r, "mov", "M32", CR_ITIR, 10);
	PUT(&r, "movl", "X2", 11, (int64_t)PTE(IA64_DATA, 2, 0));
	PUT(&r, "itc.d", "M41", 11);
	PUT(&r, "ssm", "M44", (int64_t)PSR_IC);
	PUT(&r, "srlz.d", "M24", 0);
	PUT(&r, "ld8", "M1", 9, 8);
	PUT(&r, "tpa", "M46", 12, 8);
	PUT(&r, "probe.w", "M39", 13, 8, 0);
	PUT(&r, "probe.w", "M39", 14, 8, 3);
	PUT(&r, "ptc.l", "M45", 8, 10);
	PUT(&r, "ld8", "M1", 15, 8);
	CHECK_EQ(ia64_rig_run(&r), VEC_ALT_DTLB + 1);
	CHECK_EQ(ia64_get_gr(r.c, 9), 99);
	CHECK_EQ(ia64_get_gr(r.c, 12), IA64_DATA + 0x3000);
	CHECK_EQ(ia64_get_gr(r.c, 13), 1);
	CHECK_EQ(ia64_get_gr(r.c, 14), 0);
	ia64_rig_free(&r);
}

TEST(ia64_code_is_fetched_through_the_instruction_tlb)
{
	virtual();
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	PUT(&r, "mov", "I21", 6, 8, 0);
	PUT(&r, "br.cond", "B4", 6);
	CHECK_EQ(ia64_rig_run(&r), VEC_ALT_ITLB + 1);
	CHECK_EQ(r.c->cr[CR_ISR], ISR_X);
	CHECK_EQ(r.c->cr[CR_IFA], VA);
	CHECK_EQ(r.c->cr[CR_IIP], VA);
	ia64_rig_free(&r);
}

/* Code at VA that gives n, as a device leaves it: without fc. */
static void put_by_device(int64_t n)
{
	uint64_t at = r.at;

	r.at = IA64_DATA + 0x3000;
	PUT(&r, "adds", "A4", 9, n, 0);
	PUT(&r, "break.m", "M37", 0x99);
	r.at = at;
}

TEST(ia64_code_by_a_device_is_seen_when_its_page_is_mapped_anew)
{
	virtual();
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	PUT(&r, "mov", "I21", 6, 8, 0);
	PUT(&r, "br.cond", "B4", 6);
	for (int64_t n = 1; n < 4; n++) {
		put_by_device(n);
		insert(false, VA, PTE(IA64_DATA, 1, 0), 14);
		r.c->ip = IA64_CODE;
		r.c->ri = 0;
		CHECK_EQ(ia64_rig_continue(&r), 0x99);
		CHECK_EQ(ia64_get_gr(r.c, 9), n);
	}
	/* and at once after fc: SDM 2:4.4.11 has the sequence */
	put_by_device(4);
	ia64_forget_code(r.c, IA64_DATA + 0x3000, 16);
	r.c->ip = IA64_CODE;
	r.c->ri = 0;
	CHECK_EQ(ia64_rig_continue(&r), 0x99);
	CHECK_EQ(ia64_get_gr(r.c, 9), 4);
	ia64_rig_free(&r);
}

#define RUNS 0xffff /* no vector */
/* A page of code, at level 3 where that is not said otherwise. */
static const struct {
	uint64_t pte, psr, pkr;
	bool vhpt, mapped; /* region 2 has one, and its page is there */
	unsigned vector;
	uint64_t isr;
} fetches[] = {
	{ .pte = PTE(0, 1, 3), .vector = RUNS },
	{ .pte = PTE(0, 1, 3) & ~1u, .vector = VEC_NOT_PRESENT },
	{ .pte = PTE(0, 1, 3) | 7 << 2, .vector = VEC_NAT, .isr = 0x20 },
	{ .pte = PTE(0, 1, 3), .psr = PSR_PK, .vector = VEC_IKEY_MISS },
	{ .pte = PTE(0, 1, 3),
	  .psr = PSR_PK,
	  .pkr = 5 << 8 | 8 | 1,
	  .vector = VEC_KEY_PERM },
	{ .pte = PTE(0, 1, 3),
	  .psr = PSR_PK,
	  .pkr = 5 << 8 | 6 | 1, /* neither read nor written, but executed */
	  .vector = RUNS },
	{ .pte = PTE(0, 2, 3), .vector = VEC_IACCESS }, /* no code */
	{ .pte = PTE(0, 1, 2), .vector = VEC_IACCESS }, /* of others */
	{ .pte = PTE(0, 1, 3) & ~0x20u, .vector = VEC_IACCESS_BIT },
	{ .pte = PTE(0, 1, 3) & ~0x20u, .psr = PSR_IA, .vector = RUNS },
	{ .vhpt = true, .vector = VEC_VHPT },
	{ .vhpt = true, .mapped = true, .vector = VEC_NOT_PRESENT },
	{ .pte = 1 << 2 | 1, /* reserved: it is nobody's */
	  .vhpt = true,
	  .mapped = true,
	  .vector = VEC_ITLB },
	{ .vector = VEC_ALT_ITLB },
};

static void check_fetch(unsigned i)
{
	uint64_t at;

	if (fetches[i].vhpt) {
		at = with_vhpt(fetches[i].mapped);
		CHECK_EQ(mem_store_le64(&r.mem, at, fetches[i].pte), 0);
	} else {
		virtual();
		if (fetches[i].pte)
			insert(false, VA, fetches[i].pte | IA64_DATA, 14);
		if (fetches[i].pte)
			ia64_tlb_find(r.c, false, VA)->key = 5;
	}
	/* the code that leads there has key 0, and every level executes it */
	r.c->tr[0][0].pl = 3;
	r.c->pkr[0] = 1;
	r.c->pkr[1] = fetches[i].pkr;
	r.c->psr |= PSR_CPL | (fetches[i].psr & ~PSR_IA);
	r.c->br[6] = VA + 0x40;
	ia64_written(r.c);
	r.at = IA64_DATA + 0x3040;
	PUT(&r, "break.m", "M37", 0x99);
	r.at = IA64_CODE;
	PUT(&r, "br.cond", "B4", 6);
	if (fetches[i].psr & PSR_IA) { /* of one instruction: the first there */
		r.c->psr |= PSR_IA;
		r.c->ip = VA + 0x40;
		ia64_written(r.c);
	}
}

TEST(ia64_faults_of_fetches_say_what_was_wrong)
{
	for (unsigned i = 0; i < sizeof(fetches) / sizeof(*fetches); i++) {
		unsigned vector = fetches[i].vector;

		check_fetch(i);
		CHECK_EQ(ia64_rig_continue(&r),
			 vector == RUNS ? 0x99 : vector + 1);
		if (r.broke == 0x99) {
			ia64_rig_free(&r);
			continue;
		}
		CHECK_EQ(r.c->cr[CR_ISR], ISR_X | fetches[i].isr);
		CHECK_EQ(r.c->cr[CR_IFA], VA + 0x40);
		CHECK_EQ(r.c->cr[CR_ITIR], RID(9) | 14 << 2);
		CHECK_EQ(r.c->cr[CR_IIP], VA + 0x40);
		CHECK_EQ(r.c->cr[CR_IIPA], IA64_CODE);
		CHECK_EQ(r.c->cr[CR_IPSR] & PSR_CPL, PSR_CPL);
		CHECK_EQ(r.c->psr & PSR_CPL, 0);
		if (fetches[i].vhpt && vector != VEC_NOT_PRESENT)
			CHECK_EQ(r.c->cr[CR_IHA], ia64_thash(r.c, VA));
		ia64_rig_free(&r);
	}
}

/* What runs without the access bit is one instruction at a time. */
TEST(ia64_psr_ia_lets_one_instruction_pass)
{
	virtual();
	insert(false, VA, (PTE(0, 1, 0) & ~0x20u) | IA64_DATA, 14);
	r.at = IA64_DATA + 0x3040;
	PUT(&r, "adds", "A4", 20, 1, 0); /* one slot of three */
	for (unsigned slot = 0; slot < 3; slot++) {
		r.c->ip = VA + 0x40;
		r.c->ri = (uint8_t)slot;
		r.c->psr |= PSR_IA | PSR_IC;
		ia64_written(r.c);
		CHECK_EQ(ia64_rig_continue(&r), VEC_IACCESS_BIT + 1);
		CHECK_EQ(r.c->cr[CR_IIP], VA + 0x40 + slot / 2 * 16);
		CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, (slot + 1) % 3);
		CHECK_EQ(r.c->cr[CR_IFA], r.c->cr[CR_IIP]);
	}
	CHECK_EQ(ia64_get_gr(r.c, 20), 1);
	ia64_rig_free(&r);
}

/* Memory of one page becomes code of another program, without an fc. */
TEST(ia64_code_of_a_page_that_is_mapped_anew_is_what_is_there)
{
	virtual();
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	PUT(&r, "mov", "I21", 6, 8, 0);
	PUT(&r, "br.cond", "B4", 6);
	for (unsigned i = 1; i < 4; i++) {
		ia64_purged(r.c, VA, 9, 14);
		insert(false, VA, PTE(IA64_DATA, 3, 0), 14);
		r.at = IA64_DATA + 0x3000;
		PUT(&r, "adds", "A4", 20, i, 0);
		PUT(&r, "break.m", "M37", IA64_END);
		r.at = IA64_CODE + 16 * 3;
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK_EQ(ia64_get_gr(r.c, 20), i);
	}
	ia64_rig_free(&r);
}

TEST(ia64_a_handler_returns_to_the_faulting_instruction)
{
	uint64_t at;

	virtual();
	/* the handler maps the page, by its own banked registers */
	r.at = IA64_VECTORS + VEC_ALT_DTLB;
	PUT(&r, "movl", "X2", 16, (int64_t)PTE(IA64_DATA, 2, 0));
	PUT(&r, "itc.d", "M41", 16);
	PUT(&r, "rfi", "B8", 0);
	r.at = IA64_CODE;
	CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA + 0x3000, 123), 0);
	PUT(&r, "bsw.1", "B8", 0);
	PUT(&r, "adds", "A4", 16, 5, 0);
	PUT(&r, "movl", "X2", 8, (int64_t)VA);
	at = PUT(&r, "ld8", "M1", 9, 8);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(ia64_get_gr(r.c, 9), 123);
	CHECK_EQ(ia64_get_gr(r.c, 16), 5);
	CHECK_EQ(r.c->cr[CR_IIP], at);
	CHECK(r.c->psr & PSR_IC);
	ia64_rig_free(&r);
}

TEST(ia64_user_code_may_not_do_what_is_privileged)
{
	virtual();
	r.c->tr[0][0].pl = r.c->tr[1][0].pl = 3;
	r.c->psr |= PSR_CPL;
	ia64_written(r.c);
	PUT(&r, "adds", "A4", 9, 1, 0);
	PUT(&r, "mov", "M33", 8, CR_DCR);
	CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xff, GE_PRIV_OP);
	CHECK_EQ(r.c->cr[CR_IPSR] & PSR_CPL, PSR_CPL);
	CHECK_EQ(r.c->psr & PSR_CPL, 0);
	ia64_rig_free(&r);
}

TEST(ia64_an_external_interrupt_waits_for_psr_i)
{
	uint64_t top;

	virtual();
	r.interrupt = true;
	ia64_attend(r.c);
	PUT(&r, "mov.i", "I27", AR_LC, 3);
	top = PUT(&r, "adds", "A4", 9, 1, 9);
	PUT(&r, "br.cloop", "B2", ia64_to(&r, top));
	PUT(&r, "ssm", "M44", (int64_t)PSR_I);
	PUT(&r, "adds", "A4", 9, 1, 9);
	CHECK_EQ(ia64_rig_run(&r), VEC_EXTINT + 1);
	CHECK_EQ(ia64_get_gr(r.c, 9), 4);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 16 * 3);
	CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, 1); /* after ssm in slot 0 */
	ia64_rig_free(&r);
}

TEST(ia64_single_steps_trap_after_each_instruction)
{
	virtual();
	PUT(&r, "movl", "X2", 8, 5);
	PUT(&r, "br.cond", "B1", 32);
	r.c->psr |= PSR_SS;
	ia64_written(r.c);
	CHECK_EQ(ia64_rig_continue(&r), VEC_SINGLE_STEP + 1);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE); /* the nop in slot 0 */
	CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xf, 8);
	/* and on, as a debugger's handler would */
	r.c->psr = r.c->cr[CR_IPSR] & ~PSR_RI;
	r.c->ip = IA64_CODE;
	r.c->ri = 1;
	ia64_written(r.c);
	CHECK_EQ(ia64_rig_continue(&r), VEC_SINGLE_STEP + 1);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 16); /* movl fills two slots */
	CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, 0);
	CHECK_EQ(r.c->cr[CR_IIPA], IA64_CODE);
	CHECK_EQ(r.c->cr[CR_ISR] >> ISR_EI_SHIFT & 3, 1);
	CHECK_EQ(ia64_get_gr(r.c, 8), 5);
	ia64_rig_free(&r);
}

TEST(ia64_a_taken_branch_traps_at_its_target)
{
	virtual();
	PUT(&r, "nop.i", "I18", 0);
	PUT(&r, "br.cond", "B1", 64);
	r.c->psr |= PSR_TB;
	ia64_written(r.c);
	CHECK_EQ(ia64_rig_continue(&r), VEC_TAKEN_BRANCH + 1);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 16 + 64);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xf, 4);
	/* the branch: slot 2 of its bundle */
	CHECK_EQ(r.c->cr[CR_IIPA], IA64_CODE + 16);
	CHECK_EQ(r.c->cr[CR_ISR] >> ISR_EI_SHIFT & 3, 2);
	ia64_rig_free(&r);
}

TEST(ia64_breaks_carry_their_number)
{
	virtual();
	r.env.service = NULL;
	PUT(&r, "break.i", "I19", 0x12345);
	r.at = IA64_VECTORS + VEC_BREAK;
	PUT(&r, "br.cond", "B1", 0);
	ia64_rig_continue(&r);
	CHECK_EQ(r.c->cr[CR_IIM], 0x12345);
	CHECK_EQ(r.c->cr[CR_ISR] >> 41 & 3, 1);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE);
	ia64_rig_free(&r);
}

TEST(ia64_disabled_floating_point_registers)
{
	virtual();
	r.c->psr |= PSR_DFH;
	ia64_written(r.c);
	PUT(&r, "fmerge.s", "F9", 8, 9, 10);
	PUT(&r, "fmerge.s", "F9", 8, 9, 40);
	CHECK_EQ(ia64_rig_run(&r), VEC_DISABLED_FP + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 3, 2);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 16);
	ia64_rig_free(&r);
}

/* A return whose frame lies on a page that is not there: ISR.ir, and again. */
TEST(ia64_an_incomplete_frame_is_completed_by_rfi)
{
	const uint64_t stack = VA, n = 20;
	uint64_t at;

	virtual();
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	for (unsigned i = 0; i < n; i++)
		CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA + 0x3000 + 8 * i,
					500 + i),
			 0);
	ia64_tlb_purge(r.c, true, VA, 9, 14);
	r.c->bspstore = stack + 8 * n;
	r.at = IA64_VECTORS + VEC_ALT_DTLB;
	PUT(&r, "cover", "B8", 0);
	PUT(&r, "movl", "X2", 16, (int64_t)PTE(IA64_DATA, 2, 0));
	PUT(&r, "itc.d", "M41", 16);
	PUT(&r, "rfi", "B8", 0);
	r.at = IA64_CODE;
	PUT(&r, "movl", "X2", 8, (int64_t)(n << 7 | n));
	PUT(&r, "mov.i", "I26", AR_PFS, 8);
	PUT(&r, "movl", "X2", 9, (int64_t)(IA64_CODE + 16 * 5));
	PUT(&r, "mov", "I21", 6, 9, 0);
	PUT(&r, "br.ret", "B4", 6);
	at = PUT(&r, "add", "A1", 10, 32, 51);
	CHECK_EQ(at, IA64_CODE + 16 * 5);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(r.c->cr[CR_ISR] & (ISR_IR | ISR_RS | ISR_R),
		 ISR_IR | ISR_RS | ISR_R);
	CHECK_EQ(ia64_get_gr(r.c, 10), 500 + 500 + n - 1);
	CHECK_EQ(ia64_bsp(r.c), stack);
	ia64_rig_free(&r);
}
