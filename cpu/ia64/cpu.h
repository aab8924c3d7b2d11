/* SPDX-License-Identifier: MIT */
/* One IA-64 processor in software: its state and what the engine keeps by it.
 */
#ifndef CPU_IA64_CPU_H
#define CPU_IA64_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/ia64/insn.h"
#include "hw/core/mem.h"

/* ---- PSR, SDM 2:3.3.2 */
#define PSR_BE	(UINT64_C(1) << 1)
#define PSR_UP	(UINT64_C(1) << 2)
#define PSR_AC	(UINT64_C(1) << 3)
#define PSR_MFL (UINT64_C(1) << 4)
#define PSR_MFH (UINT64_C(1) << 5)
#define PSR_UM	UINT64_C(0x3e)
#define PSR_IC	(UINT64_C(1) << 13)
#define PSR_I	(UINT64_C(1) << 14)
#define PSR_PK	(UINT64_C(1) << 15)
#define PSR_DT	(UINT64_C(1) << 17)
#define PSR_DFL (UINT64_C(1) << 18)
#define PSR_DFH (UINT64_C(1) << 19)
#define PSR_SP	(UINT64_C(1) << 20)
#define PSR_PP	(UINT64_C(1) << 21)
#define PSR_DI	(UINT64_C(1) << 22)
#define PSR_SI	(UINT64_C(1) << 23)
#define PSR_DB	(UINT64_C(1) << 24)
#define PSR_LP	(UINT64_C(1) << 25)
#define PSR_TB	(UINT64_C(1) << 26)
#define PSR_RT	(UINT64_C(1) << 27)
#define PSR_CPL (UINT64_C(3) << 32)
#define PSR_IS	(UINT64_C(1) << 34)
#define PSR_MC	(UINT64_C(1) << 35)
#define PSR_IT	(UINT64_C(1) << 36)
#define PSR_ID	(UINT64_C(1) << 37)
#define PSR_DA	(UINT64_C(1) << 38)
#define PSR_DD	(UINT64_C(1) << 39)
#define PSR_SS	(UINT64_C(1) << 40)
#define PSR_RI	(UINT64_C(3) << 41)
#define PSR_ED	(UINT64_C(1) << 43)
#define PSR_BN	(UINT64_C(1) << 44)
#define PSR_IA	(UINT64_C(1) << 45)
#define PSR_VM	(UINT64_C(1) << 46)
/* the bits that mov psr.l writes */
#define PSR_L	    UINT64_C(0x0ffee03e)
#define PSR_DEFINED UINT64_C(0x00003fff0ffee03e) /* but vm */

/* ---- ISR, SDM 2:3.3.5.1 */
#define ISR_X	     (UINT64_C(1) << 32)
#define ISR_W	     (UINT64_C(1) << 33)
#define ISR_R	     (UINT64_C(1) << 34)
#define ISR_NA	     (UINT64_C(1) << 35)
#define ISR_SP	     (UINT64_C(1) << 36)
#define ISR_RS	     (UINT64_C(1) << 37)
#define ISR_IR	     (UINT64_C(1) << 38)
#define ISR_NI	     (UINT64_C(1) << 39)
#define ISR_SO	     (UINT64_C(1) << 40)
#define ISR_EI_SHIFT 41
#define ISR_ED	     (UINT64_C(1) << 43)

