/* SPDX-License-Identifier: MIT */
/* The I/O APIC in software, for --irqchip split. */
#ifndef HW_APIC_IOAPIC_H
#define HW_APIC_IOAPIC_H

#include <stdint.h>

#include "hw/core/device.h"
#include "hw/core/irq.h"

#define IOAPIC_PINS 24

/*
 * Turns pins into messages for the local APICs, which are the parent's: the
 * registers are those of the 82093AA, with the EOI register of its
 * successors (version 0x20).  Lines are logical: true asserts a pin, whatever
 * its polarity bit says.
 */
extern const struct device_class ioapic_class;

/*
 * Before realize(): where messages go.  Returns the chip that devices are to
 * be handed instead of the parent; their own messages pass through it.
 *
 * Each pin owns a route of the parent, which holds the message of the pin's
 * redirection entry, for KVM learns from the routes of its first GSIs which
 * vectors' EOIs to report.  realize() therefore sets every route once, in
 * order of the pins: a parent that hands out GSIs from 0 upwards, and leaves
 * them with a route until route_free(), gives pin n the GSI n, provided that
 * nobody had a route before.  Interrupts go through the parent's send().
 */
struct irqchip *ioapic_setup(struct device *ioapic, struct irqchip *parent);

/*
 * A CPU ended an interrupt of that vector, level-triggered or not; chip is
 * ioapic_setup()'s.  Any thread.
 */
void ioapic_eoi(struct irqchip *chip, uint8_t vector);

#endif
