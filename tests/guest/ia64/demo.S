/* SPDX-License-Identifier: MIT */
/*
 * The demonstration guest for ia64: says what machine it finds itself on, by
 * EFI, ACPI and SAL, and leaves.  In assembler, for no compiler for ia64 is
 * packaged anywhere; as tests/guest/demo.c in what it prints.
 *
 * Static registers that all routines share: r20 the UART, 0: be quiet; r21 the
 * EFI system table; r22 the boot parameters; r23 the XSDT; r24 SAL's entry.
 * Routines take r14 and r15 and use r2, r3, r8 to r19, p6 to p9, b6, ar.lc.
 */
	.text
	.auto

#define GUID_ACPI 0x11d3e4f18868e871	/* the first half of it */
#define GUID_SAL  0x11d32d88eb9d2d32
#define UNCACHED  0x8000000000000000
#define DESC_RAM  7			/* EfiConventionalMemory */
#define EFI_RESET (24 + 8 * 10)		/* in the table of services */
#define SHUTDOWN  2
#define PCI_READ  0x01000010

/* What follows a call begins a bundle: a call returns to the next one. */
	.macro	CALL to
	br.call.sptk.many b0 = \to
.Lafter\@:
	.endm

	.global _start
	.proc _start
_start:
	alloc	r32 = ar.pfs, 0, 16, 8, 0
	mov	r22 = r28
	mov	r20 = 0
	adds	r2 = 8, r28
	ld8	r21 = [r2]
	/* the ACPI tables and the console */
	movl	r14 = GUID_ACPI
	CALL	config
	adds	r2 = 24, r8		/* RSDP: the XSDT's address */
	ld8	r23 = [r2]
	movl	r14 = GUID_SAL
	CALL	config
	adds	r2 = 96 + 16, r8
	ld8	r24 = [r2]
	movl	r14 = quiet_word
	CALL	has_word
	cmp.ne	p6, p0 = 0, r8
(p6)	br.cond.spnt leave
	movl	r14 = 0x52435053	/* SPCR */
	CALL	table
	adds	r2 = 44, r8
	CALL	load8
	movl	r3 = UNCACHED
	or	r20 = r8, r3

	movl	r14 = banner
	CALL	puts
	CALL	count_cpus
	mov	r14 = r8
	CALL	putdec
	movl	r14 = cpu_text
	CALL	puts
	CALL	count_memory
	mov	r14 = r8
	CALL	putdec
	movl	r14 = memory_text
	CALL	puts
	CALL	tables
	/* PCI, through SAL */
	mov	r33 = 0
pci:	movl	r40 = PCI_READ
	shl	r41 = r33, 11
	mov	r48 = r40
	mov	r49 = r41
	mov	r50 = 4
	mov	r51 = 0
	mov	b6 = r24
	CALL	b6
	movl	r34 = 0xffffffff
	cmp.eq	p6, p0 = r9, r34
(p6)	br.cond.sptk no_pci
	mov	r35 = r9
	movl	r14 = pci_text
	CALL	puts
	mov	r14 = r33
	mov	r15 = 2
	CALL	puthex
	movl	r14 = pci_text2
	CALL	puts
	zxt2	r14 = r35
	mov	r15 = 4
	CALL	puthex
	mov	r14 = ':'
	CALL	putc
	shr.u	r14 = r35, 16
	mov	r15 = 4
	CALL	puthex
	mov	r14 = '\n'
	CALL	putc
no_pci:	adds	r33 = 1, r33
	cmp.gt	p6, p0 = 32, r33
(p6)	br.cond.sptk pci
	movl	r14 = cmdline_text
	CALL	puts
	ld8	r14 = [r22]
	CALL	puts
	movl	r14 = bye
	CALL	puts
leave:	adds	r2 = 88, r21		/* EFI's services: ResetSystem */
	ld8	r2 = [r2]
	adds	r2 = EFI_RESET, r2
	ld8	r2 = [r2]
	ld8	r3 = [r2], 8
	ld8	r1 = [r2]
	mov	b6 = r3
	mov	r48 = SHUTDOWN
	mov	r49 = 0
	mov	r50 = 0
	mov	r51 = 0
	CALL	b6
