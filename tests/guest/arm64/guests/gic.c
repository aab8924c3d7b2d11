// SPDX-License-Identifier: MIT
/*
 * The interrupt controller from inside, GICv2 or GICv3: SGIs, PPIs, SPIs by
 * level and edge, their states, priorities, targets, and the GICv2m frame.
 *
 * The boot CPU keeps interrupts masked and polls its CPU interface, so that
 * each acknowledge is a test's own; the other CPUs take theirs by the vectors.
 * Command line: cpus=N as vmm was told; reset: first leaves a mess, resets the
 * machine, which memory remembers, and looks that nothing is left of it.
 */
#include "gic.h"

#include "arch.h"
#include "arm64.h"
#include "guest.h"
#include "mark.h"

#define GICD_TYPER	0x004
#define GICD_IGROUPR	0x080
#define GICD_ISENABLER	0x100
#define GICD_ISPENDR	0x200
#define GICD_ISACTIVER	0x300
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR	0x800
#define GICD_SGIR	0xf00
#define GICC_CTLR	0x0000
#define GICC_IAR	0x000c
#define GICC_EOIR	0x0010
#define GICC_AIAR	0x0020
#define GICC_AEOIR	0x0024
#define GICC_DIR	0x1000
#define GICC_PMR	0x0004
#define GICR_SGI	0x10000
#define GICR_TYPER	0x0008
#define GICR_TYPER_LAST 0x10

#define UART_DR	  0x00
#define UART_IMSC 0x38
#define UART_RIS  0x3c
#define UART_TX	  0x20

#define SPURIOUS 1023
#define TIMER	 27 /* the virtual timer's PPI */
#define IDLE	 0xff
#define WORKERS	 8

/* Numbers of gic_attach(). */
enum { N_SGI = 16, N_SPI, N_TIMER, N_MSI, N_WAKE };

#define WAKE 15 /* the SGI by which an order is told */

/* Two SPIs that no device has. */
static uint32_t spi_a, spi_b;

/* ---- the boot CPU's interface, polled */

static uint64_t el1_iar(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	return sysreg_read("icc_iar1_el1");
}

static uint64_t el1_eoir(void *arg, struct frame *f)
{
	(void)f;
	sysreg_write("icc_eoir1_el1", (uintptr_t)arg);
	return 0;
}

static uint32_t ack(void)
{
	return gic.version == 3 ? el1_call(el1_iar, NULL)
				: mmio_read32(gic.cpu + GICC_IAR);
}

static void end(uint32_t iar)
{
	if (gic.version == 3)
		el1_call(el1_eoir, (void *)(uintptr_t)iar);
	else
		mmio_write32(gic.cpu + GICC_EOIR, iar);
}

/* The next interrupt, which may be on its way from elsewhere. */
static uint32_t wait_ack(void)
{
	uint64_t start = arch_ticks();
	uint32_t iar;

	do
		iar = ack();
	while (iar == SPURIOUS && arch_ticks() - start < arch_patience());
	return iar;
}

/* It comes, is ended, and nothing else comes. */
static bool comes_alone(uint32_t intid)
{
	uint32_t iar = wait_ack();

	if (iar == SPURIOUS)
		return false;
	end(iar);
	return iar == intid && ack() == SPURIOUS;
}

/* ---- the other CPUs */

enum order { ORDER_NONE, ORDER_SGI, ORDER_TIMER };

static struct worker {
	volatile enum order order; /* NONE: the last one is carried out */
} workers[WORKERS];

/* Its index: the first CPUs and, of a machine with more, the last one. */
static unsigned worker_cpu(unsigned w)
{
	return w == WORKERS - 1 ? machine.ncpus - 1 : w;
}

static void timer_off(uint32_t intid)
{
	(void)intid;
	sysreg_write("cntv_ctl_el0", 0);
}

static void timer_on(void)
{
	sysreg_write("cntv_cval_el0", 0);
	sysreg_write("cntv_ctl_el0", 1);
}

