/* SPDX-License-Identifier: MIT */
/* The arm64 target: register table, reset state. */
#include <string.h>

#include "cpu/arm64/regs.h"
#include "cpu/arm64/walk.h"
#include "cpu/target.h"
#include "hw/core/boot_start.h"

#define REG(name_, field, bits_)                                          \
	{                                                                 \
		.name = name_, .off = offsetof(struct arm64_regs, field), \
		.bits = bits_                                             \
	}
#define FEATURE(name_)        \
	{                     \
		.name = name_ \
	}
#define FEATURE_IF(name_, has_)             \
	{                                   \
		.name = name_, .has = has_, \
	}
#define TYPED(name_, field, bits_, type_)                                 \
	{                                                                 \
		.name = name_, .off = offsetof(struct arm64_regs, field), \
		.bits = bits_, .type = type_                              \
	}
/* Of a vector's length: so many bits for each 128 of it. */
#define SCALED(name_, field, bits_)                                       \
	{                                                                 \
		.name = name_, .off = offsetof(struct arm64_regs, field), \
		.bits = bits_, .undumped = true, .scaled = true,          \
		.type = reg_vector                                        \
	}
#define Z(n) SCALED("z" #n, z[n], 128)
#define P(n) SCALED("p" #n, p[n], 16)
#define R(n) REG("r" #n, r[n], 32)
#define D(n, i)                                                          \
	{                                                                \
		.name = "d" #n,                                          \
		.off = offsetof(struct arm64_regs, v[(i) / 2][(i) % 2]), \
		.bits = 64, .undumped = true, .type = "ieee_double"      \
	}
#define X(n) REG("x" #n, x[n], 64)
#define V(n)                                                              \
	{                                                                 \
		.name = "v" #n, .off = offsetof(struct arm64_regs, v[n]), \
		.bits = 128, .type = reg_vector                           \
	}
#define SYS(r) REG(#r, r, 64)

static bool arm64_is_64(const void *regs)
{
	return !((const struct arm64_regs *)regs)->aarch32;
}

static bool arm64_is_32(const void *regs)
{
	return ((const struct arm64_regs *)regs)->aarch32;
}

/* gdb takes either the one or the other. */
static bool arm64_has_sve(const void *regs)
{
	return ((const struct arm64_regs *)regs)->has_sve;
}

static bool arm64_has_fpu(const void *regs)
{
	return arm64_is_64(regs) && !arm64_has_sve(regs);
}

static bool arm64_has_pauth(const void *regs)
{
	return ((const struct arm64_regs *)regs)->has_pauth;
}

