/* SPDX-License-Identifier: MIT */
/* The x86_64 virt machine: what is where, on which interrupt. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cpu/x86_64/cpuid.h"
#include "hw/acpi/ged.h"
#include "hw/apic/ioapic.h"
#include "hw/char/debugcon.h"
#include "hw/char/uart16550.h"
#include "hw/misc/i8042.h"
#include "hw/misc/isa_debug_exit.h"
#include "hw/misc/pvpanic.h"
#include "hw/pci/host.h"
#include "hw/pci/reset_control.h"
#include "hw/rtc/cmos.h"
#include "machine/virt/virt.h"

#define GIB UINT64_C(0x40000000)
#define MIB UINT64_C(0x100000)

/*
 * Below 4 GiB: RAM, then 512 MiB for BARs, then what has a fixed place.  The
 * interrupt chips and the reset vector's neighbourhood are where every PC
 * has them.
 */
#define X86_LOW_RAM   (3 * GIB)
#define X86_PCI_BASE  X86_LOW_RAM
#define X86_PCI_SIZE  (512 * MIB)
#define X86_ECAM      UINT64_C(0xe0000000)
#define X86_PCI_BUSES 1
#define X86_GED	      UINT64_C(0xfeb00000)
#define X86_VIRTIO    UINT64_C(0xfeb10000)
#define X86_IOAPIC    UINT64_C(0xfec00000)
#define X86_LAPIC     UINT64_C(0xfee00000)
/* KVM's own pages, see cpu/kvm/x86_64.c. */
#define X86_KVM_PAGES UINT64_C(0xfeffc000)
#define X86_ACPI      UINT64_C(0xe0000)
/* The page of the BIOS's entry, see boot/x86.c. */
#define X86_BIOS UINT64_C(0xff000)
/* BARs above 4 GiB get as much as is left, up to this. */
#define X86_PCI64_MAX (256 * GIB)

static bool wants_pit(const struct board *b, const struct vm_config *cfg)
{
	(void)b;
	return cfg->pit;
}

/* Its port is one of pci-cf8's, which has the register, too. */
static bool wants_reset(const struct board *b, const struct vm_config *cfg)
{
	(void)b;
	for (unsigned i = 0; i < cfg->ndevices; i++)
		if (!strcmp(cfg->devices[i].name, "pci-cf8"))
			return false;
	return true;
}

static bool kernel_ioapic(const struct board *b)
{
	return virt_irqchip_is(b, "kernel");
}

static bool always(const struct board *b)
{
	(void)b;
	return true;
}

/* The 8254, which only KVM has. */
static const struct device_class pit_class = {
	.name = "pit",
	.brief = "8254 interval timer",
	.space = SPACE_PIO,
	.region_size = 4,
};

#define PIO(name_, class_, base_) \
	.name = name_, .class = &class_, .space = SPACE_PIO, .base = base_
#define MMIO(name_, class_, base_) \
	.name = name_, .class = &class_, .space = SPACE_MMIO, .base = base_

static const struct board_slot x86_slots[] = {
	{ MMIO("ioapic", ioapic_class, X86_IOAPIC), .irq = BOARD_NO_IRQ,
	  .in_kernel = kernel_ioapic },
	{ PIO("pit", pit_class, 0x40), .irq = 0, .wanted = wants_pit,
	  .in_kernel = always },
	{ MMIO("pci", pci_host_ecam_class, X86_ECAM),
	  .size = X86_PCI_BUSES * MIB, .irq = BOARD_NO_IRQ },
	{ MMIO("ged", acpi_ged_class, X86_GED), .irq = 9,
	  .trigger = TRIGGER_LEVEL },
	{ PIO("serial", uart16550_class, 0x3f8), .irq = 4 },
	{ PIO("rtc", cmos_rtc_class, 0x70), .irq = 8, .props = virt_rtc_props },
	{ PIO("i8042", i8042_class, 0x60), .irq = BOARD_NO_IRQ },
	{ PIO("reset", reset_control_class, 0xcf9), .irq = BOARD_NO_IRQ,
	  .wanted = wants_reset },
	{ PIO("pvpanic", pvpanic_class, PVPANIC_PORT), .irq = BOARD_NO_IRQ },
	{ 0 },
};

