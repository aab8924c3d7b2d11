// SPDX-License-Identifier: MIT
/* PCI functions, found and configured through ECAM (PCI 3.0, PCIe 5.0). */
#include "pci.h"

#include "arch.h"
#include "guest.h"

#define BRIDGE_BUSES 0x18

struct pci_dev pci[PCI_MAX];
unsigned npci;

static void pci_scan_bus(unsigned bus);

static void pci_add(unsigned bus, unsigned dev, unsigned fn, uint64_t cfg,
		    uint32_t id)
{
	struct pci_dev *d = &pci[npci++];

	*d = (struct pci_dev){ .bus = bus, .dev = dev, .fn = fn, .cfg = cfg };
	d->vendor = id;
	d->device = id >> 16;
	d->class = mmio_read32(cfg + PCI_REVISION) >> 8;
	if (d->class >> 8 == 0x0604) {
		uint8_t below = mmio_read32(cfg + BRIDGE_BUSES) >> 8;

		if (below > bus)
			pci_scan_bus(below);
	}
}

static void pci_scan_bus(unsigned bus)
{
	for (unsigned dev = 0; dev < 32 && bus <= machine.bus_last; dev++) {
		unsigned fns = 1;

		for (unsigned fn = 0; fn < fns && npci < PCI_MAX; fn++) {
			uint64_t cfg = machine.ecam + ((uint64_t)bus << 20) +
				       (dev << 15) + (fn << 12);
			uint32_t id = mmio_read32(cfg);

			if ((uint16_t)id == 0xffff)
				continue;
			if (!fn && mmio_read8(cfg + PCI_HEADER) & 0x80)
				fns = 8;
			pci_add(bus, dev, fn, cfg, id);
		}
	}
}

void pci_scan(void)
{
	npci = 0;
	if (machine.ecam)
		pci_scan_bus(machine.bus_first);
}

const char *pci_class_name(uint32_t class)
{
	static const struct {
		uint16_t class;
		const char *name;
	} names[] = {
		{ 0x0100, "SCSI" },	     { 0x0101, "IDE" },
		{ 0x0106, "SATA" },	     { 0x0108, "NVMe" },
		{ 0x0180, "storage" },	     { 0x0200, "Ethernet" },
		{ 0x0300, "VGA" },	     { 0x0500, "memory" },
		{ 0x0600, "host bridge" },   { 0x0601, "ISA bridge" },
		{ 0x0604, "PCI bridge" },    { 0x0700, "serial" },
		{ 0x0780, "communication" }, { 0x0c03, "USB" },
		{ 0x0c05, "SMBus" },	     { 0x1000, "cryptography" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].class == class >> 8)
			return names[i].name;
	return "other";
}

unsigned pci_cap(const struct pci_dev *d, unsigned pos, uint8_t id)
{
	if (!pos && !(mmio_read16(d->cfg + PCI_COMMAND + 2) & 0x10))
		return 0;
	pos = mmio_read8(d->cfg + (pos ? pos + 1 : PCI_CAP_PTR)) & ~3u;
	for (unsigned i = 0; pos && i < 48; i++) {
		if (mmio_read8(d->cfg + pos) == id)
			return pos;
		pos = mmio_read8(d->cfg + pos + 1) & ~3u;
	}
	return 0;
}

static void pci_size_bar(struct pci_dev *d, unsigned i)
{
	uint64_t reg = d->cfg + PCI_BAR0 + 4 * i;
	struct pci_bar *b = &d->bar[i];
	uint32_t old = mmio_read32(reg), high = 0, mask;
	uint64_t size;

	b->io = old & 1;
	b->wide = !b->io && (old & 6) == 4;
	b->prefetch = !b->io && (old & 8);
	mmio_write32(reg, 0xffffffff);
	mask = mmio_read32(reg);
	mmio_write32(reg, old);
	if (!mask)
		return;
	size = b->io ? (uint16_t) - (mask & 0xfffc)
		     : (uint32_t) - (mask & 0xfffffff0);
	b->base = old & (b->io ? 0xfffc : 0xfffffff0);
	if (b->wide) {
		high = mmio_read32(reg + 4);
		b->base |= (uint64_t)high << 32;
		mmio_write32(reg + 4, 0xffffffff);
		size = -((uint64_t)mmio_read32(reg + 4) << 32 |
			 (mask & 0xfffffff0));
		mmio_write32(reg + 4, high);
	}
	b->size = size;
}

