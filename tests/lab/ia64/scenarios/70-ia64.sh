# SPDX-License-Identifier: MIT
# The ia64 engine on this host: the demonstration guest, which needs no KVM.
# scenario: timeout=60 kernels= hosts=arm64-*,powernv*,nested optional=*v8*,nested,powernv9-one
want 0 "the ia64 engine runs the demonstration guest" $VMM run --arch ia64 -c 4 -m 512M \
	-p "on another host" --accel ia64
saw "4 x IA-64, by vmm's engine" "which finds its CPUs"
saw "524288 KiB" "and its memory"
saw "command: on another host" "and its command line"
