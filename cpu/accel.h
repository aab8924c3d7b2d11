/* SPDX-License-Identifier: MIT */
/* Accelerators run virtual CPUs and hand back exits as plain data. */
#ifndef CPU_ACCEL_H
#define CPU_ACCEL_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpu/chip_state.h"
#include "cpu/target.h"
#include "hw/core/bus.h"
#include "hw/core/err.h"
#include "hw/core/irq.h"
#include "hw/core/mem.h"

struct accel;
struct ics;
struct papr_cpus;
struct vcpu;
struct tce_kernel;
struct vcpus;
struct xive_hw;

enum vcpu_exit_kind {
	VMEXIT_AGAIN,	 /* kicked, or nothing to do: go on */
	VMEXIT_MMIO,	 /* mmio */
	VMEXIT_PIO,	 /* pio */
	VMEXIT_EOI,	 /* eoi: a level interrupt ended, for a chip in hw/ */
	VMEXIT_HCALL,	 /* hcall: to the hypervisor, or to firmware */
	VMEXIT_POWEROFF, /* the architecture's own way to switch off */
	VMEXIT_RESET,	 /* and to reset */
	VMEXIT_PANIC,	 /* and to say that the guest crashed */
	VMEXIT_CRASH,	 /* crash: the vCPU cannot go on */
	VMEXIT_DEBUG,	 /* stop: what the debugger asked for came about */
	VMEXIT_KINDS,
};

/* Why a vCPU stopped for the debugger. */
enum vcpu_stop_kind {
	STOP_NONE,     /* it did not: somebody else did, or asked for it */
	STOP_STEP,     /* one instruction was executed */
	STOP_SW_BREAK, /* the target's breakpoint instruction, not executed */
	STOP_HW_BREAK, /* an instruction of DEBUG_EXEC, not executed */
	STOP_WATCH,    /* a data access, at addr where that is known */
	STOP_GUEST,    /* what the guest, and nobody else, asked for */
	STOP_CRASH,    /* the vCPU cannot go on */
};

struct vcpu_stop {
	enum vcpu_stop_kind kind;
	uint64_t pc;   /* code address, virtual */
	uint64_t addr; /* STOP_WATCH: data address, virtual; else 0 */
	int slot;      /* of vcpu_debug that was hit; -1: not known */
	uint64_t info; /* the accelerator's, for reflect() */
	bool shared;   /* the guest asked for it too: reflect() it as well */
};

#define VCPU_HCALL_REGS 9

/* One exit.  Plain data, filled by vcpu_run(), read by cpu/run.c. */
struct vcpu_exit {
	enum vcpu_exit_kind kind;
	union {
		struct {
			gpa_t addr;
			uint64_t val; /* to write; or the answer to a read */
			uint8_t size; /* bytes, 1 to 8 */
			bool write;
		} mmio;
		struct {
			uint16_t port;
			uint8_t size; /* bytes: 1, 2 or 4 */
			bool write;
			uint32_t count; /* of accesses to that one port */
			void *data;	/* count * size bytes, the vCPU's */
		} pio;
		struct {
			uint32_t vector;
		} eoi;
		struct {
			uint64_t nr;
			/* ppc64le: R4 and up; ia64: in0 and up */
			uint64_t in[VCPU_HCALL_REGS];
			/* answers: the same; ia64: r9 and up */
			uint64_t out[VCPU_HCALL_REGS];
			long ret; /* R3; ia64: r8 */
		} hcall;
		struct {
			char why[160]; /* one phrase */
		} crash;
		struct vcpu_stop stop;
	};
};

/* What the hardware's debug registers are to watch for. */
enum debug_kind { DEBUG_EXEC, DEBUG_WRITE, DEBUG_READ, DEBUG_ACCESS };

struct debug_slot {
	enum debug_kind kind;
	uint64_t addr; /* virtual */
	uint64_t len;  /* bytes; DEBUG_EXEC: of the instruction, or 1 */
};

#define DEBUG_MAX_SLOTS 32

/* How one vCPU is debugged; all zero: not at all. */
struct vcpu_debug {
	bool step;	   /* stop after one instruction */
	bool irqs_blocked; /* no interrupt in the next one, where it can */
	bool sw_break;	   /* breakpoint instructions stop */
	unsigned nslots;
	struct debug_slot slot[DEBUG_MAX_SLOTS];
};

/* What an accelerator can do for a debugger. */
struct debug_caps {
	bool step, sw_break;
	unsigned breaks;    /* DEBUG_EXEC at once */
	unsigned watches;   /* the other kinds at once */
	bool shared;	    /* breaks and watches take the same registers */
	uint64_t watch_len; /* the longest, bytes */
	bool watch_reads;   /* DEBUG_READ alone, without writes */
};

