/* SPDX-License-Identifier: MIT */
/* The hypercall table of a pSeries guest: numbers, results, who answers. */
#ifndef HW_SPAPR_HCALL_H
#define HW_SPAPR_HCALL_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/err.h"

/* Results: LoPAR 14.4, table "Hypervisor Call Return Codes". */
#define H_SUCCESS		0
#define H_BUSY			1
#define H_CLOSED		2
#define H_NOT_AVAILABLE		3
#define H_CONSTRAINED		4
#define H_PARTIAL		5
#define H_HARDWARE		(-1)
#define H_FUNCTION		(-2)
#define H_PRIVILEGE		(-3)
#define H_PARAMETER		(-4)
#define H_BAD_MODE		(-5)
#define H_PTEG_FULL		(-6)
#define H_NOT_FOUND		(-7)
#define H_RESERVED_DABR		(-8)
#define H_NO_MEM		(-9)
#define H_AUTHORITY		(-10)
#define H_PERMISSION		(-11)
#define H_DROPPED		(-12)
#define H_S_PARM		(-13)
#define H_D_PARM		(-14)
#define H_R_PARM		(-15)
#define H_RESOURCE		(-16)
#define H_ADAPTER_PARM		(-17)
#define H_P2			(-55)
#define H_P3			(-56)
#define H_P4			(-57)
#define H_P5			(-58)
#define H_P6			(-59)
#define H_UNSUPPORTED_FLAG(bit) (-256 - (bit)) /* bit by the IBM count */

/*
 * Registers R4 to R12 each way.  Of the calls but H_READ none has results
 * beyond R7, and what the guest has in the others stays there: SLOF's terminal
 * counts on it.
 */
#define HCALL_REGS    9
#define HCALL_RESULTS 4

/*
 * Answers one hypercall: in[] is R4 and up, out[] goes back there
 * (HCALL_RESULTS of it are zeroed and the handler's), the result to R3.  On the
 * thread of vCPU number cpu, with no lock held.
 */
typedef long hcall_fn(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		      uint64_t out[HCALL_REGS]);

struct hcall {
	uint32_t nr;
	const char *name;
	hcall_fn *fn; /* NULL: the accelerator answers it, or nobody */
};

/* Filled while the machine is made, only read when vCPUs run. */
struct hcalls {
	struct hcalls_entry {
		const struct hcall *call;
		void *opaque;
	} * entry; /* ascending by number */
	size_t n;
};

/*
 * Adds a list, which ends with a NULL name and outlives the table.  A number
 * that is there already is an error naming both.
 */
int hcalls_add(struct hcalls *h, const struct hcall *list, void *opaque,
	       struct err *err) MUST_CHECK;
void hcalls_free(struct hcalls *h);
/*
 * Calls the handler of nr; H_FUNCTION where nobody has registered it, or it has
 * none and the accelerator has left it for all that.  Any
 * vCPU's thread, once the machine is made.
 */
long hcall_run(const struct hcalls *h, unsigned cpu, uint64_t nr,
	       const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS]);

#endif
