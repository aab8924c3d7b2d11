/* SPDX-License-Identifier: MIT */
/* The MC146818: calendar, formats, interrupts, CMOS RAM. */
#include "hw/rtc/cmos.h"

#include "tests/support/rig.h"
#include "tests/test.h"

#define IRQ 8

static void lab_make(struct rig *r, const char *props)
{
	rig_init(r);
	rig_device(r, &cmos_rtc_class, props, IRQ);
}

static uint8_t get(struct rig *r, uint8_t reg)
{
	rig_write8(r, 0, reg);
	return rig_read8(r, 1);
}

static void set(struct rig *r, uint8_t reg, uint8_t val)
{
	rig_write8(r, 0, reg);
	rig_write8(r, 1, val);
}

/* The calendar as a number to compare: YYYYMMDDhhmmss, in BCD mode. */
static uint64_t calendar(struct rig *r)
{
	static const uint8_t regs[] = { 0x32, 9, 8, 7, 4, 2, 0 };
	uint64_t val = 0;

	for (unsigned i = 0; i < sizeof(regs); i++)
		val = val << 8 | get(r, regs[i]);
	return val;
}

TEST(cmos_starts_at_the_date_given_and_counts)
{
	struct rig r;

	lab_make(&r, "base=2023-12-31T23:59:58");
	CHECK_EQ(calendar(&r), 0x20231231235958);
	CHECK_EQ(get(&r, 6), 1); /* a Sunday */
	rig_advance_s(&r, 1);
	CHECK_EQ(calendar(&r), 0x20231231235959);
	rig_advance_s(&r, 1);
	CHECK_EQ(calendar(&r), 0x20240101000000);
	rig_advance_s(&r, 59 * 86400);
	CHECK_EQ(calendar(&r), 0x20240229000000);
	rig_destroy(&r);
}

TEST(cmos_base_utc_is_the_wall_clock)
{
	struct rig r;

	lab_make(&r, "base=utc");
	CHECK_EQ(calendar(&r), 0x19700101000000); /* the rig's */
	rig_destroy(&r);
}

TEST(cmos_base_refuses_what_is_no_date)
{
	static const char *const bad[] = {
		"base=yesterday", "base=2023-13-01",	      "base=1969-12-31",
		"base=",	  "base=2023-01-01T25:00:00", "base=2300-01-01",
		"base=2023-1-1x",
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct device *d = device_new(&cmos_rtc_class, "rtc");
		struct err err = { 0 };

		CHECK(device_configure(d, bad[i], &err) < 0);
		CHECK(strstr(err.msg, "is not a date") != NULL);
		device_free(d);
	}
}

TEST(cmos_port_0_is_write_only_and_takes_bytes)
{
	struct rig r;

	lab_make(&r, "base=2023-12-31");
	rig_write8(&r, 0, 9);
	CHECK_EQ(rig_read8(&r, 0), 0xff);
	CHECK_EQ(rig_read16(&r, 0), 0xffff);
	rig_write8(&r, 0, 9 | 0x80); /* the NMI mask */
	CHECK_EQ(rig_read8(&r, 1), 0x23);
	CHECK_EQ(get(&r, 0x0d), 0x80);
	set(&r, 0x0d, 0);
	CHECK_EQ(get(&r, 0x0d), 0x80);
	rig_destroy(&r);
}

TEST(cmos_formats_binary_and_twelve_hours)
{
	struct rig r;

	lab_make(&r, "base=2023-12-31T00:30:00");
	set(&r, 0x0b, 0x04); /* binary, 12 h */
	CHECK_EQ(get(&r, 4), 12);
	CHECK_EQ(get(&r, 2), 30);
	CHECK_EQ(get(&r, 9), 23);
	CHECK_EQ(get(&r, 0x32), 20);
	rig_advance_s(&r, 12 * 3600);
	CHECK_EQ(get(&r, 4), 12 | 0x80);
	rig_advance_s(&r, 3600);
	CHECK_EQ(get(&r, 4), 1 | 0x80);
	set(&r, 0x0b, 0x00); /* BCD, 12 h */
	rig_advance_s(&r, 9 * 3600);
	CHECK_EQ(get(&r, 4), 0x10 | 0x80);
	set(&r, 0x0b, 0x02); /* BCD, 24 h */
	CHECK_EQ(get(&r, 4), 0x22);
	rig_destroy(&r);
}

