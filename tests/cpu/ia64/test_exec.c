/* SPDX-License-Identifier: MIT */
/* cpu/ia64 runs programs: arithmetic, predicates, loops, calls, memory. */
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static struct ia64_rig r;

static uint64_t gr(unsigned n)
{
	return ia64_get_gr(r.c, n);
}

static uint64_t data64(unsigned i)
{
	uint64_t v = 0;

	CHECK_EQ(mem_load_le64(&r.mem, IA64_DATA + 8 * i, &v), 0);
	return v;
}

/* r8 = x, r9 = y, r10 = what the instruction makes of them. */
static uint64_t two(const char *name, const char *fmt, uint64_t x, uint64_t y)
{
	uint64_t res;

	ia64_rig_init(&r);
	PUT(&r, "movl", "X2", 8, (int64_t)x);
	PUT(&r, "movl", "X2", 9, (int64_t)y);
	PUT(&r, name, fmt, 10, 8, 9, 7);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	res = gr(10);
	ia64_rig_free(&r);
	return res;
}

#define X UINT64_C(0x8123456789abcdef)
#define Y UINT64_C(0x00ff7f8001020304)

TEST(ia64_integer_arithmetic)
{
	CHECK_EQ(two("add", "A1", X, Y), X + Y);
	CHECK_EQ(two("sub", "A1", X, Y), X - Y);
	CHECK_EQ(two("and", "A1", X, Y), X & Y);
	CHECK_EQ(two("andcm", "A1", X, Y), X & ~Y);
	CHECK_EQ(two("or", "A1", X, Y), X | Y);
	CHECK_EQ(two("xor", "A1", X, Y), X ^ Y);
	CHECK_EQ(two("addp4", "A1", X, Y),
		 ((X + Y) & UINT32_MAX) | (Y >> 30 & 3) << 61);
	CHECK_EQ(two("shl", "I7", X, 4), X << 4);
	CHECK_EQ(two("shl", "I7", X, 64), 0);
}

TEST(ia64_parallel_arithmetic)
{
	/* by hand, from the manual's figures */
	CHECK_EQ(two("padd1", "A9", 0xff01800102030405, 0x0101800102030405),
		 0x000200020406080a);
	CHECK_EQ(two("padd1.sss", "A9", 0x7f80ff0000000000, 0x01ff010000000000),
		 0x7f80000000000000);
	CHECK_EQ(two("psub2.uuu", "A9", 0x0001ffff00100000, 0x0002000100010000),
		 0x0000fffe000f0000);
	CHECK_EQ(two("pcmp4.gt", "A9", 0x00000001ffffffff, 0x0000000000000000),
		 0xffffffff00000000);
	CHECK_EQ(two("mix1.r", "I2", 0x1122334455667788, 0xa1a2a3a4a5a6a7a8),
		 0x22a244a466a688a8);
	CHECK_EQ(two("mix4.l", "I2", 0x1122334455667788, 0xa1a2a3a4a5a6a7a8),
		 0x11223344a1a2a3a4);
	CHECK_EQ(two("unpack2.l", "I2", 0x1111222233334444, 0xaaaabbbbccccdddd),
		 0x3333cccc4444dddd);
	CHECK_EQ(two("pack2.uss", "I2", 0x7fff8000010000ff, 0x0001000200030004),
		 0x01020304ff00ffff);
	CHECK_EQ(two("psad1", "I2", 0x0102030405060708, 0x0807060504030201),
		 32);
	CHECK_EQ(two("pmpy2.r", "I2", 0xffff0003ffff0002, 0x00010004fffe0005),
		 0x0000000c0000000a);
}

