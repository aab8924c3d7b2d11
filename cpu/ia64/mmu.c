/* SPDX-License-Identifier: MIT */
/* Address translation of IA-64: TLBs, keys, the VHPT walker.  SDM 2:4. */
#include "cpu/ia64/mmu.h"

#include <string.h>

#include "cpu/ia64/exec.h"

#define NATPAGE 7 /* memory attributes, SDM 2:4.4 */

static uint64_t region_bits(uint64_t va)
{
	return va & ((UINT64_C(1) << 61) - 1);
}

static uint64_t rr_of(const struct ia64_cpu *c, uint64_t va)
{
	return c->rr[va >> 61];
}

static uint32_t rr_rid(uint64_t rr)
{
	return rr >> 8 & 0xffffff;
}

static unsigned rr_ps(uint64_t rr)
{
	return rr >> 2 & 63;
}

static uint64_t page_mask(unsigned ps)
{
	return (UINT64_C(1) << ps) - 1;
}

/* ---- lookup */
static bool matches(const struct ia64_tlbe *e, uint64_t off, uint32_t rid)
{
	return e->valid && e->rid == rid && (off & ~page_mask(e->ps)) == e->vpn;
}

static unsigned tc_set(uint64_t off, uint32_t rid, unsigned ps)
{
	uint64_t h = (off >> ps) ^ rid * UINT64_C(0x9e3779b1) ^ ps;

	return (unsigned)(h ^ h >> 7 ^ h >> 17) % IA64_TC_SETS;
}

struct ia64_tlbe *ia64_tlb_find(struct ia64_cpu *c, bool data, uint64_t va)
{
	uint64_t off = region_bits(va), sizes = c->tc_sizes[data];
	uint32_t rid = rr_rid(rr_of(c, va));

	for (unsigned i = 0; i < IA64_NTR; i++)
		if (matches(&c->tr[data][i], off, rid))
			return &c->tr[data][i];
	for (; sizes; sizes &= sizes - 1) {
		unsigned ps = (unsigned)__builtin_ctzll(sizes);
		struct ia64_tlbe *set = c->tc[data][tc_set(off, rid, ps)];

		for (unsigned i = 0; i < IA64_TC_WAYS; i++)
			if (set[i].ps == ps && matches(&set[i], off, rid))
				return &set[i];
	}
	return NULL;
}

/* ---- the short cuts */
void ia64_flush_fetch(struct ia64_cpu *c)
{
	c->code_maps++;
	memset(c->fetches, 0xff, sizeof(c->fetches));
}

void ia64_flush_fast(struct ia64_cpu *c)
{
	memset(c->tables, 0xff, sizeof(c->tables));
	ia64_flush_fetch(c);
}

void ia64_flush_regions(struct ia64_cpu *c, unsigned regions)
{
	struct ia64_fast *f = c->tables[0];
	struct ia64_fetch *g = c->fetches[0];

	c->code_maps++;
	if (!(c->cut_regions & regions))
		return;
	c->cut_regions &= (uint8_t)~regions;
	for (unsigned i = 0; i < IA64_FAST_PHYS * IA64_FAST_SIZE; i++)
		if ((regions >> (f[i].rtag >> 61) & 1) ||
		    (regions >> (f[i].wtag >> 61) & 1))
			f[i].rtag = f[i].wtag = UINT64_MAX;
	for (unsigned i = 0; i < IA64_FAST_PHYS * IA64_FETCH_SIZE; i++)
		if (regions >> (g[i].tag >> 61) & 1)
			g[i].tag = UINT64_MAX;
}

/* Those of a page, of data or of code, in whatever region. */
static void flush_page(struct ia64_cpu *c, bool data, uint64_t off, unsigned ps)
{
	unsigned n = ps < 20 ? 1u << (ps - 12) : IA64_FAST_SIZE;

	c->code_maps += !data;
	if (n > 32) {
		if (data)
			memset(c->tables, 0xff, sizeof(c->tables));
		else
			ia64_flush_fetch(c);
		return;
	}
	for (unsigned i = 0; i < n * IA64_FAST_PHYS; i++) {
		uint64_t page = (off >> 12) + i / IA64_FAST_PHYS;
		unsigned level = i % IA64_FAST_PHYS;
		struct ia64_fast *f = &c->tables[level][page % IA64_FAST_SIZE];
		struct ia64_fetch *g =
			&c->fetches[level][page % IA64_FETCH_SIZE];

		if (data &&
		    (f->rtag << 3 >> 15 == page || f->wtag << 3 >> 15 == page))
			f->rtag = f->wtag = UINT64_MAX;
		if (!data && g->tag << 3 >> 15 == page)
			g->tag = UINT64_MAX;
	}
}

