/* SPDX-License-Identifier: MIT */
/* The UART against the PC16550D data sheet; its output through a file. */
#include "hw/char/uart16550.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define LINE 4
enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };
#define THR RBR
#define DLL RBR
#define DLM IER
#define FCR IIR

/* A UART whose other end is a socket that the test holds. */
struct uart_rig {
	struct rig r;
	struct chardev *chr;
	struct uart16550 *s;
	int fd;
	char dir[64];
};

static void uart_rig_spin(struct uart_rig *u)
{
	for (int i = 0; i < 4; i++)
		rig_poll(&u->r);
}

static void uart_rig_init(struct uart_rig *u, const char *props)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct err err = { 0 };
	char spec[128];

	rig_init(&u->r);
	strcpy(u->dir, "/tmp/vmm-uart-XXXXXX");
	CHECK(mkdtemp(u->dir) != NULL);
	snprintf(spec, sizeof(spec), "unix:%s/s", u->dir);
	u->chr = chardev_open(spec, u->r.loop, &err);
	CHECK(u->chr != NULL);
	strcpy(a.sun_path, spec + 5);
	u->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK(connect(u->fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	u->s = device_new(&uart16550_class, "uart");
	u->s->dev.irq = (struct irq){ &u->r.chip, LINE };
	CHECK(device_configure(&u->s->dev, props, &err) == 0);
	uart16550_set_chardev(u->s, u->chr);
	CHECK(device_realize(&u->s->dev, &u->r.env, &err) == 0);
	CHECK(bus_add(&u->r.pio, 0, &u->s->dev.region, &err) == 0);
	u->r.dev = &u->s->dev;
	uart_rig_spin(u);
}

static void uart_rig_destroy(struct uart_rig *u)
{
	device_free(&u->s->dev);
	u->r.dev = NULL;
	chardev_close(u->chr);
	close(u->fd);
	rmdir(u->dir);
	rig_destroy(&u->r);
}

static void uart_rig_type(struct uart_rig *u, const char *text)
{
	CHECK_EQ(write(u->fd, text, strlen(text)), strlen(text));
	uart_rig_spin(u);
}

/* What came out so far. */
static const char *uart_rig_out(struct uart_rig *u)
{
	static char buf[4096];
	ssize_t n = read(u->fd, buf, sizeof(buf) - 1);

	buf[n > 0 ? n : 0] = 0;
	return buf;
}

static bool uart_rig_irq(struct uart_rig *u)
{
	return u->r.level[LINE];
}

TEST(uart_registers_are_as_after_master_reset)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	CHECK_EQ(rig_read8(&u.r, IER), 0);
	CHECK_EQ(rig_read8(&u.r, IIR), 0x01);
	CHECK_EQ(rig_read8(&u.r, LCR), 0);
	CHECK_EQ(rig_read8(&u.r, MCR), 0);
	CHECK_EQ(rig_read8(&u.r, LSR), 0x60);
	CHECK_EQ(rig_read8(&u.r, MSR), 0xb0);
	CHECK(!uart_rig_irq(&u));
	uart_rig_destroy(&u);
}

TEST(uart_scratch_and_divisor_latch_keep_what_is_written)
{
	struct uart_rig u;

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
	uart_rig_destroy(&u);
}

TEST(uart_iir_shows_fifos_and_a_probe_finds_a_16550a)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 0x01);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc1);
	rig_write8(&u.r, FCR, 0x00);
	CHECK_EQ(rig_read8(&u.r, IIR), 0x01);
	uart_rig_destroy(&u);
}

TEST(uart_text_leaves_at_a_newline_and_after_two_milliseconds)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	for (const char *p = "hello\r\n"; *p; p++)
		rig_write8(&u.r, THR, (uint8_t)*p);
	CHECK_STR(uart_rig_out(&u), "hello\r\n");
	rig_write8(&u.r, THR, '$');
	CHECK_STR(uart_rig_out(&u), "");
	rig_advance_ns(&u.r, 2000000);
	CHECK_STR(uart_rig_out(&u), "$");
	uart_rig_destroy(&u);
}