TEST(ia64_compares_write_both_predicates_or_neither)
{
	ia64_rig_init(&r);
	PUT(&r, "adds", "A4", 8, 5, 0);
	PUT(&r, "cmp.eq", "A8", 6, 7, 5, 8);	      /* p6 = 1, p7 = 0 */
	PUT(&r, "cmp.lt", "A8", 8, 9, 5, 8);	      /* p8 = 0, p9 = 1 */
	PUTP(&r, 7, "cmp.eq", "A8", 10, 6, 5, 8);     /* not executed */
	PUTP(&r, 7, "cmp.eq.unc", "A8", 11, 9, 5, 8); /* clears both */
	PUTP(&r, 6, "adds", "A4", 20, 1, 0);
	PUTP(&r, 7, "adds", "A4", 21, 1, 0);
	PUTP(&r, 9, "adds", "A4", 22, 1, 0);
	PUT(&r, "cmp.eq.or", "A8", 12, 13, 5, 8);
	PUT(&r, "cmp.eq.and", "A8", 12, 13, 4, 8);
	PUT(&r, "cmp.ne.or.andcm", "A8", 14, 6, 4, 8);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(20), 1);
	CHECK_EQ(gr(21), 0);
	CHECK_EQ(gr(22), 0);
	CHECK_EQ(r.c->pr & 0xffff, 1 << 14 | 1); /* p12, p13, p6 cleared */
	ia64_rig_free(&r);
}

TEST(ia64_nats_spread_and_are_spilled_and_filled)
{
	ia64_rig_init(&r);
	ia64_set_gr(r.c, 8, 5, true);
	PUT(&r, "adds", "A4", 9, 1, 8);
	PUT(&r, "tnat.z", "I17", 6, 7, 9);
	PUT(&r, "cmp.eq", "A8", 8, 10, 6, 9);
	PUT(&r, "movl", "X2", 12, IA64_DATA + 8);
	PUT(&r, "st8.spill", "M4", 12, 9);
	PUT(&r, "mov.m", "M31", 13, AR_UNAT);
	PUT(&r, "ld8", "M1", 14, 12);
	PUT(&r, "ld8.fill", "M1", 15, 12);
	PUT(&r, "ld8.s", "M1", 17, 9);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK(gr_nat(r.c, 9));
	CHECK_EQ(r.c->pr & 0x7ff, 1 << 7 | 1); /* neither p8 nor p10 */
	CHECK_EQ(gr(13), 2);
	CHECK_EQ(gr(14), 6);
	CHECK(!gr_nat(r.c, 14));
	CHECK(gr_nat(r.c, 15));
	CHECK(gr_nat(r.c, 17));
	ia64_rig_free(&r);
}

TEST(ia64_a_nat_address_is_a_consumption_fault)
{
	ia64_rig_init(&r);
	ia64_set_gr(r.c, 8, IA64_DATA, true);
	r.c->psr |= PSR_IC;
	PUT(&r, "ld8", "M1", 9, 8);
	CHECK_EQ(ia64_rig_run(&r), VEC_NAT + 1);
	CHECK_EQ(r.c->cr[CR_ISR], ISR_R | 0x10);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE);
	ia64_rig_free(&r);
}

TEST(ia64_counted_loop_sums)
{
	uint64_t top;

	ia64_rig_init(&r);
	PUT(&r, "mov.i", "I27", AR_LC, 99);
	top = PUT(&r, "adds", "A4", 12, 1, 12);
	PUT(&r, "add", "A1", 11, 11, 12);
	PUT(&r, "br.cloop", "B2", ia64_to(&r, top));
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(11), 5050);
	CHECK_EQ(r.c->ar[AR_LC], 0);
	ia64_rig_free(&r);
}

/* A software-pipelined copy: load in stage p16, store in stage p18. */
TEST(ia64_modulo_scheduled_loop_copies)
{
	enum { N = 20 };
	uint64_t top;

	ia64_rig_init(&r);
	for (unsigned i = 0; i < N; i++)
		CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA + 8 * i, 1000 + i),
			 0);
	PUT(&r, "alloc", "M34", 31, 0, 8, 8);
	PUT(&r, "movl", "X2", 8, IA64_DATA);
	PUT(&r, "movl", "X2", 9, IA64_DATA + 0x1000);
	PUT(&r, "mov.i", "I27", AR_LC, N - 1);
	PUT(&r, "mov.i", "I27", AR_EC, 3);
	PUT(&r, "mov", "I24", INT64_C(1) << 16);
	top = PUTP(&r, 16, "ld8", "M3", 32, 8, 8);
	PUTP(&r, 18, "st8", "M5", 9, 34, 8);
	PUT(&r, "br.ctop", "B2", ia64_to(&r, top));
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	for (unsigned i = 0; i < N; i++)
		CHECK_EQ(data64(0x200 + i), 1000 + i);
	CHECK_EQ(data64(0x200 + N), 0);
	CHECK_EQ(r.c->ar[AR_EC], 0);
	ia64_rig_free(&r);
}

