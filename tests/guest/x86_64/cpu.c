// SPDX-License-Identifier: MIT
/* Boot information, page tables, traps and interrupts of x86_64 guests. */
#include "arch.h"
#include "guest.h"

#include <stdbool.h>

#include "x86.h"

#define PAGE_USER  0x07
#define PAGE_LARGE 0x87
#define RFLAGS_IF  0x200

/* start.S */
extern uint64_t pml4[512], pdpt[512], idt[512], lapic, ap_stack;
extern uint32_t boot_arg, boot_kind, cpu_now, irq_count[32];
extern uint8_t gdt[], gdt_end[], image_end[], exc_stubs[], irq_stubs[];
extern uint8_t ap_trampoline[], ap_trampoline_end[], ap_gdt_ptr[];
struct gdt_ptr {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));
extern struct gdt_ptr gdt_ptr;
void trap_ud(void);
void irq_spurious(void);

void guest_start(void);
void ap_start(void);
void exc_report(const uint64_t *frame);
void machine_main(void);

/* The first 4 GiB, the only tables that exist before alloc() works. */
static uint64_t cpu_pd[4][512] __attribute__((aligned(4096)));
static char cpu_cmdline[1024];

/* --- ring 0: short and plain, see LAB.md of the project */

static uint64_t ring0_reload_cr3(void *arg, uint64_t *frame)
{
	(void)frame;
	__asm__ volatile("mov %0, %%cr3" : : "r"(arg) : "memory");
	return 0;
}

static uint64_t ring0_rdmsr(void *arg, uint64_t *frame)
{
	uint32_t lo, hi;

	(void)frame;
	__asm__ volatile("rdmsr"
			 : "=a"(lo), "=d"(hi)
			 : "c"((uint32_t)(uintptr_t)arg));
	return (uint64_t)hi << 32 | lo;
}

static uint64_t ring0_wrmsr(void *arg, uint64_t *frame)
{
	const uint64_t *a = arg;

	(void)frame;
	__asm__ volatile("wrmsr"
			 :
			 : "c"((uint32_t)a[0]), "a"((uint32_t)a[1]),
			   "d"((uint32_t)(a[1] >> 32))
			 : "memory");
	return 0;
}

static uint64_t ring0_cpuid(void *arg, uint64_t *frame)
{
	struct cpuid *c = arg;

	(void)frame;
	__asm__ volatile("cpuid"
			 : "+a"(c->a), "=b"(c->b), "+c"(c->c), "=d"(c->d));
	return 0;
}

/* Some KVMs refuse sti in ring 3 whatever IOPL is. */
static uint64_t ring0_irq(void *arg, uint64_t *frame)
{
	if (arg)
		frame[2] |= RFLAGS_IF;
	else
		frame[2] &= ~(uint64_t)RFLAGS_IF;
	return 0;
}

static uint64_t ring0_halt(void *arg, uint64_t *frame)
{
	(void)frame;
	(void)arg;
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	return 0;
}

static uint64_t ring0_triple_fault(void *arg, uint64_t *frame)
{
	(void)frame;
	__asm__ volatile("lidt (%0); ud2" : : "r"(arg));
	return 0;
}

/* An access of 16 bytes, locked: x86/kvm/emulate.c leaves it to nobody. */
static uint64_t ring0_cmpxchg16b(void *arg, uint64_t *frame)
{
	uint64_t a = 0, d = 0;

	(void)frame;
	__asm__ volatile("lock cmpxchg16b (%2)"
			 : "+a"(a), "+d"(d)
			 : "r"(arg), "b"(0ull), "c"(0ull)
			 : "memory");
	return a;
}

static uint64_t ring0_read_dr7(void *arg, uint64_t *frame)
{
	uint64_t val;

	(void)arg, (void)frame;
	__asm__ volatile("mov %%dr7, %0" : "=r"(val));
	return val;
}

