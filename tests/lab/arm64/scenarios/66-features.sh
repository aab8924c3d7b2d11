# SPDX-License-Identifier: MIT
# Features of the CPU from inside: a guest has what the host has, less what --cpu hides.
# scenario: timeout=60 needs=guests kernels= hosts=arm64-gicv3,arm64-novhe
case $LAB in arm64-gicv3) has=1 ;; *) has=0 ;; esac
APPEND="sve=$has pauth=$has pmu=1" payload "all of the host's" features -m 64M
APPEND="sve=0 pauth=0 pmu=0" payload "all but those hidden" features -m 64M \
	--cpu host,-sve,-pauth,-pmu
[ $has = 1 ] || exit 0
APPEND="sve=1 pauth=0 pmu=1" payload "all but one" features -m 64M --cpu host,-pauth
