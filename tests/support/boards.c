/* SPDX-License-Identifier: MIT */
/* Sample boards for the writers of tables: plain, full and huge. */
#include "tests/support/boards.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "hw/acpi/ged.h"
#include "hw/apic/ioapic.h"
#include "hw/char/uart16550.h"
#include "hw/gic/gic.h"
#include "hw/misc/i8042.h"
#include "hw/misc/pvpanic.h"
#include "hw/pci/host.h"
#include "hw/rtc/cmos.h"
#include "hw/rtc/pl031.h"
#include "hw/sal/code.h"
#include "hw/sapic/sapic.h"
#include "hw/virtio/mmio.h"

#define GIB UINT64_C(0x40000000)

/* What the tables see of them. */
static const struct device_class sample_pl011_class = {
	.name = "pl011",
	.compatible = "arm,pl011",
	.acpi_hid = "ARMH0011",
	.space = SPACE_MMIO,
	.region_size = 0x1000,
};
static const struct device_class sample_fw_cfg_class = {
	.name = "fw-cfg",
	.compatible = "qemu,fw-cfg-mmio",
	.acpi_hid = "QEMU0002",
	.space = SPACE_MMIO,
	.region_size = 0x18,
};

static struct board_dev *sample_add(struct sample_board *s, const char *name,
				    const struct device_class *c, uint64_t base,
				    uint64_t size, uint32_t irq)
{
	struct board_dev *d = &s->devs[s->board.ndevs++];

	assert(s->board.ndevs <= BOARDS_MAX_DEVS);
	*d = (struct board_dev){ .class = c,
				 .space = c->space,
				 .base = base,
				 .size = size ? size : c->region_size,
				 .irq = irq };
	snprintf(d->name, sizeof(d->name), "%s", name);
	for (unsigned i = 0; i + 1 < s->board.ndevs; i++)
		d->uid += s->devs[i].class == c;
	return d;
}

static void sample_base(struct sample_board *s, unsigned ncpus)
{
	struct board *b = &s->board;

	b->arch = ARCH_X86_64;
	b->machine = "virt";
	b->irqchip = "kernel";
	b->cpus = s->cpus;
	b->devs = s->devs;
	b->ncpus = ncpus;
	b->sockets = b->threads = 1;
	b->cores = ncpus;
	for (unsigned i = 0; i < ncpus; i++)
		s->cpus[i] = (struct board_cpu){ .hw_id = i, .core = i };
	b->nlines = 24;
	b->phys_bits = 46;
	b->acpi = (struct board_range){ 0xe0000, 0x20000 };
	b->ram[b->nram++] = (struct board_ram){ .base = 0, .size = GIB };
	sample_add(s, "ioapic", &ioapic_class, 0xfec00000, 0, BOARD_NO_IRQ)
		->in_kernel = true;
	sample_add(s, "serial", &uart16550_class, 0x3f8, 0, 4);
}

static void sample_pc(struct sample_board *s)
{
	struct board *b = &s->board;

	b->pci = (struct board_pci){
		.present = true,
		.ecam = { 0xe0000000, 1 << 20 },
		.buses = 1,
		.mmio32 = { 0xc0000000, 0x20000000 },
		.mmio64 = { 4 * GIB, 64 * GIB },
		.pio = { 0xc000, 0x4000 },
		.intx = { 16, 17, 18, 19 },
	};
	sample_add(s, "pci", &pci_host_ecam_class, 0xe0000000, 1 << 20,
		   BOARD_NO_IRQ);
	sample_add(s, "ged", &acpi_ged_class, 0xfeb00000, 0, 9)->trigger =
		TRIGGER_LEVEL;
	sample_add(s, "rtc", &cmos_rtc_class, 0x70, 0, 8);
	sample_add(s, "i8042", &i8042_class, 0x60, 0, BOARD_NO_IRQ);
	sample_add(s, "pvpanic", &pvpanic_class, PVPANIC_PORT, 0, BOARD_NO_IRQ);
}

static void sample_full(struct sample_board *s)
{
	struct board *b = &s->board;
	char name[16];

	sample_pc(s);
	b->ram[b->nram++] = (struct board_ram){ 4 * GIB, 2 * GIB, 1 };
	b->pci.mmio64.base = 8 * GIB;
	s->cpus[2].node = s->cpus[3].node = 1;
	for (unsigned i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "virtio-mmio.%u", i);
		sample_add(s, name, &virtio_mmio_class, 0xfeb10000 + 0x200 * i,
			   0, 5 + i % 2)
			->trigger = TRIGGER_LEVEL;
	}
	sample_add(s, "serial.1", &uart16550_class, 0x2f8, 0, 3);
}

