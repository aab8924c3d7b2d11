/* SPDX-License-Identifier: MIT */
/* The ia64 engine behind cpu/accel.h, its vCPUs run by the test itself. */
#include "cpu/accel.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cpu/ia64/regs.h"
#include "hw/core/boot_start.h"
#include "hw/sal/code.h"
#include "tests/cpu/ia64/rig.h"
#include "tests/test.h"

#define WAIT UINT64_C(0x30000) /* where CPUs begin that nobody starts */
#define CPUS 2

struct machine {
	struct ia64_rig code; /* for PUT(): ram and at */
	struct mem mem;
	struct bus mmio;
	struct board board;
	struct accel_config cfg;
	struct accel_vm *vm;
	struct vcpus group;
	struct vcpu cpu[CPUS];
	unsigned ppi; /* the register of the last private interrupt */
	unsigned reg; /* that was written last, and with what */
	uint64_t reg_val;
};

static void ppi(void *opaque, unsigned cpu, unsigned intid, bool level)
{
	struct machine *m = opaque;

	CHECK(level);
	m->ppi = intid;
	accel_ia64.vcpu_lines(&m->cpu[cpu], true, false);
}

static bool reg_read(void *opaque, unsigned cpu, unsigned reg, uint64_t *val)
{
	(void)opaque, (void)cpu;
	*val = 0x1000 + reg;
	return reg != 74;
}

static bool reg_write(void *opaque, unsigned cpu, unsigned reg, uint64_t val)
{
	struct machine *m = opaque;

	(void)cpu;
	m->reg = reg;
	m->reg_val = val;
	return true;
}

static void make(struct machine *m)
{
	const struct target *t = target_find(ARCH_IA64);
	struct err err = { 0 };

	memset(m, 0, sizeof(*m));
	m->code.ram = aligned_alloc(4096, IA64_RAM_SIZE);
	memset(m->code.ram, 0, IA64_RAM_SIZE);
	m->code.at = IA64_CODE;
	CHECK_EQ(mem_add_host(&m->mem, 0, IA64_RAM_SIZE, m->code.ram, false,
			      &err),
		 0);
	bus_init(&m->mmio, "mmio", 0);
	m->board = (struct board){ .arch = ARCH_IA64,
				   .ncpus = CPUS,
				   .ia64.firmware = { WAIT, SAL_SIZE } };
	m->cfg = (struct accel_config){ .board = &m->board,
					.mem = &m->mem,
					.mmio = &m->mmio };
	m->vm = accel_ia64.vm_create(t, &m->cfg, &err);
	CHECK(m->vm != NULL);
	m->group.events = (struct vcpu_events){ .mmio = &m->mmio,
						.ppi = ppi,
						.reg_read = reg_read,
						.reg_write = reg_write,
						.opaque = m };
	for (unsigned i = 0; i < CPUS; i++) {
		m->cpu[i] = (struct vcpu){ .vm = m->vm,
					   .index = i,
					   .group = &m->group };
		CHECK_EQ(accel_ia64.vcpu_create(&m->cpu[i], &err), 0);
	}
}

static void start(struct machine *m)
{
	const struct boot_start boot = { .mode = BOOT_IA64,
					 .pc = IA64_CODE,
					 .arg = { 0x1234 } };
	struct err err = { 0 };

	for (unsigned i = 0; i < CPUS; i++)
		CHECK_EQ(accel_ia64.vcpu_reset(&m->cpu[i], i ? NULL : &boot,
					       true, &err),
			 0);
}

static void end(struct machine *m)
{
	for (unsigned i = 0; i < CPUS; i++)
		accel_ia64.vcpu_destroy(&m->cpu[i]);
	accel_ia64.vm_destroy(m->vm);
	bus_destroy(&m->mmio);
	mem_destroy(&m->mem);
	free(m->code.ram);
}

static struct ia64_regs *regs(struct machine *m, unsigned cpu)
{
	static struct ia64_regs r;

	CHECK_EQ(accel_ia64.get_regs(&m->cpu[cpu], &r), 0);
	return &r;
}

static struct vcpu_exit run(struct machine *m, unsigned cpu)
{
	struct vcpu_exit x;

	do
		accel_ia64.vcpu_run(&m->cpu[cpu], &x);
	while (x.kind == VMEXIT_AGAIN);
	return x;
}

#define P(...) PUT(&m.code, __VA_ARGS__)

TEST(ia64_accel_starts_the_kernel_and_lets_the_others_wait)
{
	struct machine m;

	make(&m);
	start(&m);
	CHECK_EQ(regs(&m, 0)->ip, IA64_CODE);
	CHECK_EQ(regs(&m, 0)->gr[28], 0x1234);
	CHECK_EQ(regs(&m, 0)->psr, PSR_BN);
	CHECK_EQ(regs(&m, 1)->ip, WAIT);
	end(&m);
}

