/* SPDX-License-Identifier: MIT */
/* The memory map that a guest is told, made from the board. */
#include <string.h>

#include "boot/boot.h"

/* A PC has no RAM to use from the VGA window to the end of its ROMs. */
#define MAP_PC_HOLE_BASE 0xa0000u
#define MAP_PC_HOLE_SIZE 0x60000u

static void map_insert(struct boot_map *map, unsigned at, uint64_t base,
		       uint64_t size, enum boot_map_type type)
{
	if (map->n == BOOT_MAP_MAX)
		return;
	memmove(&map->entry[at + 1], &map->entry[at],
		(map->n - at) * sizeof(map->entry[0]));
	map->entry[at] = (struct boot_map_entry){ base, size, type };
	map->n++;
}

/* Takes [base, base + size) out of every entry. */
static void map_cut(struct boot_map *map, uint64_t base, uint64_t size)
{
	for (unsigned i = map->n; size && i-- > 0;) {
		struct boot_map_entry *e = &map->entry[i];
		uint64_t end = e->base + e->size;

		if (base - e->base >= e->size && e->base - base >= size)
			continue;
		if (base > e->base) {
			e->size = base - e->base;
			if (end > base + size)
				map_insert(map, i + 1, base + size,
					   end - (base + size), e->type);
		} else if (end > base + size) {
			e->size = end - (base + size);
			e->base = base + size;
		} else {
			memmove(e, e + 1,
				(map->n - i - 1) * sizeof(map->entry[0]));
			map->n--;
		}
	}
}

void boot_map_add(struct boot_map *map, uint64_t base, uint64_t size,
		  enum boot_map_type type)
{
	unsigned i;

	if (!size)
		return;
	map_cut(map, base, size);
	for (i = 0; i < map->n && map->entry[i].base < base; i++)
		;
	map_insert(map, i, base, size, type);
}

void boot_map_make(const struct board *board, struct boot_map *map)
{
	map->n = 0;
	for (unsigned i = 0; i < board->nram; i++)
		boot_map_add(map, board->ram[i].base, board->ram[i].size,
			     BOOT_MAP_RAM);
	boot_map_add(map, board->firmware_ram.base, board->firmware_ram.size,
		     BOOT_MAP_RESERVED);
	if (board->arch == ARCH_X86_64)
		map_cut(map, MAP_PC_HOLE_BASE, MAP_PC_HOLE_SIZE);
	for (unsigned i = 0; i < board->nreserved; i++)
		boot_map_add(map, board->reserved[i].base,
			     board->reserved[i].size, BOOT_MAP_RESERVED);
	if (board->pci.present)
		boot_map_add(map, board->pci.ecam.base, board->pci.ecam.size,
			     BOOT_MAP_RESERVED);
	boot_map_add(map, board->acpi.base, board->acpi.size, BOOT_MAP_ACPI);
}
