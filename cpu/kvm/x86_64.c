/* SPDX-License-Identifier: MIT */
/* KVM on x86_64 hosts: interrupt chips, CPUID, reset. */
#include <cpuid.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cpu/kvm/x86_64.h"
#include "hw/core/boot_start.h"

const enum arch kvm_arch = ARCH_X86_64;

#define IOAPIC_PINS 24

/*
 * Four pages below the firmware area that KVM on Intel hosts without
 * unrestricted guest mode needs for itself (KVM_SET_IDENTITY_MAP_ADDR and
 * KVM_SET_TSS_ADDR in the KVM API document); no RAM and no device is there.
 */
#define IDENTITY_MAP_ADDR UINT64_C(0xfeffc000)
#define TSS_ADDR	  0xfeffd000ul

#define MSR_IA32_TSC	    0x10
#define MSR_IA32_TSC_ADJUST 0x3b
#define MSR_MTRR_DEF_TYPE   0x2ff
/* SDM volume 3, 12.11.2.1: MTRRs on, everything write-back. */
#define MTRR_ON_WRITE_BACK (1u << 11 | 6)

#define CPUID_1_ECX_X2APIC	 (1u << 21)
#define CPUID_1_ECX_TSC_DEADLINE (1u << 24)
#define CPUID_1_ECX_HYPERVISOR	 (1u << 31)

/* What KVM supports: a host's constant, and dear to ask for. */
static struct {
	pthread_once_t once;
	struct x86_cpuid cpuid;
	int err_no; /* 0: it answered */
} supported = { PTHREAD_ONCE_INIT, .err_no = ENOMEM };

static void kvm_ask_cpuid(void)
{
	struct x86_cpuid *out = &supported.cpuid;
	struct kvm_cpuid2 *k;

	k = calloc(1, sizeof(*k) + X86_CPUID_MAX * sizeof(k->entries[0]));
	if (!k)
		return;
	k->nent = X86_CPUID_MAX;
	supported.err_no = 0;
	if (ioctl(kvm_system_fd(), KVM_GET_SUPPORTED_CPUID, k) < 0) {
		supported.err_no = errno;
		k->nent = 0;
	}
	for (uint32_t i = 0; i < k->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &k->entries[i];

		out->e[out->n++] = (struct x86_cpuid_entry){
			.leaf = e->function,
			.sub = e->index,
			.indexed = e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
			.eax = e->eax,
			.ebx = e->ebx,
			.ecx = e->ecx,
			.edx = e->edx,
		};
	}
	free(k);
}

static int kvm_supported_cpuid(struct x86_cpuid *out, struct err *err)
{
	pthread_once(&supported.once, kvm_ask_cpuid);
	if (supported.err_no) {
		errno = supported.err_no;
		return kvm_error(err, "its CPUID table");
	}
	*out = supported.cpuid;
	return 0;
}

/* The processor's name; some KVMs leave it blank in their table. */
static void kvm_x86_brand(struct x86_cpuid *c)
{
	for (uint32_t leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
		struct x86_cpuid_entry *e = x86_cpuid_find(c, leaf, 0);

		if (e && !(e->eax | e->ebx | e->ecx | e->edx))
			__cpuid(leaf, e->eax, e->ebx, e->ecx, e->edx);
	}
}

unsigned kvm_arch_phys_bits(void)
{
	struct x86_cpuid c;
	struct x86_cpuid_entry *e;
	struct err err = { 0 };

	if (kvm_supported_cpuid(&c, &err) < 0)
		return 36;
	e = x86_cpuid_find(&c, 0x80000008, 0);
	return e && (e->eax & 0xff) >= 32 ? e->eax & 0xff : 36;
}

/* ---- interrupt chips */

static int kvm_enable(struct kvm_vm *vm, uint32_t cap, uint64_t arg)
{
	struct kvm_enable_cap e = { .cap = cap, .args[0] = arg };

	return ioctl(vm->fd, KVM_ENABLE_CAP, &e);
}

bool kvm_arch_has_irqchip(const char *name)
{
	return kvm_check(NULL, strcmp(name, "split")
				       ? KVM_CAP_IRQCHIP
				       : KVM_CAP_SPLIT_IRQCHIP) > 0;
}

void kvm_arch_host(struct accel_host *h)
{
	(void)h; /* the board asks nothing */
}

/*
 * They come with the in-kernel chips.  A guest that was not told of them does
 * not mask them, and would be sent lines 0 to 15 at the vectors of a reset.
 */
