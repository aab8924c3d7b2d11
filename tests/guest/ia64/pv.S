/* SPDX-License-Identifier: MIT */
/*
 * A guest of the engine's paravirtual interface (docs/ia64.md): does the same
 * things by the architecture's own means and, where the interface is offered,
 * by it.  Prints TAP; with "bench" on its command line it tells what each of
 * them takes.  It runs in physical mode, but where it says otherwise.
 *
 * Static registers beside lib.inc's: r4 what interrupts counted, r5 the vector
 * of the last one, p1 the interface is in use.  Handlers have bank 0.
 */
#include "tests/guest/ia64/lib.inc"

#define GUID_PV	   0x4c689d0b5f3c7e12
#define PV_MAGIC   0x50343641494d4d56
#define PV(n)	   (0x110200 + (n))
#define AREA	   0
#define RFI	   1
#define RETURN	   2
#define ITC_D	   5
#define PURGE	   6
#define RR	   7
#define NEXT	   8
#define LOOK	   9
/* in the area, and in its frame */
#define A_MASKED   0x008
#define A_PENDING  0x009
#define A_VECTOR   0x010
#define A_REFLECT  0x018
#define A_IP	   0x028
#define A_PSR	   0x030
#define A_RR	   0x050
#define A_CR	   0x090
#define A_IPSR	   0x100
#define A_IIP	   0x108
#define A_GR8	   0x220
#define COLLECT	   1
#define TAKES_IVR  2

#define PSR_IC	   (1 << 13)
#define PSR_I	   (1 << 14)
#define PSR_DT	   (1 << 17)
#define PSR_BN	   (1 << 44)
#define BLOCK	   0x80000000fee00000
#define VECTOR	   0x40
#define PTE	   0x661		/* present, accessed, dirty, ar 3 */
#define PAGE	   12
#define REGION2	   0x4000000000000000
#define LIGHT	   0x41			/* breaks: back at once */
#define HEAVY	   0x42			/* ... after saving the program; r8 + 1 */
#define ROUNDS	   100000		/* tests/bench/ia64.py knows it */

	.global _start
	.proc _start
_start:
	alloc	r32 = ar.pfs, 0, 16, 8, 0
	CALL	begin
	mov	r4 = 0
	mov	r5 = 0
	/* 2 MiB behind the kernel's start are nobody's: the register stack */
	mov	ar.rsc = 0
	movl	r2 = 0x4200000
	mov	ar.bspstore = r2
	movl	r14 = GUID_PV
	CALL	config
	mov	r33 = r8
	movl	r2 = ivt
	mov	cr.iva = r2
	ssm	PSR_IC | PSR_I
	srlz.d
	movl	r14 = plain_text
	CALL	puts
	cmp.ne	p1, p0 = r0, r0
	CALL	tests
	cmp.eq	p2, p0 = 0, r33
(p2)	br.cond.spnt none
	/* the page: magic, operations that there are, the break of the first */
	ld8	r9 = [r33]
	movl	r10 = PV_MAGIC
	cmp.eq	p6, p7 = r10, r9
	adds	r2 = 16, r33
	ld8	r9 = [r2], 8
	movl	r10 = (1 << 10) - 1
(p6)	cmp.eq.unc p6, p0 = r9, r10
	ld8	r9 = [r2]
	movl	r10 = PV(0)
(p6)	cmp.eq.unc p6, p0 = r9, r10
	POINT	page_text
	movl	r8 = area
	break.m	PV(AREA)
	cmp.eq	p6, p7 = 0, r8
	POINT	area_text
	movl	r2 = area
	mov	r3 = COLLECT | TAKES_IVR
	st8	[r2] = r3
	movl	r2 = area + A_IP
	movl	r3 = reflected
	st8	[r2] = r3, 8
	movl	r3 = PSR_IC | PSR_BN
	st8	[r2] = r3
	movl	r2 = ivt_pv
	mov	cr.iva = r2
	srlz.d
	cmp.eq	p1, p0 = r0, r0
	CALL	tests
	br.cond.sptk bench
none:	movl	r14 = none_text
	CALL	puts
bench:	movl	r14 = bench_word
	CALL	has_word
	cmp.eq	p6, p0 = 0, r8
(p6)	br.cond.spnt done
	CALL	times
done:	br.cond.sptk finish
	.endp _start

/* ---- what is done, by the architecture's means or, with p1, the engine's */

/* What a call takes by itself. */
nothing:
	br.ret.sptk.many b0

/* No interrupt here, and then again. */
mask:
(p1)	br.cond.sptk 1f
	rsm	PSR_I
	ssm	PSR_I
	br.ret.sptk.many b0
