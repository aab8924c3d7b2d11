/* SPDX-License-Identifier: MIT */
/*
 * The entry of guests in C, in physical mode, r28 leading to the boot
 * parameters; and where interruptions go, which none of them should have.
 */
	.section .text.start, "ax"
	.global	_start
	.proc	_start
_start:
	mov	ar.rsc = 0
	movl	r2 = backing_store
	movl	r3 = vectors
	movl	gp = __gp
	movl	sp = boot_stack_top - 16
	;;
	mov	ar.bspstore = r2
	mov	cr.iva = r3
	;;
	alloc	r2 = ar.pfs, 0, 0, 1, 0
	;;
	ssm	1 << 13			/* a fault tells where it was */
	mov	r32 = r28
	;;
	srlz.d
	br.call.sptk.many rp = guest_start
1:	br.cond.sptk 1b
	.endp	_start

/* Each of 0x100 bytes: its number in r14, and one for all. */
	.section .text.vectors, "ax"
	.align	32768
vectors:
	.set	n, 0
	.rept	128
	.org	n
	mov	r14 = n
	br.cond.sptk interrupted
	.set	n, n + 0x100
	.endr
	.org	32768
interrupted:
	movl	gp = __gp
	;;
	cover
	;;
	alloc	r2 = ar.pfs, 0, 0, 4, 0
	;;
	mov	r32 = r14
	mov	r33 = cr.iip
	mov	r34 = cr.ifa
	mov	r35 = cr.isr
	br.call.sptk.many rp = interruption
1:	br.cond.sptk 1b

	.section .bss, "aw", @nobits
	.align	16
boot_stack:
	.skip	65536
boot_stack_top:
backing_store:
	.skip	65536
