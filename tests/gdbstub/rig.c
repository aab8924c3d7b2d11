/* SPDX-License-Identifier: MIT */
/* A machine of toy CPUs under the debugger, and a client to talk to it. */
#include "tests/gdbstub/rig.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LIMIT_MS 60000

static struct toy toys[TOY_CPUS];
static struct stub_rig *rig;
static uint8_t rig_rom[4096] __attribute__((aligned(4096)));
/* What is behind the cache, and the cache's content when it was synced last. */
static uint8_t rig_dram[TOY_RAM], rig_clean[TOY_RAM];

/* ---- the toy CPUs: an accelerator that is all in this file */

static int toy_create(struct vcpu *c, struct err *err)
{
	(void)err;
	c->priv = &toys[c->index];
	return 0;
}

static void toy_destroy(struct vcpu *c)
{
	c->priv = NULL;
}

static int toy_reset(struct vcpu *c, const struct boot_start *start, bool first,
		     struct err *err)
{
	struct toy *t = c->priv;

	(void)start, (void)first, (void)err;
	target_x86_64.reset(&t->regs, NULL);
	t->regs.rip = TOY_CODE + 0x1000 * c->index;
	t->regs.cs.base = 0;
	t->regs.gpr[7] = TOY_DATA + 0x100 * c->index;
	t->resumed = true;
	return 0;
}

/* The bits of DR6 for an instruction, or a byte of data, at addr. */
static uint64_t toy_hits(const struct toy *t, bool exec, uint64_t addr)
{
	static const uint64_t size[] = { 1, 2, 8, 4 };
	uint64_t bits = 0;

	for (unsigned i = 0; i < X86_DEBUG_SLOTS; i++) {
		uint64_t how = t->hw.dr7 >> (16 + 4 * i);

		if (t->hw.dr7 >> 2 * i & 3 && exec == !(how & 3) &&
		    addr - t->hw.dr[i] < size[how >> 2 & 3])
			bits |= UINT64_C(1) << i;
	}
	return bits;
}

/* A debug exception of the guest's own. */
static int toy_reflect(struct vcpu *c, const struct vcpu_stop *s)
{
	struct toy *t = c->priv;

	t->resumed = true;
	if (s->kind == STOP_SW_BREAK) {
		t->regs.gpr[14]++;
		t->regs.rip++;
	} else {
		CHECK(s->info);
		t->regs.dr6 = X86_DR6_FIXED | s->info;
		t->regs.gpr[13]++;
	}
	return 0;
}

/* True when it exits; false where the guest takes the exception itself. */
static bool toy_debugged(struct vcpu *c, struct vcpu_exit *x, uint64_t dr6)
{
	struct toy *t = c->priv;
	struct vcpu_stop stop = { .pc = t->regs.rip };

	t->resumed = true;
	x86_debug_stop(&t->debug, &t->hw, dr6, t->hw.dr7, &stop);
	if (!t->debug.nslots && !t->debug.step) {
		toy_reflect(c, &stop);
		return false;
	}
	*x = (struct vcpu_exit){ .kind = VMEXIT_DEBUG, .stop = stop };
	return true;
}

static bool toy_broke(struct toy *t, struct vcpu_exit *x)
{
	t->resumed = true;
	*x = (struct vcpu_exit){
		.kind = VMEXIT_DEBUG,
		.stop = { .kind = STOP_SW_BREAK, .pc = t->regs.rip, .slot = -1 }
	};
	return true;
}

/* One instruction; true when it exits. */
static bool toy_step(struct vcpu *c, struct toy *t, struct vcpu_exit *x)
{
	struct x86_regs *r = &t->regs;
	uint64_t addr = r->gpr[7], hits = toy_hits(t, true, r->rip);
	uint8_t insn = 0;

	if (hits && !t->resumed)
		return toy_debugged(c, x, hits);
	hits = 0;
	CHECK(target_read_code(&rig->target, r, &rig->mem, r->rip, &insn, 1));
	if (rig->uncached)
		insn = rig_dram[r->rip];
	switch (insn) {
	case TOY_INT3:
		if (t->debug.sw_break)
			return toy_broke(t, x);
		r->gpr[14]++;
		break;
	case TOY_STORE:
		if (rig->uncached)
			rig_dram[addr] = (uint8_t)r->gpr[0];
		else
			CHECK_EQ(mem_write(&rig->mem, addr, &r->gpr[0], 1), 0);
		hits = toy_hits(t, false, addr);
		break;
	case TOY_CRASH:
		*x = (struct vcpu_exit){ .kind = VMEXIT_CRASH,
					 .crash.why = "the toy broke" };
		return true;
	default: break;
	}
	t->resumed = false;
	r->rip++;
	if (insn == TOY_LOOP) {
		r->rip = (r->rip - 1) & ~UINT64_C(0xfff);
		r->gpr[15]++;
	}
	if (t->debug.step && !(rig->loop_escapes && insn == TOY_LOOP))
		hits |= X86_DR6_BS;
	return hits && toy_debugged(c, x, hits);
}

