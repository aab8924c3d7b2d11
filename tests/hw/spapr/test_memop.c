/* SPDX-License-Identifier: MIT */
/* H_LOGICAL_MEMOP: RAM and devices, both directions, its bounds. */
#include "hw/spapr/memop.h"

#include <string.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define DEVICE 0x40000000

static uint32_t reg;
static unsigned writes;

static uint64_t dev_read(void *opaque, uint64_t off, unsigned size)
{
	(void)opaque, (void)off, (void)size;
	return reg;
}

static void dev_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	(void)opaque, (void)off, (void)size;
	reg = (uint32_t)val;
	writes++;
}

static const struct region_ops dev_ops = {
	.read = dev_read, .write = dev_write, .min_size = 4, .max_size = 4
};

static long memop(struct rig *r, uint64_t dst, uint64_t src, uint64_t size,
		  uint64_t n, uint64_t op)
{
	uint64_t in[HCALL_REGS] = { dst, src, size, n, op }, out[HCALL_REGS];

	return memop_hcalls[0].fn(&r->env, 0, in, out);
}

TEST(memop_copies_overlapping_ranges_either_way)
{
	struct rig r;
	char got[9] = "";

	rig_init(&r);
	CHECK_EQ(mem_write(&r.mem, RIG_RAM, "abcdefgh", 8), 0);
	CHECK_EQ(memop(&r, RIG_RAM + 2, RIG_RAM, 0, 6, 0), H_SUCCESS);
	CHECK_EQ(mem_read(&r.mem, RIG_RAM, got, 8), 0);
	CHECK_STR(got, "ababcdef");
	CHECK_EQ(memop(&r, RIG_RAM, RIG_RAM + 2, 1, 3, 0), H_SUCCESS);
	CHECK_EQ(mem_read(&r.mem, RIG_RAM, got, 8), 0);
	CHECK_STR(got, "abcdefef");
	CHECK_EQ(memop(&r, RIG_RAM + 8, RIG_RAM, 3, 1, 1), H_SUCCESS);
	CHECK_EQ(mem_read(&r.mem, RIG_RAM + 8, got, 8), 0);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ((uint8_t)~got[i], "abcdefef"[i]);
	rig_destroy(&r);
}

TEST(memop_reaches_devices)
{
	struct region region = { .name = "reg", .size = 4, .ops = &dev_ops };
	struct err err = { 0 };
	uint32_t val = 0;
	struct rig r;

	rig_init(&r);
	CHECK_EQ(bus_add(&r.mmio, DEVICE, &region, &err), 0);
	CHECK_EQ(mem_write(&r.mem, RIG_RAM, "\1\2\3\4", 4), 0);
	CHECK_EQ(memop(&r, DEVICE, RIG_RAM, 2, 1, 0), H_SUCCESS);
	CHECK_EQ(reg, 0x04030201);
	CHECK_EQ(memop(&r, RIG_RAM + 4, DEVICE, 2, 1, 1), H_SUCCESS);
	CHECK_EQ(mem_read(&r.mem, RIG_RAM + 4, &val, 4), 0);
	CHECK_EQ(val, ~reg);
	/* Not a size that it takes; nothing there. */
	CHECK_EQ(memop(&r, DEVICE, RIG_RAM, 1, 1, 0), (uint64_t)H_PARAMETER);
	CHECK_EQ(memop(&r, DEVICE + 8, RIG_RAM, 2, 1, 0),
		 (uint64_t)H_PARAMETER);
	bus_remove(&region);
	rig_destroy(&r);
}

TEST(memop_bounds_what_it_does)
{
	struct rig r;

	rig_init(&r);
	CHECK_EQ(memop(&r, RIG_RAM, RIG_RAM, 4, 1, 0), (uint64_t)H_PARAMETER);
	CHECK_EQ(memop(&r, RIG_RAM, RIG_RAM, 0, 1, 2), (uint64_t)H_PARAMETER);
	CHECK_EQ(memop(&r, RIG_RAM + 1, RIG_RAM, 1, 1, 0),
		 (uint64_t)H_PARAMETER);
	CHECK_EQ(memop(&r, RIG_RAM, RIG_RAM + 4, 3, 1, 0),
		 (uint64_t)H_PARAMETER);
	CHECK_EQ(memop(&r, RIG_RAM, RIG_RAM, 0, MEMOP_MAX + 1, 0),
		 (uint64_t)H_PARAMETER);
	CHECK_EQ(memop(&r, RIG_RAM, RIG_RAM, 3, UINT64_MAX, 0),
		 (uint64_t)H_PARAMETER);
	CHECK_EQ(memop(&r, 0, RIG_RAM, 3, 1, 0), (uint64_t)H_PARAMETER);
	CHECK_EQ(memop(&r, RIG_ROM, RIG_RAM, 3, 1, 0), (uint64_t)H_PARAMETER);
	rig_destroy(&r);
}

/* The CPU answers to nobody meanwhile: what is slow is bounded lower. */
TEST(memop_bounds_what_it_does_to_devices)
{
	struct region region = { .name = "reg",
				 .size = MEMOP_MAX,
				 .ops = &dev_ops };
	struct err err = { 0 };
	struct rig r;

	rig_init(&r);
	CHECK_EQ(bus_add(&r.mmio, DEVICE, &region, &err), 0);
	writes = 0;
	CHECK_EQ(memop(&r, DEVICE, RIG_RAM, 2, MEMOP_MAX_IO, 0), H_SUCCESS);
	CHECK_EQ(writes, MEMOP_MAX_IO);
	CHECK_EQ(memop(&r, DEVICE, RIG_RAM, 2, MEMOP_MAX_IO + 1, 0),
		 (uint64_t)H_PARAMETER);
	CHECK_EQ(writes, 2 * MEMOP_MAX_IO);
	bus_remove(&region);
	rig_destroy(&r);
}
