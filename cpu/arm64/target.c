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
#define X(n) REG("x" #n, x[n], 64)
#define V(n)                                                              \
	{                                                                 \
		.name = "v" #n, .off = offsetof(struct arm64_regs, v[n]), \
		.bits = 128, .type = reg_vector                           \
	}
#define SYS(r) REG(#r, r, 64)

static const struct reg arm64_reg_table[] = {
	FEATURE("org.gnu.gdb.aarch64.core"),
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
	FEATURE("org.gnu.gdb.aarch64.fpu"),
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

/* D1.21.1, by the mode's low four bits; Hyp has no place here. */
unsigned arm64_sp32(uint64_t pstate)
{
	switch (pstate & ARM64_PSTATE_MODE) {
	case 0x11: return 29; /* FIQ */
	case 0x12: return 17; /* IRQ */
	case 0x13: return 19; /* Supervisor */
	case 0x17: return 21; /* Abort */
	case 0x1b: return 23; /* Undefined */
	default: return 13;   /* User, System */
	}
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

/* BRK #0, or BKPT #0 of T32, whose kinds are 2 and 3. */
static unsigned arm64_breakpoint(const void *regs, unsigned kind,
				 uint8_t insn[8])
{
	(void)regs;
	static const uint8_t brk[] = { 0x00, 0x00, 0x20, 0xd4 };
	static const uint8_t t32[] = { 0x00, 0xbe };

	if (kind == 4) {
		memcpy(insn, brk, sizeof(brk));
		return sizeof(brk);
	}
	memcpy(insn, t32, sizeof(t32));
	return kind == 2 || kind == 3 ? sizeof(t32) : 0;
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
};
