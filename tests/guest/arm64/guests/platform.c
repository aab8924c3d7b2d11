// SPDX-License-Identifier: MIT
/*
 * The arm64 platform from inside: memory map, exceptions, translation, caches,
 * timers, PSCI, other CPUs, and the PrimeCells.  gic.c is about the GIC.
 *
 * Command line: mem=BYTES and cpus=N as vmm was told; rtc=SECONDS of the epoch
 * about now; end=HOW ends the machine otherwise than by power-off: reset and
 * reset2 are PSCI's, panic is pvpanic's, exit=N goes by isa-debug-exit, button
 * waits for the power button, hang and wfi do nothing for ever, nisv makes an
 * access that no hypervisor can emulate.  qemu: the machine is QEMU's, which
 * lacks some of what vmm's has.  twice=reset: resets once, which the
 * first disk remembers, then powers off.
 */
#include "arch.h"
#include "arm64.h"
#include "checks.h"
#include "fdt.h"
#include "gic.h"
#include "guest.h"
#include "mmu.h"

#define EC_UNKNOWN	  0x00
#define EC_DATA_ABORT	  0x24
#define EC_DATA_ABORT1	  0x25 /* from EL1 */
#define EC_BRK		  0x3c
#define FAULT(esr)	  ((esr)&0x3c) /* without the level */
#define FAULT_TRANSLATION 0x04
#define FAULT_PERMISSION  0x0c

#define SMCCC_VERSION 0x80000000

#define NOT_SUPPORTED	   -1
#define INVALID_PARAMETERS -2
#define ALREADY_ON	   -4

static bool wait_irq(unsigned n, uint32_t before)
{
	uint64_t start = arch_ticks();

	while (arch_irq_count(n) == before)
		if (arch_ticks() - start > arch_patience())
			return false;
	return true;
}

static void pause_ms(unsigned ms)
{
	uint64_t start = arch_ticks();

	while (arch_ticks() - start < ms * arch_ticks_hz() / 1000)
		arch_relax();
}

/* --- exceptions */

/* Catches what fn raises; true if that was one exception of this class. */
static bool raises(void (*fn)(void), unsigned class, bool el1)
{
	caught.count = 0;
	caught.on = true;
	fn();
	caught.on = false;
	return caught.count == 1 && ESR_CLASS(caught.esr) == class &&
	       caught.el1 == el1;
}

static volatile uint64_t sink;
static uint32_t scratch[1024] __attribute__((aligned(4096)));

static void read_el1_register(void)
{
	sink = sysreg_read("sctlr_el1");
}
static uint64_t el1_undefined(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	__asm__ volatile("udf #0");
	return 0;
}
static void undefined_at_el1(void)
{
	el1_call(el1_undefined, NULL);
}
static void breakpoint(void)
{
	__asm__ volatile("brk #77");
}
static void read_nowhere(void)
{
	sink = mmio_read32(0x600000000000ull);
}
static void write_text(void)
{
	mmio_write32((uintptr_t)read_nowhere & ~3ull, 0);
}
static void run_data(void)
{
	((void (*)(void))(uintptr_t)scratch)();
}
static void read_scratch(void)
{
	sink = mmio_read32((uintptr_t)scratch);
}

static void test_exceptions(void)
{
	uint64_t *page = mmu_page(scratch);

	tap(raises(read_el1_register, EC_UNKNOWN, false),
	    "EL0 may not read SCTLR_EL1");
	tap(raises(undefined_at_el1, EC_UNKNOWN, true),
	    "an undefined instruction traps at EL1");
	tap(raises(breakpoint, EC_BRK, false) && (caught.esr & 0xffff) == 77,
	    "BRK traps, with its number");
	tap(raises(read_nowhere, EC_DATA_ABORT, false) &&
		    FAULT(caught.esr) == FAULT_TRANSLATION &&
		    caught.far == 0x600000000000,
	    "an address without translation faults, and FAR has it");
	tap(raises(write_text, EC_DATA_ABORT, false) &&
		    FAULT(caught.esr) == FAULT_PERMISSION &&
		    caught.esr & 1 << 6,
	    "text cannot be written");
	scratch[0] = 0xd65f03c0; /* ret */
	tap(raises(run_data, 0x20, false), "data cannot be executed");
	*page &= ~MMU_EL0;
	mmu_flush(scratch);
	tap(raises(read_scratch, EC_DATA_ABORT, false) &&
		    FAULT(caught.esr) == FAULT_PERMISSION,
	    "EL0 cannot read what is EL1's");
	*page |= MMU_EL0;
	mmu_flush(scratch);
	caught.count = 0;
	caught.on = true;
	read_scratch();
	caught.on = false;
	tap(!caught.count, "and can again when it is given back");
}

