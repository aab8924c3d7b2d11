/* SPDX-License-Identifier: MIT */
/* What the files of KVM on arm64 hosts share. */
#ifndef CPU_KVM_ARM64_H
#define CPU_KVM_ARM64_H

#include <stdbool.h>

#include "cpu/arm64/debug.h"
#include "cpu/arm64/features.h"
#include "cpu/arm64/regs.h"
#include "cpu/kvm/kvm.h"
#include "hw/gic/gic.h"

/* kvm_vm.arch. */
struct kvm_arm64 {
	struct arm64_cpu cpu;	   /* what --cpu asked for */
	struct kvm_vcpu_init init; /* every vCPU's, but for POWER_OFF */
	int gic, its;		   /* KVM devices, or -1 */
	bool gicv3;		   /* what gic is */
	struct gicv2m_frame frame;
	uint64_t counter; /* the virtual one, while it stands still */
};

/* kvm_vcpu.arch. */
struct kvm_arm64_vcpu {
	struct arm64_debug_regs loaded;
	/* A step with interrupts masked, which the guest had so at that pc. */
	bool masked;
	uint64_t masked_if, masked_pc;
	bool aarch32, sve, pauth; /* EL1 is; it has them; constant */
	/* KVM_ARM_DEV_ bits that events.ppi() was told of; the vCPU's thread */
	uint64_t lines;
	/* IRQ and FIQ as KVM has them; the software chip's lock */
	bool irq, fiq;
};

static inline struct kvm_arm64 *kvm_arm64_of(const struct kvm_vm *vm)
{
	return vm->arch;
}

/* KVM_SET_DEVICE_ATTR on a device, a VM or a vCPU; 0 or a negative errno. */
int kvm_arm64_attr(int fd, uint32_t group, uint64_t attr, const void *val);

/* ---- arm64_gic.c */

/* The controllers that the board leaves to KVM; all vCPUs are initialized. */
int kvm_arm64_gic_init(struct kvm_vm *vm, struct err *err);
void kvm_arm64_gic_destroy(struct kvm_arm64 *a);

/* ---- arm64_regs.c */

int kvm_arm64_get(int fd, uint64_t id, void *val);
int kvm_arm64_set(int fd, uint64_t id, const void *val);
/*
 * Those that a single step is concerned with, into zeroed *r: where it is, what
 * translates that, what an exception saves.
 */
int kvm_arm64_get_few(struct kvm_vcpu *v, struct arm64_regs *r);
/* Registers that struct boot_start names: pc, pstate, x0 to x3. */
int kvm_arm64_start(int fd, const struct boot_start *start);

/* ---- arm64_debug.c */

/* The guest's own interrupt mask again, where a step replaced it. */
void kvm_arm64_unmask(struct kvm_vcpu *v);

#endif
