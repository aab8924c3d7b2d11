# SPDX-License-Identifier: MIT
# The packages of Debian and Ubuntu that this project needs; `make deps` installs
# those that are missing.  a|b means that either will do.

# to build, for the host and for the other architectures
DEPS_BUILD := gcc make pkg-config libfdt-dev liburing-dev zlib1g-dev \
	libdeflate-dev libzstd-dev liblz4-dev liblzma-dev liblzo2-dev libbz2-dev \
	libslirp-dev libglib2.0-dev libjansson-dev libaio-dev
cross_x86_64 := gcc-x86-64-linux-gnu libc6-dev-amd64-cross
cross_arm64 := gcc-aarch64-linux-gnu libc6-dev-arm64-cross
cross_ppc64le := gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross
DEPS_CROSS := $(foreach a,$(filter-out $(HOST_ARCH),x86_64 arm64 ppc64le), \
	$(cross_$(a)))

# to test: unit tests and lint, payload guests, the labs' parts
DEPS_TEST := libcmocka-dev clang libclang-rt-14-dev|libclang-rt-dev \
	clang-format clang-tidy cppcheck acpica-tools device-tree-compiler \
	qemu-system-x86 qemu-system-arm busybox-static kmod cpio xz-utils zstd lz4 lzop bzip2 \
	e2fsprogs gdb-multiarch iproute2 python3 zsh groff-base debian-archive-keyring \
	ca-certificates flex bison bc libelf-dev mtools xorriso libmpfr-dev binutils-ia64-linux-gnu \
	g++ patch rsync gawk libmpc-dev csmith libcsmith-dev
DEPS := $(DEPS_BUILD) $(DEPS_CROSS) $(DEPS_TEST)

.PHONY: deps deps-build
deps: ; $(Q)tests/deps $(DEPS:%='%')
deps-build: ; $(Q)tests/deps $(DEPS_BUILD:%='%')
