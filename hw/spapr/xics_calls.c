/* SPDX-License-Identifier: MIT */
/* What a guest calls of XICS: hypercalls for the CPUs, RTAS for the sources. */
#include "hw/spapr/xics_calls.h"

#include "hw/xics/xics.h"

/* ---- hypercalls */

static long h_xirr(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		   uint64_t out[HCALL_REGS])
{
	(void)in;
	out[0] = xics_accept(opaque, cpu);
	return H_SUCCESS;
}

static long h_eoi(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		  uint64_t out[HCALL_REGS])
{
	(void)out;
	return xics_eoi(opaque, cpu, (uint32_t)in[0]) < 0 ? H_PARAMETER
							  : H_SUCCESS;
}

static long h_cppr(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		   uint64_t out[HCALL_REGS])
{
	(void)out;
	xics_set_cppr(opaque, cpu, (uint8_t)in[0]);
	return H_SUCCESS;
}

static long h_ipi(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		  uint64_t out[HCALL_REGS])
{
	(void)cpu, (void)out;
	if (in[0] > UINT32_MAX ||
	    xics_ipi(opaque, (uint32_t)in[0], (uint8_t)in[1]) < 0)
		return H_PARAMETER;
	return H_SUCCESS;
}

static long h_ipoll(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		    uint64_t out[HCALL_REGS])
{
	uint32_t xirr;
	uint8_t mfrr;

	(void)cpu;
	if (in[0] > UINT32_MAX ||
	    xics_poll(opaque, (uint32_t)in[0], &xirr, &mfrr) < 0)
		return H_PARAMETER;
	out[0] = xirr;
	out[1] = mfrr;
	return H_SUCCESS;
}

const struct hcall xics_hcalls[] = {
	{ 0x64, "H_EOI", h_eoi },   { 0x68, "H_CPPR", h_cppr },
	{ 0x6c, "H_IPI", h_ipi },   { 0x70, "H_IPOLL", h_ipoll },
	{ 0x74, "H_XIRR", h_xirr }, { 0 },
};

/* ---- RTAS */

static int32_t ics_set_xive(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct ics *ics = opaque;

	(void)cpu;
	if (a->arg[2] > ICS_MASKED ||
	    ics->ops->set(ics, a->arg[0], a->arg[1], (uint8_t)a->arg[2]) < 0)
		return RTAS_PARAMETER;
	return RTAS_OK;
}

static int32_t ics_get_xive(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct ics *ics = opaque;
	uint8_t priority;

	(void)cpu;
	if (ics->ops->get(ics, a->arg[0], &a->ret[1], &priority) < 0)
		return RTAS_PARAMETER;
	a->ret[2] = priority;
	return RTAS_OK;
}

static int32_t ics_int_off(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct ics *ics = opaque;

	(void)cpu;
	return ics->ops->enable(ics, a->arg[0], false) < 0 ? RTAS_PARAMETER
							   : RTAS_OK;
}

static int32_t ics_int_on(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct ics *ics = opaque;

	(void)cpu;
	return ics->ops->enable(ics, a->arg[0], true) < 0 ? RTAS_PARAMETER
							  : RTAS_OK;
}

const struct rtas_call ics_rtas[] = {
	{ .name = "ibm,set-xive", .nargs = 3, .nret = 1, .fn = ics_set_xive },
	{ .name = "ibm,get-xive", .nargs = 1, .nret = 3, .fn = ics_get_xive },
	{ .name = "ibm,int-off", .nargs = 1, .nret = 1, .fn = ics_int_off },
	{ .name = "ibm,int-on", .nargs = 1, .nret = 1, .fn = ics_int_on },
	{ 0 },
};
