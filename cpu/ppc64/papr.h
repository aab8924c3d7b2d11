/* SPDX-License-Identifier: MIT */
/* Hypercalls that change how CPUs run: arguments checked, nothing done. */
#ifndef CPU_PPC64_PAPR_H
#define CPU_PPC64_PAPR_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/mem.h"

/*
 * H_SIGNAL_SYS_RESET's targets that are no CPU's number: LoPAR 14.5.4.11; the
 * first is H_CONFER's, too.
 */
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

/*
 * H_SET_DABR and H_SET_XDABR (LoPAR 14.5.4.7) where nothing can be watched for
 * a guest: no address is taken but that of none.
 */
#define PAPR_DABRX_USER	  1
#define PAPR_DABRX_KERNEL 2
long papr_set_dabr(uint64_t dabr, uint64_t dabrx);

/* H_READ's flags, of which we have one: LoPAR 14.5.4.1.2. */
#define PAPR_READ_FOUR	(UINT64_C(1) << (63 - 26))
#define PAPR_READ_FLAGS PAPR_READ_FOUR

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
