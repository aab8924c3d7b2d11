/* SPDX-License-Identifier: MIT */
/* gdbstub: what a client sees of a machine of toy CPUs. */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gdbstub/priv.h"
#include "tests/gdbstub/rig.h"

static struct stub_rig r;

static void begin(unsigned ncpus)
{
	memset(&r, 0, sizeof(r));
	stub_rig_init(&r, ncpus, true);
}

/* Register number n of the current thread: rip is 16, r14 and r15 before. */
static uint64_t reg(unsigned n)
{
	char ask[16];
	const char *hex;
	uint64_t val = 0;
	uint8_t bytes[8];

	snprintf(ask, sizeof(ask), "p%x", n);
	hex = stub_ask(&r, ask);
	CHECK_EQ(strlen(hex), 16);
	CHECK(packet_unhex(hex, 8, bytes));
	memcpy(&val, bytes, 8);
	return val;
}

/* gdb's number of a register of the first toy. */
static unsigned number_of(const char *name)
{
	const struct x86_regs *regs = &stub_rig_toy(&r, 0)->regs;
	const struct reg *at = target_reg_next(&r.target, regs, NULL);
	unsigned n = 0;

	while (strcmp(at->name, name)) {
		at = target_reg_next(&r.target, regs, at);
		CHECK(at);
		n++;
	}
	return n;
}

#define R13 13
#define R14 14
#define R15 15
#define RIP 16

TEST(gdbstub_stops_the_machine_for_a_client_and_lets_it_run_on_after)
{
	uint64_t before;

	memset(&r, 0, sizeof(r));
	stub_rig_init(&r, 1, false);
	CHECK(!strncmp(stub_ask(&r, "?"), "T05thread:1;", 12));
	before = stub_rig_toy(&r, 0)->regs.gpr[15];
	usleep(20000);
	CHECK_EQ(stub_rig_toy(&r, 0)->regs.gpr[15], before);
	ASK(&r, "D", "OK");
	CHECK(!stub_recv(&r));
	UNTIL(stub_rig_toy(&r, 0)->regs.gpr[15] != before);
	stub_rig_destroy(&r);
}

TEST(gdbstub_lets_no_time_pass_while_it_is_stopped)
{
	begin(2);
	stub_ask(&r, "?");
	CHECK(r.clock_still);
	for (unsigned i = 1; i < 4; i++) {
		CHECK_EQ(r.clock_stops, i);
		CHECK(!strncmp(stub_ask(&r, "vCont;s:1;c"), "T05", 3));
		CHECK(r.clock_still);
	}
	ASK(&r, "D", "OK");
	CHECK(!stub_recv(&r));
	stub_rig_hang_up(&r);
	stub_rig_connect(&r);
	CHECK_EQ(r.clock_stops, 5);
	stub_rig_hang_up(&r); /* a lost client stops no clock for good */
	for (int i = 0; i < 10000 && __atomic_load_n(&r.clock_still, 0); i++)
		usleep(1000);
	CHECK(!__atomic_load_n(&r.clock_still, 0));
	stub_rig_destroy(&r);
}

TEST(gdbstub_waits_before_the_first_instruction)
{
	begin(2);
	CHECK(!strncmp(stub_ask(&r, "?"), "T05thread:1;", 12));
	CHECK_EQ(reg(RIP), TOY_CODE);
	CHECK_EQ(reg(R15), 0);
	ASK(&r, "qfThreadInfo", "m1,2");
	ASK(&r, "qsThreadInfo", "l");
	ASK(&r, "qC", "QC1");
	stub_rig_destroy(&r);
}

TEST(gdbstub_steps_one_vcpu_while_the_others_stand)
{
	begin(2);
	for (unsigned i = 1; i < 8; i++) {
		CHECK(!strncmp(stub_ask(&r, "vCont;s:1"), "T05thread:1;", 12));
		CHECK_EQ(reg(RIP), TOY_CODE + i);
	}
	ASK(&r, "Hg2", "OK");
	CHECK_EQ(reg(RIP), TOY_CODE + 0x1000);
	stub_rig_destroy(&r);
}

TEST(gdbstub_steps_through_a_range_and_tells_of_its_end)
{
	begin(1);
	CHECK(!strncmp(stub_ask(&r, "vCont;r10000,10006:1"), "T05thread:1;",
		       12));
	CHECK_EQ(reg(RIP), TOY_CODE + 6);
	stub_rig_destroy(&r);
}

/* ---- steps by breakpoints */

static void begin_planned(unsigned ncpus, bool no_sw_break)
{
	memset(&r, 0, sizeof(r));
	r.no_step = true;
	r.no_sw_break = no_sw_break;
	stub_rig_init(&r, ncpus, true);
	stub_ask(&r, "qSupported:swbreak+;hwbreak+;error-message+");
}

TEST(gdbstub_steps_by_breakpoints_where_there_is_no_step)
{
	begin_planned(2, false);
	for (unsigned i = 1; i < 40; i++) {
		/* The other one would run, and is not let. */
		ASK(&r, "vCont;s:1;c", "T05thread:1;");
		CHECK_EQ(reg(RIP), TOY_CODE + i % 16);
		ASK(&r, "m10000,8", "9090909090909090");
	}
	CHECK_EQ(reg(R15), 2);
	ASK(&r, "Hg2", "OK");
	CHECK_EQ(reg(RIP), TOY_CODE + 0x1000);
	CHECK_EQ(reg(R14), 0);
	stub_rig_destroy(&r);
}

TEST(gdbstub_ends_a_step_by_breakpoints_where_an_interrupt_leads)
{
	memset(&r, 0, sizeof(r));
	r.no_step = r.loop_faults = true;
	stub_rig_init(&r, 2, true);
	for (unsigned i = 1; i <= 16; i++) {
		stub_ask(&r, "vCont;s:1;c");
		CHECK_EQ(reg(RIP), TOY_CODE + i % 16);
		/* The store, at 8, is to see how interrupts are. */
		CHECK_EQ(stub_rig_toy(&r, 0)->debug.irqs_blocked, i != 9);
		CHECK(!stub_rig_toy(&r, 1)->debug.irqs_blocked);
	}
	ASK(&r, "Qqemu.sstep=1", "OK");
	stub_ask(&r, "vCont;s:1");
	CHECK(!stub_rig_toy(&r, 0)->debug.irqs_blocked);
	stub_rig_destroy(&r);
}

TEST(gdbstub_steps_by_debug_registers_where_there_is_nothing_else)
{
	begin_planned(1, true);
	for (unsigned i = 1; i < 20; i++) {
		ASK(&r, "vCont;s:1", "T05thread:1;");
		CHECK_EQ(reg(RIP), TOY_CODE + i % 16);
	}
	stub_rig_destroy(&r);
}

