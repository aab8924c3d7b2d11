/* SPDX-License-Identifier: MIT */
/* EFI without firmware: what Linux reads, and that its map is the board's. */
#include "boot/efi.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "boot/image.h"
#include "hw/rtc/cmos.h"
#include "tests/boot/images.h"
#include "tests/support/boards.h"
#include "tests/test.h"

#define MIB	     UINT64_C(0x100000)
#define AT	     UINT64_C(0x48000000) /* where the area is to be */
#define RSDP	     UINT64_C(0x5ffc0000)
#define RECLAIM	     9
#define RAM	     7
#define CODE	     5 /* of runtime services */
#define RUNTIME_DATA 6
#define MMIO	     11
#define PORTS	     12
#define PAL	     13
#define RUNTIME	     (UINT64_C(1) << 63)

static struct sample_board sample;
static uint8_t area[EFI_AREA_SIZE];
static struct efi_handover efi;

static void build(enum sample which)
{
	struct boot_map map;

	sample_board_make(&sample, which);
	boot_map_make(&sample.board, &map);
	memset(area, 0xff, sizeof(area));
	efi_build(&sample.board, &map, AT, RSDP, area, &efi);
}

static const uint8_t *in_area(uint64_t gpa, uint64_t n)
{
	CHECK(gpa - AT < EFI_AREA_SIZE && n <= EFI_AREA_SIZE - (gpa - AT));
	return area + (gpa - AT);
}

/* ---- the system table */

TEST(efi_system_table_has_signature_and_checksum)
{
	uint8_t table[120];

	build(SAMPLE_ARM);
	memcpy(table, in_area(efi.system_table, 120), 120);
	CHECK_MEM(table, "IBI SYST", 8);
	CHECK_EQ(get_le32(table + 8) >> 16, 2);
	CHECK_EQ(get_le32(table + 12), 120);
	put_le32(table + 16, 0);
	CHECK_EQ(crc32(0, table, 120),
		 get_le32(in_area(efi.system_table, 120) + 16));
	for (unsigned i = 40; i < 104; i += 8)
		if (i != 88) /* no boot service, no console */
			CHECK_EQ(get_le64(table + i), 0);
	/* Linux reads 100 characters, whatever the vendor's name. */
	CHECK_MEM(in_area(get_le64(table + 24), 200), "v\0m\0m\0\0", 8);
}

/* The table of that GUID, bytes of it, which lie in the area. */
static uint64_t config(const uint8_t guid[16])
{
	const uint8_t *table = in_area(efi.system_table, 120);
	uint64_t n = get_le64(table + 104), found = 0;
	const uint8_t *p = in_area(get_le64(table + 112), 24 * n);

	for (uint64_t i = 0; i < n; i++)
		if (!memcmp(p + 24 * i, guid, 16)) {
			CHECK_EQ(found, 0);
			found = get_le64(p + 24 * i + 16);
		}
	CHECK(found != 0);
	return found;
}

TEST(efi_configuration_tables_are_those_that_linux_wants)
{
	static const uint8_t acpi20[] = { 0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4,
					  0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80,
					  0xc7, 0x3c, 0x88, 0x81 };
	static const uint8_t rt_prop[] = { 0x8a, 0x91, 0x66, 0xeb, 0xef, 0x7e,
					   0x2a, 0x40, 0x84, 0x2e, 0x93, 0x1d,
					   0x21, 0xc3, 0x8a, 0xe9 };
	static const uint8_t reserve[] = { 0xc6, 0xb0, 0x8e, 0x88, 0xde, 0x8e,
					   0xf5, 0x4f, 0xa8, 0xf0, 0x9a, 0xee,
					   0x5c, 0xb9, 0x77, 0xc2 };
	static const uint8_t none[16];

	build(SAMPLE_ARM);
	CHECK_EQ(config(acpi20), RSDP);
	/* Version 1, 8 bytes, GetTime and SetTime are supported. */
	CHECK_MEM(in_area(config(rt_prop), 8), "\1\0\10\0\3\0\0\0", 8);
	CHECK_EQ(config(reserve) % 16, 0);
	CHECK_MEM(in_area(config(reserve), 16), none, 16);
}

