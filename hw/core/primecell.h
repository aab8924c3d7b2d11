/* SPDX-License-Identifier: MIT */
/* What every Arm PrimeCell peripheral has: identification, an APB slave. */
#ifndef HW_CORE_PRIMECELL_H
#define HW_CORE_PRIMECELL_H

#include <stdint.h>

#define PRIMECELL_SIZE 0x1000 /* bytes of its registers */

/*
 * The byte of PeriphID0-3 or PCellID0-3 at a register's offset (the last 32
 * bytes of the 4 KiB), 0 elsewhere.  periph_id is the four PeriphID bytes as
 * one number: configuration, revision, designer (0x41), part.
 */
uint8_t primecell_id(uint32_t periph_id, uint64_t off);

/*
 * Registers are words; a read at off, of any size, sees the lanes of the word
 * at primecell_word(off).  A write counts only where it starts at a word.
 */
static inline uint64_t primecell_word(uint64_t off)
{
	return off & ~UINT64_C(3);
}

static inline uint64_t primecell_lanes(uint32_t word, uint64_t off)
{
	return word >> (off & 3) * 8;
}

#endif
