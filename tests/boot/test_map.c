/* SPDX-License-Identifier: MIT */
/* Tests the memory map and the bookkeeping of free memory. */
#include "boot/boot.h"
#include "boot/space.h"
#include "tests/test.h"

static void check_entry(const struct boot_map *map, unsigned i, uint64_t base,
			uint64_t size, enum boot_map_type type)
{
	CHECK(i < map->n);
	CHECK_EQ(map->entry[i].base, base);
	CHECK_EQ(map->entry[i].size, size);
	CHECK_EQ(map->entry[i].type, type);
}

TEST(map_of_a_pc_has_the_hole_and_what_is_reserved)
{
	struct board b = {
		.arch = ARCH_X86_64,
		.nram = 2,
		.ram = { { 0, 0xc0000000, 0 }, { 0x100000000, 0x40000000, 0 } },
		.nreserved = 1,
		.reserved = { { "x", 0x100000, 0x1000 } },
		.acpi = { 0xe0000, 0x20000 },
		.pci = { .present = true, .ecam = { 0xe0000000, 0x10000000 } }
	};
	struct boot_map map;

	boot_map_make(&b, &map);
	CHECK_EQ(map.n, 6);
	check_entry(&map, 0, 0, 0xa0000, BOOT_MAP_RAM);
	check_entry(&map, 1, 0xe0000, 0x20000, BOOT_MAP_ACPI);
	check_entry(&map, 2, 0x100000, 0x1000, BOOT_MAP_RESERVED);
	check_entry(&map, 3, 0x101000, 0xc0000000 - 0x101000, BOOT_MAP_RAM);
	check_entry(&map, 4, 0xe0000000, 0x10000000, BOOT_MAP_RESERVED);
	check_entry(&map, 5, 0x100000000, 0x40000000, BOOT_MAP_RAM);
}

TEST(map_of_other_machines_has_no_hole)
{
	struct board b = { .arch = ARCH_ARM64,
			   .nram = 1,
			   .ram = { { 0, 0x40000000, 0 } } };
	struct boot_map map;

	boot_map_make(&b, &map);
	CHECK_EQ(map.n, 1);
	check_entry(&map, 0, 0, 0x40000000, BOOT_MAP_RAM);
}

/* Against a plain array of pages: takes ranges, compares every page. */
TEST(space_agrees_with_a_bitmap)
{
	uint32_t random = 1;

	for (unsigned round = 0; round < 200; round++) {
		struct boot_map map = { .n = 2,
					.entry = { { 0x10, 0x20, 1 },
						   { 0x40, 0x40, 1 } } };
		bool used[0x90] = { 0 };
		struct space s;

		for (unsigned i = 0; i < 0x90; i++)
			used[i] = !(i >= 0x10 && i < 0x30) &&
				  !(i >= 0x40 && i < 0x80);
		space_from_map(&s, &map);
		for (unsigned step = 0; step < 8; step++) {
			unsigned base, size, free_pages = 0;
			uint64_t low;

			random = random * 1103515245 + 12345;
			base = random >> 16 & 0x7f;
			size = random >> 8 & 0xf;
			space_take(&s, base, size);
			for (unsigned i = base; i < base + size; i++)
				used[i] = true;
			for (unsigned i = 0; i < 0x90; i++) {
				CHECK_EQ(space_is_free(&s, i, 1), !used[i]);
				free_pages += !used[i];
			}
			CHECK_EQ(space_total(&s), free_pages);
			low = space_low(&s, 0, 0x90, 4, 4);
			for (unsigned i = 0; i < 0x8c; i += 4)
				if (!used[i] && !used[i + 1] && !used[i + 2] &&
				    !used[i + 3]) {
					CHECK_EQ(low, i);
					low = UINT64_MAX;
					break;
				}
			CHECK_EQ(low, UINT64_MAX);
		}
	}
}

TEST(space_finds_places_within_bounds)
{
	struct boot_map map = { .n = 2,
				.entry = { { 0x1000, 0x3000, 1 },
					   { 0x100000, 0x100000, 1 } } };
	struct space s;

	space_from_map(&s, &map);
	CHECK_EQ(space_low(&s, 0, UINT64_MAX, 0x3000, 0x1000), 0x1000);
	CHECK_EQ(space_low(&s, 0, UINT64_MAX, 0x3001, 0x1000), 0x100000);
	CHECK_EQ(space_low(&s, 0x1001, 0x3000, 0x1000, 0x1000), 0x2000);
	CHECK_EQ(space_high(&s, 0, UINT64_MAX, 0x1000, 0x1000), 0x1ff000);
	CHECK_EQ(space_high(&s, 0, 0x180000, 0x1800, 0x1000), 0x17e000);
	CHECK_EQ(space_high(&s, 0, 0x100800, 0x1000, 0x1000), 0x3000);
	CHECK_EQ(space_low(&s, 0, UINT64_MAX, 0x100001, 1), UINT64_MAX);
	CHECK_EQ(space_low(&s, UINT64_MAX - 1, 9, 1, 1), UINT64_MAX);
	CHECK_EQ(space_largest(&s), 0x100000);
}

TEST(space_numbers_its_slots)
{
	struct boot_map map = { .n = 2,
				.entry = { { 0x1000, 0x3000, 1 },
					   { 0x100800, 0x3000, 1 } } };
	struct space s;
	static const uint64_t want[] = { 0x1000, 0x2000, 0x101000, 0x102000 };

	space_from_map(&s, &map);
	CHECK_EQ(space_slots(&s, 0, UINT64_MAX, 0x1800, 0x1000), 4);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(space_slot(&s, 0, UINT64_MAX, 0x1800, 0x1000, i),
			 want[i]);
	CHECK_EQ(space_slots(&s, 0, UINT64_MAX, 0x4000, 0x1000), 0);
}
