/* SPDX-License-Identifier: MIT */
/* A running machine: from a configuration to an exit status. */
#ifndef MACHINE_VIRT_VM_H
#define MACHINE_VIRT_VM_H

#include "cpu/accel.h"
#include "hw/core/boot_start.h"
#include "hw/core/device.h"
#include "machine/virt/config.h"

/* The inside of a machine, for whoever watches it; valid while it exists. */
struct vm_parts {
	struct vcpus *cpus;
	const struct target *target;
	const struct board *board;
	const struct mem *mem;
	const struct boot_start *start; /* of the first start */
	/* As device_env's; any thread. */
	void (*request)(void *opaque, enum vm_request what, int status);
	void *opaque;
};

/* Who watches a machine; each function may be NULL.  Main thread. */
struct vm_watcher {
	/* The machine is ready, no vCPU has run; may refuse it. */
	int (*ready)(void *opaque, const struct vm_parts *parts,
		     struct err *err);
	/* It has ended with that status; what ready() gave is still there. */
	void (*ended)(void *opaque, int status);
	void *opaque;
};

/*
 * Makes the machine that a checked configuration asks for, runs it until it
 * ends, takes it apart.  Returns the exit status (exit_status.h), or a
 * negative errno with a message where it could not start.  Main thread; it
 * watcher may be NULL.  It runs the main loop; SIGINT, SIGTERM, SIGHUP and
 * SIGQUIT end the machine with status 128 + signal, SIGPWR presses its power
 * button.
 */
int vm_run(const struct vm_config *cfg, const struct vm_watcher *watcher,
	   struct err *err) MUST_CHECK;

#endif
