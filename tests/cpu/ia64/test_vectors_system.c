/* SPDX-License-Identifier: MIT */
/* The forms of cpu/ia64's table that other vectors have not: those of system
 * registers, translations, checks and breaks, and what they do by SDM 3:2. */
#include <stdlib.h>
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/fp.h"
#include "cpu/ia64/mmu.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static struct ia64_rig r;
static unsigned pauses;

static uint64_t gr(unsigned n)
{
	return ia64_get_gr(r.c, n);
}

/* The form of an operation: names like "mov" have many of a format. */
static const struct ia64_form *form_of(unsigned op, unsigned k)
{
	for (unsigned i = 0; i < ia64_nforms; i++)
		if (ia64_forms[i].op == op && ia64_forms[i].k == k)
			return &ia64_forms[i];
	fail_msg("no form of operation %u, %u", op, k);
	return NULL;
}

static void put(const struct ia64_form *f, int64_t a, int64_t b)
{
	ia64_put_form(&r, 0, f, (const int64_t[]){ a, b, 0 });
}

/* ---- breaks, hints and fences */
TEST(ia64_breaks_of_every_unit_give_their_number)
{
	static const struct {
		const char *name, *fmt;
		int64_t imm, gives;
	} rows[] = {
		{ "break.m", "M37", 0x1fedcb, 0x1fedcb },
		{ "break.i", "I19", 0x1fedcb, 0x1fedcb },
		{ "break.f", "F15", 0x1fedcb, 0x1fedcb },
		{ "break.b", "B9", 0x1fedcb, 0 },
		{ "break.x", "X1", 0x234567890abcdef, 0xabcdef & 0x1fffff },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ia64_rig_init(&r);
		PUT(&r, rows[i].name, rows[i].fmt, rows[i].imm);
		CHECK_EQ(ia64_rig_run(&r), rows[i].gives);
		/* and without firmware a fault that says it */
		r.env.service = NULL;
		r.c->psr |= PSR_IC;
		r.c->ip = IA64_CODE;
		r.c->ri = 0;
		ia64_written(r.c);
		ia64_run(r.c, 1);
		CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE);
		CHECK_EQ(r.c->cr[CR_IIM], rows[i].gives);
		ia64_rig_free(&r);
	}
}

TEST(ia64_hints_and_fences_change_nothing)
{
	unsigned n = 0;

	ia64_rig_init(&r);
	for (unsigned i = 0; i < ia64_nforms; i++) {
		const struct ia64_form *f = &ia64_forms[i];

		if (f->op != OP_NOP && f->op != OP_NOP_QP && f->op != OP_HINT &&
		    f->op != OP_MF)
			continue;
		put(f, 0, 0);
		n++;
	}
	CHECK(n > 12);
	for (unsigned i = 1; i < 32; i++)
		r.c->gr[i] = 1000 + i;
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(r.c->ip, IA64_CODE + 16 * n);
	for (unsigned i = 1; i < 32; i++)
		CHECK_EQ(gr(i), 1000 + i);
	ia64_rig_free(&r);
}

static void count_pause(void *opaque)
{
	(void)opaque;
	pauses++;
}

TEST(ia64_pause_of_every_unit_is_told)
{
	unsigned n = 0;

	ia64_rig_init(&r);
	r.env.pause = count_pause;
	for (unsigned i = 0; i < ia64_nforms; i++) {
		const struct ia64_form *f = &ia64_forms[i];

		if (f->op != OP_HINT)
			continue;
		put(f, 0, 0); /* @pause */
		put(f, 1, 0); /* a hint that has no name yet */
		ia64_put_form(&r, 1, f, (const int64_t[]){ 0 });
		n++;
	}
	CHECK_EQ(n, 5);
	pauses = 0;
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(pauses, n);
	ia64_rig_free(&r);
}

