/* SPDX-License-Identifier: MIT */
/* Fuzzes fw_cfg: its registers, and requests that lie in guest memory. */
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/misc/fw_cfg.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/rig.h"

static struct rig rig;
static uint8_t constant[100], variable[64];

/* The input, consumed; zeroes behind its end. */
static const uint8_t *in;
static size_t left;

static uint8_t in8(void)
{
	return left ? left--, *in++ : 0;
}

static uint64_t in64(void)
{
	uint64_t val = 0;

	for (unsigned i = 0; i < 64; i += 8)
		val |= (uint64_t)in8() << i;
	return val;
}

static void make(void)
{
	const struct fw_cfg_item items[] = {
		{ .file = "etc/constant", .data = constant, .size = 100 },
		{ .file = "etc/variable",
		  .data = variable,
		  .size = 64,
		  .writable = true },
		{ .key = 8, .data = constant, .size = 4 },
		{ .key = 9 },
	};
	struct err err;

	rig_init(&rig);
	rig_device(&rig, &fw_cfg_mmio_class, NULL, 0);
	memset(constant, 0xa5, sizeof(constant));
	for (unsigned i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (fw_cfg_add((struct fw_cfg *)rig.dev, &items[i], &err) < 0)
			abort();
}

/* Addresses that are in RAM, at its edges, or anywhere. */
static uint64_t address(void)
{
	static const uint64_t near[] = { RIG_RAM, RIG_RAM2 - 8, RIG_ROM,
					 RIG_RAM2 + RIG_RAM2_SIZE - 8 };
	uint8_t how = in8();

	return how & 1 ? in64() : near[how >> 1 & 3] + (how >> 3);
}

static void request(void)
{
	uint64_t at = address();
	uint32_t control = (uint32_t)in8() << 24 | in8();
	uint32_t len = in8() & 1 ? (uint32_t)in64() : in8();
	uint64_t to = address();

	/* Filling all of RAM again and again finds nothing but time. */
	if (len > 0x1000 && len < 0x40000000)
		len &= 0xfff;
	(void)!mem_store_le32(&rig.mem, at, control);
	(void)!mem_store_le32(&rig.mem, at + 4, __builtin_bswap32(len));
	(void)!mem_store_le64(&rig.mem, at + 8, __builtin_bswap64(to));
	bus_write(&rig.mmio, 16, 8, __builtin_bswap64(at));
}

static void do_one(void)
{
	unsigned size = 1u << in8() % 4;
	uint64_t off = in8() % 32, val;

	switch (in8() % 4) {
	case 0: bus_read(&rig.mmio, off, size, &val); break;
	case 1: bus_write(&rig.mmio, off, size, in64()); break;
	case 2: bus_write(&rig.mmio, 8, 2, (uint64_t)in8() << 8); break;
	case 3: request(); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	in = bytes;
	left = size < 2048 ? size : 2048;
	log_threshold = LOG_LEVEL_ERROR;
	make();
	while (left)
		do_one();
	for (unsigned i = 0; i < sizeof(constant); i++)
		if (constant[i] != 0xa5)
			abort();
	rig_destroy(&rig);
	return 0;
}
