/* SPDX-License-Identifier: MIT */
/* What IA-64 instructions do: the names of operations and their parameters. */
#ifndef CPU_IA64_OPS_H
#define CPU_IA64_OPS_H

/* clang-format off */
/*
 * Operations that exec.c executes in line, each at labels of its own: those of
 * exec_ops.inc on general registers, memory and predicates ...
 */
#define IA64_OPS_VALUE(X)                                                      \
	X(ADD) X(ADD1) X(SUB) X(SUB1) X(SUB_I) X(ADD_I)       \
	X(ADDP4) X(ADDP4_I) X(SHLADD) X(SHLADDP4) X(AND) X(AND_I) X(ANDCM)     \
	X(ANDCM_I) X(OR) X(OR_I) X(XOR) X(XOR_I) X(MOVL)                       \
	X(CMP_LT) X(CMP_LT_I) X(CMP_LT_4) X(CMP_LT_4I)                         \
	X(CMP_LTU) X(CMP_LTU_I) X(CMP_LTU_4) X(CMP_LTU_4I)                     \
	X(CMP_EQ) X(CMP_EQ_I) X(CMP_EQ_4) X(CMP_EQ_4I)                         \
	X(SHL) X(SHR) X(SHR_U) X(SHRP) X(EXTR) X(EXTR_U) X(DEP) X(DEP_I)       \
	X(DEP_Z) X(DEP_ZI) X(ZXT1) X(ZXT2) X(ZXT4) X(SXT1) X(SXT2) X(SXT4)     \
	X(PAR) X(PAR_SWAP) X(PAR_ONE) X(PAR_COUNT) X(PAR_SHI) X(PAR_MUX) X(PAR_IMM)        \
	X(LD1) X(LD1_R) X(LD1_I) X(LD2) X(LD2_R) X(LD2_I)                      \
	X(LD4) X(LD4_R) X(LD4_I) X(LD8) X(LD8_R) X(LD8_I)                      \
	X(ST1) X(ST1_I) X(ST2) X(ST2_I) X(ST4) X(ST4_I) X(ST8) X(ST8_I)        \
	X(MOV_GR_BR) X(MOV_BR_GR) X(MOV_GR_PR) X(MOV_GR_IP) X(TBIT)               \
	X(STF_SPILL) X(LD1_ACQ) X(LD2_ACQ) X(LD4_ACQ) X(LD8_ACQ)               \
	X(ST1_REL) X(ST2_REL) X(ST4_REL) X(ST8_REL) X(MOV_LC_GR) X(MOV_PFS_GR)
/*
 * ... and the others.  Near branches stay in their page of code; the last ones
 * are no instructions: they stand where a decoded page is incomplete, and where
 * code of the host begins (native.h).
 */
#define IA64_OPS_FLOW(X)                                                       \
	X(NOP) X(NOP_QP) X(MF) X(BR_COND_NEAR) X(BR_CLOOP_NEAR)                \
	X(BR_CTOP_NEAR) X(BR_CALL_NEAR) X(BR_COND) X(BR_IND) X(BR_CLOOP) X(BR_CTOP) X(BR_CEXIT) X(BR_WTOP)     \
	X(BR_WEXIT) X(BR_CALL) X(BR_CALL_IND) X(BR_RET) X(BRL_COND)            \
	X(BRL_CALL) X(DECODE) X(PAGE_END) X(NATIVE)