TEST(ia64_accel_hands_firmware_calls_out_and_answers_in)
{
	struct vcpu_exit x;
	struct machine m;

	make(&m);
	P("alloc", "M34", 2, 0, 4, 0, 0);
	P("adds", "A4", 32, 0x77, 0);
	P("adds", "A4", 33, 0x55, 0);
	P("break.m", "M37", 0x110001);
	P("break.m", "M37", 0x110104);
	start(&m);
	x = run(&m, 0);
	CHECK_EQ(x.kind, VMEXIT_HCALL);
	CHECK_EQ(x.hcall.nr, 0x77);
	CHECK_EQ(x.hcall.in[0], 0x55);
	x.hcall.ret = -5;
	x.hcall.out[0] = 0x99;
	accel_ia64.vcpu_finish(&m.cpu[0], &x);
	CHECK_EQ(regs(&m, 0)->gr[8], (uint64_t)-5);
	CHECK_EQ(regs(&m, 0)->gr[9], 0x99);
	x = run(&m, 0); /* EFI's: the number is the break's */
	CHECK_EQ(x.kind, VMEXIT_HCALL);
	CHECK_EQ(x.hcall.nr, 0x110104);
	CHECK_EQ(x.hcall.in[0], 0x77);
	end(&m);
}

TEST(ia64_accel_call_with_a_bad_argument_faults_and_comes_again)
{
	struct vcpu_exit x;
	uint64_t at, word = 0;
	struct machine m;

	make(&m);
	at = P("break.m", "M37", 0x110100);
	m.code.at = 0x5400; /* General Exception, IVA 0 */
	P("rfi", "B8", 0);
	start(&m);
	x = run(&m, 0);
	CHECK_EQ(accel_ia64.vcpu_copy(&m.cpu[0], IA64_DATA, &word, 8, true), 0);
	CHECK_EQ(accel_ia64.vcpu_copy(&m.cpu[0], UINT64_C(1) << 60, &word, 8,
				      false),
		 -EFAULT);
	/* the first fault counts, whatever comes after it */
	CHECK_EQ(accel_ia64.vcpu_copy(&m.cpu[0], IA64_DATA, &word, 8, false),
		 -EFAULT);
	accel_ia64.vcpu_finish(&m.cpu[0], &x);
	CHECK_EQ(regs(&m, 0)->ip, 0x5400);
	CHECK_EQ(regs(&m, 0)->gr[8], 0);
	CHECK_EQ(at, IA64_CODE);
	end(&m);
}

TEST(ia64_accel_halt_ends_with_the_timer)
{
	struct vcpu_exit x;
	struct machine m;

	make(&m);
	P("mov.m", "M31", 3, AR_ITC);
	P("addl", "A5", 3, 100000, 3); /* 100 us from now */
	P("mov", "M32", CR_ITM, 3);
	P("adds", "A4", 28, 29, 0); /* PAL_HALT_LIGHT */
	P("break.m", "M37", 0x110000);
	P("break.m", "M37", 0x110001);
	start(&m);
	x = run(&m, 0);
	CHECK_EQ(x.kind, VMEXIT_HCALL);
	CHECK_EQ(m.ppi, 72);
	CHECK_EQ(regs(&m, 0)->gr[8], 0);
	end(&m);
}

/* A kick is what ends the run of a CPU that has nothing to do. */
static void check_kicked(struct machine *m, unsigned cpu)
{
	struct vcpu_exit x;

	accel_ia64.vcpu_kick(&m->cpu[cpu]);
	accel_ia64.vcpu_run(&m->cpu[cpu], &x);
	CHECK_EQ(x.kind, VMEXIT_AGAIN);
}

/* A program that halts in a state, in 0 by PAL_HALT_LIGHT, and then calls. */
static void put_halt(struct machine *m, uint64_t at, unsigned state)
{
	m->code.at = at;
	PUT(&m->code, "adds", "A4", 28, state ? 28 : 29, 0);
	PUT(&m->code, "adds", "A4", 29, state, 0);
	PUT(&m->code, "break.m", "M37", 0x110000);
	PUT(&m->code, "break.m", "M37", 0x110001);
}

/* The first CPU will have no power, and the second waits for an interrupt. */
static void start_halting(struct machine *m)
{
	make(m);
	put_halt(m, IA64_CODE, 7);
	put_halt(m, WAIT, 0);
	start(m);
}