TEST(gdbstub_steps_by_breakpoints_through_a_range_and_onto_its_own)
{
	begin_planned(1, false);
	ASK(&r, "vCont;r10000,10006:1", "T05thread:1;");
	CHECK_EQ(reg(RIP), TOY_CODE + 6);
	ASK(&r, "Z0,10007,1", "OK");
	ASK(&r, "vCont;s:1", "T05thread:1;swbreak:;");
	CHECK_EQ(reg(RIP), TOY_CODE + 7);
	/* What was planned for a step is gone with it. */
	ASK(&r, "z0,10007,1", "OK");
	ASK(&r, "Z0,1000a,1", "OK");
	ASK(&r, "vCont;c", "T05thread:1;swbreak:;");
	CHECK_EQ(reg(RIP), TOY_CODE + 10);
	stub_rig_destroy(&r);
}

TEST(gdbstub_steps_by_breakpoints_what_would_escape_a_step)
{
	memset(&r, 0, sizeof(r));
	r.loop_escapes = true;
	stub_rig_init(&r, 2, true);
	for (unsigned i = 1; i < 40; i++) {
		ASK(&r, "vCont;s:1;c", "T05thread:1;");
		CHECK_EQ(reg(RIP), TOY_CODE + i % 16);
	}
	/* In a range, while the other one runs, which meets no breakpoint. */
	for (unsigned i = 0; i < 20; i++) {
		ASK(&r, "P10=0a00010000000000", "OK");
		ASK(&r, "vCont;r1000a,10010:1;c", "T05thread:1;");
		CHECK_EQ(reg(RIP), TOY_CODE);
	}
	ASK(&r, "Hg2", "OK");
	CHECK_EQ(reg(R14), 0);
	stub_rig_destroy(&r);
}

TEST(gdbstub_says_so_where_a_step_cannot_be_planned)
{
	/* A loop that is one instruction. */
	static const uint8_t loop = TOY_LOOP;

	begin_planned(1, false);
	CHECK_EQ(mem_write(&r.mem, TOY_CODE, &loop, 1), 0);
	ASK(&r, "vCont;s:1", "E.this host's KVM cannot step here");
	CHECK_EQ(reg(RIP), TOY_CODE);
	stub_rig_destroy(&r);
	memset(&r, 0, sizeof(r));
	r.no_step = r.no_plan = true;
	stub_rig_init(&r, 1, true);
	CHECK_EQ(stub_ask(&r, "s")[0], 'E');
	ASK(&r, "Z0,1000a,1", "OK");
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05thread:1;", 12));
	stub_rig_destroy(&r);
}

TEST(gdbstub_reads_and_writes_memory)
{
	begin(1);
	ASK(&r, "m10000,4", "90909090");
	ASK(&r, "M20000,3:0a0b0c", "OK");
	ASK(&r, "m20000,4", "0a0b0c00");
	stub_send(&r, "X20000,2:}\x03}\x04");
	CHECK_STR(stub_recv(&r), "OK");
	ASK(&r, "m20000,4", "23240c00");
	/* As far as there is memory, and not beyond. */
	ASK(&r, "mffffe,8", "0000");
	CHECK_EQ(stub_ask(&r, "m100000,8")[0], 'E');
	CHECK_EQ(stub_ask(&r, "Mffffe,4:00000000")[0], 'E');
	CHECK_EQ(stub_ask(&r, "M20000,4:00")[0], 'E');
	ASK(&r, "qCRC:10000,4", "Cd0ea3e20");
	ASK(&r, "qSearch:memory:1fffe;1000;\x0c", "1,20002");
	ASK(&r, "qSearch:memory:20003;1000;\x0c", "0");
	/* What would take longer than gdb waits is refused: E2BIG. */
	ASK(&r, "qCRC:0,10000001", "E07");
	ASK(&r, "qSearch:memory:0;100000001;\x0c", "E07");
	ASK(&r, "qCRC:0,ffffffffffffffff", "E07");
	stub_rig_destroy(&r);
}

/* Bytes that were answered and are yet to be read, here or in the socket. */
static size_t owed(void)
{
	int here = 0;

	CHECK_EQ(ioctl(r.fd, FIONREAD, &here), 0);
	return __atomic_load_n(&r.stub->wire.len, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&r.stub->sent, __ATOMIC_ACQUIRE) + (size_t)here;
}

/* One that always has answers to read, though it reads them all in the end. */
TEST(gdbstub_keeps_no_more_for_a_slow_client_than_it_owes)
{
	enum { PACKETS = 200, BEHIND = 12 };
	static uint8_t buf[1 << 16];
	unsigned got = 0;

	begin(1);
	for (unsigned i = 0; i < 0x8000; i++) {
		uint8_t b = (uint8_t)(i * 7 ^ i >> 8);

		CHECK_EQ(mem_write(&r.mem, 0x40000 + i, &b, 1), 0);
	}
	for (unsigned i = 0; i < PACKETS + BEHIND; i++) {
		if (i < PACKETS)
			stub_send(&r, "m40000,8000");
		/* So many do not all fit into the socket. */
		if (i >= BEHIND && i < PACKETS)
			UNTIL(owed() > (BEHIND - 1) * sizeof(buf));
		while (i >= BEHIND && got <= i - BEHIND) {
			ssize_t n = read(r.fd, buf, 4096);

			CHECK(n > 0);
			while (n--)
				got += buf[n] == '#'; /* each has one */
		}
	}
	CHECK_EQ(got, PACKETS);
	CHECK(r.stub->wire.cap <= 4u << 20);
	stub_rig_destroy(&r);
}

TEST(gdbstub_writes_registers_that_the_guest_then_has)
{
	char ask[64];

	begin(1);
	ASK(&r, "P10=0500010000000000", "OK");
	CHECK_EQ(reg(RIP), TOY_CODE + 5);
	CHECK(!strncmp(stub_ask(&r, "vCont;s:1"), "T05", 3));
	CHECK_EQ(reg(RIP), TOY_CODE + 6);
	CHECK_EQ(stub_ask(&r, "P10=05")[0], 'E');
	CHECK_EQ(stub_ask(&r, "Pffff=05")[0], 'E');
	/* What a vCPU does not take is an error, and is not kept. */
	snprintf(ask, sizeof(ask), "P%x=0000008000000000", number_of("cr0"));
	CHECK_EQ(stub_ask(&r, ask)[0], 'E');
	CHECK_EQ(stub_rig_toy(&r, 0)->regs.cr0, 0x60000010);
	CHECK_EQ(reg(number_of("cr0")), 0x60000010);
	CHECK_EQ(stub_ask(&r, "pffff")[0], 'E');
	stub_rig_destroy(&r);
}

