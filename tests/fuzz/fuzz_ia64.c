/* SPDX-License-Identifier: MIT */
/* Fuzzes the IA-64 engine: the input is code, and the state it starts in. */
#include <stdlib.h>
#include <string.h>

#include "cpu/ia64/native.h"
#include "cpu/ia64/pv.h"
#include "tests/fuzz/fuzz.h"

#define RAM 0x40000

struct start {
	uint8_t form_seed, mode, tr, pv, spare[4];
};

static uint8_t *ram;
static struct mem mem;

static uint64_t io_read(void *opaque, uint64_t pa, unsigned size)
{
	(void)opaque;
	return pa ^ size;
}

static void io_write(void *opaque, uint64_t pa, unsigned size, uint64_t val)
{
	(void)opaque;
	if (pa < RAM || size > 8 || (size < 8 && val >> 8 * size))
		abort();
}

static bool pending(void *opaque)
{
	unsigned *n = opaque;

	return ++*n % 3 == 0;
}

/*
 * Every 16 bytes become a bundle: those with an odd first byte as they are, the
 * others of forms that exist, by number, so that few are reserved.
 */
static void make_bundle(const uint8_t *in, uint8_t *out)
{
	static const struct {
		uint8_t tmpl, slot;
	} place[] = { [UNIT_A] = { 0, 1 },    [UNIT_I] = { 0, 1 },
		      [UNIT_M] = { 8, 0 },    [UNIT_F] = { 0xc, 1 },
		      [UNIT_B] = { 0x16, 2 }, [UNIT_X] = { 4, 2 } };
	const struct ia64_form *f;
	struct ia64_bundle b;

	ia64_bundle_load(&b, in);
	if (!(in[0] & 1)) {
		f = &ia64_forms[(in[0] >> 1 | in[1] << 7) % ia64_nforms];
		b.tmpl = place[f->unit].tmpl | (in[15] & 1);
		b.slot[place[f->unit].slot] &= ~f->mask;
		b.slot[place[f->unit].slot] |= f->match;
		if (f->op == OP_BREAK && (in[15] & 4))
			ia64_operand_put(f, 0, IA64_PV_BREAK + in[14] % PV_OPS,
					 &b.slot[place[f->unit].slot],
					 &b.slot[1]);
		if (in[15] & 2) /* mostly unpredicated */
			b.slot[place[f->unit].slot] &= ~UINT64_C(63);
	}
	ia64_bundle_store(&b, out);
}

static void start_state(struct ia64_cpu *c, const struct start *s)
{
	c->cr[CR_IVA] = 0x8000;
	c->bspstore = 0x20000;
	c->sof = 40;
	c->sol = 20;
	for (unsigned r = 1; r < 128; r++)
		c->gr[r] = r * 0x101 * s->form_seed & (RAM - 1);
	for (unsigned f = 2; f < 128; f++)
		c->fr[f] = (struct ia64_fr){ c->gr[f] << s->tr % 64, 0xfff0 + f,
					     0 };
	c->pr |= 0x5555555555555555;
	/* an identity map of the first 256K, with rights by the input */
	for (unsigned d = 0; d < 2; d++)
		c->tr[d][0] = (struct ia64_tlbe){ .valid = true,
						  .p = true,
						  .a = s->tr & 1,
						  .d = s->tr & 2,
						  .ps = 18,
						  .ar = s->tr >> 2 & 7,
						  .pl = s->tr >> 5 & 3 };
	c->psr |= s->mode & 1 ? PSR_IT | PSR_DT | PSR_RT : 0;
	c->psr |= s->mode & 2 ? PSR_IC : 0;
	c->psr |= s->mode & 4 ? PSR_I : 0;
	c->psr |= s->mode & 8 ? PSR_BE : 0;
	c->psr |= s->mode & 16 ? PSR_SS : 0;
	c->psr |= s->mode & 32 ? PSR_CPL : 0;
	c->psr |= s->mode & 64 ? PSR_PK : 0;
	/* an area of the paravirtual interface: the program itself */
	c->pv_there = s->pv & 1;
	c->pv_gpa = 0x1000;
	ia64_pv_remap(c);
	c->ar[0] = 0;
	ia64_attend(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned n = 0;
	struct ia64_env env = { .mem = &mem,
				.paravirt = true,
				.io_read = io_read,
				.io_write = io_write,
				.interrupt = pending,
				.opaque = &n };
	struct err err = { 0 };
	struct ia64_cpu *c;
	struct start s;
	char text[128];

	if (size < sizeof(s))
		return 0;
	if (!ram) {
		ram = aligned_alloc(4096, RAM);
		if (!ram || mem_add_host(&mem, 0, RAM, ram, false, &err) < 0)
			abort();
	}
	memcpy(&s, data, sizeof(s));
	data += sizeof(s);
	size -= sizeof(s);
	memset(ram, 0, RAM);
	for (size_t i = 0; i + 16 <= size && i < 0x4000; i += 16) {
		struct ia64_bundle b;

		make_bundle(data + i, ram + 0x1000 + i);
		ia64_bundle_load(&b, ram + 0x1000 + i);
		for (unsigned slot = 0; slot < 3; slot++)
			ia64_disasm(&b, slot, text, sizeof(text));
	}
	c = ia64_new(&env);
	if (!c)
		abort();
	if (s.spare[0] & 1)
		ia64_native_eager(c);
	start_state(c, &s);
	ia64_written(c);
	c->ip = 0x1000;
	ia64_run(c, 200);
	ia64_free(c);
	return 0;
}
