/* SPDX-License-Identifier: MIT */
/* A pSeries' calls: their tables, and those that are about CPUs. */
#include <errno.h>
#include <string.h>

#include "hw/spapr/system.h"
#include "hw/spapr/vio.h"
#include "hw/spapr/vty.h"
#include "hw/spapr/xics_calls.h"
#include "hw/xics/xics.h"
#include "machine/virt/vm_priv.h"

/* query-cpu-stopped-state: LoPAR 7.3.8.1 */
#define CPU_STOPPED 0
#define CPU_RUNNING 2

/* H_SET_MODE's and others' processor numbers are the tree's. */
static struct vcpu *spapr_cpu(struct vm *vm, uint64_t hw_id)
{
	for (unsigned i = 0; i < vm->board->ncpus; i++)
		if (vm->board->cpus[i].hw_id == hw_id)
			return &vm->cpus.cpu[i];
	return NULL;
}

static int32_t query_cpu_stopped_state(void *opaque, unsigned cpu,
				       struct rtas_args *a)
{
	struct vcpu *c = spapr_cpu(opaque, a->arg[0]);

	(void)cpu;
	if (!c)
		return RTAS_PARAMETER;
	a->ret[1] = vcpu_is_off(c) ? CPU_STOPPED : CPU_RUNNING;
	return RTAS_OK;
}

/* Big-endian, as a CPU comes from firmware: its first code turns that round. */
static int32_t start_cpu(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct vm *vm = opaque;
	struct vcpu *c = spapr_cpu(vm, a->arg[0]);
	struct boot_start start = { .mode = BOOT_PPC64BE,
				    .pc = a->arg[1],
				    .arg = { a->arg[2] } };
	struct err err = { 0 };

	(void)cpu;
	if (!c || !vcpu_is_off(c))
		return RTAS_PARAMETER;
	if (vm->accel->vcpu_reset(c, &start, false, &err) < 0) {
		log_warn("vcpu%u does not start: %s", c->index, err.msg);
		return RTAS_HARDWARE;
	}
	vcpu_power(c, true);
	return RTAS_OK;
}

static int32_t stop_self(void *opaque, unsigned cpu, struct rtas_args *a)
{
	struct vm *vm = opaque;

	(void)a;
	vcpu_power(&vm->cpus.cpu[cpu], false);
	return RTAS_OK;
}

static const struct rtas_call cpu_rtas[] = {
	{ .name = "query-cpu-stopped-state",
	  .nargs = 1,
	  .nret = 2,
	  .fn = query_cpu_stopped_state },
	{ .name = "start-cpu", .nargs = 3, .nret = 1, .fn = start_cpu },
	{ .name = "stop-self", .nargs = 0, .nret = 1, .fn = stop_self },
	{ 0 },
};

long vm_hcall(void *opaque, unsigned cpu, uint64_t nr,
	      const uint64_t in[VCPU_HCALL_REGS], uint64_t out[VCPU_HCALL_REGS])
{
	struct vm *vm = opaque;

	return hcall_run(&vm->hcalls, cpu, nr, in, out);
}

int vm_spapr_init(struct vm *vm, struct err *err)
{
	int ret = 0;

	vm->rtas.mem = &vm->mem;
	if (vm->board->arch != ARCH_PPC64LE)
		return 0;
	ret = hcalls_add(&vm->hcalls, rtas_hcalls, &vm->rtas, err);
	if (!ret)
		ret = rtas_add(&vm->rtas, cpu_rtas, vm, err);
	if (!ret && vm->avm->ics)
		ret = rtas_add(&vm->rtas, ics_rtas, vm->avm->ics, err);
	return ret;
}

void vm_spapr_free(struct vm *vm)
{
	hcalls_free(&vm->hcalls);
}

/* ---- devices: their calls */

int vm_wire_system(struct vm *vm, unsigned i, struct device *dev,
		   struct err *err)
{
	int ret = hcalls_add(&vm->hcalls, spapr_system_hcalls, dev, err);

	(void)i;
	return ret ? ret : rtas_add(&vm->rtas, spapr_system_rtas, dev, err);
}

static void vm_xics_line(void *opaque, unsigned cpu, bool level)
{
	struct vm *vm = opaque;

	vm->accel->vcpu_lines(&vm->cpus.cpu[cpu], level, false);
}

int vm_wire_xics(struct vm *vm, unsigned i, struct device *dev, struct err *err)
{
	const struct xics_config c = { .first = vm->board->ppc.first_source,
				       .n = vm->board->nlines,
				       .cpu_line = vm_xics_line,
				       .opaque = vm };
	int ret;

	(void)i;
	vm->env.irqchip = xics_setup(dev, &c);
	ret = hcalls_add(&vm->hcalls, xics_hcalls, dev, err);
	return ret ? ret : rtas_add(&vm->rtas, ics_rtas, xics_ics(dev), err);
}

int vm_wire_vio(struct vm *vm, unsigned i, struct device *dev, struct err *err)
{
	(void)i;
	vm->vio = vio_bus_of(dev);
	if (hcalls_add(&vm->hcalls, vio_hcalls, vm->vio, err) < 0)
		return -err->code;
	return hcalls_add(&vm->hcalls, vty_hcalls, vm->vio, err);
}
