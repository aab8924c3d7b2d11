/* SPDX-License-Identifier: MIT */
/*
 * KVM's GICs and ITS saved and restored, in the order that the KVM API asks
 * for (Documentation/virt/kvm/devices/arm-vgic*.rst).
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "cpu/kvm/arm64_gic.h"

/* PRIbits of ICC_CTLR_EL1, which says how many active priority registers. */
#define ICC_CTLR_PRIBITS(ctlr) (((unsigned)(ctlr) >> 8 & 7) + 1)
#define GITS_BASERS	       8
#define GICC_APRS	       4
#define GIC_SGI_BITS	       UINT64_C(0xffff)

/* ---- one register */

/* KVM's group of each part, and the bytes of its values. */
static const struct {
	uint32_t group;
	unsigned bytes;
} gic_parts[CHIP_PARTS] = {
	[CHIP_GICD] = { KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 4 },
	[CHIP_GICC] = { KVM_DEV_ARM_VGIC_GRP_CPU_REGS, 4 },
	[CHIP_GICR] = { KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, 4 },
	[CHIP_ICC] = { KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, 8 },
	[CHIP_LINES] = { KVM_DEV_ARM_VGIC_GRP_LEVEL_INFO, 4 },
	[CHIP_GITS] = { KVM_DEV_ARM_VGIC_GRP_ITS_REGS, 8 },
};

static uint64_t gic_cpu_attr(const struct kvm_vm *vm, unsigned cpu)
{
	return kvm_arm64_of(vm)->gicv3
		       ? vm->vm.cfg->board->cpus[cpu].hw_id
				 << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT
		       : (uint64_t)cpu << KVM_DEV_ARM_VGIC_CPUID_SHIFT;
}

static int gic_access(struct kvm_vm *vm, unsigned long request,
		      struct chip_reg *r)
{
	const struct kvm_arm64 *a = kvm_arm64_of(vm);
	uint32_t word = (uint32_t)r->val;
	bool wide = gic_parts[r->part].bytes == 8;
	struct kvm_device_attr attr = {
		.group = gic_parts[r->part].group,
		.attr = r->offset,
		.addr = wide ? (uintptr_t)&r->val : (uintptr_t)&word,
	};

	if (r->part != CHIP_GITS)
		attr.attr |= gic_cpu_attr(vm, r->cpu);
	if (ioctl(r->part == CHIP_GITS ? a->its : a->gic, request, &attr) < 0)
		return -errno;
	if (!wide)
		r->val = word;
	return 0;
}

/* ---- saving */

struct gic_saver {
	struct kvm_vm *vm;
	struct chip_state *out;
	struct err *err;
	int ret; /* the first failure */
};

/* Adds a register without the bits of drop; returns its value. */
static uint64_t gic_save(struct gic_saver *s, enum chip_part part, unsigned cpu,
			 uint32_t offset, uint64_t drop)
{
	struct chip_reg r = { .part = part, .cpu = cpu, .offset = offset };

	if (s->ret)
		return 0;
	s->ret = kvm_arm64_gic_refused(
		gic_access(s->vm, KVM_GET_DEVICE_ATTR, &r),
		"to read the interrupt controller", s->err);
	r.val &= ~drop;
	if (!s->ret)
		s->ret = chip_state_add(s->out, r, s->err);
	return r.val;
}

/* The registers of interrupts [first, n) that all frames have. */
static void gic_save_irqs(struct gic_saver *s, enum chip_part part,
			  unsigned cpu, unsigned first, unsigned n,
			  uint64_t not_pending)
{
	static const struct {
		uint32_t offset;
		unsigned bits; /* of an interrupt */
	} regs[] = { { GICD_IGROUPR, 1 },    { GICD_ICFGR, 2 },
		     { GICD_IPRIORITYR, 8 }, { GICD_ISENABLER, 1 },
		     { GICD_ISPENDR, 1 },    { GICD_ISACTIVER, 1 } };
	uint32_t base = part == CHIP_GICR ? GICR_SGI_BASE : 0;

	for (unsigned k = 0; k < sizeof(regs) / sizeof(*regs); k++)
		for (unsigned i = first; i < n; i += 32 / regs[k].bits)
			gic_save(s, part, cpu,
				 base + regs[k].offset + i * regs[k].bits / 8,
				 regs[k].offset == GICD_ISPENDR ? not_pending
								: 0);
}

