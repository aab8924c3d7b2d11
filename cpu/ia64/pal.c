/* SPDX-License-Identifier: MIT */
/* PAL: the procedures that describe and manage one processor. */
#include "cpu/ia64/pal.h"

#include <string.h>

#include "cpu/ia64/exec.h"

/* Status, SDM 2:11.10.2 */
#define PAL_OK		  0
#define PAL_UNIMPLEMENTED (-1)
#define PAL_EINVAL	  (-2)
#define PAL_ERROR	  (-3)
#define PAL_NO_INFO	  (-6)
#define PAL_NO_SET	  (-8) /* of features: beyond the last one */

/* A call: arguments as both conventions have them, and r8 to r11. */
struct pal {
	struct ia64_cpu *c;
	const struct board *board;
	unsigned number; /* of the processor */
	uint64_t arg[3];
	int64_t status;
	uint64_t ret[3];
	enum ia64_pal_result how;
};

/* Hands an answer over in memory of the caller's, which is aligned. */
static void answer(struct pal *p, uint64_t va, const void *buf, uint64_t len)
{
	if (va % 8)
		p->status = PAL_EINVAL;
	else if (ia64_copy(p->c, va, (void *)(uintptr_t)buf, len, true) < 0)
		p->how = PAL_FAULTS;
}

/* A physical address that there is, whatever its attribute in bit 63. */
static bool physical(uint64_t pa)
{
	return !((pa & INT64_MAX) >> IA64_PHYS_BITS);
}

/* ---- caches: nothing is cached, but software asks for lines to step by */
#define CACHE_LEVELS 2
#define LINE_SHIFT   IA64_LINE_SHIFT

#define UNIFIED 1 /* the level that is for both */

/* Level and type (1: instructions, 2: data), as several procedures have them.
 */
static bool cache_there(struct pal *p)
{
	uint64_t level = p->arg[0], type = p->arg[1];
	bool there = level < CACHE_LEVELS &&
		     (type == 2 || (type == 1 && level != UNIFIED));

	if (!there)
		p->status = PAL_EINVAL;
	return there;
}

/* SDM 2:11.10.3 PAL_CACHE_INFO */
static void cache_info(struct pal *p)
{
	static const uint32_t bytes[CACHE_LEVELS] = { 32 << 10, 1 << 20 };
	uint64_t level = p->arg[0], unified = level == UNIFIED;

	if (!cache_there(p))
		return;
	/* write-back, 8 ways, lines and strides, latencies of 1 */
	p->ret[0] = unified | 1 << 1 | 8 << 8 | LINE_SHIFT << 16 |
		    LINE_SHIFT << 24 | UINT64_C(1) << 32 | UINT64_C(1) << 40;
	p->ret[1] = bytes[level] | UINT64_C(12) << 40 | UINT64_C(49) << 48;
}

static void cache_summary(struct pal *p)
{
	p->ret[0] = CACHE_LEVELS;
	p->ret[1] = CACHE_LEVELS + 1;
}

/*
 * Type (instructions, data, both, data for instructions), and bits: invalidate,
 * look for interrupts.  What was decoded is compared with memory when it is
 * next looked up.
 */
static void cache_flush(struct pal *p)
{
	if (p->arg[0] < 1 || p->arg[0] > 4 || p->arg[1] > 3)
		p->status = PAL_EINVAL;
	else
		ia64_flush_fast(p->c);
}

/* Level or -1 for all; instructions, data or both; whether others may suffer.
 */
static void cache_init(struct pal *p)
{
	if ((p->arg[0] >= CACHE_LEVELS && p->arg[0] != UINT64_MAX) ||
	    p->arg[1] < 1 || p->arg[1] > 3 || p->arg[2] > 1)
		p->status = PAL_EINVAL;
}

/* A line that nobody keeps. */
static void cache_line_init(struct pal *p)
{
	if (p->arg[0] >> 63 || !physical(p->arg[0]))
		p->status = PAL_EINVAL;
}

/* Neither data nor tags are protected: zeros say so. */
static void cache_prot_info(struct pal *p)
{
	cache_there(p);
}

/* ---- the place among others: SDM 2:11.10.3 PAL_LOGICAL_TO_PHYSICAL */

