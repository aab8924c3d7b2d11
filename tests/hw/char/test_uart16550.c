/* SPDX-License-Identifier: MIT */
/* The UART against the PC16550D data sheet; its output through a file. */
#include "hw/char/uart16550.h"

#include "tests/support/serial_rig.h"
#include "tests/test.h"

#define LINE 4
enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };
#define THR RBR
#define DLL RBR
#define DLM IER
#define FCR IIR

static void uart_rig_init(struct serial_rig *u, const char *props)
{
	struct uart16550 *s = device_new(&uart16550_class, "uart");

	serial_rig_init(u);
	uart16550_set_chardev(s, u->chr);
	serial_rig_plug(u, &s->dev, props, LINE);
}

static struct uart16550 *uart_rig_port(struct serial_rig *u)
{
	return container_of(u->r.dev, struct uart16550, dev);
}

static bool uart_rig_irq(struct serial_rig *u)
{
	return u->r.level[LINE];
}

TEST(uart_registers_are_as_after_master_reset)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	CHECK_EQ(rig_read8(&u.r, IER), 0);
	CHECK_EQ(rig_read8(&u.r, IIR), 0x01);
	CHECK_EQ(rig_read8(&u.r, LCR), 0);
	CHECK_EQ(rig_read8(&u.r, MCR), 0);
	CHECK_EQ(rig_read8(&u.r, LSR), 0x60);
	CHECK_EQ(rig_read8(&u.r, MSR), 0xb0);
	CHECK(!uart_rig_irq(&u));
	serial_rig_destroy(&u);
}

TEST(uart_scratch_and_divisor_latch_keep_what_is_written)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, SCR, 0xa5);
	CHECK_EQ(rig_read8(&u.r, SCR), 0xa5);
	rig_write8(&u.r, LCR, 0x83);
	rig_write16(&u.r, DLL, 0x1234);
	CHECK_EQ(rig_read8(&u.r, DLL), 0x34);
	CHECK_EQ(rig_read8(&u.r, DLM), 0x12);
	rig_write8(&u.r, LCR, 0x03);
	CHECK_EQ(rig_read8(&u.r, IER), 0);
	rig_write8(&u.r, IER, 0xff);
	CHECK_EQ(rig_read8(&u.r, IER), 0x0f);
	serial_rig_destroy(&u);
}

TEST(uart_iir_shows_fifos_and_a_probe_finds_a_16550a)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 0x01);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc1);
	rig_write8(&u.r, FCR, 0x00);
	CHECK_EQ(rig_read8(&u.r, IIR), 0x01);
	serial_rig_destroy(&u);
}

TEST(uart_text_leaves_at_a_newline_and_after_two_milliseconds)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	for (const char *p = "hello\r\n"; *p; p++)
		rig_write8(&u.r, THR, (uint8_t)*p);
	CHECK_STR(serial_rig_out(&u), "hello\r\n");
	rig_write8(&u.r, THR, '$');
	CHECK_STR(serial_rig_out(&u), "");
	rig_advance_ns(&u.r, 2000000);
	CHECK_STR(serial_rig_out(&u), "$");
	serial_rig_destroy(&u);
}

TEST(uart_stop_and_reset_lose_nothing)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, THR, 'a');
	u.r.dev->class->stop(u.r.dev);
	CHECK_STR(serial_rig_out(&u), "a");
	rig_write8(&u.r, THR, 'b');
	device_reset(u.r.dev);
	CHECK_STR(serial_rig_out(&u), "b");
	serial_rig_destroy(&u);
}

TEST(uart_thre_interrupt_comes_when_enabled_and_goes_with_iir)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, IER, 0x02);
	CHECK(uart_rig_irq(&u));
	CHECK_EQ(rig_read8(&u.r, IIR), 0x02);
	CHECK(!uart_rig_irq(&u));
	CHECK_EQ(rig_read8(&u.r, IIR), 0x01);
	serial_rig_destroy(&u);
}