/* By the state that Linux halts in, because it takes the least power. */
TEST(ia64_accel_pal_switches_the_machine_off)
{
	struct machine m;

	start_halting(&m);
	check_kicked(&m, 1);
	CHECK_EQ(run(&m, 0).kind, VMEXIT_POWEROFF);
	CHECK_EQ(regs(&m, 0)->ip, IA64_CODE + 0x20);
	/* it stays off, and may also begin anew */
	CHECK_EQ(run(&m, 1).kind, VMEXIT_POWEROFF);
	start(&m);
	check_kicked(&m, 1);
	CHECK_EQ(run(&m, 0).kind, VMEXIT_POWEROFF);
	end(&m);
}

/* Linux' panic stops the other CPUs so, and has more to do. */
TEST(ia64_accel_pal_switches_one_cpu_off)
{
	struct machine m;

	start_halting(&m);
	check_kicked(&m, 0);
	/* an interrupt gives it no power */
	accel_ia64.vcpu_lines(&m.cpu[0], true, false);
	check_kicked(&m, 0);
	CHECK_EQ(regs(&m, 0)->ip, IA64_CODE + 0x20);
	/* while the other has something to do, too */
	check_kicked(&m, 1);
	accel_ia64.vcpu_lines(&m.cpu[1], true, false);
	CHECK_EQ(run(&m, 1).kind, VMEXIT_HCALL);
	check_kicked(&m, 0);
	end(&m);
}

TEST(ia64_accel_pal_halt_waits_for_an_interrupt)
{
	struct machine m;

	make(&m);
	put_halt(&m, IA64_CODE, 1);
	start(&m);
	check_kicked(&m, 0);
	accel_ia64.vcpu_lines(&m.cpu[0], true, false);
	CHECK_EQ(run(&m, 0).kind, VMEXIT_HCALL);
	CHECK_EQ(regs(&m, 0)->gr[8], 0);
	end(&m);
}

static uint64_t host_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Runs to the next call of the firmware, which does nothing. */
static void call(struct machine *m)
{
	struct vcpu_exit x = run(m, 0);

	CHECK_EQ(x.kind, VMEXIT_HCALL);
	accel_ia64.vcpu_finish(&m->cpu[0], &x);
}

/* The registers with another PSR.mc, or another ip. */
static struct ia64_regs *masking(struct machine *m, bool mc)
{
	struct ia64_regs *r = regs(m, 0);

	r->psr = (r->psr & ~PSR_MC) | (mc ? PSR_MC : 0);
	return r;
}

static struct ia64_regs *at(struct machine *m, uint64_t ip)
{
	struct ia64_regs *r = regs(m, 0);

	r->ip = ip;
	r->psr &= ~PSR_RI;
	return r;
}

/* ---- INIT and PMI, by the firmware of hw/sal */
#define OS_INIT	  UINT64_C(0x60000)
#define PMI_ENTRY UINT64_C(0x61000)

/* A kernel that counts in r20 and calls SAL each time. */
static void make_counting(struct machine *m)
{
	uint64_t loop;

	make(m);
	m->board.ia64.init_entry = WAIT + SAL_AT_INIT;
	m->board.ia64.pmi_return = WAIT + SAL_AT_PMI;
	m->board.ia64.min_state = WAIT + SAL_MIN_STATE;
	sal_code_build(WAIT, false, m->code.ram + WAIT);
	PUT(&m->code, "alloc", "M34", 33, 0, 8, 0, 0);
	PUT(&m->code, "adds", "A4", 34, 0x34, 0);
	PUT(&m->code, "ssm", "M44", PSR_IC);
	loop = PUT(&m->code, "adds", "A4", 20, 1, 20);
	PUT(&m->code, "break.m", "M37", 0x110001);
	PUT(&m->code, "br.cond", "B1", ia64_to(&m->code, loop));
}

/* What SAL_SET_VECTORS leaves. */
static void set_os_init(struct machine *m, uint64_t monarch, uint64_t gp)
{
	memcpy(m->code.ram + WAIT + SAL_AT_OS_INIT, &monarch, 8);
	memcpy(m->code.ram + WAIT + SAL_AT_OS_INIT + 8, &gp, 8);
}

/* The OS's handler: shows itself by a SAL call and returns. */
static void put_os_init(struct machine *m)
{
	m->code.at = OS_INIT;
	PUT(&m->code, "break.m", "M37", 0x110001);
	PUT(&m->code, "adds", "A4", 22, 0, 17);
	PUT(&m->code, "adds", "A4", 10, 0, 0);
	PUT(&m->code, "adds", "A4", 20, 0, 0);
	PUT(&m->code, "mov", "I21", 0, 12, 0);
	PUT(&m->code, "br.cond", "B4", 0);
	set_os_init(m, OS_INIT, 0x6666);
}

