/* SPDX-License-Identifier: MIT */
/* Address translation of POWER guests: real mode, radix trees, hash tables. */
#include "cpu/ppc64/walk.h"

#include <endian.h>

static bool load_be64(const struct mem *m, gpa_t gpa, uint64_t *val)
{
	if (mem_read(m, gpa, val, sizeof(*val)) < 0)
		return false;
	*val = be64toh(*val);
	return true;
}

/* ---- radix: Power ISA 3.0B, book III, 5.7.10 */

#define EA_QUADRANT	 62 /* shift of the two bits that name one */
#define EA_QUADRANT_BITS ((UINT64_C(1) << EA_QUADRANT) - 1)

#define RADIX_BASE     UINT64_C(0x0fffffffffffff00)
#define RADIX_SIZE     UINT64_C(0x1f) /* of a directory, log2 of entries */
#define RADIX_VALID    (UINT64_C(1) << 63)
#define RADIX_LEAF     (UINT64_C(1) << 62)
#define RADIX_RPN      UINT64_C(0x01fffffffffff000)
#define RADIX_MIN_BITS 5  /* of an index */
#define RADIX_MIN_PAGE 12 /* log2 */

/* RTS: 31 less than the bits that the tree translates; 5.7.6.2. */
static unsigned radix_bits(uint64_t root)
{
	return (unsigned)((root >> 61 & 3) << 3 | (root >> 5 & 7)) + 31;
}

/* The process table's entry of the quadrant's process. */
static bool radix_root(const struct ppc64_regs *r, const struct mem *m,
		       uint64_t ea, uint64_t *root)
{
	uint64_t size = UINT64_C(1) << (12 + (r->prtbl & PPC64_PRTBL_SIZE));
	uint64_t quadrant = ea >> EA_QUADRANT;
	uint64_t at = (quadrant ? 0 : r->pid & UINT32_MAX) * 16;

	if ((quadrant && quadrant != 3) || at >= size)
		return false;
	return load_be64(m, (r->prtbl & PPC64_PRTBL_BASE) + at, root);
}

static bool radix_walk(const struct ppc64_regs *r, const struct mem *m,
		       uint64_t ea, gpa_t *gpa)
{
	uint64_t entry, va = ea & EA_QUADRANT_BITS;
	unsigned left;

	if (!radix_root(r, m, ea, &entry))
		return false;
	left = radix_bits(entry);
	if (left < EA_QUADRANT && va >> left)
		return false;
	for (;;) {
		unsigned bits = (unsigned)(entry & RADIX_SIZE);
		uint64_t index, mask;

		if (bits < RADIX_MIN_BITS || bits + RADIX_MIN_PAGE > left)
			return false;
		left -= bits;
		index = va >> left & ((UINT64_C(1) << bits) - 1);
		if (!load_be64(m, (entry & RADIX_BASE) + index * 8, &entry) ||
		    !(entry & RADIX_VALID))
			return false;
		if (!(entry & RADIX_LEAF))
			continue;
		mask = (UINT64_C(1) << left) - 1;
		*gpa = (entry & RADIX_RPN & ~mask) | (va & mask);
		return true;
	}
}

/* ---- hash: 5.7.8 and 5.7.9 */

#define SLB_VALID   (UINT64_C(1) << 27)
#define SLB_B	    (UINT64_C(3) << 62)
#define SLB_1T	    (UINT64_C(1) << 62)
#define SLB_VSID    12 /* shift; 24 in an entry of 1 TiB segments */
#define SLB_VSID_1T 24
#define SLB_L	    UINT64_C(0x100) /* with SLB_LP: not 4 KiB */
#define SEG_256M    28
#define SEG_1T	    40
#define HPTE_VALID  UINT64_C(1)
#define HPTE_SECOND UINT64_C(2)
#define HPTE_LARGE  UINT64_C(4)
#define HPTE_AVA    UINT64_C(0x3fffffffffffff80) /* from address bit 23 */
#define HPTE_RPN    UINT64_C(0x01fffffffffff000)
#define HPTE_LP	    UINT64_C(0xff000)
#define HPTE_GROUP  8 /* entries */

/* A virtual address, and how its segment is mapped. */
struct hash_va {
	uint64_t vsid, offset; /* in the segment */
	unsigned segment;      /* log2 of its size */
	unsigned base;	       /* log2 of its base page's size */
};

