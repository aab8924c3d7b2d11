# SPDX-License-Identifier: MIT
# The experiment behind 15-arm32's one CPU: a 32-bit guest under QEMU's virt, with KVM in the
# same L1, and under vmm; of two CPUs, each kept on one of L1's, and of four that share
# those.  With Debian 12's QEMU as the emulator the latter go astray under both (November 2026:
# stacks of secondaries, lockups); once they do not under QEMU, 15-arm32 may have four.
# By name only: tests/lab/run arm64-novhe control-arm32
# scenario: timeout=600 kernels=arm32 needs=qemu optional hosts=arm64-novhe
LIMIT=240
K=/kernels/arm32
A="console=$CONSOLE loglevel=4 panic=-1 cryptomgr.notests job=smp"
# both N HOW: a guest of N CPUs, under each of the two
both() {
	want 0 "$1 32-bit CPUs under QEMU, $2" $(cat /control/virt),aarch64=off -smp $1 \
		-m 256M -nodefaults -no-user-config -no-reboot -display none -serial stdio \
		-name guest,debug-threads=on -kernel $K/vmlinuz -initrd $K/initrd -append "$A"
	same "each of $1 runs a program under QEMU" "$(grep -c 'guest: cpu runs' "$OUT")" $1
	[ "$2" = kept ] && { stay & }
	guest 0 "$1 32-bit CPUs under vmm, $2" arm32 smp -c $1 --cpu host,aarch64=off
	same "each of $1 runs a program under vmm" "$(grep -c 'guest: cpu runs' "$OUT")" $1
}
stay &
both 2 kept
both 4 free