/* --- translation and caches */

static uint32_t page_a[1024] __attribute__((aligned(4096)));
static uint32_t page_b[1024] __attribute__((aligned(4096)));

static uint64_t physical(const void *p)
{
	return (uintptr_t)p; /* every page's own, until it is moved */
}

static uint64_t el1_translate(void *arg, struct frame *f)
{
	(void)f;
	__asm__ volatile("at s1e0r, %0\n\tisb" : : "r"(arg));
	return sysreg_read("par_el1");
}

static void test_translation(void)
{
	uint64_t *entry = mmu_page(page_a), was = *entry, par;

	page_a[0] = 0xa;
	page_b[0] = 0xb;
	par = el1_call(el1_translate, page_a);
	tap(!(par & 1) && (par & MMU_ADDR) == physical(page_a) &&
		    par >> 56 == 0xff,
	    "AT gives address and attributes of a page");
	*entry = (was & ~MMU_ADDR) | physical(page_b);
	mmu_flush(page_a);
	tap(*(volatile uint32_t *)page_a == 0xb,
	    "a page is another after its entry changed");
	par = el1_call(el1_translate, page_a);
	tap((par & MMU_ADDR) == physical(page_b), "AT says so too");
	*entry = 0;
	mmu_flush(page_a);
	par = el1_call(el1_translate, page_a);
	tap(par & 1, "AT says that there is no translation");
	*entry = was;
	mmu_flush(page_a);
	tap(*(volatile uint32_t *)page_a == 0xa, "and it is back as it was");
}

static void clean(const void *p)
{
	__asm__ volatile("dc cvac, %0\n\tdsb sy" : : "r"(p) : "memory");
}
static void clean_and_drop(const void *p)
{
	__asm__ volatile("dc civac, %0\n\tdsb sy" : : "r"(p) : "memory");
}

/* page_b shows page_a's memory, not cached. */
static void test_caches(void)
{
	volatile uint32_t *cached = page_a, *raw = page_b;
	uint64_t *entry = mmu_page(page_b), was = *entry;
	unsigned block = 4u << (sysreg_read("dczid_el0") & 15), bad = 0;

	clean_and_drop(page_b);
	*entry = physical(page_a) | MMU_PAGE | MMU_UNCACHED;
	mmu_flush(page_b);
	for (unsigned i = 0; i < 1024; i += 16)
		clean_and_drop(page_a + i);
	cached[0] = 0x1234;
	clean(page_a);
	tap(raw[0] == 0x1234, "cleaned to the point of coherency, it is there");
	raw[0] = 0x5678;
	__asm__ volatile("dsb sy" : : : "memory");
	clean_and_drop(page_a);
	tap(cached[0] == 0x5678, "written around the cache, it is read");
	*entry = was;
	mmu_flush(page_b);
	if (sysreg_read("dczid_el0") & 16) {
		tap_skip("DC ZVA", "it is prohibited here");
		return;
	}
	memset(page_a, 0xff, sizeof(page_a));
	__asm__ volatile("dc zva, %0" : : "r"(page_a + 512) : "memory");
	for (unsigned i = 0; i < block / 4; i++)
		bad += cached[512 + i] != 0;
	tap(!bad && cached[511] == ~0u && cached[512 + block / 4] == ~0u,
	    "DC ZVA clears a block of %u bytes", block);
}

