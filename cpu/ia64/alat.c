/* SPDX-License-Identifier: MIT */
/* The advanced load address table of IA-64: SDM 1:4.4.5.3, 2:4.4.9. */
#include <string.h>

#include "cpu/ia64/exec.h"

/*
 * This processor's stores remove entries at once.  Those of others and of
 * devices are not seen as they happen: an entry is checked against what memory
 * holds now, and one whose bytes changed is a miss, which is all that a program
 * can tell.
 */

/* Each register has one place, which it shares with some others. */
static struct ia64_alat *place(struct ia64_cpu *c, bool fr, unsigned reg)
{
	return &c->alat[(reg + (fr ? IA64_ALAT_SIZE / 2 : 0)) % IA64_ALAT_SIZE];
}

static uint32_t bit_of(const struct ia64_cpu *c, const struct ia64_alat *e)
{
	return UINT32_C(1) << (e - c->alat);
}

static struct ia64_alat *find(struct ia64_cpu *c, bool fr, unsigned reg)
{
	struct ia64_alat *e = place(c, fr, reg);

	return (c->alat_used & bit_of(c, e)) && e->reg == reg && e->is_fr == fr
		       ? e
		       : NULL;
}

static void drop(struct ia64_cpu *c, const struct ia64_alat *e)
{
	c->alat_used &= ~bit_of(c, e);
}

void ia64_alat_drop(struct ia64_cpu *c, bool fr, unsigned reg)
{
	struct ia64_alat *e = c->alat_used ? find(c, fr, reg) : NULL;

	if (e)
		drop(c, e);
}

void ia64_alat_add(struct ia64_cpu *c, bool fr, unsigned reg,
		   const struct ia64_where *w, unsigned size)
{
	struct ia64_alat *e = place(c, fr, reg);

	drop(c, e);
	/* only of memory, and not where reads have side effects */
	if (!w->host || size > sizeof(e->seen))
		return;
	e->is_fr = fr;
	e->reg = (uint8_t)reg;
	e->size = (uint8_t)size;
	e->host = w->host;
	memcpy(e->seen, w->host, size);
	c->alat_used |= bit_of(c, e);
}

bool ia64_alat_hit(struct ia64_cpu *c, bool fr, unsigned reg, bool clear)
{
	struct ia64_alat *e = c->alat_used ? find(c, fr, reg) : NULL;
	bool hit;

	if (!e)
		return false;
	hit = !memcmp(e->seen, e->host, e->size);
	if (clear || !hit)
		drop(c, e);
	return hit;
}

void ia64_alat_store(struct ia64_cpu *c, const uint8_t *host, unsigned size)
{
	for (uint32_t left = c->alat_used; left; left &= left - 1) {
		struct ia64_alat *e = &c->alat[__builtin_ctz(left)];

		if (host < e->host + e->size && e->host < host + size)
			drop(c, e);
	}
}

void ia64_alat_clear(struct ia64_cpu *c)
{
	c->alat_used = 0;
}

int ia64_op_invala(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	ia64_alat_clear(c);
	return EX_NEXT;
}

int ia64_op_invala_e(struct ia64_cpu *c, const struct ia64_op *o)
{
	bool fr = o->k & CHK_FR;

	ia64_alat_drop(c, fr, fr ? fr_index(c, o->a) : gr_place(c, o->a));
	return EX_NEXT;
}

/* The rest of chk.a goes on at its target: a miss is a branch. */
int ia64_op_chk_a(struct ia64_cpu *c, const struct ia64_op *o)
{
	bool fr = o->k & CHK_FR;
	unsigned reg = fr ? fr_index(c, o->a) : gr_place(c, o->a);

	return ia64_alat_hit(c, fr, reg, o->k & CHK_CLR) ? EX_NEXT : EX_BRANCH;
}
