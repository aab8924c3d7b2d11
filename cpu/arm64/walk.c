/* SPDX-License-Identifier: MIT */
/* Arm page table walks: AArch64, and AArch32's long and short descriptors. */
#include "cpu/arm64/walk.h"

#define BIT(val, n)	  ((val) >> (n)&1)
#define BITS(val, low, n) ((val) >> (low) & ((UINT64_C(1) << (n)) - 1))

/* ---- 64-bit descriptors: D8.2, D8.3, G5.5 */

struct lpae {
	uint64_t ttbr;
	unsigned in;	/* bits of an address that are translated */
	unsigned page;	/* bits of the offset in a page: 12, 14 or 16 */
	int block;	/* the first level at which a block may be */
	bool lpa, lpa2; /* 52-bit outputs, with pages of 64K and of others */
};

/* The output address of a descriptor. */
static uint64_t lpae_address(const struct lpae *w, uint64_t desc)
{
	if (w->lpa)
		return BITS(desc, 16, 32) << 16 | BITS(desc, 12, 4) << 48;
	if (w->lpa2)
		return BITS(desc, 12, 38) << 12 | BITS(desc, 8, 2) << 50;
	return BITS(desc, 12, 36) << 12;
}

/* The first table may be smaller than a page, and is aligned to its size. */
static uint64_t lpae_root(const struct lpae *w, unsigned index_bits)
{
	uint64_t base = BITS(w->ttbr, 1, 47) << 1;

	if (w->lpa || w->lpa2)
		base = BITS(w->ttbr, 6, 42) << 6 | BITS(w->ttbr, 2, 4) << 48;
	return base & ~((UINT64_C(8) << index_bits) - 1);
}

static bool lpae_walk(const struct lpae *w, const struct mem *m, uint64_t va,
		      gpa_t *gpa)
{
	unsigned stride = w->page - 3, shift = w->page, index_bits;
	uint64_t table, desc;
	int level = 3;

	if (w->in <= w->page || w->in > 52)
		return false;
	for (; shift + stride < w->in; shift += stride)
		level--;
	index_bits = w->in - shift;
	table = lpae_root(w, index_bits);
	for (;; level++, shift -= stride) {
		if (mem_load_le64(m, table + 8 * BITS(va, shift, index_bits),
				  &desc) < 0 ||
		    !BIT(desc, 0))
			return false;
		if (level == 3 || !BIT(desc, 1))
			break;
		table = lpae_address(w, desc);
		index_bits = stride;
	}
	if (BIT(desc, 1) ? level != 3 : level == 3 || level < w->block)
		return false;
	*gpa = lpae_address(w, desc) >> shift << shift | BITS(va, 0, shift);
	return true;
}

/* ---- AArch64: which half, and how it is translated (TCR_EL1, D17.2.131) */

#define TCR_EPD0  7
#define TCR_EPD1  23
#define TCR_TBI0  37
#define TCR_TBI1  38
#define TCR_DS	  59
#define IPS_52BIT 6

static unsigned aarch64_page(uint64_t tcr, bool high)
{
	/* TG0 and TG1 number the sizes differently. */
	static const unsigned tg0[4] = { 12, 16, 14, 0 };
	static const unsigned tg1[4] = { 0, 14, 12, 16 };

	return high ? tg1[BITS(tcr, 30, 2)] : tg0[BITS(tcr, 14, 2)];
}

static bool aarch64_walk(const struct arm64_regs *r, const struct mem *m,
			 uint64_t va, gpa_t *gpa)
{
	uint64_t tcr = r->tcr_el1, upper;
	bool high = BIT(va, 55);
	bool tagged = BIT(tcr, high ? TCR_TBI1 : TCR_TBI0);
	struct lpae w = { .ttbr = high ? r->ttbr1_el1 : r->ttbr0_el1 };

	w.page = aarch64_page(tcr, high);
	w.in = 64 - (unsigned)BITS(tcr, high ? 16 : 0, 6);
	if (BIT(tcr, high ? TCR_EPD1 : TCR_EPD0) || !w.page || w.in > 52)
		return false;
	/* What is not translated must all be as bit 55. */
	upper = BITS(va, w.in, (tagged ? 56 : 64) - w.in);
	if (upper !=
	    (high ? BITS(~UINT64_C(0), 0, (tagged ? 56 : 64) - w.in) : 0))
		return false;
	w.lpa = w.page == 16 && BITS(tcr, 32, 3) == IPS_52BIT;
	w.lpa2 = w.page != 16 && BIT(tcr, TCR_DS);
	w.block = w.page == 12 ? 1 : 2;
	if (w.lpa || w.lpa2)
		w.block--;
	return lpae_walk(&w, m, va, gpa);
}

