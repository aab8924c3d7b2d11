# SPDX-License-Identifier: MIT
# SIGPWR presses the power button, and the guest's driver tells of it.
# scenario: timeout=150 kernels=generic hosts=x86_64,arm64-gicv2

# button HOW [VMM OPTION...]
button() {
	how=$1; shift
	cat > press <<-END
		$VMM run -k /kernels/generic/vmlinuz \
			-i /kernels/generic/initrd -m 256M $* \
			-p "console=$CONSOLE loglevel=4 panic=-1 job=button" &
		vmm=\$!
		while ! grep -q "guest: waits for the button" "$OUT"; do
			sleep 0.2
		done
		kill -PWR \$vmm
		wait \$vmm
	END
	want 0 "a guest powers off at the press of a button$how" sh press
	saw "guest: key 0074 pressed" "it saw the power key$how"
}
button ""
# arm64 has two: a key behind the GPIO for device trees, ACPI's event device.
if [ "$TARGET" = arm64 ]; then
	button " of ACPI" --machine virt,acpi=on
fi
