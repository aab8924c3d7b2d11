/* SPDX-License-Identifier: MIT */
/* Interrupts as devices see them: a line or a message, never the chip. */
#ifndef HW_CORE_IRQ_H
#define HW_CORE_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/core/err.h"

struct irqchip;

struct msi_msg {
	uint64_t addr;
	uint32_t data;
	uint32_t devid; /* requester id, for chips that route by it (ITS) */
};

/* One message-signalled interrupt: write to fd, or msi_send(), to raise it. */
struct msi_route {
	struct irqchip *chip;
	int fd; /* eventfd; anyone may write to it: vhost, VFIO, I/O threads */
	/* the chip's: */
	uint32_t gsi;
	bool live; /* a message is set, writes to fd reach the guest */
	struct msi_msg msg;
	void *priv;
};

/*
 * An interrupt controller, KVM's own or one of hw/.  Every function may be
 * called from any thread and takes only the chip's own lock.
 */
struct irqchip_ops {
	void (*set_line)(struct irqchip *c, unsigned line, bool level);
	/*
	 * Makes writes to r->fd deliver *msg, or nothing while msg is NULL.
	 * 0 or a negative errno.
	 */
	int (*route)(struct irqchip *c, struct msi_route *r,
		     const struct msi_msg *msg);
	/* Delivers at once, without a route. */
	void (*send)(struct irqchip *c, const struct msi_msg *msg);
	/* Ends a route that was live; optional where route(NULL) suffices. */
	void (*route_free)(struct irqchip *c, struct msi_route *r);
};

struct irqchip {
	const struct irqchip_ops *ops;
	const char *name;
	unsigned nlines;
};

/* A wired interrupt. */
struct irq {
	struct irqchip *chip; /* NULL: not connected, changes are ignored */
	unsigned line;
};

/* Drives the line; the chip's configuration decides what edges mean. */
void irq_set(const struct irq *irq, bool level);
/* Up and down: one event on an edge-triggered line. */
void irq_pulse(const struct irq *irq);

/* Makes an eventfd and binds it to the chip; nothing is delivered yet. */
int msi_route_init(struct msi_route *r, struct irqchip *chip,
		   struct err *err) MUST_CHECK;
void msi_route_destroy(struct msi_route *r);
/* Sets or (NULL) masks the message.  0 or a negative errno. */
int msi_route_set(struct msi_route *r, const struct msi_msg *msg);
/* Raises it: one write to the eventfd, from any thread. */
void msi_send(struct msi_route *r);

#endif
