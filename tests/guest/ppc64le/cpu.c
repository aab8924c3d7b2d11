// SPDX-License-Identifier: MIT
/* Boot information, traps, time and other CPUs of ppc64le guests. */
#include "arch.h"
#include "fdt.h"
#include "guest.h"
#include "mmio.h"
#include "ppc64.h"

#define STACK 32768

#define VECTOR_SYSTEM_RESET 0x100
#define VECTOR_EXTERNAL	    0x500
#define VECTOR_DECREMENTER  0x900
#define VECTOR_SYSCALL	    0xc00
#define MODE_ENDIAN	    4 /* H_SET_MODE's resource */

extern uint8_t image_end[];
struct caught caught;
struct pseries pseries;
volatile uint32_t decrementers, system_resets;

static struct fdt_node rtas_node;

void guest_start(const void *fdt);
void trap(struct frame *f, uint64_t vector);
void cpu_start(void); /* start.S */
struct started;
void cpu_main(struct started *s);
void machine_main(void);

uint8_t boot_stack[STACK] __attribute__((aligned(16)));
__asm__(".globl boot_stack_top\n.set boot_stack_top, boot_stack + 32768");

#define mfspr(n)                                              \
	({                                                    \
		uint64_t v_;                                  \
		__asm__ volatile("mfspr %0, " #n : "=r"(v_)); \
		v_;                                           \
	})

/* --- traps */

/* Called by the vectors. */
void trap(struct frame *f, uint64_t vector)
{
	if (vector == VECTOR_EXTERNAL) {
		xics_irq();
	} else if (vector == VECTOR_DECREMENTER) {
		__asm__ volatile("mtdec %0" : : "r"(0x7fffffff));
		decrementers++;
	} else if (vector == VECTOR_SYSTEM_RESET) {
		__atomic_fetch_add(&system_resets, 1, __ATOMIC_SEQ_CST);
	} else if (vector == VECTOR_SYSCALL) {
		f->msr &= ~(uint64_t)MSR_PROGRAM;
	} else if (caught.on) {
		caught.vector = vector;
		caught.count++;
		f->pc += 4;
	} else {
		guest_die("interrupt %lx at pc %lx, msr %lx, lr %lx, dar %lx",
			  vector, f->pc, f->msr, f->lr, mfspr(19));
	}
}

void cpu_irq(bool on)
{
	uint64_t msr;

	__asm__ volatile("mfmsr %0" : "=r"(msr) : : "memory");
	msr = on ? msr | MSR_EE : msr & ~(uint64_t)MSR_EE;
	__asm__ volatile("mtmsrd %0, 1" : : "r"(msr) : "memory");
}

void arch_irq_enable(void)
{
	cpu_irq(true);
}

void arch_irq_disable(void)
{
	cpu_irq(false);
}

/* --- boot information */

uint32_t rtas_token(const char *name)
{
	return fdt_u32(&rtas_node, name, 0);
}

static void boot_phb(const struct fdt_node *n)
{
	uint32_t len;
	const void *p = fdt_prop(n, "reg", &len);

	if (!p || len < 8)
		return;
	machine.phb = fdt_cells(p, 2);
	machine.ecam = PCI_CONFIG;
	fdt_pci_windows(n);
}

void arch_fdt_node(const struct fdt_node *n)
{
	uint32_t len;
	const void *p;

	if (!strcmp(n->name, "rtas")) {
		rtas_node = *n;
	} else if (!strcmp(fdt_string(n, "device_type"), "cpu")) {
		pseries.hz = fdt_u32(n, "timebase-frequency", 0);
		pseries.hash = fdt_prop(n, "ibm,pft-size", NULL);
	} else if (fdt_is(n, "IBM,Logical_PHB")) {
		boot_phb(n);
	} else if (fdt_is(n, "hvterm1") && !pseries.vty) {
		pseries.vty = fdt_u32(n, "reg", 0);
		pseries.vty_irq = arch_fdt_irq(n, 0);
	}
	p = fdt_prop(n, "ibm,my-dma-window", &len);
	if (p && len >= 4)
		pseries.vio_liobn = fdt_cells(p, 1);
}

/* The first cell of a specifier is the source's number. */
uint32_t arch_fdt_irq(const struct fdt_node *n, unsigned i)
{
	uint32_t len;
	const uint8_t *p = fdt_prop(n, "interrupts", &len);

	return p && len >= 8 * (i + 1) ? fdt_cells(p + 8 * i, 1) : 0;
}

void arch_boot(void)
{
	machine.entry = "Linux, ppc64le";
	machine.image_end = (uintptr_t)image_end;
	machine.sleep_type = -1;
	if (fdt_read_chosen())
		fdt_read();
}

void arch_madt(const uint8_t *table, const uint8_t *entry)
{
	(void)table, (void)entry;
}

/* Interrupts come in this byte order from the first one on. */
void guest_start(const void *fdt)
{
	machine.fdt = fdt;
	hcall(H_SET_MODE, 1, MODE_ENDIAN, 0, 0, NULL);
	machine_main();
}

void arch_poweroff(void)
{
	rtas3("power-off", 2, ~0u, ~0u, 0);
}

/* --- time */

uint64_t arch_ticks(void)
{
	return mfspr(268);
}

uint64_t arch_ticks_hz(void)
{
	return pseries.hz;
}

/* An emulated host on a busy machine answers late. */
uint64_t arch_patience(void)
{
	return 60 * arch_ticks_hz();
}

void arch_relax(void)
{
	__asm__ volatile("or 1, 1, 1\n\tor 2, 2, 2" : : : "memory");
}

void arch_mb(void)
{
	__asm__ volatile("sync" : : : "memory");
}

void arch_rmb(void)
{
	__asm__ volatile("lwsync" : : : "memory");
}

/* --- other CPUs */

struct started {
	uint64_t sp, index; /* start.S knows the layout so far */
	void (*entry)(void *);
	void *arg;
	volatile bool alive;
	uint8_t stack[STACK] __attribute__((aligned(16)));
};

void cpu_main(struct started *s)
{
	s->alive = true;
	s->entry(s->arg);
	for (;;)
		hcall(H_CEDE, 0, 0, 0, 0, NULL);
}

bool arch_cpu_start(unsigned cpu, void (*entry)(void *), void *arg)
{
	struct started *s = alloc(sizeof(*s), 64);
	uint64_t start = arch_ticks();

	s->sp = (uintptr_t)s->stack + STACK;
	s->index = cpu;
	s->entry = entry;
	s->arg = arg;
	arch_mb();
	if (rtas3("start-cpu", 3, machine.cpu[cpu], (uintptr_t)cpu_start,
		  (uintptr_t)s))
		return false;
	while (!s->alive && arch_ticks() - start < arch_patience())
		arch_relax();
	return s->alive;
}

/* --- what it is */

static const char *cpu_name(uint32_t pvr)
{
	static const struct {
		uint16_t version;
		char name[8];
	} names[] = {
		{ 0x4b, "POWER8E" }, { 0x4c, "POWER8N" }, { 0x4d, "POWER8" },
		{ 0x4e, "POWER9" },  { 0x80, "POWER10" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].version == pvr >> 16)
			return names[i].name;
	return "unknown";
}

void arch_describe(char *cpu, size_t cpu_size, char *irq, size_t irq_size)
{
	uint32_t pvr = mfspr(287);

	snprintf(cpu, cpu_size, "%.*s, PVR %08x, %s", 8, cpu_name(pvr), pvr,
		 pseries.hash ? "hash page table" : "radix trees");
	snprintf(irq, irq_size, "XICS, timebase %u Hz", pseries.hz);
}
