/* SPDX-License-Identifier: MIT */
/* Arm's kernels, in every form: where each goes, what it is handed, refused. */
#include <elf.h>
#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "boot/arm.h"
#include "boot/fdt.h"
#include "tests/boot/images.h"
#include "tests/support/boards.h"
#include "tests/test.h"

#define MIB	      0x100000u
#define RAM	      IMAGES_ARM_RAM
#define FLAG_BE	      1u
#define FLAG_4K	      2u
#define FLAG_ANYWHERE 8u
#define IMAGE_BYTES   0x6000u

/* An Image: the header, then bytes that tell their place. */
static struct bytes arm_image(uint64_t text_offset, uint64_t image_size,
			      uint64_t flags)
{
	struct bytes b = { 0 };

	bytes_zero(&b, IMAGE_BYTES);
	for (size_t i = ARM64_HEADER_SIZE; i < b.n; i++)
		b.p[i] = images_byte(i);
	put_le64(b.p + 8, text_offset);
	put_le64(b.p + 16, image_size);
	put_le64(b.p + 24, flags);
	memcpy(b.p + 56, "ARM\x64", 4);
	return b;
}

static struct bytes arm_plain_image(void)
{
	return arm_image(0, MIB, FLAG_4K | FLAG_ANYWHERE);
}

static void check_image(const struct images_arm *a, uint64_t base)
{
	const uint8_t *p = images_rig_at(&a->r, base, IMAGE_BYTES);
	unsigned wrong = 0;

	CHECK_MEM(p + 56, "ARM\x64", 4);
	for (unsigned i = ARM64_HEADER_SIZE; i < IMAGE_BYTES; i++)
		wrong += p[i] != images_byte(i);
	CHECK_EQ(wrong, 0);
}

/* The tree at gpa, which is whole; its /chosen. */
static const void *check_dtb(const struct images_arm *a, uint64_t gpa,
			     int *chosen)
{
	const uint8_t *head = images_rig_at(&a->r, gpa, 8);
	size_t size = fdt_totalsize(head);
	const void *dtb = images_rig_at(&a->r, gpa, size);

	CHECK_EQ(gpa % (2 * MIB), 0);
	CHECK_EQ(fdt_check_full(dtb, size), 0);
	*chosen = fdt_path_offset(dtb, "/chosen");
	CHECK(*chosen > 0);
	return dtb;
}

static uint64_t number(const void *dtb, int node, const char *name)
{
	int len;
	const uint8_t *p = fdt_getprop(dtb, node, name, &len);
	uint64_t val = 0;

	if (!p)
		fail_msg("no %s", name);
	for (int i = 0; i < len; i++)
		val = val << 8 | p[i];
	return val;
}

static int arm_load(struct images_arm *a, struct bytes *kernel)
{
	int ret = images_rig_load(&a->r, kernel);

	bytes_free(kernel);
	return ret;
}

static void must_load(struct images_arm *a, struct bytes *kernel)
{
	if (arm_load(a, kernel) < 0)
		fail_msg("%s", a->r.err.msg);
}

TEST(arm64_image_goes_to_the_start_of_ram_with_a_tree)
{
	struct bytes kernel = arm_image(0x80000, MIB, FLAG_4K);
	struct images_arm a;
	const void *dtb;
	int chosen, len;

	images_arm_open(&a, 256 * MIB);
	must_load(&a, &kernel);
	check_image(&a, RAM + 0x80000);
	CHECK_EQ(a.r.start.mode, BOOT_ARM64);
	CHECK_EQ(a.r.start.pc, RAM + 0x80000);
	CHECK_EQ(a.r.start.kernel_base, RAM + 0x80000);
	CHECK_EQ(a.r.start.kernel_size, MIB);
	CHECK_STR(a.r.start.protocol, "Linux arm64, 4K pages");
	for (unsigned i = 1; i < 4; i++)
		CHECK_EQ(a.r.start.arg[i], 0);
	dtb = check_dtb(&a, a.r.start.arg[0], &chosen);
	CHECK_STR(fdt_getprop(dtb, chosen, "bootargs", NULL),
		  "console=ttyAMA0");
	fdt_getprop(dtb, chosen, "rng-seed", &len);
	CHECK_EQ(len, 32);
	CHECK(!fdt_getprop(dtb, chosen, "kaslr-seed", NULL));
	CHECK(!fdt_getprop(dtb, chosen, "linux,initrd-start", NULL));
	images_arm_close(&a);
}