1:	movl	r2 = area + A_MASKED
	mov	r3 = 1
	st1	[r2] = r3
	st1	[r2] = r0, A_PENDING - A_MASKED
	ld1	r3 = [r2]
	cmp.ne	p6, p0 = 0, r3
(p6)	break.m	PV(LOOK)
	br.ret.sptk.many b0

/* A break whose handler reads what was collected; r8: its number. */
light:
	.explicit
	{ .mii
	break.m	LIGHT
	nop.i	0
	nop.i	0 ;;
	}
	.auto
	br.ret.sptk.many b0

/* One whose handler saves and restores the program, or is reflected: r8 + 1. */
heavy:
(p1)	movl	r2 = area + A_REFLECT
(p1)	movl	r3 = 1 << 0x2c
(p1)	st8	[r2] = r3
	.explicit
	{ .mii
	break.m	HEAVY
	nop.i	0
	nop.i	0 ;;
	}
	.auto
(p1)	movl	r2 = area + A_REFLECT
(p1)	st8	[r2] = r0
	br.ret.sptk.many b0

/* The page at r14, region 2, is data. */
insert:
	movl	r8 = data + PTE
	mov	r9 = r14
	mov	r10 = PAGE << 2
(p1)	br.cond.sptk 1f
	rsm	PSR_IC | PSR_I
	srlz.d
	mov	cr.ifa = r9
	mov	cr.itir = r10
	itc.d	r8
	ssm	PSR_IC | PSR_I
	srlz.d
	br.ret.sptk.many b0
1:	break.m	PV(ITC_D)
	br.ret.sptk.many b0

/* 16 pages of region 2 are nothing any more, on any CPU. */
purge:
	movl	r8 = REGION2
	mov	r9 = 16
	mov	r10 = PAGE
(p1)	br.cond.sptk 2f
	shl	r2 = r10, 2
	mov	r11 = ar.lc
	mov	r3 = 15
	mov	ar.lc = r3
	movl	r3 = 1 << PAGE
1:	ptc.ga	r8, r2
	add	r8 = r8, r3
	br.cloop.sptk 1b
	srlz.d
	mov	ar.lc = r11
	br.ret.sptk.many b0
2:	break.m	PV(PURGE)
	br.ret.sptk.many b0

/* Regions 2 to 6 get identifiers from r14 on. */
regions:
	mov	r9 = r14
	mov	r11 = 2
(p1)	movl	r10 = area + A_RR + 16
1:	shl	r2 = r9, 8
	or	r2 = PAGE << 2, r2
	shl	r3 = r11, 61
(p1)	st8	[r10] = r2, 8
	cmp.ne	p7, p6 = r0, r0
(p1)	cmp.eq	p7, p6 = r0, r0
(p6)	mov	rr[r3] = r2
	adds	r9 = 1, r9
	adds	r11 = 1, r11
	cmp.gt	p6, p0 = 7, r11
(p6)	br.cond.sptk 1b
	mov	r8 = 0x7c
(p1)	break.m	PV(RR)
(p1)	br.ret.sptk.many b0
	srlz.d
	br.ret.sptk.many b0

/* An interrupt to this CPU itself, until it was taken. */
interrupt:
	adds	r10 = 1, r4
	mov	r2 = cr.lid
	extr.u	r2 = r2, 16, 16
	shl	r2 = r2, 4
	movl	r3 = BLOCK
	add	r2 = r2, r3
	mov	r3 = VECTOR
	st8.rel	[r2] = r3
1:	cmp.eq	p6, p7 = r4, r10
(p7)	br.cond.sptk 1b
	br.ret.sptk.many b0

/* Each once, and what came of it. */
tests:
	alloc	r32 = ar.pfs, 0, 6, 0, 0
	mov	r33 = b0
	mov	r8 = 0
	CALL	light
	cmp.eq	p6, p0 = LIGHT, r8
	POINT	light_text
	/* what the handler may not change */
	mov	r1 = 0x101
	movl	r17 = 0x1717
	mov	r34 = 0x3434
	mov	ar.lc = r34
	mov	r8 = 0x77
	CALL	heavy
	mov	r35 = ar.lc
	cmp.eq	p6, p0 = 0x78, r8
(p6)	cmp.eq.unc p6, p0 = r34, r35
	mov	r35 = 0x3434
(p6)	cmp.eq.unc p6, p0 = r34, r35
	movl	r35 = 0x1717
(p6)	cmp.eq.unc p6, p0 = r17, r35
	mov	r35 = 0x101
