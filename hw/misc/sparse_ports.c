/* SPDX-License-Identifier: MIT */
/* I/O ports in memory, four to a page: the port space of IA-64. */
#include "hw/misc/sparse_ports.h"

static uint64_t port_of(uint64_t off)
{
	return off >> 12 << 2 | (off & 3);
}

static uint64_t ports_read(void *opaque, uint64_t off, unsigned size)
{
	const struct device *dev = opaque;
	uint64_t val;

	bus_read(dev->env->pio, port_of(off), size, &val);
	return val;
}

static void ports_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	const struct device *dev = opaque;

	bus_write(dev->env->pio, port_of(off), size, val);
}

static const struct region_ops ports_ops = {
	.read = ports_read,
	.write = ports_write,
	.min_size = 1,
	.max_size = 4,
};

static int ports_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &ports_ops);
	dev->region.dev = NULL; /* the device behind it takes its own lock */
	return 0;
}

const struct device_class sparse_ports_class = {
	.name = "sparse-ports",
	.brief = "I/O ports in memory, four to a page",
	.size = sizeof(struct device),
	.space = SPACE_MMIO,
	.region_size = SPARSE_PORTS_SIZE,
	.realize = ports_realize,
};