/* Thread, core and number of a processor. */
static void place(struct pal *p, unsigned number)
{
	const struct board_cpu *c = &p->board->cpus[number];

	p->ret[1] = c->thread | (uint64_t)c->core << 32;
	p->ret[2] = number;
}

/* Of this socket the processor of that number, or -1 for this one. */
static void logical_to_physical(struct pal *p)
{
	const struct board *b = p->board;
	unsigned each = b->cores * b->threads;

	if (p->arg[0] != UINT64_MAX && p->arg[0] >= each) {
		p->status = PAL_EINVAL;
		return;
	}
	p->ret[0] = each | (uint64_t)(b->threads & 0xff) << 16 |
		    (uint64_t)(b->cores & 0xff) << 32 |
		    (uint64_t)(b->cpus[p->number].socket & 0xff) << 48;
	place(p, p->arg[0] == UINT64_MAX
			 ? p->number
			 : p->number - p->number % each + (unsigned)p->arg[0]);
}

/* The threads of a core have its caches in common. */
static void cache_shared_info(struct pal *p)
{
	unsigned each = p->board->threads;

	if (!cache_there(p))
		return;
	if (p->arg[2] >= each) {
		p->status = PAL_EINVAL;
		return;
	}
	p->ret[0] = each;
	place(p, p->number - p->number % each + (unsigned)p->arg[2]);
}

/* ---- translation */

/* All of the translation cache goes with one ptc.e. */
static void ptce_info(struct pal *p)
{
	p->ret[0] = 0;
	p->ret[1] = UINT64_C(1) << 32 | 1;
	p->ret[2] = 0;
}

static void vm_summary(struct pal *p)
{
	uint64_t tags = 2; /* hash and tag of the long format: ours */

	p->ret[0] = 1 | IA64_PHYS_BITS << 1 | IA64_KEY_BITS << 8 |
		    (IA64_NPKR - 1) << 16 | tags << 24 |
		    (uint64_t)(IA64_NTR - 1) << 32 |
		    (uint64_t)(IA64_NTR - 1) << 40 | UINT64_C(2) << 48 |
		    UINT64_C(1) << 56;
	/* virtual address bits but one, region identifiers, ptc.g at once */
	p->ret[1] = (IA64_IMPL_VA - 1) | IA64_RID_BITS << 8 |
		    UINT64_C(0xffff) << 16;
}

/* One level: 1 for instructions, 2 for data. */
static void vm_info(struct pal *p)
{
	if (p->arg[0] != 0 || p->arg[1] < 1 || p->arg[1] > 2) {
		p->status = PAL_EINVAL;
		return;
	}
	p->ret[0] = IA64_TC_SETS | IA64_TC_WAYS << 8 |
		    (uint64_t)(IA64_TC_SETS * IA64_TC_WAYS) << 16;
	p->ret[1] = IA64_PAGE_SIZES;
}

static void vm_page_size(struct pal *p)
{
	p->ret[0] = IA64_PAGE_SIZES;
	p->ret[1] = ((UINT64_C(1) << 61) - 1) & ~UINT64_C(0xfff);
}

/*
 * A TR as it was inserted: register, 0 of instructions or 1 of data, where to
 * put translation, ITIR, address (bit 0: it is valid) and region register.
 */
static void vm_tr_read(struct pal *p)
{
	const struct ia64_tlbe *e;
	uint64_t out[4];

	if (p->arg[0] >= IA64_NTR || p->arg[1] > 1) {
		p->status = PAL_EINVAL;
		return;
	}
	e = &p->c->tr[p->arg[1]][p->arg[0]];
	out[0] = e->p | (uint64_t)e->ma << 2 | (uint64_t)e->a << 5 |
		 (uint64_t)e->d << 6 | (uint64_t)e->pl << 7 |
		 (uint64_t)e->ar << 9 | e->ppn | (uint64_t)e->ed << 52;
	out[1] = (uint64_t)e->ps << 2 | (uint64_t)e->key << 8;
	out[2] = e->vpn | e->valid;
	out[3] = (uint64_t)e->rid << 8;
	answer(p, p->arg[2], out, sizeof(out));
	if (p->status == PAL_OK)
		p->ret[0] =
			15; /* rights, level, dirty, attributes: all are told */
}