/* What an accelerator says of the vCPUs that it can make here; zeroed. */
struct accel_host {
	bool pmu;	      /* arm64: they can have a PMUv3 */
	struct board_ppc ppc; /* ppc64le */
};

/* What an accelerator's VM is made from; outlives it. */
struct accel_config {
	const struct board *board;
	struct mem *mem;
	struct bus *mmio, *pio;
	const char *cpu;    /* "host" or a model, then ",+feat,-feat" */
	bool split_irqchip; /* only the CPUs' own part in the accelerator */
};

/* One VM under an accelerator; the first member of the accelerator's own. */
struct accel_vm {
	const struct accel *accel;
	const struct target *target;
	const struct accel_config *cfg;
	struct irqchip *irqchip; /* lines and messages; NULL if it has none */
	struct ics *ics;	 /* ppc64le: its sources; NULL if it has none */
	struct xive_hw *xive;	 /* ... and, if they are XIVE's, those */
	struct tce_kernel *tces; /* ppc64le: DMA tables; NULL: it has none */
	struct papr_cpus *papr;	 /* ppc64le: hypercalls about CPUs */
};

/* See accel->vcpu_event(). */
enum vcpu_event { VCPU_INIT, VCPU_PMI };

/*
 * An accelerator.  The vcpu_ functions run on the vCPU's own thread, or on
 * another while that thread is parked; vcpu_kick() may come from any thread.
 */
struct accel {
	const char *name; /* as in --accel */
	/* 0 where it can run a guest of this target here, or why not. */
	int (*probe)(const struct target *t, struct err *err);
	/* The widest guest-physical address it offers, bits; after probe(). */
	unsigned (*phys_bits)(const struct target *t);
	/*
	 * Whether a machine with that interrupt controller, a word of
	 * --irqchip, can run here; after probe().
	 */
	bool (*has_irqchip)(const struct target *t, const char *name);
	/* What a board is to know of its vCPUs; after probe(). */
	void (*host)(const struct target *t, struct accel_host *h);

	/* cfg's memory is complete.  NULL with the reason in *err. */
	struct accel_vm *(*vm_create)(const struct target *t,
				      const struct accel_config *cfg,
				      struct err *err);
	void (*vm_destroy)(struct accel_vm *vm);
	/* Interrupt controllers to their reset state; all vCPUs are parked. */
	int (*vm_reset)(struct accel_vm *vm, struct err *err);
	/*
	 * The registers of its interrupt controllers, while all vCPUs are
	 * parked; -ENOTSUP where it cannot tell.  save adds them to *out, and
	 * writes to guest RAM what the architecture keeps there (an ITS's
	 * tables, pending LPIs).  restore takes controllers that were reset.
	 * May be NULL.
	 */
	int (*chip_save)(struct accel_vm *vm, struct chip_state *out,
			 struct err *err);
	int (*chip_restore)(struct accel_vm *vm, const struct chip_state *s,
			    struct err *err);
	/*
	 * The guest's clocks stand still from one call with stop to the next
	 * without, as far as the accelerator can do that.  All vCPUs are parked
	 * from the first to the second.  May be NULL.
	 */
	void (*vm_clock)(struct accel_vm *vm, bool stop);
	/*
	 * From here on the host and a guest whose caches are off see the same
	 * n bytes of guest memory, which are at host in this process: what
	 * either has written last.  All vCPUs are parked; any thread.  NULL
	 * where the host's caches are seen by all.
	 */
	void (*mem_sync)(struct accel_vm *vm, const void *host, size_t n);