TEST(gdbstub_gives_all_registers_as_its_description_lists_them)
{
	char all[8192], *xml, *p;
	size_t bits = 0;

	begin(1);
	xml = strdup(stub_ask(&r, "qXfer:features:read:target.xml:0,7fff"));
	CHECK_EQ(xml[0], 'l');
	for (p = xml; (p = strstr(p, "bitsize=\"")); p++)
		bits += strtoul(p + 9, NULL, 10);
	snprintf(all, sizeof(all), "G%s", stub_ask(&r, "g"));
	CHECK_EQ(strlen(all) - 1, bits / 4);
	ASK(&r, all, "OK");
	all[strlen(all) - 1] = 0;
	CHECK_EQ(stub_ask(&r, all)[0], 'E');
	free(xml);
	stub_rig_destroy(&r);
}

TEST(gdbstub_hides_its_breakpoints_and_hits_them)
{
	begin(1);
	ASK(&r, "Z0,10004,1", "OK");
	ASK(&r, "m10000,8", "9090909090909090");
	for (int i = 0; i < 3; i++) {
		CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05thread:1;", 12));
		CHECK_EQ(reg(RIP), TOY_CODE + 4);
		ASK(&r, "m10004,1", "90");
		/* As gdb steps over it. */
		ASK(&r, "z0,10004,1", "OK");
		stub_ask(&r, "vCont;s:1");
		CHECK_EQ(reg(RIP), TOY_CODE + 5);
		ASK(&r, "Z0,10004,1", "OK");
	}
	CHECK_EQ(reg(R15), 2);
	CHECK_EQ(reg(R14), 0);
	stub_rig_destroy(&r);
}

TEST(gdbstub_works_for_a_guest_whose_caches_are_off)
{
	memset(&r, 0, sizeof(r));
	r.uncached = true;
	stub_rig_init(&r, 1, true);
	/* The host has the byte in its cache, and a program that stores 0. */
	ASK(&r, "M20000,2:0505", "OK");
	ASK(&r, "Z0,1000a,1", "OK");
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05thread:1;", 12));
	CHECK_EQ(reg(RIP), TOY_CODE + 10);
	ASK(&r, "m20000,2", "0005");
	/* Code that is written is executed. */
	ASK(&r, "z0,1000a,1", "OK");
	ASK(&r, "M1000b,1:cc", "OK");
	ASK(&r, "Z1,1000c,1", "OK");
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05thread:1;", 12));
	CHECK_EQ(reg(RIP), TOY_CODE + 12);
	CHECK_EQ(reg(R14), 1);
	ASK(&r, "m20000,2", "0005");
	stub_rig_destroy(&r);
}

TEST(gdbstub_tells_how_a_breakpoint_hit_to_who_asks)
{
	begin(1);
	stub_ask(&r, "qSupported:swbreak+;hwbreak+");
	ASK(&r, "Z0,10004,1", "OK");
	ASK(&r, "Z1,10006,1", "OK");
	ASK(&r, "vCont;c", "T05thread:1;swbreak:;");
	ASK(&r, "z0,10004,1", "OK");
	ASK(&r, "vCont;c", "T05thread:1;hwbreak:;");
	stub_rig_destroy(&r);
}

TEST(gdbstub_leaves_the_guests_own_breakpoints_to_the_guest)
{
	static const uint8_t int3 = TOY_INT3;

	begin(1);
	CHECK_EQ(mem_write(&r.mem, TOY_CODE + 2, &int3, 1), 0);
	ASK(&r, "Z0,1000a,1", "OK");
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05", 3));
	CHECK_EQ(reg(RIP), TOY_CODE + 10);
	CHECK_EQ(reg(R14), 1);
	ASK(&r, "m10002,1", "cc");
	stub_rig_destroy(&r);
}

/* ---- the guest's own debug registers */

/* A register of the first toy, as its guest would set it. */
static void own_debug(unsigned n, uint64_t addr, uint64_t how)
{
	struct x86_regs *regs = &stub_rig_toy(&r, 0)->regs;

	regs->dr[n] = addr;
	regs->dr7 |= UINT64_C(1) << 2 * n | how << (16 + 4 * n);
}

#define OWN_EXEC  0u
#define OWN_WRITE 1u

TEST(gdbstub_keeps_the_guests_debug_registers_beside_its_own)
{
	begin(1);
	own_debug(2, TOY_CODE + 3, OWN_EXEC);
	own_debug(3, TOY_DATA, OWN_WRITE);
	ASK(&r, "Z1,1000a,1", "OK");
	for (uint64_t i = 1; i < 5; i++) {
		CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05thread:1;", 12));
		CHECK_EQ(reg(RIP), TOY_CODE + 10);
		CHECK_EQ(reg(R13), 2 * i);
		CHECK_EQ(reg(number_of("dr6")) & 0xf, 1 << 3);
	}
	/* What it has is as it put it, whatever is loaded meanwhile. */
	CHECK_EQ(reg(number_of("dr2")), TOY_CODE + 3);
	CHECK_EQ(reg(number_of("dr0")), 0);
	CHECK_EQ(reg(number_of("dr7")), 0x10000450);
	stub_rig_destroy(&r);
}

TEST(gdbstub_tells_of_an_access_that_the_guest_watches_too)
{
	begin(1);
	own_debug(0, TOY_DATA, OWN_WRITE);
	ASK(&r, "Z2,20000,1", "OK");
	for (uint64_t i = 1; i < 4; i++) {
		ASK(&r, "vCont;c", "T05thread:1;watch:20000;");
		CHECK_EQ(reg(R13), i);
		CHECK_EQ(reg(number_of("dr6")) & 0xf, 1);
	}
	ASK(&r, "z2,20000,1", "OK");
	/* And by steps alone: the guest's are where it put them. */
	for (unsigned i = 0; i < 16; i++)
		CHECK(!strncmp(stub_ask(&r, "s"), "T05thread:1;", 12));
	CHECK_EQ(reg(RIP), TOY_CODE + 9);
	CHECK_EQ(reg(R13), 4);
	stub_rig_destroy(&r);
}

TEST(gdbstub_goes_first_where_debug_registers_are_short)
{
	begin(1);
	for (unsigned i = 0; i < 4; i++)
		own_debug(i, TOY_CODE + 2 + i, OWN_EXEC);
	ASK(&r, "Z1,1000a,1", "OK");
	ASK(&r, "Z1,1000b,1", "OK");
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05thread:1;", 12));
	CHECK_EQ(reg(RIP), TOY_CODE + 10);
	CHECK_EQ(reg(R13), 2); /* two of four had room */
	ASK(&r, "z1,1000b,1", "OK");
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05thread:1;", 12));
	CHECK_EQ(reg(R13), 5);
	stub_rig_destroy(&r);
}

