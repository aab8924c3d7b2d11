/* SPDX-License-Identifier: MIT */
/* What a guest calls of XICS: hypercalls for the CPUs, RTAS for the sources. */
#ifndef HW_SPAPR_XICS_CALLS_H
#define HW_SPAPR_XICS_CALLS_H

#include "hw/spapr/hcall.h"
#include "hw/spapr/rtas.h"

/*
 * H_XIRR, H_EOI, H_CPPR, H_IPI, H_IPOLL (LoPAR 14.5.4.4), for
 * hw/xics; the opaque is its struct device.  KVM's own answers its CPUs in the
 * kernel.
 */
extern const struct hcall xics_hcalls[];
/*
 * ibm,set-xive, ibm,get-xive, ibm,int-off, ibm,int-on (LoPAR 7.3.10); the
 * opaque is a struct ics, that of hw/xics or the accelerator's.
 */
extern const struct rtas_call ics_rtas[];

#endif
