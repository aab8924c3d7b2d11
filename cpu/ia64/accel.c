/* SPDX-License-Identifier: MIT */
/* The IA-64 engine as an accelerator: vCPUs on any host. */
#include "cpu/accel.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/pal.h"
#include "cpu/ia64/pv.h"
#include "cpu/ia64/regs.h"
#include "hw/core/log.h"

/*
 * A vCPU's thread owns its processor.  What others want of it waits in a
 * mailbox: the thread empties that between two instructions, when it is asked
 * to look, and before it begins to run.  ptc.g and sync.i wait until every
 * processor that runs has done so; one that does not run will do it first.
 */

/* How many branches lie between two looks at the timer: some 50 us. */
#define IA64_SLICE 4096
/* How many hint @pause there are between two looks at what else there is. */
#define PAUSES 64

/* break immediates in firmware's code, hw/sal/code.c */
#define BREAK_PAL      0x110000
#define BREAK_SAL      0x110001
#define BREAK_PMI      0x110002 /* back from a PMI */
#define BREAK_EFI      0x110100 /* and the number of the service */
#define BREAK_EFI_LAST 0x11011f

#define MAILBOX 32
/* Bytes of code in a letter: who wants a vCPU's lock waits while it opens it.
 */
#define MOST_CODE (UINT64_C(1) << 20)

#define EVENT_INIT (1u << IA64_SAL_PMIS)

/* One wish of another processor. */
struct ia64_letter {
	bool code;   /* forget decoded code at [va, va + size) of memory */
	uint64_t va; /* of a purge; or a physical address */
	uint64_t size;
	uint32_t rid;
	unsigned ps;
};

struct ia64_vm;

/* How a CPU rests in PAL. */
enum ia64_rest {
	REST_NONE,
	REST_HALT, /* until an interrupt */
	REST_OFF,  /* without power: until INIT, PMI or reset */
};

struct ia64_vcpu {
	struct ia64_vm *vm;
	struct vcpu *c;
	struct ia64_env env;
	struct ia64_cpu *cpu; /* NULL until its thread has made it */
	bool line;	      /* atomic: an interrupt is to be taken */
	bool running;	      /* atomic: inside vcpu_run() */
	int host_cpu;	      /* atomic: of the host, where it was seen last */
	enum ia64_rest rest;  /* atomic, by the vCPU's thread */
	uint32_t events;      /* atomic: bit n: PMI n; EVENT_INIT */

	/* the vCPU's thread: */
	bool asks;   /* a firmware call is on its way */
	bool failed; /* its arguments' memory faulted */
	uint64_t call, in[VCPU_HCALL_REGS], call_ip;
	uint64_t checked; /* the interval counter when the timer was looked at
			   */
	unsigned pauses;  /* hint @pause so far */
	uint64_t code_base, code_size; /* by fc, since the last sync.i */
	struct ia64_debugger debugger;
	uint64_t *counts; /* of executed forms, NULL: nobody asked */

	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* lock: */
	bool stay;		   /* do not wait, somebody kicked it */
	bool mapping_changed;	   /* atomic: of guest memory */
	unsigned long asked, done; /* letters; both atomic */
	unsigned n;		   /* MAILBOX + 1: more than fit */
	struct ia64_letter box[MAILBOX];
};

struct ia64_vm {
	struct accel_vm vm; /* first */
	struct mem_listener listener;
	struct ia64_vcpu *cpu;
	unsigned n;
	unsigned host_cpus; /* that these vCPUs may run on */

	/* while all vCPUs are parked: */
	uint64_t stopped; /* the host's clock when time stopped; 0: it passes */
	uint64_t behind;  /* how long it has stood in all, ns */
};

static struct ia64_vcpu *ia64_vcpu_of(struct vcpu *c)
{
	return c->priv;
}

static struct ia64_vm *ia64_vm_of(struct accel_vm *vm)
{
	return (struct ia64_vm *)vm;
}

/*
 * ---- time: the interval counter is the host's monotonic clock in ns, less the
 * time for which a debugger had it stopped
 */

static uint64_t ia64_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t ia64_vm_ns(const struct ia64_vm *m)
{
	return (m->stopped ? m->stopped : ia64_now_ns()) - m->behind;
}

static void ia64_vm_clock(struct accel_vm *vm, bool stop)
{
	struct ia64_vm *m = ia64_vm_of(vm);
	uint64_t now = ia64_now_ns();

	if (!stop)
		m->behind += now - m->stopped;
	m->stopped = stop ? now : 0;
}