TEST(arm64_kaslr_is_a_seed_that_differs)
{
	struct images_arm a;
	uint64_t seed[2];
	int chosen;

	images_arm_open(&a, 64 * MIB);
	a.r.cfg.kaslr = true;
	for (unsigned i = 0; i < 2; i++) {
		struct bytes kernel = arm_plain_image();
		const void *dtb;

		a.r.cfg.seed = i + 1;
		must_load(&a, &kernel);
		dtb = check_dtb(&a, a.r.start.arg[0], &chosen);
		seed[i] = number(dtb, chosen, "kaslr-seed");
	}
	CHECK(seed[0] && seed[1] && seed[0] != seed[1]);
	images_arm_close(&a);
}

TEST(arm64_image_is_unpacked_to_its_place)
{
	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		struct bytes kernel = arm_image(0x1000, MIB, FLAG_4K);
		struct bytes packed = images_pack(kind, &kernel);
		struct images_arm a;

		images_arm_open(&a, 64 * MIB);
		must_load(&a, &packed);
		check_image(&a, RAM + 0x1000);
		CHECK_EQ(a.r.start.kernel_size, MIB);
		bytes_free(&kernel);
		images_arm_close(&a);
	}
}

/* As Linux's build wraps an Image: a PE program around a packed one. */
static struct bytes arm_zboot(enum unpack_kind kind, const struct bytes *in)
{
	struct bytes packed = images_pack(kind, in), b = { 0 };
	const uint32_t payload = 0x2000;

	bytes_zero(&b, payload);
	memcpy(b.p, "MZ\0\0zimg", 8);
	put_le32(b.p + 8, payload);
	put_le32(b.p + 12, (uint32_t)packed.n);
	memcpy(b.p + 24, unpack_name(kind), strlen(unpack_name(kind)));
	bytes_put(&b, packed.p, packed.n);
	bytes_le32(&b, (uint32_t)in->n);
	bytes_zero(&b, 100); /* the rest of the PE program */
	bytes_free(&packed);
	return b;
}

TEST(arm64_zboot_image_is_unpacked_by_the_host)
{
	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		struct bytes kernel = arm_plain_image();
		struct bytes zboot = arm_zboot(kind, &kernel);
		struct images_arm a;

		images_arm_open(&a, 64 * MIB);
		must_load(&a, &zboot);
		check_image(&a, RAM);
		bytes_free(&kernel);
		images_arm_close(&a);
	}
}

TEST(arm64_image_of_old_tells_no_size)
{
	struct bytes kernel = arm_image(0x12345678, 0, FLAG_BE);
	struct bytes packed = images_pack(UNPACK_GZIP, &kernel);
	struct images_arm a;

	images_arm_open(&a, 64 * MIB);
	must_load(&a, &packed);
	check_image(&a, RAM + 0x80000);
	must_load(&a, &kernel);
	check_image(&a, RAM + 0x80000);
	CHECK_EQ(a.r.start.pc, RAM + 0x80000);
	images_arm_close(&a);
	images_arm_open(&a, 4096ull * MIB);
	kernel = arm_image(0, 0, 0);
	packed = images_pack(UNPACK_XZ, &kernel);
	must_load(&a, &packed);
	check_image(&a, RAM + 0x80000);
	bytes_free(&kernel);
	images_arm_close(&a);
}

