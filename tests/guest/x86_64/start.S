/* SPDX-License-Identifier: MIT */
/*
 * From any entry to C in ring 3.
 *
 * A PVH loader enters start32 in protected mode with the start info in ebx; a
 * loader of Linux images enters start64 in long mode with boot_params in rsi; a
 * Multiboot 1 loader enters there as well, in protected mode, with eax saying so.
 * Ring 0 does the least it can (some KVMs emulate it, slowly): the first 4 MiB
 * mapped for everybody, descriptor tables, a task segment, iretq.  Ring 3 maps
 * the rest and fills the interrupt table, which is only memory.
 */
#define CS0 0x08
#define DS0 0x10
#define DS3 0x1b
#define CS3 0x23
#define TSS 0x28
/* With an I/O bitmap of zeros: some KVMs ignore IOPL for ring 3. */
#define TSS_SIZE (104 + 8192)
#define CS32 0x38
#define DS32 0x40
#define PRESENT_USER 0x07
#define LARGE_USER 0x87
#define IOPL3 0x3002

	/* The PVH entry, as an ELF note (Xen: XEN_ELFNOTE_PHYS32_ENTRY). */
	.section .note.Xen, "a", @note
	.long 4, 4, 18
	.asciz "Xen"
	.long start32

	.section .text.start, "ax"
	.code32
multiboot32:
	movl $2, boot_kind
	jmp 1f
	.globl start32
start32:
	movl $1, boot_kind
1:	movl %ebx, boot_arg
	movl $pdpt + PRESENT_USER, pml4
	movl $pd0 + PRESENT_USER, pdpt
	movl $0x000000 + LARGE_USER, pd0
	movl $0x200000 + LARGE_USER, pd0 + 8
	/* The CPUs that are started later come here too. */
long_mode:
	movl $0x20, %eax		/* CR4.PAE */
	movl %eax, %cr4
	movl $pml4, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx		/* EFER.LME */
	rdmsr
	orl $0x100, %eax
	wrmsr
	movl $0x80000011, %eax		/* CR0.PG, ET, PE */
	movl %eax, %cr0
	lgdt gdt_ptr
	ljmp $CS0, $ring0

	/* A started CPU: 16 bits; cpu_start() copies this to a page below 1 MiB. */
	.code16
	.globl ap_trampoline, ap_trampoline_end
ap_trampoline:
	cli
	lgdtl %cs:(ap_gdt_ptr - ap_trampoline)
	movl $0x11, %eax		/* CR0.ET, PE */
	movl %eax, %cr0
	ljmpl $CS32, $ap_start32
	.balign 4
	.globl ap_gdt_ptr
ap_gdt_ptr:
	.word gdt_end - gdt - 1
	.long gdt
ap_trampoline_end:

	.code32
ap_start32:
	movl $DS32, %eax
	movl %eax, %ds
	jmp long_mode

	.code64
	.globl start64
start64:
	cmpl $0x2badb002, %eax		/* the same bytes in 32 bits */
	je multiboot32
	cli
	movl %esi, boot_arg
	movl $pdpt + PRESENT_USER, pml4
	movl $pd0 + PRESENT_USER, pdpt
	movl $0x000000 + LARGE_USER, pd0
	movl $0x200000 + LARGE_USER, pd0 + 8
	movl $pml4, %eax
	movq %rax, %cr3
	lgdt gdt_ptr
	movl $user_stack_top, %esp
	pushq $CS0
	pushq $ring0
	lretq

	/* Ring 0 in 64 bits.  cpu_now is the CPU that is being started. */
ring0:
	movl $DS0, %eax
	movl %eax, %ss
	movl $DS3, %eax
	movl %eax, %ds
	movl %eax, %es
	lidt idt_ptr
	movl $user_stack_top, %esp
	movl $guest_start, %ecx
	cmpl $0, cpu_now
	je 1f
	movq ap_stack, %rsp
	movl $ap_start, %ecx
	jmp 2f
