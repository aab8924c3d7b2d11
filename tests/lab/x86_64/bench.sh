# SPDX-License-Identifier: MIT
# Start-up times, by turns, as "time NAME TO-INIT TO-EXIT"; see tests/lab/bench.
# scenario: timeout=1500 kernels=cloud
K=/kernels/cloud/vmlinuz
I=/kernels/cloud/initrd
A="console=ttyS0 loglevel=4 panic=-1 job=hello"

qemu() {
	timed "qemu-$1" qemu-system-x86_64 -M "$1" -accel kvm -cpu host \
		-m 256M -nodefaults -no-user-config -no-reboot -display none \
		-serial stdio -kernel $K -initrd $I -append "$A"
}
vmm() {
	timed "vmm-$1" $VMM run --kernel-entry "$1" -k $K -i $I -m 256M -p "$A"
}
for _ in $(seq "$(cat /runs)"); do
	vmm fast
	vmm compressed
	qemu microvm
	qemu q35
done
ok "all ran"
