/* SPDX-License-Identifier: MIT */
/* SCSI commands against SPC-4 and SBC-3. */
#include "hw/scsi/scsi.h"

#include "tests/test.h"

#define BLOCKS 0x3000

static const struct scsi_disk disk = {
	.blocks = BLOCKS,
	.block = 512,
	.physical = 4096,
	.granule = 4096,
	.most = 1 << 20,
	.cached = true,
	.serial = "s-1",
};

static struct scsi_cmd c;

#define RUN(d, ...)                                                   \
	do {                                                          \
		static const uint8_t cdb[SCSI_CDB] = { __VA_ARGS__ }; \
		scsi_parse(d, true, cdb, &c);                         \
	} while (0)

static uint32_t sense(void)
{
	CHECK_EQ(c.action, SCSI_ANSWER);
	CHECK_EQ(c.status, SCSI_CHECK_CONDITION);
	CHECK_EQ(c.reply_len, 0);
	CHECK_EQ(c.sense[0], 0x70);
	CHECK_EQ(c.sense[7], 10);
	return (uint32_t)(c.sense[2] << 16 | c.sense[12] << 8 | c.sense[13]);
}

static void good(uint32_t len)
{
	CHECK_EQ(c.action, SCSI_ANSWER);
	CHECK_EQ(c.status, SCSI_GOOD);
	CHECK_EQ(c.reply_len, len);
}

static void moves(enum scsi_action action, uint64_t lba, uint64_t blocks)
{
	CHECK_EQ(c.action, action);
	CHECK_EQ(c.off, lba * 512);
	CHECK_EQ(c.len, blocks * 512);
}

TEST(scsi_read_and_write_of_every_length_name_their_blocks)
{
	RUN(&disk, 0x08, 0xe0 /* not of the address */, 0x12, 0x34, 2);
	moves(SCSI_READ, 0x1234, 2);
	RUN(&disk, 0x0a, 0, 0x12, 0x34, 0);
	moves(SCSI_WRITE, 0x1234, 256);
	CHECK(!c.fua);
	RUN(&disk, 0x28, 0, 0, 0, 0x12, 0x34, 0, 1, 0);
	moves(SCSI_READ, 0x1234, 256);
	RUN(&disk, 0x2a, 8, 0, 0, 0x12, 0x34, 0, 0, 1);
	moves(SCSI_WRITE, 0x1234, 1);
	CHECK(c.fua);
	RUN(&disk, 0xa8, 0, 0, 0, 0x12, 0x34, 0, 0, 0, 3);
	moves(SCSI_READ, 0x1234, 3);
	RUN(&disk, 0xaa, 0, 0, 0, 0x12, 0x34, 0, 0, 0, 3);
	moves(SCSI_WRITE, 0x1234, 3);
	RUN(&disk, 0x88, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0, 0, 0, 4);
	moves(SCSI_READ, 0x1234, 4);
	RUN(&disk, 0x8a, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0, 0, 0, 4);
	moves(SCSI_WRITE, 0x1234, 4);
	RUN(&disk, 0x28);
	good(0); /* no blocks */
}

TEST(scsi_blocks_outside_the_disk_are_refused)
{
	RUN(&disk, 0x28, 0, 0, 0, 0x30, 0, 0, 0, 1);
	CHECK_EQ(sense(), SCSI_OUT_OF_RANGE);
	RUN(&disk, 0x28, 0, 0, 0, 0x2f, 0xff, 0, 0, 2);
	CHECK_EQ(sense(), SCSI_OUT_OF_RANGE);
	RUN(&disk, 0x28, 0, 0, 0, 0x2f, 0xff, 0, 0, 1);
	moves(SCSI_READ, 0x2fff, 1);
	RUN(&disk, 0x8a, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,
	    0, 0, 2);
	CHECK_EQ(sense(), SCSI_OUT_OF_RANGE);
	RUN(&disk, 0x35, 0, 0xff, 0xff, 0xff, 0xff);
	CHECK_EQ(sense(), SCSI_OUT_OF_RANGE);
	RUN(&disk, 0x2f, 0, 0, 0, 0x30, 0, 0, 0, 1);
	CHECK_EQ(sense(), SCSI_OUT_OF_RANGE);
	RUN(&disk, 0x28, 0, 0, 0, 0, 0, 0, 0x08, 0x01); /* 1 MiB and more */
	CHECK_EQ(sense(), SCSI_INVALID_FIELD);
}

