# SPDX-License-Identifier: MIT
# The lesser virtio devices.
# scenario: timeout=150
guest 0 "a random source" cloud rng --device virtio-rng
