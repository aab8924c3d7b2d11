/* SPDX-License-Identifier: MIT */
/* The ACPI tables: checksums, links, what each says; iasl has no complaint. */
#include "boot/acpi.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "hw/core/acpi_regs.h"
#include "tests/support/boards.h"
#include "tests/test.h"

static struct sample_board sample;

static struct acpi_tables build(enum sample which)
{
	struct acpi_tables t;
	struct err err = { 0 };

	sample_board_make(&sample, which);
	CHECK_EQ(acpi_build(&sample.board, &t, &err), 0);
	return t;
}

static const struct acpi_table *find(const struct acpi_tables *t,
				     const char *name)
{
	for (unsigned i = 0; i < t->n; i++)
		if (!strcmp(t->table[i].name, name))
			return &t->table[i];
	return NULL;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t val;

	memcpy(&val, p, 4);
	return le32toh(val);
}

static uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static uint8_t sum(const uint8_t *p, size_t n)
{
	uint8_t s = 0;

	while (n--)
		s += *p++;
	return s;
}

TEST(acpi_tables_have_lengths_and_checksums)
{
	for (enum sample s = 0; s < SAMPLE_COUNT; s++) {
		struct acpi_tables t = build(s);

		CHECK_MEM(t.table[0].data, "RSD PTR ", 8);
		CHECK_EQ(sum(t.table[0].data, 20), 0);
		CHECK_EQ(sum(t.table[0].data, 36), 0);
		for (unsigned i = 1; i < t.n; i++) {
			CHECK_EQ(get32(t.table[i].data + 4), t.table[i].size);
			CHECK_EQ(sum(t.table[i].data, t.table[i].size), 0);
		}
		acpi_free(&t);
	}
}

static uint8_t room[256 << 10]; /* at board->acpi */

static const uint8_t *at_gpa(uint64_t gpa)
{
	CHECK(gpa - sample.board.acpi.base < sizeof(room));
	return room + (gpa - sample.board.acpi.base);
}

/* From the RSDP's place on, as a guest finds them in its memory. */
TEST(acpi_tables_are_reached_from_the_rsdp)
{

	for (enum sample s = 0; s < SAMPLE_COUNT; s++) {
		struct acpi_tables t = build(s);
		struct mem mem = { 0 };
		struct err err = { 0 };
		unsigned found = 0;
		const uint8_t *xsdt;

		CHECK(sample.board.acpi.size <= sizeof(room));
		CHECK_EQ(mem_add_host(&mem, sample.board.acpi.base,
				      sample.board.acpi.size, room, false,
				      &err),
			 0);
		CHECK_EQ(acpi_write(&sample.board, &mem, &err), 0);
		CHECK_MEM(room, "RSD PTR ", 8);
		xsdt = at_gpa(get64(room + 24));
		CHECK_MEM(xsdt, "XSDT", 4);
		for (uint32_t at = 36; at < get32(xsdt + 4); at += 8) {
			const uint8_t *p = at_gpa(get64(xsdt + at));

			CHECK_EQ(get64(xsdt + at) % 16, 0);
			CHECK_EQ(sum(p, get32(p + 4)), 0);
			if (!memcmp(p, "FACP", 4)) {
				CHECK_EQ(get32(p + 40), get64(p + 140));
				CHECK_MEM(at_gpa(get64(p + 140)), "DSDT", 4);
			}
			found++;
		}
		CHECK_EQ(found, t.n - 3); /* without RSDP, XSDT and DSDT */
		mem_destroy(&mem);
		acpi_free(&t);
	}
}

TEST(acpi_fadt_names_the_event_devices_registers)
{
	struct acpi_tables t = build(SAMPLE_PC);
	const uint8_t *p = find(&t, "facp")->data;

	CHECK_EQ(find(&t, "facp")->size, 276);
	CHECK(get32(p + 112) & 1u << 20); /* hardware-reduced */
	CHECK(get32(p + 112) & 1u << 10); /* has a reset register */
	CHECK_EQ(get64(p + 116 + 4), 0xfeb00000 + ACPI_GED_RESET);
	CHECK_EQ(p[128], ACPI_GED_RESET_VALUE);
	CHECK_EQ(get64(p + 244 + 4), 0xfeb00000 + ACPI_GED_SLEEP_CONTROL);
	CHECK_EQ(get64(p + 256 + 4), 0xfeb00000 + ACPI_GED_SLEEP_STATUS);
	CHECK_EQ(p[109] & 1 << 5, 0); /* there is a clock */
	CHECK_EQ(p[109] & 1 << 1, 0); /* no keyboard to be probed */
	acpi_free(&t);
	t = build(SAMPLE_BARE);
	p = find(&t, "facp")->data;
	CHECK_EQ(get32(p + 112) & 1u << 10, 0);
	CHECK(p[109] & 1 << 5);
	CHECK_EQ(get64(p + 116 + 4), 0);
	acpi_free(&t);
}

static unsigned madt_count(const struct acpi_table *t, uint8_t type)
{
	unsigned n = 0, i = 44;

	while (i < t->size) {
		n += t->data[i] == type;
		CHECK(t->data[i + 1] >= 6);
		i += t->data[i + 1];
	}
	CHECK_EQ(i, t->size);
	return n;
}

TEST(acpi_madt_lists_cpus_and_the_ioapic)
{
	struct acpi_tables t = build(SAMPLE_FULL);
	const struct acpi_table *madt = find(&t, "apic");

	CHECK_EQ(madt_count(madt, 0), 4);
	CHECK_EQ(madt_count(madt, 9), 0);
	CHECK_EQ(madt_count(madt, 1), 1);
	CHECK_EQ(madt_count(madt, 4), 1);
	/* GSI 9, and the virtio slots on 5 and 6, are level-triggered. */
	CHECK_EQ(madt_count(madt, 2), 3);
	acpi_free(&t);
}