static uint64_t ring0_write_dr7(void *arg, uint64_t *frame)
{
	(void)frame;
	__asm__ volatile("mov %0, %%dr7" : : "r"(arg));
	return 0;
}

uint64_t msr_read(uint32_t msr)
{
	return ring0_call(ring0_rdmsr, (void *)(uintptr_t)msr);
}

void msr_write(uint32_t msr, uint64_t val)
{
	uint64_t arg[2] = { msr, val };

	ring0_call(ring0_wrmsr, arg);
}

struct cpuid cpuid(uint32_t leaf, uint32_t sub)
{
	struct cpuid c = { .a = leaf, .c = sub };

	ring0_call(ring0_cpuid, &c);
	return c;
}

uint64_t tsc_read(void)
{
	return msr_read(MSR_TSC);
}

void cpu_halt(void)
{
	ring0_call(ring0_halt, NULL);
}

void cpu_triple_fault(void)
{
	struct gdt_ptr none = { 0, 0 };

	ring0_call(ring0_triple_fault, &none);
}

void cpu_defeat_emulation(uint64_t mmio)
{
	ring0_call(ring0_cmpxchg16b, (void *)mmio);
}

uint64_t dr7_read(void)
{
	return ring0_call(ring0_read_dr7, NULL);
}

void dr7_write(uint64_t val)
{
	ring0_call(ring0_write_dr7, (void *)val);
}

/* --- traps */

static void idt_set(unsigned vector, const void *handler)
{
	uint64_t a = (uintptr_t)handler;

	idt[2 * vector] = (a & 0xffff) | 0x08 << 16 | 0x8e00ull << 32 |
			  (a >> 16) << 48;
	idt[2 * vector + 1] = a >> 32;
}

static void idt_init(void)
{
	for (unsigned i = 0; i < 32; i++)
		idt_set(i, exc_stubs + 16 * i);
	idt_set(6, trap_ud);
	for (unsigned i = 0; i < 32; i++)
		idt_set(IRQ_VECTOR + i, irq_stubs + 32 * i);
	idt_set(255, irq_spurious);
}

/* Frame: vector, error code, rip, cs, rflags, rsp, ss. */
void exc_report(const uint64_t *frame)
{
	uint64_t cr2;

	__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	guest_die("exception %lu, error %lx, rip %lx, rsp %lx, cr2 %lx",
		  frame[0], frame[1], frame[2], frame[5], cr2);
}

/* --- memory */

static uint64_t *page_next(uint64_t *entry)
{
	if (!(*entry & 1))
		*entry = (uintptr_t)alloc(4096, 4096) | PAGE_USER;
	return (uint64_t *)(*entry & ~0xfffull & ~(1ull << 63));
}

void arch_map(uint64_t base, uint64_t size)
{
	uint64_t first = base >> 21, last = (base + size - 1) >> 21;

	for (uint64_t n = first; size && n <= last; n++) {
		uint64_t *t, *pd;

		if (n < 4 * 512)
			continue; /* mapped from the start */
		t = page_next(&pml4[n >> 18 & 511]);
		pd = page_next(&t[n >> 9 & 511]);
		if (!pd[n & 511])
			pd[n & 511] = n << 21 | PAGE_LARGE;
	}
}

/*
 * Built aside and linked in four stores: a store to a table in use is slow
 * where KVM shadows them.
 */
static void cpu_map_low(void)
{
	for (uint64_t n = 0; n < 4 * 512; n++)
		cpu_pd[n / 512][n % 512] = n << 21 | PAGE_LARGE;
	for (unsigned i = 0; i < 4; i++)
		pdpt[i] = (uintptr_t)cpu_pd[i] | PAGE_USER;
	ring0_call(ring0_reload_cr3, pml4);
}

/* --- boot information */

static void boot_cmdline(uint64_t gpa)
{
	size_t n = 0;

	for (const char *s = (void *)gpa;
	     gpa && s[n] && n < sizeof(cpu_cmdline) - 1; n++)
		cpu_cmdline[n] = s[n];
	machine.cmdline = cpu_cmdline;
}

