/* SPDX-License-Identifier: MIT */
/* Address translation of POWER guests. */
#ifndef CPU_PPC64_WALK_H
#define CPU_PPC64_WALK_H

#include "cpu/ppc64/regs.h"
#include "hw/core/mem.h"

/*
 * The guest-real address behind an effective one, as the MMU would find it for
 * a load; false where nothing is mapped.  The tables are the guest's.
 */
bool ppc64_walk(const struct ppc64_regs *r, const struct mem *m, uint64_t ea,
		gpa_t *gpa);

#endif
