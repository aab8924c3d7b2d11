/* SPDX-License-Identifier: MIT */
/* The one vCPU loop, and the threads that run it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/accel.h"

/* The bus takes powers of two; what KVM splits otherwise goes by bytes. */
static void vcpu_mmio(struct vcpus *g, struct vcpu_exit *x)
{
	unsigned step = x->mmio.size;

	if (step & (step - 1))
		step = 1;
	if (!x->mmio.write)
		x->mmio.val = 0;
	for (unsigned at = 0; at < x->mmio.size; at += step) {
		uint64_t part;

		if (x->mmio.write) {
			bus_write(g->events.mmio, x->mmio.addr + at, step,
				  x->mmio.val >> (8 * at));
		} else {
			bus_read(g->events.mmio, x->mmio.addr + at, step,
				 &part);
			x->mmio.val |= part << (8 * at);
		}
	}
}

static void vcpu_pio(struct vcpus *g, struct vcpu_exit *x)
{
	uint8_t *data = x->pio.data;

	for (uint32_t i = 0; i < x->pio.count; i++, data += x->pio.size) {
		uint64_t val = 0;

		if (x->pio.write) {
			memcpy(&val, data, x->pio.size);
			bus_write(g->events.pio, x->pio.port, x->pio.size, val);
		} else {
			bus_read(g->events.pio, x->pio.port, x->pio.size, &val);
			memcpy(data, &val, x->pio.size);
		}
	}
}

/* H_FUNCTION (LoPAR 14.4) where nobody answers. */
#define HCALL_UNKNOWN (-2)

static void vcpu_hcall(struct vcpu *c, struct vcpu_exit *x)
{
	const struct vcpu_events *ev = &c->group->events;

	memset(x->hcall.out, 0, sizeof(x->hcall.out));
	x->hcall.ret = HCALL_UNKNOWN;
	if (ev->hcall)
		x->hcall.ret = ev->hcall(ev->opaque, c->index, x->hcall.nr,
					 x->hcall.in, x->hcall.out);
	c->vm->accel->vcpu_finish(c, x);
}

/*
 * Asks all to park; the lock is held.  self: the vCPU whose thread this is, if
 * any, which need not be kicked out of the guest.
 */
static void vcpus_hold(struct vcpus *g, enum vcpus_holder who,
		       const struct vcpu *self)
{
	g->holders |= who;
	pthread_cond_broadcast(&g->changed);
	for (unsigned i = 0; i < g->n; i++) {
		struct vcpu *c = &g->cpu[i];

		__atomic_store_n(&c->attention, true, __ATOMIC_SEQ_CST);
		if (c->ready && c != self)
			c->vm->accel->vcpu_kick(c);
	}
}

/* One vCPU's stop stops all; without a debugger it goes on. */
static bool vcpu_stopped(struct vcpu *c, const struct vcpu_stop *stop)
{
	struct vcpus *g = c->group;
	bool heard;

	pthread_mutex_lock(&g->lock);
	heard = g->debugger;
	if (heard) {
		c->stop = *stop;
		vcpus_hold(g, VCPUS_DEBUGGER, c);
		g->debugger->stopped(g->debugger->opaque, c);
	}
	pthread_mutex_unlock(&g->lock);
	return heard;
}

/* Waits while the group is paused; false when the thread is to end. */
static bool vcpu_park(struct vcpu *c)
{
	struct vcpus *g = c->group;
	bool go;

	pthread_mutex_lock(&g->lock);
	if (++g->nparked == g->n) {
		/* What the debugger alone halts, as at each step, is his. */
		if (g->events.parked && g->holders != VCPUS_DEBUGGER)
			g->events.parked(g->events.opaque);
		if (g->debugger)
			g->debugger->parked(g->debugger->opaque);
	}
	c->parked = true;
	while ((g->holders || c->crashed || c->held || c->off) && !g->quit)
		pthread_cond_wait(&g->changed, &g->lock);
	c->parked = false;
	g->nparked--;
	go = !g->quit;
	__atomic_store_n(&c->attention, false, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&g->lock);
	return go;
}

/*
 * A debugger looks first: the crash is told when it lets the vCPU go on, unless
 * the machine was reset meanwhile.
 */
