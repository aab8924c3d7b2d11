/* SPDX-License-Identifier: MIT */
/* Every form of cpu/ia64's table that reads or writes memory, moves between the
 * register files or branches, on generated operands, against the manual's
 * descriptions worked out byte by byte. */
#include <ctype.h>
#include <stdlib.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/fp.h"
#include "tests/cpu/ia64/random.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

#define WINDOW 64 /* bytes around the address, half of them before it */
enum { R1 = 22, R2 = 21, R3 = 20, F1 = 33, F2 = 36 };

static struct ia64_rig r;
static uint64_t seed;

static uint64_t rnd(void)
{
	return random_next(&seed);
}

/* ---- what one instruction is to do */
struct expected {
	uint8_t mem[WINDOW]; /* from addr - WINDOW / 2 on */
	uint64_t r1, r3, csd, unat;
	bool nat; /* of r1 */
	struct ia64_fr f1, f2;
};

/* One instruction and what it begins with. */
struct vector {
	const struct ia64_form *f;
	uint64_t addr, r2, csd, ccv, unat;
	bool be, nat2;
	int64_t imm;
	uint8_t mem[WINDOW];
	struct ia64_fr f2;
};

static bool begins(const struct vector *v, const char *with)
{
	return !strncmp(v->f->name, with, strlen(with));
}

static bool has(const struct vector *v, const char *part)
{
	return strstr(v->f->name, part);
}

/* The digit in the name. */
static unsigned digit(const struct vector *v)
{
	const char *p = v->f->name;

	while (!isdigit((unsigned char)*p))
		p++;
	return (unsigned)atoi(p);
}

/* n bytes of the window as a number, the first of them at byte at. */
static uint64_t number(const uint8_t *mem, int at, unsigned n, bool be)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)mem[WINDOW / 2 + at + (int)i]
		     << 8 * (be ? n - 1 - i : i);
	return v;
}

static void put(uint8_t *mem, int at, unsigned n, bool be, uint64_t v)
{
	for (unsigned i = 0; i < n; i++)
		mem[WINDOW / 2 + at + (int)i] =
			(uint8_t)(v >> 8 * (be ? n - 1 - i : i));
}

/* A single (8 bits of exponent, 23 of fraction) or double in a register:
 * SDM 1:5.1.3, figures 5-3 and 5-4. */
static struct ia64_fr from_format(uint64_t v, unsigned ebits, unsigned fbits)
{
	unsigned e = v >> fbits & ((1u << ebits) - 1),
		 bias = (1u << (ebits - 1)) - 1;
	uint64_t frac = v & ((UINT64_C(1) << fbits) - 1);
	struct ia64_fr f = { frac << (63 - fbits), 0,
			     v >> (ebits + fbits) & 1 };

	if (e == (1u << ebits) - 1)
		f.exp = 0x1ffff;
	else if (e)
		f.exp = e - bias + 0xffff;
	else if (frac)
		f.exp = 1 - bias + 0xffff;
	if (e)
		f.sig |= UINT64_C(1) << 63;
	return f;
}

enum { FMT_E = 10, FMT_8 = 1, FMT_S = 4, FMT_D = 8, FMT_FILL = 16 };

static int fp_format(const struct vector *v)
{
	const char *p = v->f->name + (begins(v, "ldfp") ? 4 : 3);

	if (has(v, ".fill") || has(v, ".spill"))
		return FMT_FILL;
	return *p == 'e'   ? FMT_E
	       : *p == '8' ? FMT_8
	       : *p == 's' ? FMT_S
			   : FMT_D;
}

static unsigned fp_bytes(int format)
{
	return format == FMT_8 ? 8 : (unsigned)format;
}

static struct ia64_fr fp_at(const struct vector *v, int at, int format)
{
	uint64_t sig, se;

