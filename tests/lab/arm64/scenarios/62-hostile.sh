# SPDX-License-Identifier: MIT
# Hostile drivers against the devices of this target, with both kinds of rings; x86_64's
# payload suite has every device and queue, over MMIO too, and on an I/O thread.
# scenario: timeout=240 needs=guests kernels= hosts=arm64-novhe
truncate -s 8M d
payload "hostile drivers" hostile -d d,packed=on -n user --device virtio-rng
