# SPDX-License-Identifier: MIT
# The program that runs freestanding IA-64 programs; the suites here make it.

IA64_RUNNER := $(B)/tests/ia64/runner
$(IA64_RUNNER): $(B)/tests/ia64/runner.o $(call layer_lib,cpu) $(call layer_lib,hw)
	$(call say,LD,$@)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

.PHONY: ia64-runner
ia64-runner: $(IA64_RUNNER)
# make check compiles it, so that it follows cpu/ia64
unit: $(IA64_RUNNER)
