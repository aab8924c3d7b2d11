/* SPDX-License-Identifier: MIT */
/* KVM on ppc64le hosts: the VM, its MMU, its vCPUs and their hypercalls. */
#include "cpu/kvm/ppc64le.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hw/spapr/hcall.h"
#include "hw/spapr/rtas.h"

const enum arch kvm_arch = ARCH_PPC64LE;

/* Guest-real addresses that the board may use. */
#define PPC_PHYS_BITS 47

/* Hypercalls that KVM answers when it is asked to; else they come here. */
static const uint32_t kvm_ppc_hcalls[] = {
	0x3c,  /* H_LOGICAL_CI_LOAD */
	0x40,  /* H_LOGICAL_CI_STORE */
	0x31c, /* H_SET_MODE */
};

/* ---- what the host has */

unsigned kvm_arch_phys_bits(void)
{
	return PPC_PHYS_BITS;
}

bool kvm_arch_has_irqchip(const char *name)
{
	if (!strcmp(name, "kernel-xics"))
		return kvm_check(NULL, KVM_CAP_IRQ_XICS) > 0 &&
		       kvm_check(NULL, KVM_CAP_PPC_RTAS) > 0;
	if (!strcmp(name, "xive"))
		return kvm_check(NULL, KVM_CAP_PPC_IRQ_XIVE) > 0;
	return !strcmp(name, "xics") &&
	       kvm_check(NULL, KVM_CAP_PPC_UNSET_IRQ) > 0;
}

/* Every CPU lets programs read it, or Linux does in its place. */
static uint32_t kvm_ppc_pvr(void)
{
	unsigned long pvr;

	__asm__("mfpvr %0" : "=r"(pvr));
	return (uint32_t)pvr;
}

static uint32_t kvm_ppc_timebase(void)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	unsigned hz = 0;
	char line[128];

	while (f && !hz && fgets(line, sizeof(line), f))
		if (sscanf(line, "timebase : %u", &hz) != 1)
			hz = 0;
	if (f)
		fclose(f);
	return hz ? hz : 512000000; /* of every POWER8 and later */
}

static void kvm_ppc_segments(const struct kvm_ppc_smmu_info *info,
			     struct board_ppc *p)
{
	p->slbs = info->slb_size;
	p->tera_segments = info->flags & KVM_PPC_1T_SEGMENTS;
	p->real_pages = info->flags & KVM_PPC_PAGE_SIZES_REAL;
	for (unsigned i = 0; i < BOARD_PPC_SIZES; i++) {
		const struct kvm_ppc_one_seg_page_size *s = &info->sps[i];

		p->segment[i].shift = (uint8_t)s->page_shift;
		p->segment[i].slb_encoding = (uint16_t)s->slb_enc;
		for (unsigned k = 0; k < BOARD_PPC_SIZES; k++)
			p->segment[i].page[k] = (struct board_ppc_page){
				(uint8_t)s->enc[k].page_shift,
				(uint16_t)s->enc[k].pte_enc,
			};
	}
}

static void kvm_ppc_mmus(int vm, struct board_ppc *p)
{
	struct kvm_ppc_smmu_info hash = { 0 };
	struct kvm_ppc_rmmu_info radix = { 0 };
	if (ioctl(vm, KVM_PPC_GET_SMMU_INFO, &hash) == 0 &&
	    !(hash.flags & KVM_PPC_NO_HASH))
		kvm_ppc_segments(&hash, p);
	if (p->has_radix && ioctl(vm, KVM_PPC_GET_RMMU_INFO, &radix) == 0)
		memcpy(p->radix_page, radix.ap_encodings,
		       sizeof(p->radix_page));
}

/*
 * Only a VM can tell of its MMU, and of which kinds there are; these have no
 * other purpose.  KVM's own choice is HV, where it has both.
 */