static uint64_t ia64_env_itc(void *opaque)
{
	const struct ia64_vcpu *v = opaque;

	return ia64_vm_ns(v->vm);
}

static uint64_t ia64_counter(const struct ia64_vcpu *v)
{
	return ia64_vm_ns(v->vm) + (uint64_t)v->cpu->itc_offset;
}

/* Fires when the counter passed ITM since it was looked at last. */
static void ia64_check_timer(struct ia64_vcpu *v)
{
	const struct vcpu_events *ev = &v->c->group->events;
	uint64_t now = ia64_counter(v), itm = v->cpu->cr[CR_ITM];

	if (itm - v->checked - 1 < now - v->checked && ev->ppi)
		ev->ppi(ev->opaque, v->c->index, CR_ITV, true);
	v->checked = now;
}

/* ---- what spins */
static void ia64_place(struct ia64_vcpu *v)
{
	__atomic_store_n(&v->host_cpu, sched_getcpu(), __ATOMIC_RELAXED);
}

/* How many of the host's CPUs there are for these vCPUs. */
static unsigned ia64_host_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return UINT_MAX; /* more than a set holds */
	return (unsigned)CPU_COUNT(&set);
}

/*
 * Whether another vCPU waits for a CPU of the host: one that has something to
 * do was seen on this one, or more of them have than there are CPUs.
 */
static bool ia64_in_the_way(const struct ia64_vcpu *v)
{
	const struct ia64_vm *vm = v->vm;
	unsigned running = 1;

	for (unsigned i = 0; i < vm->n; i++) {
		const struct ia64_vcpu *w = &vm->cpu[i];

		if (w == v || !__atomic_load_n(&w->running, __ATOMIC_RELAXED))
			continue;
		if (__atomic_load_n(&w->host_cpu, __ATOMIC_RELAXED) ==
		    v->host_cpu)
			return true;
		running++;
	}
	return running > vm->host_cpus;
}

/*
 * The program spins.  What for may have to come of a vCPU whose thread waits
 * for this CPU of the host: it gets it now, not at the end of the time slice.
 * Nobody else does, for who spins while all others run has not long to wait.
 */
static void ia64_pause(void *opaque)
{
	struct ia64_vcpu *v = opaque;

	if (++v->pauses % PAUSES)
		return;
	ia64_place(v);
	if (ia64_in_the_way(v))
		sched_yield();
}

/* ---- letters */

static void ia64_letter_open(struct ia64_vcpu *v, const struct ia64_letter *l)
{
	if (l->code)
		ia64_forget_code(v->cpu, l->va, l->size);
	else
		ia64_purged(v->cpu, l->va, l->rid, l->ps);
}

static void ia64_letters_lost(struct ia64_vcpu *v)
{
	ia64_purge_all(v->cpu);
	ia64_flush_fast(v->cpu);
}

/* The vCPU's thread. */
static void ia64_empty_box(struct ia64_vcpu *v)
{
	pthread_mutex_lock(&v->lock);
	if (v->n > MAILBOX)
		ia64_letters_lost(v);
	else
		for (unsigned i = 0; i < v->n; i++)
			ia64_letter_open(v, &v->box[i]);
	v->n = 0;
	__atomic_store_n(&v->done, v->asked, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&v->lock);
}

/* Between two instructions. */
static void ia64_attended(void *opaque)
{
	struct ia64_vcpu *v = opaque;

	/* either this sees the letter or its sender sees the vCPU running */
	if (__atomic_load_n(&v->asked, __ATOMIC_SEQ_CST) !=
	    __atomic_load_n(&v->done, __ATOMIC_RELAXED))
		ia64_empty_box(v);
	if (!__atomic_exchange_n(&v->mapping_changed, false, __ATOMIC_ACQ_REL))
		return;
	ia64_flush_code(v->cpu);
	ia64_flush_fast(v->cpu);
	ia64_pv_remap(v->cpu);
}

static unsigned long ia64_post(struct ia64_vcpu *to,
			       const struct ia64_letter *l)
{
	unsigned long nr;

	pthread_mutex_lock(&to->lock);
	if (to->n < MAILBOX)
		to->box[to->n] = *l;
	if (to->n <= MAILBOX)
		to->n++;
	nr = __atomic_add_fetch(&to->asked, 1, __ATOMIC_SEQ_CST);
	if (to->cpu)
		ia64_attend(to->cpu);
	pthread_mutex_unlock(&to->lock);
	return nr;
}

