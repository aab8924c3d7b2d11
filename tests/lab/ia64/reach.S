/* SPDX-License-Identifier: MIT */
/* What reach.c starts with, and Linux's system calls. */

	.explicit
	.text
	.global _start#
	.proc _start#
_start:		// argc stands 16 bytes above sp, the arguments follow
	alloc	r32 = ar.pfs, 0, 1, 1, 0
	movl	gp = @gprel(0f)
0:	mov	r2 = ip
	;;
	sub	gp = r2, gp
	add	r33 = 16, sp
	br.call.sptk.many b0 = start#
	.endp _start#

/* long call(long a, long b, long c, long number): what r8 has, or -1 - r8 */
	.global call#
	.proc call#
call:
	alloc	r2 = ar.pfs, 4, 0, 0, 0
	mov	r15 = r35
	;;
	break	0x100000
	;;
	cmp.eq	p6, p0 = -1, r10
	;;
(p6)	sub	r8 = -1, r8
	br.ret.sptk.many b0
	.endp call#
