/* SPDX-License-Identifier: MIT */
/* The keyboard controller: a reset, and a probe that ends quickly. */
#include "hw/misc/i8042.h"

#include "tests/support/rig.h"
#include "tests/test.h"

#define DATA 0
#define CMD  4

static void lab_make(struct rig *r)
{
	rig_init(r);
	rig_device(r, &i8042_class, NULL, 1);
}

TEST(i8042_command_fe_resets)
{
	struct rig r;

	lab_make(&r);
	CHECK_EQ(rig_read8(&r, CMD) & 2, 0); /* ready for a command */
	rig_write8(&r, CMD, 0xfe);
	CHECK_EQ(r.requests[VM_RESET], 1);
	rig_destroy(&r);
}

TEST(i8042_output_port_bit_0_resets)
{
	struct rig r;

	lab_make(&r);
	rig_write8(&r, CMD, 0xd1);
	rig_write8(&r, DATA, 0xdf);
	CHECK_EQ(r.requests[VM_RESET], 0);
	rig_write8(&r, CMD, 0xd0);
	CHECK_EQ(rig_read8(&r, DATA), 0xdf);
	rig_write8(&r, CMD, 0xd1);
	rig_write8(&r, DATA, 0xde);
	CHECK_EQ(r.requests[VM_RESET], 1);
	rig_destroy(&r);
}

TEST(i8042_answers_a_probe_at_once)
{
	struct rig r;

	lab_make(&r);
	CHECK_EQ(rig_read8(&r, CMD) & 1, 0); /* nothing to flush */
	rig_write8(&r, CMD, 0x60);
	rig_write8(&r, DATA, 0x47);
	rig_write8(&r, CMD, 0x20);
	CHECK_EQ(rig_read8(&r, CMD) & 1, 1);
	CHECK_EQ(rig_read8(&r, DATA), 0x47);
	CHECK_EQ(rig_read8(&r, CMD) & 1, 0);
	rig_write8(&r, CMD, 0xaa);
	CHECK_EQ(rig_read8(&r, DATA), 0x55);
	rig_write8(&r, CMD, 0xd3);
	rig_write8(&r, DATA, 0x5a);
	CHECK(rig_read8(&r, DATA) != 0x5a); /* no mouse */
	rig_write8(&r, CMD, 0xa9);
	CHECK(rig_read8(&r, DATA) != 0);
	rig_write8(&r, DATA, 0xf2); /* to the keyboard */
	CHECK_EQ(rig_read8(&r, CMD) & 0x41, 0x41);
	CHECK_EQ(rig_read8(&r, DATA), 0xfe);
	CHECK_EQ(r.requests[VM_RESET], 0);
	rig_destroy(&r);
}

TEST(i8042_leaves_the_ports_between_alone)
{
	struct rig r;

	lab_make(&r);
	rig_write8(&r, 1, 0xfe);
	CHECK_EQ(rig_read8(&r, 1), 0xff);
	CHECK_EQ(rig_read16(&r, 0), 0xffff);
	CHECK_EQ(r.requests[VM_RESET], 0);
	rig_destroy(&r);
}
