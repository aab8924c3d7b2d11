/* SPDX-License-Identifier: MIT */
/* The PL011 against its manual, Arm DDI 0183G; its other end is a socket. */
#include "hw/char/pl011.h"

#include "tests/support/serial_rig.h"
#include "tests/test.h"

#define LINE 1
enum {
	DR = 0x00,
	RSR = 0x04,
	FR = 0x18,
	ILPR = 0x20,
	IBRD = 0x24,
	FBRD = 0x28,
	LCR_H = 0x2c,
	CR = 0x30,
	IFLS = 0x34,
	IMSC = 0x38,
	RIS = 0x3c,
	MIS = 0x40,
	ICR = 0x44,
	DMACR = 0x48,
};

#define FIFOS	  0x70 /* LCR_H: 8 bits, FEN */
#define LOOPBACK  0x381
#define FR_CABLE  0x07 /* CTS, DSR, DCD: a terminal that is ready */
#define FR_IDLE	  (FR_CABLE | 0x90)
#define RX	  0x010
#define TX	  0x020
#define RT	  0x040
#define BE	  0x200
#define OE	  0x400
#define TIMEOUT_N 277777

static void pl011_rig_init(struct serial_rig *u)
{
	struct pl011 *s = device_new(&pl011_class, "uart");

	serial_rig_init(u);
	pl011_set_chardev(s, u->chr);
	serial_rig_plug(u, &s->dev, NULL, LINE);
}

static struct pl011 *pl011_rig_port(struct serial_rig *u)
{
	return container_of(u->r.dev, struct pl011, dev);
}

static void pl011_rig_send(struct serial_rig *u, const char *text)
{
	for (; *text; text++)
		rig_write32(&u->r, DR, (uint8_t)*text);
}

/* Table 3-1. */
TEST(pl011_registers_are_as_after_reset)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	CHECK_EQ(rig_read32(&u.r, RSR), 0);
	CHECK_EQ(rig_read32(&u.r, FR), FR_IDLE);
	CHECK_EQ(rig_read32(&u.r, ILPR), 0);
	CHECK_EQ(rig_read32(&u.r, IBRD), 0);
	CHECK_EQ(rig_read32(&u.r, FBRD), 0);
	CHECK_EQ(rig_read32(&u.r, LCR_H), 0);
	CHECK_EQ(rig_read32(&u.r, CR), 0x300);
	CHECK_EQ(rig_read32(&u.r, IFLS), 0x12);
	CHECK_EQ(rig_read32(&u.r, IMSC), 0);
	CHECK_EQ(rig_read32(&u.r, RIS), 0);
	CHECK_EQ(rig_read32(&u.r, MIS), 0);
	CHECK_EQ(rig_read32(&u.r, DMACR), 0);
	CHECK(!u.r.level[LINE]);
	serial_rig_destroy(&u);
}

TEST(pl011_identifies_itself_as_r1p5)
{
	static const uint8_t id[] = { 0x11, 0x10, 0x34, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1 };
	struct serial_rig u;

	pl011_rig_init(&u);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(rig_read32(&u.r, 0xfe0 + 4 * i), id[i]);
	CHECK_EQ(rig_read32(&u.r, 0xfdc), 0);
	serial_rig_destroy(&u);
}

TEST(pl011_registers_keep_their_defined_bits_and_take_narrow_accesses)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	for (unsigned off = ILPR; off <= IMSC; off += 4)
		rig_write32(&u.r, off, UINT32_MAX);
	rig_write32(&u.r, DMACR, UINT32_MAX);
	CHECK_EQ(rig_read32(&u.r, ILPR), 0xff);
	CHECK_EQ(rig_read32(&u.r, IBRD), 0xffff);
	CHECK_EQ(rig_read16(&u.r, IBRD), 0xffff);
	CHECK_EQ(rig_read8(&u.r, IBRD), 0xff);
	CHECK_EQ(rig_read8(&u.r, IBRD + 1), 0xff);
	CHECK_EQ(rig_read8(&u.r, IBRD + 2), 0);
	CHECK_EQ(rig_read32(&u.r, FBRD), 0x3f);
	CHECK_EQ(rig_read32(&u.r, LCR_H), 0xff);
	CHECK_EQ(rig_read32(&u.r, CR), 0xff87);
	CHECK_EQ(rig_read32(&u.r, IFLS), 0x3f);
	CHECK_EQ(rig_read32(&u.r, IMSC), 0x7ff);
	CHECK_EQ(rig_read32(&u.r, DMACR), 7);
	CHECK_EQ(rig_read64(&u.r, IBRD), UINT64_MAX);
	rig_write8(&u.r, IBRD + 1, 0);
	CHECK_EQ(rig_read32(&u.r, IBRD), 0xffff);
	device_reset(u.r.dev);
	CHECK_EQ(rig_read32(&u.r, IBRD), 0);
	CHECK_EQ(rig_read32(&u.r, CR), 0x300);
	serial_rig_destroy(&u);
}