TEST(scsi_readonly_disk_is_protected)
{
	struct scsi_disk ro = disk;

	ro.readonly = true;
	RUN(&ro, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1);
	CHECK_EQ(sense(), SCSI_PROTECTED);
	RUN(&ro, 0x42, 0, 0, 0, 0, 0, 0, 0, 24);
	CHECK_EQ(sense(), SCSI_PROTECTED);
	RUN(&ro, 0x1a, 0, 0x08, 0, 255);
	good(24);
	CHECK_EQ(c.reply[2], 0x90);
	RUN(&ro, 0x28, 0, 0, 0, 0, 0, 0, 0, 1);
	moves(SCSI_READ, 0, 1);
}

TEST(scsi_inquiry_tells_what_it_is)
{
	static const uint8_t pages[] = { 0, 0x80, 0x83, 0xb0, 0xb1, 0xb2 };

	RUN(&disk, 0x12, 0, 0, 0, 255);
	good(36);
	CHECK_EQ(c.reply[0], 0);
	CHECK_EQ(c.reply[4], 31);
	CHECK_MEM(c.reply + 8, "VMM     VIRTUAL DISK    1.0 ", 28);
	RUN(&disk, 0x12, 0, 0, 0, 5);
	good(5); /* as many as were asked for */
	RUN(&disk, 0x12, 1, 0, 0, 255);
	good(10);
	CHECK_MEM(c.reply + 4, pages, 6);
	RUN(&disk, 0x12, 1, 0x80, 0, 255);
	good(7);
	CHECK_MEM(c.reply + 4, "s-1", 3);
	RUN(&disk, 0x12, 1, 0x83, 0, 255);
	good(4 + 4 + 8 + 3);
	CHECK_EQ(c.reply[7], 11);
	RUN(&disk, 0x12, 1, 0xb0, 0, 255);
	good(64);
	CHECK_EQ(c.reply[10] << 8 | c.reply[11], 2048); /* most, in blocks */
	CHECK_EQ(c.reply[27], SCSI_UNMAP_MAX);
	CHECK_EQ(c.reply[31], 8);
	RUN(&disk, 0x12, 1, 0xb2, 0, 255);
	good(8);
	CHECK_EQ(c.reply[5], 0x80);
	RUN(&disk, 0x12, 1, 0x84, 0, 255);
	CHECK_EQ(sense(), SCSI_INVALID_FIELD);
	RUN(&disk, 0x12, 0, 0x80, 0, 255);
	CHECK_EQ(sense(), SCSI_INVALID_FIELD);
}

TEST(scsi_capacity_in_both_forms)
{
	struct scsi_disk large = disk;

	RUN(&disk, 0x25);
	good(8);
	CHECK_MEM(c.reply, "\0\0\x2f\xff\0\0\x02\0", 8);
	RUN(&disk, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32);
	good(32);
	CHECK_MEM(c.reply, "\0\0\0\0\0\0\x2f\xff\0\0\x02\0", 12);
	CHECK_EQ(c.reply[13], 3);
	CHECK_EQ(c.reply[14], 0x80);
	large.blocks = UINT64_C(0x123456789);
	RUN(&large, 0x25);
	CHECK_MEM(c.reply, "\xff\xff\xff\xff", 4);
	RUN(&large, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8);
	good(8);
	CHECK_MEM(c.reply, "\0\0\0\x01\x23\x45\x67\x88", 8);
	RUN(&disk, 0x9e, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8);
	CHECK_EQ(sense(), SCSI_INVALID_FIELD);
}

TEST(scsi_mode_sense_has_caching_and_control)
{
	RUN(&disk, 0x1a, 0, 0x3f, 0, 255);
	good(4 + 20 + 12);
	CHECK_EQ(c.reply[0], 35);
	CHECK_EQ(c.reply[2], 0x10);
	CHECK_EQ(c.reply[4], 0x08);
	CHECK_EQ(c.reply[6], 0x04);
	CHECK_EQ(c.reply[24], 0x0a);
	RUN(&disk, 0x5a, 0, 0x08, 0, 0, 0, 0, 0, 255);
	good(8 + 20);
	CHECK_EQ(c.reply[1], 26);
	CHECK_EQ(c.reply[10], 0x04);
	RUN(&disk, 0x1a, 0, 0x48, 0, 255);
	CHECK_EQ(c.reply[6], 0); /* nothing is changeable */
	RUN(&disk, 0x1a, 0, 0xc8, 0, 255);
	CHECK_EQ(sense(), SCSI_NOT_SAVED);
	RUN(&disk, 0x1a, 0, 0x1c, 0, 255);
	CHECK_EQ(sense(), SCSI_INVALID_FIELD);
}

