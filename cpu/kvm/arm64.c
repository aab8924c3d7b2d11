/* SPDX-License-Identifier: MIT */
/* KVM on arm64 hosts: the VM, its vCPUs and their features. */
#include "cpu/kvm/arm64.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const enum arch kvm_arch = ARCH_ARM64;

/* PPIs as the Base System Architecture and every kernel have them. */
#define PPI_PMU	   GIC_PPI(7)
#define PPI_VTIMER GIC_PPI(11)
#define PPI_PTIMER GIC_PPI(14)

/* KVM's, where it does not say how many it has. */
#define IPA_BITS_DEFAULT 40
#define IPA_BITS_MIN	 32

int kvm_arm64_attr(int fd, uint32_t group, uint64_t attr, const void *val)
{
	struct kvm_device_attr a = { .group = group,
				     .attr = attr,
				     .addr = (uintptr_t)val };

	return ioctl(fd, KVM_SET_DEVICE_ATTR, &a) < 0 ? -errno : 0;
}

/* ---- what the host has */

unsigned kvm_arch_phys_bits(void)
{
	int bits = kvm_check(NULL, KVM_CAP_ARM_VM_IPA_SIZE);

	return bits > 0 ? (unsigned)bits : IPA_BITS_DEFAULT;
}

void kvm_arch_host(struct accel_host *h)
{
	h->pmu = kvm_check(NULL, KVM_CAP_ARM_PMU_V3) > 0;
}

static unsigned long kvm_arm64_vm_type(unsigned bits)
{
	if (kvm_check(NULL, KVM_CAP_ARM_VM_IPA_SIZE) <= 0)
		return 0;
	return KVM_VM_TYPE_ARM_IPA_SIZE(bits < IPA_BITS_MIN ? IPA_BITS_MIN
							    : bits);
}

/* As small as the board's map lets it be: fewer levels of stage 2 tables. */
unsigned long kvm_arch_vm_type(const struct board *b)
{
	return kvm_arm64_vm_type(b->phys_bits);
}

/* Asks a VM that has no other purpose; only one can tell. */
static bool kvm_arm64_has_device(uint32_t type)
{
	struct kvm_create_device d = { .type = type,
				       .flags = KVM_CREATE_DEVICE_TEST };
	int vm = ioctl(kvm_system_fd(), KVM_CREATE_VM,
		       kvm_arm64_vm_type(IPA_BITS_MIN));
	bool has;

	if (vm < 0)
		return false;
	has = ioctl(vm, KVM_CREATE_DEVICE, &d) == 0;
	close(vm);
	return has;
}

bool kvm_arch_has_irqchip(const char *name)
{
	if (!strcmp(name, "software"))
		return kvm_check(NULL, KVM_CAP_ARM_USER_IRQ) > 0;
	if (!strcmp(name, "gicv3-its"))
		return kvm_arm64_has_device(KVM_DEV_TYPE_ARM_VGIC_ITS);
	if (!strcmp(name, "gicv3"))
		return kvm_arm64_has_device(KVM_DEV_TYPE_ARM_VGIC_V3);
	return kvm_arm64_has_device(KVM_DEV_TYPE_ARM_VGIC_V2);
}

/* ---- the VM */

static void kvm_arm64_feature(struct kvm_vcpu_init *init, unsigned bit)
{
	init->features[bit / 32] |= 1u << bit % 32;
}

/* Whether the vCPUs are to have one that they are made with. */
static int kvm_arm64_offer(struct kvm_vm *vm, unsigned feature, bool have,
			   struct err *err)
{
	unsigned wish = kvm_arm64_of(vm)->cpu.wish[feature];

	if (wish == ARM64_WITH && !have)
		return arm64_not_offered(arm64_features[feature].name, err);
	return have && wish != ARM64_WITHOUT;
}

