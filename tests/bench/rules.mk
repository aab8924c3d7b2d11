# SPDX-License-Identifier: MIT
# `make bench`: figures, never a test.  RUNS=N; LAB=no leaves the lab out.

BENCH_SRC := $(wildcard tests/bench/*.c)
BENCH_BIN := $(BENCH_SRC:%.c=build/$(HOST_ARCH)/%)

build/$(HOST_ARCH)/tests/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)gcc -std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -I. -o $@ $< -luring

.PHONY: bench
bench: deps
	$(Q)$(MAKE) --no-print-directory ARCH=$(HOST_ARCH) STATIC= SAN= all guests $(BENCH_BIN)
	$(Q)tests/bench/run build/$(HOST_ARCH) $(RUNS)
	$(Q)$(if $(filter no,$(LAB)),,$(MAKE) --no-print-directory bench-lab)