/* Xen's hvm_start_info, version 1. */
static void boot_pvh(const uint8_t *info)
{
	const uint8_t *map = (void *)get64(info + 40);

	machine.entry = "PVH";
	boot_cmdline(get64(info + 24));
	machine.rsdp = get64(info + 32);
	if (get32(info + 4) >= 1)
		for (uint32_t i = 0; i < get32(info + 48); i++, map += 24)
			mem_add(get64(map), get64(map + 8), get32(map + 16));
}

/* Linux's boot_params (Documentation/arch/x86/zero-page.rst). */
static void boot_linux(const uint8_t *params)
{
	machine.entry = "Linux, 64 bit";
	boot_cmdline(get32(params + 0x228) | (uint64_t)get32(params + 0x0c8)
						     << 32);
	machine.rsdp = get64(params + 0x070);
	for (unsigned i = 0; i < params[0x1e8]; i++) {
		const uint8_t *e = params + 0x2d0 + 20 * i;

		mem_add(get64(e), get64(e + 8), get32(e + 16));
	}
}

/* The Multiboot Specification, version 0.6.96, 3.3. */
static void boot_multiboot(const uint8_t *info)
{
	uint64_t map = get32(info + 48), end = map + get32(info + 44);

	machine.entry = "Multiboot 1";
	boot_cmdline(get32(info + 16));
	for (; map < end; map += get32((void *)map) + 4) {
		const uint8_t *e = (void *)map;

		mem_add(get64(e + 4), get64(e + 12), get32(e + 20));
	}
}

/* Loaders that give no pointer leave it where a BIOS would. */
static uint64_t boot_find_rsdp(void)
{
	for (uint64_t a = 0xe0000; a < 0x100000; a += 16)
		if (!memcmp((void *)a, "RSD PTR ", 8))
			return a;
	return 0;
}

void arch_boot(void)
{
	const uint8_t *arg = (void *)(uintptr_t)boot_arg;

	machine.image_end = (uintptr_t)image_end;
	switch (boot_kind) {
	case 1: boot_pvh(arg); break;
	case 2: boot_multiboot(arg); break;
	default: boot_linux(arg);
	}
	if (!machine.rsdp)
		machine.rsdp = boot_find_rsdp();
	acpi_read();
}

void guest_start(void)
{
	idt_init();
	cpu_map_low();
	machine_main();
}

/* --- interrupts */

struct apics apics;

void arch_madt(const uint8_t *t, const uint8_t *e)
{
	if (!apics.lapic) {
		apics.lapic = get32(t + 36);
		apics.pic = t[40] & 1;
	}
	if (e[0] == 0 && (e[4] & 1) && machine.ncpus < MAX_CPUS)
		machine.cpu[machine.ncpus++] = e[3];
	else if (e[0] == 9 && (e[8] & 1) && machine.ncpus < MAX_CPUS)
		machine.cpu[machine.ncpus++] = get32(e + 4);
	else if (e[0] == 1 && !apics.ioapic) {
		apics.ioapic = get32(e + 4);
		apics.ioapic_gsi = get32(e + 8);
	} else if (e[0] == 5)
		apics.lapic = get64(e + 4);
}

uint32_t lapic_read(uint32_t reg)
{
	return mmio_read32(lapic + reg);
}

void lapic_write(uint32_t reg, uint32_t val)
{
	mmio_write32(lapic + reg, val);
}

void arch_irq_enable(void)
{
	if (apics.pic) {
		outb(0x21, 0xff);
		outb(0xa1, 0xff);
	}
	lapic_write(LAPIC_SVR, 0x1ff);
	ring0_call(ring0_irq, (void *)1);
}

void arch_irq_disable(void)
{
	ring0_call(ring0_irq, NULL);
}

uint32_t arch_irq_count(unsigned n)
{
	return *(volatile uint32_t *)&irq_count[n];
}

