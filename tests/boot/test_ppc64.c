/* SPDX-License-Identifier: MIT */
/* Loading kernels for a pSeries: ELF in both byte orders, initrd, tree, RTAS.
 */
#include <elf.h>
#include <endian.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot/boot.h"
#include "boot/elf.h"
#include "hw/spapr/rtas.h"
#include "tests/boot/images.h"
#include "tests/test.h"

#define MIB   UINT64_C(0x100000)
#define VADDR UINT64_C(0xc000000000000000)

static struct board_cpu cpus[1];

static void ppc_open(struct images_rig *r, uint64_t ram)
{
	images_rig_open(r, ram);
	r->board.arch = ARCH_PPC64LE;
	r->board.machine = "virt";
	r->board.cpus = cpus;
	r->board.ncpus = r->board.threads = 1;
	r->board.ndevs = 0;
	r->board.nreserved = 1;
	r->board.pci = (struct board_pci){ 0 };
	r->board.acpi = (struct board_range){ 0 };
	r->board.ppc.radix = true;
	r->board.ppc.pvr = 0x4e1202;
	r->board.ppc.rtas = (struct board_range){ ram - 0x10000, 0x10000 };
	r->board.reserved[0] = (struct board_reserved){ "firmware",
							r->board.ppc.rtas.base,
							0x10000 };
	r->cfg.cmdline = "console=hvc0";
}

/* Headers, and 0x2000 bytes of what images_byte() says at 0x1000. */
static struct bytes ppc_file(const void *eh, size_t eh_len, const void *ph,
			     size_t ph_len)
{
	struct bytes b = { 0 };

	bytes_put(&b, eh, eh_len);
	bytes_put(&b, ph, ph_len);
	bytes_pad(&b, 0x1000);
	for (unsigned i = 0; i < 0x2000; i++)
		bytes_put(&b, &(uint8_t){ images_byte(i) }, 1);
	return b;
}

/* A kernel of one segment at paddr 0 and vaddr. */
static struct bytes ppc_elf_at(uint64_t vaddr, bool be, uint64_t size,
			       uint64_t entry, unsigned machine)
{
	Elf64_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				       be ? ELFDATA2MSB : ELFDATA2LSB,
				       EV_CURRENT } };
	Elf64_Phdr ph = { 0 };

#define PUT(field, val)                                                       \
	((field) =                                                            \
		 (__typeof__(field))(sizeof(field) == 8                       \
					     ? (be ? htobe64(val) : (val))    \
				     : sizeof(field) == 4                     \
					     ? (be ? htobe32((uint32_t)(val)) \
						   : (uint32_t)(val))         \
					     : (be ? htobe16((uint16_t)(val)) \
						   : (uint16_t)(val))))
	PUT(eh.e_type, ET_DYN);
	PUT(eh.e_machine, machine);
	PUT(eh.e_entry, entry);
	PUT(eh.e_phoff, sizeof(eh));
	PUT(eh.e_phentsize, sizeof(ph));
	PUT(eh.e_phnum, 1);
	PUT(ph.p_type, PT_LOAD);
	PUT(ph.p_offset, 0x1000);
	PUT(ph.p_vaddr, vaddr);
	PUT(ph.p_filesz, 0x2000);
	PUT(ph.p_memsz, size);
#undef PUT
	return ppc_file(&eh, sizeof(eh), &ph, sizeof(ph));
}

/* One whose entry is where Linux is linked. */
static struct bytes ppc_elf(bool be, uint64_t size, uint64_t entry,
			    unsigned machine)
{
	return ppc_elf_at(VADDR, be, size, entry, machine);
}

/* A zImage as 32-bit wrappers make it: linked at an address of its own. */
static struct bytes ppc_elf32(uint32_t base, uint32_t size)
{
	const Elf32_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32,
					     ELFDATA2MSB, EV_CURRENT },
				.e_type = htobe16(ET_EXEC),
				.e_machine = htobe16(EM_PPC),
				.e_entry = htobe32(base + 0x20),
				.e_phoff = htobe32(sizeof(eh)),
				.e_phentsize = htobe16(sizeof(Elf32_Phdr)),
				.e_phnum = htobe16(1) };
	const Elf32_Phdr ph = { .p_type = htobe32(PT_LOAD),
				.p_offset = htobe32(0x1000),
				.p_vaddr = htobe32(base),
				.p_paddr = htobe32(base),
				.p_filesz = htobe32(0x2000),
				.p_memsz = htobe32(size) };

	return ppc_file(&eh, sizeof(eh), &ph, sizeof(ph));
}