/* Sleeps, for emulated hosts have fewer CPUs than this guest. */
static void worker_wait(const struct worker *w)
{
	for (;;) {
		cpu_irq(false); /* WFI ends by what is pending, too */
		if (w->order != ORDER_NONE)
			break;
		cpu_wfi();
		cpu_irq(true);
	}
	cpu_irq(true);
}

static void worker_main(void *arg)
{
	struct worker *w = arg;

	gic_cpu_init();
	gic_enable(TIMER, true);
	cpu_irq(true);
	for (;; w->order = ORDER_NONE) {
		worker_wait(w);
		if (w->order == ORDER_SGI)
			gic_send(0, 3);
		else
			timer_on();
	}
}

static void give(unsigned w, enum order order)
{
	while (workers[w].order != ORDER_NONE)
		arch_relax();
	workers[w].order = order;
	gic_send(worker_cpu(w), WAKE);
}

static bool taken(unsigned n, uint32_t before, unsigned cpu)
{
	uint64_t start = arch_ticks();

	while (arch_irq_count(n) == before)
		if (arch_ticks() - start > arch_patience())
			return false;
	return arch_irq_count(n) == before + 1 && gic_taken_by(n) == cpu;
}

static unsigned workers_start(void)
{
	unsigned n = 1;

	gic_attach(WAKE, N_WAKE, NULL);
	while (n < machine.ncpus && n < WORKERS &&
	       arch_cpu_start(worker_cpu(n), worker_main, &workers[n]))
		n++;
	return n;
}

/* ---- what it says of itself */

static void test_identity(unsigned ncpus)
{
	uint32_t typer = mmio_read32(gic.dist + GICD_TYPER);
	const char *want = cmdline_get("cpus");
	unsigned own = 0;

	if (want)
		tap(machine.ncpus == parse_num(want) &&
			    (ncpus == machine.ncpus || ncpus == WORKERS),
		    "%u CPUs of %u run", ncpus, machine.ncpus);
	tap(gic_lines() >= 96 && gic_lines() <= 1024, "it has %u interrupts",
	    gic_lines());
	if (gic.version == 2) {
		tap((typer >> 5 & 7) + 1 == machine.ncpus,
		    "its distributor knows the number of CPUs");
		return;
	}
	for (unsigned i = 0; i < machine.ncpus; i++)
		own += gic_redist(i) != 0;
	tap(own == machine.ncpus, "each CPU has a redistributor");
	tap(mmio_read64(gic_redist(machine.ncpus - 1) + GICR_TYPER) &
		    GICR_TYPER_LAST,
	    "the last redistributor says that it is");
}

/* ---- SGIs */

static void test_sgi_self(void)
{
	unsigned good = 0;

	for (unsigned n = 0; n < 16; n++) {
		gic_send(0, n);
		good += comes_alone(n);
	}
	tap(good == 16, "%u SGIs of 16 come back to their sender", good);
}

static void test_sgi_others(unsigned ncpus)
{
	unsigned good = 0, back = 0;

	gic_attach(5, N_SGI, NULL);
	for (unsigned w = 1; w < ncpus; w++) {
		uint32_t before = arch_irq_count(N_SGI);
		unsigned cpu = worker_cpu(w);
		uint32_t iar;

		gic_send(cpu, 5);
		good += taken(N_SGI, before, cpu);
		give(w, ORDER_SGI);
		iar = wait_ack();
		end(iar);
		/* A GICv2 tells from whom. */
		back += iar == (gic.version == 2 ? cpu << 10 | 3 : 3);
	}
	tap(good == ncpus - 1, "an SGI reaches each CPU that it names");
	tap(back == ncpus - 1, "and each CPU's comes back");
}

/* GICD_SGIR's filter: all but the sender. */
static void test_sgi_filter(unsigned ncpus)
{
	uint32_t before = arch_irq_count(N_SGI);
	uint64_t start = arch_ticks();

	mmio_write32(gic.dist + GICD_SGIR, 1 << 24 | 5);
	while (arch_irq_count(N_SGI) - before < ncpus - 1 &&
	       arch_ticks() - start < arch_patience())
		arch_relax();
	tap(arch_irq_count(N_SGI) - before == ncpus - 1 && ack() == SPURIOUS,
	    "an SGI to all others is theirs only");
}