/* fib(n), whose every call has a frame of its own on the register stack. */
TEST(ia64_recursion_goes_through_the_register_stack)
{
	uint64_t fib, jump;

	ia64_rig_init(&r);
	PUT(&r, "alloc", "M34", 31, 1, 2, 0);
	PUT(&r, "adds", "A4", 33, 15, 0);
	jump = r.at;
	r.at += 16;
	PUT(&r, "break.m", "M37", IA64_END);
	/* in0 = r32; loc: r33 pfs, r34 b0, r35 fib(n-1); out r36 */
	fib = PUT(&r, "alloc", "M34", 33, 4, 5, 0);
	PUT(&r, "mov", "I22", 34, 0);
	PUT(&r, "cmp.lt", "A8", 6, 7, 1, 32); /* 1 < n */
	PUTP(&r, 7, "adds", "A4", 8, 0, 32);
	PUTP(&r, 7, "br.cond", "B1", 16 * 8);
	PUT(&r, "adds", "A4", 36, -1, 32);
	PUT(&r, "br.call", "B3", 0, ia64_to(&r, fib));
	PUT(&r, "adds", "A4", 35, 0, 8);
	PUT(&r, "adds", "A4", 36, -2, 32);
	PUT(&r, "br.call", "B3", 0, ia64_to(&r, fib));
	PUT(&r, "add", "A1", 8, 8, 35);
	PUT(&r, "nop.i", "I18", 0);
	PUT(&r, "mov.i", "I26", AR_PFS, 33);
	PUT(&r, "mov", "I21", 0, 34, 0);
	PUT(&r, "br.ret", "B4", 0);
	r.at = jump;
	PUT(&r, "br.call", "B3", 0, ia64_to(&r, fib));
	r.c->ip = IA64_CODE;
	CHECK_EQ(ia64_rig_continue(&r), IA64_END);
	CHECK_EQ(gr(8), 610);
	CHECK_EQ(ia64_bsp(r.c), IA64_STACK);
	ia64_rig_free(&r);
}

TEST(ia64_loads_and_stores_of_every_size)
{
	ia64_rig_init(&r);
	CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA, X), 0);
	PUT(&r, "movl", "X2", 8, IA64_DATA);
	PUT(&r, "ld1", "M3", 10, 8, 1);
	PUT(&r, "ld1", "M1", 11, 8);
	PUT(&r, "adds", "A4", 8, -1, 8);
	PUT(&r, "ld2", "M1", 12, 8);
	PUT(&r, "ld4.acq", "M1", 13, 8);
	PUT(&r, "adds", "A4", 9, 16, 0);
	PUT(&r, "ld8", "M2", 14, 8, 9);
	PUT(&r, "st1", "M5", 8, 14, 2);
	PUT(&r, "st2", "M5", 8, 14, 2);
	PUT(&r, "st4.rel", "M5", 8, 14, 4);
	PUT(&r, "st8", "M4", 8, 14);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(10), 0xef);
	CHECK_EQ(gr(11), 0xcd);
	CHECK_EQ(gr(12), 0xcdef);
	CHECK_EQ(gr(13), 0x89abcdef);
	CHECK_EQ(gr(14), X);
	CHECK_EQ(data64(2), UINT64_C(0x89abcdefcdef00ef));
	CHECK_EQ(data64(3), X);
	ia64_rig_free(&r);
}

TEST(ia64_big_endian_data)
{
	ia64_rig_init(&r);
	CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA, X), 0);
	PUT(&r, "movl", "X2", 8, IA64_DATA);
	PUT(&r, "sum", "M44", (int64_t)PSR_BE);
	PUT(&r, "ld8", "M3", 9, 8, 8);
	PUT(&r, "st4", "M4", 8, 9);
	PUT(&r, "ld2", "M1", 10, 8);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(9), __builtin_bswap64(X));
	CHECK_EQ(data64(1), __builtin_bswap32((uint32_t)gr(9)));
	CHECK_EQ(gr(10), gr(9) >> 16 & 0xffff);
	ia64_rig_free(&r);
}

