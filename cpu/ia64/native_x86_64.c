/* SPDX-License-Identifier: MIT */
/* Emits x86-64 code of IA-64 operations; see native.h. */
#include "cpu/ia64/native.h"

#include <stddef.h>
#include <string.h>

#include "cpu/ia64/asm_x86_64.h"

/*
 * rbx is the processor, rbp its table of short cuts, r12 how many branches are
 * left, r13 the predicates; rcx is free for use within an operation.  The other
 * registers of POOL hold what general registers have, which is in memory
 * besides, so that a fragment can end anywhere.
 */
#define CPU   RBX
#define FAST  RBP
#define LEFT  R12
#define PREDS R13

static const uint8_t pool[] = {
	RAX, RDX, RSI, RDI, R8, R9, R10, R11, R14, R15
};
#define POOL (sizeof(pool) / sizeof(pool[0]))
#define NONE 0xff

#define OPS  96	 /* of a fragment at most */
#define OUTS 400 /* ways out of it */

/* A way out: jumped to from at. */
struct out {
	uint8_t *at;
	uintptr_t ends; /* what ia64_native_enter() returns */
};

struct fragment {
	struct asm_x86 a;
	struct ia64_emit *e;
	const struct ia64_op *o; /* where the operation stands */
	struct ia64_op op;	 /* it, without IA64_PREDICATED */
	bool pred;		 /* it has a predicate */
	uint8_t has[POOL];	 /* which general register, NONE */
	bool pinned[POOL];	 /* it is needed for this operation */
	unsigned turn;
	uint8_t *limit;	  /* where the frame's least size is to go */
	unsigned largest; /* that is written since */
	unsigned ops, nouts;
	struct out out[OUTS];
};

#define AT(field) ((int32_t)offsetof(struct ia64_cpu, field))
#define GR(n)	  (AT(gr) + 8 * (int32_t)(n))

/* ---- general registers in the host's */
static void forget(struct fragment *f)
{
	memset(f->has, NONE, sizeof(f->has));
}

/* The number in the pool of a register to use for this operation. */
static unsigned take(struct fragment *f)
{
	while (f->pinned[f->turn])
		f->turn = (f->turn + 1) % POOL;
	f->pinned[f->turn] = true;
	f->has[f->turn] = NONE;
	return f->turn;
}

static unsigned temporary(struct fragment *f)
{
	return pool[take(f)];
}

/* A register with the value of general register n. */
static unsigned get(struct fragment *f, unsigned n)
{
	unsigned i;

	for (i = 0; i < POOL; i++)
		if (f->has[i] == n) {
			f->pinned[i] = true;
			return pool[i];
		}
	i = take(f);
	x_rm(&f->a, W64, X_LOAD, pool[i], CPU, GR(n));
	f->has[i] = (uint8_t)n;
	return pool[i];
}

/* General register n is written: what a register has of it is old. */
static void written(struct fragment *f, unsigned n)
{
	for (unsigned i = 0; i < POOL; i++)
		if (f->has[i] == n)
			f->has[i] = NONE;
	if (n > f->largest)
		f->largest = n;
}

static void set(struct fragment *f, unsigned n, unsigned reg)
{
	written(f, n);
	x_rm(&f->a, W64, X_STORE, reg, CPU, GR(n));
	for (unsigned i = 0; i < POOL; i++)
		if (pool[i] == reg)
			f->has[i] = (uint8_t)n;
}

/* ---- ways out */
static void leave(struct fragment *f, uint8_t *at, const struct ia64_op *o,
		  enum ia64_native_end end)
{
	f->out[f->nouts++] = (struct out){ at, (uintptr_t)o | end };
}

static void emit_outs(struct fragment *f)
{
	for (unsigned i = 0; i < f->nouts; i++) {
		/* one way out may be another's */
		x_here(&f->a, f->out[i].at);
		x_mov_imm(&f->a, RAX, f->out[i].ends);
		x_patch(x_jmp(&f->a), f->e->leave);
	}
}

/* What the operation needs is not at hand: the interpreter has it. */
static void unless(struct fragment *f, unsigned cc)
{
	leave(f, x_jcc(&f->a, cc), f->o, NATIVE_OP);
}

/* The operation's bundle in its page. */
static int32_t bundle_of(const struct fragment *f)
{
	return (int32_t)((f->o - f->e->page->op) / 3 * 16);
}

/* Passes over the operation where its predicate is false; NULL: it has none. */
static uint8_t *skip(struct fragment *f)
{
	if (!f->pred)
		return NULL;
	x_bit(&f->a, BT_BT, PREDS, f->op.qp);
	return x_jcc(&f->a, CC_NC);
}

static void skipped(struct fragment *f, uint8_t *at)
{
	if (at)
		x_here(&f->a, at);
}

/* From here on the frame has to have what is written. */
static void begin_frame(struct fragment *f, enum ia64_native_end end)
{
	x_g1_mem(&f->a, W32, G1_CMP, CPU, AT(limit), 0);
	f->limit = f->a.p - 4;
	f->largest = 0;
	leave(f, x_jcc(&f->a, CC_C), f->o, end);
}

static void end_frame(struct fragment *f)
{
	uint32_t least = f->largest + 1;

	memcpy(f->limit, &least, sizeof(least));
}

/* ---- arithmetic: d = function of x, in r2, and y, in r3 */
static uint64_t field(unsigned len)
{
	return (len < 64 ? UINT64_C(1) << len : 0) - 1;
}

/* d |= bits 31:30 of y as the region, and d's own bits 31:0 */
static void pointer4(struct asm_x86 *a, unsigned d, unsigned y)
{
	x_mov(a, RCX, y);
	x_shift(a, SH_SHR, RCX, 30);
	x_g1(a, W32, G1_AND, RCX, 3);
	x_shift(a, SH_SHL, RCX, 61);
	x_rr(a, W64, X_OR, d, RCX);
}

/* d = of shifted by the number in by, zero beyond 63 */
static void shifted(struct asm_x86 *a, unsigned sh, unsigned d, unsigned of,
		    unsigned by)
{
	x_mov(a, RCX, by);
	x_mov(a, d, of);
	x_shift_cl(a, sh, d);
	x_g1(a, W64, G1_CMP, RCX, 64);
	x_rr(a, W64, X_SBB, RCX, RCX);
	x_rr(a, W64, X_AND, d, RCX);
}

