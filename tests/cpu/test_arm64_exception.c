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

		arm64_take(&r, BRK, 0);
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
	arm64_take(&r, BRK, 0);
	CHECK_EQ(r.pstate, 0x600003c5); /* no SS */
	r = at(0x5);
	arm64_take(&r, BRK, 0);
	CHECK_EQ(r.pstate, 0x3c5 | 1u << 22);
}

TEST(arm64_tells_a_handler_of_el1_that_el1_was_watched)
{
	uint64_t esr = (uint64_t)ARM64_EC_WATCH_LOW << 26 | 0x22;
	struct arm64_regs r = at(0x5);

	arm64_take(&r, esr, 0x7008);
	CHECK_EQ(arm64_ec(r.esr_el1), ARM64_EC_WATCH_LOW + 1);
	CHECK_EQ(r.far_el1, 0x7008);
	r = at(0);
	arm64_take(&r, esr, 0x7008);
	CHECK_EQ(r.esr_el1, esr);
}

/* ---- EL1 is AArch32 */

#define BKPT32 ((uint64_t)ARM64_EC_BKPT32 << 26 | 1 << 25)
#define LR_ABT 20

static struct arm64_regs at32(uint64_t pstate)
{
	struct arm64_regs r = { .pc = 0x8004,
				.pstate = pstate,
				.vbar_el1 = 0xc0010000,
				.sctlr_el1 = 1u << 23, /* SPAN */
				.aarch32 = true };

	r.x[13] = 0x111;	 /* sp_usr */
	r.x[LR_ABT + 1] = 0x222; /* sp_abt */
	arm64_view32(&r);
	return r;
}

TEST(arm32_takes_a_breakpoint_as_a_prefetch_abort)
{
	struct arm64_regs r = at32(0x600a0010); /* user, C, Z, GE */

	arm64_take(&r, BKPT32, 0);
	CHECK_EQ(r.pc, 0xc001000c);
	CHECK_EQ(r.x[LR_ABT], 0x8008);
	CHECK_EQ(r.spsr_abt, 0x600a0010);
	CHECK_EQ(r.pstate, 0x600a0197); /* A, I, Abort mode */
	CHECK_EQ(r.ifsr32_el2, 2);
	CHECK_EQ(r.mdscr_el1 >> 2 & 15, 3);
	/* The registers of the mode, as a debugger sees them. */
	CHECK_EQ(r.r[13], 0x222);
	CHECK_EQ(r.r[14], 0x8008);
	CHECK_EQ(r.x[13], 0x111);
}

TEST(arm32_enters_a_handler_as_sctlr_says)
{
	/* From T32, in an IT block, big-endian, with DIT; F is masked. */
	struct arm64_regs r = at32(0x0100fe73 | 3u << 25);

	r.sctlr_el1 = 1u << 13 | 1u << 25 | 1u << 30; /* V, EE, TE */
	r.tcr_el1 = 1u << 31;
	arm64_take(&r, (uint64_t)ARM64_EC_BREAK_LOW << 26, 0);
	CHECK_EQ(r.pc, 0xffff000c);
	CHECK_EQ(r.spsr_abt, 0x0620fe73); /* DIT where AArch32 has it */
	CHECK_EQ(r.pstate, 0x014003f7);	  /* PAN, E, A, I, F, T */
	CHECK_EQ(r.ifsr32_el2, 0x222);
	CHECK_EQ(r.mdscr_el1 >> 2 & 15, 1);
}

TEST(arm32_takes_a_watchpoint_as_a_data_abort)
{
	struct arm64_regs r = at32(0x13);

	r.mdscr_el1 = 0xffff;
	r.far_el1 = UINT64_C(0x1234567800000000); /* IFAR is the upper half */
	arm64_take(&r, (uint64_t)ARM64_EC_WATCH_LOW << 26 | 1 << 6, 0x9008);
	CHECK_EQ(r.pc, 0xc0010010);
	CHECK_EQ(r.x[LR_ABT], 0x800c);
	CHECK_EQ(r.esr_el1, 0x802);
	CHECK_EQ(r.far_el1, UINT64_C(0x1234567800009008));
	CHECK_EQ(r.mdscr_el1, 0xffeb);
	CHECK_EQ(r.ifsr32_el2, 0);
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
