/* SPDX-License-Identifier: MIT */
/* Calls and returns: frames of the register stack. */
#include <stdio.h>

static __attribute__((noinline)) unsigned fib(unsigned n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void)
{
	printf("%u\n", fib(32));
	return 0;
}
