/* SPDX-License-Identifier: MIT */
/* The IA-64 interpreter: one loop over decoded operations. */
#include "cpu/ia64/native.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/ia64/pv.h"

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

/*
 * IIPA of a fault of the operation o at ip, ri: where the branch was that led
 * to it, or what stands in front of it.  Nothing comes twice to where a branch
 * led but by another branch.
 */
static uint64_t iipa_of(const struct ia64_cpu *c, const struct ia64_page *p,
			uint64_t va, const struct ia64_op *o, uint64_t ip,
			unsigned ri)
{
	unsigned from = (unsigned)(c->came >> 1);

	if (!ri && c->came == ip)
		return c->came_from;
	if (!ri && (c->came & 1) && from + p->op[from].imm == o - p->op)
		return ip_of(p, va, p->op + from);
	return ia64_before(ip, ri);
}

/* ---- branches, SDM 3:2 br */
bool ia64_br_top(struct ia64_cpu *c)
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

/* ---- what happens between instructions */
/* Whether PSR asks for something after or before every instruction. */
static bool careful_psr(const struct ia64_cpu *c)
{
	return c->psr & (PSR_SS | PSR_TB | PSR_ID | PSR_DA | PSR_DD | PSR_IA |
			 PSR_ED | PSR_DB);
}

