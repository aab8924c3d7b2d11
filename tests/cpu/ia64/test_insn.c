/* SPDX-License-Identifier: MIT */
/* cpu/ia64's table of instructions: against itself, and against GNU binutils.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cpu/ia64/insn.h"
#include "tests/cpu/ia64/random.h"
#include "tests/test.h"

static uint64_t seed;

static uint64_t rnd(void)
{
	return random_next(&seed);
}

/* Whether some slot could hold both forms. */
static bool same_unit(const struct ia64_form *f, const struct ia64_form *g)
{
	return f->unit == g->unit ||
	       (f->unit == UNIT_A &&
		(g->unit == UNIT_I || g->unit == UNIT_M)) ||
	       (g->unit == UNIT_A && (f->unit == UNIT_I || f->unit == UNIT_M));
}

TEST(ia64_no_encoding_has_two_forms)
{
	for (unsigned i = 0; i < ia64_nforms; i++) {
		const struct ia64_form *f = &ia64_forms[i];

		CHECK_EQ(f->match & ~f->mask, 0);
		CHECK(f->op < IA64_NOPS);
		for (unsigned j = 0; j < i; j++) {
			const struct ia64_form *g = &ia64_forms[j];

			if (same_unit(f, g) &&
			    !((f->match ^ g->match) & f->mask & g->mask))
				fail_msg("%s and %s overlap", f->name, g->name);
		}
	}
}

static uint64_t ones(unsigned len)
{
	return (UINT64_C(1) << len) - 1;
}

/* The bits of every field of a form, its operands' in *opd. */
static uint64_t field_bits(const struct ia64_form *f, uint64_t *opd)
{
	uint64_t used = f->mask | (f->fmt->no_qp ? 0 : 63);

	*opd = 0;
	for (unsigned n = 0; n < ia64_form_operands(f); n++)
		for (int p = 0; p < 6 && f->fmt->opd[n]->part[p].len; p++)
			if (f->fmt->opd[n]->part[p].pos < 64)
				*opd |= ones(f->fmt->opd[n]->part[p].len)
					<< f->fmt->opd[n]->part[p].pos;
	for (int i = 0; i < 3 && f->fmt->completer[i]; i++)
		used |= ones(f->fmt->completer[i]->len)
			<< f->fmt->completer[i]->pos;
	return used;
}

TEST(ia64_no_operand_lies_over_the_bits_that_choose_the_form)
{
	for (unsigned i = 0; i < ia64_nforms; i++) {
		uint64_t opd, used = field_bits(&ia64_forms[i], &opd);

		if (opd & used)
			fail_msg("%s %s", ia64_forms[i].name,
				 ia64_forms[i].fmt->name);
	}
}

/* What assemblers refuse, or spell in another way. */
static bool plain(const struct ia64_form *f, unsigned n, int64_t v,
		  uint64_t slot, uint64_t lslot)
{
	const struct ia64_operand *o = f->fmt->opd[n];
	bool m = f->k == AR_UNIT_M;

	switch (o->kind) {
	case OPD_PERM: return v == 0 || (v >= 8 && v <= 11);
	case OPD_AR: return m ? v < 48 : v >= 64;
	case OPD_SOF:
		return v <= 96 && v >= ia64_operand_get(f, 1, slot, lslot);
	default: break;
	}
	if (!strcmp(o->name, "imm21")) /* binutils has hints of its own */
		return v < (strcmp(f->name, "hint.m") ? 1 << 19 : 2);
	if (!strcmp(o->name, "fclass9")) /* it means both signs by none */
		return v & 3;
	if (!strcmp(o->name, "sol"))
		return v <= 96;
	if (!strcmp(o->name, "sor"))
		return v <= ia64_operand_get(f, 2, slot, lslot);
	if (!strcmp(o->name, "count2"))
		return v < 4 || f->name[0] != 'p' ||
		       strcmp(f->fmt->name, "A10") != 0;
	return true;
}

static void random_operand(const struct ia64_form *f, unsigned n,
			   uint64_t *slot, uint64_t *lslot)
{
	const struct ia64_operand *o = f->fmt->opd[n];
	uint64_t s, l;

	do {
		s = *slot;
		l = *lslot;
		for (int p = 0; p < 6 && o->part[p].len; p++) {
			uint64_t bits = rnd() & ones(o->part[p].len);

			if (o->part[p].pos < 64)
				s |= bits << o->part[p].pos;
			else
				l |= bits << (o->part[p].pos - 64);
		}
	} while (!plain(f, n, ia64_operand_get(f, n, s, l), s, l));
	*slot = s;
	*lslot = l;
}