TEST(ia64_semaphores)
{
	ia64_rig_init(&r);
	CHECK_EQ(mem_store_le64(&r.mem, IA64_DATA, 100), 0);
	PUT(&r, "movl", "X2", 8, IA64_DATA);
	PUT(&r, "fetchadd8.acq", "M17", 9, 8, -4);
	PUT(&r, "adds", "A4", 10, 96, 0);
	PUT(&r, "adds", "A4", 11, 7, 0);
	PUT(&r, "mov.m", "M29", AR_CCV, 10);
	PUT(&r, "cmpxchg8.acq", "M16", 12, 8, 11); /* hits */
	PUT(&r, "cmpxchg8.rel", "M16", 13, 8, 10); /* misses */
	PUT(&r, "xchg4", "M16", 14, 8, 10);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(9), 100);
	CHECK_EQ(gr(12), 96);
	CHECK_EQ(gr(13), 7);
	CHECK_EQ(gr(14), 7);
	CHECK_EQ(data64(0), 96);
	ia64_rig_free(&r);
}

TEST(ia64_advanced_loads_hit_until_a_store_comes_between)
{
	ia64_rig_init(&r);
	PUT(&r, "movl", "X2", 8, IA64_DATA);
	PUT(&r, "adds", "A4", 9, 55, 0);
	PUT(&r, "ld8.a", "M1", 10, 8);
	PUT(&r, "adds", "A4", 10, 1, 0); /* a hit leaves what is there */
	PUT(&r, "ld8.c.nc", "M1", 10, 8);
	PUT(&r, "adds", "A4", 11, 0, 10);
	PUT(&r, "st8", "M4", 8, 9);
	PUT(&r, "ld8.c.clr", "M1", 10, 8);
	PUT(&r, "ld8.a", "M1", 12, 8);
	PUT(&r, "chk.a.clr", "M22", 12, 32); /* hits: goes on */
	PUT(&r, "adds", "A4", 13, 1, 0);
	PUT(&r, "chk.a.nc", "M22", 12, 32); /* misses: skips one */
	PUT(&r, "adds", "A4", 14, 1, 0);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(11), 1);
	CHECK_EQ(gr(10), 55);
	CHECK_EQ(gr(13), 1);
	CHECK_EQ(gr(14), 0);
	ia64_rig_free(&r);
}

TEST(ia64_what_is_no_memory_goes_to_the_bus)
{
	ia64_rig_init(&r);
	r.io_val = 0x1234567890;
	PUT(&r, "movl", "X2", 8, 0xfe000010);
	PUT(&r, "ld4", "M1", 9, 8);
	PUT(&r, "st1", "M4", 8, 9);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(9), 0x34567890);
	CHECK_EQ(r.io_addr, 0xfe000010);
	CHECK_EQ(r.io_reads, 1);
	CHECK_EQ(r.io_writes, 1);
	ia64_rig_free(&r);
}

TEST(ia64_changed_code_is_seen_after_fc)
{
	struct ia64_bundle b;
	uint64_t at, one;

	ia64_rig_init(&r);
	/* a bundle that makes r20 = 2, of which the bytes are copied */
	r.at = IA64_CODE + 0x800;
	one = PUT(&r, "adds", "A4", 20, 2, 0);
	ia64_bundle_load(&b, r.ram + one);
	r.at = IA64_CODE;
	PUT(&r, "movl", "X2", 8, (int64_t)one);
	PUT(&r, "ld8", "M3", 10, 8, 8);
	PUT(&r, "ld8", "M1", 11, 8);
	PUT(&r, "movl", "X2", 9, IA64_CODE + 16 * 10);
	PUT(&r, "mov.i", "I27", AR_LC, 1);
	PUT(&r, "nop.i", "I18", 0);
	PUT(&r, "nop.i", "I18", 0);
	PUT(&r, "nop.i", "I18", 0);
	PUT(&r, "nop.i", "I18", 0);
	PUT(&r, "nop.i", "I18", 0);
	at = PUT(&r, "adds", "A4", 20, 1, 0);
	PUT(&r, "add", "A1", 21, 21, 20);
	PUT(&r, "st8", "M5", 9, 10, 8);
	PUT(&r, "st8", "M5", 9, 11, -8);
	PUT(&r, "fc.i", "M28", 9);
	PUT(&r, "sync.i", "M24", 0);
	PUT(&r, "srlz.i", "M24", 0);
	PUT(&r, "br.cloop", "B2", ia64_to(&r, at));
	CHECK_EQ(at, IA64_CODE + 160);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(gr(21), 3);
	ia64_rig_free(&r);
}

