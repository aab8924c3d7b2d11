/* SPDX-License-Identifier: MIT */
/* The ECAM host, ports 0xcf8 and 0xcfc, and the function at 00:00.0. */
#include "hw/pci/host.h"

#include "hw/core/log.h"
#include "hw/pci/reset_control.h"

/* ---- 00:00.0 */

static int hostbridge_realize(struct device *dev, struct err *err)
{
	/* As pci.ids lists Red Hat's generic PCIe host bridge. */
	static const struct pci_ids ids = {
		.vendor = 0x1b36,
		.device = 0x0008,
		.subsys_vendor = 0x1af4,
		.subsys = 0x1100,
		.class_code = 0x060000,
	};

	(void)err;
	pci_device_init((struct pci_device *)dev, &ids, NULL);
	return 0;
}

static void hostbridge_unrealize(struct device *dev)
{
	pci_device_exit((struct pci_device *)dev);
}

static void hostbridge_reset(struct device *dev)
{
	pci_device_reset((struct pci_device *)dev);
}

const struct device_class pci_host_bridge_class = {
	.name = "pci-host-bridge",
	.brief = "the function at 00:00.0",
	.size = sizeof(struct pci_device),
	.space = SPACE_PCI,
	.realize = hostbridge_realize,
	.unrealize = hostbridge_unrealize,
	.reset = hostbridge_reset,
};

/* ---- ECAM */

struct pci_host {
	struct device dev;
	/* constant from setup: */
	struct pci_bus bus;
	struct pci_device *bridge;
};

static uint64_t ecam_read(void *opaque, uint64_t off, unsigned size)
{
	return pci_config_read(opaque, off >> 20, off >> 12, off & 0xfff, size);
}

static void ecam_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	pci_config_write(opaque, off >> 20, off >> 12, off & 0xfff, size, val);
}

static const struct region_ops ecam_ops = {
	.read = ecam_read,
	.write = ecam_write,
	.min_size = 1,
	.max_size = 4,
};

struct pci_bus *pci_host_bus(struct device *host)
{
	return &((struct pci_host *)host)->bus;
}

void pci_host_setup(struct device *host, const struct board_pci *pci)
{
	pci_bus_init(pci_host_bus(host), pci);
}

static void pci_host_free_bridge(struct pci_host *h)
{
	pci_detach(h->bridge);
	device_free(&h->bridge->dev);
	h->bridge = NULL;
}

static int pci_host_realize(struct device *dev, struct err *err)
{
	struct pci_host *h = (struct pci_host *)dev;
	int ret;

	h->bridge = device_new(&pci_host_bridge_class, "pci-host-bridge");
	if (!h->bridge)
		return err_nomem(err, "the PCI host bridge");
	ret = pci_attach(&h->bus, h->bridge, PCI_DEVFN(0, 0), err);
	if (ret == 0)
		ret = device_realize(&h->bridge->dev, dev->env, err);
	if (ret < 0) {
		pci_host_free_bridge(h);
		return ret;
	}
	if (dev->class->space == SPACE_NONE)
		return 0;
	device_region(dev, &ecam_ops);
	dev->region.size = (uint64_t)h->bus.windows.buses << 20;
	dev->region.opaque = &h->bus;
	/* Each function has a lock of its own; accesses to two don't meet. */
	dev->region.dev = NULL;
	return 0;
}

static void pci_host_unrealize(struct device *dev)
{
	struct pci_host *h = (struct pci_host *)dev;

	pci_host_free_bridge(h);
	pci_bus_destroy(&h->bus);
}

static void pci_host_reset(struct device *dev)
{
	device_reset(&((struct pci_host *)dev)->bridge->dev);
}

const struct device_class pci_host_ecam_class = {
	.name = "pci-host-ecam",
	.brief = "PCI Express root with memory-mapped configuration space",
	.compatible = "pci-host-ecam-generic",
	.acpi_hid = "PNP0A08",
	.size = sizeof(struct pci_host),
	.space = SPACE_MMIO,
	.region_size = 1 << 20,
	.realize = pci_host_realize,
	.unrealize = pci_host_unrealize,
	.reset = pci_host_reset,
};