1:	br.cond.sptk 1b
	.endp _start

/* The EFI configuration table whose GUID begins with r14: r8, or 0. */
config:
	adds	r2 = 104, r21
	ld8	r3 = [r2], 8
	ld8	r2 = [r2]
	mov	r8 = 0
1:	cmp.eq	p6, p0 = 0, r3
(p6)	br.ret.spnt.many b0
	ld8	r9 = [r2], 16
	adds	r3 = -1, r3
	cmp.eq	p6, p0 = r9, r14
(p6)	ld8	r8 = [r2]
	adds	r2 = 8, r2
	br.cond.sptk 1b

/* r8: the 8 bytes at r2, which is aligned to 4. */
load8:
	ld4	r8 = [r2], 4
	ld4	r9 = [r2]
	shl	r9 = r9, 32
	or	r8 = r8, r9
	br.ret.sptk.many b0

/* The ACPI table of signature r14: r8, or 0. */
table:
	adds	r10 = 4, r23
	ld4	r10 = [r10]
	add	r10 = r10, r23		/* its end */
	adds	r2 = 36, r23
	mov	r8 = 0
1:	cmp.geu	p6, p0 = r2, r10
(p6)	br.ret.spnt.many b0
	ld4	r8 = [r2], 4
	ld4	r9 = [r2], 4
	shl	r9 = r9, 32
	or	r8 = r8, r9
	ld4	r9 = [r8]
	cmp.eq	p6, p0 = r9, r14
(p6)	br.ret.spnt.many b0
	mov	r8 = 0
	br.cond.sptk 1b

/* r8: how many local SAPICs the MADT has that are enabled. */
count_cpus:
	alloc	r32 = ar.pfs, 0, 4, 0, 0
	mov	r33 = b0
	movl	r14 = 0x43495041	/* APIC */
	CALL	table
	mov	b0 = r33
	mov	ar.pfs = r32
	adds	r10 = 4, r8
	ld4	r10 = [r10]
	add	r10 = r10, r8
	adds	r2 = 44, r8
	mov	r8 = 0
1:	cmp.geu	p6, p0 = r2, r10
(p6)	br.ret.spnt.many b0
	ld1	r9 = [r2], 1		/* type */
	ld1	r11 = [r2], -1		/* length */
	adds	r3 = 8, r2
	cmp.eq	p7, p0 = 7, r9
(p7)	ld4	r9 = [r3]
	add	r2 = r2, r11
(p7)	tbit.nz.unc p7, p0 = r9, 0
(p7)	adds	r8 = 1, r8
	br.cond.sptk 1b

/* r8: KiB that EFI's map says are free. */
count_memory:
	adds	r2 = 16, r22
	ld8	r3 = [r2], 8
	ld8	r10 = [r2], 8
	ld8	r11 = [r2]
	add	r10 = r10, r3
	mov	r8 = 0
1:	cmp.geu	p6, p0 = r3, r10
(p6)	br.ret.spnt.many b0
	ld4	r9 = [r3]
	adds	r2 = 24, r3
	cmp.eq	p7, p0 = DESC_RAM, r9
	ld8	r9 = [r2]
	add	r3 = r3, r11
(p7)	shladd	r8 = r9, 2, r8
	br.cond.sptk 1b

/* Prints the signatures that the XSDT leads to. */
tables:
	alloc	r32 = ar.pfs, 0, 8, 0, 0
	mov	r33 = b0
	movl	r14 = acpi_text
	CALL	puts
	adds	r34 = 4, r23
	ld4	r34 = [r34]
	add	r34 = r34, r23
	adds	r35 = 36, r23
1:	cmp.geu	p6, p0 = r35, r34
(p6)	br.cond.spnt 3f
	mov	r2 = r35
	adds	r35 = 8, r35
	CALL	load8
	mov	r36 = r8
	mov	r37 = 4
	mov	r14 = ' '
	CALL	putc
2:	ld1	r14 = [r36], 1
	adds	r37 = -1, r37
	CALL	putc
	cmp.ne	p6, p0 = 0, r37
