/* SPDX-License-Identifier: MIT */
/* What ppc64le's KVM can do. */
#include "cpu/kvm/probe.h"

#include <linux/kvm.h>

const struct probe_cap probe_arch_caps[] = {
	{ .cap = KVM_CAP_PPC_PAPR,
	  .key = "papr",
	  .name = "PAPR guests",
	  .needed = true },
	{ .cap = KVM_CAP_ONE_REG,
	  .key = "one_reg",
	  .name = "registers by name",
	  .needed = true },
	{ .cap = KVM_CAP_PPC_MMU_RADIX,
	  .key = "mmu_radix",
	  .name = "radix guests" },
	{ .cap = KVM_CAP_PPC_MMU_HASH_V3,
	  .key = "mmu_hash_v3",
	  .name = "hash guests (POWER9)" },
	{ .cap = KVM_CAP_IRQ_XICS, .key = "xics", .name = "XICS in KVM" },
	{ .cap = KVM_CAP_PPC_IRQ_XIVE, .key = "xive", .name = "XIVE in KVM" },
	{ .cap = KVM_CAP_PPC_RTAS, .key = "rtas", .name = "RTAS in KVM" },
	{ .cap = KVM_CAP_SPAPR_TCE_64,
	  .key = "tce_64",
	  .name = "64-bit DMA windows in KVM" },
	{ .cap = KVM_CAP_PPC_NESTED_HV,
	  .key = "nested",
	  .name = "nested virtualization" },
	{ 0 },
};

bool probe_arch_has_extension(void)
{
	return true; /* KVM-HV needs a hypervisor below, and has it */
}

void probe_arch_host(struct probe *p)
{
	(void)p; /* the capabilities tell all */
}

/* KVM-PR emulates privileged instructions only: nothing to measure. */
uint64_t probe_arch_measure(int kvm_fd, unsigned loops)
{
	(void)kvm_fd;
	(void)loops;
	return 0;
}
