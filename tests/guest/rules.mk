# SPDX-License-Identifier: MIT
# Guests: freestanding programs of every target that has a folder here, and the
# one that vmm carries.  A guest is tests/guest/NAME.c, or
# tests/guest/TARGET/guests/NAME.[cS].  build/TARGET/guest/NAME.bin is what a
# loader takes; NAME.elf beside it has the symbols.

GUEST_TARGETS := $(patsubst tests/guest/%/guest.lds,%,$(wildcard tests/guest/*/guest.lds))

guest_flags_x86_64 := -mgeneral-regs-only -m64 -mno-red-zone -mcmodel=small -fcf-protection=none \
	-fno-pie
guest_link_x86_64 := -static
guest_copy_x86_64 := --strip-all
# ppc64le: an ELF kernel, in real mode; ld writes what saves registers
guest_flags_ppc64le := -mcpu=power8 -msoft-float -mno-altivec -mno-vsx \
	-mcmodel=medium -mabi=elfv2 -fno-pie
guest_link_ppc64le := -static -no-pie
guest_copy_ppc64le := --strip-all
# arm64: a Linux image, which moves itself
guest_flags_arm64 := -mgeneral-regs-only -mno-outline-atomics -mbranch-protection=none \
	-mstrict-align -fpie -include tests/guest/arm64/hidden.h
guest_link_arm64 := -static-pie
guest_copy_arm64 := -O binary

GUEST_CFLAGS := -std=gnu11 -Os -g -Wall -Wextra -Werror -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -ffreestanding \
	-fno-stack-protector -ffunction-sections -fdata-sections \
	-fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables \
	-Itests/guest/lib
GUEST_LDFLAGS := -nostdlib -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,max-page-size=4096

guest_tool = $(if $(filter $(ARCH),$(1)),$(2),$(triplet_$(1))-$(3))
guest_cc = $(call guest_tool,$(1),$(CC),gcc)
guest_objs = $(patsubst tests/guest/%,build/$(1)/guest/%.o,$(basename $(2)))
guest_lib = $(wildcard $(foreach d,lib $(1),tests/guest/$(d)/*.c tests/guest/$(d)/*.S))
guest_src = $(wildcard tests/guest/*.c $(foreach e,c S,tests/guest/$(1)/guests/*.$(e)))
guest_names = $(sort $(notdir $(basename $(call guest_src,$(1)))))

# $(1): target, $(2): source of its guest.  The linker takes from the library
# what a guest refers to.
define guest_rule
build/$(1)/guest/$(notdir $(basename $(2))).elf: $(call guest_objs,$(1),$(2)) \
		build/$(1)/guest/lib.a tests/guest/$(1)/guest.lds
	$$(call say,GUEST,$$@)$(call guest_cc,$(1)) $(GUEST_CFLAGS) \
		$(guest_flags_$(1)) $(GUEST_LDFLAGS) $(guest_link_$(1)) \
		-T tests/guest/$(1)/guest.lds -o $$@ $$(filter %.o %.a,$$^)
endef
define guest_target
build/$(1)/guest/%.o: tests/guest/%.c
	@mkdir -p $$(@D)
	$$(call say,GUEST,$$<)$(call guest_cc,$(1)) $(GUEST_CFLAGS) \
		-Itests/guest/$(1) $(guest_flags_$(1)) -MMD -MP -c -o $$@ $$<
build/$(1)/guest/%.o: tests/guest/%.S
	@mkdir -p $$(@D)
	$$(call say,GUEST,$$<)$(call guest_cc,$(1)) $(guest_flags_$(1)) \
		-MMD -MP -c -o $$@ $$<
build/$(1)/guest/lib.a: $(call guest_objs,$(1),$(call guest_lib,$(1)))
	$$(Q)rm -f $$@ && $(call guest_tool,$(1),$(AR),ar) rcs $$@ $$^
build/$(1)/guest/%.bin: build/$(1)/guest/%.elf
	$$(Q)$(call guest_tool,$(1),$(OBJCOPY),objcopy) $(guest_copy_$(1)) $$< $$@
.PHONY: guests-$(1)
guests-$(1): $(patsubst %,build/$(1)/guest/%.bin,$(call guest_names,$(1)))
$(foreach s,$(call guest_src,$(1)),$(eval $(call guest_rule,$(1),$(s))))
endef
$(foreach t,$(GUEST_TARGETS),$(eval $(call guest_target,$(t))))
.PRECIOUS: build/%.elf

# `make guests`: those of ARCH; `make guests-arm64` builds them on any host.
.PHONY: guests
guests: $(if $(filter $(ARCH),$(GUEST_TARGETS)),guests-$(ARCH)) guests-ia64

# The demonstration guests inside vmm: of the targets that its host can run.
# Without a guest for one, or a compiler, vmm is built, and says so when asked.
DEMO_TARGETS := $(ARCH) ia64
# ia64's is assembler alone, and needs binutils, no compiler
ia64_tool := ia64-linux-gnu-
build/ia64/guest/%.bin: tests/guest/ia64/%.S tests/guest/ia64/lib.inc \
		tests/guest/ia64/ia64.lds
	@mkdir -p $(@D)
	$(call say,GUEST,$@)$(CC) -E -P -I. -x assembler-with-cpp -o $(@:.bin=.s) $<
	$(Q)$(ia64_tool)as -o $(@:.bin=.o) $(@:.bin=.s)
	$(Q)$(ia64_tool)ld -z max-page-size=4096 --no-warn-rwx-segments \
		-T tests/guest/ia64/ia64.lds -o $@ $(@:.bin=.o)
ia64_guests := $(patsubst tests/guest/ia64/%.S,build/ia64/guest/%.bin,$(wildcard tests/guest/ia64/*.S))
.PHONY: guests-ia64
guests-ia64: $(if $(shell command -v $(ia64_tool)as),$(ia64_guests))
demo_of_ia64 := $(if $(shell command -v $(ia64_tool)as),ia64)
demo_buildable = $(if $(filter ia64,$(1)),$(demo_of_ia64),$(filter \
	$(1),$(GUEST_TARGETS))$(if \
	$(shell command -v $(call guest_cc,$(1))),,-without-compiler))
demo_file = $(or $(if $(filter $(1),$(DEMO_TARGETS)),$(if \
	$(filter $(1),$(call demo_buildable,$(1))),build/$(1)/guest/demo.bin)), \
	$(B)/boot/no-guest)
demo_files := $(foreach t,x86_64 arm64 ppc64le ia64,$(t)=$(call demo_file,$(t)))
$(B)/boot/no-guest: ; @mkdir -p $(@D) && : > $@
$(B)/boot/demo_bytes.o: $(sort $(foreach f,$(demo_files),$(lastword $(subst =, ,$(f)))))
$(B)/boot/demo_bytes.o: CPPFLAGS += $(foreach f,$(demo_files), \
	-DDEMO_$(subst =,='",$(f))"')

-include $(shell find $(GUEST_TARGETS:%=build/%/guest) -name '*.d' 2>/dev/null)
