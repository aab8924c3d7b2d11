/* SPDX-License-Identifier: MIT */
/* cpu/ia64's code of the host against its interpreter: random programs are run
 * by both, and whatever differs afterwards is wrong. */
#include "cpu/ia64/native.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "tests/cpu/ia64/random.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

#define BUNDLES 24
#define FAR	(IA64_CODE + 0x3000) /* another page, with as many bundles */
#define LOOPS	1000
#define RUNS	60
#define WINDOW	0x4000 /* bytes of data that most addresses lie in */

static struct ia64_rig fast, slow;
static uint64_t seed;

static uint64_t rnd(void)
{
	return random_next(&seed);
}

static unsigned below(unsigned n)
{
	return (unsigned)(rnd() >> 20) % n;
}

static void begin(void)
{
	ia64_rig_init(&fast);
	ia64_rig_init(&slow);
	ia64_native_free(slow.c->native);
	slow.c->native = NULL;
	ia64_native_eager(fast.c);
}

static void end(void)
{
	ia64_rig_free(&fast);
	ia64_rig_free(&slow);
}

/* ---- programs */
/* A slot of that form with other bits at random: few of them are faults. */
static uint64_t random_slot(const struct ia64_form *f, uint64_t *lslot)
{
	uint64_t slot = (rnd() & IA64_SLOT_MASK & ~f->mask) | f->match;

	*lslot = rnd() & IA64_SLOT_MASK;
	if (!f->fmt->no_qp && below(2))
		slot &= ~UINT64_C(63);
	/* of what has many, those that fragments know: f0 to f31, ar.pfs, lc */
	if (f->op == OP_STF)
		slot &= ~(UINT64_C(0x60) << 13);
	if (f->op == OP_MOV_AR && below(2))
		slot = (slot & ~(UINT64_C(0x7e) << 20)) | UINT64_C(64) << 20;
	return slot;
}

/* Whether fragments do it by themselves, in some cases at least. */
static bool is_native(const struct ia64_form *f)
{
	switch (f->op) {
	case OP_LDX:
	case OP_STX:
	case OP_TEST:
	case OP_STF:
	case OP_MOV_AR:
	case OP_MOV_GR_AR:
	case OP_MOV_PR_GR:
	case OP_CMP_PAR:
	case OP_CMP_PAR_I:
	case OP_ALLOC:
	case OP_SSM:
	case OP_RSM: return true;
	default: return f->op < OP_NOP;
	}
}

/* The program's own form, another of those, or any. */
static const struct ia64_form *random_form(const struct ia64_form *own)
{
	for (;;) {
		const struct ia64_form *f = &ia64_forms[below(ia64_nforms)];

		if (below(2))
			return own;
		if (is_native(f) || below(8) == 0)
			return f;
	}
}

/* Where a form's slot may stand, beside nops. */
static void put(uint64_t at, const struct ia64_form *f, uint64_t slot,
		uint64_t lslot)
{
	static const struct {
		uint8_t tmpl, slot;
	} place[] = { [UNIT_A] = { 0x00, 1 }, [UNIT_I] = { 0x00, 1 },
		      [UNIT_M] = { 0x08, 0 }, [UNIT_F] = { 0x0c, 1 },
		      [UNIT_B] = { 0x10, 2 }, [UNIT_X] = { 0x04, 2 } };
	uint64_t nop = UINT64_C(1) << 27;
	struct ia64_bundle b = { .tmpl = place[f->unit].tmpl,
				 .slot = { nop, nop, nop } };

	if (f->unit == UNIT_X)
		b.slot[1] = lslot;
	b.slot[place[f->unit].slot] = slot;
	ia64_bundle_store(&b, fast.ram + at);
	memcpy(slow.ram + at, fast.ram + at, 16);
}

static void put_branch(uint64_t at, const char *name, const char *fmt,
		       unsigned qp, const int64_t *opd)
{
	const struct ia64_form *f = ia64_form_named(name, fmt);
	uint64_t lslot, slot = ia64_encode(f, qp, opd, &lslot);

	put(at, f, slot, lslot);
}

