/* SPDX-License-Identifier: MIT */
/* The paravirtual interface of the engine, as docs/ia64.md describes it. */
#include "cpu/ia64/pv.h"

#include "cpu/ia64/exec.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

#define AREA	  (IA64_DATA + 0x10000)
#define HANDLER	  UINT64_C(0x18000)
#define VECTOR(v) ((v) + 1)	      /* what the rig's vectors break with */
#define NOWHERE	  (UINT64_C(1) << 60) /* no physical address: a fault */

static struct ia64_rig r;
static struct ia64_pv_area *area;
static unsigned purges, eois;
static uint64_t purged;

static bool cr_read(void *opaque, unsigned cr, uint64_t *val)
{
	(void)opaque;
	*val = cr == CR_IVR ? 0x31 + eois : 0;
	return true;
}

static bool cr_write(void *opaque, unsigned cr, uint64_t val)
{
	(void)opaque, (void)val;
	eois += cr == CR_EOI;
	return true;
}

static void purge(void *opaque, uint64_t va, uint32_t rid, unsigned ps)
{
	(void)opaque, (void)va, (void)rid;
	purges++;
	purged += UINT64_C(1) << ps;
}

/* A processor with the interface and, once it runs, an area. */
static void make(void)
{
	ia64_rig_init(&r);
	r.env.paravirt = true;
	r.env.cr_read = cr_read;
	r.env.cr_write = cr_write;
	r.env.purge = purge;
	purges = eois = 0;
	purged = 0;
	area = (void *)(r.ram + AREA);
	PUT(&r, "movl", "X2", 8, AREA);
	PUT(&r, "break.m", "M37", IA64_PV_BREAK + PV_AREA);
	PUT(&r, "ssm", "M44", PSR_IC);
}

static void privop(enum ia64_pv_op op, uint64_t r8, uint64_t r9, uint64_t r10)
{
	PUT(&r, "movl", "X2", 8, (int64_t)r8);
	PUT(&r, "movl", "X2", 9, (int64_t)r9);
	PUT(&r, "movl", "X2", 10, (int64_t)r10);
	PUT(&r, "break.m", "M37", IA64_PV_BREAK + op);
}

static uint64_t gr(unsigned n)
{
	return ia64_get_gr(r.c, n);
}

/* Another program takes the place of the one that was executed. */
static void anew(void)
{
	r.at = r.c->ip = IA64_CODE;
	r.c->ri = 0;
	ia64_forget_code(r.c, IA64_CODE, 4096);
}

/* r8 that a privop leaves. */
static uint64_t answer(enum ia64_pv_op op, uint64_t r8, uint64_t r9,
		       uint64_t r10)
{
	anew();
	privop(op, r8, r9, r10);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	return gr(8);
}

TEST(ia64_pv_is_only_breaks_where_it_is_not_offered)
{
	ia64_rig_init(&r);
	PUT(&r, "break.m", "M37", IA64_PV_BREAK + PV_AREA);
	CHECK_EQ(ia64_rig_run(&r), IA64_PV_BREAK + PV_AREA);
	ia64_rig_free(&r);
	make();
	PUT(&r, "break.m", "M37", IA64_PV_BREAK + PV_OPS);
	CHECK_EQ(ia64_rig_run(&r), IA64_PV_BREAK + PV_OPS);
	/* nor for programs of other privilege levels */
	anew();
	r.c->psr |= PSR_CPL;
	PUT(&r, "break.m", "M37", IA64_PV_BREAK + PV_LOOK);
	CHECK_EQ(ia64_rig_continue(&r), IA64_PV_BREAK + PV_LOOK);
	ia64_rig_free(&r);
}

TEST(ia64_pv_area_is_a_page_of_memory_or_none)
{
	make();
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(8), 0);
	CHECK(r.c->pv == area);
	CHECK_EQ(answer(PV_AREA, AREA + 8, 0, 0), UINT64_MAX);
	CHECK(r.c->pv == NULL);
	CHECK_EQ(answer(PV_AREA, IA64_RAM_SIZE, 0, 0), UINT64_MAX);
	CHECK_EQ(answer(PV_AREA, AREA, 0, 0), 0);
	ia64_pv_remap(r.c);
	CHECK(r.c->pv == area);
	CHECK_EQ(answer(PV_AREA, UINT64_MAX, 0, 0), 0);
	CHECK(r.c->pv == NULL);
	/* without one there is nothing to return by */
	anew();
	privop(PV_RETURN, 0, 0, 0);
	CHECK_EQ(ia64_rig_run(&r), VECTOR(VEC_GENERAL));
	ia64_rig_free(&r);
}

