/* SPDX-License-Identifier: MIT */
/* A board as text: its address map, and all that it says. */
#include "cmd/board_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hw/core/prop.h"

/* ---- the address map */

struct map_row {
	uint64_t base, size;
	const char *what;
};

struct map {
	struct map_row *row;
	unsigned n;
};

static void map_add(struct map *m, uint64_t base, uint64_t size,
		    const char *what)
{
	if (m->row && size)
		m->row[m->n++] = (struct map_row){ base, size, what };
}

/* By address; what encloses comes before what it encloses. */
static int map_compare(const void *pa, const void *pb)
{
	const struct map_row *a = pa, *b = pb;

	if (a->base != b->base)
		return a->base < b->base ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return strcmp(a->what, b->what);
}

static void map_print(struct map *m, const char *title, int digits, FILE *f)
{
	char size[32];

	fprintf(f, "%s\n", title);
	qsort(m->row, m->n, sizeof(*m->row), map_compare);
	for (unsigned i = 0; i < m->n; i++)
		fprintf(f, "  0x%0*" PRIx64 "  %10s  %s\n", digits,
			m->row[i].base,
			format_size(m->row[i].size, size, sizeof(size)),
			m->row[i].what);
}

static void map_add_devices(struct map *m, const struct board *b,
			    enum device_space space)
{
	for (unsigned i = 0; i < b->ndevs; i++) {
		const struct board_dev *d = &b->devs[i];

		/* The host bridge's region is the ECAM, named already. */
		if (d->space != space ||
		    (b->pci.present && d->base == b->pci.ecam.base))
			continue;
		map_add(m, d->base, d->size, d->name);
	}
}

/* Room for every row that a board can yield. */
static void map_init(struct map *m, const struct board *b)
{
	m->row = calloc(b->ndevs + b->nram + b->nreserved + 8, sizeof(*m->row));
	m->n = 0;
}

void board_print_memmap(const struct board *b, FILE *f)
{
	struct map m;

	map_init(&m, b);
	for (unsigned i = 0; i < b->nram; i++)
		map_add(&m, b->ram[i].base, b->ram[i].size, "RAM");
	map_add(&m, b->firmware_ram.base, b->firmware_ram.size, "firmware RAM");
	for (unsigned i = 0; i < b->nreserved; i++)
		if (b->reserved[i].base != b->acpi.base) /* it is next */
			map_add(&m, b->reserved[i].base, b->reserved[i].size,
				b->reserved[i].name);
	map_add(&m, b->acpi.base, b->acpi.size, "ACPI tables");
	map_add(&m, b->platform.base, b->platform.size, "platform bus");
	if (b->pci.present) {
		map_add(&m, b->pci.ecam.base, b->pci.ecam.size, "PCI ECAM");
		map_add(&m, b->pci.mmio32.base, b->pci.mmio32.size,
			"PCI window, 32-bit");
		map_add(&m, b->pci.mmio64.base, b->pci.mmio64.size,
			"PCI window, 64-bit");
	}
	map_add_devices(&m, b, SPACE_MMIO);
	map_print(&m, "Memory", 12, f);
	free(m.row);

	map_init(&m, b);
	if (b->pci.present)
		map_add(&m, b->pci.pio.base, b->pci.pio.size,
			"PCI window, I/O");
	map_add_devices(&m, b, SPACE_PIO);
	if (m.n)
		map_print(&m, "I/O ports", 4, f);
	free(m.row);
}

/* ---- all of it */

static void board_print_range(const char *name, const struct board_range *r,
			      FILE *f)
{
	if (r->size)
		fprintf(f, "  %s: base 0x%" PRIx64 ", size 0x%" PRIx64 "\n",
			name, r->base, r->size);
}

static void board_print_cpus(const struct board *b, FILE *f)
{
	fprintf(f, "cpus: %u; sockets %u, cores %u, threads %u\n", b->ncpus,
		b->sockets, b->cores, b->threads);
	for (unsigned i = 0; i < b->ncpus; i++)
		fprintf(f,
			"  cpu %u: id 0x%" PRIx64 ", socket %u, core %u, "
			"thread %u, node %u\n",
			i, b->cpus[i].hw_id, b->cpus[i].socket, b->cpus[i].core,
			b->cpus[i].thread, b->cpus[i].node);
}

static void board_print_memory(const struct board *b, FILE *f)
{
	fprintf(f, "memory: %u-bit addresses\n", b->phys_bits);
	for (unsigned i = 0; i < b->nram; i++)
		fprintf(f,
			"  ram: base 0x%" PRIx64 ", size 0x%" PRIx64
			", node %u\n",
			b->ram[i].base, b->ram[i].size, b->ram[i].node);
	for (unsigned i = 0; i < b->nreserved; i++)
		fprintf(f,
			"  reserved: base 0x%" PRIx64 ", size 0x%" PRIx64
			", %s\n",
			b->reserved[i].base, b->reserved[i].size,
			b->reserved[i].name);
	board_print_range("firmware RAM", &b->firmware_ram, f);
	board_print_range("acpi", &b->acpi, f);
	board_print_range("platform bus", &b->platform, f);
}

static void board_print_pci(const struct board *b, FILE *f)
{
	const struct board_pci *p = &b->pci;

	if (!p->present)
		return;
	fprintf(f, "pci: buses %u, INTA to INTD %u %u %u %u\n", p->buses,
		p->intx[0], p->intx[1], p->intx[2], p->intx[3]);
	board_print_range("ecam", &p->ecam, f);
	board_print_range("mmio32", &p->mmio32, f);
	board_print_range("mmio64", &p->mmio64, f);
	board_print_range("pio", &p->pio, f);
}

static void board_print_place(const struct board_dev *d, FILE *f)
{
	switch (d->space) {
	case SPACE_NONE: return;
	case SPACE_PCI:
		fprintf(f, ", pci 00:%02x.%x", d->devfn >> 3, d->devfn & 7);
		return;
	case SPACE_VIO: fprintf(f, ", vio unit 0x%" PRIx64, d->base); return;
	case SPACE_MMIO:
	case SPACE_PIO:
		if (d->size)
			fprintf(f, ", %s base 0x%" PRIx64 ", size 0x%" PRIx64,
				d->space == SPACE_PIO ? "port" : "mmio",
				d->base, d->size);
		return;
	}
}

static void board_print_device(const struct board_dev *d, FILE *f)
{
	fprintf(f, "  %s: class %s", d->name, d->class->name);
	board_print_place(d, f);
	if (d->irq != BOARD_NO_IRQ)
		fprintf(f, ", irq %u %s %s", d->irq,
			d->trigger == TRIGGER_LEVEL ? "level" : "edge",
			d->polarity == POLARITY_LOW ? "low" : "high");
	if (d->in_kernel)
		fputs(", in KVM", f);
	if (d->props && *d->props)
		fprintf(f, ", %s", d->props);
	if (d->function)
		fprintf(f, "; %s: class %s", d->function_name,
			d->function->name);
	if (d->function && d->function_props)
		fprintf(f, ", %s", d->function_props);
	putc('\n', f);
}

void board_print(const struct board *b, FILE *f)
{
	fprintf(f, "machine: %s for %s\n", b->machine, arch_name(b->arch));
	fprintf(f, "irqchip: %s, lines %u\n", b->irqchip, b->nlines);
	board_print_cpus(b, f);
	board_print_memory(b, f);
	board_print_pci(b, f);
	fprintf(f, "devices: %u\n", b->ndevs);
	for (unsigned i = 0; i < b->ndevs; i++)
		board_print_device(&b->devs[i], f);
}
