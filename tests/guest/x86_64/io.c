// SPDX-License-Identifier: MIT
/* The 16550 console, generic registers, and the ways out of an x86 machine. */
#include "arch.h"
#include "guest.h"

#include "x86.h"

#define UART_THR 0
#define UART_FCR 2
#define UART_LSR 5
#define LSR_DR	 0x01
#define LSR_THRE 0x20

static unsigned uart_fifo = 1;

uint32_t arch_io_read(uint64_t port, unsigned size)
{
	return size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
}

void arch_io_write(uint64_t port, unsigned size, uint32_t val)
{
	if (size == 1)
		outb(port, val);
	else if (size == 2)
		outw(port, val);
	else
		outl(port, val);
}

static uint32_t uart_read(unsigned n)
{
	struct reg r = { machine.uart.io, machine.uart.addr + n };

	return reg_read(&r, 1);
}

static void uart_write(unsigned n, uint8_t v)
{
	struct reg r = { machine.uart.io, machine.uart.addr + n };

	reg_write(&r, 1, v);
}

void arch_console_init(void)
{
	if (!machine.uart.addr)
		machine.uart = (struct reg){ true, 0x3f8 };
	uart_write(UART_FCR, 1);
	if (uart_read(UART_FCR) >> 6 == 3)
		uart_fifo = 16;
}

/* One status read fills the whole FIFO: exits are dear on some hosts. */
void arch_console_write(const char *s, size_t n)
{
	if (!machine.uart.addr)
		return;
	while (n) {
		while (!(uart_read(UART_LSR) & LSR_THRE))
			arch_relax();
		for (unsigned i = 0; i < uart_fifo && n; i++, n--)
			uart_write(UART_THR, *s++);
	}
}

int arch_console_read(void)
{
	return uart_read(UART_LSR) & LSR_DR ? (int)uart_read(0) : -1;
}

/* Every x86 machine has this in its tables. */
void arch_poweroff(void)
{
}

/* KVM's paravirtual clock: the TSC's rate from its page (MSR_KVM_SYSTEM_TIME).
 */
static uint64_t tsc_hz_kvm(void)
{
	static volatile uint32_t page[8] __attribute__((aligned(4096)));
	struct cpuid c = cpuid(0x40000000, 0);
	uint64_t hz;
	int8_t shift;

	if (c.b != 0x4b4d564b || !(cpuid(0x40000001, 0).a & 1 << 3))
		return 0;
	msr_write(0x4b564d01, (uintptr_t)page | 1);
	for (unsigned i = 0; i < 1000 && (!page[6] || (page[0] & 1)); i++)
		arch_relax();
	if (!page[6])
		return 0;
	/* ns = (ticks << shift) * mul >> 32 */
	shift = page[7] & 0xff;
	hz = (1000000000ull << 32) / page[6];
	return shift < 0 ? hz << -shift : hz >> shift;
}

uint64_t arch_ticks_hz(void)
{
	static uint64_t hz;
	struct cpuid c;

	if (hz)
		return hz;
	if (cpuid(0, 0).a >= 0x15) {
		c = cpuid(0x15, 0);
		if (c.a && c.b && c.c)
			hz = (uint64_t)c.c * c.b / c.a;
	}
	if (!hz)
		hz = tsc_hz_kvm();
	return hz;
}

/* Names come in registers; trailing blanks go. */
static char *cpuid_text(char *buf, const uint32_t *reg, unsigned n)
{
	memcpy(buf, reg, 4 * n);
	buf[4 * n] = 0;
	for (size_t i = strlen(buf); i && buf[i - 1] == ' '; i--)
		buf[i - 1] = 0;
	while (*buf == ' ')
		buf++;
	return buf;
}

void arch_describe(char *cpu, size_t cpu_size, char *irq, size_t irq_size)
{
	struct cpuid v = cpuid(0, 0), f = cpuid(1, 0), h = { 0 };
	struct cpuid brand[3] = { { 0 } };
	uint32_t vendor[3] = { v.b, v.d, v.c };
	char name[49], maker[13], hyper[13];
	unsigned family = f.a >> 8 & 15;

	if (cpuid(0x80000000, 0).a >= 0x80000004)
		for (unsigned i = 0; i < 3; i++)
			brand[i] = cpuid(0x80000002 + i, 0);
	if (f.c >> 31)
		h = cpuid(0x40000000, 0);
	snprintf(cpu, cpu_size, "%s, family %x model %x, under %s",
		 brand[0].a ? cpuid_text(name, &brand[0].a, 12)
			    : cpuid_text(maker, vendor, 3),
		 family == 15 ? family + (f.a >> 20 & 0xff) : family,
		 (f.a >> 4 & 15) | (f.a >> 12 & 0xf0),
		 cpuid_text(hyper, &h.b, 3));
	snprintf(irq, irq_size, "%sAPIC %lx, IOAPIC %lx from GSI %u",
		 f.c & 1 << 21 ? "x2" : "", apics.lapic, apics.ioapic,
		 apics.ioapic_gsi);
}
