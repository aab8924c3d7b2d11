/* SPDX-License-Identifier: MIT */
/* The IA-64 interpreter: one loop over decoded operations. */
#include "cpu/ia64/exec.h"

#include <stdlib.h>
#include <string.h>

/*
 * Every operation jumps to the next one's label by itself.  Bundles of a page
 * follow each other in memory, and the page's last operation finds the next
 * page, so that straight code needs neither an instruction pointer nor a test.
 * What does nothing is passed over.
 * Interrupts and requests of others are looked for at taken branches and page
 * ends only.
 */

/* The bundle's address and slot of an operation. */
static uint64_t ip_of(const struct ia64_page *p, uint64_t va,
		      const struct ia64_op *o)
{
	return va + (uint64_t)((o - p->op) / 3) * 16;
}

static unsigned slot_of(const struct ia64_page *p, const struct ia64_op *o)
{
	return (unsigned)((o - p->op) % 3);
}

/* ---- branches, SDM 3:2 br */
static bool br_top(struct ia64_cpu *c)
{
	uint64_t *lc = &c->ar[AR_LC], *ec = &c->ar[AR_EC];
	bool go_on;

	if (*lc) {
		--*lc;
		pr_set(c, 63, true);
		ia64_rotate(c);
		return true;
	}
	go_on = *ec > 1;
	pr_set(c, 63, false);
	if (*ec) {
		--*ec;
		ia64_rotate(c);
	}
	return go_on;
}

static bool br_while(struct ia64_cpu *c, unsigned qp)
{
	uint64_t *ec = &c->ar[AR_EC];
	bool go_on = pr_get(c, qp);

	if (!go_on) {
		go_on = *ec > 1;
		if (!*ec) {
			pr_set(c, 63, false);
			return false;
		}
		--*ec;
	}
	pr_set(c, 63, false);
	ia64_rotate(c);
	return go_on;
}

/* br.call, brl.call: the link, and the caller's frame in ar.pfs. */
static void call(struct ia64_cpu *c, unsigned b, uint64_t link)
{
	c->br[b] = link;
	c->ar[AR_PFS] = ia64_cfm(c) | c->ar[AR_EC] << 52 |
			(uint64_t)cpl(c) << 62;
	ia64_rse_call(c);
}

/* br.ret: c->ip is the target already. */
static int ret(struct ia64_cpu *c)
{
	uint64_t pfs = c->ar[AR_PFS];
	bool lower = pfs >> 62 > cpl(c);

	c->ar[AR_EC] = pfs >> 52 & 63;
	ia64_rse_restore(c, pfs, pfs >> 7 & 127);
	if (lower) {
		ia64_psr_write(c, (c->psr & ~PSR_CPL) | pfs >> 62 << 32);
		if (c->psr & PSR_LP) {
			ia64_raise(c, VEC_LOWER_PRIV, 2);
			return EX_LATE_FAULT;
		}
	}
	return ia64_rse_complete(c) < 0 ? EX_LATE_FAULT : EX_JUMP;
}

/* ---- what happens between instructions */
/* Whether PSR asks for something after or before every instruction. */
static bool careful_psr(const struct ia64_cpu *c)
{
	return c->psr & (PSR_SS | PSR_TB | PSR_ID | PSR_DA | PSR_DD | PSR_IA |
			 PSR_ED | PSR_DB);
}

/* Counts an operation that is executed, and the nops that it leads past. */
static void count(const struct ia64_cpu *c, const struct ia64_op *o)
{
	for (unsigned i = 0; i < o->next; i++)
		if (o[i].form != IA64_NO_FORM && (c->pr >> o[i].qp & 1))
			c->counts[o[i].form]++;
}

/* An instruction breakpoint at ip; SDM 2:7.1.1. */
static bool ibr_hit(const struct ia64_cpu *c, uint64_t ip)
{
	if (!(c->psr & PSR_DB) || (c->psr & PSR_ID))
		return false;
	for (unsigned i = 0; i < 8; i += 2) {
		uint64_t ctl = c->ibr[i + 1], mask = ctl & 0xffffffffffffff;

		if (ctl >> 63 && (ctl >> 56 >> cpl(c) & 1) &&
		    !((ip ^ c->ibr[i]) & (mask | 0xff00000000000000)))
			return true;
	}
	return false;
}

