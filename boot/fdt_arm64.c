/* SPDX-License-Identifier: MIT */
/* arm64 in a device tree: Linux's bindings, as firmware for virt reads them. */
#include <errno.h>
#include <libfdt.h>
#include <string.h>

#include "boot/fdt_priv.h"

/* Cells of the GIC's binding (arm,gic-v3.yaml): the kind, and the flags. */
enum { GIC_KIND_SPI = 0, GIC_KIND_PPI = 1 };
enum { GIC_EDGE_RISING = 1, GIC_LEVEL_HIGH = 4 };

/* PPIs of the generic timer and the PMU: Arm BSA, section 3.6. */
#define PPI_TIMER_SECURE 13
#define PPI_TIMER_PHYS	 14
#define PPI_TIMER_VIRT	 11
#define PPI_TIMER_HYP	 10
#define PPI_PMU		 7

/* No board has a clock tree: PrimeCells are told of a fixed rate. */
#define CLOCK_HZ 24000000

#define GPIO_POWER  3 /* the line of the power button */
#define KEY_POWER   116
#define REG_REGIONS 4

/* The flags of a PPI; a GICv2 wants to know which of its CPUs have it. */
static uint32_t arm64_ppi_flags(const struct board *b)
{
	const struct board_dev *gic = board_find(b, "gic");
	bool v2 = gic && !strcmp(gic->class->name, "gicv2-dist");

	return GIC_LEVEL_HIGH | (v2 ? ((1u << b->ncpus) - 1) << 8 : 0);
}

/* An SPI is never active low: PCI's lines are inverted on their way. */
static unsigned arm64_irq(uint32_t irq, enum board_trigger trigger,
			  enum board_polarity polarity, uint32_t *cells)
{
	(void)polarity;
	cells[0] = GIC_KIND_SPI;
	cells[1] = irq;
	cells[2] = trigger == TRIGGER_LEVEL ? GIC_LEVEL_HIGH : GIC_EDGE_RISING;
	return 3;
}

/* ---- the interrupt controller: its parts are one node, and children */

static size_t arm64_reg(const struct board_dev *d, uint32_t *cells)
{
	const uint32_t reg[] = { (uint32_t)(d->base >> 32), (uint32_t)d->base,
				 (uint32_t)(d->size >> 32), (uint32_t)d->size };

	memcpy(cells, reg, sizeof(reg));
	return 4;
}

/* The distributor, and every part of that class. */
static void arm64_gic(struct fdt_writer *w, const struct board_dev *dist,
		      const char *part_class, uint32_t *parts)
{
	uint32_t reg[4 * REG_REGIONS];
	const struct board_dev *d;
	size_t n = arm64_reg(dist, reg);
	unsigned i = 0;

	for (*parts = 0; *parts < REG_REGIONS - 1; ++*parts) {
		d = board_next_class(w->b, part_class, &i);
		if (!d)
			break;
		n += arm64_reg(d, reg + n);
	}
	fdt_cells(w, "reg", reg, n);
	fdt_flag(w, "interrupt-controller");
	fdt_u32(w, "#interrupt-cells", 3);
	fdt_u32(w, "#address-cells", 2);
	fdt_u32(w, "#size-cells", 2);
	fdt_flag(w, "ranges");
	fdt_u32(w, "phandle", FDT_PHANDLE_INTC);
}

static void arm64_gicv2(struct fdt_writer *w, const struct board_dev *d)
{
	uint32_t parts;

	arm64_gic(w, d, "gicv2-cpu", &parts);
	fdt_children(w);
}

static void arm64_gicv3(struct fdt_writer *w, const struct board_dev *d)
{
	uint32_t regions;

	arm64_gic(w, d, "gicv3-redist", &regions);
	fdt_u32(w, "#redistributor-regions", regions);
	fdt_children(w);
}