/* Waits until as many have come as there are. */
static void toy_gather(unsigned n)
{
	unsigned round = atomic_fetch_add(&rig->entered, 1) / n;

	while (rig->entered / n == round)
		sched_yield();
}

static void toy_run(struct vcpu *c, struct vcpu_exit *x)
{
	struct toy *t = c->priv;

	x->kind = VMEXIT_AGAIN;
	if (rig->together && !t->debug.step)
		toy_gather(c->group->n);
	while (rig->together || !atomic_exchange(&t->kicked, 0)) {
		if (toy_step(c, t, x))
			return;
		if (!t->regs.gpr[15] || t->regs.gpr[15] % 64 == 0)
			sched_yield();
	}
}

static void toy_kick(struct vcpu *c)
{
	((struct toy *)c->priv)->kicked = 1;
}

static void toy_caps(struct vcpu *c, struct debug_caps *caps)
{
	(void)c;
	*caps = (struct debug_caps){ .step = !rig->no_step,
				     .sw_break = !rig->no_sw_break,
				     .breaks = X86_DEBUG_SLOTS,
				     .watches = rig->no_watches
							? 0
							: X86_DEBUG_SLOTS,
				     .shared = true,
				     .watch_len = 8 };
}

static int toy_debug(struct vcpu *c, const struct vcpu_debug *d)
{
	struct toy *t = c->priv;

	int ret = x86_debug_load(d, t->regs.dr, t->regs.dr7, &t->hw);

	if (!ret)
		t->debug = *d;
	return ret;
}

static int toy_nmi(struct vcpu *c)
{
	((struct toy *)c->priv)->nmis++;
	return 0;
}

static bool toy_off(struct vcpu *c)
{
	return ((struct toy *)c->priv)->off;
}

/* An interrupt controller of two registers. */
static int toy_chip_save(struct accel_vm *vm, struct chip_state *out,
			 struct err *err)
{
	int ret = 0;

	(void)vm;
	for (uint32_t i = 0; !ret && i < TOY_CHIP; i++)
		ret = chip_state_add(out,
				     (struct chip_reg){ .part = CHIP_GICC,
							.offset = 4 * i,
							.val = rig->chip[i] },
				     err);
	return ret;
}

static void toy_clock(struct accel_vm *vm, bool stop)
{
	(void)vm;
	CHECK(stop != rig->clock_still);
	rig->clock_still = stop;
	rig->clock_stops += stop;
}

/* What the host wrote goes to memory, and all else comes from there. */
static void toy_mem_sync(struct accel_vm *vm, const void *host, size_t n)
{
	uint8_t *ram = mem_run_rw(&rig->mem, 0, TOY_RAM);
	size_t at = (size_t)((const uint8_t *)host - ram);

	(void)vm;
	if (!rig->uncached || at >= TOY_RAM)
		return;
	for (size_t end = at + n; at < end; at++) {
		if (ram[at] != rig_clean[at])
			rig_dram[at] = ram[at];
		ram[at] = rig_clean[at] = rig_dram[at];
	}
}

static int toy_vm_reset(struct accel_vm *vm, struct err *err)
{
	(void)vm, (void)err;
	memset(rig->chip, 0, sizeof(rig->chip));
	return 0;
}

static int toy_chip_restore(struct accel_vm *vm, const struct chip_state *s,
			    struct err *err)
{
	(void)vm, (void)err;
	for (size_t i = 0; i < s->n; i++)
		if (!rig->chip_forgets || i)
			rig->chip[s->reg[i].offset / 4] = s->reg[i].val;
	return 0;
}

static int toy_get(struct vcpu *c, void *regs)
{
	memcpy(regs, &((struct toy *)c->priv)->regs, sizeof(struct x86_regs));
	return 0;
}

static int toy_set(struct vcpu *c, const void *regs)
{
	if (((const struct x86_regs *)regs)->cr0 == TOY_BAD_CR0)
		return -EINVAL;
	memcpy(&((struct toy *)c->priv)->regs, regs, sizeof(struct x86_regs));
	return 0;
}

