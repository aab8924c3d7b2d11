/* SPDX-License-Identifier: MIT */
/* KVM on arm64 hosts: the debug registers, for a debugger outside the guest. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu/arm64/debug.h"
#include "cpu/arm64/exception.h"
#include "cpu/arm64/walk.h"
#include "cpu/kvm/arm64.h"

void kvm_arch_debug_caps(struct vcpu *c, struct debug_caps *caps)
{
	const struct kvm_vm *vm = kvm_of(c);

	*caps = (struct debug_caps){
		.step = true,
		.sw_break = true,
		.breaks = (unsigned)kvm_check(vm, KVM_CAP_GUEST_DEBUG_HW_BPS),
		.watches = (unsigned)kvm_check(vm, KVM_CAP_GUEST_DEBUG_HW_WPS),
		.watch_len = ARM64_WATCH_LONGEST,
		.watch_reads = true,
	};
}

/* DBGBVR, DBGBCR, DBGWVR, DBGWCR: the last number of the encoding. */
enum { DBG_BVR = 4, DBG_BCR, DBG_WVR, DBG_WCR };

static uint64_t kvm_arm64_dbg(const struct kvm_vcpu *v, unsigned n,
			      unsigned which)
{
	uint64_t val = 0;

	kvm_arm64_get(v->fd, ARM64_SYS_REG(2, 0, 0, n, which), &val);
	return val;
}

/* The guest's own; where it uses none, no more is read. */
static void kvm_arm64_own(const struct kvm_vcpu *v,
			  struct arm64_debug_regs *own)
{
	kvm_arm64_get(v->fd, ARM64_SYS_REG(2, 0, 0, 2, 2), &own->mdscr);
	if (!(own->mdscr & ARM64_MDSCR_MDE))
		return;
	for (unsigned i = 0; i < own->breaks; i++) {
		own->bvr[i] = kvm_arm64_dbg(v, i, DBG_BVR);
		own->bcr[i] = kvm_arm64_dbg(v, i, DBG_BCR);
	}
	for (unsigned i = 0; i < own->watches; i++) {
		own->wvr[i] = kvm_arm64_dbg(v, i, DBG_WVR);
		own->wcr[i] = kvm_arm64_dbg(v, i, DBG_WCR);
	}
}

/* Everything goes through KVM's registers, so that it can be taken away. */
static int kvm_arm64_load(struct vcpu *c, struct kvm_vcpu *v,
			  struct kvm_guest_debug_arch *g, bool beside)
{
	struct kvm_arm64_vcpu *a = v->arch;
	struct arm64_debug_regs own = { 0 };
	struct debug_caps caps;
	int ret;

	kvm_arch_debug_caps(c, &caps);
	own.breaks = caps.breaks;
	own.watches = caps.watches;
	a->loaded = own;
	if (beside)
		kvm_arm64_own(v, &own);
	ret = arm64_debug_load(&v->debug, &own, &a->loaded);
	memcpy(g->dbg_bvr, a->loaded.bvr, sizeof(a->loaded.bvr));
	memcpy(g->dbg_bcr, a->loaded.bcr, sizeof(a->loaded.bcr));
	memcpy(g->dbg_wvr, a->loaded.wvr, sizeof(a->loaded.wvr));
	memcpy(g->dbg_wcr, a->loaded.wcr, sizeof(a->loaded.wcr));
	return ret;
}

/* ---- steps that no interrupt gets into */

#define PSTATE_IF (3u << 6)
#define VECTORS	  0x800 /* bytes from VBAR_EL1 on */
#define PSTATE_ID CORE_ID(regs.pstate)
#define PC_ID	  CORE_ID(regs.pc)
#define CORE_ID(field)                                         \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
	 KVM_REG_ARM_CORE_REG(field))

/*
 * For one AArch64 instruction that does not see it.  It stays until the step
 * has ended or somebody looks: KVM_RUN may return before, for a device or a
 * signal.
 */
static void kvm_arm64_mask(struct vcpu *c, struct kvm_vcpu *v)
{
	const struct mem *m = c->vm->cfg->mem;
	struct kvm_arm64_vcpu *a = v->arch;
	struct arm64_regs r = { 0 };
	uint32_t insn = 0;
	gpa_t gpa;

	if (kvm_arm64_get_few(v, &r) < 0 || r.pstate & ARM64_PSTATE_NRW ||
	    (r.pstate & PSTATE_IF) == PSTATE_IF)
		return;
	if (arm64_walk(&r, m, r.pc, &gpa) &&
	    (mem_load_le32(m, gpa, &insn) < 0 || !arm64_maskable(insn)))
		return;
	a->masked_if = r.pstate & PSTATE_IF;
	a->masked_pc = r.pc;
	r.pstate |= PSTATE_IF;
	a->masked = kvm_arm64_set(v->fd, PSTATE_ID, &r.pstate) == 0;
}

