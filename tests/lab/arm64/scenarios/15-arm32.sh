# SPDX-License-Identifier: MIT
# A 32-bit guest.  With four CPUs on L1's two it goes astray (stacks of secondaries, lockups),
# and so it does under QEMU's virt with KVM in the same L1; with two it does not.
# scenario: timeout=150 kernels=arm32 hosts=arm64-novhe
disk_file
guest 0 "a 32-bit guest has a disk" arm32 disk -d d --cpu host,aarch64=off
saw "guest: init of .* on armv[78]l" "it is a 32-bit kernel"
disk_checks "the disk of a 32-bit guest"
