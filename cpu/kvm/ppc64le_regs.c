/* SPDX-License-Identifier: MIT */
/* KVM's registers of a POWER vCPU, by its ids, and struct ppc64_regs. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu/kvm/ppc64le.h"
#include "cpu/ppc64/step.h"

struct kvm_ppc_reg {
	uint64_t id;
	uint16_t off; /* in struct ppc64_regs */
	bool clock;   /* not part of the reset state */
};

#define AT(reg, field)                                    \
	{                                                 \
		.id = KVM_REG_PPC_##reg,                  \
		.off = offsetof(struct ppc64_regs, field) \
	}

/*
 * What KVM_GET_REGS does not have, vectors excepted.  Not every CPU and kernel
 * has each: one that is not there reads as 0.
 */
static const struct kvm_ppc_reg kvm_ppc_regs[] = {
	AT(FPSCR, fpscr),
	AT(VSCR, vscr),
	AT(VRSAVE, vrsave),
	AT(DAR, dar),
	AT(DSISR, dsisr),
	AT(TAR, tar),
	AT(DSCR, dscr),
	AT(FSCR, fscr),
	AT(AMR, amr),
	AT(IAMR, iamr),
	AT(UAMOR, uamor),
	AT(PID, pid),
	{ .id = KVM_REG_PPC_TB_OFFSET,
	  .off = offsetof(struct ppc64_regs, tb_offset),
	  .clock = true },
	{ .id = KVM_REG_PPC_DEC_EXPIRY,
	  .off = offsetof(struct ppc64_regs, dec_expiry),
	  .clock = true },
};
#define NREGS (sizeof(kvm_ppc_regs) / sizeof(*kvm_ppc_regs))

int kvm_ppc_get(int fd, uint64_t id, void *val)
{
	struct kvm_one_reg r = { .id = id, .addr = (uintptr_t)val };

	return ioctl(fd, KVM_GET_ONE_REG, &r) < 0 ? -errno : 0;
}

int kvm_ppc_set(int fd, uint64_t id, const void *val)
{
	struct kvm_one_reg r = { .id = id, .addr = (uintptr_t)val };

	return ioctl(fd, KVM_SET_ONE_REG, &r) < 0 ? -errno : 0;
}

uint64_t kvm_ppc_ticks(void)
{
	uint64_t tb;

	__asm__ volatile("mftb %0" : "=r"(tb));
	return tb;
}

/* KVM's word for a register that this CPU or this kernel has not. */
static bool kvm_ppc_absent(int ret)
{
	return ret == -EINVAL || ret == -ENXIO || ret == -ENOENT;
}

/* ---- the general ones, in both directions */

static void kvm_ppc_from(const struct kvm_regs *k, struct ppc64_regs *r)
{
	memcpy(r->gpr, k->gpr, sizeof(r->gpr));
	r->pc = k->pc;
	r->msr = k->msr;
	r->lr = k->lr;
	r->ctr = k->ctr;
	r->cr = (uint32_t)k->cr;
	r->xer = (uint32_t)k->xer;
	r->srr0 = k->srr0;
	r->srr1 = k->srr1;
	r->sprg[0] = k->sprg0;
	r->sprg[1] = k->sprg1;
	r->sprg[2] = k->sprg2;
	r->sprg[3] = k->sprg3;
}

static void kvm_ppc_to(const struct ppc64_regs *r, struct kvm_regs *k)
{
	memcpy(k->gpr, r->gpr, sizeof(k->gpr));
	k->pc = r->pc;
	k->msr = r->msr;
	k->lr = r->lr;
	k->ctr = r->ctr;
	k->cr = r->cr;
	k->xer = r->xer;
	k->srr0 = r->srr0;
	k->srr1 = r->srr1;
	k->sprg0 = r->sprg[0];
	k->sprg1 = r->sprg[1];
	k->sprg2 = r->sprg[2];
	k->sprg3 = r->sprg[3];
}

/* ---- vectors: VSR 0-31 as FPRs and their other halves, VSR 32-63 as VRs */

static int kvm_ppc_get_vectors(int fd, struct ppc64_regs *r)
{
	uint64_t vsr[2];
	int ret = 0;

	for (unsigned n = 0; n < 32 && !ret; n++) {
		ret = kvm_ppc_get(fd, KVM_REG_PPC_VSR(n), vsr);
		r->fpr[n] = vsr[0];
		r->vsh[n] = vsr[1];
		if (!ret)
			ret = kvm_ppc_get(fd, KVM_REG_PPC_VR(n), r->vr[n]);
	}
	return ret;
}

static int kvm_ppc_set_vectors(int fd, const struct ppc64_regs *r)
{
	int ret = 0;

	for (unsigned n = 0; n < 32 && !ret; n++) {
		const uint64_t vsr[2] = { r->fpr[n], r->vsh[n] };

		ret = kvm_ppc_set(fd, KVM_REG_PPC_VSR(n), vsr);
		if (!ret)
			ret = kvm_ppc_set(fd, KVM_REG_PPC_VR(n), r->vr[n]);
	}
	return ret;
}

/* ---- what only a debugger asks for: a hash guest's segments */

static int kvm_ppc_get_segments(int fd, struct ppc64_regs *r)
{
	struct kvm_sregs s;

	if (ioctl(fd, KVM_GET_SREGS, &s) < 0)
		return -errno;
	for (unsigned i = 0; i < 64; i++)
		r->slb[i] = (struct ppc64_slb){
			.esid = s.u.s.ppc64.slb[i].slbe,
			.vsid = s.u.s.ppc64.slb[i].slbv,
		};
	return 0;
}