/* A relocatable vmlinux: a shared object at virtual addresses. */
TEST(arm64_vmlinux_goes_where_its_image_would)
{
	const struct images_elf spec = { .machine = EM_AARCH64,
					 .type = ET_DYN,
					 .paddr = 0xffff800008000000,
					 .entry = 0xffff800008000000 };
	struct bytes image = arm_plain_image(), elf = images_elf(&spec);
	struct bytes packed;
	struct images_arm a;

	memcpy(elf.p + IMAGES_TEXT_AT, image.p, ARM64_HEADER_SIZE);
	packed = images_pack(UNPACK_XZ, &elf);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *p;

		images_arm_open(&a, 64 * MIB);
		must_load(&a, i ? &packed : &elf);
		CHECK_EQ(a.r.start.pc, RAM);
		p = images_rig_at(&a.r, RAM, IMAGES_SPAN);
		CHECK_EQ(p[100], images_byte(100));
		CHECK_EQ(p[IMAGES_DATA_OFF + 5],
			 images_byte(IMAGES_DATA_OFF + 5));
		images_arm_close(&a);
	}
	bytes_free(&image);
}

TEST(arm64_elf_goes_where_it_says)
{
	const struct images_elf spec = { .machine = EM_AARCH64,
					 .paddr = RAM + 4 * MIB,
					 .entry = RAM + 4 * MIB + 0x100 };
	struct bytes elf = images_elf(&spec);
	struct images_arm a;

	images_arm_open(&a, 64 * MIB);
	must_load(&a, &elf);
	CHECK_EQ(a.r.start.pc, RAM + 4 * MIB + 0x100);
	CHECK_EQ(a.r.start.mode, BOOT_ARM64);
	CHECK_EQ(*images_rig_at(&a.r, RAM + 4 * MIB + 7, 1), images_byte(7));
	images_arm_close(&a);
}

TEST(arm64_initrd_lies_in_reach_and_apart)
{
	struct bytes kernel = arm_plain_image();
	char data[5000];
	const char *name, *initrd[2] = { NULL };
	uint64_t base, end;
	struct images_arm a;
	const void *dtb;
	int chosen;

	memset(data, 'x', sizeof(data));
	name = images_file(data, sizeof(data));
	initrd[0] = name;
	images_arm_open(&a, 64 * MIB);
	a.r.cfg.initrd = initrd;
	must_load(&a, &kernel);
	dtb = check_dtb(&a, a.r.start.arg[0], &chosen);
	base = number(dtb, chosen, "linux,initrd-start");
	end = number(dtb, chosen, "linux,initrd-end");
	CHECK_EQ(end - base, sizeof(data));
	CHECK_EQ(base, a.r.start.initrd_base);
	CHECK_MEM(images_rig_at(&a.r, base, sizeof(data)), data, sizeof(data));
	CHECK(end <= a.r.board.acpi.base);
	CHECK(base >= a.r.start.arg[0] + fdt_totalsize(dtb));
	CHECK(a.r.start.arg[0] >= RAM + MIB);
	unlink(name);
	images_arm_close(&a);
}

/* ---- what is refused, and how it is told */

static void refuses(struct images_arm *a, struct bytes *kernel, const char *msg)
{
	CHECK(arm_load(a, kernel) < 0);
	CHECK_STR(a->r.err.msg, msg);
}

TEST(arm64_image_with_a_bad_header_is_refused)
{
	struct bytes big = arm_image(0, MIB, FLAG_BE);
	struct bytes offset = arm_image(2 * MIB, MIB, 0);
	struct bytes odd = arm_image(0x801, MIB, 0);
	struct bytes large = arm_image(0, 64 * MIB, 0);
	struct bytes wrong = arm_plain_image();
	struct bytes packed = images_pack(UNPACK_GZIP, &large);
	struct images_arm a;

	wrong.p[57] = 'r';
	images_arm_open(&a, 64 * MIB);
	refuses(&a, &big,
		"'kernel' is a big-endian kernel, and vmm starts "
		"little-endian ones");
	refuses(&a, &offset,
		"'kernel' is a corrupt arm64 Image: its text offset 0x200000 "
		"is not a whole page below 2 MiB");
	refuses(&a, &odd,
		"'kernel' is a corrupt arm64 Image: its text offset 0x801 is "
		"not a whole page below 2 MiB");
	refuses(&a, &wrong,
		"'kernel' is a file of no known kind, not a kernel for arm64");
	for (unsigned i = 0; i < 2; i++) {
		CHECK(arm_load(&a, i ? &packed : &large) < 0);
		CHECK_STR(a.r.err.msg,
			  "the kernel 'kernel' does not fit: it needs 64 MiB "
			  "at 1 GiB, and the machine has 64 MiB of memory");
		CHECK_STR(a.r.err.hint,
			  "give the guest more memory with --memory");
	}
	images_arm_close(&a);
}

