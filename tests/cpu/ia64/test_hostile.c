/* SPDX-License-Identifier: MIT */
/* cpu/ia64: no program keeps its vCPU's thread from who wants it back. */
#include <pthread.h>
#include <stdlib.h>

#include "cpu/ia64/native.h"
#include "cpu/ia64/pv.h"
#include "tests/cpu/ia64/random.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

#define PROGRAMS 100
#define CODE	 UINT64_C(0x1000) /* random bundles from here on ... */
#define CODE_END UINT64_C(0x7000)
#define HANDLERS UINT64_C(0x8000)    /* ... and where interruptions go */
#define SMALL	 (UINT64_C(1) << 18) /* what most addresses lie in */

static struct ia64_rig r;
static uint64_t seed;

static uint64_t rnd(void)
{
	return random_next(&seed);
}

/* Mostly of a form that exists, and without a predicate. */
static void put_random(uint64_t at)
{
	static const struct {
		uint8_t tmpl, slot;
	} place[] = { [UNIT_A] = { 0x00, 1 }, [UNIT_I] = { 0x00, 1 },
		      [UNIT_M] = { 0x08, 0 }, [UNIT_F] = { 0x0c, 1 },
		      [UNIT_B] = { 0x10, 2 }, [UNIT_X] = { 0x04, 2 } };
	const struct ia64_form *f = &ia64_forms[rnd() % ia64_nforms];
	struct ia64_bundle b = { .tmpl = place[f->unit].tmpl };
	unsigned slot = place[f->unit].slot;

	for (unsigned i = 0; i < 3; i++)
		b.slot[i] = rnd() % 8 ? UINT64_C(1) << 27
				      : rnd() & IA64_SLOT_MASK;
	b.slot[slot] = (rnd() & IA64_SLOT_MASK & ~f->mask) | f->match;
	if (rnd() % 4)
		b.slot[slot] &= ~UINT64_C(63);
	/* near, so that it stays among the others */
	if (f->unit == UNIT_B && rnd() % 4)
		b.slot[slot] &= ~(UINT64_C(0xfff80) << 13);
	if (f->op == OP_BREAK && rnd() % 2)
		ia64_operand_put(f, 0,
				 (int64_t)(IA64_PV_BREAK + rnd() % PV_OPS),
				 &b.slot[slot], &b.slot[1]);
	ia64_bundle_store(&b, r.ram + at);
}

static bool pending(void *opaque)
{
	(void)opaque;
	return rnd() % 5 == 0;
}

static void random_state(struct ia64_cpu *c)
{
	c->cr[CR_IVA] = HANDLERS;
	c->cr[CR_PTA] = 15 << 2 | (rnd() & 1);
	c->bspstore = 0x20000;
	c->sof = 40;
	c->sol = 20;
	for (unsigned i = 1; i < 128; i++)
		c->gr[i] = rnd() % 3 ? rnd() % SMALL : rnd();
	for (unsigned i = 0; i < 8; i++)
		c->br[i] = CODE + rnd() % (CODE_END - CODE);
	c->ar[AR_LC] = c->ar[AR_PFS] = rnd() & 0xfff;
	c->pr = rnd() | 1;
	for (unsigned d = 0; d < 2; d++)
		c->tr[d][0] = (struct ia64_tlbe){ .valid = true,
						  .p = true,
						  .a = true,
						  .d = true,
						  .ps = 18,
						  .ar = 3 };
	c->psr = rnd() & (PSR_IC | PSR_I | PSR_BN | PSR_AC | PSR_MFL);
	c->psr |= rnd() % 2 ? PSR_IT | PSR_DT | PSR_RT : 0;
	c->psr |= rnd() % 8 ? 0 : PSR_SS;
	c->psr |= rnd() % 8 ? 0 : PSR_CPL;
	c->pv_gpa = 0x3000;
	c->pv_there = rnd() & 1;
	ia64_pv_remap(c);
	c->ip = CODE;
	ia64_written(c);
}

/* A machine without services, so that nothing but a kick ends a program. */
static void make(uint64_t with)
{
	ia64_rig_init(&r);
	seed = with;
	r.env.service = NULL;
	r.env.interrupt = rnd() % 2 ? pending : NULL;
	r.env.paravirt = true;
	for (uint64_t at = CODE; at < CODE_END; at += 16)
		put_random(at);
	for (uint64_t at = HANDLERS; at < HANDLERS + 0x8000; at += 16)
		put_random(at);
	if (rnd() % 4)
		ia64_native_eager(r.c);
	random_state(r.c);
}

static bool done; /* atomic */

static void *run(void *opaque)
{
	CHECK_EQ(ia64_run(opaque, 0), IA64_STOP_KICK);
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void kick_ends_it(void)
{
	pthread_t thread;

	done = false;
	CHECK_EQ(pthread_create(&thread, NULL, run, r.c), 0);
	sched_yield();
	ia64_kick(r.c);
	UNTIL(__atomic_load_n(&done, __ATOMIC_ACQUIRE));
	pthread_join(thread, NULL);
}

TEST(ia64_kick_ends_whatever_a_program_does)
{
	for (uint64_t i = 1; i <= PROGRAMS; i++) {
		make(i * 0x9e3779b97f4a7c15);
		ia64_run(r.c, 200);
		kick_ends_it();
		ia64_rig_free(&r);
	}
}