TEST(ia64_accel_init_goes_to_the_os_and_back)
{
	struct machine m;
	uint64_t ip;

	make_counting(&m);
	put_os_init(&m);
	start(&m);
	call(&m);
	ip = regs(&m, 0)->ip;
	accel_ia64.vcpu_event(&m.cpu[0], VCPU_INIT, 0);
	call(&m);
	CHECK_EQ(regs(&m, 0)->ip & ~UINT64_C(0xfff), OS_INIT);
	CHECK_EQ(regs(&m, 0)->psr & (PSR_IC | PSR_MC | PSR_BN | PSR_IT),
		 PSR_MC);
	CHECK_EQ(regs(&m, 0)->gr[1], 0x6666);
	CHECK_EQ(regs(&m, 0)->gr[12], WAIT + SAL_AT_INIT + 0x80);
	CHECK_EQ(regs(&m, 0)->gr[17], WAIT + SAL_MIN_STATE);
	CHECK_EQ(regs(&m, 0)->gr[18] >> 16 & 1, 1);
	CHECK_EQ(regs(&m, 0)->cfm, 0);
	/* the min-state area has r20 of bank 1 and where it was */
	CHECK_EQ(*(uint64_t *)(m.code.ram + WAIT + SAL_MIN_STATE + 8 * 36), 1);
	CHECK_EQ(*(uint64_t *)(m.code.ram + WAIT + SAL_MIN_STATE + 8 * 51), ip);
	call(&m);
	CHECK_EQ(regs(&m, 0)->gr[20], 2);
	CHECK_EQ(regs(&m, 0)->gr[34], 0x34);
	CHECK_EQ(regs(&m, 0)->cfm & 127, 8);
	CHECK_EQ(regs(&m, 0)->psr, PSR_IC | PSR_BN | UINT64_C(1) << 41);
	CHECK_EQ(m.code.ram[WAIT + SAL_AT_INSIDE], 0);
	end(&m);
}

TEST(ia64_accel_init_reaches_a_cpu_without_power)
{
	struct machine m;

	make_counting(&m);
	put_halt(&m, IA64_CODE, 7);
	put_os_init(&m);
	start(&m);
	check_kicked(&m, 0);
	accel_ia64.vcpu_event(&m.cpu[0], VCPU_INIT, 0);
	call(&m);
	CHECK_EQ(regs(&m, 0)->ip & ~UINT64_C(0xfff), OS_INIT);
	end(&m);
}

TEST(ia64_accel_init_without_an_os_comes_back_and_waits_for_psr_mc)
{
	struct machine m;

	make_counting(&m);
	start(&m);
	call(&m);
	accel_ia64.vcpu_event(&m.cpu[0], VCPU_INIT, 0);
	call(&m);
	CHECK_EQ(regs(&m, 0)->gr[20], 2);
	CHECK_EQ(m.code.ram[WAIT + SAL_AT_INSIDE], 0);
	put_os_init(&m);
	CHECK_EQ(accel_ia64.set_regs(&m.cpu[0], masking(&m, true)), 0);
	CHECK_EQ(accel_ia64.vcpu_nmi(&m.cpu[0]), 0);
	call(&m);
	CHECK_EQ(regs(&m, 0)->gr[20], 3);
	CHECK_EQ(accel_ia64.set_regs(&m.cpu[0], masking(&m, false)), 0);
	call(&m);
	CHECK_EQ(regs(&m, 0)->ip & ~UINT64_C(0xfff), OS_INIT);
	end(&m);
}

TEST(ia64_accel_pmi_goes_to_sal_and_back_while_ic_is_set)
{
	struct machine m;

	make_counting(&m);
	m.code.at = PMI_ENTRY;
	P("break.m", "M37", 0x110001);
	P("br.cond", "B4", 0);
	m.code.at = OS_INIT;
	P("adds", "A4", 28, 32, 0); /* PAL_PMI_ENTRYPOINT */
	P("movl", "X2", 29, (int64_t)PMI_ENTRY);
	P("break.m", "M37", 0x110000);
	P("br.cond", "B1", ia64_to(&m.code, IA64_CODE));
	start(&m);
	/* before there is a handler PMIs are lost */
	call(&m);
	accel_ia64.vcpu_event(&m.cpu[0], VCPU_PMI, 1);
	call(&m);
	CHECK_EQ(regs(&m, 0)->gr[20], 2);
	CHECK_EQ(accel_ia64.set_regs(&m.cpu[0], at(&m, OS_INIT)), 0);
	call(&m);
	CHECK_EQ(regs(&m, 0)->gr[20], 3);
	accel_ia64.vcpu_event(&m.cpu[0], VCPU_PMI, 1);
	accel_ia64.vcpu_event(&m.cpu[0], VCPU_PMI, 3);
	accel_ia64.vcpu_event(&m.cpu[0], VCPU_PMI, 9); /* PAL's own */
	call(&m);
	CHECK_EQ(regs(&m, 0)->ip & ~UINT64_C(0xfff), PMI_ENTRY);
	CHECK_EQ(regs(&m, 0)->gr[24], 3);
	CHECK_EQ(regs(&m, 0)->psr & (PSR_IC | PSR_BN), 0);
	call(&m);
	CHECK_EQ(regs(&m, 0)->gr[24], 1);
	call(&m);
	CHECK_EQ(regs(&m, 0)->gr[20], 4);
	CHECK_EQ(regs(&m, 0)->gr[34], 0x34);
	end(&m);
}

