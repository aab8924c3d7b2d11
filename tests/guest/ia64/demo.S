/* SPDX-License-Identifier: MIT */
/*
 * The demonstration guest for ia64: says what machine it finds itself on, by
 * EFI, ACPI and SAL, and leaves.  In assembler, for no compiler for ia64 is
 * packaged anywhere; as tests/guest/demo.c in what it prints.
 */
#include "tests/guest/ia64/lib.inc"

#define DESC_RAM  7			/* EfiConventionalMemory */
#define PCI_READ  0x01000010

	.global _start
	.proc _start
_start:
	alloc	r32 = ar.pfs, 0, 16, 8, 0
	CALL	begin
	movl	r14 = quiet_word
	CALL	has_word
	cmp.ne	p6, p0 = 0, r8
(p6)	br.cond.spnt leave
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
	br.cond.sptk leave
	.endp _start

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

	.section .rodata
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
