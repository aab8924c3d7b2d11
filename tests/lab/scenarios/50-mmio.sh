# SPDX-License-Identifier: MIT
# virtio over MMIO: a disk and a network (arm64: the zboot kernel of 11-images).
# scenario: timeout=180 hosts=x86_64
truncate -s 16M d
serve
guest 0 "a disk and a network over mmio" cloud disk+net-user -d d -n user \
	--transport mmio
saw "guest: disk read and written" "a disk over mmio works"
saw "guest: fetched ${SUM%% *}" "a network over mmio works"
