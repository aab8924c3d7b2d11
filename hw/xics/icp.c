/* SPDX-License-Identifier: MIT */
/* XICS presentation controllers, what CPUs do with them, and the class. */
#include <errno.h>
#include <stdlib.h>

#include "hw/xics/xics_priv.h"

/* ---- arbitration */

/* The most favored source that waits for a server; of equals the first. */
static uint32_t best_source(struct xics *s, const struct xics_server *v,
			    uint8_t *priority)
{
	uint32_t best = 0;

	*priority = ICS_MASKED;
	for (unsigned w = 0; w < s->words; w++)
		for (uint64_t m = v->ready[w]; m; m &= m - 1) {
			unsigned i = 64 * w + (unsigned)__builtin_ctzll(m);

			if (s->source[i].priority < *priority) {
				*priority = s->source[i].priority;
				best = s->cfg.first + i;
			}
		}
	return best;
}

/* Puts nr into XISR (0: nothing); what was in there is offered again. */
static void icp_replace(struct xics *s, struct xics_server *v, uint32_t nr,
			uint8_t priority)
{
	uint32_t old = v->xisr;

	v->xisr = nr;
	v->pending = priority;
	if (xics_source(s, nr))
		xics_taken(s, nr);
	if (xics_source(s, old))
		xics_given_back(s, old);
}

static void icp_output(struct xics *s, unsigned server)
{
	struct xics_server *v = &s->server[server];
	bool out = v->xisr;

	if (out == v->out)
		return;
	v->out = out;
	s->cfg.cpu_line(s->cfg.opaque, server, out);
}

/* Among equals the CPU's own request comes first. */
void xics_present(struct xics *s, unsigned server)
{
	struct xics_server *v = &s->server[server];
	uint8_t priority;
	uint32_t nr;

	assert_held(&s->dev);
	nr = best_source(s, v, &priority);
	if (v->mfrr <= priority) {
		nr = XICS_IPI;
		priority = v->mfrr;
	}
	if (priority < v->cppr && priority < v->pending)
		icp_replace(s, v, nr, priority);
	icp_output(s, server);
}

static void icp_set_cppr(struct xics *s, unsigned server, uint8_t cppr)
{
	struct xics_server *v = &s->server[server];

	v->cppr = cppr;
	if (v->xisr && v->pending >= cppr)
		icp_replace(s, v, 0, CPPR_IDLE);
}

/* ---- what CPUs do */

static struct xics *xics_of(struct device *dev)
{
	return container_of(dev, struct xics, dev);
}

uint32_t xics_accept(struct device *dev, unsigned cpu)
{
	struct xics *s = xics_of(dev);
	struct xics_server *v = &s->server[cpu];
	uint32_t xirr;

	device_lock(dev);
	xirr = (uint32_t)v->cppr << 24 | v->xisr;
	if (v->xisr) {
		v->cppr = v->pending;
		v->xisr = 0;
		v->pending = CPPR_IDLE;
	}
	xics_present(s, cpu);
	device_unlock(dev);
	return xirr;
}

int xics_eoi(struct device *dev, unsigned cpu, uint32_t xirr)
{
	struct xics *s = xics_of(dev);
	uint32_t nr = xirr & XISR_MASK;
	int ret = 0;

	device_lock(dev);
	icp_set_cppr(s, cpu, (uint8_t)(xirr >> 24));
	if (xics_source(s, nr))
		xics_ended(s, nr);
	else if (nr != XICS_IPI)
		ret = -EINVAL;
	xics_present(s, cpu);
	device_unlock(dev);
	return ret;
}

void xics_set_cppr(struct device *dev, unsigned cpu, uint8_t cppr)
{
	struct xics *s = xics_of(dev);

	device_lock(dev);
	icp_set_cppr(s, cpu, cppr);
	xics_present(s, cpu);
	device_unlock(dev);
}

/*
 * A request that is presented already stays when MFRR takes it back, as LoPAR
 * has no transition for that, and KVM's does the same.
 */
int xics_ipi(struct device *dev, uint32_t server, uint8_t mfrr)
{
	struct xics *s = xics_of(dev);

	if (server >= s->ncpus)
		return -EINVAL;
	device_lock(dev);
	s->server[server].mfrr = mfrr;
	xics_present(s, server);
	device_unlock(dev);
	return 0;
}

int xics_poll(struct device *dev, uint32_t server, uint32_t *xirr,
	      uint8_t *mfrr)
{
	struct xics *s = xics_of(dev);
	const struct xics_server *v;

	if (server >= s->ncpus)
		return -EINVAL;
	v = &s->server[server];
	device_lock(dev);
	*xirr = (uint32_t)v->cppr << 24 | v->xisr;
	*mfrr = v->mfrr;
	device_unlock(dev);
	return 0;
}

/* ---- the class */

struct irqchip *xics_setup(struct device *dev, const struct xics_config *c)
{
	struct xics *s = xics_of(dev);

	assert(c->cpu_line && c->first >= XICS_MIN_SOURCE);
	assert(c->n && c->n <= XICS_MAX_SOURCES);
	s->cfg = *c;
	s->ics.ops = &xics_ics_ops;
	s->chip = (struct irqchip){ .ops = &xics_chip_ops,
				    .name = dev->name,
				    .nlines = c->first + c->n };
	return &s->chip;
}

struct ics *xics_ics(struct device *dev)
{
	return &xics_of(dev)->ics;
}

static void xics_free(struct xics *s)
{
	free(s->server);
	free(s->source);
	free(s->ready);
	s->server = NULL;
	s->source = NULL;
	s->ready = NULL;
}

static int xics_realize(struct device *dev, struct err *err)
{
	struct xics *s = xics_of(dev);
	int ret;

	s->ncpus = dev->env->ncpus;
	s->words = (s->cfg.n + 63) / 64;
	s->server = calloc(s->ncpus, sizeof(*s->server));
	s->source = calloc(s->cfg.n, sizeof(*s->source));
	s->ready = calloc((size_t)s->ncpus * s->words, sizeof(*s->ready));
	ret = s->server && s->source && s->ready
		      ? xics_sources_init(s, err)
		      : err_nomem(err, "the interrupt controller");
	if (ret < 0) {
		xics_free(s);
		return ret;
	}
	for (unsigned i = 0; i < s->ncpus; i++)
		s->server[i].ready = s->ready + (size_t)i * s->words;
	return 0;
}

static void xics_unrealize(struct device *dev)
{
	struct xics *s = xics_of(dev);

	msi_fds_destroy(&s->fds);
	xics_free(s);
}

static void xics_reset(struct device *dev)
{
	struct xics *s = xics_of(dev);

	for (unsigned i = 0; i < s->ncpus; i++) {
		s->server[i].cppr = 0;
		s->server[i].mfrr = CPPR_IDLE;
		s->server[i].pending = CPPR_IDLE;
		s->server[i].xisr = 0;
		icp_output(s, i);
	}
	xics_sources_reset(s);
}

const struct device_class xics_class = {
	.name = "xics",
	.brief = "pSeries interrupt controller (XICS)",
	.compatible = "IBM,ppc-xicp",
	.size = sizeof(struct xics),
	.space = SPACE_NONE,
	.realize = xics_realize,
	.unrealize = xics_unrealize,
	.reset = xics_reset,
};
