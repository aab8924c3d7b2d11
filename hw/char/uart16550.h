/* SPDX-License-Identifier: MIT */
/* The 16550A UART: a serial port over a character back end. */
#ifndef HW_CHAR_UART16550_H
#define HW_CHAR_UART16550_H

#include "hw/char/outbuf.h"
#include "hw/core/device.h"

#define UART_FIFO  16 /* bytes, each way */
#define UART_BATCH 64 /* transmitted bytes that gather into one write */

extern const struct device_class uart16550_class;

/*
 * The register set of the PC16550D (National Semiconductor, section 8).  The
 * line has no speed: a byte leaves as soon as it is written, unless the back
 * end is full; then THRE stays clear and the guest waits.
 *
 * Transmitted bytes gather and leave together at a newline, when 16 have come
 * since THRE was last signalled (the driver waits for that), when UART_BATCH
 * have, or 2 ms later.  The THRE interrupt comes when they leave.
 */
struct uart16550 {
	struct device dev; /* dev.lock protects what follows "state" */
	/* constant from realize on: */
	uint64_t reg_shift;   /* property: log2 of the registers' distance */
	struct chardev *chr;  /* or NULL */
	struct chardev_fe fe; /* its callbacks run on the main loop */

	/* state: */
	uint8_t ier, fcr, lcr, mcr, scr;
	uint16_t divisor;
	uint8_t lsr_error; /* OE, PE, FE, BI since LSR was last read */
	uint8_t msr_delta; /* low half of MSR */
	uint8_t msr_lines; /* high half, as last seen */
	bool thre_pending; /* the THRE interrupt, until IIR shows it */
	bool line;	   /* the interrupt's level */

	uint8_t rx[UART_FIFO];
	uint8_t rx_head, rx_len;

	struct outbuf out;
	uint8_t tx_since; /* bytes since THRE was last signalled */
	uint8_t thre_run; /* THRE interrupts since IIR said "none" */
};

/* The back end; NULL: output is gone.  Before realize.  The caller keeps it
 * open until the device is freed. */
void uart16550_set_chardev(struct uart16550 *s, struct chardev *c);

#endif