TEST(acpi_madt_has_x2apic_entries_for_large_ids)
{
	struct acpi_tables t = build(SAMPLE_HUGE);
	const struct acpi_table *madt = find(&t, "apic");

	CHECK_EQ(madt_count(madt, 0), 128); /* 0, 2, ... 254 */
	CHECK_EQ(madt_count(madt, 9), 172);
	CHECK_EQ(madt_count(madt, 10), 1);
	acpi_free(&t);
}

TEST(acpi_mcfg_and_spcr)
{
	struct acpi_tables t = build(SAMPLE_HUGE);
	const uint8_t *p = find(&t, "mcfg")->data;

	CHECK_EQ(get64(p + 44), sample.board.pci.ecam.base);
	CHECK_EQ(p[54], 0);
	CHECK_EQ(p[55], 255);
	p = find(&t, "spcr")->data;
	CHECK_EQ(p[40], 1); /* ports */
	CHECK_EQ(get64(p + 44), 0x3f8);
	CHECK_EQ(get32(p + 54), 4);
	acpi_free(&t);
	t = build(SAMPLE_BARE);
	CHECK(!find(&t, "mcfg"));
	acpi_free(&t);
}

TEST(acpi_srat_and_slit_come_with_a_second_node)
{
	struct acpi_tables t = build(SAMPLE_FULL);
	const struct acpi_table *slit = find(&t, "slit");

	CHECK_EQ(find(&t, "srat")->size, 48 + 4 * 16 + 2 * 40);
	CHECK_EQ(get64(slit->data + 36), 2);
	CHECK_MEM(slit->data + 44, "\x0a\x14\x14\x0a", 4);
	acpi_free(&t);
	t = build(SAMPLE_PC);
	CHECK(!find(&t, "srat"));
	CHECK(!find(&t, "slit"));
	acpi_free(&t);
}

TEST(acpi_refuses_boards_without_room_or_a_writer)
{
	struct acpi_tables t = build(SAMPLE_HUGE);
	uint64_t need = t.size;
	struct err err = { 0 };

	acpi_free(&t);
	for (uint64_t size = 1; size < need; size += 13) {
		sample.board.acpi.size = size;
		CHECK_EQ(acpi_build(&sample.board, &t, &err), -ENOSPC);
	}
	CHECK(strstr(err.msg, "the ACPI tables need more than the"));
	sample.board.acpi.size = 0;
	CHECK_EQ(acpi_build(&sample.board, &t, &err), -ENOTSUP);
	sample_board_make(&sample, SAMPLE_BARE);
	sample.board.arch = ARCH_PPC64LE;
	CHECK_EQ(acpi_build(&sample.board, &t, &err), -ENOTSUP);
	CHECK_STR(err.msg, "the ppc64le machine has no ACPI tables");
}

TEST(acpi_write_outside_memory_is_an_error)
{
	struct mem mem = { 0 };
	struct err err = { 0 };

	sample_board_make(&sample, SAMPLE_BARE);
	CHECK_EQ(acpi_write(&sample.board, &mem, &err), -EFAULT);
	CHECK(strstr(err.msg, "do not lie in guest memory"));
}

/* ---- iasl */

static int shell(const char *dir, const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd '%s' && timeout 60 sh -c \"%s\"", dir,
		 command);
	return system(line);
}

/* iasl writes its own name into the header; the rest must be the same. */
static void check_recompiled(const char *dir, const struct acpi_table *t)
{
	static uint8_t again[1 << 17];
	char path[128];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.aml", dir, t->name);
	f = fopen(path, "re");
	CHECK(f != NULL);
	n = fread(again, 1, sizeof(again), f);
	fclose(f);
	CHECK_EQ(n, t->size);
	CHECK_MEM(again + 36, t->data + 36, n - 36);
}

/* Disassembled and compiled again: no remark, and the same bytes. */
TEST(acpi_tables_pass_through_iasl_unchanged)
{
	if (system("command -v iasl >/dev/null 2>&1") != 0)
		SKIP_TEST("iasl is not installed (package acpica-tools)");
	for (enum sample s = 0; s < SAMPLE_COUNT; s++) {
		char dir[] = "/tmp/vmm-acpi-XXXXXX";
		struct acpi_tables t = build(s);
		struct err err = { 0 };

		CHECK(mkdtemp(dir) != NULL);
		CHECK_EQ(acpi_dump_dir(&sample.board, dir, &err), 0);
		CHECK_EQ(shell(dir, "mv rsdp.dat rsdp && "
				    "iasl -d *.dat >log 2>&1 && "
				    "! grep -iE 'warning|error' log"),
			 0);
		CHECK_EQ(shell(dir, "iasl -oa *.dsl >log 2>&1 && "
				    "! grep Compilation log | "
				    "grep -v '0 Errors, 0 Warnings, 0 Rem'"),
			 0);
		for (unsigned i = 1; i < t.n; i++)
			check_recompiled(dir, &t.table[i]);
		shell(dir, "rm -f *.dat *.dsl *.aml rsdp log");
		CHECK_EQ(rmdir(dir), 0);
		acpi_free(&t);
	}
}

TEST(acpi_dump_into_no_directory_says_so)
{
	struct err err = { 0 };

	sample_board_make(&sample, SAMPLE_BARE);
	CHECK_EQ(acpi_dump_dir(&sample.board, "/nonexistent", &err), -ENOENT);
	CHECK_STR(err.msg, "cannot create '/nonexistent/rsdp.dat': "
			   "No such file or directory");
}
