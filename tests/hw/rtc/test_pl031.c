/* SPDX-License-Identifier: MIT */
/* The PL031 against its manual, Arm DDI 0224C. */
#include "hw/rtc/pl031.h"

#include "tests/support/rig.h"
#include "tests/test.h"

#define IRQ   2
#define START 1700000000 /* 2023-11-14T22:13:20 */

enum {
	DR = 0x00,
	MR = 0x04,
	LR = 0x08,
	CR = 0x0c,
	IMSC = 0x10,
	RIS = 0x14,
	MIS = 0x18,
	ICR = 0x1c,
};

static void pl031_rig(struct rig *r)
{
	rig_init(r);
	rig_device(r, &pl031_class, "base=2023-11-14T22:13:20", IRQ);
}

TEST(pl031_registers_are_as_after_reset_and_the_clock_runs)
{
	struct rig r;

	pl031_rig(&r);
	CHECK_EQ(rig_read32(&r, DR), START);
	rig_advance_ns(&r, 999999999);
	CHECK_EQ(rig_read32(&r, DR), START);
	rig_advance_ns(&r, 1);
	CHECK_EQ(rig_read32(&r, DR), START + 1);
	CHECK_EQ(rig_read32(&r, MR), 0);
	CHECK_EQ(rig_read32(&r, LR), 0);
	CHECK_EQ(rig_read32(&r, CR), 1);
	CHECK_EQ(rig_read32(&r, IMSC), 0);
	CHECK_EQ(rig_read32(&r, RIS), 0);
	CHECK_EQ(rig_read32(&r, MIS), 0);
	CHECK_EQ(rig_read32(&r, ICR), 0);
	rig_destroy(&r);
}

TEST(pl031_identifies_itself)
{
	static const uint8_t id[] = { 0x31, 0x10, 0x04, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1 };
	struct rig r;

	pl031_rig(&r);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(rig_read32(&r, 0xfe0 + 4 * i), id[i]);
	CHECK_EQ(rig_read8(&r, 0xff4), 0xf0); /* as edk2 reads it */
	CHECK_EQ(rig_read32(&r, 0xfdc), 0);
	rig_destroy(&r);
}

TEST(pl031_takes_words_and_reads_narrower)
{
	struct rig r;

	pl031_rig(&r);
	rig_write32(&r, MR, 0x12345678);
	CHECK_EQ(rig_read16(&r, MR), 0x5678);
	CHECK_EQ(rig_read8(&r, MR + 3), 0x12);
	CHECK_EQ(rig_read64(&r, DR), UINT64_MAX);
	rig_write16(&r, MR + 2, 0);
	CHECK_EQ(rig_read32(&r, MR), 0x12345678);
	rig_destroy(&r);
}

TEST(pl031_keeps_time_after_set)
{
	struct rig r;

	pl031_rig(&r);
	rig_advance_ns(&r, 400000000);
	rig_write32(&r, LR, 1000);
	CHECK_EQ(rig_read32(&r, LR), 1000);
	CHECK_EQ(rig_read32(&r, DR), 1000);
	rig_advance_ns(&r, 600000000);
	CHECK_EQ(rig_read32(&r, DR), 1001);
	rig_advance_s(&r, 4);
	CHECK_EQ(rig_read32(&r, DR), 1005);
	CHECK_EQ(rig_read32(&r, LR), 1000);
	device_reset(r.dev);
	CHECK_EQ(rig_read32(&r, DR), 1005);
	rig_destroy(&r);
}

/* 3.3.4: once enabled, writes to the bit have no effect. */
TEST(pl031_cannot_be_stopped)
{
	struct rig r;

	pl031_rig(&r);
	rig_write32(&r, CR, 0);
	CHECK_EQ(rig_read32(&r, CR), 1);
	rig_advance_s(&r, 1);
	CHECK_EQ(rig_read32(&r, DR), START + 1);
	rig_write32(&r, DR, 7);
	CHECK_EQ(rig_read32(&r, DR), START + 1);
	rig_destroy(&r);
}

