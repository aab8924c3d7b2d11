// SPDX-License-Identifier: MIT
/*
 * Interrupts as the vectors take them: how often, in which order, one within
 * another; LPIs by priority and configuration; a device's messages.  gic.c and
 * its.c poll instead, and are about the registers.
 *
 * Command line: msi=its, msi=v2m, msi=none: what the tables must have.
 */
#include "gic.h"

#include "arch.h"
#include "arm64.h"
#include "guest.h"
#include "its.h"
#include "virtio.h"

/* The guest's own numbers. */
enum { N_A, N_B, N_C, N_UART, N_MSI, N_LPI, N_LPI_B };

/* Interrupts that no device has. */
#define SPI_A 192
#define SPI_B 193
#define SPI_C 194

#define NORMAL 0xa0

static uint32_t order[16]; /* INTIDs as they were taken, by note() */
static volatile unsigned norder;

static void pause_ms(unsigned ms)
{
	uint64_t start = arch_ticks();

	while (arch_ticks() - start < ms * arch_ticks_hz() / 1000)
		arch_relax();
}

static bool wait_count(unsigned n, uint32_t count)
{
	uint64_t start = arch_ticks();

	while (arch_irq_count(n) != count)
		if (arch_ticks() - start > arch_patience())
			return false;
	return true;
}

/* True if interrupt n has been taken that often, and is not once more. */
static bool settles(unsigned n, uint32_t count)
{
	bool there = wait_count(n, count);

	pause_ms(2);
	return there && arch_irq_count(n) == count;
}

static void note(uint32_t intid)
{
	if (norder < ARRAY_SIZE(order))
		order[norder] = intid;
	norder++;
}

/* An edge-triggered SPI to the boot CPU, disabled. */
static void prepare(uint32_t spi, unsigned n, uint8_t priority,
		    void (*fn)(uint32_t))
{
	gic_enable(spi, false);
	gic_attach(spi, n, fn);
	gic_set_edge(spi, true);
	gic_set_target(spi, 0);
	gic_set_priority(spi, priority);
	gic_set_pending(spi, false);
}

/* --- SPIs */

static void test_edge(void)
{
	uint32_t before = arch_irq_count(N_A);

	prepare(SPI_A, N_A, NORMAL, NULL);
	gic_enable(SPI_A, true);
	cpu_irq(false);
	gic_set_pending(SPI_A, true);
	gic_set_pending(SPI_A, true);
	tap(gic_is_pending(SPI_A) && settles(N_A, before),
	    "an edge waits for a CPU that has interrupts masked");
	cpu_irq(true);
	tap(settles(N_A, before + 1), "two edges in between are one");
}

#define UART_IMSC 0x38
#define UART_TX	  0x20

static volatile unsigned uart_quench; /* take it that often before */

/* The transmitter is idle: its line is high for as long as this is set. */
static void uart_line(bool on)
{
	mmio_write32(machine.uart.addr + UART_IMSC, on ? UART_TX : 0);
}

static void uart_taken(uint32_t intid)
{
	(void)intid;
	if (!--uart_quench)
		uart_line(false);
}

static void test_level(void)
{
	uint32_t spi = machine.uart_gsi, before = arch_irq_count(N_UART);
	bool up, down;

	if (!spi) {
		tap_skip("levels", "no table says how the UART interrupts");
		return;
	}
	printf("# a line, after which the transmitter is idle\n");
	gic_attach(spi, N_UART, uart_taken);
	gic_set_edge(spi, false);
	gic_set_target(spi, 0);
	gic_set_priority(spi, NORMAL);
	gic_enable(spi, false);
	uart_line(true);
	up = gic_is_pending(spi);
	uart_line(false);
	down = !gic_is_pending(spi);
	tap(up && down, "a level shows as pending, and only while it is there");
	gic_enable(spi, true);
	tap(settles(N_UART, before), "and is not taken afterwards");
	uart_quench = 1;
	uart_line(true);
	tap(settles(N_UART, before + 1), "one that is quenched is taken once");
	uart_quench = 5;
	uart_line(true);
	tap(settles(N_UART, before + 6), "one that stays is taken again");
	gic_enable(spi, false);
}

/* --- priorities */

static void test_order(void)
{
	prepare(SPI_A, N_A, 0x80, note);
	prepare(SPI_B, N_B, 0x40, note);
	prepare(SPI_C, N_C, 0xc0, note);
	norder = 0;
	cpu_irq(false);
	for (uint32_t i = SPI_A; i <= SPI_C; i++) {
		gic_enable(i, true);
		gic_set_pending(i, true);
	}
	cpu_irq(true);
	pause_ms(5);
	tap(norder == 3 && order[0] == SPI_B && order[1] == SPI_A &&
		    order[2] == SPI_C,
	    "interrupts come by priority: %u, %u, %u", order[0], order[1],
	    order[2]);
}

static volatile unsigned nested, nested_too_early;
static volatile uint8_t running;
static volatile bool was_active;

/* Of the middle priority: a higher one may interrupt it, a lower may not. */
static void middle_taken(uint32_t intid)
{
	uint32_t high = arch_irq_count(N_B), low = arch_irq_count(N_C);
	uint64_t start = arch_ticks();

	running = gic_running();
	was_active = gic_is_active(intid);
	gic_set_pending(SPI_C, true);
	gic_set_pending(SPI_B, true);
	__asm__ volatile("msr daifclr, #2" : : : "memory");
	while (arch_irq_count(N_B) == high &&
	       arch_ticks() - start < arch_patience())
		arch_relax();
	__asm__ volatile("msr daifset, #2" : : : "memory");
	nested += arch_irq_count(N_B) == high + 1;
	nested_too_early += arch_irq_count(N_C) != low;
}