static bool hash_segment(const struct ppc64_regs *r, uint64_t ea,
			 struct hash_va *va)
{
	for (unsigned i = 0; i < 64; i++) {
		const struct ppc64_slb *s = &r->slb[i];
		bool tera = (s->vsid & SLB_B) == SLB_1T;
		unsigned shift = tera ? SEG_1T : SEG_256M;

		if (!(s->esid & SLB_VALID) || s->esid >> shift != ea >> shift)
			continue;
		va->segment = shift;
		va->offset = ea & ((UINT64_C(1) << shift) - 1);
		va->vsid = (s->vsid & ~SLB_B) >>
			   (tera ? SLB_VSID_1T : SLB_VSID);
		va->base = s->vsid & SLB_L ? 0 : 12;
		return true;
	}
	return false;
}

/*
 * How large a page the LP field stands for: a string of ones and a zero that
 * the real page number leaves free.  The encodings that POWER8 and POWER9
 * have, 4 KiB base pages excepted, whose entries have no LP.
 */
static unsigned hash_page(uint64_t second)
{
	uint64_t lp = (second & HPTE_LP) >> 12;

	if (lp == 0x00)
		return 24; /* 16 MiB, in its own segment */
	if ((lp & 0x0f) == 0x01 || (lp & 0x0f) == 0x07)
		return 16; /* 64 KiB, in segments of 64 KiB or 4 KiB pages */
	if (lp == 0x08 || lp == 0x38)
		return 24; /* 16 MiB in segments of 4 KiB or 64 KiB pages */
	return lp == 0x03 ? 34 : 0;
}

static bool hash_match(const struct hash_va *va, const uint64_t pte[2],
		       bool secondary, gpa_t *gpa)
{
	unsigned page = pte[0] & HPTE_LARGE ? hash_page(pte[1]) : 12;
	uint64_t ava = (va->vsid << (va->segment - 23) | va->offset >> 23) << 7;
	uint64_t compared = HPTE_AVA, mask = (UINT64_C(1) << page) - 1;

	if (page > 23) /* what lies below the page's size is not compared */
		compared &= ~((UINT64_C(1) << (page - 23 + 7)) - 1);
	if (!(pte[0] & HPTE_VALID) || !page ||
	    !(pte[0] & HPTE_SECOND) == secondary || (pte[0] ^ ava) & compared)
		return false;
	*gpa = (pte[1] & HPTE_RPN & ~mask) | (va->offset & mask);
	return true;
}

static bool hash_group(const struct ppc64_hash *h, const struct hash_va *va,
		       uint64_t hash, bool secondary, gpa_t *gpa)
{
	uint64_t groups = UINT64_C(1) << (h->shift - 7), pte[2];
	uint64_t first = (hash & (groups - 1)) * HPTE_GROUP;

	for (unsigned i = 0; i < HPTE_GROUP; i++)
		if (h->read(h->opaque, first + i, pte) &&
		    hash_match(va, pte, secondary, gpa))
			return true;
	return false;
}

static bool hash_try(const struct ppc64_hash *h, const struct hash_va *va,
		     unsigned base, gpa_t *gpa)
{
	uint64_t page = va->offset >> base, hash;

	if (va->segment == SEG_1T)
		hash = va->vsid ^ va->vsid << 25 ^ page;
	else
		hash = va->vsid ^ page;
	return hash_group(h, va, hash, false, gpa) ||
	       hash_group(h, va, ~hash, true, gpa);
}

/* A segment that is not of 4 KiB pages is of 64 KiB or of 16 MiB. */
static bool hash_walk(const struct ppc64_regs *r, uint64_t ea, gpa_t *gpa)
{
	struct hash_va va;

	if (!r->hash || !hash_segment(r, ea, &va))
		return false;
	if (va.base)
		return hash_try(r->hash, &va, va.base, gpa);
	return hash_try(r->hash, &va, 16, gpa) ||
	       hash_try(r->hash, &va, 24, gpa);
}

bool ppc64_walk(const struct ppc64_regs *r, const struct mem *m, uint64_t ea,
		gpa_t *gpa)
{
	if (!(r->msr & PPC64_MSR_DR)) {
		/* 5.7.3: the top bits do not count in real mode */
		*gpa = ea & UINT64_C(0x0fffffffffffffff);
		return true;
	}
	if (r->prtbl & PPC64_PRTBL_RADIX)
		return radix_walk(r, m, ea, gpa);
	return hash_walk(r, ea, gpa);
}
