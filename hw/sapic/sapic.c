/* SPDX-License-Identifier: MIT */
/* The local SAPIC of every CPU, and the processor interrupt block. */
#include "hw/sapic/sapic.h"

#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/sapic/sapic_priv.h"

#define NO_VECTOR (-1)
#define TPR_MIC	  0xf0u	     /* classes up to this one are masked */
#define TPR_MMI	  (1u << 16) /* all but the NMI are */
#define XTP_OFF	  0x80u

/* ---- priorities, SDM 2:5.8.1 */

static bool bit_of(const uint64_t set[4], unsigned v)
{
	return set[v / 64] >> (v % 64) & 1;
}

static void bit_put(uint64_t set[4], unsigned v, bool on)
{
	uint64_t bit = UINT64_C(1) << (v % 64);

	set[v / 64] = on ? set[v / 64] | bit : set[v / 64] & ~bit;
}

/* More urgent vectors have the larger rank. */
static int rank(int vector)
{
	switch (vector) {
	case NO_VECTOR: return -1;
	case SAPIC_NMI: return 257;
	case SAPIC_EXTINT: return 256;
	default: return vector;
	}
}

static int most_urgent(const uint64_t set[4])
{
	if (bit_of(set, SAPIC_NMI))
		return SAPIC_NMI;
	if (bit_of(set, SAPIC_EXTINT))
		return SAPIC_EXTINT;
	for (int w = 3; w >= 0; w--)
		if (set[w])
			return 64 * w + 63 - __builtin_clzll(set[w]);
	return NO_VECTOR;
}

static bool masked_by_tpr(const struct sapic_cpu *c, int vector)
{
	if (vector == SAPIC_NMI)
		return false;
	if (c->tpr & TPR_MMI)
		return true;
	return vector != SAPIC_EXTINT &&
	       (unsigned)vector >> 4 <= (c->tpr & TPR_MIC) >> 4;
}

/* What IVR would give, or NO_VECTOR. */
static int deliverable(const struct sapic_cpu *c)
{
	int v = most_urgent(c->irr);

	if (v == NO_VECTOR || masked_by_tpr(c, v) ||
	    rank(v) <= rank(most_urgent(c->taken)))
		return NO_VECTOR;
	return v;
}

static void settle(struct sapic *s, unsigned cpu)
{
	struct sapic_cpu *c = &s->cpu[cpu];
	bool line = deliverable(c) != NO_VECTOR;

	assert_held(&s->dev);
	if (line == c->line)
		return;
	c->line = line;
	s->cfg.cpu_line(s->cfg.opaque, cpu, line);
}

/* ---- interrupts that arrive */

static void pend(struct sapic *s, unsigned cpu, unsigned vector)
{
	bit_put(s->cpu[cpu].irr, vector, true);
	settle(s, cpu);
}

static void arrive(struct sapic *s, unsigned cpu, unsigned mode, uint8_t vector)
{
	switch (mode) {
	case SAPIC_MODE_INT:
	case SAPIC_MODE_LOWEST:
		if (vector >= SAPIC_FIRST)
			pend(s, cpu, vector);
		break;
	case SAPIC_MODE_NMI: pend(s, cpu, SAPIC_NMI); break;
	case SAPIC_MODE_EXTINT: pend(s, cpu, SAPIC_EXTINT); break;
	case SAPIC_MODE_INIT:
	case SAPIC_MODE_PMI:
		if (s->cfg.cpu_event)
			s->cfg.cpu_event(s->cfg.opaque, cpu,
					 (enum sapic_mode)mode, vector);
		break;
	default: break; /* reserved */
	}
}

/* The CPU of that identifier, or ncpus. */
static unsigned find_cpu(const struct sapic *s, uint16_t dest)
{
	unsigned i = 0;

	while (i < s->ncpus && (s->cpu[i].lid >> 16 & 0xffff) != dest)
		i++;
	return i;
}

/* In turn among those that say they do the least; *cpu stays if none does. */
static void redirect_cpu(struct sapic *s, unsigned *cpu)
{
	unsigned best = XTP_OFF;

	for (unsigned k = 0; k < s->ncpus; k++) {
		unsigned i = (s->next + k) % s->ncpus;

		if (s->cpu[i].xtp < best) {
			best = s->cpu[i].xtp;
			*cpu = i;
		}
	}
	s->next = *cpu + 1;
}

static void send(struct sapic *s, uint16_t dest, bool redirect, unsigned mode,
		 uint8_t vector)
{
	unsigned cpu;

	assert_held(&s->dev);
	cpu = find_cpu(s, dest);
	if (redirect && (mode == SAPIC_MODE_INT || mode == SAPIC_MODE_LOWEST))
		redirect_cpu(s, &cpu);
	if (cpu < s->ncpus)
		arrive(s, cpu, mode, vector);
}

