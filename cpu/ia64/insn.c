/* SPDX-License-Identifier: MIT */
/* Decodes, encodes and prints IA-64 instructions by the table in forms.c. */
#include "cpu/ia64/insn.h"

#include <assert.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * The forms that a slot can be, by its unit and some of its bits: the major
 * opcode, and 36:33, which most formats choose by.  A form that does not look
 * at all of those stands in several lists.  Each list is a part of listed[].
 */
#define KEYS	   256
#define MAX_LISTED 4096
static uint16_t listed[MAX_LISTED], first[UNIT_L][KEYS + 1];
static pthread_once_t indexed = PTHREAD_ONCE_INIT;

static unsigned key_of(uint64_t slot)
{
	return slot >> 33 & (KEYS - 1);
}

static bool may_be(const struct ia64_form *f, enum ia64_unit u, unsigned key)
{
	bool in = f->unit == u ||
		  (f->unit == UNIT_A && (u == UNIT_I || u == UNIT_M));

	return in && !((key ^ key_of(f->match)) & key_of(f->mask));
}

static void index_forms(void)
{
	unsigned n = 0;

	for (unsigned u = 0; u < UNIT_L; u++) {
		for (unsigned key = 0; key < KEYS; key++) {
			first[u][key] = (uint16_t)n;
			for (unsigned i = ia64_nforms; i-- > 0;)
				if (may_be(&ia64_forms[i], u, key)) {
					assert(n < MAX_LISTED);
					listed[n++] = (uint16_t)i;
				}
		}
		first[u][KEYS] = (uint16_t)n;
	}
}

int ia64_form_find(enum ia64_unit unit, uint64_t slot)
{
	const uint16_t *part = &first[unit][key_of(slot)];

	pthread_once(&indexed, index_forms);
	for (unsigned i = part[0]; i < part[1]; i++)
		if ((slot & ia64_forms[listed[i]].mask) ==
		    ia64_forms[listed[i]].match)
			return listed[i];
	return -1;
}

void ia64_bundle_load(struct ia64_bundle *b, const void *bytes)
{
	const uint8_t *p = bytes;
	uint64_t lo = 0, hi = 0;

	for (int i = 7; i >= 0; i--) {
		lo = lo << 8 | p[i];
		hi = hi << 8 | p[8 + i];
	}
	b->tmpl = lo & 31;
	b->slot[0] = lo >> 5 & IA64_SLOT_MASK;
	b->slot[1] = (lo >> 46 | hi << 18) & IA64_SLOT_MASK;
	b->slot[2] = hi >> 23;
}

void ia64_bundle_store(const struct ia64_bundle *b, void *bytes)
{
	uint64_t lo = b->tmpl | b->slot[0] << 5 | b->slot[1] << 46;
	uint64_t hi = b->slot[1] >> 18 | b->slot[2] << 23;
	uint8_t *p = bytes;

	for (int i = 0; i < 8; i++) {
		p[i] = (uint8_t)(lo >> 8 * i);
		p[8 + i] = (uint8_t)(hi >> 8 * i);
	}
}

unsigned ia64_form_operands(const struct ia64_form *f)
{
	unsigned n = 0;

	while (n < 5 && f->fmt->opd[n])
		n++;
	return n;
}

/* ---- numbers and their bits */
static const int8_t inc3[8] = { 16, 8, 4, 1, -16, -8, -4, -1 };
static const uint8_t count2[4] = { 0, 7, 15, 16 };

static int64_t decoded(const struct ia64_operand *o, uint64_t raw)
{
	switch (o->xform) {
	case XF_PLUS1: return (int64_t)raw + 1;
	case XF_FROM63: return 63 - (int64_t)raw;
	case XF_FROM31: return 31 - (int64_t)raw;
	case XF_COUNT2: return count2[raw];
	case XF_INC3: return inc3[raw];
	case XF_PLUS32: return (int64_t)raw + 32;
	default: return (int64_t)raw;
	}
}

/* The operand's bits, least significant first; *bits: how many. */
static uint64_t gather(const struct ia64_operand *o, uint64_t slot,
		       uint64_t lslot, unsigned *bits)
{
	uint64_t raw = 0;

	*bits = 0;
	for (int i = 0; i < 6 && o->part[i].len; i++) {
		unsigned pos = o->part[i].pos, len = o->part[i].len;
		uint64_t from = pos < 64 ? slot >> pos : lslot >> (pos - 64);

		raw |= (from & ((UINT64_C(1) << len) - 1)) << *bits;
		*bits += len;
	}
	return raw;
}

