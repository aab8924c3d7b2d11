/* SPDX-License-Identifier: MIT */
/* A PCI root with buses and a recording interrupt chip; no KVM. */
#include "tests/support/pci_rig.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void pci_rig_line(struct irqchip *c, unsigned line, bool level)
{
	struct pci_rig *r = container_of(c, struct pci_rig, chip);

	assert(line < 32);
	r->line[line] = level;
}

static int pci_rig_route(struct irqchip *c, struct msi_route *route,
			 const struct msi_msg *msg)
{
	struct pci_rig *r = container_of(c, struct pci_rig, chip);

	(void)route;
	if (r->refuse && msg)
		return -ENOSPC;
	if (msg) {
		r->routes++;
		r->last = *msg;
	} else {
		r->unroutes++;
	}
	return 0;
}

static const struct irqchip_ops pci_rig_chip = {
	.set_line = pci_rig_line,
	.route = pci_rig_route,
};

void pci_rig_make(struct pci_rig *r)
{
	static const struct board_pci windows = {
		.present = true,
		.ecam = { PCI_RIG_ECAM, 1 << 20 },
		.buses = 1,
		.mmio32 = { PCI_RIG_MMIO32, 0x20000000 },
		.mmio64 = { PCI_RIG_MMIO64, 0x1000000000 },
		.pio = { PCI_RIG_PIO, 0x2000 },
		.intx = { 16, 17, 18, 19 },
	};
	struct err err = { 0 };

	memset(r, 0, sizeof(*r));
	bus_init(&r->mmio, "mmio", 0);
	bus_init(&r->pio, "pio", 0x10000);
	r->chip = (struct irqchip){ &pci_rig_chip, "recorder", 32 };
	r->env = (struct device_env){ .mmio = &r->mmio,
				      .pio = &r->pio,
				      .irqchip = &r->chip };
	r->host = device_new(&pci_host_ecam_class, "pci");
	assert(r->host);
	pci_host_setup(r->host, &windows);
	r->bus = pci_host_bus(r->host);
	if (device_realize(r->host, &r->env, &err) < 0 ||
	    bus_add(&r->mmio, PCI_RIG_ECAM, &r->host->region, &err) < 0)
		abort();
}

void pci_rig_free(struct pci_rig *r)
{
	for (unsigned i = 1; i < 256; i++)
		if (r->bus->dev[i])
			pci_rig_remove(r->bus->dev[i]);
	device_free(r->host);
	bus_destroy(&r->mmio);
	bus_destroy(&r->pio);
}

void *pci_rig_add(struct pci_rig *r, const struct device_class *c,
		  const char *name, uint8_t devfn)
{
	struct pci_device *d = device_new(c, name);
	struct err err = { 0 };

	assert(d);
	if (pci_attach(r->bus, d, devfn, &err) < 0 ||
	    device_realize(&d->dev, &r->env, &err) < 0)
		abort();
	return d;
}

void pci_rig_remove(struct pci_device *d)
{
	pci_detach(d);
	device_free(&d->dev);
}

uint32_t pci_rig_read(struct pci_rig *r, uint8_t devfn, unsigned off,
		      unsigned size)
{
	uint64_t val;

	bus_read(&r->mmio, PCI_RIG_ECAM + (devfn << 12) + off, size, &val);
	return (uint32_t)val;
}

void pci_rig_write(struct pci_rig *r, uint8_t devfn, unsigned off,
		   unsigned size, uint32_t val)
{
	bus_write(&r->mmio, PCI_RIG_ECAM + (devfn << 12) + off, size, val);
}

unsigned pci_rig_cap(struct pci_rig *r, uint8_t devfn, uint8_t id)
{
	unsigned off = pci_rig_read(r, devfn, 0x34, 1);

	for (unsigned seen = 0; off && seen < 48; seen++) {
		if (pci_rig_read(r, devfn, off, 1) == id)
			return off;
		off = pci_rig_read(r, devfn, off + 1, 1);
	}
	return 0;
}

uint64_t pci_rig_drain(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

/* ---- the probe */

static uint64_t probe_read(void *opaque, uint64_t off, unsigned size)
{
	struct region *region = opaque;
	struct pci_probe *p = (struct pci_probe *)region->dev;

	(void)size;
	return 1000 * (region - p->region) + off;
}

static void probe_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct region *region = opaque;
	struct pci_probe *p = (struct pci_probe *)region->dev;

	(void)size;
	assert_held(&p->pci.dev);
	p->written = val;
	p->written_off = off;
}

static const struct region_ops probe_ops = {
	.read = probe_read,
	.write = probe_write,
	.min_size = 1,
	.max_size = 8,
};

static void probe_bar(struct pci_probe *p, unsigned n, enum pci_bar_type type,
		      uint64_t size)
{
	p->region[n] = (struct region){
		.name = p->pci.dev.name,
		.size = size,
		.ops = &probe_ops,
		.opaque = &p->region[n],
		.dev = &p->pci.dev,
	};
	pci_bar_add(&p->pci, n, type, &p->region[n]);
}

static int probe_realize(struct device *dev, struct err *err)
{
	static const struct pci_ids ids = {
		.vendor = 0x1234,
		.device = 0x5678,
		.subsys_vendor = 0x9abc,
		.subsys = 0xdef0,
		.class_code = 0xff0102,
		.revision = 7,
		.pin = 1,
	};
	struct pci_probe *p = (struct pci_probe *)dev;

	pci_device_init(&p->pci, &ids, NULL);
	probe_bar(p, 0, PCI_BAR_MEM64_PREFETCH, 0x4000);
	probe_bar(p, 2, PCI_BAR_MEM32, 0x1000);
	probe_bar(p, 3, PCI_BAR_IO, 32);
	if (pci_msix_add(&p->pci, 4, 4, err) < 0 ||
	    pci_msi_add(&p->pci, 4, err) < 0 || pci_pm_add(&p->pci, err) < 0 ||
	    pci_express_add(&p->pci, err) < 0) {
		pci_device_exit(&p->pci);
		return -err->code;
	}
	return 0;
}

static void probe_unrealize(struct device *dev)
{
	pci_device_exit((struct pci_device *)dev);
}

static void probe_reset(struct device *dev)
{
	pci_device_reset((struct pci_device *)dev);
}

const struct device_class pci_probe_class = {
	.name = "pci-probe",
	.size = sizeof(struct pci_probe),
	.space = SPACE_PCI,
	.realize = probe_realize,
	.unrealize = probe_unrealize,
	.reset = probe_reset,
};