TEST(uart_stop_and_reset_lose_nothing)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, THR, 'a');
	u.s->dev.class->stop(&u.s->dev);
	CHECK_STR(uart_rig_out(&u), "a");
	rig_write8(&u.r, THR, 'b');
	device_reset(&u.s->dev);
	CHECK_STR(uart_rig_out(&u), "b");
	uart_rig_destroy(&u);
}

TEST(uart_thre_interrupt_comes_when_enabled_and_goes_with_iir)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, IER, 0x02);
	CHECK(uart_rig_irq(&u));
	CHECK_EQ(rig_read8(&u.r, IIR), 0x02);
	CHECK(!uart_rig_irq(&u));
	CHECK_EQ(rig_read8(&u.r, IIR), 0x01);
	uart_rig_destroy(&u);
}

TEST(uart_thre_interrupt_follows_sixteen_bytes_at_once)
{
	struct uart_rig u;

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
	CHECK_STR(uart_rig_out(&u), "xxxxxxxxxxxxxxxx");
	/* a shorter piece: by the timer */
	rig_write8(&u.r, THR, 'y');
	CHECK(!uart_rig_irq(&u));
	rig_advance_ns(&u.r, 2000000);
	CHECK(uart_rig_irq(&u));
	CHECK_STR(uart_rig_out(&u), "y");
	uart_rig_destroy(&u);
}

TEST(uart_endless_sender_is_made_to_leave_its_handler)
{
	struct uart_rig u;
	unsigned rounds = 0;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 0x01);
	rig_write8(&u.r, IER, 0x02);
	while (rig_read8(&u.r, IIR) == 0xc2 && rounds < 1000) {
		for (int i = 0; i < 16; i++)
			rig_write8(&u.r, THR, 'x');
		uart_rig_out(&u);
		rounds++;
	}
	CHECK(rounds > 16 && rounds < 256);
	rig_advance_ns(&u.r, 2000000);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc2);
	uart_rig_destroy(&u);
}

TEST(uart_received_bytes_interrupt_by_trigger_level)
{
	static const uint8_t level[] = { 1, 4, 8, 14 };
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	for (unsigned i = 0; i < 4; i++) {
		rig_write8(&u.r, FCR, (uint8_t)(0x07 | i << 6));
		rig_write8(&u.r, IER, 0x01);
		for (unsigned k = 1; k < level[i]; k++) {
			uart_rig_type(&u, "k");
			CHECK_EQ(rig_read8(&u.r, IIR), 0xcc); /* time-out */
		}
		uart_rig_type(&u, "k");
		CHECK_EQ(rig_read8(&u.r, IIR), 0xc4);
		CHECK(uart_rig_irq(&u));
		for (unsigned k = 0; k < level[i]; k++)
			CHECK_EQ(rig_read8(&u.r, RBR), 'k');
		CHECK(!uart_rig_irq(&u));
		CHECK_EQ(rig_read8(&u.r, LSR) & 1, 0);
	}
	uart_rig_destroy(&u);
}

TEST(uart_input_waits_for_room_and_keeps_its_order)
{
	struct uart_rig u;
	char all[27] = { 0 };

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 0x01);
	uart_rig_type(&u, "abcdefghijklmnopqrstuvwxyz");
	for (int i = 0; i < 26; i++) {
		CHECK_EQ(rig_read8(&u.r, LSR) & 0x03, 0x01);
		all[i] = (char)rig_read8(&u.r, RBR);
		uart_rig_spin(&u);
	}
	CHECK_STR(all, "abcdefghijklmnopqrstuvwxyz");
	CHECK_EQ(rig_read8(&u.r, LSR) & 0x01, 0);
	CHECK_EQ(rig_read8(&u.r, RBR), 0);
	uart_rig_destroy(&u);
}

TEST(uart_without_fifos_holds_one_byte)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	uart_rig_type(&u, "ab");
	CHECK_EQ(rig_read8(&u.r, RBR), 'a');
	CHECK_EQ(rig_read8(&u.r, LSR) & 1, 0);
	uart_rig_spin(&u);
	CHECK_EQ(rig_read8(&u.r, RBR), 'b');
	uart_rig_destroy(&u);
}

TEST(uart_interrupts_are_ordered_by_priority)
{
	struct uart_rig u;

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
	uart_rig_destroy(&u);
}

