/* SPDX-License-Identifier: MIT */
/*
 * What every guest has: a console, TAP, the machine's description, memory.
 *
 * A guest is a freestanding program: it defines guest_main(), which runs in
 * the processor's least privileged mode with every device mapped; what needs
 * more goes through the arch part (arch.h).  Nothing here is locked: only the
 * boot CPU prints and allocates.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a)  (sizeof(a) / sizeof(*(a)))
#define ALIGN_UP(x, a) (((x) + (a)-1) & ~((uint64_t)(a)-1))

/* --- string.c */
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
/* Decimal, or hexadecimal after 0x; stops at the first other character. */
uint64_t parse_num(const char *s);

/* --- print.c: %s %c %d %u %x %X with l, a width and zero padding */
void printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* As printf() into buf, cut to size and ended by NUL. */
void snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- tap.c */
/*
 * One result line; the name may be formatted.  Returns ok.  With "brief" on the
 * command line those that hold have no name.
 */
bool tap(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tap_skip(const char *name, const char *why);
/* Prints the plan and returns the guest's exit status: 0, or 1 on a failure. */
int tap_done(void);

/* --- machine.c, acpi.c, efi.c, fdt.c: the machine as its own tables describe
 * it */
enum { MEM_RAM = 1, MEM_RESERVED = 2, MEM_ACPI = 3, MEM_NVS = 4 };

struct mem_entry {
	uint64_t base, size;
	uint32_t type; /* as in e820 */
};

/* A register, as in an ACPI generic address; address 0: there is none. */
struct reg {
	bool io; /* a port, otherwise memory */
	uint64_t addr;
};

struct mmio_slot {
	uint64_t base;
	uint32_t size;
	uint32_t gsi; /* interrupt: GSI or INTID, 0: none */
};

struct window {
	uint64_t base, size, next; /* next: where the next BAR goes */
};

#define MAX_CPUS   512
#define MAX_MEM	   64
#define MAX_SLOTS  64
#define MAX_TABLES 32

struct machine {
	const char *entry; /* how the loader came in */
	const char *cmdline;
	uint64_t image_end;

	struct mem_entry mem[MAX_MEM];
	unsigned nmem;

	const void *fdt; /* NULL: none */
	struct {
		uint64_t table, map; /* system table and memory map; 0: none */
		uint32_t map_size, desc_size;
	} efi;
	uint64_t rsdp;				     /* 0: none */
	const struct acpi_header *table[MAX_TABLES]; /* XSDT's, then the DSDT */
	unsigned ntables;

	uint64_t cpu[MAX_CPUS]; /* APIC ids, MPIDRs; [0] is the boot CPU */
	unsigned ncpus;

	struct reg uart; /* addr 0: none described */
	uint32_t uart_gsi;

	uint64_t ecam; /* 0: no PCI */
	uint64_t phb;  /* unit of a bridge whose ecam stands for calls, or 0 */
	uint8_t bus_first, bus_last;
	struct window pci_io, pci_mem32, pci_mem64;
	uint64_t pci_io_cpu;	/* where memory accesses reach port 0, or 0 */
	uint64_t pci_mem32_cpu; /* where pci_mem32 is, less what the bus says */

	struct mmio_slot slot[MAX_SLOTS]; /* virtio-mmio */
	unsigned nslots;

	struct reg pvpanic;
	struct reg rtc;
	uint32_t rtc_gsi;
	struct mmio_slot gpio;

	struct reg sleep_control; /* hardware-reduced power-off ... */
	struct reg pm1a_control;  /* ... or the traditional one */
	struct reg reset;
	uint8_t reset_value;
	int sleep_type; /* SLP_TYP of S5, or -1 */
	bool hw_reduced;
};
extern struct machine machine;

/* Adds to the memory map. */
void mem_add(uint64_t base, uint64_t size, uint32_t type);
/* Makes [base, base + size) of what is RAM in the map so far reserved. */
void mem_reserve(uint64_t base, uint64_t size);
/* Finds the memory map and the RSDP through machine.efi. */
void efi_read(void);
/* Fills machine from the tables behind machine.rsdp, if there are any. */
void acpi_read(void);
/* The table with this signature, or NULL. */
const struct acpi_header *acpi_find(const char *sig);
/* The value of KEY in "KEY=value" on the command line, or NULL; ends at a
 * space. */
const char *cmdline_get(const char *key);
/* True if the command line has this word. */
bool cmdline_has(const char *word);
/* Reads or writes a register; size 1, 2, 4. */
uint32_t reg_read(const struct reg *r, unsigned size);
void reg_write(const struct reg *r, unsigned size, uint32_t val);

/* --- alloc.c: pages of the most RAM in one piece below 4 GiB; never freed */
/* Zeroed, aligned; ends the guest when there is none left. */
void *alloc(size_t size, size_t align);
/* Bytes that alloc() has left. */
uint64_t alloc_left(void);

/* --- the guest itself */
int guest_main(void);
/*
 * Ends the machine: with the status through the isa-debug-exit whose port
 * "debug-exit=" names on the command line, else by powering off, else by a
 * reset.
 */
void guest_exit(int status) __attribute__((noreturn));
/* Prints and exits with status 1. */
void guest_die(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* The ACPI table header (ACPI 6.5 section 5.2.6). */
struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem_id[6], oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __attribute__((packed));

/* Little-endian fields, aligned or not. */
static inline uint16_t get16(const void *p)
{
	return *(const uint16_t __attribute__((aligned(1), may_alias)) *)p;
}
static inline uint32_t get32(const void *p)
{
	return *(const uint32_t __attribute__((aligned(1), may_alias)) *)p;
}
static inline uint64_t get64(const void *p)
{
	return *(const uint64_t __attribute__((aligned(1), may_alias)) *)p;
}

#endif
