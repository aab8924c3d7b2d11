/* SPDX-License-Identifier: MIT */
/*
 * From the entry of an ELF kernel (r3: the FDT) to C, the vectors, and calls of
 * the hypervisor.
 *
 * All of a guest runs in real mode with supervisor's rights: hypercalls need
 * them, and nothing here is slow with them.  r13 is the CPU's index.
 */
#define FRAME_AT 32		/* struct frame, above the stack frame's header */
#define FRAME_R(n) (FRAME_AT + 8 * (n))
#define FRAME_LR FRAME_R(32)
#define FRAME_CTR FRAME_R(33)
#define FRAME_CR FRAME_R(34)
#define FRAME_XER FRAME_R(35)
#define FRAME_PC FRAME_R(36)
#define FRAME_MSR FRAME_R(37)
#define FRAME_SIZE 336
#define RED_ZONE 288		/* what is below r1 may be in use */

/* An instruction as a CPU in big-endian mode reads it. */
	.macro	be insn
	.long	(\insn & 0xff) << 24 | (\insn & 0xff00) << 8 | \
		(\insn >> 8 & 0xff00) | (\insn >> 24 & 0xff)
	.endm

	.section .text.start, "ax"
	.globl	entry
entry:
	lis	%r2, .TOC.@ha
	addi	%r2, %r2, .TOC.@l
	lis	%r1, boot_stack_top@ha
	addi	%r1, %r1, boot_stack_top@l
	li	%r13, 0
	li	%r0, 0
	stdu	%r0, -48(%r1)
	bl	guest_start
	b	.

	.set	vector, 0x100
	.rept	30
	.org	vector
	stdu	%r1, -(FRAME_SIZE + RED_ZONE)(%r1)
	std	%r0, FRAME_R(0)(%r1)
	li	%r0, vector
	b	trap_common
	.set	vector, vector + 0x80
	.endr

	.org	0x1000
trap_common:
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, FRAME_R(\n)(%r1)
	.endr
	addi	%r4, %r1, FRAME_SIZE + RED_ZONE
	std	%r4, FRAME_R(1)(%r1)
	mflr	%r5
	mfctr	%r6
	mfcr	%r7
	mfxer	%r8
	mfsrr0	%r9
	mfsrr1	%r10
	std	%r5, FRAME_LR(%r1)
	std	%r6, FRAME_CTR(%r1)
	std	%r7, FRAME_CR(%r1)
	std	%r8, FRAME_XER(%r1)
	std	%r9, FRAME_PC(%r1)
	std	%r10, FRAME_MSR(%r1)
	lis	%r2, .TOC.@ha
	addi	%r2, %r2, .TOC.@l
	addi	%r3, %r1, FRAME_AT
	mr	%r4, %r0
	bl	trap
	ld	%r5, FRAME_LR(%r1)
	ld	%r6, FRAME_CTR(%r1)
	ld	%r7, FRAME_CR(%r1)
	ld	%r8, FRAME_XER(%r1)
	ld	%r9, FRAME_PC(%r1)
	ld	%r10, FRAME_MSR(%r1)
	mtlr	%r5
	mtctr	%r6
	mtcr	%r7
	mtxer	%r8
	mtsrr0	%r9
	mtsrr1	%r10
	.irp	n, 0,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	%r\n, FRAME_R(\n)(%r1)
	.endr
	ld	%r1, FRAME_R(1)(%r1)
	rfid

	/* Where RTAS starts a CPU, in big-endian mode: r3 is its struct cpu. */
	.globl	cpu_start
cpu_start:
	be	0x7c8000a6		/* mfmsr r4 */
	be	0x60840001		/* ori r4, r4, LE */
	be	0x7c9b03a6		/* mtsrr1 r4 */
	be	0x429f0005		/* bcl 20, 31, to the next */
	be	0x7c8802a6		/* mflr r4: its address */
	be	0x38840010		/* addi r4, r4, to what follows rfid */
	be	0x7c9a03a6		/* mtsrr0 r4 */
	be	0x4c000024		/* rfid */
	lis	%r2, .TOC.@ha
	addi	%r2, %r2, .TOC.@l
	ld	%r1, 0(%r3)
	ld	%r13, 8(%r3)
	li	%r0, 0
	stdu	%r0, -48(%r1)
	bl	cpu_main
	b	.

	/* int64_t hcall_raw(uint64_t nr, const uint64_t in[9], uint64_t out[9]) */
	.text
	.globl	hcall_raw
hcall_raw:
	std	%r5, -8(%r1)
	ld	%r12, 64(%r4)
	ld	%r11, 56(%r4)
	ld	%r10, 48(%r4)
	ld	%r9, 40(%r4)
	ld	%r8, 32(%r4)
	ld	%r7, 24(%r4)
	ld	%r6, 16(%r4)
	ld	%r5, 8(%r4)
	ld	%r4, 0(%r4)
	sc	1
	mr	%r0, %r12
	ld	%r12, -8(%r1)
	std	%r4, 0(%r12)
	std	%r5, 8(%r12)
	std	%r6, 16(%r12)
	std	%r7, 24(%r12)
	std	%r8, 32(%r12)
	std	%r9, 40(%r12)
	std	%r10, 48(%r12)
	std	%r11, 56(%r12)
	std	%r0, 64(%r12)
	blr

	.section .note.GNU-stack, "", %progbits
