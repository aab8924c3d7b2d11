/* SPDX-License-Identifier: MIT */
/* An interrupt controller's registers as plain data. */
#include "cpu/chip_state.h"

#include <stdlib.h>

int chip_state_add(struct chip_state *s, struct chip_reg reg, struct err *err)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 256;
		struct chip_reg *grown =
			reallocarray(s->reg, cap, sizeof(*grown));

		if (!grown)
			return err_nomem(err, "the interrupt controller's "
					      "registers");
		s->reg = grown;
		s->cap = cap;
	}
	s->reg[s->n++] = reg;
	return 0;
}

void chip_state_free(struct chip_state *s)
{
	free(s->reg);
	*s = (struct chip_state){ 0 };
}

const struct chip_reg *chip_state_differs(const struct chip_state *a,
					  const struct chip_state *b, size_t *i)
{
	for (; *i < a->n || *i < b->n; ++*i) {
		const struct chip_reg *x = *i < a->n ? &a->reg[*i] : NULL;
		const struct chip_reg *y = *i < b->n ? &b->reg[*i] : NULL;

		if (x && y && x->part == y->part && x->cpu == y->cpu &&
		    x->offset == y->offset && x->val == y->val)
			continue;
		++*i;
		return x ? x : y;
	}
	return NULL;
}

const char *chip_part_name(enum chip_part part)
{
	static const char *const names[CHIP_PARTS] = {
		"GICD", "GICC", "GICR", "ICC", "lines", "GITS", "tables",
	};

	return part < CHIP_PARTS ? names[part] : "?";
}
