# SPDX-License-Identifier: MIT
# Networking without root, and a connection into the guest.
# scenario: timeout=180 hosts=x86_64,arm64-gicv3
serve
guest 0 "the guest has a lease and a connection" cloud net-user -n user
saw "guest: fetched ${SUM%% *}" "the guest fetches a file"
