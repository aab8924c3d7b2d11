/* SPDX-License-Identifier: MIT */
/* Loads, stores and semaphores of IA-64 that take more than the short cut. */
#include <pthread.h>
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/fp.h"
#include "cpu/ia64/mmu.h"

#define DEST(c, r)                                             \
	do {                                                   \
		if (!gr_there(c, r))                           \
			return ia64_general(c, GE_ILLEGAL_OP); \
	} while (0)

/* ---- one access */
static uint64_t swapped(uint64_t v, unsigned size)
{
	return size == 1 ? v : __builtin_bswap64(v) >> (64 - 8 * size);
}

static uint64_t host_read(const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	switch ((uintptr_t)p & (size - 1) ? 0 : size) {
	case 1: return __atomic_load_n(p, __ATOMIC_ACQUIRE);
	case 2: return __atomic_load_n((const uint16_t *)p, __ATOMIC_ACQUIRE);
	case 4: return __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE);
	case 8: return __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE);
	default: memcpy(&v, p, size); return v;
	}
}

static void host_write(uint8_t *p, unsigned size, uint64_t v)
{
	switch ((uintptr_t)p & (size - 1) ? 0 : size) {
	case 1: __atomic_store_n(p, (uint8_t)v, __ATOMIC_RELEASE); break;
	case 2:
		__atomic_store_n((uint16_t *)p, (uint16_t)v, __ATOMIC_RELEASE);
		break;
	case 4:
		__atomic_store_n((uint32_t *)p, (uint32_t)v, __ATOMIC_RELEASE);
		break;
	case 8: __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELEASE); break;
	default: memcpy(p, &v, size); break;
	}
}

/* A data breakpoint on these bytes, SDM 2:7.1.1. */
static bool dbr_hit(const struct ia64_cpu *c, uint64_t va, unsigned size,
		    unsigned acc)
{
	for (unsigned i = 0; i < 8; i += 2) {
		uint64_t ctl = c->dbr[i + 1];
		uint64_t mask = (ctl & 0xffffffffffffff) |
				UINT64_C(0xff00000000000000);

		if (!(ctl >> 56 >> cpl(c) & 1) ||
		    !(((acc & ACC_R) && ctl >> 63) ||
		      ((acc & ACC_W) && (ctl >> 62 & 1))))
			continue;
		for (unsigned b = 0; b < size; b++)
			if (!(((va + b) ^ c->dbr[i]) & mask))
				return true;
	}
	return false;
}

/* What the debugger wants to see when it is done; speculation is no access. */
static void debugger_look(struct ia64_cpu *c, uint64_t va, unsigned size,
			  unsigned acc)
{
	const struct ia64_debugger *d = c->debugger;

	for (unsigned i = 0; i < d->n; i++) {
		const struct ia64_watch *w = &d->watch[i];

		if (!((acc & ACC_R) && w->read) && !((acc & ACC_W) && w->write))
			continue;
		if (va - w->addr >= w->len && w->addr - va >= size)
			continue;
		c->debug_pending = true;
		c->debug_hit = (int)i;
		c->debug_addr = va;
	}
}

/* The same of struct ia64_where; memory is all that tables know. */
static bool short_cut(const struct ia64_fast *table, uint64_t va,
		      unsigned align, unsigned acc, struct ia64_where *w)
{
	*w = (struct ia64_where){ .host = ia64_short_cut(table, va, align,
							 acc) };
	return w->host != NULL;
}

/*
 * Semaphores, 16 bytes at once and extended numbers want memory that is written
 * back, SDM 2:4.4.9, 2:7.2; a bus has no more than 8 bytes for anybody.
 */
static bool unsupported(const struct ia64_where *w, unsigned size, unsigned acc)
{
	if (!w->host)
		return size > 8 || (acc & ACC_SEM);
	return w->ma && (size == 10 || (acc & ACC_SEM));
}

/*
 * Translates and checks an access of the current instruction.  Unaligned ones
 * are done within 4K unless PSR.ac says no: SDM 2:4.5.
 */
static int where(struct ia64_cpu *c, uint64_t va, unsigned size, unsigned acc,
		 struct ia64_where *w)
{
	unsigned align = size == 10 ? 16 : size; /* a power of two */