/* What target->steps() is for a toy. */
static unsigned toy_steps(const void *regs, const struct mem *m,
			  struct target_step at[TARGET_STEPS])
{
	const struct x86_regs *r = regs;
	uint8_t insn;

	if (!target_read_code(&target_x86_64, r, m, r->rip, &insn, 1))
		return 0;
	at[0] = (struct target_step){ .addr = r->rip + 1, .kind = 1 };
	if (insn == TOY_LOOP && !rig->loop_faults)
		at[0].addr = r->rip & ~UINT64_C(0xfff);
	return 1;
}

/* Where nothing is mapped nothing is planted. */
static unsigned toy_faults(const void *regs,
			   struct target_step at[TARGET_FAULTS])
{
	const struct x86_regs *r = regs;

	at[0] = (struct target_step){ .addr = TOY_RAM, .kind = 1 };
	at[1] = (struct target_step){ .addr = r->rip & ~UINT64_C(0xfff),
				      .kind = 1,
				      .real = true };
	return 2;
}

static bool toy_maskable(const void *regs, const struct mem *m)
{
	uint8_t insn;

	return target_read_code(&target_x86_64, regs, m,
				((const struct x86_regs *)regs)->rip, &insn,
				1) &&
	       insn != TOY_STORE;
}

/* And target->escapes(). */
static unsigned toy_escapes(const void *regs, const struct mem *m,
			    struct target_step at[TARGET_STEPS])
{
	const struct x86_regs *r = regs;
	uint8_t insn;

	if (!target_read_code(&target_x86_64, r, m, r->rip, &insn, 1) ||
	    insn != TOY_LOOP)
		return 0;
	return toy_steps(regs, m, at);
}

static const struct accel toy_accel = {
	.name = "toy",
	.vm_clock = toy_clock,
	.mem_sync = toy_mem_sync,
	.vcpu_create = toy_create,
	.vcpu_destroy = toy_destroy,
	.vcpu_reset = toy_reset,
	.vcpu_run = toy_run,
	.vcpu_kick = toy_kick,
	.vcpu_nmi = toy_nmi,
	.vcpu_off = toy_off,
	.vm_reset = toy_vm_reset,
	.chip_save = toy_chip_save,
	.chip_restore = toy_chip_restore,
	.debug_caps = toy_caps,
	.debug_set = toy_debug,
	.debug_reflect = toy_reflect,
	.get_regs = toy_get,
	.set_regs = toy_set,
};

/* ---- the machine */

static void rig_request(void *opaque, enum vm_request what, int status)
{
	struct stub_rig *r = opaque;

	r->status = status;
	if (what == VM_RESET)
		r->reset++;
	else
		r->off++;
}

static void rig_vcpu_request(void *opaque, enum vm_request what)
{
	rig_request(opaque, what, 0);
}

static void rig_crashed(void *opaque, struct vcpu *c, const char *why)
{
	(void)c, (void)why;
	((struct stub_rig *)opaque)->crashes++;
}

/* NOPs, then a store, then back. */
static void rig_program(struct stub_rig *r, unsigned cpu)
{
	uint8_t code[16];

	memset(code, TOY_NOP, sizeof(code));
	code[8] = TOY_STORE;
	code[15] = TOY_LOOP;
	CHECK_EQ(
		mem_write(&r->mem, TOY_CODE + 0x1000 * cpu, code, sizeof(code)),
		0);
}

