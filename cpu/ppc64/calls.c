/* SPDX-License-Identifier: MIT */
/* Hypercalls of a pSeries that are about its CPUs and their memory. */
#include "cpu/ppc64/calls.h"

#include <stdlib.h>

void papr_cpus_init(struct papr_cpus *p, const struct papr_ops *ops,
		    const struct board *b, struct mem *mem)
{
	*p = (struct papr_cpus){ .ops = ops, .board = b, .mem = mem };
	pthread_mutex_init(&p->lock, NULL);
	p->areas = calloc(b->ncpus, sizeof(*p->areas));
}

void papr_cpus_destroy(struct papr_cpus *p)
{
	if (!p->ops)
		return;
	free(p->areas);
	pthread_mutex_destroy(&p->lock);
	*p = (struct papr_cpus){ 0 };
}

void papr_cpu_reset(struct papr_cpus *p, unsigned cpu)
{
	pthread_mutex_lock(&p->lock);
	p->areas[cpu] = (struct papr_areas){ 0 };
	pthread_mutex_unlock(&p->lock);
}

/* A CPU's index by its number in the tree; false: there is none. */
static bool papr_cpu(const struct papr_cpus *p, uint64_t id, unsigned *cpu)
{
	for (*cpu = 0; *cpu < p->board->ncpus; ++*cpu)
		if (p->board->cpus[*cpu].hw_id == id)
			return true;
	return false;
}

/* ---- modes */

static long h_set_mode(void *opaque, unsigned cpu,
		       const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	struct papr_cpus *p = opaque;
	uint64_t was = __atomic_load_n(&p->lpcr, __ATOMIC_ACQUIRE), lpcr = was;
	long ret = papr_set_mode(in, &lpcr);

	(void)out;
	if (ret != H_SUCCESS || lpcr == was)
		return ret;
	if (p->no_ail && lpcr & PPC64_LPCR_AIL)
		return H_UNSUPPORTED_FLAG(0);
	__atomic_store_n(&p->lpcr, lpcr, __ATOMIC_RELEASE);
	p->ops->lpcr(p, cpu);
	return ret;
}

static long h_process_table(void *opaque, unsigned cpu,
			    const uint64_t in[HCALL_REGS],
			    uint64_t out[HCALL_REGS])
{
	struct papr_cpus *p = opaque;
	struct papr_mmu mmu = { .prtbl = __atomic_load_n(&p->prtbl,
							 __ATOMIC_ACQUIRE) };
	long ret = papr_process_table(in, p->board->ppc.radix, &mmu);

	(void)cpu, (void)out;
	if (ret == H_SUCCESS && p->ops->mmu(p, &mmu) < 0)
		ret = H_PARAMETER;
	return ret;
}

static long h_characteristics(void *opaque, unsigned cpu,
			      const uint64_t in[HCALL_REGS],
			      uint64_t out[HCALL_REGS])
{
	struct papr_cpus *p = opaque;

	(void)cpu, (void)in;
	return p->ops->characteristics(p, out) < 0 ? H_FUNCTION : H_SUCCESS;
}

/* ---- CPUs and each other */

/* One CPU by its number, all, or all others; those that are off stay so. */
static long h_signal_sys_reset(void *opaque, unsigned cpu,
			       const uint64_t in[HCALL_REGS],
			       uint64_t out[HCALL_REGS])
{
	struct papr_cpus *p = opaque;
	unsigned one;

	(void)out;
	if (in[0] != PAPR_ALL && in[0] != PAPR_ALL_BUT_SELF) {
		if (!papr_cpu(p, in[0], &one))
			return H_PARAMETER;
		p->ops->system_reset(p, one);
		return H_SUCCESS;
	}
	for (unsigned i = 0; i < p->board->ncpus; i++)
		if (in[0] == PAPR_ALL || i != cpu)
			p->ops->system_reset(p, i);
	return H_SUCCESS;
}

static long h_prod(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		   uint64_t out[HCALL_REGS])
{
	struct papr_cpus *p = opaque;
	unsigned other;

	(void)cpu, (void)out;
	if (!papr_cpu(p, in[0], &other))
		return H_PARAMETER;
	p->ops->wake(p, other);
	return H_SUCCESS;
}

