/* SPDX-License-Identifier: MIT */
/* The registers of KVM's GICs and ITS; private to arm64_gic*.c. */
#ifndef CPU_KVM_ARM64_GIC_H
#define CPU_KVM_ARM64_GIC_H

#include "cpu/chip_state.h"
#include "cpu/kvm/arm64.h"

/* IHI 0048B table 4-1; a GICv3's distributor has them at the same places. */
#define GICD_CTLR	0x000
#define GICD_IIDR	0x008
#define GICD_IGROUPR	0x080
#define GICD_ISENABLER	0x100
#define GICD_ICENABLER	0x180
#define GICD_ISPENDR	0x200
#define GICD_ICPENDR	0x280
#define GICD_ISACTIVER	0x300
#define GICD_ICACTIVER	0x380
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR	0x800
#define GICD_ICFGR	0xc00
#define GICD_CPENDSGIR	0xf10
#define GICD_SPENDSGIR	0xf20
/* IHI 0069 tables 12-25, 12-27, 12-29. */
#define GICD_IROUTER   0x6000
#define GICR_CTLR      0x0000
#define GICR_PROPBASER 0x0070
#define GICR_PENDBASER 0x0078
#define GICR_SGI_BASE  0x10000
/* IHI 0069 table 12-31. */
#define GITS_CTLR     0x0000
#define GITS_IIDR     0x0004
#define GITS_CBASER   0x0080
#define GITS_CWRITER  0x0088
#define GITS_CREADR   0x0090
#define GITS_BASER(n) (0x0100 + 8 * (n))
/* IHI 0048B table 4-2. */
#define GICC_CTLR   0x00
#define GICC_PMR    0x04
#define GICC_BPR    0x08
#define GICC_ABPR   0x1c
#define GICC_APR(n) (0xd0 + 4 * (n))

/* A system register of a GICv3's CPU interface, as KVM encodes it. */
#define ICC(crm, op2)                           \
	(3 << KVM_REG_ARM64_SYSREG_OP0_SHIFT |  \
	 12 << KVM_REG_ARM64_SYSREG_CRN_SHIFT | \
	 (crm) << KVM_REG_ARM64_SYSREG_CRM_SHIFT | (op2))
#define ICC_PMR_EL1                            \
	(3 << KVM_REG_ARM64_SYSREG_OP0_SHIFT | \
	 4 << KVM_REG_ARM64_SYSREG_CRN_SHIFT | \
	 6 << KVM_REG_ARM64_SYSREG_CRM_SHIFT)
#define ICC_BPR0_EL1	ICC(8, 3)
#define ICC_AP0R0_EL1	ICC(8, 4) /* and its three neighbours */
#define ICC_AP1R0_EL1	ICC(9, 0)
#define ICC_BPR1_EL1	ICC(12, 3)
#define ICC_CTLR_EL1	ICC(12, 4)
#define ICC_IGRPEN0_EL1 ICC(12, 6)
#define ICC_IGRPEN1_EL1 ICC(12, 7)

/* Interrupts of every kind that the controller is made with. */
uint32_t kvm_arm64_gic_irqs(const struct board *b);
/* ret, and if it is negative "KVM refused WHAT". */
int kvm_arm64_gic_refused(int ret, const char *what, struct err *err);

/* ---- arm64_gic_state.c: see kvm_vm.chip_save */

int kvm_arm64_gic_save(struct kvm_vm *vm, struct chip_state *out,
		       struct err *err);
int kvm_arm64_gic_restore(struct kvm_vm *vm, const struct chip_state *s,
			  struct err *err);

#endif