static void kvm_ppc_kinds(struct board_ppc *p)
{
	int hv = ioctl(kvm_system_fd(), KVM_CREATE_VM, KVM_VM_PPC_HV);
	int pr = ioctl(kvm_system_fd(), KVM_CREATE_VM, KVM_VM_PPC_PR);

	p->kvm_hv = hv >= 0;
	p->kvm_pr = pr >= 0;
	if (p->kvm_hv || p->kvm_pr)
		kvm_ppc_mmus(p->kvm_hv ? hv : pr, p);
	if (p->kvm_hv)
		close(hv);
	if (p->kvm_pr)
		close(pr);
	p->calls_taken = p->kvm_pr && kvm_pr_calls_taken();
}

void kvm_arch_host(struct accel_host *h)
{
	struct board_ppc *p = &h->ppc;

	p->pvr = kvm_ppc_pvr();
	p->timebase_hz = kvm_ppc_timebase();
	p->page_shift = (uint8_t)__builtin_ctzl((unsigned long)getpagesize());
	p->has_radix = kvm_check(NULL, KVM_CAP_PPC_MMU_RADIX) > 0;
	p->has_xics = kvm_arch_has_irqchip("kernel-xics");
	p->has_nested = kvm_check(NULL, KVM_CAP_PPC_NESTED_HV) > 0;
	p->hash = p->pvr >> 16 < PVR_POWER9 ||
		  kvm_check(NULL, KVM_CAP_PPC_MMU_HASH_V3) > 0;
	kvm_ppc_kinds(p);
}

unsigned long kvm_arch_vm_type(const struct board *b)
{
	return b->ppc.kvm_type;
}

/* ---- the MMU */

static int kvm_ppc_configure_mmu(struct kvm_vm *vm, const struct papr_mmu *mmu)
{
	struct kvm_ppc_mmuv3_cfg cfg = {
		.flags = (mmu->radix ? KVM_PPC_MMUV3_RADIX : 0) |
			 (mmu->gtse ? KVM_PPC_MMUV3_GTSE : 0),
		.process_table = mmu->prtbl,
	};

	if (ioctl(vm->fd, KVM_PPC_CONFIGURE_V3_MMU, &cfg) < 0)
		return -errno;
	__atomic_store_n(&kvm_ppc_of(vm)->papr.prtbl, mmu->prtbl,
			 __ATOMIC_RELEASE);
	return 0;
}

/*
 * An entry of the hash table, which KVM has.  KVM_PPC_GET_HTAB_FD (KVM API,
 * 4.77): headers, each before the valid entries that it counts, big-endian.
 */
static bool kvm_ppc_hash_entry(void *opaque, uint64_t index, uint64_t pte[2])
{
	const struct kvm_ppc *p = opaque;
	struct kvm_get_htab_fd from = { .start_index = index };
	struct {
		struct kvm_get_htab_header head;
		uint64_t pte[2];
		uint64_t room; /* KVM wants more than it will write */
	} got;
	int fd = ioctl(p->vm->fd, KVM_PPC_GET_HTAB_FD, &from);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, &got, sizeof(got));
	close(fd);
	if (n < (ssize_t)offsetof(typeof(got), room) ||
	    got.head.index != index || !got.head.n_valid)
		return false;
	pte[0] = be64toh(got.pte[0]);
	pte[1] = be64toh(got.pte[1]);
	return true;
}

/* As a machine starts: no process table, an empty hash table. */
static int kvm_ppc_mmu_reset(struct kvm_vm *vm, struct err *err)
{
	const struct board_ppc *b = &vm->vm.cfg->board->ppc;
	const struct papr_mmu mmu = { .radix = b->radix,
				      .gtse = b->radix,
				      .prtbl = b->radix ? PPC64_PRTBL_RADIX
							: 0 };
	uint32_t shift = b->htab_shift;

	if (b->pr)
		return kvm_pr_reset(kvm_ppc_of(vm), shift, err);
	if (b->pvr >> 16 >= PVR_POWER9 && kvm_ppc_configure_mmu(vm, &mmu) < 0)
		return kvm_error(err,
				 b->radix ? "a radix guest" : "a hash guest");
	if (b->radix)
		return 0;
	if (ioctl(vm->fd, KVM_PPC_ALLOCATE_HTAB, &shift) < 0) {
		kvm_error(err, "a hash page table");
		err_hint(err, "give the guest less memory, or the host's "
			      "kernel more with kvm_cma_resv_ratio=");
		return -err->code;
	}
	kvm_ppc_of(vm)->papr.hash = (struct ppc64_hash){
		.read = kvm_ppc_hash_entry,
		.opaque = kvm_ppc_of(vm),
		.shift = shift,
	};
	return 0;
}

