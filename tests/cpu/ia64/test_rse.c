/* SPDX-License-Identifier: MIT */
/* cpu/ia64's register stack against a model that never spills. */
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

static struct ia64_rig r;
static const struct ia64_op no_op;
static uint64_t seed;

static unsigned rnd(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 20) % n;
}

/* A frame of the model: all of its registers, and what ar.pfs was saved. */
struct frame {
	uint64_t val[96];
	bool nat[96];
	unsigned sof, sol;
	uint64_t pfs;
};
static struct frame frames[300];
static unsigned depth;

static int op(const char *name, const char *fmt, const int64_t *opd)
{
	const struct ia64_form *f = ia64_form_named(name, fmt);
	uint64_t lslot, slot = ia64_encode(f, 0, opd, &lslot);
	struct ia64_bundle b = { .tmpl = 0x08 };
	struct ia64_op ops[3];

	b.slot[0] = slot;
	b.slot[1] = b.slot[2] = UINT64_C(1) << 27;
	ia64_decode(&b, ops);
	CHECK_EQ(ops[0].op, f->op);
	return ops[0].op == OP_ALLOC	 ? ia64_op_alloc(r.c, &ops[0])
	       : ops[0].op == OP_FLUSHRS ? ia64_op_flushrs(r.c, &ops[0])
					 : ia64_op_loadrs(r.c, &ops[0]);
}

static void do_alloc(struct frame *f)
{
	unsigned sof = f->sof > 8 ? f->sof + rnd(97 - f->sof) : 8 + rnd(88);
	unsigned sol = rnd(sof - 1) + 1;
	int64_t opd[] = { 31, sol, sof, 0 };

	if (f->sof > sof)
		sof = f->sof;
	CHECK_EQ(op("alloc", "M34", opd), EX_NEXT);
	f->sof = sof;
	f->sol = sol;
	for (unsigned i = 0; i < sof; i++) {
		f->val[i] = seed * (i + 1) + depth;
		f->nat[i] = rnd(5) == 0;
		ia64_set_gr(r.c, 32 + i, f->val[i], f->nat[i]);
	}
}

static void check_frame(const struct frame *f)
{
	CHECK_EQ(r.c->sof, f->sof);
	for (unsigned i = 0; i < f->sof; i++) {
		CHECK_EQ(ia64_get_gr(r.c, 32 + i), f->val[i]);
		CHECK_EQ(gr_nat(r.c, 32 + i), f->nat[i]);
	}
}

static void do_call(void)
{
	struct frame *f = &frames[depth], *callee = &frames[depth + 1];

	f->pfs = ia64_cfm(r.c);
	ia64_rse_call(r.c);
	depth++;
	callee->sof = f->sof - f->sol;
	callee->sol = 0;
	for (unsigned i = 0; i < callee->sof; i++) {
		callee->val[i] = f->val[f->sol + i];
		callee->nat[i] = f->nat[f->sol + i];
	}
	check_frame(callee);
}

/* What the callee did to its inputs, the caller sees in its outputs. */
static void do_return(void)
{
	struct frame *f = &frames[--depth];

	ia64_rse_restore(r.c, f->pfs, f->sol);
	CHECK_EQ(ia64_rse_complete(r.c), 0);
	CHECK_EQ(r.c->sof, f->sof);
	for (unsigned i = 0; i < f->sol; i++) {
		CHECK_EQ(ia64_get_gr(r.c, 32 + i), f->val[i]);
		CHECK_EQ(gr_nat(r.c, 32 + i), f->nat[i]);
	}
	for (unsigned i = f->sol; i < f->sof; i++) {
		f->val[i] = ia64_get_gr(r.c, 32 + i);
		f->nat[i] = gr_nat(r.c, 32 + i);
	}
}

/* As an operating system switches: all to memory, elsewhere, and back. */
static void do_switch(void)
{
	uint64_t bsp, rnat, cfm = ia64_cfm(r.c);
	int64_t none[] = { 0 };

	CHECK_EQ(ia64_op_cover(r.c, &no_op), EX_NEXT);
	CHECK_EQ(op("flushrs", "M25", none), EX_NEXT);
	bsp = ia64_bsp(r.c);
	CHECK_EQ(r.c->bspstore, bsp);
	rnat = r.c->rnat;
	for (unsigned i = 32; i < 128; i++) {
		r.c->gr[i] = ~seed;
		r.c->nat[i] = i & 1;
	}
	r.c->nats = true;
	memset(r.c->ring, 0xee, sizeof(r.c->ring));
	memset(r.c->ring_nat, 1, sizeof(r.c->ring_nat));
	r.c->bspstore = bsp;
	r.c->rnat = rnat;
	ia64_rse_restore(r.c, cfm, cfm & 127);
	CHECK_EQ(ia64_rse_complete(r.c), 0);
}