static int kvm_x86_hide_pics(struct kvm_vm *vm, struct err *err)
{
	for (uint32_t i = KVM_IRQCHIP_PIC_MASTER; i <= KVM_IRQCHIP_PIC_SLAVE;
	     i++) {
		struct kvm_irqchip pic = { .chip_id = i };

		pic.chip.pic.imr = 0xff;
		if (ioctl(vm->fd, KVM_SET_IRQCHIP, &pic) < 0)
			return kvm_error(err, "to reset the PIC");
	}
	return 0;
}

static int kvm_x86_chips(struct kvm_vm *vm, struct err *err)
{
	uint64_t map = IDENTITY_MAP_ADDR;

	ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &map);
	ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR);
	if (vm->vm.cfg->split_irqchip) {
		if (kvm_enable(vm, KVM_CAP_SPLIT_IRQCHIP, IOAPIC_PINS) < 0)
			return kvm_error(err, "a split interrupt chip");
	} else if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0) < 0) {
		return kvm_error(err, "an interrupt chip");
	} else if (kvm_x86_hide_pics(vm, err) < 0) {
		return -err->code;
	}
	/* 32-bit APIC ids, and no broadcast at 255; older kernels lack it. */
	kvm_enable(vm, KVM_CAP_X2APIC_API,
		   KVM_X2APIC_API_USE_32BIT_IDS |
			   KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK);
	return 0;
}

unsigned long kvm_arch_vm_type(const struct board *b)
{
	(void)b;
	return 0;
}

/* As the guest would read it now; 0 where KVM does not tell. */
static uint64_t kvm_x86_tsc(int fd)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} m = { .head.nmsrs = 1, .entry.index = MSR_IA32_TSC };

	return ioctl(fd, KVM_GET_MSRS, &m) == 1 ? m.entry.data : 0;
}

/*
 * What passed meanwhile is taken off each vCPU's offset, so that their TSCs
 * stay in step; KVM would not take a TSC itself back by less than a second.
 * Kernels before 5.16 have no such attribute: the TSC goes on there.
 */
static void kvm_x86_tsc_back(int fd, uint64_t ticks)
{
	uint64_t offset;
	struct kvm_device_attr a = { .group = KVM_VCPU_TSC_CTRL,
				     .attr = KVM_VCPU_TSC_OFFSET,
				     .addr = (uintptr_t)&offset };

	if (ioctl(fd, KVM_GET_DEVICE_ATTR, &a) < 0)
		return;
	offset -= ticks;
	ioctl(fd, KVM_SET_DEVICE_ATTR, &a);
}

/*
 * The TSC; kvmclock; and a word to each vCPU that uses it that it was stopped,
 * so that a kernel's watchdog does not take that for a lockup.
 */
static void kvm_x86_clock(struct kvm_vm *vm, bool stop)
{
	struct kvm_x86 *x = vm->arch;
	unsigned n = vm->vm.cfg->board->ncpus;
	uint64_t ticks;

	if (stop) {
		ioctl(vm->fd, KVM_GET_CLOCK, &x->clock);
		x->tsc = kvm_x86_tsc(vm->vcpu_fds[0]);
		return;
	}
	ticks = kvm_x86_tsc(vm->vcpu_fds[0]) - x->tsc;
	for (unsigned i = 0; x->tsc && i < n; i++)
		kvm_x86_tsc_back(vm->vcpu_fds[i], ticks);
	x->clock.flags = 0; /* as it was, wherever the host's clocks are now */
	ioctl(vm->fd, KVM_SET_CLOCK, &x->clock);
	for (unsigned i = 0; i < n; i++)
		ioctl(vm->vcpu_fds[i], KVM_KVMCLOCK_CTRL, 0);
}

int kvm_arch_vm_init(struct kvm_vm *vm, struct err *err)
{
	const struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };

	vm->arch = calloc(1, sizeof(struct kvm_x86));
	if (!vm->arch)
		return err_nomem(err, "the VM");
	vm->clock = kvm_x86_clock;
	vm->chip.nlines = IOAPIC_PINS;
	if (kvm_x86_chips(vm, err) < 0)
		return -err->code;
	if (board_find(vm->vm.cfg->board, "pit") &&
	    ioctl(vm->fd, KVM_CREATE_PIT2, &pit) < 0)
		return kvm_error(err, "a PIT");
	return 0;
}