/* Write-back, uncacheable, write-coalescing, NaTPage: SDM 2:4.4. */
static void mem_attrib(struct pal *p)
{
	p->ret[0] = 1 << 0 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7;
}

/* Where the interrupt block, the I/O ports are: they do not move. */
static void platform_addr(struct pal *p)
{
	const struct board_ia64 *b = &p->board->ia64;
	uint64_t at = p->arg[1] & INT64_MAX;

	if (p->arg[0] > 1 || !physical(at))
		p->status = PAL_EINVAL;
	else if (at != (p->arg[0] ? b->ports.base : b->interrupt_block))
		p->status = PAL_ERROR;
}

/* ---- the processor */

/* INIT, PMI and LINT have no pins; a min-state area has XIP, XPSR and XFS. */
#define FEATURES (UINT64_C(1) << 37 | UINT64_C(1) << 41)

/* Of set 0, which is the only one; none can be switched. */
static void get_features(struct pal *p)
{
	if (p->arg[1])
		p->status = PAL_NO_SET;
	else
		p->ret[0] = p->ret[1] = FEATURES;
}

static void set_features(struct pal *p)
{
	if (p->arg[1])
		p->status = PAL_NO_SET;
}

static void freq_ratios(struct pal *p)
{
	uint64_t ratio = (uint64_t)(IA64_ITC_HZ / IA64_BASE_HZ) << 32 | 1;

	p->ret[0] = ratio;
	p->ret[1] = UINT64_C(1) << 32 | 1;
	p->ret[2] = ratio;
}

static void rse_info(struct pal *p)
{
	p->ret[0] = 96;
}

/*
 * By request: 0 and 2, the application and control registers that there are; 1
 * and 3, those whose being read has an effect, which of IVR it has.
 */
static bool register_bit(uint64_t request, unsigned i)
{
	switch (request) {
	case 0: return ia64_ar_there(i);
	case 2: return ia64_cr_there(i);
	case 3: return i == CR_IVR;
	default: return false;
	}
}

static void register_info(struct pal *p)
{
	if (p->arg[0] > 3) {
		p->status = PAL_EINVAL;
		return;
	}
	for (unsigned i = 0; i < 128; i++)
		if (register_bit(p->arg[0], i))
			p->ret[i / 64] |= UINT64_C(1) << i % 64;
}

static void debug_info(struct pal *p)
{
	p->ret[0] = p->ret[1] = 4; /* pairs of IBR, of DBR */
}

/*
 * Masks of 256 registers: the PMCs and PMDs that there are, those that count
 * cycles, and retired bundles.  The engine counts neither, so r9 tells of no
 * generic pair.
 */
static void perf_mon_info(struct pal *p)
{
	uint64_t masks[4][4] = { 0 };

	masks[0][0] = (1 << IA64_NPM) - 1;
	masks[1][0] = (1 << IA64_NPM) - 1;
	answer(p, p->arg[0], masks, sizeof(masks));
}

static void fixed_addr(struct pal *p)
{
	p->ret[0] = p->number;
}

/* PAL_A and PAL_B, each 1.1, of a vendor that is nobody: 1. */
static void version(struct pal *p)
{
	p->ret[0] = p->ret[1] = UINT64_C(0x0101) << 32 | 1 << 24 | 0x0101;
}

static void brand_info(struct pal *p)
{
	static const char name[128] = "vmm IA-64 engine";

	if (p->arg[0])
		p->status = PAL_EINVAL;
	else if (ia64_copy(p->c, p->arg[1], (void *)(uintptr_t)name,
			   sizeof(name), true) < 0)
		p->how = PAL_FAULTS;
	else
		p->ret[0] = strlen(name);
}

/*
 * ---- halts, SDM 2:11.6.1.  LIGHT HALT and HALT wait for an interrupt.  State
 * 7, which is the implementation's to define, is a machine that is switched
 * off: it takes no power, and knows nothing afterwards.  Linux halts by the
 * state that takes the least.
 */
#define HALT	  1
#define HALT_OFF  7
#define HALT_IM	  (UINT64_C(1) << 60) /* there is that state */
#define HALT_CO	  (UINT64_C(1) << 61) /* caches and TLBs stay coherent */
#define HALT_TIME (UINT64_C(1) | 1 << 16)

