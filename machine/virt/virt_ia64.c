/* SPDX-License-Identifier: MIT */
/* The ia64 virt machine: what is where, on which wire. */
#include <errno.h>
#include <string.h>

#include "hw/acpi/ged.h"
#include "hw/char/uart16550.h"
#include "hw/misc/sparse_ports.h"
#include "hw/pci/host.h"
#include "hw/sal/code.h"
#include "hw/sal/sal.h"
#include "hw/sapic/sapic.h"
#include "machine/virt/virt.h"

#define GIB UINT64_C(0x40000000)
#define MIB UINT64_C(0x100000)

/*
 * As KVM's machine had it: RAM below 3 GiB and from 4 GiB, then PCI, the I/O
 * port space, the interrupt controllers where every such machine has them.
 * Our own devices lie below those.
 */
#define IA64_LOW_RAM  (3 * GIB)
#define IA64_PCI_BASE IA64_LOW_RAM
#define IA64_PCI_SIZE (512 * MIB)
#define IA64_PORTS    UINT64_C(0xe0000000)
#define IA64_GED      UINT64_C(0xfeb00000)
#define IA64_VIRTIO   UINT64_C(0xfeb10000)
#define IA64_UART     UINT64_C(0xfeb80000)
#define IA64_IOSAPIC  UINT64_C(0xfec00000)
#define IA64_SAPIC    UINT64_C(0xfee00000)
#define IA64_PCI64    (256 * GIB)
/*
 * The firmware's RAM is a granule of Linux' (16 MiB) behind everything, as in
 * KVM's machine.  A kernel with CONFIG_FLATMEM takes all up to the last byte
 * of memory for its own, whatever EFI's map says of parts of it: mm/contig.c.
 */
#define IA64_FW_RAM	 UINT64_C(0xff000000)
#define IA64_FW_RAM_SIZE (16 * MIB)
#define IA64_FIRMWARE	 IA64_FW_RAM
#define IA64_ACPI	 (IA64_FIRMWARE + SAL_SIZE)
#define IA64_ACPI_SIZE	 UINT64_C(0x20000)

/* A LID names so many CPUs. */
#define IA64_MAX_CPUS SAL_MAX_CPUS
/* Less than a kernel, which is linked for 64 MiB and up, can have. */
#define IA64_MIN_RAM (80 * MIB)

#define MMIO(name_, class_, base_) \
	.name = name_, .class = &class_, .space = SPACE_MMIO, .base = base_

static const struct board_slot ia64_slots[] = {
	{ MMIO("sapic", sapic_class, IA64_SAPIC), .irq = BOARD_NO_IRQ },
	{ MMIO("iosapic", iosapic_class, IA64_IOSAPIC), .irq = BOARD_NO_IRQ },
	{ .name = "sal",
	  .class = &sal_class,
	  .irq = BOARD_NO_IRQ,
	  .props = virt_rtc_props },
	{ MMIO("ports", sparse_ports_class, IA64_PORTS), .irq = BOARD_NO_IRQ },
	{ .name = "pci", .class = &pci_host_calls_class, .irq = BOARD_NO_IRQ },
	{ MMIO("ged", acpi_ged_class, IA64_GED), .irq = 21,
	  .trigger = TRIGGER_LEVEL },
	{ MMIO("serial", uart16550_class, IA64_UART), .irq = 20,
	  .trigger = TRIGGER_LEVEL },
	{ 0 },
};

static const struct board_slot ia64_optional[] = {
	{ .name = "efi-nvram", .class = &efi_nvram_class, .irq = BOARD_NO_IRQ },
	{ 0 },
};

static int ia64_ram(struct board *b, uint64_t size, struct err *err)
{
	uint64_t limit = UINT64_C(1) << b->phys_bits;
	uint64_t low = size < IA64_LOW_RAM ? size : IA64_LOW_RAM;
	char most[32];

	if (size < IA64_MIN_RAM) {
		err_set(err, EINVAL,
			"--memory: an ia64 machine has %s at least",
			format_size(IA64_MIN_RAM, most, sizeof(most)));
		err_hint(err, "its kernels are linked for 64 MiB and up");
		return -EINVAL;
	}
	if (size > low && size - low > limit / 2)
		return err_set(err, EINVAL,
			       "--memory: an ia64 machine can have %s at most",
			       format_size(limit / 2, most, sizeof(most)));
	b->ram[b->nram++] = (struct board_ram){ .base = 0, .size = low };
	if (size > low)
		b->ram[b->nram++] = (struct board_ram){ .base = 4 * GIB,
							.size = size - low };
	/* Each page that the engine meets first is a fault of the host's: of a
	 * boot's time they are a sixth, with huge pages next to nothing. */
	b->ram_thp = true;
	return 0;
}

