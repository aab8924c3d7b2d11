// SPDX-License-Identifier: MIT
/*
 * The x86_64 platform from inside: memory map, tables, ports, timers,
 * interrupts, CPUs, and every way to end or restart the machine.
 *
 * Command line: mem=BYTES and cpus=N as vmm was told; rtc=SECONDS of the epoch
 * about now; end=HOW ends the machine otherwise than by power-off: acpi, i8042,
 * cf9 and triple reset it, panic is pvpanic's, exit=N goes by isa-debug-exit,
 * emulate is an instruction that KVM cannot carry out.
 * debugcon, pit: there is one.
 * twice: resets once, which the first disk remembers, then powers off.
 */
#include "arch.h"
#include "checks.h"
#include "guest.h"
#include "x86.h"

#define WAIT arch_patience()

/*
 * The Multiboot header: no features, the ELF file says where to load.  Not in
 * every guest, for QEMU takes no 64-bit file that has one.
 */
const uint32_t multiboot_header[]
	__attribute__((section(".text.multiboot"), used)) = { 0x1badb002, 0,
							      -0x1badb002u };

static bool wait_irq(unsigned n, uint32_t before)
{
	uint64_t start = arch_ticks();

	while (arch_irq_count(n) == before)
		if (arch_ticks() - start > WAIT)
			return false;
	return true;
}

/* --- tables */

static void test_tables(void)
{
	check_acpi();
	tap(machine.ncpus && apics.lapic && apics.ioapic,
	    "the MADT has CPUs, local APICs and an I/O APIC");
	tap(machine.sleep_type >= 0 &&
		    (machine.sleep_control.addr || machine.pm1a_control.addr),
	    "the tables say how to power off");
}

/* --- ports, UART, RTC */

static void test_uart(void)
{
	uint16_t base = machine.uart.addr;
	uint8_t mcr;
	bool byte, lines;

	if (!machine.uart.io) {
		tap_skip("UART", "the console is no port");
		return;
	}
	outb(base + 7, 0x5a);
	tap(inb(base + 7) == 0x5a, "the UART's scratch register holds 5a");
	tap((inb(base + 2) & 0xc0) == 0xc0, "the UART has its FIFO on");
	mcr = inb(base + 4);
	while (!(inb(base + 5) & 0x40))
		;
	outb(base + 4, 0x10);
	outb(base, 'x');
	byte = (inb(base + 5) & 1) && inb(base) == 'x';
	outb(base + 4, 0x1f);
	lines = (inb(base + 6) & 0xf0) == 0xf0;
	outb(base + 4, mcr); /* before anything is printed */
	tap(byte, "a byte comes back in loop mode");
	tap(lines, "modem lines come back in loop mode");
}

static uint8_t rtc_read(uint8_t reg)
{
	outb(0x70, reg);
	return inb(0x71);
}

static unsigned rtc_value(uint8_t reg, bool binary)
{
	uint8_t v = rtc_read(reg);

	return binary ? v : (v >> 4) * 10u + (v & 15);
}

static void test_rtc(void)
{
	static const uint16_t before[] = { 0,	31,  59,  90,  120, 151,
					   181, 212, 243, 273, 304, 334 };
	const char *want = cmdline_get("rtc");
	unsigned y, mo, d, days;
	bool binary;
	uint64_t now;

	while (rtc_read(10) & 0x80)
		;
	binary = rtc_read(11) & 4;
	y = rtc_value(9, binary) + 100 * rtc_value(0x32, false);
	mo = rtc_value(8, binary);
	d = rtc_value(7, binary);
	if (!tap(y >= 1970 && mo >= 1 && mo <= 12 && d >= 1 && d <= 31,
		 "the RTC says %u-%02u-%02u", y, mo, d) ||
	    !want)
		return;
	days = (y - 1970) * 365 + (y - 1969) / 4 + before[mo - 1] + d - 1;
	days += mo > 2 && y % 4 == 0;
	now = days * 86400ull + rtc_value(4, binary) * 3600 +
	      rtc_value(2, binary) * 60 + rtc_value(0, binary);
	tap(now + 60 >= parse_num(want) && now <= parse_num(want) + 60,
	    "and is within a minute of the host");
}

static unsigned pit_count(void)
{
	unsigned low;

	outb(0x43, 0); /* latches channel 0 */
	low = inb(0x40);
	return inb(0x40) << 8 | low;
}

static void test_pit(void)
{
	uint64_t start = arch_ticks();
	unsigned first;

	if (!cmdline_has("pit")) {
		tap(inb(0x40) == 0xff && inb(0x43) == 0xff,
		    "there is no 8254 where nobody asked for one");
		return;
	}
	outb(0x43, 0x34); /* channel 0, both bytes, rate */
	outb(0x40, 0xff);
	outb(0x40, 0xff);
	first = pit_count();
	while (pit_count() == first && arch_ticks() - start < WAIT)
		;
	tap(pit_count() != first, "the 8254 counts");
}

