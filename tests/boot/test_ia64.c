/* SPDX-License-Identifier: MIT */
/* Loading kernels for ia64: ELF, packed or not, its parameters, EFI's tables.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "boot/boot.h"
#include "boot/image.h"
#include "hw/sal/code.h"
#include "tests/boot/images.h"
#include "tests/test.h"

#define MIB UINT64_C(0x100000)
#define RAM (64 * MIB)
#define FW  UINT64_C(0xff000000) /* the firmware's RAM, of 1 MiB here */

static struct board_cpu cpus[1];

static void ia64_open(struct images_rig *r)
{
	const struct mem_config how = { 0 };

	images_rig_open(r, RAM);
	CHECK_EQ(mem_add_ram(&r->mem, FW, MIB, &how, &r->err), 0);
	r->board.arch = ARCH_IA64;
	r->board.machine = "virt";
	r->board.cpus = cpus;
	r->board.ncpus = r->board.threads = 1;
	r->board.pci = (struct board_pci){ 0 };
	r->board.ia64 = (struct board_ia64){
		.firmware = { FW, SAL_SIZE },
		.ports = { 0xe0000000, 0x4000000 },
		.interrupt_block = 0xfee00000,
	};
	r->board.firmware_ram = (struct board_range){ FW, MIB };
	r->board.acpi = (struct board_range){ FW + SAL_SIZE, 0x20000 };
	r->board.nreserved = 1;
	r->board.reserved[0] =
		(struct board_reserved){ "firmware", FW, SAL_SIZE };
}

static int ia64_load(struct images_rig *r, struct bytes kernel)
{
	int ret = images_rig_load(r, &kernel);

	bytes_free(&kernel);
	return ret;
}

static struct bytes ia64_elf(void)
{
	const struct images_elf spec = { .machine = EM_IA_64,
					 .entry = IMAGES_PADDR + 0x40 };

	return images_elf(&spec);
}

static void check_text(const struct images_rig *r)
{
	const uint8_t *p = images_rig_at(r, IMAGES_PADDR, IMAGES_SPAN);

	CHECK_EQ(p[0x123], images_byte(0x123));
	CHECK_EQ(p[IMAGES_DATA_OFF + 7], images_byte(IMAGES_DATA_OFF + 7));
	CHECK_EQ(p[IMAGES_SPAN - 1], 0);
}

/* The address of the one part of EFI's map that is PAL's, of 16 pages. */
static uint64_t pal_code(const uint8_t *map, uint64_t size, uint64_t step)
{
	uint64_t found = 0;

	for (uint64_t at = 0; at < size; at += step) {
		if (get_le32(map + at) != 13) /* EfiPalCode */
			continue;
		CHECK_EQ(found, 0);
		CHECK_EQ(get_le64(map + at + 24), SAL_PART / 4096);
		found = get_le64(map + at + 8);
	}
	return found;
}

/*
 * A kernel may take all of RAM for its own, for the map keeps nothing of it
 * back; and the map is in order, and has every byte of the firmware's RAM.
 */
static void check_map(const uint8_t *map, uint64_t size, uint64_t step)
{
	uint64_t end = 0, firmware = 0;

	for (uint64_t at = 0; at < size; at += step) {
		uint32_t type = get_le32(map + at);
		uint64_t base = get_le64(map + at + 8);
		uint64_t bytes = get_le64(map + at + 24) * 4096;

		if (type == 12) /* the port space, which is no memory */
			continue;
		CHECK(base >= end);
		CHECK_EQ(type == 7 /* EfiConventionalMemory */, base < FW);
		firmware += base < FW ? 0 : bytes;
		end = base + bytes;
	}
	CHECK_EQ(firmware, MIB);
}

