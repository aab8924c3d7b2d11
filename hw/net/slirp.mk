# SPDX-License-Identifier: MIT
# How vmm gets libslirp (user-mode networking).
#
# A dynamic build opens it at first use: linking it costs each start 3 ms (glib,
# pcre2), opening it 0.6 ms, paid only by those who have a user network.  A static
# build links the libslirp.a that tests/lab/static-slirp compiles from Debian's
# source; where that is not possible vmm is built without it and says so when asked.
ifneq ($(STATIC),)
SLIRP_A := $(or $(wildcard $(CACHE)/slirp/$(ARCH)/libslirp.a), \
	$(shell tests/lab/static-slirp $(ARCH)))
STATIC_OBJS := $(OUT)/slirp_lib.o
$(STATIC_OBJS): hw/net/slirp_lib.c | $(SYSROOT_READY)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -DVMM_STATIC -MMD -MP -c -o $@ $<
ifneq ($(wildcard $(SLIRP_A)),)
$(STATIC_OBJS): CPPFLAGS += -DVMM_SLIRP_LINKED
LIBS_NOPC := $(SLIRP_A) $(shell $(PKG_CONFIG) --static --libs glib-2.0) \
	$(LIBS_NOPC)
else
$(warning no static libslirp: this vmm will have no --net user)
endif
endif