static void shifted_signed(struct asm_x86 *a, unsigned d, unsigned of,
			   unsigned by)
{
	x_mov(a, RCX, by);
	x_mov_imm(a, d, 63);
	x_g1(a, W64, G1_CMP, RCX, 63);
	x_cmov(a, CC_A, RCX, d);
	x_mov(a, d, of);
	x_shift_cl(a, SH_SAR, d);
}

static void shladd(struct asm_x86 *a, int width, unsigned d, unsigned x,
		   unsigned y, unsigned by)
{
	if (by < 4) {
		x_rx(a, width, X_LEA, d, y, x, by, 0);
		return;
	}
	x_mov(a, d, x);
	x_shift(a, SH_SHL, d, by);
	x_rr(a, width, X_ADD, d, y);
}

static void dep(struct asm_x86 *a, const struct ia64_op *op, unsigned d,
		unsigned x, unsigned y)
{
	x_mov(a, d, x);
	x_shift(a, SH_SHL, d, op->e);
	x_mov_imm(a, RCX, field(op->d) << op->e);
	x_rr(a, W64, X_AND, d, RCX);
	x_not(a, RCX);
	x_rr(a, W64, X_AND, RCX, y);
	x_rr(a, W64, X_OR, d, RCX);
}

static void two(struct asm_x86 *a, unsigned opcode, unsigned d, unsigned x,
		unsigned y)
{
	x_mov(a, d, x);
	x_rr(a, W64, opcode, d, y);
}

static void emit_alu2(struct asm_x86 *a, const struct ia64_op *op, unsigned d,
		      unsigned x, unsigned y)
{
	switch (op->op) {
	case OP_ADD: x_rx(a, W64, X_LEA, d, x, y, 0, 0); break;
	case OP_ADD1: x_rx(a, W64, X_LEA, d, x, y, 0, 1); break;
	case OP_SUB: two(a, X_SUB, d, x, y); break;
	case OP_SUB1:
		two(a, X_SUB, d, x, y);
		x_g1(a, W64, G1_SUB, d, 1);
		break;
	case OP_AND: two(a, X_AND, d, x, y); break;
	case OP_OR: two(a, X_OR, d, x, y); break;
	case OP_XOR: two(a, X_XOR, d, x, y); break;
	case OP_ANDCM:
		x_mov(a, d, y);
		x_not(a, d);
		x_rr(a, W64, X_AND, d, x);
		break;
	case OP_ADDP4:
		x_rx(a, W32, X_LEA, d, x, y, 0, 0);
		pointer4(a, d, y);
		break;
	case OP_SHLADD: shladd(a, W64, d, x, y, op->d); break;
	case OP_SHLADDP4:
		shladd(a, W32, d, x, y, op->d);
		pointer4(a, d, y);
		break;
	case OP_SHL: shifted(a, SH_SHL, d, x, y); break;
	case OP_SHR_U: shifted(a, SH_SHR, d, y, x); break;
	case OP_SHR: shifted_signed(a, d, y, x); break;
	case OP_SHRP:
		x_mov(a, d, y);
		if (op->imm) { /* shrd */
			x_rr(a, W64, 0x0fac, x, d);
			x_byte(a, (uint8_t)op->imm);
		}
		break;
	default: dep(a, op, d, x, y); break;
	}
}

/* A field of y to d, from bit e on, d bits long. */
static void extr(struct asm_x86 *a, const struct ia64_op *op, unsigned d,
		 unsigned y, unsigned sh)
{
	bool whole = op->e + op->d >= 64;

	x_mov(a, d, y);
	x_shift(a, SH_SHL, d, whole ? 0 : 64u - op->e - op->d);
	x_shift(a, sh, d, whole ? op->e : 64u - op->d);
}

static void imm_left(struct asm_x86 *a, unsigned g1, unsigned d, unsigned y,
		     int32_t imm)
{
	x_mov(a, d, y);
	x_g1(a, W64, g1, d, imm);
}

/* d = function of y, in r3, and what the instruction holds */
static void emit_alu1(struct asm_x86 *a, const struct ia64_op *op, unsigned d,
		      unsigned y)
{
	switch (op->op) {
	case OP_ADD_I: x_rm(a, W64, X_LEA, d, y, op->imm); break;
	case OP_SUB_I:
		x_mov_imm(a, d, (uint64_t)(int64_t)op->imm);
		x_rr(a, W64, X_SUB, d, y);
		break;
	case OP_AND_I: imm_left(a, G1_AND, d, y, op->imm); break;
	case OP_OR_I: imm_left(a, G1_OR, d, y, op->imm); break;
	case OP_XOR_I: imm_left(a, G1_XOR, d, y, op->imm); break;
	case OP_ANDCM_I:
		x_mov(a, d, y);
		x_not(a, d);
		x_g1(a, W64, G1_AND, d, op->imm);
		break;
	case OP_ADDP4_I:
		x_rm(a, W32, X_LEA, d, y, op->imm);
		pointer4(a, d, y);
		break;
	case OP_ZXT1: x_rr(a, W8, X_MOVZX8, d, y); break;
	case OP_ZXT2: x_rr(a, W32, X_MOVZX16, d, y); break;
	case OP_ZXT4: x_rr(a, W32, X_LOAD, d, y); break;
	case OP_SXT1: x_rr(a, W64, X_MOVSX8, d, y); break;
	case OP_SXT2: x_rr(a, W64, X_MOVSX16, d, y); break;
	case OP_SXT4: x_rr(a, W64, X_MOVSXD, d, y); break;
	case OP_EXTR_U: extr(a, op, d, y, SH_SHR); break;
	case OP_EXTR: extr(a, op, d, y, SH_SAR); break;
	default: /* DEP_I */
		x_mov_imm(a, RCX, ~(field(op->d) << op->e));
		x_mov(a, d, y);
		x_rr(a, W64, X_AND, d, RCX);
		x_mov_imm(a, RCX,
			  ((uint64_t)(int64_t)op->imm & field(op->d)) << op->e);
		x_rr(a, W64, X_OR, d, RCX);
		break;
	}
}

