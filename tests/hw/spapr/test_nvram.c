/* SPDX-License-Identifier: MIT */
/* NVRAM by RTAS, and what stays of it. */
#include "hw/spapr/nvram.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define PARAM ((uint64_t)RTAS_PARAMETER)
#define BUF   (RIG_RAM + 0x100)

static int32_t call(struct device *dev, const char *name, uint32_t off,
		    uint32_t addr, uint32_t len, uint32_t *moved)
{
	struct rtas_args a = { .nargs = 3,
			       .nret = 2,
			       .arg = { off, addr, len } };
	int32_t ret = 1;

	for (const struct rtas_call *c = nvram_rtas; c->name; c++)
		if (!strcmp(c->name, name))
			ret = c->fn(dev, 0, &a);
	*moved = a.ret[1];
	return ret;
}

static void fetch(struct rig *r, uint32_t off, void *buf, uint32_t len)
{
	uint32_t moved;

	CHECK_EQ(call(r->dev, "nvram-fetch", off, BUF, len, &moved), RTAS_OK);
	CHECK_EQ(moved, len);
	CHECK_EQ(mem_read(&r->mem, BUF, buf, len), 0);
}

static void store(struct rig *r, uint32_t off, const void *buf, uint32_t len)
{
	uint32_t moved;

	CHECK_EQ(mem_write(&r->mem, BUF, buf, len), 0);
	CHECK_EQ(call(r->dev, "nvram-store", off, BUF, len, &moved), RTAS_OK);
	CHECK_EQ(moved, len);
}

/* LoPAR 8.1: the signature, the sum of the other bytes, 16-byte blocks. */
TEST(nvram_that_is_new_has_a_system_and_a_free_partition)
{
	static const uint8_t system[16] = { 0x70, 0xfc, 0x01, 0x00, 'c',
					    'o',  'm',	'm',  'o',  'n' };
	static const uint8_t space[16] = { 0x7f, 0x28, 0x0f, 0x00, 'w', 'w',
					   'w',	 'w',  'w',  'w',  'w', 'w',
					   'w',	 'w',  'w',  'w' };
	uint8_t got[16];
	struct rig r;

	rig_init(&r);
	rig_device(&r, &spapr_nvram_class, NULL, 0);
	fetch(&r, 0, got, 16);
	CHECK_MEM(got, system, 16);
	fetch(&r, 0x1000, got, 16);
	CHECK_MEM(got, space, 16);
	rig_destroy(&r);
}

TEST(nvram_keeps_what_is_stored_in_its_file)
{
	char file[] = "/tmp/vmm-nvram-XXXXXX", props[64];
	uint8_t got[5];
	struct rig r;
	int fd = mkstemp(file);

	CHECK(fd >= 0);
	close(fd);
	unlink(file); /* it makes it */
	snprintf(props, sizeof(props), "file=%s", file);
	rig_init(&r);
	rig_device(&r, &spapr_nvram_class, props, 0);
	store(&r, NVRAM_SIZE - 5, "there", 5);
	store(&r, 16, "hello", 5);
	device_reset(r.dev);
	fetch(&r, 16, got, 5);
	CHECK_MEM(got, "hello", 5);
	rig_destroy(&r);
	rig_init(&r);
	rig_device(&r, &spapr_nvram_class, props, 0);
	fetch(&r, NVRAM_SIZE - 5, got, 5);
	CHECK_MEM(got, "there", 5);
	fetch(&r, 16, got, 5);
	CHECK_MEM(got, "hello", 5);
	rig_destroy(&r);
	unlink(file);
}

TEST(nvram_refuses_what_is_outside)
{
	static const struct {
		uint32_t off, addr, len;
	} bad[] = {
		{ NVRAM_SIZE, BUF, 0 },
		{ NVRAM_SIZE - 1, BUF, 2 },
		{ 0, BUF, NVRAM_SIZE + 1 },
		{ 1, BUF, UINT32_MAX },
		{ UINT32_MAX, BUF, 1 },
		{ 0, 0x1000, 16 },
		{ 0, RIG_RAM2 + RIG_RAM2_SIZE - 8, 16 },
	};
	uint32_t moved;
	struct rig r;

	rig_init(&r);
	rig_device(&r, &spapr_nvram_class, NULL, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK_EQ(call(r.dev, "nvram-fetch", bad[i].off, bad[i].addr,
			      bad[i].len, &moved),
			 PARAM);
		CHECK_EQ(call(r.dev, "nvram-store", bad[i].off, bad[i].addr,
			      bad[i].len, &moved),
			 PARAM);
		CHECK_EQ(moved, 0);
	}
	CHECK_EQ(call(r.dev, "nvram-fetch", 0, RIG_ROM, 16, &moved), PARAM);
	rig_destroy(&r);
}