(p6)	br.cond.sptk 2b
	br.cond.sptk 1b
3:	mov	r14 = '\n'
	CALL	putc
	mov	b0 = r33
	mov	ar.pfs = r32
	br.ret.sptk.many b0

/* r8: whether the command line has that word, by its letters alone. */
has_word:
	ld8	r2 = [r22]
	mov	r8 = 0
1:	mov	r3 = r2
	mov	r9 = r14
2:	ld1	r10 = [r9], 1
	cmp.eq	p6, p0 = 0, r10
(p6)	mov	r8 = 1
(p6)	br.ret.spnt.many b0
	ld1	r11 = [r3], 1
	cmp.eq	p7, p0 = r10, r11
(p7)	br.cond.sptk 2b
	ld1	r11 = [r2], 1
	cmp.eq	p6, p0 = 0, r11
(p6)	br.ret.spnt.many b0
	br.cond.sptk 1b

/* The console: a letter, a text, a number, n hexadecimal digits. */
putc:
	mov	r9 = '\r'
	cmp.eq	p6, p0 = '\n', r14
(p6)	st1.rel	[r20] = r9
	mf.a
	st1.rel	[r20] = r14
	br.ret.sptk.many b0

puts:
	alloc	r32 = ar.pfs, 0, 4, 0, 0
	mov	r33 = b0
	mov	r34 = r14
1:	ld1	r14 = [r34], 1
	cmp.eq	p6, p0 = 0, r14
(p6)	br.cond.spnt 2f
	CALL	putc
	br.cond.sptk 1b
2:	mov	b0 = r33
	mov	ar.pfs = r32
	br.ret.sptk.many b0

/* By subtraction of powers of ten: there is no division. */
putdec:
	alloc	r32 = ar.pfs, 0, 6, 0, 0
	mov	r33 = b0
	mov	r34 = r14
	movl	r35 = powers
	mov	r36 = 0			/* a digit was printed */
1:	ld8	r2 = [r35], 8
	mov	r14 = '0'
	cmp.eq	p6, p0 = 0, r2
(p6)	br.cond.spnt 3f
2:	cmp.ltu	p6, p7 = r34, r2
(p7)	sub	r34 = r34, r2
(p7)	adds	r14 = 1, r14
(p7)	br.cond.sptk 2b
	cmp.ne	p6, p0 = '0', r14
	cmp.eq	p7, p0 = 1, r2
(p6)	mov	r36 = 1
(p7)	mov	r36 = 1
	cmp.eq	p6, p0 = 0, r36
(p6)	br.cond.sptk 1b
	CALL	putc
	br.cond.sptk 1b
3:	mov	b0 = r33
	mov	ar.pfs = r32
	br.ret.sptk.many b0

puthex:
	alloc	r32 = ar.pfs, 0, 6, 0, 0
	mov	r33 = b0
	mov	r34 = r14
	shl	r35 = r15, 2
1:	adds	r35 = -4, r35
	shr.u	r14 = r34, r35
	and	r14 = 15, r14
	movl	r2 = digits
	add	r2 = r2, r14
	ld1	r14 = [r2]
	CALL	putc
	cmp.ne	p6, p0 = 0, r35
(p6)	br.cond.sptk 1b
	mov	b0 = r33
	mov	ar.pfs = r32
	br.ret.sptk.many b0

	.section .rodata
	.align 8
powers:
	data8 1000000000000, 100000000000, 10000000000, 1000000000, 100000000
	data8 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1, 0
digits:	.ascii "0123456789abcdef"
quiet_word:
	stringz "quiet"
banner:	stringz "vmm's demonstration guest, entered by EFI's handover\nCPU: "
cpu_text:
	stringz " x IA-64, by vmm's engine\nmemory: "
memory_text:
	stringz " KiB\n"
acpi_text:
	stringz "ACPI:"
pci_text:
	stringz "PCI: 00:"
pci_text2:
	stringz ".0 "
cmdline_text:
	stringz "command: "
bye:	stringz "\npowering off\n"