/* A place that the file insists on, which is taken, or beyond RAM. */
TEST(arm64_elf_without_its_place_is_refused)
{
	struct images_elf spec = { .machine = EM_AARCH64 };
	struct images_arm a;

	images_arm_open(&a, 64 * MIB);
	a.r.board.reserved[a.r.board.nreserved++] =
		(struct board_reserved){ "secret", RAM + 16 * MIB, 4096 };
	for (unsigned i = 0; i < 3; i++) {
		static const char *const why[] = {
			"needs 36 KiB at 0x40ffc000, and not all of it is "
			"free memory of this machine",
			"does not fit: it needs",
			"needs 12 KiB at 0x1, and not all of it is free "
			"memory of this machine",
		};
		static const uint64_t at[] = { RAM + 16 * MIB - 0x8000,
					       RAM + 64 * MIB, 1 };
		struct bytes elf;

		spec.paddr = at[i];
		elf = images_elf(&spec);
		CHECK(arm_load(&a, &elf) < 0);
		if (!strstr(a.r.err.msg, why[i]))
			fail_msg("%u: %s", i, a.r.err.msg);
		bytes_free(&elf);
	}
	images_arm_close(&a);
}

TEST(arm64_refuses_other_architectures_by_name)
{
	const struct images_elf x86 = { 0 };
	const struct images_elf program = { .machine = EM_AARCH64,
					    .type = ET_DYN };
	struct bytes bz = images_simple_bzimage();
	struct bytes elf = images_elf(&x86), dyn = images_elf(&program);
	struct images_arm a;

	images_arm_open(&a, 64 * MIB);
	refuses(&a, &bz, "'kernel' is an x86 bzImage, not a kernel for arm64");
	refuses(&a, &elf,
		"'kernel' is an ELF executable for x86_64, not a kernel for "
		"arm64");
	refuses(&a, &dyn,
		"'kernel' is an ELF shared library or position-independent "
		"program for arm64, not a kernel for arm64");
	images_arm_close(&a);
}

TEST(arm64_zboot_header_that_lies_is_refused)
{
	static const uint32_t lies[][2] = { { 10, 100 },
					    { UINT32_MAX, 100 },
					    { 0x2000, UINT32_MAX },
					    { 0x2000, 3 } };
	struct bytes kernel = arm_plain_image();

	for (unsigned i = 0; i < 4; i++) {
		struct bytes zboot = arm_zboot(UNPACK_GZIP, &kernel);
		struct images_arm a;

		put_le32(zboot.p + 8, lies[i][0]);
		put_le32(zboot.p + 12, lies[i][1]);
		images_arm_open(&a, 64 * MIB);
		CHECK(arm_load(&a, &zboot) < 0);
		CHECK(strstr(a.r.err.msg,
			     "'kernel' is a corrupt EFI zboot image"));
		images_arm_close(&a);
	}
	bytes_free(&kernel);
}

