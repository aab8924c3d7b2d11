# SPDX-License-Identifier: MIT
# The sysroots of cross builds; the labs; `make test` and `make run`.

# `make ARCH=arm64 sysroot` renews it; a cross build makes it when it is missing.
.PHONY: sysroot
ifneq ($(SYSROOT),)
sysroot: ; $(Q)tests/lab/sysroot $(ARCH)
$(SYSROOT_READY): ; $(Q)tests/lab/sysroot $(ARCH)
else
sysroot: ; @echo "sysroot: $(ARCH) is this machine; nothing is needed"
endif
