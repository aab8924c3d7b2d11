/* SPDX-License-Identifier: MIT */
/* The ia64 target: register table, reset state, translation. */
#include "cpu/target.h"

#include <string.h>

#include "cpu/ia64/regs.h"
#include "hw/core/boot_start.h"

#define REG(name_, field, bits_)                                         \
	{                                                                \
		.name = name_, .off = offsetof(struct ia64_regs, field), \
		.bits = bits_                                            \
	}
#define HIDDEN(name_, field, bits_)                                      \
	{                                                                \
		.name = name_, .off = offsetof(struct ia64_regs, field), \
		.bits = bits_, .undumped = true                          \
	}
#define FEATURE(name_)        \
	{                     \
		.name = name_ \
	}
#define R(n)	     REG("r" #n, gr[n], 64)
#define S(n)	     HIDDEN("r" #n, gr[n], 64)
#define F(n)	     HIDDEN("f" #n, fr[n], 128)
#define P(n)	     HIDDEN("p" #n, prs[n], 64)
#define B(n)	     REG("b" #n, br[n], 64)
#define CR(name_, n) REG(name_, cr[n], 64)
#define RR(n)	     REG("rr" #n, rr[n], 64)

/* gdb has no description of its own for ia64: it counts, in this order. */
static const struct reg ia64_reg_table[] = {
	FEATURE("org.vmm.ia64.core"),
	R(0),
	R(1),
	R(2),
	R(3),
	R(4),
	R(5),
	R(6),
	R(7),
	R(8),
	R(9),
	R(10),
	R(11),
	R(12),
	R(13),
	R(14),
	R(15),
	R(16),
	R(17),
	R(18),
	R(19),
	R(20),
	R(21),
	R(22),
	R(23),
	R(24),
	R(25),
	R(26),
	R(27),
	R(28),
	R(29),
	R(30),
	R(31),
	S(32),
	S(33),
	S(34),
	S(35),
	S(36),
	S(37),
	S(38),
	S(39),
	S(40),
	S(41),
	S(42),
	S(43),
	S(44),
	S(45),
	S(46),
	S(47),
	S(48),
	S(49),
	S(50),
	S(51),
	S(52),
	S(53),
	S(54),
	S(55),
	S(56),
	S(57),
	S(58),
	S(59),
	S(60),
	S(61),
	S(62),
	S(63),
	S(64),
	S(65),
	S(66),
	S(67),
	S(68),
	S(69),
	S(70),
	S(71),
	S(72),
	S(73),
	S(74),
	S(75),
	S(76),
	S(77),
	S(78),
	S(79),
	S(80),
	S(81),
	S(82),
	S(83),
	S(84),
	S(85),
	S(86),
	S(87),
	S(88),
	S(89),
	S(90),
	S(91),
	S(92),
	S(93),
	S(94),
	S(95),
	S(96),
	S(97),
	S(98),
	S(99),
	S(100),
	S(101),
	S(102),
	S(103),
	S(104),
	S(105),
	S(106),
	S(107),
	S(108),
	S(109),
	S(110),
	S(111),
	S(112),
	S(113),
	S(114),
	S(115),
	S(116),
	S(117),
	S(118),
	S(119),
	S(120),
	S(121),
	S(122),
	S(123),
	S(124),
	S(125),
	S(126),
	S(127),
	F(0),
	F(1),
	F(2),
	F(3),
	F(4),
	F(5),
	F(6),
	F(7),
	F(8),
	F(9),
	F(10),
	F(11),
	F(12),
	F(13),
	F(14),
	F(15),
	F(16),
	F(17),
	F(18),
	F(19),
	F(20),
	F(21),
	F(22),
	F(23),
	F(24),
	F(25),
	F(26),
	F(27),
	F(28),
	F(29),
	F(30),
	F(31),
	F(32),
	F(33),
	F(34),
	F(35),
	F(36),
	F(37),
	F(38),
	F(39),
	F(40),
	F(41),
	F(42),
	F(43),
	F(44),
	F(45),
	F(46),
	F(47),
	F(48),
	F(49),
	F(50),
	F(51),
	F(52),
	F(53),
	F(54),
	F(55),
	F(56),
	F(57),
	F(58),
	F(59),
	F(60),
	F(61),
	F(62),
	F(63),
	F(64),
	F(65),
	F(66),
	F(67),
	F(68),
	F(69),
	F(70),
	F(71),
	F(72),
	F(73),
	F(74),
	F(75),
	F(76),
	F(77),
	F(78),
	F(79),
	F(80),
	F(81),
	F(82),
	F(83),
	F(84),
	F(85),
	F(86),
	F(87),
	F(88),
	F(89),
	F(90),
	F(91),
	F(92),
	F(93),
	F(94),
	F(95),
	F(96),
	F(97),
	F(98),
	F(99),
	F(100),
	F(101),
	F(102),
	F(103),
	F(104),
	F(105),
	F(106),
	F(107),
	F(108),
	F(109),
	F(110),
	F(111),
	F(112),
	F(113),
	F(114),
	F(115),
	F(116),
	F(117),
	F(118),
	F(119),
	F(120),
	F(121),
	F(122),
	F(123),
	F(124),
	F(125),
	F(126),
	F(127),
	P(0),
	P(1),
	P(2),
	P(3),
	P(4),
	P(5),
	P(6),
	P(7),
	P(8),
	P(9),
	P(10),
	P(11),
	P(12),
	P(13),
	P(14),
	P(15),
	P(16),
	P(17),
	P(18),
	P(19),
	P(20),
	P(21),
	P(22),
	P(23),
	P(24),
	P(25),
	P(26),
	P(27),
	P(28),
	P(29),
	P(30),
	P(31),
	P(32),
	P(33),
	P(34),
	P(35),
	P(36),
	P(37),
	P(38),
	P(39),
	P(40),
	P(41),
	P(42),
	P(43),
	P(44),
	P(45),
	P(46),
	P(47),
	P(48),
	P(49),
	P(50),
	P(51),
	P(52),
	P(53),
	P(54),
	P(55),
	P(56),
	P(57),
	P(58),
	P(59),
	P(60),
	P(61),
	P(62),
	P(63),
	B(0),
	B(1),
	B(2),
	B(3),
	B(4),
	B(5),
	B(6),
	B(7),
	HIDDEN("vfp", vfp, 64),
	HIDDEN("vrap", vrap, 64),
	REG("pr", pr, 64),
	REG("ip", ip, 64),
	REG("psr", psr, 64),
	REG("cfm", cfm, 64),
	REG("k0", ar[0], 64),
	REG("k1", ar[1], 64),
	REG("k2", ar[2], 64),
	REG("k3", ar[3], 64),
	REG("k4", ar[4], 64),
	REG("k5", ar[5], 64),
	REG("k6", ar[6], 64),
	REG("k7", ar[7], 64),
	HIDDEN("ar8", ar[8], 64),
	HIDDEN("ar9", ar[9], 64),
	HIDDEN("ar10", ar[10], 64),
	HIDDEN("ar11", ar[11], 64),
	HIDDEN("ar12", ar[12], 64),
	HIDDEN("ar13", ar[13], 64),
	HIDDEN("ar14", ar[14], 64),
	HIDDEN("ar15", ar[15], 64),
	REG("rsc", ar[16], 64),
	REG("bsp", ar[17], 64),
	REG("bspstore", ar[18], 64),
	REG("rnat", ar[19], 64),
	HIDDEN("ar20", ar[20], 64),
	REG("fcr", ar[21], 64),
	HIDDEN("ar22", ar[22], 64),
	HIDDEN("ar23", ar[23], 64),
	REG("eflag", ar[24], 64),
	REG("csd", ar[25], 64),
	REG("ssd", ar[26], 64),
	REG("cflg", ar[27], 64),
	REG("fsr", ar[28], 64),
	REG("fir", ar[29], 64),
	REG("fdr", ar[30], 64),
	HIDDEN("ar31", ar[31], 64),
	REG("ccv", ar[32], 64),
	HIDDEN("ar33", ar[33], 64),
	HIDDEN("ar34", ar[34], 64),
	HIDDEN("ar35", ar[35], 64),
	REG("unat", ar[36], 64),
	HIDDEN("ar37", ar[37], 64),
	HIDDEN("ar38", ar[38], 64),
	HIDDEN("ar39", ar[39], 64),
	REG("fpsr", ar[40], 64),
	HIDDEN("ar41", ar[41], 64),
	HIDDEN("ar42", ar[42], 64),
	HIDDEN("ar43", ar[43], 64),
	REG("itc", ar[44], 64),
	HIDDEN("ar45", ar[45], 64),
	HIDDEN("ar46", ar[46], 64),
	HIDDEN("ar47", ar[47], 64),
	HIDDEN("ar48", ar[48], 64),
	HIDDEN("ar49", ar[49], 64),
	HIDDEN("ar50", ar[50], 64),
	HIDDEN("ar51", ar[51], 64),
	HIDDEN("ar52", ar[52], 64),
	HIDDEN("ar53", ar[53], 64),
	HIDDEN("ar54", ar[54], 64),
	HIDDEN("ar55", ar[55], 64),
	HIDDEN("ar56", ar[56], 64),
	HIDDEN("ar57", ar[57], 64),
	HIDDEN("ar58", ar[58], 64),
	HIDDEN("ar59", ar[59], 64),
	HIDDEN("ar60", ar[60], 64),
	HIDDEN("ar61", ar[61], 64),
	HIDDEN("ar62", ar[62], 64),
	HIDDEN("ar63", ar[63], 64),
	REG("pfs", ar[64], 64),
	REG("lc", ar[65], 64),
	REG("ec", ar[66], 64),
	HIDDEN("ar67", ar[67], 64),
	HIDDEN("ar68", ar[68], 64),
	HIDDEN("ar69", ar[69], 64),
	HIDDEN("ar70", ar[70], 64),
	HIDDEN("ar71", ar[71], 64),
	HIDDEN("ar72", ar[72], 64),
	HIDDEN("ar73", ar[73], 64),
	HIDDEN("ar74", ar[74], 64),
	HIDDEN("ar75", ar[75], 64),
	HIDDEN("ar76", ar[76], 64),
	HIDDEN("ar77", ar[77], 64),
	HIDDEN("ar78", ar[78], 64),
	HIDDEN("ar79", ar[79], 64),
	HIDDEN("ar80", ar[80], 64),
	HIDDEN("ar81", ar[81], 64),
	HIDDEN("ar82", ar[82], 64),
	HIDDEN("ar83", ar[83], 64),
	HIDDEN("ar84", ar[84], 64),
	HIDDEN("ar85", ar[85], 64),
	HIDDEN("ar86", ar[86], 64),
	HIDDEN("ar87", ar[87], 64),
	HIDDEN("ar88", ar[88], 64),
	HIDDEN("ar89", ar[89], 64),
	HIDDEN("ar90", ar[90], 64),
	HIDDEN("ar91", ar[91], 64),
	HIDDEN("ar92", ar[92], 64),
	HIDDEN("ar93", ar[93], 64),
	HIDDEN("ar94", ar[94], 64),
	HIDDEN("ar95", ar[95], 64),
	HIDDEN("ar96", ar[96], 64),
	HIDDEN("ar97", ar[97], 64),
	HIDDEN("ar98", ar[98], 64),
	HIDDEN("ar99", ar[99], 64),
	HIDDEN("ar100", ar[100], 64),
	HIDDEN("ar101", ar[101], 64),
	HIDDEN("ar102", ar[102], 64),
	HIDDEN("ar103", ar[103], 64),
	HIDDEN("ar104", ar[104], 64),
	HIDDEN("ar105", ar[105], 64),
	HIDDEN("ar106", ar[106], 64),
	HIDDEN("ar107", ar[107], 64),
	HIDDEN("ar108", ar[108], 64),
	HIDDEN("ar109", ar[109], 64),
	HIDDEN("ar110", ar[110], 64),
	HIDDEN("ar111", ar[111], 64),
	HIDDEN("ar112", ar[112], 64),
	HIDDEN("ar113", ar[113], 64),
	HIDDEN("ar114", ar[114], 64),
	HIDDEN("ar115", ar[115], 64),
	HIDDEN("ar116", ar[116], 64),
	HIDDEN("ar117", ar[117], 64),
	HIDDEN("ar118", ar[118], 64),
	HIDDEN("ar119", ar[119], 64),
	HIDDEN("ar120", ar[120], 64),
	HIDDEN("ar121", ar[121], 64),
	HIDDEN("ar122", ar[122], 64),
	HIDDEN("ar123", ar[123], 64),
	HIDDEN("ar124", ar[124], 64),
	HIDDEN("ar125", ar[125], 64),
	HIDDEN("ar126", ar[126], 64),
	HIDDEN("ar127", ar[127], 64),
	{ 0 },
};

