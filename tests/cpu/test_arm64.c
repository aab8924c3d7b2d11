/* SPDX-License-Identifier: MIT */
/* cpu/arm64: reset state, register table, page table walks, --cpu. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/arm64/features.h"
#include "cpu/arm64/regs.h"
#include "cpu/target.h"
#include "hw/core/boot_start.h"
#include "tests/test.h"

static struct mem m;

/* Tables and pages are at RAM's base, as on the virt machine. */
#define RAM UINT64_C(0x40000000)

static void ram(uint64_t size)
{
	static const struct mem_config plain;
	struct err err = { 0 };

	m = (struct mem){ 0 };
	CHECK_EQ(mem_add_ram(&m, RAM, size, &plain, &err), 0);
}

static void put64(gpa_t gpa, uint64_t val)
{
	CHECK_EQ(mem_store_le64(&m, gpa, val), 0);
}

static void put32(gpa_t gpa, uint32_t val)
{
	CHECK_EQ(mem_store_le32(&m, gpa, val), 0);
}

static uint64_t walk(const struct arm64_regs *r, uint64_t gva)
{
	gpa_t gpa;

	return target_arm64.translate(r, &m, gva, &gpa) ? gpa : UINT64_MAX;
}

/* ---- reset and registers */

TEST(arm64_resets_to_el1_with_everything_off)
{
	struct arm64_regs r;

	target_arm64.reset(&r, NULL);
	CHECK_EQ(r.pstate, 0x3c5);
	CHECK_EQ(r.pc, 0);
	CHECK_EQ(r.sctlr_el1 & (1 | 1 << 2 | 1 << 12), 0); /* M, C, I */
	CHECK(!r.aarch32);
}

TEST(arm64_entry_has_its_arguments_in_x0_to_x3)
{
	struct boot_start s = { .mode = BOOT_ARM64,
				.pc = 0xffff000040200000,
				.arg = { 1, 2, 3, 4 } };
	struct arm64_regs r;

	target_arm64.reset(&r, &s);
	CHECK_EQ(r.pc, s.pc);
	CHECK_EQ(target_arm64.code_address(&r), s.pc);
	CHECK_EQ(r.pstate, 0x3c5);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(r.x[i], i + 1);
	CHECK_EQ(r.x[4], 0);
}

TEST(arm32_entry_is_supervisor_mode_in_the_state_that_pc_names)
{
	struct boot_start s = { .mode = BOOT_ARM32,
				.pc = 0x40008000,
				.arg = { 0, 0xffffffff, 0x48000000 } };
	struct arm64_regs r;

	target_arm64.reset(&r, &s);
	CHECK(r.aarch32);
	CHECK_EQ(r.pstate, 0x1d3);
	CHECK_EQ(r.x[1], 0xffffffff);
	CHECK_EQ(r.x[2], 0x48000000);
	s.pc |= 1;
	target_arm64.reset(&r, &s);
	CHECK_EQ(r.pstate, 0x1f3);
	CHECK_EQ(r.pc, 0x40008000);
}

static const struct reg *find(const char *name)
{
	for (const struct reg *r = target_arm64.regs; r->name; r++)
		if (!strcmp(r->name, name))
			return r;
	return NULL;
}

