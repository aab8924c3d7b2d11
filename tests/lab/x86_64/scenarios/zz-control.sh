# SPDX-License-Identifier: MIT
# The lab itself: QEMU as the VMM in the emulated host.  By name only: tests/lab/run x86_64 control
# scenario: timeout=300 needs=qemu optional
LIMIT=90
for m in microvm q35; do
	for k in cloud generic; do
		cat > go <<-END
			qemu-system-x86_64 -M $m -accel kvm -cpu host -m 256M -nodefaults \\
			-no-user-config -no-reboot -display none -serial stdio \\
			-kernel /kernels/$k/vmlinuz -initrd /kernels/$k/initrd \\
			-append "console=ttyS0 loglevel=4 panic=-1 job=hello"
		END
		want 0 "$k boots under QEMU's $m" sh go
		saw "guest: hello" "$k runs its job under QEMU's $m"
	done
done