/* ---- purge and insert */
static bool overlaps(const struct ia64_tlbe *e, uint64_t off, uint32_t rid,
		     unsigned ps)
{
	unsigned larger = e->ps > ps ? e->ps : ps;

	return e->valid && e->rid == rid &&
	       ((off ^ e->vpn) & ~page_mask(larger)) == 0;
}

/*
 * Purges those of n entries that overlap; the largest page that was purged, or
 * what was the largest before.
 */
static unsigned purge_entries(struct ia64_tlbe *e, unsigned n, uint64_t off,
			      uint32_t rid, unsigned ps, unsigned largest)
{
	for (unsigned i = 0; i < n; i++) {
		if (!overlaps(&e[i], off, rid, ps))
			continue;
		e[i].valid = false;
		largest = e[i].ps > largest ? e[i].ps : largest;
		largest = ps > largest ? ps : largest;
	}
	return largest;
}

void ia64_tlb_purge(struct ia64_cpu *c, bool data, uint64_t va, uint32_t rid,
		    unsigned ps)
{
	uint64_t off = region_bits(va) & ~page_mask(ps), sizes, small;
	unsigned largest = 0;

	sizes = c->tc_sizes[data];
	small = sizes & page_mask(ps); /* so many pages, in so many sets */
	if (small && ps - (unsigned)__builtin_ctzll(small) > 3) {
		largest = purge_entries(c->tc[data][0],
					IA64_TC_SETS * IA64_TC_WAYS, off, rid,
					ps, 0);
		sizes = 0;
	}
	for (; sizes; sizes &= sizes - 1) {
		unsigned size = (unsigned)__builtin_ctzll(sizes);
		uint64_t step = UINT64_C(1) << size, at = off & ~(step - 1);

		do {
			largest = purge_entries(
				c->tc[data][tc_set(at, rid, size)],
				IA64_TC_WAYS, off, rid, ps, largest);
			at += step;
		} while (at < off + page_mask(ps));
	}
	/* without an entry there are no short cuts */
	if (largest)
		flush_page(c, data, off & ~page_mask(largest), largest);
}

bool ia64_tlb_overlaps_tr(struct ia64_cpu *c, bool data, uint64_t va,
			  uint32_t rid, unsigned ps, unsigned except)
{
	for (unsigned i = 0; i < IA64_NTR; i++)
		if (i != except &&
		    overlaps(&c->tr[data][i], region_bits(va), rid, ps))
			return true;
	return false;
}

void ia64_tlb_purge_tr(struct ia64_cpu *c, bool data, uint64_t va, unsigned ps)
{
	for (unsigned i = 0; i < IA64_NTR; i++)
		if (overlaps(&c->tr[data][i], region_bits(va),
			     rr_rid(rr_of(c, va)), ps))
			c->tr[data][i].valid = false;
	ia64_flush_fast(c);
}

void ia64_tlb_clear(struct ia64_cpu *c)
{
	memset(c->tc, 0, sizeof(c->tc));
	c->tc_sizes[0] = c->tc_sizes[1] = 0;
	ia64_flush_fast(c);
}

/* The formats of SDM 2:4.1.1.5; what is reserved was checked before. */
void ia64_tlbe_make(struct ia64_tlbe *e, uint64_t pte, uint64_t itir,
		    uint64_t va, uint32_t rid)
{
	unsigned ps = itir >> 2 & 63;

	*e = (struct ia64_tlbe){
		.valid = true,
		.p = pte & 1,
		.ma = pte >> 2 & 7,
		.a = pte >> 5 & 1,
		.d = pte >> 6 & 1,
		.pl = pte >> 7 & 3,
		.ar = pte >> 9 & 7,
		.ed = pte >> 52 & 1,
		.ps = (uint8_t)ps,
		.key = itir >> 8 & 0xffffff,
		.rid = rid,
		.vpn = region_bits(va) & ~page_mask(ps),
		.ppn = pte & UINT64_C(0x3fffffffff000) & ~page_mask(ps),
	};
}

