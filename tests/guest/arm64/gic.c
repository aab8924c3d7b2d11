// SPDX-License-Identifier: MIT
/* GICv2 and GICv3: distributor, redistributors, CPU interface. */
#include "gic.h"

#include "arch.h"
#include "arm64.h"
#include "fdt.h"
#include "guest.h"
#include "its.h"

#define GICD_CTLR	0x0000
#define GICD_TYPER	0x0004
#define GICD_IGROUPR	0x0080
#define GICD_ISENABLER	0x0100
#define GICD_ICENABLER	0x0180
#define GICD_ISPENDR	0x0200
#define GICD_ICPENDR	0x0280
#define GICD_ISACTIVER	0x0300
#define GICD_ICACTIVER	0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ITARGETSR	0x0800
#define GICD_ICFGR	0x0c00
#define GICD_SGIR	0x0f00
#define GICD_IROUTER	0x6000

#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define GICC_RPR  0x14

#define GICR_TYPER 0x0008
#define GICR_WAKER 0x0014
#define GICR_SGI   0x10000 /* the frame of SGIs and PPIs */

#define V2M_TYPER  0x008
#define V2M_SETSPI 0x040

#define PRIORITY 0xa0

struct gic gic;

static volatile uint32_t irq_count[32];
static volatile uint16_t irq_cpu[32];
static void (*irq_fn[32])(uint32_t intid);
static uint8_t irq_number[2048]; /* n + 1, of INTIDs, then of LPIs */

/* --- who is who */

static void gic_fdt_v3(const struct fdt_node *n)
{
	unsigned regions = fdt_u32(n, "#redistributor-regions", 1);
	uint64_t size;

	gic.version = 3;
	fdt_reg(n, 0, &gic.dist, &size);
	arch_map(gic.dist, size);
	for (unsigned i = 0; i < regions && i < GIC_REDISTS; i++) {
		if (!fdt_reg(n, 1 + i, &gic.redist[i].base,
			     &gic.redist[i].size))
			break;
		arch_map(gic.redist[i].base, gic.redist[i].size);
		gic.nredists++;
	}
}

static void gic_fdt_v2m(const struct fdt_node *n)
{
	uint32_t typer;
	uint64_t size;

	if (!fdt_reg(n, 0, &gic.v2m, &size))
		return;
	typer = mmio_read32(gic.v2m + V2M_TYPER);
	gic.v2m_first = fdt_u32(n, "arm,msi-base-spi", typer >> 16 & 0x3ff);
	gic.v2m_count = fdt_u32(n, "arm,msi-num-spis", typer & 0x3ff);
}

void gic_fdt(const struct fdt_node *n)
{
	uint64_t size;

	if (fdt_is(n, "arm,gic-v3")) {
		gic_fdt_v3(n);
	} else if (fdt_is(n, "arm,gic-400") ||
		   fdt_is(n, "arm,cortex-a15-gic")) {
		gic.version = 2;
		fdt_reg(n, 0, &gic.dist, &size);
		fdt_reg(n, 1, &gic.cpu, &size);
	} else if (fdt_is(n, "arm,gic-v2m-frame")) {
		gic_fdt_v2m(n);
	} else if (fdt_is(n, "arm,gic-v3-its")) {
		fdt_reg(n, 0, &gic.its, &size);
	}
}

static void gic_madt_redist(uint64_t base, uint64_t size)
{
	if (!base || gic.nredists == GIC_REDISTS)
		return;
	gic.redist[gic.nredists].base = base;
	gic.redist[gic.nredists++].size = size;
	arch_map(base, size);
}

/* ACPI 6.5, sections 5.2.12.14 to 5.2.12.18. */
void gic_madt(const uint8_t *e)
{
	uint32_t typer;

	switch (e[0]) {
	case 11: /* GICC */ gic.cpu = get64(e + 32); break;
	case 12: /* GICD */
		gic.dist = get64(e + 8);
		gic.version = e[20];
		break;
	case 13: /* GICv2m frame; its own register tells, if this does not */
		gic.v2m = get64(e + 8);
		typer = mmio_read32(gic.v2m + V2M_TYPER);
		gic.v2m_count = get32(e + 16) & 1 ? get16(e + 20)
						  : typer & 0x3ff;
		gic.v2m_first = get32(e + 16) & 1 ? get16(e + 22)
						  : typer >> 16 & 0x3ff;
		break;
	case 14: gic_madt_redist(get64(e + 4), get32(e + 12)); break;
	case 15: gic.its = get64(e + 8); break;
	}
}