/* ---- the clocks */

/* KVM takes a time base's offset in multiples of that. */
#define PPC_TB_STEP (UINT64_C(1) << 24)

/*
 * The time base does not stop, but each vCPU sees it with an offset.  What is
 * less than a step of that passes: if it were hidden later, time would go back.
 * KVM on POWER8 has one offset for several vCPUs: all are read before any is
 * set.
 */
static void kvm_ppc_clock(struct kvm_vm *vm, bool stop)
{
	struct kvm_ppc *p = kvm_ppc_of(vm);
	uint64_t hide, now = kvm_ppc_ticks();

	if (stop)
		p->clock_at = now;
	hide = (now - p->clock_at) & ~(PPC_TB_STEP - 1);
	for (unsigned i = 0; i < vm->vm.cfg->board->ncpus; i++) {
		struct kvm_vcpu *v = p->cpu[i]->priv;
		struct kvm_ppc_vcpu *own = v->arch;
		uint64_t offset = own->tb_offset - hide;

		if (stop)
			own->clock_moves = kvm_ppc_get(v->fd,
						       KVM_REG_PPC_TB_OFFSET,
						       &own->tb_offset) == 0;
		else if (hide && own->clock_moves)
			kvm_ppc_set(v->fd, KVM_REG_PPC_TB_OFFSET, &offset);
	}
}

/* ---- DMA tables */

/*
 * The kernel counts them as locked memory, of which a user may have too little:
 * then they are ours.
 */
static bool kvm_ppc_tce_open(struct tce_kernel *k, uint32_t liobn,
			     uint64_t base, unsigned shift, uint64_t n, int *fd)
{
	const struct kvm_ppc *p = container_of(k, struct kvm_ppc, tces);
	struct kvm_create_spapr_tce_64 t = { .liobn = liobn,
					     .page_shift = shift,
					     .offset = base >> shift,
					     .size = n };

	*fd = ioctl(p->vm->fd, KVM_CREATE_SPAPR_TCE_64, &t);
	return *fd >= 0;
}

/* ILE and AIL are the partition's; KVM keeps them by the core. */
static void kvm_ppc_lpcr(struct kvm_vcpu *v)
{
	const uint64_t ours = PPC64_LPCR_ILE | PPC64_LPCR_AIL;
	struct kvm_ppc_vcpu *own = v->arch;
	uint64_t want = __atomic_load_n(&own->vm->papr.lpcr, __ATOMIC_ACQUIRE);
	uint64_t lpcr;

	if (own->lpcr == want ||
	    kvm_ppc_get(v->fd, KVM_REG_PPC_LPCR_64, &lpcr) < 0)
		return;
	lpcr = (lpcr & ~ours) | want;
	if (kvm_ppc_set(v->fd, KVM_REG_PPC_LPCR_64, &lpcr) == 0)
		own->lpcr = want;
}

/* ---- what hypercalls about CPUs ask for: cpu/ppc64/calls.c */

static struct kvm_ppc *kvm_ppc_papr(struct papr_cpus *p)
{
	return container_of(p, struct kvm_ppc, papr);
}

/* The others take it over as they leave the guest. */
static void kvm_papr_lpcr(struct papr_cpus *p, unsigned cpu)
{
	struct vcpu *c = kvm_ppc_papr(p)->cpu[cpu];

	kvm_ppc_lpcr(c->priv);
	vcpus_kick(c->group, c);
}

static int kvm_papr_mmu(struct papr_cpus *p, const struct papr_mmu *mmu)
{
	return kvm_ppc_configure_mmu(kvm_ppc_papr(p)->vm, mmu);
}