int64_t ia64_operand_get(const struct ia64_form *f, unsigned n, uint64_t slot,
			 uint64_t lslot)
{
	const struct ia64_operand *o = f->fmt->opd[n];
	unsigned bits;
	uint64_t raw = gather(o, slot, lslot, &bits);

	if (o->is_signed && o->xform == XF_NONE) {
		raw <<= 64 - bits;
		raw = (uint64_t)((int64_t)raw >> (64 - bits));
	}
	return (int64_t)((uint64_t)decoded(o, raw) << o->shift);
}

/* The bits of a number, by trying the few that a transformation has. */
static bool undo_xform(const struct ia64_operand *o, int64_t val, uint64_t *raw)
{
	for (*raw = 0; *raw < 64; ++*raw) {
		if ((o->xform == XF_INC3 && *raw > 7) ||
		    (o->xform == XF_COUNT2 && *raw > 3))
			break;
		if (decoded(o, *raw) == val)
			return true;
	}
	return false;
}

bool ia64_operand_put(const struct ia64_form *f, unsigned n, int64_t val,
		      uint64_t *slot, uint64_t *lslot)
{
	const struct ia64_operand *o = f->fmt->opd[n];
	uint64_t raw = (uint64_t)(val >> o->shift);

	if (o->xform != XF_NONE && !undo_xform(o, val, &raw))
		return false;
	for (int i = 0; i < 6 && o->part[i].len; i++) {
		unsigned pos = o->part[i].pos, len = o->part[i].len;
		uint64_t mask = (UINT64_C(1) << len) - 1;
		uint64_t *to = pos < 64 ? slot : lslot;

		pos %= 64;
		*to = (*to & ~(mask << pos)) | (raw & mask) << pos;
		raw >>= len;
	}
	return ia64_operand_get(f, n, *slot, *lslot) == val;
}

/* ---- decoding */
static void decode_operand(struct ia64_op *op, enum ia64_field field,
			   int64_t val)
{
	switch (field) {
	case FLD_A: op->a = (uint8_t)val; break;
	case FLD_B: op->b = (uint8_t)val; break;
	case FLD_C: op->c = (uint8_t)val; break;
	case FLD_D: op->d = (uint8_t)val; break;
	case FLD_E: op->e = (uint8_t)val; break;
	default: op->imm = (int32_t)val; break;
	}
}

/* The status field of floating point, which is the one completer kept. */
static void decode_sf(struct ia64_op *op, const struct ia64_format *f,
		      uint64_t slot)
{
	const struct ia64_completer *c = f->completer[0];

	if (ia64_forms[op->form].unit != UNIT_F || !c ||
	    strcmp(c->name[0] ? c->name[0] : "", ".s0") != 0)
		return;
	/* fsetc has a mask in e */
	if (op->op == OP_FSETC)
		op->d = slot >> c->pos & 3;
	else
		op->e = slot >> c->pos & 3;
}

/* Whether the form accesses memory through a base register that it updates. */
static bool updates_base(const struct ia64_op *op)
{
	switch (op->op) {
	case OP_LD1_R ... OP_LD1_I:
	case OP_LD2_R ... OP_LD2_I:
	case OP_LD4_R ... OP_LD4_I:
	case OP_LD8_R ... OP_LD8_I:
	case OP_ST1_I:
	case OP_ST2_I:
	case OP_ST4_I:
	case OP_ST8_I:
	case OP_LDX_R ... OP_LDX_I:
	case OP_STX_I: return true;
	case OP_LDF:
	case OP_LDFP:
	case OP_STF:
	case OP_LFETCH: return op->k & (UPD_REG | UPD_IMM);
	default: return false;
	}
}

/*
 * What the manual forbids, though the bits are defined: a destination r0, f0
 * or f1, two equal predicates, a base that is the destination or r0, two
 * registers of a pair that are both odd or both even.
 */
static bool is_illegal(const struct ia64_form *f, const struct ia64_op *op)
{
	const struct ia64_operand *const *o = f->fmt->opd;
	bool update = updates_base(op);

	if (!o[0])
		return false;
	if (o[0]->kind == OPD_PR)
		return op->a == op->d;
	if (update && op->c == 0)
		return true;
	if (op->op == OP_LDFP && (op->b < 2 || !((op->a ^ op->b) & 1)))
		return true;
	if (o[0]->field != FLD_A || op->op == OP_CHK_A || op->op == OP_INVALA_E)
		return false;
	if (o[0]->kind == OPD_FR)
		return op->a < 2;
	return o[0]->kind == OPD_GR &&
	       (op->a == 0 || (update && op->a == op->c));
}

/* Conditional compares set both predicates even where qp is false. */
static bool is_unc(const struct ia64_op *op)
{
	switch (op->op) {
	case OP_CMP_PAR:
	case OP_CMP_PAR_I: return false;
	case OP_TEST: return (op->k & 7) == CT_UNC;
	case OP_FCMP: return op->k & FCMP_UNC;
	default: return op->k & 1;
	}
}

