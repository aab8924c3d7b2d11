/* SPDX-License-Identifier: MIT */
/* A pSeries' calls: their tables, and those that are about CPUs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/ppc64/calls.h"
#include "hw/pci/pci.h"
#include "hw/sal/sal.h"
#include "hw/spapr/crq.h"
#include "hw/spapr/events.h"
#include "hw/spapr/memop.h"
#include "hw/spapr/nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/system.h"
#include "hw/spapr/vio.h"
#include "hw/spapr/vlan.h"
#include "hw/spapr/vty.h"
#include "hw/spapr/xics_calls.h"
#include "hw/spapr/xive.h"
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
	if (!c || !vcpu_claim(c))
		return RTAS_PARAMETER;
	if (vm->accel->vcpu_reset(c, &start, false, &err) < 0) {
		vcpu_power(c, false);
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

	if (vm->sal)
		return sal_call(vm->sal, cpu, nr, in, out);
	return hcall_run(&vm->hcalls, cpu, nr, in, out);
}

int vm_spapr_init(struct vm *vm, struct err *err)
{
	int ret = 0;

	vm->rtas.mem = &vm->mem;
	tce_init(&vm->tces, &vm->mem);
	if (vm->board->arch != ARCH_PPC64LE)
		return 0;
	ret = hcalls_add(&vm->hcalls, rtas_hcalls, &vm->rtas, err);
	if (!ret)
		ret = hcalls_add(&vm->hcalls, vm_cas_hcalls, vm, err);
	if (!ret)
		ret = hcalls_add(&vm->hcalls, memop_hcalls, &vm->env, err);
	if (!ret && vm->avm->papr)
		ret = hcalls_add(&vm->hcalls, papr_hcalls, vm->avm->papr, err);
	if (!ret)
		ret = rtas_add(&vm->rtas, cpu_rtas, vm, err);
	if (!ret)
		ret = hcalls_add(&vm->hcalls, tce_hcalls, &vm->tces, err);
	vm->tces.kernel = vm->avm->tces;
	vm->ics = vm->avm->ics;
	if (!ret && vm->ics && !vm->avm->xive)
		ret = rtas_add(&vm->rtas, ics_rtas, vm->avm->ics, err);
	return ret;
}

void vm_spapr_free(struct vm *vm)
{
	hcalls_free(&vm->hcalls);
	tce_destroy(&vm->tces);
}

/* ---- devices: their calls */

/* display-character: to the first terminal; one that is full drops it. */
static void vm_display(void *opaque, uint8_t c)
{
	const uint64_t in[HCALL_REGS] = { 0, 1, (uint64_t)c << 56 };
	uint64_t out[HCALL_REGS] = { 0 };
	struct vm *vm = opaque;

	hcall_run(&vm->hcalls, 0, H_PUT_TERM_CHAR, in, out);
}

int vm_wire_system(struct vm *vm, unsigned i, struct device *dev,
		   struct err *err)
{
	int ret = hcalls_add(&vm->hcalls, spapr_system_hcalls, dev, err);

	spapr_system_set_display(dev, vm_display, vm);
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
	vm->ics = xics_ics(dev);
	ret = hcalls_add(&vm->hcalls, xics_hcalls, dev, err);
	return ret ? ret : rtas_add(&vm->rtas, ics_rtas, xics_ics(dev), err);
}

int vm_wire_xive(struct vm *vm, unsigned i, struct device *dev, struct err *err)
{
	(void)i;
	spapr_xive_setup(dev, vm->board, vm->avm->xive);
	return hcalls_add(&vm->hcalls, xive_hcalls, dev, err);
}

int vm_wire_vio(struct vm *vm, unsigned i, struct device *dev, struct err *err)
{
	static const struct hcall *const lists[] = { vio_hcalls, crq_hcalls,
						     vty_hcalls, vlan_hcalls };
	int ret = 0;

	(void)i;
	vm->vio = vio_bus_of(dev);
	vio_set_tces(dev, &vm->tces);
	for (size_t k = 0; !ret && k < sizeof(lists) / sizeof(*lists); k++)
		ret = hcalls_add(&vm->hcalls, lists[k], vm->vio, err);
	return ret ? ret : rtas_add(&vm->rtas, vio_rtas, vm->vio, err);
}

int vm_wire_phb(struct vm *vm, unsigned i, struct device *dev, struct err *err)
{
	const struct phb_config c = { .pci = &vm->board->pci,
				      .buid = vm->board->ppc.phb_unit,
				      .ics = vm->ics,
				      .msi_first = vm->board->ppc.msi_first,
				      .nmsi = vm->board->ppc.nmsi,
				      .tces = &vm->tces };

	(void)i;
	spapr_phb_setup(dev, &c);
	vm->pci = spapr_phb_bus(dev);
	return rtas_add(&vm->rtas, phb_rtas, dev, err);
}

int vm_wire_events(struct vm *vm, unsigned i, struct device *dev,
		   struct err *err)
{
	(void)i;
	return rtas_add(&vm->rtas, spapr_events_rtas, dev, err);
}

int vm_wire_nvram(struct vm *vm, unsigned i, struct device *dev,
		  struct err *err)
{
	(void)i;
	return rtas_add(&vm->rtas, nvram_rtas, dev, err);
}

/* ---- what the device tree says of them */

int vm_spapr_found(struct vm *vm, struct board_found *found, struct err *err)
{
	struct board_pci_fn *fn = calloc(256, sizeof(*fn));
	struct board_mac *mac = calloc(vm->board->ndevs, sizeof(*mac));

	*found = (struct board_found){ .fn = fn, .mac = mac };
	if (!fn || !mac)
		return err_nomem(err, "the device tree");
	for (unsigned devfn = 0; vm->pci && !vm->cfg->firmware && devfn < 256;
	     devfn++)
		found->nfns +=
			pci_describe(vm->pci, (uint8_t)devfn, &fn[found->nfns]);
	for (unsigned i = 0; i < vm->board->ndevs; i++) {
		const struct board_dev *d = &vm->board->devs[i];

		if (d->class != &spapr_vlan_class)
			continue;
		mac[found->nmacs].name = d->name;
		memcpy(mac[found->nmacs++].addr, vlan_mac(vm->devs[i].dev), 6);
	}
	return 0;
}

void vm_spapr_found_free(struct board_found *found)
{
	free((void *)found->fn);
	free((void *)found->mac);
}