/* A branch ahead or to the other page, a call, a return, also by registers. */
static void random_branch(uint64_t at, unsigned left)
{
	unsigned qp = below(2) ? below(64) : 0, b = below(8);
	int64_t ahead = 16 * (int64_t)(1 + below(left)), reg = below(8);
	int64_t far = (int64_t)(((at ^ FAR ^ IA64_CODE) & ~UINT64_C(0xfff)) +
				16 * below(BUNDLES) - at);
	const int64_t to[] = { ahead }, away[] = { far }, call[] = { b, ahead },
		      call_away[] = { b, far }, by[] = { b },
		      call_by[] = { b, reg };

	switch (below(12)) {
	case 0: put_branch(at, "br.cond", "B1", qp, away); break;
	case 1: put_branch(at, "br.call", "B3", qp, call); break;
	case 2: put_branch(at, "br.call", "B3", qp, call_away); break;
	case 3: put_branch(at, "brl.cond", "X3", qp, away); break;
	case 4: put_branch(at, "brl.call", "X4", qp, call_away); break;
	case 5: put_branch(at, "br.cond", "B4", qp, by); break;
	case 6: put_branch(at, "br.call", "B5", qp, call_by); break;
	case 7:
	case 8: put_branch(at, "br.ret", "B4", qp, by); break;
	default: put_branch(at, "br.cond", "B1", below(64), to); break;
	}
}

/* Some bundles, half of them of one form, with branches among them. */
static void random_bundles(uint64_t at, const struct ia64_form *own)
{
	const int64_t back[] = { -16 * (BUNDLES - 1), 0 };
	uint64_t lslot, slot;

	for (unsigned i = 0; i < BUNDLES - 1; i++, at += 16) {
		const struct ia64_form *f = random_form(own);

		if (below(6) == 0) {
			random_branch(at, BUNDLES - 1 - i);
			continue;
		}
		slot = random_slot(f, &lslot);
		put(at, f, slot, lslot);
	}
	put_branch(at, below(4) ? "br.cloop" : "br.ctop", "B2", 0, back);
}

/* A loop, and another in another page. */
static void random_program(const struct ia64_form *own)
{
	random_bundles(IA64_CODE, own);
	random_bundles(FAR, own);
}

/* ---- state */
static uint64_t number(void)
{
	switch (below(6)) {
	case 0: return IA64_DATA + (rnd() & (WINDOW - 8));
	case 1: return IA64_DATA + (rnd() & (WINDOW - 1));
	case 2: return 60 + below(8);
	case 3: return UINT64_C(1) << below(64);
	case 4: return IA64_DATA + 8 * below(4);
	default: return rnd();
	}
}

static void set_state(struct ia64_cpu *c, uint64_t with)
{
	ia64_reset(c);
	seed = with;
	c->cr[CR_IVA] = IA64_VECTORS;
	c->bspstore = IA64_STACK;
	c->sof = 88 + below(2) * 8;
	c->sol = 40;
	c->sor = below(2) * 16;
	for (unsigned i = 1; i < 128; i++)
		c->gr[i] = number();
	for (unsigned i = 2; i < 128; i++)
		c->fr[i] = (struct ia64_fr){ rnd(), 0xfff0 + (i & 31), i & 1 };
	for (unsigned i = 0; i < 8; i++)
		c->br[i] = (below(2) ? IA64_CODE : FAR) + 16 * below(BUNDLES);
	c->ar[AR_PFS] = 72 | 16 << 7;
	c->pr = rnd() | 1;
	c->ar[AR_LC] = LOOPS;
	c->ar[AR_EC] = below(4);
	c->nat[40] = below(16) == 0;
	for (unsigned d = 0; d < 2; d++)
		c->tr[d][0] = (struct ia64_tlbe){ .valid = true,
						  .p = true,
						  .a = true,
						  .d = true,
						  .ps = 22,
						  .ar = 3 };
	c->psr |= PSR_IC;
	if (below(2))
		c->psr |= PSR_IT | PSR_DT | PSR_RT;
	if (below(16) == 0)
		c->psr |= PSR_DFL;
	c->ip = IA64_CODE;
	ia64_written(c);
}

#define CHECK_SAME(from, to)                          \
	CHECK_MEM((const char *)fast.c + FIELD(from), \
		  (const char *)slow.c + FIELD(from), FIELD(to) - FIELD(from))
#define FIELD(f) offsetof(struct ia64_cpu, f)

/*
 * All registers and what the engine keeps by them, but for its tables and iipa,
 * which fewer operations write in fragments, and for how it came: at an
 * interruption they say the same.
 */
static void check_same(void)
{
	fast.c->iipa = slow.c->iipa;
	fast.c->came = slow.c->came;
	fast.c->came_from = slow.c->came_from;
	for (unsigned i = 0; i < 128; i++)
		CHECK_EQ(fast.c->gr[i], slow.c->gr[i]);
	CHECK_EQ(fast.c->pr, slow.c->pr);
	CHECK_EQ(fast.c->ip, slow.c->ip);
	CHECK_SAME(gr, fast);
	CHECK_SAME(br, tr);
	CHECK_EQ(fast.c->alat_used, slow.c->alat_used);
	CHECK_MEM(&fast.c->fault, &slow.c->fault, sizeof(fast.c->fault));
	CHECK_EQ(fast.io_reads, slow.io_reads);
	CHECK_EQ(fast.io_writes, slow.io_writes);
}

