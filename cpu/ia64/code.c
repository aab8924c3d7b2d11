/* SPDX-License-Identifier: MIT */
/* Pages of decoded IA-64 code, found by physical address. */
#include <string.h>
#include <sys/mman.h>

#include "cpu/ia64/native.h"

/*
 * A bundle is decoded when it is first reached: until then each of its three
 * operations is OP_DECODE.  Changed code is seen after fc (SDM 1:4.4.6.2), and
 * whenever a virtual page is looked up anew: what a device wrote to a physical
 * page is there once the page is mapped for the program that it belongs to.
 */

#define LAST (3 * IA64_PAGE_BUNDLES)
/* What lines of struct ia64_page has of a line of fc. */
#define LINE_BITS ((1u << IA64_LINE / 64) - 1)

static unsigned hash(uint64_t pa)
{
	return (unsigned)(pa >> 12 ^ pa >> 23) % IA64_PAGE_HASH;
}

static struct ia64_page *find(const struct ia64_cpu *c, uint64_t pa)
{
	struct ia64_page *p = c->pages[hash(pa)];

	while (p && p->pa != pa)
		p = p->next;
	return p;
}

void ia64_flush_code(struct ia64_cpu *c)
{
	memset(c->pages, 0, sizeof(c->pages));
	c->npages = 0;
	ia64_native_flush(c->native);
	ia64_flush_fetch(c);
}

#define PAGE_MEM (IA64_MAX_PAGES * sizeof(struct ia64_page))

void ia64_free_code(struct ia64_cpu *c)
{
	ia64_flush_code(c);
	if (c->page_mem)
		munmap(c->page_mem, PAGE_MEM);
	c->page_mem = NULL;
}

/* Pages are many and are forgotten at once; the host's faults cost less so. */
static struct ia64_page *new_page(struct ia64_cpu *c)
{
	void *p;

	if (!c->page_mem) {
		p = mmap(NULL, PAGE_MEM, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (p == MAP_FAILED)
			return NULL;
		madvise(p, PAGE_MEM, MADV_HUGEPAGE);
		c->page_mem = p;
	}
	return &c->page_mem[c->npages++];
}

/* Another vCPU or a device may be writing: whatever comes is decoded. */
static void page_take(struct ia64_page *p)
{
	memcpy(p->code, p->host, sizeof(p->code));
	p->lines = 0;
	p->links = 0;
	memset(p->heat, 0, sizeof(p->heat));
	memset(p->head, 0, sizeof(p->head));
	memset(p->op, 0, sizeof(p->op));
	for (unsigned i = 0; i < LAST; i++)
		p->op[i].op = OP_DECODE;
	p->op[LAST].op = OP_PAGE_END;
}

static struct ia64_page *add(struct ia64_cpu *c, uint64_t pa, uint8_t *host)
{
	struct ia64_page *p;