static void test_code(void)
{
	uint32_t (*fn)(void) = (void *)scratch;
	uint64_t *entry = mmu_page(scratch), was = *entry;
	uint32_t first, second;

	for (unsigned round = 0; round < 2; round++) {
		*entry = was;
		mmu_flush(scratch);
		scratch[0] = 0x52800000 | (7 + round) << 5; /* mov w0, # */
		scratch[1] = 0xd65f03c0;		    /* ret */
		__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\t"
				 "dsb ish\n\tisb"
				 :
				 : "r"(scratch)
				 : "memory");
		*entry = physical(scratch) | MMU_PAGE | MMU_TEXT;
		mmu_flush(scratch);
		if (round)
			second = fn();
		else
			first = fn();
	}
	*entry = was;
	mmu_flush(scratch);
	tap(first == 7 && second == 8, "new code runs once it is synchronized");
}

/* --- timers */

#define TIMER_ON   1
#define TIMER_MASK 2
#define TIMER_DUE  4

/* Level-triggered: the handler turns the timer off. */
static void timer_taken(uint32_t intid)
{
	if (intid == timers.physical)
		sysreg_write("cntp_ctl_el0", 0);
	else
		sysreg_write("cntv_ctl_el0", 0);
}

static void test_virtual_timer(void)
{
	uint32_t before = arch_irq_count(1);
	uint64_t start, hz = arch_ticks_hz();
	bool early = false;

	gic_attach(timers.virtual, 1, timer_taken);
	gic_enable(timers.virtual, true);
	for (unsigned i = 0; i < 5; i++) {
		start = arch_ticks();
		sysreg_write("cntv_tval_el0", hz / 500);
		sysreg_write("cntv_ctl_el0", TIMER_ON);
		if (!wait_irq(1, before + i))
			break;
		early |= arch_ticks() - start < hz / 500;
	}
	tap(arch_irq_count(1) == before + 5, "the virtual timer interrupts");
	tap(!early, "and not too early");
	before = arch_irq_count(1);
	sysreg_write("cntv_cval_el0", arch_ticks());
	sysreg_write("cntv_ctl_el0", TIMER_ON | TIMER_MASK);
	pause_ms(2);
	tap(sysreg_read("cntv_ctl_el0") == (TIMER_ON | TIMER_MASK | TIMER_DUE),
	    "while it is masked it shows that it is due");
	tap(arch_irq_count(1) == before, "and does not interrupt");
	sysreg_write("cntv_ctl_el0", TIMER_ON);
	tap(wait_irq(1, before), "unmasked, it does");
	before = arch_irq_count(1);
	cpu_irq(false);
	sysreg_write("cntv_tval_el0", hz / 500);
	sysreg_write("cntv_ctl_el0", TIMER_ON);
	/* It is a hint and may end for no reason as well, but not often. */
	for (unsigned i = 0; i < 10; i++) {
		cpu_wfi();
		if (sysreg_read("cntv_ctl_el0") & TIMER_DUE)
			break;
	}
	tap(sysreg_read("cntv_ctl_el0") & TIMER_DUE,
	    "WFI ends by an interrupt that is masked");
	tap(gic_is_pending(timers.virtual), "which is pending meanwhile");
	cpu_irq(true);
	tap(wait_irq(1, before), "and is taken when it is not");
}

static void test_physical_timer(void)
{
	uint32_t before = arch_irq_count(2);

	if (!timers.physical) {
		tap_skip("the physical timer", "no table names it");
		return;
	}
	gic_attach(timers.physical, 2, timer_taken);
	gic_enable(timers.physical, true);
	sysreg_write("cntp_tval_el0", arch_ticks_hz() / 500);
	sysreg_write("cntp_ctl_el0", TIMER_ON);
	tap(wait_irq(2, before), "the physical timer interrupts");
	gic_enable(timers.physical, false);
}

static void test_timers(void)
{
	uint64_t a = arch_ticks(), b = arch_ticks();

	tap(b >= a && arch_ticks_hz() >= 1000000, "the counter runs at %lu kHz",
	    arch_ticks_hz() / 1000);
	/* Not CNTPCT_EL0: KVM of Linux 6.1 has none for guests on some CPUs. */
	test_virtual_timer();
	test_physical_timer();
}

