/* SPDX-License-Identifier: MIT */
/* Where SYSCALL, SYSENTER and INT n lead: SDM volume 2, and volume 3, 6.14. */
#include "cpu/x86_64/step.h"

#include <endian.h>

#include "cpu/x86_64/regs.h"

#define OP_INT	    0xcd
#define OP_TWO_BYTE 0x0f
#define OP_SYSCALL  0x05
#define OP_SYSENTER 0x34
#define GATE_P	    (UINT64_C(1) << 47)

/* The handler of an interrupt in long mode; 0: none. */
static uint64_t step_gate(const struct x86_regs *r, const struct mem *m,
			  uint8_t vector)
{
	uint64_t gate[2], low, at = vector * sizeof(gate);

	if (at + sizeof(gate) - 1 > r->idtr.limit ||
	    !target_read_code(&target_x86_64, r, m, r->idtr.base + at, gate,
			      sizeof(gate)))
		return 0;
	low = le64toh(gate[0]);
	if (!(low & GATE_P))
		return 0;
	return (low & 0xffff) | low >> 48 << 16 | le64toh(gate[1]) << 32;
}

unsigned x86_escapes(const void *regs, const struct mem *m,
		     struct target_step at[TARGET_STEPS])
{
	const struct x86_regs *r = regs;
	uint64_t to = 0;
	uint8_t insn[2];

	if (!(r->efer & X86_EFER_LMA) ||
	    !target_read_code(&target_x86_64, r, m,
			      target_x86_64.code_address(r), insn,
			      sizeof(insn)))
		return 0;
	if (insn[0] == OP_INT)
		to = step_gate(r, m, insn[1]);
	else if (insn[0] == OP_TWO_BYTE && insn[1] == OP_SYSCALL &&
		 r->efer & X86_EFER_SCE)
		to = r->cs.attr & X86_SEG_L ? r->lstar : r->cstar;
	else if (insn[0] == OP_TWO_BYTE && insn[1] == OP_SYSENTER &&
		 r->sysenter_cs & 0xfffc)
		to = r->sysenter_eip;
	at[0] = (struct target_step){ .addr = to, .kind = 1 };
	return to != 0;
}