TEST(pl011_text_leaves_at_a_newline_and_after_two_milliseconds)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	pl011_rig_send(&u, "hello\r\n");
	CHECK_STR(serial_rig_out(&u), "hello\r\n");
	rig_write8(&u.r, DR, '$');
	CHECK_EQ(rig_read32(&u.r, FR), FR_IDLE);
	CHECK_STR(serial_rig_out(&u), "");
	rig_advance_ns(&u.r, 2000000);
	CHECK_STR(serial_rig_out(&u), "$");
	serial_rig_destroy(&u);
}

TEST(pl011_stop_and_reset_lose_nothing)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, DR, 'a');
	u.r.dev->class->stop(u.r.dev);
	CHECK_STR(serial_rig_out(&u), "a");
	rig_write32(&u.r, DR, 'b');
	device_reset(u.r.dev);
	CHECK_STR(serial_rig_out(&u), "b");
	serial_rig_destroy(&u);
}

/* 2.8.2: a transition, not the level: none before anything was written. */
TEST(pl011_tx_interrupt_follows_a_character_until_it_is_cleared)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, IMSC, TX);
	CHECK(!u.r.level[LINE]);
	rig_write32(&u.r, DR, 'x');
	CHECK(u.r.level[LINE]);
	CHECK_EQ(rig_read32(&u.r, MIS), TX);
	rig_write32(&u.r, ICR, TX);
	CHECK(!u.r.level[LINE]);
	CHECK_EQ(rig_read32(&u.r, RIS), 0);
	rig_write32(&u.r, DR, 'x');
	rig_write32(&u.r, IMSC, 0);
	CHECK(!u.r.level[LINE]);
	CHECK_EQ(rig_read32(&u.r, RIS), TX);
	CHECK_EQ(rig_read32(&u.r, MIS), 0);
	serial_rig_destroy(&u);
}

TEST(pl011_transmitter_waits_for_a_full_back_end)
{
	struct serial_rig u;
	size_t n = 0;

	pl011_rig_init(&u);
	rig_write32(&u.r, LCR_H, FIFOS);
	rig_write32(&u.r, IMSC, TX);
	while (!(rig_read32(&u.r, FR) & 0x20) && n < (8 << 20)) {
		rig_write32(&u.r, DR, n % 63 ? 'f' : '\n');
		n++;
	}
	CHECK(n > CHARDEV_QUEUE && n < (8 << 20));
	CHECK_EQ(rig_read32(&u.r, FR), FR_CABLE | 0x38);
	CHECK(!u.r.level[LINE]);
	CHECK_EQ(serial_rig_drain(&u), n);
	CHECK(u.r.level[LINE]);
	CHECK_EQ(rig_read32(&u.r, FR), FR_IDLE);
	serial_rig_destroy(&u);
}

/* A guest that does not look at TXFF loses what it writes, nothing else. */
TEST(pl011_full_transmitter_drops_what_does_not_fit)
{
	struct serial_rig u;
	size_t n;

	pl011_rig_init(&u);
	for (n = 0; !(rig_read32(&u.r, FR) & 0x20) && n < (8 << 20); n++)
		rig_write32(&u.r, DR, '\n');
	for (int i = 0; i < 10000; i++)
		rig_write32(&u.r, DR, 'x');
	CHECK_EQ(rig_read32(&u.r, FR) & 0x20, 0x20);
	serial_rig_destroy(&u);
}