/* Operations that are functions, ia64_op_NAME() of exec.h ... */
#define IA64_OPS_CALL(X)                                                       \
	X(ILLEGAL, illegal) X(CMP_PAR, cmp_par) X(CMP_PAR_I, cmp_par_i)        \
	X(BREAK, break) X(CHK_S, chk_s) X(CHK_SF, chk_sf) X(CHK_A, chk_a)      \
	X(MOV_PR_GR, mov_pr_gr) X(MOV_PR_ROT, mov_pr_rot)                      \
	X(LDX, ldx) X(LDX_R, ldx) X(LDX_I, ldx) X(STX, stx) X(STX_I, stx)      \
	X(LD16, ld16) X(ST16, st16) X(CMPXCHG, cmpxchg)                        \
	X(CMP8XCHG16, cmp8xchg16) X(XCHG, xchg) X(FETCHADD, fetchadd)          \
	X(LDF, ldf) X(LDFP, ldfp) X(STF, stf) X(LFETCH, lfetch)                \
	X(GETF, getf) X(SETF, setf) X(INVALA, invala) X(INVALA_E, invala_e)    \
	X(ALLOC, alloc) X(COVER, cover) X(CLRRRB, clrrrb) X(FLUSHRS, flushrs)  \
	X(LOADRS, loadrs) X(MOV_AR, mov_ar) X(MOV_AR_I, mov_ar_i)              \
	X(MOV_GR_AR, mov_gr_ar) X(MOV_CR, mov_cr) X(MOV_GR_CR, mov_gr_cr)      \
	X(MOV_PSR, mov_psr) X(MOV_GR_PSR, mov_gr_psr) X(MOV_UM, mov_um)        \
	X(MOV_GR_UM, mov_gr_um) X(SUM, sum) X(RUM, rum) X(SSM, ssm)            \
	X(RSM, rsm) X(MOV_IDX, mov_idx) X(MOV_GR_IDX, mov_gr_idx)              \
	X(ITC, itc) X(ITR, itr) X(PTC, ptc) X(PTC_E, ptc_e) X(PTR, ptr)        \
	X(PROBE, probe) X(PROBE_FAULT, probe_fault) X(THASH, thash)            \
	X(TTAG, ttag) X(TPA, tpa) X(TAK, tak) X(FC, fc) X(SYNC_I, sync_i)      \
	X(SRLZ_I, srlz_i) X(HINT, hint) X(RFI, rfi) X(BSW, bsw) X(EPC, epc)    \
	X(VMSW, vmsw) X(BR_IA, br_ia) X(FMA, fma) X(FPMA, fpma) X(XMA, xma)    \
	X(FSELECT, fselect) X(FPRCPA, fprcpa) X(FPRSQRTA, fprsqrta)            \
	X(FMINMAX, fminmax) X(FPMINMAX, fpminmax) X(FPCMP, fpcmp)              \
	X(FMERGE, fmerge) X(FPACK, fpack) X(FLOGIC, flogic) X(FCVT, fcvt)      \
	X(FPCVT, fpcvt) X(FCVT_XF, fcvt_xf) X(FSETC, fsetc) X(FCLRF, fclrf)    \
	X(FCHKF, fchkf)
/* ... also where the predicate is false, which they look at themselves. */
#define IA64_OPS_CALL_ALWAYS(X)                                                \
	X(ILLEGAL_ALWAYS, illegal_always) X(TEST, test) X(FCMP, fcmp)          \
	X(FCLASS, fclass) X(FRCPA, frcpa) X(FRSQRTA, frsqrta)
/* clang-format on */

enum ia64_opcode {
#define X(name) OP_##name,
	IA64_OPS_VALUE(X) IA64_OPS_FLOW(X)
#undef X
#define X(name, fn) OP_##name,
		IA64_OPS_CALL(X) IA64_OPS_CALL_ALWAYS(X)
#undef X
			IA64_NOPS,
};
/* What code.c adds to an operation that has a predicate other than p0. */
#define IA64_PREDICATED IA64_NOPS

/* k of CMP_PAR: relation, kind of compare (SDM 3:2 cmp), 32 bits wide */
enum { REL_EQ, REL_NE, REL_GT, REL_LE, REL_GE, REL_LT };
enum { CT_NONE, CT_UNC, CT_AND, CT_OR, CT_OR_ANDCM };
#define CMP_K(rel, ty, w) ((rel) | (ty) << 3 | (w) << 6)
/* k of TEST */
enum { TEST_BIT, TEST_NAT, TEST_FEATURE };
#define TEST_K(ty, neg, what) ((ty) | (neg) << 3 | (what) << 4)

