// SPDX-License-Identifier: MIT
/* Where a guest wants a debugger to stop it. */
#include "stop.h"

#include "guest.h"

static void __attribute__((noinline)) stop_place(void)
{
	__asm__ volatile("nop" ::: "memory");
}

void stop_here(void)
{
	printf("# stops at %lx\n", (unsigned long)(uintptr_t)stop_place);
	stop_place();
}