void kvm_arm64_unmask(struct kvm_vcpu *v)
{
	struct kvm_arm64_vcpu *a = v->arch;
	struct arm64_regs r = { 0 };
	uint64_t *saved = &r.pstate, id = PSTATE_ID;

	if (!a->masked || kvm_arm64_get_few(v, &r) < 0)
		return;
	a->masked = false;
	/*
	 * An exception was taken, to return to the instruction or the next one:
	 * the handler's own mask is right, and what it saved is not.
	 */
	if (r.pc - r.vbar_el1 < VECTORS && r.elr_el1 - a->masked_pc <= 4) {
		saved = &r.spsr_el1;
		id = CORE_ID(spsr[KVM_SPSR_EL1]);
	}
	*saved = (*saved & ~(uint64_t)PSTATE_IF) | a->masked_if;
	kvm_arm64_set(v->fd, id, saved);
}

/* ---- what is asked of it */

static int kvm_arm64_debug(struct vcpu *c, struct kvm_vcpu *v, bool beside)
{
	const struct vcpu_debug *d = &v->debug;
	struct kvm_guest_debug g = { 0 };
	int ret;

	kvm_arm64_unmask(v);
	if (d->step && d->irqs_blocked)
		kvm_arm64_mask(c, v);
	if (d->step || d->sw_break || d->nslots) {
		g.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW;
		ret = kvm_arm64_load(c, v, &g.arch, beside);
		if (ret < 0)
			return ret;
	}
	if (d->step)
		g.control |= KVM_GUESTDBG_SINGLESTEP;
	if (d->sw_break)
		g.control |= KVM_GUESTDBG_USE_SW_BP;
	return ioctl(v->fd, KVM_SET_GUEST_DEBUG, &g) < 0 ? -errno : 0;
}

int kvm_arch_debug_set(struct vcpu *c, struct kvm_vcpu *v)
{
	return kvm_arm64_debug(c, v, true);
}

void kvm_arch_debug_exit(struct vcpu *c, struct kvm_vcpu *v,
			 struct vcpu_stop *stop)
{
	const struct kvm_debug_exit_arch *e = &v->run->debug.arch;
	const struct kvm_arm64_vcpu *a = v->arch;

	(void)c;
	kvm_arm64_unmask(v);
	kvm_arm64_get(v->fd, PC_ID, &stop->pc);
	stop->info = e->hsr;
	switch (arm64_ec(e->hsr)) {
	case ARM64_EC_BRK64:
	case ARM64_EC_BKPT32: stop->kind = STOP_SW_BREAK; break;
	case ARM64_EC_BREAK_LOW:
		stop->slot = arm64_debug_break(&v->debug, stop->pc);
		stop->kind = stop->slot < 0 ? STOP_GUEST : STOP_HW_BREAK;
		break;
	case ARM64_EC_WATCH_LOW:
		stop->addr = e->far;
		stop->slot = arm64_debug_watch(&v->debug, &a->loaded, e->far);
		stop->kind = stop->slot < 0 ? STOP_GUEST : STOP_WATCH;
		break;
	default: stop->kind = STOP_STEP; break;
	}
}

/*
 * While somebody outside debugs, debug exceptions reach us that the guest has
 * masked at EL1: those do without the guest's registers until the next stop.
 */
int kvm_arch_debug_reflect(struct vcpu *c, struct kvm_vcpu *v,
			   const struct vcpu_stop *stop)
{
	struct arm64_regs r;
	int ret = kvm_arch_get_regs(v, &r);

	if (ret < 0)
		return ret;
	if (stop->kind == STOP_GUEST && arm64_debug_masked(&r))
		return kvm_arm64_debug(c, v, false);
	arm64_take(&r, stop->info, stop->addr);
	return kvm_arch_set_regs(v, &r);
}

/* There is none before FEAT_NMI, which KVM does not offer. */
int kvm_arch_nmi(struct kvm_vcpu *v)
{
	(void)v;
	return -ENOTSUP;
}

/*
 * While a guest's caches are off, it goes to memory itself, unless the CPU is
 * told otherwise (FEAT_S2FWB), and KVM writes the host's caches back only when
 * it maps a page.  Arm ARM D7.5.9: DC CIVAC, and CTR_EL0.DminLine in words.
 */
void kvm_arch_mem_sync(const void *host, size_t n)
{
	uintptr_t at = (uintptr_t)host, end = at + n;
	uint64_t ctr;
	size_t line;

	__asm__("mrs %0, ctr_el0" : "=r"(ctr));
	line = (size_t)4 << (ctr >> 16 & 15);
	for (at &= ~(line - 1); at < end; at += line)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb sy" : : : "memory");
}
