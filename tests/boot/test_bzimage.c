/* SPDX-License-Identifier: MIT */
/* Tests bzImage: every compression, relocation, boot_params, bad files. */
#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot/image.h"
#include "boot/linux.h"
#include "tests/boot/images.h"
#include "tests/test.h"

/* The kernel of images_elf() lies at base, .bss cleared. */
static void check_kernel(const struct images_rig *r, uint64_t base)
{
	const uint8_t *p = images_rig_at(r, base, IMAGES_SPAN);
	unsigned wrong = 0;

	for (unsigned i = 0; i < IMAGES_TEXT_SIZE; i++)
		wrong += p[i] != images_byte(i);
	for (unsigned i = 0; i < IMAGES_DATA_SIZE; i++)
		wrong += p[IMAGES_DATA_OFF + i] !=
			 images_byte(IMAGES_DATA_OFF + i);
	for (unsigned i = IMAGES_DATA_SIZE; i < IMAGES_DATA_MEM; i++)
		wrong += p[IMAGES_DATA_OFF + i] != 0;
	CHECK_EQ(wrong, 0);
}

/* Translates through the page tables of r->start; ~0 where unmapped. */
static uint64_t walk(const struct images_rig *r, uint64_t va)
{
	uint64_t table = r->start.tables;

	for (int shift = 39;; shift -= 9) {
		uint64_t e = get_le64(
			images_rig_at(r, table + (va >> shift & 511) * 8, 8));

		if (!(e & 1))
			return UINT64_MAX;
		if (shift == 21 || e & 0x80)
			return (e & 0xfffffffe00000ull) |
			       (va & ((1ull << shift) - 1));
		table = e & 0xffffffffff000ull;
	}
}

static const uint8_t *check_params(const struct images_rig *r)
{
	const uint8_t *bp = images_rig_at(r, r->start.arg[0], 4096);
	uint64_t cmdline = get_le32(bp + BZ_CMD_LINE_PTR);
	const uint8_t *gdt = images_rig_at(r, r->start.gdt, 32);

	CHECK_EQ(r->start.mode, BOOT_X86_LONG);
	CHECK_EQ(r->start.gdt_size, 32);
	CHECK_EQ(get_le64(gdt + BOOT_X86_CS), 0x00af9b000000ffff);
	CHECK_EQ(get_le64(gdt + BOOT_X86_DS), 0x00cf93000000ffff);
	CHECK_MEM(bp + BZ_MAGIC, "HdrS", 4);
	CHECK_EQ(bp[BZ_TYPE_OF_LOADER], 0xff);
	CHECK_EQ(get_le64(bp + 0x70), 0xe0000);
	CHECK_STR((const char *)images_rig_at(r, cmdline, 64), r->cfg.cmdline);
	CHECK_EQ(walk(r, r->start.pc), r->start.pc);
	CHECK_EQ(walk(r, r->start.arg[0] + 5), r->start.arg[0] + 5);
	CHECK_EQ(walk(r, 0xffffffff), 0xffffffff);
	CHECK_EQ(walk(r, 0x100000000), UINT64_MAX);
	return bp;
}

#define KERNEL_MAP UINT64_C(0xffffffff80000000)

/* How far its virtual addresses were moved. */
static uint64_t moved_by(const struct images_rig *r)
{
	return r->start.kaslr_text
		       ? r->start.kaslr_text - KERNEL_MAP - IMAGES_PADDR
		       : 0;
}

TEST(bzimage_of_every_compression_is_entered_unpacked)
{
	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		for (int shifted = 0; shifted < 2; shifted++) {
			struct images_elf spec = { .shifted = shifted };
			struct bytes elf = images_elf(&spec);
			struct bytes packed = images_pack(kind, &elf);
			struct bytes bz = images_bzimage(kind, &packed, elf.n);
			struct images_rig r;

			images_rig_open(&r, 64u << 20);
			CHECK_EQ(images_rig_load(&r, &bz), 0);
			CHECK_EQ(r.start.pc, IMAGES_PADDR);
			CHECK_EQ(r.start.kernel_base, IMAGES_PADDR);
			CHECK_EQ(r.start.kernel_size, IMAGES_INIT_SIZE);
			CHECK_EQ(r.start.kaslr_text, 0);
			check_kernel(&r, IMAGES_PADDR);
			check_params(&r);
			images_rig_close(&r);
			bytes_free(&elf);
			bytes_free(&packed);
			bytes_free(&bz);
		}
	}
}

