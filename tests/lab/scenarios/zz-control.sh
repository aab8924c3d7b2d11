# SPDX-License-Identifier: MIT
# The lab itself: QEMU as the VMM in the emulated host.  By name only: tests/lab/run LAB control
# scenario: timeout=300 kernels=cloud,generic needs=qemu optional
LIMIT=90
for c in /control/*; do
	for k in cloud generic; do
		m=${c##*/}
		cat > go <<-END
			$(cat "$c") -m 256M -nodefaults \\
			-no-user-config -no-reboot -display none -serial stdio \\
			-kernel /kernels/$k/vmlinuz -initrd /kernels/$k/initrd \\
			-append "console=$CONSOLE loglevel=4 panic=-1 job=hello"
		END
		want 0 "$k boots under QEMU's $m" sh go
		saw "guest: hello" "$k runs its job under QEMU's $m"
	done
done
