/* SPDX-License-Identifier: MIT */
/* Where a guest wants a debugger to stop it. */
#ifndef GUEST_STOP_H
#define GUEST_STOP_H

/* Tells its own address on the console ("# stops at ..."); does nothing. */
void stop_here(void);

#endif
