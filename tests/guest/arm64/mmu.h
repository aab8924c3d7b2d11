/* SPDX-License-Identifier: MIT */
/* Translation table entries (Arm ARM D8.3), and those of the image's pages. */
#ifndef GUEST_MMU_H
#define GUEST_MMU_H

#include <stdint.h>

#define MMU_BLOCK_SIZE 0x200000ull
#define MMU_ADDR       0x0000fffffffff000ull
#define MMU_BLOCK      1ull
#define MMU_TABLE      3ull
#define MMU_PAGE       3ull

#define MMU_ATTR(n)   ((uint64_t)(n) << 2) /* of MAIR_ON in start.S */
#define MMU_EL0	      (1ull << 6)
#define MMU_READ_ONLY (1ull << 7)
#define MMU_INNER     (3ull << 8)
#define MMU_USED      (1ull << 10)
#define MMU_PXN	      (1ull << 53)
#define MMU_UXN	      (1ull << 54)

#define MMU_DEVICE (MMU_ATTR(0) | MMU_EL0 | MMU_USED | MMU_PXN | MMU_UXN)
#define MMU_RAM \
	(MMU_ATTR(1) | MMU_EL0 | MMU_INNER | MMU_USED | MMU_PXN | MMU_UXN)
#define MMU_UNCACHED \
	(MMU_ATTR(2) | MMU_EL0 | MMU_INNER | MMU_USED | MMU_PXN | MMU_UXN)
#define MMU_TEXT (MMU_ATTR(1) | MMU_EL0 | MMU_READ_ONLY | MMU_INNER | MMU_USED)

/* The entry of the page that p of the image's first 2 MiB is in, or NULL. */
uint64_t *mmu_page(const void *p);
/* Forgets what was known about p's page, on every CPU. */
void mmu_flush(const void *p);

#endif