TEST(ia64_accel_counter_stands_while_the_clock_is_stopped)
{
	uint64_t began, passed;
	struct machine m;

	make(&m);
	P("mov.m", "M31", 3, AR_ITC);
	P("break.m", "M37", 0x110001);
	P("mov.m", "M31", 4, AR_ITC);
	P("mov.m", "M31", 5, AR_ITC);
	P("break.m", "M37", 0x110001);
	P("mov.m", "M31", 6, AR_ITC);
	P("break.m", "M37", 0x110001);
	start(&m);
	call(&m);
	accel_ia64.vm_clock(m.vm, true);
	call(&m);
	CHECK_EQ(regs(&m, 0)->gr[4], regs(&m, 0)->gr[5]);
	CHECK(regs(&m, 0)->gr[3] <= regs(&m, 0)->gr[4]);
	usleep(2000);
	began = host_ns();
	accel_ia64.vm_clock(m.vm, false);
	call(&m);
	passed = host_ns() - began;
	CHECK(regs(&m, 0)->gr[6] - regs(&m, 0)->gr[5] <= passed);
	end(&m);
}

TEST(ia64_accel_kick_ends_a_halt_that_nothing_else_would)
{
	struct machine m;

	make(&m);
	put_halt(&m, IA64_CODE, 0);
	start(&m);
	check_kicked(&m, 0);
	check_kicked(&m, 0);
	accel_ia64.vcpu_lines(&m.cpu[0], true, false);
	CHECK_EQ(run(&m, 0).kind, VMEXIT_HCALL);
	end(&m);
}

TEST(ia64_accel_chip_registers_are_the_machines)
{
	struct machine m;

	make(&m);
	P("mov", "M33", 3, 66);
	P("mov", "M32", 67, 3);
	P("break.m", "M37", 0x110001);
	start(&m);
	CHECK_EQ(run(&m, 0).kind, VMEXIT_HCALL);
	CHECK_EQ(regs(&m, 0)->gr[3], 0x1042);
	CHECK_EQ(m.reg, 67);
	CHECK_EQ(m.reg_val, 0x1042);
	end(&m);
}

TEST(ia64_accel_refuses_guests_of_other_architectures)
{
	struct err err = { 0 };

	CHECK_EQ(accel_ia64.probe(target_find(ARCH_X86_64), &err), -ENOTSUP);
	CHECK_STR(err.msg, "the ia64 engine runs no guests for x86_64");
	CHECK_EQ(accel_ia64.probe(target_find(ARCH_IA64), &err), 0);
}

TEST(ia64_accel_stops_for_a_debugger)
{
	struct vcpu_debug d = { .nslots = 2 };
	struct vcpu_exit x;
	struct machine m;

	make(&m);
	P("addl", "A5", 3, 0x100000, 0); /* IA64_DATA */
	P("adds", "A4", 4, 1, 4);
	P("st8", "M4", 3, 4);
	P("adds", "A4", 4, 1, 4);
	start(&m);
	d.slot[0] = (struct debug_slot){ DEBUG_EXEC, IA64_CODE + 0x10, 1 };
	d.slot[1] = (struct debug_slot){ DEBUG_WRITE, IA64_DATA + 4, 1 };
	CHECK_EQ(accel_ia64.debug_set(&m.cpu[0], &d), 0);
	x = run(&m, 0);
	CHECK_EQ(x.kind, VMEXIT_DEBUG);
	CHECK_EQ(x.stop.kind, STOP_HW_BREAK);
	CHECK_EQ(x.stop.slot, 0);
	CHECK_EQ(x.stop.pc, IA64_CODE + 0x10);
	d.nslots = 0;
	d.step = true;
	CHECK_EQ(accel_ia64.debug_set(&m.cpu[0], &d), 0);
	for (unsigned slot = 1; slot <= 3; slot++) {
		x = run(&m, 0);
		CHECK_EQ(x.stop.kind, STOP_STEP);
		CHECK_EQ(x.stop.pc,
			 slot < 3 ? IA64_CODE + 0x10 + slot : IA64_CODE + 0x20);
	}
	CHECK_EQ(regs(&m, 0)->gr[4], 1);
	d.nslots = 2;
	d.step = false;
	CHECK_EQ(accel_ia64.debug_set(&m.cpu[0], &d), 0);
	x = run(&m, 0);
	CHECK_EQ(x.stop.kind, STOP_WATCH);
	CHECK_EQ(x.stop.addr, IA64_DATA);
	CHECK_EQ(x.stop.slot, 1);
	CHECK_EQ(m.code.ram[IA64_DATA], 1); /* it was written */
	CHECK_EQ(x.stop.pc, IA64_CODE + 0x21);
	end(&m);
}

