/* SPDX-License-Identifier: MIT */
/* KVM's registers of an arm64 vCPU, by its ids, and struct arm64_regs. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu/arm64/regs.h"
#include "cpu/kvm/arm64.h"
#include "hw/core/boot_start.h"

#define CORE_ID(field, size)                                      \
	(KVM_REG_ARM64 | KVM_REG_SIZE_##size | KVM_REG_ARM_CORE | \
	 KVM_REG_ARM_CORE_REG(field))
#define X_ID(n) (CORE_ID(regs.regs[0], U64) + (n)*2)
#define V_ID(n) (CORE_ID(fp_regs.vregs[0], U128) + (n)*4)

struct kvm_arm64_reg {
	uint64_t id;
	uint16_t off; /* in struct arm64_regs */
	bool constant;
	bool step; /* see kvm_arm64_get_few() */
};

#define AT(id_, field_)                                               \
	{                                                             \
		.id = id_, .off = offsetof(struct arm64_regs, field_) \
	}
#define STEP(id_, field_)                                              \
	{                                                              \
		.id = id_, .off = offsetof(struct arm64_regs, field_), \
		.step = true                                           \
	}
#define CORE(field, reg, size)	   AT(CORE_ID(field, size), reg)
#define SYS(reg, o0, o1, n, m, o2) AT(ARM64_SYS_REG(o0, o1, n, m, o2), reg)

/*
 * All but x[], vectors and sp.  Not every CPU and kernel has each of them: one
 * that is not there reads as 0.
 */
static const struct kvm_arm64_reg kvm_arm64_regs[] = {
	STEP(CORE_ID(regs.pc, U64), pc),
	STEP(CORE_ID(regs.pstate, U64), pstate),
	CORE(regs.sp, sp_el0, U64), /* whatever pstate says */
	CORE(sp_el1, sp_el1, U64),
	STEP(CORE_ID(elr_el1, U64), elr_el1),
	STEP(CORE_ID(spsr[KVM_SPSR_EL1], U64), spsr_el1),
	CORE(spsr[KVM_SPSR_ABT], spsr_abt, U64),
	CORE(spsr[KVM_SPSR_UND], spsr_und, U64),
	CORE(spsr[KVM_SPSR_IRQ], spsr_irq, U64),
	CORE(spsr[KVM_SPSR_FIQ], spsr_fiq, U64),
	CORE(fp_regs.fpsr, fpsr, U32),
	CORE(fp_regs.fpcr, fpcr, U32),
	STEP(ARM64_SYS_REG(3, 0, 1, 0, 0), sctlr_el1),
	SYS(actlr_el1, 3, 0, 1, 0, 1),
	SYS(cpacr_el1, 3, 0, 1, 0, 2),
	STEP(ARM64_SYS_REG(3, 0, 2, 0, 0), ttbr0_el1),
	STEP(ARM64_SYS_REG(3, 0, 2, 0, 1), ttbr1_el1),
	STEP(ARM64_SYS_REG(3, 0, 2, 0, 2), tcr_el1),
	SYS(afsr0_el1, 3, 0, 5, 1, 0),
	SYS(afsr1_el1, 3, 0, 5, 1, 1),
	SYS(esr_el1, 3, 0, 5, 2, 0),
	SYS(far_el1, 3, 0, 6, 0, 0),
	SYS(par_el1, 3, 0, 7, 4, 0),
	SYS(mair_el1, 3, 0, 10, 2, 0),
	SYS(amair_el1, 3, 0, 10, 3, 0),
	STEP(ARM64_SYS_REG(3, 0, 12, 0, 0), vbar_el1),
	SYS(contextidr_el1, 3, 0, 13, 0, 1),
	SYS(tpidr_el1, 3, 0, 13, 0, 4),
	SYS(cntkctl_el1, 3, 0, 14, 1, 0),
	SYS(csselr_el1, 3, 2, 0, 0, 0),
	SYS(tpidr_el0, 3, 3, 13, 0, 2),
	SYS(tpidrro_el0, 3, 3, 13, 0, 3),
	SYS(mdscr_el1, 2, 0, 0, 2, 2),
	SYS(dacr32_el2, 3, 4, 3, 0, 0),
	SYS(ifsr32_el2, 3, 4, 5, 0, 1),
	AT(KVM_REG_ARM_TIMER_CTL, cntv_ctl_el0),
	AT(KVM_REG_ARM_TIMER_CVAL, cntv_cval_el0),
	AT(KVM_REG_ARM_PTIMER_CTL, cntp_ctl_el0),
	AT(KVM_REG_ARM_PTIMER_CVAL, cntp_cval_el0),
	{ .id = ARM64_SYS_REG(3, 0, 0, 0, 0),
	  .off = offsetof(struct arm64_regs, midr_el1),
	  .constant = true },
	{ .id = ARM64_SYS_REG(3, 0, 0, 0, 5),
	  .off = offsetof(struct arm64_regs, mpidr_el1),
	  .constant = true },
};
#define NREGS (sizeof(kvm_arm64_regs) / sizeof(*kvm_arm64_regs))

