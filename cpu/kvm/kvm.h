/* SPDX-License-Identifier: MIT */
/* What KVM's common part and its host parts share; private to cpu/kvm. */
#ifndef CPU_KVM_KVM_H
#define CPU_KVM_KVM_H

#include <linux/kvm.h>
#include <pthread.h>

#include "cpu/accel.h"

/* Interrupt numbers (GSIs) below this are lines of the interrupt chip. */
#define KVM_MAX_ROUTES 4096

struct kvm_vm {
	struct accel_vm vm;
	struct irqchip chip;
	struct bus_listener listener;
	struct mem_listener mem_listener;
	int fd;
	size_t run_size; /* of struct kvm_run's mapping */
	int *vcpu_fds;	 /* those that kvm_vcpu_open() made, by index */
	void *arch;	 /* the host part's, free()d with the VM */
	/* See struct accel; the host part's, or NULL. */
	int (*chip_save)(struct kvm_vm *vm, struct chip_state *out,
			 struct err *err);
	int (*chip_restore)(struct kvm_vm *vm, const struct chip_state *s,
			    struct err *err);
	void (*clock)(struct kvm_vm *vm, bool stop);
	/* In place of KVM_IRQ_LINE; or NULL.  Any thread. */
	void (*set_line)(struct kvm_vm *vm, unsigned line, bool level);

	pthread_mutex_t lock;		/* protects the routes */
	struct kvm_irq_routing *routes; /* by GSI order, lines first */
	uint32_t nlines;		/* routes that belong to lines */
	uint64_t gsi_used[KVM_MAX_ROUTES / 64];
};

struct kvm_vcpu {
	int fd;
	struct kvm_run *run;
	bool owed;  /* KVM has yet to complete what the last exit was for */
	void *arch; /* the host part's, free()d with the vCPU */
	struct vcpu_debug debug;
	bool debug_fresh; /* it has not run since that was loaded */
};

/* ---- common, for the host parts */

int kvm_system_fd(void); /* /dev/kvm, open since probe() */
/* KVM_CHECK_EXTENSION on the VM, or on the system where vm is NULL. */
int kvm_check(const struct kvm_vm *vm, unsigned cap);
/* err_set() with the name of the ioctl and errno. */
int kvm_error(struct err *err, const char *what);
void kvm_crash(struct vcpu_exit *x, const char *fmt, ...) PRINTF(2, 3);
/*
 * Makes vCPU number index, or returns it if it is there already: each makes
 * its own on its thread, unless the host part makes them before.  The VM
 * closes it.  A file descriptor or a negative errno.
 */
int kvm_vcpu_open(struct kvm_vm *vm, unsigned index, unsigned long id,
		  struct err *err);

static inline struct kvm_vm *kvm_of(const struct vcpu *c)
{
	return (struct kvm_vm *)c->vm;
}

/* ---- one of each host architecture, in ARCH.c */

extern const enum arch kvm_arch; /* what this host runs */

unsigned kvm_arch_phys_bits(void);
/* See accel->has_irqchip(). */
bool kvm_arch_has_irqchip(const char *name);
/* See accel->host(). */
void kvm_arch_host(struct accel_host *h);
/* The argument of KVM_CREATE_VM. */
unsigned long kvm_arch_vm_type(const struct board *b);
/*
 * Before any vCPU's thread: interrupt chips, vm->chip.nlines.  Where KVM has
 * no chip for the board, vm->vm.irqchip is NULL afterwards.
 */
int kvm_arch_vm_init(struct kvm_vm *vm, struct err *err);
/* Ends what vm_init() began, also where that failed. */
void kvm_arch_vm_destroy(struct kvm_vm *vm);
int kvm_arch_vm_reset(struct kvm_vm *vm, struct err *err);
/* The id for KVM_CREATE_VCPU. */
unsigned long kvm_arch_vcpu_id(const struct vcpu *c);
int kvm_arch_vcpu_init(struct vcpu *c, struct kvm_vcpu *v, struct err *err);
int kvm_arch_vcpu_reset(struct vcpu *c, struct kvm_vcpu *v,
			const struct boot_start *start, bool first,
			struct err *err);
/*
 * KVM_RUN has returned, for whatever reason; on the vCPU's thread.
 * interrupted: by a signal, and nothing is left of an exit.
 */
void kvm_arch_ran(struct vcpu *c, struct kvm_vcpu *v, bool interrupted);
/* An exit that the common part does not know; false: nor does this host. */
bool kvm_arch_exit(struct vcpu *c, struct kvm_vcpu *v, struct vcpu_exit *x);
/* Whether KVM_RUN, which failed with that errno, has an exit to tell for all
 * that. */
bool kvm_arch_is_exit(const struct kvm_vcpu *v, int failed);
int kvm_arch_get_regs(struct kvm_vcpu *v, void *regs);
int kvm_arch_set_regs(struct kvm_vcpu *v, const void *regs);
/* Debugging: see struct accel.  debug_set: v->debug holds what to do. */
void kvm_arch_debug_caps(struct vcpu *c, struct debug_caps *caps);
int kvm_arch_debug_set(struct vcpu *c, struct kvm_vcpu *v);
/* See accel->vcpu_nmi(). */
int kvm_arch_nmi(struct kvm_vcpu *v);
/* See accel->mem_sync(). */
void kvm_arch_mem_sync(const void *host, size_t n);
/* KVM_EXIT_DEBUG. */
void kvm_arch_debug_exit(struct vcpu *c, struct kvm_vcpu *v,
			 struct vcpu_stop *stop);
int kvm_arch_debug_reflect(struct vcpu *c, struct kvm_vcpu *v,
			   const struct vcpu_stop *stop);
/* The routing entry of a line. */
void kvm_arch_line_route(struct kvm_irq_routing_entry *e, uint32_t line);
/* The GSI that KVM_IRQ_LINE wants for a line. */
uint32_t kvm_arch_line(uint32_t line);
/* Whether the message is an edge of a line of the chip, and of which. */
bool kvm_arch_msi_line(const struct kvm_vm *vm, const struct msi_msg *msg,
		       uint32_t *line);
/* See accel->vcpu_lines(). */
void kvm_arch_vcpu_lines(struct vcpu *c, bool irq, bool fiq);

#endif