/* d = what takes no register of r3 */
static void emit_value(struct fragment *f, unsigned d)
{
	const struct ia64_op *op = &f->op;
	struct asm_x86 *a = &f->a;

	switch (op->op) {
	case OP_MOVL:
		x_mov_imm(a, d,
			  (uint32_t)op->imm | (uint64_t)(uint32_t)f->o[1].imm
						      << 32);
		break;
	case OP_DEP_ZI:
		x_mov_imm(a, d,
			  ((uint64_t)(int64_t)op->imm & field(op->d)) << op->e);
		break;
	case OP_DEP_Z:
		x_mov(a, d, get(f, op->b));
		x_mov_imm(a, RCX, field(op->d));
		x_rr(a, W64, X_AND, d, RCX);
		x_shift(a, SH_SHL, d, op->e);
		break;
	case OP_MOV_GR_IP:
		x_rm(a, W64, X_LOAD, d, CPU, AT(native_va));
		x_g1(a, W64, G1_ADD, d, bundle_of(f));
		break;
	case OP_MOV_GR_PR: /* without rotation */
		x_rm(a, W8, 0x80, G1_CMP, CPU, AT(rrb_pr));
		x_byte(a, 0);
		unless(f, CC_NE);
		x_mov(a, d, PREDS);
		break;
	case OP_MOV_GR_AR:
		x_rm(a, W64, X_LOAD, d, CPU, AT(ar) + 8 * op->c);
		break;
	default: /* MOV_GR_BR */
		x_rm(a, W64, X_LOAD, d, CPU, AT(br) + 8 * op->b);
		break;
	}
}

/* r1 = something, or what it was where the predicate is false */
static void emit_select(struct fragment *f, unsigned sources)
{
	const struct ia64_op *op = &f->op;
	unsigned x = 0, y = 0, old = 0, d;

	if (sources == 2)
		x = get(f, op->b);
	if (sources)
		y = get(f, op->c);
	if (!sources && op->op == OP_DEP_Z)
		get(f, op->b);
	if (f->pred)
		old = get(f, op->a);
	d = temporary(f);
	if (sources == 2)
		emit_alu2(&f->a, op, d, x, y);
	else if (sources)
		emit_alu1(&f->a, op, d, y);
	else
		emit_value(f, d);
	if (f->pred) {
		x_bit(&f->a, BT_BT, PREDS, op->qp);
		x_cmov(&f->a, CC_NC, d, old);
	}
	set(f, op->a, d);
}

/* ---- compares: p1, p2 = the condition and its opposite */
static void set_preds(struct asm_x86 *a, const struct ia64_op *op, unsigned cc)
{
	x_setcc(a, cc, RCX);
	if (op->a)
		x_bit(a, BT_BTR, PREDS, op->a);
	if (op->d)
		x_bit(a, BT_BTR, PREDS, op->d);
	if (op->a) {
		x_shift(a, SH_SHL, RCX, op->a);
		x_rr(a, W64, X_OR, PREDS, RCX);
		x_shift(a, SH_SHR, RCX, op->a);
	}
	if (op->d) {
		x_g1(a, W32, G1_XOR, RCX, 1);
		x_shift(a, SH_SHL, RCX, op->d);
		x_rr(a, W64, X_OR, PREDS, RCX);
	}
}

/* Where qp is false: .unc clears both. */
static void end_compare(struct fragment *f, uint8_t *no, bool unc)
{
	uint8_t *done;

	if (!no)
		return;
	if (!unc) {
		x_here(&f->a, no);
		return;
	}
	done = x_jmp(&f->a);
	x_here(&f->a, no);
	if (f->op.a)
		x_bit(&f->a, BT_BTR, PREDS, f->op.a);
	if (f->op.d)
		x_bit(&f->a, BT_BTR, PREDS, f->op.d);
	x_here(&f->a, done);
}

static void emit_compare(struct fragment *f, unsigned cc, bool imm, int width)
{
	const struct ia64_op *op = &f->op;
	unsigned x = imm ? RCX : get(f, op->b), y = get(f, op->c);
	uint8_t *no = skip(f);

	if (imm)
		x_mov_imm(&f->a, RCX, (uint64_t)(int64_t)op->imm);
	x_rr(&f->a, width, X_CMP, x, y);
	set_preds(&f->a, op, cc);
	end_compare(f, no, op->k);
}

static void emit_tbit(struct fragment *f)
{
	const struct ia64_op *op = &f->op;
	unsigned y = get(f, op->c);
	uint8_t *no = skip(f);

	x_bit(&f->a, BT_BT, y, op->imm & 63);
	set_preds(&f->a, op, op->k >> 3 & 1 ? CC_C : CC_NC);
	end_compare(f, no, (op->k & 7) == CT_UNC);
}

/* ---- memory */
/* rcx = host address minus va's, by the short cut; out where there is none. */
static void emit_short(struct fragment *f, unsigned va, unsigned size,
		       size_t tag)
{
	unsigned t = temporary(f);
	struct asm_x86 *a = &f->a;

	x_mov(a, RCX, va);
	x_shift(a, SH_SHR, RCX, 12);
	x_g1(a, W32, G1_AND, RCX, IA64_FAST_SIZE - 1);
	x_rx(a, W64, X_LEA, RCX, RCX, RCX, 1, 0);
	x_mov(a, t, va);
	x_g1(a, W64, G1_AND, t, (int32_t)(0xfffff000u | (size - 1)));
	x_rx(a, W64, X_CMP, t, FAST, RCX, 3, (int8_t)tag);
	unless(f, CC_NE);
	x_rx(a, W64, X_LOAD, RCX, FAST, RCX, 3,
	     offsetof(struct ia64_fast, addend));
}

_Static_assert(sizeof(struct ia64_fast) == 24,
	       "emit_short() multiplies by three and eight");

/* The base register's new value: by r2 or by an immediate. */
static void emit_update(struct fragment *f, unsigned va, bool by_reg)
{
	unsigned d = temporary(f);

	if (by_reg)
		x_rx(&f->a, W64, X_LEA, d, va, get(f, f->op.b), 0, 0);
	else
		x_rm(&f->a, W64, X_LEA, d, va, f->op.imm);
	set(f, f->op.c, d);
}

enum { BY_NONE, BY_IMM, BY_REG };

static void emit_load(struct fragment *f, unsigned size, int update)
{
	static const uint16_t opcode[] = { X_MOVZX8, X_MOVZX16, X_LOAD,
					   X_LOAD };
	unsigned log = (unsigned)__builtin_ctz(size);
	unsigned va = get(f, f->op.c), d;
	uint8_t *no;

	if (update == BY_REG)
		get(f, f->op.b);
	no = skip(f);
	emit_short(f, va, size, offsetof(struct ia64_fast, rtag));
	d = temporary(f);
	x_rx(&f->a, size == 8 ? W64 : W32, opcode[log], d, va, RCX, 0, 0);
	if (update)
		emit_update(f, va, update == BY_REG);
	set(f, f->op.a, d);
	if (!no)
		return;
	skipped(f, no);
	written(f, f->op.a);
	if (update)
		written(f, f->op.c);
}

