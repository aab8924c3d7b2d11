// SPDX-License-Identifier: MIT
/*
 * A pSeries from inside: hypercalls and RTAS calls with right and wrong
 * arguments, XICS, other CPUs, memory, PCI, and ways to end the machine.
 *
 * Command line: mem=BYTES and cpus=N as vmm was told; nested: it may have
 * guests of its own; rtc=SECONDS of the epoch about now; end=HOW ends the
 * machine otherwise than by power-off: reset and panic are RTAS calls, exit=N
 * goes by isa-debug-exit, hang and cede stay. twice: resets once, which the
 * first disk remembers, then powers off.
 */
#include "arch.h"
#include "checks.h"
#include "guest.h"
#include "ppc64.h"

#define RTAS_OK	       0
#define RTAS_PARAMETER -3
#define XISR(x)	       ((x)&0xffffff)
#define XISR_IPI       2
#define CPPR(x)	       ((x) >> 24)
#define TOKEN_UNKNOWN  0x2fff
#define CPU_STOPPED    0
#define CPU_RUNNING    2

static uint64_t out; /* of hcall() where nobody looks */

/* Until *p is another than before; false: it is not. */
static bool changes(const volatile uint32_t *p, uint32_t before)
{
	uint64_t start = arch_ticks();

	while (*p == before && arch_ticks() - start < arch_patience())
		arch_relax();
	return *p != before;
}

/* --- hypercalls */

static void test_terminal(void)
{
	tap(hcall(H_PUT_TERM_CHAR, pseries.vty, 0, 0, 0, NULL) == H_SUCCESS,
	    "H_PUT_TERM_CHAR takes nothing");
	tap(hcall(H_PUT_TERM_CHAR, pseries.vty, 17, 0, 0, NULL) == H_PARAMETER,
	    "and not 17 characters");
	tap(hcall(H_PUT_TERM_CHAR, 0x7fff0000, 1, 0, 0, NULL) == H_PARAMETER,
	    "nor a unit that is none");
	tap(hcall(H_GET_TERM_CHAR, pseries.vty, 0, 0, 0, &out) == H_SUCCESS &&
		    out == 0,
	    "H_GET_TERM_CHAR has nothing to read");
}

static void test_logical_ci(void)
{
	uint64_t port = machine.pci_io_cpu + 0x2e8;

	tap(hcall(H_LOGICAL_CI_LOAD, 4, port, 0, 0, &out) == H_SUCCESS &&
		    out == 0xffffffff,
	    "H_LOGICAL_CI_LOAD of a port that nobody has reads as ones");
	tap(hcall(H_LOGICAL_CI_STORE, 4, port, 1, 0, NULL) == H_SUCCESS,
	    "H_LOGICAL_CI_STORE to it is ignored");
	tap(hcall(H_LOGICAL_CI_LOAD, 3, port, 0, 0, &out) == H_PARAMETER,
	    "three bytes are no size");
	tap(hcall(H_LOGICAL_CI_LOAD, 8, port + 4, 0, 0, &out) == H_PARAMETER,
	    "nor is an address that is not a multiple of it right");
}

/* From, to, the logarithm of an element's size, how many, and inverted. */
static int64_t memop(const void *to, const void *from, uint64_t n, uint64_t op)
{
	uint64_t r[9] = { (uintptr_t)to, (uintptr_t)from, 3, n, op };

	arch_mb();
	return hcall_raw(H_LOGICAL_MEMOP, r, r);
}

static void test_memop(void)
{
	static uint64_t from[4] = { 1, 2, 3, 4 }, to[4];
	volatile uint64_t *seen = to;

	tap(memop(to, from, 3, 0) == H_SUCCESS && seen[0] == 1 &&
		    seen[2] == 3 && seen[3] == 0,
	    "H_LOGICAL_MEMOP copies as many elements as it is told");
	tap(memop(to, from, 1, 1) == H_SUCCESS && seen[0] == ~1ull,
	    "and inverts them");
	tap(memop((char *)to + 4, from, 1, 0) == H_PARAMETER,
	    "an address that is not a multiple of their size is refused");
	tap(memop(to, from, 1ull << 40, 0) == H_PARAMETER,
	    "and more than any call may copy");
}