static const struct board_slot x86_optional[] = {
	{ PIO("isa-debug-exit", isa_debug_exit_class, DEBUG_EXIT_PORT),
	  .irq = BOARD_NO_IRQ },
	{ PIO("debugcon", debugcon_class, DEBUGCON_PORT), .irq = BOARD_NO_IRQ },
	{ PIO("pci-cf8", pci_cf8_class, 0xcf8), .irq = BOARD_NO_IRQ },
	{ 0 },
};

static int x86_ram(struct board *b, uint64_t size, struct err *err)
{
	uint64_t limit = UINT64_C(1) << b->phys_bits;
	uint64_t low = size < X86_LOW_RAM ? size : X86_LOW_RAM;
	char most[32];

	if (size > low && size - low > limit - 4 * GIB)
		return err_set(err, EINVAL,
			       "--memory: this host's guests can have %s at "
			       "most (%u-bit physical addresses)",
			       format_size(limit - GIB, most, sizeof(most)),
			       b->phys_bits);
	b->ram[b->nram++] = (struct board_ram){ .base = 0, .size = low };
	if (size > low)
		b->ram[b->nram++] = (struct board_ram){ .base = 4 * GIB,
							.size = size - low };
	return 0;
}

static void x86_pci(struct board *b)
{
	uint64_t limit = UINT64_C(1) << b->phys_bits;
	uint64_t base = board_ram_top(b);

	b->pci = (struct board_pci){
		.present = true,
		.ecam = { X86_ECAM, X86_PCI_BUSES * MIB },
		.buses = X86_PCI_BUSES,
		.mmio32 = { X86_PCI_BASE, X86_PCI_SIZE },
		.pio = { 0xc000, 0x4000 },
		.intx = { 16, 17, 18, 19 },
	};
	base = base < 4 * GIB ? 4 * GIB : (base + GIB - 1) & ~(GIB - 1);
	if (base < limit) {
		b->pci.mmio64.base = base;
		b->pci.mmio64.size = limit - base < X86_PCI64_MAX
					     ? limit - base
					     : X86_PCI64_MAX;
	}
}

static void x86_reserve(struct board *b, const char *name, uint64_t base,
			uint64_t size)
{
	b->reserved[b->nreserved++] =
		(struct board_reserved){ name, base, size };
}

static int x86_layout(struct board *b, const struct vm_config *cfg,
		      struct err *err)
{
	int ret = x86_ram(b, cfg->memory.size, err);

	if (ret < 0)
		return ret;
	if (cfg->pit && virt_irqchip_is(b, "split")) {
		err_set(err, EINVAL,
			"--machine pit=on: only KVM has an 8254, and only "
			"beside its own interrupt controllers");
		err_hint(err, "leave --irqchip split out");
		return -EINVAL;
	}
	x86_pci(b);
	for (unsigned i = 0; i < b->ncpus; i++)
		b->cpus[i].hw_id = x86_apic_id(b->cores, b->threads, i);
	b->nlines = 24;
	if (cfg->acpi != VM_ACPI_OFF)
		b->acpi = (struct board_range){ X86_ACPI, X86_BIOS - X86_ACPI };
	x86_reserve(b, "bios", X86_BIOS, 0x1000);
	x86_reserve(b, "lapic", X86_LAPIC, 0x1000);
	x86_reserve(b, "kvm", X86_KVM_PAGES, 0x4000);
	return 0;
}

/* The pins that no fixed device and no PCI slot has. */
static const uint32_t x86_virtio_irqs[] = { 5,	6,  7,	10, 11, 12, 13,
					    14, 15, 20, 21, 22, 23 };

static const char *const x86_irqchips[] = { "kernel", "split", NULL };

const struct virt_target virt_x86_64 = {
	.arch = ARCH_X86_64,
	.irqchips = x86_irqchips,
	.slots = x86_slots,
	.optional = x86_optional,
	.layout = x86_layout,
	.virtio_base = X86_VIRTIO,
	.virtio_stride = 0x200,
	.virtio_irqs = x86_virtio_irqs,
	.nvirtio = sizeof(x86_virtio_irqs) / sizeof(*x86_virtio_irqs),
	.virtio_trigger = TRIGGER_LEVEL,
	.cmdline = "console=ttyS0",
	.numa = true,
	.distances = true,
};