TEST(arm64_command_line_that_linux_would_cut_is_refused)
{
	struct bytes kernel = arm_plain_image();
	char line[2100];
	struct images_arm a;

	memset(line, 'a', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	images_arm_open(&a, 64 * MIB);
	a.r.cfg.cmdline = line;
	refuses(&a, &kernel,
		"the kernel command line has 2099 characters, and 'kernel' "
		"takes 2047");
	images_arm_close(&a);
}

TEST(arm64_says_when_the_tree_finds_no_room)
{
	struct bytes kernel = arm_image(0, 15 * MIB, 0);
	struct images_arm a;

	images_arm_open(&a, 16 * MIB);
	CHECK(arm_load(&a, &kernel) < 0);
	CHECK(strstr(a.r.err.msg, "finds no room from 0x40000000 to "
				  "0x5fffffff beside the kernel"));
	images_arm_close(&a);
}

/* ---- AArch32 */

static struct bytes arm_zimage(void)
{
	struct bytes b = { 0 };

	bytes_zero(&b, 0x5000);
	for (size_t i = 0x34; i < b.n; i++)
		b.p[i] = images_byte(i);
	put_le32(b.p + 0x24, 0x016f2818);
	put_le32(b.p + 0x28, 0x1000);
	put_le32(b.p + 0x2c, 0x1000 + 0x5000);
	put_le32(b.p + 0x30, 0x04030201);
	return b;
}

static void arm32_open(struct images_arm *a, uint64_t ram)
{
	images_arm_open(a, ram);
	a->r.board.aarch32 = true;
}

TEST(arm32_zimage_lies_out_of_the_way_of_what_it_unpacks)
{
	static const uint64_t ram[] = { 256 * MIB, 32 * MIB };
	static const uint64_t at[] = { RAM + 32 * MIB, RAM + 0x8000 };

	for (unsigned i = 0; i < 2; i++) {
		struct bytes kernel = arm_zimage();
		struct images_arm a;
		int chosen;

		arm32_open(&a, ram[i]);
		must_load(&a, &kernel);
		CHECK_EQ(a.r.start.mode, BOOT_ARM32);
		CHECK_EQ(a.r.start.pc, at[i]);
		CHECK_EQ(a.r.start.arg[0], 0);
		CHECK_EQ(a.r.start.arg[1], 0xffffffff);
		check_dtb(&a, a.r.start.arg[2], &chosen);
		CHECK_EQ(*images_rig_at(&a.r, at[i] + 0x4fff, 1),
			 images_byte(0x4fff));
		images_arm_close(&a);
	}
}

TEST(arm32_elf_goes_where_it_says)
{
	const struct images_elf spec = { .is32 = true,
					 .machine = EM_ARM,
					 .paddr = RAM + 4 * MIB };
	struct bytes elf = images_elf(&spec);
	struct images_arm a;

	arm32_open(&a, 64 * MIB);
	must_load(&a, &elf);
	CHECK_EQ(a.r.start.mode, BOOT_ARM32);
	CHECK_EQ(a.r.start.pc, RAM + 4 * MIB);
	images_arm_close(&a);
}

TEST(arm_kernels_of_the_other_width_are_refused)
{
	const struct images_elf spec = { .is32 = true,
					 .machine = EM_ARM,
					 .paddr = RAM + 4 * MIB };
	struct bytes zimage = arm_zimage(), elf = images_elf(&spec);
	struct bytes image = arm_plain_image();
	struct bytes packed = images_pack(UNPACK_GZIP, &image);
	struct images_arm a;

	images_arm_open(&a, 64 * MIB);
	refuses(&a, &zimage,
		"'kernel' is a 32-bit kernel, and this machine's CPUs are "
		"64-bit");
	CHECK_STR(a.r.err.hint, "add --cpu host,aarch64=off");
	refuses(&a, &elf,
		"'kernel' is a 32-bit kernel, and this machine's CPUs are "
		"64-bit");
	images_arm_close(&a);
	arm32_open(&a, 64 * MIB);
	for (unsigned i = 0; i < 2; i++)
		refuses(&a, i ? &image : &packed,
			"'kernel' is a 64-bit kernel, and this machine's CPUs "
			"are 32-bit");
	images_arm_close(&a);
}

TEST(arm32_zimage_with_a_bad_header_is_refused)
{
	struct bytes big = arm_zimage(), longer = arm_zimage();
	struct images_arm a;

	memcpy(big.p + 0x24, "\x01\x6f\x28\x18", 4);
	put_le32(longer.p + 0x2c, 0x1000 + 0x5001);
	arm32_open(&a, 64 * MIB);
	refuses(&a, &big,
		"'kernel' is a big-endian zImage, and vmm starts "
		"little-endian kernels");
	refuses(&a, &longer,
		"'kernel' is a truncated or corrupt zImage: its header tells "
		"of 20481 bytes, and the file has 20480");
	images_arm_close(&a);
}

/* ---- uImage */

static void be32(uint8_t *p, uint64_t val)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(val >> 8 * (3 - i));
}