void gic_describe(char *buf, size_t size)
{
	char msi[64] = "no messages";

	if (gic.its)
		snprintf(msi, sizeof(msi), "ITS %lx", gic.its);
	else if (gic.v2m)
		snprintf(msi, sizeof(msi), "v2m frame %lx, SPIs %u-%u", gic.v2m,
			 gic.v2m_first, gic.v2m_first + gic.v2m_count - 1);
	if (gic.version)
		snprintf(buf, size, "GICv%u %lx, %u lines, %s", gic.version,
			 gic.dist, gic_lines(), msi);
	else
		snprintf(buf, size, "none that is known");
}

unsigned gic_lines(void)
{
	return 32 * (mmio_read32(gic.dist + GICD_TYPER) & 31) + 32;
}

/* --- registers */

static uint64_t gic_mpidr(unsigned cpu)
{
	return machine.cpu[cpu] & 0xff00ffffffull;
}

/* [IHI 0069, 12.10] */
uint64_t gic_redist(unsigned cpu)
{
	uint64_t mpidr = gic_mpidr(cpu);
	uint64_t want = (mpidr >> 32 << 24 | (mpidr & 0xffffff)) << 32;

	for (unsigned i = 0; i < gic.nredists; i++) {
		uint64_t at = gic.redist[i].base;

		for (;;) {
			uint64_t typer = mmio_read64(at + GICR_TYPER);

			if (typer >> 32 << 32 == want)
				return at;
			at += typer & 2 ? 0x40000 : 0x20000; /* VLPIS */
			if (typer & 0x10 ||
			    at - gic.redist[i].base >= gic.redist[i].size)
				break;
		}
	}
	return 0;
}

/* Where the registers of an interrupt are. */
static uint64_t gic_frame(uint32_t intid)
{
	if (gic.version == 3 && intid < 32)
		return gic_redist(cpu_index()) + GICR_SGI;
	return gic.dist;
}

static uint64_t gic_bit_reg(unsigned reg, uint32_t intid)
{
	return gic_frame(intid) + reg + intid / 32 * 4;
}

static void gic_set_bit(unsigned reg, uint32_t intid)
{
	mmio_write32(gic_bit_reg(reg, intid), 1u << intid % 32);
}

static bool gic_bit(unsigned reg, uint32_t intid)
{
	return mmio_read32(gic_bit_reg(reg, intid)) >> intid % 32 & 1;
}

void gic_enable(uint32_t intid, bool on)
{
	gic_set_bit(on ? GICD_ISENABLER : GICD_ICENABLER, intid);
}

void gic_set_pending(uint32_t intid, bool pending)
{
	gic_set_bit(pending ? GICD_ISPENDR : GICD_ICPENDR, intid);
}

bool gic_is_pending(uint32_t intid)
{
	return gic_bit(GICD_ISPENDR, intid);
}

void gic_set_active(uint32_t intid, bool active)
{
	gic_set_bit(active ? GICD_ISACTIVER : GICD_ICACTIVER, intid);
}

bool gic_is_active(uint32_t intid)
{
	return gic_bit(GICD_ISACTIVER, intid);
}

void gic_set_edge(uint32_t intid, bool edge)
{
	uint64_t reg = gic_frame(intid) + GICD_ICFGR + intid / 16 * 4;
	uint32_t bit = 2u << intid % 16 * 2, v = mmio_read32(reg);

	mmio_write32(reg, edge ? v | bit : v & ~bit);
}

void gic_set_priority(uint32_t intid, uint8_t priority)
{
	mmio_write8(gic_frame(intid) + GICD_IPRIORITYR + intid, priority);
}

void gic_set_target(uint32_t intid, unsigned cpu)
{
	uint64_t mpidr = gic_mpidr(cpu);

	if (gic.version == 2) {
		mmio_write8(gic.dist + GICD_ITARGETSR + intid, 1u << cpu);
		return;
	}
	mmio_write64(gic.dist + GICD_IROUTER + 8 * intid, mpidr);
}

/* --- the CPU interface: GICv3's is in system registers, for EL1 */

static uint64_t el1_sgi(void *arg, struct frame *f)
{
	(void)f;
	sysreg_write("icc_sgi1r_el1", (uintptr_t)arg);
	return 0;
}

void gic_send(unsigned cpu, unsigned sgi)
{
	uint64_t m = gic_mpidr(cpu);

	arch_mb();
	if (gic.version == 2)
		mmio_write32(gic.dist + GICD_SGIR, 0x10000u << cpu | sgi);
	else
		el1_call(el1_sgi, (void *)(uintptr_t)((m >> 32 & 0xff) << 48 |
						      (m >> 16 & 0xff) << 32 |
						      (m >> 8 & 0xff) << 16 |
						      (m >> 4 & 0xf) << 44 |
						      1ull << (m & 15) |
						      (uint64_t)sgi << 24));
}

static uint64_t el1_mask(void *arg, struct frame *f)
{
	(void)f;
	sysreg_write("icc_pmr_el1", (uintptr_t)arg);
	return 0;
}