/* A store to va + rcx is told to the ALAT where that has entries. */
static void emit_alat(struct fragment *f, unsigned va, unsigned size)
{
	struct asm_x86 *a = &f->a;
	uint8_t *none;

	x_rm(a, W32, 0x83, G1_CMP, CPU, AT(alat_used));
	x_byte(a, 0);
	none = x_jcc(a, CC_E);
	x_rx(a, W64, X_LEA, RCX, va, RCX, 0, 0);
	x_patch(x_call_near(a), f->e->alat[__builtin_ctz(size)]);
	x_here(a, none);
}

static void emit_store(struct fragment *f, unsigned size, int update)
{
	static const uint8_t width[] = { W8, W16, W32, W64 };
	unsigned va = get(f, f->op.c), v = get(f, f->op.b);
	uint8_t *no = skip(f);

	emit_short(f, va, size, offsetof(struct ia64_fast, wtag));
	x_rx(&f->a, width[__builtin_ctz(size)], size == 1 ? X_STORE8 : X_STORE,
	     v, va, RCX, 0, 0);
	emit_alat(f, va, size);
	if (update)
		emit_update(f, va, false);
	if (!no)
		return;
	skipped(f, no);
	if (update)
		written(f, f->op.c);
}

/* Of a register below f32, which no rotation renames. */
static void emit_stf_spill(struct fragment *f)
{
	int32_t fr = AT(fr) + (int32_t)sizeof(struct ia64_fr) * f->op.b;
	unsigned va = get(f, f->op.c), t;
	struct asm_x86 *a = &f->a;
	uint8_t *no = skip(f);

	x_rm(a, W32, 0xf7, 0, CPU, AT(psr)); /* test */
	x_32(a, PSR_DFL);
	unless(f, CC_NE);
	emit_short(f, va, 16, offsetof(struct ia64_fast, wtag));
	t = temporary(f);
	x_rm(a, W64, X_LOAD, t, CPU,
	     fr + (int32_t)offsetof(struct ia64_fr, sig));
	x_rx(a, W64, X_STORE, t, va, RCX, 0, 0);
	x_rm(a, W32, X_LOAD, t, CPU,
	     fr + (int32_t)offsetof(struct ia64_fr, sign));
	x_shift(a, SH_SHL, t, 17);
	x_rm(a, W32, X_OR, t, CPU, fr + (int32_t)offsetof(struct ia64_fr, exp));
	x_rx(a, W64, X_STORE, t, va, RCX, 0, 8);
	emit_alat(f, va, 16);
	emit_update(f, va, false);
	skipped(f, no);
	if (no)
		written(f, f->op.c);
}

/* ---- calls of C */
static void emit_call(struct fragment *f, uintptr_t fn)
{
	x_mov_imm(&f->a, RAX, fn);
	x_call(&f->a, RAX);
	forget(f);
}

/* The host's registers of what a function may have changed. */
static void emit_reload(struct fragment *f)
{
	x_rm(&f->a, W64, X_LOAD, PREDS, CPU, AT(pr));
	x_rm(&f->a, W64, X_LOAD, FAST, CPU, AT(fast));
}

/* Keeps the bundle's address at field, and in rcx. */
static void emit_bundle(struct fragment *f, int32_t field)
{
	x_rm(&f->a, W64, X_LOAD, RCX, CPU, AT(native_va));
	x_g1(&f->a, W64, G1_ADD, RCX, bundle_of(f));
	x_rm(&f->a, W64, X_STORE, RCX, CPU, field);
}

/* An operation that is a function. */
static void emit_function(struct fragment *f, bool always)
{
	struct asm_x86 *a = &f->a;
	uint8_t *no = always ? NULL : skip(f);

	x_rm(a, W64, X_STORE, PREDS, CPU, AT(pr));
	emit_bundle(f, AT(iipa));
	x_mov(a, RDI, CPU);
	x_mov_imm(a, RSI, (uintptr_t)f->o);
	emit_call(f, (uintptr_t)ia64_op_fns[f->op.op]);
	emit_reload(f);
	x_rm(a, W32, X_STORE, RAX, CPU, AT(native_result));
	x_rr(a, W32, X_TEST, RAX, RAX);
	leave(f, x_jcc(a, CC_NE), f->o, NATIVE_RESULT);
	x_rm(a, W8, 0x80, G1_CMP, CPU, AT(nats));
	x_byte(a, 0);
	leave(f, x_jcc(a, CC_NE), f->o + 1, NATIVE_GO);
	skipped(f, no);
}

/* Parallel arithmetic. */
static void emit_parallel(struct fragment *f)
{
	const struct ia64_op *op = &f->op;
	unsigned x = op->b, y = op->c, n = 0;
	uint64_t imm = (uint64_t)(int64_t)op->imm;
	uint8_t *no = skip(f);

	switch (op->op) {
	case OP_PAR_SWAP: x = op->c, y = op->b; break;
	case OP_PAR_COUNT: n = op->d; break;
	case OP_PAR_IMM:
	case OP_PAR_MUX: n = (unsigned)op->imm; break;
	case OP_PAR_ONE: imm = 0; break;
	default: break;
	}
	if (op->op == OP_PAR_ONE || op->op == OP_PAR_SHI)
		x = op->c;
	x_rm(&f->a, W64, X_LOAD, RDI, CPU, GR(x));
	if (op->op == OP_PAR_ONE || op->op == OP_PAR_SHI ||
	    op->op == OP_PAR_MUX)
		x_mov_imm(&f->a, RSI, imm);
	else
		x_rm(&f->a, W64, X_LOAD, RSI, CPU, GR(y));
	x_mov_imm(&f->a, RDX, n);
	emit_call(f, (uintptr_t)ia64_par[op->k]);
	x_rm(&f->a, W64, X_STORE, RAX, CPU, GR(op->a));
	written(f, op->a);
	skipped(f, no);
}