static void decode_slot(enum ia64_unit unit, uint64_t slot, uint64_t lslot,
			struct ia64_op *op)
{
	int form = ia64_form_find(unit, slot);
	const struct ia64_form *f;

	memset(op, 0, sizeof(*op));
	op->qp = slot & 63;
	op->op = OP_ILLEGAL;
	if (form < 0) {
		/* no predicate may be named: SDM 3:2 alloc */
		if (ia64_form_find(unit, slot & ~UINT64_C(63)) >= 0)
			op->op = OP_ILLEGAL_ALWAYS;
		return;
	}
	f = &ia64_forms[form];
	op->form = (uint16_t)form;
	op->op = f->op;
	op->k = f->k;
	if (f->fmt->no_qp)
		op->qp = 0;
	for (unsigned n = 0; n < ia64_form_operands(f); n++)
		decode_operand(op, f->fmt->opd[n]->field,
			       ia64_operand_get(f, n, slot, lslot) >>
				       (f->op == OP_MOV_PR_ROT ? 16 : 0));
	decode_sf(op, f->fmt, slot);
	if (!is_illegal(f, op))
		return;
	if (f->fmt->opd[0]->kind == OPD_PR && is_unc(op))
		op->op = OP_ILLEGAL_ALWAYS;
	else
		op->op = OP_ILLEGAL;
}

/* The instruction in slots 1 and 2 stands in slot 1, its high half in slot 2.
 */
static void decode_long(const struct ia64_bundle *b, struct ia64_op op[3])
{
	int form = ia64_form_find(UNIT_X, b->slot[2]);

	decode_slot(UNIT_X, b->slot[2], b->slot[1], &op[1]);
	memset(&op[2], 0, sizeof(op[2]));
	for (unsigned n = 0; form >= 0 && n < 2; n++)
		if (ia64_forms[form].fmt->opd[n] &&
		    ia64_forms[form].fmt->opd[n]->field == FLD_IMM)
			op[2].imm = (int32_t)(ia64_operand_get(
						      &ia64_forms[form], n,
						      b->slot[2], b->slot[1]) >>
					      32);
	op[2].op = OP_NOP;
	op[2].form = IA64_NO_FORM;
}

/* Lets each operation lead to the next that is not a nop of this bundle. */
static void skip_nops(struct ia64_op op[3])
{
	op[2].next = 1;
	op[1].next = op[2].op == OP_NOP ? 2 : 1;
	op[0].next = op[1].op == OP_NOP ? op[1].next + 1 : 1;
}

/* A slot in three is a nop without a number: those are decoded once. */
static const uint64_t nop_slot[UNIT_L] = {
	[UNIT_M] = UINT64_C(1) << 27,
	[UNIT_I] = UINT64_C(1) << 27,
	[UNIT_F] = UINT64_C(1) << 27,
	[UNIT_B] = UINT64_C(2) << 37,
};
static struct ia64_op nop_op[UNIT_L];
static pthread_once_t nops_made = PTHREAD_ONCE_INIT;

static void make_nops(void)
{
	for (unsigned u = 0; u < UNIT_L; u++)
		if (nop_slot[u])
			decode_slot(u, nop_slot[u], 0, &nop_op[u]);
}

static void decode_short(enum ia64_unit unit, uint64_t slot, struct ia64_op *op)
{
	if (slot == nop_slot[unit])
		*op = nop_op[unit];
	else
		decode_slot(unit, slot, 0, op);
}

void ia64_decode(const struct ia64_bundle *b, struct ia64_op op[3])
{
	const struct ia64_template *t = &ia64_templates[b->tmpl];

	pthread_once(&nops_made, make_nops);
	if (!t->name) {
		memset(op, 0, 3 * sizeof(*op));
		for (int i = 0; i < 3; i++)
			op[i].op = OP_ILLEGAL_ALWAYS;
		skip_nops(op);
		return;
	}
	for (int i = 0; i < 3; i++) {
		if (t->unit[i] == UNIT_L || t->unit[i] == UNIT_X)
			continue;
		decode_short(t->unit[i], b->slot[i], &op[i]);
		/* loop branches stand in slot 2 only: SDM 3:2 br */
		if (i != 2 && op[i].op >= OP_BR_CLOOP &&
		    op[i].op <= OP_BR_WEXIT)
			op[i].op = OP_ILLEGAL_ALWAYS;
	}
	if (t->unit[1] == UNIT_L)
		decode_long(b, op);
	skip_nops(op);
}

/* ---- text */
struct text {
	char *p;
	size_t len, used;
};

static void __attribute__((format(printf, 2, 3)))
put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p + t->used, t->len - t->used, fmt, ap);
	va_end(ap);
	t->used += (size_t)n < t->len - t->used ? (size_t)n
						: t->len - t->used - 1;
}