static bool ia64_must_wait(const struct ia64_vcpu *to, unsigned long nr)
{
	return __atomic_load_n(&to->running, __ATOMIC_SEQ_CST) &&
	       (long)(__atomic_load_n(&to->done, __ATOMIC_ACQUIRE) - nr) < 0;
}

/* To every other processor; returns when none works by what was before. */
static void ia64_post_all(struct ia64_vcpu *v, const struct ia64_letter *l)
{
	struct ia64_vm *vm = v->vm;

	for (unsigned i = 0; i < vm->n; i++) {
		struct ia64_vcpu *to = &vm->cpu[i];
		unsigned long nr;

		if (to == v)
			continue;
		nr = ia64_post(to, l);
		/* it may be waiting for us in the same way */
		while (ia64_must_wait(to, nr)) {
			ia64_empty_box(v);
			ia64_pause(v);
		}
	}
}

static void ia64_env_purge(void *opaque, uint64_t va, uint32_t rid, unsigned ps)
{
	const struct ia64_letter l = { .va = va, .rid = rid, .ps = ps };

	ia64_post_all(opaque, &l);
}

static void ia64_env_code_sync(void *opaque)
{
	struct ia64_vcpu *v = opaque;
	const struct ia64_letter l = { .code = true,
				       .va = v->code_base,
				       .size = v->code_size };

	if (!v->code_size)
		return;
	v->code_size = 0;
	ia64_post_all(v, &l);
}

/* fc comes line by line: what adjoins is one letter. */
static void ia64_env_code_changed(void *opaque, uint64_t pa)
{
	struct ia64_vcpu *v = opaque;

	pa &= -IA64_LINE;
	if (pa - v->code_base < v->code_size)
		return;
	if (pa - v->code_base != v->code_size || v->code_size >= MOST_CODE) {
		ia64_env_code_sync(v);
		v->code_base = pa;
	}
	v->code_size += IA64_LINE;
}

/* ---- the world: memory that is none, the SAPIC, firmware */

static uint64_t ia64_env_io_read(void *opaque, uint64_t pa, unsigned size)
{
	struct ia64_vcpu *v = opaque;
	uint64_t val;

	v->c->exits[VMEXIT_MMIO]++;
	bus_read(v->c->group->events.mmio, pa, size, &val);
	return val;
}

static void ia64_env_io_write(void *opaque, uint64_t pa, unsigned size,
			      uint64_t val)
{
	struct ia64_vcpu *v = opaque;

	v->c->exits[VMEXIT_MMIO]++;
	bus_write(v->c->group->events.mmio, pa, size, val);
}

static bool ia64_env_cr_read(void *opaque, unsigned cr, uint64_t *val)
{
	struct ia64_vcpu *v = opaque;
	const struct vcpu_events *ev = &v->c->group->events;

	*val = 0;
	return !ev->reg_read || ev->reg_read(ev->opaque, v->c->index, cr, val);
}

static bool ia64_env_cr_write(void *opaque, unsigned cr, uint64_t val)
{
	struct ia64_vcpu *v = opaque;
	const struct vcpu_events *ev = &v->c->group->events;

	return !ev->reg_write ||
	       ev->reg_write(ev->opaque, v->c->index, cr, val);
}

static bool ia64_env_interrupt(void *opaque)
{
	struct ia64_vcpu *v = opaque;

	return __atomic_load_n(&v->line, __ATOMIC_ACQUIRE);
}

/* Back from firmware: the next event, if one waits, comes before the program.
 */
static enum ia64_service ia64_resumed(struct ia64_vcpu *v,
				      enum ia64_service how)
{
	if (__atomic_load_n(&v->events, __ATOMIC_RELAXED))
		ia64_kick(v->cpu);
	return how;
}

/* Of two that begin to rest at once, one at least sees that the other does. */
static void ia64_rest(struct ia64_vcpu *v, enum ia64_rest how)
{
	__atomic_store_n(&v->rest, how, __ATOMIC_SEQ_CST);
}