1:	movl $tss0, %eax		/* nobody else can write this one */
	movw %ax, gdt_tss + 2
	shrl $16, %eax
	movb %al, gdt_tss + 4
	movb %ah, gdt_tss + 7
	movl $trap_stack_top, tss0 + 4	/* RSP0 */
	movw $104, tss0 + 102		/* the bitmap */
2:	movl $TSS, %eax
	ltr %ax
	movq %rsp, %rdx
	pushq $DS3
	pushq %rdx
	pushq $IOPL3
	pushq $CS3
	pushq %rcx
	iretq

	/* uint64_t ring0_call(uint64_t (*fn)(void *arg, uint64_t *frame), arg) */
	.globl ring0_call
ring0_call:
	movq %rdi, %rax
	movq %rsi, %rdi
	.globl ring0_gate
ring0_gate:
	ud2
	ret

	/* Invalid opcode: the gate above, or a mistake. */
	.globl trap_ud
trap_ud:
	cmpq $ring0_gate, (%rsp)
	jne exc_6
	addq $2, (%rsp)
	movq %rsp, %rsi
	subq $8, %rsp
	call *%rax
	addq $8, %rsp
	iretq

	/* Exceptions end the guest: pushes what exc_report() reads. */
	.macro exc n
exc_\n:
	.if !(\n == 8 || \n == 10 || \n == 11 || \n == 12 || \n == 13 || \
		\n == 14 || \n == 17 || \n == 21)
	pushq $0
	.endif
	pushq $\n
	jmp exc_all
	.balign 16
	.endm
	.balign 16
	.globl exc_stubs
exc_stubs:
	.irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,\
		24,25,26,27,28,29,30,31
	exc \n
	.endr
exc_all:
	cld
	movq %rsp, %rdi
	call exc_report
1:	cli
	hlt
	jmp 1b

	/* Interrupts: counted for vectors 32 to 63, and acknowledged. */
	.globl irq_stubs
	.balign 32
irq_stubs:
	.set v, 0
	.rept 32
	lock incl irq_count + 4 * v
	jmp irq_eoi
	.balign 32
	.set v, v + 1
	.endr
irq_eoi:
	pushq %rax
	movq lapic, %rax
	movl $0, 0xb0(%rax)
	popq %rax
	iretq
	.globl irq_spurious
irq_spurious:
	iretq

	.data
	.balign 8
	.globl gdt, gdt_end
gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* 08 ring 0 code, 64 bit */
	.quad 0x00cf93000000ffff	/* 10 ring 0 data */
	.quad 0x00cff3000000ffff	/* 18 ring 3 data */
	.quad 0x00affb000000ffff	/* 20 ring 3 code, 64 bit */
gdt_tss:
	.word TSS_SIZE - 1, 0, 0x8900, 0 /* 28 task segment, base to fill in */
	.quad 0
	.quad 0x00cf9b000000ffff	/* 38 ring 0 code, 32 bit */
	.quad 0x00cf93000000ffff	/* 40 ring 0 data, 32 bit */
gdt_end:
	.globl gdt_ptr
gdt_ptr:
	.word gdt_end - gdt - 1
	.quad gdt
	.balign 8
idt_ptr:
	.word 4095
	.quad idt
	.globl lapic
	.balign 8
lapic:	.quad 0xfee00000

	.bss
	.globl boot_arg, boot_kind, irq_count, pml4, pdpt, idt, cpu_now, ap_stack
	.balign 4096
pml4:	.skip 4096
pdpt:	.skip 4096
pd0:	.skip 4096
idt:	.skip 4096
tss0:	.skip TSS_SIZE
	.balign 8
ap_stack: .skip 8
boot_arg: .skip 4
boot_kind: .skip 4
cpu_now: .skip 4
irq_count: .skip 32 * 4
	.balign 16
	.skip 8192
trap_stack_top:
	.skip 32768
user_stack_top:
	.section .note.GNU-stack, "", @progbits
