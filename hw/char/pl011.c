/* SPDX-License-Identifier: MIT */
/* Arm's PrimeCell UART (PL011): a serial port over a character back end. */
#include "hw/char/pl011.h"

#include "hw/core/primecell.h"

/* Section 3.2: the registers, without their prefix UART. */
enum {
	PL011_DR = 0x000,
	PL011_RSR_ECR = 0x004,
	PL011_FR = 0x018,
	PL011_ILPR = 0x020,
	PL011_IBRD = 0x024,
	PL011_FBRD = 0x028,
	PL011_LCR_H = 0x02c,
	PL011_CR = 0x030,
	PL011_IFLS = 0x034,
	PL011_IMSC = 0x038,
	PL011_RIS = 0x03c,
	PL011_MIS = 0x040,
	PL011_ICR = 0x044,
	PL011_DMACR = 0x048,
};

#define PL011_PERIPH_ID 0x00341011 /* r1p5 */

#define DR_BE 0x400
#define DR_OE 0x800

#define RSR_OE	   0x08
#define RSR_ERRORS 0x07 /* FE, PE, BE: bits 8 to 10 of a character */

#define FR_CTS	0x001
#define FR_DSR	0x002
#define FR_DCD	0x004
#define FR_BUSY 0x008
#define FR_RXFE 0x010
#define FR_TXFF 0x020
#define FR_RXFF 0x040
#define FR_TXFE 0x080
#define FR_RI	0x100

#define LCR_BRK 0x01
#define LCR_FEN 0x10

#define CR_LBE	 0x0080
#define CR_TXE	 0x0100
#define CR_RXE	 0x0200
#define CR_DTR	 0x0400
#define CR_RTS	 0x0800
#define CR_OUT1	 0x1000
#define CR_OUT2	 0x2000
#define CR_VALID 0xff87
#define CR_RESET (CR_TXE | CR_RXE)

#define IFLS_RESET 0x12 /* half full, both ways */

#define INT_RI	0x001
#define INT_CTS 0x002
#define INT_DCD 0x004
#define INT_DSR 0x008
#define INT_RX	0x010
#define INT_TX	0x020
#define INT_RT	0x040
#define INT_BE	0x200
#define INT_OE	0x400
#define INT_ALL 0x7ff

#define PL011_BATCH	 64	/* characters that gather into one write */
#define PL011_TIMEOUT_NS 277777 /* 32 bits at 115200 baud */

static bool pl011_fifos(const struct pl011 *s)
{
	return s->lcr_h & LCR_FEN;
}

static unsigned pl011_rx_size(const struct pl011 *s)
{
	return pl011_fifos(s) ? PL011_FIFO : 1;
}

/* RXIFLSEL (3.3.9); its reserved values are taken for the highest level. */
static unsigned pl011_rx_trigger(const struct pl011 *s)
{
	static const uint8_t eighths[8] = { 1, 2, 4, 6, 7, 7, 7, 7 };

	return pl011_fifos(s) ? eighths[s->ifls >> 3] * PL011_FIFO / 8 : 1;
}

/* The only function that drives the line: UARTINTR, all of them combined. */
static void pl011_update_irq(struct pl011 *s)
{
	bool level = s->ris & s->imsc;

	if (level == s->line)
		return;
	s->line = level;
	irq_set(&s->dev.irq, level);
}

/* ---- the receiver */

static void pl011_receive_char(struct pl011 *s, uint16_t c)
{
	if (s->rx_len == pl011_rx_size(s)) {
		s->overrun = true;
		s->rsr |= RSR_OE;
		s->ris |= INT_OE;
		return;
	}
	if (s->overrun)
		c |= DR_OE;
	s->overrun = false;
	s->rx[(s->rx_head + s->rx_len) % PL011_FIFO] = c;
	s->rx_len++;
	s->ris |= s->rx_len >= pl011_rx_trigger(s) ? INT_RX : INT_RT;
	if (c & DR_BE)
		s->ris |= INT_BE;
}

static void pl011_clear_rx(struct pl011 *s)
{
	s->rx_head = s->rx_len = 0;
	s->overrun = false;
	s->ris &= ~(INT_RX | INT_RT);
}

static uint16_t pl011_read_dr(struct pl011 *s)
{
	uint16_t c;

	if (!s->rx_len)
		return 0;
	c = s->rx[s->rx_head];
	s->rx_head = (s->rx_head + 1) % PL011_FIFO;
	s->rx_len--;
	s->rsr = (s->rsr & RSR_OE) | (c >> 8 & RSR_ERRORS);
	if (s->rx_len < pl011_rx_trigger(s) && s->ris & INT_RX) {
		s->ris &= ~INT_RX;
		s->ris |= INT_RT; /* for the rest */
	}
	if (!s->rx_len)
		s->ris &= ~INT_RT;
	return c;
}

