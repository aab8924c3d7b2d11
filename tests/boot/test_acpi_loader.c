/* SPDX-License-Identifier: MIT */
/*
 * The ACPI tables for firmware: what a firmware makes of the blobs by their
 * script is what acpi_write() would have put at that place.
 */
#include "boot/acpi_loader.h"

#include <errno.h>
#include <stdlib.h>

#include "boot/acpi.h"
#include "tests/support/boards.h"
#include "tests/test.h"

static struct sample_board sample;

/* ---- a firmware, as small as they come */

#define PLACE_TABLES UINT64_C(0x12345600)
#define PLACE_RSDP   UINT64_C(0xf0010)

static uint64_t get(const uint8_t *p, unsigned bytes)
{
	uint64_t val = 0;

	while (bytes--)
		val = val << 8 | p[bytes];
	return val;
}

static void put(uint8_t *p, uint64_t val, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(val >> 8 * i);
}

struct firmware {
	struct acpi_blobs *blobs;
	bool placed[ACPI_BLOB_COUNT];
};

static unsigned file(const char *name)
{
	CHECK(memchr(name, 0, 56) != NULL);
	if (!strcmp(name, "etc/acpi/tables"))
		return ACPI_BLOB_TABLES;
	CHECK_STR(name, "etc/acpi/rsdp");
	return ACPI_BLOB_RSDP;
}

static void run_allocate(struct firmware *f, const uint8_t *c)
{
	unsigned i = file((const char *)c + 4);
	uint64_t place = i == ACPI_BLOB_RSDP ? PLACE_RSDP : PLACE_TABLES;

	CHECK(!f->placed[i]);
	f->placed[i] = true;
	CHECK_EQ(place % get(c + 60, 4), 0);
	CHECK_EQ(c[64], i == ACPI_BLOB_RSDP ? 2 : 1);
}

static void run_pointer(struct firmware *f, const uint8_t *c)
{
	struct acpi_blob *b = &f->blobs->blob[file((const char *)c + 4)];
	uint64_t off = get(c + 116, 4), val;
	unsigned width = c[120];

	CHECK_EQ(file((const char *)c + 60), ACPI_BLOB_TABLES);
	CHECK(width == 4 || width == 8);
	CHECK(f->placed[ACPI_BLOB_TABLES] && f->placed[ACPI_BLOB_RSDP]);
	CHECK(off + width <= b->size);
	val = get(b->data + off, width);
	CHECK(val < f->blobs->blob[ACPI_BLOB_TABLES].size);
	put(b->data + off, val + PLACE_TABLES, width);
}

static void run_checksum(struct firmware *f, const uint8_t *c)
{
	struct acpi_blob *b = &f->blobs->blob[file((const char *)c + 4)];
	uint64_t at = get(c + 60, 4), start = get(c + 64, 4);
	uint64_t n = get(c + 68, 4);
	uint8_t sum = 0;

	CHECK(start + n <= b->size && at - start < n);
	for (uint64_t i = 0; i < n; i++)
		sum += b->data[start + i];
	b->data[at] = (uint8_t)-sum;
}

static void run(struct acpi_blobs *blobs)
{
	struct firmware f = { .blobs = blobs };
	const struct acpi_blob *script = &blobs->blob[ACPI_BLOB_LOADER];

	CHECK_STR(script->file, "etc/table-loader");
	CHECK_EQ(script->size % 128, 0);
	for (size_t i = 0; i < script->size; i += 128) {
		const uint8_t *c = script->data + i;

		switch (get(c, 4)) {
		case 1: run_allocate(&f, c); break;
		case 2: run_pointer(&f, c); break;
		case 3: run_checksum(&f, c); break;
		default: CHECK(!"a command that exists");
		}
	}
	CHECK(f.placed[ACPI_BLOB_TABLES] && f.placed[ACPI_BLOB_RSDP]);
}

/* ---- the tests */

TEST(acpi_loader_yields_the_tables_for_firmwares_place)
{
	for (enum sample s = 0; s < SAMPLE_COUNT; s++) {
		struct acpi_tables want;
		struct acpi_blobs got;
		struct err err = { 0 };
		size_t first;

		sample_board_make(&sample, s);
		CHECK_EQ(acpi_blobs_build(&sample.board, &got, &err), 0);
		run(&got);
		/* A board whose tables are to be where the firmware put them.
		 */
		CHECK_EQ(acpi_build(&sample.board, &want, &err), 0);
		first = (size_t)(want.table[1].data - want.blob);
		acpi_free(&want);
		sample.board.acpi.base = PLACE_TABLES - first;
		CHECK_EQ(acpi_build(&sample.board, &want, &err), 0);
		CHECK_EQ(got.blob[ACPI_BLOB_TABLES].size, want.size - first);
		CHECK_MEM(got.blob[ACPI_BLOB_TABLES].data, want.blob + first,
			  want.size - first);
		CHECK_EQ(got.blob[ACPI_BLOB_RSDP].size, 36);
		CHECK_MEM(got.blob[ACPI_BLOB_RSDP].data, want.blob, 36);
		acpi_blobs_free(&got);
		acpi_free(&want);
	}
}

TEST(acpi_loader_refuses_what_has_no_tables)
{
	struct acpi_blobs got;
	struct err err = { 0 };

	sample_board_make(&sample, SAMPLE_BARE);
	sample.board.arch = ARCH_PPC64LE;
	CHECK_EQ(acpi_blobs_build(&sample.board, &got, &err), -ENOTSUP);
	CHECK(!got.blob[0].data);
}