static const struct reg arm64_reg_table[] = {
	FEATURE_IF("org.gnu.gdb.aarch64.core", arm64_is_64),
	X(0),
	X(1),
	X(2),
	X(3),
	X(4),
	X(5),
	X(6),
	X(7),
	X(8),
	X(9),
	X(10),
	X(11),
	X(12),
	X(13),
	X(14),
	X(15),
	X(16),
	X(17),
	X(18),
	X(19),
	X(20),
	X(21),
	X(22),
	X(23),
	X(24),
	X(25),
	X(26),
	X(27),
	X(28),
	X(29),
	X(30),
	REG("sp", sp, 64),
	REG("pc", pc, 64),
	REG("cpsr", pstate, 32),
	FEATURE_IF("org.gnu.gdb.aarch64.fpu", arm64_has_fpu),
	V(0),
	V(1),
	V(2),
	V(3),
	V(4),
	V(5),
	V(6),
	V(7),
	V(8),
	V(9),
	V(10),
	V(11),
	V(12),
	V(13),
	V(14),
	V(15),
	V(16),
	V(17),
	V(18),
	V(19),
	V(20),
	V(21),
	V(22),
	V(23),
	V(24),
	V(25),
	V(26),
	V(27),
	V(28),
	V(29),
	V(30),
	V(31),
	REG("fpsr", fpsr, 32),
	REG("fpcr", fpcr, 32),
	FEATURE_IF("org.gnu.gdb.aarch64.sve", arm64_has_sve),
	Z(0),
	Z(1),
	Z(2),
	Z(3),
	Z(4),
	Z(5),
	Z(6),
	Z(7),
	Z(8),
	Z(9),
	Z(10),
	Z(11),
	Z(12),
	Z(13),
	Z(14),
	Z(15),
	Z(16),
	Z(17),
	Z(18),
	Z(19),
	Z(20),
	Z(21),
	Z(22),
	Z(23),
	Z(24),
	Z(25),
	Z(26),
	Z(27),
	Z(28),
	Z(29),
	Z(30),
	Z(31),
	REG("fpsr", fpsr, 32),
	REG("fpcr", fpcr, 32),
	P(0),
	P(1),
	P(2),
	P(3),
	P(4),
	P(5),
	P(6),
	P(7),
	P(8),
	P(9),
	P(10),
	P(11),
	P(12),
	P(13),
	P(14),
	P(15),
	SCALED("ffr", ffr, 16),
	REG("vg", vg, 64),
	/* Of gdb 14 and later; the older one knows no addresses of kernels. */
	FEATURE_IF("org.gnu.gdb.aarch64.pauth_v2", arm64_has_pauth),
	SYS(pauth_dmask),
	SYS(pauth_cmask),
	SYS(pauth_dmask_high),
	SYS(pauth_cmask_high),
	{ .name = "org.gnu.gdb.arm.core", .has = arm64_is_32, .type = "arm" },
	R(0),
	R(1),
	R(2),
	R(3),
	R(4),
	R(5),
	R(6),
	R(7),
	R(8),
	R(9),
	R(10),
	R(11),
	R(12),
	TYPED("sp", r[13], 32, "data_ptr"),
	REG("lr", r[14], 32),
	TYPED("pc", pc, 32, "code_ptr"),
	REG("cpsr", pstate, 32),
	FEATURE_IF("org.gnu.gdb.arm.vfp", arm64_is_32),
	D(0, 0),
	D(1, 1),
	D(2, 2),
	D(3, 3),
	D(4, 4),
	D(5, 5),
	D(6, 6),
	D(7, 7),
	D(8, 8),
	D(9, 9),
	D(10, 10),
	D(11, 11),
	D(12, 12),
	D(13, 13),
	D(14, 14),
	D(15, 15),
	D(16, 16),
	D(17, 17),
	D(18, 18),
	D(19, 19),
	D(20, 20),
	D(21, 21),
	D(22, 22),
	D(23, 23),
	D(24, 24),
	D(25, 25),
	D(26, 26),
	D(27, 27),
	D(28, 28),
	D(29, 29),
	D(30, 30),
	D(31, 31),
	REG("fpscr", fpscr, 32),
	FEATURE_IF("org.gnu.gdb.arm.neon", arm64_is_32),
	FEATURE("org.vmm.arm64.system"),
	SYS(sp_el0),
	SYS(sp_el1),
	SYS(elr_el1),
	SYS(spsr_el1),
	SYS(esr_el1),
	SYS(far_el1),
	SYS(vbar_el1),
	SYS(sctlr_el1),
	SYS(ttbr0_el1),
	SYS(ttbr1_el1),
	SYS(tcr_el1),
	SYS(mair_el1),
	SYS(amair_el1),
	SYS(contextidr_el1),
	SYS(tpidr_el0),
	SYS(tpidrro_el0),
	SYS(tpidr_el1),
	SYS(par_el1),
	SYS(afsr0_el1),
	SYS(afsr1_el1),
	SYS(actlr_el1),
	SYS(cpacr_el1),
	SYS(csselr_el1),
	SYS(mdscr_el1),
	SYS(cntkctl_el1),
	SYS(cntv_ctl_el0),
	SYS(cntv_cval_el0),
	SYS(cntp_ctl_el0),
	SYS(cntp_cval_el0),
	SYS(midr_el1),
	SYS(mpidr_el1),
	SYS(spsr_abt),
	SYS(spsr_und),
	SYS(spsr_irq),
	SYS(spsr_fiq),
	SYS(dacr32_el2),
	SYS(ifsr32_el2),
	{ 0 },
};

/* D1.21.1, by the mode; Hyp has no place here. */
unsigned arm64_index32(uint64_t pstate, unsigned n)
{
	unsigned mode = pstate & ARM64_PSTATE_MODE;

	if (mode == 0x11 && n >= 8)
		return 16 + n; /* FIQ: r8-r14 from x24 */
	if (n < 13)
		return n;
	switch (mode) { /* the link register goes before the stack pointer */
	case 0x12: return n == 13 ? 17 : 16; /* IRQ */
	case 0x13: return n == 13 ? 19 : 18; /* Supervisor */
	case 0x17: return n == 13 ? 21 : 20; /* Abort */
	case 0x1b: return n == 13 ? 23 : 22; /* Undefined */
	default: return n;		     /* User, System */
	}
}

/* FPSCR's bits that are FPSR's: cumulative flags, QC, NZCV (G8.2.53). */
#define FPSCR_STATUS 0xf800009fu

