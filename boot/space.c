/* SPDX-License-Identifier: MIT */
/* Free guest memory while a kernel is being placed. */
#include "boot/space.h"

#include <string.h>

void space_from_map(struct space *s, const struct boot_map *map)
{
	s->n = 0;
	for (unsigned i = 0; i < map->n; i++) {
		const struct boot_map_entry *e = &map->entry[i];
		struct board_range *last = s->n ? &s->range[s->n - 1] : NULL;

		if (e->type != BOOT_MAP_RAM)
			continue;
		if (last && last->base + last->size == e->base)
			last->size += e->size;
		else
			s->range[s->n++] =
				(struct board_range){ e->base, e->size };
	}
}

bool space_is_free(const struct space *s, uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct board_range *r = &s->range[i];

		if (base - r->base < r->size)
			return size <= r->size - (base - r->base);
	}
	return false;
}

/* Replaces range i by what is left of it on both sides. */
static void space_split(struct space *s, unsigned i, uint64_t below,
			uint64_t above)
{
	struct board_range r = s->range[i];
	unsigned keep = !!below + !!above;

	/* A full table loses the upper part: less memory, never twice. */
	if (keep == 2 && s->n == SPACE_MAX) {
		keep = 1;
		above = 0;
	}
	memmove(&s->range[i + keep], &s->range[i + 1],
		(s->n - i - 1) * sizeof(r));
	s->n += keep - 1;
	if (below)
		s->range[i++] = (struct board_range){ r.base, below };
	if (above)
		s->range[i] =
			(struct board_range){ r.base + r.size - above, above };
}

void space_take(struct space *s, uint64_t base, uint64_t size)
{
	for (unsigned i = s->n; size && i-- > 0;) {
		struct board_range r = s->range[i];
		uint64_t below, above;

		if (base - r.base >= r.size && r.base - base >= size)
			continue; /* apart */
		below = base > r.base ? base - r.base : 0;
		above = base + (size - 1) < r.base + (r.size - 1)
				? r.base + r.size - (base + size)
				: 0;
		space_split(s, i, below, above);
	}
}

/* The part of range r inside [min, min + len) that size bytes may start in. */
static bool space_window(const struct board_range *r, uint64_t min,
			 uint64_t len, uint64_t size, uint64_t align,
			 uint64_t *first, uint64_t *last)
{
	uint64_t lo = r->base > min ? r->base : min;
	uint64_t hi = r->base + (r->size - 1);
	uint64_t top = min + (len - 1);

	if (!len || !size || top < min)
		return false;
	if (hi > top)
		hi = top;
	if (lo > hi || hi - lo < size - 1)
		return false;
	*last = (hi - (size - 1)) & ~(align - 1);
	*first = (lo + (align - 1)) & ~(align - 1);
	return *first >= lo && *last >= *first;
}

uint64_t space_low(const struct space *s, uint64_t min, uint64_t len,
		   uint64_t size, uint64_t align)
{
	uint64_t first, last;

	for (unsigned i = 0; i < s->n; i++)
		if (space_window(&s->range[i], min, len, size, align, &first,
				 &last))
			return first;
	return UINT64_MAX;
}

uint64_t space_high(const struct space *s, uint64_t min, uint64_t len,
		    uint64_t size, uint64_t align)
{
	uint64_t first, last;

	for (unsigned i = s->n; i-- > 0;)
		if (space_window(&s->range[i], min, len, size, align, &first,
				 &last))
			return last;
	return UINT64_MAX;
}

uint64_t space_slots(const struct space *s, uint64_t min, uint64_t len,
		     uint64_t size, uint64_t align)
{
	uint64_t first, last, n = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (space_window(&s->range[i], min, len, size, align, &first,
				 &last))
			n += (last - first) / align + 1;
	return n;
}

uint64_t space_slot(const struct space *s, uint64_t min, uint64_t len,
		    uint64_t size, uint64_t align, uint64_t i)
{
	uint64_t first, last;

	for (unsigned k = 0; k < s->n; k++) {
		uint64_t n;

		if (!space_window(&s->range[k], min, len, size, align, &first,
				  &last))
			continue;
		n = (last - first) / align + 1;
		if (i < n)
			return first + i * align;
		i -= n;
	}
	return UINT64_MAX;
}

uint64_t space_largest(const struct space *s)
{
	uint64_t max = 0;

	for (unsigned i = 0; i < s->n; i++)
		if (s->range[i].size > max)
			max = s->range[i].size;
	return max;
}

uint64_t space_total(const struct space *s)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < s->n; i++)
		sum += s->range[i].size;
	return sum;
}
