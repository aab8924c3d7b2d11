# SPDX-License-Identifier: MIT
# Builds, checks and installs vmm.  `make help` lists the targets.

.DEFAULT_GOAL := all

# ---- configuration: ARCH=x86_64|arm64|ppc64le  STATIC=1  SHARED=1  SAN=1  V=1
uname_m := $(shell uname -m)
HOST_ARCH := $(patsubst aarch64,arm64,$(uname_m))
ARCH ?= $(HOST_ARCH)
PREFIX ?= /usr/local
VERSION := 0.1.0
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/vmm

triplet_x86_64 := x86_64-linux-gnu
triplet_arm64 := aarch64-linux-gnu
triplet_ppc64le := powerpc64le-linux-gnu
TRIPLET := $(triplet_$(ARCH))
ifeq ($(TRIPLET),)
$(error ARCH=$(ARCH) is not one of x86_64 arm64 ppc64le)
endif

ifeq ($(ARCH),$(HOST_ARCH))
CROSS :=
PKG_CONFIG ?= pkg-config
else
CROSS := $(TRIPLET)-
SYSROOT := $(CACHE)/sysroot/$(ARCH)
SYSROOT_READY := $(SYSROOT)/made-of
PKG_CONFIG := PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(TRIPLET)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) pkg-config
endif
CC := $(CROSS)gcc
AR := $(CROSS)ar
OBJCOPY := $(CROSS)objcopy

# Objects, and what is linked of them: a static program is another link only.
B := build/$(ARCH)$(if $(SAN),-san)
OUT := $(B)$(if $(STATIC),-static)
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2);)

# ---- flags
CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE -DVMM_VERSION='"$(VERSION)"' -DVMM_ARCH='"$(ARCH)"'
CFLAGS ?= $(if $(SAN),-O1,-O2) -g
harden := -fstack-protector-strong -fPIE
harden_x86_64 := -fcf-protection -fno-plt
harden_arm64 := -mbranch-protection=standard
CFLAGS_ALL := -std=gnu11 -Wall -Wextra -Werror -Wmissing-prototypes \
	-Wstrict-prototypes -Wvla -pthread $(harden) $(harden_$(ARCH)) $(CFLAGS)
LDFLAGS_ALL := -pthread -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
ifneq ($(SAN),)
CFLAGS_ALL += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS_ALL += -fsanitize=address,undefined
else
CPPFLAGS += -D_FORTIFY_SOURCE=2
endif
ifneq ($(STATIC),)
# glibc for POWER has no start file for a static program that moves
static_ppc64le := -static
LDFLAGS_ALL += $(or $(static_$(ARCH)),-static-pie)
pc_static := --static
else
LDFLAGS_ALL += -pie
endif

# ---- libraries: each is named with its reason in docs/design.md
PKGS := liburing libdeflate zlib libzstd liblz4 liblzma jansson
LIBS_NOPC := -lfdt -laio -llzo2 -lbz2
include $(wildcard hw/net/slirp.mk)
ifneq ($(SYSROOT),)
CPPFLAGS += -isystem $(SYSROOT)/usr/include -isystem $(SYSROOT)/usr/include/$(TRIPLET)
LDFLAGS_ALL += -L$(SYSROOT)/usr/lib/$(TRIPLET) -Wl,-rpath-link,$(SYSROOT)/usr/lib/$(TRIPLET) -Wl,-rpath-link,$(SYSROOT)/lib/$(TRIPLET)
endif
# A shared library costs each start some 0.15 ms and 12 KiB: where there is an
# archive of it, that is linked.  SHARED=1 leaves them all shared.
archive = $(wildcard $(if $(SYSROOT),$(SYSROOT)/usr/lib/$(TRIPLET)/lib$(1).a,$(shell $(CC) -print-file-name=lib$(1).a)))
link = $(if $(call archive,$(1:-l%=%)),-l:$(1:-l%=lib%.a),$(1))
LIBS_ALL = $(shell $(PKG_CONFIG) $(pc_static) --libs $(PKGS)) $(LIBS_NOPC)
LIBS = $(if $(STATIC)$(SHARED),$(LIBS_ALL),$(foreach l,$(LIBS_ALL),$(call link,$(l))))