TEST(gdbstub_watches_data_and_names_the_address)
{
	begin(2);
	ASK(&r, "Z2,20100,1", "OK");
	ASK(&r, "vCont;c", "T05thread:2;watch:20100;");
	ASK(&r, "Hg2", "OK");
	CHECK_EQ(reg(RIP), TOY_CODE + 0x1009);
	ASK(&r, "z2,20100,1", "OK");
	ASK(&r, "Z4,20000,8", "OK");
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05thread:1;awatch:20000;",
		       25));
	stub_rig_destroy(&r);
}

TEST(gdbstub_refuses_more_than_the_hardware_has)
{
	begin(1);
	stub_ask(&r, "qSupported:error-message+");
	ASK(&r, "Z2,20100,1", "OK");
	ASK(&r, "Z2,20101,1", "OK");
	ASK(&r, "Z3,20102,1", "OK");
	ASK(&r, "Z1,10001,1", "OK");
	ASK(&r, "Z1,10002,1",
	    "E.the CPU has no debug register left (4 for breakpoints and "
	    "watchpoints)");
	CHECK_EQ(stub_ask(&r, "Z2,20100,9")[0], 'E');
	ASK(&r, "z1,10001,1", "OK");
	ASK(&r, "Z1,10002,1", "OK");
	stub_rig_destroy(&r);
}

TEST(gdbstub_lets_a_debug_register_stand_in_where_int3_does_not_stop)
{
	memset(&r, 0, sizeof(r));
	r.no_sw_break = true;
	stub_rig_init(&r, 1, true);
	stub_ask(&r, "qSupported:swbreak+;hwbreak+");
	ASK(&r, "Z0,10004,1", "OK");
	ASK(&r, "vCont;c", "T05thread:1;swbreak:;");
	CHECK_EQ(reg(RIP), TOY_CODE + 4);
	stub_rig_destroy(&r);
}

/* Its code at 0x400000 + page * 0x1000: two levels of tables. */
static void paged(unsigned cpu, unsigned page, uint32_t code)
{
	struct x86_regs *regs = &stub_rig_toy(&r, cpu)->regs;
	uint32_t table = 0x41000 + 0x2000 * cpu, pde = table | 3;
	uint32_t pte = code | 3;

	CHECK_EQ(mem_write(&r.mem, table - 0x1000 + 4, &pde, sizeof(pde)), 0);
	CHECK_EQ(mem_write(&r.mem, table + 4 * page, &pte, sizeof(pte)), 0);
	regs->cr3 = table - 0x1000;
	regs->cr4 = regs->efer = 0;
	regs->cr0 |= X86_CR0_PG | X86_CR0_PE;
	regs->rip = 0x400000 + 0x1000 * page;
}

TEST(gdbstub_plants_in_the_address_space_of_the_thread_that_it_is_told)
{
	begin(2);
	paged(0, 0, TOY_CODE);
	paged(1, 0, TOY_CODE + 0x1000);
	for (char cpu = '2'; cpu >= '1'; cpu--) {
		char thread[] = "Hg?", stop[] = "T05thread:?;";

		thread[2] = stop[10] = cpu;
		for (int i = 0; i < 20; i++) {
			ASK(&r, thread, "OK");
			ASK(&r, "Z0,400003,1", "OK");
			ASK(&r, "vCont;c", stop);
			CHECK_EQ(reg(RIP), 0x400003);
			ASK(&r, "m400000,8", "9090909090909090");
			ASK(&r, "z0,400003,1", "OK");
			ASK(&r, "s", stop);
		}
	}
	/* Nobody met one that was not for him, as one of the guest's. */
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQ(stub_rig_toy(&r, i)->regs.gpr[14], 0);
		CHECK(stub_rig_toy(&r, i)->regs.gpr[15] > 0);
	}
	stub_rig_destroy(&r);
}

/* The same code, at one address in one space, at another in another. */
static void pass(bool no_step)
{
	memset(&r, 0, sizeof(r));
	r.no_step = no_step;
	stub_rig_init(&r, 2, true);
	paged(0, 0, TOY_CODE);
	paged(1, 1, TOY_CODE);
	ASK(&r, "Z0,400003,1", "OK");
	ASK(&r, "Z1,401008,1", "OK");
	for (int i = 0; i < 5; i++) {
		ASK(&r, "vCont;c:2", "T05thread:2;");
		CHECK_EQ(reg(RIP), 0x401008);
	}
	ASK(&r, "P10=0210400000000000", "OK");
	for (uint64_t rip = 0x401003; rip < 0x401006; rip++) {
		ASK(&r, "vCont;s:2", "T05thread:2;");
		CHECK_EQ(reg(RIP), rip);
	}
	CHECK_EQ(reg(R14), 0); /* none was taken for the guest's */
	CHECK_EQ(reg(R15), 4);
	/* The other one meets it all the same. */
	ASK(&r, "vCont;c:1", "T05thread:1;");
	CHECK_EQ(reg(RIP), 0x400003);
	stub_rig_destroy(&r);
}

TEST(gdbstub_passes_what_is_planted_for_another_address_space)
{
	pass(false);
	pass(true);
}

TEST(gdbstub_lets_one_stand_in_where_nothing_is_mapped_yet)
{
	begin(1);
	ASK(&r, "Z0,ffffffff81000000,1", "OK");
	stub_send(&r, "vCont;c");
	stub_send_raw(&r, "\x03", 1);
	CHECK(!strncmp(stub_recv(&r), "T02", 3));
	CHECK_EQ(stub_rig_toy(&r, 0)->debug.nslots, 1);
	CHECK_EQ(stub_rig_toy(&r, 0)->debug.slot[0].addr, 0xffffffff81000000);
	stub_rig_destroy(&r);
}

TEST(gdbstub_writes_nothing_to_rom)
{
	begin(1);
	stub_ask(&r, "qSupported:error-message+");
	ASK(&r, "M200000,2:0a0b",
	    "E.not all of the 2 bytes at 0x200000 are writable: there is ROM "
	    "or "
	    "flash");
	stub_send(&r, "X200000,2:ab");
	CHECK(strstr(stub_recv(&r), "ROM"));
	ASK(&r, "m200000,2", "9090");
	/* From RAM, nothing of it. */
	ASK(&r, "M1ffffe,1:0a",
	    "E.not all of the 1 bytes at 0x1ffffe are mapped");
	stub_rig_destroy(&r);
}