/* Whether it does not rest, or there is an interrupt that ends that. */
static bool ia64_awake(const struct ia64_vcpu *v)
{
	enum ia64_rest rest = __atomic_load_n(&v->rest, __ATOMIC_SEQ_CST);

	return rest == REST_NONE ||
	       (rest == REST_HALT &&
		__atomic_load_n(&v->line, __ATOMIC_ACQUIRE));
}

/* Whether no CPU has anything to do, and one has no power. */
static bool ia64_machine_off(const struct ia64_vm *vm)
{
	bool off = false;

	for (unsigned i = 0; i < vm->n; i++) {
		const struct ia64_vcpu *v = &vm->cpu[i];

		if (ia64_awake(v))
			return false;
		off |= __atomic_load_n(&v->rest, __ATOMIC_SEQ_CST) == REST_OFF;
	}
	return off;
}

static enum ia64_service ia64_pal(struct ia64_vcpu *v)
{
	switch (ia64_pal_call(v->cpu, v->vm->vm.cfg->board, v->c->index)) {
	case PAL_RETURNS: return IA64_SERVICE_DONE;
	case PAL_FAULTS: return IA64_SERVICE_FAULT;
	case PAL_RESUMES: return ia64_resumed(v, IA64_SERVICE_JUMP);
	case PAL_SWITCHES_OFF: ia64_rest(v, REST_OFF); break;
	case PAL_HALTS: ia64_rest(v, REST_HALT); break;
	}
	v->cpu->stop = 1;
	return IA64_SERVICE_DONE;
}

/* --log guest-insn */
static void ia64_env_trace(void *opaque, uint64_t ip, unsigned slot,
			   const struct ia64_bundle *b)
{
	const struct ia64_vcpu *v = opaque;
	char text[96];

	log_write(LOG_LEVEL_DEBUG, "cpu%u: 0x%016llx %u %s", v->c->index,
		  (unsigned long long)ip, slot,
		  ia64_disasm(b, slot, text, sizeof(text)));
}

/* --log guest-insn-counts: begins, and tells at the end. */
static void ia64_counts_begin(struct ia64_vcpu *v)
{
	v->counts = calloc(ia64_nforms, sizeof(*v->counts));
	ia64_count(v->cpu, v->counts);
}

static void ia64_counts_end(struct ia64_vcpu *v)
{
	unsigned long long sum = 0;

	for (unsigned i = 0; v->counts && i < ia64_nforms; i++) {
		sum += v->counts[i];
		if (v->counts[i])
			log_write(LOG_LEVEL_DEBUG, "cpu%u: %12llu %s (%s)",
				  v->c->index, (unsigned long long)v->counts[i],
				  ia64_forms[i].name, ia64_forms[i].fmt->name);
	}
	if (v->counts)
		log_write(LOG_LEVEL_DEBUG, "cpu%u: %12llu instructions",
			  v->c->index, sum);
	free(v->counts);
	v->counts = NULL;
}

/* SAL and EFI are the machine's: the vCPU leaves the engine for them. */
static enum ia64_service ia64_call_out(struct ia64_vcpu *v, uint64_t nr,
				       unsigned first)
{
	for (unsigned i = 0; i < VCPU_HCALL_REGS; i++)
		v->in[i] = ia64_get_gr(v->cpu, 32 + first + i);
	v->call = nr;
	v->call_ip = v->cpu->iipa;
	v->asks = true;
	v->cpu->stop = 1;
	return IA64_SERVICE_DONE;
}

static enum ia64_service ia64_env_service(void *opaque, struct ia64_cpu *c,
					  uint64_t imm)
{
	struct ia64_vcpu *v = opaque;

	if (cpl(c))
		return IA64_SERVICE_NONE;
	if (imm == BREAK_PAL)
		return ia64_pal(v);
	if (imm == BREAK_PMI)
		return ia64_resumed(v, ia64_pmi_return(c));
	if (imm == BREAK_SAL)
		return ia64_call_out(v, ia64_get_gr(c, 32), 1);
	if (imm >= BREAK_EFI && imm <= BREAK_EFI_LAST)
		return ia64_call_out(v, imm, 0);
	return IA64_SERVICE_NONE;
}

/* ---- VM */

static int ia64_probe(const struct target *t, struct err *err)
{
	if (t->arch == ARCH_IA64)
		return 0;
	err_set(err, ENOTSUP, "the ia64 engine runs no guests for %s",
		arch_name(t->arch));
	err_hint(err, "leave --accel out");
	return -ENOTSUP;
}

