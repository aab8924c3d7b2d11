/* SPDX-License-Identifier: MIT */
/* The ACPI tables as firmware takes them: blobs and a script that links. */
#include "boot/acpi_loader.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "boot/acpi.h"
#include "boot/image.h"

/*
 * A command: 128 bytes, little-endian, its number first.  File names fill 56
 * bytes and end with a zero.
 */
#define CMD_SIZE	 128
#define CMD_FILE_SIZE	 56
#define CMD_ALLOCATE	 1 /* file, alignment: 32 bits, zone: 8 */
#define CMD_ADD_POINTER	 2 /* file, file whose place is added, offset, width */
#define CMD_ADD_CHECKSUM 3 /* file, where the sum goes, start, length */
#define ZONE_ANYWHERE	 1
#define ZONE_BELOW_1M	 2 /* where a PC's RSDP is looked for */
#define TABLES_ALIGN	 64
#define RSDP_ALIGN	 16

/* Fields of tables that hold addresses, or sums over some. */
#define OFF_CHECKSUM	    9
#define XSDT_ENTRIES	    36
#define FADT_DSDT	    40
#define FADT_X_DSDT	    140
#define RSDP_CHECKSUM	    8
#define RSDP_XSDT	    24
#define RSDP_CHECKSUM_ALL   32
#define RSDP_CHECKSUM_BYTES 20 /* of what is summed up in the first */

struct script {
	struct acpi_blobs *blobs;
	uint64_t base; /* what the pointers of the tables count from */
	size_t cap;    /* of the script's blob */
};

static uint8_t *cmd_file(uint8_t *p, const char *file)
{
	strncpy((char *)p, file, CMD_FILE_SIZE - 1);
	return p + CMD_FILE_SIZE;
}

/* The next command; returns where its operands go. */
static uint8_t *cmd_new(struct script *s, uint32_t number, const char *file)
{
	struct acpi_blob *blob = &s->blobs->blob[ACPI_BLOB_LOADER];
	uint8_t *p = blob->data + blob->size;

	blob->size += CMD_SIZE;
	assert(blob->size <= s->cap);
	put_le32(p, number);
	return cmd_file(p + 4, file);
}

static void cmd_allocate(struct script *s, const struct acpi_blob *b,
			 uint32_t align, uint8_t zone)
{
	uint8_t *p = cmd_new(s, CMD_ALLOCATE, b->file);

	put_le32(p, align);
	p[4] = zone;
}

/* The address of a table at off of b becomes an offset until firmware runs. */
static void cmd_pointer(struct script *s, struct acpi_blob *b, size_t off,
			uint8_t width)
{
	uint8_t *field = b->data + off, *p;
	uint64_t address = width == 8 ? get_le64(field) : get_le32(field);

	if (!address)
		return;
	p = cmd_new(s, CMD_ADD_POINTER, b->file);
	p = cmd_file(p, s->blobs->blob[ACPI_BLOB_TABLES].file);
	put_le32(p, (uint32_t)off);
	p[4] = width;
	if (width == 8)
		put_le64(field, address - s->base);
	else
		put_le32(field, (uint32_t)(address - s->base));
}

static void cmd_checksum(struct script *s, struct acpi_blob *b, size_t at,
			 size_t start, size_t length)
{
	uint8_t *p = cmd_new(s, CMD_ADD_CHECKSUM, b->file);

	put_le32(p, (uint32_t)at);
	put_le32(p + 4, (uint32_t)start);
	put_le32(p + 8, (uint32_t)length);
	b->data[at] = 0;
}

/* ---- which pointers there are */

static void script_table(struct script *s, const struct acpi_table *t)
{
	struct acpi_blob *tables = &s->blobs->blob[ACPI_BLOB_TABLES];
	size_t at = t->address - s->base;

	if (!strcmp(t->name, "xsdt")) {
		for (size_t i = XSDT_ENTRIES; i < t->size; i += 8)
			cmd_pointer(s, tables, at + i, 8);
	} else if (!strcmp(t->name, "facp")) {
		cmd_pointer(s, tables, at + FADT_DSDT, 4);
		cmd_pointer(s, tables, at + FADT_X_DSDT, 8);
	} else {
		return;
	}
	cmd_checksum(s, tables, at + OFF_CHECKSUM, at, t->size);
}

static void script_rsdp(struct script *s)
{
	struct acpi_blob *rsdp = &s->blobs->blob[ACPI_BLOB_RSDP];

	cmd_pointer(s, rsdp, RSDP_XSDT, 8);
	/* The second sum covers the first. */
	rsdp->data[RSDP_CHECKSUM_ALL] = 0;
	cmd_checksum(s, rsdp, RSDP_CHECKSUM, 0, RSDP_CHECKSUM_BYTES);
	cmd_checksum(s, rsdp, RSDP_CHECKSUM_ALL, 0, rsdp->size);
}

static void script_write(struct script *s, const struct acpi_tables *t)
{
	struct acpi_blob *blob = s->blobs->blob;

	cmd_allocate(s, &blob[ACPI_BLOB_TABLES], TABLES_ALIGN, ZONE_ANYWHERE);
	cmd_allocate(s, &blob[ACPI_BLOB_RSDP], RSDP_ALIGN, ZONE_BELOW_1M);
	for (unsigned i = 1; i < t->n; i++)
		script_table(s, &t->table[i]);
	script_rsdp(s);
}

/* ---- the three files */

static uint8_t *blob_new(struct acpi_blobs *blobs, enum acpi_blob_kind kind,
			 const char *file, size_t size)
{
	struct acpi_blob *b = &blobs->blob[kind];

	*b = (struct acpi_blob){ file, calloc(1, size), size };
	return b->data;
}

/* Two to allocate, two for the FADT, three for the RSDP; sums; the XSDT's. */
static size_t script_size(const struct acpi_tables *t)
{
	return (size_t)(2 + 2 + 3 + 2 + t->n) * CMD_SIZE;
}

int acpi_blobs_build(const struct board *b, struct acpi_blobs *out,
		     struct err *err)
{
	struct script s = { .blobs = out };
	struct acpi_tables t;
	size_t first;
	int ret;

	*out = (struct acpi_blobs){ 0 };
	ret = acpi_build(b, &t, err);
	if (ret < 0)
		return ret;
	s.base = t.table[1].address; /* the RSDP is the first */
	s.cap = script_size(&t);
	first = (size_t)(t.table[1].data - t.blob);
	if (!blob_new(out, ACPI_BLOB_TABLES, ACPI_TABLES_FILE,
		      t.size - first) ||
	    !blob_new(out, ACPI_BLOB_RSDP, ACPI_RSDP_FILE, t.table[0].size) ||
	    !blob_new(out, ACPI_BLOB_LOADER, ACPI_LOADER_FILE, s.cap)) {
		ret = err_nomem(err, "the ACPI tables");
		acpi_blobs_free(out);
		goto out;
	}
	memcpy(out->blob[ACPI_BLOB_TABLES].data, t.table[1].data,
	       t.size - first);
	memcpy(out->blob[ACPI_BLOB_RSDP].data, t.blob, t.table[0].size);
	out->blob[ACPI_BLOB_LOADER].size = 0; /* grows, up to s.cap */
	script_write(&s, &t);
out:
	acpi_free(&t);
	return ret;
}

void acpi_blobs_free(struct acpi_blobs *blobs)
{
	for (unsigned i = 0; i < ACPI_BLOB_COUNT; i++)
		free(blobs->blob[i].data);
	*blobs = (struct acpi_blobs){ 0 };
}