/* A GICv2's SGIs are pending by their senders, which ISPENDR does not have. */
static void gic_save_v2_cpu(struct gic_saver *s, unsigned cpu)
{
	static const uint32_t gicc[] = { GICC_CTLR, GICC_PMR, GICC_BPR,
					 GICC_ABPR };

	gic_save_irqs(s, CHIP_GICD, cpu, 0, GIC_SPI(0), GIC_SGI_BITS);
	for (unsigned i = 0; i < GIC_SGIS; i += 4)
		gic_save(s, CHIP_GICD, cpu, GICD_SPENDSGIR + i, 0);
	for (unsigned i = 0; i < sizeof(gicc) / sizeof(*gicc); i++)
		gic_save(s, CHIP_GICC, cpu, gicc[i], 0);
	for (unsigned i = 0; i < GICC_APRS; i++)
		gic_save(s, CHIP_GICC, cpu, GICC_APR(i), 0);
}

/* IIDR first: it is how KVM is told that groups are meant. */
static void gic_save_v2(struct gic_saver *s)
{
	const struct board *b = s->vm->vm.cfg->board;
	unsigned n = kvm_arm64_gic_irqs(b);

	gic_save(s, CHIP_GICD, 0, GICD_IIDR, 0);
	gic_save_irqs(s, CHIP_GICD, 0, GIC_SPI(0), n, 0);
	for (unsigned i = GIC_SPI(0); i < n; i += 4)
		gic_save(s, CHIP_GICD, 0, GICD_ITARGETSR + i, 0);
	for (unsigned cpu = 0; cpu < b->ncpus; cpu++)
		gic_save_v2_cpu(s, cpu);
	gic_save(s, CHIP_GICD, 0, GICD_CTLR, 0);
}

static void gic_save_icc(struct gic_saver *s, unsigned cpu)
{
	unsigned bits =
		ICC_CTLR_PRIBITS(gic_save(s, CHIP_ICC, cpu, ICC_CTLR_EL1, 0));
	unsigned aprs = bits <= 5 ? 1 : bits == 6 ? 2 : 4;

	gic_save(s, CHIP_ICC, cpu, ICC_PMR_EL1, 0);
	gic_save(s, CHIP_ICC, cpu, ICC_BPR0_EL1, 0);
	gic_save(s, CHIP_ICC, cpu, ICC_BPR1_EL1, 0);
	for (unsigned i = 0; i < aprs; i++) {
		gic_save(s, CHIP_ICC, cpu, ICC_AP0R0_EL1 + i, 0);
		gic_save(s, CHIP_ICC, cpu, ICC_AP1R0_EL1 + i, 0);
	}
	gic_save(s, CHIP_ICC, cpu, ICC_IGRPEN0_EL1, 0);
	gic_save(s, CHIP_ICC, cpu, ICC_IGRPEN1_EL1, 0);
}

/* GICR_CTLR turns LPIs on, which fixes where their tables are. */
static void gic_save_v3_cpu(struct gic_saver *s, unsigned cpu)
{
	static const uint32_t gicr[] = { GICR_PROPBASER, GICR_PROPBASER + 4,
					 GICR_PENDBASER, GICR_PENDBASER + 4,
					 GICR_CTLR };

	for (unsigned i = 0; i < sizeof(gicr) / sizeof(*gicr); i++)
		gic_save(s, CHIP_GICR, cpu, gicr[i], 0);
	gic_save(s, CHIP_LINES, cpu, 0, 0);
	gic_save_irqs(s, CHIP_GICR, cpu, 0, GIC_SPI(0), 0);
	gic_save_icc(s, cpu);
}

