/* SPDX-License-Identifier: MIT */
/* The 16550A UART: a serial port over a character back end. */
#include "hw/char/uart16550.h"

/* Registers, as offsets in units of the registers' distance. */
enum {
	UART_RBR_THR_DLL = 0,
	UART_IER_DLM = 1,
	UART_IIR_FCR = 2,
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_MSR = 6,
	UART_SCR = 7,
};

#define IER_RDA	 0x01 /* received data available, and time-out */
#define IER_THRE 0x02
#define IER_RLS	 0x04 /* receiver line status */
#define IER_MSI	 0x08 /* modem status */

#define IIR_NONE    0x01
#define IIR_MSI	    0x00
#define IIR_THRE    0x02
#define IIR_RDA	    0x04
#define IIR_RLS	    0x06
#define IIR_TIMEOUT 0x0c
#define IIR_FIFOS   0xc0

#define FCR_ENABLE   0x01
#define FCR_RX_RESET 0x02
#define FCR_TX_RESET 0x04
#define FCR_KEPT     0xc9 /* trigger level, DMA mode, enable */

#define LCR_DLAB 0x80

#define MCR_DTR	 0x01
#define MCR_RTS	 0x02
#define MCR_OUT1 0x04
#define MCR_OUT2 0x08
#define MCR_LOOP 0x10

#define LSR_DR	 0x01
#define LSR_OE	 0x02
#define LSR_BI	 0x10
#define LSR_THRE 0x20
#define LSR_TEMT 0x40
#define LSR_FIFO 0x80 /* an error is in the FIFO */

#define MSR_CTS	 0x10
#define MSR_DSR	 0x20
#define MSR_RI	 0x40
#define MSR_DCD	 0x80
#define MSR_TERI 0x04 /* only the end of RI counts */

/*
 * A driver that sends without end stays in its handler as long as THRE comes
 * back at once, and Linux gives up after some hundred rounds: make it wait
 * for the timer now and then.
 */
#define UART_THRE_RUN 128

static bool uart_fifos(const struct uart16550 *s)
{
	return s->fcr & FCR_ENABLE;
}

static unsigned uart_rx_size(const struct uart16550 *s)
{
	return uart_fifos(s) ? UART_FIFO : 1;
}

static unsigned uart_trigger(const struct uart16550 *s)
{
	static const uint8_t level[4] = { 1, 4, 8, 14 };

	return uart_fifos(s) ? level[s->fcr >> 6] : 1;
}

/* The highest interrupt that is pending and enabled (table 4 of 8.6). */
static uint8_t uart_iir(const struct uart16550 *s)
{
	if (s->ier & IER_RLS && s->lsr_error)
		return IIR_RLS;
	if (s->ier & IER_RDA && s->rx_len >= uart_trigger(s))
		return IIR_RDA;
	/* The sender is never slow: what lies below the trigger level has
	 * lain there for four character times. */
	if (s->ier & IER_RDA && s->rx_len)
		return IIR_TIMEOUT;
	if (s->ier & IER_THRE && s->thre_pending)
		return IIR_THRE;
	if (s->ier & IER_MSI && s->msr_delta)
		return IIR_MSI;
	return IIR_NONE;
}

/* The only function that drives the line. */
static void uart_update_irq(struct uart16550 *s)
{
	bool level = uart_iir(s) != IIR_NONE;

	if (level == s->line)
		return;
	s->line = level;
	irq_set(&s->dev.irq, level);
}

/* ---- the transmitter */

/* What gathered leaves; THRE is signalled unless the back end is full. */
static void uart_flush(struct uart16550 *s)
{
	outbuf_flush(&s->out);
	if (!s->out.blocked && s->tx_since) {
		s->tx_since = 0;
		s->thre_pending = true;
		if (s->thre_run < UART_THRE_RUN)
			s->thre_run++;
	}
}