static void test_preemption(void)
{
	uint32_t before;

	prepare(SPI_A, N_A, 0x80, middle_taken);
	prepare(SPI_B, N_B, 0x40, NULL);
	prepare(SPI_C, N_C, 0xc0, NULL);
	before = arch_irq_count(N_C);
	for (uint32_t i = SPI_A; i <= SPI_C; i++)
		gic_enable(i, true);
	gic_set_pending(SPI_A, true);
	tap(wait_count(N_C, before + 1) && nested == 1,
	    "a higher priority interrupts a handler");
	tap(!nested_too_early, "a lower one waits for its end");
	tap(running == 0x80, "the running priority is the handler's");
	tap(was_active && !gic_is_active(SPI_A),
	    "an interrupt is active in its handler, and not after it");
}

/* --- messages */

/* A device that nobody is, whose events commands raise. */
#define DEVICE 0x5a
#define LPI_A  (GIC_LPI + 992)
#define LPI_B  (GIC_LPI + 993)

static bool its_event(uint64_t command, uint32_t event)
{
	return its_command(command | (uint64_t)DEVICE << 32, event, 0, 0);
}

static void its_set(uint32_t lpi, uint32_t event, uint8_t priority, bool on)
{
	its_configure(lpi, priority, on);
	its_event(ITS_INV, event);
}

static void test_its_events(void)
{
	uint32_t n = arch_irq_count(N_LPI);
	bool gone;

	gic_attach(LPI_A, N_LPI, NULL);
	gic_attach(LPI_B, N_LPI_B, note);
	tap(its_map_device(DEVICE) && its_map_event(DEVICE, 0, LPI_A, 0) &&
		    its_map_event(DEVICE, 31, LPI_B, 0),
	    "a device and two events are mapped");
	its_set(LPI_A, 0, NORMAL, true);
	its_set(LPI_B, 31, NORMAL, true);
	its_event(ITS_INT, 0);
	tap(settles(N_LPI, n + 1) && gic_taken_by(N_LPI) == 0,
	    "an event raises its LPI");
	its_set(LPI_A, 0, NORMAL, false);
	its_event(ITS_INT, 0);
	tap(settles(N_LPI, n + 1), "not while it is disabled");
	its_set(LPI_A, 0, NORMAL, true);
	tap(settles(N_LPI, n + 2), "it was pending, and comes then");
	its_set(LPI_A, 0, NORMAL, false);
	its_event(ITS_INT, 0);
	its_event(ITS_CLEAR, 0);
	its_set(LPI_A, 0, NORMAL, true);
	tap(settles(N_LPI, n + 2), "unless it is cleared meanwhile");
	its_configure(LPI_A, NORMAL, false);
	its_command(ITS_INVALL, 0, 0, 0);
	its_event(ITS_INT, 0);
	tap(settles(N_LPI, n + 2), "INVALL reads the configuration too");
	its_event(ITS_CLEAR, 0);
	its_configure(LPI_A, NORMAL, true);
	its_command(ITS_INVALL, 0, 0, 0);
	its_event(ITS_DISCARD, 31);
	gone = its_event(ITS_INT, 31) && its_event(ITS_INT, 5);
	its_event(ITS_INT, 0);
	tap(gone && settles(N_LPI, n + 3) && !arch_irq_count(N_LPI_B),
	    "events that are not mapped raise nothing, and nothing stops");
}

static void test_its_priority(void)
{
	gic_attach(LPI_A, N_LPI, note);
	its_map_event(DEVICE, 31, LPI_B, 0);
	its_set(LPI_A, 0, 0xc0, true);
	its_set(LPI_B, 31, 0x40, true);
	norder = 0;
	cpu_irq(false);
	its_event(ITS_INT, 0);
	its_event(ITS_INT, 31);
	cpu_irq(true);
	pause_ms(5);
	tap(norder == 2 && order[0] == LPI_B && order[1] == LPI_A,
	    "LPIs come by priority");
}

static void test_its(void)
{
	if (!tap(its_init(), "the ITS takes its tables"))
		return;
	test_its_events();
	test_its_priority();
}

/* A real message: completions of an entropy device by MSI-X. */
static void test_device(void)
{
	static uint8_t bytes[64];
	uint32_t before, token, len;
	struct vdev *v;
	struct vq *q;

	virtio_scan();
	v = virtio_find(VIRTIO_RNG, 0);
	if (!v || !v->pci || !virtio_start(v, 0)) {
		tap_skip("a device's messages",
			 "there is no virtio-rng on PCI");
		return;
	}
	v->irq = N_MSI;
	q = vq_setup(v, 0, 0, true);
	virtio_ok(v);
	before = arch_irq_count(N_MSI);
	for (unsigned i = 1; i <= 8; i++) {
		vq_add(q, &(struct vbuf){ bytes, 64, true }, 1, 0);
		vq_kick(q);
		if (!wait_count(N_MSI, before + i) || !vq_get(q, &token, &len))
			break;
	}
	tap(settles(N_MSI, before + 8),
	    "a device's messages arrive, each once");
	virtio_reset(v);
}

static void test_messages(void)
{
	const char *want = cmdline_get("msi");
	const char *have = gic.its ? "its" : gic.v2m ? "v2m" : "none";

	if (want)
		tap(!strncmp(want, have, strlen(have)), "messages by %s", have);
	if (gic.its)
		test_its();
	if (gic.its || gic.v2m)
		test_device();
	else
		tap_skip("messages", "the machine has none");
}

int guest_main(void)
{
	char what[96];

	gic_describe(what, sizeof(what));
	printf("# %s\n", what);
	arch_irq_enable();
	test_edge();
	test_level();
	test_order();
	test_preemption();
	test_messages();
	return tap_done();
}