static const struct reg ia64_more_regs[] = {
	CR("dcr", CR_DCR),
	CR("itm", CR_ITM),
	CR("iva", CR_IVA),
	CR("pta", CR_PTA),
	CR("ipsr", CR_IPSR),
	CR("isr", CR_ISR),
	CR("iip", CR_IIP),
	CR("ifa", CR_IFA),
	CR("itir", CR_ITIR),
	CR("iipa", CR_IIPA),
	CR("ifs", CR_IFS),
	CR("iim", CR_IIM),
	CR("iha", CR_IHA),
	RR(0),
	RR(1),
	RR(2),
	RR(3),
	RR(4),
	RR(5),
	RR(6),
	RR(7),
	{ 0 },
};

/*
 * SDM 2:11.2.2, and what firmware does before a kernel starts: bank 1, so that
 * r28 is the one that it sees.
 */
static void ia64_target_reset(void *regs, const struct boot_start *start)
{
	struct ia64_regs *r = regs;

	memset(r, 0, sizeof(*r));
	r->psr = PSR_BN;
	r->pr = 1;
	r->fr[1][0] = UINT64_C(1) << 63;
	r->fr[1][1] = 0xffff;
	r->ar[AR_FPSR] = 0x9804c0270033f;
	r->cr[CR_PTA] = 15 << 2; /* what can be written back */
	r->cr[CR_ITIR] = 12 << 2;
	r->ip = UINT64_C(0xffffffffffffffb0) & 0xffffffff;
	if (!start)
		return;
	r->ip = start->pc;
	r->gr[28] = start->arg[0];
}