static unsigned ia64_phys_bits(const struct target *t)
{
	(void)t;
	return IA64_PHYS_BITS;
}

static bool ia64_has_irqchip(const struct target *t, const char *name)
{
	(void)t;
	return !strcmp(name, "sapic");
}

static void ia64_host(const struct target *t, struct accel_host *h)
{
	(void)t, (void)h;
}

static void ia64_mapping_changed(struct ia64_vm *vm)
{
	for (unsigned i = 0; i < vm->n; i++) {
		struct ia64_vcpu *v = &vm->cpu[i];

		pthread_mutex_lock(&v->lock);
		__atomic_store_n(&v->mapping_changed, true, __ATOMIC_RELAXED);
		if (v->cpu)
			ia64_attend(v->cpu);
		pthread_mutex_unlock(&v->lock);
	}
}

static int ia64_map(void *opaque, const struct mem_range *r, struct err *err)
{
	(void)r, (void)err;
	ia64_mapping_changed(opaque);
	return 0;
}

static void ia64_unmap(void *opaque, const struct mem_range *r)
{
	(void)r;
	ia64_mapping_changed(opaque);
}

static void ia64_vcpu_prepare(struct ia64_vcpu *v, struct ia64_vm *vm)
{
	pthread_condattr_t attr;

	v->vm = vm;
	pthread_mutex_init(&v->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&v->wake, &attr);
	pthread_condattr_destroy(&attr);
	v->env = (struct ia64_env){
		.mem = vm->vm.cfg->mem,
		.paravirt = vm->vm.cfg->board->ia64.paravirt,
		.io_read = ia64_env_io_read,
		.io_write = ia64_env_io_write,
		.cr_read = ia64_env_cr_read,
		.cr_write = ia64_env_cr_write,
		.interrupt = ia64_env_interrupt,
		.itc = ia64_env_itc,
		.service = ia64_env_service,
		.purge = ia64_env_purge,
		.code_changed = ia64_env_code_changed,
		.code_sync = ia64_env_code_sync,
		.pause = ia64_pause,
		.trace = log_guest_insn & LOG_INSN ? ia64_env_trace : NULL,
		.attended = ia64_attended,
		.opaque = v
	};
}

static void ia64_vm_destroy(struct accel_vm *vm)
{
	struct ia64_vm *m = ia64_vm_of(vm);

	mem_unlisten(vm->cfg->mem);
	for (unsigned i = 0; i < m->n; i++) {
		pthread_mutex_destroy(&m->cpu[i].lock);
		pthread_cond_destroy(&m->cpu[i].wake);
	}
	free(m->cpu);
	free(m);
}

static struct accel_vm *ia64_vm_create(const struct target *t,
				       const struct accel_config *cfg,
				       struct err *err)
{
	struct ia64_vm *m = calloc(1, sizeof(*m));

	if (m)
		m->cpu = calloc(cfg->board->ncpus, sizeof(*m->cpu));
	if (!m || !m->cpu) {
		free(m);
		err_nomem(err, "the virtual CPUs");
		return NULL;
	}
	m->vm = (struct accel_vm){ .accel = &accel_ia64,
				   .target = t,
				   .cfg = cfg };
	m->host_cpus = ia64_host_cpus();
	for (; m->n < cfg->board->ncpus; m->n++)
		ia64_vcpu_prepare(&m->cpu[m->n], m);
	m->listener = (struct mem_listener){ .map = ia64_map,
					     .unmap = ia64_unmap,
					     .opaque = m };
	if (mem_listen(cfg->mem, &m->listener, err) < 0) {
		ia64_vm_destroy(&m->vm);
		return NULL;
	}
	return &m->vm;
}

static int ia64_vm_reset(struct accel_vm *vm, struct err *err)
{
	(void)vm, (void)err;
	return 0;
}

/* ---- vCPUs */

static int ia64_vcpu_create(struct vcpu *c, struct err *err)
{
	struct ia64_vcpu *v = &ia64_vm_of(c->vm)->cpu[c->index];
	struct ia64_cpu *cpu = ia64_new(&v->env);

	if (!cpu)
		return err_nomem(err, "a virtual CPU");
	v->c = c;
	c->priv = v;
	pthread_mutex_lock(&v->lock);
	v->cpu = cpu;
	pthread_mutex_unlock(&v->lock);
	if (log_guest_insn & LOG_INSN_COUNTS)
		ia64_counts_begin(v);
	return 0;
}

