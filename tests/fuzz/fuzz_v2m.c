/* SPDX-License-Identifier: MIT */
/* Fuzzes the GICv2m frame: the input is what a guest's CPU does to it. */
#include <stdlib.h>
#include <string.h>

#include "hw/core/log.h"
#include "hw/gic/gic.h"
#include "tests/fuzz/fuzz.h"

#define FIRST 80

static unsigned line_now, levels, edges;

static void chip_line(struct irqchip *c, unsigned line, bool level)
{
	(void)c;
	if (line < FIRST || line >= FIRST + GICV2M_SPIS)
		abort();
	line_now = line;
	levels += level ? 1 : -1u;
	edges += level;
}

static const struct irqchip_ops chip_ops = { .set_line = chip_line };

struct access {
	uint16_t off;
	uint8_t size, write;
	uint32_t val;
};

/* The same write, decoded the way that routes of eventfds are. */
static int expected(const struct access *a)
{
	struct gicv2m_frame f = { 0x8020000, FIRST, GICV2M_SPIS };
	struct msi_msg msg = { .addr = f.base + a->off, .data = a->val };

	return a->size == 4 ? gicv2m_spi(&f, &msg) : -1;
}

static void do_access(struct bus *b, struct access a)
{
	uint64_t val;
	int want;

	a.off %= 0x1004; /* and a little past its end */
	a.size = 1u << a.size % 4;
	edges = 0;
	want = a.write & 1 ? expected(&a) : -1;
	if (a.write & 1)
		bus_write(b, a.off, a.size, a.val);
	else
		bus_read(b, a.off, a.size, &val);
	if (levels || edges != (want >= 0) ||
	    (want >= 0 && (int)line_now != want))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct irqchip chip = { .ops = &chip_ops, .nlines = 160 };
	struct device_env env = { .irqchip = &chip };
	struct device *dev = device_new(&gicv2m_class, "v2m");
	struct err err = { 0 };
	struct access a;
	struct bus b;

	log_threshold = LOG_LEVEL_ERROR;
	bus_init(&b, "mmio", 0);
	if (!dev)
		abort();
	dev->irq = (struct irq){ &chip, FIRST };
	if (device_realize(dev, &env, &err) < 0 ||
	    bus_add(&b, 0, &dev->region, &err) < 0)
		abort();
	for (; size >= sizeof(a); data += sizeof(a), size -= sizeof(a)) {
		memcpy(&a, data, sizeof(a));
		do_access(&b, a);
	}
	device_free(dev);
	bus_destroy(&b);
	return 0;
}