static void test_tce(void)
{
	static uint64_t list[512] __attribute__((aligned(4096)));
	uint64_t liobn = pseries.vio_liobn;

	if (!liobn) {
		tap_skip("TCEs", "no VIO device has a window");
		return;
	}
	tap(hcall(H_PUT_TCE, liobn, 0x3000, 0x5003, 0, NULL) == H_SUCCESS &&
		    hcall(H_GET_TCE, liobn, 0x3000, 0, 0, &out) == H_SUCCESS &&
		    out == 0x5003,
	    "H_GET_TCE reads what H_PUT_TCE wrote");
	tap(hcall(H_STUFF_TCE, liobn, 0x3000, 0x7001, 4, NULL) == H_SUCCESS &&
		    hcall(H_GET_TCE, liobn, 0x6000, 0, 0, &out) == H_SUCCESS &&
		    out == 0x7001,
	    "H_STUFF_TCE writes four");
	list[1] = __builtin_bswap64(0x9002);
	tap(hcall(H_PUT_TCE_INDIRECT, liobn, 0x3000, (uintptr_t)list, 2,
		  NULL) == H_SUCCESS &&
		    hcall(H_GET_TCE, liobn, 0x4000, 0, 0, &out) == H_SUCCESS &&
		    out == 0x9002,
	    "H_PUT_TCE_INDIRECT writes a list");
	tap(hcall(H_PUT_TCE_INDIRECT, liobn, 0, (uintptr_t)list + 8, 1, NULL) ==
		    H_PARAMETER,
	    "which begins a page");
	tap(hcall(H_PUT_TCE_INDIRECT, liobn, 0, (uintptr_t)list, 513, NULL) ==
		    H_PARAMETER,
	    "and has no more than that holds");
	tap(hcall(H_PUT_TCE_INDIRECT, liobn, 0, 1ull << 50, 1, NULL) ==
		    H_PARAMETER,
	    "and is in RAM");
	tap(hcall(H_STUFF_TCE, liobn, 0, 0, ~0ull, NULL) == H_PARAMETER,
	    "more entries than the window has are refused");
	tap(hcall(H_PUT_TCE, liobn, ~0ull << 12, 0, 0, NULL) == H_PARAMETER,
	    "so is an address past it");
	tap(hcall(H_PUT_TCE, 0x12345, 0, 0, 0, NULL) == H_PARAMETER,
	    "and a window that is none");
	hcall(H_STUFF_TCE, liobn, 0x3000, 0, 4, NULL);
}

/* An entry in the last group of the hash table, which nothing else uses. */
static void test_hash(void)
{
	const uint64_t exact = 1ull << 39, index = (1 << 20) - 8;
	const uint64_t entry = 0x1234567ull << 12 | 1;
	uint64_t r[9] = { exact, index, entry, 0x10000 | 0x190 };
	int64_t ret = hcall_raw(H_ENTER, r, r);

	if (!pseries.hash) {
		tap(ret != H_SUCCESS, "H_ENTER needs a hash table");
		return;
	}
	tap(ret == H_SUCCESS && r[0] == index,
	    "H_ENTER puts an entry where it is told to");
	tap(hcall(H_READ, 0, index, 0, 0, &out) == H_SUCCESS && out == entry,
	    "H_READ has it");
	tap(hcall(H_REMOVE, 0, index, 0, 0, &out) == H_SUCCESS &&
		    out == entry &&
		    hcall(H_READ, 0, index, 0, 0, &out) == H_SUCCESS &&
		    !(out & 1),
	    "H_REMOVE takes it away");
	tap(hcall(H_READ, 0, 1ull << 40, 0, 0, &out) == H_PARAMETER,
	    "H_READ refuses an entry that is none");
}

