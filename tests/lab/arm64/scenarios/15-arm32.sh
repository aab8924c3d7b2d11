# SPDX-License-Identifier: MIT
# A 32-bit guest, with the GICv2m frame's messages, and one CPU.  Not shown: four CPUs.
# In arm64-novhe such a guest goes astray (stacks of secondaries, lockups), under vmm and
# under QEMU's virt with KVM alike (zz-control-arm32 is that experiment), and with two
# init of one that was debugged died; on this host its kernel oopses, and QEMU cannot start one to
# compare with (KVM refuses what it asks for).
# scenario: timeout=200 kernels=arm32 hosts=arm64-gicv2
disk_file
guest 0 "a 32-bit guest has a disk" arm32 disk -d d --cpu host,aarch64=off
saw "guest: init of .* on armv[78]l" "it is a 32-bit kernel"
disk_checks "the disk of a 32-bit guest"
saw "guest: irq .*MSI.*virtio0" "it interrupts by messages"
skip "a 32-bit guest has four CPUs" "on this emulated host one goes astray under QEMU, too"
