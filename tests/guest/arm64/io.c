// SPDX-License-Identifier: MIT
/* The PL011 console, and ports behind the PCI host's I/O window. */
#include "arch.h"
#include "guest.h"

#define UART_DR	  0x00
#define UART_FR	  0x18
#define UART_LCRH 0x2c
#define UART_CR	  0x30
#define FR_RXFE	  0x10
#define FR_TXFF	  0x20
#define FR_TXFE	  0x80
#define UART_FIFO 16

void arch_console_init(void)
{
	if (!machine.uart.addr)
		return;
	mmio_write32(machine.uart.addr + UART_CR, 0);
	mmio_write32(machine.uart.addr + UART_LCRH, 0x70); /* 8 bits, FIFO */
	mmio_write32(machine.uart.addr + UART_CR, 0x301);
}

/* One status read fills an empty FIFO: exits are dear. */
void arch_console_write(const char *s, size_t n)
{
	uint64_t uart = machine.uart.addr;

	while (uart && n) {
		uint32_t fr = mmio_read32(uart + UART_FR);
		unsigned room = fr & FR_TXFE ? UART_FIFO : !(fr & FR_TXFF);

		for (; room && n; room--, n--)
			mmio_write32(uart + UART_DR, (uint8_t)*s++);
	}
}

int arch_console_read(void)
{
	uint64_t uart = machine.uart.addr;

	if (!uart || mmio_read32(uart + UART_FR) & FR_RXFE)
		return -1;
	return (uint8_t)mmio_read32(uart + UART_DR);
}

uint32_t arch_io_read(uint64_t port, unsigned size)
{
	struct reg r = { false, machine.pci_io_cpu + port };

	return machine.pci_io_cpu ? reg_read(&r, size) : ~0u;
}

void arch_io_write(uint64_t port, unsigned size, uint32_t val)
{
	struct reg r = { false, machine.pci_io_cpu + port };

	if (machine.pci_io_cpu)
		reg_write(&r, size, val);
}
