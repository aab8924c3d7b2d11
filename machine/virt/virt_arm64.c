/* SPDX-License-Identifier: MIT */
/* The arm64 virt machine: what is where, on which interrupt. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cpu/arm64/features.h"
#include "hw/acpi/ged.h"
#include "hw/char/debugcon.h"
#include "hw/char/pl011.h"
#include "hw/core/prop.h"
#include "hw/flash/cfi01.h"
#include "hw/gic/gic.h"
#include "hw/gpio/pl061.h"
#include "hw/misc/fw_cfg.h"
#include "hw/misc/isa_debug_exit.h"
#include "hw/pci/host.h"
#include "hw/rtc/pl031.h"
#include "machine/virt/virt.h"

#define GIB UINT64_C(0x40000000)
#define MIB UINT64_C(0x100000)
#define KIB UINT64_C(0x400)

/* The places of QEMU's virt board, so that firmware made for it runs. */
#define ARM64_FLASH	  UINT64_C(0)
#define ARM64_GIC_DIST	  UINT64_C(0x08000000)
#define ARM64_GIC_CPU	  UINT64_C(0x08010000)
#define ARM64_GICV2M	  UINT64_C(0x08020000)
#define ARM64_GIC_ITS	  UINT64_C(0x08080000)
#define ARM64_GIC_REDIST  UINT64_C(0x080a0000)
#define ARM64_UART	  UINT64_C(0x09000000)
#define ARM64_RTC	  UINT64_C(0x09010000)
#define ARM64_FW_CFG	  UINT64_C(0x09020000)
#define ARM64_GPIO	  UINT64_C(0x09030000)
#define ARM64_GED	  UINT64_C(0x09080000)
#define ARM64_VIRTIO	  UINT64_C(0x0a000000)
#define ARM64_PLATFORM	  UINT64_C(0x0c000000)
#define ARM64_PCI_BASE	  UINT64_C(0x10000000)
#define ARM64_PCI_SIZE	  UINT64_C(0x2eff0000)
#define ARM64_PCI_IO	  UINT64_C(0x3eff0000)
#define ARM64_PCI_IO_SIZE UINT64_C(0x10000)
#define ARM64_ECAM	  UINT64_C(0x3f000000)
#define ARM64_ECAM_BUSES  16
#define ARM64_RAM	  GIB

/* Above RAM, but not below this: see arm64_high(). */
#define ARM64_HIGH	       (256 * GIB)
#define ARM64_HIGH_REDIST_SIZE (64 * MIB)
#define ARM64_HIGH_ECAM_BUSES  256
#define ARM64_HIGH_PCI_SIZE    (512 * GIB)

/* CPUs whose redistributors fit below the UART. */
#define ARM64_REDIST_CPUS 123
#define ARM64_GICV2_CPUS  8
#define ARM64_GICV3_CPUS  512

#define ARM64_SPIS     256
#define ARM64_IRQ_UART 1
#define ARM64_IRQ_RTC  2
#define ARM64_IRQ_INTX 3
#define ARM64_IRQ_GPIO 7
#define ARM64_IRQ_GED  9
#define ARM64_IRQ_V2M  80

/* For the ACPI tables, see struct board. */
#define ARM64_ACPI_SIZE (256 * KIB)

/* ---- interrupt controllers */

static bool has_gicv2(const struct board *b, const struct vm_config *cfg)
{
	(void)cfg;
	return virt_irqchip_is(b, "gicv2") || virt_irqchip_is(b, "gicv2m") ||
	       virt_irqchip_is(b, "software");
}

static bool has_gicv3(const struct board *b, const struct vm_config *cfg)
{
	return !has_gicv2(b, cfg);
}

static bool has_its(const struct board *b, const struct vm_config *cfg)
{
	(void)cfg;
	return virt_irqchip_is(b, "gicv3-its");
}

static bool has_gicv2m(const struct board *b, const struct vm_config *cfg)
{
	return !virt_irqchip_is(b, "gicv2") && !has_its(b, cfg);
}

static bool has_second_redist(const struct board *b,
			      const struct vm_config *cfg)
{
	return has_gicv3(b, cfg) && b->ncpus > ARM64_REDIST_CPUS;
}

