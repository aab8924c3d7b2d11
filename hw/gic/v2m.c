/* SPDX-License-Identifier: MIT */
/*
 * The GICv2m frame: messages become edges of SPIs (Arm Server Base System
 * Architecture, DEN0029, appendix "GICv2m architecture").
 */
#include <string.h>

#include "hw/core/log.h"
#include "hw/gic/gic.h"

#define V2M_MSI_TYPER 0x008 /* [25:16] first interrupt id, [9:0] how many */
#define V2M_MSI_IIDR  0xfcc
#define V2M_ID_MASK   0x3ff

/* [31:20] product 'V', [19:16] architecture 0; the implementer has no code. */
#define V2M_IIDR_VALUE 0x05600000

struct gicv2m {
	struct device dev; /* dev.irq is the first of its SPIs */
};

/* The place in its range of the interrupt id that a write names; -1: none. */
static int v2m_index(unsigned spi, unsigned nspis, uint32_t data)
{
	uint32_t n = (data & V2M_ID_MASK) - GIC_SPI(spi);

	return n < nspis ? (int)n : -1;
}

struct gicv2m_frame gicv2m_frame(const struct board *b)
{
	unsigned i = 0;
	const struct board_dev *d = board_next_class(b, "gicv2m", &i);

	if (!d)
		return (struct gicv2m_frame){ 0 };
	return (struct gicv2m_frame){ .base = d->base,
				      .spi = d->irq,
				      .nspis = GICV2M_SPIS };
}

int gicv2m_spi(const struct gicv2m_frame *f, const struct msi_msg *msg)
{
	int n;

	if (!f->nspis || msg->addr != f->base + GICV2M_SETSPI)
		return -1;
	n = v2m_index(f->spi, f->nspis, msg->data);
	return n < 0 ? -1 : (int)f->spi + n;
}

static uint64_t v2m_read(void *opaque, uint64_t off, unsigned size)
{
	const struct gicv2m *s = opaque;

	(void)size;
	switch (off) {
	case V2M_MSI_TYPER: return GIC_SPI(s->dev.irq.line) << 16 | GICV2M_SPIS;
	case V2M_MSI_IIDR: return V2M_IIDR_VALUE;
	default: return 0; /* SETSPI is for writing, the rest reserved */
	}
}

static void v2m_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct gicv2m *s = opaque;
	struct irq irq = s->dev.irq;
	int n;

	(void)size;
	if (off != GICV2M_SETSPI)
		return;
	n = v2m_index(irq.line, GICV2M_SPIS, (uint32_t)val);
	if (n < 0) {
		guest_error(s->dev.name,
			    "a message names interrupt %u, which "
			    "is not one of the frame's",
			    (unsigned)val & V2M_ID_MASK);
		return;
	}
	irq.line += (unsigned)n;
	irq_pulse(&irq);
}

static const struct region_ops v2m_ops = {
	.read = v2m_read,
	.write = v2m_write,
	.min_size = 4,
	.max_size = 4,
};

static int v2m_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &v2m_ops);
	return 0;
}

const struct device_class gicv2m_class = {
	.name = "gicv2m",
	.brief = "GICv2m frame for messages",
	.compatible = "arm,gic-v2m-frame",
	.size = sizeof(struct gicv2m),
	.space = SPACE_MMIO,
	.region_size = 0x1000,
	.realize = v2m_realize,
};