/* ---- register files by index */
static uint64_t *file(unsigned k)
{
	switch (k) {
	case IDX_RR: return r.c->rr;
	case IDX_DBR: return r.c->dbr;
	case IDX_IBR: return r.c->ibr;
	case IDX_PKR: return r.c->pkr;
	case IDX_PMC: return r.c->pmc;
	case IDX_PMD: return r.c->pmd;
	default: return r.c->cpuid;
	}
}

TEST(ia64_indexed_registers_are_written_and_read)
{
	for (unsigned k = IDX_RR; k <= IDX_PMD; k++) {
		uint64_t index = k == IDX_RR ? UINT64_C(5) << 61 : 5;
		uint64_t val = k == IDX_RR ? 0x123 << 8 | 14 << 2 : 0x12300;

		ia64_rig_init(&r);
		r.c->gr[8] = index;
		r.c->gr[9] = val;
		put(form_of(OP_MOV_IDX, k), 8, 9);
		put(form_of(OP_MOV_GR_IDX, k), 10, 8);
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK_EQ(gr(10), val);
		CHECK_EQ(file(k)[5], val);
		ia64_rig_free(&r);
	}
	ia64_rig_init(&r);
	r.c->gr[8] = 3;
	put(form_of(OP_MOV_GR_IDX, IDX_CPUID), 10, 8);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(10), r.c->cpuid[3]);
	ia64_rig_free(&r);
}

TEST(ia64_indexed_registers_have_limits_and_privilege)
{
	for (unsigned k = IDX_DBR; k <= IDX_CPUID; k++) {
		bool counts = k == IDX_PMC || k == IDX_PMD;
		bool open = k == IDX_PMD || k == IDX_CPUID;

		ia64_rig_init(&r);
		r.c->gr[8] = 200; /* a register that is not there */
		r.c->gr[10] = 5;
		put(form_of(OP_MOV_GR_IDX, k), 10, 8);
		CHECK_EQ(ia64_rig_run(&r), counts ? IA64_END : VEC_GENERAL + 1);
		if (counts)
			CHECK_EQ(gr(10), 0);
		else
			CHECK_EQ(r.c->cr[CR_ISR] & 0xff, GE_RESERVED);
		ia64_rig_free(&r);
		ia64_rig_init(&r);
		r.c->psr |= PSR_CPL;
		ia64_written(r.c);
		r.c->gr[8] = 1;
		put(form_of(OP_MOV_GR_IDX, k), 10, 8);
		CHECK_EQ(ia64_rig_run(&r), open ? IA64_END : VEC_GENERAL + 1);
		if (!open)
			CHECK_EQ(r.c->cr[CR_ISR] & 0xff, GE_PRIV_OP);
		ia64_rig_free(&r);
	}
}

/* ---- PSR and application registers */
TEST(ia64_psr_is_read_and_its_masks_are_set_and_cleared)
{
	ia64_rig_init(&r);
	r.c->psr |= PSR_MC | PSR_BN; /* bn is not read */
	PUT(&r, "ssm", "M44", (int64_t)(PSR_SI | PSR_DFH));
	put(form_of(OP_MOV_GR_PSR, 0), 8, 0);
	PUT(&r, "rsm", "M44", (int64_t)PSR_SI);
	PUT(&r, "sum", "M44", (int64_t)(PSR_AC | PSR_UP));
	PUT(&r, "rum", "M44", (int64_t)(PSR_AC | PSR_MFL));
	put(form_of(OP_MOV_GR_PSR, 0), 9, 0);
	put(form_of(OP_MOV_GR_UM, 0), 10, 0);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(8), PSR_MC | PSR_SI | PSR_DFH | PSR_MFL | PSR_MFH);
	CHECK_EQ(gr(9), PSR_MC | PSR_DFH | PSR_UP | PSR_MFH);
	CHECK_EQ(gr(10), PSR_UP | PSR_MFH);
	ia64_rig_free(&r);
}