(p6)	cmp.eq.unc p6, p0 = r1, r35
	POINT	heavy_text
	/* an interrupt, once; and one that waits while they are masked */
	mov	r5 = 0
	mov	r34 = r4
	CALL	interrupt
	sub	r35 = r4, r34
	cmp.eq	p6, p0 = 1, r35
	mov	r35 = VECTOR
(p6)	cmp.eq.unc p6, p0 = r35, r5
	POINT	taken_text
	CALL	masked
	cmp.eq	p6, p0 = 1, r8
	POINT	mask_text
	/* translations */
	mov	r14 = 0x100
	CALL	regions
	movl	r34 = REGION2
	mov	r35 = rr[r34]
	extr.u	r35 = r35, 8, 24
	cmp.eq	p6, p0 = r35, r14
	movl	r34 = 0xc000000000000000
	mov	r35 = rr[r34]
	extr.u	r35 = r35, 8, 24
	adds	r34 = 4, r14
(p6)	cmp.eq.unc p6, p0 = r34, r35
	POINT	regions_text
	movl	r34 = REGION2 + (3 << PAGE)
	mov	r14 = r34
	CALL	insert
	CALL	is_there
	mov	r35 = r8
	CALL	purge
	mov	r14 = r34
	CALL	is_there
	movl	r34 = 0x5a5a
	cmp.eq	p6, p0 = r34, r35
(p6)	cmp.eq.unc p6, p0 = 1, r8
	POINT	insert_text
	mov	b0 = r33
	mov	ar.pfs = r32
	br.ret.sptk.many b0

/* r8: what the page at r14 begins with, or 1 where none is there. */
is_there:
	movl	r2 = data
	movl	r3 = 0x5a5a
	st8	[r2] = r3
	rsm	PSR_I
	ssm	PSR_DT
	srlz.d
	tak	r8 = r14
	cmp.eq	p6, p7 = 1, r8
(p7)	ld8	r8 = [r14]
	rsm	PSR_DT
	ssm	PSR_I
	srlz.d
	br.ret.sptk.many b0

/* r8: whether an interrupt is kept away while they are masked, and no longer. */
masked:
	alloc	r32 = ar.pfs, 0, 4, 0, 0
	mov	r8 = 0
	mov	r33 = r4
	movl	r9 = area + A_MASKED
	mov	r2 = 1
(p1)	st1	[r9] = r2
	cmp.eq	p6, p7 = r0, r0
(p1)	cmp.ne	p6, p7 = r0, r0
(p6)	rsm	PSR_I
	movl	r3 = BLOCK
	mov	r2 = cr.lid
	extr.u	r2 = r2, 16, 16
	shl	r2 = r2, 4
	add	r2 = r2, r3
	mov	r3 = VECTOR
	st8.rel	[r2] = r3
	mov	r2 = 1000
	mov	ar.lc = r2
1:	br.cloop.sptk 1b
	cmp.ne	p8, p0 = r4, r33
(p8)	br.ret.spnt.many b0
(p6)	ssm	PSR_I
(p6)	srlz.d
(p1)	st1	[r9] = r0, A_PENDING - A_MASKED
(p1)	ld1	r2 = [r9]
(p1)	cmp.eq.unc p8, p0 = 0, r2
(p8)	br.ret.spnt.many b0
(p1)	break.m	PV(LOOK)
	mov	r2 = 1000
	mov	ar.lc = r2
2:	br.cloop.sptk 2b
	adds	r2 = 1, r33
	cmp.eq	p8, p0 = r4, r2
(p8)	mov	r8 = 1
	br.ret.sptk.many b0

/* ---- times: ns that ROUNDS of each take, plain and with the interface */
	.macro	TIME name, text
	movl	r14 = \text
	movl	r15 = \name
	CALL	time
	.endm
times:
	alloc	r32 = ar.pfs, 0, 2, 0, 0
	mov	r33 = b0
	TIME	nothing, nothing_name
	TIME	mask, mask_name
	TIME	light, light_name
	TIME	heavy, heavy_name
	TIME	interrupt, interrupt_name
	TIME	insert, insert_name
	TIME	purge, purge_name
	TIME	regions, regions_name
	mov	b0 = r33
	mov	ar.pfs = r32
	br.ret.sptk.many b0

time:
	alloc	r32 = ar.pfs, 0, 4, 0, 0
	mov	r33 = b0
	mov	r34 = r15
	movl	r2 = area
	ld8	r35 = [r2]
	CALL	puts
	cmp.ne	p1, p0 = r0, r0
	movl	r2 = ivt
	mov	r15 = r34
	CALL	rounds
	CALL	putdec
	mov	r14 = ' '
	CALL	putc
	cmp.eq	p2, p0 = 0, r35		/* no interface */
	mov	r14 = 0