/* ---- interruption vectors: offsets from IVA, SDM 2:5.7 table 5-7 */
enum ia64_vector {
	VEC_VHPT = 0x0000,
	VEC_ITLB = 0x0400,
	VEC_DTLB = 0x0800,
	VEC_ALT_ITLB = 0x0c00,
	VEC_ALT_DTLB = 0x1000,
	VEC_NESTED_DTLB = 0x1400,
	VEC_IKEY_MISS = 0x1800,
	VEC_DKEY_MISS = 0x1c00,
	VEC_DIRTY = 0x2000,
	VEC_IACCESS_BIT = 0x2400,
	VEC_DACCESS_BIT = 0x2800,
	VEC_BREAK = 0x2c00,
	VEC_EXTINT = 0x3000,
	VEC_NOT_PRESENT = 0x5000,
	VEC_KEY_PERM = 0x5100,
	VEC_IACCESS = 0x5200,
	VEC_DACCESS = 0x5300,
	VEC_GENERAL = 0x5400,
	VEC_DISABLED_FP = 0x5500,
	VEC_NAT = 0x5600,
	VEC_SPECULATION = 0x5700,
	VEC_DEBUG = 0x5900,
	VEC_UNALIGNED = 0x5a00,
	VEC_UNSUPPORTED = 0x5b00,
	VEC_FP_FAULT = 0x5c00,
	VEC_FP_TRAP = 0x5d00,
	VEC_LOWER_PRIV = 0x5e00,
	VEC_TAKEN_BRANCH = 0x5f00,
	VEC_SINGLE_STEP = 0x6000,
};
/* ISR.code of VEC_GENERAL */
#define GE_ILLEGAL_OP	0x00
#define GE_PRIV_OP	0x10
#define GE_PRIV_REG	0x20
#define GE_RESERVED	0x30 /* register or field, unimplemented address */
#define GE_DISABLED_ISA 0x40
/* ISR.code of traps, SDM 2:8.3 table 8-3: of all that the instruction had */
#define TRAP_FP 0x1
#define TRAP_LP 0x2
#define TRAP_TB 0x4
#define TRAP_SS 0x8

/* ---- application and control registers, SDM 1:3.1.8, 2:3.3 */
enum {
	AR_K0 = 0,
	AR_RSC = 16,
	AR_BSP = 17,
	AR_BSPSTORE = 18,
	AR_RNAT = 19,
	AR_FCR = 21,
	AR_EFLAG = 24,
	AR_CSD = 25,
	AR_SSD = 26,
	AR_CFLG = 27,
	AR_FSR = 28,
	AR_FIR = 29,
	AR_FDR = 30,
	AR_CCV = 32,
	AR_UNAT = 36,
	AR_FPSR = 40,
	AR_ITC = 44,
	AR_RUC = 45,
	AR_PFS = 64,
	AR_LC = 65,
	AR_EC = 66,
};
#define PFS_RESERVED UINT64_C(0x3c0fffc000000000)
#define RSC_BE	     (UINT64_C(1) << 4)
#define RSC_RESERVED (~UINT64_C(0x3fff001f))
enum {
	CR_DCR = 0,
	CR_ITM = 1,
	CR_IVA = 2,
	CR_PTA = 8,
	CR_IPSR = 16,
	CR_ISR = 17,
	CR_IIP = 19,
	CR_IFA = 20,
	CR_ITIR = 21,
	CR_IIPA = 22,
	CR_IFS = 23,
	CR_IIM = 24,
	CR_IHA = 25,
	CR_LID = 64, /* from here on the local SAPIC's, up to LRR1 */
	CR_IVR = 65,
	CR_EOI = 67,
	CR_ITV = 72,
	CR_LRR1 = 81,
};
#define DCR_PP (1u << 0)
#define DCR_BE (1u << 1)
#define DCR_LC (1u << 2)
#define DCR_DM (1u << 8)
#define DCR_DP (1u << 9)
#define DCR_DK (1u << 10)
#define DCR_DX (1u << 11)
#define DCR_DR (1u << 12)
#define DCR_DA (1u << 13)
#define DCR_DD (1u << 14)

/* SDM 2:3.3.4.1, 2:4.1.3, 2:3.3.4.4: reserved fields */
#define DCR_RESERVED (~UINT64_C(0x7f07))
#define PKR_RESERVED (~UINT64_C(0xffffff0f))
#define PTA_RESERVED UINT64_C(0x7e02)

#define IA64_PHYS_BITS	50
#define IA64_NPM	16 /* PMCs, and PMDs */
#define IA64_IMPL_VA	61 /* all bits of a region */
#define IA64_KEY_BITS	24
#define IA64_RID_BITS	24
#define IA64_PAGE_SIZES UINT64_C(0x155557000) /* 4K to 4G; by power of two */

/* A floating-point register as in SDM 1:5.1: value of sign, exponent,
 * significand. */
struct ia64_fr {
	uint64_t sig;
	uint32_t exp; /* 17 bits, biased by 0xffff */
	uint32_t sign;
};

/* One translation: a TR or TC entry.  SDM 2:4.1.1. */
struct ia64_tlbe {
	bool valid;
	bool p, a, d, ed;
	uint8_t ps, ma, pl, ar;
	uint32_t rid, key;
	uint64_t vpn; /* address bits 60:ps */
	uint64_t ppn; /* physical base address */
};
#define IA64_NTR     8
#define IA64_TC_SETS 128
#define IA64_TC_WAYS 4
#define IA64_NPKR    16