/* Its SPIs are in a register; "interrupts" would be another's binding. */
static void arm64_gicv2m(struct fdt_writer *w, const struct board_dev *d)
{
	fdt_reg(w, d->base, d->size);
	fdt_flag(w, "msi-controller");
	fdt_u32(w, "phandle", FDT_PHANDLE_MSI);
}

static void arm64_its(struct fdt_writer *w, const struct board_dev *d)
{
	fdt_reg(w, d->base, d->size);
	fdt_flag(w, "msi-controller");
	fdt_u32(w, "#msi-cells", 1);
	fdt_u32(w, "phandle", FDT_PHANDLE_MSI);
}

static bool arm64_msi(const struct board *b)
{
	unsigned its = 0, v2m = 0;

	return board_next_class(b, "gic-its", &its) ||
	       board_next_class(b, "gicv2m", &v2m);
}

/* ---- PrimeCells */

static const char apb_pclk[] = "apb_pclk";

static void arm64_primecell(struct fdt_writer *w, const struct board_dev *d)
{
	fdt_device_body(w, d);
	fdt_u32(w, "clocks", FDT_PHANDLE_CLOCK);
	fdt_str(w, "clock-names", apb_pclk);
}

static void arm64_uart(struct fdt_writer *w, const struct board_dev *d)
{
	static const uint32_t clocks[] = { FDT_PHANDLE_CLOCK,
					   FDT_PHANDLE_CLOCK };
	static const char names[] = "uartclk\0apb_pclk";

	fdt_device_body(w, d);
	fdt_cells(w, "clocks", clocks, 2);
	fdt_bytes(w, "clock-names", names, sizeof(names));
}

static void arm64_gpio(struct fdt_writer *w, const struct board_dev *d)
{
	arm64_primecell(w, d);
	fdt_flag(w, "gpio-controller");
	fdt_u32(w, "#gpio-cells", 2);
	fdt_flag(w, "interrupt-controller");
	fdt_u32(w, "#address-cells", 0);
	fdt_u32(w, "#interrupt-cells", 2);
	fdt_u32(w, "phandle", FDT_PHANDLE_GPIO);
}

static void arm64_flash(struct fdt_writer *w, const struct board_dev *d)
{
	fdt_reg(w, d->base, d->size);
	fdt_u32(w, "bank-width", 4);
}

static bool arm64_has(const struct board *b, const char *compatible)
{
	for (unsigned i = 0; i < b->ndevs; i++)
		if (b->devs[i].class->compatible &&
		    !strcmp(b->devs[i].class->compatible, compatible))
			return true;
	return false;
}

static void arm64_clock(struct fdt_writer *w)
{
	fdt_node(w, "apb-pclk");
	fdt_str(w, "compatible", "fixed-clock");
	fdt_u32(w, "#clock-cells", 0);
	fdt_u32(w, "clock-frequency", CLOCK_HZ);
	fdt_str(w, "clock-output-names", "clk24mhz");
	fdt_u32(w, "phandle", FDT_PHANDLE_CLOCK);
	fdt_node_end(w);
}

static void arm64_keys(struct fdt_writer *w)
{
	static const uint32_t power[] = { FDT_PHANDLE_GPIO, GPIO_POWER, 0 };

	fdt_node(w, "gpio-keys");
	fdt_str(w, "compatible", "gpio-keys");
	fdt_node(w, "power-button");
	fdt_str(w, "label", "power button");
	fdt_u32(w, "linux,code", KEY_POWER);
	fdt_cells(w, "gpios", power, 3);
	fdt_node_end(w);
	fdt_node_end(w);
}

/* ---- CPUs */

static void arm64_cpu(struct fdt_writer *w, unsigned index)
{
	fdt_str(w, "compatible", "arm,armv8");
	if (w->b->ncpus > 1)
		fdt_str(w, "enable-method", "psci");
	fdt_u32(w, "phandle", FDT_PHANDLE_CPU0 + index);
}