/* A host's own scheduler shares out its time: there is none to give away. */
static long h_confer(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		     uint64_t out[HCALL_REGS])
{
	unsigned other;

	(void)cpu, (void)out;
	return in[0] == PAPR_ALL || papr_cpu(opaque, in[0], &other)
		       ? H_SUCCESS
		       : H_PARAMETER;
}

static long h_register_vpa(void *opaque, unsigned cpu,
			   const uint64_t in[HCALL_REGS],
			   uint64_t out[HCALL_REGS])
{
	struct papr_cpus *p = opaque;
	unsigned which;
	long ret;

	(void)cpu, (void)out;
	if (!papr_cpu(p, in[1], &which))
		return H_PARAMETER;
	pthread_mutex_lock(&p->lock);
	ret = papr_register_vpa(in, p->mem, &p->areas[which]);
	pthread_mutex_unlock(&p->lock);
	return ret;
}

/* ---- watchpoints of the guest's own, where KVM has none */

static long h_set_dabr(void *opaque, unsigned cpu,
		       const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	(void)opaque, (void)cpu, (void)out;
	return papr_set_dabr(in[0], PAPR_DABRX_USER | PAPR_DABRX_KERNEL);
}

static long h_set_xdabr(void *opaque, unsigned cpu,
			const uint64_t in[HCALL_REGS], uint64_t out[HCALL_REGS])
{
	(void)opaque, (void)cpu, (void)out;
	return papr_set_dabr(in[0], in[1]);
}

/* ---- the hash table: what KVM-PR leaves of its hypercalls */

/* Flags, index; two doublewords of the entry, or of each of four. */
static long h_read(void *opaque, unsigned cpu, const uint64_t in[HCALL_REGS],
		   uint64_t out[HCALL_REGS])
{
	const struct papr_cpus *p = opaque;
	unsigned n = in[0] & PAPR_READ_FOUR ? 4 : 1;
	uint64_t first = in[1] & ~(uint64_t)(n - 1);

	(void)cpu;
	if (!p->hash.read)
		return H_FUNCTION;
	if (in[0] & ~PAPR_READ_FLAGS || first >= UINT64_C(1)
							 << (p->hash.shift - 4))
		return H_PARAMETER;
	for (unsigned i = 0; i < n; i++)
		if (!p->hash.read(p->hash.opaque, first + i, out + 2 * i))
			out[2 * i] = out[2 * i + 1] = 0; /* it is not valid */
	return H_SUCCESS;
}

/*
 * KVM-HV leaves the process table, the characteristics, System Reset, what of
 * H_SET_MODE is the partition's, and on POWER9 watchpoints; KVM-PR also the
 * areas, H_PROD, H_CONFER and H_READ.  What is here without a function comes
 * from nowhere, or from a guest that has no use for it: one with radix trees
 * has no hash table, and without nested=on none has guests of its own.
 */
const struct hcall papr_hcalls[] = {
	{ 0x04, "H_REMOVE", NULL },
	{ 0x08, "H_ENTER", NULL },
	{ 0x0c, "H_READ", h_read },
	{ 0x10, "H_CLEAR_MOD", NULL },
	{ 0x14, "H_CLEAR_REF", NULL },
	{ 0x18, "H_PROTECT", NULL },
	{ 0x24, "H_SET_DABR", h_set_dabr },
	{ 0xdc, "H_REGISTER_VPA", h_register_vpa },
	{ 0xe0, "H_CEDE", NULL },
	{ 0xe4, "H_CONFER", h_confer },
	{ 0xe8, "H_PROD", h_prod },
	{ 0x124, "H_BULK_REMOVE", NULL },
	{ 0x134, "H_SET_XDABR", h_set_xdabr },
	{ 0x1c8, "H_GET_CPU_CHARACTERISTICS", h_characteristics },
	{ 0x31c, "H_SET_MODE", h_set_mode },
	{ 0x37c, "H_REGISTER_PROCESS_TABLE", h_process_table },
	{ 0x380, "H_SIGNAL_SYS_RESET", h_signal_sys_reset },
	{ 0x448, "H_RPT_INVALIDATE", NULL },
	{ 0xf800, "H_SET_PARTITION_TABLE", NULL },
	{ 0xf804, "H_ENTER_NESTED", NULL },
	{ 0xf808, "H_TLB_INVALIDATE", NULL },
	{ 0xf80c, "H_COPY_TOFROM_GUEST", NULL },
	{ 0 },
};
