# SPDX-License-Identifier: MIT
# Start-up times, by turns, as "time NAME TO-INIT TO-EXIT"; see tests/lab/bench.
# kvmtool would be here too: Debian has it for arm64 in no suite (bullseye to sid), and no
# source of it either.
# scenario: timeout=1500 kernels=cloud
K=/kernels/cloud/vmlinuz
I=/kernels/cloud/initrd
A="console=ttyAMA0 loglevel=4 panic=-1 job=hello"

qemu() {
	timed qemu-virt $(cat /control/virt) -m 256M -nodefaults \
		-no-user-config -no-reboot -display none -serial stdio \
		-kernel $K -initrd $I -append "$A"
}
vmm() {
	timed "vmm${1:+-$1}" $VMM run ${1:+--irqchip $1} -k $K -i $I -m 256M \
		-p "$A"
}
for _ in $(seq "$(cat /runs)"); do
	vmm
	vmm gicv3
	qemu
done
ok "all ran"