TEST(scsi_simple_commands)
{
	RUN(&disk, 0x00);
	good(0);
	RUN(&disk, 0x03, 0, 0, 0, 18);
	good(18);
	CHECK_EQ(c.reply[2], 0);
	RUN(&disk, 0x35);
	CHECK_EQ(c.action, SCSI_FLUSH);
	RUN(&disk, 0x91);
	CHECK_EQ(c.action, SCSI_FLUSH);
	RUN(&disk, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16);
	good(16);
	CHECK_EQ(c.reply[3], 8);
	RUN(&disk, 0x2f, 2, 0, 0, 0, 0, 0, 0, 1);
	CHECK_EQ(sense(), SCSI_INVALID_FIELD);
	RUN(&disk, 0x41);
	CHECK_EQ(sense(), SCSI_INVALID_COMMAND);
	RUN(&disk, 0xff);
	CHECK_EQ(sense(), SCSI_INVALID_COMMAND);
}

TEST(scsi_absent_unit_says_so)
{
	static const uint8_t inquiry[SCSI_CDB] = { 0x12, 0, 0, 0, 255 };
	static const uint8_t page[SCSI_CDB] = { 0x12, 1, 0, 0, 255 };
	static const uint8_t ready[SCSI_CDB] = { 0x00 };
	static const uint8_t read[SCSI_CDB] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1 };
	static const uint8_t ask[SCSI_CDB] = { 0x03, 0, 0, 0, 18 };
	static const uint8_t luns[SCSI_CDB] = { 0xa0, 0, 0, 0, 0, 0, 0, 0, 16 };

	scsi_parse(&disk, false, inquiry, &c);
	good(36);
	CHECK_EQ(c.reply[0], 0x7f);
	scsi_parse(&disk, false, page, &c);
	CHECK_EQ(sense(), SCSI_INVALID_FIELD);
	scsi_parse(&disk, false, ready, &c);
	CHECK_EQ(sense(), SCSI_NO_LUN);
	scsi_parse(&disk, false, read, &c);
	CHECK_EQ(sense(), SCSI_NO_LUN);
	scsi_parse(&disk, false, ask, &c);
	good(18);
	CHECK_EQ(c.reply[12], 0x25);
	scsi_parse(&disk, false, luns, &c);
	good(8);
	CHECK_EQ(c.reply[3], 0);
}

static void put_range(uint8_t *p, uint32_t lba, uint32_t n)
{
	memset(p, 0, 16);
	for (unsigned i = 0; i < 4; i++) {
		p[7 - i] = (uint8_t)(lba >> 8 * i);
		p[11 - i] = (uint8_t)(n >> 8 * i);
	}
}

TEST(scsi_unmap_names_ranges)
{
	struct scsi_range range[SCSI_UNMAP_MAX];
	uint8_t p[8 + 16 * 33] = { 0, 0, 0, 32 };
	struct scsi_disk none = disk;

	RUN(&disk, 0x42, 0, 0, 0, 0, 0, 0, 0, 40);
	CHECK_EQ(c.action, SCSI_UNMAP);
	CHECK_EQ(c.len, 40);
	put_range(p + 8, 0x10, 8);
	put_range(p + 24, BLOCKS, 0);
	CHECK_EQ(scsi_unmap(&disk, p, 40, range, &c), 2);
	CHECK_EQ(range[0].off, 0x10 * 512);
	CHECK_EQ(range[0].len, 4096);
	CHECK_EQ(range[1].len, 0);
	put_range(p + 24, BLOCKS - 1, 2);
	CHECK_EQ(scsi_unmap(&disk, p, 40, range, &c), (uint64_t)-1);
	CHECK_EQ(sense(), SCSI_OUT_OF_RANGE);
	CHECK_EQ(scsi_unmap(&disk, p, 39, range, &c), (uint64_t)-1);
	CHECK_EQ(sense(), SCSI_INVALID_PARAM);
	CHECK_EQ(scsi_unmap(&disk, p, 7, range, &c), (uint64_t)-1);
	p[2] = 2; /* 34 of them */
	CHECK_EQ(scsi_unmap(&disk, p, sizeof(p), range, &c), (uint64_t)-1);
	RUN(&disk, 0x42, 0, 0, 0, 0, 0, 0, 0x03, 0);
	CHECK_EQ(sense(), SCSI_INVALID_FIELD);
	none.granule = 0;
	RUN(&none, 0x42, 0, 0, 0, 0, 0, 0, 0, 24);
	CHECK_EQ(sense(), SCSI_INVALID_COMMAND);
}