TEST(uart_thre_interrupt_follows_sixteen_bytes_at_once)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 0x01);
	rig_write8(&u.r, IER, 0x02);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc2);
	for (int i = 0; i < 15; i++)
		rig_write8(&u.r, THR, 'x');
	CHECK(!uart_rig_irq(&u));
	CHECK_EQ(rig_read8(&u.r, LSR) & 0x60, 0x60);
	rig_write8(&u.r, THR, 'x');
	CHECK(uart_rig_irq(&u));
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc2);
	CHECK_STR(serial_rig_out(&u), "xxxxxxxxxxxxxxxx");
	/* a shorter piece: by the timer */
	rig_write8(&u.r, THR, 'y');
	CHECK(!uart_rig_irq(&u));
	rig_advance_ns(&u.r, 2000000);
	CHECK(uart_rig_irq(&u));
	CHECK_STR(serial_rig_out(&u), "y");
	serial_rig_destroy(&u);
}

TEST(uart_endless_sender_is_made_to_leave_its_handler)
{
	struct serial_rig u;
	unsigned rounds = 0;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 0x01);
	rig_write8(&u.r, IER, 0x02);
	while (rig_read8(&u.r, IIR) == 0xc2 && rounds < 1000) {
		for (int i = 0; i < 16; i++)
			rig_write8(&u.r, THR, 'x');
		serial_rig_out(&u);
		rounds++;
	}
	CHECK(rounds > 16 && rounds < 256);
	rig_advance_ns(&u.r, 2000000);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc2);
	serial_rig_destroy(&u);
}

TEST(uart_received_bytes_interrupt_by_trigger_level)
{
	static const uint8_t level[] = { 1, 4, 8, 14 };
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	for (unsigned i = 0; i < 4; i++) {
		rig_write8(&u.r, FCR, (uint8_t)(0x07 | i << 6));
		rig_write8(&u.r, IER, 0x01);
		for (unsigned k = 1; k < level[i]; k++) {
			serial_rig_type(&u, "k");
			CHECK_EQ(rig_read8(&u.r, IIR), 0xcc); /* time-out */
		}
		serial_rig_type(&u, "k");
		CHECK_EQ(rig_read8(&u.r, IIR), 0xc4);
		CHECK(uart_rig_irq(&u));
		for (unsigned k = 0; k < level[i]; k++)
			CHECK_EQ(rig_read8(&u.r, RBR), 'k');
		CHECK(!uart_rig_irq(&u));
		CHECK_EQ(rig_read8(&u.r, LSR) & 1, 0);
	}
	serial_rig_destroy(&u);
}

TEST(uart_input_waits_for_room_and_keeps_its_order)
{
	struct serial_rig u;
	char all[27] = { 0 };

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 0x01);
	serial_rig_type(&u, "abcdefghijklmnopqrstuvwxyz");
	for (int i = 0; i < 26; i++) {
		CHECK_EQ(rig_read8(&u.r, LSR) & 0x03, 0x01);
		all[i] = (char)rig_read8(&u.r, RBR);
		serial_rig_spin(&u);
	}
	CHECK_STR(all, "abcdefghijklmnopqrstuvwxyz");
	CHECK_EQ(rig_read8(&u.r, LSR) & 0x01, 0);
	CHECK_EQ(rig_read8(&u.r, RBR), 0);
	serial_rig_destroy(&u);
}

TEST(uart_without_fifos_holds_one_byte)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	serial_rig_type(&u, "ab");
	CHECK_EQ(rig_read8(&u.r, RBR), 'a');
	CHECK_EQ(rig_read8(&u.r, LSR) & 1, 0);
	serial_rig_spin(&u);
	CHECK_EQ(rig_read8(&u.r, RBR), 'b');
	serial_rig_destroy(&u);
}

TEST(uart_interrupts_are_ordered_by_priority)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 0x01);
	rig_write8(&u.r, MCR, 0x10); /* loopback: lines drop, MSR changes */
	for (int i = 0; i < 17; i++) /* one too many: overrun */
		rig_write8(&u.r, THR, 'z');
	rig_write8(&u.r, IER, 0x0f);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc6);
	CHECK_EQ(rig_read8(&u.r, LSR), 0x63);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc4);
	for (int i = 0; i < 16; i++)
		CHECK_EQ(rig_read8(&u.r, RBR), 'z');
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc2);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc0);
	CHECK_EQ(rig_read8(&u.r, MSR), 0x0b);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc1);
	CHECK(!uart_rig_irq(&u));
	serial_rig_destroy(&u);
}

