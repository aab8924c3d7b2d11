/* SPDX-License-Identifier: MIT */
/* A running machine: from a configuration to an exit status. */
#ifndef MACHINE_VIRT_VM_H
#define MACHINE_VIRT_VM_H

#include "machine/virt/config.h"

/*
 * Makes the machine that a checked configuration asks for, runs it until it
 * ends, takes it apart.  Returns the exit status (exit_status.h), or a
 * negative errno with a message where it could not start.  Main thread; it
 * runs the main loop; SIGINT, SIGTERM and SIGHUP end the machine with status
 * 128 + signal, SIGPWR presses its power button.
 */
int vm_run(const struct vm_config *cfg, struct err *err) MUST_CHECK;

#endif
