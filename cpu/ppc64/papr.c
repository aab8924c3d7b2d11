/* SPDX-License-Identifier: MIT */
/* Hypercalls that change how CPUs run: arguments checked, nothing done. */
#include "cpu/ppc64/papr.h"

#include "cpu/ppc64/regs.h"

/* LoPAR's results, see hw/spapr/hcall.h: cpu/ knows no devices. */
enum {
	PAPR_SUCCESS = 0,
	PAPR_PARAMETER = -4,
	PAPR_RESERVED_DABR = -8,
	PAPR_RESOURCE = -16,
	PAPR_P2 = -55,
	PAPR_P3 = -56,
	PAPR_P4 = -57,
	PAPR_UNSUPPORTED_FLAG = -256,
};

/* ---- H_SET_MODE */

#define MODE_LE	  4 /* resource: the byte order of interrupts */
#define MODE_AIL  3 /* their place */
#define LE_BIG	  0
#define LE_LITTLE 1
#define AIL_NONE  0
#define AIL_FAR	  3 /* 0xc000000000004000 */

long papr_set_mode(const uint64_t in[9], uint64_t *lpcr)
{
	uint64_t flags = in[0];

	if (in[1] != MODE_LE && in[1] != MODE_AIL)
		return PAPR_P2;
	if (in[2])
		return PAPR_P3;
	if (in[3])
		return PAPR_P4;
	if (in[1] == MODE_LE) {
		if (flags != LE_BIG && flags != LE_LITTLE)
			return PAPR_UNSUPPORTED_FLAG;
		*lpcr &= ~PPC64_LPCR_ILE;
		*lpcr |= flags == LE_LITTLE ? PPC64_LPCR_ILE : 0;
		return PAPR_SUCCESS;
	}
	if (flags != AIL_NONE && flags != AIL_FAR)
		return PAPR_UNSUPPORTED_FLAG;
	*lpcr &= ~PPC64_LPCR_AIL;
	*lpcr |= flags << PPC64_LPCR_AIL_SHIFT;
	return PAPR_SUCCESS;
}

/* ---- H_REGISTER_PROCESS_TABLE */

#define PROC_FLAGS	UINT64_C(0x1f)
#define PROC_GTSE	UINT64_C(0x01)
#define PROC_OP		UINT64_C(0x18)
#define PROC_KEEP	UINT64_C(0x00)
#define PROC_DEREGISTER UINT64_C(0x10)
#define PROC_REGISTER	UINT64_C(0x18)
#define PROC_TYPE	UINT64_C(0x06) /* 0: an HPT and the guest's SLB */
#define PROC_RADIX	UINT64_C(0x04)
#define PROC_SIZE_MAX	24 /* log2 of bytes, less 12 */

static long papr_register(const uint64_t in[9], bool radix,
			  struct papr_mmu *mmu)
{
	if ((in[0] & PROC_TYPE) != (radix ? PROC_RADIX : 0))
		return PAPR_PARAMETER;
	if (!radix) {
		/* Segment tables are no POWER's: the SLB is the guest's. */
		if (in[1] || in[2] || in[3])
			return PAPR_PARAMETER;
		mmu->prtbl = 0;
		return PAPR_SUCCESS;
	}
	if (in[1] & ~PPC64_PRTBL_BASE)
		return PAPR_P2;
	if (in[2])
		return PAPR_P3;
	if (in[3] > PROC_SIZE_MAX || in[1] & ((UINT64_C(4096) << in[3]) - 1))
		return PAPR_P4;
	mmu->prtbl = PPC64_PRTBL_RADIX | in[1] | in[3];
	return PAPR_SUCCESS;
}

long papr_process_table(const uint64_t in[9], bool radix, struct papr_mmu *mmu)
{
	long ret = PAPR_SUCCESS;

	if (in[0] & ~PROC_FLAGS)
		return PAPR_PARAMETER;
	switch (in[0] & PROC_OP) {
	case PROC_KEEP: break;
	case PROC_DEREGISTER: mmu->prtbl = radix ? PPC64_PRTBL_RADIX : 0; break;
	case PROC_REGISTER: ret = papr_register(in, radix, mmu); break;
	default: return PAPR_PARAMETER;
	}
	if (ret == PAPR_SUCCESS) {
		mmu->radix = radix;
		mmu->gtse = radix && (in[0] & PROC_GTSE);
	}
	return ret;
}

