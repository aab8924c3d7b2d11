/* SPDX-License-Identifier: MIT */
/* What a freestanding IA-64 program starts with, and what C cannot say. */

	.explicit
	.text
	.global _start#
	.proc _start#
_start:
	alloc	r32 = ar.pfs, 0, 1, 1, 0
	movl	gp = @gprel(0f)
0:	mov	r33 = ip
	;;
	sub	gp = r33, gp
	br.call.sptk.many b0 = main#
	;;
	mov	r33 = r8
	br.call.sptk.many b0 = exit#
	.endp _start#

/* void exit(int status) */
	.global exit#
	.proc exit#
exit:
	alloc	r2 = ar.pfs, 1, 0, 0, 0
	mov	r14 = r32
	;;
	break	0x1000
	br.sptk.few exit#
	.endp exit#

/* void sys_write(const void *data, size_t size) */
	.global sys_write#
	.proc sys_write#
sys_write:
	alloc	r2 = ar.pfs, 2, 0, 0, 0
	mov	r14 = r32
	mov	r15 = r33
	;;
	break	0x1001
	br.ret.sptk.many b0
	.endp sys_write#

/* void sys_nothing(void) */
	.global sys_nothing#
	.proc sys_nothing#
sys_nothing:
	break	0x1002
	br.ret.sptk.many b0
	.endp sys_nothing#

/*
 * int setjmp(jmp_buf) keeps what a callee preserves: 0 b0, 8 sp, 16 gp, 24 ar.pfs,
 * 32 bsp, 40 ar.unat after the spills, 48 the caller's ar.unat, 56 pr, 64 ar.lc,
 * 72 ar.fpsr, 80 b1 to b5, 120 r4 to r7, 160 f2 to f5, 224 f16 to f31.
 */
	.global setjmp#
	.proc setjmp#
setjmp:
	alloc	r2 = ar.pfs, 1, 0, 0, 0
	mov	r14 = b0
	mov	r15 = ar.unat
	add	r16 = 8, r32
	;;
	st8	[r32] = r14, 16
	st8	[r16] = sp, 16
	mov	r17 = ar.bsp
	;;
	st8	[r32] = gp, 16			// 16
	st8	[r16] = r2, 24			// 24
	mov	r18 = pr
	;;
	st8	[r32] = r17, 16			// 32
	st8	[r16] = r15, 16			// 48
	mov.i	r19 = ar.lc
	;;
	add	r32 = 8, r32			// 56
	mov	r20 = ar.fpsr
	;;
	st8	[r32] = r18, 16			// 56
	st8	[r16] = r19, 8			// 64
	mov	r21 = b1
	;;
	st8	[r16] = r20, 8			// 72
	mov	r22 = b2
	;;
	st8	[r16] = r21, 8
	mov	r23 = b3
	;;
	st8	[r16] = r22, 8
	mov	r24 = b4
	;;
	st8	[r16] = r23, 8
	mov	r25 = b5
	;;
	st8	[r16] = r24, 8
	;;
	st8	[r16] = r25, 8			// 112
	;;
	st8.spill [r16] = r4, 8			// 120
	;;
	st8.spill [r16] = r5, 8
	;;
	st8.spill [r16] = r6, 8
	;;
	st8.spill [r16] = r7, 16		// 144
	;;
	mov	r26 = ar.unat
	add	r27 = -120, r16			// 160 - 120
	;;
	st8	[r27] = r26
	mov	ar.unat = r15
	stf.spill [r16] = f2, 16
	;;
	stf.spill [r16] = f3, 16
	;;
	stf.spill [r16] = f4, 16
	;;
	stf.spill [r16] = f5, 16
	;;
	.irp	n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	stf.spill [r16] = f\n, 16
	;;
	.endr
	mov	r8 = r0
	br.ret.sptk.many b0
	.endp setjmp#

/* void longjmp(jmp_buf, int): the frames above the one kept are given up. */
	.global longjmp#
	.proc longjmp#
longjmp:
	alloc	r2 = ar.pfs, 2, 0, 0, 0
	flushrs
	mov	r8 = r33
	;;
	cmp.eq	p6, p0 = r0, r8
	mov	r16 = r32
	add	r17 = 8, r32
	;;
(p6)	mov	r8 = 1
	ld8	r14 = [r16], 16			// b0
	ld8	r15 = [r17], 16			// sp
	;;
	mov	b0 = r14
	ld8	gp = [r16], 16
	ld8	r18 = [r17], 16			// ar.pfs
	;;
	ld8	r19 = [r16], 8			// bsp; 40
	mov	r28 = ar.bspstore
	mov	r29 = ar.rnat
	;;
	ld8	r20 = [r16], 16			// unat of the spills; 56
	ld8	r21 = [r17], 8			// 40 again
	;;
	ld8	r21 = [r17], 16			// 48: the caller's unat
	ld8	r22 = [r16], 8			// 56: pr
	;;
	ld8	r23 = [r17], 8			// 64: lc
	add	r16 = 8, r16			// 72
	;;
	ld8	r24 = [r16], 8			// fpsr; 80
	mov	ar.unat = r20
	mov.i	ar.lc = r23
	;;
	ld8	r25 = [r16], 8
	mov	ar.fpsr = r24
	;;
	mov	b1 = r25
	ld8	r25 = [r16], 8
	;;
	mov	b2 = r25
	ld8	r25 = [r16], 8
	;;
	mov	b3 = r25
	ld8	r25 = [r16], 8
	;;
	mov	b4 = r25
	ld8	r25 = [r16], 8
	;;
	mov	b5 = r25
	ld8.fill r4 = [r16], 8			// 120
	;;
	ld8.fill r5 = [r16], 8
	;;
	ld8.fill r6 = [r16], 8
	;;
	ld8.fill r7 = [r16], 16
	;;
	.irp	n, 2,3,4,5,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ldf.fill f\n = [r16], 16
	;;
	.endr
	mov	ar.unat = r21
	dep	r30 = -1, r19, 3, 6		// where the NaTs at bsp are kept
	mov	pr = r22, -1
	;;
	cmp.ltu	p6, p7 = r30, r28		// in memory, or still here?
	mov	r9 = ar.rsc
	;;
(p6)	ld8	r29 = [r30]
	mov	ar.rsc = 0
	;;
	loadrs
	;;
	mov	ar.bspstore = r19
	;;
	mov	ar.rnat = r29
	mov	ar.rsc = r9
	invala
	mov	sp = r15
	mov	ar.pfs = r18
	mov	b0 = r14
	;;
	br.ret.sptk.many b0
	.endp longjmp#