/* ---- the memory map */

struct desc {
	uint32_t type;
	uint64_t base, size, attributes;
};

static struct desc desc(unsigned i)
{
	const uint8_t *p = in_area(efi.map, efi.map_size) + i * efi.desc_size;

	/* Linux maps runtime services where it is told: where they are. */
	CHECK_EQ(get_le64(p + 16),
		 get_le64(p + 32) & RUNTIME ? get_le64(p + 8) : 0);
	return (struct desc){ get_le32(p), get_le64(p + 8),
			      get_le64(p + 24) << 12, get_le64(p + 32) };
}

static bool is_ram(const struct board *b, uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < b->nram; i++)
		if (base - b->ram[i].base < b->ram[i].size &&
		    size <= b->ram[i].size - (base - b->ram[i].base))
			return true;
	return false;
}

/* The first descriptor: the PL031, in a page of any size. */
static void check_rtc(const struct desc *d)
{
	CHECK_EQ(d->type, MMIO);
	CHECK_EQ(d->base, 0x09010000);
	CHECK_EQ(d->size, 0x10000);
	CHECK_EQ(d->attributes, RUNTIME | 1);
}

/* ia64's: the I/O port space. */
static void check_ports(const struct board *b, const struct desc *d)
{
	CHECK_EQ(d->type, PORTS);
	CHECK_EQ(d->base, b->ia64.ports.base);
	CHECK_EQ(d->size, b->ia64.ports.size);
	CHECK_EQ(d->attributes, RUNTIME | 1);
}

static bool is_runtime(const struct desc *d)
{
	return d->type == CODE || d->type == RUNTIME_DATA || d->type == PAL;
}

/* Every byte of RAM is in it once, nothing else, and tables stay theirs. */
static void check_map(const struct board *b)
{
	uint64_t end = 0, total = 0, ram = 0, area_size = 0, tables = 0;
	struct desc d = desc(0);

	CHECK_EQ(efi.map_size % efi.desc_size, 0);
	if (b->arch == ARCH_IA64)
		check_ports(b, &d);
	else
		check_rtc(&d);
	for (unsigned i = 1; i < efi.map_size / efi.desc_size; i++) {
		d = desc(i);
		CHECK(d.base >= end && d.size > 0);
		CHECK(is_ram(b, d.base, d.size));
		CHECK_EQ(d.attributes, 8 | (is_runtime(&d) ? RUNTIME : 0));
		end = d.base + d.size;
		total += d.size;
		if (AT - d.base < d.size && d.type == RECLAIM)
			area_size += d.size;
		if (d.base == AT + 0x10000 &&
		    d.type == (b->arch == ARCH_IA64 ? RECLAIM : CODE))
			area_size += d.size;
		if (b->acpi.base - d.base < d.size && d.type == RECLAIM)
			tables += d.size;
	}
	for (unsigned i = 0; i < b->nram; i++)
		ram += b->ram[i].size;
	CHECK_EQ(total, ram);
	CHECK_EQ(area_size, EFI_AREA_SIZE);
	CHECK_EQ(tables, b->acpi.size);
}

TEST(efi_memory_map_is_the_boards_ram)
{
	for (enum sample s = SAMPLE_ARM; s < SAMPLE_COUNT; s++) {
		build(s);
		CHECK_EQ(efi.desc_size, 40);
		CHECK_EQ(efi.desc_version, 1);
		CHECK_EQ(efi.map % 8, 0);
		check_map(&sample.board);
	}
}