TEST(ia64_register_stack_is_as_if_it_never_spilled)
{
	for (unsigned round = 0; round < 30; round++) {
		seed = 0x5eed + round * 7919;
		ia64_rig_init(&r);
		r.c->bspstore += 8 * rnd(64);
		depth = 0;
		memset(frames, 0, sizeof(frames));
		do_alloc(&frames[0]);
		for (unsigned step = 0; step < 400; step++) {
			unsigned what = rnd(20);

			if (what < 9 && depth < 250) {
				do_call();
				do_alloc(&frames[depth]);
			} else if (what < 17 && depth) {
				do_return();
			} else if (what == 17) {
				do_switch();
			}
			check_frame(&frames[depth]);
		}
		while (depth)
			do_return();
		CHECK_EQ(r.c->ndirty, 0);
		ia64_rig_free(&r);
	}
}

/* loadrs makes exactly the bytes asked for dirty, with their NaTs. */
TEST(ia64_loadrs_brings_back_what_was_flushed)
{
	int64_t none[] = { 0 }, opd[] = { 31, 90, 90, 0 };
	uint64_t bsp;

	ia64_rig_init(&r);
	r.c->bspstore += 8 * 40;
	CHECK_EQ(op("alloc", "M34", opd), EX_NEXT);
	for (unsigned i = 0; i < 90; i++)
		ia64_set_gr(r.c, 32 + i, 1000 + i, i % 3 == 0);
	ia64_op_cover(r.c, &no_op);
	CHECK_EQ(op("flushrs", "M25", none), EX_NEXT);
	bsp = ia64_bsp(r.c);
	memset(r.c->gr + 32, 0xee, 96 * 8);
	memset(r.c->ring, 0xee, sizeof(r.c->ring));
	r.c->ar[AR_RSC] = (bsp - (IA64_STACK + 8 * 40)) << 16;
	CHECK_EQ(op("loadrs", "M25", none), EX_NEXT);
	CHECK_EQ(r.c->ndirty, 90);
	CHECK_EQ(r.c->bspstore, IA64_STACK + 8 * 40);
	CHECK_EQ(ia64_bsp(r.c), bsp);
	ia64_rse_restore(r.c, 90 | 90 << 7, 90);
	CHECK_EQ(ia64_rse_complete(r.c), 0);
	for (unsigned i = 0; i < 90; i++) {
		CHECK_EQ(ia64_get_gr(r.c, 32 + i), 1000 + i);
		CHECK_EQ(gr_nat(r.c, 32 + i), i % 3 == 0);
	}
	ia64_rig_free(&r);
}

/* br.ret within a page to a frame that has NaTs: its caller takes notice. */
TEST(ia64_return_brings_nats_back)
{
	for (unsigned nat = 0; nat < 2; nat++) {
		ia64_rig_init(&r);
		r.c->bspstore = IA64_STACK + 8 * 4;
		r.c->rnat = nat ? 0xf : 0;
		r.c->ar[AR_PFS] = 4 | 4 << 7;
		r.c->br[0] = IA64_CODE + 16;
		r.c->gr[2] = IA64_DATA;
		PUT(&r, "br.ret", "B4", 0);
		PUT(&r, "st8", "M4", 2, 33);
		CHECK_EQ(ia64_rig_run(&r), nat ? VEC_NAT + 1 : IA64_END);
		CHECK_EQ(r.c->nats, nat);
		ia64_rig_free(&r);
	}
}

/* Rotating by hand: register names move by one for each rotation. */
TEST(ia64_rotation_renames_general_floating_and_predicate_registers)
{
	int64_t opd[] = { 31, 24, 24, 16 };

	ia64_rig_init(&r);
	CHECK_EQ(op("alloc", "M34", opd), EX_NEXT);
	for (unsigned i = 0; i < 24; i++)
		ia64_set_gr(r.c, 32 + i, i, false);
	for (unsigned f = 32; f < 128; f++)
		r.c->fr[f].sig = f;
	pr_set(r.c, 16, true);
	for (unsigned n = 1; n <= 200; n++) {
		ia64_rotate(r.c);
		for (unsigned i = 0; i < 16; i++)
			CHECK_EQ(ia64_get_gr(r.c, 32 + (i + n) % 16), i);
		for (unsigned i = 16; i < 24; i++)
			CHECK_EQ(ia64_get_gr(r.c, 32 + i), i);
		for (unsigned f = 0; f < 96; f++)
			CHECK_EQ(r.c->fr[fr_index(r.c, 32 + (f + n) % 96)].sig,
				 32 + f);
		CHECK_EQ(r.c->pr, 1 | UINT64_C(1) << (16 + n % 48));
	}
	ia64_rig_free(&r);
}
