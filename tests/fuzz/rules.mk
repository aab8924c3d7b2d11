# SPDX-License-Identifier: MIT
# Fuzz targets: tests/fuzz/fuzz_NAME.c, each a libFuzzer program over all layers.
# `make fuzz` runs each for FUZZ_SECONDS; `make fuzz FUZZ=ring` one of them.

FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
# The compiler is most of a short run, the target most of a long one.
FUZZ_OPT ?= -O1
FUZZ_B := build/fuzz$(filter-out -O1,$(FUZZ_OPT))
FUZZ_CLANG ?= clang

# The same sources once more, by clang, which counts the edges.  gcc, which
# builds vmm, has given its warnings already.
.PHONY: fuzz-build fuzz-programs fuzz
fuzz-build: build/$(HOST_ARCH)/guest/demo.bin
	$(Q)$(MAKE) --no-print-directory ARCH=$(HOST_ARCH) STATIC= SAN=1 \
		B=$(FUZZ_B) CC=$(FUZZ_CLANG) \
		CFLAGS='$(FUZZ_OPT) -gline-tables-only -w -fsanitize=fuzzer-no-link' fuzz-programs
fuzz-programs: $(FUZZ:%=$(B)/fuzz-%)
# clang's optimizer takes minutes over the interpreter's loop.
build/fuzz/cpu/ia64/exec.o: CFLAGS_ALL += -O0
$(B)/fuzz-%: $(B)/tests/fuzz/fuzz_%.o $(LIBS_ORDER)
	$(call say,LD,$@)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -fsanitize=fuzzer \
		-o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)
$(B)/fuzz-pci_config: $(B)/tests/support/pci_rig.o
fuzz_rig := $(addprefix $(B)/fuzz-,registers virtio_devices flash fw_cfg spapr vscsi \
	ia64_platform)
$(fuzz_rig): $(B)/tests/support/rig.o
$(B)/fuzz-virtio_devices: $(B)/tests/support/vdriver.o
$(B)/fuzz-spapr: $(addprefix $(B)/tests/support/,pci_rig.o vio_rig.o xics_rig.o)
$(B)/fuzz-ia64_platform: $(B)/tests/support/sapic_rig.o
$(B)/fuzz-vscsi: $(B)/tests/support/vio_rig.o
$(fuzz_rig): LIBS += -lcmocka
.SECONDARY: $(FUZZ:%=$(B)/tests/fuzz/fuzz_%.o)

fuzz: fuzz-build
	$(Q)for f in $(FUZZ); do \
		tests/fuzz/run $$f -max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done
