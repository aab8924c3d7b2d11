/* SPDX-License-Identifier: MIT */
/* Hypercalls that change how CPUs run: arguments checked, nothing done. */
#include "cpu/ppc64/papr.h"

#include "cpu/ppc64/regs.h"

/* LoPAR's results, see hw/spapr/hcall.h: cpu/ knows no devices. */
enum {
	PAPR_SUCCESS = 0,
	PAPR_PARAMETER = -4,
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
