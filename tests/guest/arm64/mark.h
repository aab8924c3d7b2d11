/* SPDX-License-Identifier: MIT */
/* What a guest remembers across a reset, in memory that nobody else uses. */
#ifndef GUEST_MARK_H
#define GUEST_MARK_H

#include <stdbool.h>

/* False the first time, which it notes; true, once, after the reset. */
bool mark_came_back(void);
/* Resets the machine by PSCI. */
void mark_reset(void) __attribute__((noreturn));

#endif