static void sample_huge(struct sample_board *s)
{
	struct board *b = &s->board;

	sample_pc(s);
	for (unsigned i = 0; i < b->ncpus; i++)
		s->cpus[i].hw_id = 2 * i;
	b->ram[0].size = 3 * GIB;
	b->ram[b->nram++] = (struct board_ram){ 4 * GIB, 1021 * GIB, 0 };
	b->pci.mmio64 = (struct board_range){ 2048 * GIB, 1024 * GIB };
	b->pci.buses = 256;
	b->pci.ecam = (struct board_range){ 8192 * GIB, 256 << 20 };
	for (unsigned i = 0; i < b->ndevs; i++)
		if (s->devs[i].class == &pci_host_ecam_class) {
			s->devs[i].base = b->pci.ecam.base;
			s->devs[i].size = b->pci.ecam.size;
		}
	sample_add(s, "virtio-mmio.0", &virtio_mmio_class, 16384 * GIB, 0, 20);
}

/* ---- arm64: the places of QEMU's virt board */

static void sample_arm_base(struct sample_board *s, unsigned ncpus,
			    unsigned threads)
{
	struct board *b = &s->board;

	b->arch = ARCH_ARM64;
	b->machine = "virt";
	b->cpus = s->cpus;
	b->devs = s->devs;
	b->ncpus = ncpus;
	b->threads = threads;
	b->sockets = ncpus > 4 ? 2 : 1;
	b->cores = ncpus / threads / b->sockets;
	for (unsigned i = 0; i < ncpus; i++)
		s->cpus[i] = (struct board_cpu){
			.hw_id = (i / 16) << 8 | i % 16,
			.thread = i % threads,
			.core = i / threads % b->cores,
			.socket = i / threads / b->cores,
		};
	b->nlines = 256;
	b->phys_bits = 44;
	b->pmu = true;
	b->ram[b->nram++] = (struct board_ram){ .base = GIB, .size = GIB };
	b->acpi = (struct board_range){ 2 * GIB - (256 << 10), 256 << 10 };
	sample_add(s, "uart", &sample_pl011_class, 0x09000000, 0, 1)->trigger =
		TRIGGER_LEVEL;
	sample_add(s, "rtc", &pl031_class, 0x09010000, 0, 2)->trigger =
		TRIGGER_LEVEL;
	sample_add(s, "fw-cfg", &sample_fw_cfg_class, 0x09020000, 0,
		   BOARD_NO_IRQ);
	sample_add(s, "ged", &acpi_ged_class, 0x09080000, 0, 9)->trigger =
		TRIGGER_LEVEL;
}

static void sample_arm_pci(struct sample_board *s, uint64_t ecam,
			   uint64_t mmio64)
{
	s->board.pci = (struct board_pci){
		.present = true,
		.ecam = { ecam, 256 << 20 },
		.buses = 256,
		.mmio32 = { 0x10000000, 0x2eff0000 },
		.mmio64 = { mmio64, 512 * GIB },
		.pio = { 0, 0x10000 },
		.pio_mmio = 0x3eff0000,
		.intx = { 3, 4, 5, 6 },
	};
	sample_add(s, "pci", &pci_host_ecam_class, ecam, 256 << 20,
		   BOARD_NO_IRQ);
}

static void sample_arm_gicv3(struct sample_board *s)
{
	struct board *b = &s->board;
	unsigned low = b->ncpus < 123 ? b->ncpus : 123;

	b->irqchip = "gicv3-its";
	sample_add(s, "gic", &gicv3_dist_class, 0x08000000, 0, BOARD_NO_IRQ);
	sample_add(s, "gic-redist", &gicv3_redist_class, 0x080a0000,
		   low * GICV3_REDIST_STRIDE, BOARD_NO_IRQ);
	if (b->ncpus > low)
		sample_add(s, "gic-redist.1", &gicv3_redist_class, 1024 * GIB,
			   (b->ncpus - low) * GICV3_REDIST_STRIDE,
			   BOARD_NO_IRQ);
	sample_add(s, "its", &gic_its_class, 0x08080000, 0, BOARD_NO_IRQ);
}

static void sample_arm(struct sample_board *s)
{
	sample_arm_base(s, 2, 1);
	sample_arm_gicv3(s);
	sample_arm_pci(s, 257 * GIB, 512 * GIB);
}