static void ia64_vcpu_destroy(struct vcpu *c)
{
	struct ia64_vcpu *v = ia64_vcpu_of(c);
	struct ia64_cpu *cpu = v->cpu;

	pthread_mutex_lock(&v->lock);
	v->cpu = NULL;
	pthread_mutex_unlock(&v->lock);
	ia64_counts_end(v);
	ia64_free(cpu);
}

/* CPUs that no kernel starts on begin where firmware waits for a wake-up. */
static int ia64_vcpu_reset(struct vcpu *c, const struct boot_start *start,
			   bool first, struct err *err)
{
	struct ia64_vcpu *v = ia64_vcpu_of(c);
	struct ia64_regs *r = calloc(1, sizeof(*r));

	(void)first;
	if (!r)
		return err_nomem(err, "a virtual CPU");
	c->vm->target->reset(r, start);
	if (!start)
		r->ip = c->vm->cfg->board->ia64.firmware.base;
	ia64_reset(v->cpu);
	ia64_regs_set(v->cpu, r);
	free(r);
	v->cpu->min_state =
		c->vm->cfg->board->ia64.min_state
			? c->vm->cfg->board->ia64.min_state +
				  (uint64_t)c->index * BOARD_MIN_STATE
			: 0;
	__atomic_store_n(&v->events, 0, __ATOMIC_RELAXED);
	v->asks = v->failed = false;
	ia64_rest(v, REST_NONE);
	v->code_size = 0;
	v->checked = ia64_counter(v);
	return 0;
}

/* Until an interrupt is to be taken, the timer fires or somebody kicks. */
static void ia64_wait(struct ia64_vcpu *v)
{
	uint64_t now = ia64_counter(v), left = v->cpu->cr[CR_ITM] - now;
	uint64_t until =
		ia64_now_ns() + (left < INT64_MAX / 2 ? left + 1 : INT32_MAX);
	const struct timespec t = {
		.tv_sec = (time_t)(until / 1000000000),
		.tv_nsec = (long)(until % 1000000000),
	};

	pthread_mutex_lock(&v->lock);
	while (!v->stay && !ia64_awake(v))
		if (pthread_cond_timedwait(&v->wake, &v->lock, &t))
			break;
	v->stay = false;
	pthread_mutex_unlock(&v->lock);
}

/* ---- INIT and PMI */

/* A CPU that nobody started waits in SAL, which knows of no OS yet. */
static bool ia64_parked(const struct ia64_vcpu *v)
{
	const struct board_range *fw = &v->vm->vm.cfg->board->ia64.firmware;

	return !(v->cpu->psr & PSR_IT) &&
	       v->cpu->ip - fw->base < BOARD_IA64_WAIT;
}

/* The event that may be taken now, or 0. */
static uint32_t ia64_event_due(const struct ia64_vcpu *v)
{
	uint32_t events = __atomic_load_n(&v->events, __ATOMIC_ACQUIRE);
	uint32_t pmis = events & (EVENT_INIT - 1);

	if (!events || v->debugger.alone)
		return 0;
	if ((events & EVENT_INIT) && ia64_init_open(v->cpu) && !ia64_parked(v))
		return EVENT_INIT;
	if (pmis && ia64_pmi_open(v->cpu))
		return 1u << (31 - __builtin_clz(pmis));
	return 0;
}

/* Between two instructions. */
static void ia64_take_event(struct ia64_vcpu *v)
{
	const struct board_ia64 *b = &v->vm->vm.cfg->board->ia64;
	uint32_t due = ia64_event_due(v);

	if (!due)
		return;
	__atomic_fetch_and(&v->events, ~due, __ATOMIC_RELAXED);
	ia64_rest(v, REST_NONE);
	if (due == EVENT_INIT)
		ia64_pale_init(v->cpu, b->init_entry);
	else
		ia64_pale_pmi(v->cpu, (unsigned)__builtin_ctz(due),
			      b->pmi_return);
}

static void ia64_vcpu_event(struct vcpu *c, enum vcpu_event event,
			    unsigned vector)
{
	struct ia64_vcpu *v = &ia64_vm_of(c->vm)->cpu[c->index];

	/* vectors of PAL's own, and of nobody's */
	if (event == VCPU_PMI && vector >= IA64_SAL_PMIS)
		return;
	pthread_mutex_lock(&v->lock);
	__atomic_fetch_or(&v->events,
			  event == VCPU_INIT ? EVENT_INIT : 1u << vector,
			  __ATOMIC_RELEASE);
	v->stay = true;
	if (v->cpu)
		ia64_kick(v->cpu);
	pthread_cond_signal(&v->wake);
	pthread_mutex_unlock(&v->lock);
}