/* ---- branches within the page */
/* Jumps to the operation that o->imm leads to, if nobody wants attention. */
static void emit_near(struct fragment *f)
{
	const struct ia64_op *to = ia64_native_behind(f->o + f->op.imm);
	const uint8_t *code = ia64_native_code(f->e, to);
	struct asm_x86 *a = &f->a;
	uint8_t *at;

	x_g1(a, W64, G1_SUB, LEFT, 1);
	leave(f, x_jcc(a, CC_E), f->o, NATIVE_BRANCH);
	x_rm(a, W32, 0x83, G1_CMP, CPU, AT(attention));
	x_byte(a, 0);
	leave(f, x_jcc(a, CC_NE), f->o, NATIVE_BRANCH);
	x_rm(a, W64, 0xc7, 0, CPU, AT(came)); /* mov */
	x_32(a, (uint32_t)(f->o - f->e->page->op) * 2 + 1);
	at = x_jmp(a);
	if (code) {
		x_patch(at, code);
		return;
	}
	leave(f, at, to, NATIVE_JUMP);
	ia64_native_link(f->e, to, at);
	ia64_native_want(f->e, to);
}

/* rsi = where the branch leads: its bundle + by. */
static void emit_target(struct fragment *f, uint64_t by)
{
	struct asm_x86 *a = &f->a;

	if ((int64_t)by == (int32_t)by) {
		x_rm(a, W64, X_LEA, RSI, RCX, (int32_t)by);
		return;
	}
	x_mov_imm(a, RSI, by);
	x_rr(a, W64, X_ADD, RSI, RCX);
}

static void emit_far(struct fragment *f)
{
	x_patch(x_jmp(&f->a), f->e->far);
}

/* brl's displacement is of two slots. */
static uint64_t displacement(const struct fragment *f)
{
	if (f->op.op == OP_BRL_COND || f->op.op == OP_BRL_CALL)
		return (uint32_t)f->op.imm | (uint64_t)(uint32_t)f->o[1].imm
						     << 32;
	return (uint64_t)(int64_t)f->op.imm;
}

/* Branches to another page, or to what a branch register says. */
static void emit_br_far(struct fragment *f)
{
	uint8_t *no = skip(f);

	emit_bundle(f, AT(came_from));
	if (f->op.op == OP_BR_IND) {
		x_rm(&f->a, W64, X_LOAD, RSI, CPU, AT(br) + 8 * f->op.b);
		x_g1(&f->a, W64, G1_AND, RSI, -16);
	} else {
		emit_target(f, displacement(f));
	}
	emit_far(f);
	skipped(f, no);
}

static void emit_br_call(struct fragment *f)
{
	struct asm_x86 *a = &f->a;
	uint8_t *no = skip(f);

	x_rm(a, W64, X_STORE, PREDS, CPU, AT(pr));
	if (f->op.op == OP_BR_CALL_IND) {
		x_rm(a, W64, X_LOAD, RCX, CPU, AT(br) + 8 * f->op.b);
		x_g1(a, W64, G1_AND, RCX, -16);
		x_rm(a, W64, X_STORE, RCX, CPU, AT(ip));
	}
	x_rm(a, W64, X_LOAD, RDX, CPU, AT(native_va));
	x_g1(a, W64, G1_ADD, RDX, bundle_of(f) + 16);
	x_mov_imm(a, RSI, f->op.a);
	x_mov(a, RDI, CPU);
	emit_call(f, (uintptr_t)ia64_br_call);
	x_rm(a, W64, X_LOAD, PREDS, CPU, AT(pr));
	if (f->op.op == OP_BR_CALL_NEAR) {
		emit_near(f);
	} else {
		emit_bundle(f, AT(came_from));
		if (f->op.op == OP_BR_CALL_IND)
			x_rm(a, W64, X_LOAD, RSI, CPU, AT(ip));
		else
			emit_target(f, displacement(f));
		emit_far(f);
	}
	skipped(f, no);
}

static void emit_br_ret(struct fragment *f)
{
	struct asm_x86 *a = &f->a;
	uint8_t *no = skip(f);

	x_rm(a, W64, X_STORE, PREDS, CPU, AT(pr));
	emit_bundle(f, AT(came_from));
	x_mov_imm(a, RSI, f->op.b);
	x_mov(a, RDI, CPU);
	emit_call(f, (uintptr_t)ia64_br_ret);
	x_rm(a, W64, X_LOAD, PREDS, CPU, AT(pr));
	x_rm(a, W32, X_STORE, RAX, CPU, AT(native_result));
	x_g1(a, W32, G1_CMP, RAX, EX_LATE_FAULT);
	leave(f, x_jcc(a, CC_E), f->o, NATIVE_RESULT);
	x_g1(a, W32, G1_CMP, RAX, EX_JUMP);
	unless(f, CC_NE);
	x_rm(a, W64, X_LOAD, RSI, CPU, AT(ip));
	emit_far(f);
	skipped(f, no);
}

static void emit_br_cond(struct fragment *f)
{
	uint8_t *no = skip(f);

	emit_near(f);
	skipped(f, no);
}

static void emit_br_cloop(struct fragment *f)
{
	int32_t lc = AT(ar) + 8 * AR_LC;
	uint8_t *no;

	x_rm(&f->a, W64, X_LOAD, RCX, CPU, lc);
	x_g1(&f->a, W64, G1_SUB, RCX, 1);
	no = x_jcc(&f->a, CC_C);
	x_rm(&f->a, W64, X_STORE, RCX, CPU, lc);
	emit_near(f);
	skipped(f, no);
}

static void emit_br_ctop(struct fragment *f)
{
	uint8_t *no;

	x_rm(&f->a, W64, X_STORE, PREDS, CPU, AT(pr));
	x_mov(&f->a, RDI, CPU);
	emit_call(f, (uintptr_t)ia64_br_top);
	emit_reload(f);
	x_rr(&f->a, W8, 0x84, RAX, RAX); /* test */
	no = x_jcc(&f->a, CC_E);
	emit_near(f);
	skipped(f, no);
}

/* ---- one operation */
static void emit_move(struct fragment *f, int32_t to)
{
	unsigned v = get(f, f->op.b);
	uint8_t *no = skip(f);

	x_rm(&f->a, W64, X_STORE, v, CPU, to);
	skipped(f, no);
}

static void emit_mov_pfs(struct fragment *f)
{
	unsigned v = get(f, f->op.b);
	uint8_t *no = skip(f);

	x_mov_imm(&f->a, RCX, PFS_RESERVED);
	x_rr(&f->a, W64, X_TEST, RCX, v);
	unless(f, CC_NE);
	x_rm(&f->a, W64, X_STORE, v, CPU, AT(ar) + 8 * AR_PFS);
	skipped(f, no);
}

