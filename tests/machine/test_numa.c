/* SPDX-License-Identifier: MIT */
/* machine/virt/numa: each node has its RAM and CPUs, in one board and all. */
#include <stdlib.h>

#include "machine/virt/virt.h"
#include "tests/test.h"

#define GIB UINT64_C(0x40000000)
#define MIB UINT64_C(0x100000)

static struct board *make(enum arch arch, uint64_t memory, unsigned cpus,
			  const struct vm_numa *numa, unsigned n)
{
	struct vm_config c;
	struct err err = { 0 };
	struct board *b;

	vm_config_init(&c);
	c.arch = arch;
	c.memory.size = memory;
	c.cpus.count = cpus;
	c.numa = calloc(n + 1, sizeof(*numa));
	CHECK(c.numa);
	for (unsigned i = 0; i < n; i++)
		c.numa[i] = numa[i];
	c.nnuma = n;
	if (vm_config_check(&c, &err) < 0)
		fail_msg("%s", err.msg);
	b = board_make(&c, 44, &err);
	if (!b)
		fail_msg("%s", err.msg);
	vm_config_free(&c);
	return b;
}

static uint64_t ram_of(const struct board *b, uint32_t node)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < b->nram; i++)
		sum += b->ram[i].node == node ? b->ram[i].size : 0;
	return sum;
}

/* Ascending, without an empty piece, in the runs that a plain board has. */
static void check_runs(const struct board *b, const struct board *plain)
{
	unsigned i = 0, j = 0;

	while (j < plain->nram) {
		const struct board_range is = board_ram_run(b, &i);
		const struct board_range was = board_ram_run(plain, &j);

		CHECK_EQ(is.base, was.base);
		CHECK_EQ(is.size, was.size);
	}
	CHECK_EQ(i, b->nram);
	CHECK_EQ(board_ram_run(b, &i).size, 0);
	for (i = 0; i < b->nram; i++) {
		CHECK(b->ram[i].size);
		CHECK(!i || b->ram[i].node >= b->ram[i - 1].node);
	}
}

/* Of every size and number: all nodes alike, or the first takes what it says.
 */
TEST(numa_gives_every_byte_to_a_node_and_moves_none)
{
	static const enum arch archs[] = { ARCH_X86_64, ARCH_ARM64 };
	static const uint64_t sizes[] = { 16 * MIB, GIB, 3 * GIB,
					  3 * GIB + 5 * MIB, 5 * GIB };

	for (unsigned i = 0; i < 2 * 5 * BOARD_MAX_NODES * 2; i++) {
		unsigned n = 1 + i / 10 % BOARD_MAX_NODES;
		uint64_t size = sizes[i / 2 % 5], first = 0, sum = 0;
		struct vm_numa numa[BOARD_MAX_NODES] = { 0 };
		struct board *plain, *b;

		if (i >= 10 * BOARD_MAX_NODES)
			first = n == 1 ? size : (size / n / MIB + 1) * MIB / 2;
		first = first / MIB * MIB;
		for (unsigned k = 0; k < n; k++)
			numa[k].node = n - 1 - k;
		numa[n - 1].memory = first;
		plain = make(archs[i % 2], size, 2, NULL, 0);
		b = make(archs[i % 2], size, 2, numa, n);
		check_runs(b, plain);
		for (unsigned k = 0; k < n; k++)
			sum += ram_of(b, k);
		CHECK_EQ(sum, size);
		if (first)
			CHECK_EQ(ram_of(b, 0), first);
		for (unsigned k = !!first; k + 1 < n; k++)
			CHECK_EQ(ram_of(b, k),
				 (size - first) / (n - !!first) / MIB * MIB);
		board_free(b);
		board_free(plain);
	}
}

TEST(numa_shares_cpus_that_no_node_names)
{
	const struct vm_numa numa[3] = { { .node = 0 },
					 { .node = 1 },
					 { .node = 2 } };
	static const unsigned of8[] = { 0, 0, 0, 1, 1, 1, 2, 2 };
	struct board *b = make(ARCH_ARM64, GIB, 8, numa, 3);

	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(b->cpus[i].node, of8[i]);
	CHECK_EQ(b->sockets, 1);
	board_free(b);
	b = make(ARCH_ARM64, GIB, 6, numa, 3);
	CHECK_EQ(b->sockets, 3);
	for (unsigned i = 0; i < 6; i++)
		CHECK_EQ(b->cpus[i].node, b->cpus[i].socket);
	board_free(b);
}

/* A socket is a node only where it can be. */
TEST(numa_makes_no_socket_of_cpus_that_are_apart)
{
	struct vm_numa numa[2] = { { .node = 0 }, { .node = 1 } };
	struct board *b;

	for (unsigned i = 0; i < 4; i++)
		CPU_SET(i, &numa[i % 2].cpus);
	b = make(ARCH_X86_64, GIB, 4, numa, 2);
	CHECK_EQ(b->sockets, 1);
	CHECK_EQ(b->cpus[1].node, 1);
	CHECK_EQ(b->cpus[2].node, 0);
	CHECK_EQ(board_nodes(b), 2);
	board_free(b);
	CPU_ZERO(&numa[1].cpus);
	for (unsigned i = 0; i < 4; i++)
		CPU_SET(i, &numa[0].cpus);
	b = make(ARCH_X86_64, GIB, 4, numa, 2);
	CHECK_EQ(b->sockets, 1);
	CHECK_EQ(b->cpus[3].node, 0);
	CHECK_EQ(board_nodes(b), 2);
	board_free(b);
}

/* Three nodes: one says all, one how far another is, one nothing. */
TEST(numa_distances_hold_both_ways_until_a_node_says_its_own)
{
	const struct vm_numa numa[3] = {
		{ .node = 2 },
		{ .node = 1, .distance = { 17, 10 }, .ndistances = 2 },
		{ .node = 0, .distance = { 10, 15, 254 }, .ndistances = 3 },
	};
	static const uint8_t want[3][3] = {
		{ 10, 15, 254 },
		{ 17, 10, 20 },
		{ 254, 20, 10 },
	};
	struct board *b = make(ARCH_ARM64, GIB, 3, numa, 3);

	for (unsigned i = 0; i < 9; i++)
		CHECK_EQ(board_distance(b, i / 3, i % 3), want[i / 3][i % 3]);
	board_free(b);
	b = make(ARCH_X86_64, GIB, 3, &(struct vm_numa){ 0 }, 1);
	CHECK_EQ(board_distance(b, 0, 0), 10);
	CHECK_EQ(board_distance(b, 0, 1), 20);
	board_free(b);
}