	switch (format) {
	case FMT_S: return from_format(number(v->mem, at, 4, v->be), 8, 23);
	case FMT_D: return from_format(number(v->mem, at, 8, v->be), 11, 52);
	case FMT_8:
		return (struct ia64_fr){ number(v->mem, at, 8, v->be), 0x1003e,
					 0 };
	case FMT_E:
		sig = number(v->mem, at + (v->be ? 2 : 0), 8, v->be);
		se = number(v->mem, at + (v->be ? 0 : 8), 2, v->be);
		return (struct ia64_fr){ sig,
					 (se & 0x7fff) == 0x7fff ? 0x1ffff
					 : se & 0x7fff
						 ? (unsigned)(se & 0x7fff) -
							   16383 + 0xffff
						 : 0,
					 (unsigned)se >> 15 };
	default:
		sig = number(v->mem, at + (v->be ? 8 : 0), 8, v->be);
		se = number(v->mem, at + (v->be ? 0 : 8), 8, v->be);
		return (struct ia64_fr){ sig, se & 0x1ffff, se >> 17 & 1 };
	}
}

/* ---- loads and stores */
static void load(const struct vector *v, struct expected *e)
{
	unsigned n = digit(v);

	if (n == 16) {
		e->r1 = number(v->mem, v->be ? 8 : 0, 8, v->be);
		e->csd = number(v->mem, v->be ? 0 : 8, 8, v->be);
		return;
	}
	e->r1 = number(v->mem, 0, n, v->be);
	if (has(v, ".fill"))
		e->nat = v->unat >> (v->addr >> 3 & 63) & 1;
}

static void store(const struct vector *v, struct expected *e)
{
	uint64_t bit = UINT64_C(1) << (v->addr >> 3 & 63);
	unsigned n = digit(v);

	if (n == 16) {
		put(e->mem, v->be ? 8 : 0, 8, v->be, v->r2);
		put(e->mem, v->be ? 0 : 8, 8, v->be, v->csd);
		return;
	}
	put(e->mem, 0, n, v->be, v->r2);
	if (has(v, ".spill"))
		e->unat = (v->unat & ~bit) | (v->nat2 ? bit : 0);
}

/* The number in f2 was made of what now is to be found elsewhere. */
static void store_fp(const struct vector *v, struct expected *e, int format)
{
	struct vector from = *v;

	for (unsigned i = 0; i < fp_bytes(format); i++)
		e->mem[WINDOW / 2 + i] = from.mem[WINDOW / 2 + 16 + i];
	/* above the number a spill has zeros */
	if (format == FMT_FILL)
		put(e->mem, v->be ? 0 : 8, 8, v->be,
		    v->f2.exp | (uint64_t)v->f2.sign << 17);
}

static void semaphore(const struct vector *v, struct expected *e)
{
	unsigned n = begins(v, "cmp8") ? 8 : digit(v);
	int base = -(int)(v->addr & 8);

	e->r1 = number(v->mem, 0, n, v->be);
	if (begins(v, "fetchadd")) {
		put(e->mem, 0, n, v->be, e->r1 + (uint64_t)v->imm);
	} else if (begins(v, "xchg")) {
		put(e->mem, 0, n, v->be, v->r2);
	} else if (e->r1 == v->ccv && n == 8 && begins(v, "cmp8")) {
		put(e->mem, base + (v->be ? 8 : 0), 8, v->be, v->r2);
		put(e->mem, base + (v->be ? 0 : 8), 8, v->be, v->csd);
	} else if (e->r1 == v->ccv) {
		put(e->mem, 0, n, v->be, v->r2);
	}
}

static void move(const struct vector *v, struct expected *e)
{
	if (has(v, ".sig")) {
		e->f1 = (struct ia64_fr){ v->r2, 0x1003e, 0 };
		e->r1 = v->f2.sig;
	} else if (has(v, ".exp")) {
		e->f1 = (struct ia64_fr){ UINT64_C(1) << 63, v->r2 & 0x1ffff,
					  v->r2 >> 17 & 1 };
		e->r1 = v->f2.exp | v->f2.sign << 17;
	} else {
		bool s = v->f->name[5] == 's';

		e->f1 = s ? from_format((uint32_t)v->r2, 8, 23)
			  : from_format(v->r2, 11, 52);
		e->r1 = number(v->mem, 16, s ? 4 : 8, v->be);
	}
}

