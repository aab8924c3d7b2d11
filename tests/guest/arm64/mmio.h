/* SPDX-License-Identifier: MIT */
/*
 * Device memory on arm64.  Loads and stores of one plain register: a hypervisor
 * is told nothing about others (ESR_EL2.ISV).  A store comes after all stores
 * to memory before it, memory is read after the load.
 */
#ifndef GUEST_MMIO_H
#define GUEST_MMIO_H

#include <stdint.h>

#define MMIO_READ(bits, type, insn)                    \
	static inline type mmio_read##bits(uint64_t a) \
	{                                              \
		type v;                                \
                                                       \
		__asm__ volatile(insn "\n\tdmb oshld"  \
				 : "=r"(v)             \
				 : "r"(a)              \
				 : "memory");          \
		return v;                              \
	}
#define MMIO_WRITE(bits, type, insn)                            \
	static inline void mmio_write##bits(uint64_t a, type v) \
	{                                                       \
		__asm__ volatile("dmb oshst\n\t" insn           \
				 :                              \
				 : "r"(v), "r"(a)               \
				 : "memory");                   \
	}
MMIO_READ(8, uint8_t, "ldrb %w0, [%1]")
MMIO_READ(16, uint16_t, "ldrh %w0, [%1]")
MMIO_READ(32, uint32_t, "ldr %w0, [%1]")
MMIO_READ(64, uint64_t, "ldr %0, [%1]")
MMIO_WRITE(8, uint8_t, "strb %w0, [%1]")
MMIO_WRITE(16, uint16_t, "strh %w0, [%1]")
MMIO_WRITE(32, uint32_t, "str %w0, [%1]")
MMIO_WRITE(64, uint64_t, "str %0, [%1]")
#undef MMIO_READ
#undef MMIO_WRITE

#endif
