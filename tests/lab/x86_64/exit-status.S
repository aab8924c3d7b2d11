/* SPDX-License-Identifier: MIT */
/* exit-status N: ends the machine with status N through isa-debug-exit. */
#include <asm/unistd.h>

#define PORT 0xf4

	.globl	_start
_start:
	mov	16(%rsp), %rsi		/* argv[1], a decimal number */
	xor	%ebx, %ebx
1:	movzbl	(%rsi), %eax
	test	%eax, %eax
	jz	2f
	imul	$10, %ebx
	lea	-'0'(%rbx, %rax), %ebx
	inc	%rsi
	jmp	1b
2:	mov	$__NR_ioperm, %eax
	mov	$PORT, %edi
	mov	$1, %esi
	mov	$1, %edx
	syscall
	mov	%ebx, %eax
	mov	$PORT, %edx
	out	%al, %dx
	mov	$__NR_exit, %eax	/* there was no such device */
	xor	%edi, %edi
	syscall
