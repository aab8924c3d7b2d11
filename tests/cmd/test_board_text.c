/* SPDX-License-Identifier: MIT */
/* A board as text: everything it holds appears, once, where it belongs. */
#include "cmd/board_text.h"

#include <stdlib.h>

#include "tests/test.h"

static const struct device_class uart_class = { .name = "uart16550" };
static const struct device_class virtio_class = { .name = "virtio-mmio" };
static const struct device_class blk_class = { .name = "virtio-blk" };
static char file_a[] = "file=a";

static struct board_cpu cpus[2] = { { .hw_id = 0 }, { .hw_id = 2, .core = 1 } };
static struct board_dev devs[] = {
	{ .name = "uart",
	  .class = &uart_class,
	  .space = SPACE_PIO,
	  .base = 0x3f8,
	  .size = 8,
	  .irq = 4 },
	{ .name = "virtio-mmio.0",
	  .class = &virtio_class,
	  .space = SPACE_MMIO,
	  .base = 0xfeb00000,
	  .size = 0x200,
	  .irq = 16,
	  .trigger = TRIGGER_LEVEL,
	  .polarity = POLARITY_LOW,
	  .function = &blk_class,
	  .function_name = "disk0",
	  .function_props = file_a },
	{ .name = "disk",
	  .class = &virtio_class,
	  .space = SPACE_PCI,
	  .props = file_a,
	  .devfn = 3 << 3 | 1,
	  .irq = BOARD_NO_IRQ,
	  .in_kernel = true },
};
static const struct board board = {
	.arch = ARCH_X86_64,
	.machine = "virt",
	.irqchip = "kernel",
	.cpus = cpus,
	.ncpus = 2,
	.sockets = 1,
	.cores = 2,
	.threads = 1,
	.ram = { { .size = 0xc0000000 },
		 { .base = 0x100000000, .size = 0x40000000, .node = 1 } },
	.nram = 2,
	.reserved = { { "boot", 0xa0000, 0x60000 } },
	.nreserved = 1,
	.devs = devs,
	.ndevs = 3,
	.pci = { .present = true,
		 .ecam = { 0xe0000000, 0x10000000 },
		 .buses = 256,
		 .mmio32 = { 0xf0000000, 0xe000000 },
		 .pio = { 0xc000, 0x4000 },
		 .intx = { 20, 21, 22, 23 } },
	.nlines = 24,
	.acpi = { 0xe0000, 0x10000 },
	.phys_bits = 40,
};

static const char *text_of(void (*print)(const struct board *, FILE *))
{
	static char text[4096];
	FILE *f = fmemopen(text, sizeof(text), "w");

	CHECK(f != NULL);
	print(&board, f);
	fclose(f);
	return text;
}

TEST(memmap_is_sorted_and_complete)
{
	CHECK_STR(text_of(board_print_memmap),
		  "Memory\n"
		  "  0x000000000000       3 GiB  RAM\n"
		  "  0x0000000a0000     384 KiB  boot\n"
		  "  0x0000000e0000      64 KiB  ACPI tables\n"
		  "  0x0000e0000000     256 MiB  PCI ECAM\n"
		  "  0x0000f0000000     224 MiB  PCI window, 32-bit\n"
		  "  0x0000feb00000   512 bytes  virtio-mmio.0\n"
		  "  0x000100000000       1 GiB  RAM\n"
		  "I/O ports\n"
		  "  0x03f8     8 bytes  uart\n"
		  "  0xc000      16 KiB  PCI window, I/O\n");
}

TEST(board_text_tells_all)
{
	CHECK_STR(text_of(board_print),
		  "machine: virt for x86_64\n"
		  "irqchip: kernel, lines 24\n"
		  "cpus: 2; sockets 1, cores 2, threads 1\n"
		  "  cpu 0: id 0x0, socket 0, core 0, thread 0, node 0\n"
		  "  cpu 1: id 0x2, socket 0, core 1, thread 0, node 0\n"
		  "memory: 40-bit addresses\n"
		  "  ram: base 0x0, size 0xc0000000, node 0\n"
		  "  ram: base 0x100000000, size 0x40000000, node 1\n"
		  "  reserved: base 0xa0000, size 0x60000, boot\n"
		  "  acpi: base 0xe0000, size 0x10000\n"
		  "pci: buses 256, INTA to INTD 20 21 22 23\n"
		  "  ecam: base 0xe0000000, size 0x10000000\n"
		  "  mmio32: base 0xf0000000, size 0xe000000\n"
		  "  pio: base 0xc000, size 0x4000\n"
		  "devices: 3\n"
		  "  uart: class uart16550, port base 0x3f8, size 0x8, irq 4 "
		  "edge high\n"
		  "  virtio-mmio.0: class virtio-mmio, mmio base 0xfeb00000, "
		  "size 0x200, irq 16 level low; disk0: class virtio-blk, "
		  "file=a\n"
		  "  disk: class virtio-mmio, pci 00:03.1, in KVM, file=a\n");
}
