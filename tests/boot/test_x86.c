/* SPDX-License-Identifier: MIT */
/* Tests ELF kernels: Linux's entry, PVH, Multiboot 1, and files refused. */
#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot/image.h"
#include "boot/linux.h"
#include "tests/boot/images.h"
#include "tests/test.h"

static void check_segments(const struct images_rig *r, uint64_t base)
{
	const uint8_t *p = images_rig_at(r, base, IMAGES_SPAN);
	unsigned wrong = 0;

	for (unsigned i = 0; i < IMAGES_TEXT_SIZE; i++)
		wrong += p[i] != images_byte(i);
	for (unsigned i = 0; i < IMAGES_DATA_MEM; i++)
		wrong += p[IMAGES_DATA_OFF + i] !=
			 (i < IMAGES_DATA_SIZE
				  ? images_byte(IMAGES_DATA_OFF + i)
				  : 0);
	CHECK_EQ(wrong, 0);
}

/* Opens a machine whose memory is not fresh, so that clearing shows. */
static void rig_used(struct images_rig *r)
{
	images_rig_open(r, 64u << 20);
	memset(r->mem.range[0].host, 0xa5, 64u << 20);
	r->cfg.ram_zero = false;
}

TEST(vmlinux_enters_at_its_entry_with_boot_params)
{
	struct bytes note = images_linux_note();
	/* A PVH entry beside it, and an entry point by its virtual address. */
	struct bytes pvh = images_pvh_note(IMAGES_PADDR + 0x20);
	struct images_elf spec = { .entry = IMAGES_VADDR + 0x10 };
	struct images_rig r;
	struct bytes elf;
	const uint8_t *bp;

	bytes_put(&note, pvh.p, pvh.n);
	spec.notes = note.p;
	spec.notes_size = note.n;
	elf = images_elf(&spec);
	rig_used(&r);
	CHECK_EQ(images_rig_load(&r, &elf), 0);
	CHECK_EQ(r.start.mode, BOOT_X86_LONG);
	CHECK_EQ(r.start.pc, IMAGES_PADDR + 0x10);
	CHECK_EQ(r.start.kernel_size, IMAGES_SPAN);
	check_segments(&r, IMAGES_PADDR);
	/* A reboot through the BIOS finds the reset line: out %al, $0x64. */
	CHECK_EQ(get_le32(images_rig_at(&r, 0xffff0, 4)), 0x64e6feb0);
	bp = images_rig_at(&r, r.start.arg[0], 4096);
	CHECK_EQ(get_le16(bp + BZ_BOOT_FLAG), 0xaa55);
	CHECK_MEM(bp + BZ_MAGIC, "HdrS", 4);
	CHECK(bp[0x1e8] >= 3); /* e820 entries */
	CHECK_EQ(get_le64(bp + 0x2d0), 0);
	CHECK_EQ(get_le64(bp + 0x2d8), 0xa0000);
	CHECK_EQ(get_le32(bp + 0x2e0), 1);
	images_rig_close(&r);
	bytes_free(&elf);
	bytes_free(&note);
	bytes_free(&pvh);
}

TEST(vmlinux_loads_from_a_file_compressed_or_not)
{
	struct images_elf spec = { 0 };
	struct bytes elf = images_elf(&spec);

	for (int kind = UNPACK_NONE; kind < UNPACK_KINDS; kind++) {
		struct bytes packed = images_pack(kind, &elf);
		struct images_rig r;

		rig_used(&r);
		r.cfg.kernel = images_file(packed.p, packed.n);
		CHECK_EQ(boot_load(&r.board, &r.mem, &r.cfg, &r.start, &r.err),
			 0);
		unlink(r.cfg.kernel);
		CHECK_EQ(r.start.pc, IMAGES_PADDR);
		check_segments(&r, IMAGES_PADDR);
		images_rig_close(&r);
		bytes_free(&packed);
	}
	bytes_free(&elf);
}