/* --- PSCI and the other CPUs */

static void test_psci(void)
{
	int64_t version = psci(PSCI_VERSION, 0, 0, 0);

	tap(version >= 0x10000, "PSCI is version %u.%u",
	    (unsigned)version >> 16, (unsigned)version & 0xffff);
	tap(psci(PSCI_FEATURES, PSCI_CPU_ON, 0, 0) >= 0 &&
		    psci(PSCI_FEATURES, PSCI_SYSTEM_OFF, 0, 0) >= 0 &&
		    psci(PSCI_FEATURES, PSCI_RESET, 0, 0) >= 0,
	    "it can start CPUs, power off and reset");
	tap(psci(PSCI_FEATURES, 0x8400ffff, 0, 0) == NOT_SUPPORTED &&
		    psci(0x8400001f, 0, 0, 0) == NOT_SUPPORTED,
	    "what it cannot it says");
	if (cmdline_has("qemu"))
		tap_skip("SMCCC", "QEMU's own PSCI has none");
	else
		tap(psci(PSCI_FEATURES, SMCCC_VERSION, 0, 0) == 0 &&
			    psci(SMCCC_VERSION, 0, 0, 0) >= 0x10001,
		    "SMCCC is at least 1.1");
	tap(psci(PSCI_AFFINITY, machine.cpu[0], 0, 0) == 0,
	    "the boot CPU is on");
	tap(psci(PSCI_CPU_ON, machine.cpu[0], 0, 0) == ALREADY_ON,
	    "and cannot be turned on");
	tap(psci(PSCI_CPU_ON, 0xfe00, 0, 0) == INVALID_PARAMETERS &&
		    psci(PSCI_AFFINITY, 0xfe00, 0, 0) == INVALID_PARAMETERS,
	    "a CPU that is not there is an error");
}

static volatile uint32_t cpus_arrived, cpus_leaving;
static volatile bool cpu_seen[MAX_CPUS];

static uint64_t el1_mpidr(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	return sysreg_read("mpidr_el1") & 0xff00ffffffull;
}

static void cpu_entry(void *arg)
{
	unsigned n = (uintptr_t)arg;

	if (el1_call(el1_mpidr, NULL) == machine.cpu[n] && cpu_index() == n)
		cpu_seen[n] = true;
	__atomic_fetch_add(&cpus_arrived, 1, __ATOMIC_SEQ_CST);
	while (!cpus_leaving)
		arch_relax();
	psci(PSCI_CPU_OFF, 0, 0, 0);
}

static unsigned start_cpus(void)
{
	uint64_t start = arch_ticks();
	unsigned n = 0;

	cpus_arrived = cpus_leaving = 0;
	memset((void *)cpu_seen, 0, sizeof(cpu_seen));
	for (unsigned i = 1; i < machine.ncpus; i++)
		n += arch_cpu_start(i, cpu_entry, (void *)(uintptr_t)i);
	while (cpus_arrived < n && arch_ticks() - start < arch_patience())
		arch_relax();
	return n;
}

/* How many CPUs but this one are in that state of PSCI's, once they all are. */
static unsigned cpus_in_state(int64_t state)
{
	uint64_t start = arch_ticks();
	unsigned n;

	do {
		n = 0;
		for (unsigned i = 1; i < machine.ncpus; i++)
			n += psci(PSCI_AFFINITY, machine.cpu[i], 0, 0) == state;
	} while (n + 1 < machine.ncpus &&
		 arch_ticks() - start < arch_patience());
	return n;
}

