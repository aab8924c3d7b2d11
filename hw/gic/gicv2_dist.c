/* SPDX-License-Identifier: MIT */
/* The software GICv2's distributor registers (IHI 0048B section 4.3). */
#include "hw/core/log.h"
#include "hw/gic/gicv2_priv.h"

#define GICD_CTLR	0x000
#define GICD_TYPER	0x004
#define GICD_IIDR	0x008
#define GICD_IGROUPR	0x080 /* and seven more sets of bits up to ... */
#define GICD_BITS_END	0x400
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR	0x800
#define GICD_ICFGR	0xc00
#define GICD_ICFGR_END	0xd00
#define GICD_SGIR	0xf00
#define GICD_CPENDSGIR	0xf10
#define GICD_SPENDSGIR	0xf20
#define GICD_SGI_END	0xf30
#define GICD_ICPIDR2	0xfe8
#define GICD_END	0x1000

#define GICD_CTLR_WRITABLE 3u
#define ICPIDR2_ARCH_V2	   0x20

/* Which of the sets of a bit an interrupt, by address bits [9:7]. */
enum {
	BITS_GROUP = 1,
	BITS_SET_ENABLE,
	BITS_CLEAR_ENABLE,
	BITS_SET_PENDING,
	BITS_CLEAR_PENDING,
	BITS_SET_ACTIVE,
	BITS_CLEAR_ACTIVE,
};

/* ---- a bit an interrupt */

static bool dist_bit(const struct gicv2_irq *q, unsigned set)
{
	switch (set) {
	case BITS_GROUP: return q->group;
	case BITS_SET_ENABLE:
	case BITS_CLEAR_ENABLE: return q->enabled;
	case BITS_SET_PENDING:
	case BITS_CLEAR_PENDING: return gicv2_pending(q);
	default: return q->active;
	}
}

static uint32_t dist_bits_read(struct gicv2 *s, unsigned cpu, uint64_t off)
{
	unsigned first = (unsigned)(off % 0x80) * 8;
	uint32_t val = 0;

	for (unsigned n = 0; n < 32 && first + n < s->nirqs; n++)
		if (dist_bit(gicv2_irq(s, cpu, first + n),
			     (unsigned)off / 0x80))
			val |= 1u << n;
	return val;
}

static void dist_group(struct gicv2 *s, struct gicv2_irq *q, unsigned id,
		       bool group1)
{
	if (q->group == group1)
		return;
	gicv2_withdraw(s, q, id);
	q->group = group1;
	gicv2_refresh(s, q, id);
}

/* A one was written to a bit that sets or clears. */
static void dist_bit_hit(struct gicv2 *s, struct gicv2_irq *q, unsigned id,
			 unsigned set)
{
	bool sgi = id < GIC_SGIS;

	switch (set) {
	case BITS_SET_ENABLE: q->enabled = true; break;
	case BITS_CLEAR_ENABLE: q->enabled = sgi; break; /* always on */
	case BITS_SET_PENDING: q->latch |= !sgi; break;	 /* GICD_SPENDSGIR's */
	case BITS_CLEAR_PENDING: q->latch = false; break;
	case BITS_SET_ACTIVE: q->active = true; break;
	case BITS_CLEAR_ACTIVE: q->active = false; break;
	}
	gicv2_refresh(s, q, id);
}

static void dist_bits_write(struct gicv2 *s, unsigned cpu, uint64_t off,
			    uint32_t val)
{
	unsigned first = (unsigned)(off % 0x80) * 8;
	unsigned set = (unsigned)off / 0x80;

	for (unsigned n = 0; n < 32 && first + n < s->nirqs; n++) {
		struct gicv2_irq *q = gicv2_irq(s, cpu, first + n);
		bool bit = val >> n & 1;

		if (set == BITS_GROUP)
			dist_group(s, q, first + n, bit);
		else if (bit)
			dist_bit_hit(s, q, first + n, set);
	}
}

/* ---- a byte an interrupt */

static bool dist_is_bytes(uint64_t off)
{
	return (off >= GICD_IPRIORITYR && off < GICD_ICFGR) ||
	       (off >= GICD_CPENDSGIR && off < GICD_SGI_END);
}

static uint8_t dist_byte_read(struct gicv2 *s, unsigned cpu, uint64_t off)
{
	unsigned id = off % 0x400;

	if (off >= GICD_CPENDSGIR)
		return gicv2_irq(s, cpu, off % 16)->sources;
	if (id >= s->nirqs)
		return 0;
	if (off < GICD_ITARGETSR)
		return gicv2_irq(s, cpu, id)->priority;
	/* With one CPU the targets are not there (section 4.3.12). */
	return s->ncpus > 1 ? gicv2_irq(s, cpu, id)->targets : 0;
}

static void dist_priority(struct gicv2 *s, struct gicv2_irq *q, unsigned id,
			  uint8_t val)
{
	val &= GICV2_PRIO_MASK;
	if (q->priority == val)
		return;
	gicv2_withdraw(s, q, id);
	q->priority = val;
	gicv2_refresh(s, q, id);
}

static void dist_targets(struct gicv2 *s, struct gicv2_irq *q, unsigned id,
			 uint8_t val)
{
	if (id < GICV2_BANKED || s->ncpus == 1)
		return;
	q->targets = val & (uint8_t)((1u << s->ncpus) - 1);
	gicv2_refresh(s, q, id);
}