static void test_cpu_calls(void)
{
	uint32_t before = system_resets;

	tap(hcall(H_CHARACTERISTICS, 0, 0, 0, 0, &out) == H_SUCCESS,
	    "H_GET_CPU_CHARACTERISTICS has some");
	tap(hcall(H_SET_DABR, 0, 0, 0, 0, NULL) == H_SUCCESS,
	    "H_SET_DABR watches nothing");
	tap(hcall(H_SET_XDABR, 0, 0, 0, 0, NULL) == H_PARAMETER,
	    "H_SET_XDABR refuses accesses of nobody");
	tap((hcall(H_TLB_INVALIDATE, 0, 0, 0, 0, NULL) != H_FUNCTION) ==
		    cmdline_has("nested"),
	    "H_TLB_INVALIDATE is for those who may have guests");
	tap(hcall(H_CONFER, machine.cpu[0], 0, 0, 0, NULL) == H_SUCCESS,
	    "H_CONFER gives time away");
	tap(hcall(H_SIGNAL_SYS_RESET, machine.cpu[0], 0, 0, 0, NULL) ==
			    H_SUCCESS &&
		    changes(&system_resets, before),
	    "H_SIGNAL_SYS_RESET interrupts this CPU");
	tap(hcall(H_SIGNAL_SYS_RESET, 0x7fff, 0, 0, 0, NULL) == H_PARAMETER,
	    "and not one that is none");
}

static void test_hcalls(void)
{
	uint64_t a = 0, b = 0;

	tap(hcall(0x5ffc, 0, 0, 0, 0, NULL) == H_FUNCTION,
	    "a hypercall that nobody has is H_FUNCTION");
	tap(hcall(0xeffc, 0, 0, 0, 0, NULL) == H_FUNCTION,
	    "so is a private one");
	tap(hcall(H_RANDOM, 0, 0, 0, 0, &a) == H_SUCCESS &&
		    hcall(H_RANDOM, 0, 0, 0, 0, &b) == H_SUCCESS && a != b,
	    "H_RANDOM differs from one time to the next");
	tap(hcall(H_SET_MODE, 0, 99, 0, 0, NULL) != H_SUCCESS,
	    "H_SET_MODE refuses a resource that is none");
	tap(hcall(H_SET_MODE, 77, 4, 0, 0, NULL) != H_SUCCESS,
	    "and a byte order that is none");
	tap(hcall(H_REGISTER_VPA, 1ull << 61, 0, ~0ull << 12, 0, NULL) !=
		    H_SUCCESS,
	    "H_REGISTER_VPA refuses an area outside RAM");
	tap(hcall(H_REG_CRQ, 0x7fff0000, 0, 4096, 0, NULL) == H_PARAMETER,
	    "H_REG_CRQ refuses a unit that is none");
	tap(hcall(H_SEND_CRQ, pseries.vty, 0, 0, 0, NULL) == H_PARAMETER,
	    "H_SEND_CRQ refuses a device without a queue");
	tap(hcall(H_VIO_SIGNAL, pseries.vty, 1, 0, 0, NULL) == H_SUCCESS &&
		    hcall(H_VIO_SIGNAL, pseries.vty, 0, 0, 0, NULL) ==
			    H_SUCCESS,
	    "H_VIO_SIGNAL turns a terminal's interrupt on and off");
	test_hash();
	test_cpu_calls();
	test_terminal();
	test_logical_ci();
	test_memop();
	test_tce();
}

/* --- RTAS */

/* A call as it is in memory; the status, or what the hypercall returned. */
static int64_t raw_rtas(uint32_t token, uint32_t nargs, uint32_t nret)
{
	uint32_t cell[32] = { __builtin_bswap32(token),
			      __builtin_bswap32(nargs),
			      __builtin_bswap32(nret) };
	int64_t ret;

	arch_mb();
	ret = hcall(H_RTAS, (uintptr_t)cell, 0, 0, 0, NULL);
	arch_mb();
	if (ret != H_SUCCESS || !nret)
		return ret;
	return (int32_t)__builtin_bswap32(
		*(volatile uint32_t *)&cell[3 + nargs]);
}

