/* SPDX-License-Identifier: MIT */
/* The Arm registers that debuggers, dumps and resets share. */
#ifndef CPU_ARM64_REGS_H
#define CPU_ARM64_REGS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A vCPU whose EL1 is AArch64 or AArch32.  AArch32's general and banked
 * registers are in x[] as the Arm ARM maps them (D1.21.1): r0-r14 of User
 * mode in x0-x14, lr_irq, sp_irq, lr_svc, sp_svc, lr_abt, sp_abt, lr_und,
 * sp_und from x16, r8_fiq-r14_fiq from x24.  AArch32's system registers are
 * in those of AArch64 that they map to: TTBCR in tcr_el1, DFAR in far_el1.
 */
struct arm64_regs {
	uint64_t x[31];
	/*
	 * The stack pointer in use, which pstate selects.  Where registers are
	 * set, it goes before the one of the two below that it stands for.
	 */
	uint64_t sp;
	uint64_t pc, pstate;
	uint64_t sp_el0, sp_el1;
	uint64_t elr_el1, spsr_el1;
	uint64_t spsr_abt, spsr_und, spsr_irq, spsr_fiq; /* AArch32 */

	/* Translation, exceptions and identification at EL1. */
	uint64_t sctlr_el1, actlr_el1, cpacr_el1;
	uint64_t ttbr0_el1, ttbr1_el1, tcr_el1;
	uint64_t mair_el1, amair_el1, contextidr_el1;
	uint64_t esr_el1, far_el1, afsr0_el1, afsr1_el1;
	uint64_t par_el1, vbar_el1;
	uint64_t tpidr_el0, tpidrro_el0, tpidr_el1;
	uint64_t csselr_el1, mdscr_el1, cntkctl_el1;
	uint64_t dacr32_el2, ifsr32_el2; /* AArch32's DACR and IFSR */
	uint64_t cntv_ctl_el0, cntv_cval_el0;
	uint64_t cntp_ctl_el0, cntp_cval_el0;
	uint64_t midr_el1, mpidr_el1; /* set by nobody */

	uint64_t v[32][2]; /* the low half first */
	uint32_t fpsr, fpcr;

	/* What the vCPU is; constant. */
	bool aarch32; /* EL1 is */
	bool has_sve, has_pauth;

	/*
	 * With SVE these stand for v[] where registers are set.  A vector has
	 * vg 64-bit parts at most.
	 */
	uint8_t z[32][256], p[16][32], ffr[32];
	uint64_t vg;
	/* Which bits of an address a signature takes; see arm64_masks(). */
	uint64_t pauth_dmask, pauth_cmask;
	uint64_t pauth_dmask_high, pauth_cmask_high;
	/*
	 * AArch32: r0-r14 of the current mode, and FPSCR.  Where registers are
	 * set, they go before what they stand for.
	 */
	uint32_t r[15], fpscr;
};

/* PSTATE as SPSR_EL1 shows it: C5.2.19. */
#define ARM64_PSTATE_MODE   0x1f
#define ARM64_PSTATE_NRW    0x10 /* an AArch32 mode */
#define ARM64_PSTATE_EL	    0x0c
#define ARM64_PSTATE_SP_ELX 0x01
#define ARM64_PSTATE_EL1H   0x05
#define ARM64_PSTATE_SVC    0x13
#define ARM64_PSTATE_THUMB  0x20
#define ARM64_PSTATE_D	    0x200
#define ARM64_PSTATE_DAIF   0x3c0
#define ARM64_PSTATE_AIF    0x1c0
/* MDSCR_EL1: D17.3.20; debug exceptions, and at EL1 too. */
#define ARM64_MDSCR_KDE (1u << 13)
#define ARM64_MDSCR_MDE (1u << 15)
/* SCTLR_EL1: D17.2.118, and what is 1 there on every CPU of ARMv8.0. */
#define ARM64_SCTLR_M	 (1u << 0)
#define ARM64_SCTLR_RES1 0x30d00800u

/* The index in x[] of r0-r14 of an AArch32 mode. */
unsigned arm64_index32(uint64_t pstate, unsigned n);

/* Fills the four masks by TCR_EL1: Arm ARM D5.1.5. */
void arm64_masks(struct arm64_regs *r);
/* AArch32's r[] and fpscr from the others, and those from them. */
void arm64_view32(struct arm64_regs *r);
void arm64_unview32(struct arm64_regs *r);

#endif
