/* SPDX-License-Identifier: MIT */
/* KVM's GICv2, GICv3 and ITS: made where the board has them, and reset. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cpu/kvm/arm64_gic.h"

/* KVM has no use for fewer, and takes multiples of 32 only. */
#define GIC_MIN_IRQS 64

static const struct board_dev *
gic_part(const struct board *b, const struct device_class *class, unsigned *i)
{
	const struct board_dev *d = board_next_class(b, class->name, i);

	return d && d->in_kernel ? d : NULL;
}

int kvm_arm64_gic_refused(int ret, const char *what, struct err *err)
{
	return ret < 0 ? err_set(err, -ret, "KVM refused %s: %s", what,
				 strerror(-ret))
		       : 0;
}

static int gic_create(struct kvm_vm *vm, uint32_t type, const char *what,
		      int *fd, struct err *err)
{
	struct kvm_create_device d = { .type = type };

	if (ioctl(vm->fd, KVM_CREATE_DEVICE, &d) < 0)
		return kvm_error(err, what);
	*fd = d.fd;
	return 0;
}

static int gic_place(int fd, uint64_t type, uint64_t addr)
{
	return kvm_arm64_attr(fd, KVM_DEV_ARM_VGIC_GRP_ADDR, type, &addr);
}

/* ---- making them */

static int gic_v2_create(struct kvm_vm *vm, const struct board_dev *dist,
			 struct err *err)
{
	struct kvm_arm64 *a = kvm_arm64_of(vm);
	const struct board_dev *cpu;
	unsigned i = 0;
	int ret = gic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V2, "a GICv2", &a->gic,
			     err);

	if (ret < 0)
		return ret;
	cpu = gic_part(vm->vm.cfg->board, &gicv2_cpu_class, &i);
	ret = gic_place(a->gic, KVM_VGIC_V2_ADDR_TYPE_DIST, dist->base);
	if (!ret && cpu)
		ret = gic_place(a->gic, KVM_VGIC_V2_ADDR_TYPE_CPU, cpu->base);
	return kvm_arm64_gic_refused(ret, "the GICv2's place", err);
}

/* KVM's word for a region: how many CPUs, where, which of the regions. */
static uint64_t gic_redist_region(const struct board_dev *d, unsigned index)
{
	return d->size / GICV3_REDIST_STRIDE << 52 | d->base | index;
}

static int gic_v3_create(struct kvm_vm *vm, const struct board_dev *dist,
			 struct err *err)
{
	struct kvm_arm64 *a = kvm_arm64_of(vm);
	const struct board_dev *redist;
	unsigned i = 0, n = 0;
	int ret = gic_create(vm, KVM_DEV_TYPE_ARM_VGIC_V3, "a GICv3", &a->gic,
			     err);

	if (ret < 0)
		return ret;
	a->gicv3 = true;
	ret = gic_place(a->gic, KVM_VGIC_V3_ADDR_TYPE_DIST, dist->base);
	while (!ret &&
	       (redist = gic_part(vm->vm.cfg->board, &gicv3_redist_class, &i)))
		ret = gic_place(a->gic, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
				gic_redist_region(redist, n++));
	return kvm_arm64_gic_refused(ret, "the GICv3's place", err);
}

