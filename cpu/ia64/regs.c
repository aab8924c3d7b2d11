/* SPDX-License-Identifier: MIT */
/* The engine's registers as plain data, and back. */
#include "cpu/ia64/regs.h"

#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/mmu.h"

static void nat_put(uint64_t set[2], unsigned i, bool on)
{
	uint64_t bit = UINT64_C(1) << (i & 63);

	set[i >> 6] = on ? set[i >> 6] | bit : set[i >> 6] & ~bit;
}

static void frames_get(const struct ia64_cpu *c, struct ia64_regs *r)
{
	for (unsigned i = 0; i < c->limit; i++) {
		r->gr[i] = ia64_get_gr(c, i);
		nat_put(r->nat, i, gr_nat(c, i));
	}
	for (unsigned i = 0; i < 128; i++) {
		const struct ia64_fr *f = &c->fr[fr_index(c, i)];

		r->fr[i][0] = f->sig;
		r->fr[i][1] = f->exp | (uint64_t)f->sign << 17;
	}
}

void ia64_regs_get(const struct ia64_cpu *c, struct ia64_regs *r)
{
	memset(r, 0, sizeof(*r));
	frames_get(c, r);
	memcpy(r->br, c->br, sizeof(r->br));
	r->pr = c->pr;
	r->ip = c->ip;
	r->psr = c->psr | (uint64_t)c->ri << 41;
	r->cfm = ia64_cfm(c);
	memcpy(r->ar, c->ar, sizeof(r->ar));
	r->ar[AR_BSP] = ia64_frame_end(c);
	r->ar[AR_BSPSTORE] = c->bspstore;
	r->ar[AR_RNAT] = c->rnat;
	memcpy(r->bank_gr, c->bank_gr, sizeof(r->bank_gr));
	for (unsigned i = 0; i < 16; i++)
		r->bank_nat |= (uint64_t)c->bank_nat[i] << i;
	memcpy(r->cr, c->cr, sizeof(r->cr));
	memcpy(r->rr, c->rr, sizeof(r->rr));
	memcpy(r->ibr, c->ibr, sizeof(r->ibr));
	memcpy(r->dbr, c->dbr, sizeof(r->dbr));
	memcpy(r->pkr, c->pkr, sizeof(r->pkr));
	memcpy(r->tr, c->tr, sizeof(r->tr));
	memcpy(r->tc, c->tc, sizeof(r->tc));
}

static void frames_set(struct ia64_cpu *c, const struct ia64_regs *r)
{
	for (unsigned i = 1; i < c->limit; i++)
		gr_set(c, i, r->gr[i], r->nat[i >> 6] >> (i & 63) & 1);
	for (unsigned i = 2; i < 128; i++)
		c->fr[fr_index(c, i)] = (struct ia64_fr){
			.sig = r->fr[i][0],
			.exp = r->fr[i][1] & 0x1ffff,
			.sign = r->fr[i][1] >> 17 & 1,
		};
}

/* Of AR those that a debugger may change; frames and translations stay. */
static void ars_set(struct ia64_cpu *c, const struct ia64_regs *r)
{
	for (unsigned i = 0; i < 128; i++)
		if (i < 8 || i == AR_CCV || i == AR_UNAT || i == AR_FPSR ||
		    (i >= AR_PFS && i <= AR_EC))
			c->ar[i] = r->ar[i];
}

void ia64_regs_set(struct ia64_cpu *c, const struct ia64_regs *r)
{
	ia64_psr_write(c, r->psr);
	frames_set(c, r);
	memcpy(c->br, r->br, sizeof(c->br));
	c->pr = r->pr | 1;
	c->ip = r->ip & ~UINT64_C(15);
	c->ri = (r->psr >> 41 & 3) % 3;
	ars_set(c, r);
	memcpy(c->cr, r->cr, sizeof(r->cr));
	memcpy(c->ibr, r->ibr, sizeof(r->ibr));
	memcpy(c->dbr, r->dbr, sizeof(r->dbr));
	ia64_written(c);
}
