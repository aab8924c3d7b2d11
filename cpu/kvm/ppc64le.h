/* SPDX-License-Identifier: MIT */
/* What the files of KVM on ppc64le hosts share. */
#ifndef CPU_KVM_PPC64LE_H
#define CPU_KVM_PPC64LE_H

#include <pthread.h>

#include "cpu/kvm/kvm.h"
#include "cpu/ppc64/calls.h"
#include "cpu/ppc64/regs.h"
#include "hw/core/ics.h"
#include "hw/core/xive.h"
#include "hw/spapr/tce.h"

#define PVR_POWER9 0x4e /* in the upper half of a PVR */

struct kvm_xive;

/* The VM's, in kvm_vm.arch. */
struct kvm_ppc {
	struct ics ics;
	int chip;	       /* KVM's XICS or XIVE, or -1 */
	struct kvm_xive *xive; /* NULL: it is no XIVE */
	bool *level;	       /* of each source */
	struct kvm_vm *vm;
	struct tce_kernel tces;
	struct papr_cpus papr;
	struct vcpu **cpu; /* each as it makes itself */
	uint64_t *table;   /* papr.hash with KVM-PR; NULL: KVM has it */
	uint64_t clock_at; /* ticks, when the guest's clocks were stopped */
};

/* A vCPU's, in kvm_vcpu.arch. */
struct kvm_ppc_vcpu {
	struct kvm_ppc *vm;
	uint64_t lpcr; /* as KVM was told last */
	uint32_t breakpoint;
	bool system_reset; /* atomic: H_SIGNAL_SYS_RESET, not yet taken */
	bool clock_moves;  /* KVM lets us; tb_offset: when it was stopped */
	uint64_t tb_offset;
	/* A step without interrupts, which the guest had not so, at that pc */
	bool masked, dec_hidden;
	uint64_t masked_pc, dec_expiry;
};

static inline struct kvm_ppc *kvm_ppc_of(const struct kvm_vm *vm)
{
	return vm->arch;
}

/* ---- ppc64le_regs.c */

/* The host's time base. */
uint64_t kvm_ppc_ticks(void);
int kvm_ppc_get(int fd, uint64_t id, void *val);
int kvm_ppc_set(int fd, uint64_t id, const void *val);
/*
 * Interrupts are masked for a step from here on, if they are not; and again as
 * the guest had them.  In user mode nothing masks them (Power ISA, book III,
 * 3.3.1: there EE is 1), and only the decrementer's is kept away.
 */
void kvm_ppc_mask(struct kvm_vcpu *v);
void kvm_ppc_unmask(struct kvm_vcpu *v);
/* The reset state, into a vCPU; the clocks are left as they are. */
int kvm_ppc_start(int fd, const struct ppc64_regs *r);
/* What a guest registered with KVM for a vCPU: forgotten. */
int kvm_ppc_forget(int fd);

/* ---- ppc64le_pr.c */

/* Whether a hypervisor below this host answers hypercalls of programs, such as
 * KVM-PR's guests are: a host that is a partition itself. */
bool kvm_pr_calls_taken(void);
/* Makes and empties the hash page table, of 1 << shift bytes: freed by the VM's
 * end.  No vCPU runs. */
int kvm_pr_reset(struct kvm_ppc *p, unsigned shift, struct err *err);
/* Gives it to a vCPU, whose translations are forgotten; 0 or a negative errno.
 */
int kvm_pr_vcpu_reset(const struct kvm_ppc *p, int fd);

/* ---- ppc64le_irq.c */

/* A device attribute; 0 or a negative errno.  request: which ioctl. */
int kvm_ppc_attr(int chip, unsigned request, uint32_t group, uint64_t attr,
		 const void *val);
/* KVM's own controller, where the board has it. */
int kvm_ppc_irqchip_init(struct kvm_vm *vm, struct err *err);
int kvm_ppc_irqchip_reset(struct kvm_vm *vm, struct err *err);
void kvm_ppc_irqchip_destroy(struct kvm_ppc *p);
/* Connects a vCPU's presentation controller. */
int kvm_ppc_irqchip_connect(struct kvm_vm *vm, int vcpu, uint32_t server,
			    struct err *err);
/* To its reset state. */
int kvm_ppc_icp_reset(const struct kvm_ppc *p, int vcpu);

/* ---- ppc64le_xive.c */

int kvm_ppc_xive_init(struct kvm_vm *vm, struct err *err);
/* NULL is fine; the chip is still open. */
void kvm_ppc_xive_destroy(struct kvm_xive *x);
/* 0 or a negative errno. */
int kvm_ppc_xive_reset(struct kvm_xive *x);

#endif
