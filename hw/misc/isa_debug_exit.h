/* SPDX-License-Identifier: MIT */
/* A port whose write ends the VM with a status: "isa-debug-exit". */
#ifndef HW_MISC_ISA_DEBUG_EXIT_H
#define HW_MISC_ISA_DEBUG_EXIT_H

#include <stdint.h>

#include "hw/core/device.h"

#define DEBUG_EXIT_PORT 0xf4 /* where QEMU's users put it */
/* vmm's own statuses begin behind it: see the exit status contract. */
#define DEBUG_EXIT_MAX 119

/*
 * A write of v, of 1, 2 or 4 bytes, asks for VM_POWEROFF with status v, at
 * most DEBUG_EXIT_MAX.  (QEMU would end with 2v + 1; ours is the guest's own
 * number.)  It reads as zero.
 */
struct isa_debug_exit {
	struct device dev;
	/* property: where whoever builds the board is to place it */
	uint64_t iobase;
};

extern const struct device_class isa_debug_exit_class;

#endif
