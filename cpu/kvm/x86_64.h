/* SPDX-License-Identifier: MIT */
/* What the files of KVM on x86_64 hosts share. */
#ifndef CPU_KVM_X86_64_H
#define CPU_KVM_X86_64_H

#include "cpu/kvm/kvm.h"
#include "cpu/x86_64/cpuid.h"
#include "cpu/x86_64/debug.h"
#include "cpu/x86_64/regs.h"

/* kvm_vm.arch: kvmclock, while it stands still. */
struct kvm_x86 {
	struct kvm_clock_data clock;
	uint64_t tsc; /* of vCPU 0, when the clocks were stopped */
};

/* kvm_vcpu.arch. */
struct kvm_x86_vcpu {
	bool avx, avx512; /* the guest has them; constant */
	struct x86_debug_regs loaded;
	struct x86_regs seen; /* what kvm_arch_get_regs() gave last */
	size_t xsave_size;    /* bytes that KVM wants for the following */
	struct kvm_xsave xsave;
};

/* ---- x86_64_regs.c */

/* Makes v->arch for a vCPU that has this CPUID table; 0 or a negative errno. */
int kvm_x86_regs_init(struct vcpu *c, struct kvm_vcpu *v, struct x86_cpuid *id);
/* The registers that a reset sets: general ones, segments, control registers.
 */
int kvm_x86_get(struct kvm_vcpu *v, struct x86_regs *r);
int kvm_x86_set(struct kvm_vcpu *v, const struct x86_regs *r);

#endif
