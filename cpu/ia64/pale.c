/* SPDX-License-Identifier: MIT */
/* PALE_INIT and PALE_PMI: how a processor comes to SAL, and back. */
#include <string.h>

#include "cpu/ia64/exec.h"
#include "cpu/ia64/pal.h"

/* ---- INIT, SDM 2:11.4 */

/* The min-state save area, SDM 2:11.3.2.3 figure 11-2; words. */
enum {
	MS_NAT, /* bit n: of the register in word n */
	MS_GR = 1,
	MS_BANK0 = 16,
	MS_BANK1 = 32,
	MS_PR = 48,
	MS_BR0,
	MS_RSC,
	MS_IIP, /* the registers, which the INIT filled where PSR.ic was 1 */
	MS_IPSR,
	MS_IFS,
	MS_XIP, /* what was interrupted */
	MS_XPSR,
	MS_XFS,
	MS_BR1,
	MS_WORDS,
};

/* The processor state parameter, SDM 2:11.3.2.1 figure 11-4. */
#define PSP_MN	    (UINT64_C(1) << 5)	    /* the min-state area is known */
#define PSP_SY	    (UINT64_C(1) << 6)	    /* storage is intact */
#define PSP_CO	    (UINT64_C(1) << 7)	    /* the program can go on */
#define PSP_PRECISE (UINT64_C(3) << 13)	    /* address and min-state area */
#define PSP_IN	    (UINT64_C(1) << 16)	    /* it is an INIT */
#define PSP_RS	    (UINT64_C(1) << 17)	    /* the register stack is valid */
#define PSP_VALID   (UINT64_C(0xfff) << 20) /* the registers, of each kind */
#define SALE_INIT   2 /* r20: why SAL is entered, table 11-13 */

/*
 * A frame that is incomplete after rfi is the register stack's to complete
 * first, and by then it has interrupted itself.
 */
bool ia64_init_open(const struct ia64_cpu *c)
{
	return !(c->psr & PSR_MC) && c->ndirty >= 0;
}

bool ia64_pmi_open(const struct ia64_cpu *c)
{
	return (c->psr & PSR_IC) && c->ndirty >= 0;
}

static void put_bank(const uint64_t gr[16], const uint8_t nat[16],
		     unsigned first, uint64_t *ms)
{
	for (unsigned i = 0; i < 16; i++) {
		ms[first + i] = gr[i];
		ms[MS_NAT] |= (uint64_t)nat[i] << (first + i);
	}
}

static void get_bank(struct ia64_cpu *c, uint64_t gr[16], uint8_t nat[16],
		     unsigned first, const uint64_t *ms)
{
	for (unsigned i = 0; i < 16; i++) {
		gr[i] = ms[first + i];
		nat[i] = ms[MS_NAT] >> (first + i) & 1;
		c->nats |= nat[i];
	}
}

/* ms is zeros; in bank 0, with an empty frame. */
static void save_state(const struct ia64_cpu *c, uint64_t ms[MS_WORDS])
{
	for (unsigned i = 1; i < 16; i++) {
		ms[MS_GR + i - 1] = gr_get(c, i);
		ms[MS_NAT] |= (uint64_t)gr_nat(c, i) << i;
	}
	put_bank(c->gr + 16, c->nat + 16, MS_BANK0, ms);
	put_bank(c->bank_gr, c->bank_nat, MS_BANK1, ms);
	ms[MS_PR] = c->pr;
	ms[MS_BR0] = c->br[0];
	ms[MS_BR1] = c->br[1];
	ms[MS_RSC] = c->ar[AR_RSC];
	ms[MS_IIP] = c->cr[CR_IIP];
	ms[MS_IPSR] = c->cr[CR_IPSR];
	ms[MS_IFS] = c->cr[CR_IFS];
}

void ia64_pale_init(struct ia64_cpu *c, uint64_t entry)
{
	uint64_t ms[MS_WORDS] = { 0 };
	void *to = mem_run_rw(c->env->mem, c->min_state, BOARD_MIN_STATE);

	if (!c->min_state || !to)
		return;
	ms[MS_XIP] = c->ip;
	ms[MS_XPSR] = c->psr | (uint64_t)c->ri << 41;
	ms[MS_XFS] = UINT64_C(1) << 63 | ia64_cfm(c);
	if (c->psr & PSR_IC) {
		c->cr[CR_IIP] = ms[MS_XIP];
		c->cr[CR_IPSR] = ms[MS_XPSR];
		c->cr[CR_IFS] = ms[MS_XFS];
	}
	ia64_rse_cover(c);
	ia64_psr_write(c, PSR_MC | (c->psr & (PSR_MFL | PSR_MFH)));
	save_state(c, ms);
	memcpy(to, ms, sizeof(ms));
	c->ar[AR_RSC] &= ~UINT64_C(3);
	gr_set(c, 16, c->min_state + sizeof(ms), false);
	gr_set(c, 17, c->min_state, false);
	gr_set(c, 18,
	       PSP_MN | PSP_SY | PSP_CO | PSP_PRECISE | PSP_IN | PSP_RS |
		       PSP_VALID,
	       false);
	gr_set(c, 19, 0, false);
	gr_set(c, 20, SALE_INIT, false);
	c->ip = entry;
	c->ri = 0;
	c->came = 0;
}