/* Shows an operation to who counts or traces. */
static void show(const struct ia64_cpu *c, const struct ia64_page *p,
		 uint64_t va, const struct ia64_op *o)
{
	struct ia64_bundle b;

	if (c->counts && (c->pr >> o->qp & 1))
		c->counts[o->form]++;
	if (!c->env->trace)
		return;
	ia64_bundle_load(&b, p->code + (o - p->op) / 3 * 16);
	c->env->trace(c->env->opaque, ip_of(p, va, o), slot_of(p, o), &b);
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

/* The traps that PSR asks for after an instruction. */
static unsigned psr_traps(uint64_t psr, bool branched)
{
	return (psr & PSR_SS ? TRAP_SS : 0) |
	       (branched && (psr & PSR_TB) ? TRAP_TB : 0);
}

/* The masks of one instruction have done their work. */
static void end_masks(struct ia64_cpu *c)
{
	const uint64_t masks = PSR_ID | PSR_DA | PSR_DD | PSR_IA | PSR_ED;

	if (c->psr & masks) {
		c->psr &= ~masks;
		ia64_psr_changed(c);
	}
}

/*
 * Makes c->fault, which says nothing yet of what PSR asks for, a trap of a slot
 * of the bundle at c->iipa, with the bits of all its traps: SDM 2:3.3.5.1.
 */
static void trap_of(struct ia64_cpu *c, unsigned slot, bool branched)
{
	c->fault.isr |= psr_traps(c->psr, branched);
	c->fault.trap = true;
	c->fault.slot = (uint8_t)slot;
	end_masks(c);
}

/* After an instruction under careful_psr(): the trap, or none. */
static bool after(struct ia64_cpu *c, uint64_t psr, bool branched,
		  unsigned slot)
{
	unsigned code = psr_traps(psr, branched);

	if (code) {
		ia64_raise(c,
			   code & TRAP_TB ? VEC_TAKEN_BRANCH : VEC_SINGLE_STEP,
			   code);
		c->fault.trap = true;
		c->fault.slot = (uint8_t)slot;
	}
	end_masks(c);
	return code;
}

/*
 * After a br.ret that ended with a trap, or with a frame that is not complete
 * at its target: what PSR asks for comes before the latter.
 */
static void ret_trap(struct ia64_cpu *c, unsigned slot)
{
	if (c->fault.vector == VEC_LOWER_PRIV)
		trap_of(c, slot, true);
	else
		after(c, c->psr, true, slot);
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

/* The same of those that o leads past, which are nops. */
static bool watched_nop(struct ia64_cpu *c, const struct ia64_page *p,
			uint64_t va, const struct ia64_op *o)
{
	for (unsigned i = 1; c->debugger && i < o->next; i++)
		if (watched(c, ip_of(p, va, o + i) | slot_of(p, o + i)))
			return true;
	return false;
}

static bool interrupted(struct ia64_cpu *c)
{
	if (!(c->psr & PSR_I) || (c->debugger && c->debugger->alone) ||
	    !c->env->interrupt || !c->env->interrupt(c->env->opaque) ||
	    ia64_pv_masks(c))
		return false;
	ia64_raise(c, VEC_EXTINT, 0);
	return true;
}

/* ---- what operations are made of */
#define R(n) c->gr[n]
#define GO                         \
	do {                       \
		goto *disp[o->op]; \
	} while (0)
/*
 * Mostly the next operation is the one behind: it is found without waiting for
 * what this one says of it.
 */
#define NEXT                                     \
	do {                                     \
		if (likely(o->next == 1)) {      \
			o++;                     \
			GO;                      \
		}                                \
		o += o->next;                    \
		__asm__("" : "+r"(o)); /* not */ \
		GO;                              \
	} while (0)
#define BEGIN                              \
	do {                               \
		if (!(c->pr >> o->qp & 1)) \
			goto skip;         \
	} while (0)
/* Its label where there is a predicate, and the one where there is none. */
#define FLOW(name)        \
	P_##name : BEGIN; \
	L_##name:
#define DEST                                    \
	do {                                    \
		if (unlikely(o->a >= c->limit)) \
			goto illegal;           \
	} while (0)
#define IMM ((uint64_t)(int64_t)o->imm)
/* 32-bit pointers: bits 62:61 are the region of y's bits 31:30 */
#define POINTER4(v) (((v)&UINT32_MAX) | (y >> 30 & 3) << 61)
#define FIELD(len)  (((len) < 64 ? UINT64_C(1) << (len) : 0) - 1)

/* From the bundle at c->iipa to ip. */
#define CAME                            \
	do {                            \
		c->came = ip;           \
		c->came_from = c->iipa; \
	} while (0)
/* Goes to ip + the operation's displacement, within the page or not. */
#define TAKE(disp_)                                        \
	do {                                               \
		c->iipa = ip_of(page, page_va, o);         \
		ip = c->iipa + (uint64_t)(int64_t)(disp_); \
		CAME;                                      \
		goto taken;                                \
	} while (0)
/* Goes to an operation of this page, imm from here. */
#define TAKE_NEAR                                                              \
	do {                                                                   \
		if (unlikely(                                                  \
			    !--branches ||                                     \
			    __atomic_load_n(&c->attention, __ATOMIC_RELAXED))) \
			goto near_slowly;                                      \
		c->came = (uint64_t)(o - page->op) * 2 + 1;                    \
		o += o->imm;                                                   \
		if (unlikely(HOT(o)))                                          \
			goto hot;                                              \
		GO;                                                            \
	} while (0)

/* How many branches are left when a limit of one, held, is reached. */
static uint64_t release(uint64_t *hold)
{
	uint64_t left = *hold ? *hold - 1 : 0;

	*hold = 0;
	return left;
}

/* The function of what stands at a head. */
static int head_fn(struct ia64_cpu *c, const struct ia64_op *o)
{
	return ia64_op_fns[ia64_native_op(c, c->native_page, o)](c, o);
}

#define X(name, fn)                 \
	[OP_##name] = ia64_op_##fn, \
	[OP_##name + IA64_PREDICATED] = ia64_op_##fn,
ia64_op_fn *const ia64_op_fns[2 * IA64_NOPS] = {
	IA64_OPS_CALL(X) IA64_OPS_CALL_ALWAYS(X)[OP_NATIVE] = head_fn
};
#undef X

/* Whether o, at which a branch arrived, has become hot. */
#define HOT(o) (++page->heat[((o)-page->op) / 3] == c->hot)

/*
 * The loop.  disp is where the next operation goes: to its own label, of the
 * bodies that know no NaTs or of all; through careful, when something is to be
 * done before each; or, for the one after that, to done.
 */
enum ia64_stop ia64_run(struct ia64_cpu *c, uint64_t branches)
{
#define TABLE(name, value)                                              \
	static const void *const name[2 * IA64_NOPS] = {                \
		IA64_OPS_VALUE(value) IA64_OPS_FLOW(FLOW_ENTRY)         \
			IA64_OPS_CALL(CALL_ENTRY)                       \
				IA64_OPS_CALL_ALWAYS(CALL_ALWAYS_ENTRY) \
	}
#define QUICK_ENTRY(op) \
	[OP_##op] = &&Q_##op, [OP_##op + IA64_PREDICATED] = &&QP_##op,
#define FLOW_ENTRY(op) \
	[OP_##op] = &&L_##op, [OP_##op + IA64_PREDICATED] = &&P_##op,
#define CALL_ENTRY(op, fn) \
	[OP_##op] = &&call_fn, [OP_##op + IA64_PREDICATED] = &&call_fn_p,
#define CALL_ALWAYS_ENTRY(op, fn) \
	[OP_##op] = &&call_fn, [OP_##op + IA64_PREDICATED] = &&call_fn,
	TABLE(quick, QUICK_ENTRY);
	TABLE(labels, FLOW_ENTRY);
#undef TABLE
	static const void *const careful[] = { [0 ... 2 * IA64_NOPS - 1] =
						       &&L_careful };
	static const void *const done[] = { [0 ... 2 * IA64_NOPS - 1] =
						    &&L_done };
	const void *const *disp = labels;
	struct ia64_op *o = NULL, *stepped = NULL;
	struct ia64_page *page = NULL;
	uint64_t page_va = 0, ip = c->ip, psr_before = 0;
	unsigned ri = c->ri, stepped_slot = 0;
	uintptr_t native_end;
	int result;
	bool branched = false, stepping = false, lower;
	/* of branches, while that is 1 so that every branch is looked at */
	uint64_t hold = 0;

	c->stop = 0;
	if (!branches)
		branches = UINT64_MAX;
	goto enter;

taken: /* a branch to ip */
	branched = true;
	ri = 0;
	if (unlikely(disp == done))
		goto done_at_ip;
jump: /* to ip, ri */
	if (unlikely(__atomic_load_n(&c->attention, __ATOMIC_RELAXED)))
		goto attention;
	if (unlikely(!--branches) && !(branches = release(&hold)))
		goto out_of_branches;
	if (likely(ip - page_va < 4096 && page && !ri)) {
		o = page->op + (ip & 0xff0) / 16 * 3;
		if (unlikely(HOT(o)))
			goto hot;
		GO;
	}
enter:
	page = c->fetch[(ip >> 12) % IA64_FETCH_SIZE].page;
	page_va = ip & ~UINT64_C(0xfff);
	if (unlikely(c->fetch[(ip >> 12) % IA64_FETCH_SIZE].tag != page_va)) {
		page = ia64_fetch_page(c, ip);
		if (!page)
			goto late_fault;
	}
	if (unlikely(c->nats))
		ia64_nats_look(c);
	if (unlikely(c->counts || c->debugger || c->env->trace ||
		     careful_psr(c)))
		disp = careful;
	else
		disp = likely(!c->nats) ? quick : labels;
	o = page->op + (ip & 0xff0) / 16 * 3 + ri;
	ri = 0;
	if (unlikely(HOT(o)))
		goto hot;
	GO;

hot: /* o is reached often: what follows it becomes code of the host */
	if (likely(ia64_native_hot(c, page, o)))
		GO;
	/* no room: all of it begins anew */
	ip = ip_of(page, page_va, o);
	ri = slot_of(page, o);
	ia64_flush_code(c);
	page = NULL;
	goto enter;

near_slowly: /* the branch o to o + imm, or to that bundle's start */
	c->iipa = ip_of(page, page_va, o);
	ip = ip_of(page, page_va, o + o->imm);
	CAME;
	branched = true;
	ri = 0;
	if (!branches)
		branches = release(&hold);
	if (disp == done) {
		branches += !branches; /* its last one */
		goto done_at_ip;
	}
	if (__atomic_load_n(&c->attention, __ATOMIC_RELAXED))
		goto attention;
	if (branches)
		goto enter;
out_of_branches:
	c->ip = ip;
	c->ri = ri;
	return IA64_STOP_BUDGET;
attention: /* before the instruction at ip, ri */
	/* it is taken back before it is looked what it was for: ask() */
	__atomic_store_n(&c->attention, 0, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	c->ip = ip;
	c->ri = ri;
	if (__atomic_load_n(&c->kicked, __ATOMIC_RELAXED) &&
	    __atomic_exchange_n(&c->kicked, false, __ATOMIC_ACQUIRE)) {
		__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
		return IA64_STOP_KICK;
	}
	if (c->env->attended)
		c->env->attended(c->env->opaque);
	if (interrupted(c))
		goto late_fault;
	page = NULL;
	goto jump;

P_DECODE:
L_DECODE:
	ia64_decode_at(page, o);
	goto *disp[o->op];
P_NATIVE:
L_NATIVE:
	c->native_page = page;
	if (disp != quick)
		goto *labels[ia64_native_op(c, page, o)];
	c->native_va = page_va;
	c->native_left = branches;
	native_end = ia64_native_enter(c, page, o);
	branches = c->native_left;
	page = c->native_page;
	page_va = c->native_va;
	if ((native_end & 7) == NATIVE_FAR) {
		ip = c->ip;
		c->iipa = c->came_from;
		if (unlikely(c->nats))
			page = NULL; /* as after BR_RET */
		goto taken;
	}
	o = page->op +
	    ((struct ia64_op *)(native_end & ~(uintptr_t)7) - page->op);
	switch (native_end & 7) {
	case NATIVE_OP:
		goto *quick[o->op == OP_NATIVE ? ia64_native_op(c, page, o)
					       : o->op];
	case NATIVE_BRANCH: goto near_slowly;
	case NATIVE_RESULT:
		c->iipa = ip_of(page, page_va, o);
		result = c->native_result;
		goto fn_result;
	case NATIVE_JUMP:
		if (unlikely(HOT(o)))
			goto hot;
		break;
	default: break;
	}
	if (unlikely(c->nats))
		disp = labels;
	GO;
P_PAGE_END:
L_PAGE_END:
	ip = page_va + 4096;
	c->iipa = ip - 16;
	CAME;
	ri = 0;
	page = NULL;
	goto jump;

long_stf:
	c->iipa = ip_of(page, page_va, o);
	if (ia64_op_stf(c, o) < 0)
		goto fault;
	NEXT;
skip: /* its predicate is false */
	NEXT;
call_fn_p:
	BEGIN;
call_fn:
	c->iipa = ip_of(page, page_va, o);
	result = ia64_op_fns[o->op](c, o);
fn_result: /* of the function of o */
	switch (result) {
	case EX_NEXT:
		if (unlikely(c->nats && disp == quick))
			disp = labels;
		NEXT;
	case EX_BRANCH: TAKE(o->imm);
	case EX_JUMP:
		c->came = 0; /* by no branch */
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
		trap_of(c, slot_of(page, o), false);
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
	if (unlikely(!--branches) && !(branches = release(&hold)))
		goto out_of_branches;
	goto enter;
asked:
	c->ip = ip_of(page, page_va, o + 1);
	c->ri = slot_of(page, o + 1);
	return IA64_STOP_ASKED;

illegal:
	ia64_general(c, GE_ILLEGAL_OP);
	goto fault;
reserved:
	ia64_general(c, GE_RESERVED);
	goto fault;
nat_source:
	ia64_nat_register(c, 0);
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
	c->iipa = iipa_of(c, page, page_va, o, ip, ri);
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
	if (o->form != IA64_NO_FORM)
		show(c, page, page_va, o);
	if (watched(c, ip_of(page, page_va, o) | slot_of(page, o))) {
		ip = ip_of(page, page_va, o);
		ri = slot_of(page, o);
		goto debug_stop;
	}
	stepping = c->debugger && (c->debugger->step || c->debugger->data);
	if (!hold) {
		hold = branches;
		branches = 1;
	}
	if (!stepping && !c->counts && !c->env->trace && !careful_psr(c) &&
	    !watched_nop(c, page, page_va, o))
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
	stepped_slot = slot_of(page, o);
	c->iipa = ip_of(page, page_va, o);
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
	if (after(c, psr_before, branched, stepped_slot))
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

P_NOP:
P_NOP_QP:
L_NOP:
L_NOP_QP:
	NEXT;
#define NATS	   1
#define AT(name)   L_##name
#define AT_P(name) P_##name
#include "cpu/ia64/exec_ops.inc"
#define NATS	   0
#define AT(name)   Q_##name
#define AT_P(name) QP_##name
#include "cpu/ia64/exec_ops.inc"
	FLOW(MF)
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	NEXT;

	FLOW(BR_COND)
	TAKE(o->imm);
	FLOW(BR_COND_NEAR)
	TAKE_NEAR;
	FLOW(BRL_COND)
	TAKE((uint32_t)o->imm | (uint64_t)(uint32_t)o[1].imm << 32);
	FLOW(BR_IND)
	c->iipa = ip_of(page, page_va, o);
	ip = c->br[o->b] & ~UINT64_C(15);
	CAME;
	page = NULL;
	goto taken;
P_BR_CLOOP:
L_BR_CLOOP:
	if (!c->ar[AR_LC])
		NEXT;
	c->ar[AR_LC]--;
	TAKE(o->imm);
P_BR_CLOOP_NEAR:
L_BR_CLOOP_NEAR:
	if (!c->ar[AR_LC])
		NEXT;
	c->ar[AR_LC]--;
	TAKE_NEAR;
P_BR_CTOP_NEAR:
L_BR_CTOP_NEAR:
	if (ia64_br_top(c))
		TAKE_NEAR;
	NEXT;
P_BR_CTOP:
L_BR_CTOP:
	if (ia64_br_top(c))
		TAKE(o->imm);
	NEXT;
P_BR_CEXIT:
L_BR_CEXIT:
	if (!ia64_br_top(c))
		TAKE(o->imm);
	NEXT;
P_BR_WTOP:
L_BR_WTOP:
	if (br_while(c, o->qp))
		TAKE(o->imm);
	NEXT;
P_BR_WEXIT:
L_BR_WEXIT:
	if (!br_while(c, o->qp))
		TAKE(o->imm);
	NEXT;
	FLOW(BR_CALL)
	ia64_br_call(c, o->a, ip_of(page, page_va, o) + 16);
	TAKE(o->imm);
	FLOW(BR_CALL_NEAR)
	ia64_br_call(c, o->a, ip_of(page, page_va, o) + 16);
	TAKE_NEAR;
	FLOW(BRL_CALL)
	ia64_br_call(c, o->a, ip_of(page, page_va, o) + 16);
	TAKE((uint32_t)o->imm | (uint64_t)(uint32_t)o[1].imm << 32);
	FLOW(BR_CALL_IND)
	c->iipa = ip_of(page, page_va, o);
	ip = c->br[o->b] & ~UINT64_C(15);
	ia64_br_call(c, o->a, c->iipa + 16);
	CAME;
	goto taken;
	FLOW(BR_RET)
	c->iipa = ip_of(page, page_va, o);
	c->ip = ip = c->br[o->b] & ~UINT64_C(15);
	CAME;
	lower = cpl(c) < c->ar[AR_PFS] >> 62;
	branched = true;
	ri = 0;
	if (ia64_rse_return(c) != EX_JUMP) {
		ret_trap(c, slot_of(page, o));
		goto late_fault;
	}
	if (lower) {
		page = NULL;
		goto resync;
	}
	if (unlikely(c->nats))
		page = NULL; /* other bodies, if the frame has brought NaTs */
	goto taken;
}

/* ---- from outside */
/*
 * After what is asked for was written: the vCPU sees that, or attention comes
 * after it was taken back.  A release would not do on POWER, which may let the
 * vCPU's 0 follow this 1 although the vCPU has not seen what was written before
 * ("R" among Power's litmus tests needs sync on both sides).
 */
static void ask(struct ia64_cpu *c)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
}

void ia64_kick(struct ia64_cpu *c)
{
	__atomic_store_n(&c->kicked, true, __ATOMIC_RELAXED);
	ask(c);
}

void ia64_attend(struct ia64_cpu *c)
{
	ask(c);
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
	c->limit = 32u + c->sof;
	c->nats = true;
	c->came = 0;
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
	struct ia64_native *native = c->native;
	struct ia64_page *page_mem = c->page_mem;
	uint8_t hot = c->hot;

	ia64_flush_code(c);
	memset(c, 0, sizeof(*c));
	c->env = env;
	c->counts = counts;
	c->debugger = debugger;
	c->native = native;
	c->page_mem = page_mem;
	c->hot = hot;
	c->limit = 32;
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
	c->native = ia64_native_new();
	c->hot = IA64_HOT;
	ia64_reset(c);
	return c;
}

void ia64_free(struct ia64_cpu *c)
{
	if (!c)
		return;
	ia64_free_code(c);
	ia64_native_free(c->native);
	free(c);
}
