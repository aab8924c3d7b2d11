/* SPDX-License-Identifier: MIT */
/* The register stack, rotation and frames of IA-64: SDM 2:6, 1:4.1, 1:4.5. */
#include <string.h>

#include "cpu/ia64/exec.h"

/*
 * The engine is lazy: it stores a register when a new frame needs its place,
 * loads one when a return needs it, and keeps no clean partition: what was
 * stored is loaded again.  Both are what rsc.mode 0 allows at any time.
 *
 * A call moves the caller's locals into the ring and its outputs down to r32,
 * a return moves them back; a rotation moves the rotating registers.  Both are
 * a few words, and instructions find their registers without a look-up.
 */

#define STACKED 96 /* registers, of all frames together */

/* The ring's place n registers above the frame's first one, or below. */
static unsigned place(const struct ia64_cpu *c, int n)
{
	return (c->base + (unsigned)n) % IA64_RING;
}

/* The name that the frame's register n has by rotation. */
static unsigned name_of(const struct ia64_cpu *c, unsigned n)
{
	return 32 + (n < c->sor ? (n + c->sor - c->rrb_gr) % c->sor : n);
}

/* Names the rotating registers anew: each gets the value of the by-th above. */
static void turn(struct ia64_cpu *c, unsigned by)
{
	uint64_t gr[STACKED];
	uint8_t nat[STACKED];

	memcpy(gr, c->gr + 32, sizeof(gr));
	memcpy(nat, c->nat + 32, sizeof(nat));
	for (unsigned i = 0; i < c->sor; i++) {
		c->gr[32 + i] = gr[(i + by) % c->sor];
		c->nat[32 + i] = nat[(i + by) % c->sor];
	}
}

/* Back to the names without rotation. */
static void turn_back(struct ia64_cpu *c)
{
	if (c->rrb_gr)
		turn(c, c->sor - c->rrb_gr);
	c->rrb_gr = 0;
}

/* How many of n places from base on come before the ring's end. */
static unsigned up_to_wrap(const struct ia64_cpu *c, unsigned n)
{
	return n < IA64_RING - c->base ? n : IA64_RING - c->base;
}

/* The frame's first n registers become preserved. */
static void preserve(struct ia64_cpu *c, unsigned n)
{
	unsigned whole = up_to_wrap(c, n);

	turn_back(c);
	for (unsigned i = 0; i < whole; i++)
		c->ring[c->base + i] = c->gr[32 + i];
	for (unsigned i = whole; i < n; i++)
		c->ring[i - whole] = c->gr[32 + i];
	for (unsigned i = 0; c->nats && i < n; i++)
		c->ring_nat[(c->base + i) % IA64_RING] = c->nat[32 + i];
	c->base = (c->base + n) % IA64_RING;
	c->ndirty += (int)n;
}

