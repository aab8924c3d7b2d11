# SPDX-License-Identifier: MIT
# A stock gdb and Debian's kernel on a host whose KVM stops at no breakpoint.
# scenario: timeout=540 needs=gdb kernels=generic hosts=nested optional
symbols generic start_kernel linux_banner jiffies_64
debugged looks "the debugger kills the guest" generic -c 2
saw "^vmm: warning: --gdb: this host's KVM does not stop at breakpoints" "vmm has said so"
undisturbed
