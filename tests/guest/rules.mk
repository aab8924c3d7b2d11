# SPDX-License-Identifier: MIT
# Guests: freestanding programs for ARCH, and the one that vmm carries.
# A guest is tests/guest/NAME.c, or tests/guest/ARCH/guests/NAME.[cS].

GUEST_ARCH := tests/guest/$(ARCH)
GUEST_LDS := $(wildcard $(GUEST_ARCH)/guest.lds)
GB := build/$(ARCH)/guest

guest_x86_64 := -m64 -mgeneral-regs-only -mno-red-zone -mcmodel=small
GUEST_CFLAGS := -std=gnu11 -Os -g -Wall -Wextra -Werror -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -ffreestanding -fno-pie -fno-stack-protector \
	-fcf-protection=none -ffunction-sections -fdata-sections \
	-fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables \
	-Itests/guest/lib -I$(GUEST_ARCH) $(guest_$(ARCH))

guest_objs = $(patsubst tests/guest/%,$(GB)/%.o,$(basename $(1)))
guest_lib := $(wildcard tests/guest/lib/*.c $(GUEST_ARCH)/*.c $(GUEST_ARCH)/*.S)
guest_own := $(wildcard $(GUEST_ARCH)/guests/*.c $(GUEST_ARCH)/guests/*.S)
guest_src := $(wildcard tests/guest/*.c) $(guest_own)
GUEST_ELFS := $(if $(GUEST_LDS),$(patsubst %,$(GB)/%.elf,$(sort \
	$(notdir $(basename $(guest_src))))))

$(GB)/%.o: tests/guest/%.c
	@mkdir -p $(@D)
	$(call say,GUEST,$<)$(CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<
$(GB)/%.o: tests/guest/%.S
	@mkdir -p $(@D)
	$(call say,GUEST,$<)$(CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

# The linker takes from the library what a guest refers to.
$(GB)/lib.a: $(call guest_objs,$(guest_lib))
	$(Q)rm -f $@ && $(AR) rcs $@ $^
guest_link = $(CC) $(GUEST_CFLAGS) -nostdlib -static -Wl,--gc-sections \
	-Wl,--build-id=none -Wl,-z,max-page-size=4096 \
	-T $(GUEST_LDS) -o $(1) $(2)
define guest_rule
$(GB)/$(notdir $(basename $(1))).elf: $(call guest_objs,$(1)) $(GB)/lib.a $(GUEST_LDS)
	$$(call say,GUEST,$$@)$$(call guest_link,$$@,$$(filter %.o %.a,$$^))
endef
$(foreach s,$(guest_src),$(eval $(call guest_rule,$(s))))

.PHONY: guests
guests: $(GUEST_ELFS)

# The demonstration guest inside vmm: empty where ARCH has no guests yet.
$(GB)/demo.bin: $(if $(GUEST_LDS),$(GB)/demo.elf)
	@mkdir -p $(@D)
	$(Q)$(if $(GUEST_LDS),$(OBJCOPY) --strip-all $< $@,: >$@)
$(B)/boot/demo.o: $(GB)/demo.bin
$(B)/boot/demo.o: CPPFLAGS += -DDEMO_GUEST='"$(GB)/demo.bin"'

-include $(shell find $(GB) -name '*.d' 2>/dev/null)
