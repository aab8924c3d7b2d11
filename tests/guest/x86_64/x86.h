/* SPDX-License-Identifier: MIT */
/* What only x86_64 guests use: ports, registers, ring 0, the local APIC. */
#ifndef GUEST_X86_H
#define GUEST_X86_H

#include <stdbool.h>
#include <stdint.h>

#define MSR_TSC		 0x10
#define MSR_TSC_DEADLINE 0x6e0
#define LAPIC_ID	 0x020
#define LAPIC_TPR	 0x080
#define LAPIC_SVR	 0x0f0
#define LAPIC_ICR	 0x300
#define LAPIC_LVT_TIMER	 0x320
#define LAPIC_TIMER_INIT 0x380
#define LAPIC_TIMER_NOW	 0x390
#define LAPIC_TIMER_DIV	 0x3e0
#define IRQ_VECTOR	 0x20 /* interrupt n of arch.h */

static inline uint8_t inb(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline void outb(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}
static inline uint16_t inw(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline void outw(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}
static inline uint32_t inl(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}
static inline void outl(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

struct cpuid {
	uint32_t a, b, c, d;
};

/*
 * Asked in ring 0: some KVMs let ring 3 see the host's CPUID.  Likewise rdtsc
 * there may lack the VM's offset; tsc_read() has it.
 */
struct cpuid cpuid(uint32_t leaf, uint32_t sub);
uint64_t tsc_read(void);

/*
 * Runs fn in ring 0, interrupts off.  frame is what it returns to: rip, cs,
 * rflags, rsp, ss.
 */
uint64_t ring0_call(uint64_t (*fn)(void *arg, uint64_t *frame), void *arg);
uint64_t msr_read(uint32_t msr);
void msr_write(uint32_t msr, uint64_t val);
/* Halts until the next interrupt. */
void cpu_halt(void);
/* Loads an empty interrupt table and traps: the CPU shuts down. */
void cpu_triple_fault(void);
/* Does to a device's address what no KVM emulates. */
void cpu_defeat_emulation(uint64_t mmio);
uint64_t dr7_read(void);
void dr7_write(uint64_t val);

/* What the MADT says of the interrupt chips; 0: there is none. */
struct apics {
	uint64_t lapic;
	uint64_t ioapic;
	uint32_t ioapic_gsi; /* of its pin 0 */
	bool pic;	     /* also the PC's two 8259s */
};
extern struct apics apics;

uint32_t lapic_read(uint32_t reg);
void lapic_write(uint32_t reg, uint32_t val);
/* Points an IOAPIC pin at interrupt n on the boot CPU; level-triggered if so.
 */
void ioapic_route(uint32_t gsi, unsigned n, bool level);
void ioapic_mask(uint32_t gsi);
bool ioapic_masked(uint32_t gsi);

#endif