TEST(cmos_set_holds_the_time_until_it_is_released)
{
	struct rig r;

	lab_make(&r, NULL);
	set(&r, 0x0b, 0x82);
	set(&r, 0x32, 0x20);
	set(&r, 9, 0x26);
	set(&r, 8, 0x11);
	set(&r, 7, 0x21);
	set(&r, 4, 0x12);
	set(&r, 2, 0x34);
	set(&r, 0, 0x56);
	rig_advance_s(&r, 10);
	CHECK_EQ(calendar(&r), 0x20261121123456);
	set(&r, 0x0b, 0x02);
	CHECK_EQ(calendar(&r), 0x20261121123456);
	rig_advance_s(&r, 4);
	CHECK_EQ(calendar(&r), 0x20261121123500);
	rig_destroy(&r);
}

TEST(cmos_divider_reset_updates_half_a_second_after_release)
{
	struct rig r;

	lab_make(&r, "base=2023-01-01");
	set(&r, 0x0a, 0x76);
	rig_advance_s(&r, 5);
	CHECK_EQ(calendar(&r), 0x20230101000000);
	CHECK_EQ(get(&r, 0x0a), 0x76);
	set(&r, 0x0a, 0x26);
	rig_advance_ns(&r, 499999999);
	CHECK_EQ(calendar(&r), 0x20230101000000);
	rig_advance_ns(&r, 1);
	CHECK_EQ(calendar(&r), 0x20230101000001);
	rig_destroy(&r);
}

TEST(cmos_time_written_while_running_is_taken)
{
	struct rig r;

	lab_make(&r, "base=2023-01-01");
	rig_advance_ns(&r, 300000000);
	set(&r, 4, 0x15);
	CHECK_EQ(calendar(&r), 0x20230101150000);
	rig_advance_ns(&r, 700000000); /* the fraction is kept */
	CHECK_EQ(calendar(&r), 0x20230101150001);
	rig_destroy(&r);
}

TEST(cmos_survives_any_bytes_as_a_date)
{
	struct rig r;

	lab_make(&r, NULL);
	for (unsigned v = 0; v < 256; v += 5) {
		for (uint8_t reg = 0; reg < 10; reg++)
			set(&r, reg, v);
		set(&r, 0x32, v);
		set(&r, 0x0b, v);
		set(&r, 0x0a, v);
		rig_advance_s(&r, 3);
		get(&r, 0x0c);
		CHECK(calendar(&r) != 0);
	}
	rig_destroy(&r);
}

TEST(cmos_uip_rises_before_the_update)
{
	struct rig r;

	lab_make(&r, NULL);
	CHECK_EQ(get(&r, 0x0a), 0x26);
	rig_advance_ns(&r, 1000000000 - 244001);
	CHECK_EQ(get(&r, 0x0a), 0x26);
	rig_advance_ns(&r, 1);
	CHECK_EQ(get(&r, 0x0a), 0xa6);
	rig_advance_ns(&r, 244000);
	CHECK_EQ(get(&r, 0x0a), 0x26);
	rig_destroy(&r);
}

TEST(cmos_flags_come_without_a_timer)
{
	struct rig r;

	lab_make(&r, NULL);
	CHECK_EQ(get(&r, 0x0c), 0);
	rig_advance_s(&r, 1);
	CHECK(!r.clock.timers);
	CHECK_EQ(get(&r, 0x0c), 0x10 | 0x40); /* update, periodic; no IRQF */
	CHECK_EQ(get(&r, 0x0c), 0);
	rig_destroy(&r);
}

TEST(cmos_update_interrupt_waits_for_its_acknowledgement)
{
	struct rig r;

	lab_make(&r, NULL);
	set(&r, 0x0b, 0x12);
	rig_advance_ns(&r, 999999999);
	CHECK(!r.level[IRQ]);
	rig_advance_ns(&r, 1);
	CHECK(r.level[IRQ]);
	CHECK(!r.clock.timers); /* nothing more to tell until it is seen */
	rig_advance_s(&r, 3);
	CHECK_EQ(rig_take_rises(&r, IRQ), 1);
	CHECK_EQ(get(&r, 0x0c) & 0x90, 0x90);
	CHECK(!r.level[IRQ]);
	rig_advance_s(&r, 1);
	CHECK_EQ(rig_take_rises(&r, IRQ), 1);
	rig_destroy(&r);
}