static void vcpu_crash(struct vcpu *c, const char *why)
{
	const struct vcpu_stop stop = { .kind = STOP_CRASH, .slot = -1 };
	struct vcpus *g = c->group;
	bool go = true;

	if (vcpu_stopped(c, &stop)) {
		go = vcpu_park(c);
		if (go && c->stop.kind != STOP_CRASH)
			return;
	}
	pthread_mutex_lock(&g->lock);
	c->crashed = true;
	__atomic_store_n(&c->attention, true, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&g->lock);
	if (go)
		g->events.crashed(g->events.opaque, c, why);
}

static void vcpu_handle(struct vcpu *c, struct vcpu_exit *x)
{
	struct vcpus *g = c->group;

	c->exits[x->kind]++;
	switch (x->kind) {
	case VMEXIT_AGAIN: break;
	case VMEXIT_MMIO:
		vcpu_mmio(g, x);
		if (!x->mmio.write)
			c->vm->accel->vcpu_finish(c, x);
		break;
	case VMEXIT_PIO: vcpu_pio(g, x); break;
	case VMEXIT_EOI:
		if (g->events.eoi)
			g->events.eoi(g->events.opaque, x->eoi.vector);
		break;
	case VMEXIT_HCALL: vcpu_hcall(c, x); break;
	case VMEXIT_POWEROFF:
		g->events.request(g->events.opaque, VM_POWEROFF);
		break;
	case VMEXIT_RESET: g->events.request(g->events.opaque, VM_RESET); break;
	case VMEXIT_PANIC:
		g->events.request(g->events.opaque, VM_PANICKED);
		break;
	case VMEXIT_CRASH: vcpu_crash(c, x->crash.why); break;
	case VMEXIT_DEBUG: vcpu_stopped(c, &x->stop); break;
	case VMEXIT_KINDS: break;
	}
}

static int vcpu_pin(const struct vcpu *c, struct err *err)
{
	if (sched_setaffinity(0, sizeof(*c->pin), c->pin) < 0) {
		err_set(err, errno, "cannot pin vcpu%u to its host CPUs: %s",
			c->index, strerror(errno));
		err_hint(err, "lscpu lists the host's CPUs");
		return -err->code;
	}
	return 0;
}

static int vcpu_start(struct vcpu *c)
{
	struct vcpus *g = c->group;
	struct err err = { 0 };
	char name[16];
	int ret;

	snprintf(name, sizeof(name), "vcpu/%u", c->index);
	pthread_setname_np(pthread_self(), name);
	bus_set_cpu(c->index);
	ret = c->pin ? vcpu_pin(c, &err) : 0;
	if (!ret)
		ret = c->vm->accel->vcpu_create(c, &err);
	pthread_mutex_lock(&g->lock);
	if (ret < 0 && !g->err.code)
		g->err = err;
	c->created = c->ready = !ret;
	g->nready++;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
	return ret;
}

static void *vcpu_main(void *arg)
{
	struct vcpu *c = arg;
	const struct accel *accel = c->vm->accel;
	struct vcpu_exit x;

	if (vcpu_start(c) < 0)
		return NULL;
	for (;;) {
		if (__atomic_load_n(&c->attention, __ATOMIC_SEQ_CST) &&
		    !vcpu_park(c))
			break;
		accel->vcpu_run(c, &x);
		vcpu_handle(c, &x);
	}
	pthread_mutex_lock(&c->group->lock);
	c->ready = false; /* no kick reaches it from here on */
	pthread_mutex_unlock(&c->group->lock);
	return NULL;
}

int vcpus_create(struct vcpus *g, struct accel_vm *vm, unsigned n,
		 const struct vcpu_events *ev, const cpu_set_t *const *pin,
		 struct err *err)
{
	int ret = 0;

	*g = (struct vcpus){ .events = *ev, .holders = VCPUS_MACHINE };
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->changed, NULL);
	g->cpu = calloc(n, sizeof(*g->cpu));
	if (!g->cpu)
		return err_nomem(err, "the virtual CPUs");
	for (; g->n < n; g->n++) {
		struct vcpu *c = &g->cpu[g->n];

		*c = (struct vcpu){ .vm = vm,
				    .index = g->n,
				    .group = g,
				    .pin = pin ? pin[g->n] : NULL,
				    .attention = true };
		ret = pthread_create(&c->thread, NULL, vcpu_main, c);
		if (ret) {
			err_set(err, ret,
				"cannot start the thread of vcpu%u: %s", g->n,
				strerror(ret));
			break;
		}
	}
	if (ret)
		vcpus_destroy(g);
	return -ret;
}