/* Linux' struct ia64_boot_param, by its offsets. */
TEST(ia64_kernel_is_told_of_command_line_initrd_and_efi)
{
	static const uint8_t rd[5000] = { 0x5a };
	const char *list[] = { images_file(rd, sizeof(rd)), NULL };
	const uint8_t *param;
	struct images_rig r;
	uint64_t map, size;

	ia64_open(&r);
	r.cfg.initrd = list;
	CHECK_EQ(ia64_load(&r, ia64_elf()), 0);
	check_text(&r);
	CHECK_EQ(r.start.mode, BOOT_IA64);
	CHECK_EQ(r.start.pc, IMAGES_PADDR + 0x40);
	param = images_rig_at(&r, r.start.arg[0], 0x1000);
	CHECK_STR((const char *)images_rig_at(&r, get_le64(param), 64),
		  "console=ttyS0");
	CHECK_MEM(images_rig_at(&r, get_le64(param + 8), 8), "IBI SYST", 8);
	map = get_le64(param + 16);
	size = get_le64(param + 24);
	CHECK(size && size % get_le64(param + 32) == 0);
	CHECK_EQ(pal_code(images_rig_at(&r, map, size), size,
			  get_le64(param + 32)),
		 FW);
	check_map(images_rig_at(&r, map, size), size, get_le64(param + 32));
	CHECK(r.start.arg[0] > FW && get_le64(param + 8) > FW && map > FW);
	CHECK_EQ(get_le64(param + 72), sizeof(rd));
	CHECK_MEM(images_rig_at(&r, get_le64(param + 64), sizeof(rd)), rd,
		  sizeof(rd));
	/* firmware is where the board says */
	CHECK_MEM(images_rig_at(&r, FW + SAL_AT_TABLE, 4), "SST_", 4);
	images_rig_close(&r);
}

TEST(ia64_packed_kernel_is_unpacked)
{
	static const enum unpack_kind kinds[] = { UNPACK_GZIP, UNPACK_XZ };
	struct bytes elf = ia64_elf();

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct images_rig r;

		ia64_open(&r);
		CHECK_EQ(ia64_load(&r, images_pack(kinds[i], &elf)), 0);
		check_text(&r);
		CHECK_EQ(r.start.pc, IMAGES_PADDR + 0x40);
		images_rig_close(&r);
	}
	bytes_free(&elf);
}

/* What else is given as a kernel is refused with its reason. */
TEST(ia64_other_files_are_refused)
{
	const struct images_elf x86 = { .machine = EM_X86_64 },
				is32 = { .machine = EM_IA_64, .is32 = true },
				outside = { .machine = EM_IA_64,
					    .entry = IMAGES_PADDR - 0x10 },
				high = { .machine = EM_IA_64,
					 .paddr = RAM - 0x4000 },
				firmware = { .machine = EM_IA_64, .paddr = FW };
	const struct images_elf *const specs[] = { &x86, &is32, &outside, &high,
						   &firmware };
	struct images_rig r;
	struct bytes b;

	for (unsigned i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		ia64_open(&r);
		CHECK(ia64_load(&r, images_elf(specs[i])) < 0);
		images_rig_close(&r);
	}
	/* packed, but no ELF file */
	ia64_open(&r);
	b = (struct bytes){ 0 };
	bytes_zero(&b, 10000);
	CHECK(ia64_load(&r, images_pack(UNPACK_GZIP, &b)) < 0);
	CHECK(strstr(r.err.msg, "not a kernel for ia64") != NULL);
	CHECK(ia64_load(&r, b) < 0);
	CHECK(strstr(r.err.msg, "not a kernel for ia64") != NULL);
	images_rig_close(&r);
}

/* Each length of a file up to the whole is loaded or refused. */
TEST(ia64_cut_off_kernels_are_refused)
{
	struct bytes elf = ia64_elf(), gz = images_pack(UNPACK_GZIP, &elf);
	const struct bytes *const files[] = { &elf, &gz };

	for (unsigned i = 0; i < 2; i++) {
		for (size_t n = 0; n < files[i]->n; n += 1 + files[i]->n / 50) {
			struct bytes part = *files[i];
			struct images_rig r;

			part.n = n;
			ia64_open(&r);
			CHECK(images_rig_load(&r, &part) < 0);
			images_rig_close(&r);
		}
	}
	bytes_free(&elf);
	bytes_free(&gz);
}

TEST(ia64_command_line_and_entry_have_limits)
{
	struct images_rig r;
	char text[2050];

	memset(text, 'x', sizeof(text));
	ia64_open(&r);
	r.cfg.cmdline = text;
	text[2048] = 0;
	CHECK(ia64_load(&r, ia64_elf()) < 0);
	CHECK(strstr(r.err.msg, "2048 characters") != NULL);
	text[2047] = 0;
	CHECK_EQ(ia64_load(&r, ia64_elf()), 0);
	r.cfg.entry = BOOT_ENTRY_PVH;
	CHECK(ia64_load(&r, ia64_elf()) < 0);
	CHECK_STR(r.err.msg,
		  "--kernel-entry pvh: an ia64 kernel has one entry");
	images_rig_close(&r);
}
