/* SPDX-License-Identifier: MIT */
/* Sample boards for the writers of tables: plain, full and huge. */
#include "tests/support/boards.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "hw/acpi/ged.h"
#include "hw/apic/ioapic.h"
#include "hw/char/uart16550.h"
#include "hw/misc/i8042.h"
#include "hw/misc/pvpanic.h"
#include "hw/pci/host.h"
#include "hw/rtc/cmos.h"
#include "hw/virtio/mmio.h"

#define GIB UINT64_C(0x40000000)

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

void sample_board_make(struct sample_board *s, enum sample which)
{
	static const char *const names[] = { "bare", "pc", "full", "huge" };
	static const unsigned ncpus[] = { 1, 1, 4, 300 };

	memset(s, 0, sizeof(*s));
	s->name = names[which];
	sample_base(s, ncpus[which]);
	switch (which) {
	case SAMPLE_PC: sample_pc(s); break;
	case SAMPLE_FULL: sample_full(s); break;
	case SAMPLE_HUGE: sample_huge(s); break;
	default: break;
	}
}
