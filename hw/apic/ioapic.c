/* SPDX-License-Identifier: MIT */
/* The I/O APIC (Intel 82093AA data sheet, 290566-001) in software. */
#include "hw/apic/ioapic.h"

#include <string.h>

#include "hw/core/log.h"

/* Memory-mapped registers, section 3.1; the last one came with version 2. */
#define IOREGSEL 0x00
#define IOWIN	 0x10
#define IOEOIR	 0x40

/* Indirect registers, section 3.2. */
#define IOAPICID  0x00
#define IOAPICVER 0x01
#define IOAPICARB 0x02
#define IOREDTBL  0x10
#define ID_MASK	  0x0f000000

#define IOAPIC_VERSION 0x20

/* A redirection entry, section 3.2.4. */
#define RED_VECTOR   0xffull
#define RED_DELMOD   (7ull << 8)
#define RED_EXTINT   (7ull << 8)
#define RED_LOGICAL  (1ull << 11)
#define RED_DELIVS   (1ull << 12)
#define RED_RIRR     (1ull << 14)
#define RED_LEVEL    (1ull << 15)
#define RED_MASK     (1ull << 16)
#define RED_READONLY (RED_DELIVS | RED_RIRR)
#define RED_WRITABLE 0xff0000000001ffffull
#define RED_DEST(e)  ((e) >> 56)

/* Intel SDM volume 3, section 11.11: the message a device writes. */
#define MSI_BASE	0xfee00000
#define MSI_LOGICAL	(1u << 2)
#define MSI_DEST_SHIFT	12
#define MSI_DATA_ASSERT (1u << 14)
#define MSI_DATA_LEVEL	(1u << 15)
#define MSI_DATA_DELMOD 0x700u

struct ioapic {
	struct device dev;
	struct irqchip chip;	/* what devices drive */
	struct irqchip *parent; /* constant from setup */
	/* dev.lock: */
	uint64_t redir[IOAPIC_PINS];
	struct msi_route route[IOAPIC_PINS];
	uint32_t asserted; /* the lines, a bit each */
	uint32_t id;
	uint8_t select;
};

static struct msi_msg ioapic_message(uint64_t entry)
{
	struct msi_msg msg = {
		.addr = MSI_BASE | RED_DEST(entry) << MSI_DEST_SHIFT,
		.data = (uint32_t)(entry & (RED_VECTOR | MSI_DATA_DELMOD)),
	};

	if (entry & RED_LOGICAL)
		msg.addr |= MSI_LOGICAL;
	if (entry & RED_LEVEL)
		msg.data |= MSI_DATA_LEVEL | MSI_DATA_ASSERT;
	return msg;
}

/* There is no 8259 whose vector an ExtINT could ask for. */
static bool ioapic_deliverable(uint64_t entry)
{
	return !(entry & RED_MASK) && (entry & RED_DELMOD) != RED_EXTINT;
}

static void ioapic_deliver(struct ioapic *s, unsigned pin)
{
	struct msi_msg msg = ioapic_message(s->redir[pin]);

	s->parent->ops->send(s->parent, &msg);
}

/* A level-triggered pin is sent once and then waits for its EOI. */
static void ioapic_service_level(struct ioapic *s, unsigned pin)
{
	uint64_t entry = s->redir[pin];

	if (!(entry & RED_LEVEL) || !(s->asserted >> pin & 1) ||
	    (entry & RED_RIRR) || !ioapic_deliverable(entry))
		return;
	s->redir[pin] |= RED_RIRR;
	ioapic_deliver(s, pin);
}

/* Edges on a masked pin are lost (section 3.2.4, bit 16). */
static void ioapic_pin(struct ioapic *s, unsigned pin, bool level)
{
	bool was = s->asserted >> pin & 1;

	if (level)
		s->asserted |= 1u << pin;
	else
		s->asserted &= ~(1u << pin);
	if (s->redir[pin] & RED_LEVEL)
		ioapic_service_level(s, pin);
	else if (level && !was && ioapic_deliverable(s->redir[pin]))
		ioapic_deliver(s, pin);
}

static void ioapic_end(struct ioapic *s, uint8_t vector)
{
	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
		if (!(s->redir[pin] & RED_RIRR) ||
		    (s->redir[pin] & RED_VECTOR) != vector)
			continue;
		s->redir[pin] &= ~RED_RIRR;
		ioapic_service_level(s, pin);
	}
}

/* ---- what devices see */

static struct ioapic *ioapic_of(struct irqchip *c)
{
	return container_of(c, struct ioapic, chip);
}

static void ioapic_set_line(struct irqchip *c, unsigned line, bool level)
{
	struct ioapic *s = ioapic_of(c);

	if (line >= IOAPIC_PINS)
		return;
	device_lock(&s->dev);
	ioapic_pin(s, line, level);
	device_unlock(&s->dev);
}

static int ioapic_pass_route(struct irqchip *c, struct msi_route *r,
			     const struct msi_msg *msg)
{
	struct irqchip *parent = ioapic_of(c)->parent;

	return parent->ops->route(parent, r, msg);
}

static void ioapic_pass_send(struct irqchip *c, const struct msi_msg *msg)
{
	struct irqchip *parent = ioapic_of(c)->parent;

	parent->ops->send(parent, msg);
}

static void ioapic_pass_free(struct irqchip *c, struct msi_route *r)
{
	struct irqchip *parent = ioapic_of(c)->parent;

	if (parent->ops->route_free)
		parent->ops->route_free(parent, r);
}

static const struct irqchip_ops ioapic_chip_ops = {
	.set_line = ioapic_set_line,
	.route = ioapic_pass_route,
	.send = ioapic_pass_send,
	.route_free = ioapic_pass_free,
};