/* fc of the line that it stands in, and of another one in its page. */
TEST(ia64_fc_of_its_own_code_is_executed_once)
{
	for (unsigned line = 0; line < 2; line++) {
		ia64_rig_init(&r);
		r.c->gr[9] = IA64_CODE + 64 * line;
		PUT(&r, "fc", "M28", 9);
		PUT(&r, "adds", "A4", 20, 1, 20);
		PUT(&r, "sync.i", "M24", 0);
		for (unsigned i = 0; i < 4; i++)
			PUT(&r, "adds", "A4", 20, 1, 20);
		/* what is fetched once more is a branch of the limit's */
		PUT(&r, "break.m", "M37", IA64_END);
		CHECK_EQ(ia64_rig_continue(&r), IA64_END);
		CHECK_EQ(gr(20), 5);
		ia64_rig_free(&r);
	}
}

/* The counter may be set to anything, and takes any step on from there. */
TEST(ia64_interval_counter_is_set_to_any_value)
{
	static const uint64_t to[] = { INT64_MAX, UINT64_MAX,
				       1,	  UINT64_C(1) << 63,
				       0,	  INT64_MAX - 5 };

	for (unsigned i = 0; i < 6; i++)
		for (unsigned k = 0; k < 6; k++) {
			ia64_rig_init(&r);
			r.c->gr[8] = to[i];
			r.c->gr[9] = to[k];
			PUT(&r, "mov.m", "M29", AR_ITC, 8);
			PUT(&r, "mov.m", "M29", AR_ITC, 9);
			PUT(&r, "mov.m", "M31", 10, AR_ITC);
			CHECK_EQ(ia64_rig_run(&r), IA64_END);
			CHECK_EQ(gr(10), to[k]);
			ia64_rig_free(&r);
		}
}

/* Software steps by the lines that PAL_CACHE_INFO tells of: 128 bytes. */
TEST(ia64_fc_forgets_a_whole_line_of_code)
{
	const uint64_t line = IA64_CODE + 0x800, sub = line + 0x40;
	uint64_t two[2];

	for (unsigned at = 0; at < 128; at += 64) {
		ia64_rig_init(&r);
		r.at = sub;
		PUT(&r, "adds", "A4", 20, 2, 20);
		memcpy(two, r.ram + sub, sizeof(two));
		r.at = sub;
		PUT(&r, "adds", "A4", 20, 1, 20);
		PUT(&r, "br.ret", "B4", 0);
		r.at = IA64_CODE;
		PUT(&r, "br.call", "B3", 0, ia64_to(&r, sub));
		PUT(&r, "st8", "M5", 8, 10, 8);
		PUT(&r, "st8", "M4", 8, 11);
		PUT(&r, "fc", "M28", 9);
		PUT(&r, "sync.i", "M24", 0);
		PUT(&r, "srlz.i", "M24", 0);
		PUT(&r, "br.call", "B3", 0, ia64_to(&r, sub));
		r.c->gr[8] = sub;
		r.c->gr[9] = line + at;
		r.c->gr[10] = two[0];
		r.c->gr[11] = two[1];
		CHECK_EQ(ia64_rig_run(&r), IA64_END);
		CHECK_EQ(gr(20), 3);
		ia64_rig_free(&r);
	}
}