/* ---- what one vCPU tells the others: purges, and code that it changed */
#define OTHER  UINT64_C(0x40000) /* the second vCPU's program */
#define CALLED UINT64_C(0x41000) /* what it calls */
#define VA     (UINT64_C(1) << 61 | 0x10000)
enum { SEEN = 2, ROUND = 3, PAGE = 9, SIZE = 10 }; /* registers */

/* Registers that both programs have. */
static void set_both(struct machine *m)
{
	for (unsigned i = 0; i < CPUS; i++) {
		struct ia64_regs *r = regs(m, i);

		r->gr[SEEN] = IA64_DATA;
		r->gr[ROUND] = IA64_DATA + 64;
		r->gr[PAGE] = VA;
		r->gr[SIZE] = 12 << 2;
		r->psr = PSR_BN;
		r->ip = i ? OTHER : IA64_CODE;
		CHECK_EQ(accel_ia64.set_regs(&m->cpu[i], r), 0);
	}
}

/* The second one's loop: stores r8 and how often it has done so. */
static void put_rounds(struct machine *m, uint64_t top)
{
	PUT(&m->code, "st8", "M4", SEEN, 8);
	PUT(&m->code, "adds", "A4", 15, 1, 15);
	PUT(&m->code, "st8.rel", "M4", ROUND, 15);
	PUT(&m->code, "br.cond", "B1", ia64_to(&m->code, top));
}

/* The first one's: waits until r8 there is val; after it two rounds more. */
static void put_wait(struct machine *m, int64_t val)
{
	uint64_t top;

	PUT(&m->code, "adds", "A4", 11, val, 0);
	top = PUT(&m->code, "ld8", "M1", 12, SEEN);
	PUT(&m->code, "cmp.eq", "A6", 6, 7, 11, 12);
	PUTP(&m->code, 7, "br.cond", "B1", ia64_to(&m->code, top));
}

static void put_two_rounds(struct machine *m)
{
	uint64_t top;

	PUT(&m->code, "ld8", "M1", 11, ROUND);
	PUT(&m->code, "adds", "A4", 11, 2, 11);
	top = PUT(&m->code, "ld8.acq", "M1", 12, ROUND);
	PUT(&m->code, "cmp.lt", "A6", 6, 7, 12, 11);
	PUTP(&m->code, 6, "br.cond", "B1", ia64_to(&m->code, top));
	PUT(&m->code, "ld8", "M1", 14, SEEN);
	PUT(&m->code, "break.m", "M37", 0x110001);
}

/* The second inserts a translation with key 5 and asks for its key for ever. */
static void put_asking(struct machine *m, bool for_ever)
{
	uint64_t top;

	m->code.at = OTHER;
	PUT(&m->code, "mov", "M32", CR_IFA, PAGE);
	PUT(&m->code, "adds", "A4", 8, 5 << 8 | 12 << 2, 0);
	PUT(&m->code, "mov", "M32", CR_ITIR, 8);
	PUT(&m->code, "addl", "A5", 8, 0x561, 0);
	PUT(&m->code, "itc.d", "M41", 8);
	if (!for_ever)
		PUT(&m->code, "break.m", "M37", 0x110001);
	top = PUT(&m->code, "tak", "M46", 8, PAGE);
	if (!for_ever)
		PUT(&m->code, "break.m", "M37", 0x110001);
	put_rounds(m, top);
}

/* The second calls what the first will change: 1 it gives, then 2. */
static void put_calling(struct machine *m, bool for_ever)
{
	uint64_t words[2], top;

	m->code.at = CALLED + 32; /* what it will be; copied from here */
	PUT(&m->code, "adds", "A4", 8, 2, 0);
	memcpy(words, m->code.ram + CALLED + 32, 16);
	m->code.at = CALLED;
	PUT(&m->code, "adds", "A4", 8, 1, 0);
	PUT(&m->code, "br.ret", "B4", 0);
	m->code.at = OTHER;
	top = PUT(&m->code, "br.call", "B3", 0, ia64_to(&m->code, CALLED));
	if (!for_ever)
		PUT(&m->code, "break.m", "M37", 0x110001);
	put_rounds(m, top);
	m->code.at = IA64_CODE;
	if (for_ever)
		put_wait(m, 1);
	PUT(&m->code, "movl", "X2", 11, (int64_t)words[0]);
	PUT(&m->code, "movl", "X2", 12, (int64_t)words[1]);
	PUT(&m->code, "movl", "X2", 13, (int64_t)CALLED);
	PUT(&m->code, "st8", "M5", 13, 11, 8);
	PUT(&m->code, "st8", "M4", 13, 12);
	PUT(&m->code, "fc.i", "M28", 13);
	PUT(&m->code, "sync.i", "M24", 0);
	PUT(&m->code, "srlz.i", "M24", 0);
}

