/* SPDX-License-Identifier: MIT */
/* What the ACPI tables of arm64 boards say, field by field. */
#include <endian.h>

#include "boot/acpi.h"
#include "tests/support/boards.h"
#include "tests/test.h"

static struct sample_board sample;
static struct acpi_tables tables;

static void build(enum sample which)
{
	struct err err = { 0 };

	sample_board_make(&sample, which);
	CHECK_EQ(acpi_build(&sample.board, &tables, &err), 0);
}

static const struct acpi_table *find(const char *name)
{
	for (unsigned i = 0; i < tables.n; i++)
		if (!strcmp(tables.table[i].name, name))
			return &tables.table[i];
	return NULL;
}

static uint64_t get(const struct acpi_table *t, size_t at, unsigned bytes)
{
	uint64_t val = 0;

	CHECK(t && at + bytes <= t->size);
	memcpy(&val, t->data + at, bytes);
	return le64toh(val);
}

/* Where the n-th structure of that type is, in a table whose first is at at. */
static size_t nth(const struct acpi_table *t, size_t at, unsigned type,
		  unsigned n)
{
	while (at < t->size) {
		CHECK(get(t, at + 1, 1) >= 2);
		if (get(t, at, 1) == type && !n--)
			return at;
		at += get(t, at + 1, 1);
	}
	CHECK_EQ(at, t->size);
	return 0;
}

static unsigned count(const struct acpi_table *t, size_t at, unsigned type)
{
	unsigned n = 0;

	while (nth(t, at, type, n))
		n++;
	return n;
}

#define GICC	 11
#define GICD	 12
#define MSIFRAME 13
#define GICR	 14
#define ITS	 15

TEST(acpi_arm64_madt_has_gicv3_with_its_redistributors_and_its)
{
	const struct acpi_table *t;
	size_t at;

	build(SAMPLE_ARM);
	t = find("apic");
	CHECK_EQ(count(t, 44, GICC), 2);
	at = nth(t, 44, GICC, 1);
	CHECK_EQ(get(t, at + 8, 4), 1);	  /* UID */
	CHECK_EQ(get(t, at + 12, 4), 1);  /* enabled */
	CHECK_EQ(get(t, at + 20, 4), 23); /* PMU's PPI */
	CHECK_EQ(get(t, at + 32, 8), 0);  /* no GICv2 CPU interface */
	CHECK_EQ(get(t, at + 60, 8), 0);  /* GICR has its own structure */
	CHECK_EQ(get(t, at + 68, 8), 1);  /* MPIDR */
	at = nth(t, 44, GICD, 0);
	CHECK_EQ(get(t, at + 8, 8), 0x08000000);
	CHECK_EQ(get(t, at + 20, 1), 3);
	at = nth(t, 44, GICR, 0);
	CHECK_EQ(get(t, at + 4, 8), 0x080a0000);
	CHECK_EQ(get(t, at + 12, 4), 2 * 0x20000);
	at = nth(t, 44, ITS, 0);
	CHECK_EQ(get(t, at + 8, 8), 0x08080000);
	CHECK_EQ(count(t, 44, GICD), 1);
	CHECK_EQ(count(t, 44, GICR), 1);
	CHECK_EQ(count(t, 44, ITS), 1);
	CHECK_EQ(count(t, 44, MSIFRAME), 0);
	acpi_free(&tables);
}

TEST(acpi_arm64_madt_has_gicv2_and_its_msi_frame)
{
	const struct acpi_table *t;
	size_t at;

	build(SAMPLE_ARM_V2M);
	t = find("apic");
	CHECK_EQ(count(t, 44, GICC), 4);
	at = nth(t, 44, GICC, 3);
	CHECK_EQ(get(t, at + 20, 4), 0); /* no PMU */
	CHECK_EQ(get(t, at + 32, 8), 0x08010000);
	at = nth(t, 44, GICD, 0);
	CHECK_EQ(get(t, at + 20, 1), 2);
	at = nth(t, 44, MSIFRAME, 0);
	CHECK_EQ(get(t, at + 8, 8), 0x08020000);
	CHECK_EQ(get(t, at + 16, 4), 0); /* it tells its SPIs itself */
	CHECK_EQ(count(t, 44, MSIFRAME), 1);
	CHECK_EQ(count(t, 44, GICR) + count(t, 44, ITS), 0);
	CHECK(!find("iort"));
	acpi_free(&tables);
}