TEST(uart_loopback_wires_the_modem_lines)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, MCR, 0x1a); /* as Linux probes */
	CHECK_EQ(rig_read8(&u.r, MSR) & 0xf0, 0x90);
	rig_write8(&u.r, MCR, 0x15);
	CHECK_EQ(rig_read8(&u.r, MSR) & 0xf0, 0x60);
	rig_write8(&u.r, MCR, 0x10);
	CHECK_EQ(rig_read8(&u.r, MSR) & 0x0f, 0x06); /* TERI, DDSR */
	rig_write8(&u.r, THR, 'q');
	CHECK_EQ(rig_read8(&u.r, RBR), 'q');
	CHECK_STR(uart_rig_out(&u), "");
	rig_write8(&u.r, MCR, 0);
	CHECK_EQ(rig_read8(&u.r, MSR) & 0xf0, 0xb0);
	uart_rig_destroy(&u);
}

TEST(uart_no_input_is_taken_in_loopback)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 1);
	rig_write8(&u.r, MCR, 0x10);
	uart_rig_type(&u, "in");
	CHECK_EQ(rig_read8(&u.r, LSR) & 1, 0);
	rig_write8(&u.r, MCR, 0);
	uart_rig_spin(&u);
	CHECK_EQ(rig_read8(&u.r, RBR), 'i');
	CHECK_EQ(rig_read8(&u.r, RBR), 'n');
	uart_rig_destroy(&u);
}

TEST(uart_break_is_a_zero_byte_with_bi)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 1);
	rig_write8(&u.r, IER, 0x05);
	u.s->fe.event(u.s, CHARDEV_BREAK);
	CHECK_EQ(rig_read8(&u.r, IIR), 0xc6);
	CHECK_EQ(rig_read8(&u.r, LSR), 0xf1);
	CHECK_EQ(rig_read8(&u.r, RBR), 0);
	CHECK_EQ(rig_read8(&u.r, LSR), 0x60);
	uart_rig_destroy(&u);
}

TEST(uart_fifo_reset_empties_the_receiver)
{
	struct uart_rig u;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 1);
	uart_rig_type(&u, "junk");
	rig_write8(&u.r, FCR, 3);
	CHECK_EQ(rig_read8(&u.r, LSR), 0x60);
	/* without the enable bit the others do not count */
	rig_write8(&u.r, FCR, 0);
	uart_rig_type(&u, "k");
	rig_write8(&u.r, FCR, 2);
	CHECK_EQ(rig_read8(&u.r, RBR), 'k');
	uart_rig_destroy(&u);
}

TEST(uart_transmitter_waits_for_a_full_back_end)
{
	struct uart_rig u;
	size_t n = 0, got = 0;
	char buf[4096];
	ssize_t k;

	uart_rig_init(&u, NULL);
	rig_write8(&u.r, FCR, 1);
	while (rig_read8(&u.r, LSR) & 0x20 && n < (8 << 20)) {
		rig_write8(&u.r, THR, (uint8_t)(n % 63 ? 'f' : '\n'));
		n++;
	}
	CHECK(n > CHARDEV_QUEUE && n < (8 << 20));
	rig_write8(&u.r, IER, 0x02);
	CHECK(!uart_rig_irq(&u));
	for (int idle = 0; idle < 8;) {
		k = read(u.fd, buf, sizeof(buf));
		got += k > 0 ? (size_t)k : 0;
		idle = k > 0 ? 0 : idle + 1;
		rig_poll(&u.r);
	}
	CHECK(uart_rig_irq(&u));
	CHECK_EQ(rig_read8(&u.r, LSR) & 0x20, 0x20);
	CHECK_EQ(got, n);
	uart_rig_destroy(&u);
}

TEST(uart_reg_shift_spreads_the_registers)
{
	struct uart_rig u;

	uart_rig_init(&u, "reg-shift=2");
	CHECK_EQ(u.s->dev.region.size, 32);
	rig_write32(&u.r, SCR << 2, 0x1ff5a);
	CHECK_EQ(rig_read8(&u.r, SCR << 2), 0x5a);
	CHECK_EQ(rig_read32(&u.r, SCR << 2), 0x5a);
	uart_rig_destroy(&u);
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
