/* SPDX-License-Identifier: MIT */
/* KVM on x86_64 hosts: debugging from outside the guest.  SDM volume 3, 17.2.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu/kvm/x86_64.h"
#include "cpu/kvm/x86_64_tiny.h"

#define X86_DB 1u /* vectors */
#define X86_BP 3u

/* Of this host: whether a step can be kept from interrupts. */
static bool debug_blocks_irqs;

/* ---- what really stops */

/*
 * Some KVMs take KVM_SET_GUEST_DEBUG and then do not stop: software ones, and
 * those whose hardware is an emulator.  So each way is tried once, in a tiny
 * VM: an OUT that the guest reaches says that nothing stopped it.
 */
struct debug_trial {
	uint8_t code[8];
	uint32_t control;
	uint64_t dr0, dr7;
	uint64_t pc; /* where it is to stop */
};

static const struct debug_trial debug_trial_step = {
	.code = { 0x90, 0x90, 0xe6, 0x10, 0xeb, 0xfe }, /* nop; nop; out; jmp */
	.control = KVM_GUESTDBG_SINGLESTEP,
	.pc = 1,
};
static const struct debug_trial debug_trial_int3 = {
	.code = { 0x90, 0xcc, 0xe6, 0x10, 0xeb, 0xfe }, /* nop; int3; ... */
	.control = KVM_GUESTDBG_USE_SW_BP,
	.pc = 1,
};
static const struct debug_trial debug_trial_break = {
	.code = { 0x90, 0x90, 0xe6, 0x10, 0xeb, 0xfe },
	.control = KVM_GUESTDBG_USE_HW_BP,
	.dr0 = 1,
	.dr7 = X86_DR7_FIXED | X86_DR7_EXACT | 2,
	.pc = 1,
};
static const struct debug_trial debug_trial_watch = {
	.code = { 0x88, 0x03, 0xe6, 0x10, 0xeb, 0xfe }, /* mov %al, (%rbx) */
	.control = KVM_GUESTDBG_USE_HW_BP,
	.dr0 = 0x800,
	.dr7 = X86_DR7_FIXED | X86_DR7_EXACT | 2 | 1u << 16,
	.pc = 2,
};

static bool debug_try(const struct debug_trial *d)
{
	struct kvm_guest_debug g = { .control = KVM_GUESTDBG_ENABLE |
						d->control };
	struct tiny t;
	bool good = false;
	int ret;

	g.arch.debugreg[0] = d->dr0;
	g.arch.debugreg[7] = d->dr7;
	if (tiny_open(&t, kvm_system_fd(), d->code, sizeof(d->code), d->dr0) ==
		    0 &&
	    ioctl(t.vcpu, KVM_SET_GUEST_DEBUG, &g) == 0) {
		do
			ret = ioctl(t.vcpu, KVM_RUN, 0);
		while (ret < 0 && errno == EINTR);
		good = ret == 0 && t.run->exit_reason == KVM_EXIT_DEBUG &&
		       t.run->debug.arch.pc == d->pc;
	}
	tiny_close(&t);
	return good;
}

void kvm_arch_debug_caps(struct vcpu *c, struct debug_caps *caps)
{
	debug_blocks_irqs = kvm_check(kvm_of(c), KVM_CAP_SET_GUEST_DEBUG2) &
			    KVM_GUESTDBG_BLOCKIRQ;
	*caps = (struct debug_caps){
		.step = debug_try(&debug_trial_step),
		.sw_break = debug_try(&debug_trial_int3),
		.breaks = debug_try(&debug_trial_break) ? X86_DEBUG_SLOTS : 0,
		.watches = debug_try(&debug_trial_watch) ? X86_DEBUG_SLOTS : 0,
		.shared = true,
		.watch_len = 8,
	};
}

/* ---- what is asked of it */

int kvm_arch_debug_set(struct vcpu *c, struct kvm_vcpu *v)
{
	const struct vcpu_debug *d = &v->debug;
	struct kvm_x86_vcpu *a = v->arch;
	struct kvm_guest_debug g = { 0 };
	struct kvm_debugregs own = { 0 };
	int ret;

	(void)c;
	if (d->nslots && ioctl(v->fd, KVM_GET_DEBUGREGS, &own) < 0)
		return -errno;
	ret = x86_debug_load(d, (const uint64_t *)own.db, own.dr7, &a->loaded);
	if (ret < 0)
		return ret;
	if (d->step || d->sw_break || d->nslots)
		g.control = KVM_GUESTDBG_ENABLE;
	if (d->step)
		g.control |= KVM_GUESTDBG_SINGLESTEP;
	if (g.control && d->irqs_blocked && debug_blocks_irqs)
		g.control |= KVM_GUESTDBG_BLOCKIRQ;
	if (d->sw_break)
		g.control |= KVM_GUESTDBG_USE_SW_BP;
	if (d->nslots) {
		g.control |= KVM_GUESTDBG_USE_HW_BP;
		memcpy(g.arch.debugreg, a->loaded.dr, sizeof(a->loaded.dr));
		g.arch.debugreg[7] = a->loaded.dr7;
	}
	return ioctl(v->fd, KVM_SET_GUEST_DEBUG, &g) < 0 ? -errno : 0;
}

void kvm_arch_debug_exit(struct vcpu *c, struct kvm_vcpu *v,
			 struct vcpu_stop *stop)
{
	const struct kvm_debug_exit_arch *e = &v->run->debug.arch;
	const struct kvm_x86_vcpu *a = v->arch;

	(void)c;
	stop->pc = e->pc;
	if (e->exception == X86_BP)
		stop->kind = STOP_SW_BREAK;
	else
		x86_debug_stop(&v->debug, &a->loaded, e->dr6, e->dr7, stop);
}

/* info: the guest's bits of DR6. */
int kvm_arch_debug_reflect(struct vcpu *c, struct kvm_vcpu *v,
			   const struct vcpu_stop *stop)
{
	bool trap = stop->kind == STOP_SW_BREAK;
	struct kvm_vcpu_events ev;
	struct kvm_debugregs dr;

	(void)c;
	if (ioctl(v->fd, KVM_GET_VCPU_EVENTS, &ev) < 0 ||
	    ioctl(v->fd, KVM_GET_DEBUGREGS, &dr) < 0)
		return -errno;
	ev.flags = 0;
	ev.exception.injected = 1;
	ev.exception.nr = trap ? X86_BP : X86_DB;
	ev.exception.has_error_code = 0;
	if (!trap) {
		dr.dr6 &= ~(uint64_t)X86_DR6_SLOTS;
		dr.dr6 |= stop->info;
		if (ioctl(v->fd, KVM_SET_DEBUGREGS, &dr) < 0)
			return -errno;
	}
	return ioctl(v->fd, KVM_SET_VCPU_EVENTS, &ev) < 0 ? -errno : 0;
}

int kvm_arch_nmi(struct kvm_vcpu *v)
{
	return ioctl(v->fd, KVM_NMI) < 0 ? -errno : 0;
}

/* Caches are coherent whatever the guest makes of them. */
void kvm_arch_mem_sync(const void *host, size_t n)
{
	(void)host, (void)n;
}