static void test_ports(void)
{
	tap(inb(0x2e9) == 0xff && inw(0x2ea) == 0xffff &&
		    inl(0x2ec) == 0xffffffff,
	    "ports that nobody has read as ones");
	outb(0x2e9, 1);
	outl(0x2ec, 1);
	test_pit();
	test_uart();
	if (machine.rtc.addr)
		test_rtc();
	else
		tap_skip("RTC", "no table names one");
	if (machine.pvpanic.addr)
		tap(inb(machine.pvpanic.addr) & 1, "pvpanic takes panics");
	if (cmdline_has("debugcon")) {
		tap(inb(0xe9) == 0xe9, "there is a debug console");
		for (const char *p = "# said at port e9\n"; *p; p++)
			outb(0xe9, *p);
	}
}

/* --- interrupts */

static void test_timers(void)
{
	uint32_t before = arch_irq_count(1);

	lapic_write(LAPIC_TIMER_DIV, 0xb);
	lapic_write(LAPIC_LVT_TIMER, IRQ_VECTOR + 1);
	lapic_write(LAPIC_TIMER_INIT, 100000);
	tap(wait_irq(1, before), "the APIC timer interrupts");
	before = arch_irq_count(1);
	lapic_write(LAPIC_LVT_TIMER, (IRQ_VECTOR + 1) | 1 << 17);
	lapic_write(LAPIC_TIMER_INIT, 1000000);
	tap(wait_irq(1, before) && wait_irq(1, before + 1) &&
		    wait_irq(1, before + 2),
	    "and does so again and again");
	lapic_write(LAPIC_TIMER_INIT, 0);
	lapic_write(LAPIC_LVT_TIMER, 1 << 16);
	if (!(cpuid(1, 0).c & 1 << 24)) {
		tap_skip("the TSC deadline", "CPUID does not offer it");
		return;
	}
	lapic_write(LAPIC_LVT_TIMER, (IRQ_VECTOR + 2) | 2 << 17);
	before = arch_irq_count(2);
	msr_write(MSR_TSC_DEADLINE, tsc_read() + 1000000);
	tap(wait_irq(2, before), "the TSC deadline interrupts");
	lapic_write(LAPIC_LVT_TIMER, 1 << 16);
}

static void test_interrupts(void)
{
	uint32_t before = arch_irq_count(3);
	uint16_t base = machine.uart.addr;

	lapic_write(LAPIC_ICR, 0x40000 | (IRQ_VECTOR + 3));
	tap(wait_irq(3, before), "an IPI to itself arrives");
	if (machine.uart.io && apics.ioapic) {
		before = arch_irq_count(4);
		ioapic_route(4, 4, false);
		outb(base + 4, 8);
		outb(base + 1, 2);
		tap(wait_irq(4, before), "the UART interrupts by the IOAPIC");
		outb(base + 1, 0);
		ioapic_mask(4);
	}
	before = arch_irq_count(5);
	lapic_write(LAPIC_LVT_TIMER, IRQ_VECTOR + 5);
	lapic_write(LAPIC_TIMER_INIT, 2000000);
	cpu_halt();
	tap(arch_irq_count(5) != before, "an interrupt ends HLT");
	lapic_write(LAPIC_LVT_TIMER, 1 << 16);
}

/* --- CPUs */

static volatile uint32_t cpus_arrived;
static volatile bool cpu_seen[MAX_CPUS];

static void cpu_entry(void *arg)
{
	unsigned n = (uintptr_t)arg;

	if (lapic_read(LAPIC_ID) >> 24 == machine.cpu[n])
		cpu_seen[n] = true;
	__atomic_fetch_add(&cpus_arrived, 1, __ATOMIC_SEQ_CST);
}

static void test_cpus(void)
{
	const char *want = cmdline_get("cpus");
	unsigned started = 0, right = 0;
	uint64_t start;

	if (want)
		tap(machine.ncpus == parse_num(want), "the MADT has %u CPUs",
		    machine.ncpus);
	tap(lapic_read(LAPIC_ID) >> 24 == machine.cpu[0],
	    "the boot CPU is the first in the MADT");
	tap(cpuid(1, 0).b >> 24 == machine.cpu[0], "CPUID knows its APIC id");
	for (unsigned i = 1; i < machine.ncpus; i++)
		started += arch_cpu_start(i, cpu_entry, (void *)(uintptr_t)i);
	start = arch_ticks();
	while (cpus_arrived < started && arch_ticks() - start < WAIT)
		arch_relax();
	for (unsigned i = 1; i < machine.ncpus; i++)
		right += cpu_seen[i];
	tap(started + 1 == machine.ncpus, "%u CPUs were started", started);
	tap(right == started, "each is who it was started as");
	tap(arch_ticks_hz() != 0, "the TSC runs at %lu kHz",
	    arch_ticks_hz() / 1000);
}