void sapic_send(struct device *sapic, uint16_t dest, bool redirect,
		unsigned mode, uint8_t vector)
{
	device_lock(sapic);
	send((struct sapic *)sapic, dest, redirect, mode, vector);
	device_unlock(sapic);
}

/* ---- registers, SDM 2:5.8.3 */

static uint64_t *vector_reg(struct sapic_cpu *c, unsigned reg)
{
	switch (reg) {
	case SAPIC_ITV: return &c->itv;
	case SAPIC_PMV: return &c->pmv;
	case SAPIC_CMCV: return &c->cmcv;
	case SAPIC_LRR0: return &c->lrr[0];
	case SAPIC_LRR1: return &c->lrr[1];
	default: return NULL;
	}
}

void sapic_fire(struct device *sapic, unsigned cpu, enum sapic_source src)
{
	struct sapic *s = (struct sapic *)sapic;
	uint64_t how;

	device_lock(sapic);
	how = *vector_reg(&s->cpu[cpu], src);
	if (!(how & SAPIC_MASKED))
		arrive(s, cpu, src >= SAPIC_SRC_LINT0 ? how >> 8 & 7 : 0,
		       (uint8_t)how);
	device_unlock(sapic);
}

static uint64_t take(struct sapic *s, unsigned cpu)
{
	struct sapic_cpu *c = &s->cpu[cpu];
	int v = deliverable(c);

	if (v == NO_VECTOR)
		return SAPIC_SPURIOUS;
	bit_put(c->irr, (unsigned)v, false);
	bit_put(c->taken, (unsigned)v, true);
	settle(s, cpu);
	return (uint64_t)v;
}

static void end(struct sapic *s, unsigned cpu)
{
	int v = most_urgent(s->cpu[cpu].taken);

	if (v != NO_VECTOR)
		bit_put(s->cpu[cpu].taken, (unsigned)v, false);
	settle(s, cpu);
}

static bool reg_read(struct sapic *s, unsigned cpu, unsigned reg, uint64_t *val)
{
	struct sapic_cpu *c = &s->cpu[cpu];
	const uint64_t *p = vector_reg(c, reg);

	if (p)
		*val = *p;
	else if (reg == SAPIC_LID)
		*val = c->lid;
	else if (reg == SAPIC_IVR)
		*val = take(s, cpu);
	else if (reg == SAPIC_TPR)
		*val = c->tpr;
	else if (reg == SAPIC_EOI)
		*val = 0;
	else if (reg >= SAPIC_IRR0 && reg < SAPIC_IRR0 + 4)
		*val = c->irr[reg - SAPIC_IRR0];
	else
		return false;
	return true;
}

static bool reg_write(struct sapic *s, unsigned cpu, unsigned reg, uint64_t val)
{
	struct sapic_cpu *c = &s->cpu[cpu];
	uint64_t *p = vector_reg(c, reg);

	if (p)
		*p = val & (reg >= SAPIC_LRR0 ? 0x1a7ff : 0x100ff);
	else if (reg == SAPIC_LID)
		c->lid = val & 0xffff0000;
	else if (reg == SAPIC_TPR)
		c->tpr = val & (TPR_MIC | TPR_MMI);
	else if (reg == SAPIC_EOI)
		end(s, cpu);
	else
		return false;
	settle(s, cpu);
	return true;
}

bool sapic_read(struct device *sapic, unsigned cpu, unsigned reg, uint64_t *val)
{
	bool ok;

	device_lock(sapic);
	ok = reg_read((struct sapic *)sapic, cpu, reg, val);
	device_unlock(sapic);
	return ok;
}

bool sapic_write(struct device *sapic, unsigned cpu, unsigned reg, uint64_t val)
{
	bool ok;

	device_lock(sapic);
	ok = reg_write((struct sapic *)sapic, cpu, reg, val);
	device_unlock(sapic);
	return ok;
}

/* ---- the interrupt block, SDM 2:5.8.4 */

/* A message: address bits 19:12 id, 11:4 eid, 3 redirect; data as below. */
static void message(struct sapic *s, uint64_t off, uint64_t data)
{
	send(s, (uint16_t)(off >> 4), off >> 3 & 1, data >> 8 & 7,
	     (uint8_t)data);
}

static uint64_t block_read(void *opaque, uint64_t off, unsigned size)
{
	(void)opaque;
	/* INTA: there is no 8259, whose answer this would be */
	return off == SAPIC_INTA && size == 1 ? SAPIC_SPURIOUS : UINT64_MAX;
}