TEST(ia64_pv_mask_keeps_interrupts_away_until_the_guest_looks)
{
	make();
	PUT(&r, "ssm", "M44", PSR_I);
	PUT(&r, "adds", "A4", 20, 1, 20);
	PUT(&r, "break.m", "M37", IA64_END);
	PUT(&r, "break.m", "M37", IA64_PV_BREAK + PV_LOOK);
	area->masked = 1;
	r.interrupt = true;
	r.c->ip = IA64_CODE;
	CHECK_EQ(ia64_rig_continue(&r), IA64_END);
	CHECK_EQ(gr(20), 1);
	CHECK_EQ(area->pending, 1);
	area->masked = 0;
	CHECK_EQ(ia64_rig_continue(&r), VECTOR(VEC_EXTINT));
	CHECK_EQ(area->pending, 0);
	ia64_rig_free(&r);
}

TEST(ia64_pv_leaves_the_vector_and_takes_the_next)
{
	make();
	PUT(&r, "ssm", "M44", PSR_I);
	PUT(&r, "break.m", "M37", IA64_END);
	area->flags = PV_TAKES_IVR;
	r.interrupt = true;
	r.c->ip = IA64_CODE;
	CHECK_EQ(ia64_rig_continue(&r), VECTOR(VEC_EXTINT));
	CHECK_EQ(area->vector, 0x31);
	CHECK_EQ(answer(PV_NEXT, 0, 0, 0), 0x32);
	CHECK_EQ(eois, 1);
	r.interrupt = false;
	CHECK_EQ(answer(PV_NEXT, 0, 0, 0), 15);
	CHECK_EQ(eois, 2);
	ia64_rig_free(&r);
}

/* A load that faults, r20 counts what is executed before and after it. */
static uint64_t fault_program(void)
{
	uint64_t at;

	PUT(&r, "movl", "X2", 21, (int64_t)NOWHERE);
	PUT(&r, "adds", "A4", 20, 1, 20);
	at = PUT(&r, "ld8", "M1", 22, 21);
	PUT(&r, "adds", "A4", 20, 1, 20);
	return at;
}

TEST(ia64_pv_ordinary_interruptions_leave_what_they_collect)
{
	uint64_t at;

	make();
	area->flags = PV_COLLECT;
	at = fault_program();
	CHECK_EQ(ia64_rig_run(&r), VECTOR(VEC_GENERAL));
	CHECK_EQ(area->cr[PV_IIP], at);
	CHECK_EQ(area->cr[PV_IPSR], r.c->cr[CR_IPSR]);
	CHECK_EQ(area->cr[PV_ISR], r.c->cr[CR_ISR]);
	CHECK_EQ(area->cr[PV_IFA], NOWHERE);
	CHECK_EQ(area->held, 0);
	/* and go back where the area says */
	area->cr[PV_IIP] += 16;
	r.at = r.c->ip = HANDLER;
	privop(PV_RFI, 0, 0, 0);
	CHECK_EQ(ia64_rig_continue(&r), IA64_END);
	CHECK_EQ(gr(20), 2);
	ia64_rig_free(&r);
}

/* General exceptions are reflected to HANDLER, which returns. */
static void reflect(void)
{
	uint64_t at;

	area->reflect[1] = UINT64_C(1) << ((VEC_GENERAL >> 8) - 64);
	area->ip = HANDLER;
	area->psr = PSR_IC | PSR_BN;
	area->gr[0] = 0x1111;
	area->gr[1] = 0x1212;
	area->gr[2] = 0x1313;
	at = r.at;
	r.at = HANDLER;
	PUT(&r, "break.m", "M37", 0x55);
	PUT(&r, "movl", "X2", 20, 99);
	PUT(&r, "break.m", "M37", IA64_PV_BREAK + PV_RETURN);
	r.at = at;
}

TEST(ia64_pv_reflects_an_interruption_and_returns)
{
	uint64_t at;

	make();
	PUT(&r, "alloc", "M34", 33, 0, 4, 0, 0);
	PUT(&r, "movl", "X2", 34, 0x3434);
	PUT(&r, "movl", "X2", 12, 0x1200);
	PUT(&r, "cmp.eq", "A8", 6, 7, 0, 0);
	reflect();
	at = fault_program();
	ia64_set_gr(r.c, 31, 7, true);
	CHECK_EQ(ia64_rig_run(&r), 0x55);
	CHECK_EQ(area->held, 1);
	CHECK_EQ(area->frame.cr[PV_IIP], at);
	CHECK_EQ(area->frame.cr[PV_IFA], NOWHERE);
	CHECK_EQ(area->frame.cr[PV_ISR], ISR_R | GE_RESERVED);
	CHECK_EQ(area->frame.gr[12], 0x1200);
	CHECK_EQ(area->frame.gr[20], 1);
	CHECK_EQ(area->frame.nat, UINT64_C(1) << 31);
	CHECK_EQ(area->frame.pr >> 6 & 3, 1);
	CHECK_EQ(gr(1), 0x1111);
	CHECK_EQ(gr(12), 0x1212);
	CHECK_EQ(gr(13), 0x1313);
	CHECK_EQ(r.c->psr, PSR_IC | PSR_BN);
	CHECK_EQ(r.c->sof, 0);
	area->frame.cr[PV_IIP] += 16;
	CHECK_EQ(ia64_rig_continue(&r), IA64_END);
	CHECK_EQ(area->held, 0);
	CHECK_EQ(gr(20), 2);
	CHECK_EQ(gr(12), 0x1200);
	CHECK_EQ(gr(34), 0x3434);
	CHECK_EQ(r.c->nat[31], 1);
	CHECK_EQ(r.c->pr >> 6 & 3, 1);
	CHECK_EQ(r.c->sof, 4);
	ia64_rig_free(&r);
}