int kvm_arm64_get(int fd, uint64_t id, void *val)
{
	struct kvm_one_reg r = { .id = id, .addr = (uintptr_t)val };

	return ioctl(fd, KVM_GET_ONE_REG, &r) < 0 ? -errno : 0;
}

int kvm_arm64_set(int fd, uint64_t id, const void *val)
{
	struct kvm_one_reg r = { .id = id, .addr = (uintptr_t)val };

	return ioctl(fd, KVM_SET_ONE_REG, &r) < 0 ? -errno : 0;
}

/* ---- vectors */

#define SVE_VQ_MAX 16

/* The longest vector that the vCPU may use, in 64-bit parts. */
static int kvm_arm64_get_vg(int fd, uint64_t *vg)
{
	uint64_t vqs[KVM_ARM64_SVE_VLS_WORDS] = { 0 };
	int ret = kvm_arm64_get(fd, KVM_REG_ARM64_SVE_VLS, vqs);

	*vg = 2;
	for (unsigned vq = 1; vq <= SVE_VQ_MAX; vq++)
		if (vqs[0] >> (vq - 1) & 1)
			*vg = 2 * vq;
	return ret;
}

/* With SVE the V registers are the low ends of Z. */
static int kvm_arm64_get_sve(int fd, struct arm64_regs *r)
{
	int ret = kvm_arm64_get_vg(fd, &r->vg);

	for (unsigned n = 0; !ret && n < 32; n++) {
		ret = kvm_arm64_get(fd, KVM_REG_ARM64_SVE_ZREG(n, 0), r->z[n]);
		memcpy(r->v[n], r->z[n], sizeof(r->v[n]));
	}
	for (unsigned n = 0; !ret && n < 16; n++)
		ret = kvm_arm64_get(fd, KVM_REG_ARM64_SVE_PREG(n, 0), r->p[n]);
	return ret ? ret : kvm_arm64_get(fd, KVM_REG_ARM64_SVE_FFR(0), r->ffr);
}

static int kvm_arm64_set_sve(int fd, const struct arm64_regs *r)
{
	int ret = 0;

	for (unsigned n = 0; !ret && n < 32; n++)
		ret = kvm_arm64_set(fd, KVM_REG_ARM64_SVE_ZREG(n, 0), r->z[n]);
	for (unsigned n = 0; !ret && n < 16; n++)
		ret = kvm_arm64_set(fd, KVM_REG_ARM64_SVE_PREG(n, 0), r->p[n]);
	return ret ? ret : kvm_arm64_set(fd, KVM_REG_ARM64_SVE_FFR(0), r->ffr);
}

static int kvm_arm64_get_vectors(int fd, struct arm64_regs *r)
{
	int ret = 0;

	r->vg = 2;
	if (r->has_sve)
		return kvm_arm64_get_sve(fd, r);
	for (unsigned n = 0; !ret && n < 32; n++)
		ret = kvm_arm64_get(fd, V_ID(n), r->v[n]);
	return ret;
}

