/* SPDX-License-Identifier: MIT */
/* Run-Time Abstraction Services: names, tokens, and who answers. */
#ifndef HW_SPAPR_RTAS_H
#define HW_SPAPR_RTAS_H

#include <stddef.h>
#include <stdint.h>

#include "hw/core/err.h"
#include "hw/core/mem.h"
#include "hw/spapr/hcall.h"

/* Statuses: LoPAR 7.3, and those that single calls define. */
#define RTAS_OK		    0
#define RTAS_HARDWARE	    (-1)
#define RTAS_BUSY	    (-2)
#define RTAS_PARAMETER	    (-3)
#define RTAS_NOT_AUTHORIZED (-9002)

/* Arguments and results of a call together; LoPAR's own limit is higher. */
#define RTAS_CELLS 16

/* One call: copied in before the handler runs, copied out after it. */
struct rtas_args {
	unsigned nargs, nret;
	uint32_t arg[RTAS_CELLS]; /* nargs of them, the host's byte order */
	/* nret of them, zeroed; ret[0] is the status, which fn() returns */
	uint32_t ret[RTAS_CELLS];
};

/*
 * Answers one call and returns its status.  On the thread of vCPU number cpu,
 * with no lock held.
 */
typedef int32_t rtas_fn(void *opaque, unsigned cpu, struct rtas_args *a);

struct rtas_call {
	const char *name; /* one of rtas_names[] */
	unsigned nargs, nret;
	unsigned most_args, most_ret; /* where they may be more; or 0 */
	rtas_fn *fn;
};

/*
 * Every call that vmm has, by its token's order, and the class of the device
 * that answers it, NULL for the machine itself.  So the device tree can be
 * written before there are devices.
 */
struct rtas_name {
	const char *name, *owner;
};
extern const struct rtas_name rtas_names[]; /* a NULL name ends it */

/* The token of the call at that index, or of that name (0: unknown). */
#define RTAS_TOKEN(index) (0x2000u + (uint32_t)(index))
uint32_t rtas_token(const char *name);

#define RTAS_MAX_CALLS 64

/* Filled while the machine is made, only read when vCPUs run. */
struct rtas {
	const struct mem *mem;
	struct {
		const struct rtas_call *call;
		void *opaque;
	} entry[RTAS_MAX_CALLS]; /* by token */
};

/* Adds a list, which ends with a NULL name and outlives the table. */
int rtas_add(struct rtas *r, const struct rtas_call *list, void *opaque,
	     struct err *err) MUST_CHECK;
/*
 * The call whose argument buffer is at gpa: big-endian cells (token, number
 * of arguments, number of results, arguments, results).  Returns a hypercall
 * result: H_PARAMETER where there is no such buffer in RAM, else H_SUCCESS,
 * and what went wrong is in the call's status.
 */
long rtas_run(const struct rtas *r, unsigned cpu, gpa_t gpa);

/*
 * What the guest enters as RTAS, in real mode and big-endian: it makes the
 * private hypercall with R3 as its argument.
 */
#define H_RTAS 0xf000
extern const uint8_t rtas_code[20];

/* That hypercall, for hcalls_add() with a struct rtas. */
extern const struct hcall rtas_hcalls[];

#endif
