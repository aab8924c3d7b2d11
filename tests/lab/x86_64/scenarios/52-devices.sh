# SPDX-License-Identifier: MIT
# The lesser virtio devices.
# scenario: timeout=150 optional
guest 0 "a random source" cloud rng --device virtio-rng