static bool over; /* atomic */

static void *run_second(void *opaque)
{
	struct machine *m = opaque;
	struct vcpu_exit x;

	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		accel_ia64.vcpu_run(&m->cpu[1], &x);
	return NULL;
}

/* What the second says two rounds after the first did its work. */
static uint64_t meanwhile(struct machine *m)
{
	pthread_t thread;

	put_two_rounds(m);
	start(m);
	set_both(m);
	over = false;
	CHECK_EQ(pthread_create(&thread, NULL, run_second, m), 0);
	CHECK_EQ(run(m, 0).kind, VMEXIT_HCALL);
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	accel_ia64.vcpu_kick(&m->cpu[1]);
	pthread_join(thread, NULL);
	return regs(m, 0)->gr[14];
}

TEST(ia64_accel_purges_reach_a_vcpu_that_runs)
{
	static const char *const names[] = { "ptc.g", "ptc.ga" };
	struct machine m;

	for (unsigned i = 0; i < 2; i++) {
		make(&m);
		put_asking(&m, true);
		m.code.at = IA64_CODE;
		put_wait(&m, 5 << 8);
		P(names[i], "M45", PAGE, SIZE);
		CHECK_EQ(meanwhile(&m), 1);
		end(&m);
	}
	/* ptc.l is nobody else's */
	make(&m);
	put_asking(&m, true);
	m.code.at = IA64_CODE;
	put_wait(&m, 5 << 8);
	P("ptc.l", "M45", PAGE, SIZE);
	CHECK_EQ(meanwhile(&m), 5 << 8);
	end(&m);
}

TEST(ia64_accel_changed_code_reaches_a_vcpu_that_runs)
{
	struct machine m;

	make(&m);
	put_calling(&m, true);
	CHECK_EQ(meanwhile(&m), 2);
	end(&m);
}

/* The same of one that did not run meanwhile: before its next instruction. */
static void rested(struct machine *m, uint64_t before, uint64_t after)
{
	struct vcpu_exit x;

	PUT(&m->code, "break.m", "M37", 0x110001);
	start(m);
	set_both(m);
	x = run(m, 1);
	CHECK_EQ(regs(m, 1)->gr[8], before);
	x.hcall.ret = (int64_t)before;
	accel_ia64.vcpu_finish(&m->cpu[1], &x);
	CHECK_EQ(run(m, 0).kind, VMEXIT_HCALL);
	CHECK_EQ(run(m, 1).kind, VMEXIT_HCALL);
	CHECK_EQ(regs(m, 1)->gr[8], after);
}

TEST(ia64_accel_purges_and_code_reach_a_vcpu_that_rests)
{
	struct machine m;

	make(&m);
	put_asking(&m, false);
	m.code.at = IA64_CODE;
	P("ptc.ga", "M45", PAGE, SIZE);
	rested(&m, 0x561, 1);
	end(&m);
	make(&m);
	put_calling(&m, false);
	rested(&m, 1, 2);
	end(&m);
}

/* ---- both purge and change code for ever, as many letters as they can */
static struct {
	struct machine *m;
	unsigned cpu;
} purger[CPUS];

static void *purge_for_ever(void *opaque)
{
	const unsigned *cpu = opaque;
	struct vcpu_exit x;

	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		accel_ia64.vcpu_run(&purger[*cpu].m->cpu[*cpu], &x);
	return NULL;
}

static uint64_t rounds(const struct machine *m, unsigned cpu)
{
	return __atomic_load_n((uint64_t *)(m->code.ram + IA64_DATA + 64) + cpu,
			       __ATOMIC_ACQUIRE);
}

static void put_purges(struct machine *m, unsigned cpu)
{
	uint64_t top;

	m->code.at = cpu ? OTHER : IA64_CODE;
	PUT(&m->code, "adds", "A4", ROUND, 8 * cpu, ROUND);
	/* the line of the other's fc, and one far from it: a letter each */
	PUT(&m->code, "movl", "X2", 13,
	    (int64_t)((cpu ? IA64_CODE : OTHER) + 128));
	while (m->code.at % 128)
		PUT(&m->code, "nop.i", "I18", 0);
	top = PUT(&m->code, "ptc.ga", "M45", PAGE, SIZE);
	PUT(&m->code, "fc", "M28", 13);
	PUT(&m->code, "fc.i", "M28", SEEN);
	PUT(&m->code, "sync.i", "M24", 0);
	put_rounds(m, top);
}