TEST(pvh_kernel_gets_start_info)
{
	struct bytes note = images_pvh_note(IMAGES_PADDR + 0x20);
	struct images_elf spec = { .notes = note.p, .notes_size = note.n };
	struct bytes elf = images_elf(&spec);
	const char *rd[] = { images_file("initrd", 6), NULL };
	const uint8_t *info, *map, *mod;
	struct images_rig r;

	rig_used(&r);
	r.cfg.initrd = rd;
	CHECK_EQ(images_rig_load(&r, &elf), 0);
	unlink(rd[0]);
	CHECK_EQ(r.start.mode, BOOT_X86_FLAT);
	CHECK_EQ(r.start.pc, IMAGES_PADDR + 0x20);
	CHECK_STR(r.start.protocol, "PVH");
	check_segments(&r, IMAGES_PADDR);
	info = images_rig_at(&r, r.start.arg[1], 56);
	CHECK_EQ(get_le32(info), 0x336ec578);
	CHECK_EQ(get_le32(info + 4), 1);
	CHECK_EQ(get_le32(info + 12), 1);
	mod = images_rig_at(&r, get_le64(info + 16), 32);
	CHECK_EQ(get_le64(mod + 8), 6);
	CHECK_MEM(images_rig_at(&r, get_le64(mod), 6), "initrd", 6);
	CHECK_STR((const char *)images_rig_at(&r, get_le64(info + 24), 32),
		  "console=ttyS0");
	CHECK_EQ(get_le64(info + 32), 0xe0000);
	CHECK_EQ(get_le32(info + 48), 4);
	map = images_rig_at(&r, get_le64(info + 40), 4 * 24);
	CHECK_EQ(get_le64(map), 0);
	CHECK_EQ(get_le64(map + 8), 0xa0000);
	CHECK_EQ(get_le32(map + 16), 1);
	CHECK_EQ(get_le64(map + 24), 0xe0000);
	CHECK_EQ(get_le32(map + 24 + 16), 3);
	CHECK_EQ(get_le64(images_rig_at(&r, r.start.gdt + BOOT_X86_CS, 8)),
		 0x00cf9b000000ffff);
	images_rig_close(&r);
	bytes_free(&note);
	bytes_free(&elf);
}

TEST(pvh_entry_outside_the_kernel_is_refused)
{
	struct bytes note = images_pvh_note(0x20);
	struct images_elf spec = { .notes = note.p, .notes_size = note.n };
	struct bytes elf = images_elf(&spec);
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	CHECK(images_rig_load(&r, &elf) < 0);
	CHECK_STR(r.err.msg, "the PVH entry 0x20 of 'kernel' is not in it");
	images_rig_close(&r);
	bytes_free(&note);
	bytes_free(&elf);
}

/* Puts a Multiboot header, here and there, into the gap before the text. */
static void add_multiboot(struct bytes *b, size_t at, uint32_t flags,
			  const uint32_t *addresses)
{
	put_le32(b->p + at, 0x1badb002);
	put_le32(b->p + at + 4, flags);
	put_le32(b->p + at + 8, -(0x1badb002 + flags));
	for (unsigned i = 0; addresses && i < 5; i++)
		put_le32(b->p + at + 12 + i * 4, addresses[i]);
}

TEST(multiboot_kernel_gets_its_information)
{
	struct images_elf spec = { .is32 = true, .machine = EM_386 };
	struct bytes elf = images_elf(&spec);
	char one[64], two[64];
	const char *rd[] = { one, two, NULL };
	const uint8_t *info, *map, *mods;
	struct images_rig r;

	strcpy(one, images_file("first", 5));
	strcpy(two, images_file("second", 6));
	add_multiboot(&elf, 8192 - 12, 3, NULL);
	rig_used(&r);
	r.cfg.initrd = rd;
	CHECK_EQ(images_rig_load(&r, &elf), 0);
	unlink(one);
	unlink(two);
	CHECK_EQ(r.start.mode, BOOT_X86_FLAT);
	CHECK_EQ(r.start.pc, IMAGES_PADDR);
	CHECK_EQ(r.start.arg[0], 0x2badb002);
	check_segments(&r, IMAGES_PADDR);
	info = images_rig_at(&r, r.start.arg[1], 120);
	CHECK_EQ(get_le32(info), 1 | 4 | 8 | 64 | 512);
	CHECK_EQ(get_le32(info + 4), 640);
	CHECK_EQ(get_le32(info + 8), 63 * 1024);
	CHECK_STR((const char *)images_rig_at(&r, get_le32(info + 16), 32),
		  "console=ttyS0");
	CHECK_EQ(get_le32(info + 20), 2);
	mods = images_rig_at(&r, get_le32(info + 24), 32);
	CHECK_EQ(get_le32(mods) % 4096, 0);
	CHECK_EQ(get_le32(mods + 4) - get_le32(mods), 5);
	CHECK_MEM(images_rig_at(&r, get_le32(mods), 5), "first", 5);
	CHECK_EQ(get_le32(mods + 16) % 4096, 0);
	CHECK_MEM(images_rig_at(&r, get_le32(mods + 16), 6), "second", 6);
	CHECK_STR((const char *)images_rig_at(&r, get_le32(mods + 8), 1), "");
	CHECK_EQ(get_le32(info + 44), 4 * 24);
	map = images_rig_at(&r, get_le32(info + 48), 4 * 24);
	CHECK_EQ(get_le32(map), 20);
	CHECK_EQ(get_le64(map + 12), 0xa0000);
	CHECK_EQ(get_le32(map + 20), 1);
	CHECK_STR((const char *)images_rig_at(&r, get_le32(info + 64), 4),
		  "vmm");
	images_rig_close(&r);
	bytes_free(&elf);
}

