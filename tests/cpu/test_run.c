/* SPDX-License-Identifier: MIT */
/* cpu/run: the loop over a scripted accelerator. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "cpu/accel.h"
#include "tests/test.h"

/* Plays a list of exits, then waits to be kicked. */
struct script {
	const struct vcpu_exit *exits;
	unsigned n, at;
	uint64_t answer; /* of the last read, or of a hypercall */
	uint64_t out;	 /* its second result */
	atomic_int kicked;
	atomic_int waiting;
	atomic_int ran[4]; /* by vCPU */
	unsigned destroyed;
};

static struct script script;
static int fail_create;
static unsigned created_as[4]; /* bus_cpu() of each one's thread */

static int script_create(struct vcpu *c, struct err *err)
{
	if (fail_create == (int)c->index + 1)
		return err_set(err, ENOSPC, "no more than %u", c->index);
	c->priv = &script;
	created_as[c->index] = bus_cpu();
	return 0;
}

static void script_destroy(struct vcpu *c)
{
	c->priv = NULL;
	script.destroyed++;
}

static int script_reset(struct vcpu *c, const struct boot_start *start,
			bool first, struct err *err)
{
	(void)start, (void)first, (void)err;
	if (c->index == 0)
		script.at = 0;
	return 0;
}

static void script_run(struct vcpu *c, struct vcpu_exit *x)
{
	struct script *s = c->priv;

	s->ran[c->index] = 1;
	if (c->index == 0 && s->at < s->n) {
		*x = s->exits[s->at++];
		return;
	}
	if (c->index == 0)
		s->waiting = 1;
	while (!s->kicked)
		usleep(100);
	x->kind = VMEXIT_AGAIN;
}

static void script_finish(struct vcpu *c, const struct vcpu_exit *x)
{
	struct script *s = c->priv;

	s->answer = x->kind == VMEXIT_HCALL ? (uint64_t)x->hcall.ret
					    : x->mmio.val;
	s->out = x->kind == VMEXIT_HCALL ? x->hcall.out[1] : 0;
}

static void script_kick(struct vcpu *c)
{
	struct script *s = c->priv;

	s->kicked = 1;
}

static const struct accel scripted = {
	.name = "scripted",
	.vcpu_create = script_create,
	.vcpu_destroy = script_destroy,
	.vcpu_reset = script_reset,
	.vcpu_run = script_run,
	.vcpu_finish = script_finish,
	.vcpu_kick = script_kick,
};

static struct rig {
	struct bus mmio, pio;
	struct accel_vm vm;
	struct vcpus cpus;
	atomic_int requests[3], crashes, eoi, parked;
	char why[64];
} rig;

static bool no_hcalls;

static void on_request(void *opaque, enum vm_request what)
{
	(void)opaque;
	rig.requests[what]++;
}

static void on_crash(void *opaque, struct vcpu *c, const char *why)
{
	(void)opaque, (void)c;
	snprintf(rig.why, sizeof(rig.why), "%s", why);
	rig.crashes++;
}

static void on_eoi(void *opaque, uint32_t vector)
{
	(void)opaque;
	rig.eoi = (int)vector;
}

static long on_hcall(void *opaque, unsigned cpu, uint64_t nr,
		     const uint64_t in[VCPU_HCALL_REGS],
		     uint64_t out[VCPU_HCALL_REGS])
{
	(void)opaque;
	CHECK_EQ(cpu, 0);
	out[1] = in[8];
	return (long)nr;
}

static void on_parked(void *opaque)
{
	(void)opaque;
	rig.parked = 1;
}

static void rig_run(const struct vcpu_exit *exits, unsigned n, unsigned cpus)
{
	struct vcpu_events ev = { .mmio = &rig.mmio,
				  .pio = &rig.pio,
				  .eoi = on_eoi,
				  .hcall = no_hcalls ? NULL : on_hcall,
				  .request = on_request,
				  .crashed = on_crash,
				  .parked = on_parked };
	struct err err = { 0 };

	memset(&script, 0, sizeof(script));
	script.exits = exits;
	script.n = n;
	memset(&rig.requests, 0, sizeof(rig.requests));
	rig.crashes = rig.eoi = 0;
	rig.vm.accel = &scripted;
	CHECK_EQ(vcpus_create(&rig.cpus, &rig.vm, cpus, &ev, NULL, &err), 0);
	CHECK_EQ(vcpus_wait(&rig.cpus, &err), 0);
	CHECK_EQ(vcpus_reset(&rig.cpus, NULL, true, &err), 0);
	rig.parked = 0;
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	UNTIL(script.waiting || rig.crashes);
	vcpus_halt(&rig.cpus, VCPUS_MACHINE);
	UNTIL(vcpus_parked(&rig.cpus, VCPUS_MACHINE));
	CHECK(rig.parked);
	vcpus_destroy(&rig.cpus);
}

