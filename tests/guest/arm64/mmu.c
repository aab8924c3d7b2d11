// SPDX-License-Identifier: MIT
/*
 * The image's own relocation, and address translation: every address is its
 * own, RAM write-back, devices nGnRE, 2 MiB blocks; pages where the image is.
 */
#include "mmu.h"
#include "arch.h"
#include "arm64.h"
#include "guest.h"

#define GIB 0x40000000ull

/* The tables' first page is what TTBR0_EL1 points to. */
uint64_t tables[4][512] __attribute__((section(".bss.tables"), aligned(4096)));
/* early() runs on this. */
uint64_t early_stack[256] __attribute__((section(".bss.tables"), aligned(16)));
__asm__(".globl early_stack_top\n.set early_stack_top, early_stack + 2048");

extern const uint64_t rela_start[], rela_end[];
extern uint8_t image_start[], data_start[], tables_end[], image_end[];

void early(uint64_t base);

static void early_relocate(uint64_t base)
{
	size_t n = ((uintptr_t)rela_end - (uintptr_t)rela_start) / 24;

	for (const uint64_t *r = rela_start; n; n--, r += 3)
		if ((uint32_t)r[1] == 1027) /* R_AARCH64_RELATIVE */
			*(uint64_t *)(base + r[0]) = base + r[2];
}

/* Drops what caches may hold of memory that was written without them. */
static void early_invalidate(uint64_t from, uint64_t to)
{
	uint64_t line = 4ull << (sysreg_read("ctr_el0") >> 16 & 15);

	for (uint64_t a = from & -line; a < to; a += line)
		__asm__ volatile("dc civac, %0" : : "r"(a) : "memory");
	__asm__ volatile("dsb sy" : : : "memory");
}

/*
 * Runs once, with the MMU off, at the image's base.  RAM begins at 1 GiB on
 * every machine that we run on, devices below; arch_map() adds what is above
 * 4 GiB.
 */
void early(uint64_t base)
{
	uint64_t text_end = (uintptr_t)data_start;

	early_relocate(base);
	for (unsigned i = 0; i < 512; i++) {
		uint64_t at = (base & -GIB) + i * MMU_BLOCK_SIZE;
		uint64_t page = base + i * 4096ull;

		tables[0][i] = tables[1][i] = 0;
		tables[2][i] = at | MMU_BLOCK | MMU_RAM;
		tables[3][i] = page | MMU_PAGE |
			       (page < text_end ? MMU_TEXT : MMU_RAM);
	}
	tables[0][0] = (uintptr_t)tables[1] | MMU_TABLE;
	tables[1][0] = MMU_BLOCK | MMU_DEVICE;
	for (unsigned i = 1; i < 4; i++)
		tables[1][i] = i * GIB | MMU_BLOCK | MMU_RAM;
	tables[1][base / GIB] = (uintptr_t)tables[2] | MMU_TABLE;
	tables[2][base / MMU_BLOCK_SIZE % 512] = (uintptr_t)tables[3] |
						 MMU_TABLE;
	early_invalidate((uintptr_t)data_start, (uintptr_t)tables_end);
}

/* The table behind an entry, made if need be. */
static uint64_t *mmu_next(uint64_t *entry)
{
	if (!*entry)
		*entry = (uintptr_t)alloc(4096, 4096) | MMU_TABLE;
	return (uint64_t *)(*entry & MMU_ADDR);
}

static bool mmu_is_memory(uint64_t addr)
{
	for (unsigned i = 0; i < machine.nmem; i++)
		if (addr - machine.mem[i].base < machine.mem[i].size)
			return true;
	return false;
}

void arch_map(uint64_t base, uint64_t size)
{
	uint64_t first = base / MMU_BLOCK_SIZE;
	uint64_t last = (base + size - 1) / MMU_BLOCK_SIZE;
	uint64_t kind = mmu_is_memory(base) ? MMU_RAM : MMU_DEVICE;

	for (uint64_t n = first; size && n <= last; n++) {
		uint64_t *t;

		if (n < 4 * 512)
			continue; /* mapped from the start */
		t = mmu_next(&tables[0][n >> 18 & 511]);
		t = mmu_next(&t[n >> 9 & 511]);
		if (!t[n & 511])
			t[n & 511] = n * MMU_BLOCK_SIZE | MMU_BLOCK | kind;
	}
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}

uint64_t *mmu_page(const void *p)
{
	uint64_t at = (uintptr_t)p - (uintptr_t)image_start;

	return at < MMU_BLOCK_SIZE ? &tables[3][at / 4096] : NULL;
}

static uint64_t el1_flush(void *arg, struct frame *frame)
{
	(void)frame;
	__asm__ volatile("dsb ishst\n\t"
			 "tlbi vaae1is, %0\n\t"
			 "dsb ish\n\t"
			 "isb"
			 :
			 : "r"((uintptr_t)arg >> 12)
			 : "memory");
	return 0;
}

void mmu_flush(const void *p)
{
	el1_call(el1_flush, (void *)(uintptr_t)p);
}