/* Application registers that are read without more ado, by unit. */
static bool ar_plain(const struct ia64_op *op)
{
	switch (op->c) {
	case AR_PFS:
	case AR_LC:
	case AR_EC: return op->k == AR_UNIT_I;
	case AR_RSC:
	case AR_CCV:
	case AR_UNAT:
	case AR_FPSR: return op->k == AR_UNIT_M;
	default: return op->c < 8 && op->k == AR_UNIT_M; /* kernel registers */
	}
}

/* ar.ccv or ar.unat, which take any value. */
static bool ar_takes_all(const struct ia64_op *op)
{
	return op->k == AR_UNIT_M && (op->c == AR_CCV || op->c == AR_UNAT);
}

/* pr = those of r2 in the mask, where predicates are not rotated. */
static void emit_mov_pr(struct fragment *f)
{
	unsigned v = get(f, f->op.b);
	struct asm_x86 *a = &f->a;
	uint8_t *no = skip(f);

	x_rm(a, W8, 0x80, G1_CMP, CPU, AT(rrb_pr));
	x_byte(a, 0);
	unless(f, CC_NE);
	x_mov(a, RCX, v);
	x_rr(a, W64, X_XOR, RCX, PREDS);
	x_g1(a, W64, G1_AND, RCX, f->op.imm & ~1);
	x_rr(a, W64, X_XOR, PREDS, RCX);
	skipped(f, no);
}

/*
 * A frame without rotating registers, for which there is room; the rest is the
 * function's, as is what an operation may not ask for.
 */
static bool emit_alloc(struct fragment *f)
{
	const struct ia64_op *op = &f->op;
	unsigned sof = op->b, sol = op->c, largest = f->largest, d;
	struct asm_x86 *a = &f->a;

	if (f->pred || op->d || sof > 96 || sol > sof || op->a >= 32 + sof)
		return false;
	x_rm(a, W8, 0x80, G1_CMP, CPU, AT(sor));
	x_byte(a, 0);
	unless(f, CC_NE);
	x_rm(a, W32, 0x83, G1_CMP, CPU, AT(ndirty));
	x_byte(a, 96 - sof);
	unless(f, CC_G);
	x_rm(a, W32, 0x83, G1_CMP, CPU, AT(alat_used));
	x_byte(a, 0);
	unless(f, CC_NE);
	x_rm(a, W32, 0xc6, 0, CPU, AT(sof)); /* mov of a byte */
	x_byte(a, sof);
	x_rm(a, W32, 0xc6, 0, CPU, AT(sol));
	x_byte(a, sol);
	x_rm(a, W32, 0xc7, 0, CPU, AT(limit));
	x_32(a, 32 + sof);
	d = temporary(f);
	x_rm(a, W64, X_LOAD, d, CPU, AT(ar) + 8 * AR_PFS);
	set(f, op->a, d);
	f->largest = largest; /* of the frame before */
	return true;
}

/* cmp.and, .or, .or.andcm: where it holds, or does not, predicates change. */
static bool emit_cmp_par(struct fragment *f)
{
	/* by enum: EQ, NE, GT, LE, GE, LT */
	static const uint8_t cc[] = { CC_E, CC_NE, CC_G, CC_LE, CC_GE, CC_L };
	const struct ia64_op *op = &f->op;
	unsigned ty = op->k >> 3 & 7, rel = op->k & 7;
	int width = op->k >> 6 & 1 ? W32 : W64;
	struct asm_x86 *a = &f->a;
	bool imm = op->op == OP_CMP_PAR_I;
	unsigned x, y;
	uint8_t *no, *same;

	if (ty < CT_AND || rel > REL_LT)
		return false;
	x = imm ? RCX : get(f, op->b);
	y = get(f, op->c);
	no = skip(f);
	if (imm)
		x_mov_imm(a, RCX, (uint64_t)(int64_t)op->imm);
	x_rr(a, width, X_CMP, x, y);
	same = x_jcc(a, ty == CT_AND ? cc[rel] : cc[rel] ^ 1u);
	if (op->a)
		x_bit(a, ty == CT_AND ? BT_BTR : BT_BTS, PREDS, op->a);
	if (op->d)
		x_bit(a, ty == CT_OR ? BT_BTS : BT_BTR, PREDS, op->d);
	x_here(a, same);
	skipped(f, no);
	return true;
}

static bool emit_compares(struct fragment *f)
{
	static const uint8_t cc[] = { CC_L, CC_C, CC_E };
	unsigned n = f->op.op - OP_CMP_LT;

	if (f->op.op < OP_CMP_LT || f->op.op > OP_CMP_EQ_4I)
		return false;
	emit_compare(f, cc[n / 4], n & 1, n & 2 ? W32 : W64);
	return true;
}

_Static_assert(OP_CMP_LTU == OP_CMP_LT + 4 && OP_CMP_EQ == OP_CMP_LT + 8 &&
		       OP_CMP_EQ_4I == OP_CMP_LT + 11,
	       "emit_compares() counts on their order");

static bool emit_memory(struct fragment *f)
{
	unsigned op = f->op.op;

	if (op >= OP_LD1 && op <= OP_LD8_I) {
		static const uint8_t by[] = { BY_NONE, BY_REG, BY_IMM };

		emit_load(f, 1u << (op - OP_LD1) / 3, by[(op - OP_LD1) % 3]);
	} else if (op >= OP_ST1 && op <= OP_ST8_I) {
		emit_store(f, 1u << (op - OP_ST1) / 2, (op - OP_ST1) % 2);
	} else if (op >= OP_LD1_ACQ && op <= OP_LD8_ACQ) {
		emit_load(f, 1u << (op - OP_LD1_ACQ), BY_NONE);
	} else if (op >= OP_ST1_REL && op <= OP_ST8_REL) {
		emit_store(f, 1u << (op - OP_ST1_REL), BY_NONE);
	} else if (op == OP_STF_SPILL && f->op.b < 32) {
		emit_stf_spill(f);
	} else {
		return false;
	}
	return true;
}

_Static_assert(OP_LD8_I == OP_LD1 + 11 && OP_ST8_I == OP_ST1 + 7 &&
		       OP_LD8_ACQ == OP_LD1_ACQ + 3 &&
		       OP_ST8_REL == OP_ST1_REL + 3,
	       "emit_memory() counts on their order");

