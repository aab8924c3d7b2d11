/* SPDX-License-Identifier: MIT */
/* ELF executables: headers checked, segments placed in guest memory. */
#ifndef BOOT_ELF_H
#define BOOT_ELF_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/image.h"
#include "hw/core/mem.h"

#define ELF_MAX_SEGMENTS 32

/* A PT_LOAD entry with something to load. */
struct elf_segment {
	uint64_t offset, filesz; /* in the file */
	uint64_t vaddr, paddr, memsz;
};

struct elf_file {
	bool is64, big_endian;
	uint16_t machine;
	bool dynamic; /* linked as a shared object, for any address */
	uint64_t entry;
	struct elf_segment seg[ELF_MAX_SEGMENTS]; /* ascending paddr */
	unsigned nseg;
	uint64_t low, high; /* the segments' paddr: first, one past the last */
	uint64_t file_end;  /* one past the last byte that a header names */
	bool linux_note;    /* a note owned by "Linux": its own entry works */
	bool pvh;	    /* XEN_ELFNOTE_PHYS32_ENTRY is there: */
	uint64_t pvh_entry; /* where it points */
};

/* True where the image begins as an ELF file does. */
bool elf_is(const struct image *img);

/*
 * Reads and checks the headers of an executable of the given machine (EM_*;
 * EM_386 is taken along with EM_X86_64 and EM_PPC with EM_PPC64, a shared
 * object where it is EM_AARCH64 or EM_PPC64, big-endian where it is asked for
 * EM_PPC64).  size is the whole file's, where img may be its first part only:
 * the program headers must be in img, the notes are read as far as they are.
 * No segment overlaps another, none leaves the file.  Anything else is an error
 * that names what the file is.
 */
int elf_parse(const struct image *img, uint64_t size, unsigned machine,
	      struct elf_file *elf, struct err *err) MUST_CHECK;

/*
 * Copies the segments of img to their paddr + shift and clears what the file
 * does not fill; zeroed says that the memory already is.
 */
int elf_load(const struct image *img, const struct elf_file *elf,
	     const struct mem *mem, uint64_t shift, bool zeroed,
	     struct err *err) MUST_CHECK;

#endif
