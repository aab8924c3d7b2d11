/* SPDX-License-Identifier: MIT */
/* cpu/ppc64: reset state, register table, translation, hypercalls of CPUs. */
#include <endian.h>
#include <string.h>

#include "cpu/ppc64/papr.h"
#include "cpu/ppc64/regs.h"
#include "cpu/ppc64/step.h"
#include "cpu/target.h"
#include "hw/core/boot_start.h"
#include "tests/test.h"

static struct mem m;

static void ram(uint64_t size)
{
	static const struct mem_config plain;
	struct err err = { 0 };

	m = (struct mem){ 0 };
	CHECK_EQ(mem_add_ram(&m, 0, size, &plain, &err), 0);
}

static void put(gpa_t gpa, uint64_t val)
{
	CHECK_EQ(mem_store_le64(&m, gpa, htobe64(val)), 0);
}

static uint64_t walk(const struct ppc64_regs *r, uint64_t ea)
{
	gpa_t gpa;

	return target_ppc64.translate(r, &m, ea, &gpa) ? gpa : UINT64_MAX;
}

/* ---- reset and registers */

TEST(ppc64_resets_to_real_mode_at_the_system_reset_vector)
{
	struct ppc64_regs r;

	target_ppc64.reset(&r, NULL);
	CHECK_EQ(r.msr, 1ull << 63 | 1 << 12);
	CHECK_EQ(r.pc, 0x100);
	CHECK_EQ(target_ppc64.code_address(&r), 0x100);
	CHECK(target_ppc64.secondaries_off);
}

TEST(ppc64_entry_has_its_arguments_in_r3_to_r6_and_the_byte_order_asked_for)
{
	struct boot_start s = { .mode = BOOT_PPC64LE,
				.pc = 0x40000,
				.arg = { 3, 4, 5, 6 } };
	struct ppc64_regs r;

	target_ppc64.reset(&r, &s);
	CHECK_EQ(r.pc, 0x40000);
	for (unsigned i = 3; i < 7; i++)
		CHECK_EQ(r.gpr[i], i);
	CHECK_EQ(r.msr & 1, 1);
	s.mode = BOOT_PPC64BE;
	target_ppc64.reset(&r, &s);
	CHECK_EQ(r.msr & 1, 0);
	CHECK_EQ(r.msr, PPC64_MSR_SF | PPC64_MSR_ME);
	s.mode = BOOT_PPC32BE;
	target_ppc64.reset(&r, &s);
	CHECK_EQ(r.msr, PPC64_MSR_ME);
}

/* GDB manual, G.5.9: each feature's registers, in gdb's order. */
TEST(ppc64_register_table_is_gdbs)
{
	static const struct {
		const char *feature, *first, *last;
		unsigned n;
	} want[] = {
		{ "org.gnu.gdb.power.core", "r0", "xer", 38 },
		{ "org.gnu.gdb.power.fpu", "f0", "fpscr", 33 },
		{ "org.gnu.gdb.power.altivec", "vr0", "vrsave", 34 },
		{ "org.gnu.gdb.power.vsx", "vs0h", "vs31h", 32 },
	};
	const struct reg *r = target_ppc64.regs;

	for (unsigned i = 0; i < 4; i++) {
		unsigned n = 0;

		CHECK_STR(r->name, want[i].feature);
		CHECK_STR(r[1].name, want[i].first);
		for (r++; r->bits; r++) {
			CHECK(r->off + r->bits / 8u <= target_ppc64.regs_size);
			n++;
		}
		CHECK_EQ(n, want[i].n);
		CHECK_STR(r[-1].name, want[i].last);
	}
	CHECK_STR(r->name, "org.vmm.ppc64.system");
	for (r++; r->bits; r++)
		;
	CHECK_STR(r->name, "org.gnu.gdb.power.linux");
}

TEST(ppc64_breakpoint_is_the_same_in_both_byte_orders)
{
	uint8_t insn[8];

	CHECK_EQ(target_ppc64.breakpoint(NULL, 4, insn), 4);
	CHECK_EQ(insn[0], insn[3]);
	CHECK_EQ(insn[1], insn[2]);
	CHECK_EQ(target_ppc64.breakpoint(NULL, 2, insn), 0);
}