/* clang-format off */
/* k of PAR_xxx: which function of simd.c */
#define IA64_PARS(X)                                                           \
	X(NONE)                                                                \
	X(ADD1) X(ADD1_SSS) X(ADD1_UUU) X(ADD1_UUS) X(SUB1) X(SUB1_SSS)        \
	X(SUB1_UUU) X(SUB1_UUS) X(AVG1) X(AVG1_RAZ) X(AVGSUB1) X(CMP1_EQ)      \
	X(CMP1_GT) X(ADD2) X(ADD2_SSS) X(ADD2_UUU) X(ADD2_UUS) X(SUB2)         \
	X(SUB2_SSS) X(SUB2_UUU) X(SUB2_UUS) X(AVG2) X(AVG2_RAZ) X(AVGSUB2)     \
	X(CMP2_EQ) X(CMP2_GT) X(ADD4) X(SUB4) X(CMP4_EQ) X(CMP4_GT)            \
	X(SHLADD2) X(SHRADD2) X(MPYSHR2_U) X(MPYSHR2) X(MPY2_R) X(MPY2_L)      \
	X(MPY4) X(MPYSHL4) X(MIX1_R) X(MIX2_R) X(MIX4_R) X(MIX1_L) X(MIX2_L)   \
	X(MIX4_L) X(PACK2_USS) X(PACK2_SSS) X(PACK4_SSS) X(UNPACK1_H)          \
	X(UNPACK2_H) X(UNPACK4_H) X(UNPACK1_L) X(UNPACK2_L) X(UNPACK4_L)       \
	X(MIN1_U) X(MAX1_U) X(MIN2) X(MAX2) X(SAD1) X(MUX1) X(MUX2) X(SHR2_U)  \
	X(SHR2) X(SHR4_U) X(SHR4) X(SHL2) X(SHL4) X(POPCNT) X(CLZ) X(CZX1_L)   \
	X(CZX2_L) X(CZX1_R) X(CZX2_R)
/* clang-format on */
enum ia64_par {
#define X(name) PAR_##name,
	IA64_PARS(X)
#undef X
		IA64_NPARS,
};

/*
 * k of memory operations: the manual's x6, which is kind << 2 | size, and in
 * bits 7:6 how the base register is updated.
 */
enum { UPD_NONE = 0, UPD_REG = 0x40, UPD_IMM = 0x80 };
enum { X6_LD_ACQ = 0x14, X6_ST_REL = 0x34, X6_STF_SPILL = 0x3b };
/* k of CHK_A, INVALA_E */
enum { CHK_CLR = 1, CHK_FR = 2 };
/* k of MOV_AR and the like */
enum { AR_UNIT_I, AR_UNIT_M };
/* k of MOV_IDX: the register file */
enum { IDX_RR, IDX_DBR, IDX_IBR, IDX_PKR, IDX_PMC, IDX_PMD, IDX_CPUID };
/* k of PTC */
enum { PTC_L, PTC_G, PTC_GA };
/* k of PROBE, PROBE_FAULT */
enum { PROBE_R = 1, PROBE_W = 2, PROBE_IMM = 4 };
/* k of FMA: sign of product and addend, precision (SDM 1:5 table 5-8) */
enum { FMA_ADD, FMA_SUB, FMA_NEG };
enum { FPC_DYN, FPC_SINGLE, FPC_DOUBLE };
#define FMA_K(kind, pc) ((kind) | (pc) << 2)
/* k of FCMP, FPCMP */
enum { FREL_EQ, FREL_LT, FREL_LE, FREL_UNORD, FREL_NOT = 4, FCMP_UNC = 8 };
enum { FMM_MIN, FMM_MAX, FMM_AMIN, FMM_AMAX };
enum { FMG_S, FMG_NS, FMG_SE, FMG_P = 4 };
enum {
	FLG_AND,
	FLG_ANDCM,
	FLG_OR,
	FLG_XOR,
	FLG_SWAP,
	FLG_SWAP_NL,
	FLG_SWAP_NR,
	FLG_MIX_LR,
	FLG_MIX_R,
	FLG_MIX_L,
	FLG_SXT_R,
	FLG_SXT_L,
};
enum { FCVT_U = 1, FCVT_TRUNC = 2 };

#endif