TEST(ia64_application_registers_move_by_both_units)
{
	ia64_rig_init(&r);
	PUT(&r, "mov.m", "M30", AR_CCV, -7);
	PUT(&r, "mov.m", "M31", 8, AR_CCV);
	PUT(&r, "mov.i", "I27", AR_EC, 77);
	PUT(&r, "mov.i", "I28", 9, AR_EC);
	r.c->gr[10] = 0x123456789;
	PUT(&r, "mov.i", "I26", AR_LC, 10);
	PUT(&r, "mov.i", "I28", 11, AR_LC);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(8), -7);
	CHECK_EQ(gr(9), 77 & 63);
	CHECK_EQ(gr(11), 0x123456789);
	ia64_rig_free(&r);
	/* each unit has its own registers */
	ia64_rig_init(&r);
	PUT(&r, "mov.i", "I28", 8, AR_CCV);
	CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
	CHECK_EQ(r.c->cr[CR_ISR] & 0xff, GE_ILLEGAL_OP);
	ia64_rig_free(&r);
}

/* ---- frames */
TEST(ia64_clrrrb_ends_rotation)
{
	for (unsigned all = 0; all < 2; all++) {
		ia64_rig_init(&r);
		r.c->sof = r.c->sol = 24;
		r.c->sor = 16;
		r.c->rrb_gr = 3;
		r.c->rrb_fr = 5;
		r.c->rrb_pr = 7;
		r.c->pr = UINT64_C(0x123456789abcdef1);
		ia64_written(r.c);
		for (unsigned i = 32; i < 56; i++)
			r.c->gr[i] = i;
		put(form_of(OP_CLRRRB, !all), 0, 0);
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK_EQ(r.c->rrb_pr, 0);
		CHECK_EQ(r.c->rrb_gr, all ? 0 : 3);
		CHECK_EQ(r.c->rrb_fr, all ? 0 : 5);
		/* what was called r32 is the fourth register by now */
		CHECK_EQ(gr(all ? 35 : 32), 32);
		CHECK_EQ(gr(48), 48); /* it does not rotate */
		/* p16 was the eighth predicate, and is called p23 */
		CHECK_EQ(r.c->pr >> 23 & 0x1ff,
			 UINT64_C(0x123456789abcdef1) >> 16 & 0x1ff);
		ia64_rig_free(&r);
	}
}

TEST(ia64_flushrs_writes_what_callers_have)
{
	uint64_t val = 0;

	ia64_rig_init(&r);
	r.c->sof = r.c->sol = 4;
	ia64_written(r.c);
	for (unsigned i = 0; i < 4; i++)
		r.c->gr[32 + i] = 100 + i;
	PUT(&r, "br.call", "B3", 0, 16);
	PUT(&r, "flushrs", "M25", 0);
	PUT(&r, "mov.m", "M31", 8, AR_BSP);
	PUT(&r, "mov.m", "M31", 9, AR_BSPSTORE);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(8), IA64_STACK + 32);
	CHECK_EQ(gr(9), gr(8));
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(mem_load_le64(&r.mem, IA64_STACK + 8 * i, &val), 0);
		CHECK_EQ(val, 100 + i);
	}
	ia64_rig_free(&r);
}

/* ---- translations */
#define VA (UINT64_C(2) << 61 | 0x124000)
#define PTE(pa, ar, pl) \
	((pa) | (uint64_t)(ar) << 9 | (uint64_t)(pl) << 7 | 0x61)

static void insert(bool data, uint64_t va, uint64_t pte, unsigned ps)
{
	struct ia64_tlbe e;

	ia64_tlbe_make(&e, pte, (uint64_t)ps << 2, va,
		       r.c->rr[va >> 61] >> 8 & 0xffffff);
	ia64_tc_insert(r.c, data, &e);
}

static void virtual(void)
{
	struct ia64_tlbe e;

	ia64_rig_init(&r);
	r.c->rr[0] = 7 << 8 | 12 << 2;
	r.c->rr[2] = 9 << 8 | 14 << 2;
	ia64_tlbe_make(&e, PTE(0, 3, 3), 20 << 2, 0, 7);
	r.c->tr[0][0] = r.c->tr[1][0] = e;
	r.c->psr |= PSR_IT | PSR_DT | PSR_RT;
	r.c->gr[8] = VA;
	r.c->gr[9] = 14 << 2;
	ia64_written(r.c);
}