/* Those that may change the frame or the code are followed by a look at it. */
static bool emit_other(struct fragment *f)
{
	switch (f->op.op) {
	case OP_MOV_BR_GR: emit_move(f, AT(br) + 8 * f->op.a); return true;
	case OP_MOV_LC_GR: emit_move(f, AT(ar) + 8 * AR_LC); return true;
	case OP_MOV_PFS_GR: emit_mov_pfs(f); return true;
	case OP_PAR:
	case OP_PAR_SWAP:
	case OP_PAR_ONE:
	case OP_PAR_COUNT:
	case OP_PAR_SHI:
	case OP_PAR_MUX:
	case OP_PAR_IMM: emit_parallel(f); return true;
	case OP_MF: { /* mfence */
		uint8_t *no = skip(f);

		x_byte(&f->a, 0x0f);
		x_byte(&f->a, 0xae);
		x_byte(&f->a, 0xf0);
		skipped(f, no);
		return true;
	}
	case OP_BR_COND_NEAR: emit_br_cond(f); return true;
	case OP_BR_CLOOP_NEAR: emit_br_cloop(f); return true;
	case OP_BR_CTOP_NEAR: emit_br_ctop(f); return true;
	case OP_BR_COND:
	case OP_BRL_COND:
	case OP_BR_IND: emit_br_far(f); return true;
	case OP_BR_CALL_NEAR:
	case OP_BR_CALL:
	case OP_BRL_CALL:
	case OP_BR_CALL_IND: emit_br_call(f); return true;
	case OP_BR_RET: emit_br_ret(f); return true;
	default: return false;
	}
}

/* Functions after which the interpreter has to look where it goes on. */
static bool leaves(unsigned op)
{
	switch (op) {
	case OP_BREAK:
	case OP_MOV_PSR:
	case OP_MOV_UM:
	case OP_SUM:
	case OP_RUM:
	case OP_PTC:
	case OP_PTC_E:
	case OP_PTR:
	case OP_SRLZ_I:
	case OP_SYNC_I:
	case OP_FC:
	case OP_RFI:
	case OP_EPC: return true;
	default: return false;
	}
}

/* Functions of which the common case is done here. */
static bool emit_inline(struct fragment *f)
{
	const struct ia64_op *op = &f->op;

	switch (op->op) {
	case OP_ALLOC: return emit_alloc(f);
	case OP_CMP_PAR:
	case OP_CMP_PAR_I: return emit_cmp_par(f);
	case OP_MOV_PR_GR: emit_mov_pr(f); return true;
	case OP_MOV_AR:
		if (ar_takes_all(op))
			emit_move(f, AT(ar) + 8 * op->c);
		return ar_takes_all(op);
	case OP_MOV_GR_AR:
		if (ar_plain(op))
			emit_select(f, 0);
		return ar_plain(op);
	default: return false;
	}
}

/* False where the interpreter has to do it. */
static bool emit_op(struct fragment *f)
{
	unsigned op = f->op.op;

	if (leaves(op))
		return false;
	if (emit_inline(f))
		return true;
	if (op >= OP_ILLEGAL_ALWAYS && op < IA64_NOPS)
		emit_function(f, true);
	else if (op > OP_ILLEGAL)
		emit_function(f, false);
	else if (emit_compares(f) || emit_memory(f) || emit_other(f))
		;
	else if (op == OP_TBIT)
		emit_tbit(f);
	else if (op == OP_MOVL || op == OP_DEP_ZI || op == OP_DEP_Z ||
		 (op >= OP_MOV_GR_PR && op <= OP_MOV_GR_IP) ||
		 op == OP_MOV_GR_BR)
		emit_select(f, 0);
	else if ((op >= OP_SUB_I && op <= OP_ADD_I) || op == OP_ADDP4_I ||
		 op == OP_AND_I || op == OP_ANDCM_I || op == OP_OR_I ||
		 op == OP_XOR_I || op == OP_EXTR || op == OP_EXTR_U ||
		 op == OP_DEP_I || (op >= OP_ZXT1 && op <= OP_SXT4))
		emit_select(f, 1);
	else if (op <= OP_XOR || (op >= OP_SHL && op <= OP_DEP))
		emit_select(f, 2);
	else
		return false;
	return true;
}

/* ---- fragments */
bool ia64_emit_there(void)
{
	return true;
}

/* Called with rcx where so many bytes were stored; keeps the pool. */
static void emit_tell_alat(struct asm_x86 *a, unsigned size)
{
	static const uint8_t kept[] = { RAX, RDX, RSI, RDI, R8, R9, R10, R11 };

	for (unsigned i = 0; i < sizeof(kept); i++)
		x_push(a, kept[i]);
	x_g1(a, W64, G1_SUB, RSP, 8);
	x_mov(a, RDI, CPU);
	x_mov(a, RSI, RCX);
	x_mov_imm(a, RDX, size);
	x_mov_imm(a, RAX, (uintptr_t)ia64_alat_store);
	x_call(a, RAX);
	x_g1(a, W64, G1_ADD, RSP, 8);
	for (unsigned i = sizeof(kept); i--;)
		x_pop(a, kept[i]);
	x_byte(a, X_RET);
}

_Static_assert(sizeof(struct ia64_fetch) == 16 &&
		       sizeof(struct ia64_fragment) == 16,
	       "emit_far_way() shifts by four");

/* rax: the page, rdi: its struct; r8 = the code of the address in rsi. */
static void emit_find_code(struct asm_x86 *a, const struct ia64_emit *e)
{
	x_mov(a, RCX, RSI);
	x_shift(a, SH_SHR, RCX, 4);
	x_g1(a, W32, G1_AND, RCX, IA64_PAGE_BUNDLES - 1);
	x_rx(a, W64, X_LEA, RCX, RCX, RCX, 1, 0);
	x_rx(a, W64, X_LEA, RDX, RDI, RCX, 1, 0);
	x_rm(a, W32, X_MOVZX16, RDX, RDX, offsetof(struct ia64_page, head));
	x_shift(a, SH_SHL, RDX, 4);
	x_mov_imm(a, RCX, (uintptr_t)e->fragment);
	x_rx(a, W64, X_LOAD, R8, RCX, RDX, 0,
	     offsetof(struct ia64_fragment, code));
}

/*
 * Jumped to with the address of a branch's target in rsi: goes on there by the
 * short cuts of code, in this page or another.
 */