static uint64_t bytes;
static uint64_t byte_read(void *opaque, uint64_t off, unsigned size)
{
	(void)opaque, (void)size;
	return 0x10 + off;
}

static void byte_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	(void)opaque, (void)size;
	bytes = bytes << 8 | ((val + off) & 0xff);
}

static const struct region_ops byte_ops = {
	.read = byte_read, .write = byte_write, .min_size = 1, .max_size = 1
};

TEST(run_splits_what_no_region_takes_whole_into_bytes)
{
	struct region r = { .name = "r", .size = 16, .ops = &byte_ops };
	struct err err = { 0 };
	struct vcpu_exit x[] = {
		{ .kind = VMEXIT_MMIO, .mmio = { 0x1000, 0, 3, false } },
	};

	bus_init(&rig.mmio, "mmio", 0);
	bus_init(&rig.pio, "pio", 0x10000);
	CHECK_EQ(bus_add(&rig.mmio, 0x1000, &r, &err), 0);
	rig_run(x, 1, 1);
	CHECK_EQ(script.answer, 0x121110);
	bus_destroy(&rig.mmio);
	bus_destroy(&rig.pio);
}

TEST(run_answers_hypercalls)
{
	struct vcpu_exit x[] = {
		{ .kind = VMEXIT_HCALL, .hcall = { .nr = 0x54 } },
	};

	x[0].hcall.in[8] = 77;
	x[0].hcall.out[1] = 5;
	rig_run(x, 1, 1);
	CHECK_EQ(script.answer, 0x54);
	CHECK_EQ(script.out, 77);
	no_hcalls = true;
	rig_run(x, 1, 1);
	no_hcalls = false;
	CHECK_EQ(script.answer, -2); /* H_FUNCTION */
	CHECK_EQ(script.out, 0);
}

TEST(run_repeats_string_io_on_one_port)
{
	struct region r = { .name = "r", .size = 1, .ops = &byte_ops };
	struct err err = { 0 };
	uint8_t out[3] = { 1, 2, 3 }, in[2] = { 0 };
	struct vcpu_exit x[] = {
		{ .kind = VMEXIT_PIO, .pio = { 0x80, 1, true, 3, out } },
		{ .kind = VMEXIT_PIO, .pio = { 0x80, 1, false, 2, in } },
		{ .kind = VMEXIT_EOI, .eoi = { 0x31 } },
		{ .kind = VMEXIT_RESET },
	};

	bytes = 0;
	bus_init(&rig.mmio, "mmio", 0);
	bus_init(&rig.pio, "pio", 0x10000);
	CHECK_EQ(bus_add(&rig.pio, 0x80, &r, &err), 0);
	rig_run(x, 4, 2);
	CHECK_EQ(bytes, 0x010203);
	CHECK_EQ(in[1], 0x10);
	CHECK_EQ(rig.eoi, 0x31);
	CHECK_EQ(rig.requests[VM_RESET], 1);
	bus_destroy(&rig.mmio);
	bus_destroy(&rig.pio);
}

TEST(run_tells_the_bus_which_cpu_a_thread_is)
{
	memset(created_as, 0xff, sizeof(created_as));
	rig_run(NULL, 0, 3);
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(created_as[i], i);
	CHECK_EQ(bus_cpu(), 0);
}

TEST(run_parks_a_crashed_vcpu_and_tells_why_once)
{
	struct vcpu_exit x[] = {
		{ .kind = VMEXIT_CRASH, .crash = { "triple fault" } },
		{ .kind = VMEXIT_RESET },
	};

	rig_run(x, 2, 1);
	CHECK_EQ(rig.crashes, 1);
	CHECK_STR(rig.why, "triple fault");
	CHECK_EQ(rig.requests[VM_RESET], 0);
}

TEST(run_reports_a_vcpu_that_cannot_be_made_and_frees_the_rest)
{
	struct vcpu_events ev = { .request = on_request };
	struct err err = { 0 };

	fail_create = 3;
	rig.vm.accel = &scripted;
	CHECK_EQ(vcpus_create(&rig.cpus, &rig.vm, 4, &ev, NULL, &err), 0);
	CHECK_EQ(vcpus_wait(&rig.cpus, &err), -ENOSPC);
	CHECK_STR(err.msg, "no more than 2");
	fail_create = 0;
}