static void test_clock(void)
{
	static const uint16_t before[] = { 0,	31,  59,  90,  120, 151,
					   181, 212, 243, 273, 304, 334 };
	const char *want = cmdline_get("rtc");
	uint32_t set[7], r[8];
	uint64_t now;

	if (!tap(rtas("get-time-of-day", 0, NULL, 8, r) == RTAS_OK &&
			 r[2] >= 1 && r[2] <= 12 && r[1] >= 1970,
		 "get-time-of-day says %u-%02u-%02u", r[1], r[2], r[3]))
		return;
	now = (r[1] - 1970) * 365 + (r[1] - 1969) / 4 + before[r[2] - 1] +
	      r[3] - 1 + (r[2] > 2 && r[1] % 4 == 0);
	now = now * 86400 + r[4] * 3600 + r[5] * 60 + r[6];
	if (want)
		tap(now + 300 >= parse_num(want) &&
			    now <= parse_num(want) + 300,
		    "which is near the host's");
	memcpy(set, r + 1, sizeof(set));
	set[0] += 2;
	set[2] = 1;
	tap(rtas("set-time-of-day", 7, set, 1, r) == RTAS_OK &&
		    rtas("get-time-of-day", 0, NULL, 8, r) == RTAS_OK &&
		    r[1] == set[0],
	    "set-time-of-day moves it two years on");
	set[1] = 13;
	tap(rtas("set-time-of-day", 7, set, 1, r) == RTAS_PARAMETER,
	    "a 13th month is refused");
}

static void test_rtas(void)
{
	uint32_t time = rtas_token("get-time-of-day");

	tap(raw_rtas(TOKEN_UNKNOWN, 0, 1) == RTAS_PARAMETER,
	    "a token that is none is refused");
	tap(raw_rtas(time, 1, 8) == RTAS_PARAMETER,
	    "so are arguments too many");
	tap(raw_rtas(time, 0, 2) == RTAS_PARAMETER, "or results too few");
	tap(raw_rtas(time, 0, 1000) == H_PARAMETER,
	    "a buffer that cannot be is an H_PARAMETER");
	tap(hcall(H_RTAS, 0x1001, 0, 0, 0, NULL) == H_PARAMETER,
	    "so is one that is not aligned");
	tap(hcall(H_RTAS, 1ull << 50, 0, 0, 0, NULL) == H_PARAMETER,
	    "or not in RAM");
	tap(hcall(H_RTAS, ~3ull, 0, 0, 0, NULL) == H_PARAMETER,
	    "or ends where addresses do");
	test_clock();
	tap(rtas3("display-character", 1, '#', 0, 0) == RTAS_OK &&
		    rtas3("display-character", 1, '\n', 0, 0) == RTAS_OK,
	    "display-character takes one");
	tap(rtas3("ibm,get-system-parameter", 3, 9999, 0, 0) == -3 ||
		    rtas3("ibm,get-system-parameter", 3, 9999, 0, 0) < 0,
	    "a system parameter that is none is refused");
}

static void test_nvram(void)
{
	static const char said[] = "vmm was here";
	static char back[16];
	const uint32_t store[] = { 64, (uintptr_t)said, sizeof(said) };
	const uint32_t fetch[] = { 64, (uintptr_t)back, sizeof(said) };
	const uint32_t far[] = { 0x7fffffff, (uintptr_t)back, 16 };
	uint32_t r[2];

	if (!rtas_token("nvram-fetch")) {
		tap_skip("NVRAM", "there is none");
		return;
	}
	tap(rtas("nvram-store", 3, store, 2, r) == RTAS_OK &&
		    r[1] == sizeof(said) &&
		    rtas("nvram-fetch", 3, fetch, 2, r) == RTAS_OK &&
		    !strcmp(back, said),
	    "NVRAM keeps what is stored");
	tap(rtas("nvram-fetch", 3, far, 2, r) == RTAS_PARAMETER,
	    "and has an end");
}

/* --- XICS */

static void ipi(unsigned cpu, uint8_t mfrr)
{
	hcall(H_IPI, machine.cpu[cpu], mfrr, 0, 0, NULL);
}