void gic_set_mask(uint8_t priority)
{
	if (gic.version == 2)
		mmio_write32(gic.cpu + GICC_PMR, priority);
	else
		el1_call(el1_mask, (void *)(uintptr_t)priority);
}

static uint64_t el1_running(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	return sysreg_read("icc_rpr_el1");
}

uint8_t gic_running(void)
{
	return gic.version == 2 ? mmio_read32(gic.cpu + GICC_RPR)
				: el1_call(el1_running, NULL);
}

static uint64_t el1_interface(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	sysreg_write("icc_sre_el1", 7);
	sysreg_write("icc_bpr1_el1", 0);
	sysreg_write("icc_pmr_el1", 0xff);
	sysreg_write("icc_igrpen1_el1", 1);
	return 0;
}

static void gic_wake(uint64_t redist)
{
	mmio_write32(redist + GICR_WAKER, 0);
	while (mmio_read32(redist + GICR_WAKER) & 4)
		arch_relax();
}

void gic_cpu_init(void)
{
	uint64_t frame = gic_frame(0);

	if (gic.version == 3)
		gic_wake(frame - GICR_SGI);
	mmio_write32(frame + GICD_ICENABLER, 0xffff0000);
	mmio_write32(frame + GICD_ISENABLER, 0x0000ffff);
	if (gic.version == 3)
		mmio_write32(frame + GICD_IGROUPR, 0xffffffff);
	for (unsigned i = 0; i < 32; i += 4)
		mmio_write32(frame + GICD_IPRIORITYR + i,
			     PRIORITY * 0x01010101u);
	if (gic.version == 3) {
		el1_call(el1_interface, NULL);
		return;
	}
	mmio_write32(gic.cpu + GICC_PMR, 0xff);
	mmio_write32(gic.cpu + GICC_CTLR, 1);
}

void gic_init(void)
{
	unsigned n = gic_lines();

	mmio_write32(gic.dist + GICD_CTLR, 0);
	for (unsigned i = 32; i < n; i += 32) {
		mmio_write32(gic.dist + GICD_ICENABLER + i / 8, 0xffffffff);
		if (gic.version == 3)
			mmio_write32(gic.dist + GICD_IGROUPR + i / 8,
				     0xffffffff);
	}
	for (unsigned i = 32; i < n; i += 4)
		mmio_write32(gic.dist + GICD_IPRIORITYR + i,
			     PRIORITY * 0x01010101u);
	/* GICv3: affinity routing, group 1; GICv2: its only group. */
	mmio_write32(gic.dist + GICD_CTLR, gic.version == 3 ? 0x12 : 1);
}

/* --- taking interrupts */

static uint8_t *gic_number(uint32_t intid)
{
	if (intid >= GIC_LPI)
		intid -= GIC_LPI - 1024;
	return intid < ARRAY_SIZE(irq_number) ? &irq_number[intid] : NULL;
}

void gic_attach(uint32_t intid, unsigned n, void (*fn)(uint32_t intid))
{
	irq_fn[n] = fn;
	*gic_number(intid) = n + 1;
}

unsigned gic_taken_by(unsigned n)
{
	return irq_cpu[n];
}

void gic_irq(void)
{
	uint32_t iar = gic.version == 3 ? sysreg_read("icc_iar1_el1")
					: mmio_read32(gic.cpu + GICC_IAR);
	uint32_t intid = gic.version == 3 ? iar : iar & 0x3ff;
	uint8_t *number = gic_number(intid);
	unsigned n;

	if (intid >= GIC_NONE && intid < GIC_LPI)
		return;
	if (!number || !*number)
		guest_die("interrupt %u, which nobody wants", intid);
	n = *number - 1u;
	irq_cpu[n] = cpu_index();
	__atomic_fetch_add(&irq_count[n], 1, __ATOMIC_SEQ_CST);
	if (irq_fn[n])
		irq_fn[n](intid);
	if (gic.version == 3)
		sysreg_write("icc_eoir1_el1", iar);
	else
		mmio_write32(gic.cpu + GICC_EOIR, iar);
}

uint32_t arch_irq_count(unsigned n)
{
	return irq_count[n];
}

void arch_irq_enable(void)
{
	if (!gic.version)
		guest_die("no interrupt controller");
	gic_init();
	gic_cpu_init();
	cpu_irq(true);
}

void arch_irq_disable(void)
{
	cpu_irq(false);
}

/* --- messages */

bool arch_msi(uint32_t requester, unsigned event, unsigned n, struct msi *m)
{
	uint32_t intid = gic.v2m_first + n;

	if (gic.its)
		return its_msi(requester, event, n, m);
	if (!gic.v2m || n >= gic.v2m_count)
		return false;
	gic_attach(intid, n, NULL);
	gic_set_edge(intid, true);
	gic_set_target(intid, 0);
	gic_enable(intid, true);
	*m = (struct msi){ gic.v2m + V2M_SETSPI, intid };
	return true;
}
