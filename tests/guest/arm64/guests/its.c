// SPDX-License-Identifier: MIT
/*
 * The ITS from inside: devices, events, collections; LPIs that are disabled,
 * cleared, moved and discarded, by the commands of IHI 0069 section 5.3.
 *
 * Command line: cpus=N as vmm was told; reset: first leaves a mess, resets the
 * machine, which memory remembers, and looks that nothing is left of it; kept:
 * events are mapped, and one pending, when a debugger stops the guest.
 */
#include "its.h"

#include "arch.h"
#include "arm64.h"
#include "gic.h"
#include "guest.h"
#include "mark.h"
#include "stop.h"

#define GITS_CTLR   0x0000
#define GITS_CBASER 0x0080
#define GITS_BASER  0x0100
#define GICR_CTLR   0x0000

#define DEVICE	 0x7f8 /* a requester id that no function has */
#define OTHER	 0x7f9
#define LPI(n)	 (GIC_LPI + 512 + (n))
#define EVENTS	 16 /* of each device */
#define PRIORITY 0xa0
#define WORKERS	 8

static unsigned ncpus;

/* Guest's number n is LPI(n)'s; the other device's follow. */
static bool came(unsigned n, uint32_t before, unsigned cpu)
{
	uint64_t start = arch_ticks();

	while (arch_irq_count(n) == before)
		if (arch_ticks() - start > arch_patience())
			return false;
	return arch_irq_count(n) == before + 1 && gic_taken_by(n) == cpu;
}

static bool its_int(uint32_t device, uint32_t event)
{
	return its_command(ITS_INT | (uint64_t)device << 32, event, 0, 0);
}

static bool its_inv(uint32_t device, uint32_t event)
{
	return its_command(ITS_INV | (uint64_t)device << 32, event, 0, 0) &&
	       its_command(ITS_SYNC, 0, its_target(0), 0);
}

/* The event's interrupt n is taken once, by that CPU. */
static bool int_comes(uint32_t device, uint32_t event, unsigned n, unsigned cpu)
{
	uint32_t before = arch_irq_count(n);

	return its_int(device, event) && came(n, before, cpu);
}

/*
 * Whatever its predecessors caused has been seen once a later interrupt, of
 * the lowest priority, is taken by the same CPU.
 */
static bool int_stays_away(uint32_t device, uint32_t event, unsigned n)
{
	uint32_t before = arch_irq_count(n);

	return its_int(device, event) &&
	       int_comes(DEVICE, EVENTS - 1, EVENTS - 1, 0) &&
	       arch_irq_count(n) == before;
}

static bool its_set(uint32_t device, uint32_t event, unsigned n, bool enable)
{
	its_configure(LPI(n), PRIORITY, enable);
	return its_inv(device, event);
}

static bool its_device(uint32_t device, unsigned first)
{
	bool good = its_map_device(device);

	for (unsigned e = 0; good && e < EVENTS; e++) {
		gic_attach(LPI(first + e), first + e, NULL);
		its_configure(LPI(first + e), PRIORITY, true);
		good = its_map_event(device, e, LPI(first + e), 0) &&
		       its_inv(device, e);
	}
	return good;
}

static void worker_main(void *arg)
{
	(void)arg;
	gic_cpu_init();
	cpu_irq(true);
	for (;;)
		cpu_wfi();
}

static void start_cpus(void)
{
	const char *want = cmdline_get("cpus");

	for (ncpus = 1; ncpus < machine.ncpus && ncpus < WORKERS; ncpus++)
		if (!arch_cpu_start(ncpus, worker_main, NULL))
			break;
	if (want)
		tap(ncpus == parse_num(want), "%u CPUs run", ncpus);
}

/* ---- the tests */

static bool all_come(void)
{
	unsigned good = 0;

	for (unsigned e = 0; e < EVENTS; e++)
		good += int_comes(DEVICE, e, e, 0) &&
			int_comes(OTHER, e, EVENTS + e, 0);
	return good == EVENTS;
}

static void test_events(void)
{
	tap(its_device(DEVICE, 0) && its_device(OTHER, EVENTS),
	    "two devices have %u events each", EVENTS);
	tap(all_come(), "each event raises its LPI");
}

static void test_kept(void)
{
	uint32_t before = arch_irq_count(0);

	its_set(DEVICE, 0, 0, false);
	its_int(DEVICE, 0);
	stop_here();
	tap(arch_irq_count(0) == before, "what was disabled is so still");
	its_set(DEVICE, 0, 0, true);
	tap(came(0, before, 0), "what was pending is taken");
	tap(all_come(), "each event is mapped still");
}

