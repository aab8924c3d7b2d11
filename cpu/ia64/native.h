/* SPDX-License-Identifier: MIT */
/* Code of the host made of decoded IA-64 operations; private to cpu/ia64. */
#ifndef CPU_IA64_NATIVE_H
#define CPU_IA64_NATIVE_H

#include "cpu/ia64/exec.h"

/*
 * A fragment is the host's code of operations that follow each other in a page,
 * from one that is reached often, its head, on.  In the page OP_NATIVE stands
 * at the head; what stood there is the fragment's op.  Whatever it does
 * not do in a few instructions (a TLB miss, a fault, a change of PSR) it leaves
 * to the interpreter: it ends before that operation, with everything where the
 * interpreter has it.  So the interpreter alone says what operations mean, and
 * a host without an emitter has no fragments.
 *
 * Fragments run only where exec.c would take its bodies without NaTs: they know
 * of no NaT, trace, debugger or PSR bit.  All of this belongs to the vCPU's
 * thread; the memory is never writable and executable at once.
 */

/* How a fragment ended: in bits 2:0 of what ia64_native_enter() returns; the
 * rest is the operation's address. */
enum ia64_native_end {
	NATIVE_GO,     /* at an operation */
	NATIVE_OP,     /* at one that the interpreter is to execute itself */
	NATIVE_JUMP,   /* at one that it branched to */
	NATIVE_BRANCH, /* at a branch that is taken: somebody wants attention */
	NATIVE_RESULT, /* at one whose function returned c->native_result */
	NATIVE_FAR,    /* it branched to c->ip, where no fragment is known; the
			* operation is none */
};

/* NULL where this host has no emitter or memory may not be executed. */
struct ia64_native *ia64_native_new(void);
void ia64_native_free(struct ia64_native *n);
/* Forgets all; the pages that have heads are being freed. */
void ia64_native_flush(struct ia64_native *n);

/*
 * Branches came to o often.  Makes, now or with others later, fragments of what
 * is decoded from o on, and of where that leads in its page.  False: there is
 * no room, ia64_flush_code() makes some.
 */
bool ia64_native_hot(struct ia64_cpu *c, struct ia64_page *p,
		     struct ia64_op *o);
/* From now on everything becomes code when it is branched to again. */
void ia64_native_eager(struct ia64_cpu *c);
/* What stood at a head, enum ia64_opcode. */
unsigned ia64_native_op(const struct ia64_cpu *c, const struct ia64_page *p,
			const struct ia64_op *o);
/* Runs the fragment at a head, by c->native_va and c->native_left. */
uintptr_t ia64_native_enter(struct ia64_cpu *c, const struct ia64_page *p,
			    const struct ia64_op *o);

/* ---- between native.c and the host's emitter, native_ARCH.c */
struct ia64_fragment {
	const uint8_t *code;
	uint16_t op; /* of the head, as it was decoded */
};

/* Code on its way. */
struct ia64_emit {
	uint8_t *p;	      /* where the next byte goes */
	const uint8_t *leave; /* of ia64_emit_frame() */
	const uint8_t *far;   /* its also: where branches to an address go */
	const uint8_t *none;  /* its also: where there is no fragment */
	/* by struct ia64_page's head, of which 0 and others lead to none */
	const struct ia64_fragment *fragment;
	const uint8_t *alat[5]; /* its also: of stores of 1 to 16 bytes */
	struct ia64_native *n;
	struct ia64_page *page;
};

/* Room that a fragment may take at most, bytes. */
#define IA64_FRAGMENT_ROOM (64u << 10)

/* Whether this host has an emitter. */
bool ia64_emit_there(void);
/*
 * Emits what enters fragments, a function of (struct ia64_cpu *, const void
 * *code) that returns as ia64_native_enter() does, and sets e->leave, e->far,
 * e->none and e->alat; e->fragment is given.
 */
void ia64_emit_frame(struct ia64_emit *e);
/* Emits the fragment of o; false where it is not worth it. */
bool ia64_emit_fragment(struct ia64_emit *e, const struct ia64_op *o);
/* Lets the jump whose 32-bit distance is at *at* lead to code. */
void ia64_emit_patch(uint8_t *at, const uint8_t *code);

/* For the emitter: o's code, or NULL as yet. */
const uint8_t *ia64_native_code(const struct ia64_emit *e,
				const struct ia64_op *o);
/* The operation that stands at o, as it was decoded. */
struct ia64_op ia64_native_at(const struct ia64_emit *e,
			      const struct ia64_op *o);
/* What stands at o or, where that does nothing, behind it. */
const struct ia64_op *ia64_native_behind(const struct ia64_op *o);
/* Has a fragment made of o. */
void ia64_native_want(struct ia64_emit *e, const struct ia64_op *o);
/* Has the jump at *at* patched once o has code. */
void ia64_native_link(struct ia64_emit *e, const struct ia64_op *o,
		      uint8_t *at);

/* The functions of operations, by enum ia64_opcode; exec.c. */
extern ia64_op_fn *const ia64_op_fns[2 * IA64_NOPS];
/* br.ctop: rotates, and whether it is taken; exec.c. */
bool ia64_br_top(struct ia64_cpu *c);

#endif
