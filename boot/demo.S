/* SPDX-License-Identifier: MIT */
/* Carries the demonstration guest, built from tests/guest, inside vmm. */
	.section .rodata
	.globl demo_guest, demo_guest_size
	.balign 16
demo_guest:
	.incbin DEMO_GUEST
1:
	.balign 8
demo_guest_size:
	.quad 1b - demo_guest
	.type demo_guest, %object
	.type demo_guest_size, %object
	.size demo_guest, 1b - demo_guest
	.size demo_guest_size, 8
	.section .note.GNU-stack, "", %progbits