TEST(pl031_alarm_rises_at_the_match_and_stays_until_cleared)
{
	struct rig r;

	pl031_rig(&r);
	rig_write32(&r, IMSC, UINT32_MAX);
	CHECK_EQ(rig_read32(&r, IMSC), 1);
	rig_write32(&r, MR, START + 10);
	rig_advance_ns(&r, 9999999999);
	CHECK(!r.level[IRQ]);
	rig_advance_ns(&r, 1);
	CHECK(r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, RIS), 1);
	CHECK_EQ(rig_read32(&r, MIS), 1);
	rig_advance_s(&r, 10);
	CHECK(r.level[IRQ]);
	rig_write32(&r, ICR, 0);
	CHECK(r.level[IRQ]);
	rig_write32(&r, ICR, 1);
	CHECK(!r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, RIS), 0);
	rig_advance_s(&r, 10);
	CHECK_EQ(rig_read32(&r, RIS), 0);
	rig_destroy(&r);
}

TEST(pl031_masked_alarm_shows_in_ris_only)
{
	struct rig r;

	pl031_rig(&r);
	rig_write32(&r, MR, START + 1);
	rig_advance_s(&r, 1);
	CHECK(!r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, RIS), 1);
	CHECK_EQ(rig_read32(&r, MIS), 0);
	rig_write32(&r, IMSC, 1);
	CHECK(r.level[IRQ]);
	device_reset(r.dev);
	CHECK(!r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, RIS), 0);
	rig_destroy(&r);
}

/* The comparator knows equality: what is past matches when the counter has
 * wrapped, and what is now, at once. */
TEST(pl031_match_in_the_past_waits_and_of_now_is_immediate)
{
	struct rig r;

	pl031_rig(&r);
	rig_write32(&r, IMSC, 1);
	rig_write32(&r, MR, START - 1);
	rig_advance_s(&r, 1000);
	CHECK(!r.level[IRQ]);
	rig_write32(&r, MR, START + 1000);
	CHECK(r.level[IRQ]);
	rig_destroy(&r);
}

TEST(pl031_setting_the_counter_to_the_match_raises_the_alarm)
{
	struct rig r;

	pl031_rig(&r);
	rig_write32(&r, IMSC, 1);
	rig_write32(&r, MR, 5000);
	rig_write32(&r, LR, 5000);
	CHECK(r.level[IRQ]);
	rig_write32(&r, ICR, 1);
	rig_write32(&r, LR, 4998);
	rig_advance_s(&r, 1);
	CHECK(!r.level[IRQ]);
	rig_advance_s(&r, 1);
	CHECK(r.level[IRQ]);
	rig_destroy(&r);
}

TEST(pl031_counter_wraps_and_still_matches)
{
	struct rig r;

	pl031_rig(&r);
	rig_write32(&r, IMSC, 1);
	rig_write32(&r, LR, UINT32_MAX);
	rig_write32(&r, MR, 2);
	rig_advance_s(&r, 1);
	CHECK_EQ(rig_read32(&r, DR), 0);
	rig_advance_s(&r, 1);
	CHECK(!r.level[IRQ]);
	rig_advance_s(&r, 1);
	CHECK(r.level[IRQ]);
	CHECK_EQ(rig_read32(&r, DR), 2);
	rig_destroy(&r);
}

TEST(pl031_base_reaches_the_last_year_that_fits)
{
	struct device *d = device_new(&pl031_class, "rtc");
	struct err err = { 0 };

	CHECK(device_configure(d, "base=2105-12-31T23:59:59", &err) == 0);
	CHECK(device_configure(d, "base=2106-01-01", &err) < 0);
	CHECK(strstr(err.hint, "from 1970 to 2105") != NULL);
	device_free(d);
}