/* Table 3-12: 1/8, 1/4, 1/2, 3/4, 7/8 of 32. */
TEST(pl011_rx_interrupt_comes_and_goes_at_the_trigger_level)
{
	static const uint8_t level[] = { 4, 8, 16, 24, 28 };
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, LCR_H, FIFOS);
	for (unsigned i = 0; i < 5; i++) {
		rig_write32(&u.r, IFLS, i << 3);
		rig_write32(&u.r, IMSC, RX);
		for (unsigned k = 1; k < level[i]; k++) {
			serial_rig_type(&u, "k");
			CHECK_EQ(rig_read32(&u.r, RIS), RT);
		}
		CHECK(!u.r.level[LINE]);
		serial_rig_type(&u, "k");
		CHECK(u.r.level[LINE]);
		CHECK_EQ(rig_read32(&u.r, DR), 'k');
		CHECK(!u.r.level[LINE]);
		CHECK_EQ(rig_read32(&u.r, RIS), level[i] > 1 ? RT : 0);
		for (unsigned k = 1; k < level[i]; k++)
			CHECK_EQ(rig_read32(&u.r, DR), 'k');
		CHECK_EQ(rig_read32(&u.r, RIS), 0);
		CHECK_EQ(rig_read32(&u.r, FR), FR_IDLE);
	}
	serial_rig_destroy(&u);
}

TEST(pl011_receive_timeout_returns_while_characters_are_left_behind)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, LCR_H, FIFOS);
	rig_write32(&u.r, IMSC, RT);
	serial_rig_type(&u, "ab");
	CHECK(u.r.level[LINE]);
	CHECK_EQ(rig_read32(&u.r, DR), 'a');
	rig_write32(&u.r, ICR, RT);
	CHECK(!u.r.level[LINE]);
	rig_advance_ns(&u.r, TIMEOUT_N - 1);
	CHECK(!u.r.level[LINE]);
	rig_advance_ns(&u.r, 1);
	CHECK(u.r.level[LINE]);
	CHECK_EQ(rig_read32(&u.r, MIS), RT);
	rig_write32(&u.r, ICR, RT);
	CHECK_EQ(rig_read32(&u.r, DR), 'b');
	rig_advance_ns(&u.r, TIMEOUT_N);
	CHECK(!u.r.level[LINE]);
	serial_rig_destroy(&u);
}

TEST(pl011_input_waits_for_room_and_keeps_its_order)
{
	struct serial_rig u;
	char all[41] = { 0 };

	pl011_rig_init(&u);
	rig_write32(&u.r, LCR_H, FIFOS);
	serial_rig_type(&u, "abcdefghijklmnopqrstuvwxyz0123456789!?.,");
	CHECK_EQ(rig_read32(&u.r, FR), FR_CABLE | 0xc0);
	for (int i = 0; i < 40; i++) {
		CHECK_EQ(rig_read32(&u.r, FR) & 0x10, 0);
		all[i] = (char)rig_read32(&u.r, DR);
		serial_rig_spin(&u);
	}
	CHECK_STR(all, "abcdefghijklmnopqrstuvwxyz0123456789!?.,");
	CHECK_EQ(rig_read32(&u.r, FR) & 0x10, 0x10);
	CHECK_EQ(rig_read32(&u.r, DR), 0);
	CHECK_EQ(rig_read32(&u.r, RIS), 0);
	serial_rig_destroy(&u);
}

TEST(pl011_without_fifos_holds_one_character)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	serial_rig_type(&u, "ab");
	CHECK_EQ(rig_read32(&u.r, FR), FR_CABLE | 0xc0);
	CHECK_EQ(rig_read32(&u.r, RIS), RX);
	CHECK_EQ(rig_read32(&u.r, DR), 'a');
	CHECK_EQ(rig_read32(&u.r, RIS), 0);
	serial_rig_spin(&u);
	CHECK_EQ(rig_read32(&u.r, DR), 'b');
	CHECK_EQ(rig_read32(&u.r, FR), FR_IDLE);
	serial_rig_destroy(&u);
}

TEST(pl011_input_waits_while_the_receiver_is_off_or_looped_back)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, LCR_H, FIFOS);
	rig_write32(&u.r, CR, 0x101);
	serial_rig_type(&u, "in");
	CHECK_EQ(rig_read32(&u.r, FR) & 0x10, 0x10);
	rig_write32(&u.r, CR, LOOPBACK);
	serial_rig_spin(&u);
	CHECK_EQ(rig_read32(&u.r, FR) & 0x10, 0x10);
	rig_write32(&u.r, CR, 0x301);
	serial_rig_spin(&u);
	CHECK_EQ(rig_read32(&u.r, DR), 'i');
	CHECK_EQ(rig_read32(&u.r, DR), 'n');
	serial_rig_destroy(&u);
}