	int (*vcpu_create)(struct vcpu *c, struct err *err);
	/* Any thread, once the vCPU's own has ended and no line is driven. */
	void (*vcpu_destroy)(struct vcpu *c);
	/*
	 * To the architectural reset state; the boot CPU then gets *start*,
	 * which is NULL for the others.  first: it never ran before.
	 */
	int (*vcpu_reset)(struct vcpu *c, const struct boot_start *start,
			  bool first, struct err *err);
	/* Runs the guest until it exits; fills *x. */
	void (*vcpu_run)(struct vcpu *c, struct vcpu_exit *x);
	/* Hands an answered read (VMEXIT_MMIO) or VMEXIT_HCALL back. */
	void (*vcpu_finish)(struct vcpu *c, const struct vcpu_exit *x);
	/*
	 * Copies from or to the guest's memory at a virtual address, as the
	 * instruction would that made a VMEXIT_HCALL, before vcpu_finish().
	 * -EFAULT: the instruction faults, and is executed again later; what
	 * is finished is then without effect.  NULL where hypercalls have no
	 * virtual addresses.
	 */
	int (*vcpu_copy)(struct vcpu *c, uint64_t gva, void *buf, size_t len,
			 bool write);
	/* Makes vcpu_run() return soon, even if it is only about to begin. */
	void (*vcpu_kick)(struct vcpu *c);
	/*
	 * Drives the interrupt inputs of a vCPU (on Arm: IRQ and FIQ) for a
	 * chip in hw/.  Any thread.
	 */
	void (*vcpu_lines)(struct vcpu *c, bool irq, bool fiq);
	/*
	 * A message of a chip in hw/ to the firmware of a vCPU: an INIT, or a
	 * PMI of that vector.  It is taken when the vCPU may.  Returns at once.
	 * Any thread.  NULL where no such message is known.
	 */
	void (*vcpu_event)(struct vcpu *c, enum vcpu_event event,
			   unsigned vector);
	/*
	 * Raises a non-maskable interrupt of a parked vCPU (on ia64: an INIT);
	 * 0 or a negative errno, -ENOTSUP where its architecture has none.  May
	 * be NULL.
	 */
	int (*vcpu_nmi)(struct vcpu *c);
	/*
	 * Whether a parked vCPU waits for the guest to start it, where that is
	 * the accelerator's to know: vcpu_power() is not meant.  May be NULL.
	 */
	bool (*vcpu_off)(struct vcpu *c);
	/*
	 * Debugging; NULL where there is none.  caps: of this VM's vCPUs, which
	 * exist.  set: from the next vcpu_run() on; 0, -ENOSPC (more slots than
	 * the hardware has), -EINVAL (a slot that it cannot watch).  What the
	 * guest has in debug registers of its own stays, as far as there is
	 * room.  reflect: gives a stop that was not the debugger's to the
	 * guest, which takes the exception as if nobody had looked; 0 or a
	 * negative errno.
	 */
	void (*debug_caps)(struct vcpu *c, struct debug_caps *caps);
	int (*debug_set)(struct vcpu *c, const struct vcpu_debug *d);
	int (*debug_reflect)(struct vcpu *c, const struct vcpu_stop *s);
	/* The target's register structure; 0 or a negative errno. */
	int (*get_regs)(struct vcpu *c, void *regs);
	int (*set_regs)(struct vcpu *c, const void *regs);
};

/* Every accelerator of this vmm, best first; NULL ends the list. */
extern const struct accel *const accels[];
extern const struct accel accel_kvm, accel_ia64;

/*
 * The accelerator of that name, or the first that can run the target where
 * name is NULL.  NULL with the reason in *err.
 */
const struct accel *accel_find(const char *name, const struct target *t,
			       struct err *err);

/* Who hears of what vCPUs do: the machine.  All from vCPU threads. */
struct vcpu_events {
	struct bus *mmio, *pio;
	/* A level-triggered interrupt of a split chip ended; may be NULL. */
	void (*eoi)(void *opaque, uint32_t vector);
	/*
	 * A private interrupt that the vCPU itself has, a timer's or the
	 * PMU's, for a chip in hw/; may be NULL.  On Arm a PPI, by its id; on
	 * ia64 by the control register that says what comes of it, an edge.
	 */
	void (*ppi)(void *opaque, unsigned cpu, unsigned intid, bool level);
	/*
	 * A register of the CPU that a chip in hw/ keeps (on ia64: cr64 to
	 * cr81); false where it has none such.  May be NULL.
	 */
	bool (*reg_read)(void *opaque, unsigned cpu, unsigned reg,
			 uint64_t *val);
	bool (*reg_write)(void *opaque, unsigned cpu, unsigned reg,
			  uint64_t val);
	/*
	 * A hypercall that the accelerator leaves to others: fills out[],
	 * returns the result.  NULL where the target has none.
	 */
	long (*hcall)(void *opaque, unsigned cpu, uint64_t nr,
		      const uint64_t in[VCPU_HCALL_REGS],
		      uint64_t out[VCPU_HCALL_REGS]);
	/* Returns at once; the vCPU runs on until it is halted. */
	void (*request)(void *opaque, enum vm_request what);
	/* The vCPU cannot go on; it parks after this returns. */
	void (*crashed)(void *opaque, struct vcpu *c, const char *why);
	/*
	 * The last vCPU has parked, and not for the debugger alone; returns at
	 * once.  Who halts vCPUs that are parked already asks vcpus_parked().
	 */
	void (*parked)(void *opaque);
	void *opaque;
};

/*
 * The debugger of a group.  stopped() and parked() are called on vCPU threads
 * with the group's lock held, and return at once.
 */