static bool gic_in_kernel(const struct board *b)
{
	return !virt_irqchip_is(b, "software");
}

static const char *const arm64_irqchips[] = { "gicv3-its", "gicv3",    "gicv2m",
					      "gicv2",	   "software", NULL };

/* ---- what the layout moves */

static uint64_t align_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) / align * align;
}

/* Where the windows above RAM begin: RAM beyond 255 GiB moves them up. */
static uint64_t arm64_high(const struct board *b)
{
	uint64_t top = align_up(board_ram_top(b), GIB);

	return top > ARM64_HIGH ? top : ARM64_HIGH;
}

static void place_redist(const struct board *b, struct board_dev *d)
{
	unsigned n = b->ncpus < ARM64_REDIST_CPUS ? b->ncpus
						  : ARM64_REDIST_CPUS;

	d->size = n * GICV3_REDIST_STRIDE;
}

static void place_second_redist(const struct board *b, struct board_dev *d)
{
	d->base = arm64_high(b);
	d->size = (b->ncpus - ARM64_REDIST_CPUS) * GICV3_REDIST_STRIDE;
}

static void place_ecam(const struct board *b, struct board_dev *d)
{
	d->base = b->pci.ecam.base;
	d->size = b->pci.ecam.size;
}

/* ---- flash: the firmware's code, and what it keeps */

static bool has_firmware(const struct board *b, const struct vm_config *cfg)
{
	(void)b;
	return cfg->firmware;
}

static void code_props(const struct vm_config *cfg, char *buf, size_t len)
{
	size_t n = (size_t)snprintf(buf, len, "readonly=on,");

	prop_join("file", cfg->firmware, buf + n, len - n);
}

static void vars_props(const struct vm_config *cfg, char *buf, size_t len)
{
	*buf = '\0';
	if (cfg->pflash)
		prop_join("file", cfg->pflash, buf, len);
}

#define MMIO(name_, class_, base_) \
	.name = name_, .class = &class_, .space = SPACE_MMIO, .base = base_

#define PIO(name_, class_, base_) \
	.name = name_, .class = &class_, .space = SPACE_PIO, .base = base_

static const struct board_slot arm64_slots[] = {
	{ MMIO("flash0", cfi01_class, ARM64_FLASH), .irq = BOARD_NO_IRQ,
	  .wanted = has_firmware, .props = code_props },
	{ MMIO("flash1", cfi01_class, ARM64_FLASH + CFI01_SIZE),
	  .irq = BOARD_NO_IRQ, .wanted = has_firmware, .props = vars_props },
	{ MMIO("gic", gicv2_dist_class, ARM64_GIC_DIST), .irq = BOARD_NO_IRQ,
	  .wanted = has_gicv2, .in_kernel = gic_in_kernel },
	{ MMIO("gic-cpu", gicv2_cpu_class, ARM64_GIC_CPU), .irq = BOARD_NO_IRQ,
	  .wanted = has_gicv2, .in_kernel = gic_in_kernel },
	{ MMIO("gic", gicv3_dist_class, ARM64_GIC_DIST), .irq = BOARD_NO_IRQ,
	  .wanted = has_gicv3, .in_kernel = gic_in_kernel },
	{ MMIO("gic-redist", gicv3_redist_class, ARM64_GIC_REDIST),
	  .irq = BOARD_NO_IRQ, .wanted = has_gicv3, .in_kernel = gic_in_kernel,
	  .place = place_redist },
	{ MMIO("gic-redist.1", gicv3_redist_class, 0), .irq = BOARD_NO_IRQ,
	  .wanted = has_second_redist, .in_kernel = gic_in_kernel,
	  .place = place_second_redist },
	{ MMIO("its", gic_its_class, ARM64_GIC_ITS), .irq = BOARD_NO_IRQ,
	  .wanted = has_its, .in_kernel = gic_in_kernel },
	{ MMIO("gicv2m", gicv2m_class, ARM64_GICV2M), .irq = ARM64_IRQ_V2M,
	  .wanted = has_gicv2m },
	{ MMIO("serial", pl011_class, ARM64_UART), .irq = ARM64_IRQ_UART,
	  .trigger = TRIGGER_LEVEL },
	{ MMIO("rtc", pl031_class, ARM64_RTC), .irq = ARM64_IRQ_RTC,
	  .trigger = TRIGGER_LEVEL, .props = virt_rtc_props },
	{ MMIO("fw-cfg", fw_cfg_mmio_class, ARM64_FW_CFG), .irq = BOARD_NO_IRQ,
	  .wanted = has_firmware },
	{ MMIO("gpio", pl061_class, ARM64_GPIO), .irq = ARM64_IRQ_GPIO,
	  .trigger = TRIGGER_LEVEL },
	{ MMIO("ged", acpi_ged_class, ARM64_GED), .irq = ARM64_IRQ_GED,
	  .trigger = TRIGGER_LEVEL },
	{ MMIO("pci", pci_host_ecam_class, 0), .irq = BOARD_NO_IRQ,
	  .place = place_ecam },
	{ MMIO("pci-io", pci_io_window_class, ARM64_PCI_IO),
	  .irq = BOARD_NO_IRQ },
	{ 0 },
};