static size_t pl011_can_receive(void *opaque)
{
	struct pl011 *s = opaque;
	size_t n = 0;

	device_lock(&s->dev);
	if (s->cr & CR_RXE && !(s->cr & CR_LBE))
		n = pl011_rx_size(s) - s->rx_len;
	device_unlock(&s->dev);
	return n;
}

static void pl011_receive(void *opaque, const uint8_t *buf, size_t len)
{
	struct pl011 *s = opaque;

	device_lock(&s->dev);
	for (size_t i = 0; i < len; i++)
		pl011_receive_char(s, buf[i]);
	pl011_update_irq(s);
	device_unlock(&s->dev);
}

/* Characters were left behind when RTRIS was cleared. */
static void pl011_timer(void *opaque)
{
	struct pl011 *s = opaque;

	device_lock(&s->dev);
	if (s->rx_len)
		s->ris |= INT_RT;
	pl011_update_irq(s);
	device_unlock(&s->dev);
}

/* ---- the transmitter */

static void pl011_flush(struct pl011 *s)
{
	bool was_full = s->out.blocked;

	outbuf_flush(&s->out);
	if (was_full && !s->out.blocked)
		s->ris |= INT_TX;
}

static void pl011_out_timer(void *opaque)
{
	struct pl011 *s = opaque;

	device_lock(&s->dev);
	outbuf_fired(&s->out);
	pl011_flush(s);
	pl011_update_irq(s);
	device_unlock(&s->dev);
}

/*
 * TXRIS tells that the FIFO fell to its trigger level: after each character,
 * for each has left already, but not while the back end is full.
 */
static void pl011_transmit(struct pl011 *s, uint8_t byte)
{
	if (s->cr & CR_LBE) {
		if (s->cr & CR_RXE)
			pl011_receive_char(s, byte);
		s->ris |= INT_TX;
		return;
	}
	/* A full FIFO loses the byte: the guest did not wait for TXFF. */
	outbuf_add(&s->out, byte);
	if (s->out.blocked)
		return;
	if (byte == '\n' || s->out.len >= PL011_BATCH)
		pl011_flush(s);
	else
		outbuf_flush_later(&s->out);
	if (s->out.blocked)
		s->ris &= ~INT_TX;
	else
		s->ris |= INT_TX;
}

static void pl011_event(void *opaque, enum chardev_event ev)
{
	struct pl011 *s = opaque;

	device_lock(&s->dev);
	if (ev == CHARDEV_WRITABLE)
		pl011_flush(s);
	/* A break is one zero with BE (3.3.1). */
	if (ev == CHARDEV_BREAK && s->rx_len < pl011_rx_size(s))
		pl011_receive_char(s, DR_BE);
	pl011_update_irq(s);
	device_unlock(&s->dev);
}

/* ---- modem lines */

/* The modem outputs looped back (3.3.8, LBE), or the cable of a terminal that
 * is always ready. */
static uint16_t pl011_lines(const struct pl011 *s)
{
	uint16_t v = 0;

	if (!(s->cr & CR_LBE))
		return FR_CTS | FR_DSR | FR_DCD;
	if (s->cr & CR_RTS)
		v |= FR_CTS;
	if (s->cr & CR_DTR)
		v |= FR_DSR;
	if (s->cr & CR_OUT1)
		v |= FR_DCD;
	if (s->cr & CR_OUT2)
		v |= FR_RI;
	return v;
}

static void pl011_update_lines(struct pl011 *s)
{
	uint16_t now = pl011_lines(s), changed = now ^ s->lines;

	s->lines = now;
	if (changed & FR_CTS)
		s->ris |= INT_CTS;
	if (changed & FR_DSR)
		s->ris |= INT_DSR;
	if (changed & FR_DCD)
		s->ris |= INT_DCD;
	if (changed & FR_RI)
		s->ris |= INT_RI;
}

/* ---- registers */

static uint16_t pl011_read_fr(const struct pl011 *s)
{
	uint16_t fr = s->lines;

	fr |= s->out.blocked ? FR_BUSY | FR_TXFF : FR_TXFE;
	if (!s->rx_len)
		fr |= FR_RXFE;
	if (s->rx_len == pl011_rx_size(s))
		fr |= FR_RXFF;
	return fr;
}

static uint32_t pl011_read_reg(struct pl011 *s, uint64_t off)
{
	switch (off) {
	case PL011_DR: return pl011_read_dr(s);
	case PL011_RSR_ECR: return s->rsr;
	case PL011_FR: return pl011_read_fr(s);
	case PL011_ILPR: return s->ilpr;
	case PL011_IBRD: return s->ibrd;
	case PL011_FBRD: return s->fbrd;
	case PL011_LCR_H: return s->lcr_h;
	case PL011_CR: return s->cr;
	case PL011_IFLS: return s->ifls;
	case PL011_IMSC: return s->imsc;
	case PL011_RIS: return s->ris;
	case PL011_MIS: return s->ris & s->imsc;
	case PL011_DMACR: return s->dmacr;
	default: return primecell_id(PL011_PERIPH_ID, off);
	}
}

