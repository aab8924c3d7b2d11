# SPDX-License-Identifier: MIT
# Networking without root, and a connection into the guest.
# scenario: timeout=180 kernels=cloud,generic hosts=x86_64,arm64-gicv3
serve
guest 0 "the guest has a lease and a connection" cloud net-user -n user
saw "guest: fetched ${SUM%% *}" "the guest fetches a file"
guest 0 "the guest of the generic kernel has both" generic net-user -n user
saw "guest: fetched ${SUM%% *}" "the generic kernel fetches a file"