TEST(uart_loopback_wires_the_modem_lines)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, MCR, 0x1a); /* as Linux probes */
	CHECK_EQ(rig_read8(&u.r, MSR) & 0xf0, 0x90);
	rig_write8(&u.r, MCR, 0x15);
	CHECK_EQ(rig_read8(&u.r, MSR) & 0xf0, 0x60);
	rig_write8(&u.r, MCR, 0x10);
	CHECK_EQ(rig_read8(&u.r, MSR) & 0x0f, 0x06); /* TERI, DDSR */
	rig_write8(&u.r, THR, 'q');
	CHECK_EQ(rig_read8(&u.r, RBR), 'q');
	CHECK_STR(serial_rig_out(&u), "");
	rig_write8(&u.r, MCR, 0);
	CHECK_EQ(rig_read8(&u.r, MSR) & 0xf0, 0xb0);
	serial_rig_destroy(&u);
}

TEST(uart_no_input_is_taken_in_loopback)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 1);
	rig_write8(&u.r, MCR, 0x10);
	serial_rig_type(&u, "in");
	CHECK_EQ(rig_read8(&u.r, LSR) & 1, 0);
	rig_write8(&u.r, MCR, 0);
	serial_rig_spin(&u);
	CHECK_EQ(rig_read8(&u.r, RBR), 'i');
	CHECK_EQ(rig_read8(&u.r, RBR), 'n');
	serial_rig_destroy(&u);
}

TEST(uart_break_is_a_zero_byte_with_bi)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 1);
	rig_write8(&u.r, IER, 0x05);
	uart_rig_port(&u)->fe.event(uart_rig_port(&u), CHARDEV_BREAK);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc6);
	CHECK_EQ(rig_read8(&u.r, LSR), 0xf1);
	CHECK_EQ(rig_read8(&u.r, RBR), 0);
	CHECK_EQ(rig_read8(&u.r, LSR), 0x60);
	serial_rig_destroy(&u);
}

TEST(uart_fifo_reset_empties_the_receiver)
{
	struct serial_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 1);
	serial_rig_type(&u, "junk");
	rig_write8(&u.r, FCR, 3);
	CHECK_EQ(rig_read8(&u.r, LSR), 0x60);
	/* without the enable bit the others do not count */
	rig_write8(&u.r, FCR, 0);
	serial_rig_type(&u, "k");
	rig_write8(&u.r, FCR, 2);
	CHECK_EQ(rig_read8(&u.r, RBR), 'k');
	serial_rig_destroy(&u);
}

TEST(uart_transmitter_waits_for_a_full_back_end)
{
	struct serial_rig u;
	size_t n = 0;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 1);
	while (rig_read8(&u.r, LSR) & 0x20 && n < (8 << 20)) {
		rig_write8(&u.r, THR, (uint8_t)(n % 63 ? 'f' : '\n'));
		n++;
	}
	CHECK(n > CHARDEV_QUEUE && n < (8 << 20));
	rig_write8(&u.r, IER, 0x02);
	CHECK(!uart_rig_irq(&u));
	CHECK_EQ(serial_rig_drain(&u), n);
	CHECK(uart_rig_irq(&u));
	CHECK_EQ(rig_read8(&u.r, LSR) & 0x20, 0x20);
	serial_rig_destroy(&u);
}

TEST(uart_reg_shift_spreads_the_registers)
{
	struct serial_rig u;

	uart_rig_init(&u, "reg-shift=2");
	CHECK_EQ(u.r.dev->region.size, 32);
	rig_write32(&u.r, SCR << 2, 0x1ff5a);
	CHECK_EQ(rig_read8(&u.r, SCR << 2), 0x5a);
	CHECK_EQ(rig_read32(&u.r, SCR << 2), 0x5a);
	serial_rig_destroy(&u);
}

TEST(uart_works_without_a_back_end)
{
	struct rig r;

	rig_init(&r);
	rig_device(&r, &uart16550_class, NULL, LINE);
	for (int i = 0; i < 1000; i++)
		rig_write8(&r, THR, 'x');
	CHECK_EQ(rig_read8(&r, LSR), 0x60);
	rig_destroy(&r);
}
