/* SPDX-License-Identifier: MIT */
/* Arm's PrimeCell UART (PL011): a serial port over a character back end. */
#ifndef HW_CHAR_PL011_H
#define HW_CHAR_PL011_H

#include "hw/char/outbuf.h"
#include "hw/core/device.h"

#define PL011_FIFO 32 /* characters, each way: revision r1p5 */

extern const struct device_class pl011_class;

/*
 * The register set of DDI 0183G.  The line has no speed: a character leaves as
 * soon as it is written, and the transmit FIFO is empty unless the back end
 * is full; then TXFF is set and the guest waits.  Characters gather for the
 * back end up to a newline, 64 of them, or 2 ms (hw/char/outbuf.h), which the
 * guest does not see.
 *
 * For the same reason what is in the receive FIFO below the trigger level has
 * been there for 32 bit periods already: the timeout interrupt (RTRIS) comes
 * at once.  Where a guest clears it and leaves characters behind, it comes
 * again 32 bit periods of 115200 baud later.
 *
 * UARTEN and TXE do not hold output back, and input needs RXE only: a guest
 * that was told of an SBSA Generic UART, which has no UARTCR, or of an early
 * console counts on what firmware would have left enabled.
 */
struct pl011 {
	struct device dev; /* dev.lock protects what follows "state" */
	/* constant from realize on: */
	struct chardev *chr;  /* or NULL */
	struct chardev_fe fe; /* its callbacks run on the main loop */
	struct timer timer;   /* raises RTRIS again */

	/* state, by the manual's names without "UART": */
	uint8_t rsr, ilpr, lcr_h, ifls, fbrd, dmacr;
	uint16_t ibrd, cr, imsc, ris;
	uint16_t lines; /* modem inputs, at their places in UARTFR */
	bool overrun;	/* the next character received carries OE */
	bool line;	/* the interrupt's level */

	uint16_t rx[PL011_FIFO]; /* as UARTDR shows them, errors included */
	uint8_t rx_head, rx_len;
	struct outbuf out;
};

/* The back end; NULL: output is gone.  Before realize.  The caller keeps it
 * open until the device is freed. */
void pl011_set_chardev(struct pl011 *s, struct chardev *c);

#endif
