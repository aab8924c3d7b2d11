/* SPDX-License-Identifier: MIT */
/* What the files of the IA-64 engine share; private to cpu/ia64. */
#ifndef CPU_IA64_EXEC_H
#define CPU_IA64_EXEC_H

#include "cpu/ia64/cpu.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* What a function of an operation returns. */
enum {
	EX_FAULT = -1, /* c->fault says which */
	EX_NEXT,       /* done */
	EX_RESYNC,     /* done; how code is fetched may have changed */
	EX_JUMP,       /* done; it goes on at c->ip, c->ri */
	EX_BRANCH,     /* taken, relative: o's bundle + imm */
	EX_TRAP,       /* done; c->fault is delivered before the next one */
	EX_LATE_FAULT, /* a fault at c->ip, c->ri, where it has jumped already
			*/
};
typedef int ia64_op_fn(struct ia64_cpu *c, const struct ia64_op *o);
#define X(name, fn) ia64_op_fn ia64_op_##fn;
IA64_OPS_CALL(X)
IA64_OPS_CALL_ALWAYS(X)
#undef X

/* ---- registers */
static inline uint64_t gr_get(const struct ia64_cpu *c, unsigned r)
{
	return c->gr[r & 127];
}
static inline bool gr_nat(const struct ia64_cpu *c, unsigned r)
{
	return c->nat[r & 127];
}
static inline void gr_set(struct ia64_cpu *c, unsigned r, uint64_t v, bool nat)
{
	c->gr[r & 127] = v;
	c->nat[r & 127] = nat;
	c->nats |= nat;
}
/* The number of its place, which it keeps when it gets another name. */
static inline unsigned gr_place(const struct ia64_cpu *c, unsigned r)
{
	unsigned i = r - 32;

	if (r < 32)
		return r;
	if (i < c->sor)
		i = (i + c->rrb_gr) % c->sor;
	return 32 + (c->base + i) % IA64_RING;
}
/* Whether r may be written: it is in the frame.  SDM 1:3.1.2. */
static inline bool gr_there(const struct ia64_cpu *c, unsigned r)
{
	return r < c->limit;
}
static inline unsigned fr_index(const struct ia64_cpu *c, unsigned f)
{
	if (f < 32)
		return f;
	f += c->rrb_fr;
	return f < 128 ? f : f - 96;
}
static inline bool pr_get(const struct ia64_cpu *c, unsigned p)
{
	return c->pr >> p & 1;
}
static inline void pr_set(struct ia64_cpu *c, unsigned p, bool v)
{
	c->pr = (c->pr & ~(UINT64_C(1) << p)) | (uint64_t)v << p | 1;
}
static inline unsigned cpl(const struct ia64_cpu *c)
{
	return c->psr >> 32 & 3;
}

/* ---- faults: each fills c->fault and returns EX_FAULT */
int ia64_general(struct ia64_cpu *c, unsigned code);
int ia64_nat_register(struct ia64_cpu *c, uint64_t isr);
int ia64_raise(struct ia64_cpu *c, unsigned vector, uint64_t isr);
/*
 * Delivers c->fault, SDM 2:5.5.1: registers are collected, and c->ip, c->ri are
 * where the handler begins.  ip, ri: what IIP and IPSR.ri say.
 */
void ia64_deliver(struct ia64_cpu *c, uint64_t ip, unsigned ri);
/*
 * IIPA of a fault at ip, ri, to which no branch led, SDM 2:3.3.5.6: the bundle
 * that was executed last, which of slot 0 is the one before.
 */
static inline uint64_t ia64_before(uint64_t ip, unsigned ri)
{
	return ri ? ip : ip - 16;
}
/* After c->psr changed: chooses the tables of addresses. */
void ia64_psr_changed(struct ia64_cpu *c);
/* After PSR.i became 1: whether an interrupt waits, which is then looked at. */
bool ia64_interrupt_look(struct ia64_cpu *c);
/* Writes PSR with its side effects (banks); val without ri. */
void ia64_psr_write(struct ia64_cpu *c, uint64_t val);
/* rfi, by the control registers; EX_xxx. */
int ia64_rfi(struct ia64_cpu *c);
/* Whether rfi takes that IPSR, mov that FPSR. */
bool ia64_ipsr_ok(uint64_t ipsr);
bool ia64_fpsr_ok(uint64_t fpsr);
/* Whether there is an application, a control register of that number. */
bool ia64_ar_there(unsigned ar);
bool ia64_cr_there(unsigned cr);

/* ---- memory: mmu.c */
enum {
	ACC_R = 1,
	ACC_W = 2,
	ACC_X = 4,
	ACC_RSE = 8,
	ACC_SPEC = 16, /* a control-speculative load */
	ACC_NA = 32,   /* no access: probe, fc, lfetch, tpa */
	ACC_SEM = 64,  /* a semaphore */
	ACC_TLB = 128, /* the TLB is asked whatever PSR.dt says: tpa, probe */
};
/* What a non-access is, ISR.code{3:0}: SDM 2:5.5.2 table 5-1 */
enum { NA_TPA, NA_FC, NA_PROBE, NA_TAK, NA_LFETCH, NA_PROBE_FAULT };
/* ISR's bits of such an access. */
uint64_t ia64_isr_of(unsigned acc, unsigned na);
struct ia64_where {
	uint64_t pa;
	uint8_t ma;    /* memory attribute */
	uint8_t *host; /* of pa, NULL: not memory */
};
/*
 * Translates for an access at privilege level pl; na: ISR.code{3:0} of a
 * non-access.  0 or EX_FAULT.
 */