static uint64_t random_slot(const struct ia64_form *f, uint64_t *lslot)
{
	uint64_t slot = f->match;

	*lslot = 0;
	if (!f->fmt->no_qp)
		slot |= rnd() & 63;
	for (int i = 0; i < 3 && f->fmt->completer[i]; i++) {
		const struct ia64_completer *c = f->fmt->completer[i];
		unsigned v;

		do {
			v = (unsigned)(rnd() & ones(c->len));
		} while (!c->name[v]);
		slot |= (uint64_t)v << c->pos;
	}
	for (unsigned n = 0; n < ia64_form_operands(f); n++)
		random_operand(f, n, &slot, lslot);
	return slot;
}

TEST(ia64_what_is_encoded_is_decoded)
{
	seed = 0x1a64;
	for (unsigned i = 0; i < ia64_nforms; i++) {
		const struct ia64_form *f = &ia64_forms[i];
		enum ia64_unit u = f->unit == UNIT_A ? UNIT_I : f->unit;

		for (int rep = 0; rep < 8; rep++) {
			uint64_t l, slot = random_slot(f, &l);
			uint64_t again = f->match, l2 = 0;

			CHECK_EQ(ia64_form_find(u, slot), i);
			for (unsigned n = 0; n < ia64_form_operands(f); n++) {
				int64_t v = ia64_operand_get(f, n, slot, l);

				CHECK(ia64_operand_put(f, n, v, &again, &l2));
				CHECK_EQ(ia64_operand_get(f, n, again, l2), v);
			}
			CHECK_EQ(l2, l);
		}
	}
}

TEST(ia64_a_number_that_does_not_fit_is_refused)
{
	const struct ia64_form *f = ia64_forms;
	uint64_t slot = 0, l = 0;

	while (strcmp(f->name, "adds") != 0)
		f++;
	CHECK(ia64_operand_put(f, 1, 8191, &slot, &l));
	CHECK(!ia64_operand_put(f, 1, 8192, &slot, &l));
	CHECK(ia64_operand_put(f, 1, -8192, &slot, &l));
	CHECK(!ia64_operand_put(f, 1, -8193, &slot, &l));
	CHECK(!ia64_operand_put(f, 0, 128, &slot, &l));
	while (strcmp(f->name, "fetchadd4.acq") != 0)
		f++;
	CHECK(ia64_operand_put(f, 2, -16, &slot, &l));
	CHECK(!ia64_operand_put(f, 2, 2, &slot, &l));
}

TEST(ia64_bundles_survive_memory)
{
	seed = 0xb0d1e;
	for (int i = 0; i < 100; i++) {
		uint8_t in[16], out[16];
		struct ia64_bundle b;

		for (int k = 0; k < 16; k++)
			in[k] = (uint8_t)rnd();
		ia64_bundle_load(&b, in);
		ia64_bundle_store(&b, out);
		CHECK_MEM(in, out, 16);
	}
}

TEST(ia64_reserved_templates_and_destinations_are_illegal)
{
	struct ia64_bundle b = { .tmpl = 0x06 };
	struct ia64_op op[3];

	ia64_decode(&b, op);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(op[i].op, OP_ILLEGAL_ALWAYS);
	/* adds r0=0,r0 */
	b = (struct ia64_bundle){ .tmpl = 0 };
	b.slot[1] = UINT64_C(8) << 37 | UINT64_C(2) << 34;
	ia64_decode(&b, op);
	CHECK_EQ(op[1].op, OP_ILLEGAL);
	b.slot[1] |= 1 << 6;
	ia64_decode(&b, op);
	CHECK_EQ(op[1].op, OP_ADD_I);
}

/* ---- against binutils */
static const uint64_t nop_mi = UINT64_C(1) << 27, nop_b = UINT64_C(2) << 37;

static unsigned place(const struct ia64_form *f, uint64_t slot, uint64_t lslot,
		      struct ia64_bundle *b)
{
	static const struct {
		uint8_t tmpl, slot;
	} at[] = { [UNIT_A] = { 0, 1 },	   [UNIT_I] = { 0, 1 },
		   [UNIT_M] = { 8, 0 },	   [UNIT_F] = { 0xc, 1 },
		   [UNIT_B] = { 0x16, 2 }, [UNIT_X] = { 4, 2 } };
	uint64_t nop = f->unit == UNIT_B ? nop_b : nop_mi;

	*b = (struct ia64_bundle){ at[f->unit].tmpl, { nop, nop, nop } };
	b->slot[at[f->unit].slot] = slot;
	if (f->unit == UNIT_X)
		b->slot[1] = lslot;
	return at[f->unit].slot;
}

