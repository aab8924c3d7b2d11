/* SPDX-License-Identifier: MIT */
/* Fuzzes PCI configuration space: the input is what a guest's CPU does. */
#include <linux/pci_regs.h>
#include <stdlib.h>

#include "hw/core/log.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/pci_rig.h"

#define FUNCTIONS 3

static struct pci_rig rig;
static struct device *cf8;
static struct pci_device *probe[FUNCTIONS];

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

static uint32_t in32(void)
{
	uint32_t low = in16();

	return low | (uint32_t)in16() << 16;
}

/* ---- what must hold whatever the guest does */

static bool inside(const struct board_range *w, uint64_t base, uint64_t size)
{
	return base >= w->base && base - w->base + size <= w->size;
}

static void check_bar(const struct pci_bar *bar)
{
	const struct board_pci *w = &rig.bus->windows;
	uint64_t size = bar->region->size;

	if (bar->mapped != (bar->region->bus != NULL))
		abort();
	if (!bar->mapped)
		return;
	if (bar->base % size || bar->region->base != bar->base)
		abort();
	if (bar->type == PCI_BAR_IO
		    ? !inside(&w->pio, bar->base, size)
		    : !inside(&w->mmio32, bar->base, size) &&
			      !inside(&w->mmio64, bar->base, size))
		abort();
}

static void check_function(struct pci_device *d)
{
	if (pci_config_read(rig.bus, 0, d->devfn, 0, 4) != 0x56781234)
		abort();
	for (unsigned n = 0; n < PCI_NUM_BARS; n++)
		if (d->bar[n].type != PCI_BAR_NONE)
			check_bar(&d->bar[n]);
	if (!rig.bus->dev[d->devfn] || d->intx_out > d->intx_level)
		abort();
	for (unsigned i = 0; i < d->msix.n; i++)
		if (d->msix.vec[i].live &&
		    (!msix_enabled(d) || !pci_bus_master(d)))
			abort();
}

/* ---- what a guest, its devices and the machine do */

static void do_config(struct pci_device *d)
{
	unsigned size = 1u << in8() % 4, off = in16() % 0x1000;

	if (in8() & 1) {
		bus_write(&rig.mmio, PCI_RIG_ECAM + (d->devfn << 12) + off,
			  size, in32());
	} else {
		uint64_t val;

		bus_read(&rig.mmio, PCI_RIG_ECAM + (d->devfn << 12) + off, size,
			 &val);
	}
}

/* At a capability, so that the interesting registers are met often. */
static void do_capability(struct pci_device *d)
{
	static const uint8_t ids[] = { PCI_CAP_ID_MSIX, PCI_CAP_ID_MSI,
				       PCI_CAP_ID_PM, PCI_CAP_ID_EXP };
	unsigned cap = pci_rig_cap(&rig, d->devfn, ids[in8() % 4]);

	pci_rig_write(&rig, d->devfn, (cap + in8() % 24) & ~1u, 2, in16());
}

static void do_cf8(void)
{
	uint64_t val;

	bus_write(&rig.pio, 0xcf8, 4, in32() | 0x80000000);
	if (in8() & 1)
		bus_write(&rig.pio, 0xcfc + in8() % 4, 1u << in8() % 3, in32());
	else
		bus_read(&rig.pio, 0xcfc + in8() % 4, 1u << in8() % 3, &val);
}

static void do_bar(struct pci_device *d)
{
	struct pci_bar *bar = &d->bar[in8() % PCI_NUM_BARS];
	struct bus *bus = bar->type == PCI_BAR_IO ? &rig.pio : &rig.mmio;
	uint64_t val, addr = bar->base + in16();
	unsigned size = 1u << in8() % 4;

	if (in8() & 1)
		bus_write(bus, addr, size, in32() | (uint64_t)in32() << 32);
	else
		bus_read(bus, addr, size, &val);
}

static void do_device(struct pci_device *d)
{
	struct err err = { 0 };

	switch (in8() % 6) {
	case 0: msix_notify(d, in8()); break;
	case 1: msi_notify(d, in8()); break;
	case 2: pci_set_irq(d, in8() & 1); break;
	case 3: rig.refuse = in8() & 1; break;
	case 4: device_reset(&d->dev); break;
	case 5:
		if (pci_assign_bars(rig.bus, &err) < 0)
			abort();
		break;
	}
}

static void do_one(void)
{
	struct pci_device *d = probe[in8() % FUNCTIONS];

	switch (in8() % 5) {
	case 0: do_config(d); break;
	case 1: do_capability(d); break;
	case 2: do_cf8(); break;
	case 3: do_bar(d); break;
	case 4: do_device(d); break;
	}
	check_function(d);
}

static void make(void)
{
	struct err err = { 0 };

	log_threshold = LOG_LEVEL_ERROR;
	pci_rig_make(&rig);
	for (unsigned i = 0; i < FUNCTIONS; i++)
		probe[i] = pci_rig_add(&rig, &pci_probe_class, "probe",
				       PCI_DEVFN(1 + i / 2, i % 2));
	cf8 = device_new(&pci_cf8_class, "cf8");
	if (!cf8)
		abort();
	pci_cf8_setup(cf8, rig.bus);
	if (device_realize(cf8, &rig.env, &err) < 0 ||
	    bus_add(&rig.pio, 0xcf8, &cf8->region, &err) < 0 ||
	    pci_assign_bars(rig.bus, &err) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	in = data;
	left = size;
	make();
	while (left)
		do_one();
	device_free(cf8);
	pci_rig_free(&rig);
	return 0;
}
