/* SPDX-License-Identifier: MIT */
/* Fuzzes a bank of flash against a model: a bit is set by an erase only. */
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/flash/cfi01.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/rig.h"

#define BASE 0x40000000
#define SIZE (2 * CFI01_SECTOR)

static struct rig rig;
static uint8_t before[SIZE];

/* The input, consumed; zeroes behind its end. */
static const uint8_t *in;
static size_t left;

static uint8_t in8(void)
{
	return left ? left--, *in++ : 0;
}

static uint32_t in32(void)
{
	uint32_t val = in8();

	val |= (uint32_t)in8() << 8;
	val |= (uint32_t)in8() << 16;
	return val | (uint32_t)in8() << 24;
}

static void make(bool readonly)
{
	struct cfi01 *s = device_new(&cfi01_class, "flash");
	struct err err;

	rig_init(&rig);
	if (!s)
		abort();
	s->size = SIZE;
	s->readonly = readonly;
	cfi01_set_base(s, BASE);
	if (device_realize(&s->dev, &rig.env, &err) < 0 ||
	    bus_add(&rig.mmio, 0, &s->dev.region, &err) < 0)
		abort();
	rig.dev = &s->dev;
}

/* What one access may do to a sector: nothing, clear bits, or erase lanes. */
static void check(const struct cfi01 *s, bool written)
{
	const uint8_t *now = s->store.data;

	if (!written || s->readonly) {
		if (memcmp(now, before, SIZE) != 0)
			abort();
		return;
	}
	for (size_t i = 0; i < SIZE; i++)
		if (now[i] & ~before[i] && now[i] != 0xff)
			abort();
	memcpy(before, now, SIZE);
}

/* The commands that there are, mostly; addresses near the edges. */
static void do_one(struct cfi01 *s)
{
	static const uint8_t commands[] = { 0x10, 0x20, 0x40, 0x50, 0x60, 0x01,
					    0xd0, 0x70, 0x90, 0x98, 0xb0, 0xe8,
					    0xff, 0x00, 0x2f, 0x01 };
	uint8_t what = in8();
	uint64_t off = in8() * 4 + (what & 0x80 ? SIZE / 2 - 512 : 0), val;
	unsigned size = 1u << (what & 3);

	off = what & 0x40 ? SIZE - 4 - off : off;
	switch (what >> 2 & 7) {
	case 0: bus_read(&rig.mmio, off, size, &val); break;
	case 1: bus_write(&rig.mmio, off, size, in32()); break;
	case 2: bus_write(&rig.mmio, off & ~3u, 4, in8() * 0x10001u); break;
	case 3: device_reset(&s->dev); break;
	default:
		val = commands[in8() % 16] * UINT64_C(0x10001);
		bus_write(&rig.mmio, off & ~3u, 4, val);
		break;
	}
	check(s, (what >> 2 & 7) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	in = bytes;
	left = size < 2048 ? size : 2048;
	log_threshold = LOG_LEVEL_ERROR;
	make(in8() & 1);
	memset(before, 0xff, SIZE);
	while (left)
		do_one((struct cfi01 *)rig.dev);
	rig_destroy(&rig);
	return 0;
}
