// SPDX-License-Identifier: MIT
/* Boot information, firmware, device memory and the console of ia64 guests. */
#include "arch.h"
#include "guest.h"

#define UNCACHED     (1ull << 63)
#define SAL_READ     0x01000010
#define SAL_WRITE    0x01000011
#define SAL_EXTENDED 1 /* 12 bits of register in an address */
#define EFI_RESET    (24 + 8 * 10)
#define EFI_SHUTDOWN 2
#define LSR	     5 /* of a 16550 */
#define LSR_DATA     1
#define LSR_EMPTY    0x20
#define SAPIC	     0xfee00000
#define VECTOR	     0x40 /* of interrupt 0 */
#define IRQS	     16
#define SPURIOUS     15
#define LSAPIC	     7 /* of the MADT */

/* What r28 leads to, as far as it is of use. */
struct boot_param {
	uint64_t cmdline, systab, memmap, memmap_size, memdesc_size;
};

/* A function of firmware, as pointers to functions lead to it. */
struct entry {
	uint64_t ip, gp;
};

/* What SAL returns, in r8 to r11. */
struct sal_ret {
	int64_t status;
	uint64_t v[3];
};
typedef struct sal_ret sal_fn(uint64_t nr, uint64_t a, uint64_t b, uint64_t c,
			      uint64_t d, uint64_t e, uint64_t f, uint64_t g);
typedef void reset_fn(uint64_t how, uint64_t status, uint64_t size,
		      uint64_t data);

extern uint8_t image_end[];
static struct entry sal_entry, reset_entry;

void guest_start(const struct boot_param *p);
void interruption(uint64_t vector, uint64_t ip, uint64_t addr, uint64_t isr);
void machine_main(void);

/* --- firmware */

/* A function of firmware; the compiler is not to know that it is data. */
static void *function(const struct entry *e)
{
	void *fn;

	__asm__("mov %0 = %1" : "=r"(fn) : "r"(e));
	return fn;
}

static sal_fn *sal(void)
{
	return function(&sal_entry);
}

static void find_sal(void)
{
	/* eb9d2d32-2d88-11d3-9a16-0090273fc14d */
	static const uint8_t guid[16] = { 0x32, 0x2d, 0x9d, 0xeb, 0x88, 0x2d,
					  0xd3, 0x11, 0x9a, 0x16, 0x00, 0x90,
					  0x27, 0x3f, 0xc1, 0x4d };
	const uint8_t *table = (void *)machine.efi.table;
	const uint8_t *config = (void *)get64(table + 112), *systab;

	for (uint64_t i = get64(table + 104); i; i--, config += 24) {
		if (memcmp(config, guid, 16))
			continue;
		systab = (void *)get64(config + 16);
		/* its first entry says where SAL is: SAL 3.2.1 */
		sal_entry.ip = get64(systab + 96 + 16);
		sal_entry.gp = get64(systab + 96 + 24);
	}
}

/* Looked up early: EFI's tables may be what a guest lets devices write to. */
static void find_reset(void)
{
	const uint8_t *table = (void *)machine.efi.table;
	const uint8_t *runtime = (void *)get64(table + 88);
	const uint8_t *entry = (void *)get64(runtime + EFI_RESET);

	reset_entry.ip = get64(entry);
	reset_entry.gp = get64(entry + 8);
}

void arch_poweroff(void)
{
	reset_fn *reset = function(&reset_entry);

	reset(EFI_SHUTDOWN, 0, 0, 0);
}

/* --- boot information */

void arch_boot(void)
{
	efi_read();
	mem_reserve(machine.efi.map, machine.efi.map_size);
	mem_reserve((uintptr_t)machine.cmdline, strlen(machine.cmdline) + 1);
	find_sal();
	find_reset();
	acpi_read();
	machine.ecam = PCI_CONFIG;
}

void guest_start(const struct boot_param *p)
{
	machine.entry = "Linux, ia64";
	machine.image_end = (uintptr_t)image_end;
	machine.cmdline = (const char *)p->cmdline;
	machine.efi.table = p->systab;
	machine.efi.map = p->memmap;
	machine.efi.map_size = p->memmap_size;
	machine.efi.desc_size = p->memdesc_size;
	machine_main();
}

void arch_madt(const uint8_t *table, const uint8_t *entry)
{
	(void)table;
	if (entry[0] == LSAPIC && (get32(entry + 8) & 1) &&
	    machine.ncpus < MAX_CPUS)
		machine.cpu[machine.ncpus++] = entry[3] << 8 | entry[4];
}

void arch_describe(char *cpu, size_t cpu_size, char *irq, size_t irq_size)
{
	snprintf(cpu, cpu_size, "IA-64");
	snprintf(irq, irq_size, "SAPIC");
}