bool ia64_page_size_ok(unsigned ps)
{
	return ps < 64 && (IA64_PAGE_SIZES >> ps & 1);
}

/* Whether a PTE has no reserved bits or attribute set. */
bool ia64_pte_ok(uint64_t pte)
{
	unsigned ma = pte >> 2 & 7;

	if (!(pte & 1))
		return true;
	return !(pte & UINT64_C(0x000c000000000002)) && (ma == 0 || ma >= 4);
}

void ia64_tc_insert(struct ia64_cpu *c, bool data, const struct ia64_tlbe *e)
{
	struct ia64_tlbe *set;
	unsigned way;

	ia64_tlb_purge(c, data, e->vpn, e->rid, e->ps);
	set = c->tc[data][tc_set(e->vpn, e->rid, e->ps)];
	for (way = 0; way < IA64_TC_WAYS && set[way].valid; way++)
		;
	if (way == IA64_TC_WAYS) {
		way = c->tc_next++ % IA64_TC_WAYS;
		flush_page(c, data, set[way].vpn, set[way].ps);
	}
	set[way] = *e;
	c->code_maps += !data;
	c->tc_sizes[data] |= UINT64_C(1) << e->ps;
}

/* ---- the VHPT, SDM 2:4.1.5 to 4.1.7 */
uint64_t ia64_thash(const struct ia64_cpu *c, uint64_t va)
{
	uint64_t pta = c->cr[CR_PTA], rr = rr_of(c, va);
	uint64_t mask = page_mask(pta >> 2 & 63);
	uint64_t hpn = region_bits(va) >> rr_ps(rr), off, base;

	if (pta >> 8 & 1) {
		off = (hpn ^ rr_rid(rr)) << 5;
		base = pta & ~UINT64_C(0x7fff);
		return (base & ~mask) | (off & mask);
	}
	off = hpn << 3;
	base = region_bits(pta) & ~UINT64_C(0x7fff);
	return (va & ~region_bits(UINT64_MAX)) |
	       region_bits((base & ~mask) | (off & mask));
}

/* With the hash it names one page of one region identifier. */
uint64_t ia64_ttag(const struct ia64_cpu *c, uint64_t va)
{
	uint64_t rr = rr_of(c, va);

	return (region_bits(va) >> rr_ps(rr)) ^ (uint64_t)rr_rid(rr) << 39;
}

static bool walker_on(const struct ia64_cpu *c, uint64_t va, unsigned acc)
{
	uint64_t need = PSR_DT;

	if (acc & ACC_X)
		need |= PSR_IT | PSR_IC;
	if (acc & ACC_RSE)
		need |= PSR_RT;
	return (c->cr[CR_PTA] & 1) && (rr_of(c, va) & 1) &&
	       (c->psr & need) == need;
}

enum walk { WALK_FOUND, WALK_MISS, WALK_NOT_MAPPED, WALK_NOT_PRESENT };

static bool walker_read(struct ia64_cpu *c, uint64_t pa, uint64_t *val)
{
	void *p = mem_run(c->env->mem, pa, 8);

	if (!p)
		return false;
	*val = __atomic_load_n((uint64_t *)p, __ATOMIC_ACQUIRE);
	if (c->cr[CR_DCR] & DCR_BE)
		*val = __builtin_bswap64(*val);
	return true;
}

static enum walk walk(struct ia64_cpu *c, uint64_t va, bool data,
		      struct ia64_tlbe **found)
{
	uint64_t addr = ia64_thash(c, va), rr = rr_of(c, va), pa, pte;
	uint64_t itir = rr & 0xfc, tag;
	struct ia64_tlbe *t = ia64_tlb_find(c, true, addr), e;

	if (!t || !t->p || !t->a || t->ma == NATPAGE)
		return WALK_NOT_MAPPED;
	pa = t->ppn | (addr & page_mask(t->ps));
	if (!walker_read(c, pa, &pte))
		return WALK_MISS;
	if (c->cr[CR_PTA] >> 8 & 1) {
		if (!walker_read(c, pa + 8, &itir) ||
		    !walker_read(c, pa + 16, &tag) || tag != ia64_ttag(c, va))
			return WALK_MISS;
	} else {
		itir |= (uint64_t)rr_rid(rr) << 8;
	}
	if (!(pte & 1))
		return WALK_NOT_PRESENT;
	if (!ia64_pte_ok(pte) || !ia64_page_size_ok(itir >> 2 & 63))
		return WALK_MISS;
	ia64_tlbe_make(&e, pte, itir, va, rr_rid(rr));
	ia64_tc_insert(c, data, &e);
	*found = ia64_tlb_find(c, data, va);
	return *found ? WALK_FOUND : WALK_MISS;
}