TEST(arm64_register_table_has_what_debuggers_ask_for)
{
	static const char *const wanted[] = {
		"x0",	     "x30",	  "sp",	       "pc",	     "cpsr",
		"v0",	     "v31",	  "fpsr",      "fpcr",	     "sp_el0",
		"sp_el1",    "elr_el1",	  "spsr_el1",  "esr_el1",    "far_el1",
		"vbar_el1",  "sctlr_el1", "ttbr0_el1", "ttbr1_el1",  "tcr_el1",
		"mair_el1",  "tpidr_el0", "tpidr_el1", "mpidr_el1",  "midr_el1",
		"cpacr_el1", "par_el1",	  "spsr_abt",  "dacr32_el2",
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		CHECK(find(wanted[i]));
	CHECK_EQ(find("x30")->off, offsetof(struct arm64_regs, x[30]));
	CHECK_EQ(find("v31")->off, offsetof(struct arm64_regs, v[31]));
	CHECK_EQ(find("cpsr")->bits, 32);
}

TEST(arm64_dump_shows_registers_and_the_code)
{
	struct arm64_regs r;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ram(0x10000);
	target_arm64.reset(&r, NULL);
	r.pc = RAM + 0x100;
	r.esr_el1 = 0x96000045;
	put32(r.pc, 0xd65f03c0);
	target_dump(&target_arm64, &r, &m, f);
	fclose(f);
	CHECK(strstr(text, "pc      0000000040000100"));
	CHECK(strstr(text, "esr_el1 0000000096000045"));
	CHECK(strstr(text, "code at 0x40000100:"));
	CHECK(strstr(text, " <c0> 03 5f d6 00"));
	free(text);
	mem_destroy(&m);
}

/* ---- AArch64's tables */

#define TABLE	   3u
#define PAGE	   3u
#define BLOCK	   1u
#define TCR_TG0(n) ((uint64_t)(n) << 14)
#define TCR_TG1(n) ((uint64_t)(n) << 30)
#define TCR_T0(n)  ((uint64_t)(n))
#define TCR_T1(n)  ((uint64_t)(n) << 16)
#define TCR_IPS(n) ((uint64_t)(n) << 32)

TEST(arm64_without_mmu_addresses_are_physical)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_RES1 };

	ram(0x1000);
	CHECK_EQ(walk(&r, 0x123456789a), 0x123456789a);
	r.aarch32 = true;
	CHECK_EQ(walk(&r, 0x123456789a), 0x3456789a);
	mem_destroy(&m);
}

TEST(arm64_walks_4k_granules_in_both_halves)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_M,
				.ttbr0_el1 = RAM | UINT64_C(7) << 48 | 1,
				.ttbr1_el1 = RAM + 0x4000,
				.tcr_el1 = TCR_T0(16) | TCR_TG0(0) |
					   TCR_T1(25) | TCR_TG1(2) };

	ram(0x10000);
	/* Four levels for 48 bits. */
	put64(RAM + 8, (RAM + 0x1000) | TABLE);
	put64(RAM + 0x1000 + 2 * 8, (RAM + 0x2000) | TABLE);
	put64(RAM + 0x1000 + 3 * 8, UINT64_C(0x80000000) | BLOCK);
	put64(RAM + 0x2000 + 3 * 8, (RAM + 0x3000) | TABLE);
	put64(RAM + 0x2000 + 4 * 8,
	      UINT64_C(0x0060000048600000) | BLOCK | 0x704);
	put64(RAM + 0x3000 + 4 * 8, UINT64_C(0x0040123456789000) | PAGE);
	put64(RAM + 0x3000 + 5 * 8, UINT64_C(0x123456789000) | BLOCK);
	CHECK_EQ(walk(&r, 0x8080604abc), 0x123456789abc);
	CHECK_EQ(walk(&r, 0x8080812345), 0x48612345);
	CHECK_EQ(walk(&r, 0x80c1234567), 0x81234567);
	CHECK_EQ(walk(&r, 0x8080605abc), UINT64_MAX); /* reserved at level 3 */
	CHECK_EQ(walk(&r, 0x8080606abc), UINT64_MAX); /* invalid */
	put64(RAM + 2 * 8, RAM | BLOCK);	      /* no blocks at level 0 */
	CHECK_EQ(walk(&r, UINT64_C(2) << 39), UINT64_MAX);
	put64(RAM + 3 * 8, UINT64_C(0x7fff00000000) | TABLE); /* no RAM */
	CHECK_EQ(walk(&r, UINT64_C(3) << 39), UINT64_MAX);
	/* Three levels for 39 bits in the upper half. */
	put64(RAM + 0x4000 + 511 * 8, UINT64_C(0x40000000) | BLOCK);
	CHECK_EQ(walk(&r, UINT64_C(0xffffffffc0012345)), 0x40012345);
	CHECK_EQ(walk(&r, UINT64_C(0xffffff7fffffffff)), UINT64_MAX);
	CHECK_EQ(walk(&r, UINT64_C(0x0001008080604abc)), UINT64_MAX);
	mem_destroy(&m);
}

