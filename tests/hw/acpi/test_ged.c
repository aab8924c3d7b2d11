/* SPDX-License-Identifier: MIT */
/* The event device: power button, sleep control, reset. */
#include "hw/acpi/ged.h"

#include "tests/support/rig.h"
#include "tests/test.h"

#define IRQ 9

static void lab_make(struct rig *r)
{
	rig_init(r);
	rig_device(r, &acpi_ged_class, NULL, IRQ);
}

TEST(ged_line_stays_up_until_the_events_are_read)
{
	struct rig r;

	lab_make(&r);
	CHECK_EQ(rig_read32(&r, ACPI_GED_SELECT), 0);
	r.dev->class->power_button(r.dev);
	acpi_ged_raise(r.dev, ACPI_GED_PCI);
	CHECK(r.level[IRQ]);
	CHECK_EQ(rig_read8(&r, ACPI_GED_SELECT), 0); /* only as a whole */
	CHECK(r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, ACPI_GED_SELECT),
		 ACPI_GED_POWER_BUTTON | ACPI_GED_PCI);
	CHECK(!r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, ACPI_GED_SELECT), 0);
	rig_destroy(&r);
}

TEST(ged_sleep_type_5_powers_off)
{
	struct rig r;

	lab_make(&r);
	rig_write8(&r, ACPI_GED_SLEEP_CONTROL, 5 << 2);
	CHECK_EQ(r.requests[VM_POWEROFF], 0);
	CHECK_EQ(rig_read8(&r, ACPI_GED_SLEEP_CONTROL), 5 << 2);
	rig_write8(&r, ACPI_GED_SLEEP_CONTROL, 3 << 2 | 0x20);
	CHECK_EQ(r.requests[VM_POWEROFF], 0);
	rig_write8(&r, ACPI_GED_SLEEP_CONTROL, 5 << 2 | 0x20);
	CHECK_EQ(r.requests[VM_POWEROFF], 1);
	CHECK_EQ(r.request_status, 0);
	rig_destroy(&r);
}

TEST(ged_reset_register_wants_its_value)
{
	struct rig r;

	lab_make(&r);
	rig_write8(&r, ACPI_GED_RESET, 1);
	rig_write32(&r, ACPI_GED_SLEEP_CONTROL, 0x00420034);
	CHECK_EQ(r.requests[VM_RESET], 0);
	rig_write8(&r, ACPI_GED_RESET, ACPI_GED_RESET_VALUE);
	CHECK_EQ(r.requests[VM_RESET], 1);
	rig_destroy(&r);
}

TEST(ged_reset_drops_events)
{
	struct rig r;

	lab_make(&r);
	acpi_ged_raise(r.dev, ACPI_GED_POWER_BUTTON);
	device_reset(r.dev);
	CHECK(!r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, ACPI_GED_SELECT), 0);
	rig_destroy(&r);
}
