/* SPDX-License-Identifier: MIT */
/*
 * The shortest guest: its first instructions, by either entry, print a newline
 * and leave through isa-debug-exit.  `make bench` times a start by it.
 */
	.section .note.Xen, "a", @note
	.long 4, 4, 18
	.asciz "Xen"
	.long leave32

	.section .text.start, "ax"
	.code32
leave32:
	movw $0x3f8, %dx
	movb $'\n', %al
	outb %al, %dx
	movw $0xf4, %dx
	movb $0, %al
	outb %al, %dx
	hlt
	jmp leave32
	.code64
	.globl start64
start64:
	movw $0x3f8, %dx
	movb $'\n', %al
	outb %al, %dx
	movw $0xf4, %dx
	movb $0, %al
	outb %al, %dx
	hlt
	jmp start64
	.section .note.GNU-stack, "", @progbits
