/* SPDX-License-Identifier: MIT */
/* Programs for the IA-64 engine, assembled by its own table. */
#include "tests/cpu/ia64/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "ia64_rig: %s\n", what);
	abort();
}

const struct ia64_form *ia64_form_named(const char *name, const char *fmt)
{
	for (unsigned i = 0; i < ia64_nforms; i++)
		if (!strcmp(ia64_forms[i].name, name) &&
		    !strcmp(ia64_forms[i].fmt->name, fmt))
			return &ia64_forms[i];
	must(false, name);
	return NULL;
}

uint64_t ia64_encode(const struct ia64_form *f, unsigned qp,
		     const int64_t *operands, uint64_t *lslot)
{
	uint64_t slot = f->match;

	*lslot = 0;
	if (!f->fmt->no_qp)
		slot |= qp;
	for (unsigned n = 0; n < ia64_form_operands(f); n++)
		must(ia64_operand_put(f, n, operands[n], &slot, lslot),
		     f->name);
	return slot;
}

static const uint64_t nop_mi = UINT64_C(1) << 27, nop_b = UINT64_C(2) << 37;

uint64_t ia64_put(struct ia64_rig *r, unsigned qp, const char *name,
		  const char *fmt, const int64_t *operands)
{
	return ia64_put_form(r, qp, ia64_form_named(name, fmt), operands);
}

uint64_t ia64_put_form(struct ia64_rig *r, unsigned qp,
		       const struct ia64_form *f, const int64_t *operands)
{
	uint64_t lslot, slot = ia64_encode(f, qp, operands, &lslot), at = r->at;
	struct ia64_bundle b = { .slot = { nop_mi, nop_mi, nop_mi } };

	switch (f->unit) {
	case UNIT_A:
	case UNIT_I:
		b.tmpl = 0x01;
		b.slot[1] = slot;
		break;
	case UNIT_M:
		b.tmpl = 0x09;
		b.slot[0] = slot;
		break;
	case UNIT_F:
		b.tmpl = 0x0d;
		b.slot[1] = slot;
		break;
	case UNIT_B:
		b.tmpl = 0x17;
		b.slot[0] = b.slot[1] = nop_b;
		b.slot[2] = slot;
		break;
	default:
		b.tmpl = 0x05;
		b.slot[1] = lslot;
		b.slot[2] = slot;
		break;
	}
	ia64_bundle_store(&b, r->ram + at);
	r->at += 16;
	return at;
}

int64_t ia64_to(const struct ia64_rig *r, uint64_t addr)
{
	return (int64_t)(addr - r->at);
}

static enum ia64_service service(void *opaque, struct ia64_cpu *c, uint64_t imm)
{
	struct ia64_rig *r = opaque;

	r->broke = (int64_t)imm;
	c->stop = 1;
	return IA64_SERVICE_DONE;
}

static bool interrupt(void *opaque)
{
	struct ia64_rig *r = opaque;

	return r->interrupt;
}

static uint64_t io_read(void *opaque, uint64_t pa, unsigned size)
{
	struct ia64_rig *r = opaque;

	(void)size;
	r->io_addr = pa;
	r->io_reads++;
	return r->io_val;
}

static void io_write(void *opaque, uint64_t pa, unsigned size, uint64_t val)
{
	struct ia64_rig *r = opaque;

	(void)size;
	r->io_addr = pa;
	r->io_val = val;
	r->io_writes++;
}

static uint64_t itc(void *opaque)
{
	(void)opaque;
	return 1000;
}

void ia64_rig_init(struct ia64_rig *r)
{
	struct err err = { 0 };

	memset(r, 0, sizeof(*r));
	r->ram = aligned_alloc(4096, IA64_RAM_SIZE);
	must(r->ram != NULL, "out of memory");
	memset(r->ram, 0, IA64_RAM_SIZE);
	must(mem_add_host(&r->mem, 0, IA64_RAM_SIZE, r->ram, false, &err) == 0,
	     "no RAM");
	r->env = (struct ia64_env){ .mem = &r->mem,
				    .io_read = io_read,
				    .io_write = io_write,
				    .interrupt = interrupt,
				    .itc = itc,
				    .service = service,
				    .opaque = r };
	r->c = ia64_new(&r->env);
	must(r->c != NULL, "out of memory");
	r->c->cr[CR_IVA] = IA64_VECTORS;
	r->c->bspstore = IA64_STACK;
	for (uint64_t v = 0; v < 0x8000; v += 0x100) {
		r->at = IA64_VECTORS + v;
		PUT(r, "break.m", "M37", (int64_t)v + 1);
	}
	r->at = r->c->ip = IA64_CODE;
}

void ia64_rig_free(struct ia64_rig *r)
{
	ia64_free(r->c);
	mem_destroy(&r->mem);
	free(r->ram);
}

int64_t ia64_rig_continue(struct ia64_rig *r)
{
	r->broke = -1;
	ia64_run(r->c, 1000000);
	return r->broke;
}

int64_t ia64_rig_run(struct ia64_rig *r)
{
	PUT(r, "break.m", "M37", IA64_END);
	r->c->ip = IA64_CODE;
	r->c->ri = 0;
	return ia64_rig_continue(r);
}