/* The frame's first n registers are had from the ring, which base is at. */
static void bring_back(struct ia64_cpu *c, unsigned n)
{
	unsigned whole = up_to_wrap(c, n);

	for (unsigned i = 0; i < whole; i++)
		c->gr[32 + i] = c->ring[c->base + i];
	for (unsigned i = whole; i < n; i++)
		c->gr[32 + i] = c->ring[i - whole];
	for (unsigned i = 0; c->nats && i < n; i++)
		c->nat[32 + i] = c->ring_nat[(c->base + i) % IA64_RING];
	if (c->rrb_gr)
		turn(c, c->rrb_gr);
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

/* pr keeps the program's names, so a new rrb.pr turns bits 63:16. */
void ia64_set_rrb_pr(struct ia64_cpu *c, unsigned rrb)
{
	unsigned by = (c->rrb_pr + 48u - rrb) % 48;
	uint64_t r = c->pr >> 16;

	if (rrb == c->rrb_pr)
		return;
	r = (r << by | r >> (48 - by)) & 0xffffffffffff;
	c->pr = (c->pr & 0xffff) | r << 16;
	c->rrb_pr = (uint8_t)rrb;
}

/* One rotation, as by br.ctop: every rename base goes down by one. */
void ia64_rotate(struct ia64_cpu *c)
{
	if (c->sor) {
		unsigned last = 32u + c->sor - 1;
		uint64_t gr = c->gr[last];
		uint8_t nat = c->nat[last];

		memmove(c->gr + 33, c->gr + 32, (c->sor - 1) * sizeof(gr));
		c->gr[32] = gr;
		if (c->nats)
			memmove(c->nat + 33, c->nat + 32, c->sor - 1u);
		c->nat[32] = nat;
		c->rrb_gr = (uint8_t)(c->rrb_gr ? c->rrb_gr - 1 : c->sor - 1);
	}
	c->rrb_fr = (uint8_t)(c->rrb_fr ? c->rrb_fr - 1 : 95);
	ia64_set_rrb_pr(c, c->rrb_pr ? c->rrb_pr - 1u : 47);
}

/*
 * Copies n registers, of which from may be above to.  Not by wider moves: a
 * host waits for what it has just stored in parts, as arguments are.
 */
static void copy(uint64_t *to, const uint64_t *from, unsigned n)
{
	for (; n >= 4; n -= 4, to += 4, from += 4) {
		uint64_t a = from[0], b = from[1], c = from[2], d = from[3];

		__asm__("" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
		to[0] = a;
		to[1] = b;
		to[2] = c;
		to[3] = d;
	}
	for (unsigned i = 0; i < n; i++)
		to[i] = from[i];
}

/* The same where to may be above from. */
static void copy_up(uint64_t *to, const uint64_t *from, unsigned n)
{
	while (n--)
		to[n] = from[n];
}

/* Whether nothing rotates and nothing is a NaT, as in most frames. */
static bool is_plain(const struct ia64_cpu *c)
{
	return !(c->sor | c->rrb_gr | c->rrb_fr | c->rrb_pr | c->nats);
}

/* br.call: the caller's locals are preserved, its outputs the new frame. */
void ia64_rse_call(struct ia64_cpu *c)
{
	unsigned sol = c->sol;

	if (likely(is_plain(c) && sol <= IA64_RING - c->base)) {
		copy(c->ring + c->base, c->gr + 32, sol);
		c->base = (c->base + sol) % IA64_RING;
		c->ndirty += (int)sol;
		c->sof -= sol;
		c->sol = 0;
		c->limit = 32u + c->sof;
		copy(c->gr + 32, c->gr + 32 + sol, c->sof);
		return;
	}
	preserve(c, sol);
	c->sof -= c->sol;
	for (unsigned i = 32; i < 32u + c->sof; i++)
		c->gr[i] = c->gr[sol + i];
	for (unsigned i = 32; c->nats && i < 32u + c->sof; i++)
		c->nat[i] = c->nat[sol + i];
	c->sol = c->sor = 0;
	c->rrb_fr = 0;
	ia64_set_rrb_pr(c, 0);
	c->limit = 32u + c->sof;
}

/* Bits of a marker: sor and the rename bases. */
#define MARKER_ROTATES (((UINT64_C(1) << 38) - 1) & ~UINT64_C(0x3fff))

static void set_frame(struct ia64_cpu *c, uint64_t marker)
{
	c->sof = marker & 127;
	c->sol = marker >> 7 & 127;
	if (likely(!(marker & MARKER_ROTATES) &&
		   !(c->sor | c->rrb_gr | c->rrb_fr | c->rrb_pr) &&
		   c->sof <= STACKED && c->sol <= c->sof))
		return;
	turn_back(c);
	c->sor = (uint8_t)((marker >> 14 & 15) * 8);
	c->rrb_gr = marker >> 18 & 127;
	c->rrb_fr = marker >> 25 & 127;
	/* what no frame can be, a program's pfs or ifs may still say */
	if (c->sof > STACKED)
		c->sof = STACKED;
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

/* Whether the frame of marker is plain, and what it had is in the ring. */
static bool is_whole(const struct ia64_cpu *c, uint64_t marker, unsigned n)
{
	unsigned sof = marker & 127;

	return is_plain(c) && !(marker & MARKER_ROTATES) &&
	       (marker >> 7 & 127) <= sof && n <= sof && n <= c->base &&
	       c->ndirty >= (int)n && (unsigned)c->ndirty - n + sof <= STACKED;
}

void ia64_rse_restore(struct ia64_cpu *c, uint64_t marker, unsigned n)
{
	int keep = c->ndirty > 0 ? c->ndirty : 0;
	unsigned outputs;

	if (likely(is_whole(c, marker, n))) {
		c->sof = marker & 127;
		c->sol = marker >> 7 & 127;
		c->limit = 32u + c->sof;
		c->base -= n;
		c->ndirty -= (int)n;
		copy_up(c->gr + 32 + n, c->gr + 32, c->sof - n);
		copy(c->gr + 32, c->ring + c->base, n);
		return;
	}
	set_frame(c, marker);
	if (n > c->sof)
		n = c->sof;
	keep -= (int)n;
	if (keep > 0 && keep + c->sof > STACKED) {
		/* a larger frame than there is room for: SDM 3:2 br.ret */
		set_frame(c, 0);
	}
	c->base = (c->base - n) % IA64_RING;
	c->ndirty -= (int)n;
	/* of a frame with no registers none can be missing */
	if (c->ndirty < 0 && -c->ndirty > c->sof) {
		c->bspstore = skip_regs(c->bspstore, c->ndirty + c->sof);
		c->ndirty = -c->sof;
	}
	outputs = c->sof > n ? c->sof - n : 0;
	memmove(c->gr + 32 + n, c->gr + 32, outputs * sizeof(c->gr[0]));
	if (c->nats)
		memmove(c->nat + 32 + n, c->nat + 32, outputs);
	bring_back(c, n < c->sof ? n : c->sof);
	c->limit = 32u + c->sof;
}

void ia64_nats_look(struct ia64_cpu *c)
{
	unsigned any = 0;

	for (unsigned i = 0; i < c->limit; i++)
		any |= c->nat[i];
	for (int i = 1; i <= c->ndirty; i++)
		any |= c->ring_nat[place(c, -i)];
	for (unsigned i = 0; i < 16; i++)
		any |= c->bank_nat[i];
	if (any)
		return;
	/* those that are nobody's now may be somebody's later */
	memset(c->nat, 0, sizeof(c->nat));
	memset(c->ring_nat, 0, sizeof(c->ring_nat));
	c->nats = false;
}

/* Where va is, if neither its translation nor its order needs a look. */
static uint64_t *backing(const struct ia64_cpu *c, uint64_t va, unsigned acc)
{
	uint64_t rsc = c->ar[AR_RSC];

	if ((c->psr & (PSR_RT | PSR_DA | PSR_PK)) != PSR_RT || (rsc & RSC_BE))
		return NULL;
	return (uint64_t *)ia64_short_cut(c->tables[rsc >> 2 & 3], va, 8, acc);
}

static int store(struct ia64_cpu *c, uint64_t val)
{
	uint64_t *p = backing(c, c->bspstore, ACC_W);

	if (unlikely(!p || c->alat_used))
		return ia64_rse_store(c, c->bspstore, val);
	__atomic_store_n(p, val, __ATOMIC_RELEASE);
	return 0;
}

static int load(struct ia64_cpu *c, uint64_t va, uint64_t *val)
{
	const uint64_t *p = backing(c, va, ACC_R);

	if (unlikely(!p))
		return ia64_rse_load(c, va, val);
	*val = __atomic_load_n(p, __ATOMIC_ACQUIRE);
	return 0;
}

/* A register has another place, or another value: its entry is none's. */
static void forget_place(struct ia64_cpu *c, unsigned at)
{
	if (unlikely(c->alat_used))
		ia64_alat_drop(c, false, 32 + at);
}

/* Stores the oldest dirty register, or the NaTs where they are due. */
static int store_one(struct ia64_cpu *c)
{
	unsigned bit = collection_bit(c->bspstore), at;

	if (bit == 63) {
		if (store(c, c->rnat) < 0)
			return EX_FAULT;
		c->rnat = 0;
		c->bspstore += 8;
		return 0;
	}
	at = place(c, -c->ndirty);
	if (store(c, c->ring[at]) < 0)
		return EX_FAULT;
	c->rnat = (c->rnat & ~(UINT64_C(1) << bit)) | (uint64_t)c->ring_nat[at]
							      << bit;
	forget_place(c, at);
	c->bspstore += 8;
	c->ndirty--;
	return 0;
}

/* Loads the newest register that is missing below bspstore. */
static int load_one(struct ia64_cpu *c)
{
	uint64_t addr = c->bspstore - 8;
	unsigned bit = collection_bit(addr), at;
	uint64_t val;

	if (load(c, addr, &val) < 0)
		return EX_FAULT;
	c->bspstore = addr;
	if (bit == 63) {
		c->rnat = val & INT64_MAX;
		return 0;
	}
	c->ndirty++;
	at = place(c, -c->ndirty);
	c->ring[at] = val;
	c->ring_nat[at] = c->rnat >> bit & 1;
	c->nats |= c->ring_nat[at];
	if (c->ndirty <= 0) /* it is the frame's */
		gr_set(c, name_of(c, (unsigned)-c->ndirty), val,
		       c->ring_nat[at]);
	forget_place(c, at);
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
		uint64_t val = i < 0 ? c->ring[place(c, i)]
				     : c->gr[name_of(c, (unsigned)i)];

		if (ia64_rse_store(c, at, val) < 0)
			break;
	}
	c->fault = fault;
}

/* ---- calls and returns, SDM 3:2 br */
void ia64_br_call(struct ia64_cpu *c, unsigned b, uint64_t link)
{
	c->br[b] = link;
	c->ar[AR_PFS] = ia64_cfm(c) | c->ar[AR_EC] << 52 |
			(uint64_t)cpl(c) << 62;
	ia64_rse_call(c);
}

int ia64_rse_return(struct ia64_cpu *c)
{
	uint64_t pfs = c->ar[AR_PFS];
	bool lower = pfs >> 62 > cpl(c);

	c->ar[AR_EC] = pfs >> 52 & 63;
	ia64_rse_restore(c, pfs, pfs >> 7 & 127);
	if (lower) {
		ia64_psr_write(c, (c->psr & ~PSR_CPL) | pfs >> 62 << 32);
		if (c->psr & PSR_LP) {
			ia64_raise(c, VEC_LOWER_PRIV, TRAP_LP);
			return EX_LATE_FAULT;
		}
	}
	return ia64_rse_complete(c) < 0 ? EX_LATE_FAULT : EX_JUMP;
}

int ia64_br_ret(struct ia64_cpu *c, unsigned b)
{
	if (c->ar[AR_PFS] >> 62 > cpl(c))
		return EX_NEXT;
	c->ip = c->br[b] & ~UINT64_C(15);
	c->ri = 0;
	return ia64_rse_return(c);
}

/* ---- other instructions */
int ia64_op_alloc(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned sof = o->b, sol = o->c, sor = o->d;

	if (sof > STACKED || sor > sof || sol > sof || o->a >= 32 + sof)
		return ia64_general(c, GE_ILLEGAL_OP);
	if (sor != c->sor && (c->rrb_gr || c->rrb_fr || c->rrb_pr))
		return ia64_general(c, GE_RESERVED);
	while (c->ndirty > 0 && (unsigned)c->ndirty + sof > STACKED)
		if (store_one(c) < 0)
			return EX_FAULT;
	c->sof = (uint8_t)sof;
	c->sol = (uint8_t)sol;
	c->sor = (uint8_t)sor;
	c->limit = 32 + sof;
	gr_set(c, o->a, c->ar[AR_PFS], false);
	ia64_alat_drop(c, false, gr_place(c, o->a));
	return EX_NEXT;
}

void ia64_rse_cover(struct ia64_cpu *c)
{
	preserve(c, c->sof);
	set_frame(c, 0);
	c->limit = 32;
}

int ia64_op_cover(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	if (!(c->psr & PSR_IC))
		c->cr[CR_IFS] = UINT64_C(1) << 63 | ia64_cfm(c);
	ia64_rse_cover(c);
	return EX_NEXT;
}

int ia64_op_clrrrb(struct ia64_cpu *c, const struct ia64_op *o)
{
	if (!o->k) {
		turn_back(c);
		c->rrb_fr = 0;
	}
	ia64_set_rrb_pr(c, 0);
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
	if (n > STACKED)
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