bool arch_msi(uint32_t requester, unsigned event, unsigned n, struct msi *m)
{
	(void)requester, (void)event;
	m->addr = 0xfee00000 | (machine.cpu[0] & 0xff) << 12;
	m->data = IRQ_VECTOR + n;
	return true;
}

static void ioapic_write(uint32_t reg, uint32_t val)
{
	mmio_write32(apics.ioapic, reg);
	mmio_write32(apics.ioapic + 0x10, val);
}

void ioapic_route(uint32_t gsi, unsigned n, bool level)
{
	uint32_t pin = gsi - apics.ioapic_gsi;

	ioapic_write(0x11 + 2 * pin, machine.cpu[0] << 24);
	ioapic_write(0x10 + 2 * pin, (IRQ_VECTOR + n) | level << 15);
}

bool ioapic_masked(uint32_t gsi)
{
	mmio_write32(apics.ioapic, 0x10 + 2 * (gsi - apics.ioapic_gsi));
	return mmio_read32(apics.ioapic + 0x10) >> 16 & 1;
}

void ioapic_mask(uint32_t gsi)
{
	ioapic_write(0x10 + 2 * (gsi - apics.ioapic_gsi), 1 << 16);
}

/* --- time */

uint64_t arch_ticks(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

void arch_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

void arch_mb(void)
{
	__asm__ volatile("mfence" : : : "memory");
}

void arch_rmb(void)
{
	__asm__ volatile("" : : : "memory");
}

/* A second, even at 5 GHz. */
uint64_t arch_patience(void)
{
	return 100000000000; /* most of a minute */
}

/* --- other CPUs */

struct ap {
	uint8_t gdt[128];
	uint8_t tss[104 + 8192]; /* with an I/O bitmap of zeros */
	uint8_t trap_stack[4096] __attribute__((aligned(16)));
	uint8_t user_stack[16384] __attribute__((aligned(16)));
};
static void (*volatile ap_entry)(void *);
static void *volatile ap_arg;
static volatile bool ap_alive;

void ap_start(void)
{
	void (*entry)(void *) = ap_entry;
	void *arg = ap_arg;

	ap_alive = true;
	entry(arg);
	for (;;)
		arch_relax();
}

static void ap_prepare(struct ap *ap)
{
	uint8_t *d = ap->gdt + 0x28;
	uint64_t tss = (uintptr_t)ap->tss;

	memcpy(ap->gdt, gdt, gdt_end - gdt);
	d[2] = tss;
	d[3] = tss >> 8;
	d[4] = tss >> 16;
	d[5] = 0x89; /* available, not busy as ours is */
	d[7] = tss >> 24;
	tss = (uintptr_t)ap->trap_stack + sizeof(ap->trap_stack);
	memcpy(ap->tss + 4, &tss, 8); /* RSP0 */
	ap->tss[102] = 104;
	ap_stack = (uintptr_t)ap->user_stack + sizeof(ap->user_stack) - 8;
	gdt_ptr.base = (uintptr_t)ap->gdt;
}

bool arch_cpu_start(unsigned cpu, void (*entry)(void *), void *arg)
{
	uint64_t page = 0x8000;
	uint64_t start;

	ap_prepare(alloc(sizeof(struct ap), 4096));
	memcpy((void *)page, ap_trampoline, ap_trampoline_end - ap_trampoline);
	ap_entry = entry;
	ap_arg = arg;
	ap_alive = false;
	cpu_now = cpu;
	arch_mb();
	lapic_write(LAPIC_ICR + 0x10, machine.cpu[cpu] << 24);
	lapic_write(LAPIC_ICR, 0x4500); /* INIT, assert */
	lapic_write(LAPIC_ICR + 0x10, machine.cpu[cpu] << 24);
	lapic_write(LAPIC_ICR, 0x4600 | page >> 12); /* start-up */
	start = arch_ticks();
	while (!ap_alive && arch_ticks() - start < 2 * arch_patience())
		arch_relax();
	return ap_alive;
}