/* ---- translation */

static const struct ia64_tlbe *find(const struct ia64_regs *r, uint64_t va)
{
	uint64_t off = va << 3 >> 3;
	uint32_t rid = r->rr[va >> 61] >> 8 & 0xffffff;
	const unsigned trs = 2 * IA64_NTR;
	const unsigned all = trs + 2 * IA64_TC_SETS * IA64_TC_WAYS;

	for (unsigned i = 0; i < all; i++) {
		const struct ia64_tlbe *e = i < trs ? &r->tr[0][0] + i
						    : &r->tc[0][0][0] + i - trs;

		if (e->valid && e->p && e->rid == rid &&
		    off >> e->ps == e->vpn >> e->ps)
			return e;
	}
	return NULL;
}

static uint64_t with_offset(uint64_t base, unsigned ps, uint64_t va)
{
	uint64_t mask = (UINT64_C(1) << ps) - 1;

	return (base & ~mask) | (va & mask);
}

/* The short format of the VHPT, itself at virtual addresses: SDM 2:4.1.5. */
static bool by_vhpt(const struct ia64_regs *r, const struct mem *m, uint64_t va,
		    gpa_t *gpa)
{
	uint64_t pta = r->cr[CR_PTA], rr = r->rr[va >> 61], at, pte;
	uint64_t mask = (UINT64_C(1) << (pta >> 2 & 63)) - 1;
	unsigned ps = rr >> 2 & 63;
	const struct ia64_tlbe *e;

	if (!(pta & 1) || !(rr & 1) || (pta >> 8 & 1) || ps < 12 || ps > 32)
		return false;
	at = va << 3 >> 3 >> ps << 3;
	at = (va >> 61 << 61) |
	     (((pta & ~mask) | (at & mask)) << 3 >> 3 & ~UINT64_C(7));
	e = find(r, at);
	if (!e || mem_load_le64(m, with_offset(e->ppn, e->ps, at), &pte) < 0 ||
	    !(pte & 1))
		return false;
	*gpa = with_offset(pte & UINT64_C(0x3fffffffff000), ps, va);
	return true;
}

