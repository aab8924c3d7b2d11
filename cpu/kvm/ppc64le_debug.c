/* SPDX-License-Identifier: MIT */
/* KVM on ppc64le hosts: breakpoints, for a debugger outside the guest. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpu/kvm/ppc64le.h"
#include "cpu/kvm/tiny.h"
#include "cpu/target.h"

/*
 * Every KVM-HV names an instruction at which it would stop.  Whether it hears
 * of it is the CPU's affair: where a hypervisor below emulates the nested
 * guests of this one, such a guest takes it for an illegal instruction.  So it
 * is tried once, in a VM of one page.
 */
#define TINY_SIZE    0x10000u /* the largest page of a host */
#define TINY_HTAB    18	      /* log2 of the smallest table */
#define TINY_PROGRAM 0x700    /* an illegal instruction leads there */
#define TINY_HCALL   0xf0fc   /* which nobody knows */

static int tiny_mmu(int vm, const struct board_ppc *b)
{
	struct kvm_ppc_mmuv3_cfg cfg = { 0 };
	uint32_t shift = TINY_HTAB;

	if (b->radix) {
		cfg.flags = KVM_PPC_MMUV3_RADIX | KVM_PPC_MMUV3_GTSE;
		cfg.process_table = PPC64_PRTBL_RADIX;
	}
	if (b->pvr >> 16 >= PVR_POWER9 &&
	    ioctl(vm, KVM_PPC_CONFIGURE_V3_MMU, &cfg) < 0)
		return -1;
	return b->radix ? 0 : ioctl(vm, KVM_PPC_ALLOCATE_HTAB, &shift);
}

/* One that is about to execute the instruction, in real mode. */
static int tiny_open(struct tiny *t, const struct board *b)
{
	static const uint8_t sc1[] = { 0x44, 0x00, 0x00, 0x22 };
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	struct kvm_guest_debug g = { .control = KVM_GUESTDBG_ENABLE |
						KVM_GUESTDBG_USE_SW_BP };
	int kvm_fd = kvm_system_fd();
	struct ppc64_regs r;

	if (tiny_vm(t, kvm_fd, kvm_arch_vm_type(b)) < 0 ||
	    tiny_mmu(t->vm, &b->ppc) < 0 || tiny_memory(t, TINY_SIZE) < 0)
		return -1;
	target_ppc64.breakpoint(NULL, 4, t->mem + 0x100);
	memcpy(t->mem + TINY_PROGRAM, sc1, sizeof(sc1));
	if (tiny_vcpu(t, kvm_fd) < 0 ||
	    ioctl(t->vcpu, KVM_ENABLE_CAP, &papr) < 0)
		return -1;
	target_ppc64.reset(&r, NULL);
	r.gpr[3] = TINY_HCALL;
	if (kvm_ppc_start(t->vcpu, &r) < 0)
		return -1;
	return ioctl(t->vcpu, KVM_SET_GUEST_DEBUG, &g);
}

/* False where it came to the guest's own handler, and called us from there. */
static bool kvm_ppc_traps(const struct board *b)
{
	struct tiny t;
	bool traps = true;

	if (tiny_open(&t, b) == 0) {
		int ret;

		do
			ret = ioctl(t.vcpu, KVM_RUN, 0);
		while (ret < 0 && errno == EINTR);
		traps = ret < 0 || t.run->exit_reason == KVM_EXIT_DEBUG;
	}
	tiny_close(&t);
	return traps;
}

void kvm_arch_debug_caps(struct vcpu *c, struct debug_caps *caps)
{
	const struct kvm_ppc_vcpu *own = ((struct kvm_vcpu *)c->priv)->arch;
	const struct board *b = kvm_of(c)->vm.cfg->board;
	uint8_t insn[8];
	uint32_t ours;

	target_ppc64.breakpoint(NULL, 4, insn);
	memcpy(&ours, insn, sizeof(ours));
	caps->sw_break = own->breakpoint == ours &&
			 (b->ppc.pr || kvm_ppc_traps(b));
}

int kvm_arch_debug_set(struct vcpu *c, struct kvm_vcpu *v)
{
	const struct vcpu_debug *d = &v->debug;
	struct kvm_guest_debug g = {
		.control = d->sw_break ? KVM_GUESTDBG_ENABLE |
						 KVM_GUESTDBG_USE_SW_BP
				       : 0,
	};

	(void)c;
	if (d->step || d->nslots)
		return -ENOSPC;
	kvm_ppc_unmask(v);
	if (d->irqs_blocked)
		kvm_ppc_mask(v);
	return ioctl(v->fd, KVM_SET_GUEST_DEBUG, &g) < 0 ? -errno : 0;
}

void kvm_arch_debug_exit(struct vcpu *c, struct kvm_vcpu *v,
			 struct vcpu_stop *stop)
{
	(void)c;
	kvm_ppc_unmask(v);
	stop->kind = STOP_SW_BREAK;
	stop->pc = v->run->debug.arch.address;
}

/* Its own such instruction is an illegal one: a program interrupt. */
int kvm_arch_debug_reflect(struct vcpu *c, struct kvm_vcpu *v,
			   const struct vcpu_stop *stop)
{
	struct ppc64_regs r;
	int ret = kvm_arch_get_regs(v, &r);

	(void)c, (void)stop;
	if (ret < 0)
		return ret;
	ppc64_illegal(&r);
	return kvm_ppc_start(v->fd, &r);
}

/* Caches are coherent whatever the guest makes of them. */
void kvm_arch_mem_sync(const void *host, size_t n)
{
	(void)host, (void)n;
}