void stub_rig_init(struct stub_rig *r, unsigned ncpus, bool wait)
{
	static const struct mem_config plain;
	const struct vcpu_events ev = { .request = rig_vcpu_request,
					.crashed = rig_crashed,
					.opaque = r };
	struct gdbstub_machine m = { .cpus = &r->cpus,
				     .target = &r->target,
				     .board = &r->board,
				     .mem = &r->mem,
				     .kaslr_text = r->kaslr_text,
				     .request = rig_request,
				     .opaque = r };
	struct err err = { 0 };
	char spec[80];

	rig = r;
	r->target = target_x86_64;
	r->target.steps = r->no_plan ? NULL : toy_steps;
	r->target.faults = r->loop_faults ? toy_faults : NULL;
	r->target.maskable = toy_maskable;
	r->target.escapes = r->loop_escapes ? toy_escapes : NULL;
	memset(toys, 0, sizeof(toys));
	r->fd = -1;
	r->board = (struct board){ .cpus = r->ids,
				   .ncpus = ncpus,
				   .irqchip = "none" };
	CHECK_EQ(mem_add_ram(&r->mem, 0, TOY_RAM, &plain, &err), 0);
	memset(rig_rom, TOY_NOP, sizeof(rig_rom));
	CHECK_EQ(mem_add_host(&r->mem, TOY_ROM, sizeof(rig_rom), rig_rom, true,
			      &err),
		 0);
	for (unsigned i = 0; i < ncpus; i++)
		rig_program(r, i);
	if (r->uncached) {
		CHECK_EQ(mem_read(&r->mem, 0, rig_dram, TOY_RAM), 0);
		memcpy(rig_clean, rig_dram, TOY_RAM);
	}
	r->vm = (struct accel_vm){ .accel = &toy_accel, .target = &r->target };
	CHECK_EQ(vcpus_create(&r->cpus, &r->vm, ncpus, &ev, NULL, &err), 0);
	CHECK_EQ(vcpus_wait(&r->cpus, &err), 0);
	CHECK_EQ(vcpus_reset(&r->cpus, NULL, true, &err), 0);
	strcpy(r->folder, "/tmp/vmm-gdb-test-XXXXXX");
	CHECK(mkdtemp(r->folder));
	snprintf(r->path, sizeof(r->path), "%s/gdb", r->folder);
	snprintf(spec, sizeof(spec), "unix:%s", r->path);
	r->stub = gdbstub_new(spec, &m, wait, &err);
	if (!r->stub)
		fail_msg("%s", err.msg);
	vcpus_resume(&r->cpus, VCPUS_MACHINE);
	stub_rig_connect(r);
}

void stub_rig_destroy(struct stub_rig *r)
{
	gdbstub_end(r->stub, 0);
	vcpus_destroy(&r->cpus);
	if (r->fd >= 0)
		close(r->fd);
	mem_destroy(&r->mem);
	/* It takes its socket along. */
	CHECK_EQ(rmdir(r->folder), 0);
}

struct toy *stub_rig_toy(struct stub_rig *r, unsigned cpu)
{
	(void)r;
	return &toys[cpu];
}

/* ---- the client */

void stub_rig_connect(struct stub_rig *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strcpy(a.sun_path, r->path);
	r->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(r->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		fail_msg("connect to '%s': %s", r->path, strerror(errno));
	memset(&r->in, 0, offsetof(struct packet_in, data));
	stub_send(r, "QStartNoAckMode");
	CHECK_STR(stub_recv(r), "OK");
}

void stub_rig_hang_up(struct stub_rig *r)
{
	close(r->fd);
	r->fd = -1;
}

void stub_send_raw(struct stub_rig *r, const void *bytes, size_t n)
{
	CHECK_EQ(send(r->fd, bytes, n, MSG_NOSIGNAL), n);
}

void stub_send(struct stub_rig *r, const char *content)
{
	struct packet_out o = { 0 };
	uint8_t sum = 0;

	/* gdb does not shorten runs, so packet_wrap() is not for this. */
	for (const char *p = content; *p; p++)
		sum = (uint8_t)(sum + (uint8_t)*p);
	packet_str(&o, "$");
	packet_str(&o, content);
	packet_fmt(&o, "#%02x", sum);
	stub_send_raw(r, o.data, o.len);
	packet_free(&o);
}

/* Undoes the runs, which packet_feed() does not know: gdb sends none. */
static const char *rig_expand(const struct packet_in *in)
{
	static char text[4 * PACKET_MAX];
	size_t n = 0;

	for (size_t i = 0; i < in->len; i++) {
		unsigned more = 0;

		if (in->data[i] == '*' && i && i + 1 < in->len)
			more = in->data[++i] - 29u;
		else
			text[n++] = (char)in->data[i];
		for (; more--; n++)
			text[n] = text[n - 1];
	}
	text[n] = 0;
	return text;
}

const char *stub_recv(struct stub_rig *r)
{
	for (;;) {
		struct pollfd p = { .fd = r->fd, .events = POLLIN };
		uint8_t byte;

		CHECK_EQ(poll(&p, 1, LIMIT_MS), 1);
		if (read(r->fd, &byte, 1) != 1)
			return NULL;
		switch (packet_feed(&r->in, byte)) {
		case PACKET_READY: return rig_expand(&r->in);
		case PACKET_BAD: fail_msg("a bad packet came"); break;
		default: break;
		}
	}
}

const char *stub_ask(struct stub_rig *r, const char *content)
{
	const char *answer;

	stub_send(r, content);
	answer = stub_recv(r);
	return answer ? answer : "(the connection ended)";
}
