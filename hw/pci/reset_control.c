/* SPDX-License-Identifier: MIT */
/* The reset control register at port 0xcf9, as Intel's chipsets have it. */
#include "hw/pci/reset_control.h"

enum { RST_HARD = 1 << 1, RST_CPU = 1 << 2, RST_FULL = 1 << 3 };

struct reset_control {
	struct device dev;
	uint8_t reg; /* dev.lock */
};

void reset_control_write(uint8_t *reg, const struct device_env *env,
			 uint8_t val)
{
	*reg = val & (RST_HARD | RST_FULL);
	if (val & RST_CPU)
		env->request(env->opaque, VM_RESET, 0);
}

static uint64_t reset_control_read(void *opaque, uint64_t off, unsigned size)
{
	(void)off;
	(void)size;
	return ((struct reset_control *)opaque)->reg;
}

static void reset_control_store(void *opaque, uint64_t off, uint64_t val,
				unsigned size)
{
	struct reset_control *s = opaque;

	(void)off;
	(void)size;
	reset_control_write(&s->reg, s->dev.env, (uint8_t)val);
}

static const struct region_ops reset_control_ops = {
	.read = reset_control_read,
	.write = reset_control_store,
	.min_size = 1,
	.max_size = 1,
};

static int reset_control_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &reset_control_ops);
	return 0;
}

static void reset_control_reset(struct device *dev)
{
	((struct reset_control *)dev)->reg = 0;
}

const struct device_class reset_control_class = {
	.name = "reset-control",
	.brief = "resets the machine through port 0xcf9",
	.size = sizeof(struct reset_control),
	.space = SPACE_PIO,
	.region_size = 1,
	.realize = reset_control_realize,
	.reset = reset_control_reset,
};
