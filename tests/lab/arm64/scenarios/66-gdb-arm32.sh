# SPDX-License-Identifier: MIT
# A stock gdb debugs a 32-bit kernel, of one CPU: with more the emulator goes astray, see 15-arm32.
# scenario: timeout=540 needs=gdb kernels=arm32 hosts=arm64-novhe optional
symbols arm32 start_kernel ksys_read linux_banner jiffies_64 do_timer \
	sched_setaffinity --cpu host,aarch64=off
LIMIT=420 debugged arm32 "the debugger kills the guest" arm32 --cpu host,aarch64=off
undisturbed
