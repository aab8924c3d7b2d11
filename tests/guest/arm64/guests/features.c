// SPDX-License-Identifier: MIT
/*
 * Features of the CPU that a hypervisor may give or take: whether the ID
 * registers tell of them, and whether they then work (Arm ARM, D13.2).
 *
 * Command line: sve=0|1, pauth=0|1, pmu=0|1: what is to be found.
 */
#include "arch.h"
#include "arm64.h"
#include "guest.h"

#define FIELD(reg, shift) ((reg) >> (shift)&0xf)

#define SCTLR_ENIA    (1ull << 31)
#define CPACR_SVE     (3ull << 20 | 3ull << 16) /* FPEN, ZEN */
#define PMCR_E_C_LC   0x45
#define PMCNTEN_CYCLE (1ull << 31)

static uint64_t el1_ids(void *arg, struct frame *f)
{
	uint64_t *id = arg;

	(void)f;
	id[0] = sysreg_read("id_aa64pfr0_el1");
	id[1] = sysreg_read("id_aa64isar1_el1");
	id[2] = sysreg_read("id_aa64dfr0_el1");
	return 0;
}

/* The bytes of a vector, by RDVL X0, #1. */
static uint64_t el1_sve(void *arg, struct frame *f)
{
	register uint64_t x0 __asm__("x0") = 0;

	(void)arg, (void)f;
	sysreg_write("cpacr_el1", sysreg_read("cpacr_el1") | CPACR_SVE);
	__asm__ volatile(".inst 0x04bf5020" : "+r"(x0));
	return x0;
}

/* Whether PACIA X0, X1 signs a pointer and AUTIA takes that back. */
static uint64_t el1_pauth(void *arg, struct frame *f)
{
	const uint64_t pointer = (uintptr_t)arg, was = sysreg_read("sctlr_el1");
	register uint64_t x0 __asm__("x0") = pointer;
	register uint64_t x1 __asm__("x1") = 0x1234;
	uint64_t is_signed;

	(void)f;
	sysreg_write("s3_0_c2_c1_0", 0x0123456789abcdef); /* APIAKeyLo_EL1 */
	sysreg_write("sctlr_el1", was | SCTLR_ENIA);
	__asm__ volatile(".inst 0xdac10020" : "+r"(x0) : "r"(x1));
	is_signed = x0;
	__asm__ volatile(".inst 0xdac11020" : "+r"(x0) : "r"(x1));
	sysreg_write("sctlr_el1", was);
	return is_signed != pointer && x0 == pointer;
}

/* How far the cycle counter comes. */
static uint64_t el1_pmu(void *arg, struct frame *f)
{
	uint64_t from;

	(void)arg, (void)f;
	sysreg_write("pmcr_el0", PMCR_E_C_LC);
	sysreg_write("pmcntenset_el0", PMCNTEN_CYCLE);
	from = sysreg_read("pmccntr_el0");
	for (volatile unsigned i = 0; i < 1000; i++)
		;
	return sysreg_read("pmccntr_el0") - from;
}

/* True if fn returns something without an exception. */
static bool works(uint64_t (*fn)(void *arg, struct frame *f))
{
	static uint64_t target;
	uint64_t got;

	caught.count = 0;
	caught.on = true;
	got = el1_call(fn, &target);
	caught.on = false;
	return got && !caught.count;
}

static void feature(const char *name, bool told,
		    uint64_t (*fn)(void *arg, struct frame *f))
{
	const char *want = cmdline_get(name);
	bool wanted = want && parse_num(want);

	tap(told == wanted, "%s: the ID registers say %u", name, told);
	tap(works(fn) == wanted, "%s: it %s", name,
	    wanted ? "works" : "does not work");
}

int guest_main(void)
{
	uint64_t id[3];

	el1_call(el1_ids, id);
	feature("sve", FIELD(id[0], 32), el1_sve);
	/* by the architected or another algorithm */
	feature("pauth", FIELD(id[1], 4) || FIELD(id[1], 8), el1_pauth);
	feature("pmu", FIELD(id[2], 8) && FIELD(id[2], 8) != 0xf, el1_pmu);
	return tap_done();
}