TEST(bzimage_loads_again_over_used_memory)
{
	struct bytes bz = images_simple_bzimage();
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	memset(r.mem.range[0].host, 0xa5, 64u << 20);
	r.cfg.ram_zero = false;
	CHECK_EQ(images_rig_load(&r, &bz), 0);
	check_kernel(&r, IMAGES_PADDR);
	check_params(&r);
	images_rig_close(&r);
	bytes_free(&bz);
}

TEST(bzimage_unpacks_beside_memory_when_it_cannot_in_place)
{
	/* The ELF header would lie in the hole below 1 MiB. */
	struct images_elf spec = { .paddr = 0x110000 };
	struct bytes elf = images_elf(&spec);
	struct bytes packed = images_pack(UNPACK_ZSTD, &elf);
	struct bytes bz = images_bzimage(UNPACK_ZSTD, &packed, elf.n);
	struct images_rig r;

	put_le64(bz.p + BZ_PREF_ADDRESS, 0x110000);
	images_rig_open(&r, 64u << 20);
	CHECK_EQ(images_rig_load(&r, &bz), 0);
	CHECK_EQ(r.start.pc, 0x110000);
	check_kernel(&r, 0x110000);
	images_rig_close(&r);
	bytes_free(&elf);
	bytes_free(&packed);
	bytes_free(&bz);
}

/* A kernel with one field of each kind to relocate; what is at them. */
static const uint32_t reloc_64[] = { 0x81000010, 0x81004008 };
static const uint32_t reloc_inverse[] = { 0x81000100 };
static const uint32_t reloc_32[] = { 0x81000200, 0x81000204, 0x81002ffc };

static struct bytes reloc_bzimage(bool no_inverse)
{
	struct images_relocs tables = { .r64 = reloc_64,
					.rinv = reloc_inverse,
					.r32 = reloc_32,
					.n64 = 2,
					.ninv = 1,
					.n32 = 3,
					.no_inverse = no_inverse };
	struct images_elf spec = { 0 };
	struct bytes elf = images_elf(&spec), packed, bz;

	images_add_relocs(&elf, &tables);
	packed = images_pack(UNPACK_LZ4, &elf);
	bz = images_bzimage(UNPACK_LZ4, &packed, elf.n);
	bytes_free(&elf);
	bytes_free(&packed);
	return bz;
}

static uint64_t original(uint64_t off, unsigned width)
{
	uint8_t raw[8] = { 0 };

	for (unsigned i = 0; i < width; i++)
		raw[i] = images_byte(off + i);
	return get_le64(raw);
}

static void check_relocated(const struct images_rig *r, bool inverse)
{
	uint64_t delta = moved_by(r);
	const uint8_t *p = images_rig_at(r, r->start.kernel_base, IMAGES_SPAN);
	unsigned changed = 0;

	CHECK_EQ(get_le64(p + 0x10), original(0x10, 8) + delta);
	CHECK_EQ(get_le64(p + 0x4008), original(0x4008, 8) + delta);
	CHECK_EQ(get_le32(p + 0x100),
		 (uint32_t)(original(0x100, 4) - (inverse ? delta : 0)));
	CHECK_EQ(get_le32(p + 0x200), (uint32_t)(original(0x200, 4) + delta));
	CHECK_EQ(get_le32(p + 0x204), (uint32_t)(original(0x204, 4) + delta));
	CHECK_EQ(get_le32(p + 0x2ffc), (uint32_t)(original(0x2ffc, 4) + delta));
	for (unsigned i = 0; i < IMAGES_TEXT_SIZE; i++)
		changed += p[i] != images_byte(i);
	CHECK(changed <= 8 + 4 * 4);
}

TEST(bzimage_is_relocated_with_kaslr)
{
	uint64_t last_base = 0, last_offset = 0;
	unsigned same_base = 0, same_offset = 0;

	for (unsigned seed = 1; seed <= 20; seed++) {
		bool no_inverse = seed % 2;
		struct bytes bz = reloc_bzimage(no_inverse);
		struct images_rig r;
		const uint8_t *bp;

		images_rig_open(&r, 256u << 20);
		r.cfg.kaslr = true;
		r.cfg.seed = seed;
		CHECK_EQ(images_rig_load(&r, &bz), 0);
		CHECK_EQ(r.start.kernel_base % 0x200000, 0);
		CHECK_EQ(moved_by(&r) % 0x200000, 0);
		CHECK(r.start.kaslr_text >= KERNEL_MAP + IMAGES_PADDR);
		CHECK(r.start.kernel_base >= IMAGES_PADDR);
		CHECK(moved_by(&r) <=
		      (1u << 30) - IMAGES_PADDR - IMAGES_INIT_SIZE);
		CHECK_EQ(r.start.pc, r.start.kernel_base);
		check_relocated(&r, !no_inverse);
		bp = check_params(&r);
		CHECK_EQ(bp[BZ_LOADFLAGS] & BZ_KASLR_FLAG, BZ_KASLR_FLAG);
		same_base += r.start.kernel_base == last_base;
		same_offset += moved_by(&r) == last_offset;
		last_base = r.start.kernel_base;
		last_offset = moved_by(&r);
		images_rig_close(&r);
		bytes_free(&bz);
	}
	CHECK(same_base < 5);
	CHECK(same_offset < 5);
}

