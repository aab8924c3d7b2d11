/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the debugger: the input is what a client sends and what the machine
 * does meanwhile.  Its CPUs and their group run in this one thread, so that an
 * input does the same every time.
 *
 * The first byte chooses the machine.  "%TEXT\n" is a packet of that content;
 * between packets 'r' lets the vCPUs execute a little, 'R' resets the machine
 * and 'L' loses the connection.  Anything else is bytes of the connection.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/x86_64/regs.h"
#include "gdbstub/priv.h"
#include "tests/fuzz/fuzz.h"

#define CPUS   3
#define RAM    0x20000u
#define CODE   0x10000u
#define BURST  40 /* instructions a vCPU has before another one */
#define ROUNDS 8

enum { NOP = 0x90, STORE = 0xaa, LOOP = 0xeb, INT3 = 0xcc };

static struct x86_regs regs[CPUS];
static struct vcpu_debug debug[CPUS];
static bool resumed[CPUS];
static struct mem mem;
static struct vcpus group;
static struct accel_vm vm;
static struct board board;
static struct board_cpu ids[CPUS];
static struct gdbstub stub;
static struct loop *loop; /* never runs: calls are made at once */
static uint8_t *ram;
static unsigned slots;
static bool no_sw_break;

static void must(bool good)
{
	if (!good)
		abort();
}

/* ---- the accelerator: x86's registers, four instructions */

static int toy_slot(unsigned i, bool exec, uint64_t addr)
{
	for (unsigned n = 0; n < debug[i].nslots; n++) {
		const struct debug_slot *s = &debug[i].slot[n];

		if (exec ? s->kind == DEBUG_EXEC && s->addr == addr
			 : s->kind != DEBUG_EXEC && addr - s->addr < s->len)
			return (int)n;
	}
	return -1;
}

static struct vcpu_stop toy_stop(unsigned i, enum vcpu_stop_kind kind, int slot,
				 uint64_t addr)
{
	resumed[i] = true;
	return (struct vcpu_stop){
		.kind = kind, .pc = regs[i].rip, .addr = addr, .slot = slot
	};
}

static struct vcpu_stop toy_step(unsigned i)
{
	struct x86_regs *r = &regs[i];
	int slot = toy_slot(i, true, r->rip), hit = -1;
	uint64_t to = r->gpr[7];
	uint8_t insn;

	if (slot >= 0 && !resumed[i])
		return toy_stop(i, STOP_HW_BREAK, slot, 0);
	if (mem_read(&mem, r->rip, &insn, 1) < 0)
		return toy_stop(i, STOP_CRASH, -1, 0);
	resumed[i] = false;
	if (insn == INT3 && debug[i].sw_break)
		return toy_stop(i, STOP_SW_BREAK, -1, 0);
	if (insn == STORE && mem_write(&mem, to, &r->gpr[0], 1) == 0)
		hit = toy_slot(i, false, to);
	r->rip = insn == LOOP ? CODE + 0x1000 * i : r->rip + 1;
	if (hit >= 0)
		return toy_stop(i, STOP_WATCH, hit, to);
	if (debug[i].step)
		return toy_stop(i, STOP_STEP, -1, 0);
	return (struct vcpu_stop){ .kind = STOP_NONE };
}

static void toy_caps(struct vcpu *c, struct debug_caps *caps)
{
	(void)c;
	*caps = (struct debug_caps){ .step = true,
				     .sw_break = !no_sw_break,
				     .breaks = slots,
				     .watches = slots,
				     .shared = true,
				     .watch_len = 8 };
}

static int toy_debug(struct vcpu *c, const struct vcpu_debug *d)
{
	if (d->nslots > slots)
		return -ENOSPC;
	debug[c->index] = *d;
	return 0;
}

static int toy_reflect(struct vcpu *c, const struct vcpu_stop *s)
{
	must(s->kind == STOP_SW_BREAK); /* it has no others of its own */
	regs[c->index].rip++;
	return 0;
}

static int toy_get(struct vcpu *c, void *to)
{
	memcpy(to, &regs[c->index], sizeof(regs[0]));
	return 0;
}

static int toy_set(struct vcpu *c, const void *from)
{
	memcpy(&regs[c->index], from, sizeof(regs[0]));
	return 0;
}

static void toy_kick(struct vcpu *c)
{
	(void)c;
}

static const struct accel toy_accel = {
	.name = "toy",
	.vcpu_kick = toy_kick,
	.debug_caps = toy_caps,
	.debug_set = toy_debug,
	.debug_reflect = toy_reflect,
	.get_regs = toy_get,
	.set_regs = toy_set,
};

/* ---- the machine */

static void machine_load(void)
{
	memset(ram, 0, RAM);
	for (unsigned i = 0; i < CPUS; i++) {
		uint8_t *code = ram + CODE + 0x1000 * i;

		memset(code, NOP, 16);
		code[5] = INT3;
		code[8] = STORE;
		code[15] = LOOP;
		target_x86_64.reset(&regs[i], NULL);
		regs[i].rip = CODE + 0x1000 * i;
		regs[i].cs.base = 0;
		regs[i].gpr[7] = 0x8000 + 0x100 * i;
		group.cpu[i].stop = (struct vcpu_stop){ .slot = -1 };
		resumed[i] = true;
	}
}

static void machine_request(void *opaque, enum vm_request what, int status)
{
	(void)opaque;
	must(what == VM_RESET || status == 0 || status == GDBSTUB_KILLED);
}