struct uimage_spec {
	uint8_t arch, type, comp;
	uint32_t load, entry;
};

/* Frees what it wraps. */
static struct bytes uimage(const struct uimage_spec *s, struct bytes *in)
{
	struct bytes b = { 0 };

	bytes_zero(&b, 64);
	bytes_put(&b, in->p, in->n);
	bytes_zero(&b, 10); /* ignored */
	be32(b.p, 0x27051956);
	be32(b.p + 12, in->n);
	be32(b.p + 16, s->load);
	be32(b.p + 20, s->entry);
	be32(b.p + 24, crc32(0, in->p, (uInt)in->n));
	b.p[28] = 5; /* Linux */
	b.p[29] = s->arch;
	b.p[30] = s->type;
	b.p[31] = s->comp;
	be32(b.p + 4, crc32(0, b.p, 64));
	bytes_free(in);
	return b;
}

TEST(uimage_is_what_it_wraps)
{
	const struct uimage_spec arm = { .arch = 2, .type = 2 };
	const struct uimage_spec arm64 = { .arch = 22, .type = 14, .comp = 1 };
	struct bytes zimage = arm_zimage(), image = arm_plain_image();
	struct bytes packed = images_pack(UNPACK_GZIP, &image);
	struct bytes u32 = uimage(&arm, &zimage), u64 = uimage(&arm64, &packed);
	struct images_arm a;

	arm32_open(&a, 256 * MIB);
	must_load(&a, &u32);
	CHECK_EQ(a.r.start.pc, RAM + 32 * MIB);
	images_arm_close(&a);
	images_arm_open(&a, 256 * MIB);
	must_load(&a, &u64);
	check_image(&a, RAM);
	images_arm_close(&a);
	bytes_free(&image);
}

TEST(uimage_of_raw_code_goes_where_it_says)
{
	const struct uimage_spec spec = {
		.arch = 22, .type = 1, .load = RAM + MIB, .entry = RAM + MIB + 4
	};
	const struct uimage_spec stray = {
		.arch = 2, .type = 1, .load = RAM + MIB, .entry = RAM
	};
	struct bytes code = { 0 }, u, out;
	struct images_arm a;

	bytes_put(&code, "raw code", 8);
	u = uimage(&spec, &code);
	bytes_put(&code, "raw code", 8);
	out = uimage(&stray, &code);
	images_arm_open(&a, 64 * MIB);
	must_load(&a, &u);
	CHECK_EQ(a.r.start.pc, RAM + MIB + 4);
	CHECK_EQ(a.r.start.mode, BOOT_ARM64);
	CHECK_MEM(images_rig_at(&a.r, RAM + MIB, 8), "raw code", 8);
	images_arm_close(&a);
	arm32_open(&a, 64 * MIB);
	refuses(&a, &out,
		"the uImage 'kernel' is corrupt: its entry point is not in it");
	images_arm_close(&a);
}

