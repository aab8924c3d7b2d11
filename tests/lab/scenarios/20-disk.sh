# SPDX-License-Identifier: MIT
# The virtio disk: what the host wrote is read, what the guest wrote stays.
# scenario: timeout=150
disk_file
guest 0 "a disk" cloud disk -d d
disk_checks "a disk"
saw "virtio0.*MSI|MSI.*virtio0" "the disk has message-signalled interrupts"
