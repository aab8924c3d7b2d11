# SPDX-License-Identifier: MIT
# virtio over MMIO.
# scenario: timeout=180 hosts=x86_64,arm64-novhe
truncate -s 16M d
guest 0 "a disk over mmio" cloud disk -d d --transport mmio
saw "guest: disk read and written" "a disk over mmio works"
serve
guest 0 "a network over mmio" cloud net-user -n user --transport mmio
saw "guest: fetched ${SUM%% *}" "a network over mmio works"
