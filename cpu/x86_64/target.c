/* SPDX-License-Identifier: MIT */
/* The x86_64 target: register table, reset state, page table walk. */
#include <string.h>

#include "cpu/target.h"
#include "cpu/x86_64/regs.h"
#include "cpu/x86_64/step.h"
#include "hw/core/boot_start.h"

#define REG(name_, field, bits_)                                        \
	{                                                               \
		.name = name_, .off = offsetof(struct x86_regs, field), \
		.bits = bits_                                           \
	}
#define TYPED(name_, field, bits_, type_)                               \
	{                                                               \
		.name = name_, .off = offsetof(struct x86_regs, field), \
		.bits = bits_, .type = type_                            \
	}
#define FP(name_, field, bits_, type_)                                  \
	{                                                               \
		.name = name_, .off = offsetof(struct x86_regs, field), \
		.bits = bits_, .type = type_, .undumped = true          \
	}
#define FEATURE(name_)        \
	{                     \
		.name = name_ \
	}
#define FEATURE_IF(name_, has_)             \
	{                                   \
		.name = name_, .has = has_, \
	}
#define ST(n)	     FP("st" #n, st[n], 80, "i387_ext")
#define XMM(n)	     FP("xmm" #n, xmm[n], 128, reg_vector)
#define YMMH(n)	     FP("ymm" #n "h", ymmh[n], 128, "uint128")
#define K(n)	     FP("k" #n, k[n], 64, "uint64")
#define ZMMH(n)	     FP("zmm" #n "h", zmmh[n], 256, reg_vector)
#define XMM16(n, i)  FP("xmm" #n, zmm16[i], 128, reg_vector)
#define YMM16H(n, i) FP("ymm" #n "h", zmm16[i][16], 128, "uint128")
#define ZMM16H(n, i) FP("zmm" #n "h", zmm16[i][32], 256, reg_vector)
#define SEG(name_, field) \
	REG(name_ "_base", field.base, 64), SEG_REST(name_, field)
#define SEG_REST(name_, field) \
	REG(name_ "_limit", field.limit, 32), REG(name_ "_attr", field.attr, 16)
#define TABLE(name_, field) \
	REG(name_ "_base", field.base, 64), REG(name_ "_limit", field.limit, 16)

static bool x86_has_avx(const void *regs)
{
	return ((const struct x86_regs *)regs)->has_avx;
}

static bool x86_has_avx512(const void *regs)
{
	return ((const struct x86_regs *)regs)->has_avx512;
}