/* Some registers get other numbers. */
static void refresh(struct ia64_cpu *c, uint64_t with)
{
	seed = with;
	for (unsigned i = 1; i < c->limit; i++)
		if (below(4) == 0)
			ia64_set_gr(c, i, number(), false);
	c->pr ^= rnd() << 1;
}

/* A frame with most registers, of a stack that is empty. */
static void set_frame(struct ia64_cpu *c)
{
	c->bspstore = IA64_STACK;
	c->ndirty = 0;
	c->sof = 88;
	c->sol = 40;
	c->sor = c->rrb_gr = 0;
	ia64_written(c);
}

/* Goes on behind what faulted, or at the start. */
static void go_on(struct ia64_cpu *c, uint64_t psr)
{
	uint64_t ip = (c->cr[CR_IIP] & ~UINT64_C(15)) + 16;

	if (ip - IA64_CODE >= 16 * BUNDLES && ip - FAR >= 16 * BUNDLES)
		ip = IA64_CODE;
	ia64_psr_write(c, psr);
	if (c->sof < 64)
		set_frame(c);
	c->ar[AR_LC] = LOOPS;
	c->ip = ip;
	c->ri = 0;
}

/* Runs both, a few branches at a time. */
static void run_both(uint64_t with)
{
	uint64_t psr = fast.c->psr;

	for (unsigned i = 0; i < RUNS; i++) {
		unsigned n = 1 + i % 16;
		enum ia64_stop how = ia64_run(fast.c, n);

		CHECK_EQ(ia64_run(slow.c, n), how);
		check_same();
		refresh(fast.c, with + i);
		refresh(slow.c, with + i);
		if (how == IA64_STOP_BUDGET)
			continue;
		go_on(fast.c, psr);
		go_on(slow.c, psr);
	}
	CHECK_SAME(tr, alat);
	CHECK_MEM(fast.ram, slow.ram, IA64_RAM_SIZE);
}

static unsigned heads(const struct ia64_cpu *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < IA64_PAGE_HASH; i++)
		for (const struct ia64_page *p = c->pages[i]; p; p = p->next)
			for (unsigned o = 0; o < 3 * IA64_PAGE_BUNDLES; o++)
				n += p->op[o].op == OP_NATIVE;
	return n;
}

TEST(ia64_native_code_does_what_the_interpreter_does)
{
	unsigned made = 0, programs = 0;

	begin();
	for (unsigned i = 0; fast.c->native && i < ia64_nforms; i++) {
		uint64_t with = (i + 1) * 0x9e3779b97f4a7c15;

		seed = ~with;
		if (!is_native(&ia64_forms[i]))
			continue;
		programs++;
		random_program(&ia64_forms[i]);
		set_state(fast.c, with);
		set_state(slow.c, with);
		run_both(with);
		made += heads(fast.c);
	}
	if (fast.c->native)
		CHECK(made > programs / 2);
	end();
}

/* ---- the longest fragments */
TEST(ia64_native_code_of_many_operations_takes_the_branch_behind_them)
{
	/* more than a fragment has at most, and less */
	for (unsigned n = 90; n < 110; n++) {
		begin();
		for (unsigned i = 0; i < n; i++)
			PUT(&fast, "adds", "A4", 9, 1, 9);
		PUT(&fast, "br.cond", "B1", ia64_to(&fast, IA64_CODE));
		CHECK_EQ(ia64_run(fast.c, 100), IA64_STOP_BUDGET);
		CHECK_EQ(fast.c->gr[9], 100 * n);
		end();
	}
}

/* ---- a page that ends with nops, to which a loop branches */
TEST(ia64_native_branch_to_nops_goes_on_in_the_next_page)
{
	const uint64_t last = IA64_CODE + 0xff0;

	begin();
	fast.at = last;
	for (unsigned i = 0; i < 2; i++)
		PUT(&fast, "nop.i", "I18", 0);
	PUT(&fast, "br.cond", "B1", ia64_to(&fast, IA64_CODE));
	fast.at = IA64_CODE;
	PUT(&fast, "adds", "A4", 9, 1, 9);
	PUT(&fast, "br.cond", "B1", ia64_to(&fast, last));
	CHECK_EQ(ia64_run(fast.c, 3000), IA64_STOP_BUDGET);
	CHECK_EQ(fast.c->gr[9], 1000);
	end();
}

