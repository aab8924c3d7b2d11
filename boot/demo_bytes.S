/* SPDX-License-Identifier: MIT */
/* The bytes of the demonstration guests, which boot/demo.c looks up. */
	.section .rodata
	.macro	guest name, file
	.balign	16
	.globl	demo_\name, demo_\name\()_end
	.type	demo_\name, %object
	.type	demo_\name\()_end, %object
demo_\name:
	.incbin	"\file"
demo_\name\()_end:
	.byte	0
	.endm
	guest	x86_64, DEMO_x86_64
	guest	arm64, DEMO_arm64
	guest	ppc64le, DEMO_ppc64le
	guest	ia64, DEMO_ia64
	.section .note.GNU-stack, "", %progbits
