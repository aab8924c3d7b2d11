/* SPDX-License-Identifier: MIT */
/* Every form of branch of cpu/ia64's table under every kind of counter,
 * predicate and frame, against the manual's tables: SDM 3:2 br, brl. */
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "tests/cpu/ia64/random.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

#define TARGET (IA64_CODE + 0x400)
#define TAKEN  (IA64_END + 1)
enum { SOF = 90, SOL = 70, SOR = 16, QP = 17, BR = 6, LINK = 3 };

static struct ia64_rig r;
static uint64_t seed;

static uint64_t rnd(void)
{
	return random_next(&seed);
}

/* What a branch may read and write, with registers by physical number. */
struct state {
	uint64_t lc, ec, pfs, link;
	bool qp, p63;
	unsigned sof, sol, sor, rrb_gr, rrb_fr, rrb_pr;
};

static uint64_t marker(const struct state *s)
{
	return s->sof | s->sol << 7 | (uint64_t)(s->sor / 8) << 14 |
	       (uint64_t)s->rrb_gr << 18 | (uint64_t)s->rrb_fr << 25 |
	       (uint64_t)s->rrb_pr << 32;
}

static void rotate(struct state *s)
{
	s->rrb_gr = (s->rrb_gr + s->sor - 1) % s->sor;
	s->rrb_fr = (s->rrb_fr + 95) % 96;
	s->rrb_pr = (s->rrb_pr + 47) % 48;
}

/* The modulo-scheduled ones; true: it is taken.  down: by LC, else by qp. */
static bool modulo(struct state *s, bool by_lc, bool top)
{
	bool on;

	if (by_lc ? s->lc != 0 : s->qp) {
		s->lc -= by_lc;
		s->p63 = by_lc;
		rotate(s);
		return top;
	}
	on = s->ec > 1;
	s->p63 = false;
	if (s->ec) {
		s->ec--;
		rotate(s);
	}
	return on == top;
}

static void call(struct state *s)
{
	s->pfs = marker(s) | s->ec << 52;
	s->link = IA64_CODE + 16;
	s->sof -= s->sol;
	s->sol = s->sor = s->rrb_gr = s->rrb_fr = s->rrb_pr = 0;
}

/* Whether it is taken, and what it does. */
static bool expect(const char *name, struct state *s)
{
	if (!strcmp(name, "br.cloop")) {
		if (!s->lc)
			return false;
		s->lc--;
		return true;
	}
	if (!strcmp(name, "br.ctop") || !strcmp(name, "br.cexit"))
		return modulo(s, true, !strcmp(name, "br.ctop"));
	if (!strcmp(name, "br.wtop") || !strcmp(name, "br.wexit"))
		return modulo(s, false, !strcmp(name, "br.wtop"));
	if (!s->qp || !strncmp(name, "brp", 3))
		return false;
	if (!strcmp(name + strlen(name) - 5, ".call"))
		call(s);
	if (!strcmp(name, "br.ret")) {
		s->ec = s->pfs >> 52 & 63;
		s->sof = s->pfs & 127;
		s->sol = s->pfs >> 7 & 127;
		s->sor = (s->pfs >> 14 & 15) * 8;
		s->rrb_gr = s->pfs >> 18 & 127;
		s->rrb_fr = s->pfs >> 25 & 127;
		s->rrb_pr = s->pfs >> 32 & 63;
	}
	return true;
}

static struct state random_state(void)
{
	static const uint64_t counts[] = { 0, 1, 2, 7 };
	struct state s = { .lc = counts[rnd() % 4], .ec = counts[rnd() % 4] };

	if (rnd() % 8 == 0)
		s.lc = UINT64_MAX;
	s.qp = rnd() & 1;
	s.p63 = rnd() & 1;
	s.sof = SOF;
	s.sol = SOL;
	s.sor = SOR;
	s.rrb_gr = rnd() % SOR;
	s.rrb_fr = rnd() % 96;
	s.rrb_pr = rnd() % 48;
	s.link = 77;
	/* a frame to return to, of the same registers */
	s.pfs = 20 | 5 << 7 | 2 << 14 | (rnd() % 16) << 18 |
		(rnd() % 96) << 25 | (rnd() % 48) << 32 | (rnd() % 64) << 52;
	return s;
}