static void test_cpus(void)
{
	const char *want = cmdline_get("cpus");
	unsigned others = machine.ncpus - 1, right = 0;

	if (want)
		tap(machine.ncpus == parse_num(want), "the tables have %u CPUs",
		    machine.ncpus);
	tap(el1_call(el1_mpidr, NULL) == machine.cpu[0],
	    "the boot CPU is the first of them");
	tap(cpus_in_state(1) == others, "PSCI says that the others are off");
	tap(start_cpus() == others, "%u CPUs were started", others);
	for (unsigned i = 1; i < machine.ncpus; i++)
		right += cpu_seen[i];
	tap(right == others, "each is who it was started as");
	tap(cpus_in_state(0) == others, "PSCI says that they are on");
	cpus_leaving = 1;
	tap(cpus_in_state(1) == others, "they turn themselves off");
	tap(start_cpus() == others, "and are started again");
	cpus_leaving = 1;
	cpus_in_state(1);
}

/* --- the PrimeCells */

/* PrimeCell identification: the part number, then B105F00D. */
static bool primecell(uint64_t base, unsigned part)
{
	uint32_t id = 0, pid = 0;

	for (unsigned i = 0; i < 4; i++) {
		pid |= (mmio_read32(base + 0xfe0 + 4 * i) & 0xff) << 8 * i;
		id |= (mmio_read32(base + 0xff0 + 4 * i) & 0xff) << 8 * i;
	}
	return id == 0xb105f00d && (pid & 0xfff) == part;
}

#define UART_IMSC 0x38
#define UART_RIS  0x3c
#define UART_MIS  0x40
#define UART_ICR  0x44
#define UART_TX	  0x20

static void uart_taken(uint32_t intid)
{
	(void)intid;
	mmio_write32(machine.uart.addr + UART_IMSC, 0);
}

static void test_uart(void)
{
	uint64_t uart = machine.uart.addr;
	uint32_t before = arch_irq_count(3);
	bool quiet, raw;

	if (!tap(uart && primecell(uart, 0x011), "the UART is a PL011"))
		return;
	mmio_write32(uart + UART_IMSC, 0);
	mmio_write32(uart + UART_ICR, 0x7ff);
	gic_attach(machine.uart_gsi, 3, uart_taken);
	gic_set_target(machine.uart_gsi, 0);
	gic_enable(machine.uart_gsi, true);
	printf("# a line, after which the transmitter is idle\n");
	raw = mmio_read32(uart + UART_RIS) & UART_TX;
	quiet = !mmio_read32(uart + UART_MIS) && arch_irq_count(3) == before;
	tap(raw && quiet, "its interrupt shows, and does nothing when masked");
	mmio_write32(uart + UART_IMSC, UART_TX);
	tap(wait_irq(3, before), "it interrupts");
	mmio_write32(uart + UART_ICR, UART_TX);
	tap(!(mmio_read32(uart + UART_RIS) & UART_TX), "and is acknowledged");
}

#define RTC_DR	 0x00
#define RTC_MR	 0x04
#define RTC_IMSC 0x10
#define RTC_RIS	 0x14
#define RTC_ICR	 0x1c

static void rtc_taken(uint32_t intid)
{
	(void)intid;
	mmio_write32(machine.rtc.addr + RTC_ICR, 1);
}

static void test_rtc(void)
{
	const char *want = cmdline_get("rtc");
	uint64_t rtc = machine.rtc.addr;
	uint32_t now, before = arch_irq_count(4);

	if (!rtc) {
		tap_skip("the RTC", "no table names one");
		return;
	}
	tap(primecell(rtc, 0x031), "the RTC is a PL031");
	now = mmio_read32(rtc + RTC_DR);
	if (want)
		tap(now + 300 >= parse_num(want) &&
			    now <= parse_num(want) + 300,
		    "its time is near the host's");
	gic_attach(machine.rtc_gsi, 4, rtc_taken);
	gic_set_target(machine.rtc_gsi, 0);
	gic_enable(machine.rtc_gsi, true);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_IMSC, 1);
	mmio_write32(rtc + RTC_MR, mmio_read32(rtc + RTC_DR) + 1);
	tap(wait_irq(4, before), "its alarm interrupts");
	tap(mmio_read32(rtc + RTC_DR) > now, "and it runs");
	mmio_write32(rtc + RTC_IMSC, 0);
}