/* ---- H_SET_DABR, H_SET_XDABR */

#define DABR_ACCESS 3 /* loads, stores */

long papr_set_dabr(uint64_t dabr, uint64_t dabrx)
{
	if (!dabrx || dabrx & ~(uint64_t)(PAPR_DABRX_USER | PAPR_DABRX_KERNEL))
		return PAPR_PARAMETER;
	return dabr & DABR_ACCESS ? PAPR_RESERVED_DABR : PAPR_SUCCESS;
}

/* ---- H_REGISTER_VPA */

#define AREA_FUNCTION 45 /* in the flags: LoPAR's bits 16 to 18 */
#define AREA_LINE     128
#define AREA_LENGTH   4 /* where it is: of a VPA two bytes, else four */
#define VPA_MIN	      640
#define VPA_STATUS    9
#define VPA_SHARED    0x02
#define SLB_MIN	      8	 /* no entries */
#define LOG_MIN	      48 /* one entry */

enum {
	REGISTER_VPA = 1,
	REGISTER_LOG = 2,
	REGISTER_SLB = 3,
	DEREGISTER_VPA = 5,
	DEREGISTER_LOG = 6,
	DEREGISTER_SLB = 7
};

/* Whether an area may be there, and has that many bytes; in[2] is its place. */
static bool papr_area(const uint64_t in[9], const struct mem *m, bool vpa,
		      uint32_t least)
{
	uint64_t at = in[2];
	uint32_t size;
	uint8_t b[4];

	if (!at || at % AREA_LINE ||
	    mem_read(m, at + AREA_LENGTH, b, sizeof(b)) < 0)
		return false;
	size = (uint32_t)b[0] << 8 | b[1];
	if (!vpa)
		size = size << 16 | (uint32_t)b[2] << 8 | b[3];
	/* A VPA lies in one page of 4 KiB. */
	return size >= least && (!vpa || at % 4096 + size <= 4096) &&
	       mem_run(m, at, size) != NULL;
}

static long papr_share(const uint64_t in[9], struct mem *m,
		       struct papr_areas *a)
{
	uint8_t status;

	if (!papr_area(in, m, true, VPA_MIN) ||
	    mem_read(m, in[2] + VPA_STATUS, &status, 1) < 0)
		return PAPR_PARAMETER;
	status |= VPA_SHARED;
	if (mem_write(m, in[2] + VPA_STATUS, &status, 1) < 0)
		return PAPR_PARAMETER;
	a->vpa = in[2];
	return PAPR_SUCCESS;
}

/* What only a CPU with a VPA may have. */
static long papr_register_area(const uint64_t in[9], const struct mem *m,
			       const struct papr_areas *a, uint32_t least,
			       uint64_t *area)
{
	if (!papr_area(in, m, false, least))
		return PAPR_PARAMETER;
	if (!a->vpa)
		return PAPR_RESOURCE;
	*area = in[2];
	return PAPR_SUCCESS;
}

long papr_register_vpa(const uint64_t in[9], struct mem *m,
		       struct papr_areas *a)
{
	switch (in[0] >> AREA_FUNCTION & 7) {
	case REGISTER_VPA: return papr_share(in, m, a);
	case REGISTER_LOG:
		return papr_register_area(in, m, a, LOG_MIN, &a->log);
	case REGISTER_SLB:
		return papr_register_area(in, m, a, SLB_MIN, &a->slb_shadow);
	case DEREGISTER_VPA:
		if (a->log || a->slb_shadow)
			return PAPR_RESOURCE;
		a->vpa = 0;
		return PAPR_SUCCESS;
	case DEREGISTER_LOG: a->log = 0; return PAPR_SUCCESS;
	case DEREGISTER_SLB: a->slb_shadow = 0; return PAPR_SUCCESS;
	default: return PAPR_PARAMETER;
	}
}