static void dist_sgi_sources(struct gicv2 *s, unsigned cpu, uint64_t off,
			     uint8_t val)
{
	unsigned id = off % 16;
	struct gicv2_irq *q = gicv2_irq(s, cpu, id);

	if (off >= GICD_SPENDSGIR)
		q->sources |= val & (uint8_t)((1u << s->ncpus) - 1);
	else
		q->sources &= (uint8_t)~val;
	gicv2_refresh(s, q, id);
}

static void dist_byte_write(struct gicv2 *s, unsigned cpu, uint64_t off,
			    uint8_t val)
{
	unsigned id = off % 0x400;

	if (off >= GICD_CPENDSGIR)
		dist_sgi_sources(s, cpu, off, val);
	else if (id >= s->nirqs)
		return;
	else if (off < GICD_ITARGETSR)
		dist_priority(s, gicv2_irq(s, cpu, id), id, val);
	else
		dist_targets(s, gicv2_irq(s, cpu, id), id, val);
}

/* ---- two bits an interrupt: of each pair the upper one means an edge */

static uint32_t dist_config_read(struct gicv2 *s, unsigned cpu, uint64_t off)
{
	unsigned first = (unsigned)(off - GICD_ICFGR) * 4;
	uint32_t val = 0;

	for (unsigned n = 0; n < 16 && first + n < s->nirqs; n++)
		if (gicv2_irq(s, cpu, first + n)->edge)
			val |= 2u << (2 * n);
	return val;
}

/* SGIs are edges and PPIs levels for ever. */
static void dist_config_write(struct gicv2 *s, uint64_t off, uint32_t val)
{
	unsigned first = (unsigned)(off - GICD_ICFGR) * 4;

	if (first < GICV2_BANKED)
		return;
	for (unsigned n = 0; n < 16 && first + n < s->nirqs; n++) {
		struct gicv2_irq *q = gicv2_irq(s, 0, first + n);

		q->edge = val >> (2 * n + 1) & 1;
		gicv2_refresh(s, q, first + n);
	}
}

/* ---- words */

/* GICD_SGIR, section 4.3.15. */
static void dist_sgi(struct gicv2 *s, unsigned cpu, uint32_t val)
{
	unsigned id = val & 0xf, all = (1u << s->ncpus) - 1, to;

	switch (val >> 24 & 3) {
	case 0: to = val >> 16 & all; break;
	case 1: to = all & ~(1u << cpu); break;
	case 2: to = 1u << cpu; break;
	default: return; /* reserved */
	}
	for (; to; to &= to - 1) {
		unsigned target = (unsigned)__builtin_ctz(to);
		struct gicv2_irq *q = gicv2_irq(s, target, id);

		q->sources |= (uint8_t)(1u << cpu);
		gicv2_refresh(s, q, id);
	}
}

static uint32_t dist_word_read(struct gicv2 *s, unsigned cpu, uint64_t off)
{
	switch (off) {
	case GICD_CTLR: return s->ctlr;
	case GICD_TYPER: return (s->nirqs - 1) / 32 | (s->ncpus - 1) << 5;
	case GICD_IIDR: return GICV2_PRODUCT;
	case GICD_ICPIDR2: return ICPIDR2_ARCH_V2;
	}
	if (off >= GICD_IGROUPR && off < GICD_BITS_END)
		return dist_bits_read(s, cpu, off);
	if (off >= GICD_ICFGR && off < GICD_ICFGR_END)
		return dist_config_read(s, cpu, off);
	return 0;
}

static void dist_word_write(struct gicv2 *s, unsigned cpu, uint64_t off,
			    uint32_t val)
{
	if (off == GICD_CTLR) {
		s->ctlr = val & GICD_CTLR_WRITABLE;
		s->dirty = (uint8_t)((1u << s->ncpus) - 1);
	} else if (off == GICD_SGIR) {
		dist_sgi(s, cpu, val);
	} else if (off >= GICD_IGROUPR && off < GICD_BITS_END) {
		dist_bits_write(s, cpu, off, val);
	} else if (off >= GICD_ICFGR && off < GICD_ICFGR_END) {
		dist_config_write(s, off, val);
	}
}

/* ---- the region: bytes where there are bytes, words everywhere */

static bool dist_takes(const struct gicv2 *s, uint64_t off, unsigned size)
{
	if (off >= GICD_END)
		return false;
	if (size == 4 || (size == 1 && dist_is_bytes(off)))
		return true;
	guest_error(s->dev.name, "an access of %u bytes at 0x%x", size,
		    (unsigned)off);
	return false;
}

static uint64_t dist_read(void *opaque, uint64_t off, unsigned size)
{
	struct gicv2 *s = opaque;
	unsigned cpu = gicv2_accessor(s);
	uint64_t val = 0;

	if (!dist_takes(s, off, size))
		return 0;
	if (!dist_is_bytes(off))
		return dist_word_read(s, cpu, off);
	for (unsigned i = 0; i < size; i++)
		val |= (uint64_t)dist_byte_read(s, cpu, off + i) << (8 * i);
	return val;
}

static void dist_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct gicv2 *s = opaque;
	unsigned cpu = gicv2_accessor(s);

	if (!dist_takes(s, off, size))
		return;
	if (!dist_is_bytes(off))
		dist_word_write(s, cpu, off, (uint32_t)val);
	else
		for (unsigned i = 0; i < size; i++)
			dist_byte_write(s, cpu, off + i,
					(uint8_t)(val >> (8 * i)));
	gicv2_settle(s);
}

const struct region_ops gicv2_dist_ops = {
	.read = dist_read,
	.write = dist_write,
	.min_size = 1,
	.max_size = 4,
};