TEST(arm64_ignores_a_tag_only_where_tcr_says_so)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_M,
				.ttbr0_el1 = RAM,
				.tcr_el1 = TCR_T0(25) | TCR_T1(25) };

	ram(0x1000);
	put64(RAM, UINT64_C(0x40000000) | BLOCK);
	CHECK_EQ(walk(&r, 0x1234), 0x40001234);
	CHECK_EQ(walk(&r, UINT64_C(0x5a00000000001234)), UINT64_MAX);
	r.tcr_el1 |= UINT64_C(1) << 37; /* TBI0 */
	CHECK_EQ(walk(&r, UINT64_C(0x5a00000000001234)), 0x40001234);
	CHECK_EQ(walk(&r, UINT64_C(0x5a01000000001234)), UINT64_MAX);
	r.tcr_el1 |= 1 << 7; /* EPD0 */
	CHECK_EQ(walk(&r, 0x1234), UINT64_MAX);
	mem_destroy(&m);
}

TEST(arm64_walks_16k_granules)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_M,
				.ttbr0_el1 = RAM,
				.ttbr1_el1 = RAM + 0x10000,
				.tcr_el1 = TCR_T0(17) | TCR_TG0(2) |
					   TCR_T1(16) | TCR_TG1(1) };

	ram(0x40000);
	/* 47 bits: levels 1 to 3, 2048 entries each. */
	put64(RAM + 3 * 8, (RAM + 0x4000) | TABLE);
	put64(RAM + 0x4000 + 5 * 8, (RAM + 0x8000) | TABLE);
	put64(RAM + 0x4000 + 6 * 8, UINT64_C(0x44000000) | BLOCK); /* 32M */
	put64(RAM + 0x8000 + 9 * 8, UINT64_C(0x4000c000) | PAGE);
	CHECK_EQ(walk(&r, UINT64_C(3) << 36 | 5 << 25 | 9 << 14 | 0x2345),
		 0x4000e345);
	CHECK_EQ(walk(&r, UINT64_C(3) << 36 | 6 << 25 | 0x1234567), 0x45234567);
	put64(RAM + 4 * 8, UINT64_C(0x40000000) | BLOCK); /* not at level 1 */
	CHECK_EQ(walk(&r, UINT64_C(4) << 36), UINT64_MAX);
	/* 48 bits: one bit more, so a level 0 of two entries. */
	put64(RAM + 0x10000 + 8, RAM | TABLE);
	CHECK_EQ(walk(&r, UINT64_C(0xffff800000000000) | UINT64_C(3) << 36 |
				  5 << 25 | 9 << 14),
		 0x4000c000);
	mem_destroy(&m);
}

TEST(arm64_walks_64k_granules_with_52_bit_outputs)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_M,
				.ttbr0_el1 = RAM,
				.tcr_el1 = TCR_T0(22) | TCR_TG0(1) |
					   TCR_T1(16) | TCR_TG1(3) };

	ram(0x40000);
	/* 42 bits: levels 2 and 3, 8192 entries each. */
	put64(RAM + 7 * 8, (RAM + 0x10000) | TABLE);
	put64(RAM + 8 * 8, UINT64_C(0x60000000) | BLOCK); /* 512M */
	put64(RAM + 0x10000 + 6 * 8, UINT64_C(0x43210000) | PAGE);
	CHECK_EQ(walk(&r, UINT64_C(7) << 29 | 6 << 16 | 0xabcd), 0x4321abcd);
	CHECK_EQ(walk(&r, UINT64_C(8) << 29 | 0x12345678), 0x72345678);
	/* 48 bits: a level 1 of 64 entries, aligned to 512 bytes. */
	r.ttbr1_el1 = RAM + 0x20200;
	put64(RAM + 0x20200 + 63 * 8, RAM | TABLE);
	CHECK_EQ(walk(&r, UINT64_C(0xffff000000000000) | UINT64_C(63) << 42 |
				  UINT64_C(7) << 29 | 6 << 16),
		 0x43210000);
	r.tcr_el1 |= TCR_IPS(6);
	put64(RAM + 0x10000 + 6 * 8, UINT64_C(0x43210000) | 0xa000 | PAGE);
	CHECK_EQ(walk(&r, UINT64_C(7) << 29 | 6 << 16), 0xa000043210000);
	r.ttbr0_el1 |= 1 << 2; /* bit 48 of its address */
	CHECK_EQ(walk(&r, UINT64_C(7) << 29 | 6 << 16), UINT64_MAX);
	mem_destroy(&m);
}

