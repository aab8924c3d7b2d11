/* SPDX-License-Identifier: MIT */
/* What CPUID tells the guest: the host's, the model's, the board's. */
#include "cpu/x86_64/cpuid.h"

struct x86_cpuid_entry *x86_cpuid_find(struct x86_cpuid *c, uint32_t leaf,
				       uint32_t sub)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->e[i].leaf == leaf &&
		    (!c->e[i].indexed || c->e[i].sub == sub))
			return &c->e[i];
	return NULL;
}

static unsigned bits_for(unsigned n)
{
	unsigned bits = 0;

	while (1u << bits < n)
		bits++;
	return bits;
}

void x86_topology(unsigned cores, unsigned threads, struct x86_topology *t)
{
	t->thread_bits = bits_for(threads);
	t->core_bits = bits_for(cores);
}

uint32_t x86_apic_id(unsigned cores, unsigned threads, unsigned index)
{
	struct x86_topology t;
	unsigned thread = index % threads;
	unsigned core = index / threads % cores;
	unsigned socket = index / threads / cores;

	x86_topology(cores, threads, &t);
	return (socket << t.core_bits | core) << t.thread_bits | thread;
}

/* Replaces bits [shift, shift + width) of *reg. */
static void put(uint32_t *reg, unsigned shift, unsigned width, uint32_t val)
{
	uint32_t mask = (width < 32 ? (1u << width) - 1 : UINT32_MAX) << shift;

	*reg = (*reg & ~mask) | (val << shift & mask);
}

static struct x86_cpuid_entry *x86_cpuid_add(struct x86_cpuid *c, uint32_t leaf,
					     uint32_t sub)
{
	struct x86_cpuid_entry *e = x86_cpuid_find(c, leaf, sub);

	if (!e && c->n < X86_CPUID_MAX)
		e = &c->e[c->n++];
	if (e)
		*e = (struct x86_cpuid_entry){ leaf, sub, true, 0, 0, 0, 0 };
	return e;
}

/* Leaves 0xb and 0x1f: SDM volume 2, CPUID; volume 3, 9.9.3. */
static void x86_cpuid_levels(struct x86_cpuid *c, uint32_t leaf,
			     const struct board *b,
			     const struct x86_topology *t, uint32_t id)
{
	struct x86_cpuid_entry *e;
	unsigned i = 0;

	while (i < c->n) /* whatever the host has there is not ours */
		if (c->e[i].leaf == leaf)
			c->e[i] = c->e[--c->n];
		else
			i++;
	for (uint32_t sub = 0; sub < 3; sub++) {
		e = x86_cpuid_add(c, leaf, sub);
		if (!e)
			return;
		e->ecx = sub;
		e->edx = id;
		if (sub == 0) {
			e->eax = t->thread_bits;
			e->ebx = b->threads;
			e->ecx |= 1 << 8; /* SMT */
		} else if (sub == 1) {
			e->eax = t->thread_bits + t->core_bits;
			e->ebx = b->threads * b->cores;
			e->ecx |= 2 << 8; /* core */
		}
	}
}

/* Cache leaves 4 and 0x8000001d have the same sharing fields. */
static void x86_cpuid_caches(struct x86_cpuid *c, uint32_t leaf,
			     const struct board *b,
			     const struct x86_topology *t, bool intel)
{
	for (unsigned i = 0; i < c->n; i++) {
		struct x86_cpuid_entry *e = &c->e[i];
		unsigned level = e->eax >> 5 & 7;
		unsigned share = b->threads;

		if (e->leaf != leaf || !(e->eax & 0x1f))
			continue;
		if (level >= 3)
			share = 1u << (t->thread_bits + t->core_bits);
		put(&e->eax, 14, 12, share - 1);
		if (intel)
			put(&e->eax, 26, 6, (1u << t->core_bits) - 1);
	}
}

static bool x86_is_amd(struct x86_cpuid *c)
{
	struct x86_cpuid_entry *e = x86_cpuid_find(c, 0, 0);

	/* "AuthenticAMD", "HygonGenuine" */
	return e && (e->ebx == 0x68747541 || e->ebx == 0x6f677948);
}

/* AMD APM volume 3, appendix E.4: the extended topology of leaf 8x. */
static void x86_cpuid_amd(struct x86_cpuid *c, const struct board *b,
			  const struct x86_topology *t, unsigned index,
			  uint32_t id)
{
	unsigned cpus = b->cores * b->threads;
	struct x86_cpuid_entry *e = x86_cpuid_find(c, 0x80000001, 0);

	if (e) {
		put(&e->ecx, 1, 1, cpus > 1); /* CmpLegacy */
		put(&e->ecx, 22, 1, 1);	      /* TopologyExtensions */
	}
	e = x86_cpuid_find(c, 0x80000008, 0);
	if (e) {
		put(&e->ecx, 0, 8, cpus - 1);
		put(&e->ecx, 12, 4, t->thread_bits + t->core_bits);
	}
	x86_cpuid_caches(c, 0x8000001d, b, t, false);
	e = x86_cpuid_find(c, 0x8000001e, 0);
	if (e) {
		e->eax = id;
		e->ebx = (b->threads - 1) << 8 | (b->cpus[index].core & 0xff);
		e->ecx = b->cpus[index].socket & 0xff;
		e->edx = 0;
	}
}

void x86_cpuid_place(struct x86_cpuid *c, const struct board *b, unsigned index)
{
	uint32_t id = (uint32_t)b->cpus[index].hw_id;
	struct x86_cpuid_entry *e = x86_cpuid_find(c, 1, 0);
	struct x86_cpuid_entry *top = x86_cpuid_find(c, 0, 0);
	struct x86_topology t;
	unsigned ids;

	x86_topology(b->cores, b->threads, &t);
	ids = 1u << (t.thread_bits + t.core_bits);
	if (e) {
		put(&e->ebx, 24, 8, id < 255 ? id : 255);
		put(&e->ebx, 16, 8, ids < 255 ? ids : 255);
		put(&e->edx, 28, 1, b->cores * b->threads > 1); /* HTT */
	}
	x86_cpuid_caches(c, 4, b, &t, true);
	x86_cpuid_levels(c, 0xb, b, &t, id);
	if (top && top->eax < 0xb)
		top->eax = 0xb;
	if (top && top->eax >= 0x1f)
		x86_cpuid_levels(c, 0x1f, b, &t, id);
	if (x86_is_amd(c))
		x86_cpuid_amd(c, b, &t, index, id);
}
