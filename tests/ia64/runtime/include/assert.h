/* SPDX-License-Identifier: MIT */
/* assert() for the programs of tests/ia64. */
#ifndef IA64_RUNTIME_ASSERT_H
#define IA64_RUNTIME_ASSERT_H
#include <stdlib.h>
#define assert(x) ((x) ? (void)0 : abort())
#endif
