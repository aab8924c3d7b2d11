/* SPDX-License-Identifier: MIT */
/*
 * From the entry of a Linux kernel image to C in EL0, and the vectors.
 *
 * A loader enters at EL1 with the MMU off and the FDT's address in x0
 * (Documentation/arch/arm64/booting.rst).  Until the MMU is on, memory is what
 * caches were cleaned to: early() in mmu.c moves the image and makes tables.
 */
/* Ones where they must be; UCI, nTWE, nTWI, UCT, DZE, I, UMA, SA0, SA, C, M. */
#define SCTLR_ON 0x34d5da1d
/* 48 bits of address, write-back and shared walks, nothing above. */
#define TCR_ON 0x00803510
/* 0: device, nGnRE; 1: write-back; 2: not cached. */
#define MAIR_ON 0x44ff04
/* EL0 reads both counters and owns both timers. */
#define CNTKCTL_ON 0x303
#define SPSR_EL0 0x3c0		/* EL0, everything masked */
#define FRAME 272		/* struct frame */

	.section .text.start, "ax"
	.globl entry
entry:
	b	start
	.long	0
	.quad	0			/* text offset */
	.long	image_size, 0
	.quad	0xa			/* little-endian, 4K pages, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

start:
	msr	daifset, #0xf
	mov	x19, x0
	adrp	x0, early_stack_top
	add	sp, x0, :lo12:early_stack_top
	adrp	x0, image_start
	bl	early
	bl	mmu_on
	/* With caches on: what nobody has loaded is cleared. */
	adrp	x0, tables_end
	adrp	x1, image_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	adrp	x0, cpu0
	add	x0, x0, :lo12:cpu0
	str	x19, [x0, #24]		/* arg: the FDT */
	b	enter_el0

	/* Where PSCI starts a CPU: x0 is its struct cpu. */
	.globl cpu_start
cpu_start:
	msr	daifset, #0xf
	mov	x19, x0
	bl	mmu_on
	mov	x0, x19
	b	enter_el0

mmu_on:
	ldr	x0, =MAIR_ON
	msr	mair_el1, x0
	ldr	x0, =TCR_ON
	mrs	x1, id_aa64mmfr0_el1
	and	x1, x1, #0xf		/* PARange, at most 48 bits */
	mov	x2, #5
	cmp	x1, x2
	csel	x1, x1, x2, lo
	bfi	x0, x1, #32, #3
	msr	tcr_el1, x0
	adrp	x0, tables
	msr	ttbr0_el1, x0
	adrp	x0, vectors
	msr	vbar_el1, x0
	mov	x0, #CNTKCTL_ON
	msr	cntkctl_el1, x0
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	ldr	x0, =SCTLR_ON
	msr	sctlr_el1, x0
	isb
	ret

	/* x0: struct cpu, in which trap_sp, user_sp, entry, arg, index. */
enter_el0:
	ldp	x1, x2, [x0]
	ldp	x3, x4, [x0, #16]
	ldr	x5, [x0, #32]
	mov	sp, x1
	msr	sp_el0, x2
	msr	elr_el1, x3
	msr	tpidrro_el0, x5
	mov	x1, #SPSR_EL0
	msr	spsr_el1, x1
	mov	x0, x4
	eret
	.ltorg

	/* uint64_t el1_call(uint64_t (*fn)(void *arg, struct frame *), arg) */
	.globl el1_call
el1_call:
	mov	x8, x0
	mov	x0, x1
	svc	#0
	ret

	/* uint64_t smccc_call(const uint64_t arg[4], bool smc), at EL1 */
	.globl smccc_call
smccc_call:
	mov	w4, w1
	ldp	x2, x3, [x0, #16]
	ldp	x0, x1, [x0]
	cbnz	w4, 1f
	hvc	#0
	ret
1:	smc	#0
	ret

	/* Vectors: kind is the vector's number, four each from EL1 with SP_EL0,
	 * EL1, EL0, and EL0 in AArch32: synchronous, IRQ, FIQ, SError. */
	.text
	.balign 4096
vectors:
	.set	kind, 0
	.rept	16
	.balign 128
	sub	sp, sp, #FRAME
	stp	x0, x1, [sp]
	mov	x1, #kind
	b	trap_common
	.set	kind, kind + 1
	.endr

trap_common:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	mrs	x4, sp_el0
	stp	x30, x2, [sp, #240]
	stp	x3, x4, [sp, #256]
	mov	x0, sp
	bl	trap
	ldp	x30, x2, [sp, #240]
	ldp	x3, x4, [sp, #256]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	msr	sp_el0, x4
	ldp	x0, x1, [sp]
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x19, [sp, #144]
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	add	sp, sp, #FRAME
	eret

	.section .note.GNU-stack, "", %progbits
