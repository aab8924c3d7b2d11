# SPDX-License-Identifier: MIT
# A kernel reboots, waits for the power button and panics; with ACPI, where that is not
# all there is, it reboots, waits for the button and powers off.
# scenario: timeout=300 kernels=cloud,generic hosts=x86_64,arm64-gicv2

# arm64's cloud kernel has no driver for the key behind the GPIO; x86's generic one takes
# an emulated host seconds to unpack.
case $TARGET in arm64) kernel=generic ;; *) kernel=cloud ;; esac

# restarts STATUS JOBS HOW [VMM OPTION...]
restarts() {
	st=$1 jobs=$2 how=$3; shift 3
	printf '%-511s\n' 0 > d
	truncate -s 1M d
	cat > press <<-END
		$VMM run -k /kernels/$kernel/vmlinuz -d d \
			-i /kernels/$kernel/initrd -m 256M $* \
			-p "console=$CONSOLE loglevel=4 panic=0 cryptomgr.notests job=$jobs" &
		vmm=\$!
		while ! grep -q "guest: waits for the button" "$OUT"; do
			sleep 0.2
		done
		kill -PWR \$vmm
		wait \$vmm
	END
	want "$st" "a guest reboots, and ends with status $st$how" sh press
	same "the guest booted twice$how" "$(grep -c 'guest: init of' "$OUT")" 2
	saw "guest: rebooted once" "the disk keeps what the first boot wrote$how"
	saw "guest: key 0074 pressed" "it saw the power key$how"
}
# A panic that waits for ever ends the machine, too.
restarts 120 reboot-once+button+panic "" -c 2
# arm64 has two buttons: a key behind the GPIO for device trees, ACPI's event device.
if [ "$TARGET" = arm64 ]; then
	restarts 0 reboot-once+button " (ACPI)" --machine virt,acpi=on
fi
