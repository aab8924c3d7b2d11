/* SPDX-License-Identifier: MIT */
/* The x86_64 target: register table, reset state, page table walk. */
#include <string.h>

#include "cpu/target.h"
#include "cpu/x86_64/regs.h"
#include "hw/core/boot_start.h"

#define REG(name_, field, bits_)                                        \
	{                                                               \
		.name = name_, .off = offsetof(struct x86_regs, field), \
		.bits = bits_                                           \
	}
#define SEG(name_, field)                                              \
	REG(name_, field.sel, 16), REG(name_ ".base", field.base, 64), \
		REG(name_ ".lim", field.limit, 32),                    \
		REG(name_ ".attr", field.attr, 16)
#define TABLE(name_, field) \
	REG(name_ ".base", field.base, 64), REG(name_ ".lim", field.limit, 16)

static const struct reg x86_reg_table[] = {
	REG("rax", gpr[0], 64),
	REG("rbx", gpr[3], 64),
	REG("rcx", gpr[1], 64),
	REG("rdx", gpr[2], 64),
	REG("rsi", gpr[6], 64),
	REG("rdi", gpr[7], 64),
	REG("rbp", gpr[5], 64),
	REG("rsp", gpr[4], 64),
	REG("r8", gpr[8], 64),
	REG("r9", gpr[9], 64),
	REG("r10", gpr[10], 64),
	REG("r11", gpr[11], 64),
	REG("r12", gpr[12], 64),
	REG("r13", gpr[13], 64),
	REG("r14", gpr[14], 64),
	REG("r15", gpr[15], 64),
	REG("rip", rip, 64),
	REG("rflags", rflags, 64),
	REG("cr0", cr0, 64),
	REG("cr2", cr2, 64),
	REG("cr3", cr3, 64),
	REG("cr4", cr4, 64),
	REG("cr8", cr8, 64),
	REG("efer", efer, 64),
	SEG("cs", cs),
	SEG("ss", ss),
	SEG("ds", ds),
	SEG("es", es),
	SEG("fs", fs),
	SEG("gs", gs),
	SEG("ldtr", ldtr),
	SEG("tr", tr),
	TABLE("gdtr", gdtr),
	TABLE("idtr", idtr),
	REG("apic", apic_base, 64),
	{ 0 },
};

#define SEG_DATA16 (X86_SEG_P | X86_SEG_S | 3)
#define SEG_CODE16 (X86_SEG_P | X86_SEG_S | 0xb)
#define SEG_DATA32 (SEG_DATA16 | X86_SEG_G | X86_SEG_DB)
#define SEG_CODE32 (SEG_CODE16 | X86_SEG_G | X86_SEG_DB)
#define SEG_CODE64 (SEG_CODE16 | X86_SEG_G | X86_SEG_L)
#define SEG_LDT	   (X86_SEG_P | 2)
#define SEG_TSS	   (X86_SEG_P | 0xb)

static void x86_set_data(struct x86_regs *r, const struct x86_seg *data)
{
	r->ds = r->es = r->fs = r->gs = r->ss = *data;
}

/* Where a loader wants the boot CPU; see enum boot_mode. */
static void x86_enter(struct x86_regs *r, const struct boot_start *start)
{
	const struct x86_seg data = { .sel = BOOT_X86_DS,
				      .limit = 0xffffffff,
				      .attr = SEG_DATA32 };

	r->rip = start->pc;
	r->gdtr.base = start->gdt;
	r->gdtr.limit = (uint16_t)(start->gdt_size ? start->gdt_size - 1 : 0);
	r->cs = data;
	r->cs.sel = BOOT_X86_CS;
	x86_set_data(r, &data);
	r->cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE;
	r->tr = (struct x86_seg){ .limit = 0x67, .attr = SEG_TSS };
	if (start->mode == BOOT_X86_LONG) {
		r->cs.attr = SEG_CODE64;
		r->cr0 |= X86_CR0_PG | X86_CR0_WP;
		r->cr4 = X86_CR4_PAE;
		r->cr3 = start->tables;
		r->efer = X86_EFER_LME | X86_EFER_LMA;
		r->gpr[6] = start->arg[0];
	} else {
		r->cs.attr = SEG_CODE32;
		r->gpr[0] = start->arg[0];
		r->gpr[3] = start->arg[1];
	}
}