/* ---- a return to a frame that has NaTs, within the page */
TEST(ia64_native_return_brings_nats_back)
{
	begin();
	for (unsigned i = 0; i < 8; i++)
		PUT(&fast, "adds", "A4", 9, 1, 9);
	PUT(&fast, "br.ret", "B4", 0);
	PUT(&fast, "st8", "M4", 2, 33);
	for (unsigned i = 0; i < 8; i++) {
		bool nat = i > 6;

		fast.c->bspstore = IA64_STACK + 8 * 4;
		fast.c->rnat = nat ? 0xf : 0;
		fast.c->ndirty = 0;
		fast.c->ar[AR_PFS] = 4 | 4 << 7;
		fast.c->br[0] = IA64_CODE + 16 * 9;
		fast.c->gr[2] = IA64_DATA;
		fast.at = IA64_CODE + 16 * 10;
		CHECK_EQ(ia64_rig_run(&fast), nat ? VEC_NAT + 1 : IA64_END);
		CHECK_EQ(fast.c->nats, nat);
	}
	CHECK_EQ(fast.c->gr[9], 8 * 8);
	CHECK(!fast.c->native || heads(fast.c));
	end();
}

/* ---- ia64_kick() */
static struct {
	enum ia64_stop how;
	bool done; /* atomic */
} runs;

static void *run_for_ever(void *opaque)
{
	runs.how = ia64_run(opaque, 0);
	__atomic_store_n(&runs.done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Runs a loop that has no end and counts in r9; what ended it. */
static enum ia64_stop kicked(struct ia64_cpu *c)
{
	uint64_t before = __atomic_load_n(&c->gr[9], __ATOMIC_RELAXED);
	pthread_t thread;

	runs.done = false;
	CHECK_EQ(pthread_create(&thread, NULL, run_for_ever, c), 0);
	UNTIL(__atomic_load_n(&c->gr[9], __ATOMIC_RELAXED) - before > 100000);
	CHECK(!__atomic_load_n(&runs.done, __ATOMIC_ACQUIRE));
	ia64_kick(c);
	UNTIL(__atomic_load_n(&runs.done, __ATOMIC_ACQUIRE));
	pthread_join(thread, NULL);
	return runs.how;
}

TEST(ia64_kick_ends_native_code_that_loops_for_ever)
{
	static const struct {
		const char *name, *fmt;
	} loops[] = { { "br.cond", "B1" },
		      { "br.cloop", "B2" },
		      { "br.ctop", "B2" } };

	for (unsigned i = 0; i < 3; i++) {
		begin();
		fast.c->ar[AR_LC] = UINT64_MAX;
		PUT(&fast, "adds", "A4", 9, 1, 9);
		PUT(&fast, "xor", "A1", 10, 9, 10);
		PUT(&fast, loops[i].name, loops[i].fmt,
		    ia64_to(&fast, IA64_CODE));
		CHECK_EQ(ia64_run(fast.c, 1000), IA64_STOP_BUDGET);
		CHECK(!fast.c->native || heads(fast.c));
		CHECK_EQ(kicked(fast.c), IA64_STOP_KICK);
		/* a kick that came before is not forgotten, nor is it two */
		ia64_kick(fast.c);
		CHECK_EQ(ia64_run(fast.c, 0), IA64_STOP_KICK);
		CHECK_EQ(ia64_run(fast.c, 10), IA64_STOP_BUDGET);
		end();
	}
}

/* Counts in r9, and branches back by way of another page. */
enum { BY_BRANCH, BY_CALL, BY_PAGE_END, WAYS };
static void put_endless(unsigned by)
{
	if (by == BY_PAGE_END) {
		PUT(&fast, "br.cond", "B1", ia64_to(&fast, FAR - 16 * 9));
		fast.at = FAR - 16 * 9;
	}
	PUT(&fast, "adds", "A4", 9, 1, 9);
	for (unsigned i = 0; i < 8; i++)
		PUT(&fast, "add", "A1", 16, 16, 9);
	if (by == BY_CALL)
		PUT(&fast, "br.call", "B3", 0, ia64_to(&fast, FAR));
	else if (by == BY_BRANCH)
		PUT(&fast, "br.cond", "B1", ia64_to(&fast, FAR));
	fast.at = FAR;
	for (unsigned i = 0; i < 8; i++)
		PUT(&fast, "add", "A1", 16, 16, 9);
	PUT(&fast, "br.cond", "B1", ia64_to(&fast, IA64_CODE));
}

TEST(ia64_kick_ends_native_code_of_two_pages)
{
	for (unsigned by = 0; by < WAYS; by++) {
		begin();
		put_endless(by);
		CHECK_EQ(ia64_run(fast.c, 1000), IA64_STOP_BUDGET);
		CHECK(!fast.c->native || heads(fast.c));
		CHECK_EQ(kicked(fast.c), IA64_STOP_KICK);
		end();
	}
}