TEST(ia64_writing_outside_the_frame_is_illegal)
{
	ia64_rig_init(&r);
	r.c->psr |= PSR_IC;
	PUT(&r, "alloc", "M34", 31, 0, 3, 0);
	PUT(&r, "adds", "A4", 34, 1, 0);
	PUT(&r, "adds", "A4", 35, 1, 0);
	CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
	CHECK_EQ(gr(34), 1);
	CHECK_EQ(r.c->cr[CR_IIP], IA64_CODE + 32);
	CHECK_EQ(r.c->cr[CR_IPSR] >> 41 & 3, 1);
	CHECK_EQ(r.c->cr[CR_ISR] >> 41 & 3, 1);
	ia64_rig_free(&r);
}

/* alloc with other bits: SDM 3:2 alloc says which are illegal, or reserved. */
TEST(ia64_alloc_refuses_frames_that_cannot_be)
{
	static const struct {
		int64_t sof, sol, sor, r1;
		unsigned qp, rrb;
		uint64_t isr;
	} rows[] = {
		{ 97, 0, 0, 8, 0, 0, GE_ILLEGAL_OP },
		{ 8, 9, 0, 8, 0, 0, GE_ILLEGAL_OP },
		{ 8, 0, 16, 8, 0, 0, GE_ILLEGAL_OP },
		{ 8, 0, 0, 40, 0, 0, GE_ILLEGAL_OP },
		{ 8, 0, 8, 40, 0, 1, GE_ILLEGAL_OP }, /* comes first */
		{ 8, 0, 8, 39, 0, 1, GE_RESERVED },
		{ 8, 0, 8, 39, 6, 0, GE_ILLEGAL_OP }, /* p6 is false */
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct ia64_form *f = ia64_form_named("alloc", "M34");
		uint64_t slot, lslot;
		const int64_t opd[] = { rows[i].r1, rows[i].sol, rows[i].sof,
					rows[i].sor };
		struct ia64_bundle b = { .tmpl = 1 };

		ia64_rig_init(&r);
		slot = ia64_encode(f, 0, opd, &lslot) | rows[i].qp;
		b.slot[0] = slot;
		b.slot[1] = b.slot[2] = UINT64_C(1) << 27;
		ia64_bundle_store(&b, r.ram + r.at);
		r.at += 16;
		r.c->rrb_pr = (uint8_t)rows[i].rrb;
		CHECK_EQ(ia64_rig_run(&r), VEC_GENERAL + 1);
		CHECK_EQ(r.c->cr[CR_ISR] & 0xff, rows[i].isr);
		CHECK_EQ(r.c->cr[CR_ISR] >> ISR_EI_SHIFT & 3, 0);
		ia64_rig_free(&r);
	}
}

TEST(ia64_a_budget_or_a_kick_ends_a_run)
{
	ia64_rig_init(&r);
	PUT(&r, "br.cond", "B1", 0);
	CHECK_EQ(ia64_run(r.c, 50), IA64_STOP_BUDGET);
	CHECK_EQ(r.c->ip, IA64_CODE);
	ia64_kick(r.c);
	CHECK_EQ(ia64_run(r.c, 0), IA64_STOP_KICK);
	ia64_rig_free(&r);
}

/*
 * Every second bundle begins with two nops, which the one before it leads past,
 * and so does the loop's branch.
 */
static uint64_t loop_with_nops(unsigned rounds)
{
	uint64_t top;

	ia64_rig_init(&r);
	PUT(&r, "mov.i", "I27", AR_LC, rounds - 1);
	top = PUT(&r, "adds", "A4", 12, 1, 12);
	PUT(&r, "adds", "A4", 13, 2, 13);
	PUT(&r, "br.cloop", "B2", ia64_to(&r, top));
	return top;
}

TEST(ia64_counts_what_it_executed_by_form)
{
	uint64_t *counts = calloc(ia64_nforms, sizeof(*counts));
	const struct ia64_form *adds = ia64_form_named("adds", "A4"),
			       *nop_m = ia64_form_named("nop.m", "M48"),
			       *nop_b = ia64_form_named("nop.b", "B9");

	loop_with_nops(10);
	ia64_count(r.c, counts);
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	CHECK_EQ(counts[adds - ia64_forms], 20);
	/* one a bundle, but for those of branches and of the last break */
	CHECK_EQ(counts[nop_m - ia64_forms], 1 + 20);
	CHECK_EQ(counts[nop_b - ia64_forms], 20);
	ia64_rig_free(&r);
	free(counts);
}