/* ".+0x40" is from the instruction for GNU as, from the bundle for us. */
static void write_text(FILE *s, const char *text, unsigned bundle)
{
	const char *dot = strstr(text, ".+0x");

	if (!dot)
		dot = strstr(text, ".-0x");
	if (dot)
		fprintf(s, "%.*s.text+%u%s\n", (int)(dot - text), text,
			16 * bundle, dot + 1);
	else
		fprintf(s, "%s\n", text);
}

static void write_bundle(FILE *s, const struct ia64_bundle *b, unsigned bundle)
{
	char text[128];

	fprintf(s, "{ %s\n", ia64_templates[b->tmpl].name);
	for (unsigned i = 0; i < 3; i++)
		if (ia64_templates[b->tmpl].unit[i] != UNIT_L)
			write_text(s, ia64_disasm(b, i, text, sizeof(text)),
				   bundle);
	fprintf(s, "}\n");
}

/* Writes each form some times to both files; returns how many bundles. */
static unsigned write_all(FILE *s, FILE *bin)
{
	unsigned n = 0;

	fprintf(s, ".text\n.explicit\n");
	for (unsigned i = 0; i < ia64_nforms; i++) {
		if (!strcmp(ia64_forms[i].name, "hint.b"))
			continue; /* it takes none */
		for (int rep = 0; rep < 3; rep++, n++) {
			uint64_t l, slot = random_slot(&ia64_forms[i], &l);
			struct ia64_bundle b;
			uint8_t bytes[16];

			place(&ia64_forms[i], slot, l, &b);
			ia64_bundle_store(&b, bytes);
			write_bundle(s, &b, n);
			fwrite(bytes, 16, 1, bin);
		}
	}
	return n;
}

static void compare(FILE *ours, FILE *theirs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t a[16], b[16];
		struct ia64_bundle bundle;
		char text[128];

		CHECK_EQ(fread(a, 16, 1, ours), 1);
		CHECK_EQ(fread(b, 16, 1, theirs), 1);
		b[0] &= 0xfe; /* stops are added after some */
		if (b[0] == 0xa)
			b[0] = 8;
		a[0] &= 0xfe;
		if ((a[0] & 31) == (b[0] & 31) && !memcmp(a + 1, b + 1, 15))
			continue;
		if (!memcmp(a + 1, b + 1, 15) && !((a[0] ^ b[0]) & 0xe0))
			continue;
		ia64_bundle_load(&bundle, a);
		for (unsigned k = 0; k < 3; k++)
			print_message("%s\n", ia64_disasm(&bundle, k, text,
							  sizeof(text)));
		fail_msg("GNU as encodes bundle %u in another way", i);
	}
}

#define AS "ia64-linux-gnu-as"

TEST(ia64_gnu_as_encodes_what_is_disassembled_to_the_same_bits)
{
	char dir[] = "/tmp/vmm-ia64-XXXXXX", cmd[512], *cwd;
	FILE *s, *ours, *theirs;
	unsigned n;

	if (system("command -v " AS " >/dev/null 2>&1") != 0)
		SKIP_TEST(AS " is not there: install binutils-ia64-linux-gnu");
	CHECK(mkdtemp(dir) != NULL);
	cwd = getcwd(NULL, 0);
	CHECK(cwd && chdir(dir) == 0);
	s = fopen("a.s", "w");
	ours = fopen("ours", "w+");
	CHECK(s && ours);
	seed = 0xa55;
	n = write_all(s, ours);
	fclose(s);
	snprintf(cmd, sizeof(cmd),
		 AS " -x -o a.o a.s 2>log || { grep Error log >&2; exit 1; };"
		    "ia64-linux-gnu-objcopy -O binary -j .text a.o theirs");
	CHECK_EQ(system(cmd), 0);
	theirs = fopen("theirs", "r");
	CHECK(theirs != NULL);
	rewind(ours);
	compare(ours, theirs, n);
	fclose(ours);
	fclose(theirs);
	snprintf(cmd, sizeof(cmd), "cd / && rm -rf %s", dir);
	CHECK_EQ(system(cmd), 0);
	CHECK_EQ(chdir(cwd), 0);
	free(cwd);
}

/* What GNU objdump knows and the manual's revision 2.3 does not have. */
static bool newer(const char *text)
{
	return strstr(text, "msr[") || strstr(text, "dahr") ||
	       strstr(text, "lfetch.count") || strstr(text, "mux1") ||
	       /* with a predicate, which the manual does not allow */
	       strstr(text, "alloc") || strstr(text, "flushrs") ||
	       strstr(text, "loadrs");
}