void arm64_view32(struct arm64_regs *r)
{
	for (unsigned n = 0; n < 15; n++)
		r->r[n] = (uint32_t)r->x[arm64_index32(r->pstate, n)];
	r->fpscr = (r->fpsr & FPSCR_STATUS) | (r->fpcr & ~FPSCR_STATUS);
}

void arm64_unview32(struct arm64_regs *r)
{
	for (unsigned n = 0; n < 15; n++)
		r->x[arm64_index32(r->pstate, n)] = r->r[n];
	r->fpsr = r->fpscr & FPSCR_STATUS;
	r->fpcr = r->fpscr & ~FPSCR_STATUS;
}

/* Bits of a signature: those above the address, but bit 55 and a tag. */
static uint64_t arm64_mask(unsigned size_offset, bool tagged)
{
	/* Of an address of more than 54 bits there is nothing below bit 55. */
	unsigned bottom = size_offset < 10 ? 55 : 64 - size_offset;
	uint64_t mask = ~UINT64_C(0) << bottom & ~(UINT64_C(1) << 55);

	return tagged ? mask & ~(UINT64_C(0xff) << 56) : mask;
}

#define TCR_TBI0  37
#define TCR_TBI1  38
#define TCR_TBID0 51
#define TCR_TBID1 52

void arm64_masks(struct arm64_regs *r)
{
	uint64_t tcr = r->tcr_el1;
	unsigned t0 = tcr & 63, t1 = tcr >> 16 & 63;
	bool tag0 = tcr >> TCR_TBI0 & 1, tag1 = tcr >> TCR_TBI1 & 1;

	r->pauth_dmask = arm64_mask(t0, tag0);
	r->pauth_dmask_high = arm64_mask(t1, tag1);
	r->pauth_cmask = arm64_mask(t0, tag0 && !(tcr >> TCR_TBID0 & 1));
	r->pauth_cmask_high = arm64_mask(t1, tag1 && !(tcr >> TCR_TBID1 & 1));
}

/*
 * D1.3.1 and G1.10.1: EL1 with the stack pointer of its own or Supervisor,
 * everything masked, the MMU and the caches off.
 */
static void arm64_reset(void *regs, const struct boot_start *start)
{
	struct arm64_regs *r = regs;

	memset(r, 0, sizeof(*r));
	r->pstate = ARM64_PSTATE_DAIF | ARM64_PSTATE_EL1H;
	r->sctlr_el1 = ARM64_SCTLR_RES1;
	if (!start)
		return;
	r->pc = start->pc;
	memcpy(r->x, start->arg, sizeof(start->arg));
	if (start->mode != BOOT_ARM32)
		return;
	r->aarch32 = true;
	r->pstate = ARM64_PSTATE_AIF | ARM64_PSTATE_SVC;
	if (start->pc & 1) {
		r->pstate |= ARM64_PSTATE_THUMB;
		r->pc &= ~UINT64_C(1);
	}
}

static bool arm64_translate(const void *regs, const struct mem *m, uint64_t gva,
			    gpa_t *gpa)
{
	return arm64_walk(regs, m, gva, gpa);
}

static uint64_t arm64_code_address(const void *regs)
{
	const struct arm64_regs *r = regs;

	return r->pstate & ARM64_PSTATE_NRW ? r->pc & 0xffffffff : r->pc;
}

/* BRK #0 or A32's BKPT #0; BKPT #0 of T32, whose kinds are 2 and 3. */
static unsigned arm64_breakpoint(const void *regs, unsigned kind,
				 uint8_t insn[8])
{
	static const uint8_t brk[] = { 0x00, 0x00, 0x20, 0xd4 };
	static const uint8_t a32[] = { 0x70, 0x00, 0x20, 0xe1 };
	static const uint8_t t32[] = { 0x00, 0xbe };
	const struct arm64_regs *r = regs;

	if (kind == 4) {
		memcpy(insn, r && r->pstate & ARM64_PSTATE_NRW ? a32 : brk, 4);
		return 4;
	}
	memcpy(insn, t32, sizeof(t32));
	return kind == 2 || kind == 3 ? sizeof(t32) : 0;
}

static unsigned arm64_scale(const void *regs)
{
	return (unsigned)((const struct arm64_regs *)regs)->vg / 2;
}

const struct target target_arm64 = {
	.arch = ARCH_ARM64,
	.regs_size = sizeof(struct arm64_regs),
	.regs = arm64_reg_table,
	.reset = arm64_reset,
	.translate = arm64_translate,
	.code_address = arm64_code_address,
	.gdb_arch = "aarch64",
	.breakpoint = arm64_breakpoint,
	.scale = arm64_scale,
};