/* ---- translation */

TEST(ppc64_real_mode_is_untranslated)
{
	struct ppc64_regs r;

	target_ppc64.reset(&r, NULL);
	CHECK_EQ(walk(&r, 0x1234), 0x1234);
	CHECK_EQ(walk(&r, 0xc000000000001234), 0x1234);
}

#define VALID (1ull << 63)
#define LEAF  (1ull << 62)

/* 52 bits: 13, 9, 9, 9 of index and 12 of page, as Linux has them. */
static void radix(struct ppc64_regs *r)
{
	ram(1 << 20);
	target_ppc64.reset(r, NULL);
	r->msr |= PPC64_MSR_DR | PPC64_MSR_IR;
	r->pid = 5;
	r->prtbl = PPC64_PRTBL_RADIX | 0x1000; /* 4 KiB: 256 processes */
	/* RTS 21: 0b10 above, 0b101 below */
	put(0x1000, 2ull << 61 | 0x10000 | 5 << 5 | 13);
	put(0x1000 + 5 * 16, 2ull << 61 | 0x20000 | 5 << 5 | 13);
	/* the kernel: 2 MiB at 0, 4 KiB at 2 MiB */
	put(0x10000, VALID | 0x30000 | 9);
	put(0x30000, VALID | 0x31000 | 9);
	put(0x31000, VALID | LEAF | 0x40000000);
	put(0x31008, VALID | 0x32000 | 9);
	put(0x32008, VALID | LEAF | 0x7000);
	/* the process: 1 GiB at 1 GiB */
	put(0x20000, VALID | 0x33000 | 9);
	put(0x33008, VALID | LEAF | 0x80000000);
}

TEST(ppc64_radix_finds_pages_of_each_size_by_process)
{
	struct ppc64_regs r;

	radix(&r);
	CHECK_EQ(walk(&r, 0xc000000000012345), 0x40012345);
	CHECK_EQ(walk(&r, 0xc000000000201234), 0x7234);
	CHECK_EQ(walk(&r, 0x0000000052345678), 0x92345678);
	CHECK_EQ(walk(&r, 0xc000000000202234), UINT64_MAX); /* not valid */
	CHECK_EQ(walk(&r, 0x0000000000000000), UINT64_MAX);
	CHECK_EQ(walk(&r, 0x4000000000000000), UINT64_MAX); /* quadrant 1 */
	CHECK_EQ(walk(&r, 0xc010000000012345), UINT64_MAX); /* 53rd bit */
	r.pid = 256;					    /* past the table */
	CHECK_EQ(walk(&r, 0x0000000052345678), UINT64_MAX);
	mem_destroy(&m);
}

TEST(ppc64_radix_ends_on_hostile_trees)
{
	struct ppc64_regs r;

	radix(&r);
	put(0x31008, VALID | 0x31000 | 9); /* itself: too deep */
	CHECK_EQ(walk(&r, 0xc000000000201234), UINT64_MAX);
	put(0x31008, VALID | 0x32000 | 4); /* too narrow */
	CHECK_EQ(walk(&r, 0xc000000000201234), UINT64_MAX);
	put(0x31008, VALID | 0x32000 | 31); /* wider than what is left */
	CHECK_EQ(walk(&r, 0xc000000000201234), UINT64_MAX);
	put(0x31008, VALID | 0xffffffff000 | 9); /* outside RAM */
	CHECK_EQ(walk(&r, 0xc000000000201234), UINT64_MAX);
	put(0x1000, 0); /* no root */
	CHECK_EQ(walk(&r, 0xc000000000012345), UINT64_MAX);
	r.prtbl = PPC64_PRTBL_RADIX | 0x40000000;
	CHECK_EQ(walk(&r, 0xc000000000012345), UINT64_MAX);
	mem_destroy(&m);
}

/* A hash table of 256 KiB: 2048 groups. */
static uint64_t htab[2048 * 8][2];

static bool htab_read(void *opaque, uint64_t index, uint64_t pte[2])
{
	(void)opaque;
	CHECK(index < 2048 * 8);
	memcpy(pte, htab[index], sizeof(htab[index]));
	return true;
}

