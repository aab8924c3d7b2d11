/* SPDX-License-Identifier: MIT */
/* Hypercalls about CPUs, over an accelerator that only notes what is asked. */
#include "cpu/ppc64/calls.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "tests/test.h"

#define VPA 0x1000u

static struct board_cpu cpus[3] = { { .hw_id = 0 },
				    { .hw_id = 8 },
				    { .hw_id = 16 } };
static struct board board = { .cpus = cpus, .ncpus = 3 };
static struct mem mem;
static struct papr_cpus p;
static struct hcalls h;
static uint64_t out[HCALL_REGS];

/* What was asked for, a bit a CPU. */
static unsigned lpcr_of, reset, woken;
static struct papr_mmu mmu;
static int answer; /* of mmu and characteristics */

static void fake_lpcr(struct papr_cpus *c, unsigned cpu)
{
	CHECK(c == &p);
	lpcr_of |= 1u << cpu;
}

static int fake_mmu(struct papr_cpus *c, const struct papr_mmu *m)
{
	CHECK(c == &p);
	mmu = *m;
	return answer;
}

static int fake_characteristics(struct papr_cpus *c, uint64_t words[2])
{
	CHECK(c == &p);
	words[0] = 0x11;
	words[1] = 0x22;
	return answer;
}

static void fake_reset(struct papr_cpus *c, unsigned cpu)
{
	CHECK(c == &p);
	reset |= 1u << cpu;
}

static void fake_wake(struct papr_cpus *c, unsigned cpu)
{
	CHECK(c == &p);
	woken |= 1u << cpu;
}

static const struct papr_ops ops = {
	.lpcr = fake_lpcr,
	.mmu = fake_mmu,
	.characteristics = fake_characteristics,
	.system_reset = fake_reset,
	.wake = fake_wake,
};

static void begin(bool radix)
{
	static const struct mem_config plain;
	struct err err = { 0 };

	lpcr_of = reset = woken = 0;
	answer = 0;
	board.ppc.radix = radix;
	mem = (struct mem){ 0 };
	CHECK_EQ(mem_add_ram(&mem, 0, 0x10000, &plain, &err), 0);
	papr_cpus_init(&p, &ops, &board, &mem);
	CHECK(p.areas != NULL);
	h = (struct hcalls){ 0 };
	CHECK_EQ(hcalls_add(&h, papr_hcalls, &p, &err), 0);
}

static void end(void)
{
	hcalls_free(&h);
	papr_cpus_destroy(&p);
	mem_destroy(&mem);
}

/* A call of the second CPU's. */
static long call(uint64_t nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	const uint64_t in[HCALL_REGS] = { a, b, c, d };

	return hcall_run(&h, 1, nr, in, out);
}

TEST(papr_mode_is_every_cpus_and_told_when_it_changes)
{
	begin(true);
	CHECK_EQ(call(0x31c, 1, 4, 0, 0), H_SUCCESS);
	CHECK_EQ(p.lpcr, PPC64_LPCR_ILE);
	CHECK_EQ(lpcr_of, 2);
	lpcr_of = 0;
	CHECK_EQ(call(0x31c, 1, 4, 0, 0), H_SUCCESS);
	CHECK_EQ(call(0x31c, 7, 4, 0, 0), H_UNSUPPORTED_FLAG(0));
	CHECK_EQ(lpcr_of, 0); /* as it was */
	CHECK_EQ(call(0x31c, 3, 3, 0, 0), H_SUCCESS);
	CHECK_EQ(lpcr_of, 2);
	/* An accelerator that cannot move interrupts says so. */
	CHECK_EQ(call(0x31c, 0, 3, 0, 0), H_SUCCESS);
	p.no_ail = true;
	CHECK_EQ(call(0x31c, 3, 3, 0, 0), H_UNSUPPORTED_FLAG(0));
	CHECK_EQ(p.lpcr, PPC64_LPCR_ILE);
	end();
}

TEST(papr_process_table_goes_to_the_accelerator)
{
	begin(true);
	CHECK_EQ(call(0x37c, 0x18 | 4 | 1, 0x10000, 0, 4), H_SUCCESS);
	CHECK(mmu.radix && mmu.gtse);
	CHECK_EQ(mmu.prtbl, PPC64_PRTBL_RADIX | 0x10000 | 4);
	answer = -EINVAL;
	CHECK_EQ(call(0x37c, 0x18 | 4 | 1, 0x20000, 0, 4), H_PARAMETER);
	mmu = (struct papr_mmu){ 0 };
	CHECK_EQ(call(0x37c, 0x18, 0, 0, 0), H_PARAMETER); /* hash */
	CHECK(!mmu.radix);
	end();
}

