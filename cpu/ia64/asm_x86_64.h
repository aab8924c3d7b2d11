/* SPDX-License-Identifier: MIT */
/* Instructions of x86-64 as bytes; private to cpu/ia64. */
#ifndef CPU_IA64_ASM_X86_64_H
#define CPU_IA64_ASM_X86_64_H

#include <stdbool.h>
#include <stdint.h>

/* Where code goes; the caller sees to the room. */
struct asm_x86 {
	uint8_t *p;
};

enum {
	RAX,
	RCX,
	RDX,
	RBX,
	RSP,
	RBP,
	RSI,
	RDI,
	R8,
	R9,
	R10,
	R11,
	R12,
	R13,
	R14,
	R15
};
/* Conditions: of jcc, setcc and cmovcc. */
enum {
	CC_O,
	CC_NO,
	CC_C,
	CC_NC,
	CC_E,
	CC_NE,
	CC_BE,
	CC_A,
	CC_L = 12,
	CC_GE,
	CC_LE,
	CC_G
};
/* The second number of an opcode that has one: group 1, shifts, bit tests. */
enum { G1_ADD, G1_OR, G1_AND = 4, G1_SUB, G1_XOR, G1_CMP };
enum { SH_SHL = 4, SH_SHR, SH_SAR = 7 };
enum { BT_BT = 4, BT_BTS, BT_BTR };
/* Opcodes; of two bytes where they begin with 0x0f. */
enum {
	X_ADD = 0x03,
	X_OR = 0x0b,
	X_AND = 0x23,
	X_SUB = 0x2b,
	X_XOR = 0x33,
	X_CMP = 0x3b,
	X_SBB = 0x1b,
	X_MOVSXD = 0x63,
	X_TEST = 0x85,
	X_STORE8 = 0x88,
	X_STORE = 0x89,
	X_LOAD = 0x8b,
	X_LEA = 0x8d,
	X_RET = 0xc3,
	X_MOVZX8 = 0x0fb6,
	X_MOVZX16 = 0x0fb7,
	X_MOVSX8 = 0x0fbe,
	X_MOVSX16 = 0x0fbf,
};
/* How wide an operation is: 8 has its source or what it stores in a byte. */
enum { W32, W64, W8, W16 };

static inline void x_byte(struct asm_x86 *a, unsigned b)
{
	*a->p++ = (uint8_t)b;
}

static inline void x_32(struct asm_x86 *a, uint32_t v)
{
	__builtin_memcpy(a->p, &v, 4);
	a->p += 4;
}

static inline void x_64(struct asm_x86 *a, uint64_t v)
{
	__builtin_memcpy(a->p, &v, 8);
	a->p += 8;
}

/* Prefixes and opcode. */
static inline void x_opcode(struct asm_x86 *a, int width, unsigned opcode,
			    unsigned reg, unsigned index, unsigned rm)
{
	unsigned rex = (width == W64) << 3 | (reg >> 3) << 2 |
		       (index >> 3) << 1 | rm >> 3;

	if (width == W16)
		x_byte(a, 0x66);
	if (rex || width == W8) /* of bytes: sil and dil are meant */
		x_byte(a, 0x40 | rex);
	if (opcode > 0xff)
		x_byte(a, opcode >> 8);
	x_byte(a, opcode & 0xff);
}

