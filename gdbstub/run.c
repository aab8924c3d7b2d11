/* SPDX-License-Identifier: MIT */
/* Stopping, stepping and continuing; what gdb is told of a stop. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "gdbstub/priv.h"

/* Signals as gdb numbers them. */
enum { GDB_SIGINT = 2, GDB_SIGTRAP = 5, GDB_SIGSEGV = 11 };

/* ---- the group's callbacks: vCPU threads, and the main one for a reset */

static void run_stopped(void *opaque, struct vcpu *c)
{
	(void)opaque, (void)c; /* the last one to park tells */
}

static void run_parked(void *opaque)
{
	struct gdbstub *s = opaque;

	eventfd_write(s->event.fd, 1);
}

static void run_was_reset(void *arg)
{
	struct gdbstub *s = arg;

	regs_forget(s);
	for (unsigned i = 0; i < s->m.cpus->n; i++)
		s->cpu[i].pending = false;
	session_was_reset(s);
	if (s->state == STUB_STOPPED)
		return;
	breaks_lost(s);
	breaks_plant(s);
	regs_forget(s);
}

static void run_reset(void *opaque)
{
	struct gdbstub *s = opaque;

	loop_call(s->thread.loop, run_was_reset, s);
}

/* ---- stopping */

static void run_stop(struct gdbstub *s)
{
	s->state = STUB_STOPPING;
	vcpus_halt(s->m.cpus, VCPUS_DEBUGGER);
}

int run_init(struct gdbstub *s, bool wait, struct err *err)
{
	unsigned n = s->m.cpus->n;

	s->cpu = calloc(n, sizeof(*s->cpu));
	if (!s->cpu)
		return err_nomem(err, "the debugger's view of the vCPUs");
	for (unsigned i = 0; i < n; i++) {
		s->cpu[i].regs = calloc(1, s->m.target->regs_size);
		if (!s->cpu[i].regs)
			return err_nomem(err, "the debugger's registers");
	}
	s->debugger = (struct vcpus_debugger){ .stopped = run_stopped,
					       .parked = run_parked,
					       .reset = run_reset,
					       .opaque = s };
	if (!wait)
		return 0;
	vcpus_set_debugger(s->m.cpus, &s->debugger);
	run_stop(s);
	return 0;
}

void run_free(struct gdbstub *s)
{
	vcpus_set_debugger(s->m.cpus, NULL);
	breaks_clear(s);
	free(s->breaks);
	for (unsigned i = 0; s->cpu && i < s->m.cpus->n; i++)
		free(s->cpu[i].regs);
	free(s->cpu);
}

void run_attach(struct gdbstub *s)
{
	vcpus_set_debugger(s->m.cpus, &s->debugger);
	s->current = 0;
	s->owes_reply = s->interrupted = false;
	if (s->state == STUB_RUNNING)
		run_stop(s);
	run_event(s);
}

/* While gdb looks, no time passes for the guest. */
static void run_clock(struct gdbstub *s, bool stop)
{
	struct accel_vm *vm = s->m.cpus->cpu[0].vm;

	if (stop != s->clock_still && vm->accel->vm_clock)
		vm->accel->vm_clock(vm, stop);
	s->clock_still = stop;
}

/* All are parked: nothing of the debugger stays behind. */
static void run_leave(struct gdbstub *s)
{
	s->leaving = false;
	breaks_clear(s);
	for (unsigned i = 0; i < s->m.cpus->n; i++) {
		struct vcpu *v = &s->m.cpus->cpu[i];

		s->cpu[i].action = RUN_GO;
		s->cpu[i].pending = s->cpu[i].passes = false;
		v->held = false;
		if (v->stop.kind != STOP_CRASH)
			v->stop.kind = STOP_NONE;
	}
	breaks_plant(s);
	regs_forget(s);
	vcpus_set_debugger(s->m.cpus, NULL);
	run_clock(s, false);
	s->state = STUB_RUNNING;
	vcpus_resume(s->m.cpus, VCPUS_DEBUGGER);
}

void run_detach(struct gdbstub *s)
{
	s->leaving = true;
	if (s->state == STUB_RUNNING)
		run_stop(s);
	run_event(s);
}

void run_interrupt(struct gdbstub *s)
{
	if (s->state != STUB_RUNNING)
		return;
	s->interrupted = true;
	run_stop(s);
	run_event(s);
}

/* ---- what a stop means */

static bool run_in_range(const struct stub_cpu *c, uint64_t pc)
{
	return pc - c->range_start < c->range_end - c->range_start;
}

/*
 * Whether a vCPU's stop is the debugger's; *tell: one that gdb wants to hear
 * of.
 */