/*
 * What the processor would find without a fault; and in Linux' regions 6 and
 * 7, which its handlers map one to one, what it would find after one.
 */
static bool ia64_target_translate(const void *regs, const struct mem *m,
				  uint64_t gva, gpa_t *gpa)
{
	const struct ia64_regs *r = regs;
	const struct ia64_tlbe *e;

	if (!(r->psr & PSR_IT) && !(r->psr & PSR_DT)) {
		*gpa = gva << 1 >> 1;
		return true;
	}
	e = find(r, gva);
	if (e) {
		*gpa = with_offset(e->ppn, e->ps, gva);
		return true;
	}
	if (by_vhpt(r, m, gva, gpa))
		return true;
	*gpa = gva << 3 >> 3;
	return gva >> 61 >= 6;
}

static uint64_t ia64_code_address(const void *regs)
{
	const struct ia64_regs *r = regs;

	return (r->ip & ~UINT64_C(15)) | (r->psr >> 41 & 3);
}

const struct target target_ia64 = {
	.arch = ARCH_IA64,
	.regs_size = sizeof(struct ia64_regs),
	.regs = ia64_reg_table,
	.more = ia64_more_regs,
	.reset = ia64_target_reset,
	.translate = ia64_target_translate,
	.code_address = ia64_code_address,
	.interpreted = true,
	.gdb_arch = "ia64-elf64",
	.gdb_counts = true,
};
