/* SPDX-License-Identifier: MIT */
/* IA-64 instructions as one table: decoder, encoder, disassembler. */
#ifndef CPU_IA64_INSN_H
#define CPU_IA64_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/ia64/ops.h"

/*
 * "SDM" in cpu/ia64 is the Intel Itanium Architecture Software Developer's
 * Manual, revision 2.3.  Instruction formats are in volume 3, chapter 4.
 */

#define IA64_SLOT_MASK 0x1ffffffffffull /* a slot's 41 bits */

/* What an instruction needs to execute, and what a slot of a bundle offers. */
enum ia64_unit { UNIT_A, UNIT_I, UNIT_M, UNIT_F, UNIT_B, UNIT_X, UNIT_L };

/* A bundle template, SDM 3:4.2 table 4-2; no units: reserved. */
struct ia64_template {
	const char *name; /* as in ".mii"; NULL where it is reserved */
	uint8_t unit[3];  /* enum ia64_unit */
	uint8_t stops;	  /* bit n: a stop after slot n */
};
extern const struct ia64_template ia64_templates[32];

/* What an operand's number is. */
enum ia64_operand_kind {
	OPD_GR = 1,
	OPD_FR,
	OPD_BR,
	OPD_PR,
	OPD_AR,
	OPD_CR,
	OPD_IMM,    /* a number */
	OPD_TARGET, /* bytes from the bundle's address */
	OPD_PERM,   /* mux1's kinds, by name */
	OPD_SOF,    /* alloc's frame, whose outputs are printed: after sol */
};

/* How the number is had from the bits that encode it. */
enum ia64_xform {
	XF_NONE,
	XF_PLUS1,
	XF_FROM63,
	XF_FROM31,
	XF_COUNT2, /* 0, 7, 15, 16 */
	XF_INC3,   /* +-16, 8, 4, 1 */
	XF_PLUS32,
};

/* Which field of struct ia64_op an operand is decoded to. */
enum ia64_field { FLD_A, FLD_B, FLD_C, FLD_D, FLD_E, FLD_IMM };

/* One kind of operand: where its bits are, SDM 3:4.1. */
struct ia64_operand {
	const char *name; /* as the manual calls it */
	uint8_t kind, xform, field;
	bool is_signed;
	uint8_t shift; /* the number's low bits that are not encoded */
	struct {
		uint8_t pos, len;
	} part[6]; /* least significant first; from 64 on: of the L slot */
};

/* A completer that does not choose the operation: hints, status fields. */
struct ia64_completer {
	uint8_t pos, len;
	const char *name[8]; /* NULL: reserved */
};

/* An instruction format: its operands, in the order of assembly. */
struct ia64_format {
	const char *name;   /* A1 .. X5 */
	const char *syntax; /* each @ is the next operand */
	const struct ia64_operand *opd[5];
	const struct ia64_completer *completer[3];
	bool no_qp; /* bits 5:0 are not a predicate */
};

/* One instruction form: a row of the table. */
struct ia64_form {
	const char *name; /* mnemonic with the completers that matter */
	uint8_t unit;	  /* enum ia64_unit */
	uint16_t op;	  /* enum ia64_opcode */
	uint8_t k;	  /* op's parameter; ops.h */
	const struct ia64_format *fmt;
	uint64_t mask, match; /* of the slot's bits */
};
extern const struct ia64_form ia64_forms[];
extern const unsigned ia64_nforms;

/*
 * A ready operation: what a slot is decoded to.  Register numbers are those
 * of the instruction, before renaming.  Of a long instruction's immediate
 * (movl, brl, break.x) imm has bits 31:0, and bits 63:32 are in the imm of the
 * operation that follows, that of the L slot's place; its form is
 * IA64_NO_FORM.
 */
#define IA64_NO_FORM UINT16_MAX
struct ia64_op {
	uint16_t op;   /* enum ia64_opcode; in a page see IA64_PREDICATED */
	uint16_t form; /* index of ia64_forms */
	uint8_t qp, k;
	uint8_t a, b, c, d, e;
	uint8_t next; /* how far the next one is that does something */
	int32_t imm;
};

/* One bundle, in host order. */
struct ia64_bundle {
	uint8_t tmpl;
	uint64_t slot[3];
};

/* 16 bytes as in memory, to and from; bundles are always little-endian. */
void ia64_bundle_load(struct ia64_bundle *b, const void *bytes);
void ia64_bundle_store(const struct ia64_bundle *b, void *bytes);

/*
 * The form of a slot's bits in a slot of that unit (never UNIT_A), or -1 where
 * the encoding is reserved.
 */
int ia64_form_find(enum ia64_unit unit, uint64_t slot);

/* The number of operand n of a form; lslot: the L slot, of UNIT_X only. */
int64_t ia64_operand_get(const struct ia64_form *f, unsigned n, uint64_t slot,
			 uint64_t lslot);
/* Puts a number in; false where it cannot be encoded. */
bool ia64_operand_put(const struct ia64_form *f, unsigned n, int64_t val,
		      uint64_t *slot, uint64_t *lslot);
/* How many operands a form has. */
unsigned ia64_form_operands(const struct ia64_form *f);

/*
 * Decodes a whole bundle.  What is reserved becomes OP_ILLEGAL, in every slot
 * where the template is.  SDM 3:4.1.
 */
void ia64_decode(const struct ia64_bundle *b, struct ia64_op op[3]);

/*
 * The text of one slot in the syntax of the manual, which GNU as reads too:
 * "(p6) ld8.acq r14=[r15]".  Targets are relative to the bundle: ".+0x40".
 * Returns text, which is len bytes long.
 */
const char *ia64_disasm(const struct ia64_bundle *b, unsigned slot, char *text,
			size_t len);

#endif
