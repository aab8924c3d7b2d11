/* SPDX-License-Identifier: MIT */
/* PAL: the procedures that describe and manage one processor. */
#include "cpu/ia64/pal.h"

#include <string.h>

#include "cpu/ia64/exec.h"

/* Status, SDM 2:11.10.2 */
#define PAL_OK		  0
#define PAL_UNIMPLEMENTED (-1)
#define PAL_EINVAL	  (-2)
#define PAL_NO_INFO	  (-6)

/* A call: arguments as both conventions have them, and r8 to r11. */
struct pal {
	struct ia64_cpu *c;
	unsigned number; /* of the processor */
	uint64_t arg[3];
	int64_t status;
	uint64_t ret[3];
	enum ia64_pal_result how;
};

/* ---- caches: nothing is cached, but software asks for lines to step by */
#define CACHE_LEVELS 2
#define LINE_SHIFT   IA64_LINE_SHIFT

/* SDM 2:11.10.3 PAL_CACHE_INFO: level and type (1: instructions, 2: data). */
static void cache_info(struct pal *p)
{
	static const uint32_t bytes[CACHE_LEVELS] = { 32 << 10, 1 << 20 };
	uint64_t level = p->arg[0], type = p->arg[1], unified = level == 1;

	if (level >= CACHE_LEVELS || type < 1 || type > 2) {
		p->status = PAL_EINVAL;
		return;
	}
	if (unified && type == 1) {
		p->status = PAL_EINVAL;
		return;
	}
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

/* What was decoded is compared with memory when it is next looked up. */
static void cache_flush(struct pal *p)
{
	ia64_flush_fast(p->c);
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
	if (ia64_copy(p->c, p->arg[2], out, sizeof(out), true) < 0)
		p->how = PAL_FAULTS;
	p->ret[0] = 15; /* rights, level, dirty, attributes: all are told */
}

/* Write-back, uncacheable, write-coalescing, NaTPage: SDM 2:4.4. */
static void mem_attrib(struct pal *p)
{
	p->ret[0] = 1 << 0 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7;
}

/* ---- the processor */
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
	if (p->arg[0] > 3)
		p->status = PAL_EINVAL;
	for (unsigned i = 0; i < 128; i++)
		if (register_bit(p->arg[0], i))
			p->ret[i / 64] |= UINT64_C(1) << i % 64;
}

static void debug_info(struct pal *p)
{
	p->ret[0] = p->ret[1] = 4; /* pairs of IBR, of DBR */
}

static void fixed_addr(struct pal *p)
{
	p->ret[0] = p->number;
}

/* PAL_B 1.1 of a vendor that is nobody's. */
static void version(struct pal *p)
{
	p->ret[0] = p->ret[1] = UINT64_C(0x0101000001010000);
}

static void brand_info(struct pal *p)
{
	static const char name[128] = "vmm IA-64 engine";

	if (p->arg[0]) {
		p->status = PAL_NO_INFO;
		return;
	}
	if (ia64_copy(p->c, p->arg[1], (void *)(uintptr_t)name, sizeof(name),
		      true) < 0)
		p->how = PAL_FAULTS;
}

static void halt(struct pal *p)
{
	p->how = PAL_HALTS;
}

/* No machine check will ever be reported. */
static void mc_error_info(struct pal *p)
{
	p->status = PAL_NO_INFO;
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

/* set_cmci, save_ptr, new_context; only an address that is wrong returns. */
static void mc_resume(struct pal *p)
{
	if (ia64_pal_resume(p->c, p->arg[1] & INT64_MAX))
		p->how = PAL_RESUMES;
	else
		p->status = PAL_EINVAL;
}

static void pmi_entrypoint(struct pal *p)
{
	p->c->pmi_entry = p->arg[0] & ~UINT64_C(15);
}

/* Nothing to tell and nothing to do: zeros are the answer. */
static void nothing(struct pal *p)
{
	(void)p;
}

/* Prefetches are not made, so nobody else has to be asked: SDM 2:4.4.11. */
static void prefetch_visibility(struct pal *p)
{
	p->status = 1;
}

/* ---- by index; what is not here is not implemented */
static const struct {
	uint16_t index;
	void (*fn)(struct pal *p);
} calls[] = {
	{ 1, cache_flush },
	{ 2, cache_info },
	{ 3, nothing }, /* PAL_CACHE_INIT */
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
	{ 16, nothing }, /* PAL_PLATFORM_ADDR */
	{ 17, nothing }, /* PAL_PROC_GET_FEATURES */
	{ 18, nothing }, /* PAL_PROC_SET_FEATURES */
	{ 19, rse_info },
	{ 20, version },
	{ 21, nothing }, /* PAL_MC_CLEAR_LOG */
	{ 22, nothing }, /* PAL_MC_DRAIN */
	{ 23, nothing }, /* PAL_MC_EXPECTED */
	{ 24, nothing }, /* PAL_MC_DYNAMIC_STATE */
	{ 25, mc_error_info },
	{ 26, mc_resume },
	{ 27, mc_register_mem },
	{ 28, halt },
	{ 29, halt }, /* PAL_HALT_LIGHT */
	{ 32, pmi_entrypoint },
	{ 34, vm_page_size },
	{ 39, register_info },
	{ 41, prefetch_visibility },
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

enum ia64_pal_result ia64_pal_call(struct ia64_cpu *c, unsigned number)
{
	struct pal p = { .c = c, .number = number, .how = PAL_RETURNS };
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
