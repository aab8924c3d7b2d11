/* SPDX-License-Identifier: MIT */
/* What firmware is handed: the tables' files, a kernel, its initrds, sizes. */
#include "boot/fw_items.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/image.h"
#include "tests/boot/images.h"
#include "tests/support/boards.h"
#include "tests/test.h"

static struct sample_board sample;
static struct fw_items items;
static struct boot_config cfg;
static struct err err;

static int make(void)
{
	memset(&err, 0, sizeof(err));
	return fw_items_make(&sample.board, &cfg, &items, &err);
}

static const struct fw_item *by_key(uint16_t key)
{
	for (unsigned i = 0; i < items.n; i++)
		if (!items.item[i].file && items.item[i].key == key)
			return &items.item[i];
	return NULL;
}

/* The item of data_key has n bytes, and that of size_key says so. */
static const uint8_t *sized(uint16_t size_key, uint16_t data_key, size_t n)
{
	const struct fw_item *size = by_key(size_key), *data = by_key(data_key);

	CHECK(size && data);
	CHECK_EQ(size->size, 4);
	CHECK_EQ(get_le32(size->data), n);
	CHECK_EQ(data->size, n);
	return data->data;
}

/* A copy of images_file()'s name, which the next call overwrites. */
static char *file(const void *data, size_t n)
{
	char *name = strdup(images_file(data, n));

	CHECK(name != NULL);
	return name;
}

static void drop(char *name)
{
	unlink(name);
	free(name);
}

TEST(fw_items_without_a_kernel_are_the_tables)
{
	static const char *const names[] = { "etc/acpi/tables", "etc/acpi/rsdp",
					     "etc/table-loader" };

	sample_board_make(&sample, SAMPLE_ARM);
	cfg = (struct boot_config){ 0 };
	CHECK_EQ(make(), 0);
	CHECK_EQ(items.n, 3);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_STR(items.item[i].file, names[i]);
		CHECK(items.item[i].size > 0);
	}
	fw_items_free(&items);
	sample.board.acpi.size = 0;
	CHECK_EQ(make(), 0);
	CHECK_EQ(items.n, 0);
	fw_items_free(&items);
}

TEST(fw_items_have_the_kernel_its_initrds_and_its_command_line)
{
	char *kernel = file("MZ kernel", 9), *one = file("12345", 5);
	char *two = file("678", 3);
	const char *initrd[] = { one, two, NULL };

	sample_board_make(&sample, SAMPLE_ARM);
	cfg = (struct boot_config){ .kernel = kernel,
				    .initrd = initrd,
				    .cmdline = "quiet" };
	CHECK_EQ(make(), 0);
	CHECK_EQ(items.n, 9);
	CHECK_MEM(sized(0x08, 0x11, 9), "MZ kernel", 9);
	CHECK_MEM(sized(0x0b, 0x12, 12),
		  "12345\0\0\0"
		  "678\0",
		  12);
	CHECK_MEM(sized(0x14, 0x15, 6), "quiet", 6);
	fw_items_free(&items);
	cfg.initrd = NULL;
	cfg.cmdline = NULL;
	CHECK_EQ(make(), 0);
	CHECK(!by_key(0x0b) && !by_key(0x12));
	CHECK_MEM(sized(0x14, 0x15, 1), "", 1);
	fw_items_free(&items);
	drop(kernel);
	drop(one);
	drop(two);
}

TEST(fw_items_have_a_packed_kernel_unpacked)
{
	struct bytes plain = { 0 }, packed;
	char *name;

	bytes_put(&plain, "MZ", 2);
	bytes_zero(&plain, 70000);
	packed = images_pack(UNPACK_GZIP, &plain);
	name = file(packed.p, packed.n);
	sample_board_make(&sample, SAMPLE_ARM);
	cfg = (struct boot_config){ .kernel = name };
	CHECK_EQ(make(), 0);
	CHECK_MEM(sized(0x08, 0x11, plain.n), plain.p, plain.n);
	fw_items_free(&items);
	bytes_free(&plain);
	bytes_free(&packed);
	drop(name);
}

static void refuses(const char *kernel, const char *const *initrd, int code,
		    const char *msg)
{
	cfg = (struct boot_config){ .kernel = kernel, .initrd = initrd };
	CHECK_EQ(make(), -code);
	if (!strstr(err.msg, msg))
		fail_msg("'%s' lacks '%s'", err.msg, msg);
	CHECK_EQ(items.n, 0);
}

TEST(fw_items_refuse_what_firmware_cannot_boot)
{
	char *script = file("#!/bin/sh\n", 10), *kernel = file("MZ", 2);
	static const char *const gone[] = { "/nonexistent/rd", NULL };
	const char *many[18];

	sample_board_make(&sample, SAMPLE_ARM);
	refuses(script, NULL, ENOEXEC, "is no EFI program, and firmware boots");
	refuses("/nonexistent/k", NULL, ENOENT, "kernel: cannot open");
	refuses(kernel, gone, ENOENT, "initrd: cannot open '/nonexistent/rd'");
	for (unsigned i = 0; i < 17; i++)
		many[i] = kernel;
	many[17] = NULL;
	refuses(kernel, many, E2BIG, "more than 16 initrd files");
	sample.board.ram[0].size = 1;
	refuses(kernel, NULL, EFBIG, "is larger than the machine's memory");
	drop(script);
	drop(kernel);
}
