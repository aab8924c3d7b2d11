# SPDX-License-Identifier: MIT
# The lesser virtio devices.
# scenario: timeout=150 hosts=x86_64,arm64-gicv3
guest 0 "a random source" cloud rng --device virtio-rng
