/* SPDX-License-Identifier: MIT */
/* Fuzzes arm64's loaders: any file as kernel, or as the device tree. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "boot/boot.h"
#include "boot/image.h"
#include "tests/fuzz/fuzz.h"

#define ARM_RAM	      0x40000000u
#define ARM_RAM_SIZE  (64u << 20)
#define UIMAGE_HEADER 64

/* What the choice's bits say. */
enum {
	CHOICE_AARCH32 = 1,
	CHOICE_KASLR = 2,
	CHOICE_ZERO = 4,
	CHOICE_DTB = 8,
	CHOICE_UIMAGE = 16, /* with checksums that a mutation cannot guess */
};

static struct board_cpu arm_cpus[] = { { .hw_id = 0 } };

static void arm_load(const struct boot_config *cfg, bool aarch32)
{
	struct board board = { .arch = ARCH_ARM64,
			       .machine = "virt",
			       .irqchip = "gicv3",
			       .cpus = arm_cpus,
			       .ncpus = 1,
			       .sockets = 1,
			       .cores = 1,
			       .threads = 1,
			       .nram = 1,
			       .ram = { { ARM_RAM, ARM_RAM_SIZE, 0 } },
			       .phys_bits = 40,
			       .aarch32 = aarch32 };
	struct mem_config how = { 0 };
	struct boot_start start;
	struct err err = { 0 };
	struct mem mem = { 0 };
	int ret;

	if (mem_add_ram(&mem, ARM_RAM, ARM_RAM_SIZE, &how, &err))
		abort();
	ret = boot_load(&board, &mem, cfg, &start, &err);
	/* A failure has a message, success has none and a place to start. */
	if ((ret < 0) != (err.msg[0] != 0))
		abort();
	if (ret == 0 && (!mem_run(&mem, start.kernel_base, start.kernel_size) ||
			 !mem_run(&mem, start.arg[aarch32 ? 2 : 0], 8)))
		abort();
	mem_destroy(&mem);
}

static void put_be32(uint8_t *p, uint32_t val)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(val >> (24 - 8 * i));
}

/* Makes the sums of a uImage's header right, whatever else it says. */
static void arm_checksums(uint8_t *data, size_t size)
{
	uint32_t n = (uint32_t)(size - UIMAGE_HEADER);

	put_be32(data, 0x27051956);
	put_be32(data + 12, n);
	put_be32(data + 24, (uint32_t)crc32(0, data + UIMAGE_HEADER, n));
	put_be32(data + 4, 0);
	put_be32(data + 4, (uint32_t)crc32(0, data, UIMAGE_HEADER));
}

/* An Image that loads, with the input as --dtb. */
static void arm_load_dtb(struct boot_config *cfg, const uint8_t *data,
			 size_t size)
{
	uint8_t image[ARM_RAM_SIZE >> 12] = { 0 };
	char path[40];
	int fd = memfd_create("dtb", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	memcpy(image + 56, "ARM\x64", 4);
	put_le64(image + 16, sizeof(image));
	cfg->dtb = path;
	cfg->kernel_data = image;
	cfg->kernel_size = sizeof(image);
	arm_load(cfg, false);
	close(fd);
}

/* The last byte chooses. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_config cfg = { .kernel = "fuzz", .seed = 1 };
	uint8_t choice, *copy;

	if (size < 2)
		return 0;
	choice = data[--size];
	cfg.kaslr = choice & CHOICE_KASLR;
	cfg.ram_zero = choice & CHOICE_ZERO;
	if (choice & CHOICE_DTB) {
		arm_load_dtb(&cfg, data, size);
		return 0;
	}
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	if ((choice & CHOICE_UIMAGE) && size > UIMAGE_HEADER)
		arm_checksums(copy, size);
	cfg.kernel_data = copy;
	cfg.kernel_size = size;
	arm_load(&cfg, choice & CHOICE_AARCH32);
	free(copy);
	return 0;
}