/*
 * The short cut from an address to host memory: one entry a 4K page.  A tag is
 * the page's address, or ~0 where the access has to take the long way.
 */
struct ia64_fast {
	uint64_t rtag, wtag;
	uintptr_t addend; /* host pointer minus guest address */
};
#define IA64_FAST_BITS 9
#define IA64_FAST_SIZE (1u << IA64_FAST_BITS)
#define IA64_FAST_PHYS 4 /* after one table for each privilege level */
#define IA64_FAST_NONE 5 /* big-endian data, data breakpoints: none hits */

/* Places of stacked registers: more than the 96 that there are at a time. */
#define IA64_RING 128

/* Bytes that fc is about, and by which PAL says that software may step. */
#define IA64_LINE_SHIFT 7
#define IA64_LINE	(UINT64_C(1) << IA64_LINE_SHIFT)

/* A page of decoded code, by its physical address. */
#define IA64_PAGE_BUNDLES 256
struct ia64_page {
	uint64_t pa;
	uint8_t *host;
	struct ia64_page *next; /* of the hash chain */
	uint64_t lines;		/* bit n: some of bytes 64 n on is decoded */
	uint64_t compared;	/* c->code_maps when it was, with memory */
	uint8_t code[4096];	/* as it was decoded, or will be */
	/* how often each bundle was branched to; the last: PAGE_END */
	uint8_t heat[IA64_PAGE_BUNDLES + 1];
	uint32_t links; /* native.c's: branches that wait for a fragment */
	uint16_t head[3 * IA64_PAGE_BUNDLES + 1]; /* of op[]: fragments; or 0 */
	/* the last: PAGE_END; fragments want bits 2:0 of their addresses */
	_Alignas(16) struct ia64_op op[3 * IA64_PAGE_BUNDLES + 1];
};
#define IA64_HOT       40 /* branches to a bundle, of 255 at most */
#define IA64_PAGE_HASH 2048
#define IA64_MAX_PAGES 2048
/* Where the code of an address is; tables as those of struct ia64_fast. */
struct ia64_fetch {
	uint64_t tag; /* virtual page, ~0: none */
	struct ia64_page *page;
};
#define IA64_FETCH_SIZE 512

/*
 * The advanced load address table, SDM 1:4.4.5.  An entry knows the bytes that
 * its load saw, so that another vCPU's store is found when it is checked.
 */
struct ia64_alat {
	bool is_fr;
	uint8_t reg;  /* physical number */
	uint8_t size; /* bytes at host */
	const uint8_t *host;
	uint8_t seen[16];
};
#define IA64_ALAT_SIZE 32

/* What an interruption delivers. */
struct ia64_fault {
	uint16_t vector; /* enum ia64_vector */
	uint64_t isr;	 /* but for ri, ni, and ei */
	uint64_t ifa, itir, iha, iim;
	bool has_ifa, has_itir, has_iha, has_iim;
	bool trap; /* after the instruction in that slot of c->iipa's bundle */
	uint8_t slot; /* of a trap */
};

struct ia64_cpu;

/* What a debugger watches; addresses of instructions have the slot in 1:0. */
struct ia64_watch {
	uint64_t addr, len; /* bytes */
	bool exec, read, write;
};
#define IA64_MAX_WATCHES 32

/* What a debugger wants of a processor, unseen by the guest. */
struct ia64_debugger {
	bool step;  /* IA64_STOP_DEBUG after one instruction */
	bool alone; /* ... and no interrupt is taken */
	bool data;  /* of some watch: accesses take the long way */
	unsigned n;
	struct ia64_watch watch[IA64_MAX_WATCHES];
};

/* What became of a break that env->service() was shown. */
enum ia64_service {
	IA64_SERVICE_NONE,  /* none of its: the Break Instruction vector */
	IA64_SERVICE_DONE,  /* execution goes on behind it */
	IA64_SERVICE_FAULT, /* it met c->fault, which the guest gets */
	IA64_SERVICE_JUMP,  /* execution goes on at c->ip, c->ri */
};

