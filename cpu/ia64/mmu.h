/* SPDX-License-Identifier: MIT */
/* The TLBs of IA-64 as its instructions see them; private to cpu/ia64. */
#ifndef CPU_IA64_MMU_H
#define CPU_IA64_MMU_H

#include "cpu/ia64/cpu.h"

struct ia64_where;

/* An entry as in GR, ITIR and IFA of itc and itr: SDM 2:4.1.1.5. */
void ia64_tlbe_make(struct ia64_tlbe *e, uint64_t pte, uint64_t itir,
		    uint64_t va, uint32_t rid);
bool ia64_pte_ok(uint64_t pte);
bool ia64_page_size_ok(unsigned ps);
/* Inserts into the translation cache, where what overlaps is purged. */
void ia64_tc_insert(struct ia64_cpu *c, bool data, const struct ia64_tlbe *e);
/* As itc does; false where a field is reserved. */
bool ia64_insert(struct ia64_cpu *c, bool data, uint64_t pte, uint64_t va,
		 uint64_t itir);
/* Whether a region register may have that value. */
bool ia64_rr_ok(uint64_t val);
/* Whether a TR other than number *except* overlaps. */
bool ia64_tlb_overlaps_tr(struct ia64_cpu *c, bool data, uint64_t va,
			  uint32_t rid, unsigned ps, unsigned except);
void ia64_tlb_purge_tr(struct ia64_cpu *c, bool data, uint64_t va, unsigned ps);
/* Purges the whole translation cache. */
void ia64_tlb_clear(struct ia64_cpu *c);
/* thash and ttag; the long format's hash is this engine's own. */
uint64_t ia64_thash(const struct ia64_cpu *c, uint64_t va);
uint64_t ia64_ttag(const struct ia64_cpu *c, uint64_t va);
/* ACC_R, ACC_W, ACC_X as allowed at a privilege level. */
unsigned ia64_rights(const struct ia64_tlbe *e, unsigned pl);
/* A fault that reports an address: IFA, ITIR.  Returns EX_FAULT. */
int ia64_raise_va(struct ia64_cpu *c, unsigned vector, uint64_t va,
		  unsigned acc, unsigned na);
/* Remembers in one of c->tables[] where va was found. */
void ia64_fast_fill(struct ia64_cpu *c, struct ia64_fast *table, uint64_t va,
		    unsigned acc, const struct ia64_where *w);

#endif