void kvm_arch_vm_destroy(struct kvm_vm *vm)
{
	(void)vm;
}

int kvm_arch_vm_reset(struct kvm_vm *vm, struct err *err)
{
	struct kvm_irqchip io = { .chip_id = KVM_IRQCHIP_IOAPIC };
	struct kvm_pit_state2 pit = { 0 };

	if (board_find(vm->vm.cfg->board, "pit") &&
	    ioctl(vm->fd, KVM_SET_PIT2, &pit) < 0)
		return kvm_error(err, "to reset the PIT");
	if (vm->vm.cfg->split_irqchip)
		return 0;
	io.chip.ioapic.base_address = 0xfec00000;
	for (unsigned i = 0; i < IOAPIC_PINS; i++)
		io.chip.ioapic.redirtbl[i].fields.mask = 1;
	if (ioctl(vm->fd, KVM_SET_IRQCHIP, &io) < 0)
		return kvm_error(err, "to reset the IOAPIC");
	return kvm_x86_hide_pics(vm, err);
}

void kvm_arch_line_route(struct kvm_irq_routing_entry *e, uint32_t line)
{
	e->gsi = line;
	e->type = KVM_IRQ_ROUTING_IRQCHIP;
	e->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
	e->u.irqchip.pin = line;
}

uint32_t kvm_arch_line(uint32_t line)
{
	return line;
}

bool kvm_arch_msi_line(const struct kvm_vm *vm, const struct msi_msg *msg,
		       uint32_t *line)
{
	(void)vm, (void)msg, (void)line;
	return false;
}

/* No chip in hw/ does without the local APICs in the kernel. */
void kvm_arch_vcpu_lines(struct vcpu *c, bool irq, bool fiq)
{
	(void)c, (void)irq, (void)fiq;
}

/* ---- vCPUs */

unsigned long kvm_arch_vcpu_id(const struct vcpu *c)
{
	return c->vm->cfg->board->cpus[c->index].hw_id;
}

static int kvm_x86_set_cpuid(int fd, const struct x86_cpuid *c, struct err *err)
{
	struct kvm_cpuid2 *k;
	int ret;

	k = calloc(1, sizeof(*k) + c->n * sizeof(k->entries[0]));
	if (!k)
		return err_nomem(err, "the CPUID table");
	k->nent = c->n;
	for (unsigned i = 0; i < c->n; i++)
		k->entries[i] = (struct kvm_cpuid_entry2){
			.function = c->e[i].leaf,
			.index = c->e[i].sub,
			.flags = c->e[i].indexed
					 ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX
					 : 0,
			.eax = c->e[i].eax,
			.ebx = c->e[i].ebx,
			.ecx = c->e[i].ecx,
			.edx = c->e[i].edx,
		};
	ret = ioctl(fd, KVM_SET_CPUID2, k) < 0
		      ? kvm_error(err, "the vCPU's CPUID table")
		      : 0;
	free(k);
	return ret;
}

static int kvm_x86_cpuid(struct vcpu *c, struct x86_cpuid *id, struct err *err)
{
	const struct accel_config *cfg = c->vm->cfg;
	struct x86_cpuid_entry *e;
	int ret = kvm_supported_cpuid(id, err);

	if (ret < 0)
		return ret;
	kvm_x86_brand(id);
	e = x86_cpuid_find(id, 1, 0);
	if (e) {
		/* KVM's chip does these; its table leaves them to the user. */
		e->ecx |= CPUID_1_ECX_HYPERVISOR | CPUID_1_ECX_X2APIC;
		if (kvm_check(kvm_of(c), KVM_CAP_TSC_DEADLINE_TIMER))
			e->ecx |= CPUID_1_ECX_TSC_DEADLINE;
	}
	ret = x86_cpuid_select(id, cfg->cpu, err);
	if (ret == 0)
		x86_cpuid_place(id, cfg->board, c->index);
	return ret;
}

int kvm_arch_vcpu_init(struct vcpu *c, struct kvm_vcpu *v, struct err *err)
{
	struct x86_cpuid *id = calloc(1, sizeof(*id));
	int ret;

	if (!id)
		return err_nomem(err, "the CPUID table");
	ret = kvm_x86_cpuid(c, id, err);
	if (!ret)
		ret = kvm_x86_set_cpuid(v->fd, id, err);
	if (!ret && kvm_x86_regs_init(c, v, id) < 0)
		ret = err_nomem(err, "a vCPU's registers");
	free(id);
	return ret;
}