/* What surrounds a processor.  Every function runs on the vCPU's thread. */
struct ia64_env {
	struct mem *mem;
	bool paravirt; /* there is the interface of cpu/ia64/pv.h */
	/* Accesses outside memory; size 1 to 8, little-endian. */
	uint64_t (*io_read)(void *opaque, uint64_t pa, unsigned size);
	void (*io_write)(void *opaque, uint64_t pa, unsigned size,
			 uint64_t val);
	/* cr64 to cr81, SDM 2:5.8.3; false: a reserved register or value. */
	bool (*cr_read)(void *opaque, unsigned cr, uint64_t *val);
	bool (*cr_write)(void *opaque, unsigned cr, uint64_t val);
	/* Whether an unmasked external interrupt is pending. */
	bool (*interrupt)(void *opaque);
	/* Ticks of the interval counter. */
	uint64_t (*itc)(void *opaque);
	/* A break instruction, for firmware. */
	enum ia64_service (*service)(void *opaque, struct ia64_cpu *c,
				     uint64_t imm);
	/* ptc.g, ptc.ga: the other processors purge as well. */
	void (*purge)(void *opaque, uint64_t va, uint32_t rid, unsigned ps);
	/* fc: others are to forget decoded code of the line of pa ... */
	void (*code_changed)(void *opaque, uint64_t pa);
	/* ... by now: sync.i */
	void (*code_sync)(void *opaque);
	/* hint @pause, NULL: the program waits for something. */
	void (*pause)(void *opaque);
	/* Each instruction before it is executed; NULL: they are not shown. */
	void (*trace)(void *opaque, uint64_t ip, unsigned slot,
		      const struct ia64_bundle *b);
	/* After ia64_attend(), between two instructions. */
	void (*attended)(void *opaque);
	void *opaque;
};

/* Why ia64_run() returned. */
enum ia64_stop {
	IA64_STOP_BUDGET, /* as many branches as were allowed */
	IA64_STOP_KICK,	  /* ia64_kick() */
	IA64_STOP_ASKED,  /* env set c->stop */
	/* c->debug_hit is the watch: of the instruction that comes next, or of
	 * data at c->debug_addr that were accessed; or -1 after a step */
	IA64_STOP_DEBUG,
};

/*
 * A processor.  It belongs to its thread; only kicked is written by others.
 * Registers are kept by the names that the program has for them, rotated ones
 * too; the frames of its callers are in ring[].
 */
struct ia64_cpu {
	uint64_t gr[128];
	uint8_t nat[128];
	bool nats; /* false: no general register is a NaT, in ring[] neither */
	uint64_t pr;
	uint32_t limit; /* 32 + sof: the first register that is not there */
	int attention;	/* atomic: look at kicked and interrupts */
	struct ia64_fast *fast;	  /* the current table of tables[] */
	struct ia64_fetch *fetch; /* the current table of fetches[] */
	uint64_t br[8];
	uint64_t psr; /* without ri */
	uint64_t ip;  /* when not running: of the bundle, and ri its slot */
	unsigned ri;

	/* the current frame marker, SDM 1:4.1 */
	uint8_t sof, sol, sor; /* sor in registers */
	uint8_t rrb_gr, rrb_fr, rrb_pr;

	/*
	 * The register stack, SDM 2:6: preserved registers are in the ring from
	 * base - ndirty on.  Those of the frame have places too, but no values.
	 */
	uint64_t ring[IA64_RING];
	uint8_t ring_nat[IA64_RING];
	unsigned base; /* ring place of r32, before rotation */
	int ndirty;    /* registers; negative: so many of the frame miss */
	uint64_t bspstore, rnat;

	struct ia64_fr fr[128];
	uint64_t bank_gr[16]; /* r16 to r31 of the other bank */
	uint8_t bank_nat[16];
	uint64_t ar[128], cr[128];
	uint64_t rr[8], dbr[16], ibr[16], pmc[IA64_NPM], pmd[IA64_NPM];
	uint64_t pkr[IA64_NPKR];
	uint64_t cpuid[5];
	int64_t itc_offset;
	/* the bundle of a function's operation, of a branch to elsewhere, of a
	 * trap; at an interruption: what IIPA becomes */
	uint64_t iipa;
	/* the branch that was taken last: within its page twice its number
	 * there and one, or else where it led, and its bundle */
	uint64_t came, came_from;

	struct ia64_tlbe tr[2][IA64_NTR]; /* [0] instructions, [1] data */
	struct ia64_tlbe tc[2][IA64_TC_SETS][IA64_TC_WAYS];
	uint64_t tc_sizes[2]; /* which page sizes tc[] may have */
	unsigned tc_next;

