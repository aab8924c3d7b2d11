/* SPDX-License-Identifier: MIT */
/* The paravirtual interface of the IA-64 engine, as its guests see it. */
#ifndef CPU_IA64_PV_H
#define CPU_IA64_PV_H

#include <stdbool.h>
#include <stdint.h>

struct ia64_cpu;

/*
 * docs/ia64.md describes it.  A guest that found the page of hw/sal/code.h
 * gives each CPU an area, a page of its memory, in which the engine leaves what
 * an interruption collects and reads what the guest would else tell by
 * privileged instructions; and it has hyper-privops, which are breaks at
 * privilege level 0 with arguments and answers in r8 to r10.  All numbers are
 * little-endian.
 */

/* Break immediates: the first, and which it is. */
#define IA64_PV_BREAK 0x110200
enum ia64_pv_op {
	PV_AREA,   /* r8: the area's physical address, -1: none.  r8 = 0, -1 */
	PV_RFI,	   /* rfi by ipsr, iip and ifs of the area's collection */
	PV_RETURN, /* back from a reflected interruption, by the area's frame */
	PV_PSR,	   /* r8: bits of PSR to clear, r9: to set.  r8 = old PSR */
	PV_ITC_I,  /* r8: PTE, r9: address, r10: ITIR; whatever PSR.ic is */
	PV_ITC_D,
	PV_PURGE, /* r8: address, r9: number of pages, r10: their ps; ptc.ga */
	PV_RR,	  /* r8: a bit for each rr that takes the area's value */
	PV_NEXT,  /* ends the interrupt that was taken; r8 = IVR */
	PV_LOOK,  /* the interrupt that was masked is taken now */
	PV_OPS,
};

/* What an interruption collects, in the area's order. */
enum ia64_pv_cr {
	PV_IPSR,
	PV_IIP,
	PV_IFS,
	PV_ISR,
	PV_IFA,
	PV_ITIR,
	PV_IIPA,
	PV_IIM,
	PV_IHA,
	PV_CRS,
};
/* Application registers of a frame. */
enum ia64_pv_ar {
	PV_RSC,
	PV_UNAT,
	PV_PFS,
	PV_LC,
	PV_EC,
	PV_CCV,
	PV_CSD,
	PV_SSD,
	PV_FPSR,
	PV_ARS,
};

/* The program that a reflected interruption interrupted. */
struct ia64_pv_frame {
	uint64_t cr[PV_CRS]; /* 0x100 */
	uint64_t pr, nat;    /* 0x148; bit n of nat: of gr[n] */
	uint64_t ar[PV_ARS]; /* 0x158 */
	uint64_t br[8];	     /* 0x1a0 */
	uint64_t gr[32];     /* 0x1e0, of bank IPSR.bn */
};

#define PV_COLLECT   1u /* flags: ordinary interruptions fill cr[] */
#define PV_TAKES_IVR 2u /* external ones leave IVR in vector */
#define PV_PAGE	     4096

struct ia64_pv_area {
	uint64_t flags;	     /* 0x000, the guest's */
	uint8_t masked;	     /* 0x008: not zero: as PSR.i 0 */
	uint8_t pending;     /* 0x009: the engine's: masked kept one away */
	uint8_t held;	     /* 0x00a: frame is in use */
	uint64_t vector;     /* 0x010 */
	uint64_t reflect[2]; /* 0x018: bit n: vector n << 8 of the IVT */
	/* 0x028: how a reflected one begins: ip, PSR, r1, r12, r13 */
	uint64_t ip, psr, gr[3];
	uint64_t rr[8];	     /* 0x050 */
	uint64_t cr[PV_CRS]; /* 0x090: the last ordinary one's */
	uint64_t unused[5];
	struct ia64_pv_frame frame; /* 0x100 */
};

/* A break of that number past IA64_PV_BREAK; returns EX_xxx of exec.h. */
int ia64_pv_call(struct ia64_cpu *c, uint64_t op);
/*
 * Of c->fault at ip, ri: whether it was reflected, so that the handler is at
 * c->ip; where not, it is delivered in the ordinary way, which ends with
 * ia64_pv_collect().  Only of a CPU with an area.
 */
bool ia64_pv_reflect(struct ia64_cpu *c, uint64_t ip, unsigned ri);
void ia64_pv_collect(struct ia64_cpu *c);
/* Whether the guest masks interrupts, one of which is here. */
bool ia64_pv_masks(struct ia64_cpu *c);
/* After a change of the guest's memory map: the area is found again, if any. */
void ia64_pv_remap(struct ia64_cpu *c);

#endif
