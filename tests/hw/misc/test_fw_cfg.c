/* SPDX-License-Identifier: MIT */
/* fw_cfg against QEMU's docs/specs/fw_cfg, and against a hostile guest. */
#include "hw/misc/fw_cfg.h"

#include <endian.h>
#include <errno.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define SELECT 8
#define DMA    16
#define REQ    RIG_RAM /* where the test's requests are */
#define BUF    (RIG_RAM + 0x1000)

static char text[] = "a file of some length";
static uint8_t kernel[] = { 1, 2, 3, 4, 5 };
static unsigned selected;

static void on_select(void *opaque)
{
	(void)opaque;
	selected++;
}

static struct fw_cfg *fw_cfg_rig(struct rig *r)
{
	struct fw_cfg_item items[] = {
		{ .file = "etc/text", .data = text, .size = sizeof(text) },
		{ .key = 0x11,
		  .data = kernel,
		  .size = sizeof(kernel),
		  .select = on_select },
		{ .file = "opt/more",
		  .data = kernel,
		  .size = 3,
		  .writable = true },
	};
	struct err err = { 0 };
	struct fw_cfg *s;

	rig_init(r);
	s = (struct fw_cfg *)rig_device(r, &fw_cfg_mmio_class, NULL, 0);
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(fw_cfg_add(s, &items[i], &err), 0);
	memcpy(kernel, "\1\2\3\4\5", 5);
	selected = 0;
	return s;
}

static void choose(struct rig *r, uint16_t key)
{
	rig_write16(r, SELECT, htobe16(key));
}

/* One request; the control word that comes back. */
static uint32_t dma(struct rig *r, uint32_t control, uint32_t len, uint64_t at)
{
	uint32_t words[2] = { htobe32(control), htobe32(len) };
	uint32_t answer = 0;

	at = htobe64(at);
	CHECK_EQ(mem_write(&r->mem, REQ, words, 8), 0);
	CHECK_EQ(mem_write(&r->mem, REQ + 8, &at, 8), 0);
	rig_write64(r, DMA, htobe64(REQ));
	CHECK_EQ(mem_read(&r->mem, REQ, &answer, 4), 0);
	return be32toh(answer);
}

TEST(fw_cfg_signs_itself)
{
	struct rig r;
	char sign[9] = { 0 };
	uint64_t val;

	fw_cfg_rig(&r);
	choose(&r, 0);
	for (int i = 0; i < 4; i++)
		sign[i] = (char)rig_read8(&r, 0);
	CHECK_STR(sign, "QEMU");
	CHECK_EQ(rig_read8(&r, 0), 0); /* behind the end */
	choose(&r, 1);
	CHECK_EQ(rig_read32(&r, 0), 3);
	val = rig_read64(&r, DMA);
	memcpy(sign, &val, 8);
	CHECK_STR(sign, "QEMU CFG");
	CHECK_EQ(rig_read32(&r, DMA + 4), val >> 32);
	CHECK_EQ(rig_read16(&r, SELECT), 0);
	rig_destroy(&r);
}

TEST(fw_cfg_reads_bytes_in_order_at_any_width)
{
	struct rig r;

	fw_cfg_rig(&r);
	choose(&r, 0x11);
	CHECK_EQ(selected, 1);
	CHECK_EQ(rig_read16(&r, 0), 0x0201);
	CHECK_EQ(rig_read8(&r, 0), 3);
	CHECK_EQ(rig_read32(&r, 0), 0x0504);
	CHECK_EQ(rig_read64(&r, 0), 0);
	choose(&r, 0x11 | 0x4000);
	CHECK_EQ(rig_read64(&r, 0), 0x0504030201);
	rig_write8(&r, 0, 0xff); /* not supported any more */
	choose(&r, 0x11);
	CHECK_EQ(rig_read8(&r, 0), 1);
	choose(&r, 0x1234);
	CHECK_EQ(rig_read64(&r, 0), 0);
	choose(&r, 0x11);
	device_reset(r.dev);
	CHECK_EQ(rig_read32(&r, 0), 0x554d4551); /* "QEMU" */
	rig_destroy(&r);
}