static int kvm_papr_characteristics(struct papr_cpus *p, uint64_t out[2])
{
	struct kvm_ppc_cpu_char ch = { 0 };

	if (ioctl(kvm_ppc_papr(p)->vm->fd, KVM_PPC_GET_CPU_CHAR, &ch) < 0)
		return -errno;
	out[0] = ch.character & ch.character_mask;
	out[1] = ch.behaviour & ch.behaviour_mask;
	return 0;
}

static void kvm_papr_system_reset(struct papr_cpus *p, unsigned cpu)
{
	struct vcpu *c = kvm_ppc_papr(p)->cpu[cpu];
	const struct kvm_vcpu *v = c->priv;
	struct kvm_ppc_vcpu *own = v->arch;

	__atomic_store_n(&own->system_reset, true, __ATOMIC_SEQ_CST);
	c->vm->accel->vcpu_kick(c);
}

/* A signal ends the wait in the kernel. */
static void kvm_papr_wake(struct papr_cpus *p, unsigned cpu)
{
	struct vcpu *c = kvm_ppc_papr(p)->cpu[cpu];

	c->vm->accel->vcpu_kick(c);
}

static const struct papr_ops kvm_papr_ops = {
	.lpcr = kvm_papr_lpcr,
	.mmu = kvm_papr_mmu,
	.characteristics = kvm_papr_characteristics,
	.system_reset = kvm_papr_system_reset,
	.wake = kvm_papr_wake,
};

/* ---- the VM */

static void kvm_ppc_enable_hcalls(struct kvm_vm *vm)
{
	for (size_t i = 0; i < sizeof(kvm_ppc_hcalls) / sizeof(uint32_t); i++) {
		struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_ENABLE_HCALL,
					      .args = { kvm_ppc_hcalls[i],
							1 } };

		ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
	}
}

/* The hypercalls by which a guest runs guests are then KVM's. */
static int kvm_ppc_nested(struct kvm_vm *vm, struct err *err)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_PPC_NESTED_HV,
				      .args = { 1 } };

	if (vm->vm.cfg->board->ppc.nested &&
	    ioctl(vm->fd, KVM_ENABLE_CAP, &cap) < 0)
		return kvm_error(err, "nested=on");
	return 0;
}

int kvm_arch_vm_init(struct kvm_vm *vm, struct err *err)
{
	struct kvm_ppc *p = calloc(1, sizeof(*p));

	if (!p)
		return err_nomem(err, "the VM");
	p->chip = -1;
	p->vm = vm;
	vm->arch = p;
	papr_cpus_init(&p->papr, &kvm_papr_ops, vm->vm.cfg->board,
		       vm->vm.cfg->mem);
	p->cpu = calloc(vm->vm.cfg->board->ncpus, sizeof(*p->cpu));
	if (!p->cpu || !p->papr.areas)
		return err_nomem(err, "the VM");
	p->papr.no_ail = vm->vm.cfg->board->ppc.pr;
	vm->vm.papr = &p->papr;
	p->tces.open = kvm_ppc_tce_open;
	if (kvm_check(vm, KVM_CAP_SPAPR_TCE_64))
		vm->vm.tces = &p->tces;
	vm->clock = kvm_ppc_clock;
	kvm_ppc_enable_hcalls(vm);
	if (kvm_ppc_mmu_reset(vm, err) < 0 || kvm_ppc_nested(vm, err) < 0)
		return -err->code;
	return kvm_ppc_irqchip_init(vm, err);
}

void kvm_arch_vm_destroy(struct kvm_vm *vm)
{
	struct kvm_ppc *p = vm->arch;

	if (!p)
		return;
	free(p->table);
	free(p->cpu);
	papr_cpus_destroy(&p->papr);
	kvm_ppc_irqchip_destroy(p);
}

int kvm_arch_vm_reset(struct kvm_vm *vm, struct err *err)
{
	__atomic_store_n(&kvm_ppc_of(vm)->papr.lpcr, 0, __ATOMIC_RELEASE);
	if (kvm_ppc_mmu_reset(vm, err) < 0)
		return -err->code;
	return kvm_ppc_irqchip_reset(vm, err);
}

