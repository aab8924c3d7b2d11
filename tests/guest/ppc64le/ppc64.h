/* SPDX-License-Identifier: MIT */
/* What only ppc64le guests use: hypercalls, RTAS, XICS, the timebase. */
#ifndef GUEST_PPC64_H
#define GUEST_PPC64_H

#include <stdbool.h>
#include <stdint.h>

/* What a trap interrupted; start.S knows the layout. */
struct frame {
	uint64_t r[32];
	uint64_t lr, ctr, cr, xer, pc, msr;
};

/* While on, an exception is noted and its instruction skipped; else it ends
 * the guest. */
struct caught {
	volatile bool on;
	volatile unsigned count;
	volatile uint64_t vector;
};
extern struct caught caught;

/* --- hypercalls: LoPAR 14.4 and its sections' names */
#define H_SUCCESS   0
#define H_FUNCTION  -2
#define H_PARAMETER -4

#define H_REMOVE	   0x04
#define H_ENTER		   0x08
#define H_READ		   0x0c
#define H_SET_DABR	   0x24
#define H_LOGICAL_CI_LOAD  0x3c
#define H_LOGICAL_CI_STORE 0x40
#define H_PUT_TCE	   0x20
#define H_GET_TCE	   0x1c
#define H_STUFF_TCE	   0x138
#define H_PUT_TCE_INDIRECT 0x13c
#define H_GET_TERM_CHAR	   0x54
#define H_PUT_TERM_CHAR	   0x58
#define H_EOI		   0x64
#define H_CPPR		   0x68
#define H_IPI		   0x6c
#define H_IPOLL		   0x70
#define H_XIRR		   0x74
#define H_REGISTER_VPA	   0xdc
#define H_CEDE		   0xe0
#define H_CONFER	   0xe4
#define H_PROD		   0xe8
#define H_REG_CRQ	   0xfc
#define H_VIO_SIGNAL	   0x104
#define H_SEND_CRQ	   0x108
#define H_SET_XDABR	   0x134
#define H_CHARACTERISTICS  0x1c8
#define H_RANDOM	   0x300
#define H_SET_MODE	   0x31c
#define H_PROCESS_TABLE	   0x37c
#define H_SIGNAL_SYS_RESET 0x380
#define H_RTAS		   0xf000
#define H_LOGICAL_MEMOP	   0xf001
#define H_TLB_INVALIDATE   0xf808

/* in and out are R4 to R12; out may be in. */
int64_t hcall_raw(uint64_t nr, const uint64_t in[9], uint64_t out[9]);
/* One with up to four arguments, of whose results the first is in *out. */
int64_t hcall(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
	      uint64_t *out);

/* --- RTAS: a call by its name; ret[0] is the status.  -3 where the tree does
 * not name it. */
int32_t rtas(const char *name, unsigned nargs, const uint32_t *arg,
	     unsigned nret, uint32_t *ret);
/* With up to three arguments and the status alone. */
int32_t rtas3(const char *name, unsigned nargs, uint32_t a, uint32_t b,
	      uint32_t c);
uint32_t rtas_token(const char *name);

/* --- what the tree says, see cpu.c */
struct pseries {
	bool hash;	  /* pages are by a hash table: no MMIO in real mode */
	uint32_t hz;	  /* of the timebase */
	uint32_t vty;	  /* unit address; 0: none */
	uint32_t vty_irq; /* its source */
	uint32_t vio_liobn; /* of a VIO device's DMA window; 0: none */
};
extern struct pseries pseries;

/* --- CPUs and interrupts */
static inline unsigned cpu_index(void)
{
	register uint64_t r13 __asm__("r13");
	uint64_t v;

	__asm__ volatile("mr %0, %1" : "=r"(v) : "r"(r13));
	return v;
}
#define MSR_EE 0x8000
/*
 * What is on in programs: EE, PR, IR and DR.  A program that calls the kernel,
 * by "sc", is kernel from there on.
 */
#define MSR_PROGRAM 0xc030
/* Takes interrupts on this CPU, or masks them. */
void cpu_irq(bool on);

/* Takes an external interrupt: called by the vectors. */
void xics_irq(void);
/* A source's interrupts count as the guest's number n (below 16). */
void xics_attach(uint32_t source, unsigned n);
/* IPIs, and interrupts for which there was no source. */
extern volatile uint32_t xics_ipis[], xics_spurious;
extern volatile uint32_t decrementers, system_resets;

#endif