/* ---- faults */
uint64_t ia64_isr_of(unsigned acc, unsigned na)
{
	return (acc & ACC_X ? ISR_X : 0) | (acc & ACC_W ? ISR_W : 0) |
	       (acc & ACC_R ? ISR_R : 0) | (acc & ACC_NA ? ISR_NA | na : 0) |
	       (acc & ACC_SPEC ? ISR_SP : 0) | (acc & ACC_RSE ? ISR_RS : 0);
}

int ia64_raise_va(struct ia64_cpu *c, unsigned vector, uint64_t va,
		  unsigned acc, unsigned na)
{
	uint64_t rr = rr_of(c, va);

	ia64_raise(c, vector, ia64_isr_of(acc, na));
	c->fault.ifa = va;
	c->fault.has_ifa = true;
	c->fault.itir = (rr & 0xfc) | (uint64_t)rr_rid(rr) << 8;
	c->fault.has_itir = true;
	return EX_FAULT;
}

/* No translation: which of the vectors it is.  SDM 2:4.1.1.6, 2:5.6. */
static int miss(struct ia64_cpu *c, uint64_t va, unsigned acc, unsigned na,
		bool walked, enum walk w)
{
	bool code = acc & ACC_X;
	unsigned vec;

	if (w == WALK_NOT_PRESENT)
		return ia64_raise_va(c, VEC_NOT_PRESENT, va, acc, na);
	if (!code && !(c->psr & PSR_IC))
		return ia64_raise_va(c, VEC_NESTED_DTLB, va, acc, na);
	if (!walked)
		vec = code ? VEC_ALT_ITLB : VEC_ALT_DTLB;
	else if (w == WALK_NOT_MAPPED)
		vec = VEC_VHPT;
	else
		vec = code ? VEC_ITLB : VEC_DTLB;
	ia64_raise_va(c, vec, va, acc, na);
	if (walked) {
		c->fault.iha = ia64_thash(c, va);
		c->fault.has_iha = true;
	}
	return EX_FAULT;
}

/* What access rights allow at privilege level pl: SDM 2:4.1.1.7 table 4-2. */
unsigned ia64_rights(const struct ia64_tlbe *e, unsigned pl)
{
	static const uint8_t at_level[8] = {
		ACC_R,
		ACC_R | ACC_X,
		ACC_R | ACC_W,
		ACC_R | ACC_W | ACC_X,
		ACC_R,
		ACC_R | ACC_X,
		ACC_R | ACC_W | ACC_X,
		ACC_X,
	};

	if (e->ar == 7)
		return pl == 0 ? ACC_R | ACC_X : ACC_X;
	if (pl > e->pl)
		return 0;
	switch (e->ar) {
	case 4: return pl < e->pl || !pl ? ACC_R | ACC_W : ACC_R;
	case 5: return pl == 0 ? ACC_R | ACC_W | ACC_X : ACC_R | ACC_X;
	case 6:
		return pl < e->pl || !pl ? ACC_R | ACC_W
					 : ACC_R | ACC_W | ACC_X;
	default: return at_level[e->ar];
	}
}

/* Protection keys, SDM 2:4.1.3: 0, or the vector. */
static unsigned key_check(struct ia64_cpu *c, const struct ia64_tlbe *e,
			  unsigned acc)
{
	for (unsigned i = 0; i < IA64_NPKR; i++) {
		uint64_t k = c->pkr[i];

		if (!(k & 1) || (k >> 8 & 0xffffff) != e->key)
			continue;
		if (((acc & ACC_W) && (k & 2)) || ((acc & ACC_R) && (k & 4)) ||
		    ((acc & ACC_X) && (k & 8)))
			return VEC_KEY_PERM;
		return 0;
	}
	return acc & ACC_X ? VEC_IKEY_MISS : VEC_DKEY_MISS;
}