TEST(multiboot_address_fields_replace_the_elf_header)
{
	struct images_elf spec = { .is32 = true, .machine = EM_386 };
	struct bytes elf = images_elf(&spec);
	/* header, load, load end, bss end, entry */
	uint32_t at[5] = { 0x300000 + 0x1000, 0x300000, 0x300000 + 0x1800,
			   0x300000 + 0x9000, 0x300000 + 0x1010 };
	struct images_rig r;

	add_multiboot(&elf, 0x1000, 1u << 16, at);
	rig_used(&r);
	CHECK_EQ(images_rig_load(&r, &elf), 0);
	CHECK_EQ(r.start.pc, 0x301010);
	CHECK_MEM(images_rig_at(&r, 0x300000, 0x1800), elf.p, 0x1800);
	CHECK_EQ(*images_rig_at(&r, 0x300000 + 0x1800, 1), 0);
	CHECK_EQ(*images_rig_at(&r, 0x300000 + 0x8fff, 1), 0);
	CHECK_EQ(*images_rig_at(&r, 0x300000 + 0x9000, 1), 0xa5);
	/* Hostile ones. */
	for (unsigned i = 0; i < 5; i++) {
		static const uint32_t wild[] = { 0, 1, 0x2fffff, 0x7fffffff,
						 0xffffffff };

		for (unsigned k = 0; k < 5; k++) {
			uint32_t bad[5];

			memcpy(bad, at, sizeof(bad));
			bad[i] = wild[k];
			add_multiboot(&elf, 0x1000, 1u << 16, bad);
			images_rig_load(&r, &elf);
		}
	}
	images_rig_close(&r);
	bytes_free(&elf);
}

TEST(multiboot_features_that_are_missing_are_refused)
{
	struct images_elf spec = { .is32 = true, .machine = EM_386 };
	struct bytes elf = images_elf(&spec);
	struct images_rig r;

	add_multiboot(&elf, 0x1000, 0x10, NULL);
	images_rig_open(&r, 64u << 20);
	CHECK(images_rig_load(&r, &elf) < 0);
	CHECK(strstr(r.err.msg, "Multiboot features 0x10") != NULL);
	images_rig_close(&r);
	bytes_free(&elf);
}

TEST(kernel_entry_asked_for_must_be_there)
{
	struct images_elf spec = { 0 };
	struct bytes elf = images_elf(&spec);
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	for (int e = BOOT_ENTRY_COMPRESSED; e <= BOOT_ENTRY_MULTIBOOT; e++) {
		r.cfg.entry = e;
		CHECK_EQ(images_rig_load(&r, &elf) == 0, e == BOOT_ENTRY_LINUX);
	}
	CHECK_STR(r.err.msg, "'kernel' has no Multiboot header");
	images_rig_close(&r);
	bytes_free(&elf);
}

static void check_refused(const struct bytes *file, const char *text)
{
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	CHECK(images_rig_load(&r, file) < 0);
	CHECK_STR(r.err.msg, text);
	images_rig_close(&r);
}

