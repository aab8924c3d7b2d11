/* SPDX-License-Identifier: MIT */
/* Pages of decoded IA-64 code, found by physical address. */
#include <stdlib.h>
#include <string.h>

#include "cpu/ia64/exec.h"

/*
 * A bundle is decoded when it is first reached: until then each of its three
 * operations is OP_DECODE.  Changed code is seen after fc (SDM 1:4.4.6.2), and
 * whenever a virtual page is looked up anew: what a device wrote to a physical
 * page is there once the page is mapped for the program that it belongs to.
 */

#define LAST (3 * IA64_PAGE_BUNDLES)

static unsigned hash(uint64_t pa)
{
	return (unsigned)(pa >> 12 ^ pa >> 20) % IA64_PAGE_HASH;
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
	for (unsigned i = 0; i < IA64_PAGE_HASH; i++) {
		while (c->pages[i]) {
			struct ia64_page *p = c->pages[i];

			c->pages[i] = p->next;
			free(p);
		}
	}
	c->npages = 0;
	ia64_flush_fetch(c);
}

/* Another vCPU or a device may be writing: whatever comes is decoded. */
static void page_take(struct ia64_page *p)
{
	memcpy(p->code, p->host, sizeof(p->code));
	p->lines = 0;
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
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pa = pa;
	p->host = host;
	page_take(p);
	p->next = c->pages[hash(pa)];
	c->pages[hash(pa)] = p;
	c->npages++;
	return p;
}

/* Branches to bundles of this page lead to the operation, not to an address. */
static void make_near(struct ia64_op *o, int bundle, int slot)
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
		o->imm = 3 * (to - bundle) - slot;
		return;
	}
}

/* What stands in a page of code is quicker than what an instruction says. */
static void make_ready(struct ia64_op *o, int bundle, int slot)
{
	make_near(o, bundle, slot);
	if (o->op == OP_TEST && o->k >> 4 == TEST_BIT && (o->k & 7) <= CT_UNC)
		o->op = OP_TBIT;
	if (o->op == OP_STF && o->k == (X6_STF_SPILL | UPD_IMM))
		o->op = OP_STF_SPILL;
	if (o->qp)
		o->op += IA64_PREDICATED;
}

void ia64_decode_at(struct ia64_page *p, const struct ia64_op *o)
{
	unsigned i = (unsigned)(o - p->op) / 3;
	struct ia64_bundle b;

	memcpy(p->code + 16 * i, p->host + 16 * i, 16);
	p->lines |= UINT64_C(1) << i / 4;
	ia64_bundle_load(&b, p->code + 16 * i);
	ia64_decode(&b, &p->op[3 * i]);
	for (int slot = 0; slot < 3; slot++)
		make_ready(&p->op[3 * i + (unsigned)slot], (int)i, slot);
}

void ia64_code_changed(struct ia64_cpu *c, uint64_t pa)
{
	struct ia64_page *p = find(c, pa & ~UINT64_C(0xfff));
	unsigned at = (unsigned)pa & 0xfc0, first = at / 16 * 3;

	if (!p)
		return;
	memcpy(p->code + at, p->host + at, 64);
	p->lines &= ~(UINT64_C(1) << at / 64);
	for (unsigned i = 0; i < 4 * 3; i++) {
		memset(&p->op[first + i], 0, sizeof(p->op[0]));
		p->op[first + i].op = OP_DECODE;
	}
}

void ia64_forget_code(struct ia64_cpu *c, uint64_t pa, uint64_t size)
{
	for (uint64_t at = pa & ~UINT64_C(63); at < pa + size; at += 64)
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
	if (p && stale(p))
		page_take(p);
	else if (w.host && !p)
		p = add(c, w.pa, w.host);
	if (!p) {
		ia64_general(c, GE_ILLEGAL_OP);
		c->fault.isr |= ISR_X;
		return NULL;
	}
	f->tag = va & ~UINT64_C(0xfff);
	f->page = p;
	return p;
}