/* Ports, which the CPU finds in the PCI I/O window. */
static const struct board_slot arm64_optional[] = {
	{ PIO("isa-debug-exit", isa_debug_exit_class, DEBUG_EXIT_PORT),
	  .irq = BOARD_NO_IRQ },
	{ PIO("debugcon", debugcon_class, DEBUGCON_PORT), .irq = BOARD_NO_IRQ },
	{ 0 },
};

/* ---- the layout */

static int arm64_ram(struct board *b, uint64_t size, struct err *err)
{
	uint64_t limit = UINT64_C(1) << b->phys_bits;
	char most[32];

	if (size > limit - ARM64_RAM)
		return err_set(
			err, EINVAL,
			"--memory: this host's guests can have %s at "
			"most (%u-bit physical addresses)",
			format_size(limit - ARM64_RAM, most, sizeof(most)),
			b->phys_bits);
	b->ram[b->nram++] =
		(struct board_ram){ .base = ARM64_RAM, .size = size };
	return 0;
}

/* Four levels of affinity, of which KVM fills the lowest with 16 CPUs. */
static uint64_t arm64_mpidr(unsigned cpu)
{
	return (cpu & 0xf) | (uint64_t)(cpu >> 4 & 0xff) << 8 |
	       (uint64_t)(cpu >> 12) << 16;
}

static int arm64_cpus(struct board *b, const struct vm_config *cfg,
		      struct err *err)
{
	bool v2 = has_gicv2(b, cfg);
	unsigned max = v2 ? ARM64_GICV2_CPUS : ARM64_GICV3_CPUS;

	if (!v2 && arm64_high(b) + ARM64_HIGH_REDIST_SIZE >
			   UINT64_C(1) << b->phys_bits)
		max = ARM64_REDIST_CPUS;
	if (b->ncpus > max) {
		err_set(err, EINVAL,
			"--cpus: a machine with this interrupt controller "
			"(%s) has %u CPUs at most",
			b->irqchip, max);
		if (v2)
			err_hint(err,
				 "--irqchip gicv3-its serves %d, where "
				 "the host has it",
				 ARM64_GICV3_CPUS);
		return -EINVAL;
	}
	for (unsigned i = 0; i < b->ncpus; i++)
		b->cpus[i].hw_id = arm64_mpidr(i);
	return 0;
}

/*
 * The buses' configuration space is above RAM where guest addresses reach so
 * far, and so is the large window; AArch32 sees the low 4 GiB.
 */