/* Accepted by hand, with interrupts masked by MSR[EE]. */
static void test_presentation(void)
{
	uint64_t r[9] = { machine.cpu[0], 0x77 }, xirr;

	arch_irq_disable();
	hcall(H_CPPR, 0xff, 0, 0, 0, NULL);
	tap(hcall(H_XIRR, 0, 0, 0, 0, &xirr) == H_SUCCESS && !XISR(xirr),
	    "H_XIRR has nothing at first");
	ipi(0, 4);
	tap(hcall_raw(H_IPOLL, r, r) == H_SUCCESS && XISR(r[0]) == XISR_IPI,
	    "H_IPOLL sees an IPI");
	/* KVM, where it plays XICS on a XIVE, leaves R5 as it was. */
	tap(r[1] == 4 || r[1] == 0x77, "and its priority, %lx", r[1]);
	hcall(H_XIRR, 0, 0, 0, 0, &xirr);
	tap(XISR(xirr) == XISR_IPI && CPPR(xirr) == 0xff,
	    "H_XIRR accepts it, and has the priority before");
	hcall(H_IPI, machine.cpu[0], 0xff, 0, 0, NULL);
	ipi(0, 5);
	hcall(H_XIRR, 0, 0, 0, 0, &xirr);
	tap(!XISR(xirr) && CPPR(xirr) == 4,
	    "one that is less favoured waits meanwhile");
	hcall(H_EOI, 0xff000000 | XISR_IPI, 0, 0, 0, NULL);
	hcall(H_XIRR, 0, 0, 0, 0, &xirr);
	tap(XISR(xirr) == XISR_IPI, "until H_EOI");
	ipi(0, 0xff);
	hcall(H_EOI, xirr, 0, 0, 0, NULL);
	hcall(H_CPPR, 3, 0, 0, 0, NULL);
	ipi(0, 4);
	hcall(H_XIRR, 0, 0, 0, 0, &xirr);
	tap(!XISR(xirr), "H_CPPR masks what it does not exceed");
	ipi(0, 0xff);
	hcall(H_CPPR, 0xff, 0, 0, 0, NULL);
	hcall(H_XIRR, 0, 0, 0, 0, &xirr);
	tap(!XISR(xirr), "an IPI that is taken back does not come");
	tap(hcall(H_IPI, 0x7fff, 4, 0, 0, NULL) == H_PARAMETER,
	    "H_IPI refuses a CPU that is none");
	arch_irq_enable();
}

static void test_vectors(void)
{
	uint32_t before = xics_ipis[0];

	ipi(0, 4);
	tap(changes(&xics_ipis[0], before), "an IPI interrupts");
	before = decrementers;
	__asm__ volatile("mtdec %0" : : "r"(1000));
	tap(changes(&decrementers, before), "so does the decrementer");
	before = decrementers;
	__asm__ volatile("mtdec %0" : : "r"(200000));
	hcall(H_CEDE, 0, 0, 0, 0, NULL);
	tap(changes(&decrementers, before), "H_CEDE ends when it comes");
	tap(xics_spurious == 0, "no interrupt was without a source");
}

/* The terminal's source, which nothing raises. */
static void test_sources(void)
{
	uint32_t source = pseries.vty_irq, r[3];

	if (!source || !rtas_token("ibm,set-xive")) {
		tap_skip("sources", "the tree has none");
		return;
	}
	tap(rtas3("ibm,set-xive", 3, source, machine.cpu[0], 6) == RTAS_OK &&
		    rtas("ibm,get-xive", 1, &source, 3, r) == RTAS_OK &&
		    r[1] == machine.cpu[0] && r[2] == 6,
	    "ibm,get-xive reads what ibm,set-xive wrote");
	tap(rtas3("ibm,int-off", 1, source, 0, 0) == RTAS_OK &&
		    rtas("ibm,get-xive", 1, &source, 3, r) == RTAS_OK &&
		    r[2] == 0xff,
	    "ibm,int-off masks it");
	tap(rtas3("ibm,int-on", 1, source, 0, 0) == RTAS_OK &&
		    rtas("ibm,get-xive", 1, &source, 3, r) == RTAS_OK &&
		    r[2] == 6,
	    "ibm,int-on gives its priority back");
	tap(rtas3("ibm,set-xive", 3, 0xfffff0, machine.cpu[0], 6) == -3,
	    "a source that is none is refused");
	tap(rtas3("ibm,set-xive", 3, source, 0x7fff, 6) == -3,
	    "so is a server that is none");
	tap(xics_spurious == 0, "no interrupt was without a source");
}

/* --- CPUs */

static volatile uint32_t cpus_arrived, cpus_leave;
static volatile bool cpu_right[MAX_CPUS];

static void cpu_entry(void *arg)
{
	unsigned n = (uintptr_t)arg;

	cpu_right[n] = cpu_index() == n;
	hcall(H_CPPR, 0xff, 0, 0, 0, NULL);
	cpu_irq(true);
	__atomic_fetch_add(&cpus_arrived, 1, __ATOMIC_SEQ_CST);
	while (!cpus_leave)
		hcall(H_CEDE, 0, 0, 0, 0, NULL);
	cpu_irq(false);
	rtas("stop-self", 0, NULL, 1, (uint32_t[1]){ 0 });
}

