// SPDX-License-Identifier: MIT
/*
 * What debuggers in the labs debug: the boot CPU at EL0, with a timer that
 * interrupts it, another CPU at EL1; both around a loop, beside which stand
 * pieces of code for a debugger to send them to.  It ends when somebody sets
 * finish, and says whether every turn of the loop was done once.
 */
#include "arch.h"
#include "arm64.h"
#include "gic.h"
#include "guest.h"

struct cell {
	uint64_t count, sum;
	uint64_t data[6];
};
struct cell cells[2] __attribute__((aligned(64)));
uint64_t watched[64] __attribute__((aligned(512)));
uint32_t finish, ticks, done;
uint64_t mmio, own_data;

void debug_run(struct cell *cell, uint32_t *end);
uint64_t debug_nothing(void *arg, struct frame *f);
void debug_own_hw(void);

/* x0: the cell, x2: where pieces access memory, x9: what they store. */
__asm__(".text\n"
	".globl debug_run, debug_top, debug_end, debug_stores, debug_loads\n"
	".globl debug_spin, debug_pair, debug_paired, debug_own_brk\n"
	".globl debug_own_done, debug_own_hw, debug_own_watch, debug_mmio\n"
	".globl debug_mmio_done, debug_wfi, debug_waited, debug_svc\n"
	".globl debug_clock, debug_called, debug_nothing, debug_fault, "
	"debug_faulted\n"
	"debug_run:	mov x6, x1\n"
	"		mov x4, #31\n"
	"debug_top:	ldr x1, [x0]\n"
	"		add x1, x1, #1\n"
	"		str x1, [x0]\n"
	"		ldr x3, [x0, #8]\n"
	"		madd x3, x3, x4, x1\n"
	"		str x3, [x0, #8]\n"
	"		ldr w5, [x6]\n"
	"debug_end:	cbz w5, debug_top\n"
	"		ret\n"
	"debug_stores:	strb w9, [x2]\n"
	"		strh w9, [x2]\n"
	"		str w9, [x2]\n"
	"		str x9, [x2]\n"
	"		b debug_spin\n"
	"debug_loads:	ldrb w3, [x2]\n"
	"		ldrh w3, [x2]\n"
	"		ldr w3, [x2]\n"
	"		ldr x3, [x2]\n"
	"debug_spin:	nop\n"
	"		b debug_spin\n"
	"debug_pair:	ldxr x3, [x2]\n"
	"		add x3, x3, #1\n"
	"		stxr w5, x3, [x2]\n"
	"		cbnz w5, debug_pair\n"
	"debug_paired:	b debug_spin\n"
	/* An access to a device. */
	"debug_mmio:	ldr w3, [x2]\n"
	"debug_mmio_done: b debug_spin\n"
	"debug_wfi:	wfi\n"
	"debug_waited:	b debug_spin\n"
	"debug_clock:	mrs x3, cntvct_el0\n"
	"		b debug_spin\n"
	/* A call of the kernel, x8: debug_nothing; and a fault there. */
	"debug_svc:	svc #0\n"
	"debug_called:	b debug_spin\n"
	"debug_nothing:	ret\n"
	"debug_fault:	ldr x3, [x2]\n"
	"debug_faulted:	b debug_spin\n"
	/* The guest debugs itself. */
	"debug_own_brk: brk #5\n"
	"debug_own_done: b debug_spin\n"
	"debug_own_hw:	nop\n"
	"		b debug_spin\n"
	"debug_own_watch: str x9, [x2]\n"
	"		b debug_spin\n");

#define DBG_ON_EL0   (1u | 2u << 1)
#define BCR_INSN     (0xfu << 5)
#define WCR_STORE    (2u << 3 | 0xffu << 5)
#define MDSCR_MDE    (1u << 15)
#define TIMER_ON     1u
#define TICKS_SECOND 100

static void rearm(void)
{
	sysreg_write("cntv_tval_el0", arch_ticks_hz() / TICKS_SECOND);
	sysreg_write("cntv_ctl_el0", TIMER_ON);
}

static void tick(uint32_t intid)
{
	(void)intid;
	ticks++;
	rearm();
}

/* A breakpoint and a watchpoint at EL0. */
static uint64_t own_registers(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	sysreg_write("oslar_el1", 0);
	sysreg_write("dbgbvr0_el1", (uintptr_t)debug_own_hw);
	sysreg_write("dbgbcr0_el1", DBG_ON_EL0 | BCR_INSN);
	sysreg_write("dbgwvr0_el1", (uintptr_t)&own_data);
	sysreg_write("dbgwcr0_el1", DBG_ON_EL0 | WCR_STORE);
	sysreg_write("mdscr_el1", sysreg_read("mdscr_el1") | MDSCR_MDE);
	return 0;
}

static uint64_t run_el1(void *arg, struct frame *f)
{
	(void)f;
	debug_run(arg, &finish);
	return 0;
}

static void second(void *arg)
{
	el1_call(run_el1, arg);
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	for (;;)
		cpu_wfi();
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
	mmio = machine.uart.addr + 0x18; /* the flags of a PL011 */
	arch_map(mmio & ~0xfffull, 0x1000);
	caught.on = true;
	el1_call(own_registers, NULL);
	if (machine.ncpus < 2 || !arch_cpu_start(1, second, &cells[1]))
		return 1;
	arch_irq_enable();
	gic_attach(timers.virtual, 1, tick);
	gic_enable(timers.virtual, true);
	rearm();
	printf("debugged: ready, %lx\n", (uintptr_t)watched);
	debug_run(&cells[0], &finish);
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
		arch_relax();
	for (unsigned i = 0; i < 2; i++)
		printf("debugged: %lu turns of cpu %u are %s\n", cells[i].count,
		       i, right(&cells[i]) ? "right" : "WRONG");
	return right(&cells[0]) && right(&cells[1]) ? 0 : 1;
}