/* After an instruction under careful_psr(): the trap, or none. */
static bool after(struct ia64_cpu *c, uint64_t psr, bool branched)
{
	unsigned code = (psr & PSR_SS ? 8 : 0) |
			(branched && (psr & PSR_TB) ? 4 : 0);

	if (c->psr & (PSR_ID | PSR_DA | PSR_DD | PSR_IA | PSR_ED)) {
		c->psr &= ~(PSR_ID | PSR_DA | PSR_DD | PSR_IA | PSR_ED);
		ia64_psr_changed(c);
	}
	if (!code)
		return false;
	ia64_raise(c, code & 8 ? VEC_SINGLE_STEP : VEC_TAKEN_BRANCH, code);
	return true;
}

/* Whether the debugger wants to see this instruction before it is executed. */
static bool watched(struct ia64_cpu *c, uint64_t at)
{
	const struct ia64_debugger *d = c->debugger;

	for (unsigned i = 0; d && i < d->n; i++)
		if (d->watch[i].exec && d->watch[i].addr == at) {
			c->debug_hit = (int)i;
			return true;
		}
	return false;
}

static bool interrupted(struct ia64_cpu *c)
{
	if (!(c->psr & PSR_I) || (c->debugger && c->debugger->alone) ||
	    !c->env->interrupt || !c->env->interrupt(c->env->opaque))
		return false;
	ia64_raise(c, VEC_EXTINT, 0);
	return true;
}

#define R(n) c->gr[c->map[n]]
#define N(n) c->nat[c->map[n]]
#define NEXT                       \
	do {                       \
		o += o->next;      \
		goto *disp[o->op]; \
	} while (0)
#define BEGIN                              \
	do {                               \
		if (!(c->pr >> o->qp & 1)) \
			NEXT;              \
	} while (0)
#define DEST                                    \
	do {                                    \
		if (unlikely(o->a >= c->limit)) \
			goto illegal;           \
	} while (0)
#define SET(val, nat_)                      \
	do {                                \
		unsigned to = c->map[o->a]; \
                                            \
		c->gr[to] = (val);          \
		c->nat[to] = (nat_);        \
		NEXT;                       \
	} while (0)

/* r1 = function of x, in r2, and y, in r3 */
#define ALU2(name, expr)                      \
	L_##name:                             \
	{                                     \
		uint64_t x, y;                \
                                              \
		BEGIN;                        \
		DEST;                         \
		x = R(o->b);                  \
		y = R(o->c);                  \
		SET(expr, N(o->b) | N(o->c)); \
	}
/* r1 = function of y, in r3, and what the instruction holds */
#define ALU1(name, expr)            \
	L_##name:                   \
	{                           \
		uint64_t y;         \
                                    \
		BEGIN;              \
		DEST;               \
		y = R(o->c);        \
		SET(expr, N(o->c)); \
	}
#define IMM ((uint64_t)(int64_t)o->imm)
/* 32-bit pointers: bits 62:61 are the region of y's bits 31:30 */
#define POINTER4(v) (((v)&UINT32_MAX) | (y >> 30 & 3) << 61)
#define FIELD(len)  (((len) < 64 ? UINT64_C(1) << (len) : 0) - 1)

/* p1, p2 = relation of x and y; k: .unc */
#define COMPARE(name, xval, xnat, type, rel)                                   \
	L_##name:                                                              \
	{                                                                      \
		bool res, nat;                                                 \
		uint64_t pr = c->pr;                                           \
                                                                               \
		if (!(pr >> o->qp & 1)) {                                      \
			if (o->k)                                              \
				c->pr = (pr & ~(UINT64_C(1) << o->a |          \
						UINT64_C(1) << o->d)) |        \
					1;                                     \
			NEXT;                                                  \
		}                                                              \
		res = (type)(xval)rel(type) R(o->c);                           \
		nat = (xnat) | N(o->c);                                        \
		pr &= ~(UINT64_C(1) << o->a | UINT64_C(1) << o->d);            \
		pr |= (uint64_t)(res & !nat) << o->a | (uint64_t)(!res & !nat) \
							       << o->d;        \
		c->pr = pr | 1;                                                \
		NEXT;                                                          \
	}