static bool there(bool data)
{
	return ia64_tlb_find(r.c, data, VA);
}

TEST(ia64_insertions_and_purges_are_of_their_tlb)
{
	for (unsigned data = 0; data < 2; data++) {
		virtual();
		r.c->cr[CR_IFA] = VA;
		r.c->cr[CR_ITIR] = 14 << 2;
		r.c->gr[10] = PTE(IA64_DATA, 2, 0);
		put(form_of(OP_ITC, data), 10, 0);
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK(there(data));
		CHECK(!there(!data));
		r.at = IA64_CODE;
		ia64_forget_code(r.c, IA64_CODE, 64);
		r.c->gr[11] = 3; /* of the TRs */
		put(form_of(OP_ITR, data), 11, 10);
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK(r.c->tr[data][3].valid);
		CHECK(!r.c->tr[!data][3].valid);
		CHECK(there(data));
		/* the other TLB's purge leaves it there */
		for (unsigned k = 2; k-- > 0;) {
			r.at = IA64_CODE;
			ia64_forget_code(r.c, IA64_CODE, 64);
			put(form_of(OP_PTR, k ? !data : data), 8, 9);
			CHECK_EQ(ia64_rig_run(&r), IA64_END);
			CHECK_EQ(there(data), k);
		}
		CHECK(r.c->tr[data][0].valid);
		ia64_rig_free(&r);
	}
}

static struct {
	unsigned n, ps;
	uint64_t va;
	uint32_t rid;
} purged;

static void purge(void *opaque, uint64_t va, uint32_t rid, unsigned ps)
{
	(void)opaque;
	purged.n++;
	purged.va = va;
	purged.rid = rid;
	purged.ps = ps;
}

TEST(ia64_purges_go_to_others_as_their_kind_says)
{
	for (unsigned k = PTC_L; k <= PTC_GA; k++) {
		memset(&purged, 0, sizeof(purged));
		virtual();
		r.env.purge = purge;
		insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
		insert(false, VA, PTE(IA64_DATA, 1, 0), 14);
		PUT(&r, "ld8.a", "M1", 10, 8);
		put(form_of(OP_PTC, k), 8, 9);
		PUT(&r, "chk.a.nc", "M22", 10, 32);
		PUT(&r, "break.m", "M37", 0x77);
		CHECK_EQ(ia64_rig_run(&r), k == PTC_GA ? IA64_END : 0x77);
		CHECK(!there(true) && !there(false));
		CHECK_EQ(purged.n, k != PTC_L);
		CHECK(!purged.n ||
		      (purged.va == VA && purged.rid == 9 && purged.ps == 14));
		ia64_rig_free(&r);
	}
	/* ptc.e: all of the caches, none of the registers */
	virtual();
	insert(true, VA, PTE(IA64_DATA, 2, 0), 14);
	insert(false, VA, PTE(IA64_DATA, 1, 0), 14);
	put(form_of(OP_PTC_E, 0), 0, 0);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK(!there(true) && !there(false));
	CHECK(r.c->tr[0][0].valid && r.c->tr[1][0].valid);
	ia64_rig_free(&r);
}

TEST(ia64_probes_ask_for_their_rights_at_their_level)
{
	/* level 3 may read the page, level 0 write it */
	for (unsigned level = 0; level < 4; level += 3) {
		virtual();
		insert(true, VA, PTE(IA64_DATA, 4, 3), 14);
		r.c->gr[10] = level;
		PUT(&r, "probe.r", "M38", 11, 8, 10);
		PUT(&r, "probe.w", "M38", 12, 8, 10);
		PUT(&r, "probe.r.fault", "M40", 8, level);
		PUT(&r, "probe.w.fault", "M40", 8, level);
		CHECK_EQ(ia64_rig_run(&r), level ? VEC_DACCESS + 1 : IA64_END);
		CHECK_EQ(gr(11), 1);
		CHECK_EQ(gr(12), level == 0);
		if (level)
			CHECK_EQ(r.c->cr[CR_ISR],
				 ISR_W | ISR_NA | ISR_NI | NA_PROBE_FAULT);
		ia64_rig_free(&r);
	}
}

