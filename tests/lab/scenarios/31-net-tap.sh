# SPDX-License-Identifier: MIT
# A tap device, both directions, with the offloads that virtio-net takes.
# scenario: timeout=150 hosts=x86_64
serve
tap
guest 0 "the guest reaches the host over tap" cloud net-tap \
	-n tap,ifname=tap0
saw "guest: fetched ${SUM%% *}" "the guest fetches a file over tap"
wait $!
same "the guest sends a file over tap" "$(md5sum < back)" "$SUM"
tunctl -d tap0 > /dev/null
