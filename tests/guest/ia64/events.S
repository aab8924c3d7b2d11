/* SPDX-License-Identifier: MIT */
/*
 * INIT and PMI, from the SAPIC through PAL and SAL to handlers of a guest that
 * sends them to itself, and back.  Prints TAP.
 */
#include "tests/guest/ia64/lib.inc"

#define PSR_IC	   (1 << 13)
#define BLOCK	   0x80000000fee00000
#define PMI	   (2 << 8)		/* modes of a message */
#define INIT	   (5 << 8)
#define SET_VECTORS 0x01000000
#define OS_INIT	   1
#define PMI_ENTRYPOINT 32
#define GP	   0x6666

	.global _start
	.proc _start
_start:
	alloc	r32 = ar.pfs, 0, 16, 8, 0
	CALL	begin
	/* where an INIT is to go: the monarch, and slaves */
	movl	r48 = SET_VECTORS
	mov	r49 = OS_INIT
	movl	r50 = on_init
	movl	r51 = GP
	mov	r52 = 0
	movl	r53 = on_slave
	movl	r54 = GP
	mov	r55 = 0
	mov	b6 = r24
	CALL	b6
	cmp.eq	p6, p0 = 0, r8
	POINT	vectors_text
	/* what nobody may change */
	movl	r17 = 0x1717
	movl	r34 = 0x3434
	mov	ar.lc = r34
	mov	r4 = 0x44
	mov	b5 = r34
	movl	r14 = INIT
	movl	r15 = inits
	CALL	message
	cmp.eq	p6, p0 = 1, r8
	POINT	init_text
	mov	r35 = ar.lc
	cmp.eq	p6, p0 = r35, r34
	movl	r35 = 0x3434
(p6)	cmp.eq.unc p6, p0 = r35, r34
	mov	r36 = b5
(p6)	cmp.eq.unc p6, p0 = r35, r36
	movl	r35 = 0x1717
(p6)	cmp.eq.unc p6, p0 = r35, r17
	mov	r35 = 0x44
(p6)	cmp.eq.unc p6, p0 = r35, r4
	POINT	same_text
	/* PAL left the min-state area, SAL its own and the OS's values */
	movl	r2 = seen
	ld8	r35 = [r2], 8
	ld8	r36 = [r2], 8
	ld8	r37 = [r2], 8
	cmp.ne	p6, p0 = 0, r35
	extr.u	r36 = r36, 16, 1
(p6)	cmp.eq.unc p6, p0 = 1, r36
	movl	r36 = GP
(p6)	cmp.eq.unc p6, p0 = r36, r37
	POINT	state_text
	/* PMIs: not before there is a handler, nor while PSR.ic is 0 */
	movl	r14 = PMI | 1
	movl	r15 = pmis
	ssm	PSR_IC
	srlz.d
	CALL	message
	cmp.eq	p6, p0 = 0, r8
	POINT	lost_text
	rsm	PSR_IC
	srlz.d
	movl	r14 = GUID_SAL
	CALL	config
	adds	r2 = 96 + 8, r8
	ld8	r3 = [r2]
	mov	b6 = r3
	movl	r2 = 1f
	mov	b0 = r2
	mov	r28 = PMI_ENTRYPOINT
	movl	r29 = on_pmi
	mov	r30 = 0
	mov	r31 = 0
	br.cond.sptk b6
	.align	16
1:	cmp.eq	p6, p0 = 0, r8
	POINT	entry_text
	movl	r14 = PMI | 2
	movl	r15 = pmis
	CALL	message
	cmp.eq	p6, p0 = 0, r8
	POINT	closed_text
	ssm	PSR_IC
	srlz.d
	movl	r14 = PMI | 3
	movl	r15 = pmis
	mov	r9 = 2
	CALL	messages
	movl	r2 = seen		/* 3 is the more urgent, 2 was sent before */
	ld8	r35 = [r2]
	mov	r36 = 0x32
	mov	r37 = 0x23
	cmp.eq	p6, p7 = r35, r36
(p7)	cmp.eq	p6, p0 = r35, r37
(p6)	cmp.eq.unc p6, p0 = 2, r8
	POINT	pmi_text
	br.cond.sptk finish
	.endp _start

/* Sends r14 to this CPU; r8: the word at r15 once it is 1, or after a while. */
message:
	mov	r9 = 1
messages:
	mov	r2 = cr.lid
	extr.u	r2 = r2, 16, 16
	shl	r2 = r2, 4
	movl	r3 = BLOCK
	add	r2 = r2, r3
	st8.rel	[r2] = r14
	movl	r10 = 1000000
1:	ld8.acq	r8 = [r15]
	adds	r10 = -1, r10
	cmp.eq	p6, p0 = r8, r9
(p6)	br.ret.spnt.many b0
	cmp.ne	p6, p0 = 0, r10
(p6)	br.cond.sptk 1b
	br.ret.sptk.many b0

/* The OS's handler; all but the stacked registers are free. */
on_init:
	movl	r2 = seen
	st8	[r2] = r17, 8
	st8	[r2] = r18, 8
	st8	[r2] = r1
	movl	r2 = inits
	fetchadd8.rel r3 = [r2], 1
	mov	r4 = 0
	mov	r22 = r17
	mov	r10 = 0
	mov	b0 = r12
	br.cond.sptk b0

/* Nobody is a slave here. */
on_slave:
	br.cond.sptk on_slave

/* PAL kept what this may use in bank 0; the vectors become digits. */
	.align	256	/* as PAL_PMI_ENTRYPOINT wants it */
on_pmi:
	mov	r16 = r2
	mov	r17 = r3
	movl	r2 = seen
	movl	r3 = pmis
	ld8	r18 = [r3]
	cmp.eq	p6, p0 = 0, r18
(p6)	st8	[r2] = r0
	ld8	r19 = [r2]
	shl	r19 = r19, 4
	or	r19 = r19, r24
	st8	[r2] = r19
	adds	r18 = 1, r18
	st8	[r3] = r18
	mov	r2 = r16
	mov	r3 = r17
	br.cond.sptk b0

	.section .rodata
vectors_text:
	stringz "SAL takes the addresses of OS_INIT"
init_text:
	stringz "an INIT is taken, and comes back"
same_text:
	stringz "the program finds all its registers"
state_text:
	stringz "OS_INIT gets the min-state area, PAL's word of it, and its gp"
lost_text:
	stringz "a PMI that has no handler is lost"
entry_text:
	stringz "PAL takes the address of a PMI handler"
closed_text:
	stringz "a PMI waits while PSR.ic is 0"
pmi_text:
	stringz "two PMIs are handled"

	.section .bss, "aw", @nobits
	.align	16
inits:	.skip	8
pmis:	.skip	8
seen:	.skip	32
