/* SPDX-License-Identifier: MIT */
/*
 * One board, every output: each placed device appears once in each that
 * applies, with the same base, size and interrupt.  The descriptors are
 * encoded here a second time, from the specifications, on purpose.
 */
#include <libfdt.h>

#include "boot/acpi.h"
#include "boot/boot.h"
#include "boot/fdt.h"
#include "tests/support/boards.h"
#include "tests/test.h"

static struct sample_board sample;
static uint8_t tree[1 << 17];

/* ---- ACPI: the DSDT's resource descriptors */

static size_t le(uint8_t *p, uint64_t val, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(val >> 8 * i);
	return n;
}

/* A descriptor of the device's registers: small IO, Memory32Fixed, QWord. */
static size_t window_bytes(const struct board_dev *d, uint8_t *p)
{
	size_t n = 0;

	if (d->space == SPACE_PIO) {
		n += le(p + n, 0x0147, 2);
		n += le(p + n, d->base, 2);
		n += le(p + n, d->base, 2);
		n += le(p + n, 1, 1);
		return n + le(p + n, d->size, 1);
	}
	if (d->base + d->size <= UINT64_C(1) << 32) {
		n += le(p + n, 0x01000986, 4);
		n += le(p + n, d->base, 4);
		return n + le(p + n, d->size, 4);
	}
	n += le(p + n, 0x002b8a, 3);
	n += le(p + n, 0x010d00, 3); /* memory, fixed consumer, read-write */
	n += le(p + n, 0, 8);
	n += le(p + n, d->base, 8);
	n += le(p + n, d->base + d->size - 1, 8);
	n += le(p + n, 0, 8);
	return n + le(p + n, d->size, 8);
}

/* An arm64 board's irq 0 is the first SPI, which is GSI 32. */
static size_t irq_bytes(const struct board_dev *d, uint8_t *p)
{
	uint32_t first = sample.board.arch == ARCH_ARM64 ? 32 : 0;

	size_t n = 0;

	if (d->irq == BOARD_NO_IRQ)
		return 0;
	n += le(p + n, 0x000689, 3);
	n += le(p + n, d->trigger == TRIGGER_LEVEL ? 1 : 3, 1);
	n += le(p + n, 1, 1);
	return n + le(p + n, d->irq + first, 4);
}

static unsigned occurrences(const uint8_t *hay, size_t size,
			    const uint8_t *needle, size_t n)
{
	unsigned count = 0;

	for (size_t i = 0; i + n <= size; i++)
		count += !memcmp(hay + i, needle, n);
	return count;
}

/* The device's own resources in one template, or in RES0 and apart. */
static void check_acpi(const struct board_dev *d, const struct acpi_table *dsdt)
{
	uint8_t window[64], irq[16], both[80];
	size_t nw = window_bytes(d, window), ni = irq_bytes(d, irq);
	unsigned n;

	memcpy(both, window, nw);
	memcpy(both + nw, irq, ni);
	CHECK_EQ(occurrences(dsdt->data, dsdt->size, window, nw), 1);
	n = occurrences(dsdt->data, dsdt->size, both, nw + ni);
	if (strcmp(d->class->acpi_hid, "ACPI0013"))
		CHECK_EQ(n, 1);
	else
		CHECK_EQ(occurrences(dsdt->data, dsdt->size, irq, ni), 1);
}

TEST(outputs_acpi_lists_each_device_once)
{
	for (enum sample s = 0; s < SAMPLE_COUNT; s++) {
		struct acpi_tables t;
		struct err err = { 0 };

		sample_board_make(&sample, s);
		CHECK_EQ(acpi_build(&sample.board, &t, &err), 0);
		CHECK_STR(t.table[1].name, "dsdt");
		for (unsigned i = 0; i < sample.board.ndevs; i++)
			/* a host that is reached by calls has no registers */
			if (sample.devs[i].class->acpi_hid &&
			    sample.devs[i].size)
				check_acpi(&sample.devs[i], &t.table[1]);
		acpi_free(&t);
	}
}

/* ---- FDT: the nodes' reg and interrupts */

static uint64_t two_cells(const fdt32_t *p)
{
	return (uint64_t)fdt32_to_cpu(p[0]) << 32 | fdt32_to_cpu(p[1]);
}

static bool node_is(int node, const struct board_dev *d)
{
	int len;
	const fdt32_t *reg = fdt_getprop(tree, node, "reg", &len);

	if (fdt_node_check_compatible(tree, node, d->class->compatible) || !reg)
		return false;
	/* A GIC's further registers are those of parts of their own. */
	if (!strncmp(d->class->name, "gic", 3) && len > 16)
		len = 16;
	if (d->space == SPACE_PIO)
		return len == 12 && fdt32_to_cpu(reg[0]) == 1 &&
		       fdt32_to_cpu(reg[1]) == d->base &&
		       fdt32_to_cpu(reg[2]) == d->size;
	return len == 16 && two_cells(reg) == d->base &&
	       two_cells(reg + 2) == d->size;
}