static void ia64_pci(struct board *b)
{
	uint64_t base = board_ram_top(b);

	base = base < 4 * GIB ? 4 * GIB : (base + GIB - 1) & ~(GIB - 1);
	b->pci = (struct board_pci){
		.present = true,
		.buses = 1,
		.mmio32 = { IA64_PCI_BASE, IA64_PCI_SIZE },
		.mmio64 = { base, IA64_PCI64 },
		.pio = { 0xc000, 0x4000 },
		.intx = { 16, 17, 18, 19 },
	};
}

/* --cpu: one model, with or without what the engine has for its guests. */
static int ia64_cpu(struct board *b, const char *spec, struct err *err)
{
	b->ia64.paravirt = true;
	if (!spec || !strcmp(spec, "host") || !strcmp(spec, "host,+paravirt"))
		return 0;
	b->ia64.paravirt = false;
	if (!strcmp(spec, "host,-paravirt"))
		return 0;
	err_set(err, EINVAL, "--cpu '%s': an ia64 machine has no such CPU",
		spec);
	err_hint(err, "host, or host,-paravirt without the engine's "
		      "paravirtual interface");
	return -EINVAL;
}

static int ia64_layout(struct board *b, const struct vm_config *cfg,
		       struct err *err)
{
	int ret = ia64_ram(b, cfg->memory.size, err);

	if (ret < 0)
		return ret;
	if (b->ncpus > IA64_MAX_CPUS)
		return err_set(err, EINVAL,
			       "--cpus: an ia64 machine has %u at most",
			       IA64_MAX_CPUS);
	ia64_pci(b);
	for (unsigned i = 0; i < b->ncpus; i++)
		b->cpus[i].hw_id = (uint64_t)i << 8;
	b->nlines = IOSAPIC_PINS;
	b->firmware_ram = (struct board_range){ IA64_FW_RAM, IA64_FW_RAM_SIZE };
	b->acpi = (struct board_range){ IA64_ACPI, IA64_ACPI_SIZE };
	b->ia64 = (struct board_ia64){
		.firmware = { IA64_FIRMWARE, SAL_SIZE },
		.pal = { IA64_FIRMWARE + SAL_AT_PAL, SAL_PAL_SIZE },
		.ports = { IA64_PORTS, SPARSE_PORTS_SIZE },
		.interrupt_block = IA64_SAPIC,
		.init_entry = IA64_FIRMWARE + SAL_AT_INIT,
		.pmi_return = IA64_FIRMWARE + SAL_AT_PMI,
		.min_state = IA64_FIRMWARE + SAL_MIN_STATE,
	};
	b->reserved[b->nreserved++] =
		(struct board_reserved){ "firmware", IA64_FIRMWARE, SAL_SIZE };
	return ia64_cpu(b, cfg->cpu, err);
}

/* The wires that no fixed device and no PCI slot has. */
static const uint32_t ia64_virtio_irqs[] = { 22, 23, 2,	 3,  4,	 5,  6,	 7,
					     8,	 9,  10, 11, 12, 13, 14, 15 };

static const char *const ia64_irqchips[] = { "sapic", NULL };

const struct virt_target virt_ia64 = {
	.arch = ARCH_IA64,
	.irqchips = ia64_irqchips,
	.slots = ia64_slots,
	.optional = ia64_optional,
	.layout = ia64_layout,
	.virtio_base = IA64_VIRTIO,
	.virtio_stride = 0x200,
	.virtio_irqs = ia64_virtio_irqs,
	.nvirtio = sizeof(ia64_virtio_irqs) / sizeof(*ia64_virtio_irqs),
	.virtio_trigger = TRIGGER_LEVEL,
	.cmdline = "console=ttyS0",
	.numa = true,
	.distances = true,
};
