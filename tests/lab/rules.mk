# SPDX-License-Identifier: MIT
# The sysroots of cross builds; the labs; `make test` and `make run`.

# `make ARCH=arm64 sysroot` renews it; a cross build makes it when it is missing
# or was made from another list of packages.
.PHONY: sysroot
ifneq ($(SYSROOT),)
sysroot: ; $(Q)tests/lab/sysroot $(ARCH)
$(SYSROOT_READY): tests/lab/sysroot ; $(Q)tests/lab/sysroot $(ARCH)
else
sysroot: ; @echo "sysroot: $(ARCH) is this machine; nothing is needed"
endif

# Boots a Debian kernel to a shell, on this host's KVM or in the lab.
.PHONY: run
run: deps
	$(Q)$(MAKE) --no-print-directory -j$(shell nproc) ARCH=$(HOST_ARCH) STATIC= SAN= all >&2
	$(Q)tests/lab/demo build/$(HOST_ARCH)/vmm

# Boot times beside QEMU's, in the labs (tests/lab/run --list names them all).
BENCH_LABS := x86_64 arm64-gicv3 powernv9
.PHONY: bench-lab
bench-lab: ; $(Q)for lab in $(BENCH_LABS); do tests/lab/bench $$lab $(RUNS) || exit 1; done
