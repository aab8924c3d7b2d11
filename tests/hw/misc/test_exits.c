/* SPDX-License-Identifier: MIT */
/* isa-debug-exit and pvpanic: what each write asks of the machine. */
#include "hw/misc/isa_debug_exit.h"
#include "hw/misc/pvpanic.h"
#include "tests/support/rig.h"
#include "tests/test.h"

TEST(debug_exit_ends_with_the_guests_status)
{
	struct rig r;

	rig_init(&r);
	rig_device(&r, &isa_debug_exit_class, NULL, 1);
	CHECK_EQ(rig_read32(&r, 0), 0);
	rig_write8(&r, 0, 7);
	CHECK_EQ(r.requests[VM_POWEROFF], 1);
	CHECK_EQ(r.request_status, 7);
	rig_write32(&r, 0, 0);
	CHECK_EQ(r.request_status, 0);
	CHECK_EQ(r.requests[VM_POWEROFF], 2);
	rig_destroy(&r);
}

TEST(debug_exit_keeps_out_of_the_statuses_of_vmm)
{
	static const uint32_t large[] = { 120, 125, 0x80000000, UINT32_MAX };
	struct rig r;

	rig_init(&r);
	rig_device(&r, &isa_debug_exit_class, NULL, 1);
	rig_write32(&r, 0, 119);
	CHECK_EQ(r.request_status, 119);
	for (unsigned i = 0; i < 4; i++) {
		r.request_status = 0;
		rig_write32(&r, 0, large[i]);
		CHECK_EQ(r.request_status, 119);
	}
	rig_destroy(&r);
}

TEST(debug_exit_has_a_port_of_choice)
{
	struct device *d = device_new(&isa_debug_exit_class, "exit");
	struct err err = { 0 };

	CHECK_EQ(((struct isa_debug_exit *)d)->iobase, 0xf4);
	CHECK_EQ(device_configure(d, "iobase=0x501", &err), 0);
	CHECK_EQ(((struct isa_debug_exit *)d)->iobase, 0x501);
	CHECK(device_configure(d, "iobase=0x10000", &err) < 0);
	device_free(d);
}

TEST(pvpanic_reports_a_panic)
{
	struct rig r;

	rig_init(&r);
	rig_device(&r, &pvpanic_class, NULL, 1);
	CHECK_EQ(rig_read8(&r, 0), 3);
	rig_write8(&r, 0, 0);
	rig_write8(&r, 0, 2); /* kdump: the crash kernel runs on */
	CHECK_EQ(r.requests[VM_PANICKED], 0);
	rig_write8(&r, 0, 1);
	CHECK_EQ(r.requests[VM_PANICKED], 1);
	rig_destroy(&r);
}