static void gic_save_v3(struct gic_saver *s)
{
	const struct board *b = s->vm->vm.cfg->board;
	unsigned n = kvm_arm64_gic_irqs(b);

	gic_save(s, CHIP_GICD, 0, GICD_IIDR, 0);
	for (unsigned cpu = 0; cpu < b->ncpus; cpu++)
		gic_save_v3_cpu(s, cpu);
	for (unsigned i = GIC_SPI(0); i < n; i += 32)
		gic_save(s, CHIP_LINES, 0, i, 0);
	gic_save_irqs(s, CHIP_GICD, 0, GIC_SPI(0), n, 0);
	for (unsigned i = GIC_SPI(0); i < n; i++) {
		gic_save(s, CHIP_GICD, 0, GICD_IROUTER + 8 * i, 0);
		gic_save(s, CHIP_GICD, 0, GICD_IROUTER + 8 * i + 4, 0);
	}
	gic_save(s, CHIP_GICD, 0, GICD_CTLR, 0);
}

/* CBASER before CWRITER and CREADR, which it resets; CTLR after the tables. */
static void gic_save_its(struct gic_saver *s)
{
	const struct chip_reg tables = { .part = CHIP_ITS_TABLES };

	gic_save(s, CHIP_GITS, 0, GITS_IIDR, 0);
	gic_save(s, CHIP_GITS, 0, GITS_CBASER, 0);
	gic_save(s, CHIP_GITS, 0, GITS_CREADR, 0);
	gic_save(s, CHIP_GITS, 0, GITS_CWRITER, 0);
	for (unsigned i = 0; i < GITS_BASERS; i++)
		gic_save(s, CHIP_GITS, 0, GITS_BASER(i), 0);
	if (!s->ret)
		s->ret = chip_state_add(s->out, tables, s->err);
	gic_save(s, CHIP_GITS, 0, GITS_CTLR, 0);
}

/* Into guest RAM: where the architecture has LPIs pending and events mapped. */
static int gic_save_tables(const struct kvm_arm64 *a, struct err *err)
{
	int ret = kvm_arm64_attr(a->gic, KVM_DEV_ARM_VGIC_GRP_CTRL,
				 KVM_DEV_ARM_VGIC_SAVE_PENDING_TABLES, NULL);

	if (!ret)
		ret = kvm_arm64_attr(a->its, KVM_DEV_ARM_VGIC_GRP_CTRL,
				     KVM_DEV_ARM_ITS_SAVE_TABLES, NULL);
	return kvm_arm64_gic_refused(ret, "to save the ITS's tables", err);
}

int kvm_arm64_gic_save(struct kvm_vm *vm, struct chip_state *out,
		       struct err *err)
{
	struct gic_saver s = { .vm = vm, .out = out, .err = err };
	const struct kvm_arm64 *a = kvm_arm64_of(vm);

	if (a->gic < 0)
		return err_set(err, ENOTSUP,
			       "the interrupt controller is not KVM's");
	if (a->its >= 0)
		s.ret = gic_save_tables(a, err);
	if (a->gicv3)
		gic_save_v3(&s);
	else
		gic_save_v2(&s);
	if (a->its >= 0)
		gic_save_its(&s);
	return s.ret;
}

/* ---- restoring */

int kvm_arm64_gic_restore(struct kvm_vm *vm, const struct chip_state *s,
			  struct err *err)
{
	const struct kvm_arm64 *a = kvm_arm64_of(vm);
	int ret = 0;

	for (size_t i = 0; !ret && i < s->n; i++) {
		struct chip_reg r = s->reg[i];

		/* Saved state is as untrusted as a guest. */
		if (r.part >= CHIP_PARTS || r.cpu >= vm->vm.cfg->board->ncpus)
			ret = -EINVAL;
		else if (r.part == CHIP_ITS_TABLES)
			ret = kvm_arm64_attr(a->its, KVM_DEV_ARM_VGIC_GRP_CTRL,
					     KVM_DEV_ARM_ITS_RESTORE_TABLES,
					     NULL);
		else
			ret = gic_access(vm, KVM_SET_DEVICE_ATTR, &r);
	}
	return kvm_arm64_gic_refused(ret, "to restore the interrupt controller",
				     err);
}
