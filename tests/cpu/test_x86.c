/* SPDX-License-Identifier: MIT */
/* cpu/x86_64: reset state, page table walks, topology. */
#include "cpu/target.h"
#include "cpu/x86_64/cpuid.h"
#include "cpu/x86_64/regs.h"
#include "hw/core/boot_start.h"
#include "tests/test.h"

static struct mem m;

static void ram(void)
{
	static const struct mem_config plain;
	struct err err = { 0 };

	m = (struct mem){ 0 };
	CHECK_EQ(mem_add_ram(&m, 0, 0x10000, &plain, &err), 0);
}

static void put64(gpa_t gpa, uint64_t val)
{
	CHECK_EQ(mem_store_le64(&m, gpa, val), 0);
}

static void put32(gpa_t gpa, uint32_t val)
{
	CHECK_EQ(mem_store_le32(&m, gpa, val), 0);
}

static uint64_t walk(const struct x86_regs *r, uint64_t gva)
{
	gpa_t gpa;

	return target_x86_64.translate(r, &m, gva, &gpa) ? gpa : UINT64_MAX;
}

TEST(x86_resets_to_the_reset_vector)
{
	struct x86_regs r;

	target_x86_64.reset(&r, NULL);
	CHECK_EQ(r.rip, 0xfff0);
	CHECK_EQ(target_x86_64.code_address(&r), 0xfffffff0);
	CHECK_EQ(r.cr0, 0x60000010);
	CHECK_EQ(r.rflags, 2);
}

TEST(x86_long_mode_entry_has_paging_and_the_zero_page_in_rsi)
{
	struct boot_start s = { .mode = BOOT_X86_LONG,
				.pc = 0x1000000,
				.arg = { 0x7000 },
				.tables = 0x9000,
				.gdt = 0x500,
				.gdt_size = 32 };
	struct x86_regs r;

	target_x86_64.reset(&r, &s);
	CHECK_EQ(r.rip, 0x1000000);
	CHECK_EQ(r.gpr[6], 0x7000);
	CHECK_EQ(r.cr3, 0x9000);
	CHECK_EQ(r.efer, X86_EFER_LME | X86_EFER_LMA);
	CHECK_EQ(r.cs.attr & X86_SEG_L, X86_SEG_L);
	CHECK_EQ(r.gdtr.limit, 31);
}

TEST(x86_walks_four_levels_with_every_page_size)
{
	struct x86_regs r = { .cr0 = X86_CR0_PG | X86_CR0_PE,
			      .cr3 = 0x1000 | 0x18,
			      .cr4 = X86_CR4_PAE,
			      .efer = X86_EFER_LMA };

	ram();
	put64(0x1000, 0x2003);
	put64(0x1000 + 511 * 8, 0x2003);
	put64(0x2000, 0x3003);
	put64(0x2000 + 8, UINT64_C(0x8000000040000083)); /* 1 GiB, NX */
	put64(0x3000, 0x4003);
	put64(0x3000 + 8, 0x600083); /* 2 MiB */
	put64(0x4000 + 5 * 8, 0x7003);
	CHECK_EQ(walk(&r, 0x5123), 0x7123);
	CHECK_EQ(walk(&r, 0x6123), UINT64_MAX);
	CHECK_EQ(walk(&r, 0x212345), 0x612345);
	CHECK_EQ(walk(&r, 0x40123456), 0x40123456);
	CHECK_EQ(walk(&r, UINT64_C(0xffffff8000005123)), 0x7123);
	CHECK_EQ(walk(&r, UINT64_C(0x0000800000005123)), UINT64_MAX);
	r.cr3 = 0x7fff0000; /* outside RAM */
	CHECK_EQ(walk(&r, 0x5123), UINT64_MAX);
	mem_destroy(&m);
}

TEST(x86_walks_five_levels)
{
	struct x86_regs r = { .cr0 = X86_CR0_PG | X86_CR0_PE,
			      .cr3 = 0x1000,
			      .cr4 = X86_CR4_PAE | X86_CR4_LA57,
			      .efer = X86_EFER_LMA };

	ram();
	put64(0x1000 + 3 * 8, 0x2003); /* bits 48 to 56 */
	put64(0x1000 + 511 * 8, 0x2003);
	put64(0x2000 + 8, 0x3003);
	put64(0x3000, 0x4003);
	put64(0x4000, 0x5003);
	put64(0x5000 + 5 * 8, 0x7003);
	CHECK_EQ(walk(&r, UINT64_C(0x0003008000005123)), 0x7123);
	CHECK_EQ(walk(&r, UINT64_C(0xffff008000005123)), 0x7123);
	CHECK_EQ(walk(&r, UINT64_C(0x0003000000005123)), UINT64_MAX);
	/* Not canonical in 57 bits. */
	CHECK_EQ(walk(&r, UINT64_C(0x0203008000005123)), UINT64_MAX);
	mem_destroy(&m);
}

