/* SPDX-License-Identifier: MIT */
/* Breakpoints and watchpoints: in memory only while the guest runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gdbstub/priv.h"

/*
 * What is planted is taken out again at each stop, so that memory reads as the
 * guest wrote it and no breakpoint outlives the debugger.  Where a breakpoint's
 * address is not mapped (before paging is on) or is in ROM, or the accelerator
 * does not stop at breakpoint instructions, a debug register stands in: those
 * compare virtual addresses, whatever is mapped.
 */

/* Room for one more in the list; 0, -ENOSPC or -ENOMEM. */
static int breaks_room(struct gdbstub *s)
{
	unsigned cap = s->breaks_cap ? 2 * s->breaks_cap : 16;
	struct breakpoint *b;

	if (s->nbreaks < s->breaks_cap)
		return 0;
	if (s->nbreaks == BREAKS_MAX)
		return -ENOSPC;
	b = realloc(s->breaks, cap * sizeof(*b));
	if (!b)
		return -ENOMEM;
	s->breaks = b;
	s->breaks_cap = cap;
	return 0;
}

/* ---- planting */

/* Where a vCPU has its code, or NULL. */
static uint8_t *breaks_host(struct gdbstub *s, unsigned cpu, uint64_t addr,
			    size_t size, bool real)
{
	bool physical = s->physical;
	unsigned current = s->current;
	uint8_t *host;
	int why;

	s->physical = real;
	s->current = cpu;
	host = memory_host_rw(s, addr, size, &why);
	s->physical = physical;
	s->current = current;
	return host;
}

/* True when it is in memory now. */
static bool breaks_in_memory(struct gdbstub *s, struct breakpoint *b)
{
	const struct target *t = s->m.target;

	if (!s->caps.sw_break || b->kind != BREAK_SW)
		return false;
	b->size = t->breakpoint(regs_get(s, b->cpu), (unsigned)b->len, b->insn);
	b->host = breaks_host(s, b->cpu, b->addr, b->size, b->real);
	if (!b->host)
		return false;
	memory_sync(s, b->host, b->size);
	memcpy(b->was, b->host, b->size);
	memory_put(s, b->host, b->insn, b->size);
	return true;
}

/* Unless the guest has put something else there meanwhile. */
static void breaks_out_of_memory(struct gdbstub *s, struct breakpoint *b)
{
	if (b->host)
		memory_sync(s, b->host, b->size);
	if (b->host && !memcmp(b->host, b->insn, b->size))
		memory_put(s, b->host, b->was, b->size);
	b->host = NULL;
}

static enum debug_kind breaks_debug_kind(const struct gdbstub *s,
					 enum break_kind kind)
{
	switch (kind) {
	case BREAK_WRITE: return DEBUG_WRITE;
	/* gdb itself tells reads from writes by the value. */
	case BREAK_READ: return s->caps.watch_reads ? DEBUG_READ : DEBUG_ACCESS;
	case BREAK_ACCESS: return DEBUG_ACCESS;
	default: return DEBUG_EXEC;
	}
}

static bool breaks_slot(const struct gdbstub *s, struct breakpoint *b,
			struct vcpu_debug *d)
{
	if (d->nslots == DEBUG_MAX_SLOTS)
		return false;
	b->slot = (int)d->nslots;
	d->slot[d->nslots++] = (struct debug_slot){
		.kind = breaks_debug_kind(s, b->kind),
		.addr = b->addr,
		.len = b->len,
	};
	return true;
}

/* passing: none but the ends of a step are planted. */
static void breaks_collect(struct gdbstub *s, struct vcpu_debug *d,
			   bool passing)
{
	*d = (struct vcpu_debug){ 0 };
	for (unsigned i = 0; i < s->nbreaks; i++) {
		struct breakpoint *b = &s->breaks[i];

		b->slot = -1;
		if (passing && b->kind == BREAK_SW && !b->step)
			continue;
		if (breaks_in_memory(s, b))
			d->sw_break = true;
		else if (!b->fault)
			breaks_slot(s, b, d);
	}
}

static bool breaks_is_step(const struct gdbstub *s, unsigned cpu)
{
	return s->cpu[cpu].action == RUN_STEP || s->cpu[cpu].passes;
}