/* What becomes of the base, by the format: SDM 3:4.4. */
static uint64_t base(const struct vector *v)
{
	unsigned m = (unsigned)atoi(v->f->fmt->name + 1);

	switch (m) {
	case 2:
	case 7:
	case 14: return v->addr + v->r2;
	case 3:
	case 5:
	case 8:
	case 10:
	case 15: return v->addr + (uint64_t)v->imm;
	case 12: return v->addr + (fp_format(v) == FMT_S ? 8 : 16);
	default: return v->addr;
	}
}

/* False: the form is none of those. */
static bool expect(const struct vector *v, struct expected *e)
{
	int format;

	*e = (struct expected){
		.r1 = 1, .r3 = base(v), .csd = v->csd, .unat = v->unat
	};
	memcpy(e->mem, v->mem, WINDOW);
	if (begins(v, "ldf")) {
		format = fp_format(v);
		e->f1 = fp_at(v, 0, format);
		if (begins(v, "ldfp"))
			e->f2 = fp_at(v, (int)fp_bytes(format), format);
	} else if (begins(v, "ld")) {
		load(v, e);
	} else if (begins(v, "stf")) {
		store_fp(v, e, fp_format(v));
	} else if (begins(v, "st")) {
		store(v, e);
	} else if (begins(v, "cmp") || begins(v, "xchg") ||
		   begins(v, "fetchadd")) {
		semaphore(v, e);
	} else if (begins(v, "setf") || begins(v, "getf")) {
		move(v, e);
	} else {
		return begins(v, "lfetch");
	}
	return true;
}

/* ---- generating */
static uint64_t aligned(const struct vector *v)
{
	uint64_t at = IA64_DATA + 0x1000 + rnd() % 0x800;
	unsigned n = 8;

	if (begins(v, "ldfp"))
		n = fp_format(v) == FMT_S ? 8 : 16;
	else if (begins(v, "ldf") || begins(v, "stf"))
		n = fp_format(v) == FMT_E ? 16 : fp_bytes(fp_format(v));
	else if (begins(v, "ld") || begins(v, "st") || begins(v, "xchg") ||
		 begins(v, "fetchadd") || begins(v, "cmpxchg"))
		n = digit(v);
	return at & ~(uint64_t)(n - 1);
}

/* A number that a store of that form can write: it is at byte 16 of the window.
 */
static struct ia64_fr number_to_store(struct vector *v)
{
	int format = begins(v, "getf.s")   ? FMT_S
		     : begins(v, "getf.d") ? FMT_D
		     : begins(v, "getf")   ? FMT_FILL
					   : fp_format(v);

	/* an extended number that is normal: others have several encodings */
	if (format == FMT_E) {
		v->mem[WINDOW / 2 + 16 + (v->be ? 2 : 7)] |= 0x80;
		v->mem[WINDOW / 2 + 16 + (v->be ? 1 : 8)] |= 1;
		v->mem[WINDOW / 2 + 16 + (v->be ? 1 : 8)] &= 0xfd;
	}
	return fp_at(v, 16, format);
}

static struct vector generate(const struct ia64_form *f)
{
	static const int incs[] = { -16, -8, -4, -1, 1, 4, 8, 16 };
	struct vector v = { .f = f, .r2 = rnd(), .csd = rnd(), .unat = rnd() };

	v.addr = aligned(&v);
	v.be = rnd() & 1;
	v.nat2 = has(&v, ".spill") && begins(&v, "st8") && (rnd() & 1);
	v.imm = begins(&v, "fetchadd") ? incs[rnd() % 8]
				       : (int64_t)(rnd() % 512) - 256;
	for (unsigned i = 0; i < WINDOW; i++)
		v.mem[i] = (uint8_t)(rnd() >> 32);
	if (begins(&v, "stf") || begins(&v, "getf"))
		v.f2 = number_to_store(&v);
	v.ccv = rnd();
	if (begins(&v, "cmp") && (rnd() & 1))
		v.ccv = number(v.mem, 0, begins(&v, "cmp8") ? 8 : digit(&v),
			       v.be);
	return v;
}