static int ia64_vcpu_nmi(struct vcpu *c)
{
	ia64_vcpu_event(c, VCPU_INIT, 0);
	return 0;
}

/* Waits; whether the vCPU goes on. */
static bool ia64_rested(struct ia64_vcpu *v)
{
	ia64_check_timer(v);
	if (!ia64_awake(v))
		ia64_wait(v);
	ia64_check_timer(v);
	if (!ia64_awake(v))
		return false;
	ia64_rest(v, REST_NONE);
	return true;
}

static bool ia64_kicked(struct ia64_vcpu *v)
{
	return __atomic_load_n(&v->cpu->kicked, __ATOMIC_ACQUIRE);
}

static void ia64_running(struct ia64_vcpu *v, bool on)
{
	__atomic_store_n(&v->running, on, __ATOMIC_SEQ_CST);
	if (on)
		ia64_attended(v);
}

static void ia64_ask(struct ia64_vcpu *v, struct vcpu_exit *x)
{
	v->asks = false;
	v->failed = false;
	x->kind = VMEXIT_HCALL;
	x->hcall.nr = v->call;
	memcpy(x->hcall.in, v->in, sizeof(v->in));
}

static void ia64_stopped(struct ia64_vcpu *v, struct vcpu_exit *x)
{
	const struct ia64_cpu *cpu = v->cpu;
	int hit = cpu->debug_hit;
	bool exec = hit >= 0 && v->debugger.watch[hit].exec;

	x->kind = VMEXIT_DEBUG;
	x->stop = (struct vcpu_stop){ .kind = hit < 0 ? STOP_STEP
					      : exec  ? STOP_HW_BREAK
						      : STOP_WATCH,
				      .pc = cpu->ip | cpu->ri,
				      .addr = hit < 0 || exec ? 0
							      : cpu->debug_addr,
				      .slot = hit };
}

static void ia64_vcpu_run(struct vcpu *c, struct vcpu_exit *x)
{
	struct ia64_vcpu *v = ia64_vcpu_of(c);
	enum ia64_stop stop = IA64_STOP_BUDGET;

	x->kind = VMEXIT_AGAIN;
	ia64_take_event(v);
	while (v->rest != REST_NONE) {
		bool kicked = ia64_kicked(v);

		if (ia64_machine_off(v->vm)) {
			x->kind = VMEXIT_POWEROFF;
			return;
		}
		if (!kicked && ia64_rested(v))
			break;
		if (!kicked && !ia64_kicked(v))
			continue;
		(void)__atomic_exchange_n(&v->cpu->kicked, false,
					  __ATOMIC_ACQUIRE);
		return;
	}
	ia64_running(v, true);
	while (stop == IA64_STOP_BUDGET) {
		ia64_place(v);
		ia64_check_timer(v);
		if (__atomic_load_n(&v->events, __ATOMIC_RELAXED))
			ia64_take_event(v);
		stop = ia64_run(v->cpu, IA64_SLICE);
	}
	ia64_running(v, false);
	if (v->asks)
		ia64_ask(v, x);
	if (stop == IA64_STOP_DEBUG)
		ia64_stopped(v, x);
}

/* A call whose arguments were not mapped is made again after the fault. */
static void ia64_vcpu_finish(struct vcpu *c, const struct vcpu_exit *x)
{
	struct ia64_vcpu *v = ia64_vcpu_of(c);
	struct ia64_cpu *cpu = v->cpu;

	if (v->failed) {
		cpu->iipa = ia64_before(v->call_ip, 0);
		ia64_deliver(cpu, v->call_ip, 0);
		return;
	}
	ia64_set_gr(cpu, 8, (uint64_t)x->hcall.ret, false);
	for (unsigned i = 0; i < 3; i++)
		ia64_set_gr(cpu, 9 + i, x->hcall.out[i], false);
}

static int ia64_vcpu_copy(struct vcpu *c, uint64_t gva, void *buf, size_t len,
			  bool write)
{
	struct ia64_vcpu *v = ia64_vcpu_of(c);

	/* the first fault is the one that the guest gets */
	if (!v->failed)
		v->failed = ia64_copy(v->cpu, gva, buf, len, write) < 0;
	return v->failed ? -EFAULT : 0;
}

