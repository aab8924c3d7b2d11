/* SPDX-License-Identifier: MIT */
/* cpu/arm64: debug registers of a debugger and of the guest. */
#include <errno.h>

#include "cpu/arm64/debug.h"
#include "cpu/arm64/exception.h"
#include "cpu/arm64/regs.h"
#include "tests/test.h"

/* Loads slots into a CPU of two breakpoints and two watchpoints. */
static int load(const struct vcpu_debug *d, const struct arm64_debug_regs *own,
		struct arm64_debug_regs *hw)
{
	*hw = (struct arm64_debug_regs){ .breaks = 2, .watches = 2 };
	return arm64_debug_load(d, own, hw);
}

TEST(arm64_debug_selects_the_bytes_that_are_watched)
{
	static const struct {
		struct debug_slot slot;
		uint64_t wvr, wcr; /* no wcr: refused */
	} cases[] = {
		{ { DEBUG_WRITE, 0x1000, 1 }, 0x1000, 0x0037 },
		{ { DEBUG_READ, 0x1003, 2 }, 0x1000, 0x030f },
		{ { DEBUG_ACCESS, 0x1001, 7 }, 0x1000, 0x1fdf },
		{ { DEBUG_ACCESS, 0x1000, 8 }, 0x1000, 0x1fff },
		{ { DEBUG_WRITE, 0x1000, 16 }, 0x1000, 0x04001ff7 },
		{ { DEBUG_WRITE, 0x80000000, 1u << 31 },
		  0x80000000,
		  0x1f001ff7 },
		{ { DEBUG_WRITE, 0x1000, 0 }, 0, 0 },
		{ { DEBUG_WRITE, 0x1001, 8 }, 0, 0 },
		{ { DEBUG_WRITE, 0x1008, 16 }, 0, 0 },
		{ { DEBUG_WRITE, 0, UINT64_C(1) << 32 }, 0, 0 },
		{ { DEBUG_WRITE, 0, UINT64_C(1) << 63 }, 0, 0 },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct vcpu_debug d = { .nslots = 1,
					      .slot = { cases[i].slot } };
		struct arm64_debug_regs hw;
		int ret = load(&d, NULL, &hw);

		CHECK_EQ(ret, cases[i].wcr ? 0 : -EINVAL);
		if (ret)
			continue;
		CHECK_EQ(hw.wvr[0], cases[i].wvr);
		CHECK_EQ(hw.wcr[0], cases[i].wcr);
	}
}

TEST(arm64_debug_breaks_at_any_instruction_of_t32)
{
	const struct vcpu_debug d = { .nslots = 2,
				      .slot = { { DEBUG_EXEC, 0x1002, 3 },
						{ DEBUG_EXEC, 0x1004, 4 } } };
	struct arm64_debug_regs hw;

	CHECK_EQ(load(&d, NULL, &hw), 0);
	CHECK_EQ(hw.bvr[0], 0x1000);
	CHECK_EQ(hw.bcr[0], 0x187);
	CHECK_EQ(hw.bvr[1], 0x1004);
	CHECK_EQ(hw.bcr[1], 0x1e7);
	CHECK_EQ(arm64_debug_break(&d, 0x1002), 0);
	CHECK_EQ(arm64_debug_break(&d, 0x1004), 1);
	CHECK_EQ(arm64_debug_break(&d, 0x1000), -1);
}

static const struct arm64_debug_regs guests = {
	.breaks = 2,
	.watches = 2,
	.bvr = { 0x9000, 0xa000 },
	.bcr = { 0x1e5 | 1 << 20, 0x1e7 }, /* the first is linked */
	.wvr = { 0xb000, 0xc000 },
	.wcr = { 0x0ff6, 0x0f17 }, /* the first is off */
	.mdscr = ARM64_MDSCR_MDE,
};

TEST(arm64_debug_gives_the_guests_registers_what_is_left)
{
	struct vcpu_debug d = { .nslots = 2,
				.slot = { { DEBUG_EXEC, 0x1000, 4 },
					  { DEBUG_WRITE, 0x2000, 4 } } };
	struct arm64_debug_regs own = guests, hw;

	CHECK_EQ(load(&d, &own, &hw), 0);
	CHECK_EQ(hw.bvr[0], 0x1000);
	CHECK_EQ(hw.bvr[1], 0xa000);
	CHECK_EQ(hw.bcr[1], 0x1e5); /* not at EL1: the guest has none there */
	CHECK_EQ(hw.wvr[1], 0xc000);
	CHECK_EQ(hw.wcr[1], 0x0f15);
	own.mdscr |= ARM64_MDSCR_KDE;
	CHECK_EQ(load(&d, &own, &hw), 0);
	CHECK_EQ(hw.bcr[1], 0x1e7);
	own.mdscr = 0;
	CHECK_EQ(load(&d, &own, &hw), 0);
	CHECK_EQ(hw.bcr[1] | hw.wcr[1], 0);
	/* The debugger goes first, and then there is no more. */
	own = guests;
	d.slot[d.nslots++] = (struct debug_slot){ DEBUG_EXEC, 0x3000, 4 };
	CHECK_EQ(load(&d, &own, &hw), 0);
	CHECK_EQ(hw.bvr[1], 0x3000);
	d.slot[d.nslots++] = (struct debug_slot){ DEBUG_EXEC, 0x4000, 4 };
	CHECK_EQ(load(&d, &own, &hw), -ENOSPC);
}

TEST(arm64_debug_tells_whose_an_access_is)
{
	const struct vcpu_debug d = { .nslots = 2,
				      .slot = { { DEBUG_EXEC, 0xb800, 4 },
						{ DEBUG_WRITE, 0xbffe, 1 } } };
	struct arm64_debug_regs hw;

	CHECK_EQ(load(&d, &guests, &hw), 0);
	CHECK_EQ(arm64_debug_watch(&d, &hw, 0xbffe), 1);
	CHECK_EQ(arm64_debug_watch(&d, &hw, 0xbff8), 1); /* of 8 bytes */
	CHECK_EQ(arm64_debug_watch(&d, &hw, 0xc000), -1);
	CHECK_EQ(arm64_debug_watch(&d, &hw, 0xc003), -1);
	CHECK_EQ(arm64_debug_watch(&d, &hw, 0xbfff), -1);
}

TEST(arm64_knows_where_debug_exceptions_are_masked)
{
	struct arm64_regs r = { .pstate = 0x3c0 };

	CHECK(!arm64_debug_masked(&r)); /* EL0 */
	r.pstate = 0x5;
	CHECK(arm64_debug_masked(&r));
	r.mdscr_el1 = ARM64_MDSCR_KDE;
	CHECK(!arm64_debug_masked(&r));
	r.pstate = 0x205;
	CHECK(arm64_debug_masked(&r));
}