# ---- sources: one archive a layer, lowest first
layer_hw := $(wildcard hw/*/*.c)
layer_boot := $(wildcard boot/*.c boot/*.S)
layer_cpu := $(wildcard cpu/*.c cpu/x86_64/*.c cpu/arm64/*.c cpu/ppc64/*.c cpu/ia64/*.c) \
	$(wildcard cpu/kvm/*.c)
# In cpu/kvm, NAME.c is for every host and ARCH.c, ARCH_*.c for that host only.
kvm_foreign := $(foreach a,$(filter-out $(ARCH),x86_64 arm64 ppc64le),cpu/kvm/$(a).c cpu/kvm/$(a)_%.c)
layer_cpu := $(filter-out $(kvm_foreign),$(layer_cpu))
# The same of cpu/ia64's native_ARCH.c, where other hosts have native_none.c.
native := $(or $(wildcard cpu/ia64/native_$(ARCH).c),cpu/ia64/native_none.c)
layer_cpu := $(filter-out $(filter-out $(native),$(wildcard cpu/ia64/native_*.c)),$(layer_cpu))
# A host whose ARCH.c is not written yet gets a vmm that builds, dumps and
# checks, and says that it cannot run guests there.
ifeq ($(wildcard cpu/kvm/$(ARCH).c),)
layer_cpu := $(filter-out cpu/kvm/kvm.c,$(layer_cpu))
else
CPPFLAGS += -DVMM_KVM
endif
layer_gdbstub := $(wildcard gdbstub/*.c)
layer_machine := $(wildcard machine/virt/*.c)
layer_cmd := $(wildcard cmd/*.c)
LAYERS := hw boot cpu gdbstub machine cmd
objs = $(patsubst %,$(B)/%.o,$(basename $(1)))
layer_lib = $(if $(strip $(layer_$(1))),$(B)/lib$(1).a)
# A static link resolves left to right: the highest layer first.
LIBS_ORDER := $(foreach l,cmd machine gdbstub boot cpu hw,$(call layer_lib,$(l)))

.PHONY: all
ifeq ($(ARCH)$(STATIC)$(SAN),$(HOST_ARCH))
all: vmm
vmm: $(OUT)/vmm
	$(Q)ln -f $< $@ 2>/dev/null || cp $< $@
else
all: $(OUT)/vmm
endif

# An object named here stands in for the archives' of the same name.
$(OUT)/vmm: $(B)/main.o $(STATIC_OBJS) $(LIBS_ORDER)
	$(call say,LD,$@)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

define layer_rule
$(B)/lib$(1).a: $(call objs,$(layer_$(1)))
	$$(call say,AR,$$@)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

$(B)/%.o: %.c | $(SYSROOT_READY)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
$(B)/%.o: %.S | $(SYSROOT_READY)
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# Where indirect jumps lead, the interpreter of ia64 has a label for each of its
# operations: the marks of CET's IBT, which Linux gives no program, cost it a tenth.
plain_jumps_x86_64 := -fcf-protection=return
$(B)/cpu/ia64/exec.o: CFLAGS_ALL += $(plain_jumps_$(ARCH))

# ---- unit tests: one program a layer, linked with that layer and those below
utest_hw := $(wildcard tests/hw/*/test_*.c)
utest_boot := $(wildcard tests/boot/test_*.c)
utest_cpu := $(wildcard tests/cpu/test_*.c tests/cpu/*/*.c)
utest_gdbstub := $(wildcard tests/gdbstub/*.c)
utest_machine := $(wildcard tests/machine/test_*.c)
utest_cmd := $(wildcard tests/cmd/test_*.c)
uses_hw := hw
uses_boot := boot hw
uses_cpu := cpu hw
uses_gdbstub := gdbstub cpu hw
uses_machine := machine boot cpu hw
uses_cmd := cmd machine gdbstub boot cpu hw
UNIT_LAYERS := $(foreach l,$(LAYERS),$(if $(strip $(utest_$(l))),$(l)))
UNIT := $(foreach l,$(UNIT_LAYERS),$(B)/tests/unit-$(l))
UTEST_SUPPORT := $(call objs,$(wildcard tests/support/*.c))

define unit_rule
$(B)/tests/unit-$(1): $(call objs,$(utest_$(1))) $(UTEST_SUPPORT) $(foreach l,$(uses_$(1)),$(call layer_lib,$(l)))
	$$(call say,LD,$$@)$$(CC) $$(CFLAGS_ALL) $$(LDFLAGS_ALL) -o $$@ $$^ -lcmocka $$(utest_libs_$(1)) $$(LIBS)
endef
# the judge of cpu/ia64's floating point
utest_libs_cpu := -lmpfr -lgmp -lm
$(foreach l,$(UNIT_LAYERS),$(eval $(call unit_rule,$(l))))

# The fuzz targets are clang's to build, but must not be broken unseen.
.PHONY: unit check
unit: $(UNIT) $(call objs,$(wildcard tests/fuzz/*.c))
check:
	$(Q)$(MAKE) --no-print-directory SAN=1 STATIC= ARCH=$(HOST_ARCH) unit $(if $(wildcard cmd/cmd.h),build/$(HOST_ARCH)-san/vmm)
	$(Q)tests/run unit build/$(HOST_ARCH)-san

# Everything: what is missing is installed, then all is built and run.
.PHONY: test
test: jobs = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
test: deps
	$(Q)$(MAKE) --no-print-directory $(jobs) ARCH=$(HOST_ARCH) STATIC= SAN= all guests
	$(Q)$(MAKE) --no-print-directory $(jobs) ARCH=$(HOST_ARCH) STATIC= SAN=1 unit build/$(HOST_ARCH)-san/vmm
	$(Q)tests/run all build/$(HOST_ARCH) build/$(HOST_ARCH)-san

# Further targets, each beside what it drives.
include tests/deps.mk
include $(wildcard tests/*/rules.mk cmd/rules.mk boot/rules.mk docs/rules.mk)

# Those of other hosts' KVM need other hosts' <linux/kvm.h>.
foreign_headers = $(foreach a,$(filter-out $(HOST_ARCH),x86_64 arm64 ppc64le),| grep -v '^cpu/kvm/$(a)[._]')
.PHONY: headers
headers:
	$(Q)for h in $$(git ls-files -co --exclude-standard '*.h' | \
		grep -v '^tests/guest/' $(foreign_headers)); do \
		printf '#include "%s"\n' $$h | $(CC) $(CPPFLAGS) -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -x c - \
		|| { echo "$$h does not compile alone"; exit 1; }; done; echo "headers: each compiles alone"

.PHONY: clean
clean:
	$(Q)rm -rf build vmm

-include $(shell find $(B) $(OUT) -name '*.d' 2>/dev/null)
.DELETE_ON_ERROR:
