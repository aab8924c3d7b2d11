/* SPDX-License-Identifier: MIT */
/* Where a POWER guest is after one instruction. */
#include "cpu/ppc64/step.h"

#include <endian.h>

#include "cpu/ppc64/regs.h"

/* Power ISA 3.0B, books I and II: primary opcodes, and extended ones. */
#define OP_PREFIX 1 /* 3.1: the instruction has eight bytes */
#define OP_BC	  16
#define OP_SC	  17 /* sc; scv where the last two bits are 1 */
#define OP_B	  18
#define OP_XL	  19
#define OP_X	  31
#define XL_BCLR	  16
#define XL_RFID	  18
#define XL_RFSCV  82
#define X_MFMSR	  83
#define X_MTMSR	  146
#define X_MTMSRD  178
#define XL_BCCTR  528
#define XL_BCTAR  560

/* The longest sequence from a reservation to its store that is looked for. */
#define ATOMIC_MAX 16

/* Vectors: book III, 6.4, and where AIL moves them. */
#define VECTOR_PROGRAM 0x700
#define VECTOR_SC      0xc00
#define VECTOR_AIL     UINT64_C(0xc000000000004000)
#define AIL_RELOCATED  3
/* scv's, 32 bytes for each level: near and far. */
#define VECTOR_SCV     0x17000
#define VECTOR_SCV_AIL UINT64_C(0xc000000000003000)
#define VECTOR_SCV_END 0x1000 /* bytes, of both */
/* Data and instruction storage and segment, external, alignment, program, FP,
 * decrementer, doorbell, performance monitor, vectors, VSX, facility. */
static const uint16_t step_vectors[] = { 0x300, 0x380, 0x400, 0x480, 0x500,
					 0x600, 0x700, 0x800, 0x900, 0xa00,
					 0xf00, 0xf20, 0xf40, 0xf60 };
#define NVECTORS (sizeof(step_vectors) / sizeof(*step_vectors))

static bool step_fetch(const struct ppc64_regs *r, const struct mem *m,
		       uint64_t pc, uint32_t *insn)
{
	if (!target_read_code(&target_ppc64, r, m, pc, insn, sizeof(*insn)))
		return false;
	*insn = r->msr & PPC64_MSR_LE ? le32toh(*insn) : be32toh(*insn);
	return true;
}

static unsigned step_xo(uint32_t insn)
{
	return insn >> 1 & 0x3ff;
}

/* lbarx, lharx, lwarx, ldarx, lqarx and the stores that end them. */
static bool step_is_load_reserve(uint32_t insn)
{
	unsigned xo = step_xo(insn);

	return insn >> 26 == OP_X &&
	       (xo == 52 || xo == 116 || xo == 20 || xo == 84 || xo == 276);
}

static bool step_is_store_conditional(uint32_t insn)
{
	unsigned xo = step_xo(insn);

	return insn >> 26 == OP_X &&
	       (xo == 694 || xo == 726 || xo == 150 || xo == 214 || xo == 182);
}

/* The target of a relative or absolute branch with a field of so many bits. */
static uint64_t step_target(uint64_t pc, uint32_t insn, unsigned bits)
{
	uint32_t field = insn & ((1u << bits) - 4);
	int64_t offset = (int32_t)(field << (32 - bits)) >> (32 - bits);

	return insn & 2 ? (uint64_t)offset : pc + (uint64_t)offset;
}

/* Whether interrupts keep translation on, and have their vectors far up. */
static bool step_far(const struct ppc64_regs *r)
{
	const uint64_t on = PPC64_MSR_IR | PPC64_MSR_DR;

	return (r->lpcr & PPC64_LPCR_AIL) >> PPC64_LPCR_AIL_SHIFT ==
		       AIL_RELOCATED &&
	       (r->msr & on) == on;
}

static uint64_t step_vector(const struct ppc64_regs *r, uint64_t vector)
{
	return (step_far(r) ? VECTOR_AIL : 0) + vector;
}

/* Where a system call leads: book I, 3.3.17. */
static uint64_t step_syscall(const struct ppc64_regs *r, uint32_t insn)
{
	if ((insn & 3) != 1)
		return step_vector(r, VECTOR_SC);
	return (step_far(r) ? VECTOR_SCV_AIL : VECTOR_SCV) +
	       (insn >> 5 & 0x7f) * 32;
}

/* Other places than the next instruction; *next: whether that is one, too. */
static unsigned step_branch(const struct ppc64_regs *r, uint64_t pc,
			    uint32_t insn, uint64_t *to, bool *next)
{
	*next = true;
	switch (insn >> 26) {
	case OP_B:
		*to = step_target(pc, insn, 26);
		*next = false;
		return 1;
	case OP_BC: *to = step_target(pc, insn, 16); return 1;
	case OP_SC: *to = step_syscall(r, insn); return 1;
	case OP_XL: break;
	default: return 0;
	}
	switch (step_xo(insn)) {
	case XL_BCLR: *to = r->lr & ~UINT64_C(3); return 1;
	case XL_BCCTR: *to = r->ctr & ~UINT64_C(3); return 1;
	case XL_BCTAR: *to = r->tar & ~UINT64_C(3); return 1;
	case XL_RFID:
		*to = r->srr0 & ~UINT64_C(3);
		*next = false;
		return 1;
	case XL_RFSCV:
		*to = r->lr & ~UINT64_C(3);
		*next = false;
		return 1;
	default: return 0;
	}
}