/* The predicate, by the number that a program uses, has that physical one. */
static unsigned physical(const struct state *s, unsigned p)
{
	return p < 16 ? p : 16 + (p - 16 + s->rrb_pr) % 48;
}

static void operands(const struct ia64_form *f, int64_t *opd)
{
	for (unsigned n = 0; n < ia64_form_operands(f); n++) {
		const struct ia64_operand *o = f->fmt->opd[n];

		if (o->kind != OPD_BR)
			opd[n] = TARGET - IA64_CODE;
		else
			opd[n] = o->field == FLD_A ? LINK : BR;
	}
}

static void begin(const struct ia64_form *f, const struct state *s)
{
	struct ia64_cpu *c = r.c;
	int64_t opd[5] = { 0 };
	uint64_t pr = 1;

	r.at = IA64_CODE;
	ia64_forget_code(c, IA64_CODE, 64);
	operands(f, opd);
	ia64_put_form(&r, QP, f, opd);
	PUT(&r, "break.m", "M37", IA64_END);
	c->sof = SOF;
	c->sol = SOL;
	c->sor = SOR;
	c->rrb_gr = (uint8_t)s->rrb_gr;
	c->rrb_fr = (uint8_t)s->rrb_fr;
	c->rrb_pr = 0;
	c->ndirty = 0;
	c->bspstore = IA64_STACK + 0x1000;
	if (s->qp)
		pr |= UINT64_C(1) << physical(s, QP);
	if (s->p63)
		pr |= UINT64_C(1) << physical(s, 63);
	c->pr = pr;
	ia64_set_rrb_pr(c, s->rrb_pr);
	c->br[BR] = TARGET;
	c->br[LINK] = s->link;
	c->ar[AR_LC] = s->lc;
	c->ar[AR_EC] = s->ec;
	c->ar[AR_PFS] = s->pfs;
	ia64_written(c);
	c->ip = IA64_CODE;
	c->ri = 0;
}

static void check(const struct ia64_form *f, const struct state *s, bool taken,
		  unsigned old_rrb_pr)
{
	const struct ia64_cpu *c = r.c;
	struct state before = { .rrb_pr = old_rrb_pr };
	unsigned rrb = c->rrb_pr;

	if (r.broke != (taken ? TAKEN : IA64_END) || c->ar[AR_LC] != s->lc ||
	    c->ar[AR_EC] != s->ec || c->ar[AR_PFS] != s->pfs ||
	    c->br[LINK] != s->link || ia64_cfm(c) != marker(s))
		fail_msg("%s %s: break %llx, taken is %d, LC %llx, EC %llx, "
			 "CFM %llx for %llx",
			 f->name, f->fmt->name, (unsigned long long)r.broke,
			 taken, (unsigned long long)c->ar[AR_LC],
			 (unsigned long long)c->ar[AR_EC],
			 (unsigned long long)ia64_cfm(c),
			 (unsigned long long)marker(s));
	/* p63 was written before it got another name */
	ia64_set_rrb_pr(r.c, 0);
	CHECK_EQ(c->pr >> physical(&before, 63) & 1, s->p63);
	ia64_set_rrb_pr(r.c, rrb);
}

TEST(ia64_every_branch_goes_where_the_manual_says)
{
	unsigned forms = 0;

	seed = 0xb4a;
	ia64_rig_init(&r);
	r.at = TARGET;
	PUT(&r, "break.m", "M37", TAKEN);
	for (unsigned i = 0; i < ia64_nforms; i++) {
		const struct ia64_form *f = &ia64_forms[i];

		if (strncmp(f->name, "br", 2) ||
		    !strncmp(f->name, "break", 5) || !strcmp(f->name, "br.ia"))
			continue;
		forms++;
		for (unsigned n = 0; n < 200; n++) {
			struct state s = random_state();
			unsigned rrb = s.rrb_pr;
			bool taken;

			/* a counted branch has no predicate */
			if (f->fmt->no_qp)
				s.qp = false;
			begin(f, &s);
			taken = expect(f->name, &s);
			ia64_rig_continue(&r);
			check(f, &s, taken, rrb);
		}
	}
	CHECK(forms >= 15);
	ia64_rig_free(&r);
}
