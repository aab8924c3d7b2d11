/* SPDX-License-Identifier: MIT */
/* What arm64's KVM can do. */
#include "cpu/kvm/probe.h"

#include <linux/kvm.h>

const struct probe_cap probe_arch_caps[] = {
	{ .cap = KVM_CAP_ONE_REG,
	  .key = "one_reg",
	  .name = "registers by name",
	  .needed = true },
	{ .cap = KVM_CAP_DEVICE_CTRL,
	  .key = "device_ctrl",
	  .name = "interrupt controllers in KVM",
	  .needed = true },
	{ .cap = KVM_CAP_ARM_PSCI_0_2,
	  .key = "psci",
	  .name = "PSCI 0.2",
	  .with = "guests start CPUs and power off",
	  .needed = true },
	{ .cap = KVM_CAP_ARM_VM_IPA_SIZE,
	  .key = "ipa_bits",
	  .name = "guest-physical address bits",
	  .number = true },
	{ .cap = KVM_CAP_ARM_EL1_32BIT,
	  .key = "el1_32bit",
	  .name = "32-bit kernels" },
	{ .cap = KVM_CAP_ARM_PMU_V3, .key = "pmu", .name = "PMU for guests" },
	{ .cap = KVM_CAP_ARM_SVE, .key = "sve", .name = "SVE for guests" },
	{ 0 },
};

bool probe_arch_has_extension(void)
{
	return true; /* KVM starts only where the kernel booted at EL2 */
}

void probe_arch_host(struct probe *p)
{
	(void)p; /* /proc/cpuinfo does not tell of EL2 */
}

/* There is no KVM that emulates EL1, so nothing to measure. */
uint64_t probe_arch_measure(int kvm_fd, unsigned loops)
{
	(void)kvm_fd;
	(void)loops;
	return 0;
}