/* Two CPUs' SGIs of one number are two interrupts. */
static void test_sgi_sources(void)
{
	uint32_t first, second;

	gic_send(0, 3);
	give(1, ORDER_SGI);
	while (workers[1].order != ORDER_NONE)
		arch_relax();
	first = wait_ack();
	end(first);
	second = wait_ack();
	end(second);
	tap(first == 3 && second == (1 << 10 | 3) && ack() == SPURIOUS,
	    "SGIs of two senders are two");
}

/* ---- PPIs */

static void test_timer(unsigned ncpus)
{
	unsigned good = 0;

	gic_enable(TIMER, true);
	timer_on();
	tap(wait_ack() == TIMER && ack() == SPURIOUS,
	    "the timer's PPI comes once while it is active");
	end(TIMER);
	tap(wait_ack() == TIMER, "and again, for it is a level");
	timer_off(TIMER);
	end(TIMER);
	tap(ack() == SPURIOUS, "and no more once the timer is off");
	gic_attach(TIMER, N_TIMER, timer_off);
	for (unsigned w = 1; w < ncpus; w++) {
		uint32_t before = arch_irq_count(N_TIMER);

		give(w, ORDER_TIMER);
		good += taken(N_TIMER, before, worker_cpu(w));
	}
	tap(good == ncpus - 1 && ack() == SPURIOUS,
	    "each other CPU has a timer of its own");
	gic_enable(TIMER, false);
}

/* ---- SPIs */

static void spi_setup(uint32_t intid, uint8_t priority)
{
	gic_set_edge(intid, true);
	gic_set_priority(intid, priority);
	gic_set_target(intid, 0);
	gic_enable(intid, true);
}

/* A device's line: the UART's, while its transmitter has room. */
static void test_level(void)
{
	uint64_t uart = machine.uart.addr;
	uint32_t intid = machine.uart_gsi;

	if (!uart || !intid) {
		tap_skip("a device's level", "no UART is described");
		return;
	}
	gic_set_edge(intid, false);
	gic_set_target(intid, 0);
	gic_enable(intid, true);
	tap(ack() == SPURIOUS, "a line that is low does nothing");
	arch_console_write("#\n", 2);
	while (!(mmio_read32(uart + UART_RIS) & UART_TX))
		arch_relax();
	mmio_write32(uart + UART_IMSC, UART_TX);
	tap(wait_ack() == intid && gic_is_active(intid) &&
		    gic_is_pending(intid) && ack() == SPURIOUS,
	    "one that is high is active and pending when taken");
	end(intid);
	tap(wait_ack() == intid, "and comes again after its end");
	mmio_write32(uart + UART_IMSC, 0);
	tap(!gic_is_pending(intid), "once it falls nothing is pending");
	end(intid);
	tap(ack() == SPURIOUS, "and nothing comes");
	mmio_write32(uart + UART_IMSC, UART_TX);
	mmio_write32(uart + UART_IMSC, 0);
	tap(ack() == SPURIOUS, "a level that came and went is forgotten");
	gic_enable(intid, false);
}

static void test_edge(void)
{
	gic_set_pending(spi_a, true);
	tap(gic_is_pending(spi_a) && comes_alone(spi_a),
	    "an edge is taken once");
	gic_set_pending(spi_a, true);
	gic_set_pending(spi_a, false);
	tap(ack() == SPURIOUS && !gic_is_pending(spi_a),
	    "one that is cleared is not");
	gic_set_pending(spi_a, true);
	ack();
	gic_set_pending(spi_a, true);
	tap(gic_is_active(spi_a) && gic_is_pending(spi_a) && ack() == SPURIOUS,
	    "an edge while active waits");
	end(spi_a);
	tap(comes_alone(spi_a) && !gic_is_active(spi_a),
	    "until the end of the first");
}

