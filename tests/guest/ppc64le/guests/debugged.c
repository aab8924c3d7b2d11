// SPDX-License-Identifier: MIT
/*
 * What debuggers in the labs debug: two CPUs around a loop, beside which stand
 * pieces of code for a debugger to send them to.  It ends when somebody sets
 * finish, and says whether every turn of the loop was done once.  All of it
 * runs in real mode, where there are no programs.
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

static void second(void *arg)
{
	debug_run(arg, &finish);
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	for (;;)
		arch_relax();
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
	caught.on = true;
	if (machine.ncpus < 2 || !arch_cpu_start(1, second, &cells[1]))
		return 1;
	printf("debugged: ready, %lx\n", (uintptr_t)watched);
	debug_run(&cells[0], &finish);
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
		arch_relax();
	for (unsigned i = 0; i < 2; i++)
		printf("debugged: %lu turns of cpu %u are %s\n", cells[i].count,
		       i, right(&cells[i]) ? "right" : "WRONG");
	return right(&cells[0]) && right(&cells[1]) ? 0 : 1;
}