static uint64_t random_bits(int i)
{
	uint64_t v = rnd() & IA64_SLOT_MASK;
	const uint64_t major = UINT64_C(15) << 37;
	static const uint8_t dense[] = { 0, 1, 4, 5, 6, 7, 8, 14 };

	if (i & 8) /* where most of the encodings are */
		v = (v & ~major) | (uint64_t)dense[rnd() % 8] << 37;
	if (i & 16)
		v &= ~(UINT64_C(7) << 33);
	return v;
}

static void write_random(FILE *bin, FILE *mine, int n)
{
	static const enum ia64_unit units[] = { UNIT_I, UNIT_M, UNIT_F, UNIT_B,
						UNIT_X };

	for (int i = 0; i < n; i++) {
		struct ia64_form any = { .unit = (uint8_t)units[i % 5] };
		uint64_t bits = random_bits(i / 5);
		struct ia64_bundle b;
		uint8_t bytes[16];
		unsigned slot = place(&any, bits, 0, &b);

		ia64_bundle_store(&b, bytes);
		fwrite(bytes, 16, 1, bin);
		fprintf(mine, "%u %d %llx\n", slot,
			ia64_form_find(any.unit, bits),
			(unsigned long long)bits);
	}
}

/* objdump's text of a slot of bundle i: its lines come in that order. */
static const char *their_text(FILE *dis, int i, unsigned slot)
{
	static char line[256], text[256];
	unsigned n = 0;

	/* a long instruction may be one line or two, and is the last */
	for (;;) {
		unsigned long addr;

		if (!line[0] && !fgets(line, sizeof(line), dis))
			break;
		if (sscanf(line, " %lx:", &addr) == 1 && strchr(line, '\t')) {
			if (addr / 16 != (unsigned long)i)
				break;
			if (n++ <= slot)
				snprintf(text, sizeof(text), "%s",
					 strchr(line, '\t'));
		}
		line[0] = 0;
	}
	return n ? text : "";
}

/* Bytes alone, or data8, stand for what is no instruction. */
static bool is_insn(const char *text)
{
	return !strstr(text, "data8") && strpbrk(text, "klmnopqrstuvwx");
}

/* Hints that mean nothing are no reason to fault. */
static bool reserved_hint(const struct ia64_form *f, uint64_t bits)
{
	for (int i = 0; i < 3 && f->fmt->completer[i]; i++) {
		const struct ia64_completer *c = f->fmt->completer[i];

		if (!c->name[bits >> c->pos & ones(c->len)])
			return true;
	}
	return false;
}

static void compare_objdump(FILE *dis, FILE *mine, int n)
{
	unsigned slot = 0, known = 0;
	unsigned long long bits;
	int form;

	for (int i = 0; i < n; i++) {
		const char *text;

		CHECK_EQ(fscanf(mine, "%u %d %llx", &slot, &form, &bits), 3);
		text = their_text(dis, i, slot == 2 && i % 5 == 4 ? 1 : slot);
		CHECK(*text);
		known += form >= 0;
		if ((form >= 0) == is_insn(text) || newer(text))
			continue;
		/* application registers that are none, hints of its own */
		if (form >= 0 && (ia64_forms[form].op == OP_MOV_AR_I ||
				  ia64_forms[form].op == OP_NOP ||
				  ia64_forms[form].op == OP_HINT ||
				  reserved_hint(&ia64_forms[form], bits)))
			continue;
		fail_msg("bundle %d, form %d, objdump: %s", i, form, text);
	}
	CHECK(known > (unsigned)n / 10);
}

#define OBJDUMP "ia64-linux-gnu-objdump -D -b binary -m ia64 bin"

TEST(ia64_gnu_objdump_knows_the_same_encodings)
{
	enum { SLOTS = 20000 };
	char dir[] = "/tmp/vmm-ia64-XXXXXX", cmd[512], *cwd;
	FILE *bin, *mine, *dis;

	if (system("command -v " AS " >/dev/null 2>&1") != 0)
		SKIP_TEST(AS " is not there: install binutils-ia64-linux-gnu");
	CHECK(mkdtemp(dir) != NULL);
	cwd = getcwd(NULL, 0);
	CHECK(cwd && chdir(dir) == 0);
	bin = fopen("bin", "w");
	mine = fopen("mine", "w+");
	CHECK(bin && mine);
	seed = 0x0b9;
	write_random(bin, mine, SLOTS);
	fclose(bin);
	rewind(mine);
	dis = popen(OBJDUMP, "r");
	CHECK(dis != NULL);
	compare_objdump(dis, mine, SLOTS);
	CHECK_EQ(pclose(dis), 0);
	fclose(mine);
	snprintf(cmd, sizeof(cmd), "cd / && rm -rf %s", dir);
	CHECK_EQ(system(cmd), 0);
	CHECK_EQ(chdir(cwd), 0);
	free(cwd);
}