/* One after the other; as in life, those behind run on until they park. */
static void machine_run(void)
{
	bool running = !group.holders;

	for (unsigned i = 0; i < CPUS && i < group.n && running; i++) {
		struct vcpu *c = &group.cpu[i];

		for (int n = 0; n < BURST && !c->held; n++) {
			struct vcpu_stop stop = toy_step(i);

			if (stop.kind == STOP_NONE)
				continue;
			if (group.debugger) {
				c->stop = stop;
				vcpus_halt(&group, VCPUS_DEBUGGER);
			}
			break;
		}
	}
	if (group.holders)
		run_event(&stub);
}

static void machine_begin(uint8_t how)
{
	unsigned n = 1 + how % CPUS;

	slots = how >> 2 & 3;
	no_sw_break = how >> 4 & 1;
	group.n = group.nparked = n;
	group.holders = 0;
	group.debugger = NULL;
	for (unsigned i = 0; i < CPUS; i++)
		group.cpu[i].held = false;
	memset(debug, 0, sizeof(debug));
	machine_load();
	board = (struct board){ .cpus = ids, .ncpus = n, .irqchip = "none" };
	memset(&stub, 0, offsetof(struct gdbstub, in));
	memset(&stub.in, 0, offsetof(struct packet_in, data));
	memset(&stub.wire, 0, sizeof(stub) - offsetof(struct gdbstub, wire));
	stub.thread.loop = loop;
	stub.m = (struct gdbstub_machine){ .cpus = &group,
					   .target = &target_x86_64,
					   .board = &board,
					   .mem = &mem,
					   .kaslr_text = (how >> 5 & 1) * CODE,
					   .request = machine_request };
	stub.listener.fd = stub.rx.fd = stub.tx.fd = stub.event.fd = -1;
	toy_caps(&group.cpu[0], &stub.caps);
	must(run_init(&stub, how >> 6 & 1, &(struct err){ 0 }) == 0);
	session_begin(&stub);
	run_attach(&stub);
}

/* ---- what must hold */

/* Whatever was sent is packets that a client can take. */
static void check_replies(void)
{
	static struct packet_in in;

	memset(&in, 0, offsetof(struct packet_in, data));
	for (size_t i = 0; i < stub.wire.len; i++)
		must(packet_feed(&in, stub.wire.data[i]) != PACKET_BAD);
	must(in.state == IN_IDLE);
	stub.wire.len = stub.sent = 0;
}

static void check_state(void)
{
	must(stub.nbreaks <= BREAKS_MAX && stub.current < group.n);
	if (stub.state == STUB_RUNNING) {
		must(!group.holders);
		return;
	}
	for (unsigned i = 0; i < stub.nbreaks; i++)
		must(!stub.breaks[i].host);
}

/* Nothing of a debugger that has left is in the machine. */
static void check_left(void)
{
	must(!group.holders && !stub.nbreaks && !group.debugger);
	for (unsigned i = 0; i < group.n; i++)
		must(!debug[i].step && !debug[i].sw_break && !debug[i].nslots &&
		     !group.cpu[i].held);
}

/* ---- the input */

static void lose(void)
{
	server_drop(&stub);
	check_left();
	memset(&stub.in, 0, offsetof(struct packet_in, data));
	session_begin(&stub);
	run_attach(&stub);
}

static void packet(const uint8_t *data, size_t len)
{
	session_packet(&stub, data, len);
	/* "D" hung up, as far as there is anything to hang up. */
	if (!group.debugger)
		lose();
}

static void between(uint8_t byte)
{
	switch (byte) {
	case 'r':
		for (int i = 0; i < ROUNDS; i++)
			machine_run();
		break;
	case 'R':
		machine_load();
		group.debugger->reset(group.debugger->opaque);
		break;
	case 'L': lose(); break;
	default: break;
	}
}

static void byte(uint8_t b)
{
	if (stub.in.state == IN_IDLE)
		between(b);
	switch (packet_feed(&stub.in, b)) {
	case PACKET_READY: packet(stub.in.data, stub.in.len); break;
	case PACKET_INTERRUPT: run_interrupt(&stub); break;
	default: break;
	}
}

/* "%TEXT\n" at p; how many bytes that is. */
static size_t line(const uint8_t *p, size_t left)
{
	const uint8_t *end = memchr(p, '\n', left);
	size_t n = end ? (size_t)(end - p) : left;
	uint8_t *copy = calloc(1, n); /* of that size, for ASan */

	must(copy);
	memcpy(copy, p + 1, n - 1);
	copy[n - 1] = 0;
	packet(copy, n - 1);
	free(copy);
	return n;
}

static void fuzz_setup(void)
{
	static const struct mem_config plain;
	struct err err = { 0 };

	loop = loop_new(&err);
	must(loop && mem_add_ram(&mem, 0, RAM, &plain, &err) == 0);
	ram = mem_run(&mem, 0, RAM);
	vm = (struct accel_vm){ .accel = &toy_accel, .target = &target_x86_64 };
	group.cpu = calloc(CPUS, sizeof(*group.cpu));
	must(group.cpu);
	pthread_mutex_init(&group.lock, NULL);
	pthread_cond_init(&group.changed, NULL);
	for (unsigned i = 0; i < CPUS; i++)
		group.cpu[i] =
			(struct vcpu){ .vm = &vm, .index = i, .group = &group };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!ram)
		fuzz_setup();
	machine_begin(size ? data[0] : 0);
	for (size_t i = 1; i < size;) {
		if (data[i] == '%' && stub.in.state == IN_IDLE)
			i += line(data + i, size - i);
		else
			byte(data[i++]);
		check_state();
		check_replies();
	}
	server_drop(&stub);
	check_left();
	run_free(&stub);
	return 0;
}