TEST(bzimage_stays_where_linked_without_kaslr)
{
	static const char *const lines[] = { "nokaslr", "a nokaslr b",
					     "console=ttyS0 nokaslr" };
	struct bytes bz = reloc_bzimage(false);

	for (unsigned i = 0; i < 4; i++) {
		struct images_rig r;
		const uint8_t *bp;

		images_rig_open(&r, 256u << 20);
		r.cfg.kaslr = i > 0;
		if (i)
			r.cfg.cmdline = lines[i - 1];
		CHECK_EQ(images_rig_load(&r, &bz), 0);
		CHECK_EQ(r.start.kernel_base, IMAGES_PADDR);
		CHECK_EQ(r.start.kaslr_text, 0);
		check_relocated(&r, true);
		bp = check_params(&r);
		CHECK_EQ(bp[BZ_LOADFLAGS] & BZ_KASLR_FLAG, 0);
		images_rig_close(&r);
	}
	bytes_free(&bz);
}

TEST(bzimage_with_a_memory_limit_is_not_moved_in_memory)
{
	struct bytes bz = reloc_bzimage(false);
	struct images_rig r;

	images_rig_open(&r, 256u << 20);
	r.cfg.kaslr = true;
	r.cfg.cmdline = "mem=64M";
	CHECK_EQ(images_rig_load(&r, &bz), 0);
	CHECK_EQ(r.start.kernel_base, IMAGES_PADDR);
	CHECK(moved_by(&r) != 0);
	images_rig_close(&r);
	bytes_free(&bz);
}

TEST(bzimage_with_a_stray_relocation_is_refused)
{
	static const uint32_t stray[] = { 0x80fffffc, 0x8100cffd, 0x00000004,
					  0xffffffff, 0x7fffffff };

	for (unsigned i = 0; i < sizeof(stray) / sizeof(stray[0]); i++) {
		struct images_relocs tables = { .r32 = &stray[i], .n32 = 1 };
		struct images_elf spec = { 0 };
		struct bytes elf = images_elf(&spec), packed, bz;
		struct images_rig r;

		images_add_relocs(&elf, &tables);
		packed = images_pack(UNPACK_LZ4, &elf);
		bz = images_bzimage(UNPACK_LZ4, &packed, elf.n);
		images_rig_open(&r, 64u << 20);
		r.cfg.kaslr = true;
		CHECK(images_rig_load(&r, &bz) < 0);
		CHECK(strstr(r.err.msg, "is outside of the kernel") != NULL);
		images_rig_close(&r);
		bytes_free(&elf);
		bytes_free(&packed);
		bytes_free(&bz);
	}
}

TEST(bzimage_compressed_entry_loads_the_decompressor)
{
	struct bytes bz = images_simple_bzimage();
	struct images_rig r;
	const uint8_t *bp;

	images_rig_open(&r, 64u << 20);
	r.cfg.entry = BOOT_ENTRY_COMPRESSED;
	CHECK_EQ(images_rig_load(&r, &bz), 0);
	CHECK_EQ(r.start.pc, IMAGES_PADDR + 0x200);
	CHECK_MEM(images_rig_at(&r, IMAGES_PADDR, bz.n - 1024), bz.p + 1024,
		  bz.n - 1024);
	bp = images_rig_at(&r, r.start.arg[0], 4096);
	CHECK_STR((const char *)images_rig_at(
			  &r, get_le32(bp + BZ_CMD_LINE_PTR), 64),
		  "console=ttyS0 nokaslr");
	r.cfg.kaslr = true;
	CHECK_EQ(images_rig_load(&r, &bz), 0);
	check_params(&r);
	images_rig_close(&r);
	bytes_free(&bz);
}