/* Opens the nodes that CPU i is the first of, and closes at the last. */
static void arm64_map_cpu(struct fdt_writer *w, unsigned i)
{
	const struct board_cpu *c = &w->b->cpus[i];
	bool threads = w->b->threads > 1;
	bool last_thread = c->thread + 1 == w->b->threads;
	bool last_core = last_thread && c->core + 1 == w->b->cores;

	if (!c->core && !c->thread) {
		fdt_node(w, "socket%u", c->socket);
		fdt_node(w, "cluster0");
	}
	if (!c->thread)
		fdt_node(w, "core%u", c->core);
	if (threads)
		fdt_node(w, "thread%u", c->thread);
	fdt_u32(w, "cpu", FDT_PHANDLE_CPU0 + i);
	if (threads)
		fdt_node_end(w);
	if (last_thread)
		fdt_node_end(w);
	if (last_core) {
		fdt_node_end(w);
		fdt_node_end(w);
	}
}

/* Documentation/devicetree/bindings/cpu/cpu-topology.txt */
static void arm64_cpu_map(struct fdt_writer *w)
{
	fdt_node(w, "cpu-map");
	for (unsigned i = 0; i < w->b->ncpus; i++)
		arm64_map_cpu(w, i);
	fdt_node_end(w);
}

static void arm64_psci(struct fdt_writer *w)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	fdt_node(w, "psci");
	fdt_bytes(w, "compatible", compatible, sizeof(compatible));
	fdt_str(w, "method", "hvc");
	fdt_node_end(w);
}

static void arm64_timer(struct fdt_writer *w)
{
	static const char compatible[] = "arm,armv8-timer\0arm,armv7-timer";
	uint32_t flags = arm64_ppi_flags(w->b);
	const uint32_t irqs[] = { GIC_KIND_PPI, PPI_TIMER_SECURE, flags,
				  GIC_KIND_PPI, PPI_TIMER_PHYS,	  flags,
				  GIC_KIND_PPI, PPI_TIMER_VIRT,	  flags,
				  GIC_KIND_PPI, PPI_TIMER_HYP,	  flags };

	fdt_node(w, "timer");
	fdt_bytes(w, "compatible", compatible, sizeof(compatible));
	fdt_cells(w, "interrupts", irqs, sizeof(irqs) / sizeof(*irqs));
	fdt_flag(w, "always-on");
	fdt_node_end(w);
}

static void arm64_pmu(struct fdt_writer *w)
{
	const uint32_t irq[] = { GIC_KIND_PPI, PPI_PMU, arm64_ppi_flags(w->b) };

	fdt_node(w, "pmu");
	fdt_str(w, "compatible", "arm,armv8-pmuv3");
	fdt_cells(w, "interrupts", irq, 3);
	fdt_node_end(w);
}

static void arm64_extra(struct fdt_writer *w)
{
	arm64_psci(w);
	arm64_timer(w);
	if (w->b->pmu)
		arm64_pmu(w);
	arm64_clock(w);
	if (arm64_has(w->b, "arm,pl061"))
		arm64_keys(w);
}

/* ---- a tree of the user's */