void kvm_arch_ran(struct vcpu *c, struct kvm_vcpu *v, bool interrupted)
{
	(void)c, (void)v, (void)interrupted;
}

bool kvm_arch_is_exit(const struct kvm_vcpu *v, int failed)
{
	(void)v, (void)failed;
	return false;
}

bool kvm_arch_exit(struct vcpu *c, struct kvm_vcpu *v, struct vcpu_exit *x)
{
	(void)c;
	switch (v->run->exit_reason) {
	case KVM_EXIT_IOAPIC_EOI:
		x->kind = VMEXIT_EOI;
		x->eoi.vector = v->run->eoi.vector;
		return true;
	case KVM_EXIT_SET_TPR: x->kind = VMEXIT_AGAIN; return true;
	default: return false;
	}
}

/* ---- reset */

/* All of a vCPU's state beyond struct x86_regs. */
struct kvm_x86_image {
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	struct kvm_xsave *xsave;
	size_t xsave_size;
	struct kvm_xcrs xcrs;
	struct kvm_vcpu_events events;
	struct kvm_debugregs debug;
	struct kvm_lapic_state lapic;
	struct kvm_mp_state mp;
	struct kvm_msrs *msrs;
};

static struct kvm_msrs *kvm_x86_msr_list(void)
{
	struct kvm_msr_list none = { 0 }, *list;
	struct kvm_msrs *msrs = NULL;

	ioctl(kvm_system_fd(), KVM_GET_MSR_INDEX_LIST, &none);
	list = calloc(1, sizeof(*list) + none.nmsrs * sizeof(list->indices[0]));
	if (!list)
		return NULL;
	list->nmsrs = none.nmsrs;
	if (ioctl(kvm_system_fd(), KVM_GET_MSR_INDEX_LIST, list) == 0)
		msrs = calloc(1,
			      sizeof(*msrs) +
				      list->nmsrs * sizeof(msrs->entries[0]));
	for (uint32_t i = 0; msrs && i < list->nmsrs; i++) {
		uint32_t msr = list->indices[i];

		/* Time goes on through a reset. */
		if (msr != MSR_IA32_TSC && msr != MSR_IA32_TSC_ADJUST)
			msrs->entries[msrs->nmsrs++].index = msr;
	}
	free(list);
	return msrs;
}

/* Reads or writes them all; those that KVM lacks or refuses stay as is. */
static void kvm_x86_msrs(int fd, unsigned long how, struct kvm_msrs *msrs)
{
	uint32_t n = msrs->nmsrs;
	struct kvm_msrs *one =
		calloc(1, sizeof(*one) + sizeof(one->entries[0]));

	if (!one)
		return;
	one->nmsrs = 1;
	for (uint32_t i = 0; i < n; i++) {
		one->entries[0] = msrs->entries[i];
		if (ioctl(fd, how, one) == 1)
			msrs->entries[i] = one->entries[0];
		else
			msrs->entries[i--] = msrs->entries[--n];
	}
	msrs->nmsrs = n;
	free(one);
}

static int kvm_x86_image_get(int fd, struct kvm_x86_image *im)
{
	unsigned long get_xsave = im->xsave_size > sizeof(*im->xsave)
					  ? KVM_GET_XSAVE2
					  : KVM_GET_XSAVE;

	if (ioctl(fd, KVM_GET_SREGS, &im->sregs) < 0 ||
	    ioctl(fd, KVM_GET_FPU, &im->fpu) < 0 ||
	    ioctl(fd, get_xsave, im->xsave) < 0 ||
	    ioctl(fd, KVM_GET_XCRS, &im->xcrs) < 0 ||
	    ioctl(fd, KVM_GET_VCPU_EVENTS, &im->events) < 0 ||
	    ioctl(fd, KVM_GET_DEBUGREGS, &im->debug) < 0 ||
	    ioctl(fd, KVM_GET_LAPIC, &im->lapic) < 0 ||
	    ioctl(fd, KVM_GET_MP_STATE, &im->mp) < 0)
		return -errno;
	kvm_x86_msrs(fd, KVM_GET_MSRS, im->msrs);
	return 0;
}