static void arm64_pci(struct board *b)
{
	uint64_t limit = b->aarch32 ? 4 * GIB : UINT64_C(1) << b->phys_bits;
	uint64_t ecam = align_up(arm64_high(b) + ARM64_HIGH_REDIST_SIZE,
				 ARM64_HIGH_ECAM_BUSES * MIB);
	uint64_t end = ecam + ARM64_HIGH_ECAM_BUSES * MIB;
	uint64_t mmio64 = align_up(end, ARM64_HIGH_PCI_SIZE);

	b->pci = (struct board_pci){
		.present = true,
		.ecam = { ARM64_ECAM, ARM64_ECAM_BUSES * MIB },
		.buses = ARM64_ECAM_BUSES,
		.mmio32 = { ARM64_PCI_BASE, ARM64_PCI_SIZE },
		.pio = { 0, ARM64_PCI_IO_SIZE },
		.pio_mmio = ARM64_PCI_IO,
	};
	for (unsigned pin = 0; pin < 4; pin++)
		b->pci.intx[pin] = ARM64_IRQ_INTX + pin;
	if (end <= limit) {
		b->pci.ecam = (struct board_range){ ecam, end - ecam };
		b->pci.buses = ARM64_HIGH_ECAM_BUSES;
	}
	if (mmio64 < limit)
		b->pci.mmio64 = (struct board_range){
			mmio64, limit - mmio64 < ARM64_HIGH_PCI_SIZE
					? limit - mmio64
					: ARM64_HIGH_PCI_SIZE
		};
}

/* No more address bits than the map needs. */
static unsigned arm64_phys_bits(const struct board *b)
{
	uint64_t top = arm64_high(b) + ARM64_HIGH_REDIST_SIZE;
	unsigned bits = 32;

	if (b->ncpus <= ARM64_REDIST_CPUS)
		top = board_ram_top(b);
	if (b->pci.ecam.base + b->pci.ecam.size > top)
		top = b->pci.ecam.base + b->pci.ecam.size;
	if (b->pci.mmio64.base + b->pci.mmio64.size > top)
		top = b->pci.mmio64.base + b->pci.mmio64.size;
	while (UINT64_C(1) << bits < top)
		bits++;
	return bits;
}

/* At the end of what 32-bit addresses reach of RAM. */
static int arm64_acpi(struct board *b, const struct vm_config *cfg,
		      struct err *err)
{
	uint64_t end = board_ram_top(b) < 4 * GIB ? board_ram_top(b) : 4 * GIB;

	if (b->aarch32 && cfg->acpi == VM_ACPI_ON)
		return err_set(err, EINVAL,
			       "--machine: acpi=on is for 64-bit kernels, and "
			       "--cpu has aarch64=off");
	if (b->aarch32 || cfg->acpi == VM_ACPI_OFF)
		return 0;
	b->acpi =
		(struct board_range){ end - ARM64_ACPI_SIZE, ARM64_ACPI_SIZE };
	b->reserved[b->nreserved++] =
		(struct board_reserved){ "acpi", b->acpi.base, b->acpi.size };
	return 0;
}

static int arm64_layout(struct board *b, const struct vm_config *cfg,
			struct err *err)
{
	struct arm64_cpu cpu;
	int ret = arm64_cpu_parse(cfg->cpu, &cpu, err);

	if (!ret)
		ret = arm64_ram(b, cfg->memory.size, err);
	if (!ret)
		ret = arm64_cpus(b, cfg, err);
	if (ret < 0)
		return ret;
	b->aarch32 = cpu.aarch32;
	b->pmu = !cfg->no_pmu && cpu.wish[ARM64_PMU] != ARM64_WITHOUT;
	arm64_pci(b);
	b->platform = (struct board_range){ ARM64_PLATFORM, 32 * MIB };
	b->nlines = ARM64_SPIS;
	b->phys_bits = arm64_phys_bits(b);
	return arm64_acpi(b, cfg, err);
}

static const uint32_t arm64_virtio_irqs[] = {
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
	32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
};

const struct virt_target virt_arm64 = {
	.arch = ARCH_ARM64,
	.irqchips = arm64_irqchips,
	.slots = arm64_slots,
	.optional = arm64_optional,
	.layout = arm64_layout,
	.virtio_base = ARM64_VIRTIO,
	.virtio_stride = 0x200,
	.virtio_irqs = arm64_virtio_irqs,
	.nvirtio = sizeof(arm64_virtio_irqs) / sizeof(*arm64_virtio_irqs),
	.virtio_trigger = TRIGGER_LEVEL,
	.cmdline = "console=ttyAMA0",
	.dtb = true,
	.flash = true,
	.numa = true,
	.distances = true,
};
