/* SPDX-License-Identifier: MIT */
/* What every fuzz target defines; libFuzzer calls it. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Always returns 0; a finding is a crash, a hang or an abort(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