/* reg and register rm */
static inline void x_rr(struct asm_x86 *a, int width, unsigned opcode,
			unsigned reg, unsigned rm)
{
	x_opcode(a, width, opcode, reg, 0, rm);
	x_byte(a, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/* reg and memory at base + disp; base is not rsp or r12 */
static inline void x_rm(struct asm_x86 *a, int width, unsigned opcode,
			unsigned reg, unsigned base, int32_t disp)
{
	bool small = disp == (int8_t)disp;

	x_opcode(a, width, opcode, reg, 0, base);
	x_byte(a, (small ? 0x40u : 0x80u) | (reg & 7) << 3 | (base & 7));
	if (small)
		x_byte(a, (uint8_t)disp);
	else
		x_32(a, (uint32_t)disp);
}

/* reg and memory at base + (index << scale) + disp */
static inline void x_rx(struct asm_x86 *a, int width, unsigned opcode,
			unsigned reg, unsigned base, unsigned index,
			unsigned scale, int8_t disp)
{
	x_opcode(a, width, opcode, reg, index, base);
	x_byte(a, 0x44 | (reg & 7) << 3);
	x_byte(a, scale << 6 | (index & 7) << 3 | (base & 7));
	x_byte(a, (uint8_t)disp);
}

static inline void x_mov(struct asm_x86 *a, unsigned to, unsigned from)
{
	if (to != from)
		x_rr(a, W64, X_LOAD, to, from);
}

static inline void x_mov_imm(struct asm_x86 *a, unsigned to, uint64_t v)
{
	if (v <= UINT32_MAX) {
		x_opcode(a, W32, 0xb8 + (to & 7), 0, 0, to);
		x_32(a, (uint32_t)v);
	} else if ((int64_t)v == (int32_t)v) {
		x_rr(a, W64, 0xc7, 0, to);
		x_32(a, (uint32_t)v);
	} else {
		x_opcode(a, W64, 0xb8 + (to & 7), 0, 0, to);
		x_64(a, v);
	}
}

/* Group 1 with a number that is extended by its sign. */
static inline void x_g1(struct asm_x86 *a, int width, unsigned g1, unsigned reg,
			int32_t v)
{
	bool small = v == (int8_t)v;

	x_rr(a, width, small ? 0x83 : 0x81, g1, reg);
	if (small)
		x_byte(a, (uint8_t)v);
	else
		x_32(a, (uint32_t)v);
}

/* The same on memory; always the long form, whose number may be patched. */
static inline void x_g1_mem(struct asm_x86 *a, int width, unsigned g1,
			    unsigned base, int32_t disp, uint32_t v)
{
	x_rm(a, width, 0x81, g1, base, disp);
	x_32(a, v);
}

static inline void x_shift(struct asm_x86 *a, unsigned sh, unsigned reg,
			   unsigned by)
{
	if (!by)
		return;
	x_rr(a, W64, 0xc1, sh, reg);
	x_byte(a, by);
}

static inline void x_shift_cl(struct asm_x86 *a, unsigned sh, unsigned reg)
{
	x_rr(a, W64, 0xd3, sh, reg);
}

static inline void x_not(struct asm_x86 *a, unsigned reg)
{
	x_rr(a, W64, 0xf7, 2, reg);
}

static inline void x_bit(struct asm_x86 *a, unsigned bt, unsigned reg,
			 unsigned bit)
{
	x_rr(a, W64, 0x0fba, bt, reg);
	x_byte(a, bit);
}

static inline void x_setcc(struct asm_x86 *a, unsigned cc, unsigned reg)
{
	x_rr(a, W8, 0x0f90 + cc, 0, reg);
	x_rr(a, W8, X_MOVZX8, reg, reg);
}

static inline void x_cmov(struct asm_x86 *a, unsigned cc, unsigned to,
			  unsigned from)
{
	x_rr(a, W64, 0x0f40 + cc, to, from);
}

/* Jumps of 32 bits; they return where the distance is. */
static inline uint8_t *x_jcc(struct asm_x86 *a, unsigned cc)
{
	x_byte(a, 0x0f);
	x_byte(a, 0x80 + cc);
	x_32(a, 0);
	return a->p - 4;
}

static inline uint8_t *x_jmp(struct asm_x86 *a)
{
	x_byte(a, 0xe9);
	x_32(a, 0);
	return a->p - 4;
}

/* Makes a jump lead to code. */
static inline void x_patch(uint8_t *at, const uint8_t *code)
{
	int32_t far = (int32_t)(code - (at + 4));

	__builtin_memcpy(at, &far, 4);
}

static inline void x_here(struct asm_x86 *a, uint8_t *at)
{
	x_patch(at, a->p);
}

static inline void x_push(struct asm_x86 *a, unsigned reg)
{
	x_opcode(a, W32, 0x50 + (reg & 7), 0, 0, reg);
}

static inline void x_pop(struct asm_x86 *a, unsigned reg)
{
	x_opcode(a, W32, 0x58 + (reg & 7), 0, 0, reg);
}

static inline void x_call(struct asm_x86 *a, unsigned reg)
{
	x_rr(a, W32, 0xff, 2, reg);
}

static inline uint8_t *x_call_near(struct asm_x86 *a)
{
	x_byte(a, 0xe8);
	x_32(a, 0);
	return a->p - 4;
}

static inline void x_jmp_reg(struct asm_x86 *a, unsigned reg)
{
	x_rr(a, W32, 0xff, 4, reg);
}

#endif