static void uart_timer(void *opaque)
{
	struct uart16550 *s = opaque;

	device_lock(&s->dev);
	s->thre_run = 0;
	outbuf_fired(&s->out);
	uart_flush(s);
	uart_update_irq(s);
	device_unlock(&s->dev);
}

/* A byte onto the line; false when it has to gather further. */
static bool uart_must_flush(const struct uart16550 *s, uint8_t byte)
{
	if (s->out.len >= UART_BATCH)
		return true;
	if (s->thre_run >= UART_THRE_RUN && s->ier & IER_THRE)
		return false;
	if (byte == '\n')
		return true;
	return s->ier & IER_THRE &&
	       s->tx_since >= (uart_fifos(s) ? UART_FIFO : 1);
}

static void uart_receive_byte(struct uart16550 *s, uint8_t byte)
{
	if (s->rx_len == uart_rx_size(s)) {
		s->lsr_error |= LSR_OE;
		/* Without FIFOs the new byte overwrites the old one. */
		if (!uart_fifos(s))
			s->rx[s->rx_head] = byte;
		return;
	}
	s->rx[(s->rx_head + s->rx_len) % UART_FIFO] = byte;
	s->rx_len++;
}

static void uart_transmit(struct uart16550 *s, uint8_t byte)
{
	s->thre_pending = false;
	if (s->tx_since < UINT8_MAX)
		s->tx_since++;
	if (s->mcr & MCR_LOOP) {
		uart_receive_byte(s, byte);
		s->tx_since = 0;
		s->thre_pending = true;
		return;
	}
	/* A full transmitter loses the byte, as the chip does: the guest did
	 * not wait for THRE. */
	outbuf_add(&s->out, byte);
	if (s->out.blocked)
		return;
	if (uart_must_flush(s, byte))
		uart_flush(s);
	else
		outbuf_flush_later(&s->out);
}

/* ---- the receiver */

static size_t uart_can_receive(void *opaque)
{
	struct uart16550 *s = opaque;
	size_t n;

	device_lock(&s->dev);
	n = s->mcr & MCR_LOOP ? 0 : uart_rx_size(s) - s->rx_len;
	device_unlock(&s->dev);
	return n;
}

static void uart_receive(void *opaque, const uint8_t *buf, size_t len)
{
	struct uart16550 *s = opaque;

	device_lock(&s->dev);
	for (size_t i = 0; i < len; i++)
		uart_receive_byte(s, buf[i]);
	uart_update_irq(s);
	device_unlock(&s->dev);
}

static void uart_event(void *opaque, enum chardev_event ev)
{
	struct uart16550 *s = opaque;

	device_lock(&s->dev);
	if (ev == CHARDEV_WRITABLE)
		uart_flush(s);
	if (ev == CHARDEV_BREAK && s->rx_len < uart_rx_size(s)) {
		/* A break is a zero byte and BI, shown with that byte; the
		 * bytes before it are read first (8.4). */
		uart_receive_byte(s, 0);
		s->lsr_error |= LSR_BI;
	}
	uart_update_irq(s);
	device_unlock(&s->dev);
}

static uint8_t uart_read_rbr(struct uart16550 *s)
{
	uint8_t byte;

	if (!s->rx_len)
		return 0;
	byte = s->rx[s->rx_head];
	s->rx_head = (s->rx_head + 1) % UART_FIFO;
	s->rx_len--;
	return byte;
}

/* ---- modem lines */

/* Where the modem outputs are looped back, or the cable of a terminal that
 * is always ready (8.7). */