TEST(acpi_arm64_madt_names_512_cpus_and_both_regions)
{
	const struct acpi_table *t;

	build(SAMPLE_ARM_HUGE);
	t = find("apic");
	CHECK_EQ(count(t, 44, GICC), 512);
	for (unsigned i = 0; i < 512; i++)
		CHECK_EQ(get(t, nth(t, 44, GICC, i) + 68, 8),
			 sample.cpus[i].hw_id);
	CHECK_EQ(count(t, 44, GICR), 2);
	CHECK_EQ(get(t, nth(t, 44, GICR, 1) + 12, 4), 389 * 0x20000);
	acpi_free(&tables);
}

TEST(acpi_arm64_fadt_is_hardware_reduced_with_psci_by_hvc)
{
	const struct acpi_table *t;

	build(SAMPLE_ARM);
	t = find("facp");
	CHECK_EQ(get(t, 8, 1), 6);
	CHECK_EQ(get(t, 129, 2), 3);
	CHECK(get(t, 112, 4) & 1u << 20);
	CHECK_EQ(get(t, 109, 2), 0);
	CHECK_EQ(get(t, 36, 4), 0);
	acpi_free(&tables);
}

TEST(acpi_arm64_gtdt_has_level_ppis)
{
	static const uint32_t ppis[] = { 29, 30, 27, 26 };
	const struct acpi_table *t;

	build(SAMPLE_ARM);
	t = find("gtdt");
	CHECK_EQ(t->size, 104);
	CHECK_EQ(get(t, 36, 8), UINT64_MAX);
	CHECK_EQ(get(t, 80, 8), UINT64_MAX);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(get(t, 48 + 8 * i, 4), ppis[i]);
		CHECK_EQ(get(t, 52 + 8 * i, 4), 4);
	}
	acpi_free(&tables);
}

TEST(acpi_arm64_iort_maps_requester_ids_to_the_its)
{
	const struct acpi_table *t;
	size_t its, root, map;

	build(SAMPLE_ARM);
	t = find("iort");
	CHECK_EQ(get(t, 36, 4), 2);
	its = get(t, 40, 4);
	CHECK_EQ(get(t, its, 1), 0);
	CHECK_EQ(get(t, its + 16, 4), 1);
	CHECK_EQ(get(t, its + 20, 4),
		 get(find("apic"), nth(find("apic"), 44, ITS, 0) + 4, 4));
	root = its + get(t, its + 1, 2);
	CHECK_EQ(get(t, root, 1), 2);
	CHECK_EQ(root + get(t, root + 1, 2), t->size);
	CHECK_EQ(get(t, root + 16, 4), 1); /* coherent */
	CHECK_EQ(get(t, root + 8, 4), 1);
	map = root + get(t, root + 12, 4);
	CHECK_EQ(get(t, map, 4), 0);
	CHECK_EQ(get(t, map + 4, 4), 0xffff);
	CHECK_EQ(get(t, map + 8, 4), 0);
	CHECK_EQ(get(t, map + 12, 4), its);
	acpi_free(&tables);
}

TEST(acpi_arm64_spcr_and_dbg2_name_the_pl011)
{
	const struct acpi_table *t;

	build(SAMPLE_ARM);
	t = find("spcr");
	CHECK_EQ(get(t, 36, 1), 3);
	CHECK_EQ(get(t, 41, 1), 32); /* wide, */
	CHECK_EQ(get(t, 43, 1), 3);  /* accessed so */
	CHECK_EQ(get(t, 44, 8), 0x09000000);
	CHECK_EQ(get(t, 52, 1), 8);
	CHECK_EQ(get(t, 54, 4), 33);
	t = find("dbg2");
	CHECK_EQ(get(t, 44 + 12, 2), 0x8000);
	CHECK_EQ(get(t, 44 + 14, 2), 3);
	CHECK_EQ(get(t, 44 + 22 + 4, 8), 0x09000000);
	CHECK_STR((const char *)t->data + 44 + get(t, 44 + 6, 2), "\\_SB.D000");
	acpi_free(&tables);
}

