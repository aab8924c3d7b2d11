# SPDX-License-Identifier: MIT
# A 32-bit kernel as a uImage, which holds the zImage of 15-arm32.
# By name only: tests/lab/run arm64-gicv2 forms-arm32
# scenario: timeout=200 kernels=arm32-uimage optional hosts=arm64-gicv2
guest 0 "a 32-bit uImage boots" arm32-uimage hello --cpu host,aarch64=off
saw "guest: init of .* on armv[78]l" "it is a 32-bit kernel"
saw "guest: hello from 1 cpus" "and runs its job"