static uint32_t cpu_state(unsigned cpu)
{
	const uint32_t arg = machine.cpu[cpu];
	uint32_t r[2];

	return rtas("query-cpu-stopped-state", 1, &arg, 2, r) ? ~0u : r[1];
}

/* Every CPU but this one is in that state, or comes to be. */
static bool cpus_are(uint32_t state)
{
	uint64_t start = arch_ticks();

	for (unsigned n = 1; n < machine.ncpus; n++)
		while (cpu_state(n) != state)
			if (arch_ticks() - start > arch_patience())
				return false;
	return true;
}

/* They have ceded. */
static void test_reset_others(void)
{
	uint32_t want = system_resets + machine.ncpus - 1;
	uint64_t start = arch_ticks();

	hcall(H_SIGNAL_SYS_RESET, ~1ull, 0, 0, 0, NULL);
	while (system_resets != want && arch_ticks() - start < arch_patience())
		arch_relax();
	tap(system_resets == want, "and a System Reset");
}

static void test_cpus(void)
{
	const char *want = cmdline_get("cpus");
	uint32_t answered = 0;
	bool started = true, right = true;

	if (want)
		tap(machine.ncpus == parse_num(want), "the tree has %u CPUs",
		    machine.ncpus);
	tap(cpu_state(0) == CPU_RUNNING, "this one runs");
	tap(rtas3("start-cpu", 3, machine.cpu[0], 0x100, 0) != RTAS_OK,
	    "it cannot be started");
	tap(rtas3("start-cpu", 3, 0x7fff, 0x100, 0) == RTAS_PARAMETER,
	    "nor can one that is none");
	tap(cpus_are(CPU_STOPPED), "the others are stopped");
	for (unsigned n = 1; n < machine.ncpus; n++)
		started &= arch_cpu_start(n, cpu_entry, (void *)(uintptr_t)n);
	tap(started && cpus_are(CPU_RUNNING), "start-cpu starts them");
	while (started && cpus_arrived < machine.ncpus - 1)
		arch_relax();
	for (unsigned n = 1; n < machine.ncpus; n++) {
		uint32_t before = xics_ipis[n];

		right &= cpu_right[n];
		ipi(n, 4);
		answered += changes(&xics_ipis[n], before);
	}
	tap(right, "each is the one that was meant");
	tap(answered == machine.ncpus - 1, "each takes an IPI");
	test_reset_others();
	cpus_leave = 1;
	for (unsigned n = 1; n < machine.ncpus; n++)
		hcall(H_PROD, machine.cpu[n], 0, 0, 0, NULL);
	tap(cpus_are(CPU_STOPPED), "H_PROD wakes them, stop-self stops them");
	tap(hcall(H_PROD, 0x7fff, 0, 0, 0, NULL) != H_SUCCESS,
	    "a CPU that is none cannot be woken");
}

/* --- ends */

static void end_by(const char *how)
{
	static const char why[128] = "the guest was told to";
	uint32_t status;

	if (!strncmp(how, "reset", 5))
		rtas("system-reboot", 0, NULL, 1, &status);
	else if (!strncmp(how, "panic", 5))
		rtas3("ibm,os-term", 1, (uintptr_t)why, 0, 0);
	else if (!strncmp(how, "exit=", 5))
		arch_io_write(0xf4, 1, parse_num(how + 5));
	else if (!strncmp(how, "hang", 4))
		for (;;)
			arch_relax();
	else if (!strncmp(how, "cede", 4))
		for (;;)
			hcall(H_CEDE, 0, 0, 0, 0, NULL);
	for (uint64_t start = arch_ticks();
	     arch_ticks() - start < arch_patience();)
		arch_relax();
	guest_die("still here after end=%s", how);
}

int guest_main(void)
{
	const char *end = cmdline_get("end");

	if (end) {
		printf("ending by %s\n", end);
		end_by(end);
	}
	if (cmdline_get("twice"))
		return check_reset(end_by);
	check_memory();
	test_hcalls();
	test_rtas();
	test_nvram();
	test_presentation();
	test_vectors();
	test_sources();
	test_cpus();
	check_pci(false);
	return tap_done();
}
