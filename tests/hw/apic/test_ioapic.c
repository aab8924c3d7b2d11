/* SPDX-License-Identifier: MIT */
/* The I/O APIC: redirection, level and edge, remote IRR and its end. */
#include "hw/apic/ioapic.h"

#include <errno.h>

#include "tests/support/rig.h"
#include "tests/test.h"

#define MASKED (1u << 16)
#define LEVEL  (1u << 15)
#define RIRR   (1u << 14)

struct lab {
	struct rig r;
	struct device *dev;
	struct irqchip *chip;
};

static void lab_make(struct lab *l)
{
	struct err err = { 0 };

	rig_init(&l->r);
	l->dev = device_new(&ioapic_class, "ioapic");
	l->chip = ioapic_setup(l->dev, &l->r.chip);
	CHECK_EQ(device_realize(l->dev, &l->r.env, &err), 0);
	CHECK_EQ(bus_add(&l->r.mmio, 0, &l->dev->region, &err), 0);
}

static void lab_free(struct lab *l)
{
	device_free(l->dev);
	rig_destroy(&l->r);
}

static uint32_t get(struct lab *l, uint8_t reg)
{
	uint64_t val;

	bus_write(&l->r.mmio, 0x00, 4, reg);
	bus_read(&l->r.mmio, 0x10, 4, &val);
	return (uint32_t)val;
}

static void set(struct lab *l, uint8_t reg, uint32_t val)
{
	bus_write(&l->r.mmio, 0x00, 4, reg);
	bus_write(&l->r.mmio, 0x10, 4, val);
}

static void redirect(struct lab *l, unsigned pin, uint8_t dest, uint32_t low)
{
	set(l, 0x11 + 2 * pin, (uint32_t)dest << 24);
	set(l, 0x10 + 2 * pin, low);
}

static void line(struct lab *l, unsigned pin, bool level)
{
	irq_set(&(struct irq){ l->chip, pin }, level);
}

TEST(ioapic_identifies_itself)
{
	struct lab l;

	lab_make(&l);
	CHECK_EQ(get(&l, 1), 0x00170020);
	CHECK_EQ(get(&l, 0), 0);
	set(&l, 0, 0xffffffff);
	CHECK_EQ(get(&l, 0), 0x0f000000);
	CHECK_EQ(get(&l, 2), 0x0f000000);
	set(&l, 1, 0);
	CHECK_EQ(get(&l, 1), 0x00170020);
	CHECK_EQ(get(&l, 0x10), MASKED);
	CHECK_EQ(get(&l, 0x40), 0);
	lab_free(&l);
}

TEST(ioapic_entry_keeps_its_writable_bits)
{
	struct lab l;

	lab_make(&l);
	set(&l, 0x10, 0xffffffff);
	set(&l, 0x11, 0xffffffff);
	CHECK_EQ(get(&l, 0x10), 0x0001afff);
	CHECK_EQ(get(&l, 0x11), 0xff000000);
	lab_free(&l);
}

TEST(ioapic_edge_is_sent_on_each_rise)
{
	struct lab l;

	lab_make(&l);
	redirect(&l, 4, 3, 0x41);
	line(&l, 4, true);
	line(&l, 4, true);
	line(&l, 4, false);
	line(&l, 4, true);
	CHECK_EQ(rig_take_msi(&l.r, 0x41), 2);
	CHECK_EQ(l.r.sent[0].msg.addr, 0xfee03000);
	CHECK_EQ(get(&l, 0x18), 0x41);
	line(&l, 24, true); /* there is none */
	lab_free(&l);
}

TEST(ioapic_message_says_mode_and_destination)
{
	struct lab l;

	lab_make(&l);
	redirect(&l, 4, 0x12, LEVEL | 1 << 11 | 1 << 8 | 0x51);
	line(&l, 4, true);
	CHECK_EQ(l.r.sent[0].msg.addr, 0xfee12004);
	CHECK_EQ(l.r.sent[0].msg.data, 0xc151);
	lab_free(&l);
}

TEST(ioapic_masked_edge_is_lost_and_masked_level_waits)
{
	struct lab l;

	lab_make(&l);
	redirect(&l, 4, 0, MASKED | 0x41);
	redirect(&l, 9, 0, MASKED | LEVEL | 0x49);
	line(&l, 4, true);
	line(&l, 9, true);
	redirect(&l, 4, 0, 0x41);
	redirect(&l, 9, 0, LEVEL | 0x49);
	CHECK_EQ(rig_take_msi(&l.r, 0x41), 0);
	CHECK_EQ(rig_take_msi(&l.r, 0xc049), 1);
	lab_free(&l);
}

