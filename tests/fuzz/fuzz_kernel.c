/* SPDX-License-Identifier: MIT */
/* Fuzzes the kernel loaders: any file, and any ELF inside a sound bzImage. */
#include <lz4.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "boot/boot.h"
#include "boot/image.h"
#include "boot/linux.h"
#include "tests/fuzz/fuzz.h"

#define KERNEL_RAM	 (32u << 20)
#define KERNEL_BZ_CODE	 0x400u
#define KERNEL_BZ_HEADER 0x400u

/* The bytes as a payload: what few mutations of packed bytes would reach. */
static uint8_t *kernel_wrap(const uint8_t *data, size_t size, size_t *out)
{
	int bound = LZ4_compressBound((int)size), n;
	size_t at = KERNEL_BZ_CODE + KERNEL_BZ_HEADER;
	uint8_t *bz = calloc(1, at + 8 + (size_t)bound + 4);

	if (!bz)
		abort();
	n = LZ4_compress_default((const char *)data, (char *)bz + at + 8,
				 (int)size, bound);
	if (n <= 0)
		abort();
	put_le32(bz + at, 0x184c2102);
	put_le32(bz + at + 4, (uint32_t)n);
	put_le32(bz + at + 8 + n, (uint32_t)size);
	bz[BZ_SETUP_SECTS] = 1;
	memcpy(bz + BZ_MAGIC, "HdrS", 4);
	put_le16(bz + BZ_VERSION, 0x020f);
	bz[BZ_LOADFLAGS] = BZ_LOADED_HIGH;
	bz[BZ_RELOCATABLE_KERNEL] = 1;
	put_le32(bz + BZ_INITRD_ADDR_MAX, 0x7fffffff);
	put_le32(bz + BZ_KERNEL_ALIGNMENT, 0x200000);
	put_le16(bz + BZ_XLOADFLAGS, BZ_XLF_KERNEL_64);
	put_le32(bz + BZ_PAYLOAD_OFFSET, KERNEL_BZ_HEADER);
	put_le32(bz + BZ_PAYLOAD_LENGTH, (uint32_t)n + 12);
	put_le64(bz + BZ_PREF_ADDRESS, 0x1000000);
	put_le32(bz + BZ_INIT_SIZE, 0x10000);
	*out = at + 12 + (size_t)n;
	return bz;
}

static void kernel_load(const struct boot_config *cfg)
{
	struct board board = { .arch = ARCH_X86_64,
			       .nram = 1,
			       .ram = { { 0, KERNEL_RAM, 0 } },
			       .acpi = { 0xe0000, 0x20000 } };
	struct mem_config how = { 0 };
	struct boot_start start;
	struct err err = { 0 };
	struct mem mem = { 0 };
	int ret;

	if (mem_add_ram(&mem, 0, KERNEL_RAM, &how, &err))
		abort();
	ret = boot_load(&board, &mem, cfg, &start, &err);
	/* A failure has a message, success has none and a place to start. */
	if ((ret < 0) != (err.msg[0] != 0))
		abort();
	if (ret == 0 && (!mem_run(&mem, start.pc, 1) ||
			 !mem_run(&mem, start.gdt, start.gdt_size)))
		abort();
	mem_destroy(&mem);
}

/* The last byte chooses the entry, KASLR and the wrapping. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_config cfg = { .kernel = "fuzz", .seed = 1 };
	uint8_t *wrapped = NULL, choice;

	if (size < 2)
		return 0;
	choice = data[--size];
	cfg.entry = choice % 5;
	cfg.kaslr = choice & 0x20;
	cfg.ram_zero = choice & 0x40;
	cfg.kernel_data = data;
	cfg.kernel_size = size;
	if (choice & 0x80) {
		wrapped = kernel_wrap(data, size, &cfg.kernel_size);
		cfg.kernel_data = wrapped;
	}
	kernel_load(&cfg);
	free(wrapped);
	return 0;
}