/* The checks of a translation, in the order of their priority. */
static int check(struct ia64_cpu *c, const struct ia64_tlbe *e, uint64_t va,
		 unsigned acc, unsigned pl, unsigned na)
{
	unsigned vec;

	if (!e->p)
		return ia64_raise_va(c, VEC_NOT_PRESENT, va, acc, na);
	if (e->ma == NATPAGE && !(acc & ACC_NA)) {
		ia64_raise_va(c, VEC_NAT, va, acc, na);
		c->fault.isr |= 0x20;
		return EX_FAULT;
	}
	if (!(acc & (ACC_R | ACC_W | ACC_X))) /* tpa */
		return 0;
	if ((c->psr & PSR_PK)) {
		vec = key_check(c, e, acc);
		if (vec)
			return ia64_raise_va(c, vec, va, acc, na);
	}
	if ((acc & (ACC_R | ACC_W | ACC_X)) & ~ia64_rights(e, pl))
		return ia64_raise_va(c, acc & ACC_X ? VEC_IACCESS : VEC_DACCESS,
				     va, acc, na);
	if ((acc & ACC_W) && !e->d && !(c->psr & PSR_DA))
		return ia64_raise_va(c, VEC_DIRTY, va, acc, na);
	if (!e->a && !(c->psr & (acc & ACC_X ? PSR_IA : PSR_DA)))
		return ia64_raise_va(
			c, acc & ACC_X ? VEC_IACCESS_BIT : VEC_DACCESS_BIT, va,
			acc, na);
	return 0;
}

/* ---- translation */
static bool translated(const struct ia64_cpu *c, unsigned acc)
{
	return c->psr & (acc & ACC_X	 ? PSR_IT
			 : acc & ACC_RSE ? PSR_RT
					 : PSR_DT);
}

static void found_pa(struct ia64_cpu *c, struct ia64_where *w, unsigned acc)
{
	uint64_t page = w->pa & ~UINT64_C(0xfff);
	uint8_t *host = acc & ACC_W ? mem_run_rw(c->env->mem, page, 4096)
				    : mem_run(c->env->mem, page, 4096);

	w->host = host ? host + (w->pa & 0xfff) : NULL;
}

int ia64_translate(struct ia64_cpu *c, uint64_t va, unsigned acc, unsigned pl,
		   unsigned na, struct ia64_where *w)
{
	bool data = !(acc & ACC_X), walked;
	enum walk how = WALK_MISS;
	struct ia64_tlbe *e;

	if (!(acc & ACC_TLB) && !translated(c, acc)) {
		if (va << 1 >> 1 >> IA64_PHYS_BITS) {
			ia64_raise_va(c, data ? VEC_GENERAL : VEC_LOWER_PRIV,
				      va, acc, na);
			c->fault.isr |= data ? GE_RESERVED : 0x10;
			return EX_FAULT;
		}
		w->pa = va << 1 >> 1;
		w->ma = va >> 63 ? 4 : 0;
		found_pa(c, w, acc);
		return 0;
	}
	e = ia64_tlb_find(c, data, va);
	if (!e) {
		walked = walker_on(c, va, acc);
		if (walked)
			how = walk(c, va, data, &e);
		if (!walked || how != WALK_FOUND)
			return miss(c, va, acc, na, walked, how);
	}
	if (check(c, e, va, acc, pl, na) < 0)
		return EX_FAULT;
	w->pa = e->ppn | (va & page_mask(e->ps));
	w->ma = e->ma;
	found_pa(c, w, acc);
	return 0;
}

void ia64_fast_fill(struct ia64_cpu *c, struct ia64_fast *table, uint64_t va,
		    unsigned acc, const struct ia64_where *w)
{
	struct ia64_fast *f = &table[va >> 12 & (IA64_FAST_SIZE - 1)];
	uint64_t tag = va & ~UINT64_C(0xfff);
	uintptr_t addend = (uintptr_t)w->host - va;

	/* what is not written back has more to be looked at */
	if (!w->host || w->ma || table == c->tables[IA64_FAST_NONE])
		return;
	/* the other tag stays when it speaks of the same page */
	if (f->addend != addend) {
		f->rtag = f->wtag = UINT64_MAX;
		f->addend = addend;
	}
	c->cut_regions |= (uint8_t)(1u << (va >> 61));
	if (acc & ACC_W)
		f->wtag = tag;
	if (acc & ACC_R)
		f->rtag = tag;
}
