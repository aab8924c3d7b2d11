/* SPDX-License-Identifier: MIT */
/* Free guest memory while a kernel is being placed. */
#ifndef BOOT_SPACE_H
#define BOOT_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot.h"

#define SPACE_MAX (BOOT_MAP_MAX + 16)

/* Ascending, disjoint, none adjacent to the next. */
struct space {
	struct board_range range[SPACE_MAX];
	unsigned n;
};

/* The RAM of a memory map. */
void space_from_map(struct space *s, const struct boot_map *map);

/* Whether [base, base + size) is free. */
bool space_is_free(const struct space *s, uint64_t base, uint64_t size);
/* Takes what is free of [base, base + size) away. */
void space_take(struct space *s, uint64_t base, uint64_t size);

/*
 * Finds size bytes at a multiple of align (a power of two) inside
 * [min, min + len), the lowest or the highest such; does not take them.
 * UINT64_MAX when there is none.
 */
uint64_t space_low(const struct space *s, uint64_t min, uint64_t len,
		   uint64_t size, uint64_t align);
uint64_t space_high(const struct space *s, uint64_t min, uint64_t len,
		    uint64_t size, uint64_t align);

/* How many places at multiples of align inside [min, min + len) there are. */
uint64_t space_slots(const struct space *s, uint64_t min, uint64_t len,
		     uint64_t size, uint64_t align);
/* The i-th of them, ascending; i must be less than space_slots(). */
uint64_t space_slot(const struct space *s, uint64_t min, uint64_t len,
		    uint64_t size, uint64_t align, uint64_t i);

/* The most bytes free in one piece, and in all. */
uint64_t space_largest(const struct space *s);
uint64_t space_total(const struct space *s);

#endif