TEST(run_refuses_host_cpus_that_do_not_exist)
{
	struct vcpu_events ev = { .request = on_request };
	struct err err = { 0 };
	cpu_set_t none;
	const cpu_set_t *pin[] = { NULL, &none };

	CPU_ZERO(&none);
	CPU_SET(CPU_SETSIZE - 1, &none);
	rig.vm.accel = &scripted;
	CHECK_EQ(vcpus_create(&rig.cpus, &rig.vm, 2, &ev, pin, &err), 0);
	CHECK_EQ(vcpus_wait(&rig.cpus, &err), -EINVAL);
	CHECK_STR(err.msg,
		  "cannot pin vcpu1 to its host CPUs: Invalid argument");
}

/* ---- with a debugger */

static struct dbg {
	atomic_int stopped, parked, reset;
	unsigned cpu;
} dbg;

static void dbg_stopped(void *opaque, struct vcpu *c)
{
	struct dbg *d = opaque;

	d->cpu = c->index;
	d->stopped++;
}

static void dbg_parked(void *opaque)
{
	((struct dbg *)opaque)->parked++;
}

static void dbg_reset(void *opaque)
{
	((struct dbg *)opaque)->reset++;
}

static const struct vcpus_debugger debugger = { dbg_stopped, dbg_parked,
						dbg_reset, &dbg };

/* As rig_run(), up to where the vCPUs may run: all are parked. */
static void dbg_start(const struct vcpu_exit *exits, unsigned n, unsigned cpus)
{
	struct vcpu_events ev = { .request = on_request,
				  .crashed = on_crash,
				  .parked = on_parked };
	struct err err = { 0 };

	memset(&script, 0, sizeof(script));
	script.exits = exits;
	script.n = n;
	rig.crashes = 0;
	rig.vm.accel = &scripted;
	CHECK_EQ(vcpus_create(&rig.cpus, &rig.vm, cpus, &ev, NULL, &err), 0);
	CHECK_EQ(vcpus_wait(&rig.cpus, &err), 0);
	CHECK_EQ(vcpus_reset(&rig.cpus, NULL, true, &err), 0);
	vcpus_set_debugger(&rig.cpus, &debugger);
	UNTIL(vcpus_parked(&rig.cpus, VCPUS_MACHINE));
	dbg.stopped = dbg.parked = dbg.reset = rig.parked = 0;
}

TEST(run_keeps_a_stopped_vcpu_for_devices_that_drive_its_lines)
{
	struct vcpu_exit x[] = { { .kind = VMEXIT_AGAIN } };

	dbg_start(x, 1, 3);
	vcpus_stop(&rig.cpus);
	for (unsigned i = 0; i < 3; i++)
		CHECK(rig.cpus.cpu[i].priv == &script);
	vcpus_destroy(&rig.cpus);
	CHECK_EQ(script.destroyed, 3);
}

TEST(run_stops_every_vcpu_where_one_stops_for_the_debugger)
{
	struct vcpu_exit x[] = {
		{ .kind = VMEXIT_DEBUG, .stop = { STOP_HW_BREAK, 0x1234 } },
	};

	dbg_start(x, 1, 3);
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	UNTIL(dbg.parked);
	CHECK_EQ(rig.parked, 0); /* the machine is not to hear of it */
	CHECK_EQ(dbg.stopped, 1);
	CHECK_EQ(dbg.cpu, 0);
	CHECK_EQ(rig.cpus.cpu[0].stop.kind, STOP_HW_BREAK);
	CHECK_EQ(rig.cpus.cpu[0].stop.pc, 0x1234);
	CHECK(vcpus_parked(&rig.cpus, VCPUS_DEBUGGER));
	CHECK(!vcpus_parked(&rig.cpus, VCPUS_MACHINE));
	vcpus_destroy(&rig.cpus);
}

TEST(run_goes_on_only_when_nobody_halts_the_vcpus)
{
	dbg_start(NULL, 0, 2);
	vcpus_halt(&rig.cpus, VCPUS_DEBUGGER);
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	usleep(20000);
	CHECK(vcpus_parked(&rig.cpus, VCPUS_DEBUGGER));
	CHECK(!script.ran[0] && !script.ran[1]);
	vcpus_resume(&rig.cpus, VCPUS_DEBUGGER);
	UNTIL(script.waiting);
	vcpus_destroy(&rig.cpus);
}

TEST(run_lets_only_those_run_that_the_debugger_does_not_hold)
{
	dbg_start(NULL, 0, 2);
	rig.cpus.cpu[0].held = true;
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	UNTIL(script.ran[1]);
	CHECK(!script.ran[0]);
	vcpus_halt(&rig.cpus, VCPUS_DEBUGGER);
	UNTIL(dbg.parked);
	CHECK(!script.ran[0]);
	rig.cpus.cpu[0].held = false;
	vcpus_resume(&rig.cpus, VCPUS_DEBUGGER);
	UNTIL(script.waiting);
	vcpus_destroy(&rig.cpus);
}

