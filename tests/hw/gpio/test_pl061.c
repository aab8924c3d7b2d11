/* SPDX-License-Identifier: MIT */
/* The PL061 against its manual, Arm DDI 0190B, and the power button. */
#include "hw/gpio/pl061.h"

#include "tests/support/rig.h"
#include "tests/test.h"

#define IRQ   7
#define POWER 0x08

enum {
	ALL = 0x3fc, /* GPIODATA, every pin */
	DIR = 0x400,
	IS = 0x404,
	IBE = 0x408,
	IEV = 0x40c,
	IE = 0x410,
	RIS = 0x414,
	MIS = 0x418,
	IC = 0x41c,
	AFSEL = 0x420,
};

static struct pl061 *pl061_rig(struct rig *r)
{
	rig_init(r);
	return (struct pl061 *)rig_device(r, &pl061_class, NULL, IRQ);
}

TEST(pl061_registers_are_zero_after_reset)
{
	struct rig r;

	pl061_rig(&r);
	for (unsigned off = DIR; off <= AFSEL; off += 4) {
		rig_write32(&r, off, UINT32_MAX);
		if (off < RIS || off > IC)
			CHECK_EQ(rig_read32(&r, off), 0xff);
	}
	rig_write32(&r, ALL, 0xff);
	CHECK_EQ(rig_read32(&r, ALL), 0xff);
	device_reset(r.dev);
	for (unsigned off = DIR; off <= AFSEL; off += 4)
		CHECK_EQ(rig_read32(&r, off), 0);
	CHECK_EQ(rig_read32(&r, ALL), 0);
	CHECK_EQ(rig_read32(&r, 0x424), 0);
	CHECK_EQ(rig_read64(&r, DIR), UINT64_MAX);
	rig_destroy(&r);
}

TEST(pl061_identifies_itself)
{
	static const uint8_t id[] = { 0x61, 0x10, 0x04, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1 };
	struct rig r;

	pl061_rig(&r);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(rig_read32(&r, 0xfe0 + 4 * i), id[i]);
	rig_destroy(&r);
}

/* 3.3.1: the example of figure 3-1 and 3-2, and which pins a write reaches. */
TEST(pl061_data_address_is_a_mask)
{
	struct rig r;

	pl061_rig(&r);
	rig_write32(&r, DIR, 0xff);
	rig_write32(&r, 0x098, 0xfb); /* mask 0x26 */
	CHECK_EQ(rig_read32(&r, ALL), 0x22);
	rig_write32(&r, ALL, 0xfe);
	CHECK_EQ(rig_read32(&r, 0x0c4), 0x30); /* mask 0x31 */
	CHECK_EQ(rig_read32(&r, 0x000), 0);
	rig_write32(&r, 0x000, 0xff);
	CHECK_EQ(rig_read32(&r, ALL), 0xfe);
	rig_destroy(&r);
}

TEST(pl061_inputs_show_what_is_outside_and_outputs_what_was_written)
{
	struct rig r;
	struct pl061 *s = pl061_rig(&r);

	rig_write32(&r, DIR, 0x0f);
	rig_write32(&r, ALL, 0x55);
	CHECK_EQ(rig_read32(&r, ALL), 0x05);
	pl061_set_input(s, 7, true);
	pl061_set_input(s, 1, true);
	CHECK_EQ(rig_read32(&r, ALL), 0x85);
	rig_write32(&r, DIR, 0);
	CHECK_EQ(rig_read32(&r, ALL), 0x82);
	pl061_set_input(s, 7, false);
	CHECK_EQ(rig_read32(&r, ALL), 0x02);
	rig_destroy(&r);
}

TEST(pl061_edge_is_remembered_until_cleared)
{
	struct rig r;
	struct pl061 *s = pl061_rig(&r);

	rig_write32(&r, IEV, 0x01);
	rig_write32(&r, IE, 0x01);
	pl061_set_input(s, 0, true);
	CHECK(r.level[IRQ]);
	pl061_set_input(s, 0, false);
	CHECK(r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, MIS), 1);
	rig_write32(&r, IC, 0xfe);
	CHECK(r.level[IRQ]);
	rig_write32(&r, IC, 0x01);
	CHECK(!r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, RIS), 0);
	rig_destroy(&r);
}

TEST(pl061_edges_follow_iev_and_ibe)
{
	struct rig r;
	struct pl061 *s = pl061_rig(&r);

	pl061_set_input(s, 2, true); /* IEV 0: falling only */
	CHECK_EQ(rig_read32(&r, RIS), 0);
	pl061_set_input(s, 2, false);
	CHECK_EQ(rig_read32(&r, RIS), 4);
	CHECK_EQ(rig_read32(&r, MIS), 0);
	CHECK(!r.level[IRQ]);
	rig_write32(&r, IC, 4);
	rig_write32(&r, IBE, 4);
	pl061_set_input(s, 2, true);
	CHECK_EQ(rig_read32(&r, RIS), 4);
	rig_write32(&r, IC, 4);
	pl061_set_input(s, 2, true); /* no edge */
	CHECK_EQ(rig_read32(&r, RIS), 0);
	pl061_set_input(s, 2, false);
	CHECK_EQ(rig_read32(&r, RIS), 4);
	rig_destroy(&r);
}

TEST(pl061_level_lasts_as_long_as_the_pin_does)
{
	struct rig r;
	struct pl061 *s = pl061_rig(&r);

	rig_write32(&r, IS, 0x10);
	rig_write32(&r, IE, 0x10);
	CHECK(r.level[IRQ]); /* IEV 0: low */
	rig_write32(&r, IEV, 0x10);
	CHECK(!r.level[IRQ]);
	pl061_set_input(s, 4, true);
	CHECK(r.level[IRQ]);
	rig_write32(&r, IC, 0x10);
	CHECK(r.level[IRQ]);
	pl061_set_input(s, 4, false);
	CHECK(!r.level[IRQ]);
	rig_destroy(&r);
}

TEST(pl061_outputs_do_not_interrupt)
{
	struct rig r;
	struct pl061 *s = pl061_rig(&r);

	rig_write32(&r, DIR, 0x03);
	rig_write32(&r, IE, 0x03);
	rig_write32(&r, IBE, 0x02);
	rig_write32(&r, IS, 0x01);
	rig_write32(&r, ALL, 0x03);
	pl061_set_input(s, 1, true);
	CHECK_EQ(rig_read32(&r, RIS), 0);
	CHECK(!r.level[IRQ]);
	rig_destroy(&r);
}

TEST(pl061_power_button_is_pressed_for_a_while)
{
	struct rig r;

	pl061_rig(&r);
	rig_write32(&r, IBE, POWER);
	rig_write32(&r, IE, POWER);
	r.dev->class->power_button(r.dev);
	CHECK(r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, ALL), POWER);
	rig_write32(&r, IC, POWER);
	CHECK(!r.level[IRQ]);
	rig_advance_ns(&r, 99999999);
	CHECK_EQ(rig_read32(&r, ALL), POWER);
	rig_advance_ns(&r, 1);
	CHECK_EQ(rig_read32(&r, ALL), 0);
	CHECK(r.level[IRQ]);
	rig_destroy(&r);
}
