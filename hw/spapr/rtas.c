/* SPDX-License-Identifier: MIT */
/* Run-Time Abstraction Services: one table, and the way in. */
#include "hw/spapr/rtas.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hw/core/log.h"

/* Tokens go by this order: append. */
const struct rtas_name rtas_names[] = {
	{ "display-character", NULL },
	{ "get-time-of-day", NULL },
	{ "set-time-of-day", NULL },
	{ "power-off", NULL },
	{ "system-reboot", NULL },
	{ "query-cpu-stopped-state", NULL },
	{ "start-cpu", NULL },
	{ "stop-self", NULL },
	{ "ibm,get-system-parameter", NULL },
	{ "ibm,set-system-parameter", NULL },
	{ "ibm,os-term", NULL },
	{ "ibm,set-xive", "xics" },
	{ "ibm,get-xive", "xics" },
	{ "ibm,int-off", "xics" },
	{ "ibm,int-on", "xics" },
	{ "read-pci-config", "spapr-phb" },
	{ "write-pci-config", "spapr-phb" },
	{ "ibm,read-pci-config", "spapr-phb" },
	{ "ibm,write-pci-config", "spapr-phb" },
	{ "ibm,change-msi", "spapr-phb" },
	{ "ibm,query-interrupt-source-number", "spapr-phb" },
	{ "ibm,query-pe-dma-window", "spapr-phb" },
	{ "ibm,create-pe-dma-window", "spapr-phb" },
	{ "ibm,remove-pe-dma-window", "spapr-phb" },
	{ "ibm,reset-pe-dma-window", "spapr-phb" },
	{ "ibm,set-eeh-option", "spapr-phb" },
	{ "ibm,get-config-addr-info2", "spapr-phb" },
	{ "ibm,read-slot-reset-state2", "spapr-phb" },
	{ "ibm,set-slot-reset", "spapr-phb" },
	{ "ibm,configure-pe", "spapr-phb" },
	{ "ibm,slot-error-detail", "spapr-phb" },
	{ "nvram-fetch", "spapr-nvram" },
	{ "nvram-store", "spapr-nvram" },
	{ "event-scan", "spapr-events" },
	{ "check-exception", "spapr-events" },
	{ "get-sensor-state", "spapr-events" },
	{ "quiesce", "spapr-vio" },
	{ "ibm,set-tce-bypass", "spapr-vio" },
	{ NULL, NULL },
};

/*
 * mr r4,r3; lis r3,H_RTAS@h; ori r3,r3,H_RTAS@l; sc 1; blr
 */
const uint8_t rtas_code[20] = {
	0x7c, 0x64, 0x1b, 0x78, 0x3c, 0x60, 0x00, 0x00, 0x60, 0x63,
	0xf0, 0x00, 0x44, 0x00, 0x00, 0x22, 0x4e, 0x80, 0x00, 0x20,
};

uint32_t rtas_token(const char *name)
{
	for (unsigned i = 0; rtas_names[i].name; i++)
		if (!strcmp(rtas_names[i].name, name))
			return RTAS_TOKEN(i);
	return 0;
}

static int rtas_add_one(struct rtas *r, const struct rtas_call *call,
			void *opaque, struct err *err)
{
	uint32_t token = rtas_token(call->name);
	unsigned i = token - RTAS_TOKEN(0);

	if (!token || i >= RTAS_MAX_CALLS)
		return err_set(err, ENOENT, "RTAS call '%s' has no token",
			       call->name);
	if (r->entry[i].call)
		return err_set(err, EEXIST, "RTAS call '%s' is there twice",
			       call->name);
	r->entry[i].call = call;
	r->entry[i].opaque = opaque;
	return 0;
}

int rtas_add(struct rtas *r, const struct rtas_call *list, void *opaque,
	     struct err *err)
{
	int ret = 0;

	for (; !ret && list->name; list++)
		ret = rtas_add_one(r, list, opaque, err);
	return ret;
}

static int32_t rtas_dispatch(const struct rtas *r, unsigned cpu, uint32_t token,
			     struct rtas_args *a)
{
	uint32_t i = token - RTAS_TOKEN(0);
	const struct rtas_call *call = i < RTAS_MAX_CALLS ? r->entry[i].call
							  : NULL;
	unsigned most, most_args;

	if (!call) {
		guest_error("rtas", "token 0x%" PRIx32 " is not known", token);
		return RTAS_PARAMETER;
	}
	most = call->most_ret ? call->most_ret : call->nret;
	most_args = call->most_args ? call->most_args : call->nargs;
	if (a->nargs < call->nargs || a->nargs > most_args ||
	    a->nret < call->nret || a->nret > most) {
		guest_error("rtas",
			    "%s with %u arguments and %u results, not %u and "
			    "%u",
			    call->name, a->nargs, a->nret, call->nargs,
			    call->nret);
		return RTAS_PARAMETER;
	}
	return call->fn(r->entry[i].opaque, cpu, a);
}

/* Copies the buffer in and checks the copy. */
static int rtas_fetch(const struct rtas *r, gpa_t gpa, uint32_t *token,
		      struct rtas_args *a)
{
	uint32_t head[3], cell[RTAS_CELLS];

	memset(a, 0, sizeof(*a));
	if (gpa % 4 || mem_read(r->mem, gpa, head, sizeof(head)) < 0)
		return -EFAULT;
	*token = be32toh(head[0]);
	a->nargs = be32toh(head[1]);
	a->nret = be32toh(head[2]);
	if (a->nargs > RTAS_CELLS || a->nret > RTAS_CELLS - a->nargs)
		return -E2BIG;
	/* Results too: what cannot be answered is not begun. */
	if (mem_read(r->mem, gpa + sizeof(head), cell,
		     (a->nargs + a->nret) * sizeof(*cell)) < 0)
		return -EFAULT;
	for (unsigned i = 0; i < a->nargs; i++)
		a->arg[i] = be32toh(cell[i]);
	return 0;
}

long rtas_run(const struct rtas *r, unsigned cpu, gpa_t gpa)
{
	struct rtas_args a;
	uint32_t token;
	int32_t status;

	if (rtas_fetch(r, gpa, &token, &a) < 0) {
		guest_error("rtas", "no call at 0x%" PRIx64, gpa);
		return H_PARAMETER;
	}
	status = rtas_dispatch(r, cpu, token, &a);
	if (!a.nret)
		return H_SUCCESS;
	a.ret[0] = (uint32_t)status;
	for (unsigned i = 0; i < a.nret; i++)
		a.ret[i] = htobe32(a.ret[i]);
	return mem_write(r->mem, gpa + (3 + a.nargs) * 4, a.ret, a.nret * 4) < 0
		       ? H_PARAMETER
		       : H_SUCCESS;
}

static long rtas_h_rtas(void *opaque, unsigned cpu,
			const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	(void)out;
	return rtas_run(opaque, cpu, in[0]);
}

const struct hcall rtas_hcalls[] = {
	{ H_RTAS, "H_RTAS", rtas_h_rtas },
	{ 0 },
};
