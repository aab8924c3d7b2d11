/* SPDX-License-Identifier: MIT */
/* The debugger: serves gdb's remote protocol for a machine. */
#ifndef GDBSTUB_GDBSTUB_H
#define GDBSTUB_GDBSTUB_H

#include "cpu/accel.h"

struct gdbstub;

/* What is debugged; everything outlives the stub. */
struct gdbstub_machine {
	struct vcpus *cpus; /* created, reset, and not yet running */
	const struct target *target;
	const struct board *board;
	const struct mem *mem;
	uint64_t kaslr_text; /* of a kernel that was moved, or 0 */
	/* VM_RESET and VM_POWEROFF; any thread, returns at once. */
	void (*request)(void *opaque, enum vm_request what, int status);
	void *opaque;
};

/* The status of a machine that its debugger killed: as by SIGKILL. */
#define GDBSTUB_KILLED 137

/* NULL, or what is wrong with a "tcp:HOST:PORT", "unix:PATH" or "stdio". */
const char *gdbstub_spec_fault(const char *spec);

/*
 * Listens there and starts the thread "io/gdb", which serves one connection at
 * a time.  wait: the vCPUs stay halted until a debugger lets them go.  Main
 * thread.  NULL with the reason in *err.
 */
struct gdbstub *gdbstub_new(const char *spec, const struct gdbstub_machine *m,
			    bool wait, struct err *err);
/*
 * Tells a connected debugger that the machine has ended with that status, and
 * frees everything.  Main thread, before the vCPUs are destroyed.
 */
void gdbstub_end(struct gdbstub *s, int status);

#endif
