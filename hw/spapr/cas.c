/* SPDX-License-Identifier: MIT */
/* What a guest's kernel tells by ibm,client-architecture-support. */
#include "hw/spapr/cas.h"

#include <endian.h>
#include <errno.h>

#define CAS_MAX_PVRS 512
#define CAS_VECTOR   5

/* Past the list of CPUs, whose last entry has a value its mask forbids. */
static int cas_skip_pvrs(const struct mem *m, gpa_t *gpa)
{
	for (unsigned i = 0; i < CAS_MAX_PVRS; i++) {
		uint32_t pair[2];

		if (mem_read(m, *gpa, pair, sizeof(pair)) < 0)
			return -EFAULT;
		*gpa += sizeof(pair);
		if (~be32toh(pair[0]) & be32toh(pair[1]))
			return 0;
	}
	return -EFAULT;
}

/* A vector's first byte is one less than how many follow it. */
static int cas_next(const struct mem *m, gpa_t *gpa)
{
	uint8_t len;

	if (mem_read(m, *gpa, &len, 1) < 0)
		return -EFAULT;
	*gpa += len + 2u;
	return 0;
}

/* A byte of the vector at gpa, as LoPAR counts; 0 past its end. */
static int cas_get(const struct mem *m, gpa_t gpa, unsigned byte, uint8_t *val)
{
	uint8_t len;

	*val = 0;
	if (mem_read(m, gpa, &len, 1) < 0)
		return -EFAULT;
	return byte > len + 1u ? 0 : mem_read(m, gpa + byte, val, 1);
}

int cas_read(const struct mem *m, gpa_t gpa, struct cas *c)
{
	int ret = cas_skip_pvrs(m, &gpa);
	uint8_t more;

	*c = (struct cas){ CAS_OLD, CAS_OLD };
	if (!ret)
		ret = mem_read(m, gpa++, &more, 1);
	if (ret || more + 1 < CAS_VECTOR)
		return ret;
	for (unsigned i = 1; !ret && i < CAS_VECTOR; i++)
		ret = cas_next(m, &gpa);
	if (!ret)
		ret = cas_get(m, gpa, CAS_XIVE, &c->xive);
	if (!ret)
		ret = cas_get(m, gpa, CAS_MMU, &c->mmu);
	c->xive &= CAS_CHOICE;
	c->mmu &= CAS_CHOICE;
	return ret;
}

/* The fourth value lets the platform change its mind: either, too. */
static bool cas_takes(uint8_t kernel, uint8_t board)
{
	return kernel & CAS_EITHER || kernel == board;
}

uint8_t cas_byte(const struct board *b, unsigned byte)
{
	switch (byte) {
	case CAS_XIVE: return b->ppc.xive_esb ? CAS_NEW : CAS_OLD;
	case CAS_MMU: return b->ppc.radix ? CAS_NEW : CAS_OLD;
	case CAS_RADIX_GTSE: return b->ppc.radix ? CAS_NEW : CAS_OLD;
	default: return 0;
	}
}

/* Another board has what this one has not; there are two of each. */
static bool cas_open(const struct board *b, unsigned byte)
{
	switch (byte) {
	case CAS_XIVE: return b->ppc.other_xive;
	case CAS_MMU: return b->ppc.other_mmu;
	default: return false;
	}
}

uint8_t cas_support(const struct board *b, unsigned byte)
{
	if (cas_open(b, byte))
		return CAS_EITHER;
	if (byte == CAS_RADIX_GTSE && cas_open(b, CAS_MMU))
		return CAS_NEW;
	return cas_byte(b, byte);
}

/* One byte of the two: the board's value becomes what the kernel takes. */
static enum cas_verdict cas_weigh_byte(uint8_t kernel, const struct board *b,
				       unsigned byte, uint8_t *other)
{
	*other = cas_byte(b, byte);
	if (cas_takes(kernel, *other))
		return CAS_SUITS;
	if (!cas_open(b, byte))
		return CAS_NONE;
	*other = kernel;
	return CAS_OTHER;
}

enum cas_verdict cas_weigh(const struct cas *c, const struct board *b,
			   struct cas *other, const char **option)
{
	enum cas_verdict xive, mmu;

	xive = cas_weigh_byte(c->xive, b, CAS_XIVE, &other->xive);
	mmu = cas_weigh_byte(c->mmu, b, CAS_MMU, &other->mmu);
	if (xive == CAS_NONE)
		*option = b->ppc.xive_esb ? "--irqchip xics" : "--irqchip xive";
	else if (mmu == CAS_NONE)
		*option = b->ppc.radix ? "--machine virt,mmu=hash"
				       : "--machine virt,mmu=radix";
	return xive > mmu ? xive : mmu;
}