struct irqchip *ioapic_setup(struct device *ioapic, struct irqchip *parent)
{
	struct ioapic *s = (struct ioapic *)ioapic;

	s->parent = parent;
	s->chip = (struct irqchip){ .ops = &ioapic_chip_ops,
				    .name = ioapic->name,
				    .nlines = IOAPIC_PINS };
	return &s->chip;
}

void ioapic_eoi(struct irqchip *chip, uint8_t vector)
{
	struct ioapic *s = ioapic_of(chip);

	device_lock(&s->dev);
	ioapic_end(s, vector);
	device_unlock(&s->dev);
}

/* ---- registers */

static uint32_t ioapic_indirect_read(const struct ioapic *s)
{
	unsigned i = s->select;

	switch (i) {
	case IOAPICID:
	case IOAPICARB: return s->id;
	case IOAPICVER: return IOAPIC_VERSION | (IOAPIC_PINS - 1) << 16;
	}
	if (i < IOREDTBL || i >= IOREDTBL + 2 * IOAPIC_PINS)
		return 0;
	i -= IOREDTBL;
	return (uint32_t)(s->redir[i / 2] >> 32 * (i % 2));
}

/* Lets the parent know which message, and so which vector, a pin has. */
static void ioapic_route(struct ioapic *s, unsigned pin)
{
	struct msi_msg msg = ioapic_message(s->redir[pin]);
	int ret;

	if (!ioapic_deliverable(s->redir[pin]))
		return;
	ret = msi_route_set(&s->route[pin], &msg);
	if (ret < 0)
		guest_error(s->dev.name, "the route of pin %u: %s", pin,
			    strerror(-ret));
}

static void ioapic_redir_write(struct ioapic *s, unsigned i, uint32_t val)
{
	unsigned pin = i / 2, shift = 32 * (i % 2);
	uint64_t mask = (uint64_t)UINT32_MAX << shift;
	uint64_t entry = s->redir[pin];

	mask &= RED_WRITABLE & ~RED_READONLY;
	entry = (entry & ~mask) | ((uint64_t)val << shift & mask);
	if (!(entry & RED_LEVEL))
		entry &= ~RED_RIRR;
	s->redir[pin] = entry;
	ioapic_route(s, pin);
	ioapic_service_level(s, pin);
}

static void ioapic_indirect_write(struct ioapic *s, uint32_t val)
{
	unsigned i = s->select;

	if (i == IOAPICID)
		s->id = val & ID_MASK;
	else if (i >= IOREDTBL && i < IOREDTBL + 2 * IOAPIC_PINS)
		ioapic_redir_write(s, i - IOREDTBL, val);
}

static uint64_t ioapic_read(void *opaque, uint64_t off, unsigned size)
{
	struct ioapic *s = opaque;

	(void)size;
	switch (off) {
	case IOREGSEL: return s->select;
	case IOWIN: return ioapic_indirect_read(s);
	default: return 0;
	}
}

static void ioapic_write(void *opaque, uint64_t off, uint64_t val,
			 unsigned size)
{
	struct ioapic *s = opaque;

	switch (off) {
	case IOREGSEL: s->select = (uint8_t)val; break;
	case IOWIN:
		if (size == 4)
			ioapic_indirect_write(s, (uint32_t)val);
		break;
	case IOEOIR: ioapic_end(s, (uint8_t)val); break;
	}
}

static const struct region_ops ioapic_ops = {
	.read = ioapic_read,
	.write = ioapic_write,
	.min_size = 1,
	.max_size = 4,
};

/* ---- the class */

static void ioapic_routes_free(struct ioapic *s)
{
	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
		msi_route_destroy(&s->route[pin]);
}

static int ioapic_pin_init(struct ioapic *s, unsigned pin, struct err *err)
{
	/* Any message takes the GSI; this one is fixed, edge, vector 0. */
	static const struct msi_msg none = { .addr = MSI_BASE };
	int ret = msi_route_init(&s->route[pin], s->parent, err);

	if (ret < 0)
		return ret;
	ret = msi_route_set(&s->route[pin], &none);
	if (ret == 0)
		ret = msi_route_set(&s->route[pin], NULL);
	if (ret < 0)
		err_set(err, -ret, "%s: no interrupt route for pin %u: %s",
			s->dev.name, pin, strerror(-ret));
	return ret;
}

static int ioapic_realize(struct device *dev, struct err *err)
{
	struct ioapic *s = (struct ioapic *)dev;
	int ret;

	assert(s->parent);
	memset(s->route, 0, sizeof(s->route));
	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
		ret = ioapic_pin_init(s, pin, err);
		if (ret < 0) {
			ioapic_routes_free(s);
			return ret;
		}
	}
	device_region(dev, &ioapic_ops);
	return 0;
}

static void ioapic_unrealize(struct device *dev)
{
	ioapic_routes_free((struct ioapic *)dev);
}

/* The lines are their devices'; those reset themselves. */
static void ioapic_reset(struct device *dev)
{
	struct ioapic *s = (struct ioapic *)dev;

	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++)
		s->redir[pin] = RED_MASK;
	s->id = 0;
	s->select = 0;
}

const struct device_class ioapic_class = {
	.name = "ioapic",
	.brief = "I/O APIC",
	.compatible = "intel,ce4100-ioapic",
	.size = sizeof(struct ioapic),
	.space = SPACE_MMIO,
	.region_size = 0x1000,
	.realize = ioapic_realize,
	.unrealize = ioapic_unrealize,
	.reset = ioapic_reset,
};
