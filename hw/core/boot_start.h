/* SPDX-License-Identifier: MIT */
/* Where the boot CPU starts: from a loader in boot/ to a target in cpu/. */
#ifndef HW_CORE_BOOT_START_H
#define HW_CORE_BOOT_START_H

#include <stdint.h>

#include "hw/core/mem.h"

/* The CPU mode of an entry, and what boot_start.arg holds in it. */
enum boot_mode {
	/*
	 * Long mode, paging on, interrupts off; CS and the data segments as
	 * the GDT at gdt has them (selectors below).  RSI = arg[0].
	 * Documentation/arch/x86/boot.rst, "64-bit Boot Protocol".
	 */
	BOOT_X86_LONG,
	/*
	 * Protected mode, flat 4 GiB segments, paging off, interrupts off.
	 * EAX = arg[0], EBX = arg[1].  Multiboot 0.6.96 section 3.2; PVH
	 * (Xen docs/misc/pvh.pandoc), which also wants a 32-bit TSS of
	 * base 0 and limit 0x67 in TR.
	 */
	BOOT_X86_FLAT,
	/*
	 * AArch64 EL1h, MMU and caches off, DAIF masked; X0 to X3 = arg[0] to
	 * arg[3].  Documentation/arch/arm64/booting.rst; firmware starts the
	 * same way.
	 */
	BOOT_ARM64,
	/*
	 * AArch32 supervisor mode, MMU and caches off, A, I and F masked; R0
	 * to R2 = arg[0] to arg[2], T as bit 0 of pc says.
	 * Documentation/arch/arm/booting.rst.
	 */
	BOOT_ARM32,
	/*
	 * 64-bit POWER in real mode, external interrupts off, in one byte
	 * order or the other; R3 to R7 = arg[0] to arg[4].  A kernel gets the
	 * device tree in R3 and 0, for no client interface, in R5: Linux'
	 * arch/powerpc/kernel/head_64.S; R6 and R7 are ePAPR's (1.1, 5.4.1),
	 * for a zImage's wrapper: its magic, and how much of memory from 0 on
	 * is mapped.
	 */
	BOOT_PPC64BE,
	BOOT_PPC64LE,
	BOOT_PPC32BE, /* big-endian, addresses of 32 bits */
	/*
	 * IA-64 in physical mode, interruptions off and not collected, bank 1;
	 * r28 = arg[0], for a kernel its struct ia64_boot_param: Linux'
	 * arch/ia64/kernel/head.S.
	 */
	BOOT_IA64,
};

/* The selectors of the x86 modes: Linux's __BOOT_CS and __BOOT_DS. */
#define BOOT_X86_CS 0x10
#define BOOT_X86_DS 0x18

/* Where the boot CPU starts, as plain data for cpu/<target>. */
struct boot_start {
	enum boot_mode mode;
	uint64_t pc;
	uint64_t arg[5];
	gpa_t tables;	   /* root of the page tables (CR3); 0: none */
	gpa_t gdt;	   /* x86: where the GDT lies */
	uint32_t gdt_size; /* bytes */

	/* For debuggers and for messages: */
	const char *protocol; /* "Linux 64-bit", "PVH", ... */
	gpa_t kernel_base;    /* first byte of the loaded kernel */
	uint64_t kernel_size; /* with .bss */
	uint64_t kaslr_text;  /* of a kernel that was moved, its first; or 0 */
	gpa_t initrd_base;
	uint64_t initrd_size; /* 0: none */
};

#endif