static uint8_t uart_lines(const struct uart16550 *s)
{
	uint8_t v = 0;

	if (!(s->mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if (s->mcr & MCR_RTS)
		v |= MSR_CTS;
	if (s->mcr & MCR_DTR)
		v |= MSR_DSR;
	if (s->mcr & MCR_OUT1)
		v |= MSR_RI;
	if (s->mcr & MCR_OUT2)
		v |= MSR_DCD;
	return v;
}

static void uart_update_msr(struct uart16550 *s)
{
	uint8_t now = uart_lines(s), changed = now ^ s->msr_lines;

	s->msr_delta |= (changed & (MSR_CTS | MSR_DSR | MSR_DCD)) >> 4;
	if (changed & MSR_RI && !(now & MSR_RI))
		s->msr_delta |= MSR_TERI;
	s->msr_lines = now;
}

/* ---- registers */

static uint8_t uart_read_iir(struct uart16550 *s)
{
	uint8_t iir = uart_iir(s);

	if (iir == IIR_THRE)
		s->thre_pending = false;
	if (iir == IIR_NONE)
		s->thre_run = 0;
	return iir | (uart_fifos(s) ? IIR_FIFOS : 0);
}

static uint8_t uart_read_lsr(struct uart16550 *s)
{
	uint8_t lsr = s->lsr_error;

	if (lsr & ~LSR_OE && uart_fifos(s))
		lsr |= LSR_FIFO;
	if (s->rx_len)
		lsr |= LSR_DR;
	if (!s->out.blocked)
		lsr |= LSR_THRE | LSR_TEMT;
	s->lsr_error = 0;
	return lsr;
}

static uint8_t uart_read_reg(struct uart16550 *s, unsigned reg)
{
	uint8_t v;

	switch (reg) {
	case UART_RBR_THR_DLL:
		return s->lcr & LCR_DLAB ? (uint8_t)s->divisor
					 : uart_read_rbr(s);
	case UART_IER_DLM:
		return s->lcr & LCR_DLAB ? (uint8_t)(s->divisor >> 8) : s->ier;
	case UART_IIR_FCR: return uart_read_iir(s);
	case UART_LCR: return s->lcr;
	case UART_MCR: return s->mcr;
	case UART_LSR: return uart_read_lsr(s);
	case UART_MSR:
		v = s->msr_lines | s->msr_delta;
		s->msr_delta = 0;
		return v;
	default: return s->scr;
	}
}

static void uart_write_ier(struct uart16550 *s, uint8_t val)
{
	uint8_t rising = val & ~s->ier;

	s->ier = val & 0x0f;
	/* Enabling it while the transmitter is empty signals at once. */
	if (rising & IER_THRE && !s->out.blocked) {
		s->thre_pending = true;
		s->tx_since = 0;
	}
}

static void uart_clear_rx(struct uart16550 *s)
{
	s->rx_head = s->rx_len = 0;
	s->lsr_error = 0;
}

static void uart_write_fcr(struct uart16550 *s, uint8_t val)
{
	/* Turning the FIFOs on or off empties both; the other bits count only
	 * together with the enable bit (8.5). */
	if ((val ^ s->fcr) & FCR_ENABLE)
		val |= FCR_RX_RESET | FCR_TX_RESET;
	else if (!(val & FCR_ENABLE))
		return;
	if (val & FCR_RX_RESET)
		uart_clear_rx(s);
	/* What was written has left already, as far as the guest sees. */
	if (val & FCR_TX_RESET) {
		uart_flush(s);
		outbuf_drop(&s->out);
		s->tx_since = 0;
		s->thre_pending = true;
	}
	s->fcr = val & FCR_ENABLE ? val & FCR_KEPT : 0;
}

static void uart_write_reg(struct uart16550 *s, unsigned reg, uint8_t val)
{
	switch (reg) {
	case UART_RBR_THR_DLL:
		if (s->lcr & LCR_DLAB)
			s->divisor = (s->divisor & 0xff00) | val;
		else
			uart_transmit(s, val);
		break;
	case UART_IER_DLM:
		if (s->lcr & LCR_DLAB)
			s->divisor = (uint16_t)((s->divisor & 0xff) | val << 8);
		else
			uart_write_ier(s, val);
		break;
	case UART_IIR_FCR: uart_write_fcr(s, val); break;
	case UART_LCR: s->lcr = val; break;
	case UART_MCR:
		s->mcr = val & 0x1f;
		uart_update_msr(s);
		break;
	case UART_SCR: s->scr = val; break;
	default: break; /* LSR and MSR: writes are for factory testing */
	}
}

/* Registers lie 1 << reg_shift bytes apart; a wide access at distance 1
 * reaches as many of them as it has bytes, as on an ISA bus. */
static unsigned uart_span(const struct uart16550 *s, unsigned size)
{
	return s->reg_shift ? 1 : size;
}

static uint64_t uart_read(void *opaque, uint64_t off, unsigned size)
{
	struct uart16550 *s = opaque;
	unsigned reg = (unsigned)(off >> s->reg_shift);
	uint64_t val = 0;

	for (unsigned i = 0; i < uart_span(s, size); i++)
		val |= (uint64_t)uart_read_reg(s, reg + i) << 8 * i;
	uart_update_irq(s);
	/* Room in the FIFO, or the end of loopback. */
	if (reg == UART_RBR_THR_DLL)
		chardev_accept_input(&s->fe);
	return val;
}

static void uart_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct uart16550 *s = opaque;
	unsigned reg = (unsigned)(off >> s->reg_shift);

	for (unsigned i = 0; i < uart_span(s, size); i++)
		uart_write_reg(s, reg + i, (uint8_t)(val >> 8 * i));
	uart_update_irq(s);
	if (reg != UART_RBR_THR_DLL)
		chardev_accept_input(&s->fe);
}

static const struct region_ops uart_ops = {
	.read = uart_read,
	.write = uart_write,
	.min_size = 1,
	.max_size = 4,
};

/* ---- the device */

void uart16550_set_chardev(struct uart16550 *s, struct chardev *c)
{
	s->chr = c;
}

static int uart_realize(struct device *dev, struct err *err)
{
	struct uart16550 *s = container_of(dev, struct uart16550, dev);

	s->fe = (struct chardev_fe){
		.name = dev->name,
		.opaque = s,
		.can_receive = uart_can_receive,
		.receive = uart_receive,
		.event = uart_event,
	};
	outbuf_init(&s->out, &s->fe, dev->env->clock, uart_timer, s);
	device_region(dev, &uart_ops);
	dev->region.size = UINT64_C(8) << s->reg_shift;
	return s->chr ? chardev_attach(s->chr, &s->fe, err) : 0;
}

static void uart_stop(struct device *dev)
{
	struct uart16550 *s = container_of(dev, struct uart16550, dev);

	device_lock(dev);
	uart_flush(s);
	uart_update_irq(s);
	device_unlock(dev);
}

static void uart_unrealize(struct device *dev)
{
	struct uart16550 *s = container_of(dev, struct uart16550, dev);

	uart_stop(dev);
	outbuf_destroy(&s->out);
	chardev_detach(&s->fe);
}

/* Master reset (table 2 of 8.0): DLL, DLM and SCR survive. */
static void uart_reset(struct device *dev)
{
	struct uart16550 *s = container_of(dev, struct uart16550, dev);

	uart_flush(s); /* the user shall see what the guest said last */
	s->ier = s->fcr = s->lcr = s->mcr = 0;
	s->tx_since = s->thre_run = 0;
	s->thre_pending = true;
	uart_clear_rx(s);
	s->msr_lines = uart_lines(s);
	s->msr_delta = 0;
	uart_update_irq(s);
}

static const struct prop uart_props[] = {
	{ .name = "reg-shift",
	  .arg = "n",
	  .kind = PROP_UINT,
	  .off = offsetof(struct uart16550, reg_shift),
	  .max = 2,
	  .brief = "registers lie 2^n bytes apart (default 0)" },
	{ 0 },
};

const struct device_class uart16550_class = {
	.name = "uart16550",
	.brief = "16550A serial port",
	.compatible = "ns16550a",
	.acpi_hid = "PNP0501",
	.size = sizeof(struct uart16550),
	.space = SPACE_PIO,
	.region_size = 8,
	.props = uart_props,
	.realize = uart_realize,
	.unrealize = uart_unrealize,
	.reset = uart_reset,
	.stop = uart_stop,
};