TEST(arm64_walks_five_levels_where_descriptors_are_of_52_bits)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_M,
				.ttbr0_el1 = RAM,
				.tcr_el1 = TCR_T0(12) | TCR_T1(12) |
					   UINT64_C(1) << 59 };

	ram(0x10000);
	/* A level -1 of 16 entries. */
	put64(RAM + 15 * 8, (RAM + 0x1000) | TABLE);
	put64(RAM + 0x1000 + 8, (RAM + 0x2000) | TABLE);
	put64(RAM + 0x1000 + 2 * 8, UINT64_C(0x3000000000000) | 0x300 | BLOCK);
	put64(RAM + 0x2000 + 8, UINT64_C(0x80000000) | 0x200 | BLOCK);
	CHECK_EQ(walk(&r, UINT64_C(15) << 48 | UINT64_C(1) << 39 | 1 << 30 | 5),
		 UINT64_C(0x8000080000005));
	CHECK_EQ(walk(&r, UINT64_C(15) << 48 | UINT64_C(2) << 39 | 5),
		 UINT64_C(0xf000000000005));
	mem_destroy(&m);
}

TEST(arm64_refuses_sizes_that_no_table_has)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_M, .ttbr0_el1 = RAM };

	ram(0x1000);
	for (unsigned i = 0; i < 0x1000; i += 8)
		put64(RAM + i, RAM | TABLE);
	for (unsigned tg = 0; tg < 4; tg++)
		for (unsigned size = 0; size < 64; size++) {
			uint64_t gpa;

			r.tcr_el1 = TCR_T0(size) | TCR_TG0(tg);
			gpa = walk(&r, 0);
			CHECK(gpa == RAM || gpa == UINT64_MAX);
			if (size < 12 || size > 51)
				CHECK_EQ(gpa, UINT64_MAX);
		}
	mem_destroy(&m);
}

/* ---- AArch32's tables */

TEST(arm32_walks_long_descriptors)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_M,
				.aarch32 = true,
				.ttbr0_el1 = RAM + 0x20,
				.ttbr1_el1 = RAM + 0x3000,
				.tcr_el1 = 1u << 31 };

	ram(0x10000);
	/* T0SZ and T1SZ 0: four entries of level 1. */
	put64(RAM + 0x20 + 3 * 8, (RAM + 0x1000) | TABLE);
	put64(RAM + 0x1000 + 2 * 8, (RAM + 0x2000) | TABLE);
	put64(RAM + 0x1000 + 3 * 8, UINT64_C(0x4500000000) | BLOCK);
	put64(RAM + 0x2000 + 8, UINT64_C(0x40005000) | PAGE);
	CHECK_EQ(walk(&r, 0xc0401678), 0x40005678);
	CHECK_EQ(walk(&r, UINT64_C(0xffffffffc0612345)), 0x4500012345);
	/* T0SZ 2, T1SZ 1: the lowest GiB, and the upper two from level 1. */
	r.tcr_el1 |= 2 | 1 << 16;
	r.ttbr0_el1 = RAM + 0x1000;
	put64(RAM + 0x3000 + 8, UINT64_C(0x80000000) | BLOCK);
	CHECK_EQ(walk(&r, 0x401678), 0x40005678);
	CHECK_EQ(walk(&r, 0xc0001234), 0x80001234);
	CHECK_EQ(walk(&r, 0x40401678), UINT64_MAX); /* between the two */
	r.tcr_el1 |= 1 << 7;
	CHECK_EQ(walk(&r, 0x401678), UINT64_MAX);
	mem_destroy(&m);
}

