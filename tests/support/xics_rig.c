/* SPDX-License-Identifier: MIT */
/* XICS with four CPUs on a rig, its outputs recorded. */
#include "tests/support/xics_rig.h"

#include "tests/test.h"

static void xics_rig_line(void *opaque, unsigned cpu, bool level)
{
	struct xics_rig *x = opaque;

	assert_true(cpu < XICS_RIG_CPUS && x->line[cpu] != level);
	x->line[cpu] = level;
	x->told++;
}

void xics_rig_make(struct xics_rig *x)
{
	struct xics_config c = { .first = XICS_RIG_SRC,
				 .n = XICS_RIG_N,
				 .cpu_line = xics_rig_line,
				 .opaque = x };
	struct err err = { 0 };

	*x = (struct xics_rig){ 0 };
	rig_init(&x->r);
	x->r.env.ncpus = XICS_RIG_CPUS;
	x->dev = device_new(&xics_class, "xics");
	x->chip = xics_setup(x->dev, &c);
	x->ics = xics_ics(x->dev);
	x->r.env.irqchip = x->chip;
	if (device_realize(x->dev, &x->r.env, &err) < 0)
		fail_msg("%s", err.msg);
	for (unsigned i = 0; i < XICS_RIG_CPUS; i++)
		xics_set_cppr(x->dev, i, 0xff);
}

void xics_rig_free(struct xics_rig *x)
{
	device_free(x->dev);
	rig_destroy(&x->r);
}

void xics_rig_on(struct xics_rig *x, unsigned i, unsigned server,
		 uint8_t priority)
{
	assert_int_equal(
		x->ics->ops->set(x->ics, XICS_RIG_SRC + i, server, priority),
		0);
}

void xics_rig_msi(struct xics_rig *x, unsigned i)
{
	struct msi_msg msg = { .data = XICS_RIG_SRC + i };

	x->chip->ops->send(x->chip, &msg);
}
