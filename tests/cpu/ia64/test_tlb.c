/* SPDX-License-Identifier: MIT */
/* cpu/ia64's TLBs and the short cuts beside them against a model: random
 * inserts, purges and changes of regions, and what loads and fetches find after
 * each. */
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/mmu.h"
#include "tests/cpu/ia64/random.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

#define STEPS	  20000
#define PAGES	  64 /* of 4K that addresses lie in, of each of two regions */
#define RIDS	  3
#define MOST	  256
#define REGION(n) ((uint64_t)(1 + (n)) << 61)

static struct ia64_rig r;
static uint64_t seed;

static unsigned below(unsigned n)
{
	return (unsigned)(random_next(&seed) >> 20) % n;
}

/* ---- the model: every translation that was inserted and not purged */
static struct entry {
	bool there, data;
	int tr; /* its number; -1: in the cache, which may forget it */
	uint32_t rid;
	uint64_t off, pa, size;
} model[MOST];
static uint32_t rid_of[2];

static bool overlaps(const struct entry *e, bool data, uint32_t rid,
		     uint64_t off, uint64_t size)
{
	return e->there && e->data == data && e->rid == rid &&
	       off < e->off + e->size && e->off < off + size;
}

static void forget(bool data, uint32_t rid, uint64_t off, uint64_t size,
		   bool trs)
{
	for (unsigned i = 0; i < MOST; i++)
		if (overlaps(&model[i], data, rid, off, size) &&
		    (trs || model[i].tr < 0))
			model[i].there = false;
}

static bool overlaps_tr(bool data, uint32_t rid, uint64_t off, uint64_t size,
			int except)
{
	for (unsigned i = 0; i < MOST; i++)
		if (overlaps(&model[i], data, rid, off, size) &&
		    model[i].tr >= 0 && model[i].tr != except)
			return true;
	return false;
}

static void remember(struct entry e)
{
	unsigned i = 0;

	for (unsigned n = 0; e.tr >= 0 && n < MOST; n++)
		if (model[n].there && model[n].data == e.data &&
		    model[n].tr == e.tr)
			model[n].there = false;
	while (i < MOST && model[i].there)
		i++;
	CHECK(i < MOST);
	if (i < MOST)
		model[i] = e;
}

static const struct entry *find(bool data, uint32_t rid, uint64_t off)
{
	for (unsigned i = 0; i < MOST; i++)
		if (overlaps(&model[i], data, rid, off, 1))
			return &model[i];
	return NULL;
}

/* ---- what instructions do; their operands are in r8 and r9 */
static void instruction(ia64_op_fn *fn, unsigned k, uint64_t r8, uint64_t r9)
{
	const struct ia64_op o = { .k = (uint8_t)k, .b = 8, .c = 9 };
	int ret;

	ia64_set_gr(r.c, 8, r8, false);
	ia64_set_gr(r.c, 9, r9, false);
	ret = fn(r.c, &o);
	CHECK(ret == EX_NEXT || ret == EX_RESYNC);
}

static void set_region(unsigned region, uint32_t rid)
{
	rid_of[region] = rid;
	instruction(ia64_op_mov_idx, IDX_RR, rid << 8 | 12 << 2,
		    REGION(region));
}

/* itc, or itr to that number. */
static void insert(bool data, int tr, unsigned region, uint64_t off,
		   unsigned ps)
{
	uint64_t size = UINT64_C(1) << ps;
	uint64_t pa = (uint64_t)below(IA64_RAM_SIZE >> ps) << ps;

	off &= ~(size - 1);
	/* what overlaps a TR is a machine check there */
	if (overlaps_tr(data, rid_of[region], off, size, tr))
		return;
	forget(data, rid_of[region], off, size, false);
	remember((struct entry){ true, data, tr, rid_of[region], off, pa,
				 size });
	r.c->cr[CR_ITIR] = ps << 2;
	r.c->cr[CR_IFA] = REGION(region) | off;
	/* for everybody: read, write, execute */
	instruction(tr < 0 ? ia64_op_itc : ia64_op_itr, data,
		    pa | 0x61 | 3 << 9 | 3 << 7, (uint64_t)(unsigned)tr);
}