/* To every vCPU, each with its own step; the first error counts. */
static int breaks_set(struct gdbstub *s, struct vcpu_debug *d, int stepper)
{
	int ret = 0;

	for (unsigned i = 0; i < s->m.cpus->n; i++) {
		struct vcpu *c = &s->m.cpus->cpu[i];
		int one;

		d->step = s->caps.step && breaks_is_step(s, i) &&
			  stepper != (int)i;
		d->irqs_blocked = breaks_is_step(s, i) && !s->step_irqs &&
				  !(stepper == (int)i && s->unmaskable);
		one = c->vm->accel->debug_set(c, d);
		ret = ret ? ret : one;
	}
	return ret;
}

/* ---- steps by breakpoints, where the accelerator cannot step */

/* Where a step by breakpoints may end; 0: it cannot, or need not, be done. */
static unsigned breaks_ends(struct gdbstub *s, unsigned cpu,
			    struct target_step at[TARGET_STEPS])
{
	const struct target *t = s->m.target;
	unsigned (*ends)(const void *regs, const struct mem *m,
			 struct target_step at[TARGET_STEPS]) =
		s->caps.step ? t->escapes : t->steps;
	const void *regs = ends ? regs_get(s, cpu) : NULL;

	return regs ? ends(regs, s->m.mem, at) : 0;
}

static bool breaks_steps(struct gdbstub *s, unsigned cpu)
{
	struct target_step at[TARGET_STEPS];

	return breaks_is_step(s, cpu) &&
	       (!s->caps.step || breaks_ends(s, cpu, at));
}

static int breaks_passer(const struct gdbstub *s)
{
	for (unsigned i = 0; i < s->m.cpus->n; i++)
		if (s->cpu[i].passes)
			return (int)i;
	return -1;
}

int breaks_alone(struct gdbstub *s)
{
	int passer = breaks_passer(s);

	if (passer >= 0)
		return passer;
	if (breaks_steps(s, s->current))
		return (int)s->current;
	for (unsigned i = 0; i < s->m.cpus->n; i++)
		if (breaks_steps(s, i))
			return (int)i;
	return -1;
}

/* Behind all others in the list; how many, 0 where there is no room. */
static unsigned breaks_add_steps(struct gdbstub *s, unsigned cpu,
				 const struct target_step *at, unsigned n,
				 bool fault)
{
	uint64_t pc = s->m.target->code_address(regs_get(s, cpu));
	unsigned added = 0;

	for (unsigned i = 0; i < n; i++) {
		/* An instruction that may be its own successor: not there. */
		if (at[i].addr == pc)
			continue;
		if (breaks_room(s) < 0)
			return 0;
		s->breaks[s->nbreaks++] =
			(struct breakpoint){ .kind = BREAK_SW,
					     .addr = at[i].addr,
					     .len = at[i].kind,
					     .cpu = cpu,
					     .step = true,
					     .fault = fault,
					     .real = at[i].real,
					     .slot = -1 };
		added++;
	}
	return added;
}

/* One at each address where the step may end. */
static bool breaks_plan(struct gdbstub *s, unsigned cpu)
{
	struct target_step at[TARGET_STEPS], faults[TARGET_FAULTS];
	const struct target *t = s->m.target;
	unsigned n = breaks_ends(s, cpu, at);

	if (!n || !breaks_add_steps(s, cpu, at, n, false))
		return false;
	if (s->caps.step)
		return true;
	s->unmaskable = t->maskable && !t->maskable(regs_get(s, cpu), s->m.mem);
	if (t->faults)
		breaks_add_steps(s, cpu, faults,
				 t->faults(regs_get(s, cpu), faults), true);
	return true;
}

static void breaks_drop_steps(struct gdbstub *s)
{
	while (s->nbreaks && s->breaks[s->nbreaks - 1].step)
		s->nbreaks--;
}

/* ---- all of them */

bool breaks_plant(struct gdbstub *s)
{
	int stepper = breaks_alone(s);
	struct vcpu_debug d;
	bool good;

	if (stepper >= 0 && !breaks_steps(s, (unsigned)stepper))
		stepper = -1;
	s->unmaskable = false;
	good = stepper < 0 || breaks_plan(s, (unsigned)stepper);
	breaks_collect(s, &d, breaks_passer(s) >= 0);
	/* What was mapped when it was inserted may not be any more. */
	while (breaks_set(s, &d, stepper) == -ENOSPC && d.nslots) {
		d.nslots--;
		for (unsigned i = 0; i < s->nbreaks; i++)
			if (s->breaks[i].slot == (int)d.nslots)
				s->breaks[i].slot = -1;
	}
	for (unsigned i = 0; i < s->nbreaks; i++)
		if (s->breaks[i].step && !s->breaks[i].fault &&
		    !s->breaks[i].host && s->breaks[i].slot < 0)
			good = false;
	return good;
}