bool ia64_pal_resume(struct ia64_cpu *c, uint64_t min_state)
{
	const void *from = mem_run(c->env->mem, min_state, BOARD_MIN_STATE);
	uint64_t ms[MS_WORDS];
	unsigned by;
	bool late;

	if (!from || min_state % 512)
		return false;
	memcpy(ms, from, sizeof(ms));
	/* what was collected is what the OS may have changed */
	by = ms[MS_XPSR] & PSR_IC ? MS_IIP : MS_XIP;
	if (!ia64_ipsr_ok(ms[by + 1]) || (ms[MS_RSC] & RSC_RESERVED))
		return false;
	ia64_psr_write(c, c->psr & ~(PSR_BN | PSR_CPL));
	for (unsigned i = 1; i < 16; i++)
		gr_set(c, i, ms[MS_GR + i - 1], ms[MS_NAT] >> i & 1);
	get_bank(c, c->gr + 16, c->nat + 16, MS_BANK0, ms);
	get_bank(c, c->bank_gr, c->bank_nat, MS_BANK1, ms);
	ia64_set_rrb_pr(c, 0);
	c->pr = ms[MS_PR] | 1;
	c->br[0] = ms[MS_BR0];
	c->br[1] = ms[MS_BR1];
	c->ar[AR_RSC] = ms[MS_RSC];
	c->cr[CR_IIP] = ms[by];
	c->cr[CR_IPSR] = ms[by + 1];
	c->cr[CR_IFS] = ms[by + 2];
	late = ia64_rfi(c) == EX_LATE_FAULT;
	c->cr[CR_IIP] = ms[MS_IIP];
	c->cr[CR_IPSR] = ms[MS_IPSR];
	c->cr[CR_IFS] = ms[MS_IFS];
	if (late)
		ia64_deliver(c, c->ip, c->ri);
	return true;
}

/* ---- PMI, SDM 2:11.5: PAL keeps what it changes in bank 0 */
enum { PMI_VECTOR = 24, PMI_MIN_STATE, PMI_RSC, PMI_BR0, PMI_BR1, PMI_PR };

void ia64_pale_pmi(struct ia64_cpu *c, unsigned vector, uint64_t back)
{
	uint64_t mc = c->psr & PSR_MC;

	if (!c->pmi_entry)
		return;
	c->cr[CR_IPSR] = c->psr | (uint64_t)c->ri << 41;
	c->cr[CR_IIP] = c->ip;
	c->cr[CR_IFS] = UINT64_C(1) << 63 | ia64_cfm(c);
	ia64_rse_cover(c);
	ia64_psr_write(c, mc | (c->psr & (PSR_MFL | PSR_MFH)));
	gr_set(c, PMI_VECTOR, vector, false);
	gr_set(c, PMI_MIN_STATE, c->min_state, false);
	gr_set(c, PMI_RSC, c->ar[AR_RSC], false);
	gr_set(c, PMI_BR0, c->br[0], false);
	gr_set(c, PMI_BR1, c->br[1], false);
	gr_set(c, PMI_PR, c->pr, false);
	c->ar[AR_RSC] &= ~UINT64_C(3);
	c->br[0] = back;
	c->ip = c->pmi_entry;
	c->ri = 0;
	c->came = 0;
}

enum ia64_service ia64_pmi_return(struct ia64_cpu *c)
{
	uint64_t rsc = gr_get(c, PMI_RSC);

	if ((rsc & RSC_RESERVED) || !ia64_ipsr_ok(c->cr[CR_IPSR])) {
		ia64_general(c, GE_RESERVED);
		return IA64_SERVICE_FAULT;
	}
	c->ar[AR_RSC] = rsc;
	c->br[0] = gr_get(c, PMI_BR0);
	c->br[1] = gr_get(c, PMI_BR1);
	ia64_set_rrb_pr(c, 0);
	c->pr = gr_get(c, PMI_PR) | 1;
	if (ia64_rfi(c) == EX_LATE_FAULT)
		ia64_deliver(c, c->ip, c->ri);
	return IA64_SERVICE_JUMP;
}
