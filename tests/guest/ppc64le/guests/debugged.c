// SPDX-License-Identifier: MIT
/*
 * What debuggers in the labs debug: two CPUs around a loop, beside which stand
 * pieces of code for a debugger to send them to.  It ends when somebody sets
 * finish, and says whether every turn of the loop was done once.  The boot CPU
 * is in user mode, if there are radix trees and nobody says "kernel"; all else
 * is in real mode, where there are no programs.
 */
#include "arch.h"
#include "guest.h"
#include "ppc64.h"

struct cell {
	uint64_t count, sum;
	uint64_t data[6];
};
struct cell cells[2] __attribute__((aligned(64)));
uint64_t watched[64] __attribute__((aligned(512)));
uint32_t finish, done;

void debug_run(struct cell *cell, uint32_t *end);

/* r4: the cell, r6: finish, r9: where pieces access memory, r3: theirs. */
__asm__(".text\n"
	".globl debug_run, debug_top, debug_end, debug_spin, debug_pair\n"
	".globl debug_paired, debug_call, debug_called, debug_leaf, debug_ctr\n"
	".globl debug_clock, debug_own_trap, debug_own_illegal\n"
	"debug_run:	mflr 11\n"
	"		mr 6, 4\n"
	"		mr 4, 3\n"
	"debug_top:	ld 5, 0(4)\n"
	"		addi 5, 5, 1\n"
	"		std 5, 0(4)\n"
	"		ld 7, 8(4)\n"
	"		mulli 7, 7, 31\n"
	"		add 7, 7, 5\n"
	"		std 7, 8(4)\n"
	"		lwz 8, 0(6)\n"
	"		cmpwi 8, 0\n"
	"debug_end:	beq debug_top\n"
	"		mtlr 11\n"
	"		blr\n"
	"debug_spin:	nop\n"
	"		b debug_spin\n"
	"debug_pair:	ldarx 3, 0, 9\n"
	"		addi 3, 3, 1\n"
	"		stdcx. 3, 0, 9\n"
	"		bne debug_pair\n"
	"debug_paired:	b debug_spin\n"
	"debug_call:	bl debug_leaf\n"
	"debug_called:	b debug_spin\n"
	"debug_ctr:	bctr\n"
	"debug_leaf:	blr\n"
	"debug_clock:	mftb 3\n"
	"		b debug_spin\n"
	/* Its own: a trap, and the instruction that KVM stops at. */
	"debug_own_trap: trap\n"
	"		b debug_spin\n"
	"debug_own_illegal: .long 0x00dddd00\n"
	"		b debug_spin\n");

/*
 * The first GiB, each address as it is, to everybody: a process table of one
 * entry and a tree of one leaf.  Power ISA 3.0B, book III, 5.7.6 and 5.7.10.
 */
#define TREE_52_BITS (UINT64_C(2) << 61 | 5 << 5)
#define TREE_ROOT    13 /* log2 of its entries */
#define TREE_NEXT    9
#define TREE_VALID   (UINT64_C(1) << 63)
#define TREE_LEAF    (UINT64_C(1) << 62)
#define LEAF_ALL     0x187 /* referenced, changed; read, write, execute */
#define NEW_TABLE    0x1c  /* of radix trees */

static uint64_t process[512] __attribute__((aligned(4096)));
static uint64_t root[1 << TREE_ROOT] __attribute__((aligned(65536)));
static uint64_t leaves[1 << TREE_NEXT] __attribute__((aligned(4096)));

static bool map_all(void)
{
	process[0] =
		__builtin_bswap64(TREE_52_BITS | (uintptr_t)root | TREE_ROOT);
	root[0] = __builtin_bswap64(TREE_VALID | (uintptr_t)leaves | TREE_NEXT);
	leaves[0] = __builtin_bswap64(TREE_VALID | TREE_LEAF | LEAF_ALL);
	arch_mb();
	return hcall(H_PROCESS_TABLE, NEW_TABLE, (uintptr_t)process, 0, 0,
		     NULL) == H_SUCCESS;
}

/* The boot CPU's turns, in user mode. */
static void run_program(struct cell *cell)
{
	uint64_t msr;

	__asm__ volatile("mfmsr %0\n\t"
			 "or %0, %0, %1\n\t"
			 "mtsrr1 %0\n\t"
			 "bcl 20, 31, 1f\n"
			 "1:\tmflr %0\n\t"
			 "addi %0, %0, 2f - 1b\n\t"
			 "mtsrr0 %0\n\t"
			 "rfid\n"
			 "2:"
			 : "=&r"(msr)
			 : "r"((uint64_t)MSR_PROGRAM)
			 : "lr", "memory");
	debug_run(cell, &finish);
	__asm__ volatile("sc" : : : "memory");
}

static void second(void *arg)
{
	debug_run(arg, &finish);
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
}

/* Each turn counted, and each count summed, once. */
static bool right(const struct cell *c)
{
	uint64_t sum = 0;

	for (uint64_t i = 1; i <= c->count; i++)
		sum = sum * 31 + i;
	return c->count && sum == c->sum;
}

int guest_main(void)
{
	bool programs = !pseries.hash && !cmdline_has("kernel") && map_all();

	caught.on = true;
	if (machine.ncpus < 2 || !arch_cpu_start(1, second, &cells[1]))
		return 1;
	printf("debugged: ready, %lx\n", (uintptr_t)watched);
	if (programs)
		run_program(&cells[0]);
	else
		debug_run(&cells[0], &finish);
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
		arch_relax();
	for (unsigned i = 0; i < 2; i++)
		printf("debugged: %lu turns of cpu %u are %s\n", cells[i].count,
		       i, right(&cells[i]) ? "right" : "WRONG");
	return right(&cells[0]) && right(&cells[1]) ? 0 : 1;
}
