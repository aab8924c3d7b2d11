# SPDX-License-Identifier: MIT
# The lab itself: QEMU as the VMM in the emulated host.  By name only: tests/lab/run LAB control
# scenario: timeout=300 kernels=cloud,generic needs=qemu optional
LIMIT=90
controls cloud generic
