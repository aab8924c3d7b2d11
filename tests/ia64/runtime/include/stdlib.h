/* SPDX-License-Identifier: MIT */
/* The part of stdlib.h that the programs of tests/ia64 use. */
#ifndef IA64_RUNTIME_STDLIB_H
#define IA64_RUNTIME_STDLIB_H
#include <stddef.h>

void exit(int status) __attribute__((noreturn));
void abort(void) __attribute__((noreturn));
#endif