TEST(x86_walks_32_bit_and_pae_tables)
{
	struct x86_regs r = { .cr0 = X86_CR0_PG | X86_CR0_PE,
			      .cr3 = 0x1000,
			      .cr4 = X86_CR4_PSE };

	ram();
	put32(0x1000, 0x2003);
	put32(0x1000 + 4, 0x00c00083 | 1 << 13); /* 4 MiB, PSE-36 */
	put32(0x2000 + 4 * 3, 0x5003);
	CHECK_EQ(walk(&r, 0x3abc), 0x5abc);
	CHECK_EQ(walk(&r, 0x412345), UINT64_C(0x100c12345));
	r.cr4 |= X86_CR4_PAE;
	r.cr3 = 0x6020;
	put64(0x6020, 0x7001);
	put64(0x7000, 0x800083);
	CHECK_EQ(walk(&r, 0x123456), 0x923456);
	CHECK_EQ(walk(&r, 0x40000000), UINT64_MAX);
	r.cr0 = X86_CR0_PE;
	CHECK_EQ(walk(&r, 0x123456), 0x123456);
	mem_destroy(&m);
}

/* Where a step leads that the trap flag does not stop; 0: nowhere else. */
static uint64_t escape(const struct x86_regs *r, uint8_t a, uint8_t b)
{
	struct target_step at[TARGET_STEPS];
	uint8_t insn[2] = { a, b };
	unsigned n;

	CHECK_EQ(mem_write(&m, 0x5000, insn, 2), 0);
	n = target_x86_64.escapes(r, &m, at);
	CHECK(n <= 1);
	return n ? at[0].addr : 0;
}

TEST(x86_knows_what_escapes_the_trap_flag)
{
	struct x86_regs r = { .rip = 0x5000,
			      .efer = X86_EFER_LMA | X86_EFER_SCE,
			      .cs.attr = X86_SEG_L,
			      .lstar = 0xffffffff81000080,
			      .cstar = 0xffffffff81000100,
			      .sysenter_cs = 0x10,
			      .sysenter_eip = 0xffffffff81000200,
			      .idtr = { 0x6000, 0x81 * 16 - 1 } };

	ram();
	put64(0x6000 + 0x80 * 16, UINT64_C(0x8100ee0000100300));
	put64(0x6000 + 0x80 * 16 + 8, 0xffffffff);
	CHECK_EQ(escape(&r, 0x0f, 0x05), r.lstar);
	CHECK_EQ(escape(&r, 0x0f, 0x34), r.sysenter_eip);
	CHECK_EQ(escape(&r, 0xcd, 0x80), 0xffffffff81000300);
	CHECK_EQ(escape(&r, 0xcd, 0x7f), 0); /* not present */
	CHECK_EQ(escape(&r, 0xcd, 0x81), 0); /* beyond the limit */
	CHECK_EQ(escape(&r, 0x0f, 0x07), 0);
	CHECK_EQ(escape(&r, 0x90, 0x05), 0);
	r.cs.attr = 0;
	CHECK_EQ(escape(&r, 0x0f, 0x05), r.cstar);
	r.sysenter_cs = 0;
	CHECK_EQ(escape(&r, 0x0f, 0x34), 0);
	r.efer = X86_EFER_LMA;
	CHECK_EQ(escape(&r, 0x0f, 0x05), 0);
	r.efer = X86_EFER_SCE;
	CHECK_EQ(escape(&r, 0x0f, 0x05), 0);
	mem_destroy(&m);
}

TEST(x86_apic_ids_leave_gaps_for_odd_topologies)
{
	CHECK_EQ(x86_apic_id(3, 2, 0), 0);
	CHECK_EQ(x86_apic_id(3, 2, 5), 5);
	CHECK_EQ(x86_apic_id(3, 2, 6), 8); /* the next socket */
	CHECK_EQ(x86_apic_id(1, 1, 7), 7);
}

TEST(x86_cpuid_places_each_cpu_in_the_topology)
{
	struct board_cpu cpus[6];
	struct board b = {
		.cpus = cpus, .ncpus = 6, .sockets = 1, .cores = 3, .threads = 2
	};
	struct x86_cpuid c = {
		.e = { { 0, 0, false, 0x16, 0, 0, 0 },
		       { 1, 0, false, 0, 0xff000000, 0, 0 },
		       { 4, 0, true, 0x121, 0, 0, 0 },
		       { 0xb, 0, true, 9, 9, 9, 9 } },
		.n = 4,
	};

	for (unsigned i = 0; i < 6; i++)
		cpus[i] = (struct board_cpu){ .hw_id = x86_apic_id(3, 2, i) };
	x86_cpuid_place(&c, &b, 5);
	CHECK_EQ(x86_cpuid_find(&c, 1, 0)->ebx, 0x05080000);
	CHECK_EQ(x86_cpuid_find(&c, 1, 0)->edx, 1u << 28);
	CHECK_EQ(x86_cpuid_find(&c, 4, 0)->eax, 0x121 | 1 << 14 | 3 << 26);
	CHECK_EQ(x86_cpuid_find(&c, 0xb, 0)->ebx, 2);
	CHECK_EQ(x86_cpuid_find(&c, 0xb, 1)->eax, 3);
	CHECK_EQ(x86_cpuid_find(&c, 0xb, 1)->ebx, 6);
	CHECK_EQ(x86_cpuid_find(&c, 0xb, 1)->edx, 5);
	CHECK_EQ(x86_cpuid_find(&c, 0xb, 2)->ecx, 2);
	CHECK(!x86_cpuid_find(&c, 0x1f, 0));
}

