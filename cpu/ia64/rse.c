/* SPDX-License-Identifier: MIT */
/* The register stack, rotation and frames of IA-64: SDM 2:6, 1:4.1, 1:4.5. */
#include <string.h>

#include "cpu/ia64/exec.h"

/*
 * The engine is lazy: it stores a register when a new frame needs its place,
 * loads one when a return needs it, and keeps no clean partition: what was
 * stored is loaded again.  Both are what rsc.mode 0 allows at any time.
 */

#define RING 96

/* Ring places in order, twice, so that any frame's are one run of bytes. */
static uint8_t ring[2 * RING];

static void __attribute__((constructor)) ring_init(void)
{
	for (unsigned i = 0; i < sizeof(ring); i++)
		ring[i] = (uint8_t)(32 + i % RING);
}

/* Where a register's place is in the collection of 63 and its NaTs. */
static unsigned collection_bit(uint64_t addr)
{
	return addr >> 3 & 63;
}

/* The address n registers above addr (below: n < 0), NaT words counted. */
static uint64_t skip_regs(uint64_t addr, int n)
{
	int delta = (int)collection_bit(addr) + n;

	if (n < 0)
		delta -= 62;
	return addr + 8 * (uint64_t)(int64_t)(n + delta / 63);
}

uint64_t ia64_bsp(const struct ia64_cpu *c)
{
	return skip_regs(c->bspstore, c->ndirty);
}

uint64_t ia64_frame_end(const struct ia64_cpu *c)
{
	return skip_regs(ia64_bsp(c), c->sof);
}

uint64_t ia64_cfm(const struct ia64_cpu *c)
{
	return c->sof | (uint64_t)c->sol << 7 | (uint64_t)(c->sor / 8) << 14 |
	       (uint64_t)c->rrb_gr << 18 | (uint64_t)c->rrb_fr << 25 |
	       (uint64_t)c->rrb_pr << 32;
}

/* Builds map[] after anything in the frame's shape or place changed. */
void ia64_remap(struct ia64_cpu *c)
{
	uint8_t *m = c->map + 32;

	memcpy(m, ring + c->base, RING);
	c->limit = 32u + c->sof;
	if (c->rrb_gr && c->sor) {
		memcpy(m, ring + c->base + c->rrb_gr,
		       c->sor - (unsigned)c->rrb_gr);
		memcpy(m + c->sor - c->rrb_gr, ring + c->base, c->rrb_gr);
	}
}

/* pr keeps the program's names, so a new rrb.pr turns bits 63:16. */
void ia64_set_rrb_pr(struct ia64_cpu *c, unsigned rrb)
{
	unsigned by = (c->rrb_pr + 48u - rrb) % 48;
	uint64_t r = c->pr >> 16;

	if (by)
		r = (r << by | r >> (48 - by)) & 0xffffffffffff;
	c->pr = (c->pr & 0xffff) | r << 16;
	c->rrb_pr = (uint8_t)rrb;
}

/* One rotation, as by br.ctop: every rename base goes down by one. */
void ia64_rotate(struct ia64_cpu *c)
{
	if (c->sor)
		c->rrb_gr = (uint8_t)(c->rrb_gr ? c->rrb_gr - 1 : c->sor - 1);
	c->rrb_fr = (uint8_t)(c->rrb_fr ? c->rrb_fr - 1 : 95);
	ia64_set_rrb_pr(c, c->rrb_pr ? c->rrb_pr - 1u : 47);
	if (c->sor)
		ia64_remap(c);
}

/* br.call: the caller's locals are preserved, its outputs the new frame. */
void ia64_rse_call(struct ia64_cpu *c)
{
	c->base = (c->base + c->sol) % RING;
	c->ndirty += c->sol;
	c->sof -= c->sol;
	c->sol = c->sor = 0;
	c->rrb_gr = c->rrb_fr = 0;
	ia64_set_rrb_pr(c, 0);
	ia64_remap(c);
}

static void set_frame(struct ia64_cpu *c, uint64_t marker)
{
	c->sof = marker & 127;
	c->sol = marker >> 7 & 127;
	c->sor = (uint8_t)((marker >> 14 & 15) * 8);
	c->rrb_gr = marker >> 18 & 127;
	c->rrb_fr = marker >> 25 & 127;
	/* what no frame can be, a program's pfs or ifs may still say */
	if (c->sof > RING)
		c->sof = RING;
	if (c->sol > c->sof)
		c->sol = c->sof;
	if (c->sor > c->sof)
		c->sor = c->sof / 8 * 8;
	if (c->rrb_gr >= (c->sor ? c->sor : 1))
		c->rrb_gr = 0;
	if (c->rrb_fr >= 96)
		c->rrb_fr = 0;
	ia64_set_rrb_pr(c, (marker >> 32 & 63) % 48);
}

void ia64_rse_restore(struct ia64_cpu *c, uint64_t marker, unsigned n)
{
	int keep = c->ndirty > 0 ? c->ndirty : 0;

	set_frame(c, marker);
	if (n > c->sof)
		n = c->sof;
	keep -= (int)n;
	if (keep > 0 && keep + c->sof > RING) {
		/* a larger frame than there is room for: SDM 3:2 br.ret */
		set_frame(c, 0);
	}
	c->base = (c->base + RING - n) % RING;
	c->ndirty -= (int)n;
	/* of a frame with no registers none can be missing */
	if (c->ndirty < 0 && -c->ndirty > c->sof) {
		c->bspstore = skip_regs(c->bspstore, c->ndirty + c->sof);
		c->ndirty = -c->sof;
	}
	ia64_remap(c);
}