static bool window_take(struct window *w, uint64_t size, uint64_t *base)
{
	uint64_t at = ALIGN_UP(w->next, size);

	if (!w->size || at - w->base > w->size || size > w->base + w->size - at)
		return false;
	w->next = at + size;
	*base = at;
	return true;
}

static void pci_place_bar(struct pci_dev *d, unsigned i)
{
	struct pci_bar *b = &d->bar[i];
	uint64_t reg = d->cfg + PCI_BAR0 + 4 * i;

	if (b->base)
		return;
	if (b->io ? !window_take(&machine.pci_io, b->size, &b->base)
		  : !(b->wide &&
		      window_take(&machine.pci_mem64, b->size, &b->base)) &&
			    !window_take(&machine.pci_mem32, b->size, &b->base))
		return;
	mmio_write32(reg, b->base);
	if (b->wide)
		mmio_write32(reg + 4, b->base >> 32);
}

void pci_enable(struct pci_dev *d)
{
	uint16_t cmd = mmio_read16(d->cfg + PCI_COMMAND);
	unsigned pos;

	if (mmio_read8(d->cfg + PCI_HEADER) & 0x7f)
		return;
	mmio_write16(d->cfg + PCI_COMMAND, cmd & ~3);
	for (unsigned i = 0; i < 6; i += 1 + d->bar[i].wide) {
		pci_size_bar(d, i);
		if (!d->bar[i].size)
			continue;
		pci_place_bar(d, i);
		if (d->bar[i].base && !d->bar[i].io &&
		    d->bar[i].base - machine.pci_mem32.base <
			    machine.pci_mem32.size)
			d->bar[i].base += machine.pci_mem32_cpu;
		if (!d->bar[i].io && d->bar[i].base)
			arch_map(d->bar[i].base, d->bar[i].size);
	}
	mmio_write16(d->cfg + PCI_COMMAND, cmd | 7);
	pos = pci_cap(d, 0, PCI_CAP_MSIX);
	if (pos) {
		uint32_t t = mmio_read32(d->cfg + pos + 4);
		uint32_t pba = mmio_read32(d->cfg + pos + 8);

		d->msix_count = (mmio_read16(d->cfg + pos + 2) & 0x7ff) + 1;
		if ((t & 7) < 6 && d->bar[t & 7].base)
			d->msix_table = d->bar[t & 7].base + (t & ~7u);
		if ((pba & 7) < 6 && d->bar[pba & 7].base)
			d->msix_pba = d->bar[pba & 7].base + (pba & ~7u);
	}
}

void pci_msix_enable(struct pci_dev *d, bool on)
{
	unsigned pos = pci_cap(d, 0, PCI_CAP_MSIX);
	uint16_t ctl = mmio_read16(d->cfg + pos + 2) & 0x3fff;

	mmio_write16(d->cfg + pos + 2, ctl | on << 15);
}

void pci_msix_mask(struct pci_dev *d, unsigned vector, bool mask)
{
	mmio_write32(d->msix_table + 16 * vector + 12, mask);
}

bool pci_msix_pending(const struct pci_dev *d, unsigned vector)
{
	return mmio_read32(d->msix_pba + vector / 32 * 4) >> vector % 32 & 1;
}

bool pci_msix_set(struct pci_dev *d, unsigned vector, unsigned n)
{
	uint64_t e = d->msix_table + 16 * vector;
	struct msi m;

	if (!arch_msi(d->bus << 8 | d->dev << 3 | d->fn, vector, n, &m))
		return false;
	mmio_write32(e, m.addr);
	mmio_write32(e + 4, m.addr >> 32);
	mmio_write32(e + 8, m.data);
	mmio_write32(e + 12, 0);
	return true;
}
