/* SPDX-License-Identifier: MIT */
/* What each architecture provides to the library and to portable guests. */
#ifndef GUEST_ARCH_H
#define GUEST_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the boot information into machine; runs before anything else. */
void arch_boot(void);
/* Makes [base, base + size) accessible at the same virtual address. */
void arch_map(uint64_t base, uint64_t size);
/* Writes bytes to the console that machine.uart names. */
void arch_console_init(void);
void arch_console_write(const char *s, size_t n);
/* The next input byte, or -1. */
int arch_console_read(void);
/* Ends the machine where the command line names a device for it, or returns. */
void arch_exit(int status);

/* One line about the CPU, and one about its interrupt controllers. */
void arch_describe(char *cpu, size_t cpu_size, char *irq, size_t irq_size);

/* A counter that runs at a constant rate, and its rate (0: unknown). */
uint64_t arch_ticks(void);
uint64_t arch_ticks_hz(void);
/* Hints that this CPU waits for another. */
void arch_relax(void);
/* Orders all memory accesses, also against devices. */
void arch_mb(void);

/* Message-signalled interrupts: n (below 16) is the guest's own number. */
uint64_t arch_msi_addr(unsigned cpu);
uint32_t arch_msi_data(unsigned n);
/* How often interrupt n has been taken. */
uint32_t arch_irq_count(unsigned n);
void arch_irq_enable(void);
void arch_irq_disable(void);

/* Runs entry(arg) on another CPU (an index into machine.cpu). */
bool arch_cpu_start(unsigned cpu, void (*entry)(void *), void *arg);

/* Port or memory, by reg.io; size 1, 2, 4. */
struct reg;
uint32_t reg_read(const struct reg *r, unsigned size);
void reg_write(const struct reg *r, unsigned size, uint32_t val);

/* Device memory: one access of just that width. */
static inline uint8_t mmio_read8(uint64_t a)
{
	return *(volatile uint8_t *)(uintptr_t)a;
}
static inline uint16_t mmio_read16(uint64_t a)
{
	return *(volatile uint16_t *)(uintptr_t)a;
}
static inline uint32_t mmio_read32(uint64_t a)
{
	return *(volatile uint32_t *)(uintptr_t)a;
}
static inline void mmio_write8(uint64_t a, uint8_t v)
{
	*(volatile uint8_t *)(uintptr_t)a = v;
}
static inline void mmio_write16(uint64_t a, uint16_t v)
{
	*(volatile uint16_t *)(uintptr_t)a = v;
}
static inline void mmio_write32(uint64_t a, uint32_t v)
{
	*(volatile uint32_t *)(uintptr_t)a = v;
}

#endif