TEST(bzimage_of_unknown_compression_unpacks_itself)
{
	struct bytes junk = { 0 }, bz;
	struct images_rig r;

	bytes_put(&junk, "no known compression at all, really none.", 42);
	bz = images_bzimage(UNPACK_NONE, &junk, 42);
	images_rig_open(&r, 64u << 20);
	CHECK_EQ(images_rig_load(&r, &bz), 0);
	CHECK_EQ(r.start.pc, IMAGES_PADDR + 0x200);
	r.cfg.entry = BOOT_ENTRY_LINUX;
	CHECK(images_rig_load(&r, &bz) < 0);
	CHECK(strstr(r.err.msg, "not compressed in a known way") != NULL);
	images_rig_close(&r);
	bytes_free(&junk);
	bytes_free(&bz);
}

TEST(bzimage_cut_anywhere_is_called_truncated)
{
	struct bytes whole = images_simple_bzimage(), cut = whole;
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	for (cut.n = whole.n - 16; cut.n >= BZ_MAGIC + 4; cut.n -= 7) {
		CHECK(images_rig_load(&r, &cut) < 0);
		CHECK(strstr(r.err.msg, "is a truncated bzImage") != NULL);
	}
	r.cfg.entry = BOOT_ENTRY_COMPRESSED;
	cut.n = whole.n - 16;
	CHECK(images_rig_load(&r, &cut) < 0);
	CHECK(strstr(r.err.msg, "is a truncated bzImage") != NULL);
	images_rig_close(&r);
	bytes_free(&whole);
}

TEST(bzimage_with_a_damaged_payload_says_what_the_decoder_said)
{
	for (int kind = UNPACK_GZIP; kind < UNPACK_KINDS; kind++) {
		struct images_elf spec = { 0 };
		struct bytes elf = images_elf(&spec);
		struct bytes packed = images_pack(kind, &elf);
		struct bytes bz = images_bzimage(kind, &packed, elf.n);
		struct images_rig r;

		/* In the last third: the ELF header still unpacks. */
		memset(bz.p + 2048 + packed.n * 2 / 3, 0xff, packed.n / 3 - 8);
		images_rig_open(&r, 64u << 20);
		CHECK(images_rig_load(&r, &bz) < 0);
		CHECK(strstr(r.err.msg, "kernel 'kernel': the ") != NULL);
		CHECK(strstr(r.err.msg, unpack_name(kind)) != NULL);
		images_rig_close(&r);
		bytes_free(&elf);
		bytes_free(&packed);
		bytes_free(&bz);
	}
}

TEST(bzimage_of_the_wrong_unpacked_size_is_refused)
{
	for (int delta = -8; delta <= 8; delta += 16) {
		struct images_elf spec = { 0 };
		struct bytes elf = images_elf(&spec);
		struct bytes packed = images_pack(UNPACK_XZ, &elf);
		struct bytes bz = images_bzimage(UNPACK_XZ, &packed,
						 elf.n + (size_t)delta);
		struct images_rig r;

		images_rig_open(&r, 64u << 20);
		CHECK(images_rig_load(&r, &bz) < 0);
		images_rig_close(&r);
		bytes_free(&elf);
		bytes_free(&packed);
		bytes_free(&bz);
	}
}

/* Every byte of the setup header, to every extreme: refused or loaded. */
TEST(bzimage_header_may_hold_anything)
{
	static const uint8_t values[] = { 0, 0x7f, 0xff };
	struct bytes bz = images_simple_bzimage();
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	for (unsigned at = BZ_SETUP_SECTS; at < BZ_HEADER_END; at++) {
		uint8_t old = bz.p[at];

		for (unsigned i = 0; i < sizeof(values); i++) {
			bz.p[at] = values[i];
			images_rig_load(&r, &bz);
		}
		bz.p[at] = old;
	}
	images_rig_close(&r);
	bytes_free(&bz);
}

static void check_refused(unsigned at, unsigned width, uint64_t val,
			  const char *text)
{
	struct bytes bz = images_simple_bzimage();
	uint8_t raw[8];
	struct images_rig r;

	put_le64(raw, val);
	memcpy(bz.p + at, raw, width);
	images_rig_open(&r, 64u << 20);
	CHECK(images_rig_load(&r, &bz) < 0);
	if (!strstr(r.err.msg, text))
		print_message("# %s\n", r.err.msg);
	CHECK(strstr(r.err.msg, text) != NULL);
	images_rig_close(&r);
	bytes_free(&bz);
}

TEST(bzimage_that_cannot_boot_says_why)
{
	check_refused(BZ_VERSION, 2, 0x0209, "boot protocol 2.09");
	check_refused(BZ_LOADFLAGS, 1, 0, "is a zImage");
	check_refused(BZ_PAYLOAD_LENGTH, 4, 1u << 30, "is a truncated bzImage");
	check_refused(BZ_PAYLOAD_OFFSET, 4, UINT32_MAX, "truncated");
	check_refused(BZ_INIT_SIZE, 4, 1u << 30, "it needs 1 GiB at 16 MiB");
}

