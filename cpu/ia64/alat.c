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

static struct ia64_alat *find(struct ia64_cpu *c, bool fr, unsigned reg)
{
	for (unsigned i = 0; i < IA64_ALAT_SIZE; i++)
		if (c->alat[i].valid && c->alat[i].reg == reg &&
		    c->alat[i].is_fr == fr)
			return &c->alat[i];
	return NULL;
}

static void drop(struct ia64_cpu *c, struct ia64_alat *e)
{
	if (e->valid)
		c->alat_used--;
	e->valid = false;
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
	struct ia64_alat *e = find(c, fr, reg);

	if (!e)
		e = &c->alat[c->alat_next++ % IA64_ALAT_SIZE];
	drop(c, e);
	/* only of memory, and not where reads have side effects */
	if (!w->host || size > sizeof(e->seen))
		return;
	*e = (struct ia64_alat){ .valid = true,
				 .is_fr = fr,
				 .reg = (uint8_t)reg,
				 .size = (uint8_t)size,
				 .host = w->host };
	memcpy(e->seen, w->host, size);
	c->alat_used++;
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
	for (unsigned i = 0; i < IA64_ALAT_SIZE; i++) {
		struct ia64_alat *e = &c->alat[i];

		if (e->valid && host < e->host + e->size &&
		    e->host < host + size)
			drop(c, e);
	}
}

void ia64_alat_clear(struct ia64_cpu *c)
{
	for (unsigned i = 0; i < IA64_ALAT_SIZE; i++)
		c->alat[i].valid = false;
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