static int kvm_arm64_features(struct kvm_vm *vm, struct err *err)
{
	struct kvm_arm64 *a = kvm_arm64_of(vm);
	bool pauth = kvm_check(vm, KVM_CAP_ARM_PTRAUTH_ADDRESS) > 0 &&
		     kvm_check(vm, KVM_CAP_ARM_PTRAUTH_GENERIC) > 0;
	int ret;

	kvm_arm64_feature(&a->init, KVM_ARM_VCPU_PSCI_0_2);
	if (a->cpu.aarch32) {
		if (kvm_check(vm, KVM_CAP_ARM_EL1_32BIT) <= 0) {
			err_set(err, ENOTSUP,
				"--cpu aarch64=off: this host's CPUs have no "
				"32-bit EL1");
			err_hint(err, "vmm check tells what they have");
			return -ENOTSUP;
		}
		kvm_arm64_feature(&a->init, KVM_ARM_VCPU_EL1_32BIT);
	}
	ret = kvm_arm64_offer(vm, ARM64_PMU,
			      kvm_check(vm, KVM_CAP_ARM_PMU_V3) > 0, err);
	if (ret > 0)
		kvm_arm64_feature(&a->init, KVM_ARM_VCPU_PMU_V3);
	if (ret >= 0)
		ret = kvm_arm64_offer(vm, ARM64_SVE,
				      kvm_check(vm, KVM_CAP_ARM_SVE) > 0, err);
	if (ret > 0)
		kvm_arm64_feature(&a->init, KVM_ARM_VCPU_SVE);
	if (ret >= 0)
		ret = kvm_arm64_offer(vm, ARM64_PAUTH, pauth, err);
	if (ret > 0) {
		kvm_arm64_feature(&a->init, KVM_ARM_VCPU_PTRAUTH_ADDRESS);
		kvm_arm64_feature(&a->init, KVM_ARM_VCPU_PTRAUTH_GENERIC);
	}
	return ret < 0 ? ret : 0;
}

static bool kvm_arm64_has(const struct kvm_arm64 *a, unsigned bit)
{
	return a->init.features[bit / 32] >> bit % 32 & 1;
}

/* To the reset state, as often as wanted; all but the first CPU are off. */
static int kvm_arm64_vcpu_init(const struct kvm_arm64 *a, int fd,
			       unsigned index, struct err *err)
{
	struct kvm_vcpu_init init = a->init;

	if (index)
		kvm_arm64_feature(&init, KVM_ARM_VCPU_POWER_OFF);
	if (ioctl(fd, KVM_ARM_VCPU_INIT, &init) < 0)
		return kvm_error(err, "a virtual CPU of that kind");
	return 0;
}

/*
 * All of them here and in order: a GICv2, and KVM_IRQ_LINE, count the vCPUs
 * as they were created, and the GIC is complete only when they are.
 */
static int kvm_arm64_vcpus(struct kvm_vm *vm, struct err *err)
{
	const struct kvm_arm64 *a = kvm_arm64_of(vm);
	int sve = KVM_ARM_VCPU_SVE;

	for (unsigned i = 0; i < vm->vm.cfg->board->ncpus; i++) {
		int fd = kvm_vcpu_open(vm, i, i, err);

		if (fd < 0 || kvm_arm64_vcpu_init(a, fd, i, err) < 0)
			return -err->code;
		if (kvm_arm64_has(a, KVM_ARM_VCPU_SVE) &&
		    ioctl(fd, KVM_ARM_VCPU_FINALIZE, &sve) < 0)
			return kvm_error(err, "SVE for a virtual CPU");
	}
	return 0;
}

static int kvm_arm64_setup(struct kvm_vm *vm, struct err *err)
{
	struct kvm_enable_cap nisv = { .cap = KVM_CAP_ARM_NISV_TO_USER };
	struct kvm_arm64 *a = kvm_arm64_of(vm);
	const struct board *b = vm->vm.cfg->board;

	if (arm64_cpu_parse(vm->vm.cfg->cpu, &a->cpu, err) < 0)
		return -err->code;
	/* Without it such an access fails KVM_RUN, and does not say where. */
	ioctl(vm->fd, KVM_ENABLE_CAP, &nisv);
	if (ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &a->init) < 0)
		return kvm_error(err, "to tell the host's CPU");
	vm->chip.nlines = b->nlines;
	a->frame = gicv2m_frame(b);
	if (kvm_arm64_features(vm, err) < 0 || kvm_arm64_vcpus(vm, err) < 0)
		return -err->code;
	return kvm_arm64_gic_init(vm, err);
}

