/* SPDX-License-Identifier: MIT */
/* Registers by gdb's numbers: their place in the target's table. */
#include <stdlib.h>
#include <string.h>

#include "gdbstub/priv.h"

void *regs_get(struct gdbstub *s, unsigned cpu)
{
	struct stub_cpu *c = &s->cpu[cpu];
	struct vcpu *v = &s->m.cpus->cpu[cpu];

	if (!c->fetched && v->vm->accel->get_regs(v, c->regs) < 0)
		return NULL;
	c->fetched = true;
	return c->regs;
}

void regs_forget(struct gdbstub *s)
{
	for (unsigned i = 0; i < s->m.cpus->n; i++)
		s->cpu[i].fetched = false;
}

/* Gives the current vCPU these; what it did not take is read again. */
static bool regs_set(struct gdbstub *s, const uint8_t *regs)
{
	struct vcpu *v = &s->m.cpus->cpu[s->current];
	int ret = v->vm->accel->set_regs(v, regs);

	s->cpu[s->current].fetched = false;
	return ret == 0;
}

/* The number of bytes of r in this vCPU. */
static size_t reg_bytes(const struct gdbstub *s, const void *regs,
			const struct reg *r)
{
	return (target_reg_bits(s->m.target, regs, r) + 7u) / 8;
}

static const struct reg *reg_next(const struct gdbstub *s, const void *regs,
				  const struct reg *r)
{
	return target_reg_next(s->m.target, regs, r);
}

static const struct reg *reg_find(const struct gdbstub *s, const void *regs,
				  uint64_t number)
{
	const struct reg *r = reg_next(s, regs, NULL);

	while (r && number--)
		r = reg_next(s, regs, r);
	return r;
}

void regs_read_all(struct gdbstub *s)
{
	const uint8_t *regs = regs_get(s, s->current);

	if (!regs) {
		session_error(s, 5, "the registers cannot be read");
		return;
	}
	for (const struct reg *r = NULL; (r = reg_next(s, regs, r));)
		packet_hex(&s->out, regs + r->off, reg_bytes(s, regs, r));
}

static bool regs_parse_all(const struct gdbstub *s, uint8_t *regs,
			   const char *hex)
{
	size_t left = strlen(hex);

	for (const struct reg *r = NULL; (r = reg_next(s, regs, r));) {
		size_t n = reg_bytes(s, regs, r);

		if (left < 2 * n || !packet_unhex(hex, n, regs + r->off))
			return false;
		hex += 2 * n;
		left -= 2 * n;
	}
	return left == 0;
}

bool regs_write_all(struct gdbstub *s, const char *hex)
{
	const uint8_t *now = regs_get(s, s->current);
	uint8_t *regs = now ? malloc(s->m.target->regs_size) : NULL;
	bool good;

	if (!regs)
		return false;
	memcpy(regs, now, s->m.target->regs_size);
	good = regs_parse_all(s, regs, hex) && regs_set(s, regs);
	free(regs);
	return good;
}

bool regs_read(struct gdbstub *s, uint64_t number)
{
	const uint8_t *regs = regs_get(s, s->current);
	const struct reg *r = regs ? reg_find(s, regs, number) : NULL;

	if (!r)
		return false;
	packet_hex(&s->out, regs + r->off, reg_bytes(s, regs, r));
	return true;
}

bool regs_write(struct gdbstub *s, uint64_t number, const char *hex)
{
	uint8_t *regs = regs_get(s, s->current);
	const struct reg *r = regs ? reg_find(s, regs, number) : NULL;
	size_t n = r ? reg_bytes(s, regs, r) : 0;

	if (!r || strlen(hex) != 2 * n ||
	    !packet_unhex(hex, n, regs + r->off)) {
		s->cpu[s->current].fetched = false;
		return false;
	}
	return regs_set(s, regs);
}

/* ---- the description: GDB manual, appendix G */

/* What a vector may be looked at as, by the names that gdb's own have. */
static const struct regs_element {
	const char *suffix, *type;
	unsigned bits;
} regs_elements[] = {
	{ "float", "ieee_single", 32 }, { "double", "ieee_double", 64 },
	{ "int8", "int8", 8 },		{ "int16", "int16", 16 },
	{ "int32", "int32", 32 },	{ "int64", "int64", 64 },
	{ "int128", "uint128", 128 },
};
#define NELEMENTS (sizeof(regs_elements) / sizeof(*regs_elements))

