/* SPDX-License-Identifier: MIT */
/* What a guest's kernel tells by ibm,client-architecture-support. */
#ifndef HW_SPAPR_CAS_H
#define HW_SPAPR_CAS_H

#include "hw/core/board.h"
#include "hw/core/mem.h"

/*
 * LoPAR B.6.2.3.  Two bits each of vector 5, as they stand in the vector;
 * byte 23: interrupt controllers, byte 24: MMUs.
 */
#define CAS_XIVE       23
#define CAS_MMU	       24
#define CAS_RADIX_GTSE 26
#define CAS_CHOICE     0xc0
#define CAS_OLD	       0x00 /* XICS; a hash page table */
#define CAS_NEW	       0x40 /* XIVE; radix trees */
#define CAS_EITHER     0x80

/* What a kernel can do. */
struct cas {
	uint8_t xive, mmu; /* one of the above */
};

/*
 * Reads the vectors at gpa; what they do not say is CAS_OLD.  0, or -EFAULT
 * where they leave RAM or do not end.
 */
int cas_read(const struct mem *m, gpa_t gpa, struct cas *c) MUST_CHECK;
/* What is to be done about a kernel. */
enum cas_verdict {
	CAS_SUITS, /* it runs on the board as it is */
	CAS_OTHER, /* ... on another, which the user's options leave open */
	CAS_NONE,  /* ... on none of these */
};

/*
 * Weighs what such a kernel needs.  *other: what the board is to have then;
 * *option: of what is not for it, the option to change.
 */
enum cas_verdict cas_weigh(const struct cas *c, const struct board *b,
			   struct cas *other, const char **option);
/* The board's own word of those bytes: what it has is all it has. */
uint8_t cas_byte(const struct board *b, unsigned byte);
/* ... and what firmware says that there could be. */
uint8_t cas_support(const struct board *b, unsigned byte);

#endif