	struct ia64_alat alat[IA64_ALAT_SIZE];
	uint32_t alat_used; /* bit n: alat[n] is valid */

	struct ia64_fault fault; /* of the instruction that failed */
	bool kicked;		 /* atomic */
	int stop;		 /* env's: 1 ends ia64_run() */
	const struct ia64_env *env;

	/* the area of cpu/ia64/pv.h: where the guest said, and its host
	 * address, which is NULL where there is none */
	struct ia64_pv_area *pv;
	uint64_t pv_gpa;
	bool pv_there;

	/* where PAL saves at an INIT, and goes on at a PMI; 0: nowhere */
	uint64_t min_state, pmi_entry;
	bool mc_expected; /* PAL was told so, nothing comes of it */

	struct ia64_fast tables[6][IA64_FAST_SIZE];
	struct ia64_fetch fetches[5][IA64_FETCH_SIZE];
	uint8_t cut_regions; /* bit n: of region n there may be short cuts */
	uint64_t code_maps;  /* how often translations of code changed */
	struct ia64_page *pages[IA64_PAGE_HASH];
	struct ia64_page *page_mem; /* of IA64_MAX_PAGES, or NULL as yet */
	unsigned npages;

	/* code of the host, native.h */
	struct ia64_native *native; /* or NULL */
	uint8_t hot;		    /* heat at which a bundle gets its code */
	uint64_t native_va;	    /* of the page that runs */
	uint64_t native_left;	    /* branches */
	struct ia64_page *native_page;
	int native_result; /* of an operation's function */
	uint64_t *counts;  /* by form, of ia64_count(); or NULL */
	const struct ia64_debugger *debugger; /* of ia64_debug(), or NULL */
	int debug_hit;
	bool debug_pending; /* a watch was hit: stop after the instruction */
	uint64_t debug_addr;
};

/*
 * A processor in the state of SDM 2:11.2.2 (RESET), but for what PAL does: it
 * is at ip 0 in physical mode with interruption collection off.  NULL where
 * memory is short.  env outlives it.
 */
struct ia64_cpu *ia64_new(const struct ia64_env *env);
void ia64_free(struct ia64_cpu *c);
void ia64_reset(struct ia64_cpu *c);

/*
 * Runs from c->ip, c->ri until something stops it; branches: how many taken
 * branches and page ends it may pass, 0 for no limit.
 */
enum ia64_stop ia64_run(struct ia64_cpu *c, uint64_t branches);
/* Makes ia64_run() return soon, or at once when it is called; any thread. */
void ia64_kick(struct ia64_cpu *c);
/* Makes ia64_run() look whether an interrupt is pending, and call
 * env->attended(); any thread. */
void ia64_attend(struct ia64_cpu *c);
/* Counts executed forms from now on; *counts has ia64_nforms entries. */
void ia64_count(struct ia64_cpu *c, uint64_t *counts);

/* Debugs from now on, or (NULL) no more; *d stays the caller's. */
void ia64_debug(struct ia64_cpu *c, const struct ia64_debugger *d);

/*
 * After somebody else than the engine wrote registers of *c: renews what the
 * engine keeps by them.
 */
void ia64_written(struct ia64_cpu *c);

/*
 * Copies from or to the program's memory as loads and stores of the current
 * instruction would; 0, or -1 with c->fault filled.
 */
int ia64_copy(struct ia64_cpu *c, uint64_t va, void *buf, uint64_t len,
	      bool write);

/*
 * On the processor's thread, for another: ptc.g, and fc of [pa, pa + size), as
 * if it had executed them itself.
 */
void ia64_purged(struct ia64_cpu *c, uint64_t va, uint32_t rid, unsigned ps);
void ia64_purge_all(struct ia64_cpu *c); /* as ptc.e */
void ia64_forget_code(struct ia64_cpu *c, uint64_t pa, uint64_t size);

/* A register by the number that the program uses. */
uint64_t ia64_get_gr(const struct ia64_cpu *c, unsigned r);
void ia64_set_gr(struct ia64_cpu *c, unsigned r, uint64_t val, bool nat);
/* The current frame marker as CFM has it. */
uint64_t ia64_cfm(const struct ia64_cpu *c);

#endif