TEST(arm32_walks_short_descriptors)
{
	struct arm64_regs r = { .sctlr_el1 = ARM64_SCTLR_M,
				.aarch32 = true,
				.ttbr0_el1 = RAM | 0x6a,
				.ttbr1_el1 = RAM + 0x8000 };

	ram(0x10000);
	put32(RAM + 0xc00 * 4, 0x40000c02); /* section */
	put32(RAM + 0xc10 * 4, 0x03000002 | 1 << 18 | 2 << 20 | 1 << 5);
	put32(RAM + 0xc01 * 4, (RAM + 0x4000) | 1); /* second level */
	put32(RAM + 0x4000 + 5 * 4, 0x40007032);
	put32(RAM + 0x4000 + 0x10 * 4, 0x45670001); /* large page */
	CHECK_EQ(walk(&r, 0xc0012345), 0x40012345);
	CHECK_EQ(walk(&r, 0xc1023456), UINT64_C(0x1203023456));
	CHECK_EQ(walk(&r, 0xc0105678), 0x40007678);
	CHECK_EQ(walk(&r, 0xc0110123), 0x45670123);
	CHECK_EQ(walk(&r, 0xc0106000), UINT64_MAX);
	CHECK_EQ(walk(&r, 0xb0000000), UINT64_MAX);
	/* N 1: TTBR0 has the lower half, in a table of 8 KiB. */
	r.tcr_el1 = 1;
	r.ttbr0_el1 = RAM + 0x6000;
	put32(RAM + 0x6000 + 4, 0x50000002);
	put32(RAM + 0x8000 + 0xc00 * 4, 0x60000002);
	CHECK_EQ(walk(&r, 0x00112345), 0x50012345);
	CHECK_EQ(walk(&r, 0xc0012345), 0x60012345);
	r.tcr_el1 |= 1 << 5; /* PD1 */
	CHECK_EQ(walk(&r, 0xc0012345), UINT64_MAX);
	mem_destroy(&m);
}

/* ---- --cpu */

static unsigned feature(const char *name)
{
	unsigned i = 0;

	while (i < ARM64_FEATURES && strcmp(arm64_features[i].name, name))
		i++;
	return i;
}

TEST(arm64_cpu_names_features_and_aarch64)
{
	struct arm64_cpu c;
	struct err err = { 0 };

	CHECK_EQ(arm64_cpu_parse(NULL, &c, &err), 0);
	CHECK(!c.aarch32);
	CHECK_EQ(c.wish[ARM64_SVE], ARM64_AS_HOST);
	CHECK_EQ(arm64_cpu_parse("host,-sve,+aes,aarch64=on", &c, &err), 0);
	CHECK_EQ(c.wish[ARM64_SVE], ARM64_WITHOUT);
	CHECK_EQ(c.wish[feature("aes")], ARM64_WITH);
	CHECK_EQ(arm64_cpu_parse("host,aarch64=off", &c, &err), 0);
	CHECK(c.aarch32);
	CHECK_EQ(c.wish[ARM64_SVE], ARM64_WITHOUT);
	CHECK_EQ(c.wish[ARM64_PAUTH], ARM64_WITHOUT);
	CHECK_EQ(c.wish[ARM64_PMU], ARM64_AS_HOST);
}