static const char *const ar_names[128] = {
	[0] = "k0",    [1] = "k1",     [2] = "k2",	  [3] = "k3",
	[4] = "k4",    [5] = "k5",     [6] = "k6",	  [7] = "k7",
	[16] = "rsc",  [17] = "bsp",   [18] = "bspstore", [19] = "rnat",
	[21] = "fcr",  [24] = "eflag", [25] = "csd",	  [26] = "ssd",
	[27] = "cflg", [28] = "fsr",   [29] = "fir",	  [30] = "fdr",
	[32] = "ccv",  [36] = "unat",  [40] = "fpsr",	  [44] = "itc",
	[45] = "ruc",  [64] = "pfs",   [65] = "lc",	  [66] = "ec",
};
static const char *const cr_names[128] = {
	[0] = "dcr",   [1] = "itm",   [2] = "iva",   [8] = "pta",
	[16] = "ipsr", [17] = "isr",  [19] = "iip",  [20] = "ifa",
	[21] = "itir", [22] = "iipa", [23] = "ifs",  [24] = "iim",
	[25] = "iha",  [64] = "lid",  [65] = "ivr",  [66] = "tpr",
	[67] = "eoi",  [68] = "irr0", [69] = "irr1", [70] = "irr2",
	[71] = "irr3", [72] = "itv",  [73] = "pmv",  [74] = "cmcv",
	[80] = "lrr0", [81] = "lrr1",
};
static const char *const mux1_names[16] = {
	[0] = "@brcst", [8] = "@mix",  [9] = "@shuf",
	[10] = "@alt",	[11] = "@rev",
};

static void put_named(struct text *t, const char *prefix, const char *name,
		      int64_t num)
{
	if (name)
		put(t, "%s%s", prefix, name);
	else
		put(t, "%.2s%lld", prefix, (long long)num);
}

static void put_operand(struct text *t, const struct ia64_operand *o,
			int64_t val)
{
	switch (o->kind) {
	case OPD_GR: put(t, "r%d", (int)val); break;
	case OPD_FR: put(t, "f%d", (int)val); break;
	case OPD_BR: put(t, "b%d", (int)val); break;
	case OPD_PR: put(t, "p%d", (int)val); break;
	case OPD_AR: put_named(t, "ar.", ar_names[val & 127], val); break;
	case OPD_CR: put_named(t, "cr.", cr_names[val & 127], val); break;
	case OPD_PERM:
		put(t, "%s",
		    mux1_names[val & 15] ? mux1_names[val & 15] : "@reserved");
		break;
	case OPD_TARGET:
		put(t, ".%c0x%llx", val < 0 ? '-' : '+',
		    val < 0 ? 0ull - (unsigned long long)val
			    : (unsigned long long)val);
		break;
	default: put(t, "%lld", (long long)val); break;
	}
}

static void put_form(struct text *t, const struct ia64_form *f, uint64_t slot,
		     uint64_t lslot)
{
	unsigned n = 0;

	if (!f->fmt->no_qp && (slot & 63))
		put(t, "(p%d) ", (int)(slot & 63));
	put(t, "%s", f->name);
	for (int i = 0; i < 3 && f->fmt->completer[i]; i++) {
		const struct ia64_completer *c = f->fmt->completer[i];
		unsigned v = slot >> c->pos & ((1u << c->len) - 1);

		put(t, "%s", c->name[v] ? c->name[v] : ".reserved");
	}
	if (*f->fmt->syntax)
		put(t, " ");
	for (const char *s = f->fmt->syntax; *s; s++) {
		if (*s == '@') {
			int64_t val = ia64_operand_get(f, n, slot, lslot);

			if (f->fmt->opd[n]->kind == OPD_SOF)
				val -= ia64_operand_get(f, n - 1, slot, lslot);
			put_operand(t, f->fmt->opd[n++], val);
		} else {
			put(t, "%c", *s);
		}
	}
}

const char *ia64_disasm(const struct ia64_bundle *b, unsigned slot, char *text,
			size_t len)
{
	const struct ia64_template *tm = &ia64_templates[b->tmpl];
	struct text t = { text, len, 0 };
	unsigned unit = tm->unit[slot];
	uint64_t bits = b->slot[slot], lslot = 0;
	int form;

	if (unit == UNIT_L) { /* the X slot has the opcode */
		unit = UNIT_X;
		bits = b->slot[2];
	}
	if (unit == UNIT_X)
		lslot = b->slot[1];
	form = tm->name ? ia64_form_find(unit, bits) : -1;
	if (form < 0)
		put(&t, "reserved 0x%llx", (unsigned long long)bits);
	else
		put_form(&t, &ia64_forms[form], bits, lslot);
	return text;
}
