/* SPDX-License-Identifier: MIT */
/* cpu/chip_state: what was saved of an interrupt controller, compared. */
#include "cpu/chip_state.h"

#include "tests/test.h"

static void add(struct chip_state *s, uint32_t offset, uint64_t val)
{
	struct err err = { 0 };

	CHECK_EQ(chip_state_add(s,
				(struct chip_reg){ .part = CHIP_GICD,
						   .offset = offset,
						   .val = val },
				&err),
		 0);
}

TEST(chip_state_finds_each_register_that_differs)
{
	struct chip_state a = { 0 }, b = { 0 };
	size_t i = 0;

	for (uint32_t n = 0; n < 1000; n++) {
		add(&a, 4 * n, n);
		add(&b, 4 * n, n % 300 == 299 ? 7 : n);
	}
	for (uint32_t n = 299; n < 1000; n += 300)
		CHECK_EQ(chip_state_differs(&a, &b, &i)->offset, 4 * n);
	CHECK(!chip_state_differs(&a, &b, &i));
	i = 0;
	CHECK(!chip_state_differs(&a, &a, &i));
	add(&b, 4000, 1);
	i = 1000;
	CHECK_EQ(chip_state_differs(&a, &b, &i)->offset, 4000);
	CHECK(!chip_state_differs(&a, &b, &i));
	chip_state_free(&a);
	chip_state_free(&b);
	CHECK_EQ(b.n, 0);
}

TEST(chip_state_names_every_part)
{
	for (unsigned i = 0; i < CHIP_PARTS; i++) {
		CHECK(*chip_part_name((enum chip_part)i) != '?');
		for (unsigned k = 0; k < i; k++)
			CHECK(strcmp(chip_part_name((enum chip_part)i),
				     chip_part_name((enum chip_part)k)));
	}
}