TEST(pl011_loopback_wires_data_and_modem_lines)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, CR, LOOPBACK);
	CHECK_EQ(rig_read32(&u.r, FR), 0x90);
	CHECK_EQ(rig_read32(&u.r, RIS), 0x0e); /* CTS, DCD, DSR went */
	rig_write32(&u.r, ICR, 0x0f);
	rig_write32(&u.r, CR, LOOPBACK | 0x0800); /* RTS: CTS */
	CHECK_EQ(rig_read32(&u.r, FR), 0x91);
	CHECK_EQ(rig_read32(&u.r, RIS), 0x02);
	rig_write32(&u.r, CR, LOOPBACK | 0x0400); /* DTR: DSR */
	CHECK_EQ(rig_read32(&u.r, FR), 0x92);
	CHECK_EQ(rig_read32(&u.r, RIS), 0x0a);
	rig_write32(&u.r, CR, LOOPBACK | 0x1000); /* Out1: DCD */
	CHECK_EQ(rig_read32(&u.r, FR), 0x94);
	rig_write32(&u.r, CR, LOOPBACK | 0x2000); /* Out2: RI */
	CHECK_EQ(rig_read32(&u.r, FR), 0x190);
	CHECK_EQ(rig_read32(&u.r, RIS), 0x0f);
	rig_write32(&u.r, DR, 'q');
	CHECK_EQ(rig_read32(&u.r, DR), 'q');
	CHECK_STR(serial_rig_out(&u), "");
	rig_write32(&u.r, CR, 0x301);
	CHECK_EQ(rig_read32(&u.r, FR), FR_IDLE);
	serial_rig_destroy(&u);
}

/* 3.3.1, 3.3.2: the character after those that were lost carries OE. */
TEST(pl011_overrun_is_reported_and_loses_the_newest)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, LCR_H, FIFOS);
	rig_write32(&u.r, CR, LOOPBACK);
	rig_write32(&u.r, IMSC, OE);
	for (int i = 0; i < 32; i++)
		rig_write32(&u.r, DR, 'a' + i);
	CHECK(!u.r.level[LINE]);
	rig_write32(&u.r, DR, 'z');
	CHECK(u.r.level[LINE]);
	CHECK_EQ(rig_read32(&u.r, RSR), 8);
	CHECK_EQ(rig_read32(&u.r, DR), 'a');
	rig_write32(&u.r, DR, 'y');
	for (int i = 1; i < 32; i++)
		CHECK_EQ(rig_read32(&u.r, DR), 'a' + i);
	CHECK_EQ(rig_read32(&u.r, DR), 0x800 | 'y');
	CHECK_EQ(rig_read32(&u.r, RSR), 8);
	rig_write32(&u.r, RSR, 0);
	CHECK_EQ(rig_read32(&u.r, RSR), 0);
	rig_write32(&u.r, ICR, OE);
	CHECK(!u.r.level[LINE]);
	serial_rig_destroy(&u);
}

TEST(pl011_break_is_a_zero_with_be)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, LCR_H, FIFOS);
	rig_write32(&u.r, IMSC, BE);
	pl011_rig_port(&u)->fe.event(pl011_rig_port(&u), CHARDEV_BREAK);
	CHECK(u.r.level[LINE]);
	CHECK_EQ(rig_read32(&u.r, RIS), BE | RT);
	CHECK_EQ(rig_read32(&u.r, DR), 0x400);
	CHECK_EQ(rig_read32(&u.r, RSR), 4);
	serial_rig_type(&u, "a");
	CHECK_EQ(rig_read32(&u.r, DR), 'a');
	CHECK_EQ(rig_read32(&u.r, RSR), 0);
	/* its own break comes back in loopback */
	rig_write32(&u.r, CR, LOOPBACK);
	rig_write32(&u.r, LCR_H, FIFOS | 1);
	CHECK_EQ(rig_read32(&u.r, DR), 0x400);
	serial_rig_destroy(&u);
}

TEST(pl011_changing_the_fifos_empties_the_receiver)
{
	struct serial_rig u;

	pl011_rig_init(&u);
	rig_write32(&u.r, LCR_H, FIFOS);
	serial_rig_type(&u, "junk");
	rig_write32(&u.r, LCR_H, FIFOS & ~0x10);
	CHECK_EQ(rig_read32(&u.r, FR), FR_IDLE);
	CHECK_EQ(rig_read32(&u.r, RIS), 0);
	serial_rig_destroy(&u);
}

TEST(pl011_works_without_a_back_end)
{
	struct rig r;

	rig_init(&r);
	rig_device(&r, &pl011_class, NULL, LINE);
	for (int i = 0; i < 1000; i++)
		rig_write32(&r, DR, 'x');
	CHECK_EQ(rig_read32(&r, FR), FR_IDLE);
	rig_destroy(&r);
}
