/* SPDX-License-Identifier: MIT */
/* What arm64's KVM can do. */
#include "cpu/kvm/probe.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct probe_cap probe_arch_caps[] = {
	{ .cap = KVM_CAP_ONE_REG,
	  .key = "one_reg",
	  .name = "registers by name",
	  .needed = true },
	{ .cap = KVM_CAP_DEVICE_CTRL,
	  .key = "device_ctrl",
	  .name = "devices that KVM makes",
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
	{ .cap = KVM_CAP_ARM_USER_IRQ,
	  .key = "user_irqchip",
	  .name = "software interrupt controller",
	  .with = "--irqchip software works",
	  .without = "--irqchip software does not work" },
	{ .cap = KVM_CAP_ARM_NISV_TO_USER,
	  .key = "nisv",
	  .name = "undecoded accesses",
	  .with = "a crash by one tells the address" },
	{ .cap = KVM_CAP_ARM_EL1_32BIT,
	  .key = "el1_32bit",
	  .name = "32-bit kernels",
	  .with = "--cpu host,aarch64=off works" },
	{ .cap = KVM_CAP_ARM_PMU_V3, .key = "pmu", .name = "PMU for guests" },
	{ .cap = KVM_CAP_ARM_SVE, .key = "sve", .name = "SVE for guests" },
	{ .cap = KVM_CAP_ARM_PTRAUTH_ADDRESS,
	  .key = "pauth",
	  .name = "pointer authentication" },
	{ 0 },
};

bool probe_arch_has_extension(void)
{
	return true; /* KVM starts only where the kernel booted at EL2 */
}

/* The GICs that KVM has can be asked of a VM only. */
static void probe_gic(struct probe *p, int vm, uint32_t type, const char *key,
		      const char *name, const char *with)
{
	struct kvm_create_device d = { .type = type,
				       .flags = KVM_CREATE_DEVICE_TEST };
	bool have = ioctl(vm, KVM_CREATE_DEVICE, &d) == 0;

	probe_add(p, key, name, have, 0, have ? with : NULL);
}

/* /proc/cpuinfo does not tell of EL2; a VM tells of its devices. */
void probe_arch_host(struct probe *p)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);

	if (vm >= 0) {
		probe_gic(p, vm, KVM_DEV_TYPE_ARM_VGIC_V2, "gicv2",
			  "GICv2 in KVM", "--irqchip gicv2 and gicv2m work");
		probe_gic(p, vm, KVM_DEV_TYPE_ARM_VGIC_V3, "gicv3",
			  "GICv3 in KVM", "--irqchip gicv3 works");
		probe_gic(p, vm, KVM_DEV_TYPE_ARM_VGIC_ITS, "its", "ITS in KVM",
			  "--irqchip gicv3-its works");
		close(vm);
	}
	if (kvm >= 0)
		close(kvm);
}

/* There is no KVM that emulates EL1, so nothing to measure. */
uint64_t probe_arch_measure(int kvm_fd, unsigned loops)
{
	(void)kvm_fd;
	(void)loops;
	return 0;
}