TEST(fw_cfg_directory_names_files_and_their_keys)
{
	struct rig r;
	struct {
		uint32_t count;
		struct {
			uint32_t size;
			uint16_t key, zero;
			char name[56];
		} file[3];
	} dir;

	fw_cfg_rig(&r);
	choose(&r, 0x19);
	for (unsigned i = 0; i < sizeof(dir); i++)
		((uint8_t *)&dir)[i] = rig_read8(&r, 0);
	CHECK_EQ(be32toh(dir.count), 2);
	CHECK_EQ(be32toh(dir.file[0].size), sizeof(text));
	CHECK_STR(dir.file[0].name, "etc/text");
	CHECK_STR(dir.file[1].name, "opt/more");
	CHECK_EQ(be32toh(dir.file[1].size), 3);
	CHECK_EQ(dir.file[2].key, 0);
	choose(&r, be16toh(dir.file[0].key));
	CHECK_EQ(rig_read8(&r, 0), 'a');
	rig_destroy(&r);
}

TEST(fw_cfg_takes_items_before_it_is_realized_as_a_machine_adds_them)
{
	struct fw_cfg_item item = { .file = "etc/early",
				    .data = text,
				    .size = sizeof(text) };
	struct device_env env = { 0 };
	struct err err = { 0 };
	struct fw_cfg *s = device_new(&fw_cfg_mmio_class, "fw-cfg");

	CHECK(s);
	CHECK_EQ(fw_cfg_add(s, &item, &err), 0);
	CHECK_EQ(device_realize(&s->dev, &env, &err), 0);
	CHECK_EQ(s->directory[3], 1);
	CHECK_STR((char *)s->directory + 12, "etc/early");
	device_free(&s->dev);
}

TEST(fw_cfg_dma_selects_skips_reads_and_fills_with_zeros)
{
	struct rig r;
	uint8_t got[8];

	fw_cfg_rig(&r);
	CHECK_EQ(mem_set(&r.mem, BUF, 0xee, 16), 0);
	CHECK_EQ(dma(&r, 0x11 << 16 | 0x08 | 0x02, 2, BUF), 0);
	CHECK_EQ(dma(&r, 0x04, 1, 0), 0);
	CHECK_EQ(dma(&r, 0x02, 4, BUF + 2), 0);
	CHECK_EQ(mem_read(&r.mem, BUF, got, 8), 0);
	CHECK_MEM(got, "\1\2\4\5\0\0\xee\xee", 8);
	/* in two halves, as 32-bit guests write it */
	CHECK_EQ(mem_store_le32(&r.mem, REQ, htobe32(0x11 << 16 | 0x08 | 0x02)),
		 0);
	CHECK_EQ(mem_store_le32(&r.mem, REQ + 4, htobe32(1)), 0);
	CHECK_EQ(mem_store_le64(&r.mem, REQ + 8, htobe64(BUF + 7)), 0);
	rig_write32(&r, DMA, 0);
	rig_write32(&r, DMA + 4, htobe32((uint32_t)REQ));
	CHECK_EQ(mem_read(&r.mem, BUF, got, 8), 0);
	CHECK_EQ(got[7], 1);
	rig_destroy(&r);
}

TEST(fw_cfg_dma_writes_what_is_writable_and_inside)
{
	struct rig r;

	fw_cfg_rig(&r);
	CHECK_EQ(mem_write(&r.mem, BUF, "xyz", 3), 0);
	CHECK_EQ(dma(&r, 0x21 << 16 | 0x08 | 0x10, 3, BUF), 0);
	CHECK_MEM(kernel, "xyz\4\5", 5);
	CHECK_EQ(dma(&r, 0x10, 1, BUF), 1); /* at the end */
	CHECK_EQ(dma(&r, 0x21 << 16 | 0x08 | 0x10, 4, BUF), 1);
	CHECK_EQ(dma(&r, 0x20 << 16 | 0x08 | 0x10, 1, BUF), 1);
	CHECK_EQ(dma(&r, 0x77 << 16 | 0x08 | 0x10, 1, BUF), 1);
	CHECK_EQ(text[0], 'a');
	rig_destroy(&r);
}

