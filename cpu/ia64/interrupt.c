/* SPDX-License-Identifier: MIT */
/* Interruptions of IA-64: collection, delivery, return.  SDM 2:5. */
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/mmu.h"
#include "cpu/ia64/pv.h"

int ia64_raise(struct ia64_cpu *c, unsigned vector, uint64_t isr)
{
	c->fault =
		(struct ia64_fault){ .vector = (uint16_t)vector, .isr = isr };
	return EX_FAULT;
}

int ia64_general(struct ia64_cpu *c, unsigned code)
{
	return ia64_raise(c, VEC_GENERAL, code);
}

int ia64_nat_register(struct ia64_cpu *c, uint64_t isr)
{
	return ia64_raise(c, VEC_NAT, isr | 0x10);
}

void ia64_psr_changed(struct ia64_cpu *c)
{
	unsigned table = c->psr & PSR_DT ? cpl(c) : IA64_FAST_PHYS;

	if (c->psr & (PSR_BE | PSR_DB | PSR_PK | PSR_DA | PSR_DD))
		table = IA64_FAST_NONE;
	if (c->debugger && c->debugger->data)
		table = IA64_FAST_NONE;
	c->fast = c->tables[table];
	c->fetch = c->fetches[c->psr & PSR_IT ? cpl(c) : IA64_FAST_PHYS];
	ia64_interrupt_look(c);
}

bool ia64_interrupt_look(struct ia64_cpu *c)
{
	if (!(c->psr & PSR_I) || !c->env->interrupt ||
	    !c->env->interrupt(c->env->opaque))
		return false;
	__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
	return true;
}

static void swap_banks(struct ia64_cpu *c)
{
	for (unsigned i = 0; i < 16; i++) {
		uint64_t v = c->gr[16 + i];
		uint8_t n = c->nat[16 + i];

		c->gr[16 + i] = c->bank_gr[i];
		c->nat[16 + i] = c->bank_nat[i];
		c->bank_gr[i] = v;
		c->bank_nat[i] = n;
	}
}

void ia64_psr_write(struct ia64_cpu *c, uint64_t val)
{
	uint64_t old = c->psr;

	val &= PSR_DEFINED;
	if ((old ^ val) & PSR_BN)
		swap_banks(c);
	c->psr = val & ~PSR_RI;
	if ((old ^ val) & PSR_PK)
		ia64_flush_fetch(c);
	ia64_psr_changed(c);
}

/*
 * ISR.ed of what a reference to data met, SDM 2:3.3.5.2: what the page of the
 * code at ip says of deferral.  Not of the register stack engine's references.
 */
static uint64_t code_ed(struct ia64_cpu *c, uint64_t ip)
{
	const struct ia64_tlbe *e;

	if (!c->fault.has_ifa || (c->fault.isr & (ISR_X | ISR_RS)) ||
	    !(c->psr & PSR_IT))
		return 0;
	e = ia64_tlb_find(c, false, ip);
	return e && e->ed ? ISR_ED : 0;
}

void ia64_deliver(struct ia64_cpu *c, uint64_t ip, unsigned ri)
{
	const struct ia64_fault *f = &c->fault;
	bool nested = f->vector == VEC_NESTED_DTLB;
	uint64_t ei = (uint64_t)(f->trap ? f->slot : ri) << ISR_EI_SHIFT;
	uint64_t psr = c->psr, keep;

	c->fault.isr |= code_ed(c, ip);
	c->came = 0;
	if (unlikely(c->pv) && ia64_pv_reflect(c, ip, ri))
		return;
	if (psr & PSR_IC) {
		c->cr[CR_IPSR] = psr | (uint64_t)ri << 41;
		c->cr[CR_IIP] = ip;
		c->cr[CR_IIPA] = c->iipa;
		c->cr[CR_IFS] = 0;
		if (f->has_ifa)
			c->cr[CR_IFA] = f->ifa;
		if (f->has_itir)
			c->cr[CR_ITIR] = f->itir;
		if (f->has_iha)
			c->cr[CR_IHA] = f->iha;
		if (f->has_iim)
			c->cr[CR_IIM] = f->iim;
	}
	if (!nested)
		c->cr[CR_ISR] = f->isr | ei | (psr & PSR_IC ? 0 : ISR_NI);
	keep = PSR_MC | PSR_MFL | PSR_MFH | PSR_PK | PSR_DT | PSR_RT | PSR_IT |
	       PSR_UP;
	psr &= keep;
	psr |= c->cr[CR_DCR] & DCR_BE ? PSR_BE : 0;
	psr |= c->cr[CR_DCR] & DCR_PP ? PSR_PP : 0;
	ia64_psr_write(c, psr);
	c->ip = (c->cr[CR_IVA] & ~UINT64_C(0x7fff)) + f->vector;
	c->ri = 0;
	if (unlikely(c->pv))
		ia64_pv_collect(c);
}