TEST(ia64_hash_and_tag_of_a_nat_are_nats)
{
	virtual();
	r.c->gr[10] = VA + 0x4000;
	PUT(&r, "ttag", "M46", 11, 8);
	PUT(&r, "ttag", "M46", 12, 10);
	PUT(&r, "thash", "M46", 13, 8);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK(gr(11) != gr(12)); /* in one region the tag tells pages apart */
	CHECK_EQ(gr(13), ia64_thash(r.c, VA));
	CHECK(!gr_nat(r.c, 11) && !gr_nat(r.c, 13));
	ia64_set_gr(r.c, 8, VA, true);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK(gr_nat(r.c, 11) && gr_nat(r.c, 13) && !gr_nat(r.c, 12));
	ia64_rig_free(&r);
}

/* ---- privilege: a page of execute-only code promotes to its level */
TEST(ia64_epc_promotes_in_pages_of_the_gate)
{
	static const struct {
		unsigned ar, pl, ppl;
		int cpl; /* -1: it is illegal */
	} rows[] = {
		{ 7, 0, 3, 0 },
		{ 7, 2, 3, 2 },
		{ 3, 3, 3, 3 },	 /* another page promotes nobody */
		{ 7, 0, 2, -1 }, /* the caller may not come from further up */
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ia64_tlbe *e;

		virtual();
		e = &r.c->tr[0][0];
		e->ar = (uint8_t)rows[i].ar;
		e->pl = (uint8_t)rows[i].pl;
		r.c->ar[AR_PFS] = (uint64_t)rows[i].ppl << 62;
		r.c->psr |= PSR_CPL;
		ia64_written(r.c);
		put(form_of(OP_EPC, 0), 0, 0);
		if (rows[i].cpl < 0) {
			CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
			CHECK_EQ(r.c->cr[CR_ISR] & 0xff, GE_ILLEGAL_OP);
		} else {
			CHECK_EQ(ia64_rig_run(&r), IA64_END);
			CHECK_EQ(cpl(r.c), (unsigned)rows[i].cpl);
		}
		ia64_rig_free(&r);
	}
}