static void test_enable(void)
{
	uint32_t before = arch_irq_count(0);

	its_set(DEVICE, 0, 0, false);
	tap(int_stays_away(DEVICE, 0, 0), "a disabled LPI is not taken");
	its_set(DEVICE, 0, 0, true);
	tap(came(0, before, 0), "and comes once it is enabled");
	its_set(DEVICE, 0, 0, false);
	its_int(DEVICE, 0);
	its_command(ITS_CLEAR | (uint64_t)DEVICE << 32, 0, 0, 0);
	its_set(DEVICE, 0, 0, true);
	before = arch_irq_count(0);
	tap(int_comes(DEVICE, 1, 1, 0) && arch_irq_count(0) == before,
	    "one that was cleared does not");
	tap(int_comes(DEVICE, 0, 0, 0), "and the next does");
}

static void test_collections(void)
{
	unsigned good = 0;

	for (unsigned cpu = 0; cpu < ncpus; cpu++) {
		its_command(ITS_MOVI | (uint64_t)DEVICE << 32, 2, cpu, 0);
		its_command(ITS_SYNC, 0, its_target(cpu), 0);
		good += int_comes(DEVICE, 2, 2, cpu);
	}
	tap(good == ncpus, "an event moves to each CPU's collection");
	its_command(ITS_MOVI | (uint64_t)DEVICE << 32, 2, 0, 0);
	/* Collection 0 goes elsewhere, and all of its events with it. */
	its_command(ITS_MAPC, 0, 1ull << 63 | its_target(ncpus - 1), 0);
	its_command(ITS_SYNC, 0, its_target(ncpus - 1), 0);
	good = 0;
	for (unsigned e = 0; e < EVENTS; e++)
		good += int_comes(OTHER, e, EVENTS + e, ncpus - 1);
	tap(good == EVENTS, "a collection moves with its events");
	its_command(ITS_MAPC, 0, 1ull << 63 | its_target(0), 0);
	its_command(ITS_SYNC, 0, its_target(0), 0);
	tap(int_comes(OTHER, 0, EVENTS, 0), "and back");
}

static void test_unmapped(void)
{
	its_command(ITS_DISCARD | (uint64_t)DEVICE << 32, 3, 0, 0);
	tap(int_stays_away(DEVICE, 3, 3), "a discarded event is nothing");
	its_command(ITS_MAPD | (uint64_t)OTHER << 32, 0, 0, 0);
	tap(int_stays_away(OTHER, 0, EVENTS), "nor is an unmapped device's");
	tap(int_stays_away(0xfff0, 0, EVENTS), "nor one's that never was");
	its_command(0xee, ~0ull, ~0ull, ~0ull);
	tap(int_comes(DEVICE, 1, 1, 0), "an unknown command does no harm");
}

/* ---- a reset while events are mapped and pending */

static void make_mess(void)
{
	if (!its_init() || !its_device(DEVICE, 0))
		guest_die("the ITS takes nothing");
	its_set(DEVICE, 0, 0, false);
	its_int(DEVICE, 0);
}

static void test_clean(void)
{
	uint64_t lpis = 0, valid = mmio_read64(gic.its + GITS_CBASER) >> 63;

	for (unsigned i = 0; i < 8; i++)
		valid |= mmio_read64(gic.its + GITS_BASER + 8 * i) >> 63;
	for (unsigned i = 0; i < machine.ncpus; i++)
		lpis |= mmio_read32(gic_redist(i) + GICR_CTLR) & 1;
	tap(!(mmio_read32(gic.its + GITS_CTLR) & 1), "a reset turns it off");
	tap(!valid, "its tables are forgotten");
	tap(!lpis, "no CPU has LPIs");
}

static void test_reset(void)
{
	if (mark_came_back()) {
		arch_map(gic.its, 0x20000);
		test_clean();
		return;
	}
	arch_irq_enable();
	make_mess();
	mark_reset();
}

int guest_main(void)
{
	if (!gic.its)
		guest_die("no ITS is described");
	if (cmdline_has("reset"))
		test_reset();
	arch_irq_enable();
	start_cpus();
	if (!tap(its_init(), "the ITS takes its tables"))
		return tap_done();
	test_events();
	if (cmdline_has("kept"))
		test_kept();
	test_enable();
	test_collections();
	test_unmapped();
	return tap_done();
}
