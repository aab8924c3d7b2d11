/* SPDX-License-Identifier: MIT */
/* Fuzzes the registers of the small devices: any access, at any time. */
#include <stdlib.h>

#include "hw/acpi/ged.h"
#include "hw/apic/ioapic.h"
#include "hw/char/chardev.h"
#include "hw/char/debugcon.h"
#include "hw/char/pl011.h"
#include "hw/char/uart16550.h"
#include "hw/core/log.h"
#include "hw/gpio/pl061.h"
#include "hw/misc/i8042.h"
#include "hw/misc/isa_debug_exit.h"
#include "hw/misc/pvpanic.h"
#include "hw/pci/reset_control.h"
#include "hw/rtc/cmos.h"
#include "hw/rtc/pl031.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/rig.h"

static struct rig rig;
static struct device *dev;
static struct chardev *chr;
static struct irqchip *chip;

/* The input, consumed; zeroes behind its end. */
static const uint8_t *in;
static size_t left;

static uint8_t in8(void)
{
	return left ? left--, *in++ : 0;
}

static uint16_t in16(void)
{
	uint16_t low = in8();

	return (uint16_t)(low | in8() << 8);
}

static uint64_t in64(void)
{
	uint64_t val = in16();

	return val | (uint64_t)in16() << 16 | (uint64_t)in16() << 32 |
	       (uint64_t)in16() << 48;
}

static void wire_uart(void)
{
	uart16550_set_chardev((struct uart16550 *)dev, chr);
}

static void wire_pl011(void)
{
	pl011_set_chardev((struct pl011 *)dev, chr);
}

static void wire_debugcon(void)
{
	debugcon_set_chardev((struct debugcon *)dev, chr);
}

static void wire_ioapic(void)
{
	chip = ioapic_setup(dev, &rig.chip);
}

static const struct {
	const struct device_class *class;
	void (*wire)(void);
} kinds[] = {
	{ &uart16550_class, wire_uart },
	{ &pl011_class, wire_pl011 },
	{ &debugcon_class, wire_debugcon },
	{ &cmos_rtc_class, NULL },
	{ &pl031_class, NULL },
	{ &pl061_class, NULL },
	{ &i8042_class, NULL },
	{ &pvpanic_class, NULL },
	{ &isa_debug_exit_class, NULL },
	{ &acpi_ged_class, NULL },
	{ &reset_control_class, NULL },
	{ &ioapic_class, wire_ioapic },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct bus *make(unsigned kind)
{
	const struct device_class *c = kinds[kind].class;
	struct bus *b = c->space == SPACE_PIO ? &rig.pio : &rig.mmio;
	struct err err;

	rig_init(&rig);
	chip = NULL;
	chr = chardev_open("null", rig.loop, &err);
	dev = device_new(c, c->name);
	if (!chr || !dev)
		abort();
	dev->irq = (struct irq){ &rig.chip, 4 };
	if (kinds[kind].wire)
		kinds[kind].wire();
	if (device_realize(dev, &rig.env, &err) < 0 ||
	    bus_add(b, 0, &dev->region, &err) < 0)
		abort();
	return b;
}

static void do_one(struct bus *b)
{
	uint64_t off = in16() % (dev->region.size + 4), val;
	unsigned size = 1u << in8() % 4;

	switch (in8() % 8) {
	case 0:
	case 1:
	case 2:
	case 3: bus_write(b, off, size, in64()); break;
	case 4:
	case 5: bus_read(b, off, size, &val); break;
	case 6:
		/* from a moment to decades */
		rig_advance_ns(&rig, in64() >> in8() % 64 >> 4);
		rig_poll(&rig);
		break;
	case 7:
		if (chip && in8() & 1)
			ioapic_eoi(chip, in8());
		else if (chip)
			irq_set(&(struct irq){ chip, in8() % IOAPIC_PINS },
				in8() & 1);
		else if (in8() % 16 == 0)
			device_reset(dev);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct bus *b;

	in = bytes;
	left = size < 4096 ? size : 4096;
	log_threshold = LOG_LEVEL_ERROR;
	b = make(in8() % KINDS);
	while (left)
		do_one(b);
	device_free(dev);
	chardev_close(chr);
	rig_destroy(&rig);
	return 0;
}