/* ---- checks of speculation */
TEST(ia64_checks_branch_where_speculation_failed)
{
	static const struct {
		const char *name, *fmt;
		bool fr;
	} rows[] = { { "chk.s.m", "M20", false },
		     { "chk.s.i", "I20", false },
		     { "chk.s", "M21", true } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (unsigned nat = 0; nat < 2; nat++) {
			ia64_rig_init(&r);
			ia64_set_gr(r.c, 8, 1, !rows[i].fr && nat);
			if (rows[i].fr && nat)
				r.c->fr[8] = fp_nat;
			PUT(&r, rows[i].name, rows[i].fmt, 8, 32);
			PUT(&r, "break.m", "M37", 0x55);
			CHECK_EQ(ia64_rig_run(&r), nat ? IA64_END : 0x55);
			ia64_rig_free(&r);
		}
}

TEST(ia64_checks_of_advanced_loads_are_by_register_and_kind)
{
	static const struct {
		const char *load, *fmt, *check, *cfmt;
		bool clear;
	} rows[] = { { "ld8.a", "M1", "chk.a.nc", "M22", false },
		     { "ld8.a", "M1", "chk.a.clr", "M22", true },
		     { "ldfd.a", "M6", "chk.a.nc", "M23", false },
		     { "ldfd.a", "M6", "chk.a.clr", "M23", true } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ia64_rig_init(&r);
		r.c->gr[8] = IA64_DATA;
		PUT(&r, rows[i].load, rows[i].fmt, 10, 8);
		PUT(&r, rows[i].check, rows[i].cfmt, 10, 64);
		PUT(&r, rows[i].check, rows[i].cfmt, 10, 64);
		put(form_of(OP_INVALA, 0), 0, 0);
		PUT(&r, rows[i].check, rows[i].cfmt, 10, 32);
		PUT(&r, "break.m", "M37", 0x55); /* the first failed, or none */
		PUT(&r, "break.m", "M37", 0x66); /* the second or the last */
		/* the targets: the first check's is 0x55, the others' 0x66 */
		CHECK_EQ(ia64_rig_run(&r), 0x66);
		CHECK_EQ(r.c->alat_used, 0);
		ia64_rig_free(&r);
	}
}

/* ---- floating point's status */
TEST(ia64_status_fields_are_set_cleared_and_checked)
{
	for (unsigned sf = 0; sf < 4; sf++) {
		unsigned at = 6 + 13 * sf;
		const struct ia64_form *f;
		uint64_t lslot, slot, before;
		struct ia64_bundle b = { .tmpl = 0x0d };

		ia64_rig_init(&r);
		/* sf0: wre and 64 bits; flags everywhere; traps masked */
		before = 63 | UINT64_C(0xe) << 6;
		for (unsigned i = 0; i < 4; i++)
			before |= UINT64_C(0x2a) << (13 + 13 * i);
		r.c->ar[AR_FPSR] = before;
		f = form_of(OP_FSETC, 0);
		slot = ia64_encode(f, 0, (const int64_t[]){ 0x0c, 0x31, 0 },
				   &lslot);
		b.slot[0] = b.slot[2] = UINT64_C(1) << 27;
		b.slot[1] = slot | (uint64_t)sf << 34;
		ia64_bundle_store(&b, r.ram + r.at);
		r.at += 16;
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK_EQ(r.c->ar[AR_FPSR], (before & ~(UINT64_C(0x7f) << at)) |
						   UINT64_C(0x3d) << at);
		/* fclrf: its flags alone */
		r.at = IA64_CODE;
		ia64_forget_code(r.c, IA64_CODE, 64);
		b.slot[1] = form_of(OP_FCLRF, 0)->match | (uint64_t)sf << 34;
		ia64_bundle_store(&b, r.ram + r.at);
		r.at += 16;
		r.c->ar[AR_FPSR] = before;
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK_EQ(r.c->ar[AR_FPSR],
			 before & ~(UINT64_C(63) << (at + 7)));
		ia64_rig_free(&r);
	}
}

TEST(ia64_fchkf_branches_at_flags_that_are_news)
{
	static const struct {
		unsigned traps, sf0, sf2;
		bool taken;
	} rows[] = {
		{ 63, 0, 0, false },
		{ 63, 0x20, 0x20, false },
		{ 63, 0x01, 0x21, true },   /* sf0 has not seen it */
		{ 0x1f, 0x20, 0x20, true }, /* its trap is not masked */
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ia64_bundle b = { .tmpl = 0x0d };
		uint64_t lslot;

		ia64_rig_init(&r);
		r.c->ar[AR_FPSR] = rows[i].traps | 0xc << 6 |
				   (uint64_t)rows[i].sf0 << 13 |
				   (uint64_t)rows[i].sf2 << (13 + 26);
		b.slot[0] = b.slot[2] = UINT64_C(1) << 27;
		b.slot[1] = ia64_encode(form_of(OP_FCHKF, 0), 0,
					(const int64_t[]){ 32, 0 }, &lslot) |
			    UINT64_C(2) << 34;
		ia64_bundle_store(&b, r.ram + r.at);
		r.at += 16;
		PUT(&r, "break.m", "M37", 0x55);
		CHECK_EQ(ia64_rig_run(&r), rows[i].taken ? IA64_END : 0x55);
		ia64_rig_free(&r);
	}
}
