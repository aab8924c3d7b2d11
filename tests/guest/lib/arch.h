/* SPDX-License-Identifier: MIT */
/* What each architecture provides to the library and to portable guests. */
#ifndef GUEST_ARCH_H
#define GUEST_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* mmio_read8/16/32(addr), mmio_write8/16/32(addr, value): one such access. */
#include "mmio.h"

/* Fills machine from what the loader left; runs before anything else. */
void arch_boot(void);
/* Makes [base, base + size) accessible at the same virtual address. */
void arch_map(uint64_t base, uint64_t size);
/* Writes bytes to the console that machine.uart names. */
void arch_console_init(void);
void arch_console_write(const char *s, size_t n);
/* The next input byte, or -1. */
int arch_console_read(void);
/* Powers the machine off by means that no table has, or returns. */
void arch_poweroff(void);

/* One line about the CPU, and one about its interrupt controllers. */
void arch_describe(char *cpu, size_t cpu_size, char *irq, size_t irq_size);

/* An entry of the ACPI table MADT, which begins at table. */
void arch_madt(const uint8_t *table, const uint8_t *entry);

/* A counter that runs at a constant rate, and its rate (0: unknown). */
uint64_t arch_ticks(void);
uint64_t arch_ticks_hz(void);
/* Ticks after which an answer does not come: a second, or many. */
uint64_t arch_patience(void);
/* Hints that this CPU waits for another. */
void arch_relax(void);
/* Orders all memory accesses, also against devices. */
void arch_mb(void);
/* Orders reads of memory. */
void arch_rmb(void);

/*
 * Message-signalled interrupts: what a function with this requester id is to
 * write where so that its event raises interrupt n of the guest's own numbers
 * (below 16) on the boot CPU.  False where the machine has none.
 */
struct msi {
	uint64_t addr;
	uint32_t data;
};
bool arch_msi(uint32_t requester, unsigned event, unsigned n, struct msi *m);
/* How often interrupt n has been taken. */
uint32_t arch_irq_count(unsigned n);
void arch_irq_enable(void);
void arch_irq_disable(void);

/* Runs entry(arg) on another CPU (an index into machine.cpu). */
bool arch_cpu_start(unsigned cpu, void (*entry)(void *), void *arg);

/* I/O ports, or what stands for them; size 1, 2, 4. */
uint32_t arch_io_read(uint64_t port, unsigned size);
void arch_io_write(uint64_t port, unsigned size, uint32_t val);

#endif