static void block_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct sapic *s = opaque;
	unsigned cpu = bus_cpu();

	if (off < SAPIC_BLOCK_SIZE / 2 && size == 8)
		message(s, off, val);
	else if (off == SAPIC_XTP && size == 1 && cpu < s->ncpus)
		s->cpu[cpu].xtp = (uint8_t)val & (XTP_OFF | 0xf);
}

static const struct region_ops block_ops = {
	.read = block_read,
	.write = block_write,
	.min_size = 1,
	.max_size = 8,
};

/* ---- the chip */

static struct sapic *sapic_of(struct irqchip *c)
{
	return container_of(c, struct sapic, chip);
}

static void chip_set_line(struct irqchip *c, unsigned line, bool level)
{
	struct sapic *s = sapic_of(c);

	for (unsigned i = 0; i < s->niosapics; i++)
		if (line - s->iosapic[i]->first < IOSAPIC_PINS)
			iosapic_set(s->iosapic[i], line - s->iosapic[i]->first,
				    level);
}

/* A message as an int: the offset's bits 19:3 above the data's bits 10:0. */
static int msi_resolve(void *opaque, const struct msi_msg *msg)
{
	const struct sapic *s = opaque;
	uint64_t off = msg->addr - s->cfg.block;

	if (off < SAPIC_BLOCK_SIZE / 2)
		return (int)(off >> 3 << 11 | (msg->data & 0x7ff));
	guest_error(s->dev.name,
		    "a message to 0x%llx of 0x%x is not for the interrupt "
		    "block",
		    (unsigned long long)msg->addr, msg->data);
	return -1;
}

static void msi_raise(void *opaque, int msg)
{
	struct sapic *s = opaque;

	device_lock(&s->dev);
	message(s, (uint64_t)(msg >> 11) << 3, (unsigned)msg & 0x7ff);
	device_unlock(&s->dev);
}

static int chip_route(struct irqchip *c, struct msi_route *r,
		      const struct msi_msg *msg)
{
	return msi_fds_route(&sapic_of(c)->fds, r, msg);
}

static void chip_route_free(struct irqchip *c, struct msi_route *r)
{
	msi_fds_free(&sapic_of(c)->fds, r);
}

static void chip_send(struct irqchip *c, const struct msi_msg *msg)
{
	int what = msi_resolve(sapic_of(c), msg);

	if (what >= 0)
		msi_raise(sapic_of(c), what);
}

static const struct irqchip_ops chip_ops = {
	.set_line = chip_set_line,
	.route = chip_route,
	.send = chip_send,
	.route_free = chip_route_free,
};

struct irqchip *sapic_setup(struct device *sapic, const struct sapic_config *c)
{
	struct sapic *s = (struct sapic *)sapic;

	s->cfg = *c;
	s->chip =
		(struct irqchip){ .ops = &chip_ops,
				  .name = sapic->name,
				  .nlines = SAPIC_MAX_IOSAPICS * IOSAPIC_PINS };
	return &s->chip;
}

/* ---- the device */

static int sapic_realize(struct device *dev, struct err *err)
{
	struct sapic *s = (struct sapic *)dev;
	int ret;

	s->ncpus = dev->env->ncpus;
	s->cpu = calloc(s->ncpus, sizeof(*s->cpu));
	if (!s->cpu)
		return err_nomem(err, "the SAPICs");
	s->fds.resolve = msi_resolve;
	s->fds.raise = msi_raise;
	s->fds.opaque = s;
	ret = msi_fds_init(&s->fds, dev->name, dev->env->loop, err);
	if (ret < 0) {
		free(s->cpu);
		return ret;
	}
	device_region(dev, &block_ops);
	return 0;
}

static void sapic_unrealize(struct device *dev)
{
	struct sapic *s = (struct sapic *)dev;

	msi_fds_destroy(&s->fds);
	free(s->cpu);
}

static void sapic_reset(struct device *dev)
{
	struct sapic *s = (struct sapic *)dev;

	for (unsigned i = 0; i < s->ncpus; i++) {
		struct sapic_cpu *c = &s->cpu[i];
		bool line = c->line;

		*c = (struct sapic_cpu){ .lid = (uint64_t)i << 24,
					 .itv = SAPIC_MASKED,
					 .pmv = SAPIC_MASKED,
					 .cmcv = SAPIC_MASKED,
					 .lrr = { SAPIC_MASKED, SAPIC_MASKED },
					 .xtp = XTP_OFF,
					 .line = line };
		settle(s, i);
	}
	s->next = 0;
}

const struct device_class sapic_class = {
	.name = "sapic",
	.brief = "local SAPICs and their interrupt block",
	.size = sizeof(struct sapic),
	.space = SPACE_MMIO,
	.region_size = SAPIC_BLOCK_SIZE,
	.realize = sapic_realize,
	.unrealize = sapic_unrealize,
	.reset = sapic_reset,
};