/* ---- AArch32: TTBCR is in TCR_EL1 (G8.2.166) */

#define TTBCR_PD0  4
#define TTBCR_PD1  5
#define TTBCR_EPD0 7
#define TTBCR_EPD1 23
#define TTBCR_EAE  31

/* G5.5.4: T0SZ and T1SZ divide the addresses. */
static bool aarch32_long(const struct arm64_regs *r, const struct mem *m,
			 uint32_t va, gpa_t *gpa)
{
	unsigned t0 = BITS(r->tcr_el1, 0, 3), t1 = BITS(r->tcr_el1, 16, 3);
	struct lpae w = { .page = 12, .block = 1 };
	bool high = t1 ? (uint64_t)va >> (32 - t1) == BITS(~0u, 0, t1)
		       : t0 && (uint64_t)va >> (32 - t0);

	if (!high && t0 && (uint64_t)va >> (32 - t0))
		return false; /* between the two */
	if (BIT(r->tcr_el1, high ? TTBCR_EPD1 : TTBCR_EPD0))
		return false;
	w.ttbr = high ? r->ttbr1_el1 : r->ttbr0_el1;
	w.in = 32 - (high ? t1 : t0);
	return lpae_walk(&w, m, va, gpa);
}

/* The second level of short descriptors, G5.4.1. */
static bool aarch32_page(const struct mem *m, uint32_t table, uint32_t va,
			 gpa_t *gpa)
{
	uint32_t desc;

	if (mem_load_le32(m, (table & 0xfffffc00) + 4 * BITS(va, 12, 8),
			  &desc) < 0 ||
	    !(desc & 3))
		return false;
	if (BIT(desc, 1))
		*gpa = (desc & 0xfffff000) | (va & 0xfff);
	else
		*gpa = (desc & 0xffff0000) | (va & 0xffff); /* large */
	return true;
}

static bool aarch32_short(const struct arm64_regs *r, const struct mem *m,
			  uint32_t va, gpa_t *gpa)
{
	unsigned n = BITS(r->tcr_el1, 0, 3);
	bool high = n && va >> (32 - n);
	uint64_t base;
	uint32_t desc;

	if (BIT(r->tcr_el1, high ? TTBCR_PD1 : TTBCR_PD0))
		return false;
	base = high ? r->ttbr1_el1 & 0xffffc000
		    : (r->ttbr0_el1 & 0xffffffff) >> (14 - n) << (14 - n);
	if (mem_load_le32(m, base + 4 * (va >> 20), &desc) < 0 || !(desc & 3))
		return false;
	if ((desc & 3) == 1)
		return aarch32_page(m, desc, va, gpa);
	if (BIT(desc, 18)) /* a supersection of 16 MiB */
		*gpa = (desc & 0xff000000) | (va & 0xffffff) |
		       BITS((uint64_t)desc, 20, 4) << 32 |
		       BITS((uint64_t)desc, 5, 4) << 36;
	else
		*gpa = (desc & 0xfff00000) | (va & 0xfffff);
	return true;
}

bool arm64_walk(const struct arm64_regs *r, const struct mem *m, uint64_t gva,
		gpa_t *gpa)
{
	if (r->aarch32)
		gva &= 0xffffffff;
	if (!(r->sctlr_el1 & ARM64_SCTLR_M)) {
		*gpa = gva;
		return true;
	}
	if (!r->aarch32)
		return aarch64_walk(r, m, gva, gpa);
	if (BIT(r->tcr_el1, TTBCR_EAE))
		return aarch32_long(r, m, (uint32_t)gva, gpa);
	return aarch32_short(r, m, (uint32_t)gva, gpa);
}
