/* SPDX-License-Identifier: MIT */
/*
 * What SLOF boots from a disk: a program of 32 bits that greets by the client
 * interface (IEEE 1275, 6.3; r5: its entry), then waits to be ended.
 */
	.macro	call args
	lis	%r3, \args@ha
	addi	%r3, %r3, \args@l
	mtctr	%r31
	bctrl
	.endm

	.macro	take result		/* a word that a call gave, into r30 */
	lis	%r30, \result@ha
	lwz	%r30, \result@l(%r30)
	.endm

	.macro	give argument		/* r30, to a call's arguments */
	lis	%r29, \argument@ha
	stw	%r30, \argument@l(%r29)
	.endm

	.text
	.globl	_start
_start:
	mr	%r31, %r5
	call	finddevice
	take	chosen
	give	node
	call	getprop
	take	stdout
	give	instance
	call	write
	b	.


finddevice:
	.long	0f, 1, 1, 1f
chosen:	.long	0
0:	.asciz	"finddevice"
1:	.asciz	"/chosen"
	.balign	4
getprop:
	.long	0f, 4, 1
node:	.long	0, 1f, stdout, 4, 0
stdout:	.long	0
0:	.asciz	"getprop"
1:	.asciz	"stdout"
	.balign	4
write:	.long	0f, 3, 1
instance:
	.long	0, text, text_end - text, 0
0:	.asciz	"write"
text:	.ascii	"\r\nguest: a program from the disk\r\n"
text_end:
