/* SPDX-License-Identifier: MIT */
/* Builds small kernels of every format, and a machine to load them into. */
#ifndef TESTS_BOOT_IMAGES_H
#define TESTS_BOOT_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/boot.h"
#include "boot/unpack.h"
#include "tests/support/boards.h"

/* Bytes that grow. */
struct bytes {
	uint8_t *p;
	size_t n, room;
};

void bytes_put(struct bytes *b, const void *data, size_t n);
void bytes_zero(struct bytes *b, size_t n);
void bytes_le32(struct bytes *b, uint32_t val);
/* Zeroes up to a length. */
void bytes_pad(struct bytes *b, size_t n);
void bytes_free(struct bytes *b);

/* Compresses, as the tools that Linux's build uses do. */
struct bytes images_pack(enum unpack_kind kind, const struct bytes *in);

/* A vmlinux in miniature. */
struct images_elf {
	bool is32;
	unsigned machine; /* 0: EM_X86_64 */
	unsigned type;	  /* 0: ET_EXEC */
	uint64_t entry;	  /* 0: the link address */
	uint64_t paddr;	  /* 0: 16 MiB */
	bool shifted;	  /* the second segment lies elsewhere in the file */
	const void *notes;
	size_t notes_size;
};

/* Its two segments: text, and data with .bss behind. */
#define IMAGES_TEXT_SIZE 0x3000
#define IMAGES_DATA_OFF	 0x4000 /* from the first segment */
#define IMAGES_DATA_SIZE 0x1800
#define IMAGES_DATA_MEM	 0x9000
#define IMAGES_SPAN	 (IMAGES_DATA_OFF + IMAGES_DATA_MEM)
#define IMAGES_PADDR	 0x1000000ull
#define IMAGES_VADDR	 0xffffffff81000000ull
#define IMAGES_TEXT_AT	 0x20000ull /* file offset */
#define IMAGES_INIT_SIZE 0x20000

struct bytes images_elf(const struct images_elf *spec);
/* The byte that an image has at an offset from its first segment. */
uint8_t images_byte(uint64_t off);
/* A note section of one Linux note, and of one PVH entry. */
struct bytes images_linux_note(void);
struct bytes images_pvh_note(uint32_t entry);

/* Relocation tables as tools/relocs writes them; n64 and so on may be 0. */
struct images_relocs {
	const uint32_t *r64, *rinv, *r32;
	unsigned n64, ninv, n32;
	bool no_inverse; /* Linux 6.15 and later have two tables */
};
void images_add_relocs(struct bytes *elf, const struct images_relocs *r);

/* A bzImage around what images_pack() made of unpacked_size bytes. */
struct bytes images_bzimage(enum unpack_kind kind, const struct bytes *packed,
			    size_t unpacked_size);
/* All in one: ELF, gzip, bzImage. */
struct bytes images_simple_bzimage(void);

/* A board of some RAM, its memory, and one load. */
struct images_rig {
	struct board board;
	struct mem mem;
	struct boot_config cfg;
	struct boot_start start;
	struct err err;
};

/* RAM from 0; tables at 0xe0000; fails the test when it cannot be mapped. */
void images_rig_open(struct images_rig *r, uint64_t ram);
void images_rig_close(struct images_rig *r);
int images_rig_load(struct images_rig *r, const struct bytes *kernel);
/* Guest memory, for reading; fails the test outside of RAM. */
const uint8_t *images_rig_at(const struct images_rig *r, uint64_t gpa,
			     uint64_t len);
/* The same on arm64's sample board, with so much RAM from IMAGES_ARM_RAM. */
#define IMAGES_ARM_RAM 0x40000000u
struct images_arm {
	struct sample_board sample;
	struct images_rig r;
};
void images_arm_open(struct images_arm *a, uint64_t ram);
void images_arm_close(struct images_arm *a);

/* A file in /tmp with these bytes; the name is static until the next call. */
const char *images_file(const void *data, size_t n);

#endif
