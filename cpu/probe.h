/* SPDX-License-Identifier: MIT */
/* What the host's KVM can do, in words, without the kernel's types. */
#ifndef CPU_PROBE_H
#define CPU_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/err.h"

/* One thing that a host has or lacks. */
struct probe_item {
	const char *key;  /* for programs: "dirty_ring" */
	const char *name; /* for people: "dirty ring" */
	bool have;
	uint64_t value;	   /* a number that belongs to it; 0: none */
	const char *means; /* what follows for the user; may be NULL */
	bool needed;	   /* vmm run does not work without it */
};

/* How guest code in its kernel mode runs. */
enum probe_speed {
	SPEED_UNKNOWN,	/* could not be measured */
	SPEED_NATIVE,	/* by the CPU */
	SPEED_EMULATED, /* by KVM, instruction by instruction */
};

#define PROBE_MAX_ITEMS 64

struct probe {
	int api_version; /* of KVM, or 0 where /dev/kvm is not usable */
	unsigned max_vcpus, recommended_vcpus;
	enum probe_speed speed;
	uint64_t instr_per_s; /* of the guest's kernel mode; 0: unknown */
	struct probe_item item[PROBE_MAX_ITEMS];
	unsigned nitems;
};

/*
 * Asks the host's KVM.  0; or a negative errno with the reason and remedy in
 * err where it cannot be used (then api_version is 0, and only the items that
 * need no /dev/kvm are there).  Takes some milliseconds, some tens where
 * guest code is emulated.
 */
int probe_kvm(struct probe *p, struct err *err);

/*
 * SPEED_EMULATED where this host's KVM runs guest kernel code in software, as
 * one without hardware virtualization below it does.  Costs one look at
 * /proc/cpuinfo on a host that has the extension, and a measurement of two
 * milliseconds elsewhere.
 */
enum probe_speed probe_guest_speed(uint64_t *instr_per_s);

#endif