/* ---- interrupts, for a step */

/* Ticks that the decrementer is put off by: in its 32 bits, and long enough. */
#define DEC_HIDDEN (UINT64_C(1) << 30)

static void kvm_ppc_hide_dec(struct kvm_vcpu *v)
{
	struct kvm_ppc_vcpu *own = v->arch;
	uint64_t offset, later = kvm_ppc_ticks() + DEC_HIDDEN;

	if (kvm_ppc_get(v->fd, KVM_REG_PPC_TB_OFFSET, &offset) < 0 ||
	    kvm_ppc_get(v->fd, KVM_REG_PPC_DEC_EXPIRY, &own->dec_expiry) < 0)
		return;
	later += offset;
	own->dec_hidden = kvm_ppc_set(v->fd, KVM_REG_PPC_DEC_EXPIRY, &later) ==
			  0;
}

void kvm_ppc_mask(struct kvm_vcpu *v)
{
	struct kvm_ppc_vcpu *own = v->arch;
	struct kvm_regs k;

	if (ioctl(v->fd, KVM_GET_REGS, &k) < 0)
		return;
	if (k.msr & PPC64_MSR_PR)
		kvm_ppc_hide_dec(v);
	if (k.msr & PPC64_MSR_PR || !(k.msr & PPC64_MSR_EE))
		return;
	own->masked_pc = k.pc;
	k.msr &= ~PPC64_MSR_EE;
	own->masked = ioctl(v->fd, KVM_SET_REGS, &k) == 0;
}

void kvm_ppc_unmask(struct kvm_vcpu *v)
{
	struct kvm_ppc_vcpu *own = v->arch;
	struct ppc64_regs r = { 0 };
	struct kvm_regs k;

	if (own->dec_hidden)
		kvm_ppc_set(v->fd, KVM_REG_PPC_DEC_EXPIRY, &own->dec_expiry);
	own->dec_hidden = false;
	if (!own->masked || ioctl(v->fd, KVM_GET_REGS, &k) < 0)
		return;
	own->masked = false;
	kvm_ppc_from(&k, &r);
	ppc64_unmask(&r, own->masked_pc);
	kvm_ppc_to(&r, &k);
	ioctl(v->fd, KVM_SET_REGS, &k);
}

/* ---- all of them */

int kvm_arch_get_regs(struct kvm_vcpu *v, void *regs)
{
	const struct kvm_ppc_vcpu *own = v->arch;
	struct ppc64_regs *r = regs;
	struct kvm_regs k;
	int ret;

	kvm_ppc_unmask(v);
	memset(r, 0, sizeof(*r));
	if (ioctl(v->fd, KVM_GET_REGS, &k) < 0)
		return -errno;
	kvm_ppc_from(&k, r);
	for (size_t i = 0; i < NREGS; i++) {
		ret = kvm_ppc_get(v->fd, kvm_ppc_regs[i].id,
				  (char *)r + kvm_ppc_regs[i].off);
		if (ret < 0 && !kvm_ppc_absent(ret))
			return ret;
	}
	kvm_ppc_get(v->fd, KVM_REG_PPC_LPCR_64, &r->lpcr);
	r->prtbl = __atomic_load_n(&own->vm->papr.prtbl, __ATOMIC_ACQUIRE);
	r->pvr = own->vm->vm->vm.cfg->board->ppc.pvr;
	r->orig_r3 = r->trap = UINT64_MAX;
	if (own->vm->papr.hash.read) {
		r->hash = &own->vm->papr.hash;
		ret = kvm_ppc_get_segments(v->fd, r);
		if (ret < 0)
			return ret;
	}
	return kvm_ppc_get_vectors(v->fd, r);
}

static int kvm_ppc_put(int fd, const struct ppc64_regs *r, bool clocks)
{
	struct kvm_regs k = { 0 };

	kvm_ppc_to(r, &k);
	if (ioctl(fd, KVM_SET_REGS, &k) < 0)
		return -errno;
	for (size_t i = 0; i < NREGS; i++) {
		int ret;

		if (kvm_ppc_regs[i].clock && !clocks)
			continue;
		ret = kvm_ppc_set(fd, kvm_ppc_regs[i].id,
				  (const char *)r + kvm_ppc_regs[i].off);
		if (ret < 0 && !kvm_ppc_absent(ret))
			return ret;
	}
	return kvm_ppc_set_vectors(fd, r);
}

int kvm_arch_set_regs(struct kvm_vcpu *v, const void *regs)
{
	struct kvm_ppc_vcpu *own = v->arch;

	own->masked = own->dec_hidden = false;
	return kvm_ppc_put(v->fd, regs, true);
}

int kvm_ppc_start(int fd, const struct ppc64_regs *r)
{
	return kvm_ppc_put(fd, r, false);
}

/* The log and the shadow first: the area may go only without them. */
int kvm_ppc_forget(int fd)
{
	const uint64_t none[2] = { 0, 0 };
	int ret = kvm_ppc_set(fd, KVM_REG_PPC_VPA_DTL, none);

	if (!ret)
		ret = kvm_ppc_set(fd, KVM_REG_PPC_VPA_SLB, none);
	if (!ret)
		ret = kvm_ppc_set(fd, KVM_REG_PPC_VPA_ADDR, none);
	return kvm_ppc_absent(ret) ? 0 : ret;
}