static int ppc_load(struct images_rig *r, struct bytes kernel)
{
	int ret = images_rig_load(r, &kernel);

	bytes_free(&kernel);
	return ret;
}

static const void *tree(const struct images_rig *r)
{
	gpa_t gpa = r->start.arg[0];
	const uint8_t *head = images_rig_at(r, gpa, 8);
	const void *dtb = images_rig_at(r, gpa, fdt_totalsize(head));

	CHECK_EQ(fdt_check_full(dtb, fdt_totalsize(dtb)), 0);
	return dtb;
}

TEST(ppc64_kernel_of_either_byte_order_starts_where_its_segment_is)
{
	for (int be = 0; be < 2; be++) {
		struct images_rig r;
		const void *dtb;

		ppc_open(&r, 64 * MIB);
		CHECK_EQ(ppc_load(&r, ppc_elf(be, MIB, VADDR + 0x40, EM_PPC64)),
			 0);
		CHECK_EQ(r.start.mode, be ? BOOT_PPC64BE : BOOT_PPC64LE);
		CHECK_EQ(r.start.pc, 0x40);
		CHECK_EQ(r.start.arg[2], 0); /* R5: no client interface */
		CHECK_EQ(r.start.arg[3], 0x65504150); /* R6: ePAPR */
		CHECK_EQ(r.start.arg[4], 64 * MIB);
		CHECK_EQ(*images_rig_at(&r, 0x1fff, 1), images_byte(0x1fff));
		CHECK_EQ(*images_rig_at(&r, 0x2000, 1), 0);
		CHECK_MEM(images_rig_at(&r, 64 * MIB - 0x10000, 20), rtas_code,
			  20);
		dtb = tree(&r);
		CHECK_STR(fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"),
				      "bootargs", NULL),
			  "console=hvc0");
		images_rig_close(&r);
	}
}

/* Its words, and none that only looks like one. */
TEST(ppc64_calls_of_a_guest_that_a_hypervisor_would_answer_are_others)
{
	static const uint8_t call[4] = { 0x44, 0, 0, 0x22 };
	static const uint8_t fake[4] = { 0x7c, 0, 0x02, 0x68 };

	for (unsigned way = 0; way < 4; way++) {
		bool be = way & 1, taken = way & 2;
		struct bytes k = ppc_elf(be, MIB, VADDR, EM_PPC64);
		uint8_t word[4], other[4];
		struct images_rig r;

		for (unsigned i = 0; i < 4; i++) {
			word[i] = call[be ? i : 3 - i];
			other[i] = (taken ? fake : call)[be ? i : 3 - i];
		}
		memcpy(k.p + 0x1000 + 0xffc, word, 4);
		memcpy(k.p + 0x1000 + 0x1ffc, word, 4);
		memcpy(k.p + 0x1000 + 0x202, word, 4);
		ppc_open(&r, 64 * MIB);
		r.board.ppc.calls_taken = taken;
		CHECK_EQ(ppc_load(&r, k), 0);
		CHECK_MEM(images_rig_at(&r, 0xffc, 4), other, 4);
		CHECK_MEM(images_rig_at(&r, 0x1ffc, 4), other, 4);
		CHECK_MEM(images_rig_at(&r, 0x202, 4), word, 4);
		CHECK_MEM(images_rig_at(&r, 64 * MIB - 0x10000 + 12, 4),
			  taken ? fake : call, 4);
		images_rig_close(&r);
	}
}

/* However large the kernel is: what a fixed address gets wrong. */
TEST(ppc64_initrd_is_behind_the_kernel)
{
	static const uint64_t sizes[] = { MIB, 40 * MIB, 55 * MIB };
	uint8_t rd[5000];

	memset(rd, 0x5a, sizeof(rd));
	for (unsigned i = 0; i < 3; i++) {
		const char *list[] = { images_file(rd, sizeof(rd)), NULL };
		struct images_rig r;
		uint64_t base;

		ppc_open(&r, 64 * MIB);
		r.cfg.initrd = list;
		CHECK_EQ(
			ppc_load(&r, ppc_elf(false, sizes[i], VADDR, EM_PPC64)),
			0);
		unlink(list[0]);
		base = r.start.initrd_base;
		CHECK(base >= sizes[i]);
		CHECK(base + sizeof(rd) <= r.board.ppc.rtas.base);
		CHECK(r.start.arg[0] >= sizes[i]);
		CHECK_MEM(images_rig_at(&r, base, sizeof(rd)), rd, sizeof(rd));
		images_rig_close(&r);
	}
}