TEST(x86_cpuid_tells_the_topology_once_more_where_the_host_has_leaf_1f)
{
	struct board_cpu cpus[8] = { [7].hw_id = x86_apic_id(2, 2, 7) };
	struct board b = {
		.cpus = cpus, .ncpus = 8, .sockets = 2, .cores = 2, .threads = 2
	};
	/* six levels of the host's, which are not ours */
	struct x86_cpuid c = {
		.e = { { 0, 0, false, 0x20, 0, 0, 0 },
		       { 0x1f, 0, true, 1, 2, 0x100, 99 },
		       { 0x1f, 1, true, 4, 16, 0x201, 99 },
		       { 0x1f, 2, true, 5, 32, 0x302, 99 },
		       { 0x1f, 3, true, 6, 64, 0x503, 99 } },
		.n = 5,
	};

	x86_cpuid_place(&c, &b, 7);
	for (uint32_t sub = 0; sub < 3; sub++) {
		const struct x86_cpuid_entry *e = x86_cpuid_find(&c, 0x1f, sub);
		const struct x86_cpuid_entry *old =
			x86_cpuid_find(&c, 0xb, sub);

		CHECK(e && old);
		CHECK_EQ(e->eax, old->eax);
		CHECK_EQ(e->ebx, old->ebx);
		CHECK_EQ(e->ecx, old->ecx);
		CHECK_EQ(e->edx, 7);
	}
	CHECK_EQ(x86_cpuid_find(&c, 0x1f, 0)->ecx, 0x100);
	CHECK_EQ(x86_cpuid_find(&c, 0x1f, 1)->ecx, 0x201);
	CHECK_EQ(x86_cpuid_find(&c, 0x1f, 1)->eax, 2);
	CHECK_EQ(x86_cpuid_find(&c, 0x1f, 1)->ebx, 4);
	CHECK(!x86_cpuid_find(&c, 0x1f, 3));
}

/* AMD APM volume 3, appendix E.4. */
TEST(x86_cpuid_has_amds_topology_leaves)
{
	struct board_cpu cpus[12] = {
		[11] = { .hw_id = x86_apic_id(3, 2, 11),
			 .socket = 1,
			 .core = 2,
			 .thread = 1 },
	};
	struct board b = { .cpus = cpus,
			   .ncpus = 12,
			   .sockets = 2,
			   .cores = 3,
			   .threads = 2 };
	struct x86_cpuid c = {
		.e = { { 0, 0, false, 0x10, 0x68747541, 0x444d4163,
			 0x69746e65 },
		       { 0x80000001, 0, false, 0, 0, 0, 0 },
		       { 0x80000008, 0, false, 0x3030, 0, 0x707f, 0 },
		       { 0x8000001d, 0, true, 0x121 | 63 << 14, 0, 0, 0 },
		       { 0x8000001d, 3, true, 0x163 | 63 << 14, 0, 0, 0 },
		       { 0x8000001e, 0, false, 99, 0xffff, 0x7ff, 9 } },
		.n = 6,
	};

	x86_cpuid_place(&c, &b, 11);
	CHECK_EQ(x86_cpuid_find(&c, 0x80000001, 0)->ecx, 1u << 22 | 1u << 1);
	/* six threads, three bits of an id for them; addresses as they were */
	CHECK_EQ(x86_cpuid_find(&c, 0x80000008, 0)->ecx, 0x3005);
	CHECK_EQ(x86_cpuid_find(&c, 0x80000008, 0)->eax, 0x3030);
	/* the first level is a core's, the third a socket's: eight ids */
	CHECK_EQ(x86_cpuid_find(&c, 0x8000001d, 0)->eax, 0x121 | 1 << 14);
	CHECK_EQ(x86_cpuid_find(&c, 0x8000001d, 3)->eax, 0x163 | 7 << 14);
	CHECK_EQ(x86_cpuid_find(&c, 0x8000001e, 0)->eax, cpus[11].hw_id);
	CHECK_EQ(x86_cpuid_find(&c, 0x8000001e, 0)->ebx, 0x102);
	CHECK_EQ(x86_cpuid_find(&c, 0x8000001e, 0)->ecx, 1);
	CHECK_EQ(x86_cpuid_find(&c, 0x8000001e, 0)->edx, 0);
	/* and Intel's, which Linux prefers on AMD, too */
	CHECK_EQ(x86_cpuid_find(&c, 0xb, 1)->ebx, 6);
}
