/* SPDX-License-Identifier: MIT */
/* The table of IA-64 instruction forms, by SDM volume 3, section 4.3 ff. */
#include "cpu/ia64/insn.h"

const struct ia64_template ia64_templates[32] = {
#define T(n, s, a, b, c, name)                               \
	[n] = { name, { UNIT_##a, UNIT_##b, UNIT_##c }, s }, \
	[n + 1] = { name, { UNIT_##a, UNIT_##b, UNIT_##c }, s | 4 }
	T(0x00, 0, M, I, I, ".mii"), T(0x02, 2, M, I, I, ".mii"),
	T(0x04, 0, M, L, X, ".mlx"), T(0x08, 0, M, M, I, ".mmi"),
	T(0x0a, 1, M, M, I, ".mmi"), T(0x0c, 0, M, F, I, ".mfi"),
	T(0x0e, 0, M, M, F, ".mmf"), T(0x10, 0, M, I, B, ".mib"),
	T(0x12, 0, M, B, B, ".mbb"), T(0x16, 0, B, B, B, ".bbb"),
	T(0x18, 0, M, M, B, ".mmb"), T(0x1c, 0, M, F, B, ".mfb"),
#undef T
};

/* ---- operands: where their bits are, SDM 3:4.1 table 4-6 */
#define REG(id, kind, fld, pos, bits)                       \
	static const struct ia64_operand id = { #id,        \
						OPD_##kind, \
						XF_NONE,    \
						FLD_##fld,  \
						false,      \
						0,          \
						{ { pos, bits } } }
REG(r1, GR, A, 6, 7);
REG(r2, GR, B, 13, 7);
REG(r3, GR, C, 20, 7);
static const struct ia64_operand r3_2 = { "r3",	 OPD_GR, XF_NONE,      FLD_C,
					  false, 0,	 { { 20, 2 } } };
REG(f1, FR, A, 6, 7);
REG(f2, FR, B, 13, 7);
REG(f3, FR, C, 20, 7);
REG(f4, FR, D, 27, 7);
REG(p1, PR, A, 6, 6);
REG(p2, PR, D, 27, 6);
REG(b1, BR, A, 6, 3);
REG(b2, BR, B, 13, 3);
REG(ar3, AR, C, 20, 7);
REG(cr3, CR, C, 20, 7);

#define NUM(id, nm, kind, xf, fld, sgn, sh, ...)                             \
	static const struct ia64_operand id = {                              \
		nm, OPD_##kind, XF_##xf, FLD_##fld, sgn, sh, { __VA_ARGS__ } \
	}
#define P(pos, bits)      \
	{                 \
		pos, bits \
	}
NUM(imm1, "imm1", IMM, NONE, IMM, true, 0, P(36, 1));
NUM(imm8, "imm8", IMM, NONE, IMM, true, 0, P(13, 7), P(36, 1));
NUM(imm14, "imm14", IMM, NONE, IMM, true, 0, P(13, 7), P(27, 6), P(36, 1));
NUM(imm22, "imm22", IMM, NONE, IMM, true, 0, P(13, 7), P(27, 9), P(22, 5),
    P(36, 1));
NUM(imm9a, "imm9", IMM, NONE, IMM, true, 0, P(13, 7), P(27, 1), P(36, 1));
NUM(imm9b, "imm9", IMM, NONE, IMM, true, 0, P(6, 7), P(27, 1), P(36, 1));
NUM(imm21, "imm21", IMM, NONE, IMM, false, 0, P(6, 20), P(36, 1));
NUM(imm24, "imm24", IMM, NONE, IMM, false, 0, P(6, 21), P(31, 2), P(36, 1));
NUM(imm44, "imm44", IMM, NONE, IMM, true, 16, P(6, 27), P(36, 1));
NUM(mask17, "mask17", IMM, NONE, IMM, true, 1, P(6, 7), P(24, 8), P(36, 1));
NUM(imm2, "imm2", IMM, NONE, IMM, false, 0, P(13, 2));
NUM(inc3, "inc3", IMM, INC3, IMM, true, 0, P(13, 3));
NUM(fclass9, "fclass9", IMM, NONE, IMM, false, 0, P(33, 2), P(20, 7));
NUM(amask7, "amask7", IMM, NONE, IMM, false, 0, P(13, 7));
NUM(omask7, "omask7", IMM, NONE, E, false, 0, P(20, 7));
NUM(count2, "count2", IMM, PLUS1, D, false, 0, P(27, 2));
NUM(count2m, "count2", IMM, COUNT2, IMM, false, 0, P(30, 2));
NUM(pos6, "pos6", IMM, NONE, E, false, 0, P(14, 6));
NUM(pos6t, "pos6", IMM, NONE, IMM, false, 0, P(14, 6));
NUM(imm5t, "imm5", IMM, PLUS32, IMM, false, 0, P(14, 5));
NUM(len6, "len6", IMM, PLUS1, D, false, 0, P(27, 6));
NUM(len4, "len4", IMM, PLUS1, D, false, 0, P(27, 4));
NUM(cpos6c, "pos6", IMM, FROM63, E, false, 0, P(20, 6));
NUM(cpos6b, "pos6", IMM, FROM63, E, false, 0, P(14, 6));
NUM(cpos6d, "pos6", IMM, FROM63, E, false, 0, P(31, 6));
NUM(count6, "count6", IMM, NONE, IMM, false, 0, P(27, 6));
NUM(count5, "count5", IMM, NONE, IMM, false, 0, P(14, 5));
NUM(ccount5, "count5", IMM, FROM31, IMM, false, 0, P(20, 5));
NUM(mbtype4, "mbtype4", PERM, NONE, IMM, false, 0, P(20, 4));
NUM(mhtype8, "mhtype8", IMM, NONE, IMM, false, 0, P(20, 8));
NUM(sof, "sof", SOF, NONE, B, false, 0, P(13, 7));
NUM(sol, "sol", IMM, NONE, C, false, 0, P(20, 7));
NUM(sor, "sor", IMM, NONE, D, false, 3, P(27, 4));
NUM(target25, "target25", TARGET, NONE, IMM, true, 4, P(13, 20), P(36, 1));
NUM(target25a, "target25", TARGET, NONE, IMM, true, 4, P(6, 20), P(36, 1));
NUM(target25b, "target25", TARGET, NONE, IMM, true, 4, P(6, 7), P(20, 13),
    P(36, 1));
NUM(tag13, "tag13", TARGET, NONE, IMM, true, 4, P(6, 7), P(33, 2));
NUM(tag13b, "tag13", TARGET, NONE, IMM, true, 4, P(24, 9));
/* positions from 64 on are those of the L slot */
NUM(imm62, "imm62", IMM, NONE, IMM, false, 0, P(6, 20), P(36, 1), P(64, 41));
NUM(imm64, "imm64", IMM, NONE, IMM, true, 0, P(13, 7), P(27, 9), P(22, 5),
    P(21, 1), P(64, 41), P(36, 1));
NUM(target64, "target64", TARGET, NONE, IMM, true, 4, P(13, 20), P(66, 39),
    P(36, 1));

/* ---- completers that leave the operation as it is */
static const struct ia64_completer
	ldhint = { 28, 2, { "", ".nt1", NULL, ".nta" } },
	sthint = { 28, 2, { "", NULL, NULL, ".nta" } },
	lfhint = { 28, 2, { "", ".nt1", ".nt2", ".nta" } },
	sf = { 34, 2, { ".s0", ".s1", ".s2", ".s3" } },
	wh = { 33, 2, { ".sptk", ".spnt", ".dptk", ".dpnt" } },
	wh3 = { 32,
		3,
		{ NULL, ".sptk", NULL, ".spnt", NULL, ".dptk", NULL,
		  ".dpnt" } },
	ph = { 12, 1, { ".few", ".many" } }, dh = { 35, 1, { "", ".clr" } },
	iph = { 3, 2, { ".sptk", ".loop", ".dptk", ".exit" } },
	indh = { 3, 2, { ".sptk", NULL, ".dptk", NULL } },
	ih = { 35, 1, { "", ".imp" } }, ih23 = { 23, 1, { "", ".imp" } },
	mwh = { 20, 2, { ".sptk", "", ".dptk", NULL } };

/* ---- formats */
#define FMT(id, nm, syn, ...)                             \
	static const struct ia64_format id = {            \
		nm, syn, { __VA_ARGS__ }, { NULL }, false \
	}
#define FMTC(id, nm, syn, c1, c2, c3, ...)                      \
	static const struct ia64_format id = {                  \
		nm, syn, { __VA_ARGS__ }, { c1, c2, c3 }, false \
	}
FMT(fA1, "A1", "@=@,@", &r1, &r2, &r3);
FMT(fA1one, "A1", "@=@,@,1", &r1, &r2, &r3);
FMT(fA2, "A2", "@=@,@,@", &r1, &r2, &count2, &r3);
FMT(fA3, "A3", "@=@,@", &r1, &imm8, &r3);
FMT(fA4, "A4", "@=@,@", &r1, &imm14, &r3);
FMT(fA5, "A5", "@=@,@", &r1, &imm22, &r3_2);
FMT(fA6, "A6", "@,@=@,@", &p1, &p2, &r2, &r3);
FMT(fA7, "A7", "@,@=r0,@", &p1, &p2, &r3);
FMT(fA8, "A8", "@,@=@,@", &p1, &p2, &imm8, &r3);
FMT(fA9, "A9", "@=@,@", &r1, &r2, &r3);
FMT(fA10, "A10", "@=@,@,@", &r1, &r2, &count2, &r3);
FMT(fI2, "I2", "@=@,@", &r1, &r2, &r3);
FMT(fI7, "I7", "@=@,@", &r1, &r2, &r3);
FMT(fI29, "I29", "@=@", &r1, &r3);
FMT(fM29, "M29", "@=@", &ar3, &r2);
FMT(fM30, "M30", "@=@", &ar3, &imm8);
FMT(fM31, "M31", "@=@", &r1, &ar3);
FMT(fM46, "M46", "@=@", &r1, &r3);
FMT(fM37, "M37", "@", &imm21);
FMT(fM48, "M48", "@", &imm21);
FMT(fI18, "I18", "@", &imm21);
FMT(fF15, "F15", "@", &imm21);
FMT(fF16, "F16", "@", &imm21);
FMT(fM20, "M20", "@,@", &r2, &target25b);
FMT(fI1, "I1", "@=@,@,@", &r1, &r2, &r3, &count2m);
FMT(fI3, "I3", "@=@,@", &r1, &r2, &mbtype4);
FMT(fI4, "I4", "@=@,@", &r1, &r2, &mhtype8);
FMT(fI5, "I5", "@=@,@", &r1, &r3, &r2);
FMT(fI6, "I6", "@=@,@", &r1, &r3, &count5);
FMT(fI8, "I8", "@=@,@", &r1, &r2, &ccount5);
FMT(fI9, "I9", "@=@", &r1, &r3);
FMT(fI10, "I10", "@=@,@,@", &r1, &r2, &r3, &count6);
FMT(fI11, "I11", "@=@,@,@", &r1, &r3, &pos6, &len6);
FMT(fI12, "I12", "@=@,@,@", &r1, &r2, &cpos6c, &len6);
FMT(fI13, "I13", "@=@,@,@", &r1, &imm8, &cpos6c, &len6);
FMT(fI14, "I14", "@=@,@,@,@", &r1, &imm1, &r3, &cpos6b, &len6);
FMT(fI15, "I15", "@=@,@,@,@", &r1, &r2, &r3, &cpos6d, &len4);
FMT(fI16, "I16", "@,@=@,@", &p1, &p2, &r3, &pos6t);
FMT(fI17, "I17", "@,@=@", &p1, &p2, &r3);
FMT(fI30, "I30", "@,@=@", &p1, &p2, &imm5t);
FMT(fI19, "I19", "@", &imm21);
FMT(fI20, "I20", "@,@", &r2, &target25b);
FMTC(fI21, "I21", "@=@,@", &mwh, &ih23, NULL, &b1, &r2, &tag13b);
FMT(fI22, "I22", "@=@", &r1, &b2);
FMT(fI23, "I23", "pr=@,@", &r2, &mask17);
FMT(fI24, "I24", "pr.rot=@", &imm44);
FMT(fI25ip, "I25", "@=ip", &r1);
FMT(fI25pr, "I25", "@=pr", &r1);
FMT(fI26, "I26", "@=@", &ar3, &r2);
FMT(fI27, "I27", "@=@", &ar3, &imm8);
FMT(fI28, "I28", "@=@", &r1, &ar3);

FMTC(fM1, "M1", "@=[@]", &ldhint, NULL, NULL, &r1, &r3);
FMTC(fM2, "M2", "@=[@],@", &ldhint, NULL, NULL, &r1, &r3, &r2);
FMTC(fM3, "M3", "@=[@],@", &ldhint, NULL, NULL, &r1, &r3, &imm9a);
FMTC(fM1w, "M1", "@,ar.csd=[@]", &ldhint, NULL, NULL, &r1, &r3);
FMTC(fM4, "M4", "[@]=@", &sthint, NULL, NULL, &r3, &r2);
FMTC(fM4w, "M4", "[@]=@,ar.csd", &sthint, NULL, NULL, &r3, &r2);
FMTC(fM5, "M5", "[@]=@,@", &sthint, NULL, NULL, &r3, &r2, &imm9b);
FMTC(fM6, "M6", "@=[@]", &ldhint, NULL, NULL, &f1, &r3);
FMTC(fM7, "M7", "@=[@],@", &ldhint, NULL, NULL, &f1, &r3, &r2);
FMTC(fM8, "M8", "@=[@],@", &ldhint, NULL, NULL, &f1, &r3, &imm9a);
FMTC(fM9, "M9", "[@]=@", &sthint, NULL, NULL, &r3, &f2);
FMTC(fM10, "M10", "[@]=@,@", &sthint, NULL, NULL, &r3, &f2, &imm9b);
FMTC(fM11, "M11", "@,@=[@]", &ldhint, NULL, NULL, &f1, &f2, &r3);
FMTC(fM12x8, "M12", "@,@=[@],8", &ldhint, NULL, NULL, &f1, &f2, &r3);
FMTC(fM12x16, "M12", "@,@=[@],16", &ldhint, NULL, NULL, &f1, &f2, &r3);
FMTC(fM13, "M13", "[@]", &lfhint, NULL, NULL, &r3);
FMTC(fM14, "M14", "[@],@", &lfhint, NULL, NULL, &r3, &r2);
FMTC(fM15, "M15", "[@],@", &lfhint, NULL, NULL, &r3, &imm9a);
FMTC(fM16, "M16", "@=[@],@,ar.ccv", &ldhint, NULL, NULL, &r1, &r3, &r2);
FMTC(fM16w, "M16", "@=[@],@,ar.csd,ar.ccv", &ldhint, NULL, NULL, &r1, &r3, &r2);
FMTC(fM16x, "M16", "@=[@],@", &ldhint, NULL, NULL, &r1, &r3, &r2);
FMTC(fM17, "M17", "@=[@],@", &ldhint, NULL, NULL, &r1, &r3, &inc3);
FMT(fM18, "M18", "@=@", &f1, &r2);
FMT(fM19, "M19", "@=@", &r1, &f2);
FMT(fM21, "M21", "@,@", &f2, &target25b);
FMT(fM22, "M22", "@,@", &r1, &target25);
FMT(fM23, "M23", "@,@", &f1, &target25);
FMT(fNone, "M24", "");
FMT(fM26, "M26", "@", &r1);
FMT(fM27, "M27", "@", &f1);
FMT(fM28, "M28", "@", &r3);
FMT(fM33, "M33", "@=@", &r1, &cr3);
FMT(fM32, "M32", "@=@", &cr3, &r2);
FMT(fM35l, "M35", "psr.l=@", &r2);
FMT(fM35u, "M35", "psr.um=@", &r2);
FMT(fM36, "M36", "@=psr", &r1);
FMT(fM36u, "M36", "@=psr.um", &r1);
FMT(fM38, "M38", "@=@,@", &r1, &r3, &r2);
FMT(fM39, "M39", "@=@,@", &r1, &r3, &imm2);
FMT(fM40, "M40", "@,@", &r3, &imm2);
FMT(fM41, "M41", "@", &r2);
#define IDX(file)                                        \
	FMT(fM42##file, "M42", #file "[@]=@", &r3, &r2); \
	FMT(fM43##file, "M43", "@=" #file "[@]", &r1, &r3)
IDX(rr);
IDX(dbr);
IDX(ibr);
IDX(pkr);
IDX(pmc);
IDX(pmd);
FMT(fM42dtr, "M42", "dtr[@]=@", &r3, &r2);
FMT(fM42itr, "M42", "itr[@]=@", &r3, &r2);
FMT(fM43cpuid, "M43", "@=cpuid[@]", &r1, &r3);
FMT(fM44, "M44", "@", &imm24);
FMT(fM45, "M45", "@,@", &r3, &r2);

#define FMTB(id, nm, syn, c1, c2, c3, nqp, ...)               \
	static const struct ia64_format id = {                \
		nm, syn, { __VA_ARGS__ }, { c1, c2, c3 }, nqp \
	}
FMTB(fM34, "M34", "@=ar.pfs,0,@,@,@", NULL, NULL, NULL, true, &r1, &sol, &sof,
     &sor);
FMTC(fB1, "B1", "@", &wh, &ph, &dh, &target25);
FMTB(fB2, "B2", "@", &wh, &ph, &dh, true, &target25);
FMTC(fB3, "B3", "@=@", &wh, &ph, &dh, &b1, &target25);
FMTC(fB4, "B4", "@", &wh, &ph, &dh, &b2);
FMTC(fB5, "B5", "@=@", &wh3, &ph, &dh, &b1, &b2);
FMTB(fB6, "B6", "@,@", &iph, &ih, NULL, true, &target25, &tag13);
FMTB(fB7, "B7", "@,@", &indh, &ih, NULL, true, &b2, &tag13);
FMTB(fB8, "B8", "", NULL, NULL, NULL, true, NULL);
FMTB(fM25, "M25", "", NULL, NULL, NULL, true, NULL);
FMTB(fB9, "B9", "@", NULL, NULL, NULL, false, &imm21);

FMTC(fF1, "F1", "@=@,@,@", &sf, NULL, NULL, &f1, &f3, &f4, &f2);
FMT(fF2, "F2", "@=@,@,@", &f1, &f3, &f4, &f2);
FMT(fF3, "F3", "@=@,@,@", &f1, &f3, &f4, &f2);
FMTC(fF4, "F4", "@,@=@,@", &sf, NULL, NULL, &p1, &p2, &f2, &f3);
FMT(fF5, "F5", "@,@=@,@", &p1, &p2, &f2, &fclass9);
FMTC(fF6, "F6", "@,@=@,@", &sf, NULL, NULL, &f1, &p2, &f2, &f3);
FMTC(fF7, "F7", "@,@=@", &sf, NULL, NULL, &f1, &p2, &f3);
FMTC(fF8, "F8", "@=@,@", &sf, NULL, NULL, &f1, &f2, &f3);
FMT(fF9, "F9", "@=@,@", &f1, &f2, &f3);
FMTC(fF10, "F10", "@=@", &sf, NULL, NULL, &f1, &f2);
FMT(fF11, "F11", "@=@", &f1, &f2);
FMTC(fF12, "F12", "@,@", &sf, NULL, NULL, &amask7, &omask7);
FMTC(fF13, "F13", "", &sf, NULL, NULL, NULL);
FMTC(fF14, "F14", "@", &sf, NULL, NULL, &target25a);

FMT(fX1, "X1", "@", &imm62);
FMT(fX2, "X2", "@=@", &r1, &imm64);
FMTC(fX3, "X3", "@", &wh, &ph, &dh, &target64);
FMTC(fX4, "X4", "@=@", &wh, &ph, &dh, &b1, &target64);

/* ---- forms */
#define M(pos, len) (((UINT64_C(1) << (len)) - 1) << (pos))
#define V(pos, val) ((uint64_t)(val) << (pos))
#define MAJOR	    M(37, 4)
#define NO_K	    0
#define ROW(nm, u, op, k, f, mask, val)                 \
	{                                               \
		nm, UNIT_##u, OP_##op, k, &f, mask, val \
	}

/* A1 to A4: x2a 35:34, ve 33, x4 32:29, x2b 28:27 */
#define ALU(nm, op, k, f, x4, x2b)             \
	ROW(nm, A, op, k, f, MAJOR | M(27, 9), \
	    V(37, 8) | V(29, x4) | V(27, x2b))
#define ALU_SH(nm, op, x4) \
	ROW(nm, A, op, 0, fA2, MAJOR | M(29, 7), V(37, 8) | V(29, x4))
#define ALU_14(nm, op, x2a) \
	ROW(nm, A, op, 0, fA4, MAJOR | M(33, 3), V(37, 8) | V(34, x2a))
/* A9, A10: za 36, x2a 35:34 = 1, zb 33, x4, x2b; z is za and zb */
#define MMA(nm, par, z, x4, x2b)                                               \
	ROW(nm, A, PAR, PAR_##par, fA9, MAJOR | M(27, 10),                     \
	    V(37, 8) | V(36, (z) >> 1) | V(34, 1) | V(33, (z)&1) | V(29, x4) | \
		    V(27, x2b))
#define MMA_SH(nm, par, x4)                                      \
	ROW(nm, A, PAR_COUNT, PAR_##par, fA10, MAJOR | M(29, 8), \
	    V(37, 8) | V(34, 1) | V(33, 1) | V(29, x4))

/* A6 to A8: tb 36, x2 35:34, ta 33, c 12 */
#define CMP_BITS(major, tb, x2, ta, c) \
	V(37, major) | V(36, tb) | V(34, x2) | V(33, ta) | V(12, c)
#define CMP_R(nm, op, k, f, major, tb, x2, ta, c)         \
	ROW(nm, A, op, k, f, MAJOR | M(33, 4) | M(12, 1), \
	    CMP_BITS(major, tb, x2, ta, c))
#define CMP_I(nm, op, k, major, x2, ta, c)                  \
	ROW(nm, A, op, k, fA8, MAJOR | M(33, 3) | M(12, 1), \
	    CMP_BITS(major, 0, x2, ta, c))
#define CMP_ORDER(rel, op, major)                                             \
	CMP_R("cmp." rel, op, 0, fA6, major, 0, 0, 0, 0),                     \
		CMP_R("cmp." rel ".unc", op, 1, fA6, major, 0, 0, 0, 1),      \
		CMP_R("cmp4." rel, op##_4, 0, fA6, major, 0, 1, 0, 0),        \
		CMP_R("cmp4." rel ".unc", op##_4, 1, fA6, major, 0, 1, 0, 1), \
		CMP_I("cmp." rel, op##_I, 0, major, 2, 0, 0),                 \
		CMP_I("cmp." rel ".unc", op##_I, 1, major, 2, 0, 1),          \
		CMP_I("cmp4." rel, op##_4I, 0, major, 3, 0, 0),               \
		CMP_I("cmp4." rel ".unc", op##_4I, 1, major, 3, 0, 1)
#define CMPP(nm, rel, ty, w, f, major, tb, x2, ta, c) \
	CMP_R(nm, CMP_PAR, CMP_K(rel, ty, w), f, major, tb, x2, ta, c)
#define CMP_PAR(ct, ty, major)                                                 \
	CMPP("cmp.eq." ct, REL_EQ, ty, 0, fA6, major, 0, 0, 1, 0),             \
		CMPP("cmp.ne." ct, REL_NE, ty, 0, fA6, major, 0, 0, 1, 1),     \
		CMPP("cmp4.eq." ct, REL_EQ, ty, 1, fA6, major, 0, 1, 1, 0),    \
		CMPP("cmp4.ne." ct, REL_NE, ty, 1, fA6, major, 0, 1, 1, 1),    \
		CMPP("cmp.gt." ct, REL_GT, ty, 0, fA7, major, 1, 0, 0, 0),     \
		CMPP("cmp.le." ct, REL_LE, ty, 0, fA7, major, 1, 0, 0, 1),     \
		CMPP("cmp.ge." ct, REL_GE, ty, 0, fA7, major, 1, 0, 1, 0),     \
		CMPP("cmp.lt." ct, REL_LT, ty, 0, fA7, major, 1, 0, 1, 1),     \
		CMPP("cmp4.gt." ct, REL_GT, ty, 1, fA7, major, 1, 1, 0, 0),    \
		CMPP("cmp4.le." ct, REL_LE, ty, 1, fA7, major, 1, 1, 0, 1),    \
		CMPP("cmp4.ge." ct, REL_GE, ty, 1, fA7, major, 1, 1, 1, 0),    \
		CMPP("cmp4.lt." ct, REL_LT, ty, 1, fA7, major, 1, 1, 1, 1),    \
		CMP_I("cmp.eq." ct, CMP_PAR_I, CMP_K(REL_EQ, ty, 0), major, 2, \
		      1, 0),                                                   \
		CMP_I("cmp.ne." ct, CMP_PAR_I, CMP_K(REL_NE, ty, 0), major, 2, \
		      1, 1),                                                   \
		CMP_I("cmp4.eq." ct, CMP_PAR_I, CMP_K(REL_EQ, ty, 1), major,   \
		      3, 1, 0),                                                \
		CMP_I("cmp4.ne." ct, CMP_PAR_I, CMP_K(REL_NE, ty, 1), major,   \
		      3, 1, 1)

/* I1 to I9: za 36, zb 33, ve 32, x2a 35:34, x2c 31:30, x2b 29:28 */
#define MMI_BITS(z, x2a, x2c, x2b)                                            \
	V(37, 7) | V(36, (z) >> 1) | V(33, (z)&1) | V(34, x2a) | V(30, x2c) | \
		V(28, x2b)
#define MMI(nm, op, par, f, z, x2a, x2c, x2b)          \
	ROW(nm, I, op, PAR_##par, f, MAJOR | M(28, 9), \
	    MMI_BITS(z, x2a, x2c, x2b))
#define MMI_SHR(nm, par, x2b)                                            \
	ROW(nm, I, PAR_IMM, PAR_##par, fI1, MAJOR | M(32, 5) | M(28, 2), \
	    MMI_BITS(1, 0, 0, x2b))

/* I10 to I17, I30: x2 35:34, x 33 or ta 33, and tb 36, y 13, c 12 */
#define TEST(nm, ty, neg, what, f, tb, ta, c, y, x)           \
	ROW(nm, I, TEST, TEST_K(ty, neg, what), f,            \
	    MAJOR | M(33, 4) | M(12, 2) | (y ? M(19, 1) : 0), \
	    V(37, 5) | V(36, tb) | V(33, ta) | V(12, c) | V(13, y) | V(19, x))
#define TESTS(nm, what, f, y, x)                                             \
	TEST(nm ".z", CT_NONE, 0, what, f, 0, 0, 0, y, x),                   \
		TEST(nm ".z.unc", CT_UNC, 0, what, f, 0, 0, 1, y, x),        \
		TEST(nm ".z.and", CT_AND, 0, what, f, 1, 0, 0, y, x),        \
		TEST(nm ".nz.and", CT_AND, 1, what, f, 1, 0, 1, y, x),       \
		TEST(nm ".z.or", CT_OR, 0, what, f, 0, 1, 0, y, x),          \
		TEST(nm ".nz.or", CT_OR, 1, what, f, 0, 1, 1, y, x),         \
		TEST(nm ".z.or.andcm", CT_OR_ANDCM, 0, what, f, 1, 1, 0, y,  \
		     x),                                                     \
		TEST(nm ".nz.or.andcm", CT_OR_ANDCM, 1, what, f, 1, 1, 1, y, \
		     x)

/* I19 to I29: x3 35:33, x6 32:27 */
#define I_X6(nm, op, k, f, x6) ROW(nm, I, op, k, f, MAJOR | M(27, 9), V(27, x6))
#define I_X3(nm, op, f, x3)    ROW(nm, I, op, 0, f, MAJOR | M(33, 3), V(33, x3))
/* nop and hint: y 26 tells them apart */
#define NOP_Y(nm, u, op, f, y) \
	ROW(nm, u, op, 0, f, MAJOR | M(26, 10), V(27, 1) | V(26, y))

/* M1 to M19: m 36, x6 35:30, x 27 */
#define MEM(nm, op, k, f, major, m, x, x6)                \
	ROW(nm, M, op, k, f, MAJOR | M(30, 7) | M(27, 1), \
	    V(37, major) | V(36, m) | V(30, x6) | V(27, x))
/* with an immediate there is neither m nor x */
#define MEM_IMM(nm, op, k, f, major, x6) \
	ROW(nm, M, op, k, f, MAJOR | M(30, 6), V(37, major) | V(30, x6))
#define LD(nm, op, x6)                                             \
	MEM(nm, op, (x6) | UPD_NONE, fM1, 4, 0, 0, x6),            \
		MEM(nm, op##_R, (x6) | UPD_REG, fM2, 4, 1, 0, x6), \
		MEM_IMM(nm, op##_I, (x6) | UPD_IMM, fM3, 5, x6)
#define LDS(sfx, x6)                                            \
	LD("ld1" sfx, LDX, (x6)), LD("ld2" sfx, LDX, (x6) | 1), \
		LD("ld4" sfx, LDX, (x6) | 2), LD("ld8" sfx, LDX, (x6) | 3)
#define ST(nm, op, x6)                                  \
	MEM(nm, op, (x6) | UPD_NONE, fM4, 4, 0, 0, x6), \
		MEM_IMM(nm, op##_I, (x6) | UPD_IMM, fM5, 5, x6)
#define LDF(nm, x6)                                             \
	MEM(nm, LDF, (x6) | UPD_NONE, fM6, 6, 0, 0, x6),        \
		MEM(nm, LDF, (x6) | UPD_REG, fM7, 6, 1, 0, x6), \
		MEM_IMM(nm, LDF, (x6) | UPD_IMM, fM8, 7, x6)
#define LDFS(sfx, x6)                                     \
	LDF("ldfe" sfx, (x6)), LDF("ldf8" sfx, (x6) | 1), \
		LDF("ldfs" sfx, (x6) | 2), LDF("ldfd" sfx, (x6) | 3)
#define STF(nm, x6)                                      \
	MEM(nm, STF, (x6) | UPD_NONE, fM9, 6, 0, 0, x6), \
		MEM_IMM(nm, STF, (x6) | UPD_IMM, fM10, 7, x6)
#define LDFP(sfx, x6)                                                          \
	MEM("ldfp8" sfx, LDFP, ((x6) | 1) | UPD_NONE, fM11, 6, 0, 1,           \
	    (x6) | 1),                                                         \
		MEM("ldfps" sfx, LDFP, ((x6) | 2) | UPD_NONE, fM11, 6, 0, 1,   \
		    (x6) | 2),                                                 \
		MEM("ldfpd" sfx, LDFP, ((x6) | 3) | UPD_NONE, fM11, 6, 0, 1,   \
		    (x6) | 3),                                                 \
		MEM("ldfp8" sfx, LDFP, ((x6) | 1) | UPD_IMM, fM12x16, 6, 1, 1, \
		    (x6) | 1),                                                 \
		MEM("ldfps" sfx, LDFP, ((x6) | 2) | UPD_IMM, fM12x8, 6, 1, 1,  \
		    (x6) | 2),                                                 \
		MEM("ldfpd" sfx, LDFP, ((x6) | 3) | UPD_IMM, fM12x16, 6, 1, 1, \
		    (x6) | 3)
#define LFETCH(nm, k, x6)                                          \
	MEM(nm, LFETCH, (k) | UPD_NONE, fM13, 6, 0, 0, x6),        \
		MEM(nm, LFETCH, (k) | UPD_REG, fM14, 6, 1, 0, x6), \
		MEM_IMM(nm, LFETCH, (k) | UPD_IMM, fM15, 7, x6)
#define SEM(nm, op, k, f, x6) MEM(nm, op, k, f, 4, 0, 1, x6)
#define CMPXCHG(sem, x6)                                                 \
	SEM("cmpxchg1." sem, CMPXCHG, (x6), fM16, (x6)),                 \
		SEM("cmpxchg2." sem, CMPXCHG, (x6) | 1, fM16, (x6) | 1), \
		SEM("cmpxchg4." sem, CMPXCHG, (x6) | 2, fM16, (x6) | 2), \
		SEM("cmpxchg8." sem, CMPXCHG, (x6) | 3, fM16, (x6) | 3)

/* M20 to M48: x3 35:33, and x6 32:27 of major 1, x2 32:31 x4 30:27 of 0 */
#define M0(nm, op, k, f, x2, x4) \
	ROW(nm, M, op, k, f, MAJOR | M(27, 9), V(31, x2) | V(27, x4))
#define M0_IMM(nm, op, x4) \
	ROW(nm, M, op, 0, fM44, MAJOR | M(33, 3) | M(27, 4), V(27, x4))
#define M_X3(nm, op, k, f, major, x3) \
	ROW(nm, M, op, k, f, MAJOR | M(33, 3), V(37, major) | V(33, x3))
#define M1(nm, op, k, f, x6) \
	ROW(nm, M, op, k, f, MAJOR | M(27, 9), V(37, 1) | V(27, x6))

/* branches: btype 8:6, x6 32:27 */
#define B_X6(nm, op, k, f, major, x6) \
	ROW(nm, B, op, k, f, MAJOR | M(27, 6), V(37, major) | V(27, x6))
#define B_TYPE(nm, op, f, major, btype) \
	ROW(nm, B, op, 0, f, MAJOR | M(6, 3), V(37, major) | V(6, btype))
#define B_IND(nm, op, x6, btype)                           \
	ROW(nm, B, op, 0, fB4, MAJOR | M(27, 6) | M(6, 3), \
	    V(27, x6) | V(6, btype))

/* floating point: x 36, sf 35:34; x 33, x6 32:27 */
#define FMA(nm, op, k, f, major, x) \
	ROW(nm, F, op, k, f, MAJOR | M(36, 1), V(37, major) | V(36, x))
#define FMAS(nm, kind, major)                                                \
	FMA(nm, FMA, FMA_K(kind, FPC_DYN), fF1, major, 0),                   \
		FMA(nm ".s", FMA, FMA_K(kind, FPC_SINGLE), fF1, major, 1),   \
		FMA(nm ".d", FMA, FMA_K(kind, FPC_DOUBLE), fF1, (major) + 1, \
		    0)
#define XMA(nm, k, x2)                            \
	ROW(nm, F, XMA, k, fF2, MAJOR | M(34, 3), \
	    V(37, 14) | V(36, 1) | V(34, x2))
#define FCMP(rel, k, rb, ra)                                          \
	ROW("fcmp." rel, F, FCMP, k, fF4,                             \
	    MAJOR | M(36, 1) | M(33, 1) | M(12, 1),                   \
	    V(37, 4) | V(36, rb) | V(33, ra)),                        \
		ROW("fcmp." rel ".unc", F, FCMP, (k) | FCMP_UNC, fF4, \
		    MAJOR | M(36, 1) | M(33, 1) | M(12, 1),           \
		    V(37, 4) | V(36, rb) | V(33, ra) | V(12, 1))
#define F_X6(nm, op, k, f, major, x6)                     \
	ROW(nm, F, op, k, f, MAJOR | M(33, 1) | M(27, 6), \
	    V(37, major) | V(27, x6))
#define F_APPROX(nm, op, k, f, major, q)                  \
	ROW(nm, F, op, k, f, MAJOR | M(36, 1) | M(33, 1), \
	    V(37, major) | V(36, q) | V(33, 1))

const struct ia64_form ia64_forms[] = {
	/* ---- A: integer ALU, M or I slots; SDM 3:4.2 */
	ALU("add", ADD, 0, fA1, 0, 0),
	ALU("add", ADD1, 0, fA1one, 0, 1),
	ALU("sub", SUB, 0, fA1, 1, 1),
	ALU("sub", SUB1, 0, fA1one, 1, 0),
	ALU("addp4", ADDP4, 0, fA1, 2, 0),
	ALU("and", AND, 0, fA1, 3, 0),
	ALU("andcm", ANDCM, 0, fA1, 3, 1),
	ALU("or", OR, 0, fA1, 3, 2),
	ALU("xor", XOR, 0, fA1, 3, 3),
	ALU_SH("shladd", SHLADD, 4),
	ALU_SH("shladdp4", SHLADDP4, 6),
	ALU("sub", SUB_I, 0, fA3, 9, 1),
	ALU("and", AND_I, 0, fA3, 11, 0),
	ALU("andcm", ANDCM_I, 0, fA3, 11, 1),
	ALU("or", OR_I, 0, fA3, 11, 2),
	ALU("xor", XOR_I, 0, fA3, 11, 3),
	ALU_14("adds", ADD_I, 2),
	ALU_14("addp4", ADDP4_I, 3),
	ROW("addl", A, ADD_I, 0, fA5, MAJOR, V(37, 9)),
	MMA("padd1", ADD1, 0, 0, 0),
	MMA("padd1.sss", ADD1_SSS, 0, 0, 1),
	MMA("padd1.uuu", ADD1_UUU, 0, 0, 2),
	MMA("padd1.uus", ADD1_UUS, 0, 0, 3),
	MMA("psub1", SUB1, 0, 1, 0),
	MMA("psub1.sss", SUB1_SSS, 0, 1, 1),
	MMA("psub1.uuu", SUB1_UUU, 0, 1, 2),
	MMA("psub1.uus", SUB1_UUS, 0, 1, 3),
	MMA("pavg1", AVG1, 0, 2, 2),
	MMA("pavg1.raz", AVG1_RAZ, 0, 2, 3),
	MMA("pavgsub1", AVGSUB1, 0, 3, 2),
	MMA("pcmp1.eq", CMP1_EQ, 0, 9, 0),
	MMA("pcmp1.gt", CMP1_GT, 0, 9, 1),
	MMA("padd2", ADD2, 1, 0, 0),
	MMA("padd2.sss", ADD2_SSS, 1, 0, 1),
	MMA("padd2.uuu", ADD2_UUU, 1, 0, 2),
	MMA("padd2.uus", ADD2_UUS, 1, 0, 3),
	MMA("psub2", SUB2, 1, 1, 0),
	MMA("psub2.sss", SUB2_SSS, 1, 1, 1),
	MMA("psub2.uuu", SUB2_UUU, 1, 1, 2),
	MMA("psub2.uus", SUB2_UUS, 1, 1, 3),
	MMA("pavg2", AVG2, 1, 2, 2),
	MMA("pavg2.raz", AVG2_RAZ, 1, 2, 3),
	MMA("pavgsub2", AVGSUB2, 1, 3, 2),
	MMA("pcmp2.eq", CMP2_EQ, 1, 9, 0),
	MMA("pcmp2.gt", CMP2_GT, 1, 9, 1),
	MMA("padd4", ADD4, 2, 0, 0),
	MMA("psub4", SUB4, 2, 1, 0),
	MMA("pcmp4.eq", CMP4_EQ, 2, 9, 0),
	MMA("pcmp4.gt", CMP4_GT, 2, 9, 1),
	MMA_SH("pshladd2", SHLADD2, 4),
	MMA_SH("pshradd2", SHRADD2, 6),
	CMP_ORDER("lt", CMP_LT, 12),
	CMP_ORDER("ltu", CMP_LTU, 13),
	CMP_ORDER("eq", CMP_EQ, 14),
	CMP_PAR("and", CT_AND, 12),
	CMP_PAR("or", CT_OR, 13),
	CMP_PAR("or.andcm", CT_OR_ANDCM, 14),

	/* ---- I: shifts, bits, moves; SDM 3:4.3 */
	MMI_SHR("pmpyshr2.u", MPYSHR2_U, 1),
	MMI_SHR("pmpyshr2", MPYSHR2, 3),
	MMI("pmpy2.r", PAR, MPY2_R, fI2, 1, 2, 3, 1),
	MMI("pmpy2.l", PAR, MPY2_L, fI2, 1, 2, 3, 3),
	MMI("mpy4", PAR, MPY4, fI2, 2, 0, 3, 1),
	MMI("mpyshl4", PAR, MPYSHL4, fI2, 2, 0, 3, 3),
	MMI("mix1.r", PAR, MIX1_R, fI2, 0, 2, 2, 0),
	MMI("mix2.r", PAR, MIX2_R, fI2, 1, 2, 2, 0),
	MMI("mix4.r", PAR, MIX4_R, fI2, 2, 2, 2, 0),
	MMI("mix1.l", PAR, MIX1_L, fI2, 0, 2, 2, 2),
	MMI("mix2.l", PAR, MIX2_L, fI2, 1, 2, 2, 2),
	MMI("mix4.l", PAR, MIX4_L, fI2, 2, 2, 2, 2),
	MMI("pack2.uss", PAR, PACK2_USS, fI2, 1, 2, 0, 0),
	MMI("pack2.sss", PAR, PACK2_SSS, fI2, 1, 2, 0, 2),
	MMI("pack4.sss", PAR, PACK4_SSS, fI2, 2, 2, 0, 2),
	MMI("unpack1.h", PAR, UNPACK1_H, fI2, 0, 2, 1, 0),
	MMI("unpack2.h", PAR, UNPACK2_H, fI2, 1, 2, 1, 0),
	MMI("unpack4.h", PAR, UNPACK4_H, fI2, 2, 2, 1, 0),
	MMI("unpack1.l", PAR, UNPACK1_L, fI2, 0, 2, 1, 2),
	MMI("unpack2.l", PAR, UNPACK2_L, fI2, 1, 2, 1, 2),
	MMI("unpack4.l", PAR, UNPACK4_L, fI2, 2, 2, 1, 2),
	MMI("pmin1.u", PAR, MIN1_U, fI2, 0, 2, 0, 1),
	MMI("pmax1.u", PAR, MAX1_U, fI2, 0, 2, 1, 1),
	MMI("pmin2", PAR, MIN2, fI2, 1, 2, 0, 3),
	MMI("pmax2", PAR, MAX2, fI2, 1, 2, 1, 3),
	MMI("psad1", PAR, SAD1, fI2, 0, 2, 2, 3),
	MMI("mux1", PAR_MUX, MUX1, fI3, 0, 3, 2, 2),
	MMI("mux2", PAR_MUX, MUX2, fI4, 1, 3, 2, 2),
	MMI("pshr2.u", PAR_SWAP, SHR2_U, fI5, 1, 0, 0, 0),
	MMI("pshr2", PAR_SWAP, SHR2, fI5, 1, 0, 0, 2),
	MMI("pshr4.u", PAR_SWAP, SHR4_U, fI5, 2, 0, 0, 0),
	MMI("pshr4", PAR_SWAP, SHR4, fI5, 2, 0, 0, 2),
	MMI("shr.u", SHR_U, NONE, fI5, 3, 0, 0, 0),
	MMI("shr", SHR, NONE, fI5, 3, 0, 0, 2),
	MMI("pshr2.u", PAR_SHI, SHR2_U, fI6, 1, 1, 0, 1),
	MMI("pshr2", PAR_SHI, SHR2, fI6, 1, 1, 0, 3),
	MMI("pshr4.u", PAR_SHI, SHR4_U, fI6, 2, 1, 0, 1),
	MMI("pshr4", PAR_SHI, SHR4, fI6, 2, 1, 0, 3),
	MMI("pshl2", PAR, SHL2, fI7, 1, 0, 1, 0),
	MMI("pshl4", PAR, SHL4, fI7, 2, 0, 1, 0),
	MMI("shl", SHL, NONE, fI7, 3, 0, 1, 0),
	MMI("pshl2", PAR_MUX, SHL2, fI8, 1, 3, 1, 1),
	MMI("pshl4", PAR_MUX, SHL4, fI8, 2, 3, 1, 1),
	MMI("popcnt", PAR_ONE, POPCNT, fI9, 1, 1, 2, 1),
	MMI("clz", PAR_ONE, CLZ, fI9, 1, 1, 3, 1),
	ROW("shrp", I, SHRP, 0, fI10, MAJOR | M(33, 3), V(37, 5) | V(34, 3)),
	ROW("extr.u", I, EXTR_U, 0, fI11, MAJOR | M(33, 3) | M(13, 1),
	    V(37, 5) | V(34, 1)),
	ROW("extr", I, EXTR, 0, fI11, MAJOR | M(33, 3) | M(13, 1),
	    V(37, 5) | V(34, 1) | V(13, 1)),
	ROW("dep.z", I, DEP_Z, 0, fI12, MAJOR | M(33, 3) | M(26, 1),
	    V(37, 5) | V(34, 1) | V(33, 1)),
	ROW("dep.z", I, DEP_ZI, 0, fI13, MAJOR | M(33, 3) | M(26, 1),
	    V(37, 5) | V(34, 1) | V(33, 1) | V(26, 1)),
	ROW("dep", I, DEP_I, 0, fI14, MAJOR | M(33, 3),
	    V(37, 5) | V(34, 3) | V(33, 1)),
	ROW("dep", I, DEP, 0, fI15, MAJOR, V(37, 4)),
	TESTS("tbit", TEST_BIT, fI16, 0, 0),
	TESTS("tnat", TEST_NAT, fI17, 1, 0),
	TESTS("tf", TEST_FEATURE, fI30, 1, 1),
	I_X6("break.i", BREAK, 0, fI19, 0x00),
	NOP_Y("nop.i", I, NOP, fI18, 0),
	NOP_Y("hint.i", I, HINT, fI18, 1),
	I_X3("chk.s.i", CHK_S, fI20, 1),
	I_X3("mov", MOV_BR_GR, fI21, 7),
	I_X6("mov", MOV_GR_BR, 0, fI22, 0x31),
	I_X3("mov", MOV_PR_GR, fI23, 3),
	I_X3("mov", MOV_PR_ROT, fI24, 2),
	I_X6("mov", MOV_GR_IP, 0, fI25ip, 0x30),
	I_X6("mov", MOV_GR_PR, 0, fI25pr, 0x33),
	I_X6("mov.i", MOV_AR, AR_UNIT_I, fI26, 0x2a),
	I_X6("mov.i", MOV_AR_I, AR_UNIT_I, fI27, 0x0a),
	I_X6("mov.i", MOV_GR_AR, AR_UNIT_I, fI28, 0x32),
	I_X6("zxt1", ZXT1, 0, fI29, 0x10),
	I_X6("zxt2", ZXT2, 0, fI29, 0x11),
	I_X6("zxt4", ZXT4, 0, fI29, 0x12),
	I_X6("sxt1", SXT1, 0, fI29, 0x14),
	I_X6("sxt2", SXT2, 0, fI29, 0x15),
	I_X6("sxt4", SXT4, 0, fI29, 0x16),
	I_X6("czx1.l", PAR_ONE, PAR_CZX1_L, fI29, 0x18),
	I_X6("czx2.l", PAR_ONE, PAR_CZX2_L, fI29, 0x19),
	I_X6("czx1.r", PAR_ONE, PAR_CZX1_R, fI29, 0x1c),
	I_X6("czx2.r", PAR_ONE, PAR_CZX2_R, fI29, 0x1d),

	/* ---- M: memory and system; SDM 3:4.4 */
	LD("ld1", LD1, 0x00),
	LD("ld2", LD2, 0x01),
	LD("ld4", LD4, 0x02),
	LD("ld8", LD8, 0x03),
	LDS(".s", 0x04),
	LDS(".a", 0x08),
	LDS(".sa", 0x0c),
	LDS(".bias", 0x10),
	LDS(".acq", 0x14),
	LD("ld8.fill", LDX, 0x1b),
	LDS(".c.clr", 0x20),
	LDS(".c.nc", 0x24),
	LDS(".c.clr.acq", 0x28),
	ST("st1", ST1, 0x30),
	ST("st2", ST2, 0x31),
	ST("st4", ST4, 0x32),
	ST("st8", ST8, 0x33),
	ST("st1.rel", STX, 0x34),
	ST("st2.rel", STX, 0x35),
	ST("st4.rel", STX, 0x36),
	ST("st8.rel", STX, 0x37),
	ST("st8.spill", STX, 0x3b),
	SEM("ld16", LD16, 0x28, fM1w, 0x28),
	SEM("ld16.acq", LD16, 0x2c, fM1w, 0x2c),
	SEM("st16", ST16, 0x30, fM4w, 0x30),
	SEM("st16.rel", ST16, 0x34, fM4w, 0x34),
	CMPXCHG("acq", 0x00),
	CMPXCHG("rel", 0x04),
	SEM("cmp8xchg16.acq", CMP8XCHG16, 0x20, fM16w, 0x20),
	SEM("cmp8xchg16.rel", CMP8XCHG16, 0x24, fM16w, 0x24),
	SEM("xchg1", XCHG, 0x08, fM16x, 0x08),
	SEM("xchg2", XCHG, 0x09, fM16x, 0x09),
	SEM("xchg4", XCHG, 0x0a, fM16x, 0x0a),
	SEM("xchg8", XCHG, 0x0b, fM16x, 0x0b),
	SEM("fetchadd4.acq", FETCHADD, 0x12, fM17, 0x12),
	SEM("fetchadd8.acq", FETCHADD, 0x13, fM17, 0x13),
	SEM("fetchadd4.rel", FETCHADD, 0x16, fM17, 0x16),
	SEM("fetchadd8.rel", FETCHADD, 0x17, fM17, 0x17),
	SEM("getf.sig", GETF, 0, fM19, 0x1c),
	SEM("getf.exp", GETF, 1, fM19, 0x1d),
	SEM("getf.s", GETF, 2, fM19, 0x1e),
	SEM("getf.d", GETF, 3, fM19, 0x1f),
	MEM("setf.sig", SETF, 0, fM18, 6, 0, 1, 0x1c),
	MEM("setf.exp", SETF, 1, fM18, 6, 0, 1, 0x1d),
	MEM("setf.s", SETF, 2, fM18, 6, 0, 1, 0x1e),
	MEM("setf.d", SETF, 3, fM18, 6, 0, 1, 0x1f),
	LDFS("", 0x00),
	LDFS(".s", 0x04),
	LDFS(".a", 0x08),
	LDFS(".sa", 0x0c),
	LDF("ldf.fill", 0x1b),
	LDFS(".c.clr", 0x20),
	LDFS(".c.nc", 0x24),
	STF("stfe", 0x30),
	STF("stf8", 0x31),
	STF("stfs", 0x32),
	STF("stfd", 0x33),
	STF("stf.spill", 0x3b),
	LDFP("", 0x00),
	LDFP(".s", 0x04),
	LDFP(".a", 0x08),
	LDFP(".sa", 0x0c),
	LDFP(".c.clr", 0x20),
	LDFP(".c.nc", 0x24),
	LFETCH("lfetch", 0, 0x2c),
	LFETCH("lfetch.excl", 1, 0x2d),
	LFETCH("lfetch.fault", 2, 0x2e),
	LFETCH("lfetch.fault.excl", 3, 0x2f),
	M_X3("chk.s.m", CHK_S, 0, fM20, 1, 1),
	M_X3("chk.s", CHK_SF, 0, fM21, 1, 3),
	M_X3("chk.a.nc", CHK_A, 0, fM22, 0, 4),
	M_X3("chk.a.clr", CHK_A, CHK_CLR, fM22, 0, 5),
	M_X3("chk.a.nc", CHK_A, CHK_FR, fM23, 0, 6),
	M_X3("chk.a.clr", CHK_A, CHK_FR | CHK_CLR, fM23, 0, 7),
	M0("break.m", BREAK, 0, fM37, 0, 0),
	NOP_Y("nop.m", M, NOP, fM48, 0),
	NOP_Y("hint.m", M, HINT, fM48, 1),
	M0("invala", INVALA, 0, fNone, 1, 0),
	M0("fwb", NOP, 0, fNone, 2, 0),
	M0("srlz.d", NOP, 0, fNone, 3, 0),
	M0("srlz.i", SRLZ_I, 0, fNone, 3, 1),
	M0("invala.e", INVALA_E, 0, fM26, 1, 2),
	M0("invala.e", INVALA_E, CHK_FR, fM27, 1, 3),
	M0("mf", MF, 0, fNone, 2, 2),
	M0("mf.a", MF, 0, fNone, 2, 3),
	M0("sync.i", SYNC_I, 0, fNone, 3, 3),
	M0("mov.m", MOV_AR_I, AR_UNIT_M, fM30, 2, 8),
	ROW("loadrs", M, LOADRS, 0, fM25, MAJOR | M(27, 9) | M(0, 6),
	    V(27, 0xa)),
	ROW("flushrs", M, FLUSHRS, 0, fM25, MAJOR | M(27, 9) | M(0, 6),
	    V(27, 0xc)),
	M0_IMM("sum", SUM, 4),
	M0_IMM("rum", RUM, 5),
	M0_IMM("ssm", SSM, 6),
	M0_IMM("rsm", RSM, 7),
	ROW("alloc", M, ALLOC, 0, fM34, MAJOR | M(33, 3) | M(0, 6),
	    V(37, 1) | V(33, 6)),
	M1("mov", MOV_IDX, IDX_RR, fM42rr, 0x00),
	M1("mov", MOV_IDX, IDX_DBR, fM42dbr, 0x01),
	M1("mov", MOV_IDX, IDX_IBR, fM42ibr, 0x02),
	M1("mov", MOV_IDX, IDX_PKR, fM42pkr, 0x03),
	M1("mov", MOV_IDX, IDX_PMC, fM42pmc, 0x04),
	M1("mov", MOV_IDX, IDX_PMD, fM42pmd, 0x05),
	M1("ptc.l", PTC, PTC_L, fM45, 0x09),
	M1("ptc.g", PTC, PTC_G, fM45, 0x0a),
	M1("ptc.ga", PTC, PTC_GA, fM45, 0x0b),
	M1("ptr.d", PTR, 1, fM45, 0x0c),
	M1("ptr.i", PTR, 0, fM45, 0x0d),
	M1("itr.d", ITR, 1, fM42dtr, 0x0e),
	M1("itr.i", ITR, 0, fM42itr, 0x0f),
	M1("mov", MOV_GR_IDX, IDX_RR, fM43rr, 0x10),
	M1("mov", MOV_GR_IDX, IDX_DBR, fM43dbr, 0x11),
	M1("mov", MOV_GR_IDX, IDX_IBR, fM43ibr, 0x12),
	M1("mov", MOV_GR_IDX, IDX_PKR, fM43pkr, 0x13),
	M1("mov", MOV_GR_IDX, IDX_PMC, fM43pmc, 0x14),
	M1("mov", MOV_GR_IDX, IDX_PMD, fM43pmd, 0x15),
	M1("mov", MOV_GR_IDX, IDX_CPUID, fM43cpuid, 0x17),
	M1("probe.r", PROBE, PROBE_R | PROBE_IMM, fM39, 0x18),
	M1("probe.w", PROBE, PROBE_W | PROBE_IMM, fM39, 0x19),
	M1("probe.r", PROBE, PROBE_R, fM38, 0x38),
	M1("probe.w", PROBE, PROBE_W, fM38, 0x39),
	M1("probe.rw.fault", PROBE_FAULT, PROBE_R | PROBE_W, fM40, 0x31),
	M1("probe.r.fault", PROBE_FAULT, PROBE_R, fM40, 0x32),
	M1("probe.w.fault", PROBE_FAULT, PROBE_W, fM40, 0x33),
	M1("thash", THASH, 0, fM46, 0x1a),
	M1("ttag", TTAG, 0, fM46, 0x1b),
	M1("tpa", TPA, 0, fM46, 0x1e),
	M1("tak", TAK, 0, fM46, 0x1f),
	M1("mov", MOV_GR_UM, 0, fM36u, 0x21),
	M1("mov.m", MOV_GR_AR, AR_UNIT_M, fM31, 0x22),
	M1("mov", MOV_GR_CR, 0, fM33, 0x24),
	M1("mov", MOV_GR_PSR, 0, fM36, 0x25),
	M1("mov", MOV_UM, 0, fM35u, 0x29),
	M1("mov.m", MOV_AR, AR_UNIT_M, fM29, 0x2a),
	M1("mov", MOV_CR, 0, fM32, 0x2c),
	M1("mov", MOV_PSR, 0, fM35l, 0x2d),
	M1("itc.d", ITC, 1, fM41, 0x2e),
	M1("itc.i", ITC, 0, fM41, 0x2f),
	ROW("fc", M, FC, 0, fM28, MAJOR | M(27, 10), V(37, 1) | V(27, 0x30)),
	ROW("fc.i", M, FC, 1, fM28, MAJOR | M(27, 10),
	    V(37, 1) | V(36, 1) | V(27, 0x30)),
	M1("ptc.e", PTC_E, 0, fM28, 0x34),

	/* ---- B: branches; SDM 3:4.5 */
	B_TYPE("br.cond", BR_COND, fB1, 4, 0),
	B_TYPE("br.wexit", BR_WEXIT, fB1, 4, 2),
	B_TYPE("br.wtop", BR_WTOP, fB1, 4, 3),
	B_TYPE("br.cloop", BR_CLOOP, fB2, 4, 5),
	B_TYPE("br.cexit", BR_CEXIT, fB2, 4, 6),
	B_TYPE("br.ctop", BR_CTOP, fB2, 4, 7),
	ROW("br.call", B, BR_CALL, 0, fB3, MAJOR, V(37, 5)),
	B_IND("br.cond", BR_IND, 0x20, 0),
	B_IND("br.ia", BR_IA, 0x20, 1),
	B_IND("br.ret", BR_RET, 0x21, 4),
	ROW("br.call", B, BR_CALL_IND, 0, fB5, MAJOR, V(37, 1)),
	ROW("brp", B, NOP_QP, 0, fB6, MAJOR, V(37, 7)),
	B_X6("brp", NOP_QP, 0, fB7, 2, 0x10),
	B_X6("brp.ret", NOP_QP, 0, fB7, 2, 0x11),
	B_X6("break.b", BREAK, 1, fB9, 0, 0x00),
	B_X6("cover", COVER, 0, fB8, 0, 0x02),
	B_X6("clrrrb", CLRRRB, 0, fB8, 0, 0x04),
	B_X6("clrrrb.pr", CLRRRB, 1, fB8, 0, 0x05),
	B_X6("rfi", RFI, 0, fB8, 0, 0x08),
	B_X6("bsw.0", BSW, 0, fB8, 0, 0x0c),
	B_X6("bsw.1", BSW, 1, fB8, 0, 0x0d),
	B_X6("epc", EPC, 0, fB8, 0, 0x10),
	B_X6("vmsw.0", VMSW, 0, fB8, 0, 0x18),
	B_X6("vmsw.1", VMSW, 1, fB8, 0, 0x19),
	B_X6("nop.b", NOP, 0, fB9, 2, 0x00),
	B_X6("hint.b", HINT, 0, fB9, 2, 0x01),

	/* ---- F: floating point; SDM 3:4.6 */
	FMAS("fma", FMA_ADD, 8),
	FMAS("fms", FMA_SUB, 10),
	FMAS("fnma", FMA_NEG, 12),
	FMA("fpma", FPMA, FMA_K(FMA_ADD, FPC_SINGLE), fF1, 9, 1),
	FMA("fpms", FPMA, FMA_K(FMA_SUB, FPC_SINGLE), fF1, 11, 1),
	FMA("fpnma", FPMA, FMA_K(FMA_NEG, FPC_SINGLE), fF1, 13, 1),
	XMA("xma.l", 0, 0),
	XMA("xma.hu", 2, 2),
	XMA("xma.h", 3, 3),
	FMA("fselect", FSELECT, 0, fF3, 14, 0),
	FCMP("eq", FREL_EQ, 0, 0),
	FCMP("lt", FREL_LT, 1, 0),
	FCMP("le", FREL_LE, 0, 1),
	FCMP("unord", FREL_UNORD, 1, 1),
	ROW("fclass.m", F, FCLASS, 0, fF5, MAJOR | M(12, 1), V(37, 5)),
	ROW("fclass.m.unc", F, FCLASS, 1, fF5, MAJOR | M(12, 1),
	    V(37, 5) | V(12, 1)),
	F_APPROX("frcpa", FRCPA, 0, fF6, 0, 0),
	F_APPROX("frsqrta", FRSQRTA, 0, fF7, 0, 1),
	F_APPROX("fprcpa", FPRCPA, 0, fF6, 1, 0),
	F_APPROX("fprsqrta", FPRSQRTA, 0, fF7, 1, 1),
	F_X6("fmin", FMINMAX, FMM_MIN, fF8, 0, 0x14),
	F_X6("fmax", FMINMAX, FMM_MAX, fF8, 0, 0x15),
	F_X6("famin", FMINMAX, FMM_AMIN, fF8, 0, 0x16),
	F_X6("famax", FMINMAX, FMM_AMAX, fF8, 0, 0x17),
	F_X6("fpmin", FPMINMAX, FMM_MIN, fF8, 1, 0x14),
	F_X6("fpmax", FPMINMAX, FMM_MAX, fF8, 1, 0x15),
	F_X6("fpamin", FPMINMAX, FMM_AMIN, fF8, 1, 0x16),
	F_X6("fpamax", FPMINMAX, FMM_AMAX, fF8, 1, 0x17),
	F_X6("fpcmp.eq", FPCMP, FREL_EQ, fF8, 1, 0x30),
	F_X6("fpcmp.lt", FPCMP, FREL_LT, fF8, 1, 0x31),
	F_X6("fpcmp.le", FPCMP, FREL_LE, fF8, 1, 0x32),
	F_X6("fpcmp.unord", FPCMP, FREL_UNORD, fF8, 1, 0x33),
	F_X6("fpcmp.neq", FPCMP, FREL_EQ | FREL_NOT, fF8, 1, 0x34),
	F_X6("fpcmp.nlt", FPCMP, FREL_LT | FREL_NOT, fF8, 1, 0x35),
	F_X6("fpcmp.nle", FPCMP, FREL_LE | FREL_NOT, fF8, 1, 0x36),
	F_X6("fpcmp.ord", FPCMP, FREL_UNORD | FREL_NOT, fF8, 1, 0x37),
	F_X6("fmerge.s", FMERGE, FMG_S, fF9, 0, 0x10),
	F_X6("fmerge.ns", FMERGE, FMG_NS, fF9, 0, 0x11),
	F_X6("fmerge.se", FMERGE, FMG_SE, fF9, 0, 0x12),
	F_X6("fpmerge.s", FMERGE, FMG_P | FMG_S, fF9, 1, 0x10),
	F_X6("fpmerge.ns", FMERGE, FMG_P | FMG_NS, fF9, 1, 0x11),
	F_X6("fpmerge.se", FMERGE, FMG_P | FMG_SE, fF9, 1, 0x12),
	F_X6("fpack", FPACK, 0, fF9, 0, 0x28),
	F_X6("fand", FLOGIC, FLG_AND, fF9, 0, 0x2c),
	F_X6("fandcm", FLOGIC, FLG_ANDCM, fF9, 0, 0x2d),
	F_X6("for", FLOGIC, FLG_OR, fF9, 0, 0x2e),
	F_X6("fxor", FLOGIC, FLG_XOR, fF9, 0, 0x2f),
	F_X6("fswap", FLOGIC, FLG_SWAP, fF9, 0, 0x34),
	F_X6("fswap.nl", FLOGIC, FLG_SWAP_NL, fF9, 0, 0x35),
	F_X6("fswap.nr", FLOGIC, FLG_SWAP_NR, fF9, 0, 0x36),
	F_X6("fmix.lr", FLOGIC, FLG_MIX_LR, fF9, 0, 0x39),
	F_X6("fmix.r", FLOGIC, FLG_MIX_R, fF9, 0, 0x3a),
	F_X6("fmix.l", FLOGIC, FLG_MIX_L, fF9, 0, 0x3b),
	F_X6("fsxt.r", FLOGIC, FLG_SXT_R, fF9, 0, 0x3c),
	F_X6("fsxt.l", FLOGIC, FLG_SXT_L, fF9, 0, 0x3d),
	F_X6("fcvt.fx", FCVT, 0, fF10, 0, 0x18),
	F_X6("fcvt.fxu", FCVT, FCVT_U, fF10, 0, 0x19),
	F_X6("fcvt.fx.trunc", FCVT, FCVT_TRUNC, fF10, 0, 0x1a),
	F_X6("fcvt.fxu.trunc", FCVT, FCVT_U | FCVT_TRUNC, fF10, 0, 0x1b),
	F_X6("fpcvt.fx", FPCVT, 0, fF10, 1, 0x18),
	F_X6("fpcvt.fxu", FPCVT, FCVT_U, fF10, 1, 0x19),
	F_X6("fpcvt.fx.trunc", FPCVT, FCVT_TRUNC, fF10, 1, 0x1a),
	F_X6("fpcvt.fxu.trunc", FPCVT, FCVT_U | FCVT_TRUNC, fF10, 1, 0x1b),
	F_X6("fcvt.xf", FCVT_XF, 0, fF11, 0, 0x1c),
	F_X6("fsetc", FSETC, 0, fF12, 0, 0x04),
	F_X6("fclrf", FCLRF, 0, fF13, 0, 0x05),
	F_X6("fchkf", FCHKF, 0, fF14, 0, 0x08),
	F_X6("break.f", BREAK, 0, fF15, 0, 0x00),
	ROW("nop.f", F, NOP, 0, fF16, MAJOR | M(26, 8), V(27, 1)),
	ROW("hint.f", F, HINT, 0, fF16, MAJOR | M(26, 8), V(27, 1) | V(26, 1)),

	/* ---- X: long immediates; SDM 3:4.7 */
	ROW("break.x", X, BREAK, 2, fX1, MAJOR | M(27, 9), 0),
	NOP_Y("nop.x", X, NOP, fX1, 0),
	NOP_Y("hint.x", X, HINT, fX1, 1),
	ROW("movl", X, MOVL, 0, fX2, MAJOR | M(20, 1), V(37, 6)),
	ROW("brl.cond", X, BRL_COND, 0, fX3, MAJOR | M(6, 3), V(37, 12)),
	ROW("brl.call", X, BRL_CALL, 0, fX4, MAJOR, V(37, 13)),
};

const unsigned ia64_nforms = sizeof(ia64_forms) / sizeof(ia64_forms[0]);