TEST(gdbstub_breaks_in_rom_by_a_debug_register)
{
	begin(1);
	stub_ask(&r, "qSupported:swbreak+;hwbreak+;error-message+");
	ASK(&r, "P10=0000200000000000", "OK");
	for (int i = 2; i < 6; i++) {
		char ask[32];

		snprintf(ask, sizeof(ask), "Z0,20000%d,1", i);
		ASK(&r, ask, "OK");
	}
	ASK(&r, "Z0,200006,1",
	    "E.the CPU has no debug register left (4 for breakpoints and "
	    "watchpoints)");
	ASK(&r, "vCont;c", "T05thread:1;swbreak:;");
	CHECK_EQ(reg(RIP), TOY_ROM + 2);
	ASK(&r, "m200000,8", "9090909090909090");
	CHECK_EQ(stub_rig_toy(&r, 0)->debug.nslots, 4);
	stub_rig_destroy(&r);
}

TEST(gdbstub_interrupts_a_machine_that_runs)
{
	begin(TOY_CPUS);
	for (int i = 0; i < 50; i++) {
		stub_send(&r, "vCont;c");
		stub_send_raw(&r, "\x03", 1);
		CHECK(!strncmp(stub_recv(&r), "T02thread:", 10));
	}
	stub_rig_destroy(&r);
}

TEST(gdbstub_tells_of_each_of_two_watchpoints_that_hit_at_once)
{
	begin(2);
	r.together = true;
	ASK(&r, "Z2,20000,1", "OK");
	ASK(&r, "Z2,20100,1", "OK");
	for (int i = 0; i < 20; i++) {
		ASK(&r, "vCont;c", "T05thread:1;watch:20000;");
		ASK(&r, "vCont;c", "T05thread:2;watch:20100;");
	}
	stub_rig_destroy(&r);
}

/*
 * The one that is not told of has hit a breakpoint that is gone when the
 * machine runs on: that is not the guest's (the toys' reflect checks).
 */
TEST(gdbstub_keeps_its_breakpoints_from_the_guest_when_two_hit_at_once)
{
	begin(2);
	r.together = true;
	for (int i = 0; i < 10; i++) {
		char step[32];
		const char *stop;

		ASK(&r, "Z1,10003,1", "OK");
		ASK(&r, "Z1,11003,1", "OK");
		stop = stub_ask(&r, "vCont;c");
		CHECK(!strncmp(stop, "T05thread:", 10));
		snprintf(step, sizeof(step), "vCont;s:%c", stop[10]);
		ASK(&r, "z1,10003,1", "OK");
		ASK(&r, "z1,11003,1", "OK");
		CHECK(!strncmp(stub_ask(&r, step), "T05thread:", 10));
	}
	stub_rig_destroy(&r);
}

TEST(gdbstub_forgets_a_hit_of_a_watchpoint_that_was_removed)
{
	const char *stop;

	begin(2);
	r.together = true;
	ASK(&r, "Z2,20000,1", "OK");
	ASK(&r, "Z2,20100,1", "OK");
	stop = stub_ask(&r, "vCont;c");
	CHECK(!strncmp(stop, "T05thread:1;watch:", 18));
	ASK(&r, "z2,20000,1", "OK");
	ASK(&r, "z2,20100,1", "OK");
	/* Nor is it the guest's, which the toys' reflect checks. */
	CHECK(!strncmp(stub_ask(&r, "vCont;s:1"), "T05thread:1;", 12));
	r.together = false;
	stub_send(&r, "vCont;c");
	stub_send_raw(&r, "\003", 1);
	CHECK(!strncmp(stub_recv(&r), "T02thread:", 10));
	stub_rig_destroy(&r);
}

/* The packet of "monitor COMMAND". */
static const char *monitor_packet(const char *command)
{
	static char ask[80];
	char *p = stpcpy(ask, "qRcmd,");

	for (; *command; command++)
		p += sprintf(p, "%02x", (unsigned char)*command);
	return ask;
}

/* What a packet says to a person. */
static const char *monitor_text(const char *hex)
{
	static char text[4096];
	size_t n = strlen(hex) / 2;

	CHECK(n < sizeof(text) && packet_unhex(hex, n, (uint8_t *)text));
	text[n] = 0;
	return text;
}

static const char *monitor(const char *command)
{
	return monitor_text(stub_ask(&r, monitor_packet(command)));
}

TEST(gdbstub_names_each_vcpu_and_its_state)
{
	begin(3);
	stub_rig_toy(&r, 1)->off = true;
	CHECK_EQ(mem_write(&r.mem, TOY_CODE + 0x2000, "\x0f", 1), 0);
	ASK(&r, "vCont;c:3", "T0bthread:3;");
	CHECK_STR(stub_ask(&r, "qXfer:threads:read::0,fff"),
		  "l<?xml version=\"1.0\"?><threads>"
		  "<thread id=\"1\" core=\"0\" name=\"vcpu0\">stopped</thread>"
		  "<thread id=\"2\" core=\"1\" name=\"vcpu1\">off</thread>"
		  "<thread id=\"3\" core=\"2\" name=\"vcpu2\">crashed</thread>"
		  "</threads>");
	CHECK_STR(monitor_text(stub_ask(&r, "qThreadExtraInfo,1")),
		  "vcpu0, stopped");
	CHECK_STR(monitor_text(stub_ask(&r, "qThreadExtraInfo,2")),
		  "vcpu1, off");
	CHECK_STR(monitor_text(stub_ask(&r, "qThreadExtraInfo,3")),
		  "vcpu2, crashed");
	stub_rig_destroy(&r);
}

TEST(gdbstub_gives_the_current_vcpu_an_nmi)
{
	begin(2);
	ASK(&r, "Hg2", "OK");
	CHECK_STR(monitor("nmi"), "vcpu1 takes an NMI when it goes on\n");
	CHECK_EQ(stub_rig_toy(&r, 0)->nmis, 0);
	CHECK_EQ(stub_rig_toy(&r, 1)->nmis, 1);
	stub_rig_destroy(&r);
}

TEST(gdbstub_tells_where_a_kernel_was_moved)
{
	begin(1);
	ASK(&r, "qOffsets", "");
	stub_rig_destroy(&r);
	memset(&r, 0, sizeof(r));
	r.kaslr_text = 0xffffffff9a200000;
	stub_rig_init(&r, 1, true);
	ASK(&r, "qOffsets", "TextSeg=ffffffff9a200000");
	stub_rig_destroy(&r);
}

TEST(gdbstub_saves_and_restores_the_interrupt_controller)
{
	begin(1);
	for (unsigned i = 0; i < TOY_CHIP; i++)
		r.chip[i] = 5 + i;
	CHECK_STR(monitor("chip"),
		  "2 registers were saved, reset and restored; 0 differ\n");
	CHECK_EQ(r.chip[0], 5);
	CHECK_EQ(r.chip[1], 6);
	r.chip_forgets = true;
	CHECK_STR(monitor("chip"),
		  "GICC 0x0 of vcpu0 differs\n"
		  "2 registers were saved, reset and restored; 1 differs\n");
	stub_rig_destroy(&r);
}

