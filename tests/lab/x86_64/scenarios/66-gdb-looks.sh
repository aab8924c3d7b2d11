# SPDX-License-Identifier: MIT
# A stock gdb and Debian's kernel on a host whose KVM stops at no breakpoint.
# scenario: timeout=400 needs=gdb hosts=x86_64 optional
symbols cloud start_kernel linux_banner jiffies_64
debugged looks "the debugger kills the guest" cloud -c 2
saw "^vmm: warning: --gdb: this host's KVM does not stop at breakpoints" "vmm has said so"
undisturbed