TEST(cmos_periodic_interrupt_has_its_rate)
{
	struct rig r;
	unsigned n = 0;

	lab_make(&r, NULL);
	set(&r, 0x0a, 0x26); /* 1024 Hz */
	set(&r, 0x0b, 0x42);
	for (unsigned i = 0; i < 10000; i++) {
		rig_advance_ns(&r, 100000);
		if (r.level[IRQ])
			CHECK_EQ(get(&r, 0x0c) & 0xc0, 0xc0);
		n += rig_take_rises(&r, IRQ);
	}
	CHECK_EQ(n, 1024);
	set(&r, 0x0a, 0x20); /* none */
	rig_advance_s(&r, 1);
	CHECK_EQ(rig_take_rises(&r, IRQ), 0);
	set(&r, 0x0a, 0x2f); /* 2 Hz */
	rig_advance_ns(&r, 500000000);
	CHECK_EQ(rig_take_rises(&r, IRQ), 1);
	rig_destroy(&r);
}

TEST(cmos_alarm_fires_at_its_time_of_day)
{
	struct rig r;

	lab_make(&r, "base=2023-01-01T12:00:00");
	set(&r, 1, 0x05);
	set(&r, 3, 0x10);
	set(&r, 5, 0x11); /* 11:10:05, so tomorrow */
	set(&r, 0x0b, 0x22);
	rig_advance_s(&r, 86400 - 3600 + 604);
	CHECK(!r.level[IRQ]);
	rig_advance_s(&r, 1);
	CHECK(r.level[IRQ]);
	CHECK_EQ(get(&r, 0x0c) & 0xa0, 0xa0);
	rig_advance_s(&r, 86399);
	CHECK(!r.level[IRQ]);
	rig_advance_s(&r, 1);
	CHECK(r.level[IRQ]);
	rig_destroy(&r);
}

TEST(cmos_alarm_wildcards_match_each_time)
{
	struct rig r;

	lab_make(&r, "base=2023-01-01T12:59:00");
	set(&r, 1, 0x30);
	set(&r, 3, 0xff);
	set(&r, 5, 0xc0); /* each minute, second 30 */
	set(&r, 0x0b, 0x22);
	rig_advance_s(&r, 30);
	CHECK(get(&r, 0x0c) & 0x20);
	rig_advance_s(&r, 59);
	CHECK(!(get(&r, 0x0c) & 0x20));
	rig_advance_s(&r, 1); /* over the hour's edge */
	CHECK(get(&r, 0x0c) & 0x20);
	CHECK_EQ(rig_take_rises(&r, IRQ), 2);
	rig_destroy(&r);
}

TEST(cmos_alarm_of_nonsense_never_fires)
{
	struct rig r;

	lab_make(&r, NULL);
	set(&r, 1, 0x7f);
	set(&r, 3, 0xff);
	set(&r, 5, 0xff);
	set(&r, 0x0b, 0x22);
	CHECK(!r.clock.timers);
	rig_advance_s(&r, 2 * 86400);
	CHECK(!(get(&r, 0x0c) & 0x20));
	rig_destroy(&r);
}

TEST(cmos_reset_keeps_time_and_ram_and_stops_interrupts)
{
	struct rig r;

	lab_make(&r, "base=2023-01-01");
	set(&r, 0x40, 0xab);
	set(&r, 4, 0x07);
	set(&r, 0x0b, 0x12);
	rig_advance_s(&r, 1);
	CHECK(r.level[IRQ]);
	device_reset(r.dev);
	CHECK(!r.level[IRQ]);
	CHECK(!r.clock.timers);
	CHECK_EQ(get(&r, 0x40), 0xab);
	CHECK_EQ(calendar(&r), 0x20230101070001);
	CHECK_EQ(get(&r, 0x0b), 0x02);
	rig_destroy(&r);
}