static int kvm_x86_image_set(int fd, struct kvm_x86_image *im)
{
	if (ioctl(fd, KVM_SET_MP_STATE, &im->mp) < 0 ||
	    ioctl(fd, KVM_SET_SREGS, &im->sregs) < 0 ||
	    ioctl(fd, KVM_SET_XCRS, &im->xcrs) < 0 ||
	    ioctl(fd, KVM_SET_XSAVE, im->xsave) < 0)
		return -errno;
	kvm_x86_msrs(fd, KVM_SET_MSRS, im->msrs);
	if (ioctl(fd, KVM_SET_LAPIC, &im->lapic) < 0 ||
	    ioctl(fd, KVM_SET_DEBUGREGS, &im->debug) < 0 ||
	    ioctl(fd, KVM_SET_VCPU_EVENTS, &im->events) < 0)
		return -errno;
	return 0;
}

/*
 * The reset state is what a vCPU has that KVM just made, so one is made, in a
 * VM of its own, and read.  It costs nothing until a guest reboots, and knows
 * every MSR that this kernel knows.
 */
static int kvm_x86_fresh(struct vcpu *c, struct kvm_x86_image *im,
			 struct err *err)
{
	struct kvm_vm *vm = kvm_of(c);
	struct kvm_vm scratch = { .vm = vm->vm };
	struct x86_cpuid *id = calloc(1, sizeof(*id));
	int fd = -1, ret = -ENOMEM;

	scratch.fd = ioctl(kvm_system_fd(), KVM_CREATE_VM, 0);
	if (!id || scratch.fd < 0) {
		kvm_error(err, "a scratch VM");
		goto out;
	}
	if (kvm_x86_chips(&scratch, err) < 0)
		goto out;
	fd = ioctl(scratch.fd, KVM_CREATE_VCPU, kvm_arch_vcpu_id(c));
	if (fd < 0) {
		kvm_error(err, "a scratch vCPU");
		goto out;
	}
	if (kvm_x86_cpuid(c, id, err) < 0 || kvm_x86_set_cpuid(fd, id, err) < 0)
		goto out;
	ret = kvm_x86_image_get(fd, im);
	if (ret < 0)
		err_set(err, -ret, "KVM refused a vCPU's reset state: %s",
			strerror(-ret));
out:
	if (fd >= 0)
		close(fd);
	if (scratch.fd >= 0)
		close(scratch.fd);
	free(id);
	return ret < 0 ? -err->code : 0;
}

static int kvm_x86_restore(struct vcpu *c, struct kvm_vcpu *v, struct err *err)
{
	struct kvm_x86_image im = { 0 };
	int size = kvm_check(kvm_of(c), KVM_CAP_XSAVE2), ret;

	im.xsave_size = (size_t)size > sizeof(*im.xsave) ? (size_t)size
							 : sizeof(*im.xsave);
	im.xsave = calloc(1, im.xsave_size);
	im.msrs = kvm_x86_msr_list();
	if (!im.xsave || !im.msrs) {
		ret = err_nomem(err, "a vCPU's reset state");
		goto out;
	}
	ret = kvm_x86_fresh(c, &im, err);
	if (ret < 0)
		goto out;
	ret = kvm_x86_image_set(v->fd, &im);
	if (ret < 0)
		err_set(err, -ret, "KVM refused to reset a vCPU: %s",
			strerror(-ret));
out:
	free(im.xsave);
	free(im.msrs);
	return ret;
}

/*
 * What firmware leaves behind for a kernel: MTRRs on, everything cacheable.
 * A KVM without them runs all memory write-back anyway.
 */
static void kvm_x86_mtrr(struct kvm_vcpu *v)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} m = { .head.nmsrs = 1,
		.entry = { .index = MSR_MTRR_DEF_TYPE,
			   .data = MTRR_ON_WRITE_BACK } };

	ioctl(v->fd, KVM_SET_MSRS, &m);
}

int kvm_arch_vcpu_reset(struct vcpu *c, struct kvm_vcpu *v,
			const struct boot_start *start, bool first,
			struct err *err)
{
	struct x86_regs r, now;
	int ret;

	if (!first) {
		ret = kvm_x86_restore(c, v, err);
		if (ret < 0)
			return ret;
	}
	kvm_x86_mtrr(v);
	ret = kvm_x86_get(v, &now);
	if (ret == 0) {
		target_x86_64.reset(&r, start);
		r.apic_base = now.apic_base; /* says which CPU boots */
		r.gpr[2] = now.gpr[2];	     /* and what model it is */
		ret = kvm_x86_set(v, &r);
	}
	if (ret < 0)
		return err_set(err, -ret, "KVM refused the reset registers: %s",
			       strerror(-ret));
	return 0;
}
