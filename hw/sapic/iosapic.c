/* SPDX-License-Identifier: MIT */
/* The I/O SAPIC: wires become messages. */
#include <assert.h>

#include "hw/sapic/sapic_priv.h"

/* Memory-mapped: which register, and a window to it. */
#define IOSAPIC_SELECT 0x00
#define IOSAPIC_WINDOW 0x10
#define IOSAPIC_EOI    0x40

/* Behind the window. */
#define REG_ID	    0x00
#define REG_VERSION 0x01
#define REG_RTE	    0x10 /* the low word of pin 0; then its high one */

#define VERSION 0x20

/* A redirection entry; the high word's top half is id and eid. */
#define RTE_VECTOR   UINT64_C(0xff)
#define RTE_MODE(r)  ((unsigned)((r) >> 8 & 7))
#define RTE_POLARITY (UINT64_C(1) << 13)
#define RTE_REMOTE   (UINT64_C(1) << 14) /* sent, not ended: read-only */
#define RTE_LEVEL    (UINT64_C(1) << 15)
#define RTE_MASKED   (UINT64_C(1) << 16)
#define RTE_DEST(r)  ((uint16_t)((r) >> 48))
#define RTE_WRITABLE UINT64_C(0xffff00000001a7ff)

/* ---- pins */

static void pin_send(struct iosapic *s, const struct iosapic_pin *p)
{
	sapic_send(&s->sapic->dev, RTE_DEST(p->rte),
		   RTE_MODE(p->rte) == SAPIC_MODE_LOWEST, RTE_MODE(p->rte),
		   (uint8_t)(p->rte & RTE_VECTOR));
}

/* A level that is up, and of which nobody was told since it was ended. */
static void pin_offer(struct iosapic *s, struct iosapic_pin *p)
{
	if (!p->level || !(p->rte & RTE_LEVEL) ||
	    (p->rte & (RTE_MASKED | RTE_REMOTE)))
		return;
	p->rte |= RTE_REMOTE;
	pin_send(s, p);
}

void iosapic_set(struct iosapic *s, unsigned pin, bool level)
{
	struct iosapic_pin *p = &s->pin[pin];
	bool rises;

	device_lock(&s->dev);
	rises = level && !p->level;
	p->level = level;
	if (p->rte & RTE_LEVEL)
		pin_offer(s, p);
	else if (rises && !(p->rte & RTE_MASKED))
		pin_send(s, p);
	device_unlock(&s->dev);
}

/* Ends every level interrupt of that vector; what is still up comes again. */
static void iosapic_eoi(struct iosapic *s, uint8_t vector)
{
	for (unsigned i = 0; i < IOSAPIC_PINS; i++) {
		struct iosapic_pin *p = &s->pin[i];

		if (!(p->rte & RTE_LEVEL) || (p->rte & RTE_VECTOR) != vector)
			continue;
		p->rte &= ~RTE_REMOTE;
		pin_offer(s, p);
	}
}

/* ---- registers */

static struct iosapic_pin *selected_pin(struct iosapic *s)
{
	unsigned i = (s->select - REG_RTE) / 2;

	return s->select >= REG_RTE && i < IOSAPIC_PINS ? &s->pin[i] : NULL;
}

static uint32_t window_read(struct iosapic *s)
{
	const struct iosapic_pin *p = selected_pin(s);

	if (p)
		return (uint32_t)(p->rte >> (s->select & 1 ? 32 : 0));
	if (s->select == REG_VERSION)
		return (IOSAPIC_PINS - 1) << 16 | VERSION;
	return 0;
}

/* An entry that turns to edges has nothing out any more. */
static void window_write(struct iosapic *s, uint32_t val)
{
	struct iosapic_pin *p = selected_pin(s);
	unsigned shift = s->select & 1 ? 32 : 0;
	uint64_t mask = (uint64_t)UINT32_MAX << shift & RTE_WRITABLE;

	if (!p)
		return;
	p->rte = (p->rte & ~mask) | ((uint64_t)val << shift & mask);
	if (!(p->rte & RTE_LEVEL))
		p->rte &= ~RTE_REMOTE;
	pin_offer(s, p);
}

static uint64_t iosapic_read(void *opaque, uint64_t off, unsigned size)
{
	struct iosapic *s = opaque;

	(void)size;
	switch (off) {
	case IOSAPIC_SELECT: return s->select;
	case IOSAPIC_WINDOW: return window_read(s);
	default: return 0;
	}
}

static void iosapic_write(void *opaque, uint64_t off, uint64_t val,
			  unsigned size)
{
	struct iosapic *s = opaque;

	(void)size;
	switch (off) {
	case IOSAPIC_SELECT: s->select = val & 0xff; break;
	case IOSAPIC_WINDOW: window_write(s, (uint32_t)val); break;
	case IOSAPIC_EOI: iosapic_eoi(s, (uint8_t)val); break;
	default: break;
	}
}

static const struct region_ops iosapic_ops = {
	.read = iosapic_read,
	.write = iosapic_write,
	.min_size = 4,
	.max_size = 4,
};

/* ---- the device */

void iosapic_setup(struct device *iosapic, struct device *sapic, unsigned first)
{
	struct iosapic *s = (struct iosapic *)iosapic;
	struct sapic *to = (struct sapic *)sapic;

	assert(to->niosapics < SAPIC_MAX_IOSAPICS);
	s->sapic = to;
	s->first = first;
	to->iosapic[to->niosapics++] = s;
}

static int iosapic_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &iosapic_ops);
	return 0;
}

/* Wires are not ours: they stay as their devices drive them. */
static void iosapic_reset(struct device *dev)
{
	struct iosapic *s = (struct iosapic *)dev;

	s->select = 0;
	for (unsigned i = 0; i < IOSAPIC_PINS; i++)
		s->pin[i].rte = RTE_MASKED;
}

const struct device_class iosapic_class = {
	.name = "iosapic",
	.brief = "I/O SAPIC of 24 wires",
	.size = sizeof(struct iosapic),
	.space = SPACE_MMIO,
	.region_size = 0x1000,
	.realize = iosapic_realize,
	.reset = iosapic_reset,
};