TEST(elf_of_the_wrong_kind_is_named)
{
	static const struct {
		struct images_elf spec;
		const char *text;
	} cases[] = {
		{ { .type = ET_REL },
		  "'kernel' is an ELF relocatable object (.o or .ko) file for "
		  "x86_64, not a kernel for x86_64" },
		{ { .type = ET_DYN },
		  "'kernel' is an ELF shared library or position-independent "
		  "program for x86_64, not a kernel for x86_64" },
		{ { .machine = EM_AARCH64 },
		  "'kernel' is an ELF executable for arm64, not a kernel for "
		  "x86_64" },
		{ { .machine = EM_PPC64 },
		  "'kernel' is an ELF executable for ppc64, not a kernel for "
		  "x86_64" },
		{ { .machine = 4242 },
		  "'kernel' is an ELF executable for machine 4242, not a "
		  "kernel for x86_64" },
		{ { .machine = EM_386, .is32 = true },
		  "'kernel' is a 32-bit kernel without a PVH or Multiboot "
		  "entry" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes elf = images_elf(&cases[i].spec);

		check_refused(&elf, cases[i].text);
		bytes_free(&elf);
	}
}

TEST(elf_cut_anywhere_is_refused)
{
	struct images_elf spec = { 0 };
	struct bytes elf = images_elf(&spec), cut = elf;
	static const size_t sizes[] = { 1,
					4,
					5,
					20,
					51,
					52,
					63,
					64,
					100,
					175,
					176,
					IMAGES_TEXT_AT,
					IMAGES_TEXT_AT + IMAGES_TEXT_SIZE,
					0 };
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	for (unsigned i = 0; sizes[i]; i++) {
		cut.n = sizes[i];
		CHECK(images_rig_load(&r, &cut) < 0);
	}
	cut.n = elf.n - 1;
	CHECK(images_rig_load(&r, &cut) < 0);
	CHECK(strstr(r.err.msg, "'kernel' is truncated") != NULL);
	images_rig_close(&r);
	bytes_free(&elf);
}

/* Every byte of the headers and of a note, to every extreme. */
TEST(elf_headers_may_hold_anything)
{
	static const uint8_t values[] = { 0, 0x7f, 0xff };
	struct bytes note = images_pvh_note(IMAGES_PADDR);
	struct images_elf spec = { .notes = note.p, .notes_size = note.n };
	struct bytes elf = images_elf(&spec);
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	for (unsigned at = 4; at < 0x1000 + note.n; at++) {
		uint8_t old = elf.p[at];

		if (at == 64 + 3 * 56)
			at = 0x1000;
		for (unsigned i = 0; i < sizeof(values); i++) {
			elf.p[at] = values[i];
			images_rig_load(&r, &elf);
		}
		elf.p[at] = old;
	}
	images_rig_close(&r);
	bytes_free(&elf);
	bytes_free(&note);
}

TEST(elf_that_does_not_fit_says_the_sizes)
{
	struct images_elf spec = { .paddr = 0x7000000 };
	struct bytes elf = images_elf(&spec);

	check_refused(&elf, "the kernel 'kernel' does not fit: it needs 12 KiB "
			    "at 112 MiB, and the machine has 64 MiB of "
			    "memory");
	bytes_free(&elf);
}

TEST(elf_over_the_pc_hole_is_refused)
{
	struct images_elf spec = { .paddr = 0x9f000 };
	struct bytes elf = images_elf(&spec);

	check_refused(&elf, "the kernel 'kernel' needs 12 KiB at 0x9f000, and "
			    "not all of it is free memory of this machine");
	bytes_free(&elf);
}

TEST(kernel_path_that_is_no_file_is_named)
{
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	r.cfg.kernel = "/tmp";
	CHECK(boot_load(&r.board, &r.mem, &r.cfg, &r.start, &r.err) < 0);
	CHECK_STR(r.err.msg, "kernel: '/tmp' is a directory");
	r.cfg.kernel = "/nonexistent/vmlinux";
	CHECK(boot_load(&r.board, &r.mem, &r.cfg, &r.start, &r.err) < 0);
	CHECK_STR(r.err.msg, "kernel: cannot open '/nonexistent/vmlinux': No "
			     "such file or directory");
	r.cfg.kernel = "/dev/null";
	CHECK(boot_load(&r.board, &r.mem, &r.cfg, &r.start, &r.err) < 0);
	CHECK_STR(r.err.msg, "kernel: '/dev/null' is empty");
	images_rig_close(&r);
}

TEST(files_of_other_kinds_are_named)
{
	static const struct {
		unsigned at, n;
		const char *bytes, *text;
	} cases[] = {
		{ 56, 4, "ARM\x64", "an arm64 Linux Image" },
		{ 0, 4, "\x27\x05\x19\x56", "a U-Boot uImage" },
		{ 0, 2, "MZ", "a PE program, such as an EFI application" },
		{ 0, 4, "QFI\xfb", "a qcow2 disk image" },
		{ 0x8001, 5, "CD001", "an ISO 9660 image" },
		{ 0, 6, "070701", "a cpio archive, as an initramfs is" },
		{ 0, 3, "#!/", "a script" },
		{ 510, 2, "\x55\xaa", "a disk image with a boot sector" },
		{ 0, 1, "\1", "a file of no known kind" },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes b = { 0 };
		char text[200];

		bytes_zero(&b, 0x9000);
		memcpy(b.p + cases[i].at, cases[i].bytes, cases[i].n);
		snprintf(text, sizeof(text),
			 "'kernel' is %s, not a kernel for x86_64",
			 cases[i].text);
		check_refused(&b, text);
		bytes_free(&b);
	}
}

TEST(initramfs_given_as_kernel_is_named_through_its_compression)
{
	struct bytes cpio = { 0 }, packed;

	bytes_put(&cpio, "07070100000000", 14);
	bytes_zero(&cpio, 5000);
	packed = images_pack(UNPACK_GZIP, &cpio);
	check_refused(&packed, "'kernel' is a cpio archive, as an initramfs "
			       "is compressed by gzip, not a kernel for "
			       "x86_64");
	bytes_free(&packed);
	bytes_free(&cpio);
}

TEST(boards_without_a_loader_say_so)
{
	struct bytes bz = images_simple_bzimage();
	struct images_rig r;

	images_rig_open(&r, 64u << 20);
	r.board.arch = ARCH_COUNT;
	CHECK(images_rig_load(&r, &bz) < 0);
	CHECK_STR(r.err.msg, "no kernel loader for unknown");
	images_rig_close(&r);
	bytes_free(&bz);
}