static const struct ppc64_hash hash_table = { .read = htab_read, .shift = 18 };

static void hash(struct ppc64_regs *r)
{
	memset(htab, 0, sizeof(htab));
	ram(4096);
	target_ppc64.reset(r, NULL);
	r->msr |= PPC64_MSR_DR | PPC64_MSR_IR;
	r->hash = &hash_table;
}

TEST(ppc64_hash_finds_4k_pages_of_256m_segments_in_either_group)
{
	const uint64_t vsid = 0x123456, page = 0x2345;
	uint64_t h = (vsid ^ page) & 2047;
	uint64_t ava = (vsid << 5 | page >> 11) << 7;
	struct ppc64_regs r;

	hash(&r);
	r.slb[3].esid = 0xc000000000000000 | 1 << 27 | 3;
	r.slb[3].vsid = vsid << 12;
	CHECK_EQ(walk(&r, 0xc000000002345678), UINT64_MAX);
	htab[h * 8 + 7][0] = ava | 1;
	htab[h * 8 + 7][1] = 0x8000 | 0x190;
	CHECK_EQ(walk(&r, 0xc000000002345678), 0x8678);
	htab[h * 8 + 7][0] = ava | 3; /* says secondary, and is not there */
	CHECK_EQ(walk(&r, 0xc000000002345678), UINT64_MAX);
	htab[(~h & 2047) * 8][0] = ava | 3;
	htab[(~h & 2047) * 8][1] = 0x9000;
	CHECK_EQ(walk(&r, 0xc000000002345678), 0x9678);
	CHECK_EQ(walk(&r, 0xc000000012345678), UINT64_MAX); /* no segment */
	r.hash = NULL;
	CHECK_EQ(walk(&r, 0xc000000002345678), UINT64_MAX);
	mem_destroy(&m);
}

TEST(ppc64_hash_finds_larger_pages_in_segments_of_4k_and_64k_pages)
{
	static const struct {
		unsigned base;	/* log2 of the segment's pages */
		uint64_t found; /* what 0xc000000002345678 is */
		uint64_t lp;	/* in an entry that maps it from 0x7000000 on */
	} want[] = {
		{ 12, 0x7145678, 0x147 },  /* 64 KiB, at 0x7140000 */
		{ 12, 0x7345678, 0x38 },   /* 16 MiB */
		{ 16, 0x7145678, 0x141 },  /* 64 KiB */
		{ 16, 0x7345678, 0x08 },   /* 16 MiB */
		{ 16, UINT64_MAX, 0x145 }, /* no size that there is */
	};
	const uint64_t vsid = 0x123456;

	for (unsigned i = 0; i < sizeof(want) / sizeof(*want); i++) {
		uint64_t h = (vsid ^ 0x2345678 >> want[i].base) & 2047;
		struct ppc64_regs r;

		hash(&r);
		r.slb[0].esid = 0xc000000000000000 | 1 << 27;
		r.slb[0].vsid = vsid << 12 | (want[i].base == 16 ? 0x110 : 0);
		htab[h * 8][0] = (vsid << 5 | 0x2345678 >> 23) << 7 | 4 | 1;
		htab[h * 8][1] = 0x7000000 | want[i].lp << 12;
		CHECK_EQ(walk(&r, 0xc000000002345678), want[i].found);
		mem_destroy(&m);
	}
}

TEST(ppc64_hash_finds_16m_pages_of_1t_segments)
{
	const uint64_t vsid = 0x4567, page = 0x12; /* 16 MiB each */
	uint64_t h = (vsid ^ vsid << 25 ^ page) & 2047;
	uint64_t offset = page << 24 | 0x345678;
	struct ppc64_regs r;

	hash(&r);
	r.slb[0].esid = 0xc000000000000000 | 1 << 27;
	r.slb[0].vsid = 1ull << 62 | vsid << 24 | 0x100;
	htab[h * 8][0] = 1ull << 62 | (vsid << 17 | page << 1) << 7 | 4 | 1;
	htab[h * 8][1] = 0x5000000;
	CHECK_EQ(walk(&r, 0xc000000000000000 | offset), 0x5345678);
	mem_destroy(&m);
}

/* ---- steps */