/* ---- vCPUs */

unsigned long kvm_arch_vcpu_id(const struct vcpu *c)
{
	return kvm_of(c)->vm.cfg->board->cpus[c->index].hw_id;
}

int kvm_arch_vcpu_init(struct vcpu *c, struct kvm_vcpu *v, struct err *err)
{
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	struct kvm_vm *vm = kvm_of(c);
	struct kvm_ppc_vcpu *own = calloc(1, sizeof(*own));

	if (!own)
		return err_nomem(err, "a virtual CPU");
	v->arch = own;
	own->vm = kvm_ppc_of(vm);
	own->vm->cpu[c->index] = c;
	if (ioctl(v->fd, KVM_ENABLE_CAP, &papr) < 0)
		return kvm_error(err, "a pSeries' virtual CPU");
	kvm_ppc_get(v->fd, KVM_REG_PPC_DEBUG_INST, &own->breakpoint);
	return kvm_ppc_irqchip_connect(vm, v->fd, (uint32_t)kvm_arch_vcpu_id(c),
				       err);
}

int kvm_arch_vcpu_reset(struct vcpu *c, struct kvm_vcpu *v,
			const struct boot_start *start, bool first,
			struct err *err)
{
	struct ppc64_regs r;
	struct kvm_ppc_vcpu *own = v->arch;
	int ret = 0;

	kvm_ppc_unmask(v);
	__atomic_store_n(&own->system_reset, false, __ATOMIC_SEQ_CST);
	papr_cpu_reset(&own->vm->papr, c->index);
	if (!first) {
		ret = kvm_ppc_forget(v->fd);
		kvm_arch_vcpu_lines(c, false, false);
	}
	if (!ret)
		ret = kvm_ppc_icp_reset(own->vm, v->fd);
	if (!ret && own->vm->table)
		ret = kvm_pr_vcpu_reset(own->vm, v->fd);
	kvm_ppc_lpcr(v);
	target_ppc64.reset(&r, start);
	if (!ret)
		ret = kvm_ppc_start(v->fd, &r);
	if (ret < 0)
		err_set(err, -ret, "KVM refused the reset registers: %s",
			strerror(-ret));
	return ret;
}

/* Between two exits, as only then the registers are its own. */
void kvm_arch_ran(struct vcpu *c, struct kvm_vcpu *v, bool interrupted)
{
	struct kvm_ppc_vcpu *own = v->arch;

	(void)c;
	kvm_ppc_lpcr(v);
	if (interrupted &&
	    __atomic_exchange_n(&own->system_reset, false, __ATOMIC_SEQ_CST))
		kvm_arch_nmi(v);
}

/* ---- exits */

/*
 * With its own XICS KVM reads the arguments of RTAS calls first, and fails
 * where it cannot: a guest's mistake, which is answered as it is without.
 */
bool kvm_arch_is_exit(const struct kvm_vcpu *v, int failed)
{
	return (failed == EINVAL || failed == EFAULT) &&
	       v->run->exit_reason == KVM_EXIT_PAPR_HCALL &&
	       v->run->papr_hcall.nr == H_RTAS;
}

bool kvm_arch_exit(struct vcpu *c, struct kvm_vcpu *v, struct vcpu_exit *x)
{
	struct kvm_run *run = v->run;

	(void)c;
	if (run->exit_reason != KVM_EXIT_PAPR_HCALL)
		return false;
	x->kind = VMEXIT_HCALL;
	x->hcall.nr = run->papr_hcall.nr;
	memcpy(x->hcall.in, run->papr_hcall.args, sizeof(x->hcall.in));
	run->exit_reason = KVM_EXIT_UNKNOWN; /* see kvm_arch_is_exit() */
	return true;
}

/* Its only such interrupt is System Reset. */
int kvm_arch_nmi(struct kvm_vcpu *v)
{
	struct ppc64_regs r;
	int ret = kvm_arch_get_regs(v, &r);

	if (ret < 0)
		return ret;
	ppc64_system_reset(&r);
	return kvm_ppc_start(v->fd, &r);
}