TEST(efi_memory_map_tells_reserved_memory_apart)
{
	struct boot_map map;
	struct desc d;

	sample_board_make(&sample, SAMPLE_ARM);
	sample.board.reserved[sample.board.nreserved++] =
		(struct board_reserved){ "firmware", 0x40000000, 0x10000 };
	boot_map_make(&sample.board, &map);
	efi_build(&sample.board, &map, AT, RSDP, area, &efi);
	check_map(&sample.board);
	d = desc(1);
	CHECK_EQ(d.type, 0);
	CHECK_EQ(d.size, 0x10000);
	CHECK_EQ(desc(2).type, RAM);
}

TEST(efi_without_an_rtc_has_no_runtime_service)
{
	static const uint8_t rt_prop[] = { 0x8a, 0x91, 0x66, 0xeb, 0xef, 0x7e,
					   0x2a, 0x40, 0x84, 0x2e, 0x93, 0x1d,
					   0x21, 0xc3, 0x8a, 0xe9 };
	struct boot_map map;
	unsigned i = 0;

	sample_board_make(&sample, SAMPLE_ARM);
	while (strcmp(sample.devs[i].class->name, "pl031"))
		i++;
	sample.devs[i].class = &cmos_rtc_class;
	boot_map_make(&sample.board, &map);
	efi_build(&sample.board, &map, AT, RSDP, area, &efi);
	CHECK_EQ(get_le64(in_area(efi.system_table, 120) + 88), 0);
	CHECK_EQ(get_le32(in_area(config(rt_prop), 8) + 4), 0);
	for (i = 0; i < efi.map_size / efi.desc_size; i++)
		CHECK_EQ(desc(i).attributes, 8);
}

/* ---- what /chosen says, as a kernel is loaded */

static struct bytes kernel(uint64_t size)
{
	struct bytes b = { 0 };

	bytes_zero(&b, 4096);
	put_le64(b.p + 16, size);
	put_le64(b.p + 24, 0xa);
	memcpy(b.p + 56, "ARM\x64", 4);
	return b;
}

static int load(struct images_arm *a, const char *cmdline, bool acpi_only)
{
	struct bytes k = kernel(MIB);
	int ret;

	images_arm_open(a, 64 * MIB);
	a->r.board.reserved[a->r.board.nreserved++] =
		(struct board_reserved){ "acpi", a->r.board.acpi.base,
					 a->r.board.acpi.size };
	a->r.cfg.cmdline = cmdline;
	a->r.cfg.acpi_only = acpi_only;
	ret = images_rig_load(&a->r, &k);
	bytes_free(&k);
	return ret;
}

static const void *tree(const struct images_arm *a)
{
	uint64_t gpa = a->r.start.arg[0];

	return images_rig_at(&a->r, gpa,
			     fdt_totalsize(images_rig_at(&a->r, gpa, 8)));
}

static uint64_t chosen(const void *dtb, const char *name, int bytes)
{
	int len;
	const uint8_t *p =
		fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"), name, &len);
	uint64_t val = 0;

	if (!p || len != bytes)
		fail_msg("%s is not of %d bytes", name, bytes);
	for (int i = 0; i < len; i++)
		val = val << 8 | p[i];
	return val;
}

/* The tables are where /chosen says, and apart from all else. */
static void check_handover(const struct images_arm *a)
{
	const struct boot_start *s = &a->r.start;
	const void *dtb = tree(a);
	uint64_t at = chosen(dtb, "linux,uefi-system-table", 8), map;

	CHECK_MEM(images_rig_at(&a->r, at, 8), "IBI SYST", 8);
	CHECK_EQ(at % EFI_AREA_ALIGN, 0);
	map = chosen(dtb, "linux,uefi-mmap-start", 8);
	map += 40; /* after the RTC */
	CHECK_EQ(get_le32(images_rig_at(&a->r, map, 40)), RAM);
	CHECK_EQ(get_le64(images_rig_at(&a->r, map, 40) + 8), 0x40000000);
	CHECK_EQ(chosen(dtb, "linux,uefi-mmap-size", 4) % 40, 0);
	CHECK_EQ(chosen(dtb, "linux,uefi-mmap-desc-size", 4), 40);
	CHECK_EQ(chosen(dtb, "linux,uefi-mmap-desc-ver", 4), 1);
	CHECK_EQ(chosen(dtb, "linux,uefi-secure-boot", 4), 2);
	CHECK(at >= s->kernel_base + s->kernel_size);
	CHECK(at + EFI_AREA_SIZE <= s->arg[0] ||
	      at >= s->arg[0] + fdt_totalsize(dtb));
	CHECK(at + EFI_AREA_SIZE <= a->r.board.acpi.base);
}