/* Stores the oldest dirty register, or the NaTs where they are due. */
static int store_one(struct ia64_cpu *c)
{
	unsigned bit = collection_bit(c->bspstore);
	unsigned reg;

	if (bit == 63) {
		if (ia64_rse_store(c, c->bspstore, c->rnat) < 0)
			return EX_FAULT;
		c->rnat = 0;
		c->bspstore += 8;
		return 0;
	}
	reg = ring[(c->base + 2 * RING - (unsigned)c->ndirty) % RING];
	if (ia64_rse_store(c, c->bspstore, c->gr[reg]) < 0)
		return EX_FAULT;
	c->rnat = (c->rnat & ~(UINT64_C(1) << bit)) | (uint64_t)c->nat[reg]
							      << bit;
	ia64_alat_drop(c, false, reg);
	c->bspstore += 8;
	c->ndirty--;
	return 0;
}

/* Loads the newest register that is missing below bspstore. */
static int load_one(struct ia64_cpu *c)
{
	uint64_t addr = c->bspstore - 8;
	unsigned bit = collection_bit(addr), reg;
	uint64_t val;

	if (ia64_rse_load(c, addr, &val) < 0)
		return EX_FAULT;
	c->bspstore = addr;
	if (bit == 63) {
		c->rnat = val & INT64_MAX;
		return 0;
	}
	c->ndirty++;
	reg = ring[(c->base + 2 * RING - (unsigned)c->ndirty) % RING];
	c->gr[reg] = val;
	c->nat[reg] = c->rnat >> bit & 1;
	ia64_alat_drop(c, false, reg);
	return 0;
}

int ia64_rse_complete(struct ia64_cpu *c)
{
	while (c->ndirty < 0) {
		if (load_one(c) < 0) {
			c->fault.isr |= ISR_IR;
			return EX_FAULT;
		}
	}
	return 0;
}

void ia64_set_bspstore(struct ia64_cpu *c, uint64_t val)
{
	c->bspstore = val & ~UINT64_C(7);
}

/*
 * Only what is mapped: a debugger reads stacked registers where the engine
 * would store them, the current frame's above bsp included.
 */
void ia64_rse_show(struct ia64_cpu *c)
{
	const struct ia64_fault fault = c->fault;
	int first = c->ndirty > 0 ? -c->ndirty : 0;

	for (int i = first; i < c->sof; i++) {
		uint64_t at = skip_regs(ia64_bsp(c), i);
		unsigned reg = ring[(c->base + 2 * RING + (unsigned)i) % RING];

		if (ia64_rse_store(c, at, c->gr[reg]) < 0)
			break;
	}
	c->fault = fault;
}

/* ---- instructions */
int ia64_op_alloc(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned sof = o->b, sol = o->c, sor = o->d;

	if (sof > RING || sor > sof || sol > sof)
		return ia64_general(c, GE_ILLEGAL_OP);
	if (sor != c->sor && (c->rrb_gr || c->rrb_fr || c->rrb_pr))
		return ia64_general(c, GE_RESERVED);
	if (o->a >= 32 + sof)
		return ia64_general(c, GE_ILLEGAL_OP);
	while (c->ndirty > 0 && (unsigned)c->ndirty + sof > RING)
		if (store_one(c) < 0)
			return EX_FAULT;
	c->sof = (uint8_t)sof;
	c->sol = (uint8_t)sol;
	c->sor = (uint8_t)sor;
	ia64_remap(c);
	gr_set(c, o->a, c->ar[AR_PFS], false);
	ia64_alat_drop(c, false, c->map[o->a]);
	return EX_NEXT;
}

int ia64_op_cover(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	if (!(c->psr & PSR_IC))
		c->cr[CR_IFS] = UINT64_C(1) << 63 | ia64_cfm(c);
	c->base = (c->base + c->sof) % RING;
	c->ndirty += c->sof;
	set_frame(c, 0);
	ia64_remap(c);
	return EX_NEXT;
}

int ia64_op_clrrrb(struct ia64_cpu *c, const struct ia64_op *o)
{
	if (!o->k)
		c->rrb_gr = c->rrb_fr = 0;
	ia64_set_rrb_pr(c, 0);
	ia64_remap(c);
	return EX_NEXT;
}

int ia64_op_flushrs(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	while (c->ndirty > 0 ||
	       (!c->ndirty && collection_bit(c->bspstore) == 63))
		if (store_one(c) < 0)
			return EX_FAULT;
	return EX_NEXT;
}

/* Makes the registers within rsc.loadrs bytes below bsp dirty, and no others.
 */
int ia64_op_loadrs(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t bytes = c->ar[AR_RSC] >> 16 & 0x3fff & ~7u;
	uint64_t bsp = ia64_bsp(c), want = bsp - bytes;
	int n = 0;

	(void)o;
	if ((c->ar[AR_RSC] & 3) || (c->sof && bytes))
		return ia64_general(c, GE_ILLEGAL_OP);
	/* how many registers lie in those bytes */
	for (uint64_t a = want; a != bsp; a += 8)
		n += collection_bit(a) != 63;
	if (n > RING)
		return ia64_general(c, GE_ILLEGAL_OP);
	if (c->ndirty > n) {
		c->ndirty = n;
		c->bspstore = want;
	}
	while (c->bspstore != want && c->bspstore - want <= bytes)
		if (load_one(c) < 0)
			return EX_FAULT;
	return EX_NEXT;
}
