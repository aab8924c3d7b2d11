/* SPDX-License-Identifier: MIT */
/* Hypercalls that change how CPUs run: arguments checked, nothing done. */
#ifndef CPU_PPC64_PAPR_H
#define CPU_PPC64_PAPR_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/mem.h"

/* Numbers: LoPAR 14.5. */
#define PAPR_H_CEDE		       0xe0
#define PAPR_H_CONFER		       0xe4
#define PAPR_H_PROD		       0xe8
#define PAPR_H_REGISTER_VPA	       0xdc
#define PAPR_H_GET_CPU_CHARACTERISTICS 0x1c8
#define PAPR_H_SET_MODE		       0x31c
#define PAPR_H_REGISTER_PROCESS_TABLE  0x37c
#define PAPR_H_SIGNAL_SYS_RESET	       0x380

/* H_SIGNAL_SYS_RESET's targets that are no CPU's number: LoPAR 14.5.4.11. */
#define PAPR_ALL	  UINT64_MAX
#define PAPR_ALL_BUT_SELF (UINT64_MAX - 1)

/*
 * H_SET_MODE (LoPAR 14.5.4.9): in[] is R4 and up, *lpcr what it makes of the
 * partition's ILE and AIL.  A hypercall result: H_P2 where the resource is one
 * that is not of the LPCR.
 */
long papr_set_mode(const uint64_t in[9], uint64_t *lpcr);

/* What a guest's MMU is to be. */
struct papr_mmu {
	bool radix, gtse;
	uint64_t prtbl; /* see struct ppc64_regs; 0: none */
};

/*
 * H_REGISTER_PROCESS_TABLE: fills *mmu, which holds what it is now.  radix:
 * whether this guest's board says so, which its calls cannot change.
 */
long papr_process_table(const uint64_t in[9], bool radix, struct papr_mmu *mmu);

/* The areas that a CPU shares with its hypervisor; 0: there is none. */
struct papr_areas {
	uint64_t vpa, slb_shadow, log;
};

/*
 * H_REGISTER_VPA (LoPAR 14.11.3.2) of the CPU whose areas these are.  Nothing
 * is kept up to date in them, but the VPA says that the processor is shared.
 */
long papr_register_vpa(const uint64_t in[9], struct mem *m,
		       struct papr_areas *a);

#endif