TEST(uimage_that_is_damaged_or_foreign_is_refused)
{
	static const struct {
		struct uimage_spec spec;
		unsigned flip; /* this byte; 0: none */
		const char *msg;
	} bad[] = {
		{ { 2, 2, 0, 0, 0 },
		  40,
		  "the uImage 'kernel' is corrupt: its header's checksum is "
		  "wrong" },
		{ { 2, 2, 0, 0, 0 },
		  64 + 100,
		  "the uImage 'kernel' is corrupt: its data's checksum is "
		  "wrong" },
		{ { 7, 2, 0, 0, 0 },
		  0,
		  "the uImage 'kernel' is for another architecture (U-Boot's "
		  "number 7), not for Arm" },
		{ { 2, 3, 0, 0, 0 },
		  0,
		  "the uImage 'kernel' holds no kernel (U-Boot's type 3)" },
		{ { 2, 2, 9, 0, 0 },
		  0,
		  "the uImage 'kernel' is corrupt: its compression is none "
		  "that vmm knows" },
	};
	struct images_arm a;

	arm32_open(&a, 64 * MIB);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct bytes zimage = arm_zimage();
		struct bytes u = uimage(&bad[i].spec, &zimage);

		if (bad[i].flip)
			u.p[bad[i].flip] ^= 1;
		refuses(&a, &u, bad[i].msg);
	}
	images_arm_close(&a);
}

/* ---- --dtb, firmware */

TEST(dtb_of_the_user_is_handed_over_with_chosen_filled_in)
{
	static uint8_t tree[4096];
	struct bytes kernel = arm_plain_image();
	struct images_arm a;
	const void *dtb;
	const char *name;
	int chosen;

	CHECK_EQ(fdt_create_empty_tree(tree, sizeof(tree)), 0);
	CHECK_EQ(fdt_setprop_string(tree, 0, "model", "mine"), 0);
	name = images_file(tree, fdt_totalsize(tree));
	images_arm_open(&a, 64 * MIB);
	a.r.cfg.dtb = name;
	a.r.cfg.kaslr = true;
	must_load(&a, &kernel);
	dtb = check_dtb(&a, a.r.start.arg[0], &chosen);
	CHECK_STR(fdt_getprop(dtb, 0, "model", NULL), "mine");
	CHECK_STR(fdt_getprop(dtb, chosen, "bootargs", NULL),
		  "console=ttyAMA0");
	CHECK(number(dtb, chosen, "kaslr-seed") != 0);
	unlink(name);
	images_arm_close(&a);
}

TEST(dtb_that_is_none_or_damaged_is_refused)
{
	static uint8_t tree[4096];
	struct bytes kernel = arm_plain_image();
	struct images_arm a;
	char want[256];

	images_arm_open(&a, 64 * MIB);
	a.r.cfg.dtb = images_file("#!/bin/sh\n", 10);
	CHECK(images_rig_load(&a.r, &kernel) < 0);
	snprintf(want, sizeof(want),
		 "--dtb: '%s' is a script, not a flattened device tree",
		 a.r.cfg.dtb);
	CHECK_STR(a.r.err.msg, want);
	unlink(a.r.cfg.dtb);
	CHECK_EQ(fdt_create_empty_tree(tree, sizeof(tree)), 0);
	a.r.cfg.dtb = images_file(tree, 50);
	CHECK(images_rig_load(&a.r, &kernel) < 0);
	CHECK(strstr(a.r.err.msg, "is corrupt: FDT_ERR_TRUNCATED"));
	unlink(a.r.cfg.dtb);
	a.r.cfg.dtb = "/nonexistent/dtb";
	CHECK(images_rig_load(&a.r, &kernel) < 0);
	CHECK_STR(a.r.err.msg, "--dtb: cannot open '/nonexistent/dtb': No such "
			       "file or directory");
	bytes_free(&kernel);
	images_arm_close(&a);
}