/* The instructions that a trace has shown: addresses, the slot in bits 1:0. */
static uint64_t seen[64];
static unsigned nseen;

static void see(void *opaque, uint64_t ip, unsigned slot,
		const struct ia64_bundle *b)
{
	struct ia64_bundle there;

	(void)opaque;
	ia64_bundle_load(&there, r.ram + ip);
	CHECK_EQ(b->slot[slot], there.slot[slot]);
	CHECK(nseen < 64);
	seen[nseen++] = ip | slot;
}

TEST(ia64_trace_shows_each_instruction_in_turn_nops_too)
{
	uint64_t top = loop_with_nops(3);
	unsigned n = 0;

	nseen = 0;
	r.env.trace = see;
	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	for (unsigned slot = 0; slot < 3; slot++)
		CHECK_EQ(seen[n++], IA64_CODE | slot);
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < 9; i++)
			CHECK_EQ(seen[n++], (top + i / 3 * 16) | i % 3);
	CHECK_EQ(seen[n++], top + 48); /* the break */
	CHECK_EQ(nseen, n);
	ia64_rig_free(&r);
}

/* Breakpoints at nops that executed code leads past, also from a loop's end. */
TEST(ia64_debugger_stops_at_nops)
{
	struct ia64_debugger d = { .n = 2 };
	uint64_t top = loop_with_nops(4);

	CHECK_EQ(ia64_rig_run(&r), IA64_END); /* all is decoded now */
	r.c->ip = IA64_CODE;
	r.c->ri = 0;
	d.watch[0] = (struct ia64_watch){ .addr = top, .len = 1, .exec = true };
	d.watch[1] = (struct ia64_watch){ .addr = (top + 32) | 1,
					  .len = 1,
					  .exec = true };
	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < 2; i++) {
			ia64_debug(r.c, &d);
			CHECK_EQ(ia64_run(r.c, 0), IA64_STOP_DEBUG);
			CHECK_EQ(r.c->debug_hit, i);
			CHECK_EQ(r.c->ip | r.c->ri, d.watch[i].addr);
			CHECK_EQ(gr(13), 8 + 2 * (round + i));
			/* past it by a step */
			d.n = 0;
			d.step = true;
			ia64_debug(r.c, &d);
			CHECK_EQ(ia64_run(r.c, 0), IA64_STOP_DEBUG);
			CHECK_EQ(r.c->debug_hit, -1);
			d.n = 2;
			d.step = false;
		}
	}
	ia64_debug(r.c, NULL);
	CHECK_EQ(ia64_rig_continue(&r), IA64_END);
	ia64_rig_free(&r);
}

/* A nop that was led past becomes an instruction. */
TEST(ia64_a_changed_nop_is_no_longer_led_past)
{
	struct ia64_bundle b;
	uint64_t at, lslot, top = loop_with_nops(2);
	const int64_t opd[] = { 14, 1, 14, 0 };

	CHECK_EQ(ia64_rig_run(&r), IA64_END);
	at = top + 16;
	ia64_bundle_load(&b, r.ram + at);
	b.slot[0] = ia64_encode(ia64_form_named("adds", "A4"), 0, opd, &lslot);
	ia64_bundle_store(&b, r.ram + at);
	ia64_forget_code(r.c, at, 16);
	r.c->ip = IA64_CODE;
	r.c->ri = 0;
	CHECK_EQ(ia64_rig_continue(&r), IA64_END);
	CHECK_EQ(gr(14), 2);
	CHECK_EQ(gr(12), 4);
	ia64_rig_free(&r);
}

TEST(ia64_a_budget_counts_branches_when_each_is_looked_at)
{
	uint64_t *counts = calloc(ia64_nforms, sizeof(*counts));

	ia64_rig_init(&r);
	ia64_count(r.c, counts);
	PUT(&r, "br.cond", "B1", 0);
	CHECK_EQ(ia64_run(r.c, 50), IA64_STOP_BUDGET);
	CHECK_EQ(r.c->ip, IA64_CODE);
	CHECK_EQ(ia64_run(r.c, 1), IA64_STOP_BUDGET);
	ia64_rig_free(&r);
	free(counts);
}