(p2)	br.cond.spnt 1f
	cmp.eq	p1, p0 = r0, r0
	movl	r2 = ivt_pv
	mov	r15 = r34
	CALL	rounds
1:	CALL	putdec
	mov	r14 = '\n'
	CALL	putc
	mov	b0 = r33
	mov	ar.pfs = r32
	br.ret.sptk.many b0

/* r14: ns that ROUNDS calls of the routine at r15 take; r2: the IVT. */
rounds:
	alloc	r32 = ar.pfs, 0, 5, 0, 0
	mov	r33 = b0
	mov	cr.iva = r2
	srlz.d
	movl	r2 = area
	mov	r3 = TAKES_IVR | COLLECT
(p1)	st8	[r2] = r3
	movl	r3 = ROUNDS
	mov	r34 = r3
	mov	r35 = ar.itc
1:	mov	b6 = r15
	extr.u	r14 = r34, 0, 1
	movl	r2 = REGION2
	add	r14 = r14, r2
	CALL	b6
	adds	r34 = -1, r34
	cmp.ne	p6, p0 = 0, r34
(p6)	br.cond.sptk 1b
	mov	r36 = ar.itc
	sub	r14 = r36, r35
	mov	b0 = r33
	mov	ar.pfs = r32
	br.ret.sptk.many b0

/* ---- handlers; r16 to r31 are of bank 0 */

/* Break, plain: the light one at once, the heavy one as kernels do. */
on_break:
	mov	r31 = pr
	mov	r16 = cr.iim
	mov	r18 = cr.ipsr
	mov	r19 = cr.iip
	mov	r20 = cr.isr
	mov	r21 = cr.ifs
	mov	r22 = cr.ifa
	mov	r23 = cr.itir
	mov	r24 = cr.iipa
	mov	r25 = cr.iha
	dep	r18 = 0, r18, 41, 2
	adds	r19 = 16, r19
	cmp.eq	p6, p7 = LIGHT, r16
(p7)	br.cond.sptk on_heavy
	mov	r8 = r16
	mov	cr.ipsr = r18
	mov	cr.iip = r19
	mov	pr = r31, -1
	rfi

/* All that a compiler's code may change, and its way back. */
on_heavy:
	movl	r17 = saved
	cover
	mov	r21 = cr.ifs
	mov	r24 = ar.rsc
	mov	r25 = ar.pfs
	mov	r26 = ar.unat
	mov	r27 = ar.ccv
	mov	r28 = ar.fpsr
	mov	r29 = b0
	mov	r30 = b6
	mov	ar.rsc = 0
	.irp	n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	st8	[r17] = r\n, 8
	.endr
	mov	r18 = b7
	mov	r19 = ar.csd
	mov	r20 = ar.ssd
	mov	r21 = ar.lc
	mov	r22 = ar.ec
	.irp	n, 18, 19, 20, 21, 22
	st8	[r17] = r\n, 8
	.endr
	.irp	n, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15
	st8.spill [r17] = r\n, 8
	.endr
	mov	r2 = r17
	ssm	PSR_IC
	srlz.d
	bsw.1
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	st8.spill [r2] = r\n, 8
	.endr
	mov	r3 = ar.unat
	adds	r8 = 1, r8
	/* and back */
	movl	r2 = saved + 8 * 22
	st8.spill [r2] = r8
	movl	r2 = saved + 8 * 30
	mov	ar.unat = r3
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld8.fill r\n = [r2], 8
	.endr
	rsm	PSR_IC
	srlz.d
	bsw.0
	movl	r17 = saved
	.irp	n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld8	r\n = [r17], 8
	.endr
	mov	cr.ipsr = r18
	mov	cr.iip = r19
	mov	cr.ifs = r21
	mov	ar.rsc = r24
	mov	ar.pfs = r25
	mov	ar.ccv = r27
	mov	ar.fpsr = r28
	mov	b0 = r29
	mov	b6 = r30
	.irp	n, 18, 19, 20, 21, 22
	ld8	r\n = [r17], 8
	.endr
	mov	b7 = r18
	mov	ar.csd = r19
	mov	ar.ssd = r20
	mov	ar.lc = r21
	mov	ar.ec = r22
	.irp	n, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15
	ld8.fill r\n = [r17], 8
	.endr
	mov	ar.unat = r26
	mov	pr = r31, -1
	rfi