static bool arm64_tree_has_gicv2(const void *dtb)
{
	static const char *const names[] = { "arm,cortex-a15-gic",
					     "arm,gic-400", "arm,cortex-a9-gic",
					     "arm,cortex-a7-gic" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (fdt_node_offset_by_compatible(dtb, -1, names[i]) >= 0)
			return true;
	return false;
}

static uint64_t arm64_number(const fdt32_t *cells, int n)
{
	uint64_t val = 0;

	while (n--)
		val = val << 32 | fdt32_to_cpu(*cells++);
	return val;
}

/* Bytes of the redistributors' regions, which follow the distributor. */
static uint64_t arm64_tree_redists(const void *dtb, int gic)
{
	int parent = fdt_parent_offset(dtb, gic), len = 0, n;
	int address = fdt_address_cells(dtb, parent);
	int size = fdt_size_cells(dtb, parent);
	const fdt32_t *reg = fdt_getprop(dtb, gic, "reg", &len), *regions;
	uint64_t bytes = 0, left = 1;

	if (!reg || address < 1 || size < 1)
		return 0;
	regions = fdt_getprop(dtb, gic, "#redistributor-regions", &n);
	if (regions && n == sizeof(*regions))
		left = fdt32_to_cpu(*regions);
	for (int i = address + size;
	     left && i + address + size <= len / (int)sizeof(*reg);
	     i += address + size, left--)
		bytes += arm64_number(reg + i + address, size);
	return bytes;
}

static int arm64_fits_kind(const struct board *b, unsigned version,
			   struct err *err)
{
	err_set(err, EINVAL,
		"it tells of a GICv%u, and this machine's interrupt controller "
		"is %s",
		version, b->irqchip);
	err_hint(err, "vmm dump fdt --irqchip %s writes one that fits",
		 b->irqchip);
	return -EINVAL;
}

/*
 * Linux goes from redistributor to redistributor until one says that it is
 * the last, which is the machine's; where the tree's region ends before, it
 * reads what is not mapped, before there is a console to say so.
 */
static int arm64_fits(const struct board *b, const void *dtb, struct err *err)
{
	int gic = fdt_node_offset_by_compatible(dtb, -1, "arm,gic-v3");
	bool v2 = arm64_tree_has_gicv2(dtb);
	const struct board_dev *d;
	uint64_t bytes = 0, has;
	unsigned i = 0;

	while ((d = board_next_class(b, "gicv3-redist", &i)))
		bytes += d->size;
	if (!bytes)
		return gic >= 0 && !v2 ? arm64_fits_kind(b, 3, err) : 0;
	if (gic < 0)
		return v2 ? arm64_fits_kind(b, 2, err) : 0;
	has = arm64_tree_redists(dtb, gic);
	if (has >= bytes)
		return 0;
	err_set(err, EINVAL,
		"its GICv3 has redistributors for %u CPUs, and this machine "
		"has %u CPUs",
		(unsigned)(has / (bytes / b->ncpus)), b->ncpus);
	err_hint(err,
		 "give the machine no more --cpus, or the tree the regions "
		 "that vmm dump fdt --cpus %u writes",
		 b->ncpus);
	return -EINVAL;
}

static const struct fdt_special arm64_specials[] = {
	{ .compatible = "arm,cortex-a15-gic",
	  .node = "interrupt-controller",
	  .body = arm64_gicv2 },
	{ .compatible = "arm,gic-v3",
	  .node = "interrupt-controller",
	  .body = arm64_gicv3 },
	{ .compatible = "arm,gic-v2m-frame",
	  .node = "msi-controller",
	  .body = arm64_gicv2m,
	  .child = true },
	{ .compatible = "arm,gic-v3-its",
	  .node = "msi-controller",
	  .body = arm64_its,
	  .child = true },
	{ .compatible = "arm,pl011",
	  .node = "serial",
	  .body = arm64_uart,
	  .also = "arm,primecell" },
	{ .compatible = "arm,pl031",
	  .node = "rtc",
	  .body = arm64_primecell,
	  .also = "arm,primecell" },
	{ .compatible = "arm,pl061",
	  .node = "gpio",
	  .body = arm64_gpio,
	  .also = "arm,primecell" },
	{ .compatible = "cfi-flash", .node = "flash", .body = arm64_flash },
	{ .compatible = "qemu,fw-cfg-mmio",
	  .node = "fw-cfg",
	  .body = fdt_coherent_body },
	{ 0 },
};

const struct fdt_arch fdt_arm64 = {
	.arch = ARCH_ARM64,
	.compatible = "linux,dummy-virt",
	.specials = arm64_specials,
	.irq = arm64_irq,
	.intc_address_cells = 2,
	.msi = arm64_msi,
	.cpu = arm64_cpu,
	.cpus = arm64_cpu_map,
	.extra = arm64_extra,
	.fits = arm64_fits,
};
