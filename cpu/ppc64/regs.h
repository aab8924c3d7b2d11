/* SPDX-License-Identifier: MIT */
/* The POWER registers that debuggers, dumps and resets share. */
#ifndef CPU_PPC64_REGS_H
#define CPU_PPC64_REGS_H

#include <stdbool.h>
#include <stdint.h>

struct ppc64_regs {
	uint64_t gpr[32];
	uint64_t pc, msr;
	uint64_t lr, ctr;
	uint32_t cr, xer;

	/* VSR 0-31: the FPR is the first doubleword, vsh the second. */
	uint64_t fpr[32], vsh[32];
	uint64_t vr[32][2]; /* VSR 32-63, the low half first */
	uint64_t fpscr;
	uint32_t vscr, vrsave;

	/* The supervisor's. */
	uint64_t srr0, srr1, sprg[4], dar;
	uint32_t dsisr, pvr; /* pvr is set by nobody */
	uint64_t lpcr;	     /* the hypervisor's: ILE and AIL */
	uint64_t pid, tar, dscr, fscr, ctrl;
	uint64_t amr, iamr, uamor;
	uint64_t tb_offset, dec_expiry; /* against the host's time base */
	/*
	 * The process table as H_REGISTER_PROCESS_TABLE has it: the base and,
	 * in the low five bits, its size; bit 63 (ours: the top) says radix.
	 */
	uint64_t prtbl;
	/* Of hash guests: KVM's copies, and where the page table is. */
	struct ppc64_slb {
		uint64_t esid, vsid; /* as slbmte has them */
	} slb[64];
	const struct ppc64_hash *hash; /* NULL: not known */
	/*
	 * gdb's: the system call that would be repeated if the kernel were left
	 * here, and why it was entered.  A vCPU stops in none: all ones, and
	 * not to be changed.
	 */
	uint64_t orig_r3, trap;
};

/*
 * A hash page table, which is the hypervisor's and not in guest memory.
 * read: entry number index, two doublewords in the host's order; false where
 * it cannot be read.
 */
struct ppc64_hash {
	bool (*read)(void *opaque, uint64_t index, uint64_t pte[2]);
	void *opaque;
	unsigned shift; /* of its size in bytes; an entry has 16 */
};

/*
 * SDR1 for a hash page table of 1 << shift bytes (18 to 46), which is aligned
 * to its size: Power ISA 2.07, book III-S, 5.7.7.2.
 */
uint64_t ppc64_sdr1(uint64_t table, unsigned shift);

/*
 * Has a vCPU take the program interrupt for the illegal instruction at its PC:
 * Power ISA 3.0B, book III, 6.4.3 and 6.5.9.
 */
void ppc64_illegal(struct ppc64_regs *r);

/* 4.2.1 */
#define PPC64_MSR_SF (UINT64_C(1) << 63)
#define PPC64_MSR_HV (UINT64_C(1) << 60)
#define PPC64_MSR_EE (UINT64_C(1) << 15)
#define PPC64_MSR_PR (UINT64_C(1) << 14)
#define PPC64_MSR_ME (UINT64_C(1) << 12)
#define PPC64_MSR_IR (UINT64_C(1) << 5)
#define PPC64_MSR_DR (UINT64_C(1) << 4)
#define PPC64_MSR_LE (UINT64_C(1) << 0)
/* 2.2 */
#define PPC64_LPCR_ILE	     (UINT64_C(1) << 25)
#define PPC64_LPCR_AIL_SHIFT 23
#define PPC64_LPCR_AIL	     (UINT64_C(3) << PPC64_LPCR_AIL_SHIFT)
/*
 * System Reset (6.5.1) as a running CPU takes it: SRR0 and SRR1 tell where it
 * was; real mode, in the byte order that the partition asked for.
 */
void ppc64_system_reset(struct ppc64_regs *r);

/* Table 16 in 5.7.6: the partition table's bit, which prtbl borrows. */
#define PPC64_PRTBL_RADIX (UINT64_C(1) << 63)
#define PPC64_PRTBL_BASE  UINT64_C(0x0ffffffffffff000)
#define PPC64_PRTBL_SIZE  UINT64_C(0x1f)

#endif
