// SPDX-License-Identifier: MIT
/*
 * The demonstration guest: says what machine it finds itself on, and leaves.
 *
 * Embedded in vmm.  Each character is an exit, so it is brief and does not
 * align.  With "quiet" on its command line it finds everything and prints
 * nothing: a start-up measurement is not about the serial port.
 */
#include "arch.h"
#include "guest.h"
#include "pci.h"

#define VIRTIO_VENDOR 0x1af4
#define VIRTIO_MAGIC  0x74726976 /* "virt" */

static const char *virtio_name(unsigned id)
{
	static const char *const names[] = {
		[1] = "network", [2] = "block",	  [3] = "console",
		[4] = "entropy", [5] = "balloon", [8] = "SCSI",
		[9] = "9P",	 [16] = "GPU",	  [18] = "input",
		[19] = "socket", [20] = "crypto", [24] = "memory",
		[26] = "fs",	 [27] = "pmem",
	};

	return id < ARRAY_SIZE(names) && names[id] ? names[id] : "unknown";
}

static void demo_memory(void)
{
	uint64_t usable = 0;

	for (unsigned i = 0; i < machine.nmem; i++)
		if (machine.mem[i].type == MEM_RAM)
			usable += machine.mem[i].size;
	printf("memory: %lu KiB,", usable >> 10);
	for (unsigned i = 0; i < machine.nmem; i++)
		if (machine.mem[i].type == MEM_RAM)
			printf(" %lx-%lx", machine.mem[i].base,
			       machine.mem[i].base + machine.mem[i].size - 1);
	printf("\n");
}

static void demo_acpi(void)
{
	char line[6 * MAX_TABLES];
	size_t n = 0;

	if (!machine.ntables)
		return;
	for (unsigned i = 0; i < machine.ntables; i++, n += 5)
		snprintf(line + n, sizeof(line) - n, " %.*s", 4,
			 machine.table[i]->signature);
	printf("ACPI:%s\n", line);
}

static void demo_pci(void)
{
	if (machine.phb)
		printf("PCI: host bridge %lx, by RTAS\n", machine.phb);
	else if (machine.ecam)
		printf("PCI: ECAM %lx, buses %u-%u\n", machine.ecam,
		       machine.bus_first, machine.bus_last);
	for (unsigned i = 0; i < npci; i++) {
		const struct pci_dev *d = &pci[i];
		bool modern = d->vendor == VIRTIO_VENDOR && d->device > 0x1040;

		printf("  %02x:%02x.%u %04x:%04x %s%s\n", d->bus, d->dev, d->fn,
		       d->vendor, d->device, modern ? "virtio " : "",
		       modern ? virtio_name(d->device - 0x1040)
			      : pci_class_name(d->class));
	}
}

static void demo_mmio(void)
{
	for (unsigned i = 0; i < machine.nslots; i++) {
		const struct mmio_slot *s = &machine.slot[i];
		uint32_t id = mmio_read32(s->base + 8);

		if (mmio_read32(s->base) == VIRTIO_MAGIC && id)
			printf("virtio-mmio: %lx, GSI %u: %s\n", s->base,
			       s->gsi, virtio_name(id));
	}
}

int guest_main(void)
{
	char cpu[160], irq[96];

	pci_scan();
	arch_describe(cpu, sizeof(cpu), irq, sizeof(irq));
	if (cmdline_has("quiet"))
		return 0;
	printf("vmm's demonstration guest, entered by %s\n"
	       "CPU: %u x %s\n",
	       machine.entry, machine.ncpus ? machine.ncpus : 1, cpu);
	demo_memory();
	demo_acpi();
	printf("interrupts: %s\n", irq);
	demo_pci();
	demo_mmio();
	printf("powering off\n");
	return 0;
}