int vcpus_wait(struct vcpus *g, struct err *err)
{
	pthread_mutex_lock(&g->lock);
	while (g->nready < g->n)
		pthread_cond_wait(&g->changed, &g->lock);
	*err = g->err;
	pthread_mutex_unlock(&g->lock);
	if (err->code)
		vcpus_destroy(g);
	return -err->code;
}

void vcpus_stop(struct vcpus *g)
{
	if (!g->cpu || g->joined)
		return;
	pthread_mutex_lock(&g->lock);
	g->quit = true;
	vcpus_hold(g, VCPUS_MACHINE, NULL);
	pthread_mutex_unlock(&g->lock);
	for (unsigned i = 0; i < g->n; i++)
		pthread_join(g->cpu[i].thread, NULL);
	g->joined = true;
}

void vcpus_destroy(struct vcpus *g)
{
	vcpus_stop(g);
	if (!g->cpu)
		return;
	for (unsigned i = 0; i < g->n; i++)
		if (g->cpu[i].created)
			g->cpu[i].vm->accel->vcpu_destroy(&g->cpu[i]);
	free(g->cpu);
	g->cpu = NULL;
	pthread_mutex_destroy(&g->lock);
	pthread_cond_destroy(&g->changed);
}

int vcpus_reset(struct vcpus *g, const struct boot_start *start, bool first,
		struct err *err)
{
	const struct vcpus_debugger *d;

	for (unsigned i = 0; i < g->n; i++) {
		struct vcpu *c = &g->cpu[i];
		int ret = c->vm->accel->vcpu_reset(c, i ? NULL : start, first,
						   err);

		if (ret < 0)
			return err_prefix(err, "vcpu%u: ", i);
		c->crashed = false;
		c->off = i && c->vm->target && c->vm->target->secondaries_off;
		c->stop = (struct vcpu_stop){ .slot = -1 };
	}
	pthread_mutex_lock(&g->lock);
	d = g->debugger;
	pthread_mutex_unlock(&g->lock);
	if (d)
		d->reset(d->opaque);
	return 0;
}

void vcpus_resume(struct vcpus *g, enum vcpus_holder who)
{
	pthread_mutex_lock(&g->lock);
	g->holders &= ~(unsigned)who;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

void vcpus_halt(struct vcpus *g, enum vcpus_holder who)
{
	pthread_mutex_lock(&g->lock);
	vcpus_hold(g, who, NULL);
	pthread_mutex_unlock(&g->lock);
}

void vcpus_kick(struct vcpus *g, const struct vcpu *but)
{
	pthread_mutex_lock(&g->lock);
	for (unsigned i = 0; i < g->n; i++)
		if (g->cpu[i].ready && &g->cpu[i] != but)
			g->cpu[i].vm->accel->vcpu_kick(&g->cpu[i]);
	pthread_mutex_unlock(&g->lock);
}

void vcpu_power(struct vcpu *c, bool on)
{
	struct vcpus *g = c->group;

	pthread_mutex_lock(&g->lock);
	c->off = !on;
	c->claimed = false;
	if (!on)
		__atomic_store_n(&c->attention, true, __ATOMIC_SEQ_CST);
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

bool vcpu_is_off(struct vcpu *c)
{
	bool off;

	pthread_mutex_lock(&c->group->lock);
	off = c->off && c->parked;
	pthread_mutex_unlock(&c->group->lock);
	return off;
}

bool vcpu_claim(struct vcpu *c)
{
	bool claimed;

	pthread_mutex_lock(&c->group->lock);
	claimed = c->off && c->parked && !c->claimed;
	if (claimed)
		c->claimed = true;
	pthread_mutex_unlock(&c->group->lock);
	return claimed;
}

bool vcpu_waits(struct vcpu *c)
{
	const struct accel *accel = c->vm->accel;

	return vcpu_is_off(c) || (accel->vcpu_off && accel->vcpu_off(c));
}

bool vcpus_parked(struct vcpus *g, enum vcpus_holder who)
{
	bool parked;

	pthread_mutex_lock(&g->lock);
	parked = (g->holders & who) && g->nparked == g->n;
	pthread_mutex_unlock(&g->lock);
	return parked;
}

void vcpus_set_debugger(struct vcpus *g, const struct vcpus_debugger *d)
{
	pthread_mutex_lock(&g->lock);
	g->debugger = d;
	pthread_mutex_unlock(&g->lock);
}