int ia64_translate(struct ia64_cpu *c, uint64_t va, unsigned acc, unsigned pl,
		   unsigned na, struct ia64_where *w);
/* The decoded page of code at va, or NULL with c->fault filled. */
struct ia64_page *ia64_fetch_page(struct ia64_cpu *c, uint64_t va);
/*
 * Forgets the short cuts of data and code: all, those of regions (a bit each),
 * or those of code alone.
 */
void ia64_flush_fast(struct ia64_cpu *c);
void ia64_flush_regions(struct ia64_cpu *c, unsigned regions);
void ia64_flush_fetch(struct ia64_cpu *c);
/* Decoded code: code.c.  Forgets all, or the line of pa. */
void ia64_flush_code(struct ia64_cpu *c);
void ia64_free_code(struct ia64_cpu *c); /* and its memory */
void ia64_code_changed(struct ia64_cpu *c, uint64_t pa);
/* Decodes the bundle that o stands in. */
void ia64_decode_at(struct ia64_page *p, const struct ia64_op *o);
/* An entry that is valid for va, or NULL; data: of the data TLB. */
struct ia64_tlbe *ia64_tlb_find(struct ia64_cpu *c, bool data, uint64_t va);
void ia64_tlb_purge(struct ia64_cpu *c, bool data, uint64_t va, uint32_t rid,
		    unsigned ps);

/*
 * Where va is, an access without effects on others, if a table of short cuts
 * knows it; or NULL.
 */
static inline uint8_t *ia64_short_cut(const struct ia64_fast *table,
				      uint64_t va, unsigned align, unsigned acc)
{
	const struct ia64_fast *f = &table[va >> 12 & (IA64_FAST_SIZE - 1)];
	uint64_t at = va & (~UINT64_C(0xfff) | (align - 1));

	if (((acc & ACC_R) && f->rtag != at) ||
	    ((acc & ACC_W) && f->wtag != at))
		return NULL;
	return (uint8_t *)(f->addend + va);
}
/* Loads and stores; acc as above.  0 or EX_FAULT; NaT where one is deferred. */
int ia64_load(struct ia64_cpu *c, uint64_t va, unsigned size, unsigned acc,
	      uint64_t *val);
int ia64_store(struct ia64_cpu *c, uint64_t va, unsigned size, uint64_t val);
/* The same by the register stack engine. */
int ia64_rse_load(struct ia64_cpu *c, uint64_t va, uint64_t *val);
int ia64_rse_store(struct ia64_cpu *c, uint64_t va, uint64_t val);

/* ---- floating-point registers: float.c */
/* 0, or EX_FAULT where PSR.dfl or dfh disables a register that o names. */
int ia64_fp_ready(struct ia64_cpu *c, const struct ia64_op *o);
/* Whether it may be that f is disabled. */
static inline bool fr_disabled(const struct ia64_cpu *c, unsigned f)
{
	return c->psr & (f < 32 ? PSR_DFL : PSR_DFH);
}
/* Writes f by the program's number, and PSR.mfl or mfh. */
void ia64_fr_set(struct ia64_cpu *c, unsigned f, struct ia64_fr v);

/* ---- the ALAT: alat.c */
void ia64_alat_add(struct ia64_cpu *c, bool fr, unsigned reg,
		   const struct ia64_where *w, unsigned size);
/* Whether the check succeeds. */
bool ia64_alat_hit(struct ia64_cpu *c, bool fr, unsigned reg, bool clear);
void ia64_alat_drop(struct ia64_cpu *c, bool fr, unsigned reg);
void ia64_alat_store(struct ia64_cpu *c, const uint8_t *host, unsigned size);
void ia64_alat_clear(struct ia64_cpu *c);

/* ---- the register stack: rse.c */
uint64_t ia64_bsp(const struct ia64_cpu *c);
/* Finds out whether some register is a NaT still. */
void ia64_nats_look(struct ia64_cpu *c);
uint64_t ia64_frame_end(const struct ia64_cpu *c); /* bsp after cover */
void ia64_rotate(struct ia64_cpu *c);
void ia64_set_rrb_pr(struct ia64_cpu *c, unsigned rrb);
void ia64_rse_call(struct ia64_cpu *c);
/* cover: the frame's registers become preserved, and it is empty. */
void ia64_rse_cover(struct ia64_cpu *c);
/* Brings the frame of marker back, n of whose registers were preserved. */
void ia64_rse_restore(struct ia64_cpu *c, uint64_t marker, unsigned n);
/* br.call, brl.call but for the branch: the link to b, the caller's frame. */
void ia64_br_call(struct ia64_cpu *c, unsigned b, uint64_t link);
/*
 * br.ret: EX_JUMP or EX_LATE_FAULT at c->ip, c->ri; EX_NEXT: nothing was done,
 * for it lowers the privilege level.
 */
int ia64_br_ret(struct ia64_cpu *c, unsigned b);
/* The same with c->ip, c->ri set already, whatever the privilege level. */
int ia64_rse_return(struct ia64_cpu *c);
/* Loads what is missing from the current frame; 0 or EX_FAULT. */
int ia64_rse_complete(struct ia64_cpu *c);
/* Stores the dirty registers and the frame, and changes nothing else. */
void ia64_rse_show(struct ia64_cpu *c);
void ia64_set_bspstore(struct ia64_cpu *c, uint64_t val);

/* Parallel arithmetic on general registers: simd.c. */
typedef uint64_t ia64_par_fn(uint64_t a, uint64_t b, unsigned n);
extern ia64_par_fn *const ia64_par[IA64_NPARS];

#endif
