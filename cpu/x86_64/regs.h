/* SPDX-License-Identifier: MIT */
/* The x86 registers that debuggers, dumps and resets share. */
#ifndef CPU_X86_64_REGS_H
#define CPU_X86_64_REGS_H

#include <stdbool.h>
#include <stdint.h>

/* A segment register with its hidden part; SDM volume 3, 3.4.3. */
struct x86_seg {
	uint64_t base;
	uint32_t limit; /* bytes, expanded by the granularity */
	uint32_t sel;	/* 16 bits */
	/* Descriptor bits 40-55: type, S, DPL, P, AVL, L, D, G. */
	uint16_t attr;
};

struct x86_table {
	uint64_t base;
	uint16_t limit;
};

/* In the order of the machine encoding where there is one. */
struct x86_regs {
	uint64_t gpr[16]; /* rax rcx rdx rbx rsp rbp rsi rdi r8-r15 */
	uint64_t rip, rflags;
	struct x86_seg es, cs, ss, ds, fs, gs, ldtr, tr;
	struct x86_table gdtr, idtr;
	uint64_t cr0, cr2, cr3, cr4, cr8;
	uint64_t efer, apic_base;

	/* x87 and SSE, as FXSAVE has them but for the whole tag word. */
	uint8_t st[8][16]; /* 80 bits each */
	uint32_t fctrl, fstat, ftag, fiseg, fioff, foseg, fooff, fop;
	uint8_t xmm[16][16];
	uint32_t mxcsr;

	/* What is in XSAVE's area beyond them: SDM volume 1, 13.5. */
	bool has_avx, has_avx512; /* constant for a vCPU */
	uint8_t ymmh[16][16];	  /* the second 128 bits of zmm0-15 */
	uint8_t k[8][8];
	uint8_t zmmh[16][32];  /* the second 256 bits of zmm0-15 */
	uint8_t zmm16[16][64]; /* zmm16-31 */

	uint64_t dr[4], dr6, dr7;
	/* MSRs, by the names of SDM volume 4 without IA32_. */
	uint64_t kernel_gs_base, star, lstar, cstar, fmask;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t tsc, tsc_aux, pat, misc_enable;
	/*
	 * gdb's: the system call that would be repeated if the kernel were left
	 * here.  A vCPU stops in none: all ones, and not to be changed.
	 */
	uint64_t orig_rax;
};

/* Bits of struct x86_seg's attr. */
#define X86_SEG_TYPE 0x000f
#define X86_SEG_S    0x0010
#define X86_SEG_DPL  0x0060
#define X86_SEG_P    0x0080
#define X86_SEG_AVL  0x1000
#define X86_SEG_L    0x2000
#define X86_SEG_DB   0x4000
#define X86_SEG_G    0x8000

/* Control register bits; SDM volume 3, 2.5 and 2.2.1. */
#define X86_CR0_PE   (1u << 0)
#define X86_CR0_ET   (1u << 4)
#define X86_CR0_NE   (1u << 5)
#define X86_CR0_WP   (1u << 16)
#define X86_CR0_NW   (1u << 29)
#define X86_CR0_CD   (1u << 30)
#define X86_CR0_PG   (1u << 31)
#define X86_CR4_PSE  (1u << 4)
#define X86_CR4_PAE  (1u << 5)
#define X86_CR4_LA57 (1u << 12)
#define X86_EFER_SCE (1u << 0)
#define X86_EFER_LME (1u << 8)
#define X86_EFER_LMA (1u << 10)
/* Debug registers: SDM volume 3, 17.2. */
#define X86_DR6_FIXED 0xffff0ff0u
#define X86_DR6_SLOTS 0x000fu
#define X86_DR6_BD    (1u << 13)
#define X86_DR6_BS    (1u << 14)
#define X86_DR7_FIXED 0x400u /* bit 10 is always set */
#define X86_DR7_EXACT 0x200u /* GE */

#endif
