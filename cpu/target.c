/* SPDX-License-Identifier: MIT */
/* Targets by name, and the register dump that they share. */
#include "cpu/target.h"

#include <inttypes.h>
#include <string.h>

static const struct target *const targets[] = { &target_x86_64, &target_arm64,
						&target_ppc64, &target_ia64 };

#define DUMP_BEFORE 16u
#define DUMP_AFTER  32u

const struct target *target_find(enum arch a)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (targets[i]->arch == a)
			return targets[i];
	return NULL;
}

const char reg_vector[] = "vector";

const struct reg *target_reg_next(const struct target *t, const void *regs,
				  const struct reg *r)
{
	bool there = true;

	for (r = r ? r + 1 : t->regs; r->name; r++) {
		if (!r->bits)
			there = !r->has || r->has(regs);
		else if (there)
			return r;
	}
	return NULL;
}

unsigned target_reg_bits(const struct target *t, const void *regs,
			 const struct reg *r)
{
	return r->scaled ? r->bits * t->scale(regs) : r->bits;
}

bool target_read_code(const struct target *t, const void *regs,
		      const struct mem *m, uint64_t gva, void *buf, size_t len)
{
	uint8_t *to = buf;

	for (size_t i = 0; i < len; i++) {
		gpa_t gpa;

		if (!t->translate(regs, m, gva + i, &gpa) ||
		    mem_read(m, gpa, to + i, 1) < 0)
			return false;
	}
	return true;
}

static void target_dump_code(const struct target *t, const void *regs,
			     const struct mem *m, FILE *out)
{
	uint64_t pc = t->code_address(regs);

	fprintf(out, "code at 0x%" PRIx64 ":", pc);
	for (uint64_t at = pc - DUMP_BEFORE; at != pc + DUMP_AFTER; at++) {
		uint8_t byte;

		if (!target_read_code(t, regs, m, at, &byte, 1))
			fprintf(out, at == pc ? " <-->" : " --");
		else
			fprintf(out, at == pc ? " <%02x>" : " %02x", byte);
	}
	fputc('\n', out);
}

static void target_dump_reg(const struct reg *r, const void *regs,
			    unsigned *column, FILE *out)
{
	uint64_t val = 0;

	if (r->bits > 64 || r->undumped)
		return;
	memcpy(&val, (const char *)regs + r->off, (r->bits + 7) / 8);
	fprintf(out, "%-7s %0*" PRIx64 "%s", r->name, r->bits / 4, val,
		++*column % 4 ? "  " : "\n");
}

void target_dump(const struct target *t, const void *regs, const struct mem *m,
		 FILE *out)
{
	unsigned column = 0;

	for (const struct reg *r = target_reg_next(t, regs, NULL); r;
	     r = target_reg_next(t, regs, r))
		target_dump_reg(r, regs, &column, out);
	for (const struct reg *r = t->more; r && r->name; r++)
		target_dump_reg(r, regs, &column, out);
	if (column % 4)
		fputc('\n', out);
	target_dump_code(t, regs, m, out);
}