#define GPIO_DIR	0x400
#define GPIO_IS		0x404
#define GPIO_IBE	0x408
#define GPIO_IEV	0x40c
#define GPIO_IE		0x410
#define GPIO_RIS	0x414
#define GPIO_MIS	0x418
#define GPIO_IC		0x41c
#define GPIO_DATA(mask) ((mask) << 2)

static void test_gpio(void)
{
	uint64_t gpio = machine.gpio.base;

	if (!gpio) {
		tap_skip("the GPIO", "no table names one");
		return;
	}
	tap(primecell(gpio, 0x061), "the GPIO is a PL061");
	mmio_write32(gpio + GPIO_DIR, 0xc0);
	mmio_write32(gpio + GPIO_DATA(0xff), 0x40);
	tap(mmio_read32(gpio + GPIO_DATA(0xc0)) == 0x40 &&
		    mmio_read32(gpio + GPIO_DATA(0x80)) == 0,
	    "an output keeps what is written, under the address's mask");
	mmio_write32(gpio + GPIO_DATA(0x80), 0xff);
	tap(mmio_read32(gpio + GPIO_DATA(0xc0)) == 0xc0,
	    "and only what the mask has is written");
	mmio_write32(gpio + GPIO_DIR, 0);
}

static void button_taken(uint32_t intid)
{
	(void)intid;
	mmio_write32(machine.gpio.base + GPIO_IC, 0xff);
}

/* The power button, on pin 3, raises its line for a while. */
static void wait_button(void)
{
	uint64_t gpio = machine.gpio.base;
	uint32_t before = arch_irq_count(5);

	gic_attach(machine.gpio.gsi, 5, button_taken);
	gic_set_target(machine.gpio.gsi, 0);
	gic_enable(machine.gpio.gsi, true);
	mmio_write32(gpio + GPIO_IS, 0);
	mmio_write32(gpio + GPIO_IEV, 8);
	mmio_write32(gpio + GPIO_IC, 0xff);
	mmio_write32(gpio + GPIO_IE, 8);
	printf("press the button\n");
	if (!wait_irq(5, before))
		guest_die("nobody presses the button");
	printf("it was pressed\n");
}

/* --- ends */

static void access_without_syndrome(void)
{
	uint64_t a, b;

	__asm__ volatile("ldp %0, %1, [%2]"
			 : "=r"(a), "=r"(b)
			 : "r"(machine.uart.addr + 0x100));
	sink = a + b;
}

static void end_by(const char *how)
{
	if (!strncmp(how, "reset2", 6))
		psci(PSCI_RESET2, 0, 0, 0);
	else if (!strncmp(how, "reset", 5))
		psci(PSCI_RESET, 0, 0, 0);
	else if (!strncmp(how, "panic", 5))
		reg_write(&machine.pvpanic, 1, 1);
	else if (!strncmp(how, "exit=", 5))
		arch_io_write(0xf4, 1, parse_num(how + 5));
	else if (!strncmp(how, "nisv", 4))
		access_without_syndrome();
	else if (!strncmp(how, "hang", 4))
		for (;;)
			arch_relax();
	else if (!strncmp(how, "wfi", 3))
		for (;;)
			cpu_wfi();
	pause_ms(5000);
	guest_die("still here after end=%s", how);
}

static void test_tables(void)
{
	tap(gic.version && machine.uart.addr && timers.virtual,
	    "the tables have a GIC, a UART and timers");
	if (machine.rsdp)
		check_acpi();
}

int guest_main(void)
{
	const char *end = cmdline_get("end");

	if (end && strncmp(end, "button", 6)) {
		printf("ending by %s\n", end);
		end_by(end);
	}
	if (cmdline_get("twice"))
		return check_reset(end_by);
	arch_irq_enable();
	if (end) {
		wait_button();
		return 0;
	}
	check_memory();
	test_tables();
	test_exceptions();
	test_translation();
	test_caches();
	test_code();
	test_timers();
	test_psci();
	test_cpus();
	test_uart();
	test_rtc();
	test_gpio();
	check_pci(true);
	return tap_done();
}
