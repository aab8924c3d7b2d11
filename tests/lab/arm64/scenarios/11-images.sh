# SPDX-License-Identifier: MIT
# The forms in which kernels of arm64 come, beside the plain Image (tests/boot has more):
# one with four CPUs, one with PCI and a tap device, one with virtio over MMIO.
# scenario: timeout=240 kernels=cloud-gz,cloud-zst,cloud-zboot hosts=arm64-novhe
disk_file
serve
guest 0 "a kernel as cloud-gz boots on 4 cpus" cloud-gz smp -c 4
same "each of 4 cpus runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 4
cp d a
tap
guest 0 "a kernel as cloud-zst boots with a disk and a tap" cloud-zst disk+net-tap \
	-d a -n tap,ifname=tap0
saw "guest: fetched ${SUM%% *}" "the guest fetches a file over tap"
wait $!
same "the guest sends a file over tap" "$(md5sum < back)" "$SUM"
tunctl -d tap0 > /dev/null
saw "guest: irq .*MSI.*virtio0" "the disk has message-signalled interrupts"
guest 0 "a kernel as cloud-zboot boots with a disk and a network over mmio" \
	cloud-zboot disk+net-user -d d -n user --transport mmio
disk_checks "a disk over mmio"
saw "guest: fetched ${SUM%% *}" "a network over mmio works"