void breaks_unplant(struct gdbstub *s)
{
	for (unsigned i = s->nbreaks; i-- > 0;)
		breaks_out_of_memory(s, &s->breaks[i]);
	breaks_drop_steps(s);
}

void breaks_lost(struct gdbstub *s)
{
	for (unsigned i = 0; i < s->nbreaks; i++)
		s->breaks[i].host = NULL;
	breaks_drop_steps(s);
}

/* ---- the list */

static struct breakpoint *breaks_at(struct gdbstub *s, enum break_kind kind,
				    uint64_t addr, uint64_t len)
{
	for (unsigned i = 0; i < s->nbreaks; i++) {
		struct breakpoint *b = &s->breaks[i];

		if (b->kind == kind && b->addr == addr && b->len == len)
			return b;
	}
	return NULL;
}

static int breaks_check(struct gdbstub *s, enum break_kind kind, uint64_t len)
{
	uint8_t insn[8];

	if (kind == BREAK_SW && s->m.target->breakpoint &&
	    !s->m.target->breakpoint(regs_get(s, s->current), (unsigned)len,
				     insn))
		return -EINVAL;
	if (kind >= BREAK_WRITE && !s->caps.watches)
		return -ENOTSUP;
	if (kind >= BREAK_WRITE && (!len || len > s->caps.watch_len))
		return -EINVAL;
	if (!s->caps.breaks &&
	    (kind == BREAK_HW || (kind == BREAK_SW && !s->caps.sw_break)))
		return -ENOTSUP;
	return 0;
}

/* Plants everything once, to see whether it fits. */
static int breaks_try(struct gdbstub *s)
{
	struct vcpu_debug d;
	int ret;

	breaks_collect(s, &d, false);
	ret = breaks_set(s, &d, -1);
	for (unsigned i = 0; !ret && i < s->nbreaks; i++)
		if (!s->breaks[i].host && s->breaks[i].slot < 0)
			ret = -ENOSPC;
	breaks_unplant(s);
	return ret;
}

int breaks_insert(struct gdbstub *s, enum break_kind kind, uint64_t addr,
		  uint64_t len)
{
	struct breakpoint *same = breaks_at(s, kind, addr, len);
	int ret;

	if (same) {
		same->cpu = s->current;
		return 0;
	}
	ret = breaks_check(s, kind, len);
	if (!ret)
		ret = breaks_room(s);
	if (ret < 0)
		return ret;
	s->breaks[s->nbreaks++] = (struct breakpoint){ .kind = kind,
						       .addr = addr,
						       .len = len,
						       .cpu = s->current,
						       .slot = -1 };
	ret = breaks_try(s);
	if (ret < 0)
		s->nbreaks--;
	return ret;
}

void breaks_remove(struct gdbstub *s, enum break_kind kind, uint64_t addr,
		   uint64_t len)
{
	struct breakpoint *b = breaks_at(s, kind, addr, len);

	if (b)
		*b = s->breaks[--s->nbreaks];
}

void breaks_clear(struct gdbstub *s)
{
	breaks_unplant(s);
	s->nbreaks = 0;
}

const struct breakpoint *breaks_find(const struct gdbstub *s,
				     const struct vcpu_stop *stop)
{
	for (unsigned i = 0; i < s->nbreaks; i++) {
		const struct breakpoint *b = &s->breaks[i];

		if (stop->kind == STOP_SW_BREAK
			    ? b->host && b->addr == stop->pc
			    : stop->slot >= 0 && b->slot == stop->slot)
			return b;
	}
	return NULL;
}

bool breaks_shared(struct gdbstub *s, unsigned cpu, uint64_t pc)
{
	for (unsigned i = 0; i < s->nbreaks; i++) {
		const struct breakpoint *b = &s->breaks[i];

		if (b->host &&
		    breaks_host(s, cpu, pc, b->size, false) == b->host)
			return true;
	}
	return false;
}
