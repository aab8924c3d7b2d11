/* SPDX-License-Identifier: MIT */
/* The loaders of x86_64 machines, and what they share. */
#ifndef BOOT_X86_H
#define BOOT_X86_H

#include "boot/elf.h"
#include "boot/loader.h"

#define X86_4G	    (1ull << 32)
#define X86_2M	    (1ull << 21)
#define X86_MAX_GPA (1ull << 46) /* Linux's bound with 4-level paging */

/* Where Linux's virtual addresses begin (__START_KERNEL_map), and its room. */
#define X86_KERNEL_MAP	    0xffffffff80000000ull
#define X86_KERNEL_MAP_SIZE (1ull << 30)

/*
 * Takes size bytes for a table that the kernel is handed: below 640 KiB, or
 * below 4 GiB when that is full.  Cleared.  NULL with an error if there are
 * none; the address goes to *gpa.
 */
void *x86_table(struct loader *l, size_t size, gpa_t *gpa,
		struct err *err) MUST_CHECK;
/* The command line as a string in guest memory, at most max bytes long. */
int x86_cmdline(struct loader *l, const char *extra, size_t max, gpa_t *gpa,
		struct err *err) MUST_CHECK;
/* The GDT of the mode, into l->start. */
int x86_gdt(struct loader *l, enum boot_mode mode, struct err *err) MUST_CHECK;
/*
 * Identity page tables for the first 4 GiB, the kernel and the initrd, of
 * 2 MiB pages, into l->start.
 */
int x86_tables(struct loader *l, struct err *err) MUST_CHECK;
/* A kernel of the Linux boot protocol. */
struct linux_kernel {
	const uint8_t *header; /* the first sector pair, or NULL for an ELF */
	size_t header_size;
	uint64_t initrd_max; /* highest byte that an initrd may occupy */
	size_t cmdline_max;
	uint64_t entry;
	const char *extra; /* appended to the command line, or NULL */
	bool kaslr;	   /* it was moved: the kernel may randomize more */
};

/* Writes boot_params and all it points to, and fills l->start. */
int linux_start(struct loader *l, const struct linux_kernel *k,
		struct err *err) MUST_CHECK;

/* Whether the file has the Linux setup header ("HdrS" at 0x202). */
bool bzimage_is(const struct image *img);
int bzimage_load(struct loader *l, struct err *err) MUST_CHECK;

int pvh_load(struct loader *l, const struct image *img,
	     const struct elf_file *elf, struct err *err) MUST_CHECK;

/* A Multiboot 1 header, found in the first 8 KiB. */
struct multiboot_header {
	uint64_t off; /* in the file */
	uint32_t flags;
	uint32_t header_addr, load_addr, load_end_addr, bss_end_addr;
	uint32_t entry_addr; /* the addresses count with flags bit 16 only */
};
bool multiboot_find(const struct image *img, struct multiboot_header *h);
int multiboot_load(struct loader *l, const struct image *img,
		   const struct multiboot_header *h,
		   struct err *err) MUST_CHECK;

/*
 * Adds delta to every address that Linux's relocation tables name.  table
 * holds what follows the ELF file in a bzImage's payload; kernel holds size
 * bytes linked at virtual address link.  Returns 1 when done, 0 when there
 * are no tables, -errno with an error for tables that point elsewhere.
 * Nothing outside kernel is written, whatever the tables say.
 */
int x86_relocate(const void *table, size_t n, void *kernel, uint64_t size,
		 uint64_t link, uint64_t delta, struct err *err) MUST_CHECK;
/* Whether there are such tables. */
bool x86_has_relocs(const void *table, size_t n);

#endif
