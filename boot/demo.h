/* SPDX-License-Identifier: MIT */
/* The built-in demonstration guests. */
#ifndef BOOT_DEMO_H
#define BOOT_DEMO_H

#include <stddef.h>

#include "hw/core/board.h"

/*
 * The guest of that target (tests/guest/demo.c) as a file that boot_load()
 * takes, *size bytes, valid for ever.  NULL where vmm was built without it: it
 * carries those of the targets that its host can run.
 */
const void *demo_guest(enum arch arch, size_t *size);

#endif