TEST(run_shows_a_crash_to_the_debugger_before_the_machine_hears_of_it)
{
	struct vcpu_exit x[] = {
		{ .kind = VMEXIT_CRASH, .crash = { "triple fault" } },
	};

	dbg_start(x, 1, 2);
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	UNTIL(dbg.parked);
	CHECK_EQ(rig.cpus.cpu[0].stop.kind, STOP_CRASH);
	CHECK_EQ(rig.crashes, 0);
	vcpus_resume(&rig.cpus, VCPUS_DEBUGGER);
	UNTIL(rig.crashes);
	CHECK_STR(rig.why, "triple fault");
	vcpus_destroy(&rig.cpus);
}

TEST(run_forgets_a_crash_that_a_reset_made_good)
{
	struct vcpu_exit x[] = {
		{ .kind = VMEXIT_CRASH, .crash = { "triple fault" } },
	};
	struct err err = { 0 };

	dbg_start(x, 1, 1);
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	UNTIL(dbg.parked);
	CHECK_EQ(vcpus_reset(&rig.cpus, NULL, false, &err), 0);
	CHECK_EQ(dbg.reset, 1);
	script.n = 0;
	vcpus_resume(&rig.cpus, VCPUS_DEBUGGER);
	UNTIL(script.waiting);
	CHECK_EQ(rig.crashes, 0);
	vcpus_destroy(&rig.cpus);
}

TEST(run_does_not_stop_for_a_debugger_that_left)
{
	struct vcpu_exit x[] = {
		{ .kind = VMEXIT_DEBUG, .stop = { STOP_STEP, 0x1000 } },
	};

	dbg_start(x, 1, 1);
	vcpus_set_debugger(&rig.cpus, NULL);
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	UNTIL(script.waiting);
	CHECK_EQ(dbg.stopped, 0);
	vcpus_destroy(&rig.cpus);
}

static bool soon(bool (*is)(void))
{
	for (int i = 0; i < 20000 && !is(); i++)
		usleep(100);
	return is();
}

static bool second_is_off(void)
{
	return vcpu_is_off(&rig.cpus.cpu[1]);
}

static bool second_ran(void)
{
	return script.ran[1] > 0;
}

static bool all_parked(void)
{
	return vcpus_parked(&rig.cpus, VCPUS_MACHINE);
}

TEST(run_leaves_a_vcpu_off_until_it_is_switched_on)
{
	static const struct target target = { .secondaries_off = true };
	struct vcpu_events ev = { .parked = on_parked };
	struct err err = { 0 };

	memset(&script, 0, sizeof(script));
	rig.vm = (struct accel_vm){ .accel = &scripted, .target = &target };
	CHECK_EQ(vcpus_create(&rig.cpus, &rig.vm, 2, &ev, NULL, &err), 0);
	CHECK_EQ(vcpus_wait(&rig.cpus, &err), 0);
	CHECK_EQ(vcpus_reset(&rig.cpus, NULL, true, &err), 0);
	script.kicked = 1; /* nobody waits in vcpu_run() */
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	CHECK(soon(second_is_off));
	CHECK(!vcpu_is_off(&rig.cpus.cpu[0]));
	CHECK_EQ(script.ran[1], 0);
	/* a pause counts it as parked, and does not wake it */
	vcpus_halt(&rig.cpus, VCPUS_MACHINE);
	CHECK(soon(all_parked));
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	CHECK(soon(second_is_off));
	CHECK_EQ(script.ran[1], 0);
	/* one starts it, however many want to; who could not lets it go */
	CHECK(!vcpu_claim(&rig.cpus.cpu[0]));
	CHECK(vcpu_claim(&rig.cpus.cpu[1]));
	CHECK(!vcpu_claim(&rig.cpus.cpu[1]));
	vcpu_power(&rig.cpus.cpu[1], false);
	CHECK(vcpu_claim(&rig.cpus.cpu[1]));
	vcpu_power(&rig.cpus.cpu[1], true);
	CHECK(!vcpu_claim(&rig.cpus.cpu[1]));
	CHECK(soon(second_ran));
	vcpu_power(&rig.cpus.cpu[1], false);
	CHECK(soon(second_is_off));
	/* on while all are halted: it runs when they do */
	vcpus_halt(&rig.cpus, VCPUS_MACHINE);
	CHECK(soon(all_parked));
	script.ran[1] = 0;
	vcpu_power(&rig.cpus.cpu[1], true);
	CHECK(all_parked());
	CHECK_EQ(script.ran[1], 0);
	vcpus_resume(&rig.cpus, VCPUS_MACHINE);
	CHECK(soon(second_ran));
	vcpus_destroy(&rig.cpus);
	rig.vm.target = NULL;
}