static const struct reg x86_reg_table[] = {
	FEATURE("org.gnu.gdb.i386.core"),
	REG("rax", gpr[0], 64),
	REG("rbx", gpr[3], 64),
	REG("rcx", gpr[1], 64),
	REG("rdx", gpr[2], 64),
	REG("rsi", gpr[6], 64),
	REG("rdi", gpr[7], 64),
	TYPED("rbp", gpr[5], 64, "data_ptr"),
	TYPED("rsp", gpr[4], 64, "data_ptr"),
	REG("r8", gpr[8], 64),
	REG("r9", gpr[9], 64),
	REG("r10", gpr[10], 64),
	REG("r11", gpr[11], 64),
	REG("r12", gpr[12], 64),
	REG("r13", gpr[13], 64),
	REG("r14", gpr[14], 64),
	REG("r15", gpr[15], 64),
	TYPED("rip", rip, 64, "code_ptr"),
	TYPED("eflags", rflags, 32, "i386_eflags"),
	REG("cs", cs.sel, 32),
	REG("ss", ss.sel, 32),
	REG("ds", ds.sel, 32),
	REG("es", es.sel, 32),
	REG("fs", fs.sel, 32),
	REG("gs", gs.sel, 32),
	ST(0),
	ST(1),
	ST(2),
	ST(3),
	ST(4),
	ST(5),
	ST(6),
	ST(7),
	FP("fctrl", fctrl, 32, NULL),
	FP("fstat", fstat, 32, NULL),
	FP("ftag", ftag, 32, NULL),
	FP("fiseg", fiseg, 32, NULL),
	FP("fioff", fioff, 32, NULL),
	FP("foseg", foseg, 32, NULL),
	FP("fooff", fooff, 32, NULL),
	FP("fop", fop, 32, NULL),
	FEATURE("org.gnu.gdb.i386.sse"),
	XMM(0),
	XMM(1),
	XMM(2),
	XMM(3),
	XMM(4),
	XMM(5),
	XMM(6),
	XMM(7),
	XMM(8),
	XMM(9),
	XMM(10),
	XMM(11),
	XMM(12),
	XMM(13),
	XMM(14),
	XMM(15),
	FP("mxcsr", mxcsr, 32, NULL),
	FEATURE_IF("org.gnu.gdb.i386.avx", x86_has_avx),
	YMMH(0),
	YMMH(1),
	YMMH(2),
	YMMH(3),
	YMMH(4),
	YMMH(5),
	YMMH(6),
	YMMH(7),
	YMMH(8),
	YMMH(9),
	YMMH(10),
	YMMH(11),
	YMMH(12),
	YMMH(13),
	YMMH(14),
	YMMH(15),
	FEATURE_IF("org.gnu.gdb.i386.avx512", x86_has_avx512),
	XMM16(16, 0),
	XMM16(17, 1),
	XMM16(18, 2),
	XMM16(19, 3),
	XMM16(20, 4),
	XMM16(21, 5),
	XMM16(22, 6),
	XMM16(23, 7),
	XMM16(24, 8),
	XMM16(25, 9),
	XMM16(26, 10),
	XMM16(27, 11),
	XMM16(28, 12),
	XMM16(29, 13),
	XMM16(30, 14),
	XMM16(31, 15),
	YMM16H(16, 0),
	YMM16H(17, 1),
	YMM16H(18, 2),
	YMM16H(19, 3),
	YMM16H(20, 4),
	YMM16H(21, 5),
	YMM16H(22, 6),
	YMM16H(23, 7),
	YMM16H(24, 8),
	YMM16H(25, 9),
	YMM16H(26, 10),
	YMM16H(27, 11),
	YMM16H(28, 12),
	YMM16H(29, 13),
	YMM16H(30, 14),
	YMM16H(31, 15),
	K(0),
	K(1),
	K(2),
	K(3),
	K(4),
	K(5),
	K(6),
	K(7),
	ZMMH(0),
	ZMMH(1),
	ZMMH(2),
	ZMMH(3),
	ZMMH(4),
	ZMMH(5),
	ZMMH(6),
	ZMMH(7),
	ZMMH(8),
	ZMMH(9),
	ZMMH(10),
	ZMMH(11),
	ZMMH(12),
	ZMMH(13),
	ZMMH(14),
	ZMMH(15),
	ZMM16H(16, 0),
	ZMM16H(17, 1),
	ZMM16H(18, 2),
	ZMM16H(19, 3),
	ZMM16H(20, 4),
	ZMM16H(21, 5),
	ZMM16H(22, 6),
	ZMM16H(23, 7),
	ZMM16H(24, 8),
	ZMM16H(25, 9),
	ZMM16H(26, 10),
	ZMM16H(27, 11),
	ZMM16H(28, 12),
	ZMM16H(29, 13),
	ZMM16H(30, 14),
	ZMM16H(31, 15),
	FEATURE("org.gnu.gdb.i386.segments"),
	REG("fs_base", fs.base, 64),
	REG("gs_base", gs.base, 64),
	FEATURE("org.vmm.x86.system"),
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
	SEG_REST("fs", fs),
	SEG_REST("gs", gs),
	REG("ldtr", ldtr.sel, 32),
	SEG("ldtr", ldtr),
	REG("tr", tr.sel, 32),
	SEG("tr", tr),
	TABLE("gdtr", gdtr),
	TABLE("idtr", idtr),
	REG("apic_base", apic_base, 64),
	REG("kernel_gs_base", kernel_gs_base, 64),
	REG("star", star, 64),
	REG("lstar", lstar, 64),
	REG("cstar", cstar, 64),
	REG("fmask", fmask, 64),
	REG("sysenter_cs", sysenter_cs, 64),
	REG("sysenter_esp", sysenter_esp, 64),
	REG("sysenter_eip", sysenter_eip, 64),
	REG("tsc", tsc, 64),
	REG("tsc_aux", tsc_aux, 64),
	REG("pat", pat, 64),
	REG("misc_enable", misc_enable, 64),
	REG("dr0", dr[0], 64),
	REG("dr1", dr[1], 64),
	REG("dr2", dr[2], 64),
	REG("dr3", dr[3], 64),
	REG("dr6", dr6, 64),
	REG("dr7", dr7, 64),
	FEATURE("org.gnu.gdb.i386.linux"),
	FP("orig_rax", orig_rax, 64, "int"),
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
	r->fctrl = 0x40;
	r->ftag = 0x5555;
	r->mxcsr = 0x1f80;
	r->dr6 = X86_DR6_FIXED;
	r->dr7 = X86_DR7_FIXED;
	r->pat = UINT64_C(0x0007040600070406);
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

static unsigned x86_breakpoint(const void *regs, unsigned kind, uint8_t insn[8])
{
	(void)regs;
	insn[0] = 0xcc; /* INT3 */
	return kind == 1;
}

/* EFLAGS: SDM volume 1, 3.4.3. */
static const char x86_types[] = "<flags id=\"i386_eflags\" size=\"4\">"
				"<field name=\"CF\" start=\"0\" end=\"0\"/>"
				"<field name=\"\" start=\"1\" end=\"1\"/>"
				"<field name=\"PF\" start=\"2\" end=\"2\"/>"
				"<field name=\"AF\" start=\"4\" end=\"4\"/>"
				"<field name=\"ZF\" start=\"6\" end=\"6\"/>"
				"<field name=\"SF\" start=\"7\" end=\"7\"/>"
				"<field name=\"TF\" start=\"8\" end=\"8\"/>"
				"<field name=\"IF\" start=\"9\" end=\"9\"/>"
				"<field name=\"DF\" start=\"10\" end=\"10\"/>"
				"<field name=\"OF\" start=\"11\" end=\"11\"/>"
				"<field name=\"NT\" start=\"14\" end=\"14\"/>"
				"<field name=\"RF\" start=\"16\" end=\"16\"/>"
				"<field name=\"VM\" start=\"17\" end=\"17\"/>"
				"<field name=\"AC\" start=\"18\" end=\"18\"/>"
				"<field name=\"VIF\" start=\"19\" end=\"19\"/>"
				"<field name=\"VIP\" start=\"20\" end=\"20\"/>"
				"<field name=\"ID\" start=\"21\" end=\"21\"/>"
				"</flags>";

const struct target target_x86_64 = {
	.arch = ARCH_X86_64,
	.regs_size = sizeof(struct x86_regs),
	.regs = x86_reg_table,
	.reset = x86_reset,
	.translate = x86_translate,
	.code_address = x86_code_address,
	.gdb_arch = "i386:x86-64",
	.gdb_types = x86_types,
	.breakpoint = x86_breakpoint,
	.escapes = x86_escapes,
};