TEST(arm64_cpu_mistakes_have_a_remedy)
{
	static const struct {
		const char *spec, *msg, *hint;
	} bad[] = {
		{ "cortex-a57", "there is no CPU model 'cortex-a57'",
		  "use host" },
		{ "host,-svee", "there is no CPU feature 'svee'",
		  "did you mean 'sve'?" },
		{ "host,sve", "'sve' is not a CPU feature", "write +FEATURE" },
		{ "host,", "'' is not a CPU feature", "write +FEATURE" },
		{ "host,+", "'+' is not a CPU feature", "write +FEATURE" },
		{ "host,aarch64=off,+sve", "a 32-bit CPU has no 'sve'", "" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct arm64_cpu c;
		struct err err = { 0 };

		CHECK_EQ(arm64_cpu_parse(bad[i].spec, &c, &err), -EINVAL);
		CHECK(strstr(err.msg, bad[i].msg));
		CHECK(strstr(err.hint, bad[i].hint));
	}
}

TEST(arm64_cpu_takes_features_out_of_id_registers)
{
	uint64_t id[ARM64_IDS] = { [ARM64_ISAR0] = 0x0000000000212220 };
	struct arm64_cpu c;
	struct err err = { 0 };

	CHECK_EQ(arm64_cpu_parse("host,-pmull,-sha2,-crc32,-atomics", &c, &err),
		 0);
	CHECK_EQ(arm64_cpu_select(&c, id, &err), 0);
	CHECK_EQ(id[ARM64_ISAR0], 0x0210); /* aes stays, and so does sha1 */
	CHECK_EQ(arm64_cpu_parse("host,+aes,-rng", &c, &err), 0);
	CHECK_EQ(arm64_cpu_select(&c, id, &err), 0);
	CHECK_EQ(id[ARM64_ISAR0], 0x0210);
	CHECK_EQ(arm64_cpu_parse("host,+pmull", &c, &err), 0);
	CHECK_EQ(arm64_cpu_select(&c, id, &err), -ENOTSUP);
	CHECK(strstr(err.msg, "does not offer 'pmull'"));
}

TEST(arm64_features_are_named_once_and_lose_something)
{
	for (unsigned i = 0; i < ARM64_FEATURES; i++) {
		const struct arm64_feature *f = &arm64_features[i];

		CHECK_EQ(feature(f->name), i);
		CHECK_EQ(f->id == ARM64_NO_ID, i < ARM64_VCPU_FEATURES);
		if (f->id != ARM64_NO_ID)
			CHECK(f->less < f->level && f->shift % 4 == 0);
	}
}

/* ---- what is derived for debuggers */

TEST(arm64_masks_leave_the_address_the_tag_and_bit_55)
{
	/* 48 bits below, 52 above; tags below only, in data only. */
	struct arm64_regs r = { .tcr_el1 = 16 | 12 << 16 | UINT64_C(1) << 37 |
					   UINT64_C(1) << 51 };

	arm64_masks(&r);
	CHECK_EQ(r.pauth_dmask, 0x007f000000000000);
	CHECK_EQ(r.pauth_cmask, 0xff7f000000000000);
	CHECK_EQ(r.pauth_dmask_high, 0xff70000000000000);
	CHECK_EQ(r.pauth_cmask_high, 0xff70000000000000);
	r.tcr_el1 = UINT64_C(3) << 37; /* as after reset */
	arm64_masks(&r);
	CHECK_EQ(r.pauth_dmask, 0);
}

TEST(arm64_shows_the_registers_of_an_aarch32_mode)
{
	/* In which x[] the last registers of each mode are: D1.21.1. */
	static const struct {
		uint64_t mode;
		unsigned r8, r13, r14;
	} modes[] = { { 0x10, 8, 13, 14 }, { 0x11, 24, 29, 30 },
		      { 0x12, 8, 17, 16 }, { 0x13, 8, 19, 18 },
		      { 0x17, 8, 21, 20 }, { 0x1b, 8, 23, 22 },
		      { 0x1f, 8, 13, 14 } };

	for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		struct arm64_regs r = { .pstate = modes[i].mode };

		for (unsigned n = 0; n < 31; n++)
			r.x[n] = 0x100 + n;
		r.fpcr = 0x03000000;
		r.fpsr = 0x08000001;
		arm64_view32(&r);
		CHECK_EQ(r.r[7], 0x107);
		CHECK_EQ(r.r[8], 0x100 + modes[i].r8);
		CHECK_EQ(r.r[13], 0x100 + modes[i].r13);
		CHECK_EQ(r.r[14], 0x100 + modes[i].r14);
		CHECK_EQ(r.fpscr, 0x0b000001);
		r.r[13] = 7;
		r.fpscr = 0xf0c00010;
		arm64_unview32(&r);
		CHECK_EQ(r.x[modes[i].r13], 7);
		CHECK_EQ(r.fpsr, 0xf0000010);
		CHECK_EQ(r.fpcr, 0x00c00000);
	}
}

TEST(arm64_breaks_by_the_instruction_of_the_state)
{
	struct arm64_regs r = { .pstate = 0x5 };
	uint8_t insn[8];

	CHECK_EQ(target_arm64.breakpoint(&r, 4, insn), 4);
	CHECK_MEM(insn, "\x00\x00\x20\xd4", 4);
	r.pstate = 0x1d3;
	CHECK_EQ(target_arm64.breakpoint(&r, 4, insn), 4);
	CHECK_MEM(insn, "\x70\x00\x20\xe1", 4);
	CHECK_EQ(target_arm64.breakpoint(&r, 3, insn), 2);
	CHECK_MEM(insn, "\x00\xbe", 2);
	CHECK_EQ(target_arm64.breakpoint(&r, 1, insn), 0);
}
