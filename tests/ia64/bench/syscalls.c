/* SPDX-License-Identifier: MIT */
/* System calls that do nothing: to level 0 and back. */
#include <stdio.h>
#ifndef __ia64__
#include <unistd.h>
#endif

static void nothing(void)
{
#ifdef __ia64__
	__asm__ volatile("break.m 0x1003" : : : "memory");
#else
	getppid();
#endif
}

int main(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 3000000; i++) {
		nothing();
		n += i;
	}
	printf("%u\n", n);
	return 0;
}