static void emit_far_way(struct asm_x86 *a, struct ia64_emit *e)
{
	uint8_t *out[4];

	e->far = a->p;
	x_rm(a, W64, X_STORE, RSI, CPU, AT(ip));
	x_rm(a, W64, X_STORE, RSI, CPU, AT(came));
	x_g1(a, W64, G1_CMP, LEFT, 1);
	out[0] = x_jcc(a, CC_BE);
	x_rm(a, W32, 0x83, G1_CMP, CPU, AT(attention));
	x_byte(a, 0);
	out[1] = x_jcc(a, CC_NE);
	x_rm(a, W8, 0x80, G1_CMP, CPU, AT(nats));
	x_byte(a, 0);
	out[2] = x_jcc(a, CC_NE);
	x_mov(a, RCX, RSI);
	x_shift(a, SH_SHR, RCX, 12);
	x_g1(a, W32, G1_AND, RCX, IA64_FETCH_SIZE - 1);
	x_shift(a, SH_SHL, RCX, 4);
	x_rm(a, W64, X_LOAD, RDX, CPU, AT(fetch));
	x_mov(a, RAX, RSI);
	x_g1(a, W64, G1_AND, RAX, -4096);
	x_rx(a, W64, X_CMP, RAX, RDX, RCX, 0, offsetof(struct ia64_fetch, tag));
	out[3] = x_jcc(a, CC_NE);
	x_rx(a, W64, X_LOAD, RDI, RDX, RCX, 0,
	     offsetof(struct ia64_fetch, page));
	x_rm(a, W64, X_STORE, RAX, CPU, AT(native_va));
	x_rm(a, W64, X_STORE, RDI, CPU, AT(native_page));
	emit_find_code(a, e);
	x_g1(a, W64, G1_SUB, LEFT, 1);
	x_jmp_reg(a, R8);
	e->none = a->p; /* the interpreter counts the branch itself */
	x_g1(a, W64, G1_ADD, LEFT, 1);
	for (unsigned i = 0; i < 4; i++)
		x_here(a, out[i]);
	x_mov_imm(a, RAX, NATIVE_FAR);
	x_patch(x_jmp(a), e->leave);
}

void ia64_emit_frame(struct ia64_emit *e)
{
	static const uint8_t saved[] = { RBX, RBP, R12, R13, R14, R15 };
	struct asm_x86 a = { e->p };

	for (unsigned i = 0; i < sizeof(saved); i++)
		x_push(&a, saved[i]);
	x_g1(&a, W64, G1_SUB, RSP, 8);
	x_mov(&a, CPU, RDI);
	x_rm(&a, W64, X_LOAD, FAST, CPU, AT(fast));
	x_rm(&a, W64, X_LOAD, LEFT, CPU, AT(native_left));
	x_rm(&a, W64, X_LOAD, PREDS, CPU, AT(pr));
	x_jmp_reg(&a, RSI);
	e->leave = a.p;
	x_rm(&a, W64, X_STORE, PREDS, CPU, AT(pr));
	x_rm(&a, W64, X_STORE, LEFT, CPU, AT(native_left));
	x_g1(&a, W64, G1_ADD, RSP, 8);
	for (unsigned i = sizeof(saved); i--;)
		x_pop(&a, saved[i]);
	x_byte(&a, X_RET);
	emit_far_way(&a, e);
	for (unsigned log = 0; log < 5; log++) {
		e->alat[log] = a.p;
		emit_tell_alat(&a, 1u << log);
	}
	e->p = a.p;
}

void ia64_emit_patch(uint8_t *at, const uint8_t *code)
{
	x_patch(at, code);
}

/* Takes the next operation; false where the fragment ends before it. */
static bool next_op(struct fragment *f)
{
	f->o = ia64_native_behind(f->o);
	f->op = ia64_native_at(f->e, f->o);
	f->pred = f->op.op >= IA64_PREDICATED;
	if (f->pred)
		f->op.op -= IA64_PREDICATED;
	memset(f->pinned, 0, sizeof(f->pinned));
	if (f->op.op == OP_DECODE || f->op.op == OP_PAGE_END || f->ops == OPS)
		return false;
	return true;
}

/* From the page's last bundle on to the next page. */
static void emit_page_end(struct fragment *f)
{
	f->o--;
	emit_bundle(f, AT(came_from));
	emit_target(f, 16);
	emit_far(f);
}

/* The end: on to another fragment, or to the interpreter. */
static void emit_end(struct fragment *f)
{
	const uint8_t *code;
	uint8_t *at;

	if (f->op.op == OP_PAGE_END) {
		emit_page_end(f);
		return;
	}
	code = ia64_native_code(f->e, f->o);
	at = x_jmp(&f->a);
	if (code) {
		x_patch(at, code);
		return;
	}
	leave(f, at, f->o, NATIVE_GO);
	if (f->ops == OPS) {
		ia64_native_link(f->e, f->o, at);
		ia64_native_want(f->e, f->o);
	}
}

static bool is_call(const struct fragment *f)
{
	return f->op.op == OP_BR_CALL_NEAR || f->op.op == OP_BR_CALL ||
	       f->op.op == OP_BRL_CALL || f->op.op == OP_BR_CALL_IND;
}

static bool ends_code(const struct fragment *f)
{
	return !f->pred && (is_call(f) || f->op.op == OP_BR_COND_NEAR ||
			    f->op.op == OP_BR_COND || f->op.op == OP_BRL_COND ||
			    f->op.op == OP_BR_IND || f->op.op == OP_BR_RET);
}

bool ia64_emit_fragment(struct ia64_emit *e, const struct ia64_op *o)
{
	struct fragment f = { .a = { e->p }, .e = e, .o = o };
	bool more, ended = false; /* by a branch: nothing comes behind */

	forget(&f);
	begin_frame(&f, NATIVE_OP);
	for (more = next_op(&f); more; more = next_op(&f)) {
		unsigned op = f.op.op;

		if (f.ops && ia64_native_code(e, f.o))
			break;
		if (!emit_op(&f)) {
			ia64_native_want(e, f.o + 1);
			break;
		}
		f.ops++;
		if (is_call(&f)) /* it will come back */
			ia64_native_want(e, f.o + 1);
		ended = ends_code(&f);
		if (ended)
			break;
		f.o++;
		if (op == OP_ALLOC || op == OP_COVER) {
			end_frame(&f);
			begin_frame(&f, NATIVE_GO);
		}
	}
	if (!f.ops)
		return false;
	if (!ended)
		emit_end(&f);
	end_frame(&f);
	emit_outs(&f);
	e->p = f.a.p;
	return true;
}