static const char *slof_file(const char *magic)
{
	static uint8_t image[0x1000];
	static char path[64];

	memcpy(image + 0x28, magic, 8);
	image[0x100] = 0x48;
	snprintf(path, sizeof(path), "%s", images_file(image, sizeof(image)));
	return path;
}

#define HEAP (4 * MIB)

/* Its kernel goes to 0, and what it allocates behind itself. */
TEST(ppc64_zimage_that_moves_itself_is_high_with_room_behind)
{
	const char *list[] = { images_file("initrd", 6), NULL };
	struct images_rig r;
	uint64_t at, dtb;

	ppc_open(&r, 64 * MIB);
	r.cfg.initrd = list;
	CHECK_EQ(ppc_load(&r, ppc_elf_at(0, false, 3 * MIB, 0x40, EM_PPC64)),
		 0);
	unlink(list[0]);
	at = r.start.kernel_base;
	dtb = r.start.arg[0];
	CHECK_EQ(r.start.mode, BOOT_PPC64LE);
	CHECK_EQ(r.start.pc, at + 0x40);
	CHECK_EQ(at % 0x10000, 0);
	CHECK(at >= 48 * MIB);
	CHECK(at + 3 * MIB + HEAP <= r.board.ppc.rtas.base);
	CHECK_EQ(*images_rig_at(&r, at + 0x1fff, 1), images_byte(0x1fff));
	CHECK(r.start.initrd_base + 6 <= at ||
	      r.start.initrd_base >= at + 3 * MIB + HEAP);
	CHECK(dtb < at || dtb >= at + 3 * MIB + HEAP);
	CHECK_STR(r.start.protocol, "Linux ppc64 zImage");
	CHECK(ppc_load(&r, ppc_elf_at(0, false, 61 * MIB, 0, EM_PPC64)) < 0);
	CHECK(strstr(r.err.msg, "memory"));
	images_rig_close(&r);
}

TEST(ppc64_zimage_of_32_bits_is_where_it_is_linked)
{
	const char *firmware = slof_file("magic123");
	struct images_rig r;

	ppc_open(&r, 128 * MIB);
	CHECK_EQ(ppc_load(&r, ppc_elf32(64 * MIB, MIB)), 0);
	CHECK_EQ(r.start.mode, BOOT_PPC32BE);
	CHECK_EQ(r.start.pc, 64 * MIB + 0x20);
	CHECK_EQ(*images_rig_at(&r, 64 * MIB + 0x123, 1), images_byte(0x123));
	CHECK(r.start.arg[0] < 64 * MIB || r.start.arg[0] >= 65 * MIB + HEAP);
	/* Firmware has kernels elsewhere. */
	r.cfg.ram_firmware = firmware;
	CHECK(ppc_load(&r, ppc_elf32(64 * MIB, MIB)) < 0);
	CHECK(strstr(r.err.msg, "cannot be moved"));
	unlink(firmware);
	images_rig_close(&r);
}

TEST(ppc64_refuses_what_is_no_kernel_of_it)
{
	struct images_rig r;

	ppc_open(&r, 64 * MIB);
	CHECK(ppc_load(&r, ppc_elf(false, MIB, VADDR, EM_AARCH64)) < 0);
	CHECK(strstr(r.err.msg, "not a kernel for ppc64"));
	CHECK(ppc_load(&r, ppc_elf(true, MIB, VADDR, EM_AARCH64)) < 0);
	CHECK(ppc_load(&r, ppc_elf(true, MIB, 0x40, EM_PPC64)) < 0);
	CHECK(strstr(r.err.msg, "its entry point 0x40 is not in it"));
	CHECK(ppc_load(&r, ppc_elf(false, 64 * MIB, VADDR, EM_PPC64)) < 0);
	CHECK(strstr(r.err.msg, "memory"));
	r.cfg.entry = BOOT_ENTRY_PVH;
	CHECK(ppc_load(&r, ppc_elf(false, MIB, VADDR, EM_PPC64)) < 0);
	CHECK(strstr(r.err.msg, "--kernel-entry pvh"));
	images_rig_close(&r);
}