/* CPUID as a guest of KVM expects it. */
static void test_cpuid(void)
{
	struct cpuid h = cpuid(0x40000000, 0);
	uint32_t topology = cpuid(0, 0).a >= 0x1f ? 0x1f : 0xb;

	tap(cpuid(1, 0).c >> 31 && h.b == 0x4b4d564b && h.c == 0x564b4d56 &&
		    h.d == 0x4d,
	    "CPUID says that there is a hypervisor, KVM");
	tap(cpuid(0x40000001, 0).a & 9, "which has kvmclock");
	h = cpuid(topology, 1);
	tap(h.d == machine.cpu[0] && (h.c >> 8 & 0xff) == 2 &&
		    h.b <= machine.ncpus && h.a < 32,
	    "leaf 0x%x knows the CPU's place, %u CPUs a socket", topology, h.b);
}

/* --- ends */

static void end_by(const char *how)
{
	if (!strncmp(how, "acpi", 4))
		reg_write(&machine.reset, 1, machine.reset_value);
	else if (!strncmp(how, "i8042", 5))
		outb(0x64, 0xfe);
	else if (!strncmp(how, "cf9", 3))
		outb(0xcf9, 0x06);
	else if (!strncmp(how, "triple", 6))
		cpu_triple_fault();
	else if (!strncmp(how, "emulate", 7))
		cpu_defeat_emulation(machine.ecam);
	else if (!strncmp(how, "panic", 5))
		outb(machine.pvpanic.addr, 1);
	else if (!strncmp(how, "exit=", 5))
		outb(0xf4, parse_num(how + 5));
	else if (!strncmp(how, "hang", 4))
		for (;;)
			arch_relax();
	for (uint64_t t = arch_ticks(); arch_ticks() - t < WAIT;)
		arch_relax();
	guest_die("still here after end=%s", how);
}

/* --- a reset */

#define MSR_PAT 0x277

/* SDM volume 3, table 10-1; none that start.S or a boot protocol sets. */
static const struct {
	uint32_t msr;
	uint64_t fresh, used;
	const char *name;
} fresh_msrs[] = {
	{ 0x174, 0, 0x10, "SYSENTER_CS" },
	{ MSR_PAT, 0x0007040600070406, 0x0606060606060606, "PAT" },
	{ 0xc0000081, 0, 0x0023001000000000, "STAR" },
	{ 0xc0000082, 0, 0xffffffff81000000, "LSTAR" },
	{ 0xc0000084, 0, 0x47700, "FMASK" },
	{ 0xc0000102, 0, 0xffff888000000000, "KERNEL_GS_BASE" },
};

static void test_fresh(void)
{
	tap(msr_read(0x1b) == 0xfee00900,
	    "the APIC's base MSR is a boot CPU's");
	for (unsigned i = 0; i < ARRAY_SIZE(fresh_msrs); i++)
		tap(msr_read(fresh_msrs[i].msr) == fresh_msrs[i].fresh,
		    "MSR %s is as after a reset", fresh_msrs[i].name);
	tap(dr7_read() == 0x400, "debug register 7 is as after a reset");
	tap(lapic_read(LAPIC_LVT_TIMER) == 1 << 16 && !lapic_read(LAPIC_TPR) &&
		    !lapic_read(LAPIC_TIMER_INIT),
	    "the local APIC is as after a reset");
	tap(ioapic_masked(5), "the I/O APIC masks its pins");
	tap(!inb(machine.uart.addr + 1) && !(inb(machine.uart.addr + 4) & 8),
	    "the UART asks for no interrupt");
}

/* Leaves nothing of what test_fresh() looks at as it was. */
static void reset_used(const char *how)
{
	for (unsigned i = 0; i < ARRAY_SIZE(fresh_msrs); i++)
		msr_write(fresh_msrs[i].msr, fresh_msrs[i].used);
	dr7_write(0x400 | 1 << 9);
	lapic_write(LAPIC_LVT_TIMER, IRQ_VECTOR + 1);
	lapic_write(LAPIC_TPR, 0x20);
	ioapic_route(5, 5, true);
	outb(machine.uart.addr + 1, 5);
	outb(machine.uart.addr + 4, 0xb);
	end_by(how);
}

int guest_main(void)
{
	if (cmdline_get("end")) {
		printf("ending by %s\n", cmdline_get("end"));
		end_by(cmdline_get("end"));
	}
	test_fresh();
	if (cmdline_get("twice"))
		return check_reset(reset_used);
	check_memory();
	test_tables();
	arch_irq_enable();
	test_ports();
	test_timers();
	test_interrupts();
	test_cpus();
	test_cpuid();
	check_pci(true);
	return tap_done();
}