/* The instruction words at 0x1000, in real mode; returns where they lead. */
static unsigned steps(bool le, const uint32_t *insn, unsigned n,
		      struct target_step at[TARGET_STEPS])
{
	struct ppc64_regs r;
	unsigned ret;

	ram(8192);
	target_ppc64.reset(&r, NULL);
	r.pc = 0x1000;
	r.lr = 0x1803;
	r.ctr = 0x1900;
	r.tar = 0x1a00;
	r.srr0 = 0x1b00;
	r.msr |= le ? 1 : 0;
	for (unsigned i = 0; i < n; i++)
		CHECK_EQ(mem_store_le32(&m, 0x1000 + 4 * i,
					le ? insn[i] : htobe32(insn[i])),
			 0);
	ret = target_ppc64.steps(&r, &m, at);
	mem_destroy(&m);
	return ret;
}

TEST(ppc64_steps_follow_branches_both_ways)
{
	static const struct {
		uint32_t insn;
		uint64_t first, second; /* 0: none */
	} want[] = {
		{ 0x60000000, 0x1004, 0 },	 /* nop */
		{ 0x48000010, 0x1010, 0 },	 /* b .+16 */
		{ 0x4bfffff1, 0x0ff0, 0 },	 /* bl .-16 */
		{ 0x48000102, 0x0100, 0 },	 /* ba 0x100 */
		{ 0x41820020, 0x1020, 0x1004 },	 /* beq .+32 */
		{ 0x4082fff0, 0x0ff0, 0x1004 },	 /* bne .-16 */
		{ 0x4e800020, 0x1800, 0x1004 },	 /* blr */
		{ 0x4e800420, 0x1900, 0x1004 },	 /* bctr */
		{ 0x4e800460, 0x1a00, 0x1004 },	 /* bctar */
		{ 0x4c000024, 0x1b00, 0 },	 /* rfid */
		{ 0x4c0000a4, 0x1800, 0 },	 /* rfscv */
		{ 0x44000002, 0x0c00, 0x1004 },	 /* sc */
		{ 0x44000001, 0x17000, 0x1004 }, /* scv 0 */
		{ 0x44000021, 0x17020, 0x1004 }, /* scv 1 */
		{ 0x06000000, 0x1008, 0 },	 /* prefixed */
	};

	for (unsigned i = 0; i < 2 * sizeof(want) / sizeof(*want); i++) {
		struct target_step at[TARGET_STEPS];
		unsigned n = want[i / 2].second ? 2 : 1;

		CHECK_EQ(steps(i % 2, &want[i / 2].insn, 1, at), n);
		CHECK_EQ(at[0].addr, want[i / 2].first);
		if (n > 1)
			CHECK_EQ(at[1].addr, want[i / 2].second);
		CHECK_EQ(at[0].kind, 4);
	}
}

/* A stop between the two would lose the reservation, for ever. */
TEST(ppc64_steps_over_a_reservation_to_its_end)
{
	static const uint32_t swap[] = {
		0x7c601828, /* lwarx r3,0,r3 */
		0x7c032000, /* cmpw r3,r4 */
		0x40820010, /* bne- .+16 */
		0x7ca0192d, /* stwcx. r5,0,r3 */
		0x40a2fff0, /* bne- .-16 */
	};
	static const uint32_t endless[20] = { 0x7c601828 };
	struct target_step at[TARGET_STEPS];

	CHECK_EQ(steps(true, swap, 5, at), 2);
	CHECK_EQ(at[0].addr, 0x1018);
	CHECK_EQ(at[1].addr, 0x1010);
	/* no store in sight: as any other instruction */
	CHECK_EQ(steps(true, endless, 20, at), 1);
	CHECK_EQ(at[0].addr, 0x1004);
}