	if (!(acc & ACC_SPEC) && short_cut(c->fast, va, align, acc, w))
		return 0;
	if (ia64_translate(c, va, acc, cpl(c), 0, w) < 0)
		return EX_FAULT;
	if ((c->psr & PSR_DB) && !(c->psr & PSR_DD) &&
	    dbr_hit(c, va, size, acc))
		return ia64_raise_va(c, VEC_DEBUG, va, acc, 0);
	if ((va & (align - 1)) && ((c->psr & PSR_AC) || (acc & ACC_SEM) ||
				   !w->host || (va & 0xfff) + size > 4096))
		return ia64_raise_va(c, VEC_UNALIGNED, va, acc, 0);
	if (unsupported(w, size, acc))
		return ia64_raise_va(c, VEC_UNSUPPORTED, va, acc, 0);
	if (c->debugger && c->debugger->data && !(acc & ACC_SPEC))
		debugger_look(c, va, size, acc);
	ia64_fast_fill(c, c->fast, va, acc, w);
	return 0;
}

static uint64_t read_at(struct ia64_cpu *c, const struct ia64_where *w,
			unsigned size)
{
	uint64_t v;

	if (w->host)
		v = host_read(w->host, size);
	else if (c->env->io_read)
		v = c->env->io_read(c->env->opaque, w->pa, size);
	else
		v = UINT64_MAX;
	if (size < 8)
		v &= (UINT64_C(1) << 8 * size) - 1;
	return c->psr & PSR_BE ? swapped(v, size) : v;
}

static void write_at(struct ia64_cpu *c, const struct ia64_where *w,
		     unsigned size, uint64_t v)
{
	if (c->psr & PSR_BE)
		v = swapped(v, size);
	if (!w->host) {
		if (c->env->io_write)
			c->env->io_write(c->env->opaque, w->pa, size, v);
		return;
	}
	host_write(w->host, size, v);
	if (c->alat_used)
		ia64_alat_store(c, w->host, size);
}

int ia64_load(struct ia64_cpu *c, uint64_t va, unsigned size, unsigned acc,
	      uint64_t *val)
{
	struct ia64_where w;

	if (where(c, va, size, acc, &w) < 0)
		return EX_FAULT;
	*val = read_at(c, &w, size);
	return 0;
}

int ia64_store(struct ia64_cpu *c, uint64_t va, unsigned size, uint64_t val)
{
	struct ia64_where w;

	if (where(c, va, size, ACC_W, &w) < 0)
		return EX_FAULT;
	write_at(c, &w, size, val);
	return 0;
}

int ia64_copy(struct ia64_cpu *c, uint64_t va, void *buf, uint64_t len,
	      bool write)
{
	uint8_t *p = buf;

	while (len) {
		uint64_t n = 4096 - (va & 0xfff);
		struct ia64_where w;

		n = n < len ? n : len;
		if (ia64_translate(c, va, write ? ACC_W : ACC_R, cpl(c), 0,
				   &w) < 0)
			return EX_FAULT;
		if (!w.host)
			return ia64_raise_va(c, VEC_UNSUPPORTED, va,
					     write ? ACC_W : ACC_R, 0);
		memcpy(write ? w.host : p, write ? p : w.host, n);
		p += n;
		va += n;
		len -= n;
	}
	return 0;
}

/* The register stack engine has its own privilege level and byte order. */
static int rse_where(struct ia64_cpu *c, uint64_t va, unsigned acc,
		     struct ia64_where *w)
{
	unsigned pl = c->ar[AR_RSC] >> 2 & 3;
	bool plain = (c->psr & (PSR_RT | PSR_DA | PSR_PK)) == PSR_RT;

	if (plain && short_cut(c->tables[pl], va, 8, acc, w))
		return 0;
	if (ia64_translate(c, va, acc | ACC_RSE, pl, 0, w) < 0)
		return EX_FAULT;
	if (!w->host)
		return ia64_raise_va(c, VEC_UNSUPPORTED, va, acc | ACC_RSE, 0);
	if (plain)
		ia64_fast_fill(c, c->tables[pl], va, acc, w);
	return 0;
}