TEST(gdbstub_says_so_where_there_are_no_watchpoints)
{
	memset(&r, 0, sizeof(r));
	r.no_watches = true;
	stub_rig_init(&r, 1, true);
	CHECK(stub_ask(&r, "qSupported:error-message+"));
	ASK(&r, "Z2,20000,1",
	    "E.this host's KVM offers no hardware watchpoints");
	ASK(&r, "Z1,10003,1", "OK");
	stub_rig_destroy(&r);
}

TEST(gdbstub_keeps_breakpoints_through_a_reset)
{
	struct err err = { 0 };

	begin(1);
	ASK(&r, "Z0,10004,1", "OK");
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T05", 3));
	/* A reboot that the guest asked for, while it runs. */
	ASK(&r, "z0,10004,1", "OK");
	ASK(&r, "Z0,1000b,1", "OK");
	ASK(&r, "P10=0000010000000000", "OK");
	{
		uint8_t nop[16];

		vcpus_halt(&r.cpus, VCPUS_MACHINE);
		stub_send(&r, "vCont;c");
		usleep(20000);
		memset(nop, TOY_NOP, sizeof(nop));
		nop[15] = TOY_LOOP;
		CHECK_EQ(mem_write(&r.mem, TOY_CODE, nop, sizeof(nop)), 0);
		CHECK_EQ(vcpus_reset(&r.cpus, NULL, false, &err), 0);
		vcpus_resume(&r.cpus, VCPUS_MACHINE);
	}
	CHECK(!strncmp(stub_recv(&r), "T05", 3));
	CHECK_EQ(reg(RIP), TOY_CODE + 11);
	ASK(&r, "m1000b,1", "90");
	stub_rig_destroy(&r);
}

TEST(gdbstub_shows_a_crash_before_the_machine_ends_by_it)
{
	static const uint8_t crash = TOY_CRASH;

	begin(1);
	CHECK_EQ(mem_write(&r.mem, TOY_CODE + 3, &crash, 1), 0);
	CHECK(!strncmp(stub_ask(&r, "vCont;c"), "T0bthread:1;", 12));
	CHECK_EQ(reg(RIP), TOY_CODE + 3);
	CHECK_EQ(r.crashes, 0);
	ASK(&r, "D", "OK");
	UNTIL(r.crashes);
	CHECK_EQ(r.crashes, 1);
	stub_rig_destroy(&r);
}

TEST(gdbstub_refuses_a_second_client_and_serves_the_next)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char buf[80] = { 0 };
	int fd;

	begin(1);
	strcpy(a.sun_path, r.path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_EQ(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	CHECK(read(fd, buf, sizeof(buf) - 1) > 0);
	CHECK(strstr(buf, "E.the machine has a debugger already"));
	CHECK_EQ(read(fd, buf, 1), 0);
	close(fd);
	ASK(&r, "qC", "QC1");
	ASK(&r, "D", "OK");
	CHECK(!stub_recv(&r));
	stub_rig_hang_up(&r);
	stub_rig_connect(&r);
	CHECK(!strncmp(stub_ask(&r, "?"), "T05", 3));
	/* It leaves a running machine, which has yet to stop for that. */
	for (int i = 0; i < 20; i++) {
		stub_send(&r, "vCont;c");
		stub_rig_hang_up(&r);
		stub_rig_connect(&r);
	}
	stub_rig_destroy(&r);
}

TEST(gdbstub_takes_its_breakpoints_along_when_the_client_is_lost)
{
	uint8_t code[16];

	begin(1);
	ASK(&r, "Z0,10004,1", "OK");
	stub_send(&r, "vCont;c");
	CHECK(!strncmp(stub_recv(&r), "T05", 3));
	stub_send(&r, "vCont;c");
	stub_rig_hang_up(&r);
	UNTIL(stub_rig_toy(&r, 0)->regs.gpr[15] >= 100);
	CHECK_EQ(mem_read(&r.mem, TOY_CODE, code, sizeof(code)), 0);
	CHECK_EQ(code[4], TOY_NOP);
	stub_rig_destroy(&r);
}

TEST(gdbstub_hands_resets_and_kills_to_the_machine)
{
	struct err err = { 0 };

	begin(1);
	CHECK(!strncmp(stub_ask(&r, "vCont;s:1"), "T05", 3));
	CHECK_EQ(reg(RIP), TOY_CODE + 1);
	stub_send(&r, monitor_packet("reset"));
	UNTIL(r.reset);
	/* What gdb reads after the answer is the machine's that was reset. */
	vcpus_halt(&r.cpus, VCPUS_MACHINE);
	CHECK_EQ(vcpus_reset(&r.cpus, NULL, false, &err), 0);
	vcpus_resume(&r.cpus, VCPUS_MACHINE);
	CHECK_STR(monitor_text(stub_recv(&r)), "the machine was reset\n");
	CHECK_EQ(reg(RIP), TOY_CODE);
	CHECK_EQ(r.reset, 1);
	stub_send(&r, "k");
	UNTIL(r.off);
	CHECK_EQ(r.off, 1);
	CHECK_EQ(r.status, GDBSTUB_KILLED);
	stub_rig_destroy(&r);
	begin(1);
	CHECK_STR(monitor("quit"), "the machine is being switched off\n");
	CHECK_EQ(r.off, 1);
	CHECK_EQ(r.status, 0);
	stub_rig_destroy(&r);
}

TEST(gdbstub_tells_a_client_of_the_machines_end)
{
	begin(1);
	gdbstub_end(r.stub, 120);
	r.stub = NULL;
	CHECK_STR(stub_recv(&r), "W78");
	CHECK(!stub_recv(&r));
	stub_rig_destroy(&r);
}

/*
 * One line for each packet that gdb has and this stub answers; a machine of two
 * at its first instruction.  An answer is compared up to the end of what is
 * given here, or whole where that ends in '$'.
 */
TEST(gdbstub_answers_every_packet)
{
	static const struct {
		const char *packet, *answer;
	} table[] = {
		{ "qSupported:multiprocess+", "PacketSize=10000;" },
		{ "QStartNoAckMode", "OK$" },
		{ "!", "$" }, /* no extended mode: R means nothing then */
		{ "?", "T05thread:1;$" },
		{ "qAttached", "1$" },
		{ "qC", "QC1$" },
		{ "qOffsets", "$" },
		{ "qSymbol::", "$" },
		{ "qTStatus", "$" },
		{ "qXfer:features:read:target.xml:0,20", "m<?xml" },
		{ "qXfer:threads:read::0,fff", "l<?xml" },
		{ "qXfer:memory-map:read::0,fff", "l<?xml" },
		{ "qfThreadInfo", "m1,2$" },
		{ "qsThreadInfo", "l$" },
		{ "qThreadExtraInfo,2", "76637075312c2073746f70706564$" },
		{ "Hg2", "OK$" },
		{ "qC", "QC2$" },
		{ "Hg0", "OK$" },
		{ "Hc-1", "OK$" },
		{ "Hg1", "OK$" },
		{ "Hg3", "E" },
		{ "T1", "OK$" },
		{ "T2", "OK$" },
		{ "T3", "E" },
		{ "g", "00000000" },
		{ "p10", "0000010000000000$" },
		{ "P10=0100010000000000", "OK$" },
		{ "m10000,4", "90909090$" },
		{ "M20000,2:abcd", "OK$" },
		{ "X20002,1:z", "OK$" },
		{ "X20000,0:", "OK$" }, /* how gdb asks for it */
		{ "m20000,3", "abcd7a$" },
		{ "qCRC:10000,10", "C" },
		/* CRC-32/MPEG-2 of "123456789" */
		{ "M30000,9:313233343536373839", "OK$" },
		{ "qCRC:30000,9", "C0376e6e7$" },
		{ "qSearch:memory:20000;10;z", "1,20002$" },
		{ "qSearch:memory:20000;10;y", "0$" },
		{ "Z0,10005,1", "OK$" },
		{ "z0,10005,1", "OK$" },
		{ "Z1,10005,1", "OK$" },
		{ "z1,10005,1", "OK$" },
		{ "Z2,20000,1", "OK$" },
		{ "z2,20000,1", "OK$" },
		{ "Z3,20000,2", "OK$" },
		{ "z3,20000,2", "OK$" },
		{ "Z4,20000,4", "OK$" },
		{ "z4,20000,4", "OK$" },
		{ "qRcmd,68656c70", "" },
		{ "qqemu.PhyMemMode", "0$" },
		{ "Qqemu.PhyMemMode:1", "OK$" },
		{ "qqemu.PhyMemMode", "1$" },
		{ "Qqemu.PhyMemMode:0", "OK$" },
		{ "qqemu.sstepbits", "ENABLE=1,NOIRQ=2,NOTIMER=4$" },
		{ "qqemu.sstep", "0x7$" },
		{ "Qqemu.sstep=0x1", "OK$" },
		{ "qqemu.sstep", "0x1$" },
		{ "vCont?", "vCont;c;C;s;S;t;r$" },
		{ "vMustReplyEmpty", "$" },
		{ "vFile:open:", "$" },
		{ "s", "T05thread:1;$" },
		{ "S05", "T05thread:1;$" },
		{ "vCont;s:1", "T05thread:1;$" },
		{ "vCont;S05:2", "T05thread:2;$" },
		{ "vCont;r11000,11005:2", "T05thread:2;$" },
		/* With scheduler-locking, and without. */
		{ "vCont;r11005,11007:2;t", "T05thread:2;$" },
		{ "vCont;s:2;t:1", "T05thread:2;$" },
		{ "vCont;s:1;c", "T05thread:1;$" },
		{ "Z1,10009,1", "OK$" },
		{ "Hg1", "OK$" },
		{ "c", "T05thread:1;" },
		{ "vCont;t:2;c", "T05thread:1;" },
		{ "R00", "$" },
		{ "vKill;1", "OK$" },
	};

	begin(2);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		size_t n = strlen(table[i].answer);
		const char *got = stub_ask(&r, table[i].packet);
		bool whole = n && table[i].answer[n - 1] == '$';

		if (strncmp(got, table[i].answer, n - whole) ||
		    (whole && strlen(got) != n - 1))
			fail_msg("%s: %s", table[i].packet, got);
	}
	for (int i = 0; i < 10000 && !r.off; i++)
		usleep(100);
	CHECK_EQ(r.status, GDBSTUB_KILLED);
	stub_rig_destroy(&r);
}