/* A kernel that walks from redistributor to redistributor would leave it. */
TEST(dtb_of_another_interrupt_controller_is_refused)
{
	static struct sample_board huge, v2m;
	static uint8_t tree[1 << 17];
	struct images_arm a;
	struct err err = { 0 };

	images_arm_open(&a, 64 * MIB);
	sample_board_make(&huge, SAMPLE_ARM_HUGE);
	sample_board_make(&v2m, SAMPLE_ARM_V2M);
	CHECK(fdt_build(&a.r.board, NULL, tree, sizeof(tree), &err) > 0);
	CHECK_EQ(fdt_fits(&a.r.board, tree, &err), 0);
	CHECK_EQ(fdt_fits(&huge.board, tree, &err), -EINVAL);
	CHECK_STR(err.msg, "its GICv3 has redistributors for 2 CPUs, and this "
			   "machine has 512 CPUs");
	CHECK_STR(err.hint, "give the machine no more --cpus, or the tree the "
			    "regions that vmm dump fdt --cpus 512 writes");
	CHECK_EQ(fdt_fits(&v2m.board, tree, &err), -EINVAL);
	CHECK_STR(err.msg, "it tells of a GICv3, and this machine's interrupt "
			   "controller is gicv2m");
	/* Two regions hold more than one. */
	CHECK(fdt_build(&huge.board, NULL, tree, sizeof(tree), &err) > 0);
	CHECK_EQ(fdt_fits(&huge.board, tree, &err), 0);
	CHECK_EQ(fdt_fits(&a.r.board, tree, &err), 0);
	CHECK(fdt_build(&v2m.board, NULL, tree, sizeof(tree), &err) > 0);
	CHECK_EQ(fdt_fits(&v2m.board, tree, &err), 0);
	CHECK_EQ(fdt_fits(&a.r.board, tree, &err), -EINVAL);
	CHECK_STR(err.msg, "it tells of a GICv2, and this machine's interrupt "
			   "controller is gicv3-its");
	images_arm_close(&a);
}

TEST(dtb_that_does_not_fit_is_told_by_its_name)
{
	static struct sample_board v2m;
	static uint8_t tree[1 << 17];
	struct bytes kernel = arm_plain_image();
	struct images_arm a;
	char want[256];

	images_arm_open(&a, 64 * MIB);
	sample_board_make(&v2m, SAMPLE_ARM_V2M);
	CHECK(fdt_build(&v2m.board, NULL, tree, sizeof(tree), &a.r.err) > 0);
	a.r.cfg.dtb = images_file(tree, fdt_totalsize(tree));
	CHECK(arm_load(&a, &kernel) < 0);
	snprintf(want, sizeof(want),
		 "--dtb: '%s': it tells of a GICv2, and this machine's "
		 "interrupt controller is gicv3-its",
		 a.r.cfg.dtb);
	CHECK_STR(a.r.err.msg, want);
	unlink(a.r.cfg.dtb);
	images_arm_close(&a);
}

TEST(arm64_firmware_starts_in_flash_and_finds_the_tree_in_ram)
{
	struct images_arm a;
	int chosen;

	images_arm_open(&a, 64 * MIB);
	a.r.cfg.firmware = true;
	a.r.cfg.kernel = NULL;
	CHECK_EQ(
		boot_load(&a.r.board, &a.r.mem, &a.r.cfg, &a.r.start, &a.r.err),
		0);
	CHECK_EQ(a.r.start.mode, BOOT_ARM64);
	CHECK_EQ(a.r.start.pc, 0);
	CHECK_EQ(a.r.start.arg[0], RAM);
	check_dtb(&a, RAM, &chosen);
	a.r.board.aarch32 = true;
	CHECK_EQ(
		boot_load(&a.r.board, &a.r.mem, &a.r.cfg, &a.r.start, &a.r.err),
		0);
	CHECK_EQ(a.r.start.mode, BOOT_ARM32);
	CHECK_EQ(a.r.start.arg[2], RAM);
	images_arm_close(&a);
}

TEST(arm64_kernel_has_no_other_entry)
{
	struct bytes kernel = arm_plain_image();
	struct images_arm a;

	images_arm_open(&a, 64 * MIB);
	a.r.cfg.entry = BOOT_ENTRY_PVH;
	refuses(&a, &kernel,
		"--kernel-entry pvh: an arm64 kernel has one entry");
	images_arm_close(&a);
}