void interruption(uint64_t vector, uint64_t ip, uint64_t addr, uint64_t isr)
{
	guest_die("interruption %lx at %lx, address %lx, ISR %lx", vector, ip,
		  addr, isr);
}

/* --- time and order */

uint64_t arch_ticks(void)
{
	uint64_t v;

	__asm__ volatile("mov %0 = ar.itc" : "=r"(v) : : "memory");
	return v;
}

uint64_t arch_ticks_hz(void)
{
	return 1000000000;
}

uint64_t arch_patience(void)
{
	return 60 * arch_ticks_hz();
}

void arch_relax(void)
{
	__asm__ volatile("hint @pause" : : : "memory");
}

void arch_mb(void)
{
	__asm__ volatile("mf" : : : "memory");
}

void arch_rmb(void)
{
	arch_mb();
}

/* --- memory and ports: physical mode reaches everything */

void arch_map(uint64_t base, uint64_t size)
{
	(void)base, (void)size;
}

uint64_t mmio_read(uint64_t addr, unsigned size)
{
	struct sal_ret r;

	if (addr >= PCI_CONFIG) {
		r = sal()(SAL_READ, addr - PCI_CONFIG, size, SAL_EXTENDED, 0, 0,
			  0, 0);
		return r.status ? ~0ull : r.v[0];
	}
	addr |= UNCACHED;
	switch (size) {
	case 1: return *(volatile uint8_t *)addr;
	case 2: return *(volatile uint16_t *)addr;
	case 4: return *(volatile uint32_t *)addr;
	default: return *(volatile uint64_t *)addr;
	}
}

void mmio_write(uint64_t addr, unsigned size, uint64_t val)
{
	if (addr >= PCI_CONFIG) {
		sal()(SAL_WRITE, addr - PCI_CONFIG, size, val, SAL_EXTENDED, 0,
		      0, 0);
		return;
	}
	addr |= UNCACHED;
	switch (size) {
	case 1: *(volatile uint8_t *)addr = val; break;
	case 2: *(volatile uint16_t *)addr = val; break;
	case 4: *(volatile uint32_t *)addr = val; break;
	default: *(volatile uint64_t *)addr = val;
	}
}

/* Four ports a page: SDM 2:10.7. */
static uint64_t port_at(uint64_t port)
{
	return machine.pci_io_cpu + (port >> 2 << 12 | (port & 0xfff));
}

uint32_t arch_io_read(uint64_t port, unsigned size)
{
	return machine.pci_io_cpu ? mmio_read(port_at(port), size) : ~0u;
}

void arch_io_write(uint64_t port, unsigned size, uint32_t val)
{
	if (machine.pci_io_cpu)
		mmio_write(port_at(port), size, val);
}

/* --- the console, a 16550 */

void arch_console_init(void)
{
}

void arch_console_write(const char *s, size_t n)
{
	uint64_t uart = machine.uart.addr;

	for (; uart && n; n--) {
		while (!(mmio_read8(uart + LSR) & LSR_EMPTY))
			;
		mmio_write8(uart, *s++);
	}
}

int arch_console_read(void)
{
	uint64_t uart = machine.uart.addr;

	if (!uart || !(mmio_read8(uart + LSR) & LSR_DATA))
		return -1;
	return mmio_read8(uart);
}

/*
 * --- interrupts: masked by PSR.i, they wait in the SAPIC until they are asked
 * for
 */

static uint32_t taken[IRQS];

bool arch_msi(uint32_t requester, unsigned event, unsigned n, struct msi *m)
{
	uint64_t lid;

	(void)requester, (void)event;
	__asm__ volatile("mov %0 = cr.lid" : "=r"(lid));
	/* SDM 2:5.8.4: identifier and EID in bits 19:4 */
	*m = (struct msi){ SAPIC | (lid >> 16 & 0xffff) << 4, VECTOR + n };
	return true;
}

uint32_t arch_irq_count(unsigned n)
{
	uint64_t v;

	for (;;) {
		__asm__ volatile("mov %0 = cr.ivr" : "=r"(v) : : "memory");
		if (v == SPURIOUS)
			return taken[n];
		if (v - VECTOR < IRQS)
			taken[v - VECTOR]++;
		__asm__ volatile("mov cr.eoi = r0\n\t;;\n\tsrlz.d"
				 :
				 :
				 : "memory");
	}
}

void arch_irq_enable(void)
{
}

void arch_irq_disable(void)
{
}

/* --- these guests have one CPU */

bool arch_cpu_start(unsigned cpu, void (*entry)(void *), void *arg)
{
	(void)cpu, (void)entry, (void)arg;
	return false;
}