TEST(bzimage_of_a_32_bit_kernel_is_refused)
{
	struct images_elf spec = { .is32 = true, .machine = EM_386 };
	struct bytes elf = images_elf(&spec);
	struct bytes packed = images_pack(UNPACK_GZIP, &elf);
	struct bytes bz = images_bzimage(UNPACK_GZIP, &packed, elf.n);
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	CHECK(images_rig_load(&r, &bz) < 0);
	CHECK_STR(r.err.msg, "'kernel' is a 32-bit kernel");
	put_le16(bz.p + BZ_XLOADFLAGS, 0);
	r.cfg.entry = BOOT_ENTRY_COMPRESSED;
	CHECK(images_rig_load(&r, &bz) < 0);
	CHECK_STR(r.err.msg, "'kernel' is a 32-bit kernel");
	images_rig_close(&r);
	bytes_free(&elf);
	bytes_free(&packed);
	bytes_free(&bz);
}

TEST(bzimage_command_line_is_bounded_by_the_kernel)
{
	struct bytes bz = images_simple_bzimage();
	char line[2050];
	struct images_rig r;

	memset(line, 'x', sizeof(line));
	images_rig_open(&r, 64u << 20);
	r.cfg.cmdline = line;
	line[2047] = '\0';
	CHECK_EQ(images_rig_load(&r, &bz), 0);
	check_params(&r);
	line[2047] = 'x';
	line[2048] = '\0';
	CHECK(images_rig_load(&r, &bz) < 0);
	CHECK_STR(r.err.msg, "the kernel command line has 2048 characters, "
			     "and 'kernel' takes 2047");
	images_rig_close(&r);
	bytes_free(&bz);
}

TEST(bzimage_gets_initrd_files_one_after_another)
{
	struct bytes bz = images_simple_bzimage();
	char one[64], two[64];
	const char *const paths[] = { one, two, NULL };
	struct images_rig r;
	const uint8_t *bp, *p;

	strcpy(one, images_file("abcde", 5));
	strcpy(two, images_file("fgh", 3));
	images_rig_open(&r, 64u << 20);
	memset(r.mem.range[0].host, 0xa5, 64u << 20);
	r.cfg.ram_zero = false;
	r.cfg.initrd = paths;
	CHECK_EQ(images_rig_load(&r, &bz), 0);
	unlink(one);
	unlink(two);
	bp = check_params(&r);
	CHECK_EQ(get_le32(bp + BZ_RAMDISK_SIZE), 11);
	CHECK_EQ(get_le32(bp + BZ_RAMDISK_IMAGE), (64u << 20) - 4096);
	CHECK_EQ(r.start.initrd_base, (64u << 20) - 4096);
	p = images_rig_at(&r, r.start.initrd_base, 11);
	CHECK_MEM(p, "abcde\0\0\0fgh", 11);
	images_rig_close(&r);
	bytes_free(&bz);
}

TEST(bzimage_with_an_initrd_too_large_says_the_sizes)
{
	struct bytes bz = images_simple_bzimage();
	size_t n = 50u << 20;
	uint8_t *zero = calloc(1, n);
	const char *paths[] = { images_file(zero, n), NULL };
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	r.cfg.initrd = paths;
	CHECK(images_rig_load(&r, &bz) < 0);
	unlink(paths[0]);
	CHECK(strstr(r.err.msg, "does not fit: it needs 50 MiB") != NULL);
	CHECK(strstr(r.err.hint, "--memory") != NULL);
	images_rig_close(&r);
	bytes_free(&bz);
	free(zero);
}

TEST(bzimage_hands_over_a_seed)
{
	struct bytes bz = images_simple_bzimage();
	struct images_rig r;
	uint8_t first[32];

	for (unsigned seed = 1; seed < 3; seed++) {
		const uint8_t *bp, *d;

		images_rig_open(&r, 64u << 20);
		r.cfg.seed = seed;
		CHECK_EQ(images_rig_load(&r, &bz), 0);
		bp = check_params(&r);
		d = images_rig_at(&r, get_le64(bp + BZ_SETUP_DATA), 48);
		CHECK_EQ(get_le64(d), 0);
		CHECK_EQ(get_le32(d + 8), 9);
		CHECK_EQ(get_le32(d + 12), 32);
		if (seed == 1)
			memcpy(first, d + 16, 32);
		else
			CHECK(memcmp(first, d + 16, 32) != 0);
		images_rig_close(&r);
	}
	bytes_free(&bz);
}