int ia64_rse_load(struct ia64_cpu *c, uint64_t va, uint64_t *val)
{
	struct ia64_where w;

	if (rse_where(c, va, ACC_R, &w) < 0)
		return EX_FAULT;
	*val = host_read(w.host, 8);
	if (c->ar[AR_RSC] & RSC_BE)
		*val = swapped(*val, 8);
	return 0;
}

int ia64_rse_store(struct ia64_cpu *c, uint64_t va, uint64_t val)
{
	struct ia64_where w;

	if (rse_where(c, va, ACC_W, &w) < 0)
		return EX_FAULT;
	host_write(w.host, 8, c->ar[AR_RSC] & RSC_BE ? swapped(val, 8) : val);
	if (c->alat_used)
		ia64_alat_store(c, w.host, 8);
	return 0;
}

/* ---- kinds of loads: the manual's x6 >> 2 */
enum {
	KIND_PLAIN,
	KIND_S,
	KIND_A,
	KIND_SA,
	KIND_BIAS,
	KIND_ACQ,
	KIND_FILL,
	KIND_C_CLR = 8,
	KIND_C_NC,
	KIND_C_CLR_ACQ
};

/*
 * Whether a speculative load defers the fault it met, SDM 2:5.5.5 tables 5-4
 * and 5-5: without interruption collection each; what nothing can mend always;
 * others where the page of the code says that there is code to recover.
 */
