/* SPDX-License-Identifier: MIT */
/* setjmp of tests/ia64: see crt.S for what is where. */
#ifndef IA64_RUNTIME_SETJMP_H
#define IA64_RUNTIME_SETJMP_H

typedef unsigned long jmp_buf[60] __attribute__((aligned(16)));
int setjmp(jmp_buf env) __attribute__((returns_twice));
void longjmp(jmp_buf env, int val) __attribute__((noreturn));
#endif
