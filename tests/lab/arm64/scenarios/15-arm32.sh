# SPDX-License-Identifier: MIT
# A 32-bit guest, with the GICv2m frame's messages, and one CPU: this host has one.  Not shown: four.
# QEMU's TCG (7.2, and sources of 2024) does not bank the SPSR of the current AArch32 mode when
# an exception leads from there to AArch64 (target/arm/helper.c, arm_cpu_do_interrupt_aarch64:
# general registers are copied, env->spsr stays), nor fetches it back.  KVM so saves an older
# one, and a handler that is interrupted before it reads its SPSR reads what the last guest left
# on that CPU: that of another vCPU, if two share a CPU or one has moved.  Seen from outside: at
# the first instruction of a guest's IRQ handler KVM's SPSR_irq was never what the handler then
# read (25 of 25).  A guest of two CPUs whose debugger stepped it into that handler returned to
# ksys_read in user mode, and init died by SIGSEGV after 45 hits; with each vCPU on a CPU of its own
# 1871 hits did no harm: 66-gdb-arm32 has those.  zz-control-arm32 shows the same without a
# debugger, under QEMU, too.
# scenario: timeout=200 kernels=arm32 hosts=arm64-gicv2
disk_file
guest 0 "a 32-bit guest has a disk" arm32 disk -d d --cpu host,aarch64=off
saw "guest: init of .* on armv[78]l" "it is a 32-bit kernel"
disk_checks "the disk of a 32-bit guest"
saw "guest: irq .*MSI.*virtio0" "it interrupts by messages"
skip "a 32-bit guest has four CPUs" "on this emulated host one goes astray under QEMU, too"