static void test_enable(void)
{
	gic_enable(spi_a, false);
	gic_set_pending(spi_a, true);
	tap(ack() == SPURIOUS && gic_is_pending(spi_a),
	    "a disabled interrupt is pending and not taken");
	gic_enable(spi_a, true);
	tap(comes_alone(spi_a), "it is once it is enabled");
	gic_set_active(spi_a, true);
	gic_set_pending(spi_a, true);
	tap(gic_is_active(spi_a) && ack() == SPURIOUS,
	    "one that software made active is not taken");
	gic_set_active(spi_a, false);
	tap(comes_alone(spi_a), "until it is deactivated");
}

static void test_priorities(void)
{
	gic_set_pending(spi_a, true); /* 0xa0 */
	gic_set_pending(spi_b, true); /* 0x80 */
	tap(ack() == spi_b && gic_running() == 0x80,
	    "the higher priority is taken first");
	tap(ack() == SPURIOUS, "and the lower waits for its end");
	end(spi_b);
	tap(ack() == spi_a && gic_running() == 0xa0, "then it comes");
	gic_set_pending(spi_b, true);
	tap(wait_ack() == spi_b && gic_running() == 0x80,
	    "a higher one preempts a lower one");
	end(spi_b);
	tap(gic_running() == 0xa0, "whose priority returns");
	end(spi_a);
	tap(gic_running() == IDLE, "until nothing runs");
	gic_set_mask(0xa0);
	gic_set_pending(spi_a, true);
	tap(ack() == SPURIOUS, "a masked priority is not taken");
	gic_set_mask(0xa8);
	tap(comes_alone(spi_a), "until the mask lets it through");
	gic_set_mask(0xff);
	gic_set_priority(spi_a, 0x40);
	gic_set_pending(spi_a, true);
	gic_set_pending(spi_b, true);
	tap(ack() == spi_a, "priorities change");
	end(spi_a);
	tap(comes_alone(spi_b), "and the order with them");
	gic_set_priority(spi_a, 0xa0);
}

static void test_targets(unsigned ncpus)
{
	unsigned good = 0;

	gic_attach(spi_a, N_SPI, NULL);
	for (unsigned w = 1; w < ncpus; w++) {
		uint32_t before = arch_irq_count(N_SPI);
		unsigned cpu = worker_cpu(w);

		gic_set_target(spi_a, cpu);
		gic_set_pending(spi_a, true);
		good += taken(N_SPI, before, cpu);
	}
	tap(good == ncpus - 1 && ack() == SPURIOUS,
	    "an SPI goes to the CPU that it is sent to");
	gic_set_target(spi_a, 0);
	gic_set_pending(spi_a, true);
	tap(comes_alone(spi_a), "and back");
}

static void test_every_spi(void)
{
	unsigned good = 0, n = gic_lines() < 1020 ? gic_lines() : 1020;

	for (uint32_t id = 32; id < n; id++) {
		spi_setup(id, 0xa0);
		gic_set_pending(id, true);
		good += comes_alone(id);
		gic_enable(id, false);
		gic_set_edge(id, false);
	}
	tap(good == n - 32, "%u SPIs of %u can be taken", good, n - 32);
}

/* ---- the GICv2's groups and ends: a single security state */

static uint64_t el1_isr(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	return sysreg_read("isr_el1") >> 6 & 3; /* 1: FIQ, 2: IRQ */
}

static unsigned inputs(void)
{
	return el1_call(el1_isr, NULL);
}

/* spi_b, of group 1, is pending.  QEMU's GICV has no aliases: they read 0. */
static void test_aliases(void)
{
	uint32_t iar = mmio_read32(gic.cpu + GICC_AIAR);

	if (!iar) {
		tap_skip("aliased registers", "this host's GIC has none");
		gic_set_pending(spi_b, false);
		return;
	}
	tap(iar == spi_b && gic_running() == 0x80, "namely in the alias");
	mmio_write32(gic.cpu + GICC_AEOIR, iar);
	tap(gic_running() == IDLE && !gic_is_active(spi_b), "as is its end");
}

