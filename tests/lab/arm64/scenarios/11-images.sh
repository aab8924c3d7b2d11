# SPDX-License-Identifier: MIT
# The EFI zboot form of a kernel, with two CPUs, and virtio over MMIO: a disk, a tap
# device and a user network.  (The gzip form: 14-pages-64k, zstd: 13-pages.)
# scenario: timeout=240 kernels=cloud-zboot hosts=arm64-novhe
disk_file
serve
tap
APPEND=tap=eth1 guest 0 "a kernel as cloud-zboot boots with devices over mmio" cloud-zboot \
	smp+disk+net-user+net-tap -c 2 -d d -n user -n tap,ifname=tap0 --transport mmio
same "each of 2 cpus runs a program" "$(grep -c 'guest: cpu runs' "$OUT")" 2
disk_checks "a disk over mmio"
same "a file is fetched over each network" "$(grep -c "guest: fetched ${SUM%% *}" "$OUT")" 2
wait $!
same "the guest sends a file over tap" "$(md5sum < back)" "$SUM"
tunctl -d tap0 > /dev/null