	if (c->npages >= IA64_MAX_PAGES)
		ia64_flush_code(c);
	p = new_page(c);
	if (!p)
		return NULL;
	p->pa = pa;
	p->host = host;
	page_take(p);
	p->next = c->pages[hash(pa)];
	c->pages[hash(pa)] = p;
	return p;
}

static bool is_nop(const struct ia64_op *o)
{
	return o->op == OP_NOP || o->op == OP_NOP + IA64_PREDICATED;
}

/* How many nops a bundle begins with, of max; none where it is not decoded. */
static int leading_nops(const struct ia64_page *p, int bundle, int max)
{
	int n = 0;

	while (n < max && is_nop(&p->op[3 * bundle + n]))
		n++;
	return n;
}

/* What leads to a bundle's end leads past the nops of the next one, too. */
static void lead_on(struct ia64_page *p, int bundle)
{
	struct ia64_op *o;
	int nops;

	if (bundle < 0 || bundle + 1 >= IA64_PAGE_BUNDLES)
		return;
	o = &p->op[3 * bundle];
	nops = leading_nops(p, bundle + 1, 3);
	for (int slot = 0; slot < 3; slot++)
		if (o[slot].next == 3 - slot)
			o[slot].next = (uint8_t)(o[slot].next + nops);
}

/*
 * Branches to bundles of this page lead to the operation, not to an address.  A
 * loop's last one leads past the nops that it begins with, but stays in that
 * bundle, which the branch names.
 */
static void make_near(const struct ia64_page *p, struct ia64_op *o, int bundle,
		      int slot)
{
	static const uint16_t near[][2] = {
		{ OP_BR_COND, OP_BR_COND_NEAR },
		{ OP_BR_CLOOP, OP_BR_CLOOP_NEAR },
		{ OP_BR_CTOP, OP_BR_CTOP_NEAR },
		{ OP_BR_CALL, OP_BR_CALL_NEAR },
	};
	int to = bundle + o->imm / 16;

	for (unsigned i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		if (o->op != near[i][0] || to < 0 || to >= IA64_PAGE_BUNDLES)
			continue;
		o->op = near[i][1];
		o->imm = 3 * (to - bundle) - slot + leading_nops(p, to, 2);
		return;
	}
}

/* What stands in a page of code is quicker than what an instruction says. */
static void make_ready(const struct ia64_page *p, struct ia64_op *o, int bundle,
		       int slot)
{
	make_near(p, o, bundle, slot);
	if (o->op == OP_TEST && o->k >> 4 == TEST_BIT && (o->k & 7) <= CT_UNC)
		o->op = OP_TBIT;
	if (o->op == OP_STF && o->k == (X6_STF_SPILL | UPD_IMM))
		o->op = OP_STF_SPILL;
	if (o->op == OP_LDX && o->k >> 2 == X6_LD_ACQ >> 2)
		o->op = OP_LD1_ACQ + (o->k & 3);
	if (o->op == OP_STX && o->k >> 2 == X6_ST_REL >> 2)
		o->op = OP_ST1_REL + (o->k & 3);
	if (o->op == OP_MOV_AR && o->k == AR_UNIT_I && o->c == AR_LC)
		o->op = OP_MOV_LC_GR;
	if (o->op == OP_MOV_AR && o->k == AR_UNIT_I && o->c == AR_PFS)
		o->op = OP_MOV_PFS_GR;
	if (o->qp)
		o->op += IA64_PREDICATED;
}

void ia64_decode_at(struct ia64_page *p, const struct ia64_op *o)
{
	int i = (int)(o - p->op) / 3;
	uint64_t line = UINT64_C(1) << i / 4;
	struct ia64_bundle b;

	if (!(p->lines & line))
		memcpy(p->code + i / 4 * 64, p->host + i / 4 * 64, 64);
	memcpy(p->code + 16 * i, p->host + 16 * i, 16);
	p->lines |= line;
	ia64_bundle_load(&b, p->code + 16 * i);
	ia64_decode(&b, &p->op[3 * i]);
	for (int slot = 0; slot < 3; slot++)
		make_ready(p, &p->op[3 * i + slot], i, slot);
	lead_on(p, i);
	lead_on(p, i - 1);
}

void ia64_code_changed(struct ia64_cpu *c, uint64_t pa)
{
	struct ia64_page *p = find(c, pa & ~UINT64_C(0xfff));

	/* other lines know of its nops, so they are decoded again as well */
	if (p && p->lines >> (pa & 0xfff & -IA64_LINE) / 64 & LINE_BITS) {
		page_take(p);
		c->came = 0; /* its number there says nothing now */
	}
}

void ia64_forget_code(struct ia64_cpu *c, uint64_t pa, uint64_t size)
{
	for (uint64_t at = pa & -IA64_LINE; at < pa + size; at += IA64_LINE)
		ia64_code_changed(c, at);
}

/* Whether memory has other bytes now than those that were decoded. */
static bool stale(const struct ia64_page *p)
{
	for (uint64_t left = p->lines; left; left &= left - 1) {
		unsigned at = 64 * (unsigned)__builtin_ctzll(left);

		if (memcmp(p->code + at, p->host + at, 64))
			return true;
	}
	return false;
}

struct ia64_page *ia64_fetch_page(struct ia64_cpu *c, uint64_t va)
{
	struct ia64_fetch *f = &c->fetch[(va >> 12) % IA64_FETCH_SIZE];
	struct ia64_where w;
	struct ia64_page *p;

	if (ia64_translate(c, va & ~UINT64_C(0xfff), ACC_X, cpl(c), 0, &w) <
	    0) {
		if (c->fault.has_ifa)
			c->fault.ifa = va & ~UINT64_C(15);
		return NULL;
	}
	/* nothing to fetch from: as a machine check would stop, this faults */
	p = w.host ? find(c, w.pa) : NULL;
	if (p && p->compared != c->code_maps && stale(p))
		page_take(p);
	else if (w.host && !p)
		p = add(c, w.pa, w.host);
	if (!p) {
		ia64_general(c, GE_ILLEGAL_OP);
		c->fault.isr |= ISR_X;
		return NULL;
	}
	p->compared = c->code_maps;
	c->cut_regions |= (uint8_t)(1u << (va >> 61));
	/* PSR.ia let one instruction pass: the next is looked at anew */
	f->tag = c->psr & PSR_IA ? UINT64_MAX : va & ~UINT64_C(0xfff);
	f->page = p;
	return p;
}
