// SPDX-License-Identifier: MIT
/* Memory is handed out once, upwards. */
#include "guest.h"

static uint64_t alloc_next, alloc_limit;

static void alloc_init(void)
{
	uint64_t best = 0;

	for (unsigned i = 0; i < machine.nmem; i++) {
		const struct mem_entry *e = &machine.mem[i];
		uint64_t base = e->base, end = e->base + e->size;

		if (e->type != MEM_RAM)
			continue;
		if (end > 1ull << 32)
			end = 1ull << 32;
		if (base < machine.image_end)
			base = machine.image_end;
		if (end > base && end - base > best) {
			best = end - base;
			alloc_next = base;
			alloc_limit = end;
		}
	}
}

uint64_t alloc_left(void)
{
	if (!alloc_limit)
		alloc_init();
	return alloc_limit - alloc_next;
}

void *alloc(size_t size, size_t align)
{
	uint64_t base;

	if (!alloc_limit)
		alloc_init();
	base = ALIGN_UP(alloc_next, align);
	if (base > alloc_limit || size > alloc_limit - base)
		guest_die("out of memory: %lu bytes", (uint64_t)size);
	alloc_next = base + size;
	return memset((void *)base, 0, size);
}
