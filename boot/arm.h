/* SPDX-License-Identifier: MIT */
/* The loaders of arm64 machines, of 64-bit and of 32-bit kernels. */
#ifndef BOOT_ARM_H
#define BOOT_ARM_H

#include "boot/loader.h"

#define ARM_2M (UINT64_C(2) << 20)
/*
 * What a kernel is handed lies this near to the start of RAM: arm64 before
 * Linux 4.2 maps no more, and 32-bit kernels have that much low memory.
 */
#define ARM_NEAR (UINT64_C(512) << 20)

/* The header of an arm64 Image: Documentation/arch/arm64/booting.rst. */
#define ARM64_HEADER_SIZE 64
struct arm64_header {
	uint64_t text_offset; /* from a multiple of 2 MiB */
	uint64_t image_size;  /* bytes with .bss; 0: it does not tell */
	uint64_t flags;
};

/* Whether the first ARM64_HEADER_SIZE bytes of a file are such a header. */
bool arm64_is_image(const uint8_t *head);
/* Checks it; name is the file's, for messages. */
int arm64_parse_header(const uint8_t *head, const char *name,
		       struct arm64_header *h, struct err *err) MUST_CHECK;

/*
 * Loads a kernel of any form from img: the file itself, or what a uImage
 * wraps.  *wrapped says the latter, and is not entered twice.
 */
int arm_load_any(struct loader *l, const struct image *img, bool wrapped,
		 struct err *err) MUST_CHECK;

/* arm32.c: whether img is a zImage; loads it, or a 32-bit ELF file. */
bool arm32_is_zimage(const struct image *img);
int arm32_load_zimage(struct loader *l, const struct image *img,
		      struct err *err) MUST_CHECK;
int arm32_load_elf(struct loader *l, const struct image *img,
		   struct err *err) MUST_CHECK;
/* 32-bit code at its place in memory, taken already. */
int arm32_start(struct loader *l, uint64_t entry, const char *protocol,
		struct err *err) MUST_CHECK;

/* uimage.c */
bool uimage_is(const struct image *img);
int uimage_load(struct loader *l, const struct image *img,
		struct err *err) MUST_CHECK;

/* arm64.c: 64-bit code at its place in memory, taken already. */
int arm64_start(struct loader *l, uint64_t entry, const char *protocol,
		struct err *err) MUST_CHECK;

/* Refuses a kernel of the other width than the machine's CPUs. */
int arm_check_width(const struct loader *l, const struct image *img,
		    bool wants32, struct err *err) MUST_CHECK;
/* The error for a file that is no kernel for this machine. */
int arm_unknown(const struct image *img, struct err *err);
/* Refuses a command line that Linux would cut. */
int arm_check_cmdline(const struct loader *l, size_t max,
		      struct err *err) MUST_CHECK;

#endif