/* One of them sets the counter of all. */
static void kvm_arm64_clock(struct kvm_vm *vm, bool stop)
{
	struct kvm_arm64 *a = kvm_arm64_of(vm);

	if (stop)
		kvm_arm64_get(vm->vcpu_fds[0], KVM_REG_ARM_TIMER_CNT,
			      &a->counter);
	else
		kvm_arm64_set(vm->vcpu_fds[0], KVM_REG_ARM_TIMER_CNT,
			      &a->counter);
}

int kvm_arch_vm_init(struct kvm_vm *vm, struct err *err)
{
	struct kvm_arm64 *a = calloc(1, sizeof(*a));

	if (!a)
		return err_nomem(err, "the VM");
	a->gic = a->its = -1;
	vm->arch = a;
	vm->clock = kvm_arm64_clock;
	return kvm_arm64_setup(vm, err);
}

void kvm_arch_vm_destroy(struct kvm_vm *vm)
{
	if (vm->arch)
		kvm_arm64_gic_destroy(vm->arch);
}

/* ---- lines and messages */

void kvm_arch_line_route(struct kvm_irq_routing_entry *e, uint32_t line)
{
	e->gsi = line;
	e->type = KVM_IRQ_ROUTING_IRQCHIP;
	e->u.irqchip.irqchip = 0;
	e->u.irqchip.pin = line;
}

uint32_t kvm_arch_line(uint32_t line)
{
	return KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | GIC_SPI(line);
}

/* A message to the GICv2m frame is an edge of an SPI. */
bool kvm_arch_msi_line(const struct kvm_vm *vm, const struct msi_msg *msg,
		       uint32_t *line)
{
	int spi = gicv2m_spi(&kvm_arm64_of(vm)->frame, msg);

	*line = (uint32_t)spi;
	return spi >= 0;
}

/* One of the interrupt inputs of a vCPU; *was: what KVM has there. */
static void kvm_arm64_input(struct vcpu *c, uint32_t input, bool *was,
			    bool level)
{
	struct kvm_irq_level l = {
		.irq = KVM_ARM_IRQ_TYPE_CPU << KVM_ARM_IRQ_TYPE_SHIFT |
		       (c->index & KVM_ARM_IRQ_VCPU_MASK)
			       << KVM_ARM_IRQ_VCPU_SHIFT |
		       c->index >> 8 << KVM_ARM_IRQ_VCPU2_SHIFT | input,
		.level = level
	};

	if (*was == level)
		return;
	*was = level;
	ioctl(kvm_of(c)->fd, KVM_IRQ_LINE, &l);
}

void kvm_arch_vcpu_lines(struct vcpu *c, bool irq, bool fiq)
{
	struct kvm_vcpu *v = c->priv;
	struct kvm_arm64_vcpu *a = v->arch;

	kvm_arm64_input(c, KVM_ARM_IRQ_CPU_IRQ, &a->irq, irq);
	kvm_arm64_input(c, KVM_ARM_IRQ_CPU_FIQ, &a->fiq, fiq);
}