/* Cycles to leave and to enter, then milliwatts, which are for comparing. */
static void halt_info(struct pal *p)
{
	static const uint64_t states[8] = {
		[0] = HALT_TIME | UINT64_C(2) << 32 | HALT_IM | HALT_CO,
		[HALT] = HALT_TIME | UINT64_C(1) << 32 | HALT_IM | HALT_CO,
		[HALT_OFF] = UINT32_MAX | HALT_IM,
	};

	answer(p, p->arg[0], states, sizeof(states));
}

static void halt_light(struct pal *p)
{
	p->how = PAL_HALTS;
}

/* State, and a description of an access that would tell the platform. */
static void halt(struct pal *p)
{
	if (p->arg[0] != HALT && p->arg[0] != HALT_OFF)
		p->status = PAL_EINVAL;
	else if (p->arg[1])
		p->status = PAL_ERROR;
	else
		p->how = p->arg[0] == HALT ? PAL_HALTS : PAL_SWITCHES_OFF;
}

/* ---- machine checks, of which none will ever be reported */

/* 0: which errors there are; 1: the processor's state; 2: a structure's. */
static void mc_error_info(struct pal *p)
{
	p->status = p->arg[0] > 2 ? PAL_EINVAL : PAL_NO_INFO;
}

/* 0: how many bytes at most, which is none; 1: put them there. */
static void mc_dynamic_state(struct pal *p)
{
	if (p->arg[0] > 1)
		p->status = PAL_EINVAL;
}

/* Whether one is expected from now on; r9: whether one was. */
static void mc_expected(struct pal *p)
{
	if (p->arg[0] > 1) {
		p->status = PAL_EINVAL;
		return;
	}
	p->ret[0] = p->c->mc_expected;
	p->c->mc_expected = p->arg[0];
}

/* The address of 1 KiB, which is aligned. */
static void mc_register_mem(struct pal *p)
{
	uint64_t at = p->arg[0] & INT64_MAX;

	if (at % 512 || !mem_run_rw(p->c->env->mem, at, BOARD_MIN_STATE))
		p->status = PAL_EINVAL;
	else
		p->c->min_state = at;
}

/* set_cmci, save_ptr, new_context; only what is wrong returns. */
static void mc_resume(struct pal *p)
{
	if (p->arg[0] > 1 || p->arg[2] > 1)
		p->status = PAL_EINVAL;
	else if (ia64_pal_resume(p->c, p->arg[1] & INT64_MAX))
		p->how = PAL_RESUMES;
	else
		p->status = PAL_EINVAL;
}

static void pmi_entrypoint(struct pal *p)
{
	if (p->arg[0] % 256)
		p->status = PAL_EINVAL;
	else
		p->c->pmi_entry = p->arg[0];
}

/* Nothing to tell and nothing to do: zeros are the answer. */
static void nothing(struct pal *p)
{
	(void)p;
}

/* Prefetches are not made, so nobody else has to be asked: SDM 2:4.4.11. */
static void prefetch_visibility(struct pal *p)
{
	p->status = p->arg[0] > 1 ? PAL_EINVAL : 1;
}

/* ---- the copy of PAL: its entry, which works wherever it is */
#define PAL_COPY_ALIGN 64

/* For what (0: procedures and PMI), how many processors, what SAL saves. */
static void copy_info(struct pal *p)
{
	if (p->arg[0]) {
		p->status = PAL_EINVAL;
		return;
	}
	p->ret[0] = p->board->ia64.pal.size;
	p->ret[1] = PAL_COPY_ALIGN;
}

static void copy_code(struct pal *p, uint64_t to)
{
	const struct board_range *from = &p->board->ia64.pal;
	const struct ia64_env *env = p->c->env;
	const void *src = mem_run(env->mem, from->base, from->size);
	void *dest = mem_run_rw(env->mem, to, from->size);

	if (!src || !dest) {
		p->status = PAL_EINVAL;
		return;
	}
	memmove(dest, src, from->size);
	ia64_forget_code(p->c, to, from->size);
	if (env->code_changed)
		for (uint64_t at = to; at < to + from->size; at += 64)
			env->code_changed(env->opaque, at);
}

/* To where, of what size, and whether to copy or only to be told: r9 is how
 * far from there PAL_PROC is. */
