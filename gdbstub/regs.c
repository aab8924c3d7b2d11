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
		s->cpu[i].fetched = s->cpu[i].changed = false;
}

void regs_flush(struct gdbstub *s)
{
	for (unsigned i = 0; i < s->m.cpus->n; i++) {
		struct vcpu *v = &s->m.cpus->cpu[i];

		if (s->cpu[i].changed)
			v->vm->accel->set_regs(v, s->cpu[i].regs);
	}
	regs_forget(s);
}

static size_t reg_bytes(const struct reg *r)
{
	return (r->bits + 7u) / 8;
}

/* The register of that number; features have none. */
static const struct reg *reg_find(const struct target *t, uint64_t number)
{
	for (const struct reg *r = t->regs; r->name; r++)
		if (r->bits && number-- == 0)
			return r;
	return NULL;
}

void regs_read_all(struct gdbstub *s)
{
	const uint8_t *regs = regs_get(s, s->current);

	for (const struct reg *r = s->m.target->regs; regs && r->name; r++)
		if (r->bits)
			packet_hex(&s->out, regs + r->off, reg_bytes(r));
	if (!regs)
		session_error(s, 5, "the registers cannot be read");
}

bool regs_write_all(struct gdbstub *s, const char *hex)
{
	uint8_t *regs = regs_get(s, s->current);
	size_t left = strlen(hex);

	if (!regs)
		return false;
	for (const struct reg *r = s->m.target->regs; r->name; r++) {
		size_t n = reg_bytes(r);

		if (left < 2 * n || !packet_unhex(hex, n, regs + r->off))
			return false;
		hex += 2 * n;
		left -= 2 * n;
	}
	s->cpu[s->current].changed = true;
	return left == 0;
}

bool regs_read(struct gdbstub *s, uint64_t number)
{
	const struct reg *r = reg_find(s->m.target, number);
	const uint8_t *regs = regs_get(s, s->current);

	if (!r || !regs)
		return false;
	packet_hex(&s->out, regs + r->off, reg_bytes(r));
	return true;
}

bool regs_write(struct gdbstub *s, uint64_t number, const char *hex)
{
	const struct reg *r = reg_find(s->m.target, number);
	uint8_t *regs = regs_get(s, s->current);
	size_t n = r ? reg_bytes(r) : 0;

	if (!r || !regs || strlen(hex) != 2 * n ||
	    !packet_unhex(hex, n, regs + r->off))
		return false;
	s->cpu[s->current].changed = true;
	return true;
}

/* ---- the description: GDB manual, appendix G */

/* Types that more than one target has and that gdb does not know itself. */
static const char regs_types[] =
	"<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
	"<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
	"<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"
	"<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
	"<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"
	"<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
	"<union id=\"vec128\">"
	"<field name=\"v4_float\" type=\"v4f\"/>"
	"<field name=\"v2_double\" type=\"v2d\"/>"
	"<field name=\"v16_int8\" type=\"v16i8\"/>"
	"<field name=\"v8_int16\" type=\"v8i16\"/>"
	"<field name=\"v4_int32\" type=\"v4i32\"/>"
	"<field name=\"v2_int64\" type=\"v2i64\"/>"
	"<field name=\"uint128\" type=\"uint128\"/>"
	"</union>";

static bool regs_system(const char *feature)
{
	return !!strncmp(feature, "org.gnu.", 8);
}

void regs_describe(const struct target *t, struct packet_out *xml)
{
	bool open = false, system = false;

	packet_fmt(xml,
		   "<?xml version=\"1.0\"?>"
		   "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
		   "<target version=\"1.0\"><architecture>%s</architecture>",
		   t->gdb_arch);
	for (const struct reg *r = t->regs; r->name; r++) {
		if (!r->bits) {
			packet_fmt(xml, "%s<feature name=\"%s\">",
				   open ? "</feature>" : "", r->name);
			packet_str(xml, regs_types);
			packet_str(xml,
				   !open && t->gdb_types ? t->gdb_types : "");
			open = true;
			system = regs_system(r->name);
			continue;
		}
		packet_fmt(xml, "<reg name=\"%s\" bitsize=\"%u\"", r->name,
			   r->bits);
		if (r->type)
			packet_fmt(xml, " type=\"%s\"", r->type);
		packet_str(xml,
			   system ? " group=\"system\" save-restore=\"no\"/>"
				  : "/>");
	}
	packet_str(xml, open ? "</feature></target>" : "</target>");
}
