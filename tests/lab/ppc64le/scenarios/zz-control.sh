# SPDX-License-Identifier: MIT
# The lab itself: QEMU as the VMM in the emulated host.  By name only: tests/lab/run LAB control
# scenario: timeout=300 kernels=generic,bookworm needs=qemu optional
LIMIT=150
controls generic bookworm