static void ia64_wake(struct ia64_vcpu *v, bool stay)
{
	pthread_mutex_lock(&v->lock);
	v->stay |= stay;
	if (v->cpu)
		ia64_attend(v->cpu);
	pthread_cond_signal(&v->wake);
	pthread_mutex_unlock(&v->lock);
}

static void ia64_vcpu_kick(struct vcpu *c)
{
	struct ia64_vcpu *v = ia64_vcpu_of(c);

	ia64_kick(v->cpu);
	ia64_wake(v, true);
}

static void ia64_vcpu_lines(struct vcpu *c, bool irq, bool fiq)
{
	struct ia64_vcpu *v = &ia64_vm_of(c->vm)->cpu[c->index];

	(void)fiq;
	__atomic_store_n(&v->line, irq, __ATOMIC_RELEASE);
	if (irq)
		ia64_wake(v, false);
}

static int ia64_get_regs(struct vcpu *c, void *regs)
{
	ia64_rse_show(ia64_vcpu_of(c)->cpu);
	ia64_regs_get(ia64_vcpu_of(c)->cpu, regs);
	return 0;
}

static int ia64_set_regs(struct vcpu *c, const void *regs)
{
	ia64_regs_set(ia64_vcpu_of(c)->cpu, regs);
	return 0;
}

static void ia64_debug_caps(struct vcpu *c, struct debug_caps *caps)
{
	(void)c;
	*caps = (struct debug_caps){ .step = true,
				     .breaks = IA64_MAX_WATCHES,
				     .watches = IA64_MAX_WATCHES,
				     .shared = true,
				     .watch_len = UINT32_MAX,
				     .watch_reads = true };
}

static int ia64_debug_set(struct vcpu *c, const struct vcpu_debug *d)
{
	struct ia64_vcpu *v = ia64_vcpu_of(c);
	struct ia64_debugger *to = &v->debugger;

	if (d->nslots > IA64_MAX_WATCHES)
		return -ENOSPC;
	*to = (struct ia64_debugger){ .step = d->step,
				      .alone = d->irqs_blocked };
	for (unsigned i = 0; i < d->nslots; i++) {
		const struct debug_slot *s = &d->slot[i];

		to->watch[to->n++] = (struct ia64_watch){
			.addr = s->addr,
			.len = s->len,
			.exec = s->kind == DEBUG_EXEC,
			.read = s->kind == DEBUG_READ ||
				s->kind == DEBUG_ACCESS,
			.write = s->kind == DEBUG_WRITE ||
				 s->kind == DEBUG_ACCESS,
		};
		to->data |= s->kind != DEBUG_EXEC;
	}
	ia64_debug(v->cpu, d->step || to->n ? to : NULL);
	return 0;
}

/* Every stop is the debugger's: the guest's own breaks go to the guest. */
static int ia64_debug_reflect(struct vcpu *c, const struct vcpu_stop *s)
{
	(void)c, (void)s;
	return -EINVAL;
}

const struct accel accel_ia64 = {
	.name = "ia64",
	.probe = ia64_probe,
	.phys_bits = ia64_phys_bits,
	.has_irqchip = ia64_has_irqchip,
	.host = ia64_host,
	.vm_create = ia64_vm_create,
	.vm_destroy = ia64_vm_destroy,
	.vm_reset = ia64_vm_reset,
	.vm_clock = ia64_vm_clock,
	.vcpu_create = ia64_vcpu_create,
	.vcpu_destroy = ia64_vcpu_destroy,
	.vcpu_reset = ia64_vcpu_reset,
	.vcpu_run = ia64_vcpu_run,
	.vcpu_finish = ia64_vcpu_finish,
	.vcpu_copy = ia64_vcpu_copy,
	.vcpu_kick = ia64_vcpu_kick,
	.vcpu_lines = ia64_vcpu_lines,
	.vcpu_event = ia64_vcpu_event,
	.vcpu_nmi = ia64_vcpu_nmi,
	.debug_caps = ia64_debug_caps,
	.debug_set = ia64_debug_set,
	.debug_reflect = ia64_debug_reflect,
	.get_regs = ia64_get_regs,
	.set_regs = ia64_set_regs,
};
