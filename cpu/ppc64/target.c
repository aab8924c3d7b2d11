/* SPDX-License-Identifier: MIT */
/* The ppc64 target: register table, reset state. */
#include <string.h>

#include "cpu/ppc64/regs.h"
#include "cpu/ppc64/step.h"
#include "cpu/ppc64/walk.h"
#include "cpu/target.h"
#include "hw/core/boot_start.h"

#define REG(name_, field, bits_)                                          \
	{                                                                 \
		.name = name_, .off = offsetof(struct ppc64_regs, field), \
		.bits = bits_                                             \
	}
#define TYPED(name_, field, bits_, type_)                                 \
	{                                                                 \
		.name = name_, .off = offsetof(struct ppc64_regs, field), \
		.bits = bits_, .undumped = true, .type = type_            \
	}
#define FEATURE(name_)        \
	{                     \
		.name = name_ \
	}
#define R(n)   REG("r" #n, gpr[n], 64)
#define F(n)   TYPED("f" #n, fpr[n], 64, "ieee_double")
#define VR(n)  TYPED("vr" #n, vr[n], 128, reg_vector)
#define VSH(n) TYPED("vs" #n "h", vsh[n], 64, "uint64")
#define SYS(r) REG(#r, r, 64)

static const struct reg ppc64_reg_table[] = {
	FEATURE("org.gnu.gdb.power.core"),
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
	R(13),
	R(14),
	R(15),
	R(16),
	R(17),
	R(18),
	R(19),
	R(20),
	R(21),
	R(22),
	R(23),
	R(24),
	R(25),
	R(26),
	R(27),
	R(28),
	R(29),
	R(30),
	R(31),
	REG("pc", pc, 64),
	REG("msr", msr, 64),
	REG("cr", cr, 32),
	REG("lr", lr, 64),
	REG("ctr", ctr, 64),
	REG("xer", xer, 32),
	FEATURE("org.gnu.gdb.power.fpu"),
	F(0),
	F(1),
	F(2),
	F(3),
	F(4),
	F(5),
	F(6),
	F(7),
	F(8),
	F(9),
	F(10),
	F(11),
	F(12),
	F(13),
	F(14),
	F(15),
	F(16),
	F(17),
	F(18),
	F(19),
	F(20),
	F(21),
	F(22),
	F(23),
	F(24),
	F(25),
	F(26),
	F(27),
	F(28),
	F(29),
	F(30),
	F(31),
	REG("fpscr", fpscr, 64),
	FEATURE("org.gnu.gdb.power.altivec"),
	VR(0),
	VR(1),
	VR(2),
	VR(3),
	VR(4),
	VR(5),
	VR(6),
	VR(7),
	VR(8),
	VR(9),
	VR(10),
	VR(11),
	VR(12),
	VR(13),
	VR(14),
	VR(15),
	VR(16),
	VR(17),
	VR(18),
	VR(19),
	VR(20),
	VR(21),
	VR(22),
	VR(23),
	VR(24),
	VR(25),
	VR(26),
	VR(27),
	VR(28),
	VR(29),
	VR(30),
	VR(31),
	REG("vscr", vscr, 32),
	REG("vrsave", vrsave, 32),
	FEATURE("org.gnu.gdb.power.vsx"),
	VSH(0),
	VSH(1),
	VSH(2),
	VSH(3),
	VSH(4),
	VSH(5),
	VSH(6),
	VSH(7),
	VSH(8),
	VSH(9),
	VSH(10),
	VSH(11),
	VSH(12),
	VSH(13),
	VSH(14),
	VSH(15),
	VSH(16),
	VSH(17),
	VSH(18),
	VSH(19),
	VSH(20),
	VSH(21),
	VSH(22),
	VSH(23),
	VSH(24),
	VSH(25),
	VSH(26),
	VSH(27),
	VSH(28),
	VSH(29),
	VSH(30),
	VSH(31),
	FEATURE("org.vmm.ppc64.system"),
	SYS(srr0),
	SYS(srr1),
	REG("sprg0", sprg[0], 64),
	REG("sprg1", sprg[1], 64),
	REG("sprg2", sprg[2], 64),
	REG("sprg3", sprg[3], 64),
	SYS(dar),
	REG("dsisr", dsisr, 32),
	REG("pvr", pvr, 32),
	SYS(lpcr),
	SYS(pid),
	SYS(prtbl),
	SYS(tar),
	SYS(dscr),
	SYS(fscr),
	SYS(ctrl),
	SYS(amr),
	SYS(iamr),
	SYS(uamor),
	SYS(tb_offset),
	SYS(dec_expiry),
	FEATURE("org.gnu.gdb.power.linux"),
	TYPED("orig_r3", orig_r3, 64, "int"),
	TYPED("trap", trap, 64, "int"),
	{ 0 },
};

/* Real mode, 64 bits; nothing but machine checks is let through. */
static void ppc64_reset(void *regs, const struct boot_start *start)
{
	struct ppc64_regs *r = regs;

	memset(r, 0, sizeof(*r));
	r->msr = PPC64_MSR_SF | PPC64_MSR_ME;
	r->pc = 0x100; /* System Reset: book III, 6.5 */
	if (!start)
		return;
	r->pc = start->pc;
	for (unsigned i = 0; i < 5; i++)
		r->gpr[3 + i] = start->arg[i];
	if (start->mode == BOOT_PPC64LE)
		r->msr |= PPC64_MSR_LE;
	if (start->mode == BOOT_PPC32BE)
		r->msr &= ~PPC64_MSR_SF;
}

/* Of the state before, SRR1 has no room for bits 33-36 and 42-47. */
#define SRR1_REASON UINT64_C(0x783f0000)

void ppc64_system_reset(struct ppc64_regs *r)
{
	r->srr0 = r->pc;
	r->srr1 = r->msr & ~SRR1_REASON;
	r->msr = PPC64_MSR_SF | (r->msr & PPC64_MSR_ME);
	if (r->lpcr & PPC64_LPCR_ILE)
		r->msr |= PPC64_MSR_LE;
	r->pc = 0x100;
}

uint64_t ppc64_sdr1(uint64_t table, unsigned shift)
{
	return table | (shift - 18); /* HTABSIZE */
}

static bool ppc64_translate(const void *regs, const struct mem *m, uint64_t gva,
			    gpa_t *gpa)
{
	return ppc64_walk(regs, m, gva, gpa);
}

static uint64_t ppc64_code_address(const void *regs)
{
	return ((const struct ppc64_regs *)regs)->pc;
}

/*
 * The instruction that KVM stops at, which is no instruction of the
 * architecture; it reads the same in both byte orders.
 */
static unsigned ppc64_breakpoint(const void *regs, unsigned kind,
				 uint8_t insn[8])
{
	static const uint8_t illegal[] = { 0x00, 0xdd, 0xdd, 0x00 };

	(void)regs;
	memcpy(insn, illegal, sizeof(illegal));
	return kind == 4 ? sizeof(illegal) : 0;
}

const struct target target_ppc64 = {
	.arch = ARCH_PPC64LE,
	.regs_size = sizeof(struct ppc64_regs),
	.regs = ppc64_reg_table,
	.reset = ppc64_reset,
	.translate = ppc64_translate,
	.code_address = ppc64_code_address,
	.secondaries_off = true,
	.gdb_arch = "powerpc:common64",
	.breakpoint = ppc64_breakpoint,
	.steps = ppc64_steps,
	.faults = ppc64_faults,
	.maskable = ppc64_maskable,
};