TEST(gdbstub_answers_nonsense_without_harm)
{
	static const char *const nonsense[] = {
		"m",
		"m,",
		"m1",
		"mg,1",
		"M1,1",
		"M1,1:",
		"M1,1:g",
		"M1,8000000000000000:",
		"Z9,1,1",
		"Z0",
		"Z0,1",
		"Z0,1,99",
		"z0,1,1",
		"Hg99",
		"Hx1",
		"T0",
		"p",
		"P1",
		"P1=",
		"G",
		"G00",
		"vCont",
		"vCont;x",
		"vCont;s:99",
		"vCont;t",
		"vCont;r1:1",
		"qRcmd,f",
		"qCRC:1",
		"qXfer:features:read:target.xml:0",
		"qXfer:threads:read::ffffffff,1",
		"qSearch:memory:1;1",
		"X1,1",
		"Qqemu.sstep=z",
		"qThreadExtraInfo,9",
	};

	begin(1);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++) {
		const char *answer = stub_ask(&r, nonsense[i]);

		CHECK(answer[0] == 'E' || !strcmp(answer, "OK"));
	}
	ASK(&r, "vUnknown", "");
	ASK(&r, "qXfer:auxv:read::0,10", "");
	CHECK_EQ(reg(RIP), TOY_CODE);
	stub_rig_destroy(&r);
}

