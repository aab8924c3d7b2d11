/* SPDX-License-Identifier: MIT */
/* Port 0xcf9, by itself and among those of configuration mechanism #1. */
#include "hw/pci/reset_control.h"

#include "hw/pci/host.h"
#include "tests/support/rig.h"
#include "tests/test.h"

static void check_reset(const struct device_class *class, uint64_t off)
{
	struct rig r;

	rig_init(&r);
	rig_device(&r, class, NULL, 1);
	/* As Linux: the kind of reset, then the reset. */
	rig_write8(&r, off, 0x02);
	CHECK_EQ(r.requests[VM_RESET], 0);
	CHECK_EQ(rig_read8(&r, off), 0x02);
	rig_write8(&r, off, 0x06);
	CHECK_EQ(r.requests[VM_RESET], 1);
	CHECK_EQ(rig_read8(&r, off), 0x02);
	rig_write8(&r, off, 0xfb);
	CHECK_EQ(rig_read8(&r, off), 0x0a); /* the others are not there */
	device_reset(r.dev);
	CHECK_EQ(rig_read8(&r, off), 0);
	CHECK_EQ(r.requests[VM_RESET], 1);
	rig_destroy(&r);
}

TEST(reset_control_resets_at_bit_2)
{
	check_reset(&reset_control_class, 0);
}

TEST(reset_control_is_one_of_the_ports_of_cf8)
{
	check_reset(&pci_cf8_class, 1);
}

TEST(reset_control_takes_bytes_only)
{
	struct rig r;

	rig_init(&r);
	rig_device(&r, &reset_control_class, NULL, 1);
	rig_write16(&r, 0, 0x0606);
	CHECK_EQ(r.requests[VM_RESET], 0);
	rig_destroy(&r);
	rig_init(&r);
	rig_device(&r, &pci_cf8_class, NULL, 1);
	rig_write16(&r, 0, 0x0606);
	rig_write16(&r, 1, 0x0606);
	rig_write32(&r, 0, 0x80000600);
	CHECK_EQ(r.requests[VM_RESET], 0);
	rig_destroy(&r);
}