#define COMPARES(name, type, type4, rel)                \
	COMPARE(name, R(o->b), N(o->b), type, rel)      \
	COMPARE(name##_I, IMM, 0, type, rel)            \
	COMPARE(name##_4, R(o->b), N(o->b), type4, rel) \
	COMPARE(name##_4I, IMM, 0, type4, rel)

/* Where va lies, by the short cut; or the long way through a function. */
#define SHORT(tag, size)                               \
	f = &c->fast[va >> 12 & (IA64_FAST_SIZE - 1)]; \
	if (likely((va & (~UINT64_C(0xfff) | ((size)-1))) == f->tag))
#define LOAD(name, type, check, update)                                \
	L_##name:                                                      \
	{                                                              \
		const struct ia64_fast *f;                             \
		uint64_t va, val;                                      \
                                                                       \
		BEGIN;                                                 \
		DEST;                                                  \
		check;                                                 \
		if (unlikely(N(o->c)))                                 \
			goto nat_load;                                 \
		va = R(o->c);                                          \
		SHORT(rtag, sizeof(type))                              \
		val = __atomic_load_n((type *)(f->addend + va),        \
				      __ATOMIC_RELAXED);               \
		else if (ia64_load(c, va, sizeof(type), ACC_R, &val) < \
			 0) goto fault;                                \
		update;                                                \
		SET(val, 0);                                           \
	}
#define BASE                                    \
	do {                                    \
		if (unlikely(o->c >= c->limit)) \
			goto illegal;           \
	} while (0)
#define BY_REG                          \
	do {                            \
		N(o->c) = N(o->b);      \
		R(o->c) = va + R(o->b); \
	} while (0)
#define BY_IMM                      \
	do {                        \
		R(o->c) = va + IMM; \
	} while (0)
#define LOADS(name, type)                  \
	LOAD(name, type, (void)0, (void)0) \
	LOAD(name##_R, type, BASE, BY_REG) \
	LOAD(name##_I, type, BASE, BY_IMM)
#define STORE(name, type, check, update)                                     \
	L_##name:                                                            \
	{                                                                    \
		const struct ia64_fast *f;                                   \
		uint64_t va;                                                 \
                                                                             \
		BEGIN;                                                       \
		check;                                                       \
		if (unlikely(N(o->c) | N(o->b)))                             \
			goto nat_store;                                      \
		va = R(o->c);                                                \
		SHORT(wtag, sizeof(type))                                    \
		{                                                            \
			__atomic_store_n((type *)(f->addend + va),           \
					 (type)R(o->b), __ATOMIC_RELAXED);   \
			if (unlikely(c->alat_used))                          \
				ia64_alat_store(c,                           \
						(uint8_t *)(f->addend + va), \
						sizeof(type));               \
		}                                                            \
		else if (ia64_store(c, va, sizeof(type), R(o->b)) <          \
			 0) goto fault;                                      \
		update;                                                      \
		NEXT;                                                        \
	}
#define STORES(name, type)                  \
	STORE(name, type, (void)0, (void)0) \
	STORE(name##_I, type, BASE, BY_IMM)

/* Goes to ip + the operation's displacement, within the page or not. */
#define TAKE(disp_)                                                        \
	do {                                                               \
		ip = ip_of(page, page_va, o) + (uint64_t)(int64_t)(disp_); \
		goto taken;                                                \
	} while (0)

/*
 * The loop.  disp is where the next operation goes: to its own label; through
 * careful, when something is to be done before each; or, for the one after
 * that, to done.
 */
enum ia64_stop ia64_run(struct ia64_cpu *c, uint64_t branches)
{
	static const void *const labels[IA64_NOPS] = {
#define X(name) [OP_##name] = &&L_##name,
		IA64_OPS_INLINE(X)
#undef X
#define X(name, fn) [OP_##name] = &&call_fn,
			IA64_OPS_CALL(X)
#undef X
	};
	static const void *const careful[IA64_NOPS] = { [0 ... IA64_NOPS - 1] =
								&&L_careful };
	static const void *const done[IA64_NOPS] = { [0 ... IA64_NOPS - 1] =
							     &&L_done };
	static ia64_op_fn *const fns[IA64_NOPS] = {
#define X(name, fn) [OP_##name] = ia64_op_##fn,
		IA64_OPS_CALL(X)
#undef X
	};
	const void *const *disp = labels;
	const struct ia64_op *o = NULL, *stepped = NULL;
	struct ia64_page *page = NULL;
	uint64_t page_va = 0, ip = c->ip, psr_before = 0;
	unsigned ri = c->ri;
	bool branched = false, stepping = false;

	c->stop = 0;
	goto enter;

taken: /* a branch to ip */
	branched = true;
	ri = 0;
	if (unlikely(disp == done))
		goto done_at_ip;
jump: /* to ip, ri */
	if (unlikely(__atomic_load_n(&c->attention, __ATOMIC_RELAXED)))
		goto attention;
	if (unlikely(!--branches)) {
		c->ip = ip;
		c->ri = ri;
		return IA64_STOP_BUDGET;
	}
	if (likely(ip - page_va < 4096 && page && !ri)) {
		o = page->op + (ip & 0xff0) / 16 * 3;
		goto *disp[o->op];
	}
enter:
	page = c->fetch[(ip >> 12) % IA64_FETCH_SIZE].page;
	page_va = ip & ~UINT64_C(0xfff);
	if (unlikely(c->fetch[(ip >> 12) % IA64_FETCH_SIZE].tag != page_va)) {
		page = ia64_fetch_page(c, ip);
		if (!page)
			goto late_fault;
	}
	disp = c->counts || c->debugger || careful_psr(c) ? careful : labels;
	o = page->op + (ip & 0xff0) / 16 * 3 + ri;
	ri = 0;
	goto *disp[o->op];

attention: /* before the instruction at ip, ri */
	__atomic_store_n(&c->attention, 0, __ATOMIC_RELAXED);
	c->ip = ip;
	c->ri = ri;
	if (__atomic_exchange_n(&c->kicked, false, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
		return IA64_STOP_KICK;
	}
	if (c->env->attended)
		c->env->attended(c->env->opaque);
	if (interrupted(c))
		goto late_fault;
	page = NULL;
	goto jump;

L_DECODE:
	ia64_decode_at(page, o);
	goto *disp[o->op];
L_PAGE_END:
	ip = page_va + 4096;
	ri = 0;
	page = NULL;
	goto jump;

call_fn:
	if (!(c->pr >> o->qp & 1) && o->op != OP_TEST &&
	    o->op != OP_ILLEGAL_ALWAYS && o->op != OP_FCMP &&
	    o->op != OP_FCLASS && o->op != OP_FRCPA && o->op != OP_FRSQRTA)
		NEXT;
	c->iipa = ip_of(page, page_va, o);
	switch (fns[o->op](c, o)) {
	case EX_NEXT: NEXT;
	case EX_BRANCH: TAKE(o->imm);
	case EX_JUMP:
		ip = c->ip;
		ri = c->ri;
		page = NULL;
		goto resync;
	case EX_RESYNC:
		/* a service may have moved it */
		if (c->stop)
			goto asked;
		o++;
		ip = ip_of(page, page_va, o);
		ri = slot_of(page, o);
		page = NULL;
		goto resync;
	case EX_TRAP:
		o++;
		ip = ip_of(page, page_va, o);
		ri = slot_of(page, o);
		goto late_fault;
	case EX_LATE_FAULT:
		ip = c->ip;
		ri = c->ri;
		goto late_fault;
	default: goto fault;
	}
resync: /* as jump, and how code is fetched may have changed */
	if (disp == done)
		goto done_at_ip;
	if (unlikely(__atomic_load_n(&c->attention, __ATOMIC_RELAXED)))
		goto attention;
	if (unlikely(!--branches)) {
		c->ip = ip;
		c->ri = ri;
		return IA64_STOP_BUDGET;
	}
	goto enter;
asked:
	c->ip = ip_of(page, page_va, o + 1);
	c->ri = slot_of(page, o + 1);
	return IA64_STOP_ASKED;

illegal:
	ia64_general(c, GE_ILLEGAL_OP);
	goto fault;
nat_load:
	ia64_nat_register(c, ISR_R);
	goto fault;
nat_store:
	ia64_nat_register(c, ISR_W);
	goto fault;
fault: /* of o, which has not changed anything */
	ip = ip_of(page, page_va, o);
	ri = slot_of(page, o);
	c->iipa = ip;
late_fault: /* at ip, ri */
	ia64_deliver(c, ip, ri);
	ip = c->ip;
	ri = c->ri;
	c->debug_pending = false;
	page = NULL;
	disp = labels;
	if (unlikely(stepping))
		goto step_done;
	goto jump;

L_careful: /* before each instruction, when something is to be done */
	if (o->op == OP_DECODE)
		ia64_decode_at(page, o);
	if (o->op == OP_PAGE_END)
		goto *labels[o->op];
	if (c->counts)
		count(c, o);
	if (watched(c, ip_of(page, page_va, o) | slot_of(page, o))) {
		ip = ip_of(page, page_va, o);
		ri = slot_of(page, o);
		goto debug_stop;
	}
	stepping = c->debugger && (c->debugger->step || c->debugger->data);
	if (!stepping && !careful_psr(c))
		goto *labels[o->op];
	if (ibr_hit(c, ip_of(page, page_va, o))) {
		ia64_raise(c, VEC_DEBUG, ISR_X);
		c->fault.ifa = ip_of(page, page_va, o);
		c->fault.has_ifa = true;
		goto fault;
	}
	psr_before = c->psr;
	branched = false;
	stepped = o;
	disp = done;
	goto *labels[o->op];
L_done: /* one instruction was careful: at what stands behind it, be it a nop */
	o = stepped + 1;
	if (o->form == IA64_NO_FORM)
		o++;
	ip = ip_of(page, page_va, o);
	ri = slot_of(page, o);
done_at_ip:
	page = NULL;
	disp = labels;
	if (after(c, psr_before, branched))
		goto late_fault;
	if (likely(!stepping))
		goto jump;
step_done: /* at ip, ri, after what may have been watched for */
	stepping = false;
	if (!c->debug_pending && !c->debugger->step)
		goto jump;
	if (!c->debug_pending)
		c->debug_hit = -1;
	c->debug_pending = false;
debug_stop: /* at ip, ri */
	c->ip = ip;
	c->ri = ri;
	return IA64_STOP_DEBUG;

L_NOP:
L_NOP_QP:
	NEXT;
	ALU2(ADD, x + y)
	ALU2(ADD1, x + y + 1)
	ALU2(SUB, x - y)
	ALU2(SUB1, x - y - 1)
	ALU2(AND, x & y)
	ALU2(ANDCM, x & ~y)
	ALU2(OR, x | y)
	ALU2(XOR, x ^ y)
	ALU2(ADDP4, POINTER4(x + y))
	ALU2(SHLADD, (x << o->d) + y)
	ALU2(SHLADDP4, POINTER4((x << o->d) + y))
	ALU2(SHL, y > 63 ? 0 : x << y)
	ALU2(SHR, (uint64_t)((int64_t)y >> (x > 63 ? 63 : x)))
	ALU2(SHR_U, x > 63 ? 0 : y >> x)
	ALU2(SHRP, o->imm ? y >> o->imm | x << (64 - o->imm) : y)
	ALU2(DEP, (y & ~(FIELD(o->d) << o->e)) | (x & FIELD(o->d)) << o->e)
	ALU1(ADD_I, IMM + y)
	ALU1(SUB_I, IMM - y)
	ALU1(AND_I, IMM & y)
	ALU1(ANDCM_I, IMM & ~y)
	ALU1(OR_I, IMM | y)
	ALU1(XOR_I, IMM ^ y)
	ALU1(ADDP4_I, POINTER4(IMM + y))
	ALU1(ZXT1, (uint8_t)y)
	ALU1(ZXT2, (uint16_t)y)
	ALU1(ZXT4, (uint32_t)y)
	ALU1(SXT1, (uint64_t)(int8_t)y)
	ALU1(SXT2, (uint64_t)(int16_t)y)
	ALU1(SXT4, (uint64_t)(int32_t)y)
	ALU1(EXTR_U, y >> o->e & FIELD(o->d))
	ALU1(EXTR,
	     (uint64_t)((int64_t)(y << (o->e + o->d > 64 ? 0
							 : 64 - o->e - o->d)) >>
			(o->e + o->d > 64 ? o->e : 64 - o->d)))
	ALU1(DEP_I, (y & ~(FIELD(o->d) << o->e)) | (IMM & FIELD(o->d)) << o->e)
	ALU2(PAR, ia64_par[o->k](x, y, 0))
	ALU2(PAR_SWAP, ia64_par[o->k](y, x, 0))
	ALU2(PAR_COUNT, ia64_par[o->k](x, y, o->d))
	ALU2(PAR_IMM, ia64_par[o->k](x, y, (unsigned)o->imm))
	ALU1(PAR_ONE, ia64_par[o->k](y, 0, 0))
	ALU1(PAR_SHI, ia64_par[o->k](y, IMM, 0))
	COMPARES(CMP_EQ, uint64_t, uint32_t, ==)
	COMPARES(CMP_LT, int64_t, int32_t, <)
	COMPARES(CMP_LTU, uint64_t, uint32_t, <)
	LOADS(LD1, uint8_t)
	LOADS(LD2, uint16_t)
	LOADS(LD4, uint32_t)
	LOADS(LD8, uint64_t)
	STORES(ST1, uint8_t)
	STORES(ST2, uint16_t)
	STORES(ST4, uint32_t)
	STORES(ST8, uint64_t)
L_PAR_MUX: /* of r2: pshl by immediate, mux */
	BEGIN;
	DEST;
	SET(ia64_par[o->k](R(o->b), IMM, (unsigned)o->imm), N(o->b));
L_DEP_Z:
	BEGIN;
	DEST;
	SET((R(o->b) & FIELD(o->d)) << o->e, N(o->b));
L_DEP_ZI:
	BEGIN;
	DEST;
	SET((IMM & FIELD(o->d)) << o->e, 0);
L_MOVL:
	BEGIN;
	DEST;
	SET((uint32_t)o->imm | (uint64_t)(uint32_t)o[1].imm << 32, 0);
L_MOV_GR_BR:
	BEGIN;
	DEST;
	SET(c->br[o->b], 0);
L_MOV_BR_GR:
	BEGIN;
	if (N(o->b)) {
		ia64_nat_register(c, 0);
		goto fault;
	}
	c->br[o->a] = R(o->b);
	NEXT;
L_MOV_GR_IP:
	BEGIN;
	DEST;
	SET(ip_of(page, page_va, o), 0);
L_MOV_GR_PR : {
	unsigned rrb = c->rrb_pr;
	uint64_t pr;

	BEGIN;
	DEST;
	ia64_set_rrb_pr(c, 0);
	pr = c->pr;
	ia64_set_rrb_pr(c, rrb);
	SET(pr, 0);
}
L_MF:
	BEGIN;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	NEXT;

L_BR_COND:
	BEGIN;
	TAKE(o->imm);
L_BRL_COND:
	BEGIN;
	TAKE((uint32_t)o->imm | (uint64_t)(uint32_t)o[1].imm << 32);
L_BR_IND:
	BEGIN;
	ip = c->br[o->b] & ~UINT64_C(15);
	page = NULL;
	goto taken;
L_BR_CLOOP:
	if (!c->ar[AR_LC])
		NEXT;
	c->ar[AR_LC]--;
	TAKE(o->imm);
L_BR_CTOP:
	if (br_top(c))
		TAKE(o->imm);
	NEXT;
L_BR_CEXIT:
	if (!br_top(c))
		TAKE(o->imm);
	NEXT;
L_BR_WTOP:
	if (br_while(c, o->qp))
		TAKE(o->imm);
	NEXT;
L_BR_WEXIT:
	if (!br_while(c, o->qp))
		TAKE(o->imm);
	NEXT;
L_BR_CALL:
	BEGIN;
	call(c, o->a, ip_of(page, page_va, o) + 16);
	TAKE(o->imm);
L_BRL_CALL:
	BEGIN;
	call(c, o->a, ip_of(page, page_va, o) + 16);
	TAKE((uint32_t)o->imm | (uint64_t)(uint32_t)o[1].imm << 32);
L_BR_CALL_IND:
	BEGIN;
	ip = c->br[o->b] & ~UINT64_C(15);
	call(c, o->a, ip_of(page, page_va, o) + 16);
	goto taken;
L_BR_RET:
	BEGIN;
	c->iipa = ip_of(page, page_va, o);
	c->ip = ip = c->br[o->b] & ~UINT64_C(15);
	if (cpl(c) < c->ar[AR_PFS] >> 62)
		page = NULL;
	branched = true;
	ri = 0;
	if (ret(c) != EX_JUMP)
		goto late_fault;
	if (!page)
		goto resync;
	goto taken;
}

/* ---- from outside */
void ia64_kick(struct ia64_cpu *c)
{
	__atomic_store_n(&c->kicked, true, __ATOMIC_RELEASE);
	__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
}

void ia64_attend(struct ia64_cpu *c)
{
	__atomic_store_n(&c->attention, 1, __ATOMIC_RELEASE);
}

void ia64_debug(struct ia64_cpu *c, const struct ia64_debugger *d)
{
	c->debugger = d;
	ia64_flush_fast(c);
	ia64_psr_changed(c);
}

void ia64_count(struct ia64_cpu *c, uint64_t *counts)
{
	c->counts = counts;
}

void ia64_written(struct ia64_cpu *c)
{
	ia64_remap(c);
	ia64_flush_fast(c);
	ia64_psr_changed(c);
}

uint64_t ia64_get_gr(const struct ia64_cpu *c, unsigned r)
{
	return gr_get(c, r);
}

void ia64_set_gr(struct ia64_cpu *c, unsigned r, uint64_t val, bool nat)
{
	if (r)
		gr_set(c, r, val, nat);
}

void ia64_reset(struct ia64_cpu *c)
{
	const struct ia64_env *env = c->env;
	const struct ia64_debugger *debugger = c->debugger;
	uint64_t *counts = c->counts;

	ia64_flush_code(c);
	memset(c, 0, sizeof(*c));
	c->env = env;
	c->counts = counts;
	c->debugger = debugger;
	for (unsigned i = 0; i < 32; i++)
		c->map[i] = (uint8_t)i;
	ia64_remap(c);
	c->pr = 1;
	c->fr[1] = (struct ia64_fr){ UINT64_C(1) << 63, 0xffff, 0 };
	c->ar[AR_FPSR] = 0x9804c0270033f;
	for (unsigned i = 0; i < 8; i++)
		c->rr[i] = 12 << 2;
	c->cr[CR_PTA] = 15 << 2;
	c->cr[CR_ITIR] = 12 << 2;
	memcpy(&c->cpuid[0], "GenuineIntel", 12);
	c->cpuid[3] = 0x1f010504; /* family 0x1f, model 1; five registers */
	c->cpuid[4] = 0x5; /* long branches, 16-byte atomics: SDM 1:3.1.11 */
	c->psr = PSR_MFL | PSR_MFH;
	ia64_flush_fast(c);
	ia64_psr_changed(c);
}

struct ia64_cpu *ia64_new(const struct ia64_env *env)
{
	struct ia64_cpu *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->env = env;
	ia64_reset(c);
	return c;
}

void ia64_free(struct ia64_cpu *c)
{
	if (!c)
		return;
	ia64_flush_code(c);
	free(c);
}
