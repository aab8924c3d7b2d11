/* SPDX-License-Identifier: MIT */
/* Loading a kernel: what to boot, and where its first CPU starts. */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/core/board.h"
#include "hw/core/boot_start.h"
#include "hw/core/err.h"
#include "hw/core/mem.h"

/* How the kernel is entered; --kernel-entry takes boot_entry_names[]. */
enum boot_entry {
	BOOT_ENTRY_AUTO,       /* the fastest that the file has */
	BOOT_ENTRY_COMPRESSED, /* by the kernel's own decompressor */
	BOOT_ENTRY_LINUX,      /* Linux's own entry of an ELF kernel */
	BOOT_ENTRY_PVH,	       /* the PVH entry that an ELF note names */
	BOOT_ENTRY_MULTIBOOT,  /* Multiboot 1 */
};

/* The names of enum boot_entry, in its order, NULL-terminated. */
extern const char *const boot_entry_names[];

/*
 * What to boot.  Everything is the caller's and is only read.  The same
 * structure serves every load of a machine: boot_load() runs again at each
 * reset.
 */
struct boot_config {
	/*
	 * The first CPU starts firmware, which is in flash already; a kernel
	 * is the firmware's to load, and only the device tree is put into RAM.
	 */
	bool firmware;
	/*
	 * The path of firmware that the loader puts into RAM and starts, for it
	 * to boot the kernel or, where there is none, a disk; NULL: none.
	 */
	const char *ram_firmware;
	const char *kernel; /* path, or the name of kernel_data in messages */
	const void *kernel_data; /* the file's bytes instead of a path */
	size_t kernel_size;
	const char *const *initrd; /* paths, NULL-terminated; may be NULL */
	const char *cmdline;	   /* NULL is the empty one */
	const char *dtb; /* path of a device tree to use; NULL: the board's */
	bool acpi_only;	 /* arm64: no device tree but /chosen: ACPI decides */
	enum boot_entry entry;
	const struct board_found *found; /* NULL: nothing */
	bool kaslr;    /* vmm (or the decompressor) may move the kernel */
	bool ram_zero; /* all RAM reads as zero: .bss needs no clearing */
	uint64_t seed; /* of every random choice; 0: from the host */
};

/*
 * Loads the kernel, its initrd and all that it is handed (boot_params, memory
 * map, page tables, ...) into mem, and tells where the boot CPU starts.  The
 * firmware tables at board->acpi are not written here, only pointed to.
 * Called while no vCPU runs.  A file that cannot be booted is an error which
 * names what the file is.
 */
int boot_load(const struct board *board, const struct mem *mem,
	      const struct boot_config *cfg, struct boot_start *start,
	      struct err *err) MUST_CHECK;

/* The kinds of memory of a map; the values are those of e820 and of ACPI. */
enum boot_map_type {
	BOOT_MAP_RAM = 1,
	BOOT_MAP_RESERVED = 2,
	BOOT_MAP_ACPI = 3,
};

struct boot_map_entry {
	uint64_t base, size;
	enum boot_map_type type;
};

#define BOOT_MAP_MAX 64

/* The memory map as the guest is told it: ascending, disjoint. */
struct boot_map {
	struct boot_map_entry entry[BOOT_MAP_MAX];
	unsigned n;
};

/*
 * Writes the board's memory map: RAM without what is reserved in it, the
 * reserved ranges, the ECAM, the firmware tables.  A PC's map also leaves out
 * the legacy hole from 0xa0000 to 1 MiB.
 */
void boot_map_make(const struct board *board, struct boot_map *map);
/* Adds a range, which wins over what overlaps it. */
void boot_map_add(struct boot_map *map, uint64_t base, uint64_t size,
		  enum boot_map_type type);

#endif