/* Where the chip is in hw/: what timers and PMU drive, as it changes. */
static void kvm_arm64_ppis(struct vcpu *c, struct kvm_vcpu *v, uint64_t lines)
{
	static const struct {
		uint64_t bit;
		unsigned intid;
	} ppis[] = {
		{ KVM_ARM_DEV_EL1_VTIMER, PPI_VTIMER },
		{ KVM_ARM_DEV_EL1_PTIMER, PPI_PTIMER },
		{ KVM_ARM_DEV_PMU, PPI_PMU },
	};
	const struct vcpu_events *ev = &c->group->events;
	struct kvm_arm64_vcpu *a = v->arch;
	uint64_t changed = a->lines ^ lines;

	a->lines = lines;
	if (!changed || !ev->ppi)
		return;
	for (unsigned i = 0; i < sizeof(ppis) / sizeof(*ppis); i++)
		if (changed & ppis[i].bit)
			ev->ppi(ev->opaque, c->index, ppis[i].intid,
				lines & ppis[i].bit);
}

void kvm_arch_ran(struct vcpu *c, struct kvm_vcpu *v, bool interrupted)
{
	(void)interrupted;
	kvm_arm64_ppis(c, v, v->run->s.regs.device_irq_level);
}

/* ---- vCPUs */

unsigned long kvm_arch_vcpu_id(const struct vcpu *c)
{
	return c->index; /* KVM makes the MPIDR of it as the board does */
}

/* The ID registers of features.h, in its order. */
static const uint64_t kvm_arm64_ids[ARM64_IDS] = {
	[ARM64_PFR0] = ARM64_SYS_REG(3, 0, 0, 4, 0),
	[ARM64_PFR1] = ARM64_SYS_REG(3, 0, 0, 4, 1),
	[ARM64_ISAR0] = ARM64_SYS_REG(3, 0, 0, 6, 0),
	[ARM64_ISAR1] = ARM64_SYS_REG(3, 0, 0, 6, 1),
	[ARM64_ISAR2] = ARM64_SYS_REG(3, 0, 0, 6, 2),
	[ARM64_MMFR2] = ARM64_SYS_REG(3, 0, 0, 7, 2),
};

#define PFR0_GIC (UINT64_C(0xf) << 24)

/*
 * The host's GICv3 shows in its CPUs' ID register, and a guest that has another
 * controller takes that for broken firmware.  Kernels before 6.11 or so do not
 * let it be hidden; such a guest warns and goes on.
 */
static void kvm_arm64_hide_gicv3(int fd)
{
	uint64_t pfr0;

	if (kvm_arm64_get(fd, kvm_arm64_ids[ARM64_PFR0], &pfr0) < 0)
		return;
	pfr0 &= ~PFR0_GIC;
	kvm_arm64_set(fd, kvm_arm64_ids[ARM64_PFR0], &pfr0);
}

static int kvm_arm64_refused(const struct arm64_cpu *cpu, unsigned id,
			     struct err *err)
{
	const char *name = "";

	for (unsigned i = 0; i < ARM64_FEATURES; i++)
		if (arm64_features[i].id == id && cpu->wish[i] == ARM64_WITHOUT)
			name = arm64_features[i].name;
	err_set(err, ENOTSUP,
		"--cpu: this host's KVM cannot hide '%s' from guests", name);
	err_hint(err, "Linux 6.7 and later can; or leave out -%s", name);
	return -ENOTSUP;
}

/* Takes from the vCPU's ID registers what --cpu took away. */
static int kvm_arm64_select(const struct kvm_arm64 *a, int fd, struct err *err)
{
	uint64_t had[ARM64_IDS] = { 0 }, id[ARM64_IDS];

	for (unsigned i = 0; i < ARM64_IDS; i++)
		if (kvm_arm64_get(fd, kvm_arm64_ids[i], &had[i]) < 0)
			had[i] = 0; /* one that this kernel does not know */
	memcpy(id, had, sizeof(id));
	if (arm64_cpu_select(&a->cpu, id, err) < 0)
		return -err->code;
	for (unsigned i = 0; i < ARM64_IDS; i++)
		if (id[i] != had[i] &&
		    kvm_arm64_set(fd, kvm_arm64_ids[i], &id[i]) < 0)
			return kvm_arm64_refused(&a->cpu, i, err);
	return 0;
}