static bool run_owns(struct gdbstub *s, unsigned i, bool *tell)
{
	struct vcpu_stop *stop = &s->m.cpus->cpu[i].stop;
	struct stub_cpu *c = &s->cpu[i];
	const struct breakpoint *b = NULL;
	bool passed = c->passes;

	c->passes = false;
	*tell = true;
	switch (stop->kind) {
	case STOP_CRASH: return true;
	case STOP_STEP: break;
	default: b = breaks_find(s, stop);
	}
	if (b && b->step)
		stop->kind = STOP_STEP;
	else if (b)
		return true;
	*tell = c->action == RUN_STEP && !run_in_range(c, stop->pc);
	if (stop->kind == STOP_SW_BREAK && breaks_shared(s, i, stop->pc)) {
		c->passes = true;
		*tell = false;
		return true;
	}
	return b ||
	       (stop->kind == STOP_STEP && (passed || c->action == RUN_STEP));
}

/* Whether gdb is to hear of it; the guest gets what is its own. */
static bool run_claims(struct gdbstub *s, unsigned i)
{
	struct vcpu *v = &s->m.cpus->cpu[i];
	bool own, tell;

	if (v->stop.kind == STOP_NONE)
		return false;
	own = run_owns(s, i, &tell);
	if (!own || v->stop.shared)
		v->vm->accel->debug_reflect(v, &v->stop);
	return own && tell;
}

/* The vCPU to tell of first, or the number of them. */
static unsigned run_judge(struct gdbstub *s)
{
	unsigned n = s->m.cpus->n, first = n;

	for (unsigned i = 0; i < n; i++) {
		struct vcpu *v = &s->m.cpus->cpu[i];

		/* What was held did not run: its stop is judged already. */
		if (v->held)
			continue;
		if (run_claims(s, i)) {
			s->cpu[i].pending = true;
			if (first == n)
				first = i;
		} else {
			v->stop.kind = STOP_NONE;
		}
	}
	return first;
}

/* ---- telling gdb */

static void run_watch(struct gdbstub *s, const struct vcpu_stop *stop)
{
	static const char *const words[] = { [BREAK_WRITE] = "watch",
					     [BREAK_READ] = "rwatch",
					     [BREAK_ACCESS] = "awatch" };
	const struct breakpoint *b = breaks_find(s, stop);
	uint64_t addr = stop->addr;

	if (!b || b->kind < BREAK_WRITE)
		return;
	/* A wide access may begin before what is watched. */
	if (addr - b->addr >= b->len)
		addr = b->addr;
	packet_fmt(&s->out, "%s:%llx;", words[b->kind],
		   (unsigned long long)addr);
}

static void run_tell(struct gdbstub *s, unsigned i, int sig)
{
	const struct vcpu_stop *stop = &s->m.cpus->cpu[i].stop;

	s->current = i;
	packet_fmt(&s->out, "T%02xthread:%x;", sig, i + 1);
	if (stop->kind == STOP_WATCH)
		run_watch(s, stop);
	else if (stop->kind == STOP_SW_BREAK && s->knows_swbreak)
		packet_str(&s->out, "swbreak:;");
	else if (stop->kind == STOP_HW_BREAK) {
		const struct breakpoint *b = breaks_find(s, stop);

		/* One that stands in is to gdb what it asked for. */
		if (b && b->kind == BREAK_SW && s->knows_swbreak)
			packet_str(&s->out, "swbreak:;");
		else if (s->knows_hwbreak)
			packet_str(&s->out, "hwbreak:;");
	}
	s->owes_reply = false;
	server_send(s);
}

void run_reason(struct gdbstub *s)
{
	const struct vcpu_stop *stop = &s->m.cpus->cpu[s->current].stop;

	run_tell(s, s->current,
		 stop->kind == STOP_CRASH ? GDB_SIGSEGV : GDB_SIGTRAP);
}

/* One stop is told; the others keep until gdb lets the machine go on. */
static void run_report(struct gdbstub *s, unsigned i)
{
	struct vcpu_stop *stop = &s->m.cpus->cpu[i].stop;

	s->cpu[i].pending = false;
	run_tell(s, i, stop->kind == STOP_CRASH ? GDB_SIGSEGV : GDB_SIGTRAP);
	/* A crash is one until the machine is reset. */
	if (stop->kind != STOP_CRASH)
		stop->kind = STOP_NONE;
}

static void run_halted(struct gdbstub *s, unsigned first)
{
	bool interrupted = s->interrupted;

	run_clock(s, true);
	breaks_unplant(s);
	s->state = STUB_STOPPED;
	s->interrupted = false;
	/* What is not told at once is told only if it cannot happen again. */
	for (unsigned i = 0; i < s->m.cpus->n; i++) {
		struct vcpu_stop *stop = &s->m.cpus->cpu[i].stop;

		s->cpu[i].passes = false; /* it meets it again */
		if (i == first || stop->kind == STOP_WATCH ||
		    stop->kind == STOP_CRASH)
			continue;
		s->cpu[i].pending = false;
		stop->kind = STOP_NONE;
	}
	if (!s->owes_reply)
		return;
	if (first < s->m.cpus->n)
		run_report(s, first);
	else if (interrupted)
		run_tell(s, s->current, GDB_SIGINT);
}

/* Who may not run now. */
static void run_hold(struct gdbstub *s)
{
	int alone = breaks_alone(s);

	for (unsigned i = 0; i < s->m.cpus->n; i++)
		s->m.cpus->cpu[i].held = alone < 0
						 ? s->cpu[i].action == RUN_HOLD
						 : alone != (int)i;
}

