# SPDX-License-Identifier: MIT
# Start-up times, by turns, as "time NAME TO-INIT TO-EXIT"; see tests/lab/bench.
# scenario: timeout=1500 kernels=generic
K=/kernels/generic/vmlinuz
I=/kernels/generic/initrd
A="console=hvc0 loglevel=4 panic=-1 job=hello"

for _ in $(seq "$(cat /runs)"); do
	timed vmm $VMM run -k $K -i $I -m 256M -p "$A"
	timed qemu-pseries $(cat /control/pseries) -m 256M -nodefaults \
		-no-user-config -no-reboot -display none -serial stdio \
		-kernel $K -initrd $I -append "$A"
done
ok "all ran"