static void pl011_write_lcr_h(struct pl011 *s, uint8_t val)
{
	uint8_t changed = val ^ s->lcr_h;

	if (changed & LCR_FEN)
		pl011_clear_rx(s);
	s->lcr_h = val;
	if (changed & val & LCR_BRK && s->cr & CR_LBE)
		pl011_receive_char(s, DR_BE);
}

static void pl011_write_icr(struct pl011 *s, uint32_t val)
{
	s->ris &= ~val;
	if (val & INT_RT && s->rx_len)
		timer_arm(s->dev.env->clock, &s->timer,
			  clock_now_ns(s->dev.env->clock) + PL011_TIMEOUT_NS);
}

static void pl011_write_reg(struct pl011 *s, uint64_t off, uint32_t val)
{
	switch (off) {
	case PL011_DR: pl011_transmit(s, (uint8_t)val); break;
	case PL011_RSR_ECR: s->rsr = 0; break;
	case PL011_ILPR: s->ilpr = (uint8_t)val; break;
	case PL011_IBRD: s->ibrd = (uint16_t)val; break;
	case PL011_FBRD: s->fbrd = val & 0x3f; break;
	case PL011_LCR_H: pl011_write_lcr_h(s, (uint8_t)val); break;
	case PL011_CR:
		s->cr = val & CR_VALID;
		pl011_update_lines(s);
		break;
	case PL011_IFLS: s->ifls = val & 0x3f; break;
	case PL011_IMSC: s->imsc = val & INT_ALL; break;
	case PL011_ICR: pl011_write_icr(s, val); break;
	case PL011_DMACR: s->dmacr = val & 7; break; /* no DMA is wired */
	default: break;
	}
}

static uint64_t pl011_read(void *opaque, uint64_t off, unsigned size)
{
	struct pl011 *s = opaque;
	uint64_t reg = primecell_word(off);
	uint32_t val = pl011_read_reg(s, reg);

	(void)size;
	if (reg == PL011_DR) {
		pl011_update_irq(s);
		chardev_accept_input(&s->fe);
	}
	return primecell_lanes(val, off);
}

static void pl011_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct pl011 *s = opaque;

	(void)size;
	pl011_write_reg(s, off, (uint32_t)val);
	pl011_update_irq(s);
	/* A larger FIFO, the receiver enabled, the end of loopback. */
	if (off == PL011_LCR_H || off == PL011_CR)
		chardev_accept_input(&s->fe);
}

static const struct region_ops pl011_ops = {
	.read = pl011_read,
	.write = pl011_write,
	.min_size = 1,
	.max_size = 4,
};

/* ---- the device */

void pl011_set_chardev(struct pl011 *s, struct chardev *c)
{
	s->chr = c;
}

static int pl011_realize(struct device *dev, struct err *err)
{
	struct pl011 *s = container_of(dev, struct pl011, dev);

	s->timer = (struct timer){ .fire = pl011_timer, .opaque = s };
	s->fe = (struct chardev_fe){
		.name = dev->name,
		.opaque = s,
		.can_receive = pl011_can_receive,
		.receive = pl011_receive,
		.event = pl011_event,
	};
	outbuf_init(&s->out, &s->fe, dev->env->clock, pl011_out_timer, s);
	device_region(dev, &pl011_ops);
	return s->chr ? chardev_attach(s->chr, &s->fe, err) : 0;
}

static void pl011_stop(struct device *dev)
{
	struct pl011 *s = container_of(dev, struct pl011, dev);

	device_lock(dev);
	pl011_flush(s);
	pl011_update_irq(s);
	device_unlock(dev);
}

static void pl011_unrealize(struct device *dev)
{
	struct pl011 *s = container_of(dev, struct pl011, dev);

	pl011_stop(dev);
	timer_disarm(dev->env->clock, &s->timer);
	outbuf_destroy(&s->out);
	chardev_detach(&s->fe);
}

static void pl011_reset(struct device *dev)
{
	struct pl011 *s = container_of(dev, struct pl011, dev);

	pl011_flush(s); /* the user shall see what the guest said last */
	s->rsr = s->ilpr = s->lcr_h = s->fbrd = s->dmacr = 0;
	s->ibrd = s->imsc = s->ris = 0;
	s->ifls = IFLS_RESET;
	s->cr = CR_RESET;
	s->lines = pl011_lines(s);
	pl011_clear_rx(s);
	pl011_update_irq(s);
}

const struct device_class pl011_class = {
	.name = "pl011",
	.brief = "Arm PrimeCell UART (PL011)",
	.compatible = "arm,pl011",
	.acpi_hid = "ARMH0011",
	.size = sizeof(struct pl011),
	.space = SPACE_MMIO,
	.region_size = PRIMECELL_SIZE,
	.realize = pl011_realize,
	.unrealize = pl011_unrealize,
	.reset = pl011_reset,
	.stop = pl011_stop,
};
