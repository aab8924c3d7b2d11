/* SPDX-License-Identifier: MIT */
/* Hypercalls of a pSeries that are about its CPUs and their memory. */
#ifndef CPU_PPC64_CALLS_H
#define CPU_PPC64_CALLS_H

#include <pthread.h>

#include "cpu/ppc64/papr.h"
#include "cpu/ppc64/regs.h"
#include "hw/core/board.h"
#include "hw/spapr/hcall.h"

struct papr_cpus;

/* What an accelerator does for them.  On the calling vCPU's thread. */
struct papr_ops {
	/*
	 * papr_cpus.lpcr is another: the calling CPU takes it over at once, the
	 * others before they run on.
	 */
	void (*lpcr)(struct papr_cpus *p, unsigned cpu);
	/* The partition's MMU is to be so; 0 or a negative errno. */
	int (*mmu)(struct papr_cpus *p, const struct papr_mmu *mmu);
	/* H_GET_CPU_CHARACTERISTICS' two words; a negative errno: none. */
	int (*characteristics)(struct papr_cpus *p, uint64_t out[2]);
	/* A System Reset of another CPU, or this one, as it runs on. */
	void (*system_reset)(struct papr_cpus *p, unsigned cpu);
	/* Ends a CPU's H_CEDE. */
	void (*wake)(struct papr_cpus *p, unsigned cpu);
};

/* The CPUs of a partition; part of the accelerator's VM. */
struct papr_cpus {
	const struct papr_ops *ops;
	/* constant from init: */
	const struct board *board;
	struct mem *mem;
	bool no_ail; /* interrupts cannot be relocated */
	/* constant while CPUs run: */
	struct ppc64_hash hash; /* a hash guest's table; read NULL: radix */
	/* atomic: */
	uint64_t lpcr;		  /* ILE and AIL, the same on all */
	uint64_t prtbl;		  /* see struct ppc64_regs */
	pthread_mutex_t lock;	  /* of what follows; the last one taken */
	struct papr_areas *areas; /* by index */
};

/* NULL areas afterwards: there was no memory. */
void papr_cpus_init(struct papr_cpus *p, const struct papr_ops *ops,
		    const struct board *b, struct mem *mem);
/* Safe on what was zeroed, and never initialized. */
void papr_cpus_destroy(struct papr_cpus *p);
/* A CPU starts anew: what it registered is forgotten.  Any thread. */
void papr_cpu_reset(struct papr_cpus *p, unsigned cpu);

/*
 * Every hypercall of these, by name and number; the opaque is a struct
 * papr_cpus.  Those without a function are answered by the accelerator, or by
 * nobody: LoPAR 14.5.4 and 14.11.3, and Linux'
 * Documentation/powerpc/papr_hcalls for the private ones.
 */
extern const struct hcall papr_hcalls[];

#endif