struct vcpus_debugger {
	/* c stopped, see vcpu->stop; every vCPU has been asked to park. */
	void (*stopped)(void *opaque, struct vcpu *c);
	/* The last vCPU has parked. */
	void (*parked)(void *opaque);
	/*
	 * Memory and vCPUs are as at the first start, and all are parked.  The
	 * main thread, without the lock; it may take its time.
	 */
	void (*reset)(void *opaque);
	void *opaque;
};

/* Who may keep the vCPUs from running; each for himself. */
enum vcpus_holder {
	VCPUS_MACHINE = 1, /* start, reset, end */
	VCPUS_DEBUGGER = 2,
};

/* One virtual CPU and its thread, "vcpu/N". */
struct vcpu {
	struct accel_vm *vm;
	unsigned index;
	void *priv; /* the accelerator's */
	struct vcpus *group;
	pthread_t thread;
	const cpu_set_t *pin; /* host CPUs, or NULL */
	bool attention;	      /* atomic: look at the group before running on */
	uint64_t exits[VMEXIT_KINDS]; /* counted by its thread */
	/* the group's lock: */
	bool created; /* the accelerator has it */
	bool ready;   /* and the thread takes part */
	bool crashed;
	bool held;    /* by the debugger, while others may run */
	bool off;     /* see vcpu_power() */
	bool claimed; /* see vcpu_claim() */
	bool parked;
	struct vcpu_stop stop; /* of the last VMEXIT_DEBUG; parked: anyone's */
};

/* All vCPUs of a VM: started, paused and stopped together. */
struct vcpus {
	struct vcpu_events events;
	struct vcpu *cpu;
	unsigned n;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* lock: */
	bool quit, joined;
	unsigned holders; /* enum vcpus_holder */
	const struct vcpus_debugger *debugger;
	unsigned nready, nparked;
	struct err err; /* of the first that could not be created */
};

/*
 * Starts the threads of n vCPUs, which create them and park.  pin: the host
 * CPUs of each (entries may be NULL), or NULL; it must outlive vcpus_wait().
 */
int vcpus_create(struct vcpus *g, struct accel_vm *vm, unsigned n,
		 const struct vcpu_events *ev, const cpu_set_t *const *pin,
		 struct err *err) MUST_CHECK;
/* Waits until all are created; on failure none is left. */
int vcpus_wait(struct vcpus *g, struct err *err) MUST_CHECK;
/*
 * Parks and joins every vCPU.  They stay, for devices that still drive their
 * inputs, until vcpus_destroy().
 */
void vcpus_stop(struct vcpus *g);
/* The same, and frees them; safe on a zeroed structure. */
void vcpus_destroy(struct vcpus *g);
/* Resets every vCPU while all are parked; see vcpu_reset(). */
int vcpus_reset(struct vcpus *g, const struct boot_start *start, bool first,
		struct err *err) MUST_CHECK;
/*
 * Ends a holder's halt; the vCPUs run when nobody else halts them, but for
 * those that the debugger holds (vcpu->held, set while all are parked).
 */
void vcpus_resume(struct vcpus *g, enum vcpus_holder who);
/*
 * Asks all to park and returns at once; events.parked() follows.  Any thread,
 * also a vCPU's.  Nobody waits for it here: a vCPU on its way may itself wait
 * for a loop (loop_call()), so the loop's thread must go on serving it.
 */
void vcpus_halt(struct vcpus *g, enum vcpus_holder who);
/* Makes every vCPU but one leave the guest for a moment; that one's thread. */
void vcpus_kick(struct vcpus *g, const struct vcpu *but);
/*
 * Switches a vCPU on or off, in the architecture's sense: one that is off stays
 * parked, whatever the group does.  Off is for its own thread to say, in an
 * exit; on for another's, which has it by vcpu_claim(), its registers set.
 */
void vcpu_power(struct vcpu *c, bool on);
/* Whether it is off and has parked. */
bool vcpu_is_off(struct vcpu *c);
/*
 * Makes one that is off and has parked the caller's, another vCPU's thread, who
 * sets its registers and ends that by vcpu_power(), off where he could not.
 * False: it is not off, or somebody else's.
 */
bool vcpu_claim(struct vcpu *c) MUST_CHECK;
/*
 * Whether a parked one has not been started by the guest, or was switched off,
 * by whichever means its architecture has.
 */
bool vcpu_waits(struct vcpu *c);
/* Whether all have parked and stay so until that holder's vcpus_resume(). */
bool vcpus_parked(struct vcpus *g, enum vcpus_holder who);
/*
 * Gives the group a debugger, or (NULL) takes it away: from its return on none
 * of its functions is called.
 */
void vcpus_set_debugger(struct vcpus *g, const struct vcpus_debugger *d);

#endif
