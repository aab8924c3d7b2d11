/* SPDX-License-Identifier: MIT */
/* cpu/x86_64: debug registers of a debugger and of the guest. */
#include <errno.h>

#include "cpu/x86_64/debug.h"
#include "cpu/x86_64/regs.h"
#include "tests/test.h"

static const uint64_t dr[4] = { 0x1000, 0x2000, 0x3000, 0x4000 };

TEST(x86_debug_leaves_the_guests_registers_where_nobody_else_wants_them)
{
	const struct vcpu_debug d = { .step = true };
	struct x86_debug_regs hw;
	struct vcpu_stop stop = { 0 };

	CHECK_EQ(x86_debug_load(&d, dr, 0x00d00402, &hw), 0);
	CHECK_MEM(hw.dr, dr, sizeof(dr));
	CHECK_EQ(hw.dr7, 0x00d00402);
	/* DR0 is enabled and DR1 is not, though its bit is set. */
	x86_debug_stop(&d, &hw, X86_DR6_BS | 3, hw.dr7, &stop);
	CHECK_EQ(stop.kind, STOP_STEP);
	CHECK_EQ(stop.info, 1);
	CHECK(stop.shared);
	x86_debug_stop(&d, &hw, 1, hw.dr7, &stop);
	CHECK_EQ(stop.kind, STOP_GUEST);
	x86_debug_stop(&d, &hw, X86_DR6_BS, hw.dr7, &stop);
	CHECK_EQ(stop.kind, STOP_STEP);
	CHECK(!stop.shared);
	CHECK_EQ(stop.info, 0);
}

TEST(x86_debug_gives_the_guests_registers_what_is_left)
{
	const struct vcpu_debug d = { .nslots = 2,
				      .slot = { { DEBUG_EXEC, 0x5000, 1 },
						{ DEBUG_ACCESS, 0x6000, 8 } } };
	struct x86_debug_regs hw;
	struct vcpu_stop stop = { 0 };

	/* All but DR0: execute, 4 bytes written, 2 bytes accessed. */
	CHECK_EQ(x86_debug_load(&d, dr, 0x7d000454, &hw), 0);
	CHECK_EQ(hw.dr[0], 0x5000);
	CHECK_EQ(hw.dr[1], 0x6000);
	CHECK_EQ(hw.dr[2], 0x2000);
	CHECK_EQ(hw.dr[3], 0x3000);
	CHECK_EQ(hw.dr7, 0xd0b006aa);
	x86_debug_stop(&d, &hw, 1 << 1 | 1 << 3, hw.dr7, &stop);
	CHECK_EQ(stop.kind, STOP_WATCH);
	CHECK_EQ(stop.slot, 1);
	CHECK_EQ(stop.addr, 0x6000);
	CHECK(stop.shared);
	CHECK_EQ(stop.info, 1 << 2);
	x86_debug_stop(&d, &hw, 1 << 2, hw.dr7, &stop);
	CHECK_EQ(stop.kind, STOP_GUEST);
	CHECK_EQ(stop.info, 1 << 1);
	/* The guest steps itself. */
	x86_debug_stop(&d, &hw, X86_DR6_BS, hw.dr7, &stop);
	CHECK_EQ(stop.info, X86_DR6_BS);
}

TEST(x86_debug_refuses_what_no_register_watches)
{
	static const struct debug_slot bad[] = {
		{ DEBUG_READ, 0, 1 },	{ DEBUG_WRITE, 0, 0 },
		{ DEBUG_WRITE, 0, 3 },	{ DEBUG_WRITE, 1, 2 },
		{ DEBUG_WRITE, 4, 8 },	{ DEBUG_WRITE, 0, 16 },
		{ DEBUG_ACCESS, 2, 4 },
	};
	struct x86_debug_regs hw;
	struct vcpu_debug d = { .nslots = 5 };

	CHECK_EQ(x86_debug_load(&d, dr, 0, &hw), -ENOSPC);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		d = (struct vcpu_debug){ .nslots = 1, .slot = { bad[i] } };
		CHECK_EQ(x86_debug_load(&d, dr, 0, &hw), -EINVAL);
	}
}
