# SPDX-License-Identifier: MIT
# A kernel reboots, waits for the power button and panics; on arm64 with wired interrupts,
# and one CPU, for two on a host of one cost three times as much.  (With ACPI, which has
# another button there: 54-acpi.)
# scenario: timeout=300 kernels=cloud,generic hosts=x86_64,arm64-gicv2
printf '%-511s\n' 0 > d
truncate -s 16M d
# arm64's cloud kernel has no driver for the key behind the GPIO; x86's generic one takes
# an emulated host seconds to unpack.
case $TARGET in
arm64) kernel=generic how="--irqchip gicv2" ;;
*)	kernel=cloud how="-c 2" ;;
esac
# A panic that waits for ever ends the machine, too.
APPEND=panic=0 pressed 120 "a guest reboots, sees the power button and panics" $kernel \
	reboot-once+smp+disk+button+panic -d d $how
same "the guest booted twice" "$(grep -c 'guest: init of' "$OUT")" 2
saw "guest: rebooted once" "the disk keeps what the first boot wrote"
if [ "$TARGET" = x86_64 ]; then
	saw "guest: 2 cpus are there" "both CPUs come back after the reboot"
else
	saw "guest: irq .*GIC-0 .*Level.* virtio0" "the disk has a wired interrupt"
fi