TEST(gdbstub_answers_monitor_commands)
{
	static const struct {
		const char *command, *answer; /* which has that in it */
	} table[] = {
		{ "help", "translate  ADDRESS: the physical one behind it\n" },
		{ "info",
		  "info takes one of: cpus mem mtree irq devices exits" },
		{ "info cpus", "* vcpu0  id 0x0  at 0x10000\n"
			       "  vcpu1  id 0x0  at 0x11000\n" },
		{ "info mem",
		  "0000000000000000-00000000000fffff  RAM\n"
		  "0000000000200000-0000000000200fff  read-only\n" },
		{ "info mtree", "memory:\n0000000000000000-" },
		{ "info mtree",
		  "0000000000c00000-0000000000c00fff  clock (toy)" },
		{ "info mtree", "ports:\n0000000000000070-0000000000000071  "
				"port (toy)" },
		{ "info irq", "none, 24 lines\n   8  edge   clock\n" },
		{ "info irq", "   9  level  port\n" },
		{ "info devices",
		  "clock            toy              at 0xc00000\n" },
		{ "info devices",
		  "port             toy              port 0x70\n" },
		{ "info exits", "debug 1\nvcpu1:" },
		{ "info  nonsense", "info takes one of" },
		{ "xp 10000", "0000000000010000: 90 90 90 90 90 90 90 90 aa " },
		{ "xp 0x10008 2", "0000000000010008: aa 90\n" },
		{ "xp 100000", "0000000000100000: no memory\n" },
		{ "xp g", "xp ADDRESS [BYTES], both hexadecimal\n" },
		{ "translate 10000", "0x10000 is at physical 0x10000\n" },
		{ "translate 0x300000",
		  "0x300000 is at physical 0x300000, no memory\n" },
		{ "translate", "translate ADDRESS, hexadecimal\n" },
		{ "nonsense", "there is no command 'nonsense'" },
	};
	static const struct device_class toy = { .name = "toy" };
	struct board_dev devs[] = {
		{ .name = "clock",
		  .class = &toy,
		  .space = SPACE_MMIO,
		  .base = 0xc00000,
		  .size = 0x1000,
		  .irq = 8,
		  .trigger = TRIGGER_EDGE },
		{ .name = "port",
		  .class = &toy,
		  .space = SPACE_PIO,
		  .base = 0x70,
		  .size = 2,
		  .irq = 9,
		  .trigger = TRIGGER_LEVEL },
	};

	begin(2);
	r.board.devs = devs;
	r.board.ndevs = 2;
	r.board.nlines = 24;
	CHECK(!strncmp(stub_ask(&r, "vCont;s:1"), "T05", 3));
	ASK(&r, "P10=0000010000000000", "OK");
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const char *got = monitor(table[i].command);

		if (!strstr(got, table[i].answer))
			fail_msg("%s: %s", table[i].command, got);
	}
	stub_rig_destroy(&r);
}

TEST(gdbstub_has_a_word_for_every_kind_of_exit)
{
	const char *got;

	begin(1);
	for (unsigned k = 0; k < VMEXIT_KINDS; k++)
		r.cpus.cpu[0].exits[k] = 1000 + k;
	got = monitor("info exits");
	CHECK(!strstr(got, "(null)"));
	CHECK(strstr(got, " hcall 1") != NULL);
	stub_rig_destroy(&r);
}

/* Where virtual addresses are not physical ones: two levels of tables. */
TEST(gdbstub_reads_by_physical_addresses_when_it_is_told_to)
{
	static const uint8_t word[4] = { 0x11, 0x22, 0x33, 0x44 };
	struct x86_regs *regs;

	begin(1);
	regs = &stub_rig_toy(&r, 0)->regs;
	CHECK_EQ(mem_write(&r.mem, TOY_DATA, word, sizeof(word)), 0);
	/* 0x00400000 is at TOY_DATA, the next page two further, no other. */
	CHECK_EQ(mem_write(&r.mem, 0x40004, "\x03\x10\x04", 4), 0);
	CHECK_EQ(mem_write(&r.mem, 0x41000, "\x03\x00\x02\0\x03\x20\x02", 8),
		 0);
	regs->cr3 = 0x40000;
	regs->cr4 = regs->efer = 0;
	regs->cr0 |= 0x80000001;
	ASK(&r, "Hg1", "OK");
	ASK(&r, "m400000,4", "11223344");
	CHECK_EQ(stub_ask(&r, "m20000,4")[0], 'E');
	CHECK_STR(monitor("translate 400002"),
		  "0x400002 is at physical 0x20002\n");
	CHECK_STR(monitor("translate 20000"),
		  "0x20000 is not mapped on vcpu0\n");
	ASK(&r, "Qqemu.PhyMemMode:1", "OK");
	ASK(&r, "m20000,4", "11223344");
	ASK(&r, "M20001,1:55", "OK");
	CHECK_EQ(stub_ask(&r, "m400000,4")[0], 'E');
	ASK(&r, "Qqemu.PhyMemMode:0", "OK");
	ASK(&r, "m400000,4", "11553344");
	/* Pages that are neighbours in virtual addresses only. */
	ASK(&r, "M400ffe,4:01020304", "OK");
	ASK(&r, "m400ffe,4", "01020304");
	CHECK(strstr(monitor("xp 20ffe 2"), " 01 02\n"));
	CHECK(strstr(monitor("xp 22000 2"), " 03 04\n"));
	/* All or nothing, and as far as there is something. */
	CHECK_EQ(stub_ask(&r, "M401ffe,4:05060708")[0], 'E');
	ASK(&r, "m401ffe,4", "0000");
	stub_rig_destroy(&r);
}

/* ---- soak: nothing is lost, whatever the order */

static void soak_resume(bool *running)
{
	stub_send(&r, rand() % 2 ? "vCont;c" : "vCont;s:1;c");
	*running = true;
}

/* A running machine is interrupted; one stop comes, for whatever reason. */
static void soak_stop(bool *running)
{
	const char *stop;

	stub_send_raw(&r, "\x03", 1);
	stop = stub_recv(&r);
	CHECK(stop[0] == 'T');
	*running = false;
}

static void soak_inspect(void)
{
	char ask[64];

	switch (rand() % 6) {
	case 0: ASK(&r, "m10000,8", "9090909090909090"); break;
	case 1: CHECK(strlen(stub_ask(&r, "g")) > 500); break;
	case 2: ASK(&r, "M30000,2:1234", "OK"); break;
	case 3:
		snprintf(ask, sizeof(ask), "Hg%d", 1 + rand() % TOY_CPUS);
		ASK(&r, ask, "OK");
		break;
	default:
		snprintf(ask, sizeof(ask), "%c%d,1%d00%x,1",
			 rand() % 2 ? 'Z' : 'z', rand() % 2, rand() % TOY_CPUS,
			 rand() % 16);
		CHECK(stub_ask(&r, ask)[0]);
	}
}

TEST(gdbstub_loses_nothing_in_ten_thousand_random_operations)
{
	bool running = false;

	srand(7);
	begin(TOY_CPUS);
	for (int i = 0; i < 10000; i++) {
		if (running)
			soak_stop(&running);
		else if (rand() % 3)
			soak_inspect();
		else if (rand() % 50)
			soak_resume(&running);
		else {
			ASK(&r, "D", "OK");
			CHECK(!stub_recv(&r));
			stub_rig_hang_up(&r);
			stub_rig_connect(&r);
		}
	}
	if (running)
		soak_stop(&running);
	for (unsigned i = 0; i < TOY_CPUS; i++) {
		uint8_t code[16], want[16];

		memset(want, TOY_NOP, sizeof(want));
		want[8] = TOY_STORE;
		want[15] = TOY_LOOP;
		CHECK_EQ(mem_read(&r.mem, TOY_CODE + 0x1000 * i, code,
				  sizeof(code)),
			 0);
		CHECK_MEM(code, want, sizeof(code));
		/* No breakpoint of the debugger was taken for the guest's. */
		CHECK_EQ(stub_rig_toy(&r, i)->regs.gpr[14], 0);
	}
	stub_rig_destroy(&r);
}