/* Of the tree's first cell of an interrupt, and of its flags. */
static void check_fdt_irq(const struct board_dev *d, const fdt32_t *irq)
{
	bool level = d->trigger == TRIGGER_LEVEL;

	if (sample.board.arch == ARCH_ARM64) {
		CHECK_EQ(fdt32_to_cpu(irq[0]), 0); /* an SPI */
		CHECK_EQ(fdt32_to_cpu(irq[1]), d->irq);
		CHECK_EQ(fdt32_to_cpu(irq[2]), level ? 4 : 1);
	} else {
		CHECK_EQ(fdt32_to_cpu(irq[0]), d->irq);
		CHECK_EQ(fdt32_to_cpu(irq[1]), level ? 2 : 0);
	}
}

static void check_fdt(const struct board_dev *d)
{
	const fdt32_t *irq;
	unsigned found = 0;
	int len;

	for (int node = fdt_next_node(tree, -1, NULL); node >= 0;
	     node = fdt_next_node(tree, node, NULL)) {
		if (!node_is(node, d))
			continue;
		found++;
		irq = fdt_getprop(tree, node, "interrupts", &len);
		CHECK_EQ(irq != NULL, d->irq != BOARD_NO_IRQ);
		if (irq)
			check_fdt_irq(d, irq);
	}
	CHECK_EQ(found, 1);
}

/* A part of a device that has a node: among that one's registers. */
static void check_fdt_part(const struct board_dev *d)
{
	unsigned found = 0;
	int len;

	for (int node = fdt_next_node(tree, -1, NULL); node >= 0;
	     node = fdt_next_node(tree, node, NULL)) {
		const fdt32_t *reg = fdt_getprop(tree, node, "reg", &len);

		if (!fdt_getprop(tree, node, "interrupt-controller", NULL))
			continue;
		for (int i = 4; reg && i + 4 <= len / 4; i += 4)
			found += two_cells(reg + i) == d->base &&
				 two_cells(reg + i + 2) == d->size;
	}
	CHECK_EQ(found, 1);
}

TEST(outputs_fdt_lists_each_device_once)
{
	for (enum sample s = 0; s < SAMPLE_TREES; s++) {
		struct err err = { 0 };

		sample_board_make(&sample, s);
		CHECK(fdt_build(&sample.board, NULL, tree, sizeof(tree), &err) >
		      0);
		for (unsigned i = 0; i < sample.board.ndevs; i++)
			if (sample.devs[i].class->compatible)
				check_fdt(&sample.devs[i]);
			else if (!strncmp(sample.devs[i].class->name, "gic", 3))
				check_fdt_part(&sample.devs[i]);
	}
}

/* ---- NUMA: the SRAT and the SLIT, the tree's nodes and distances */

static uint64_t number(const uint8_t *p, unsigned n)
{
	uint64_t val = 0;

	while (n--)
		val = val << 8 | p[n];
	return val;
}

static const struct acpi_table *numa_table(const struct acpi_tables *t,
					   const char *name)
{
	for (unsigned i = 0; i < t->n; i++)
		if (!strcmp(t->table[i].name, name))
			return &t->table[i];
	return NULL;
}

/* Memory affinity structures of that range and node, ACPI 6.4, 5.2.16.2. */
static unsigned srat_ranges(const struct acpi_table *t,
			    const struct board_ram *r)
{
	unsigned found = 0;

	for (const uint8_t *p = t->data + 48; p < t->data + t->size; p += p[1])
		found += p[0] == 1 && number(p + 2, 4) == r->node &&
			 number(p + 8, 8) == r->base &&
			 number(p + 16, 8) == r->size && p[28] == 1;
	return found;
}

/* CPUs of a node: a local APIC's, an x2APIC's, a GICC's structure. */
static unsigned srat_cpus(const struct acpi_table *t, uint32_t node)
{
	unsigned found = 0;

	for (const uint8_t *p = t->data + 48; p < t->data + t->size; p += p[1])
		found += (p[0] == 0 && p[2] == node) ||
			 (p[0] == 2 && number(p + 4, 4) == node) ||
			 (p[0] == 3 && number(p + 2, 4) == node);
	return found;
}

static uint32_t tree_node(const char *path, unsigned long long unit)
{
	char full[64];
	const fdt32_t *p;
	int node, len;

	snprintf(full, sizeof(full), "%s@%llx", path, unit);
	node = fdt_path_offset(tree, full);
	CHECK(node >= 0);
	p = fdt_getprop(tree, node, "numa-node-id", &len);
	CHECK(p && len == 4);
	return fdt32_to_cpu(*p);
}