TEST(fw_cfg_dma_outside_of_ram_is_an_error)
{
	static const uint64_t bad[] = { 0, RIG_ROM, UINT64_MAX, UINT64_MAX - 2,
					RIG_RAM2 + RIG_RAM2_SIZE - 2 };
	struct rig r;
	uint32_t val;

	fw_cfg_rig(&r);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		choose(&r, 0x11);
		CHECK_EQ(dma(&r, 0x02, 4, bad[i]), 1);
		CHECK_EQ(dma(&r, 0x02, UINT32_MAX, bad[i]), 1);
		CHECK_EQ(rig_read8(&r, 0), 1); /* and nothing was taken */
		rig_write64(&r, DMA, htobe64(bad[i]));
	}
	choose(&r, 0x21);
	CHECK_EQ(dma(&r, 0x10, 3, 0), 1);
	CHECK_EQ(dma(&r, 0x04, UINT32_MAX, 0), 0);
	CHECK_EQ(dma(&r, 0x04, UINT32_MAX, 0), 0);
	CHECK_EQ(rig_read8(&r, 0), 0);
	CHECK_EQ(dma(&r, 0x02, UINT32_MAX, RIG_RAM), 1);
	/* its own request is overwritten: it was copied */
	CHECK_EQ(dma(&r, 0x11 << 16 | 0x08 | 0x02, 16, REQ), 0);
	CHECK_EQ(mem_load_le32(&r.mem, REQ + 4, &val), 0);
	CHECK_EQ(val, 5);
	rig_destroy(&r);
}

TEST(fw_cfg_registers_ignore_other_widths_and_places)
{
	struct rig r;

	fw_cfg_rig(&r);
	choose(&r, 0x11);
	rig_write8(&r, SELECT, 0);
	rig_write32(&r, SELECT, 0);
	rig_write16(&r, DMA, 0);
	rig_write64(&r, SELECT, 0);
	CHECK_EQ(rig_read8(&r, 0), 1);
	rig_destroy(&r);
}

TEST(fw_cfg_refuses_items_that_a_guest_could_not_tell_apart)
{
	static const char long_name[] =
		"12345678901234567890123456789012345678901234567890123456";
	struct fw_cfg_item item = { .file = "etc/text" };
	struct err err = { 0 };
	struct rig r;
	struct fw_cfg *s = fw_cfg_rig(&r);
	char name[16];

	CHECK_EQ(fw_cfg_add(s, &item, &err), -EEXIST);
	item.file = long_name;
	CHECK_EQ(fw_cfg_add(s, &item, &err), -EINVAL);
	CHECK(err.hint[0]);
	item.file = long_name + 1;
	CHECK_EQ(fw_cfg_add(s, &item, &err), 0);
	item.file = "";
	CHECK_EQ(fw_cfg_add(s, &item, &err), -EINVAL);
	item = (struct fw_cfg_item){ .key = 0x11 };
	CHECK_EQ(fw_cfg_add(s, &item, &err), -EEXIST);
	item.key = FW_CFG_FILE_FIRST;
	CHECK_EQ(fw_cfg_add(s, &item, &err), -EINVAL);
	item = (struct fw_cfg_item){ .file = name };
	while (s->n < FW_CFG_MAX_ITEMS) {
		snprintf(name, sizeof(name), "f%u", s->n);
		CHECK_EQ(fw_cfg_add(s, &item, &err), 0);
	}
	item.file = "one more";
	CHECK_EQ(fw_cfg_add(s, &item, &err), -ENOSPC);
	rig_destroy(&r);
}
