/* SPDX-License-Identifier: MIT */
/* Arm page table walks; private to cpu/arm64. */
#ifndef CPU_ARM64_WALK_H
#define CPU_ARM64_WALK_H

#include <stdbool.h>

#include "cpu/arm64/regs.h"
#include "hw/core/mem.h"

/*
 * The physical address behind gva as stage 1 of EL1 and EL0 translates it,
 * permissions aside; false where nothing is mapped or a table lies outside
 * guest memory.  Arm ARM chapters D8 (AArch64) and G5 (AArch32).
 */
bool arm64_walk(const struct arm64_regs *r, const struct mem *m, uint64_t gva,
		gpa_t *gpa);

#endif