static int gic_its_create(struct kvm_vm *vm, struct err *err)
{
	struct kvm_arm64 *a = kvm_arm64_of(vm);
	const struct board_dev *d;
	unsigned i = 0;
	int ret;

	d = gic_part(vm->vm.cfg->board, &gic_its_class, &i);
	if (!d)
		return 0;
	ret = gic_create(vm, KVM_DEV_TYPE_ARM_VGIC_ITS, "an ITS", &a->its, err);
	if (ret < 0)
		return ret;
	ret = gic_place(a->its, KVM_VGIC_ITS_ADDR_TYPE, d->base);
	if (!ret)
		ret = kvm_arm64_attr(a->its, KVM_DEV_ARM_VGIC_GRP_CTRL,
				     KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	return kvm_arm64_gic_refused(ret, "the ITS's place", err);
}

uint32_t kvm_arm64_gic_irqs(const struct board *b)
{
	uint32_t n = (GIC_SPI(b->nlines) + 31) / 32 * 32;

	return n < GIC_MIN_IRQS ? GIC_MIN_IRQS : n;
}

int kvm_arm64_gic_init(struct kvm_vm *vm, struct err *err)
{
	struct kvm_arm64 *a = kvm_arm64_of(vm);
	const struct board *b = vm->vm.cfg->board;
	const struct board_dev *v2, *v3;
	unsigned i = 0, k = 0;
	uint32_t irqs = kvm_arm64_gic_irqs(b);
	int ret;

	vm->chip_save = kvm_arm64_gic_save;
	vm->chip_restore = kvm_arm64_gic_restore;
	v2 = gic_part(b, &gicv2_dist_class, &i);
	v3 = gic_part(b, &gicv3_dist_class, &k);
	if (!v2 && !v3) {
		vm->vm.irqchip = NULL; /* the board's own is in hw/ */
		vm->chip.nlines = 0;
		return 0;
	}
	ret = v3 ? gic_v3_create(vm, v3, err) : gic_v2_create(vm, v2, err);
	if (ret < 0)
		return ret;
	ret = kvm_arm64_attr(a->gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &irqs);
	if (ret < 0)
		return kvm_arm64_gic_refused(ret, "the number of interrupts",
					     err);
	if (gic_its_create(vm, err) < 0)
		return -err->code;
	ret = kvm_arm64_attr(a->gic, KVM_DEV_ARM_VGIC_GRP_CTRL,
			     KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	return kvm_arm64_gic_refused(ret, "the interrupt controller", err);
}

void kvm_arm64_gic_destroy(struct kvm_arm64 *a)
{
	if (a->gic >= 0)
		close(a->gic);
	if (a->its >= 0)
		close(a->its);
}

/* ---- reset: KVM has one for the ITS only, so the registers are written */

#define GIC_SGI_MASK 0xffffu
#define ICFGR_EDGE   0xaaaaaaaau /* of all interrupts: KVM's own choice */
/* No table, and the attributes that KVM has there at first. */
#define GICR_NO_TABLE 0x580

/* A frame of registers: KVM's group of them, and whose. */
struct gic_frame {
	int fd;
	uint32_t group;
	uint64_t cpu;  /* in an attribute's upper bits */
	uint64_t base; /* of the registers of interrupt 0 */
	int ret;       /* the first failure */
};

static void gic_set(struct gic_frame *f, uint64_t off, uint32_t val)
{
	int ret =
		kvm_arm64_attr(f->fd, f->group, f->cpu | (f->base + off), &val);

	if (ret < 0 && !f->ret)
		f->ret = ret;
}

/* Fills the bits of interrupts [first, n) in registers with so many each. */
static void gic_fill(struct gic_frame *f, uint64_t off, unsigned first,
		     unsigned n, unsigned bits, uint32_t val)
{
	for (unsigned i = first; i < n; i += 32 / bits)
		gic_set(f, off + i * bits / 8, val);
}

/*
 * Interrupts [first, n) to their reset state.  Kernels differ in whether
 * zeros in ISPENDR or ones in ICPENDR end what is pending.  SGIs are enabled
 * for ever.
 */
static void gic_reset_irqs(struct gic_frame *f, unsigned first, unsigned n,
			   bool gicv3)
{
	gic_fill(f, GICD_ICENABLER, first, n, 1, first ? ~0u : ~GIC_SGI_MASK);
	gic_fill(f, GICD_ICPENDR, first, n, 1, ~0u);
	gic_fill(f, GICD_ISPENDR, first, n, 1, 0);
	gic_fill(f, GICD_ICACTIVER, first, n, 1, ~0u);
	gic_fill(f, GICD_IGROUPR, first, n, 1, gicv3 ? ~0u : 0);
	gic_fill(f, GICD_IPRIORITYR, first, n, 8, 0);
	gic_fill(f, GICD_ICFGR, first ? first : GIC_SGIS, n, 2,
		 first ? ICFGR_EDGE : 0);
}

/* Lets KVM take groups of a GICv2: the KVM API's arm-vgic.rst. */
static void gic_v2_groups(struct gic_frame *f)
{
	uint32_t iidr;
	struct kvm_device_attr a = { .group = f->group,
				     .attr = GICD_IIDR,
				     .addr = (uintptr_t)&iidr };

	if (ioctl(f->fd, KVM_GET_DEVICE_ATTR, &a) == 0)
		ioctl(f->fd, KVM_SET_DEVICE_ATTR, &a);
}

static int gic_v2_reset(const struct kvm_arm64 *a, const struct board *b)
{
	struct gic_frame f = { .fd = a->gic,
			       .group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS };
	unsigned n = kvm_arm64_gic_irqs(b);

	gic_v2_groups(&f);
	gic_set(&f, GICD_CTLR, 0);
	gic_reset_irqs(&f, GIC_SPI(0), n, false);
	gic_fill(&f, GICD_ITARGETSR, GIC_SPI(0), n, 8, 0);
	for (unsigned i = 0; i < b->ncpus; i++) {
		f.cpu = (uint64_t)i << KVM_DEV_ARM_VGIC_CPUID_SHIFT;
		f.group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS;
		gic_reset_irqs(&f, 0, GIC_SPI(0), false);
		gic_fill(&f, GICD_CPENDSGIR, 0, GIC_SGIS, 8, ~0u);
		f.group = KVM_DEV_ARM_VGIC_GRP_CPU_REGS;
		gic_set(&f, GICC_CTLR, 0);
		gic_set(&f, GICC_PMR, 0);
		gic_set(&f, GICC_BPR, 0);
		gic_set(&f, GICC_ABPR, 0);
		for (unsigned k = 0; k < 4; k++)
			gic_set(&f, GICC_APR(k), 0);
	}
	return f.ret;
}

/* CBPR and EOImode: what a guest may change. */
#define ICC_CTLR_MODES UINT64_C(3)

static int gic_v3_reset_cpu(int fd, uint64_t cpu)
{
	static const uint16_t zero[] = {
		ICC_PMR_EL1,   ICC_BPR0_EL1,	ICC_BPR1_EL1,	 ICC_AP0R0_EL1,
		ICC_AP1R0_EL1, ICC_IGRPEN0_EL1, ICC_IGRPEN1_EL1,
	};
	uint64_t val = 0;
	struct kvm_device_attr ctlr = {
		.group = KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
		.attr = cpu | ICC_CTLR_EL1,
		.addr = (uintptr_t)&val,
	};
	int ret = 0;

	/* Its other fields are the host's, and BPR1 goes by it. */
	if (ioctl(fd, KVM_GET_DEVICE_ATTR, &ctlr) < 0)
		return -errno;
	val &= ~ICC_CTLR_MODES;
	if (ioctl(fd, KVM_SET_DEVICE_ATTR, &ctlr) < 0)
		return -errno;
	val = 0;
	for (unsigned i = 0; !ret && i < sizeof(zero) / sizeof(*zero); i++)
		ret = kvm_arm64_attr(fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS,
				     cpu | zero[i], &val);
	return ret;
}

static int gic_v3_reset(const struct kvm_arm64 *a, const struct board *b)
{
	struct gic_frame f = { .fd = a->gic,
			       .group = KVM_DEV_ARM_VGIC_GRP_DIST_REGS };
	unsigned n = kvm_arm64_gic_irqs(b);

	gic_set(&f, GICD_CTLR, 0);
	gic_reset_irqs(&f, GIC_SPI(0), n, true);
	for (unsigned i = GIC_SPI(0); i < n; i++) {
		gic_set(&f, GICD_IROUTER + 8 * i, 0);
		gic_set(&f, GICD_IROUTER + 8 * i + 4, 0);
	}
	f.group = KVM_DEV_ARM_VGIC_GRP_REDIST_REGS;
	for (unsigned i = 0; !f.ret && i < b->ncpus; i++) {
		f.cpu = b->cpus[i].hw_id << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT;
		f.base = 0;
		gic_set(&f, GICR_CTLR, 0); /* ends LPIs, before their tables */
		gic_set(&f, GICR_PROPBASER, GICR_NO_TABLE);
		gic_set(&f, GICR_PROPBASER + 4, 0);
		gic_set(&f, GICR_PENDBASER, GICR_NO_TABLE);
		gic_set(&f, GICR_PENDBASER + 4, 0);
		f.base = GICR_SGI_BASE;
		gic_reset_irqs(&f, 0, GIC_SPI(0), true);
		if (!f.ret)
			f.ret = gic_v3_reset_cpu(a->gic, f.cpu);
	}
	return f.ret;
}

int kvm_arch_vm_reset(struct kvm_vm *vm, struct err *err)
{
	const struct kvm_arm64 *a = kvm_arm64_of(vm);
	int ret = 0;

	if (a->its >= 0)
		ret = kvm_arm64_attr(a->its, KVM_DEV_ARM_VGIC_GRP_CTRL,
				     KVM_DEV_ARM_ITS_CTRL_RESET, NULL);
	if (ret < 0)
		return kvm_arm64_gic_refused(ret, "to reset the ITS", err);
	if (a->gic >= 0)
		ret = a->gicv3 ? gic_v3_reset(a, vm->vm.cfg->board)
			       : gic_v2_reset(a, vm->vm.cfg->board);
	return kvm_arm64_gic_refused(ret, "to reset the interrupt controller",
				     err);
}
