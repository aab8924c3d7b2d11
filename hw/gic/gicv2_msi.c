/* SPDX-License-Identifier: MIT */
/* The software GICv2's messages: each raises an edge of an SPI. */
#include "hw/core/log.h"
#include "hw/gic/gicv2_priv.h"

static int msi_spi(void *opaque, const struct msi_msg *msg)
{
	const struct gicv2 *s = opaque;
	int spi = gicv2m_spi(&s->cfg.frame, msg);

	if (spi >= 0 && (unsigned)spi < s->cfg.nspis)
		return spi;
	guest_error(s->dev.name,
		    "a message to 0x%llx of 0x%x is not for the frame",
		    (unsigned long long)msg->addr, msg->data);
	return -1;
}

static void msi_raise(void *opaque, int spi)
{
	struct gicv2 *s = opaque;

	device_lock(&s->dev);
	gicv2_input(s, 0, GIC_SPI((unsigned)spi), true);
	gicv2_input(s, 0, GIC_SPI((unsigned)spi), false);
	gicv2_settle(s);
	device_unlock(&s->dev);
}

int gicv2_msi_init(struct gicv2 *s, struct err *err)
{
	s->fds.resolve = msi_spi;
	s->fds.raise = msi_raise;
	s->fds.opaque = s;
	return msi_fds_init(&s->fds, s->dev.name, s->dev.env->loop, err);
}

int gicv2_msi_route(struct irqchip *c, struct msi_route *r,
		    const struct msi_msg *msg)
{
	return msi_fds_route(&gicv2_of(c)->fds, r, msg);
}

void gicv2_msi_route_free(struct irqchip *c, struct msi_route *r)
{
	msi_fds_free(&gicv2_of(c)->fds, r);
}

void gicv2_msi_send(struct irqchip *c, const struct msi_msg *msg)
{
	struct gicv2 *s = gicv2_of(c);
	int spi = msi_spi(s, msg);

	if (spi >= 0)
		msi_raise(s, spi);
}