/* SDM volume 3, table 10-1: the state after RESET. */
static void x86_reset(void *regs, const struct boot_start *start)
{
	struct x86_regs *r = regs;
	const struct x86_seg data = { .limit = 0xffff, .attr = SEG_DATA16 };

	memset(r, 0, sizeof(*r));
	r->rflags = 2;
	r->rip = 0xfff0;
	r->gpr[2] = 0x600; /* family 6; the model does not matter here */
	r->cs = (struct x86_seg){ .base = 0xffff0000,
				  .limit = 0xffff,
				  .sel = 0xf000,
				  .attr = SEG_CODE16 };
	x86_set_data(r, &data);
	r->ldtr = (struct x86_seg){ .limit = 0xffff, .attr = SEG_LDT };
	r->tr = (struct x86_seg){ .limit = 0xffff, .attr = SEG_TSS };
	r->gdtr.limit = r->idtr.limit = 0xffff;
	r->cr0 = X86_CR0_ET | X86_CR0_NW | X86_CR0_CD;
	r->apic_base = 0xfee00000 | 1u << 11; /* enabled */
	if (start)
		x86_enter(r, start);
}

struct walk {
	unsigned levels, bits; /* of the index of one level */
	unsigned entry;	       /* bytes */
	uint64_t addr_mask;
};

/*
 * One walk for every paging mode: 32-bit (SDM 4.3), PAE (4.4), 4-level and
 * 5-level (4.5).
 */
static bool x86_walk(const struct x86_regs *r, const struct mem *m,
		     uint64_t gva, const struct walk *w, gpa_t *gpa)
{
	uint64_t table = r->cr3 & w->addr_mask & ~UINT64_C(0xfff);
	uint64_t entry = 0;

	if (w->levels == 3)
		table = r->cr3 & 0xffffffe0; /* PAE: 32 bytes of pointers */
	for (unsigned level = w->levels; level > 0; level--) {
		unsigned shift = 12 + (level - 1) * w->bits;
		uint64_t index = gva >> shift & ((1u << w->bits) - 1);
		uint64_t span = (UINT64_C(1) << shift) - 1;

		if (mem_read(m, table + index * w->entry, &entry, w->entry) < 0)
			return false;
		if (!(entry & 1))
			return false;
		if (level == 1 || (level <= 3 && entry & 1u << 7 &&
				   (w->bits == 9 || r->cr4 & X86_CR4_PSE) &&
				   !(w->levels == 3 && level == 3))) {
			uint64_t base = entry & w->addr_mask & ~span;

			if (w->bits == 10 && level == 2) /* PSE-36, 4.3 */
				base |= (entry >> 13 & 0xff) << 32;
			*gpa = base | (gva & span);
			return true;
		}
		table = entry & w->addr_mask & ~UINT64_C(0xfff);
	}
	return false;
}

static bool x86_translate(const void *regs, const struct mem *m, uint64_t gva,
			  gpa_t *gpa)
{
	static const struct walk w32 = { 2, 10, 4, 0xfffff000 };
	static const struct walk pae = { 3, 9, 8, 0x000ffffffffff000 };
	static const struct walk l4 = { 4, 9, 8, 0x000ffffffffff000 };
	static const struct walk l5 = { 5, 9, 8, 0x000ffffffffff000 };
	const struct x86_regs *r = regs;

	if (!(r->cr0 & X86_CR0_PG)) {
		*gpa = gva & 0xffffffff;
		return true;
	}
	if (r->efer & X86_EFER_LMA) {
		unsigned top = r->cr4 & X86_CR4_LA57 ? 56 : 47;
		int64_t sign = (int64_t)gva >> top;

		if (sign != 0 && sign != -1)
			return false; /* not canonical, 3.3.7.1 in volume 1 */
		return x86_walk(r, m, gva, top == 56 ? &l5 : &l4, gpa);
	}
	gva &= 0xffffffff;
	return x86_walk(r, m, gva, r->cr4 & X86_CR4_PAE ? &pae : &w32, gpa);
}

static uint64_t x86_code_address(const void *regs)
{
	const struct x86_regs *r = regs;

	if (r->efer & X86_EFER_LMA && r->cs.attr & X86_SEG_L)
		return r->rip;
	return (r->cs.base + r->rip) & 0xffffffff;
}

const struct target target_x86_64 = {
	.arch = ARCH_X86_64,
	.regs_size = sizeof(struct x86_regs),
	.regs = x86_reg_table,
	.reset = x86_reset,
	.translate = x86_translate,
	.code_address = x86_code_address,
};