/* Break by the interface: what was collected lies in the area. */
on_break_pv:
	mov	r31 = pr
	movl	r17 = area + A_CR
	mov	r26 = r17
	ld8	r18 = [r17], 8
	ld8	r19 = [r17], 8
	ld8	r21 = [r17], 8
	ld8	r20 = [r17], 8
	ld8	r22 = [r17], 8
	ld8	r23 = [r17], 8
	ld8	r24 = [r17], 8
	ld8	r16 = [r17], 8
	ld8	r25 = [r17]
	dep	r18 = 0, r18, 41, 2
	adds	r19 = 16, r19
	cmp.eq	p6, p7 = LIGHT, r16
(p7)	br.cond.sptk unexpected
	mov	r8 = r16
	st8	[r26] = r18, 8
	st8	[r26] = r19
	mov	pr = r31, -1
	break.m	PV(RFI)

/* A reflected break: the program is in the frame. */
reflected:
	movl	r14 = area + A_GR8
	ld8	r8 = [r14]
	adds	r8 = 1, r8
	st8	[r14] = r8
	movl	r14 = area + A_IPSR
	ld8	r15 = [r14]
	dep	r15 = 0, r15, 41, 2
	st8	[r14] = r15, 8
	ld8	r15 = [r14]
	adds	r15 = 16, r15
	st8	[r14] = r15
	break.m	PV(RETURN)

/* Interrupts: until there is none. */
on_interrupt:
	mov	r31 = pr
	mov	r16 = cr.ivr
	mov	r17 = 15
1:	mov	r5 = r16
	adds	r4 = 1, r4
	mov	cr.eoi = r0
	srlz.d
	mov	r16 = cr.ivr
	cmp.ne	p6, p0 = r16, r17
(p6)	br.cond.spnt 1b
	mov	pr = r31, -1
	rfi

on_interrupt_pv:
	mov	r31 = pr
	movl	r16 = area + A_VECTOR
	ld8	r16 = [r16]
	mov	r17 = 15
	mov	r18 = r8
1:	mov	r5 = r16
	adds	r4 = 1, r4
	break.m	PV(NEXT)
	mov	r16 = r8
	cmp.ne	p6, p0 = r8, r17
(p6)	br.cond.spnt 1b
	mov	r8 = r18
	mov	pr = r31, -1
	rfi

unexpected:
	bsw.1
	mov	r15 = cr.iip
	movl	r14 = unexpected_text
	CALL	puts
	br.cond.sptk leave

/* The two tables of vectors. */
	.macro	GOES table, at, to
	.org	\table + \at
	br.cond.sptk \to
	.endm
	.macro	TABLE name, break, interrupt
	.align	0x8000
\name:
	.irp	at, 0, 0x400, 0x800, 0xc00, 0x1000, 0x1400, 0x1800, 0x1c00, 0x2000, 0x2400, 0x2800
	GOES	\name, \at, unexpected
	.endr
	GOES	\name, 0x2c00, \break
	GOES	\name, 0x3000, \interrupt
	.irp	at, 0x5000, 0x5100, 0x5200, 0x5300, 0x5400, 0x5500, 0x5600, 0x5700, 0x5900, 0x5a00, 0x5b00
	GOES	\name, \at, unexpected
	.endr
	.org	\name + 0x8000
	.endm
	TABLE	ivt, on_break, on_interrupt
	TABLE	ivt_pv, on_break_pv, on_interrupt_pv

	.section .rodata
plain_text:
	stringz "# by the architecture's means\n"
none_text:
	stringz "# the paravirtual interface is not offered\n"
page_text:
	stringz "the page tells of the hyper-privops"
area_text:
	stringz "the engine takes an area"
light_text:
	stringz "a break's handler finds its number and returns"
heavy_text:
	stringz "a handler that uses all registers changes none"
taken_text:
	stringz "an interrupt is taken once, with its vector"
mask_text:
	stringz "an interrupt waits while they are masked"
regions_text:
	stringz "five region registers are written"
insert_text:
	stringz "a translation is inserted, and purged with its neighbours"
unexpected_text:
	stringz "Bail out! an unexpected interruption\n"
bench_word:
	stringz "bench"
nothing_name:
	stringz "time nothing: "
mask_name:
	stringz "time mask and unmask interrupts: "
light_name:
	stringz "time a break, its registers read: "
heavy_name:
	stringz "time a break, the program saved: "
interrupt_name:
	stringz "time an interrupt, sent and taken: "
insert_name:
	stringz "time insert a translation: "
purge_name:
	stringz "time purge 16 pages: "
regions_name:
	stringz "time write 5 region registers: "

	.section .bss, "aw", @nobits
	.align	4096
area:	.skip	4096
data:	.skip	4096
saved:	.skip	1024
