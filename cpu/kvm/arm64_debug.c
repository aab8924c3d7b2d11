/* SPDX-License-Identifier: MIT */
/* KVM on arm64 hosts: the debug registers, for a debugger outside the guest. */
#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "cpu/arm64/exception.h"
#include "cpu/kvm/arm64.h"

/* DBGBCR and DBGWCR: Arm ARM D17.3.2 and D17.3.12. */
#define DBG_E	    (1u << 0)
#define DBG_EL0_EL1 (3u << 1)
#define DBG_LOAD    (1u << 3)
#define DBG_STORE   (1u << 4)
#define DBG_BAS(b)  ((uint64_t)(b) << 5)
#define DBG_MASK(n) ((uint64_t)(n) << 24)
/* A range of more than 8 bytes: a power of two up to this, aligned. */
#define DBG_LONGEST (UINT64_C(1) << 31)

void kvm_arch_debug_caps(struct vcpu *c, struct debug_caps *caps)
{
	const struct kvm_vm *vm = kvm_of(c);

	*caps = (struct debug_caps){
		.step = true,
		.sw_break = true,
		.breaks = (unsigned)kvm_check(vm, KVM_CAP_GUEST_DEBUG_HW_BPS),
		.watches = (unsigned)kvm_check(vm, KVM_CAP_GUEST_DEBUG_HW_WPS),
		.watch_len = DBG_LONGEST,
		.watch_reads = true,
	};
}

/* The value and the control register of a watchpoint. */
static int kvm_arm64_watch(const struct debug_slot *d, __u64 *wvr, __u64 *wcr)
{
	static const uint64_t how[] = { [DEBUG_WRITE] = DBG_STORE,
					[DEBUG_READ] = DBG_LOAD,
					[DEBUG_ACCESS] = DBG_LOAD | DBG_STORE };
	uint64_t first = d->addr & 7;

	*wcr = DBG_E | DBG_EL0_EL1 | how[d->kind];
	*wvr = d->addr & ~UINT64_C(7);
	if (!d->len)
		return -EINVAL;
	if (first + d->len <= 8) {
		*wcr |= DBG_BAS(((1u << d->len) - 1) << first);
		return 0;
	}
	if (d->len & (d->len - 1) || d->addr & (d->len - 1) ||
	    d->len > DBG_LONGEST)
		return -EINVAL;
	*wvr = d->addr;
	*wcr |= DBG_BAS(0xff) | DBG_MASK(__builtin_ctzll(d->len));
	return 0;
}

static int kvm_arm64_slots(struct vcpu *c, const struct vcpu_debug *d,
			   struct kvm_guest_debug_arch *a)
{
	struct debug_caps caps;
	unsigned nb = 0, nw = 0;

	kvm_arch_debug_caps(c, &caps);
	for (unsigned i = 0; i < d->nslots; i++) {
		const struct debug_slot *s = &d->slot[i];
		int ret;

		if (s->kind == DEBUG_EXEC) {
			if (nb == caps.breaks)
				return -ENOSPC;
			a->dbg_bvr[nb] = s->addr & ~UINT64_C(3);
			a->dbg_bcr[nb++] = DBG_E | DBG_EL0_EL1 | DBG_BAS(0xf);
			continue;
		}
		if (nw == caps.watches)
			return -ENOSPC;
		ret = kvm_arm64_watch(s, &a->dbg_wvr[nw], &a->dbg_wcr[nw]);
		if (ret < 0)
			return ret;
		nw++;
	}
	return 0;
}

int kvm_arch_debug_set(struct vcpu *c, struct kvm_vcpu *v)
{
	const struct vcpu_debug *d = &v->debug;
	struct kvm_guest_debug g = { 0 };
	int ret = kvm_arm64_slots(c, d, &g.arch);

	if (ret < 0)
		return ret;
	if (d->step || d->sw_break || d->nslots)
		g.control = KVM_GUESTDBG_ENABLE;
	if (d->step)
		g.control |= KVM_GUESTDBG_SINGLESTEP;
	if (d->sw_break)
		g.control |= KVM_GUESTDBG_USE_SW_BP;
	if (d->nslots)
		g.control |= KVM_GUESTDBG_USE_HW;
	return ioctl(v->fd, KVM_SET_GUEST_DEBUG, &g) < 0 ? -errno : 0;
}

/*
 * Which slot an access at far hit: one that covers it, or else the nearest one
 * behind it, since a wide access that begins before a watched byte reports its
 * own address (Arm ARM D2.10.5).
 */
static int kvm_arm64_hit(const struct vcpu_debug *d, uint64_t far)
{
	uint64_t best = UINT64_MAX;
	int hit = -1;

	for (unsigned i = 0; i < d->nslots; i++) {
		const struct debug_slot *s = &d->slot[i];
		uint64_t away = far - s->addr < s->len ? 0 : s->addr - far;

		if (s->kind != DEBUG_EXEC && away < best) {
			best = away;
			hit = (int)i;
		}
	}
	return hit;
}

static int kvm_arm64_at(const struct vcpu_debug *d, uint64_t pc)
{
	for (unsigned i = 0; i < d->nslots; i++)
		if (d->slot[i].kind == DEBUG_EXEC && d->slot[i].addr == pc)
			return (int)i;
	return -1;
}

void kvm_arch_debug_exit(struct vcpu *c, struct kvm_vcpu *v,
			 struct vcpu_stop *stop)
{
	const struct kvm_debug_exit_arch *e = &v->run->debug.arch;

	(void)c;
	kvm_arm64_get(v->fd,
		      KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
			      KVM_REG_ARM_CORE_REG(regs.pc),
		      &stop->pc);
	stop->info = e->hsr;
	switch (arm64_ec(e->hsr)) {
	case ARM64_EC_BRK64:
	case ARM64_EC_BKPT32: stop->kind = STOP_SW_BREAK; break;
	case ARM64_EC_BREAK_LOW:
		stop->kind = STOP_HW_BREAK;
		stop->slot = kvm_arm64_at(&v->debug, stop->pc);
		break;
	case ARM64_EC_WATCH_LOW:
		stop->kind = STOP_WATCH;
		stop->addr = e->far;
		stop->slot = kvm_arm64_hit(&v->debug, e->far);
		break;
	default: stop->kind = STOP_STEP; break;
	}
}

int kvm_arch_debug_reflect(struct vcpu *c, struct kvm_vcpu *v,
			   const struct vcpu_stop *stop)
{
	struct arm64_regs r;
	int ret = kvm_arch_get_regs(v, &r);

	(void)c;
	if (ret < 0)
		return ret;
	if (!arm64_take(&r, stop->info, stop->addr))
		return -ENOTSUP;
	return kvm_arch_set_regs(v, &r);
}

/* There is none before FEAT_NMI, which KVM does not offer. */
int kvm_arch_nmi(struct kvm_vcpu *v)
{
	(void)v;
	return -ENOTSUP;
}