/* Linux takes no more, and cuts it without a word. */
TEST(ppc64_refuses_a_command_line_that_is_too_long)
{
	struct images_rig r;
	char line[2049];

	memset(line, 'x', sizeof(line));
	line[2047] = '\0';
	ppc_open(&r, 64 * MIB);
	r.cfg.cmdline = line;
	CHECK_EQ(ppc_load(&r, ppc_elf(false, MIB, VADDR, EM_PPC64)), 0);
	line[2047] = 'x';
	line[2048] = '\0';
	CHECK(ppc_load(&r, ppc_elf(false, MIB, VADDR, EM_PPC64)) < 0);
	CHECK(strstr(r.err.msg, "2048 characters"));
	images_rig_close(&r);
}

/* ---- firmware in RAM */

TEST(slof_gets_kernel_initrd_and_tree_and_room_to_work)
{
	const char *firmware = slof_file("magic123");
	const char *list[] = { images_file("initrd", 6), NULL };
	struct images_rig r;
	uint64_t addr, size;
	const uint8_t *p;
	const void *dtb;
	gpa_t at;

	ppc_open(&r, 256 * MIB);
	r.cfg.ram_firmware = firmware;
	r.cfg.initrd = list;
	CHECK_EQ(ppc_load(&r, ppc_elf(false, MIB, VADDR, EM_PPC64)), 0);
	CHECK_EQ(r.start.mode, BOOT_PPC64BE);
	CHECK_EQ(r.start.pc, 0x100);
	CHECK_EQ(*images_rig_at(&r, 0x100, 1), 0x48);
	CHECK_EQ(*images_rig_at(&r, 0x400123, 1), images_byte(0x123));
	at = r.start.arg[0];
	dtb = tree(&r);
	p = fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"),
			"qemu,boot-kernel", NULL);
	CHECK(p != NULL);
	CHECK_EQ(fdt64_ld((const fdt64_t *)p), 0x400000);
	CHECK_EQ(fdt64_ld((const fdt64_t *)(p + 8)), MIB);
	/* It is told to keep off them, and they are off its place. */
	CHECK_EQ(fdt_num_mem_rsv(dtb), 2);
	CHECK_EQ(fdt_get_mem_rsv(dtb, 1, &addr, &size), 0);
	CHECK_EQ(addr, r.start.initrd_base);
	CHECK_EQ(size, 6);
	CHECK(addr + size <= at - 40 * MIB);
	CHECK(addr >= 5 * MIB);
	unlink(r.cfg.ram_firmware);
	unlink(list[0]);
	images_rig_close(&r);
}

TEST(slof_boots_a_disk_where_there_is_no_kernel)
{
	struct images_rig r;
	const void *dtb;

	ppc_open(&r, 128 * MIB);
	r.cfg.ram_firmware = slof_file("magic123");
	r.cfg.kernel = NULL;
	CHECK_EQ(boot_load(&r.board, &r.mem, &r.cfg, &r.start, &r.err), 0);
	dtb = tree(&r);
	CHECK(!fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"),
			   "qemu,boot-kernel", NULL));
	CHECK(fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"),
			  "ibm,arch-vec-5-platform-support", NULL) != NULL);
	unlink(r.cfg.ram_firmware);
	images_rig_close(&r);
}

TEST(slof_is_refused_where_it_is_none_or_has_no_room)
{
	struct images_rig r;

	ppc_open(&r, 128 * MIB);
	r.cfg.ram_firmware = slof_file("magic124");
	CHECK(ppc_load(&r, ppc_elf(false, MIB, VADDR, EM_PPC64)) < 0);
	CHECK(strstr(r.err.msg, "--firmware: "));
	CHECK(strstr(r.err.msg, "not SLOF"));
	unlink(r.cfg.ram_firmware);
	images_rig_close(&r);
	ppc_open(&r, 32 * MIB);
	r.cfg.ram_firmware = slof_file("magic123");
	CHECK(ppc_load(&r, ppc_elf(false, MIB, VADDR, EM_PPC64)) < 0);
	CHECK(strstr(r.err.msg, "no room"));
	unlink(r.cfg.ram_firmware);
	images_rig_close(&r);
}