TEST(ppc64_steps_end_where_interrupts_lead)
{
	struct target_step at[TARGET_FAULTS];
	struct ppc64_regs r;
	unsigned n;

	target_ppc64.reset(&r, NULL);
	r.msr |= PPC64_MSR_LE;
	CHECK_EQ(target_ppc64.faults(&r, at), 0); /* big-endian handlers */
	r.lpcr = PPC64_LPCR_ILE;
	n = target_ppc64.faults(&r, at);
	CHECK(n && at[0].real && at[0].addr == 0x300);
	r.lpcr |= UINT64_C(3) << PPC64_LPCR_AIL_SHIFT;
	r.msr |= PPC64_MSR_IR | PPC64_MSR_DR;
	CHECK_EQ(target_ppc64.faults(&r, at), n);
	CHECK(!at[0].real && at[0].addr == 0xc000000000004300);
}

TEST(ppc64_steps_mask_interrupts_of_what_does_not_see_it)
{
	static const struct {
		uint32_t insn;
		bool maskable;
	} want[] = {
		{ 0x60000000, true },  /* nop */
		{ 0x44000001, true },  /* scv 0 */
		{ 0x4e800020, true },  /* blr */
		{ 0xe8610000, true },  /* ld r3,0(r1) */
		{ 0x7c6000a6, false }, /* mfmsr r3 */
		{ 0x7c600164, false }, /* mtmsrd r3 */
		{ 0x4c000024, false }, /* rfid */
		{ 0x4c0000a4, false }, /* rfscv */
	};
	struct ppc64_regs r;

	ram(8192);
	target_ppc64.reset(&r, NULL);
	r.msr |= PPC64_MSR_LE;
	r.pc = 0x1000;
	for (unsigned i = 0; i < sizeof(want) / sizeof(*want); i++) {
		CHECK_EQ(mem_store_le32(&m, 0x1000, want[i].insn), 0);
		CHECK_EQ(target_ppc64.maskable(&r, &m), want[i].maskable);
	}
	mem_destroy(&m);
}

TEST(ppc64_unmasks_where_the_guest_has_its_msr)
{
	const uint64_t ee = PPC64_MSR_EE;
	struct ppc64_regs r = { .pc = 0x1004 };

	ppc64_unmask(&r, 0x1000);
	CHECK(r.msr == ee && !r.srr1 && !r.ctr);
	r = (struct ppc64_regs){ .pc = 0xc000000000004300, .srr0 = 0x1000 };
	ppc64_unmask(&r, 0x1000);
	CHECK(r.srr1 == ee && !r.msr && !r.ctr);
	r = (struct ppc64_regs){ .pc = 0xc00, .srr0 = 0x1004 };
	ppc64_unmask(&r, 0x1000);
	CHECK(r.srr1 == ee && !r.msr && !r.ctr);
	r = (struct ppc64_regs){ .pc = 0xc000000000003000, .lr = 0x1004 };
	ppc64_unmask(&r, 0x1000);
	CHECK(r.ctr == ee && r.msr == ee && !r.srr1);
}

TEST(ppc64_illegal_instruction_is_a_program_interrupt_of_the_guests)
{
	/* A user's, with interrupts on and in this byte order. */
	const uint64_t user = UINT64_C(0x8000000000008033) | 1 << 14;
	struct ppc64_regs r = { .pc = 0x1000,
				.msr = user | 0x783f0000,
				.lpcr = PPC64_LPCR_ILE | PPC64_LPCR_AIL };

	ppc64_illegal(&r);
	CHECK_EQ(r.srr0, 0x1000);
	CHECK_EQ(r.srr1, user | 0x80000);
	CHECK_EQ(r.pc, UINT64_C(0xc000000000004700));
	CHECK_EQ(r.msr, UINT64_C(0x8000000000000031));
	/* In real mode and big-endian, where nothing is said of either. */
	r = (struct ppc64_regs){ .pc = 0x2000,
				 .msr = PPC64_MSR_SF | PPC64_MSR_ME,
				 .lpcr = PPC64_LPCR_AIL };
	ppc64_illegal(&r);
	CHECK_EQ(r.srr0, 0x2000);
	CHECK_EQ(r.pc, 0x700);
	CHECK_EQ(r.msr, PPC64_MSR_SF | PPC64_MSR_ME);
}

TEST(ppc64_steps_nowhere_without_code)
{
	struct target_step at[TARGET_STEPS];
	struct ppc64_regs r;

	ram(4096);
	target_ppc64.reset(&r, NULL);
	r.pc = 0x2000;
	CHECK_EQ(target_ppc64.steps(&r, &m, at), 0);
	mem_destroy(&m);
}