TEST(efi_is_handed_over_where_the_kernel_is_told_to_use_acpi)
{
	static const char *const asks[] = { "acpi=force", "quiet acpi=on" };
	struct images_arm a;

	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQ(load(&a, asks[i], false), 0);
		check_handover(&a);
		CHECK(fdt_path_offset(tree(&a), "/cpus") > 0);
		CHECK(fdt_path_offset(tree(&a), "/reserved-memory") < 0);
		images_arm_close(&a);
	}
	CHECK_EQ(load(&a, "acpi=off", false), 0);
	CHECK(fdt_path_offset(tree(&a), "/reserved-memory") > 0);
	CHECK(!fdt_getprop(tree(&a), fdt_path_offset(tree(&a), "/chosen"),
			   "linux,uefi-system-table", NULL));
	images_arm_close(&a);
}

/* With any other node Linux would take the tree, and leave ACPI. */
TEST(efi_tree_has_but_chosen_where_acpi_is_to_decide)
{
	struct images_arm a;
	const void *dtb;
	int node, nodes = 0;

	CHECK_EQ(load(&a, "console=ttyAMA0", true), 0);
	check_handover(&a);
	dtb = tree(&a);
	fdt_for_each_subnode(node, dtb, 0)
	{
		CHECK_STR(fdt_get_name(dtb, node, NULL), "chosen");
		CHECK(fdt_first_subnode(dtb, node) < 0);
		nodes++;
	}
	CHECK_EQ(nodes, 1);
	CHECK_EQ(fdt_address_cells(dtb, 0), 2);
	CHECK_EQ(fdt_size_cells(dtb, 0), 2);
	CHECK_STR(fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"), "bootargs",
			      NULL),
		  "console=ttyAMA0");
	images_arm_close(&a);
}

TEST(efi_goes_into_the_users_tree_unless_acpi_is_to_decide)
{
	static uint8_t mine[4096];
	struct bytes k = kernel(MIB);
	struct images_arm a;

	CHECK_EQ(load(&a, "acpi=force", false), 0);
	CHECK_EQ(fdt_create_empty_tree(mine, sizeof(mine)), 0);
	a.r.cfg.dtb = images_file(mine, fdt_totalsize(mine));
	CHECK_EQ(images_rig_load(&a.r, &k), 0);
	check_handover(&a);
	a.r.cfg.acpi_only = true;
	CHECK_EQ(images_rig_load(&a.r, &k), -EINVAL);
	CHECK_STR(a.r.err.msg,
		  "--dtb: with acpi=on the kernel gets no device tree");
	unlink(a.r.cfg.dtb);
	bytes_free(&k);
	images_arm_close(&a);
}

TEST(efi_that_finds_no_room_says_so)
{
	struct bytes k = kernel(64 * MIB - 0x48000);
	struct images_arm a;

	CHECK_EQ(load(&a, "acpi=force", false), 0);
	CHECK_EQ(images_rig_load(&a.r, &k), -ENOMEM);
	CHECK_STR(a.r.err.msg, "the EFI tables, 128 KiB, find no room beside "
			       "the kernel and the initrd");
	bytes_free(&k);
	images_arm_close(&a);
}