TEST(papr_characteristics_are_the_hosts_or_none)
{
	begin(true);
	CHECK_EQ(call(0x1c8, 0, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(out[0], 0x11);
	CHECK_EQ(out[1], 0x22);
	answer = -ENOTTY;
	CHECK_EQ(call(0x1c8, 0, 0, 0, 0), H_FUNCTION);
	end();
}

/* A call that names a CPU by its number does something to that one alone. */
static void of_one_cpu(uint64_t nr, const unsigned *done)
{
	CHECK_EQ(call(nr, 16, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(*done, 4);
	CHECK_EQ(call(nr, 2, 0, 0, 0), H_PARAMETER); /* an index, no number */
	CHECK_EQ(*done, 4);
}

TEST(papr_system_reset_is_of_one_cpu_all_or_all_others)
{
	begin(true);
	of_one_cpu(0x380, &reset);
	reset = 0;
	CHECK_EQ(call(0x380, UINT64_MAX - 1, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(reset, 5); /* the second calls */
	CHECK_EQ(call(0x380, UINT64_MAX, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(reset, 7);
	end();
}

TEST(papr_prod_wakes_and_confer_needs_a_cpu)
{
	begin(true);
	of_one_cpu(0xe8, &woken);
	CHECK_EQ(call(0xe4, 8, 1, 0, 0), H_SUCCESS);
	CHECK_EQ(call(0xe4, UINT64_MAX, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(call(0xe4, 3, 0, 0, 0), H_PARAMETER);
	end();
}

/* Each CPU has areas of its own, and a CPU that starts anew has none. */
TEST(papr_areas_are_of_the_cpu_that_is_named)
{
	const uint32_t head = htobe32(640 << 16);

	begin(true);
	CHECK_EQ(mem_write(&mem, VPA + 4, &head, sizeof(head)), 0);
	CHECK_EQ(call(0xdc, 1ull << 45, 8, VPA, 0), H_SUCCESS);
	CHECK_EQ(p.areas[1].vpa, VPA);
	CHECK_EQ(p.areas[0].vpa, 0);
	CHECK_EQ(call(0xdc, 1ull << 45, 9, VPA, 0), H_PARAMETER);
	CHECK_EQ(call(0xdc, 1ull << 45, 0, ~0ull << 12, 0), H_PARAMETER);
	papr_cpu_reset(&p, 1);
	CHECK_EQ(p.areas[1].vpa, 0);
	end();
}

/* LoPAR: no such address is free, where there is no register to take it. */
TEST(papr_watchpoints_are_none)
{
	begin(true);
	CHECK_EQ(call(0x24, 0, 0, 0, 0), H_SUCCESS);
	CHECK_EQ(call(0x24, 0x1004, 0, 0, 0), H_SUCCESS); /* neither access */
	CHECK_EQ(call(0x24, 0x1003, 0, 0, 0), H_RESERVED_DABR);
	CHECK_EQ(call(0x134, 0, 3, 0, 0), H_SUCCESS);
	CHECK_EQ(call(0x134, 0x1001, 1, 0, 0), H_RESERVED_DABR);
	CHECK_EQ(call(0x134, 0, 0, 0, 0), H_PARAMETER);
	CHECK_EQ(call(0x134, 0, 4, 0, 0), H_PARAMETER);
	end();
}

/* A table of 16 entries, of which the odd ones are valid. */
static bool entry(void *opaque, uint64_t index, uint64_t pte[2])
{
	CHECK(opaque == &p);
	CHECK(index < 16);
	pte[0] = index << 7 | 1;
	pte[1] = index << 12;
	return index % 2;
}

TEST(papr_hash_entries_are_read_one_or_four_at_a_time)
{
	begin(false);
	CHECK_EQ(call(0x0c, 0, 3, 0, 0), H_FUNCTION); /* there is no table */
	p.hash = (struct ppc64_hash){ entry, &p, 8 };
	CHECK_EQ(call(0x0c, 0, 3, 0, 0), H_SUCCESS);
	CHECK_EQ(out[0], 3 << 7 | 1);
	CHECK_EQ(out[1], 3 << 12);
	CHECK_EQ(call(0x0c, 0, 4, 0, 0), H_SUCCESS);
	CHECK_EQ(out[0], 0);
	CHECK_EQ(out[1], 0);
	CHECK_EQ(call(0x0c, 1ull << 37, 6, 0, 0), H_SUCCESS);
	CHECK_EQ(out[0], 0); /* 4: from the first of the four on */
	CHECK_EQ(out[3], 5 << 12);
	CHECK_EQ(out[6], 7 << 7 | 1);
	CHECK_EQ(out[8], 0); /* R12 */
	CHECK_EQ(call(0x0c, 0, 16, 0, 0), H_PARAMETER);
	CHECK_EQ(call(0x0c, 0, UINT64_MAX, 0, 0), H_PARAMETER);
	CHECK_EQ(call(0x0c, 1, 3, 0, 0), H_PARAMETER);
	end();
}

/* What KVM answers has a name here, and no function: H_FUNCTION if it comes. */
TEST(papr_calls_of_the_kernels_are_nobodys_if_they_come)
{
	static const uint16_t kernels[] = { 0x04,   0x08,   0x10,   0x14,
					    0x18,   0xe0,   0x124,  0x448,
					    0xf800, 0xf804, 0xf808, 0xf80c };

	begin(true);
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++)
		CHECK_EQ(call(kernels[i], 0, 0, 0, 0), H_FUNCTION);
	end();
}