static bool deferred(struct ia64_cpu *c)
{
	static const struct {
		uint16_t vector, dcr;
	} bits[] = {
		{ VEC_VHPT, DCR_DM },	   { VEC_DTLB, DCR_DM },
		{ VEC_ALT_DTLB, DCR_DM },  { VEC_NOT_PRESENT, DCR_DP },
		{ VEC_DKEY_MISS, DCR_DK }, { VEC_KEY_PERM, DCR_DX },
		{ VEC_DACCESS, DCR_DR },   { VEC_DACCESS_BIT, DCR_DA },
		{ VEC_DEBUG, DCR_DD },
	};
	struct ia64_tlbe *code;

	if (!(c->psr & PSR_IC) || c->fault.vector == VEC_NAT ||
	    c->fault.vector == VEC_UNSUPPORTED ||
	    c->fault.vector == VEC_GENERAL)
		return true;
	code = c->psr & PSR_IT ? ia64_tlb_find(c, false, c->iipa) : NULL;
	if (!code || !code->ed) /* the exception has to be seen now */
		return false;
	if (c->fault.vector == VEC_UNALIGNED)
		return true;
	for (unsigned i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (bits[i].vector == c->fault.vector)
			return c->cr[CR_DCR] & bits[i].dcr;
	return false;
}

static void update_base(struct ia64_cpu *c, const struct ia64_op *o)
{
	bool nat = gr_nat(c, o->c);
	uint64_t va = gr_get(c, o->c);

	if (o->k & UPD_IMM)
		gr_set(c, o->c, va + (uint64_t)(int64_t)o->imm, nat);
	else if (o->k & UPD_REG)
		gr_set(c, o->c, va + gr_get(c, o->b), nat | gr_nat(c, o->b));
}

static bool base_there(const struct ia64_cpu *c, const struct ia64_op *o)
{
	return !(o->k & (UPD_IMM | UPD_REG)) || gr_there(c, o->c);
}

/* What a load is to do; or EX_FAULT. */
enum {
	LOAD_READS,
	LOAD_KEEPS, /* nothing: the target has its value, or becomes a NaT */
	LOAD_ZERO,  /* the target becomes 0 */
};

/*
 * What every load does before it reads; *w is filled where it is to, and *nat
 * says whether the target becomes a NaT.  The ALAT entry is made before the
 * bytes are read, so that no store in between goes unseen.
 */
static int begin_load(struct ia64_cpu *c, const struct ia64_op *o, bool fr,
		      unsigned reg, unsigned size, struct ia64_where *w,
		      bool *nat)
{
	unsigned kind = o->k >> 2 & 15;
	bool spec = kind == KIND_S || kind == KIND_SA;

	*nat = false;
	if (kind >= KIND_C_CLR &&
	    ia64_alat_hit(c, fr, reg, kind != KIND_C_NC)) {
		if (kind == KIND_C_CLR_ACQ) /* the comparison was its load */
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
		return LOAD_KEEPS;
	}
	if (kind == KIND_A || kind == KIND_SA || kind >= KIND_C_CLR)
		ia64_alat_drop(c, fr, reg);
	if (gr_nat(c, o->c)) {
		if (!spec)
			return ia64_nat_register(c, ISR_R);
		*nat = true;
		return LOAD_KEEPS;
	}
	if (spec && (c->psr & PSR_ED)) {
		*nat = true;
		return LOAD_KEEPS;
	}
	if (where(c, gr_get(c, o->c), size, ACC_R | (spec ? ACC_SPEC : 0), w) <
	    0) {
		if (!spec || !deferred(c)) {
			c->fault.isr |= spec ? ISR_SP : 0;
			return EX_FAULT;
		}
		*nat = true;
		return LOAD_KEEPS;
	}
	if (!w->host || w->ma >= 4) {
		/* reads that have effects are not made ahead: 3:2 ld */
		*nat = spec;
		return spec		? LOAD_KEEPS
		       : kind == KIND_A ? LOAD_ZERO
					: LOAD_READS;
	}
	if (kind == KIND_A || kind == KIND_SA || kind == KIND_C_NC)
		ia64_alat_add(c, fr, reg, w, size);
	return LOAD_READS;
}

int ia64_op_ldx(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned size = 1u << (o->k & 3), kind = o->k >> 2 & 15;
	uint64_t val = 0, va = gr_get(c, o->c);
	struct ia64_where w;
	bool nat;
	int ret;

	if (!base_there(c, o))
		return ia64_general(c, GE_ILLEGAL_OP);
	DEST(c, o->a);
	ret = begin_load(c, o, false, gr_place(c, o->a), size, &w, &nat);
	if (ret < 0)
		return EX_FAULT;
	if (ret == LOAD_READS)
		val = read_at(c, &w, size);
	if (kind == KIND_FILL)
		nat = c->ar[AR_UNAT] >> (va >> 3 & 63) & 1;
	update_base(c, o);
	if (ret != LOAD_KEEPS || nat)
		gr_set(c, o->a, val, nat);
	return EX_NEXT;
}

/* st.rel and st8.spill */
int ia64_op_stx(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned size = 1u << (o->k & 3), kind = o->k >> 2 & 15;
	uint64_t va = gr_get(c, o->c), bit = UINT64_C(1) << (va >> 3 & 63);
	bool nat = gr_nat(c, o->b), spill = kind == 14;

	if (!base_there(c, o))
		return ia64_general(c, GE_ILLEGAL_OP);
	if (gr_nat(c, o->c) || (nat && !spill))
		return ia64_nat_register(c, ISR_W);
	if (!spill)
		__atomic_thread_fence(__ATOMIC_RELEASE);
	if (ia64_store(c, va, size, gr_get(c, o->b)) < 0)
		return EX_FAULT;
	if (spill)
		c->ar[AR_UNAT] = (c->ar[AR_UNAT] & ~bit) | (nat ? bit : 0);
	update_base(c, o);
	return EX_NEXT;
}

/* ---- 16 bytes: one lock makes them atomic to each other */
static pthread_mutex_t wide = PTHREAD_MUTEX_INITIALIZER;

int ia64_op_ld16(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t v[2];
	struct ia64_where w;

	DEST(c, o->a);
	if (gr_nat(c, o->c))
		return ia64_nat_register(c, ISR_R);
	if (where(c, gr_get(c, o->c), 16, ACC_R | ACC_SEM, &w) < 0)
		return EX_FAULT;
	pthread_mutex_lock(&wide);
	v[0] = read_at(c, &w, 8);
	w.host += 8;
	v[1] = read_at(c, &w, 8);
	pthread_mutex_unlock(&wide);
	/* of big-endian memory the first eight bytes are the high ones */
	gr_set(c, o->a, v[!!(c->psr & PSR_BE)], false);
	c->ar[AR_CSD] = v[!(c->psr & PSR_BE)];
	return EX_NEXT;
}

static void write16(struct ia64_cpu *c, struct ia64_where *w, uint64_t lo,
		    uint64_t hi)
{
	bool be = c->psr & PSR_BE;

	write_at(c, w, 8, be ? hi : lo);
	w->host += 8;
	write_at(c, w, 8, be ? lo : hi);
}

int ia64_op_st16(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_where w;

	if (gr_nat(c, o->c) || gr_nat(c, o->b))
		return ia64_nat_register(c, ISR_W);
	if (where(c, gr_get(c, o->c), 16, ACC_W | ACC_SEM, &w) < 0)
		return EX_FAULT;
	pthread_mutex_lock(&wide);
	write16(c, &w, gr_get(c, o->b), c->ar[AR_CSD]);
	pthread_mutex_unlock(&wide);
	return EX_NEXT;
}

/* ---- semaphores, SDM 1:4.4.3: sequentially consistent on the host */
static int semaphore(struct ia64_cpu *c, const struct ia64_op *o, unsigned size,
		     bool source, struct ia64_where *w)
{
	DEST(c, o->a);
	if (gr_nat(c, o->c) || (source && gr_nat(c, o->b)))
		return ia64_nat_register(c, ISR_R | ISR_W);
	if (where(c, gr_get(c, o->c), size, ACC_R | ACC_W | ACC_SEM, w) < 0)
		return EX_FAULT;
	return 0;
}

static uint64_t guest_order(const struct ia64_cpu *c, uint64_t v, unsigned size)
{
	return c->psr & PSR_BE ? swapped(v, size) : v;
}

/* Compares and exchanges; the old value, all in memory's order. */
static uint64_t cas(uint8_t *p, unsigned size, uint64_t want, uint64_t to)
{
#define CAS(n, type)                                                          \
	case n: {                                                             \
		type old = (type)want;                                        \
                                                                              \
		__atomic_compare_exchange_n((type *)p, &old, (type)to, false, \
					    __ATOMIC_SEQ_CST,                 \
					    __ATOMIC_SEQ_CST);                \
		return old;                                                   \
	}
	switch (size) {
		CAS(1, uint8_t)
		CAS(2, uint16_t)
		CAS(4, uint32_t)
	default: CAS(8, uint64_t)
	}
#undef CAS
}

static void old_value(struct ia64_cpu *c, const struct ia64_op *o,
		      struct ia64_where *w, unsigned size, uint64_t old)
{
	if (c->alat_used)
		ia64_alat_store(c, w->host, size);
	gr_set(c, o->a, guest_order(c, old, size), false);
}

int ia64_op_cmpxchg(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned size = 1u << (o->k & 3);
	uint64_t mask = size < 8 ? (UINT64_C(1) << 8 * size) - 1 : UINT64_MAX;
	uint64_t want = c->ar[AR_CCV], old;
	struct ia64_where w;

	if (semaphore(c, o, size, true, &w) < 0)
		return EX_FAULT;
	/* ar.ccv is compared whole with the zero-extended value */
	if (want & ~mask)
		old = host_read(w.host, size);
	else
		old = cas(w.host, size, guest_order(c, want, size),
			  guest_order(c, gr_get(c, o->b) & mask, size));
	old_value(c, o, &w, size, old);
	return EX_NEXT;
}

int ia64_op_cmp8xchg16(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_where w, base;
	uint64_t old, lo = gr_get(c, o->b), hi = c->ar[AR_CSD];

	if (semaphore(c, o, 8, true, &w) < 0)
		return EX_FAULT;
	base = w;
	base.host -= gr_get(c, o->c) & 8;
	pthread_mutex_lock(&wide);
	old = read_at(c, &w, 8);
	if (old == c->ar[AR_CCV])
		write16(c, &base, lo, hi);
	pthread_mutex_unlock(&wide);
	gr_set(c, o->a, old, false);
	return EX_NEXT;
}

int ia64_op_xchg(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned size = 1u << (o->k & 3);
	struct ia64_where w;
	uint64_t to, old;

	if (semaphore(c, o, size, true, &w) < 0)
		return EX_FAULT;
	to = gr_get(c, o->b);
	if (size < 8)
		to &= (UINT64_C(1) << 8 * size) - 1;
	to = guest_order(c, to, size);
	switch (size) {
	case 1:
		old = __atomic_exchange_n(w.host, (uint8_t)to,
					  __ATOMIC_SEQ_CST);
		break;
	case 2:
		old = __atomic_exchange_n((uint16_t *)w.host, (uint16_t)to,
					  __ATOMIC_SEQ_CST);
		break;
	case 4:
		old = __atomic_exchange_n((uint32_t *)w.host, (uint32_t)to,
					  __ATOMIC_SEQ_CST);
		break;
	default:
		old = __atomic_exchange_n((uint64_t *)w.host, to,
					  __ATOMIC_SEQ_CST);
		break;
	}
	old_value(c, o, &w, size, old);
	return EX_NEXT;
}

int ia64_op_fetchadd(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned size = 1u << (o->k & 3);
	uint64_t mask = size < 8 ? UINT32_MAX : UINT64_MAX, old, seen;
	struct ia64_where w;

	if (semaphore(c, o, size, false, &w) < 0)
		return EX_FAULT;
	seen = host_read(w.host, size);
	do {
		uint64_t sum =
			guest_order(c, seen, size) + (uint64_t)(int64_t)o->imm;

		old = seen;
		seen = cas(w.host, size, old, guest_order(c, sum & mask, size));
	} while (seen != old);
	old_value(c, o, &w, size, old);
	return EX_NEXT;
}

/* ---- prefetch: only .fault has an effect that can be seen */
int ia64_op_lfetch(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_where w;

	if (!base_there(c, o))
		return ia64_general(c, GE_ILLEGAL_OP);
	/* lfetch.fault; a handler that sets PSR.ed passes over it: 2:5.5.5 */
	if ((o->k & 2) && !(c->psr & PSR_ED)) {
		if (gr_nat(c, o->c))
			return ia64_nat_register(c, ISR_R | ISR_NA | NA_LFETCH);
		if (ia64_translate(c, gr_get(c, o->c), ACC_R | ACC_NA, cpl(c),
				   NA_LFETCH, &w) < 0)
			return EX_FAULT;
	}
	update_base(c, o);
	return EX_NEXT;
}

/* ---- floating point, SDM 1:5.3: k's low bits are e, 8, s, d */
enum { SIZE_E, SIZE_8, SIZE_S, SIZE_D };
static const uint8_t fp_size[4] = { 10, 8, 4, 8 };

/* Two pieces of what is 10 or 16 bytes long, in memory's order. */
static void read_two(struct ia64_cpu *c, struct ia64_where w, unsigned second,
		     uint64_t *sig, uint64_t *rest)
{
	if (c->psr & PSR_BE) {
		*rest = read_at(c, &w, second);
		w.host += second;
		*sig = read_at(c, &w, 8);
	} else {
		*sig = read_at(c, &w, 8);
		w.host += 8;
		*rest = read_at(c, &w, second);
	}
}

static void write_two(struct ia64_cpu *c, struct ia64_where w, unsigned second,
		      uint64_t sig, uint64_t rest)
{
	if (c->psr & PSR_BE) {
		write_at(c, &w, second, rest);
		w.host += second;
		write_at(c, &w, 8, sig);
	} else {
		write_at(c, &w, 8, sig);
		w.host += 8;
		write_at(c, &w, second, rest);
	}
}

static struct ia64_fr fp_read(struct ia64_cpu *c, const struct ia64_where *w,
			      unsigned size, bool fill)
{
	uint64_t sig, rest;

	if (fill) {
		read_two(c, *w, 8, &sig, &rest);
		return (struct ia64_fr){ sig, rest & 0x1ffff, rest >> 17 & 1 };
	}
	switch (size) {
	case SIZE_E:
		read_two(c, *w, 2, &sig, &rest);
		return fp_from_extended(sig, (uint16_t)rest);
	case SIZE_8: return (struct ia64_fr){ read_at(c, w, 8), FP_EXP_INT, 0 };
	case SIZE_S: return fp_from_single((uint32_t)read_at(c, w, 4));
	default: return fp_from_double(read_at(c, w, 8));
	}
}

/* What a load that reads nothing leaves: NaTVal where it was deferred. */
static int fp_unread(struct ia64_cpu *c, const struct ia64_op *o, int ret,
		     bool nat, bool two)
{
	const struct ia64_fr left = nat ? fp_nat : (struct ia64_fr){ 0, 0, 0 };

	if (nat || ret == LOAD_ZERO) {
		ia64_fr_set(c, o->a, left);
		if (two)
			ia64_fr_set(c, o->b, left);
	}
	return EX_NEXT;
}

int ia64_op_ldf(struct ia64_cpu *c, const struct ia64_op *o)
{
	bool fill = (o->k >> 2 & 15) == KIND_FILL, nat;
	unsigned size = o->k & 3;
	struct ia64_where w;
	int ret;

	if (!base_there(c, o))
		return ia64_general(c, GE_ILLEGAL_OP);
	if (fr_disabled(c, o->a) && ia64_fp_ready(c, o) < 0)
		return EX_FAULT;
	ret = begin_load(c, o, true, fr_index(c, o->a),
			 fill ? 16 : fp_size[size], &w, &nat);
	if (ret < 0)
		return EX_FAULT;
	if (ret == LOAD_READS)
		ia64_fr_set(c, o->a, fp_read(c, &w, size, fill));
	update_base(c, o);
	return ret ? fp_unread(c, o, ret, nat, false) : EX_NEXT;
}

/* A pair; its second register follows in memory. */
int ia64_op_ldfp(struct ia64_cpu *c, const struct ia64_op *o)
{
	unsigned size = o->k & 3, bytes = fp_size[size];
	struct ia64_op up = *o;
	struct ia64_where w;
	struct ia64_fr one;
	bool nat;
	int ret;

	if (!base_there(c, o))
		return ia64_general(c, GE_ILLEGAL_OP);
	if (ia64_fp_ready(c, o) < 0)
		return EX_FAULT;
	ret = begin_load(c, o, true, fr_index(c, o->a), 2 * bytes, &w, &nat);
	if (ret < 0)
		return EX_FAULT;
	if (ret == LOAD_READS && !w.host)
		return ia64_raise_va(c, VEC_UNSUPPORTED, gr_get(c, o->c), ACC_R,
				     0);
	if (ret == LOAD_READS) {
		one = fp_read(c, &w, size, false);
		w.host += bytes;
		w.pa += bytes;
		ia64_fr_set(c, o->b, fp_read(c, &w, size, false));
		ia64_fr_set(c, o->a, one);
	}
	up.imm = (int32_t)(2 * bytes);
	update_base(c, &up);
	return ret ? fp_unread(c, o, ret, nat, true) : EX_NEXT;
}

int ia64_op_stf(struct ia64_cpu *c, const struct ia64_op *o)
{
	const struct ia64_fr *f = &c->fr[fr_index(c, o->b)];
	bool spill = (o->k >> 2 & 15) == 14;
	unsigned size = o->k & 3;
	struct ia64_where w;

	if (!base_there(c, o))
		return ia64_general(c, GE_ILLEGAL_OP);
	if (fr_disabled(c, o->b) && ia64_fp_ready(c, o) < 0)
		return EX_FAULT;
	if (gr_nat(c, o->c) || (!spill && fp_class(f) == FP_NAT))
		return ia64_nat_register(c, ISR_W);
	if (where(c, gr_get(c, o->c), spill ? 16 : fp_size[size], ACC_W, &w) <
	    0)
		return EX_FAULT;
	if (spill)
		write_two(c, w, 8, f->sig, f->exp | f->sign << 17);
	else if (size == SIZE_E)
		write_two(c, w, 2, f->sig, fp_to_extended(f));
	else if (size == SIZE_8)
		write_at(c, &w, 8, f->sig);
	else if (size == SIZE_S)
		write_at(c, &w, 4, fp_to_single(f));
	else
		write_at(c, &w, 8, fp_to_double(f));
	update_base(c, o);
	return EX_NEXT;
}