/* The type "vecN": a union of vectors that fill N bits. */
static void regs_vector(struct packet_out *xml, unsigned bits)
{
	const struct regs_element *e = regs_elements;
	const struct regs_element *end = e + NELEMENTS;

	for (; e < end; e++)
		if (bits / e->bits > 1)
			packet_fmt(xml,
				   "<vector id=\"v%u_%s\" type=\"%s\" "
				   "count=\"%u\"/>",
				   bits / e->bits, e->suffix, e->type,
				   bits / e->bits);
	packet_fmt(xml, "<union id=\"vec%u\">", bits);
	for (e = regs_elements; e < end; e++) {
		if (bits / e->bits > 1)
			packet_fmt(xml,
				   "<field name=\"v%u_%s\" type=\"v%u_%s\"/>",
				   bits / e->bits, e->suffix, bits / e->bits,
				   e->suffix);
		else if (bits == e->bits)
			packet_fmt(xml, "<field name=\"%s\" type=\"%s\"/>",
				   e->type, e->type);
	}
	packet_str(xml, "</union>");
}

/* The vectors that the registers of a feature need, each once. */
static void regs_vectors(const struct gdbstub *s, const void *regs,
			 const struct reg *feature, struct packet_out *xml)
{
	for (const struct reg *r = feature + 1; r->bits; r++) {
		const struct reg *same = feature + 1;
		unsigned bits = target_reg_bits(s->m.target, regs, r);

		if (r->type != reg_vector)
			continue;
		while (same->type != reg_vector ||
		       target_reg_bits(s->m.target, regs, same) != bits)
			same++;
		if (same == r)
			regs_vector(xml, bits);
	}
}

static void regs_describe_one(const struct gdbstub *s, const void *regs,
			      const struct reg *r, bool system,
			      struct packet_out *xml)
{
	unsigned bits = target_reg_bits(s->m.target, regs, r);

	packet_fmt(xml, "<reg name=\"%s\" bitsize=\"%u\"", r->name, bits);
	if (r->type == reg_vector)
		packet_fmt(xml, " type=\"vec%u\"", bits);
	else if (r->type)
		packet_fmt(xml, " type=\"%s\"", r->type);
	packet_str(xml,
		   system ? " group=\"system\" save-restore=\"no\"/>" : "/>");
}

static void regs_describe_feature(const struct gdbstub *s, const void *regs,
				  const struct reg *feature,
				  struct packet_out *xml)
{
	bool system = strncmp(feature->name, "org.gnu.", 8);

	packet_fmt(xml, "<feature name=\"%s\">", feature->name);
	if (feature == s->m.target->regs && s->m.target->gdb_types)
		packet_str(xml, s->m.target->gdb_types);
	regs_vectors(s, regs, feature, xml);
	for (const struct reg *r = feature + 1; r->bits; r++)
		regs_describe_one(s, regs, r, system, xml);
	packet_str(xml, "</feature>");
}

static bool regs_present(const struct reg *r, const void *regs)
{
	return !r->bits && (!r->has || r->has(regs));
}

static const char *regs_arch(const struct target *t, const void *regs)
{
	for (const struct reg *r = t->regs; r->name; r++)
		if (regs_present(r, regs) && r->type)
			return r->type;
	return t->gdb_arch;
}

void regs_describe(struct gdbstub *s, struct packet_out *xml)
{
	const struct target *t = s->m.target;
	const void *regs = regs_get(s, s->current);

	if (!regs)
		return;
	packet_fmt(xml,
		   "<?xml version=\"1.0\"?>"
		   "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
		   "<target version=\"1.0\"><architecture>%s</architecture>",
		   regs_arch(t, regs));
	for (const struct reg *r = t->regs; r->name && !t->gdb_counts; r++)
		if (regs_present(r, regs))
			regs_describe_feature(s, regs, r, xml);
	packet_str(xml, "</target>");
}