TEST(ioapic_level_is_sent_again_after_its_end_while_asserted)
{
	struct lab l;

	lab_make(&l);
	redirect(&l, 9, 0, LEVEL | 0x49);
	line(&l, 9, true);
	line(&l, 9, false);
	line(&l, 9, true);
	CHECK_EQ(rig_take_msi(&l.r, 0xc049), 1); /* RIRR holds it */
	CHECK_EQ(get(&l, 0x22), LEVEL | RIRR | 0x49);
	ioapic_eoi(l.chip, 0x48);
	CHECK_EQ(get(&l, 0x22), LEVEL | RIRR | 0x49);
	ioapic_eoi(l.chip, 0x49);
	CHECK_EQ(rig_take_msi(&l.r, 0xc049), 1);
	line(&l, 9, false);
	ioapic_eoi(l.chip, 0x49);
	CHECK_EQ(rig_take_msi(&l.r, 0xc049), 0);
	CHECK_EQ(get(&l, 0x22), LEVEL | 0x49);
	lab_free(&l);
}

TEST(ioapic_end_register_ends_a_vector)
{
	struct lab l;

	lab_make(&l);
	redirect(&l, 9, 0, LEVEL | 0x49);
	line(&l, 9, true);
	line(&l, 9, false);
	bus_write(&l.r.mmio, 0x40, 4, 0x49);
	CHECK_EQ(get(&l, 0x22), LEVEL | 0x49);
	lab_free(&l);
}

TEST(ioapic_switch_to_edge_clears_remote_irr)
{
	struct lab l;

	lab_make(&l);
	redirect(&l, 9, 0, LEVEL | 0x49);
	line(&l, 9, true);
	CHECK_EQ(rig_take_msi(&l.r, 0xc049), 1);
	set(&l, 0x22, MASKED | 0x49);
	CHECK_EQ(get(&l, 0x22), MASKED | 0x49);
	set(&l, 0x22, LEVEL | 0x49);
	CHECK_EQ(rig_take_msi(&l.r, 0xc049), 1);
	lab_free(&l);
}

TEST(ioapic_extint_is_not_delivered)
{
	struct lab l;

	lab_make(&l);
	redirect(&l, 0, 0, 7 << 8 | 0x41);
	line(&l, 0, true);
	CHECK_EQ(rig_take_msi(&l.r, 0x741), 0);
	lab_free(&l);
}

TEST(ioapic_reset_masks_every_pin)
{
	struct lab l;

	lab_make(&l);
	redirect(&l, 9, 7, LEVEL | 0x49);
	line(&l, 9, true);
	device_reset(l.dev);
	for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
		CHECK_EQ(get(&l, 0x10 + 2 * pin), MASKED);
		CHECK_EQ(get(&l, 0x11 + 2 * pin), 0);
	}
	lab_free(&l);
}

TEST(ioapic_pins_own_routes_with_their_messages)
{
	struct lab l;
	unsigned live = 0;

	lab_make(&l);
	redirect(&l, 9, 5, LEVEL | 0x49);
	for (unsigned i = 0; i < RIG_ROUTES; i++)
		if (l.r.route[i]) {
			live++;
			CHECK_EQ(l.r.route[i]->msg.data, 0xc049);
			CHECK_EQ(l.r.route[i]->msg.addr, 0xfee05000);
		}
	CHECK_EQ(live, 1);
	lab_free(&l);
}

TEST(ioapic_passes_messages_of_devices_on)
{
	struct msi_msg msg = { .addr = 0xfee00000, .data = 0x77 };
	struct msi_route route;
	struct err err = { 0 };
	struct lab l;

	lab_make(&l);
	CHECK_EQ(msi_route_init(&route, l.chip, &err), 0);
	CHECK_EQ(msi_route_set(&route, &msg), 0);
	msi_send(&route);
	CHECK_EQ(rig_take_msi(&l.r, 0x77), 1);
	l.chip->ops->send(l.chip, &msg);
	CHECK_EQ(rig_take_msi(&l.r, 0x77), 1);
	msi_route_destroy(&route);
	lab_free(&l);
}

TEST(ioapic_without_routes_says_which_pin)
{
	struct err err = { 0 };
	struct device *dev = device_new(&ioapic_class, "ioapic");
	struct rig r;

	rig_init(&r);
	r.route_error = -ENOSPC;
	ioapic_setup(dev, &r.chip);
	CHECK_EQ(device_realize(dev, &r.env, &err), -ENOSPC);
	CHECK(strstr(err.msg, "ioapic: no interrupt route for pin 0"));
	device_free(dev);
	rig_destroy(&r);
}