static int kvm_arm64_pmu(const struct kvm_arm64 *a, int fd, struct err *err)
{
	int irq = PPI_PMU, ret = 0;

	if (!kvm_arm64_has(a, KVM_ARM_VCPU_PMU_V3))
		return 0;
	if (a->gic >= 0)
		ret = kvm_arm64_attr(fd, KVM_ARM_VCPU_PMU_V3_CTRL,
				     KVM_ARM_VCPU_PMU_V3_IRQ, &irq);
	if (!ret)
		ret = kvm_arm64_attr(fd, KVM_ARM_VCPU_PMU_V3_CTRL,
				     KVM_ARM_VCPU_PMU_V3_INIT, NULL);
	if (!ret)
		return 0;
	err_set(err, -ret, "KVM refused a PMU: %s", strerror(-ret));
	err_hint(err, "do without it: --cpu host,-pmu");
	return ret;
}

static bool kvm_arm64_chosen(const struct arm64_cpu *cpu)
{
	for (unsigned i = ARM64_VCPU_FEATURES; i < ARM64_FEATURES; i++)
		if (cpu->wish[i] != ARM64_AS_HOST)
			return true;
	return false;
}

int kvm_arch_vcpu_init(struct vcpu *c, struct kvm_vcpu *v, struct err *err)
{
	const struct kvm_arm64 *a = kvm_arm64_of(kvm_of(c));
	struct kvm_arm64_vcpu *own = calloc(1, sizeof(*own));

	if (!own)
		return err_nomem(err, "a virtual CPU");
	own->aarch32 = a->cpu.aarch32;
	own->sve = kvm_arm64_has(a, KVM_ARM_VCPU_SVE);
	own->pauth = kvm_arm64_has(a, KVM_ARM_VCPU_PTRAUTH_ADDRESS);
	v->arch = own;
	if (!a->gicv3)
		kvm_arm64_hide_gicv3(v->fd);
	if (kvm_arm64_chosen(&a->cpu) && kvm_arm64_select(a, v->fd, err) < 0)
		return -err->code;
	return kvm_arm64_pmu(a, v->fd, err);
}

/*
 * KVM_ARM_VCPU_INIT resets everything of a vCPU.  On hosts where a guest
 * without its MMU sees memory past the caches it also unmaps the guest's
 * memory; as a page is mapped again, and the first time, KVM cleans it to the
 * point of coherency.  So what a loader wrote before this, the guest sees.
 */
int kvm_arch_vcpu_reset(struct vcpu *c, struct kvm_vcpu *v,
			const struct boot_start *start, bool first,
			struct err *err)
{
	const struct kvm_arm64 *a = kvm_arm64_of(kvm_of(c));
	struct kvm_arm64_vcpu *own = v->arch;
	int ret = 0;

	own->masked = false;
	if (!first) {
		v->run->s.regs.device_irq_level = 0;
		kvm_arm64_ppis(c, v, 0);
		ret = kvm_arm64_vcpu_init(a, v->fd, c->index, err);
		own->irq = own->fiq = false; /* by that */
	}
	if (ret < 0 || !start)
		return ret;
	ret = kvm_arm64_start(v->fd, start);
	if (ret < 0)
		err_set(err, -ret, "KVM refused the reset registers: %s",
			strerror(-ret));
	return ret;
}

bool kvm_arch_is_exit(const struct kvm_vcpu *v, int failed)
{
	(void)v, (void)failed;
	return false;
}

bool kvm_arch_exit(struct vcpu *c, struct kvm_vcpu *v, struct vcpu_exit *x)
{
	const struct kvm_run *run = v->run;

	(void)c;
	if (run->exit_reason != KVM_EXIT_ARM_NISV)
		return false;
	kvm_crash(x,
		  "an access to 0x%" PRIx64 ", where no memory is, by an "
		  "instruction that KVM cannot emulate (ISS 0x%" PRIx64 ")",
		  (uint64_t)run->arm_nisv.fault_ipa,
		  (uint64_t)run->arm_nisv.esr_iss);
	return true;
}
