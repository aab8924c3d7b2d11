// SPDX-License-Identifier: MIT
/*
 * What tests/gdbstub/suites and the bench debug: every vCPU in ring 0, around a
 * loop, beside which stand pieces of code for a debugger to send it to.  One of
 * them is a load that ends when somebody sets finish: the guest then says
 * whether each of its turns was done once.
 */
#include "guest.h"

#include "arch.h"
#include "x86.h"

/* Each CPU's own: rdi points there in all of the code below. */
struct cell {
	uint64_t count;
	uint64_t data[7];
};
struct cell cells[2] __attribute__((aligned(64)));
/* What a debugger reads and compares. */
uint8_t pattern[1 << 16] __attribute__((aligned(4096)));
/* How often its own int3 and debug registers hit, and with which DR6 last. */
uint64_t own_int3, own_hits, own_dr6;
/* How many interrupts it took. */
uint64_t own_irqs;
uint64_t own_data;
uint32_t finish, done;

void debug_loop(void);
void debug_int3(void);
void debug_db(void);
void debug_taken(void);

/* Short and plain: some KVMs emulate ring 0. */
__asm__(".text\n"
	".globl debug_loop, debug_top, debug_store, debug_end\n"
	".globl debug_stores, debug_loads, debug_spin, debug_string\n"
	".globl debug_load, debug_load_end\n"
	".globl debug_own_int3, debug_own_done, debug_step_out\n"
	".globl debug_stepped_out, debug_int3, debug_db\n"
	".globl debug_own_set, debug_own_hw, debug_own_watch\n"
	".globl debug_irq, debug_sti, debug_hlt, debug_awake, debug_taken\n"
	"debug_loop:\n"
	"debug_top:	addq $1, (%rdi)\n"
	"debug_store:	movq %rax, 8(%rdi)\n"
	"		nop\n"
	"debug_end:	jmp debug_top\n"
	/* data[0] sums what the turns count. */
	"debug_load:	addq $1, (%rdi)\n"
	"		movq (%rdi), %rax\n"
	"		imulq $31, 8(%rdi), %rcx\n"
	"		addq %rax, %rcx\n"
	"		movq %rcx, 8(%rdi)\n"
	"		cmpl $0, finish\n"
	"debug_load_end: je debug_load\n"
	"		ret\n"
	/* One store, one load of each size, at rsi. */
	"debug_stores:	movb %al, (%rsi)\n"
	"		movw %ax, (%rsi)\n"
	"		movl %eax, (%rsi)\n"
	"		movq %rax, (%rsi)\n"
	"		jmp debug_spin\n"
	"debug_loads:	movb (%rsi), %al\n"
	"		movw (%rsi), %ax\n"
	"		movl (%rsi), %eax\n"
	"		movq (%rsi), %rax\n"
	"debug_spin:	nop\n"
	"		jmp debug_spin\n"
	/* rep, and an instruction that exits to vmm. */
	"debug_string:	rep stosb\n"
	"		jmp debug_spin\n"
	"debug_step_out: inb $0x80, %al\n"
	"debug_stepped_out: jmp debug_spin\n"
	/* An interrupt to itself (SDM 3, 10.6.1), which hlt then need not
	   await. */
	"debug_irq:	movq lapic, %rax\n"
	"		movl $0x1ff, 0xf0(%rax)\n"
	"		movl $0x440f0, 0x300(%rax)\n"
	"debug_sti:	sti\n"
	"debug_hlt:	hlt\n"
	"debug_awake:	nop\n"
	"		cli\n"
	"		jmp debug_spin\n"
	"debug_taken:	pushq %rax\n"
	"		movq lapic, %rax\n"
	"		movl $0, 0xb0(%rax)\n"
	"		addq $1, own_irqs\n"
	"		popq %rax\n"
	"		iretq\n"
	/* The guest debugs itself. */
	"debug_own_int3: int3\n"
	"debug_own_done: jmp debug_spin\n"
	"debug_int3:	addq $1, own_int3\n"
	"		iretq\n"
	/* DR1 breaks at debug_own_hw, DR2 watches 8 bytes for stores. */
	"debug_own_set: movq $debug_own_hw, %rax\n"
	"		movq %rax, %dr1\n"
	"		movq $own_data, %rax\n"
	"		movq %rax, %dr2\n"
	"		movq $0x09000414, %rax\n"
	"		movq %rax, %dr7\n"
	"		jmp debug_spin\n"
	"debug_own_hw:	nop\n"
	"		jmp debug_spin\n"
	"debug_own_watch: movq %rax, own_data\n"
	"		jmp debug_spin\n"
	/* RF: past the instruction that a breakpoint stopped before. */
	"debug_db:	pushq %rax\n"
	"		movq %dr6, %rax\n"
	"		movq %rax, own_dr6\n"
	"		xorl %eax, %eax\n"
	"		movq %rax, %dr6\n"
	"		addq $1, own_hits\n"
	"		orl $0x10000, 24(%rsp)\n"
	"		popq %rax\n"
	"		iretq\n");

extern uint64_t idt[512];

/* An exception's gate, for ring 0. */
static void gate(unsigned vector, void (*handler)(void))
{
	uint64_t a = (uintptr_t)handler;

	idt[2 * vector] = (a & 0xffff) | 0x08 << 16 | 0x8e00ull << 32 |
			  (a >> 16) << 48;
	idt[2 * vector + 1] = a >> 32;
}

static uint64_t enter(void *cell, uint64_t *frame)
{
	(void)frame;
	__asm__ volatile("call debug_loop"
			 : "+D"(cell)
			 :
			 : "rax", "rcx", "rsi", "memory", "cc");
	return 0;
}

static void second(void *cell)
{
	ring0_call(enter, cell);
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
	return c->count && sum == c->data[0];
}

int guest_main(void)
{
	for (unsigned i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 7 + (i >> 8));
	gate(1, debug_db);
	gate(3, debug_int3);
	gate(0xf0, debug_taken);
	arch_irq_enable(); /* the local APIC, which starts CPUs */
	arch_irq_disable();
	if (machine.ncpus > 1 && !arch_cpu_start(1, second, &cells[1]))
		return 1;
	printf("debugged: ready\n");
	ring0_call(enter, &cells[0]);
	while (machine.ncpus > 1 && !__atomic_load_n(&done, __ATOMIC_ACQUIRE))
		arch_relax();
	for (unsigned i = 0; i < 2 && i < machine.ncpus; i++)
		printf("debugged: %lu turns of cpu %u are %s\n", cells[i].count,
		       i, right(&cells[i]) ? "right" : "WRONG");
	return 0;
}