/* ---- hypercalls */

TEST(papr_set_mode_changes_the_byte_order_and_place_of_interrupts)
{
	uint64_t lpcr = 0, in[9] = { 1, 4 };

	CHECK_EQ(papr_set_mode(in, &lpcr), 0);
	CHECK_EQ(lpcr, 1ull << 25);
	in[0] = 3;
	in[1] = 3;
	CHECK_EQ(papr_set_mode(in, &lpcr), 0);
	CHECK_EQ(lpcr, 1ull << 25 | 3ull << 23);
	in[0] = 0;
	CHECK_EQ(papr_set_mode(in, &lpcr), 0);
	CHECK_EQ(lpcr, 1ull << 25);
	in[1] = 4;
	CHECK_EQ(papr_set_mode(in, &lpcr), 0);
	CHECK_EQ(lpcr, 0);
}

TEST(papr_set_mode_refuses_each_wrong_argument_by_its_number)
{
	static const struct {
		uint64_t in[4];
		long ret;
	} bad[] = {
		{ { 2, 4, 0, 0 }, -256 }, { { 1, 3, 0, 0 }, -256 },
		{ { 2, 3, 0, 0 }, -256 }, { { 1ull << 32, 4, 0, 0 }, -256 },
		{ { 0, 1, 0, 0 }, -55 },  { { 0, 5, 0, 0 }, -55 },
		{ { 1, 4, 1, 0 }, -56 },  { { 1, 4, 0, 1 }, -57 },
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		uint64_t in[9] = { 0 }, lpcr = 42;

		memcpy(in, bad[i].in, sizeof(bad[i].in));
		CHECK_EQ(papr_set_mode(in, &lpcr), bad[i].ret);
		CHECK_EQ(lpcr, 42);
	}
}

TEST(papr_process_table_is_registered_and_taken_back)
{
	uint64_t in[9] = { 0x18 | 4 | 1, 0x1e000000, 0, 12 };
	struct papr_mmu mmu = { .prtbl = PPC64_PRTBL_RADIX };

	CHECK_EQ(papr_process_table(in, true, &mmu), 0);
	CHECK(mmu.radix && mmu.gtse);
	CHECK_EQ(mmu.prtbl, PPC64_PRTBL_RADIX | 0x1e000000 | 12);
	in[0] = 0x10;
	CHECK_EQ(papr_process_table(in, true, &mmu), 0);
	CHECK_EQ(mmu.prtbl, PPC64_PRTBL_RADIX);
	CHECK(!mmu.gtse);
	memset(in, 0, sizeof(in));
	in[0] = 0x18;
	CHECK_EQ(papr_process_table(in, false, &mmu), 0);
	CHECK(!mmu.radix);
	CHECK_EQ(mmu.prtbl, 0);
}

TEST(papr_process_table_refuses_what_is_not_one)
{
	static const struct {
		uint64_t in[4];
		bool radix;
		long ret;
	} bad[] = {
		{ { 0x38 | 4, 0x10000, 0, 4 }, true, -4 },
		{ { 0x08 | 4, 0x10000, 0, 4 }, true, -4 },
		{ { 0x18, 0x10000, 0, 4 }, true, -4 }, /* hash */
		{ { 0x18 | 6, 0x10000, 0, 4 }, true, -4 },
		{ { 0x18 | 4, 0x10000, 0, 4 }, false, -4 }, /* radix */
		{ { 0x18 | 2, 0, 0, 0 }, false, -4 },	    /* segment table */
		{ { 0x18 | 4, 0x10800, 0, 4 }, true, -55 }, /* unaligned */
		{ { 0x18 | 4, 1ull << 60, 0, 4 }, true, -55 },
		{ { 0x18 | 4, 0x10000, 1, 4 }, true, -56 },
		{ { 0x18 | 4, 0x10000, 0, 25 }, true, -57 }, /* too large */
		{ { 0x18 | 4, 0x10000, 0, 5 }, true, -57 },  /* not aligned */
		{ { 0x18 | 4, 0, 0, UINT64_MAX }, true, -57 },
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct papr_mmu mmu = { .prtbl = 42 };
		uint64_t in[9] = { 0 };

		memcpy(in, bad[i].in, sizeof(bad[i].in));
		CHECK_EQ(papr_process_table(in, bad[i].radix, &mmu),
			 bad[i].ret);
		CHECK_EQ(mmu.prtbl, 42);
	}
}