static void copy_pal(struct pal *p)
{
	uint64_t to = p->arg[0] & INT64_MAX;

	if (to % PAL_COPY_ALIGN || p->arg[1] < p->board->ia64.pal.size ||
	    p->arg[2] > 1)
		p->status = PAL_EINVAL;
	else if (!p->arg[2])
		copy_code(p, to);
}

/* ---- the self test, which has nothing to test: SDM 2:11.2.3 */

/* Phase: no memory is needed, of any alignment, and nothing is controlled. */
static void test_info(struct pal *p)
{
	if (p->arg[0] > 1)
		p->status = PAL_EINVAL;
	else
		p->ret[1] = 1;
}

#define TEST_PHASE   56 /* and below it the size of the memory at arg[0] */
#define TEST_CONTROL 16 /* and below it attributes that the memory may have */

/* r9: healthy, and not tested. */
static void test_proc(struct pal *p)
{
	if (p->arg[0] >> 63 || !physical(p->arg[0]) ||
	    p->arg[1] >> TEST_PHASE > 1 || !(p->arg[2] & 1) ||
	    p->arg[2] >> TEST_CONTROL)
		p->status = PAL_EINVAL;
}

/* ---- by index; what is not here is not implemented */
static const struct {
	uint16_t index;
	void (*fn)(struct pal *p);
} calls[] = {
	{ 1, cache_flush },
	{ 2, cache_info },
	{ 3, cache_init },
	{ 4, cache_summary },
	{ 5, mem_attrib },
	{ 6, ptce_info },
	{ 7, vm_info },
	{ 8, vm_summary },
	{ 9, nothing },	 /* PAL_BUS_GET_FEATURES */
	{ 10, nothing }, /* PAL_BUS_SET_FEATURES */
	{ 11, debug_info },
	{ 12, fixed_addr },
	{ 14, freq_ratios },
	{ 15, perf_mon_info },
	{ 16, platform_addr },
	{ 17, get_features },
	{ 18, set_features },
	{ 19, rse_info },
	{ 20, version },
	{ 21, nothing }, /* PAL_MC_CLEAR_LOG */
	{ 22, nothing }, /* PAL_MC_DRAIN */
	{ 23, mc_expected },
	{ 24, mc_dynamic_state },
	{ 25, mc_error_info },
	{ 26, mc_resume },
	{ 27, mc_register_mem },
	{ 28, halt },
	{ 29, halt_light },
	{ 30, copy_info },
	{ 31, cache_line_init },
	{ 32, pmi_entrypoint },
	{ 34, vm_page_size },
	{ 37, test_info },
	{ 38, cache_prot_info },
	{ 39, register_info },
	{ 41, prefetch_visibility },
	{ 42, logical_to_physical },
	{ 43, cache_shared_info },
	{ 256, copy_pal },
	{ 257, halt_info },
	{ 258, test_proc },
	{ 261, vm_tr_read },
	{ 274, brand_info },
};

/* Bit 8 of the index tells the stacked procedures from the static ones. */
static void arguments(struct pal *p, unsigned index)
{
	for (unsigned i = 0; i < 3; i++)
		p->arg[i] = index >> 8 & 1 ? ia64_get_gr(p->c, 33 + i)
					   : ia64_get_gr(p->c, 29 + i);
}

enum ia64_pal_result ia64_pal_call(struct ia64_cpu *c, const struct board *b,
				   unsigned number)
{
	struct pal p = {
		.c = c, .board = b, .number = number, .how = PAL_RETURNS
	};
	uint64_t index = ia64_get_gr(c, 28);
	size_t i = 0;

	arguments(&p, (unsigned)index);
	while (i < sizeof(calls) / sizeof(*calls) && calls[i].index != index)
		i++;
	if (i < sizeof(calls) / sizeof(*calls))
		calls[i].fn(&p);
	else
		p.status = PAL_UNIMPLEMENTED;
	if (p.how == PAL_FAULTS || p.how == PAL_RESUMES)
		return p.how;
	ia64_set_gr(c, 8, (uint64_t)p.status, false);
	for (unsigned k = 0; k < 3; k++)
		ia64_set_gr(c, 9 + k, p.ret[k], false);
	return p.how;
}
