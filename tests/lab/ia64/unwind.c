/* SPDX-License-Identifier: MIT */
/* What libgcc lacks in a compiler that was made without a libc: the unwinder. A
 * static program of C comes there only when one of its threads is cancelled,
 * which those that are made here never do: if one did, it would die of an
 * illegal instruction. */
#define NONE(name)                            \
	void __libunwind_Unwind_##name(void); \
	void __libunwind_Unwind_##name(void)  \
	{                                     \
		__builtin_trap();             \
	}

NONE(Backtrace)
NONE(DeleteException)
NONE(FindEnclosingFunction)
NONE(ForcedUnwind)
NONE(GetBSP)
NONE(GetCFA)
NONE(GetGR)
NONE(GetIP)
NONE(GetLanguageSpecificData)
NONE(GetRegionStart)
NONE(RaiseException)
NONE(Resume)
NONE(Resume_or_Rethrow)
NONE(SetGR)
NONE(SetIP)
