# SPDX-License-Identifier: MIT
# A stock gdb debugs a 32-bit kernel, of two CPUs, each of which stays on one of this host's:
# 15-arm32 says why.
# scenario: timeout=540 needs=gdb kernels=arm32 hosts=arm64-novhe optional
symbols arm32 start_kernel ksys_read linux_banner jiffies_64 do_timer \
	sched_setaffinity --cpu host,aarch64=off
stay &
LIMIT=420 debugged arm32 "the debugger kills the guest" arm32 -c 2 \
	--cpu host,aarch64=off
undisturbed