static void test_groups(void)
{
	uint64_t group = gic.dist + GICD_IGROUPR + spi_b / 32 * 4;

	mmio_write32(gic.cpu + GICC_CTLR, 0xb); /* both groups, FIQEn */
	mmio_write32(gic.dist, 3);
	gic_set_pending(spi_b, true);
	tap(inputs() == 1, "group 0 can be FIQ");
	mmio_write32(gic.cpu + GICC_CTLR, 3);
	tap(inputs() == 2, "or IRQ");
	tap(comes_alone(spi_b), "and is taken");
	mmio_write32(group, mmio_read32(group) | 1u << spi_b % 32);
	if (!(mmio_read32(group) >> spi_b % 32 & 1)) {
		tap_skip("group 1", "its KVM has one group");
		return;
	}
	gic_set_pending(spi_b, true);
	tap(inputs() == 2 && ack() == 1022, "group 1 is IRQ, and elsewhere");
	test_aliases();
	mmio_write32(gic.cpu + GICC_CTLR, 7); /* AckCtl */
	gic_set_pending(spi_b, true);
	tap(ack() == spi_b && gic_running() == 0x80, "or here, by AckCtl");
	end(spi_b);
	tap(gic_running() == IDLE && !gic_is_active(spi_b), "as is its end");
	mmio_write32(group, mmio_read32(group) & ~(1u << spi_b % 32));
}

static void test_eoimode(void)
{
	mmio_write32(gic.cpu + GICC_CTLR, 0x201);
	gic_set_pending(spi_a, true);
	tap(ack() == spi_a, "with a split end an interrupt is taken");
	end(spi_a);
	gic_set_pending(spi_a, true);
	tap(gic_running() == IDLE && gic_is_active(spi_a) && ack() == SPURIOUS,
	    "its end drops the priority only");
	mmio_write32(gic.cpu + GICC_DIR, spi_a);
	tap(ack() == spi_a, "GICC_DIR deactivates it");
	end(spi_a);
	mmio_write32(gic.cpu + GICC_DIR, spi_a);
	mmio_write32(gic.cpu + GICC_CTLR, 1);
	tap(ack() == SPURIOUS && !gic_is_active(spi_a), "and again");
}

static void test_gicv2_bytes(void)
{
	mmio_write32(gic.dist + GICD_ITARGETSR, 0xffffffff);
	tap(machine.ncpus == 1 ||
		    mmio_read32(gic.dist + GICD_ITARGETSR) == 0x01010101,
	    "targets of its own interrupts are a CPU's own");
	gic_set_priority(spi_a + 1, 0x58);
	tap((mmio_read32(gic.dist + 0x400 + (spi_a & ~3u)) >>
		     8 * ((spi_a + 1) % 4) &
	     0xff) == 0x58,
	    "a byte of a word is written alone");
}

/* ---- the GICv2m frame */

static void test_frame(unsigned ncpus)
{
	uint32_t first = gic.v2m_first, n = gic.v2m_count;
	unsigned good = 0;

	if (!gic.v2m) {
		tap_skip("the GICv2m frame", "there is none");
		return;
	}
	for (uint32_t id = first; id < first + n; id++) {
		spi_setup(id, 0xa0);
		mmio_write32(gic.v2m + 0x40, id);
		good += comes_alone(id);
	}
	tap(n && good == n, "%u messages of %u are their SPIs", good, n);
	mmio_write32(gic.v2m + 0x40, first - 1);
	mmio_write32(gic.v2m + 0x40, first + n);
	mmio_write32(gic.v2m + 0x40, 0xffffffff);
	mmio_write32(gic.v2m + 0x44, first);
	tap(ack() == SPURIOUS, "messages that are not the frame's are nothing");
	tap(mmio_read32(gic.v2m + 8) == (first << 16 | n) &&
		    !mmio_read32(gic.v2m + 0x40),
	    "the frame tells its range");
	if (ncpus > 1) {
		uint32_t before = arch_irq_count(N_MSI);

		gic_attach(first, N_MSI, NULL);
		gic_set_target(first, 1);
		mmio_write32(gic.v2m + 0x40, first);
		tap(taken(N_MSI, before, 1), "a message goes to another CPU");
	}
}

