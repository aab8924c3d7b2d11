/* SPDX-License-Identifier: MIT */
/* Exceptions that a debugger hands back to an arm64 guest. */
#include "cpu/arm64/exception.h"
#include "tests/test.h"

#define VBAR UINT64_C(0xffff800010011000)
#define BRK  ((uint64_t)ARM64_EC_BRK64 << 26 | 1 << 25 | 0x800)

static struct arm64_regs at(uint64_t pstate)
{
	return (struct arm64_regs){ .pc = 0x1234,
				    .pstate = pstate,
				    .sp = 1,
				    .sp_el1 = 2,
				    .vbar_el1 = VBAR };
}

TEST(arm64_takes_a_breakpoint_by_the_vector_of_the_mode)
{
	static const struct {
		uint64_t pstate, vector;
	} modes[] = { { 0x3c4, 0 },
		      { 0x3c5, 0x200 },
		      { 0x0, 0x400 },
		      { 0x10, 0x600 },
		      { 0x13, 0x600 } };

	for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct arm64_regs r = at(modes[i].pstate);

		CHECK(arm64_take(&r, BRK, 0));
		CHECK_EQ(r.pc, VBAR + modes[i].vector);
		CHECK_EQ(r.elr_el1, 0x1234);
		CHECK_EQ(r.spsr_el1, modes[i].pstate);
		CHECK_EQ(r.esr_el1, BRK);
		CHECK_EQ(r.sp, 2);
	}
}

TEST(arm64_enters_a_handler_masked_and_keeps_the_flags)
{
	struct arm64_regs r = at(UINT64_C(0x60000005) | 1u << 21);

	r.sctlr_el1 = 1u << 23; /* SPAN: PAN stays */
	CHECK(arm64_take(&r, BRK, 0));
	CHECK_EQ(r.pstate, 0x600003c5); /* no SS */
	r = at(0x5);
	CHECK(arm64_take(&r, BRK, 0));
	CHECK_EQ(r.pstate, 0x3c5 | 1u << 22);
}

TEST(arm64_tells_a_handler_of_el1_that_el1_was_watched)
{
	uint64_t esr = (uint64_t)ARM64_EC_WATCH_LOW << 26 | 0x22;
	struct arm64_regs r = at(0x5);

	CHECK(arm64_take(&r, esr, 0x7008));
	CHECK_EQ(arm64_ec(r.esr_el1), ARM64_EC_WATCH_LOW + 1);
	CHECK_EQ(r.far_el1, 0x7008);
	r = at(0);
	CHECK(arm64_take(&r, esr, 0x7008));
	CHECK_EQ(r.esr_el1, esr);
}

TEST(arm64_leaves_an_aarch32_el1_alone)
{
	struct arm64_regs r = at(0x1d3), was = r;

	r.aarch32 = was.aarch32 = true;
	CHECK(!arm64_take(&r, BRK, 0));
	CHECK_MEM(&r, &was, sizeof(r));
}

TEST(arm64_masks_interrupts_for_what_does_not_see_it)
{
	static const uint32_t not [] = {
		0xd69f03e0, /* eret */
		0xd69f0bff, /* eretaa */
		0xd50342df, /* msr daifset, #2 */
		0xd50342ff, /* msr daifclr, #2 */
		0xd500409f, /* msr pan, #0 */
		0xd53b4223, /* mrs x3, daif */
		0xd51b4220, /* msr daif, x0 */
	};
	static const uint32_t all[] = {
		0xd4000001, /* svc #0 */
		0xd4000002, /* hvc #0 */
		0xd503201f, /* nop */
		0xd503207f, /* wfi */
		0xd65f03c0, /* ret */
		0xd5033fdf, /* isb */
		0xd53bd040, /* mrs x0, tpidr_el0 */
		0xd5384100, /* mrs x0, sp_el0 */
		0xd5184000, /* msr spsr_el1, x0 */
		0xf9400000, /* ldr x0, [x0] */
		0x14000001, /* b */
	};

	for (unsigned i = 0; i < sizeof(not ) / sizeof(*not ); i++)
		CHECK(!arm64_maskable(not [i]));
	for (unsigned i = 0; i < sizeof(all) / sizeof(*all); i++)
		CHECK(arm64_maskable(all[i]));
}