TEST(ia64_accel_vcpus_that_purge_each_other_go_on_and_can_be_kicked)
{
	pthread_t thread[CPUS];
	struct machine m;

	make(&m);
	for (unsigned i = 0; i < CPUS; i++)
		put_purges(&m, i);
	start(&m);
	set_both(&m);
	over = false;
	for (unsigned i = 0; i < CPUS; i++) {
		purger[i].m = &m;
		purger[i].cpu = i;
		CHECK_EQ(pthread_create(&thread[i], NULL, purge_for_ever,
					&purger[i].cpu),
			 0);
	}
	for (unsigned n = 0; n < 20; n++) {
		uint64_t before = rounds(&m, n % CPUS);

		UNTIL(rounds(&m, n % CPUS) > before + 20);
		for (unsigned i = 0; i < CPUS; i++)
			accel_ia64.vcpu_kick(&m.cpu[i]);
	}
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < CPUS; i++) {
		accel_ia64.vcpu_kick(&m.cpu[i]);
		pthread_join(thread[i], NULL);
	}
	end(&m);
}

/* ---- a vCPU that spins for what another one has to do */
static unsigned yields; /* atomic */

/* In place of libc's for the whole program. */
int sched_yield(void)
{
	__atomic_fetch_add(&yields, 1, __ATOMIC_RELAXED);
	return (int)syscall(SYS_sched_yield);
}

/* r8 into the word, n times, each time that it has become what it waits for. */
static void put_handing(struct machine *m, uint64_t at, int gives, unsigned n)
{
	uint64_t again, spin;

	m->code.at = at;
	PUT(&m->code, "adds", "A4", 8, gives, 0);
	PUT(&m->code, "adds", "A4", 11, !gives, 0);
	PUT(&m->code, "adds", "A4", 20, n, 0);
	again = m->code.at;
	spin = PUT(&m->code, "hint.m", "M48", 0);
	PUT(&m->code, "ld8.acq", "M1", 12, SEEN);
	PUT(&m->code, "cmp.eq", "A6", 6, 7, 11, 12);
	PUTP(&m->code, 7, "br.cond", "B1", ia64_to(&m->code, spin));
	PUT(&m->code, "st8.rel", "M4", SEEN, 8);
	PUT(&m->code, "adds", "A4", 20, -1, 20);
	PUT(&m->code, "cmp.eq", "A6", 6, 7, 20, 0);
	PUTP(&m->code, 7, "br.cond", "B1", ia64_to(&m->code, again));
	PUT(&m->code, "break.m", "M37", 0x110001);
}

static void *run_to_its_call(void *opaque)
{
	CHECK_EQ(run(opaque, 1).kind, VMEXIT_HCALL);
	return NULL;
}

/* Leaves this thread, and those that it makes, one CPU of the host. */
static cpu_set_t one_cpu(void)
{
	cpu_set_t all, one;

	CHECK_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	for (unsigned i = 0; !CPU_COUNT(&one); i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
	return all;
}

TEST(ia64_accel_who_spins_makes_way_for_the_other)
{
	cpu_set_t all = one_cpu();
	struct machine m;
	pthread_t thread;

	make(&m);
	put_handing(&m, OTHER, 1, 300);
	put_handing(&m, IA64_CODE, 0, 300);
	start(&m);
	set_both(&m);
	yields = 0;
	CHECK_EQ(pthread_create(&thread, NULL, run_to_its_call, &m), 0);
	CHECK_EQ(run(&m, 0).kind, VMEXIT_HCALL);
	pthread_join(thread, NULL);
	CHECK(yields > 0);
	CHECK_EQ(regs(&m, 0)->gr[20], 0);
	CHECK_EQ(regs(&m, 1)->gr[20], 0);
	CHECK_EQ(sched_setaffinity(0, sizeof(all), &all), 0);
	end(&m);
}

TEST(ia64_accel_who_spins_alone_makes_way_for_nobody)
{
	struct machine m;
	uint64_t top;

	make(&m);
	P("adds", "A4", 20, 5000, 0);
	top = P("hint.m", "M48", 0);
	P("adds", "A4", 20, -1, 20);
	P("cmp.eq", "A6", 6, 7, 20, 0);
	PUTP(&m.code, 7, "br.cond", "B1", ia64_to(&m.code, top));
	P("break.m", "M37", 0x110001);
	start(&m);
	yields = 0;
	CHECK_EQ(run(&m, 0).kind, VMEXIT_HCALL);
	CHECK_EQ(yields, 0);
	end(&m);
}
