/* SPDX-License-Identifier: MIT */
/* The part of stdio that the programs of tests/ia64 use. */
#ifndef IA64_RUNTIME_STDIO_H
#define IA64_RUNTIME_STDIO_H
#include <stdarg.h>
#include <stddef.h>

/* Flags, width and precision, hh h l ll z j; d i u x X o c s p %. */
int printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int vprintf(const char *fmt, va_list ap);
int puts(const char *s);
int putchar(int c);
#endif