bool ia64_ipsr_ok(uint64_t ipsr)
{
	return !(ipsr & ~PSR_DEFINED & ~PSR_RI) && (ipsr >> 41 & 3) != 3;
}

/* SDM 3:2 rfi; the frame of IFS may have to be loaded, see exec.c. */
int ia64_op_rfi(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	return ia64_rfi(c);
}

int ia64_rfi(struct ia64_cpu *c)
{
	uint64_t ifs = c->cr[CR_IFS], ipsr = c->cr[CR_IPSR];

	if (cpl(c))
		return ia64_general(c, GE_PRIV_OP);
	if (!ia64_ipsr_ok(ipsr))
		return ia64_general(c, GE_RESERVED);
	c->ip = c->cr[CR_IIP] & ~UINT64_C(15);
	c->ri = ipsr >> 41 & 3;
	if (!(c->psr & PSR_IC)) /* it is not one that IIPA tells of */
		c->iipa = c->cr[CR_IIPA];
	ia64_psr_write(c, ipsr);
	ia64_alat_clear(c);
	if (ifs >> 63)
		ia64_rse_restore(c, ifs, ifs & 127);
	if (ia64_rse_complete(c) < 0)
		return EX_LATE_FAULT;
	return EX_JUMP;
}

int ia64_op_bsw(struct ia64_cpu *c, const struct ia64_op *o)
{
	if (cpl(c))
		return ia64_general(c, GE_PRIV_OP);
	ia64_psr_write(c, (c->psr & ~PSR_BN) | (o->k ? PSR_BN : 0));
	return EX_NEXT;
}

/* epc: a page of execute-only code promotes, SDM 3:2 epc. */
int ia64_op_epc(struct ia64_cpu *c, const struct ia64_op *o)
{
	struct ia64_tlbe *e;
	unsigned to = 0;

	(void)o;
	if ((c->ar[AR_PFS] >> 62) < cpl(c))
		return ia64_general(c, GE_ILLEGAL_OP);
	if (c->psr & PSR_IT) {
		e = ia64_tlb_find(c, false, c->iipa);
		to = e && e->ar == 7 ? e->pl : cpl(c);
	}
	if (to < cpl(c))
		ia64_psr_write(c, (c->psr & ~PSR_CPL) | (uint64_t)to << 32);
	return EX_RESYNC;
}

/* There is no virtual machine extension, so its switch is not there. */
int ia64_op_vmsw(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	return ia64_general(c, GE_ILLEGAL_OP);
}

/* IA-32 code is not executed: SDM 2:5.6, Disabled ISA Transition. */
int ia64_op_br_ia(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	return ia64_general(c, GE_DISABLED_ISA);
}

int ia64_op_illegal(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	return ia64_general(c, GE_ILLEGAL_OP);
}

int ia64_op_illegal_always(struct ia64_cpu *c, const struct ia64_op *o)
{
	(void)o;
	return ia64_general(c, GE_ILLEGAL_OP);
}

/* break.b has no immediate, break.x gives its low 21 bits: SDM 3:2 break. */
int ia64_op_break(struct ia64_cpu *c, const struct ia64_op *o)
{
	uint64_t imm = o->k == 1 ? 0 : o->imm & 0x1fffff;

	if (c->env->paravirt && imm - IA64_PV_BREAK < PV_OPS && !cpl(c))
		return ia64_pv_call(c, imm - IA64_PV_BREAK);
	switch (c->env->service ? c->env->service(c->env->opaque, c, imm)
				: IA64_SERVICE_NONE) {
	case IA64_SERVICE_NONE: break;
	case IA64_SERVICE_DONE: return EX_RESYNC;
	case IA64_SERVICE_FAULT: return EX_FAULT;
	case IA64_SERVICE_JUMP: return EX_JUMP;
	}
	ia64_raise(c, VEC_BREAK, 0);
	c->fault.iim = imm;
	c->fault.has_iim = true;
	return EX_FAULT;
}

/*
 * A failed check goes to recovery code: architecturally a fault that software
 * may be left to emulate, here the branch itself.  SDM 3:2 chk.
 */
int ia64_op_chk_s(struct ia64_cpu *c, const struct ia64_op *o)
{
	return gr_nat(c, o->b) ? EX_BRANCH : EX_NEXT;
}