/* Nothing that gdb is to hear of; false where it cannot go on. */
static bool run_again(struct gdbstub *s)
{
	regs_forget(s); /* an exception may have been reflected */
	/* Each step is asked for anew, from where the last one ended. */
	breaks_unplant(s);
	if (!breaks_plant(s))
		return false;
	run_hold(s);
	regs_forget(s);
	vcpus_resume(s->m.cpus, VCPUS_DEBUGGER);
	return true;
}

void run_event(struct gdbstub *s)
{
	unsigned first;

	if (s->state == STUB_STOPPED) {
		if (s->leaving)
			run_leave(s);
		return;
	}
	if (!vcpus_parked(s->m.cpus, VCPUS_DEBUGGER))
		return;
	regs_forget(s);
	first = run_judge(s);
	if (s->leaving) {
		run_leave(s);
	} else if (first < s->m.cpus->n || s->state == STUB_STOPPING) {
		run_halted(s, first);
	} else if (!run_again(s)) {
		run_halted(s, (unsigned)breaks_alone(s));
	}
}

/* ---- going on */

/* Nobody waits any more for a watchpoint that was removed. */
static void run_drop_watches(struct gdbstub *s)
{
	for (unsigned i = 0; i < s->m.cpus->n; i++) {
		struct vcpu_stop *stop = &s->m.cpus->cpu[i].stop;

		if (stop->kind != STOP_WATCH || breaks_find(s, stop))
			continue;
		s->cpu[i].pending = false;
		stop->kind = STOP_NONE;
	}
}

void run_resume(struct gdbstub *s)
{
	unsigned n = s->m.cpus->n;

	s->owes_reply = true;
	run_drop_watches(s);
	for (unsigned i = 0; i < n; i++) {
		if (s->cpu[i].pending && s->cpu[i].action != RUN_HOLD) {
			run_report(s, i);
			return;
		}
	}
	run_clock(s, false); /* a step may put timers off */
	if (!breaks_plant(s)) {
		breaks_unplant(s);
		run_clock(s, true);
		s->owes_reply = false;
		session_error(s, ENOTSUP, "this host's KVM cannot step here");
		return;
	}
	run_hold(s);
	regs_forget(s);
	s->state = STUB_RUNNING;
	vcpus_resume(s->m.cpus, VCPUS_DEBUGGER);
}

/* One action of vCont; false when it is malformed. */
static bool run_action(const char **p, struct stub_cpu *a)
{
	uint64_t sig;
	char what = *(*p)++;

	*a = (struct stub_cpu){ .action = RUN_GO };
	switch (what) {
	case 'C':
		if (!packet_number(p, &sig))
			return false;
		/* fall through */
	case 'c': return true;
	case 'S':
		if (!packet_number(p, &sig))
			return false;
		/* fall through */
	case 's': a->action = RUN_STEP; return true;
	case 't': a->action = RUN_HOLD; return true;
	case 'r':
		a->action = RUN_STEP;
		return packet_number(p, &a->range_start) && *(*p)++ == ',' &&
		       packet_number(p, &a->range_end);
	default: return false;
	}
}

/* ":THREAD", -1 and nothing at all for every one; false: malformed. */
static bool run_whom(struct gdbstub *s, const char **p, int *whom)
{
	uint64_t id;

	*whom = -1;
	if (**p != ':')
		return true;
	(*p)++;
	if (!strncmp(*p, "-1", 2)) {
		*p += 2;
		return true;
	}
	if (!packet_number(p, &id) || id > s->m.cpus->n)
		return false;
	*whom = id ? (int)id - 1 : (int)s->current;
	return true;
}

static bool run_parse(struct gdbstub *s, const char *p,
		      struct stub_cpu *actions, bool *taken)
{
	while (*p == ';') {
		struct stub_cpu a;
		int whom;

		p++;
		if (!run_action(&p, &a) || !run_whom(s, &p, &whom))
			return false;
		/* The leftmost that names a thread is the thread's. */
		for (unsigned i = 0; i < s->m.cpus->n; i++) {
			if ((whom >= 0 && whom != (int)i) || taken[i])
				continue;
			actions[i] = a;
			taken[i] = true;
		}
	}
	return *p == 0;
}

void run_vcont(struct gdbstub *s, const char *args)
{
	unsigned n = s->m.cpus->n;
	struct stub_cpu *actions = calloc(n, sizeof(*actions));
	bool *taken = calloc(n, sizeof(*taken));
	bool any = false;

	if (!actions || !taken) {
		session_error(s, 12, "no memory");
	} else if (!run_parse(s, args, actions, taken)) {
		session_error(s, 22, "a malformed vCont packet");
	} else {
		for (unsigned i = 0; i < n; i++) {
			struct stub_cpu *c = &s->cpu[i];

			c->action = actions[i].action;
			c->range_start = actions[i].range_start;
			c->range_end = actions[i].range_end;
			any |= c->action != RUN_HOLD;
		}
		if (any)
			run_resume(s);
		else
			session_error(s, 22, "no thread is to run");
	}
	free(actions);
	free(taken);
}