const struct device_class pci_host_calls_class = {
	.name = "pci-host-calls",
	.brief = "PCI root whose configuration space is firmware's to reach",
	.acpi_hid = "PNP0A08",
	.size = sizeof(struct pci_host),
	.space = SPACE_NONE,
	.realize = pci_host_realize,
	.unrealize = pci_host_unrealize,
	.reset = pci_host_reset,
};

/* ---- I/O ports in memory */

static uint64_t io_window_read(void *opaque, uint64_t off, unsigned size)
{
	const struct device *dev = opaque;
	uint64_t val;

	bus_read(dev->env->pio, off, size, &val);
	return val;
}

static void io_window_write(void *opaque, uint64_t off, uint64_t val,
			    unsigned size)
{
	const struct device *dev = opaque;

	bus_write(dev->env->pio, off, size, val);
}

static const struct region_ops io_window_ops = {
	.read = io_window_read,
	.write = io_window_write,
	.min_size = 1,
	.max_size = 4,
};

static int io_window_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &io_window_ops);
	dev->region.dev = NULL; /* the device behind it takes its own lock */
	return 0;
}

const struct device_class pci_io_window_class = {
	.name = "pci-io-window",
	.brief = "PCI's I/O ports in memory",
	.size = sizeof(struct device),
	.space = SPACE_MMIO,
	.region_size = 0x10000,
	.realize = io_window_realize,
};

/* ---- configuration mechanism #1 */

struct pci_cf8 {
	struct device dev;
	struct pci_bus *bus; /* constant from setup */
	uint32_t addr;	     /* dev.lock: CONFIG_ADDRESS */
	uint8_t reset;	     /* dev.lock: the reset control register */
};

#define CF8_ENABLE 0x80000000u
#define CF8_RESET  1 /* a byte of its own, port 0xcf9 */
#define CF8_DATA   4

void pci_cf8_setup(struct device *cf8, struct pci_bus *bus)
{
	((struct pci_cf8 *)cf8)->bus = bus;
}

static bool cf8_opens(const struct pci_cf8 *s, uint64_t off)
{
	return off >= CF8_DATA && s->bus && (s->addr & CF8_ENABLE);
}

static uint64_t cf8_read(void *opaque, uint64_t off, unsigned size)
{
	struct pci_cf8 *s = opaque;

	if (off == 0 && size == 4)
		return s->addr;
	if (off == CF8_RESET && size == 1)
		return s->reset;
	if (!cf8_opens(s, off))
		return UINT64_MAX;
	return pci_config_read(s->bus, s->addr >> 16 & 0xff, s->addr >> 8,
			       (s->addr & 0xfc) + (off & 3), size);
}

static void cf8_write(void *opaque, uint64_t off, uint64_t val, unsigned size)
{
	struct pci_cf8 *s = opaque;

	if (off == 0 && size == 4)
		s->addr = val & 0x80fffffc;
	else if (off == CF8_RESET && size == 1)
		reset_control_write(&s->reset, s->dev.env, (uint8_t)val);
	else if (cf8_opens(s, off))
		pci_config_write(s->bus, s->addr >> 16 & 0xff, s->addr >> 8,
				 (s->addr & 0xfc) + (off & 3), size, val);
}

static const struct region_ops cf8_ops = {
	.read = cf8_read,
	.write = cf8_write,
	.min_size = 1,
	.max_size = 4,
};

static int cf8_realize(struct device *dev, struct err *err)
{
	(void)err;
	device_region(dev, &cf8_ops);
	return 0;
}

static void cf8_reset(struct device *dev)
{
	((struct pci_cf8 *)dev)->addr = 0;
	((struct pci_cf8 *)dev)->reset = 0;
}

const struct device_class pci_cf8_class = {
	.name = "pci-cf8",
	.brief = "PCI configuration through ports 0xcf8 and 0xcfc",
	.size = sizeof(struct pci_cf8),
	.space = SPACE_PIO,
	.region_size = 8,
	.realize = cf8_realize,
	.reset = cf8_reset,
};
