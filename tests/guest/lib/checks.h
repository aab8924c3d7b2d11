/* SPDX-License-Identifier: MIT */
/* What every platform guest checks; each prints its own points. */
#ifndef GUEST_CHECKS_H
#define GUEST_CHECKS_H

#include <stdbool.h>

/* The memory map, mem=BYTES of it if given, and that all of it is RAM. */
void check_memory(void);
/* The tables' checksums. */
void check_acpi(void);
/*
 * What is found on PCI, and that its BARs have places.  bridge: the host bridge
 * is a function, 00:00.0.
 */
void check_pci(bool bridge);
/*
 * Resets the machine by reset(twice=HOW), which the first sector of the first
 * disk remembers; the second time the guest's exit status is returned.
 */
int check_reset(void (*reset)(const char *how));

#endif