static void check_distances(const struct acpi_table *slit, uint32_t n)
{
	int len, node = fdt_path_offset(tree, "/distance-map");
	const fdt32_t *p = fdt_getprop(tree, node, "distance-matrix", &len);

	CHECK(p && len == (int)(12 * n * n));
	CHECK_EQ(number(slit->data + 36, 8), n);
	for (uint32_t i = 0; i < n * n; i++) {
		CHECK_EQ(fdt32_to_cpu(p[3 * i]), i / n);
		CHECK_EQ(fdt32_to_cpu(p[3 * i + 1]), i % n);
		CHECK_EQ(fdt32_to_cpu(p[3 * i + 2]), slit->data[44 + i]);
		CHECK_EQ(slit->data[44 + i],
			 board_distance(&sample.board, i / n, i % n));
	}
}

static void check_numa(const struct board *b, const struct acpi_tables *t)
{
	const struct acpi_table *srat = numa_table(t, "srat");
	unsigned cpus[BOARD_MAX_NODES] = { 0 };

	for (unsigned i = 0; i < b->nram; i++)
		CHECK_EQ(srat_ranges(srat, &b->ram[i]), 1);
	for (unsigned i = 0; i < b->ncpus; i++)
		cpus[b->cpus[i].node]++;
	for (uint32_t node = 0; node < BOARD_MAX_NODES; node++)
		CHECK_EQ(srat_cpus(srat, node), cpus[node]);
	if (b->pci.present)
		CHECK_EQ(occurrences(t->table[1].data, t->table[1].size,
				     (const uint8_t *)"_PXM\0", 5),
			 1);
}

static void check_numa_tree(const struct board *b, const struct acpi_tables *t)
{
	for (unsigned i = 0; i < b->nram; i++)
		CHECK_EQ(tree_node("/memory", b->ram[i].base), b->ram[i].node);
	for (unsigned i = 0; i < b->ncpus; i++)
		CHECK_EQ(tree_node("/cpus/cpu", b->cpus[i].hw_id),
			 b->cpus[i].node);
	if (b->pci.present)
		CHECK_EQ(tree_node("/pcie", b->pci.ecam.base), 0);
	check_distances(numa_table(t, "slit"), board_nodes(b));
}

TEST(outputs_tell_of_the_same_numa_nodes)
{
	unsigned seen = 0;

	for (enum sample s = 0; s < SAMPLE_COUNT; s++) {
		struct acpi_tables t;
		struct err err = { 0 };

		sample_board_make(&sample, s);
		sample.board.distance[1][0] = 11 + s;
		CHECK_EQ(acpi_build(&sample.board, &t, &err), 0);
		if (s < SAMPLE_TREES)
			CHECK(fdt_build(&sample.board, NULL, tree, sizeof(tree),
					&err) > 0);
		if (board_nodes(&sample.board) > 1) {
			check_numa(&sample.board, &t);
			if (s < SAMPLE_TREES)
				check_numa_tree(&sample.board, &t);
			seen++;
		}
		acpi_free(&t);
	}
	CHECK_EQ(seen, 4);
}

/* ---- the memory map: what is not RAM */

static bool disjoint(uint64_t a, uint64_t asize, uint64_t b, uint64_t bsize)
{
	return a + asize <= b || b + bsize <= a;
}

TEST(outputs_memory_map_keeps_devices_and_tables_out_of_ram)
{
	for (enum sample s = 0; s < SAMPLE_COUNT; s++) {
		struct boot_map map;
		const struct board *b = &sample.board;
		unsigned tables = 0, ecam = 0;

		sample_board_make(&sample, s);
		boot_map_make(b, &map);
		for (unsigned i = 0; i < map.n; i++) {
			const struct boot_map_entry *e = &map.entry[i];

			tables += e->base == b->acpi.base &&
				  e->size == b->acpi.size &&
				  e->type == BOOT_MAP_ACPI;
			ecam += b->pci.present && e->base == b->pci.ecam.base &&
				e->size == b->pci.ecam.size &&
				e->type == BOOT_MAP_RESERVED;
			for (unsigned d = 0; d < b->ndevs; d++)
				if (e->type == BOOT_MAP_RAM &&
				    b->devs[d].space == SPACE_MMIO)
					CHECK(disjoint(e->base, e->size,
						       b->devs[d].base,
						       b->devs[d].size));
		}
		CHECK_EQ(tables, 1);
		CHECK_EQ(ecam, b->pci.ecam.size != 0);
	}
}