static void purge(unsigned region, uint64_t off, unsigned ps, unsigned how)
{
	uint64_t size = UINT64_C(1) << ps;

	off &= ~(size - 1);
	if (how < 2) {
		forget(how, rid_of[region], off, size, true);
		instruction(ia64_op_ptr, how, ps << 2, REGION(region) | off);
		return;
	}
	forget(false, rid_of[region], off, size, false);
	forget(true, rid_of[region], off, size, false);
	instruction(ia64_op_ptc, PTC_L, ps << 2, REGION(region) | off);
}

/* ---- what is found; *lost: a translation that the cache forgot */
static void look(bool data, unsigned region, uint64_t off, unsigned *found,
		 unsigned *lost)
{
	const struct entry *e = find(data, rid_of[region], off);
	uint64_t va = REGION(region) | off, at = 0;
	const struct ia64_page *p;
	bool there;

	if (data) {
		there = !ia64_load(r.c, va, 8, ACC_R, &at);
	} else {
		p = r.c->fetch[(va >> 12) % IA64_FETCH_SIZE].page;
		if (r.c->fetch[(va >> 12) % IA64_FETCH_SIZE].tag != va)
			p = ia64_fetch_page(r.c, va);
		there = p;
		at = p ? p->pa : 0;
	}
	CHECK(!there || e);
	CHECK(there || !e || e->tr < 0);
	if (there)
		CHECK_EQ(at, e->pa + off - e->off);
	*found += there;
	*lost += e && !there;
}

static void step(void)
{
	static const uint8_t sizes[] = { 12, 12, 12, 13, 14, 16 };
	unsigned region = below(2), ps = sizes[below(sizeof(sizes))];
	uint64_t off = (uint64_t)below(PAGES) << 12;

	switch (below(16)) {
	case 0: set_region(region, below(RIDS)); break;
	case 1: insert(below(2), (int)below(IA64_NTR), region, off, ps); break;
	case 2: purge(region, off, ps, below(2)); break;
	case 3:
	case 4: purge(region, off, ps, 2); break;
	case 5: /* another level's short cuts */
		ia64_psr_write(r.c, (r.c->psr & ~PSR_CPL) | (uint64_t)below(4)
								    << 32);
		break;
	case 6:
		if (below(64))
			break;
		for (unsigned i = 0; i < MOST; i++)
			model[i].there &= model[i].tr >= 0;
		instruction(ia64_op_ptc_e, 0, 0, 0);
		break;
	default: insert(below(2), -1, region, off, ps); break;
	}
}

TEST(ia64_what_is_translated_is_what_was_inserted_last)
{
	unsigned found = 0, lost = 0;

	seed = 0x71b;
	memset(model, 0, sizeof(model));
	ia64_rig_init(&r);
	for (uint64_t pa = 0; pa < IA64_RAM_SIZE; pa += 4096)
		CHECK_EQ(mem_store_le64(&r.mem, pa, pa), 0);
	r.c->psr |= PSR_IT | PSR_DT | PSR_RT;
	ia64_written(r.c);
	set_region(0, 0);
	set_region(1, 1);
	for (unsigned i = 0; i < STEPS; i++) {
		uint64_t cpl_bits = r.c->psr & PSR_CPL;

		/* what follows is privileged */
		ia64_psr_write(r.c, r.c->psr & ~PSR_CPL);
		step();
		if (!(r.c->psr & PSR_CPL))
			ia64_psr_write(r.c, r.c->psr | cpl_bits);
		for (unsigned n = 0; n < 4; n++)
			look(below(2), below(2), (uint64_t)below(PAGES) << 12,
			     &found, &lost);
	}
	/* most is mapped, and little of it was forgotten */
	CHECK(found > STEPS);
	CHECK(lost < found / 50);
	ia64_rig_free(&r);
}
