# SPDX-License-Identifier: MIT
# The experiment behind 15-arm32's one CPU: a 32-bit guest of four under QEMU's virt, with
# KVM in the same L1, and under vmm.  With Debian 12's QEMU as the emulator both go astray
# (November 2026: stacks of secondaries, lockups); once the first runs its job, so
# should the second, and 15-arm32 may have four.
# By name only: tests/lab/run arm64-novhe control-arm32
# scenario: timeout=200 kernels=arm32 needs=qemu optional hosts=arm64-novhe
LIMIT=240
K=/kernels/arm32
A="console=$CONSOLE loglevel=4 panic=-1 cryptomgr.notests job=smp"
want 0 "four 32-bit CPUs under QEMU" $(cat /control/virt),aarch64=off -smp 4 -m 256M \
	-nodefaults -no-user-config -no-reboot -display none -serial stdio \
	-kernel $K/vmlinuz -initrd $K/initrd -append "$A"
same "each of 4 runs a program under QEMU" "$(grep -c 'guest: cpu runs' "$OUT")" 4
guest 0 "four 32-bit CPUs under vmm" arm32 smp -c 4 --cpu host,aarch64=off
same "each of 4 runs a program under vmm" "$(grep -c 'guest: cpu runs' "$OUT")" 4
