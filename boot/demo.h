/* SPDX-License-Identifier: MIT */
/* The built-in demonstration guest. */
#ifndef BOOT_DEMO_H
#define BOOT_DEMO_H

#include <stddef.h>

/*
 * An ELF image of the target architecture (tests/guest/demo.c), bytes; valid
 * for ever.  The size is 0 on targets that have no guest yet.
 */
extern const unsigned char demo_guest[];
extern const size_t demo_guest_size;

#endif