TEST(ppc64_system_reset_tells_where_the_cpu_was)
{
	struct ppc64_regs r = { .pc = 0xc000000000001234,
				.lpcr = PPC64_LPCR_ILE };

	r.msr = PPC64_MSR_SF | PPC64_MSR_ME | PPC64_MSR_IR | PPC64_MSR_DR |
		UINT64_C(0x783f0000) | PPC64_MSR_LE;
	ppc64_system_reset(&r);
	CHECK_EQ(r.srr0, 0xc000000000001234);
	CHECK_EQ(r.srr1, PPC64_MSR_SF | PPC64_MSR_ME | PPC64_MSR_IR |
				 PPC64_MSR_DR | PPC64_MSR_LE);
	CHECK_EQ(r.pc, 0x100);
	CHECK_EQ(r.msr, PPC64_MSR_SF | PPC64_MSR_ME | PPC64_MSR_LE);
	r.lpcr = 0;
	ppc64_system_reset(&r);
	CHECK_EQ(r.msr, PPC64_MSR_SF | PPC64_MSR_ME);
}

TEST(ppc64_sdr1_tells_of_the_table_and_its_size)
{
	CHECK_EQ(ppc64_sdr1(UINT64_C(0x7fff40000000), 24),
		 UINT64_C(0x7fff40000006));
	CHECK_EQ(ppc64_sdr1(0x40000, 18), 0x40000);
}

#define VPA(f) ((uint64_t)(f) << 45)

/* One area after another of a CPU, in guest memory of 64 KiB. */
TEST(papr_areas_are_registered_in_their_order)
{
	static const struct {
		uint64_t in[3];
		uint32_t head; /* written at the area's length */
		long ret;
	} calls[] = {
		{ { VPA(3), 0, 0x2000 }, 64, -16 }, /* no VPA yet */
		{ { VPA(1), 0, 0 }, 640 << 16, -4 },
		{ { VPA(1), 0, 0x1040 }, 640 << 16, -4 },
		{ { VPA(1), 0, 0x1000 }, 639 << 16, -4 },
		{ { VPA(1), 0, 0x1e00 }, 640 << 16, -4 }, /* two pages */
		{ { VPA(1), 0, 0x10000 }, 640 << 16, -4 },
		{ { VPA(1), 0, 0x1000 }, 640 << 16, 0 },
		{ { VPA(3), 0, 0x2000 }, 7, -4 },
		{ { VPA(3), 0, 0x2000 }, 0xffffffff, -4 },
		{ { VPA(3), 0, 0x2000 }, 64, 0 },
		{ { VPA(2), 0, 0x3000 }, 47, -4 },
		{ { VPA(2), 0, 0x3000 }, 4096, 0 },
		{ { VPA(5), 0, 0 }, 0, -16 },
		{ { VPA(6), 0, 0 }, 0, 0 },
		{ { VPA(5), 0, 0 }, 0, -16 },
		{ { VPA(7), 0, 0 }, 0, 0 },
		{ { VPA(5), 0, 0 }, 0, 0 },
		{ { VPA(4), 0, 0 }, 0, -4 },
		{ { VPA(2), 0, 0x3000 }, 4096, -16 },
	};
	struct papr_areas a = { 0 };
	uint8_t status;

	ram(0x10000);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		uint64_t in[9] = { calls[i].in[0], calls[i].in[1],
				   calls[i].in[2] };
		uint32_t head = htobe32(calls[i].head);

		if (in[2] && in[2] < 0x10000)
			CHECK_EQ(mem_write(&m, in[2] + 4, &head, 4), 0);
		CHECK_EQ(papr_register_vpa(in, &m, &a), calls[i].ret);
	}
	CHECK_EQ(mem_read(&m, 0x1009, &status, 1), 0);
	CHECK_EQ(status, 2); /* shared, nothing else changed */
	mem_destroy(&m);
}