/* Each CPU is a leaf below its socket, or its core where that has threads. */
static void check_topology(const struct acpi_table *t, unsigned i)
{
	const struct board *b = &sample.board;
	unsigned depth = b->threads > 1 ? 2 : 1, leaves = 0;

	for (size_t at = 36; at < t->size; at += 20) {
		size_t up = at;

		if (!(get(t, at + 4, 4) & 8) || get(t, at + 12, 4) != i)
			continue;
		leaves++;
		CHECK_EQ(get(t, at + 4, 4), b->threads > 1 ? 0x1e : 0x1a);
		for (unsigned n = 0; n < depth; n++) {
			CHECK(get(t, up + 8, 4) < up);
			up = get(t, up + 8, 4);
		}
		CHECK_EQ(get(t, up + 4, 4), 0x13);
		CHECK_EQ(get(t, up + 12, 4), b->cpus[i].socket);
		CHECK_EQ(get(t, up + 8, 4), 0);
	}
	CHECK_EQ(leaves, 1);
}

TEST(acpi_pptt_is_the_topology)
{
	static const unsigned nodes[] = { 1 + 2, 1 + 2 + 4, 2 + 128 + 512 };

	for (unsigned s = 0; s < 3; s++) {
		const struct acpi_table *t;

		build(SAMPLE_ARM + s);
		t = find("pptt");
		CHECK_EQ(t->size, 36 + 20 * nodes[s]);
		for (unsigned i = 0; i < sample.board.ncpus; i++)
			check_topology(t, i);
		acpi_free(&tables);
	}
}

TEST(acpi_arm64_srat_has_cpus_and_memory_of_each_node)
{
	const struct acpi_table *t;
	size_t at;

	build(SAMPLE_ARM_V2M);
	t = find("srat");
	CHECK_EQ(count(t, 48, 3), 4);
	at = nth(t, 48, 3, 2);
	CHECK_EQ(get(t, at + 2, 4), 1);
	CHECK_EQ(get(t, at + 6, 4), 2);
	CHECK_EQ(get(t, at + 10, 4), 1);
	CHECK_EQ(count(t, 48, 1), 2);
	acpi_free(&tables);
}

static unsigned occurrences(const struct acpi_table *t, const void *p, size_t n)
{
	unsigned found = 0;

	for (size_t i = 0; i + n <= t->size; i++)
		found += !memcmp(t->data + i, p, n);
	return found;
}

TEST(acpi_arm64_dsdt_has_processors_and_a_translated_io_window)
{
	/* 64 KiB of ports from 0, seen at 0x3eff0000: a producer of I/O. */
	static const uint8_t window[] = {
		0x87, 0x17, 0x00, 0x01, 0x0c, 0x13, 0, 0,    0,	   0, 0, 0, 0,
		0,    0xff, 0xff, 0,	0,    0,    0, 0xff, 0x3e, 0, 0, 1, 0,
	};

	build(SAMPLE_ARM);
	CHECK_EQ(occurrences(find("dsdt"), window, sizeof(window)), 1);
	CHECK_EQ(occurrences(find("dsdt"), "ACPI0007", 8), 2);
	CHECK_EQ(occurrences(find("dsdt"), "QEMU0002", 8), 1);
	acpi_free(&tables);
	build(SAMPLE_ARM_HUGE);
	CHECK_EQ(occurrences(find("dsdt"), "ACPI0007", 8), 512);
	CHECK_EQ(occurrences(find("dsdt"), "ACPI0010", 8), 2);
	acpi_free(&tables);
}