static int kvm_arm64_set_vectors(int fd, const struct arm64_regs *r)
{
	int ret = 0;

	if (r->has_sve)
		return kvm_arm64_set_sve(fd, r);
	for (unsigned n = 0; !ret && n < 32; n++)
		ret = kvm_arm64_set(fd, V_ID(n), r->v[n]);
	return ret;
}

/* ---- the stack pointer in use, of AArch64 modes */

static uint64_t *kvm_arm64_sp(struct arm64_regs *r)
{
	if (r->pstate & ARM64_PSTATE_NRW)
		return &r->x[arm64_index32(r->pstate, 13)];
	return r->pstate & ARM64_PSTATE_EL && r->pstate & ARM64_PSTATE_SP_ELX
		       ? &r->sp_el1
		       : &r->sp_el0;
}

/* ---- all of them */

/* All but general registers and vectors; few: those that a step looks at. */
static int kvm_arm64_get_system(struct kvm_vcpu *v, struct arm64_regs *r,
				bool few)
{
	const struct kvm_arm64_vcpu *a = v->arch;
	int ret = 0;

	r->aarch32 = a->aarch32;
	r->has_sve = a->sve;
	r->has_pauth = a->pauth;
	for (size_t i = 0; !ret && i < NREGS; i++) {
		const struct kvm_arm64_reg *k = &kvm_arm64_regs[i];

		if (few && !k->step)
			continue;
		ret = kvm_arm64_get(v->fd, k->id, (char *)r + k->off);
		if (ret == -ENOENT)
			ret = 0;
	}
	return ret;
}

int kvm_arm64_get_few(struct kvm_vcpu *v, struct arm64_regs *r)
{
	return kvm_arm64_get_system(v, r, true);
}

int kvm_arch_get_regs(struct kvm_vcpu *v, void *regs)
{
	struct arm64_regs *r = regs;
	int ret;

	kvm_arm64_unmask(v);
	memset(r, 0, sizeof(*r));
	ret = kvm_arm64_get_system(v, r, false);
	for (unsigned n = 0; !ret && n < 31; n++)
		ret = kvm_arm64_get(v->fd, X_ID(n), &r->x[n]);
	if (!ret)
		ret = kvm_arm64_get_vectors(v->fd, r);
	r->sp = *kvm_arm64_sp(r);
	arm64_masks(r);
	arm64_view32(r);
	return ret;
}

int kvm_arch_set_regs(struct kvm_vcpu *v, const void *regs)
{
	struct arm64_regs r = *(const struct arm64_regs *)regs;
	int ret = 0;

	kvm_arm64_unmask(v);
	if (r.aarch32)
		arm64_unview32(&r);
	else
		*kvm_arm64_sp(&r) = r.sp;
	for (size_t i = 0; !ret && i < NREGS; i++) {
		const struct kvm_arm64_reg *k = &kvm_arm64_regs[i];

		if (!k->constant)
			ret = kvm_arm64_set(v->fd, k->id, (char *)&r + k->off);
		if (ret == -ENOENT)
			ret = 0;
	}
	for (unsigned n = 0; !ret && n < 31; n++)
		ret = kvm_arm64_set(v->fd, X_ID(n), &r.x[n]);
	return ret ? ret : kvm_arm64_set_vectors(v->fd, &r);
}

int kvm_arm64_start(int fd, const struct boot_start *start)
{
	struct arm64_regs r;
	int ret;

	target_arm64.reset(&r, start);
	ret = kvm_arm64_set(fd, CORE_ID(regs.pstate, U64), &r.pstate);
	if (!ret)
		ret = kvm_arm64_set(fd, CORE_ID(regs.pc, U64), &r.pc);
	for (unsigned n = 0; !ret && n < 4; n++)
		ret = kvm_arm64_set(fd, X_ID(n), &r.x[n]);
	return ret;
}
