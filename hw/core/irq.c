/* SPDX-License-Identifier: MIT */
/* Interrupts as devices see them: a line or a message, never the chip. */
#include "hw/core/irq.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

void irq_set(const struct irq *irq, bool level)
{
	if (irq->chip)
		irq->chip->ops->set_line(irq->chip, irq->line, level);
}

void irq_pulse(const struct irq *irq)
{
	irq_set(irq, true);
	irq_set(irq, false);
}

int msi_route_init(struct msi_route *r, struct irqchip *chip, struct err *err)
{
	*r = (struct msi_route){ .chip = chip };
	r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->fd < 0) {
		err_set(err, errno, "cannot make an eventfd: %s",
			strerror(errno));
		if (err->code == EMFILE)
			err_hint(err, "raise the limit of open files "
				      "(ulimit -n)");
		return -err->code;
	}
	return 0;
}

void msi_route_destroy(struct msi_route *r)
{
	if (!r->chip)
		return;
	msi_route_set(r, NULL);
	if (r->chip->ops->route_free)
		r->chip->ops->route_free(r->chip, r);
	close(r->fd);
	*r = (struct msi_route){ .fd = -1 };
}

int msi_route_set(struct msi_route *r, const struct msi_msg *msg)
{
	int ret;

	if (r->live ? msg && !memcmp(&r->msg, msg, sizeof(*msg)) : !msg)
		return 0; /* as it is */
	ret = r->chip->ops->route(r->chip, r, msg);
	if (ret < 0)
		return ret;
	r->live = msg;
	if (msg)
		r->msg = *msg;
	return 0;
}

void msi_send(struct msi_route *r)
{
	static const uint64_t one = 1;

	/* A full counter means that an interrupt is pending already. */
	if (write(r->fd, &one, sizeof(one)) < 0)
		return;
}
