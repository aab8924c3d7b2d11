/* SPDX-License-Identifier: MIT */
/* Arm's PrimeCell GPIO (PL061): eight pins, one of them the power button. */
#ifndef HW_GPIO_PL061_H
#define HW_GPIO_PL061_H

#include <stdint.h>

#include "hw/core/device.h"

#define PL061_PINS	8
#define PL061_POWER_PIN 3	  /* as on QEMU's virt board */
#define PL061_PRESS_NS	100000000 /* how long the power button stays down */

/*
 * The register set of DDI 0190B.  Pins that the guest makes outputs lead
 * nowhere; inputs are low unless pl061_set_input() raises them.
 */
struct pl061 {
	struct device dev;  /* dev.lock protects everything below */
	struct timer timer; /* lets the power button go */
	uint8_t inputs;	    /* levels at the pins from outside */

	uint8_t data; /* what outputs drive; the rest by the manual's names */
	uint8_t dir, is, ibe, iev, ie, afsel;
	uint8_t edges; /* seen at edge-sensitive pins, until GPIOIC */
};

extern const struct device_class pl061_class;

/* Drives a pin from outside.  Any thread that does not hold its lock. */
void pl061_set_input(struct pl061 *s, unsigned pin, bool level);

#endif