/* ---- running */
static void operands(const struct vector *v, int64_t *opd)
{
	for (unsigned n = 0; n < ia64_form_operands(v->f); n++) {
		const struct ia64_operand *o = v->f->fmt->opd[n];
		bool pair = begins(v, "ldfp");

		if (o->kind == OPD_GR)
			opd[n] = o->field == FLD_A   ? R1
				 : o->field == FLD_B ? R2
						     : R3;
		else if (o->kind == OPD_FR)
			opd[n] = o->field == FLD_A || pair ? F1 + (int)n : F2;
		else
			opd[n] = v->imm;
	}
}

static void begin(const struct vector *v)
{
	struct ia64_cpu *c = r.c;
	int64_t opd[5] = { 0 };

	r.at = IA64_CODE;
	ia64_forget_code(c, IA64_CODE, 64);
	operands(v, opd);
	ia64_put_form(&r, 0, v->f, opd);
	PUT(&r, "break.m", "M37", IA64_END);
	memcpy(r.ram + v->addr - WINDOW / 2, v->mem, WINDOW);
	c->psr = (c->psr & ~PSR_BE) | (v->be ? PSR_BE : 0);
	ia64_set_gr(c, R1, 1, false);
	ia64_set_gr(c, R2, v->r2, v->nat2);
	ia64_set_gr(c, R3, v->addr, false);
	c->fr[F2] = v->f2;
	c->ar[AR_CSD] = v->csd;
	c->ar[AR_CCV] = v->ccv;
	c->ar[AR_UNAT] = v->unat;
	ia64_alat_clear(c); /* so that a check loads */
	ia64_written(c);
	c->ip = IA64_CODE;
	c->ri = 0;
}

static bool writes_r1(const struct ia64_form *f)
{
	return f->fmt->opd[0]->kind == OPD_GR && f->fmt->opd[0]->field == FLD_A;
}

static void check(const struct vector *v, const struct expected *e)
{
	const struct ia64_cpu *c = r.c;
	bool fr = begins(v, "ldf") || begins(v, "setf");
	bool ok = r.broke == IA64_END && ia64_get_gr(c, R3) == e->r3 &&
		  c->ar[AR_CSD] == e->csd && c->ar[AR_UNAT] == e->unat &&
		  !memcmp(r.ram + v->addr - WINDOW / 2, e->mem, WINDOW);

	if (writes_r1(v->f))
		ok = ok && ia64_get_gr(c, R1) == e->r1 && c->nat[R1] == e->nat;
	if (fr)
		ok = ok && !memcmp(&c->fr[F1], &e->f1, sizeof(e->f1));
	if (begins(v, "ldfp"))
		ok = ok && !memcmp(&c->fr[F1 + 1], &e->f2, sizeof(e->f2));
	if (!ok)
		fail_msg("%s %s at %llx%s: r1 %llx for %llx, r3 %llx for %llx",
			 v->f->name, v->f->fmt->name,
			 (unsigned long long)v->addr, v->be ? ", be" : "",
			 (unsigned long long)ia64_get_gr(c, R1),
			 (unsigned long long)e->r1,
			 (unsigned long long)ia64_get_gr(c, R3),
			 (unsigned long long)e->r3);
}

TEST(ia64_every_form_on_memory_does_what_the_manual_says)
{
	unsigned forms = 0;

	seed = 0x3e30;
	ia64_rig_init(&r);
	for (unsigned i = 0; i < ia64_nforms; i++) {
		struct vector v = { .f = &ia64_forms[i] };
		struct expected e;

		if (v.f->unit != UNIT_M || begins(&v, "mov"))
			continue;
		for (unsigned n = 0; n < 24; n++) {
			v = generate(&ia64_forms[i]);
			if (!expect(&v, &e))
				break;
			begin(&v);
			ia64_rig_continue(&r);
			check(&v, &e);
			forms += n == 0;
		}
	}
	CHECK(forms > 180);
	ia64_rig_free(&r);
}