static void step_add(struct target_step at[TARGET_STEPS], unsigned *n,
		     uint64_t addr)
{
	if (*n < TARGET_STEPS)
		at[(*n)++] = (struct target_step){ .addr = addr, .kind = 4 };
}

/* From a reservation past its store, and where branches leave it. */
static unsigned step_atomic(const struct ppc64_regs *r, const struct mem *m,
			    struct target_step at[TARGET_STEPS])
{
	uint64_t pc = r->pc, to;
	unsigned n = 0;
	uint32_t insn;
	bool next;

	for (unsigned i = 0; i < ATOMIC_MAX; i++, pc += 4) {
		if (!step_fetch(r, m, pc, &insn))
			return 0;
		if (step_branch(r, pc, insn, &to, &next)) {
			/* Back into the sequence is no way out of it. */
			if (to < r->pc || to > pc)
				step_add(at, &n, to);
			if (!next)
				return 0;
		}
		if (!step_is_store_conditional(insn))
			continue;
		step_add(at, &n, pc + 4);
		return n;
	}
	return 0;
}

unsigned ppc64_steps(const void *regs, const struct mem *m,
		     struct target_step at[TARGET_STEPS])
{
	const struct ppc64_regs *r = regs;
	bool next = true;
	uint64_t to;
	unsigned n = 0;
	uint32_t insn;

	if (!step_fetch(r, m, r->pc, &insn))
		return 0;
	if (step_is_load_reserve(insn)) {
		n = step_atomic(r, m, at);
		if (n)
			return n;
	}
	if (step_branch(r, r->pc, insn, &to, &next))
		step_add(at, &n, to);
	if (next)
		step_add(at, &n, r->pc + (insn >> 26 == OP_PREFIX ? 8 : 4));
	return n;
}

/* An interrupt's byte order is LPCR's: no other breakpoint would be one. */
unsigned ppc64_faults(const void *regs, struct target_step at[TARGET_FAULTS])
{
	const struct ppc64_regs *r = regs;

	if (!(r->msr & PPC64_MSR_LE) != !(r->lpcr & PPC64_LPCR_ILE))
		return 0;
	for (unsigned i = 0; i < NVECTORS; i++)
		at[i] = (struct target_step){ .addr = step_vector(
						      r, step_vectors[i]),
					      .kind = 4,
					      .real = !step_far(r) };
	return NVECTORS;
}

/* What reads the MSR, or sets it. */
bool ppc64_maskable(const void *regs, const struct mem *m)
{
	const struct ppc64_regs *r = regs;
	uint32_t insn, xo;

	if (!step_fetch(r, m, r->pc, &insn))
		return false;
	xo = step_xo(insn);
	if (insn >> 26 == OP_X)
		return xo != X_MFMSR && xo != X_MTMSR && xo != X_MTMSRD;
	return insn >> 26 != OP_XL || (xo != XL_RFID && xo != XL_RFSCV);
}

/* Whether it is at a vector, to which nothing but an interrupt leads. */
static bool step_interrupted(const struct ppc64_regs *r)
{
	uint64_t at = r->pc >= VECTOR_AIL ? r->pc - VECTOR_AIL : r->pc;
	bool vector = at == VECTOR_SC;

	for (unsigned i = 0; i < NVECTORS; i++)
		vector |= at == step_vectors[i];
	return vector;
}

void ppc64_unmask(struct ppc64_regs *r, uint64_t pc)
{
	uint64_t scv = r->pc >= VECTOR_SCV_AIL ? VECTOR_SCV_AIL : VECTOR_SCV;

	if (step_interrupted(r)) {
		r->srr1 |= PPC64_MSR_EE;
		return;
	}
	r->msr |= PPC64_MSR_EE;
	/* scv leaves it as it was, and has the MSR there */
	if (r->pc - scv < VECTOR_SCV_END && r->lr == pc + 4)
		r->ctr |= PPC64_MSR_EE;
}

/* What an interrupt saves of the MSR: all but bits 33-36 and 42-47. */
#define SRR1_MSR     (~UINT64_C(0x783f0000))
#define SRR1_ILLEGAL (UINT64_C(1) << 19)

void ppc64_illegal(struct ppc64_regs *r)
{
	const uint64_t keep = PPC64_MSR_HV | PPC64_MSR_ME;
	uint64_t msr = (r->msr & keep) | PPC64_MSR_SF;

	if (step_far(r))
		msr |= PPC64_MSR_IR | PPC64_MSR_DR;
	if (r->lpcr & PPC64_LPCR_ILE)
		msr |= PPC64_MSR_LE;
	r->srr0 = r->pc;
	r->srr1 = (r->msr & SRR1_MSR) | SRR1_ILLEGAL;
	r->pc = step_vector(r, VECTOR_PROGRAM);
	r->msr = msr;
}