/* ---- a reset in the middle of everything */

static void make_mess(void)
{
	for (uint32_t id = 32; id < gic_lines() && id < 1020; id++) {
		spi_setup(id, 0x10);
		gic_set_pending(id, true);
	}
	ack();
	gic_set_active(spi_a, true);
	gic_enable(TIMER, true);
	gic_set_priority(TIMER, 0x20);
	timer_on();
	for (unsigned cpu = 0; cpu < machine.ncpus; cpu++)
		gic_send(cpu, 7);
	mmio_write32(machine.uart.addr + UART_IMSC, UART_TX);
}

/* The bits of all registers from this one on, of interrupts [first, n). */
static uint32_t left(uint64_t frame, unsigned reg, unsigned first, unsigned n,
		     unsigned bits)
{
	uint32_t any = 0;

	for (unsigned i = first; i < n; i += 32 / bits)
		any |= mmio_read32(frame + reg + i * bits / 8);
	return any;
}

static uint32_t left_of(uint64_t frame, unsigned first, unsigned n)
{
	return left(frame, GICD_ISENABLER, first, n, 1) |
	       left(frame, GICD_ISPENDR, first, n, 1) |
	       left(frame, GICD_ISACTIVER, first, n, 1) |
	       left(frame, GICD_IPRIORITYR, first, n, 8);
}

static uint64_t el1_grpen(void *arg, struct frame *f)
{
	(void)arg, (void)f;
	return sysreg_read("icc_igrpen1_el1") | sysreg_read("icc_pmr_el1");
}

static void test_clean(void)
{
	uint64_t own = gic.version == 3 ? gic_redist(0) + GICR_SGI : gic.dist;
	unsigned n = gic_lines();

	tap(!(mmio_read32(gic.dist) & 3), "a reset turns the distributor off");
	tap(!left_of(gic.dist, 32, n), "no SPI is left as it was");
	tap(!(left(own, GICD_ISENABLER, 0, 32, 1) & 0xffff0000) &&
		    !left(own, GICD_ISPENDR, 0, 32, 1) &&
		    !left(own, GICD_ISACTIVER, 0, 32, 1) &&
		    !left(own, GICD_IPRIORITYR, 0, 32, 8),
	    "nor is an interrupt of the CPU's own");
	tap(gic_running() == IDLE, "nothing runs");
	tap(gic.version == 3 ? !el1_call(el1_grpen, NULL)
			     : !mmio_read32(gic.cpu + GICC_CTLR) &&
				       !mmio_read32(gic.cpu + GICC_PMR),
	    "the CPU's interface is off");
}

static void test_reset(void)
{
	if (mark_came_back()) {
		test_clean();
		return;
	}
	gic_init();
	gic_cpu_init();
	make_mess();
	mark_reset();
}

/* ---- all of it */

int guest_main(void)
{
	unsigned ncpus;

	if (!gic.version)
		guest_die("no GIC is described");
	spi_b = gic_lines() < 1020 ? gic_lines() - 3 : 1017;
	spi_a = spi_b - 4;
	if (cmdline_has("reset"))
		test_reset();
	gic_init();
	gic_cpu_init();
	ncpus = workers_start();
	test_identity(ncpus);
	test_sgi_self();
	test_sgi_others(ncpus);
	if (gic.version == 2 && ncpus > 1) {
		test_sgi_filter(ncpus);
		test_sgi_sources();
	}
	test_timer(ncpus);
	test_level();
	test_every_spi();
	spi_setup(spi_a, 0xa0);
	spi_setup(spi_b, 0x80);
	test_edge();
	test_enable();
	test_priorities();
	test_targets(ncpus);
	if (gic.version == 2) {
		test_groups();
		test_eoimode();
		test_gicv2_bytes();
	}
	test_frame(ncpus);
	return tap_done();
}