static void sample_arm_v2m(struct sample_board *s)
{
	struct board *b = &s->board;
	char name[16];

	sample_arm_base(s, 4, 2);
	b->irqchip = "gicv2m";
	b->ram[b->nram++] = (struct board_ram){ 2 * GIB, GIB, 1 };
	s->cpus[2].node = s->cpus[3].node = 1;
	b->pmu = false;
	sample_add(s, "gic", &gicv2_dist_class, 0x08000000, 0, BOARD_NO_IRQ);
	sample_add(s, "gic-cpu", &gicv2_cpu_class, 0x08010000, 0, BOARD_NO_IRQ);
	sample_add(s, "gicv2m", &gicv2m_class, 0x08020000, 0, BOARD_NO_IRQ);
	sample_arm_pci(s, 257 * GIB, 512 * GIB);
	for (unsigned i = 0; i < 32; i++) {
		snprintf(name, sizeof(name), "virtio-mmio.%u", i);
		sample_add(s, name, &virtio_mmio_class, 0x0a000000 + 0x200 * i,
			   0, 16 + i);
	}
}

static void sample_arm_huge(struct sample_board *s)
{
	sample_arm_base(s, 512, 4);
	sample_arm_gicv3(s);
	s->board.ram[0].size = 1023 * GIB;
	for (unsigned i = 256; i < 512; i++)
		s->cpus[i].node = 1;
	sample_arm_pci(s, 1025 * GIB, 2048 * GIB);
}

/* ---- ia64: as virt has it */

static void sample_ia64(struct sample_board *s)
{
	struct board *b = &s->board;

	b->arch = ARCH_IA64;
	b->machine = "virt";
	b->irqchip = "sapic";
	b->cpus = s->cpus;
	b->devs = s->devs;
	b->ncpus = b->cores = 4;
	b->sockets = b->threads = 1;
	for (unsigned i = 0; i < b->ncpus; i++)
		s->cpus[i] = (struct board_cpu){ .hw_id = i << 8,
						 .core = i,
						 .node = i / 2 };
	b->nlines = IOSAPIC_PINS;
	b->phys_bits = 50;
	b->acpi = (struct board_range){ 0xe0000, 0x20000 };
	b->ram[b->nram++] = (struct board_ram){ 0, 3 * GIB, 0 };
	b->ram[b->nram++] = (struct board_ram){ 4 * GIB, GIB, 1 };
	b->ia64 = (struct board_ia64){
		.firmware = { 0x100000, SAL_SIZE },
		.ports = { 0xe0000000, 64 << 20 },
		.interrupt_block = 0xfee00000,
		.paravirt = true,
	};
	b->reserved[b->nreserved++] =
		(struct board_reserved){ "firmware", 0x100000, SAL_SIZE };
	b->pci = (struct board_pci){
		.present = true,
		.buses = 1,
		.mmio32 = { 3 * GIB, 0x20000000 },
		.mmio64 = { 8 * GIB, 256 * GIB },
		.pio = { 0xc000, 0x4000 },
		.intx = { 16, 17, 18, 19 },
	};
	sample_add(s, "sapic", &sapic_class, 0xfee00000, 0, BOARD_NO_IRQ);
	sample_add(s, "iosapic", &iosapic_class, 0xfec00000, 0, BOARD_NO_IRQ);
	sample_add(s, "pci", &pci_host_calls_class, 0, 0, BOARD_NO_IRQ);
	sample_add(s, "ged", &acpi_ged_class, 0xfeb00000, 0, 21)->trigger =
		TRIGGER_LEVEL;
	sample_add(s, "serial", &uart16550_class, 0xfeb80000, 0, 20)->space =
		SPACE_MMIO;
	s->devs[b->ndevs - 1].trigger = TRIGGER_LEVEL;
	sample_add(s, "virtio-mmio.0", &virtio_mmio_class, 0xfeb10000, 0, 22);
}

static const struct sample_kind {
	const char *name;
	void (*make)(struct sample_board *s);
	unsigned x86_cpus; /* 0: make() does all */
} sample_kinds[SAMPLE_COUNT] = {
	[SAMPLE_BARE] = { "bare", NULL, 1 },
	[SAMPLE_PC] = { "pc", sample_pc, 1 },
	[SAMPLE_FULL] = { "full", sample_full, 4 },
	[SAMPLE_HUGE] = { "huge", sample_huge, 300 },
	[SAMPLE_ARM] = { "arm", sample_arm, 0 },
	[SAMPLE_ARM_V2M] = { "arm-v2m", sample_arm_v2m, 0 },
	[SAMPLE_ARM_HUGE] = { "arm-huge", sample_arm_huge, 0 },
	[SAMPLE_IA64] = { "ia64", sample_ia64, 0 },
};

void sample_board_make(struct sample_board *s, enum sample which)
{
	const struct sample_kind *kind = &sample_kinds[which];

	memset(s, 0, sizeof(*s));
	s->name = kind->name;
	if (kind->x86_cpus)
		sample_base(s, kind->x86_cpus);
	if (kind->make)
		kind->make(s);
}
