/* SPDX-License-Identifier: MIT */
/* What the exit status of `vmm run` means, the same on every target. */
#ifndef MACHINE_VIRT_EXIT_STATUS_H
#define MACHINE_VIRT_EXIT_STATUS_H

enum exit_status {
	EXIT_POWEROFF = 0,    /* the guest powered off, or its command said 0 */
	EXIT_GUEST_MAX = 119, /* 1 to 119: the guest command's own status */
	EXIT_PANIC = 120,     /* the guest's kernel panicked */
	EXIT_CRASH = 121,     /* triple fault, KVM internal error, checkstop */
	EXIT_RESET = 122,     /* the guest reset and --on-reboot exit is set */
	EXIT_UNEXPECTED = 123, /* --expect never matched, --fail-on did */
	EXIT_TIMEOUT = 124,    /* --timeout passed */
	EXIT_CANNOT_RUN = 125, /* usage error, or the machine cannot start */
};

#endif