TEST(ia64_pv_reflects_nothing_while_the_frame_is_held)
{
	make();
	reflect();
	area->held = 1;
	fault_program();
	CHECK_EQ(ia64_rig_run(&r), VECTOR(VEC_GENERAL));
	ia64_rig_free(&r);
}

TEST(ia64_pv_return_by_a_frame_that_no_program_has_is_a_fault)
{
	make();
	area->held = 1;
	privop(PV_RETURN, 0, 0, 0);
	area->frame.cr[PV_IPSR] = UINT64_C(1) << 62;
	CHECK_EQ(ia64_rig_run(&r), VECTOR(VEC_GENERAL));
	CHECK_EQ(r.c->cr[CR_ISR] & 0xff, GE_RESERVED);
	area->frame.cr[PV_IPSR] = 0;
	area->frame.ar[PV_FPSR] = UINT64_MAX;
	r.c->ip = IA64_CODE;
	CHECK_EQ(ia64_rig_continue(&r), VECTOR(VEC_GENERAL));
	CHECK_EQ(area->held, 1);
	ia64_rig_free(&r);
}

TEST(ia64_pv_inserts_and_purges_ranges_of_translations)
{
	const uint64_t pte = 0x661; /* present, accessed, dirty, ar 3 */

	make();
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	for (uint64_t i = 0; i < 5; i++)
		CHECK_EQ(answer(PV_ITC_D, pte | (i + 3) << 12, (i + 3) << 12,
				12 << 2),
			 0);
	CHECK_EQ(answer(PV_ITC_D, pte, 0, 15 << 2), UINT64_MAX);
	CHECK_EQ(answer(PV_ITC_D, pte | 2, 0, 12 << 2), UINT64_MAX);
	CHECK(ia64_tlb_find(r.c, true, 3 << 12) != NULL);
	CHECK(ia64_tlb_find(r.c, false, 3 << 12) == NULL);
	/* pages 3 to 6: one, and two, and one */
	CHECK_EQ(answer(PV_PURGE, 3 << 12, 4, 12), 0);
	for (uint64_t i = 3; i < 7; i++)
		CHECK(ia64_tlb_find(r.c, true, i << 12) == NULL);
	CHECK(ia64_tlb_find(r.c, true, 7 << 12) != NULL);
	CHECK_EQ(purged, 4 << 12);
	CHECK_EQ(purges, 3);
	CHECK_EQ(answer(PV_PURGE, 0, UINT64_C(1) << 49, 12), 0);
	CHECK_EQ(purges, 5);
	CHECK_EQ(answer(PV_PURGE, 4096, UINT64_C(1) << 49, 12), UINT64_MAX);
	CHECK_EQ(answer(PV_PURGE, 0, 1, 61), UINT64_MAX);
	ia64_rig_free(&r);
}

TEST(ia64_pv_writes_region_registers_and_psr_at_once)
{
	make();
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	area->rr[1] = 0x111 << 8 | 14 << 2 | 1;
	area->rr[2] = 0x222 << 8 | 14 << 2;
	CHECK_EQ(answer(PV_RR, 6, 0, 0), 0);
	CHECK_EQ(r.c->rr[1], area->rr[1]);
	CHECK_EQ(r.c->rr[2], area->rr[2]);
	area->rr[1] = 0;
	area->rr[2] = 2; /* reserved: none is written */
	CHECK_EQ(answer(PV_RR, 6, 0, 0), UINT64_MAX);
	CHECK_EQ(r.c->rr[1], 0x111 << 8 | 14 << 2 | 1);
	CHECK_EQ(answer(PV_PSR, PSR_IC, PSR_DFH, 0) & (PSR_IC | PSR_DFH),
		 PSR_IC);
	CHECK_EQ(r.c->psr & (PSR_IC | PSR_DFH), PSR_DFH);
	CHECK_EQ(answer(PV_PSR, 0, PSR_CPL, 0), UINT64_MAX);
	ia64_rig_free(&r);
}
